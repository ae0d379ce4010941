"""Drafts of brochure entries: what the texts bear out in a model's words, the questions alone without one."""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chains.llm import LanguageModel
from chains.text import sentences
from services import Services, open_services
from settings import Settings
from stores.knowledge import TEXT_LENGTH
from tests.integration.test_llm_remote import server

ASKED = ["Чем CLS отличается от E-класса?", "CLS это купе?"]
TRUE = "CLS и E-класс стоят на одной платформе. "
INVENTED = "CLS стоит 5 000 000 рублей. "
PROMISE = "Мы перезвоним вам и забронируем CLS. "
Opened = Callable[..., AbstractContextManager[Services]]


@pytest.fixture
def opened(
    make_salon_folder: Callable[[Path], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Opened:
    """Open the services over a foreign model that behaves as told."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    settings = Settings(
        _env_file=None,
        salon=make_salon_folder(tmp_path / "salon"),
        data=tmp_path / "data",
        llm=f"http://127.0.0.1:{port}",
    )

    @contextmanager
    def over(**behaviour: Any) -> Iterator[Services]:
        with server(port, **behaviour):
            services = open_services(settings)
            services.model.start()
            until = time.monotonic() + 20
            while not services.model.ready and time.monotonic() < until:
                time.sleep(0.05)
            try:
                yield services
            finally:
                services.close()

    return over


def test_a_draft_holds_only_what_the_texts_bear_out_and_says_that_a_model_wrote_it(opened: Opened) -> None:
    with opened(pieces=[TRUE, INVENTED, PROMISE, TRUE]) as services:
        drafts = services.gap_drafts
        text = drafts.text(ASKED, "ru")
        assert text.startswith("[ЧЕРНОВИК языковой модели")
        assert text.count(TRUE.strip()) == 1
        assert "5 000 000" not in text
        assert "перезвоним" not in text
        assert text.endswith("\n".join(f"- {question}" for question in ASKED))
        assert drafts.is_unfinished(text)
        assert drafts.is_unfinished(drafts.blank("en"))
        assert not drafts.is_unfinished("CLS и E-класс стоят на одной платформе.")
        # What no text is about is no question for a model: it would have to make the answer up.
        assert TRUE.strip() not in drafts.text(["Продаёте ли вы пирожки с капустой?"], "ru")


@pytest.mark.parametrize(
    "behaviour", [{"pieces": ["НЕТ ДАННЫХ"]}, {"status": 500}, {"pieces": ["CLS "] * 9, "pause_s": 1.0}]
)
def test_a_model_that_knows_nothing_fails_or_is_slow_leaves_the_questions(
    opened: Opened, behaviour: dict[str, Any]
) -> None:
    with opened(**behaviour) as services:
        text = replace(services.gap_drafts, patience_s=0.5).text(ASKED, "en")
    assert text == "[DRAFT: write the answer and take this mark out]\n\nWhat was asked:\n" + "\n".join(
        f"- {question}" for question in ASKED
    )


def test_without_a_model_a_draft_has_whole_questions_as_many_as_fit(services: Services) -> None:
    long = ["Можно ли " + "очень " * 300 + f"долго смотреть на CLS № {number}?" for number in range(4)]
    text = services.gap_drafts.text(long, "ru")
    assert len(text) <= TEXT_LENGTH
    assert [line.removeprefix("- ") for line in text.splitlines() if line.startswith("- ")] == long[:2]


@pytest.mark.slow
def test_what_a_real_small_model_drafts_is_borne_out_or_left_out(
    services: Services, small_model: LanguageModel
) -> None:
    drafts = services.gap_drafts
    drafts = replace(drafts, wording=replace(drafts.wording, model=small_model))
    text = drafts.text(ASKED, "ru")
    head, _, _ = text.partition("Об этом спрашивали:")
    known = drafts._known(ASKED)
    assert known is not None
    print(text)
    for sentence in sentences(head.partition("]")[2]):
        words = [word for word in sentence.split() if any(char.isdigit() for char in word)]
        assert all(word.strip(".,:;") in known.draft.context for word in words), sentence
    assert drafts.is_unfinished(text)
