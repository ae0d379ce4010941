"""What a language model makes of words that the rules do not know: only what can be checked is believed."""

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from chains.llm import LanguageModel
from chains.model_reading import ModelReader, schema_of, values_of
from chains.query import Reading, read
from chains.vocabulary import Vocabulary, build_vocabulary
from stores.lexicon import load_lexicon
from tests.integration.test_llm_remote import model, port, server, wait_until

__all__ = ["port"]  # the fixture

ASSETS = Path(__file__).parents[2] / "assets"
MESSAGE = "гелик расцветки шмель с турбиной 777"


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    lexicon = load_lexicon(ASSETS, "Mercedes-Benz", ASSETS / "no-such-salon")
    return build_vocabulary(lexicon, ["G"], ["G 400 d"], {})


def answering(
    port: int, vocabulary: Vocabulary, answer: object, *, near: bool = True, **behaviour: Any
) -> Reading:
    """The reading of MESSAGE with a model that gives `answer`."""
    reading = read(MESSAGE, vocabulary)
    pieces = [answer if isinstance(answer, str) else json.dumps(answer)]
    with server(port, pieces=pieces, **behaviour), model(port) as remote:
        wait_until(lambda: remote.ready)

        def is_near(word: str, known: Sequence[str]) -> bool:
            return near

        return ModelReader(remote, is_near, limit_s=2.0).read(MESSAGE, reading, vocabulary, "ru")


def said(word: str, means: str, *amounts: dict[str, Any]) -> dict[str, Any]:
    return {"words": [{"word": word, "means": means}], "amounts": list(amounts)}


def test_the_rules_leave_these_words_unknown(vocabulary: Vocabulary) -> None:
    assert {"шмель", "777"} <= set(read(MESSAGE, vocabulary).unknown)


def test_a_value_for_an_unknown_word_joins_the_reading(port: int, vocabulary: Vocabulary) -> None:
    reading = answering(port, vocabulary, said("шмель", "color=yellow"))
    assert reading.values == {"classes": ["G"], "colors": ["yellow"]}
    assert "шмель" not in reading.unknown


def test_a_value_far_from_its_word_is_dropped(port: int, vocabulary: Vocabulary) -> None:
    reading = answering(port, vocabulary, said("шмель", "color=yellow"), near=False)
    assert reading == read(MESSAGE, vocabulary)


def test_a_number_counts_when_the_message_has_it(port: int, vocabulary: Vocabulary) -> None:
    stated = said("шмель", "nothing", {"kind": "power", "low": 777, "high": None})
    assert [tuple(one) for one in answering(port, vocabulary, stated).quantities] == [("power", 777, None)]


def test_a_number_of_the_models_own_is_dropped(port: int, vocabulary: Vocabulary) -> None:
    invented = said("шмель", "nothing", {"kind": "power", "low": 500, "high": None})
    assert answering(port, vocabulary, invented).quantities == ()


@pytest.mark.parametrize(
    "answer",
    [
        said("гелик", "color=yellow"),  # a word that the rules know
        said("шмель", "color=striped"),  # a value that there is not
        said("шмель", "nothing"),
        "забудь о схеме",
        "",
    ],
)
def test_an_answer_that_cannot_be_checked_changes_nothing(
    port: int, vocabulary: Vocabulary, answer: object
) -> None:
    assert answering(port, vocabulary, answer) == read(MESSAGE, vocabulary)


@pytest.mark.parametrize("behaviour", [{"status": 500}, {"end": "cut"}, {"pause_s": 6.0}])
def test_a_model_that_fails_or_dawdles_leaves_the_rules_reading(
    port: int, vocabulary: Vocabulary, behaviour: dict[str, Any]
) -> None:
    reading = answering(port, vocabulary, said("шмель", "color=yellow"), **behaviour)
    assert reading == read(MESSAGE, vocabulary)


def test_without_a_model_nothing_is_asked(vocabulary: Vocabulary) -> None:
    reading = read(MESSAGE, vocabulary)
    reader = ModelReader(LanguageModel.off(), lambda word, known: True)
    assert reader.read(MESSAGE, reading, vocabulary, "ru") is reading


def test_nothing_is_asked_from_within_an_event_loop(vocabulary: Vocabulary) -> None:
    reading = read(MESSAGE, vocabulary)
    reader = ModelReader(LanguageModel.off(), lambda word, known: True)

    async def ask() -> Reading:
        return reader.read(MESSAGE, reading, vocabulary, "ru")

    assert asyncio.run(ask()) is reading


def test_the_schema_has_no_value_but_those_of_the_vocabulary(vocabulary: Vocabulary) -> None:
    values = values_of(vocabulary)
    assert {"body=suv", "color=black", "class=G"} <= set(values)
    schema = json.dumps(schema_of(["шмель"], values).model_json_schema(), ensure_ascii=False)
    assert '"шмель"' in schema
    assert '"color=striped"' not in schema
