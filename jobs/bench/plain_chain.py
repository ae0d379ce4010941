"""The plain retrieval chain that one would write in an afternoon, to have something to compare with.

Brochure, articles and cars as text in one Chroma collection, the four nearest chunks into a prompt, the model's
answer as it comes. Embeddings and language model are the very ones that the assistant uses.
"""

import csv
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path

import chromadb
from chromadb.config import Settings as ChromaSettings
from langchain_chroma import Chroma
from langchain_core.documents import Document
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompt_values import PromptValue
from langchain_core.prompts import ChatPromptTemplate, MessagesPlaceholder
from langchain_core.runnables import Runnable, RunnableGenerator, RunnableLambda, RunnablePassthrough

from chains.embeddings import Embedder
from chains.llm import LanguageModel

CHUNK = 800
OVERLAP = 100
NEAREST = 4

_SYSTEM = """Ты — помощник автосалона «{salon}». Ответь на вопрос клиента кратко, на языке вопроса, опираясь только на \
контекст. Если ответа в контексте нет, скажи, что не знаешь.

Контекст:
{context}"""


def chunks(text: str) -> Iterator[str]:
    """Pieces of at most `CHUNK` characters, ending at a blank, the last `OVERLAP` of one beginning the next."""
    start = 0
    while start < len(text):
        end = start + CHUNK
        if end < len(text):
            blank = text.rfind(" ", start + OVERLAP + 1, end)
            end = blank if blank > 0 else end
        yield text[start:end].strip()
        if end >= len(text):
            return
        start = end - OVERLAP


def documents(folder: Path, inventory: str) -> list[Document]:
    """Everything the salon folder knows, as text: sections, articles, and each car as a list of its fields."""
    texts = [
        f"## {section}" for section in (folder / "legend.md").read_text(encoding="utf-8").split("\n## ")[1:]
    ]
    for path in sorted((folder / "wiki").glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            texts += [row["context"] for row in csv.DictReader(file) if row["status"] == "Ok"]
    texts.append((folder / "salon.toml").read_text(encoding="utf-8"))
    with (folder / inventory).open(encoding="utf-8", newline="") as file:
        texts += [
            "\n".join(f"{name}: {value}" for name, value in row.items()) for row in csv.DictReader(file)
        ]
    return [Document(chunk) for text in texts for chunk in chunks(text)]


class PlainChain:
    """The chain over one salon folder; `embedder` and `model` are the assistant's."""

    def __init__(
        self,
        folder: Path,
        inventory: str,
        salon: str,
        embedder: Embedder,
        model: LanguageModel,
        max_tokens: int,
    ) -> None:
        store = Chroma(
            collection_name="plain",
            embedding_function=embedder,
            client=chromadb.EphemeralClient(ChromaSettings(anonymized_telemetry=False)),
        )
        store.add_documents(documents(folder, inventory))
        retriever = store.as_retriever(search_kwargs={"k": NEAREST})
        prompt = ChatPromptTemplate.from_messages(
            [("system", _SYSTEM), MessagesPlaceholder("history"), ("human", "{question}")]
        ).partial(salon=salon)

        self._retriever = retriever

        def context(asked: dict[str, str]) -> str:
            found = retriever.invoke(asked["search"])
            return "\n\n".join(document.page_content for document in found)

        async def answer(prompts: AsyncIterator[PromptValue]) -> AsyncIterator[str]:
            async for value in prompts:
                async for piece in model.stream(value.to_messages(), max_tokens=max_tokens):
                    yield piece

        self._chain: Runnable[dict[str, object], str] = (
            RunnablePassthrough.assign(context=RunnableLambda(context))
            | prompt
            | RunnableGenerator(answer)
            | StrOutputParser()
        )

    def retrieve(self, question: str) -> list[Document]:
        """The passages that an answer to the question would be made of."""
        return self._retriever.invoke(question)

    def stream(self, question: str, earlier: Sequence[tuple[str, str]] = ()) -> AsyncIterator[str]:
        """The answer piece by piece; `earlier` are the questions and answers so far, also searched with."""
        history: list[BaseMessage] = []
        for asked, answered in earlier:
            history += [HumanMessage(asked), AIMessage(answered)]
        search = " ".join([*(asked for asked, _ in earlier), question])
        return self._chain.astream({"question": question, "search": search, "history": history})
