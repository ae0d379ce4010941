"""A draft put into words by the language model, sentence by sentence; prompts are files, known by their hash."""

import hashlib
import re
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from langchain_core.messages import BaseMessage
from langchain_core.prompts import ChatPromptTemplate

from chains.llm import LanguageModel
from chains.memory import History
from chains.reply import Draft, Language
from chains.text import content_lemmas, language_of, sentences

PROMPTS = Path(__file__).parent / "prompts"
MAX_TOKENS = 220
_NO_DATA = re.compile(
    r"нет данных|no data|(справк|информаци)\w* (об этом |не|отсутству)|не (сказано|указано|упомина|содерж)"
    r"|notes? (do|does) not|not (mentioned|provided|specified|included)|no information",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"(?<=[.!?…:;])\s+|\n")
_MARKS = re.compile(r"</?\s*notes\s*>|<\|[^|>\n]{0,40}\|>", re.IGNORECASE)
_HASH_LENGTH = 12
_SAID = 0.5
_SENTENCE_WORDS = 4


class Prompt(NamedTuple):
    """A prompt file as a template; `hash` names the exact text that was used."""

    template: ChatPromptTemplate
    hash: str


@lru_cache(maxsize=32)
def load_prompt(name: str, language: Language, folder: Path = PROMPTS) -> Prompt:
    """Read `<name>.<language>.md`. Raises FileNotFoundError for a name that is not there."""
    text = (folder / f"{name}.{language}.md").read_text(encoding="utf-8")
    digest = hashlib.sha256(text.encode()).hexdigest()[:_HASH_LENGTH]
    return Prompt(ChatPromptTemplate.from_messages([("user", text)]), digest)


def prompt_texts(folder: Path = PROMPTS) -> list[str]:
    """The texts of all prompts, which no answer may recite."""
    return [path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.md"))]


def unsaid(text: str, said: str, language: Language, count: int = 2) -> list[str]:
    """Up to `count` sentences of a computed wording that `said` does not hold already; none in another language."""
    if language_of(text, language) != language:
        return []
    known = set(content_lemmas(said))
    fresh = []
    for sentence in sentences(text):
        words = set(content_lemmas(sentence))
        if words and len(words & known) < _SAID * len(words):
            fresh.append(sentence)
    return fresh[:count]


def _within_marks(text: str) -> str:
    """A text that cannot end the notes it stands in."""
    return _MARKS.sub("", text)


def _is_heading(sentence: str) -> bool:
    """«Двигатели:»: what a small model makes of an answer that it meant to list, and tells nothing."""
    return sentence.rstrip().endswith(":") and len(sentence.split()) < _SENTENCE_WORDS


@dataclass(frozen=True)
class Wording:
    """Words drafts with one model for one salon."""

    model: LanguageModel
    salon_name: str

    async def sentences(
        self, draft: Draft, question: str, history: History, language: Language
    ) -> AsyncIterator[str]:
        """The model's sentences as they are finished, unchecked; nothing when it says that the facts lack the answer.

        Raises `ModelUnavailable`, possibly after some sentences.
        """
        assert draft.prompt is not None  # noqa: S101  the caller asks only for drafts that name a prompt
        messages = self._messages(draft, question, history, language)
        buffer = ""
        async with aclosing(self.model.stream(messages, max_tokens=MAX_TOKENS)) as pieces:
            async for piece in pieces:
                buffer += piece
                *finished, buffer = _SENTENCE_END.split(buffer)
                for sentence in finished:
                    if _NO_DATA.search(sentence):
                        return
                    if sentence.strip() and not _is_heading(sentence):
                        yield sentence.strip()
        # What the token limit cut off is no sentence; a finished last one ends with a mark.
        for sentence in sentences(buffer):
            if re.search(r"[.!?…»\")]$", sentence) and not _NO_DATA.search(sentence):
                yield sentence

    def _messages(
        self, draft: Draft, question: str, history: History, language: Language
    ) -> list[BaseMessage]:
        assert draft.prompt is not None  # noqa: S101  as above
        said = "".join(f"{asked}\n— {answered}\n" for asked, answered in history.turns)
        said = f"{history.summary}\n{said}" if history.summary else said
        heading = {"ru": "Разговор до этого:\n", "en": "Earlier in the dialog:\n"}[language]
        return load_prompt(draft.prompt, language).template.format_messages(
            salon=self.salon_name,
            context=_within_marks(draft.context),
            question=_within_marks(question),
            history=f"{heading}{said}\n" if said else "",
        )
