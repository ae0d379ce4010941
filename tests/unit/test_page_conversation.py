"""How messages on the page become answers: bursts are merged, failures become sentences, nothing is lost."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest

from chains.errors import MessageTooLong
from chains.reply import Event, Final, Notice, Reply, Token
from stores.errors import DialogEnded
from ui.pages.conversation import MAX_CHARS, Conversation, answer_pending

pytestmark = pytest.mark.anyio

QUIET_S = 0.05


class Answers:
    """Answers with what it was asked; `hold` makes it wait before the first word, `fail` makes it raise."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.stopped = 0
        self.hold: asyncio.Event | None = None
        self.pause: asyncio.Event | None = None
        self.fail: Exception | None = None

    async def stream(self, session_id: str, message: str) -> AsyncIterator[Event]:
        self.asked.append(message)
        try:
            yield Notice("ждите", offer_callback=True)
            if self.hold is not None:
                await self.hold.wait()
            if self.fail is not None:
                raise self.fail
            yield Token("Ответ ")
            if self.pause is not None:
                await self.pause.wait()
            yield Token("на ")
            answer = f"Ответ на «{message}»"
            yield Final(Reply(session_id=session_id, turn_id="t", answer=answer, route="smalltalk"))
        finally:
            self.stopped += 1


async def run(talk: Conversation, answers: Answers) -> list[list[str]]:
    """Let it answer; what the page showed at each change, as the texts of the bubbles."""
    shown = []
    async with aclosing(answer_pending(talk, answers, quiet_s=QUIET_S)) as changes:
        async for _ in changes:
            shown.append([bubble.text for bubble in talk.bubbles])
    return shown


async def until(condition: object, seconds: float = 5) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # type: ignore[operator]  # noqa: ASYNC110 - what is waited for is plain state
            await asyncio.sleep(0.005)


@pytest.fixture
def talk() -> Conversation:
    return Conversation(session_id="s")


@pytest.fixture
def answers() -> Answers:
    return Answers()


async def test_a_message_is_shown_at_once_and_its_answer_grows_by_sentences(
    talk: Conversation, answers: Answers
) -> None:
    talk.add("Привет")
    shown = await run(talk, answers)
    assert shown[0] == ["Привет"]
    assert ["Привет", "Ответ "] in shown
    assert ["Привет", "Ответ на "] in shown
    assert shown[-1] == ["Привет", "Ответ на «Привет»"]
    assert not talk.waiting
    assert not talk.busy


async def test_a_notice_is_shown_while_waiting_and_offers_a_call(
    talk: Conversation, answers: Answers
) -> None:
    answers.hold = asyncio.Event()
    talk.add("Привет")
    task = asyncio.create_task(run(talk, answers))
    await until(lambda: len(talk.bubbles) == 2 and talk.bubbles[1].notice)
    assert talk.bubbles[1].notice == "ждите"
    assert talk.offer_callback
    answers.hold.set()
    await task
    assert talk.bubbles[1].notice == ""


async def test_messages_sent_in_a_burst_are_answered_once(talk: Conversation, answers: Answers) -> None:
    talk.add("Здравствуйте")
    task = asyncio.create_task(run(talk, answers))
    for text in ("подскажите", "есть C 180?"):
        await asyncio.sleep(QUIET_S / 4)
        talk.add(text)
    await task
    assert answers.asked == ["Здравствуйте\nподскажите\nесть C 180?"]
    assert [bubble.author for bubble in talk.bubbles] == ["visitor", "visitor", "visitor", "assistant"]


async def test_a_message_before_the_first_word_joins_the_question_and_the_old_answer_stops(
    talk: Conversation, answers: Answers
) -> None:
    answers.hold = asyncio.Event()
    talk.add("Есть кроссоверы?")
    task = asyncio.create_task(run(talk, answers))
    await until(lambda: answers.asked)
    talk.add("до 8 миллионов")
    await until(lambda: len(answers.asked) == 2)
    assert answers.stopped == 1
    answers.hold.set()
    await task
    assert answers.asked == ["Есть кроссоверы?", "Есть кроссоверы?\nдо 8 миллионов"]
    assert [bubble.author for bubble in talk.bubbles] == ["visitor", "visitor", "assistant"]


async def test_a_message_during_an_answer_is_shown_at_once_and_answered_next(
    talk: Conversation, answers: Answers
) -> None:
    answers.pause = asyncio.Event()
    talk.add("Первый")
    shown: list[list[str]] = []

    async def watch() -> None:
        async for _ in answer_pending(talk, answers, quiet_s=QUIET_S):
            shown.append([bubble.text for bubble in talk.bubbles])

    task = asyncio.create_task(watch())
    await until(lambda: shown and shown[-1] == ["Первый", "Ответ "])
    talk.add("Второй")
    await until(lambda: shown[-1] == ["Первый", "Ответ ", "Второй"])
    answers.pause.set()
    await task
    assert answers.asked == ["Первый", "Второй"]
    assert shown[-1] == ["Первый", "Ответ на «Первый»", "Второй", "Ответ на «Второй»"]


async def test_a_second_loop_for_the_same_page_ends_at_once(talk: Conversation, answers: Answers) -> None:
    talk.add("Привет")
    first, second = await asyncio.gather(run(talk, answers), run(talk, answers))
    assert first
    assert second == []
    assert answers.asked == ["Привет"]


async def test_messages_that_are_too_long_together_are_answered_one_after_the_other(
    talk: Conversation, answers: Answers
) -> None:
    long = "а" * (MAX_CHARS - 5)
    talk.add(long)
    talk.add("вопрос")
    await run(talk, answers)
    assert answers.asked == [long, "вопрос"]


async def test_messages_that_fit_exactly_are_merged(talk: Conversation, answers: Answers) -> None:
    talk.add("а" * (MAX_CHARS - 3))
    talk.add("бв")
    await run(talk, answers)
    assert [len(message) for message in answers.asked] == [MAX_CHARS]


@pytest.mark.parametrize(
    "error,trouble",
    [
        (RuntimeError("secret"), "failed"),
        (MessageTooLong(MAX_CHARS), "too_long"),
        (DialogEnded("s"), "over"),
    ],
)
async def test_an_error_of_the_assistant_becomes_a_sentence_and_the_question_stays(
    talk: Conversation, answers: Answers, error: Exception, trouble: str
) -> None:
    answers.fail = error
    talk.add("Вопрос")
    await run(talk, answers)
    assert talk.bubbles[0].text == "Вопрос"
    assert talk.bubbles[1].trouble == trouble
    assert not talk.waiting
    answers.fail = None
    talk.add("Ещё раз")
    await run(talk, answers)
    assert talk.bubbles[-1].text == "Ответ на «Ещё раз»"


async def test_leaving_the_page_stops_the_answer(talk: Conversation, answers: Answers) -> None:
    answers.hold = asyncio.Event()
    talk.add("Вопрос")
    task = asyncio.create_task(run(talk, answers))
    await until(lambda: answers.asked)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert answers.stopped == 1
    assert not talk.busy
