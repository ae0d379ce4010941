"""Finding dialogs again and saying what was wrong in them, on SQLite and PostgreSQL."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, inspect

from chains.reviewing import flag_wrong
from stores import dialog_search
from stores.callbacks import Callbacks
from stores.dialog_search import DialogFilter, DialogSearch
from stores.dialogs import Dialogs, TurnResult
from stores.errors import TurnNotFound
from stores.forgetting import Forgetting
from stores.reviews import Reviews
from stores.sealing import Cipher
from tests.integration.stopped_clock import Clock

Talk = Callable[..., str]


@pytest.fixture
def search(engine: Engine) -> DialogSearch:
    return DialogSearch(engine)


@pytest.fixture
def talk(engine: Engine, clock: Clock) -> Talk:
    """A dialog of (question, answer) pairs, a minute after the one before; gives its id."""
    dialogs = Dialogs(engine, clock=clock)

    def make(*pairs: tuple[str, str], kind: Any = "web", language: str = "ru", **result: Any) -> str:
        clock.now += timedelta(minutes=1)
        session_id = dialogs.open(
            kind=kind, language=language, consent=None, address=None, remember=False, visitor=None
        ).session_id
        for question, answer in pairs or (("Вопрос", "Ответ"),):
            turn = dialogs.add_question(session_id, question)
            dialogs.save_reply(turn, TurnResult(**{"answer": answer, "route": "inventory", **result}))
        return session_id

    return make


def found(search: DialogSearch, **wanted: Any) -> list[str]:
    return [line.session_id for line in search.page(DialogFilter(**wanted)).dialogs]


def test_words_are_found_in_question_or_answer_whatever_their_case(search: DialogSearch, talk: Talk) -> None:
    asked = talk(("Есть ли ПРИЁМКА на выходных?", "Да."))
    answered = talk(("Когда?", "Приемка работает по субботам"))
    talk(("Другое", "Совсем другое"))
    assert found(search, text="приёмка") == [answered, asked]
    assert found(search, text="ПРИЕМК") == [answered, asked]
    assert found(search, text="приемка суббот") == [answered]
    assert found(search, text="приемка в воскресенье") == []


def test_a_sign_in_the_text_is_that_sign_and_nothing_else(search: DialogSearch, talk: Talk) -> None:
    signs = [*"%_*?[]\\'\"^$.|(){}+-#&~`;:!<>/@=,", "1=1--", "[а", "***:(?i)", "\\d"]
    asked = {sign: talk((f"цена {sign} тут", "Ответ")) for sign in signs}
    talk(("цена тут", "Ответ"))
    for sign in signs:
        holders = {session_id for other, session_id in asked.items() if sign in other}
        assert set(found(search, text=sign)) == holders, sign


def test_a_filter_about_answers_is_about_one_and_the_same_answer(
    search: DialogSearch, talk: Talk, engine: Engine
) -> None:
    session_id = talk(("Кредит?", "Вот ставка"), route="price", model="m1", llm=True)
    dialogs = Dialogs(engine)
    turn = dialogs.add_question(session_id, "Что-то запретное")
    dialogs.save_reply(turn, TurnResult(answer="Об этом я не говорю.", route="forbidden", blocked=True))
    plain = talk()
    assert found(search, blocked=True) == found(search, route="price") == [session_id]
    assert found(search, blocked=True, route="price") == []
    assert found(search, model="m1", by_model=True, text="ставка") == [session_id]
    assert found(search, by_model=False, route="inventory") == [plain]
    (line, _) = reversed(search.page(DialogFilter()).dialogs)
    assert (line.turns, line.blocked, line.question, line.csat) == (2, 1, "Кредит?", None)
    assert search.models() == ["m1"]


def test_dates_marks_calls_language_and_kind_narrow_the_list(
    search: DialogSearch, talk: Talk, engine: Engine, cipher: Cipher, clock: Clock
) -> None:
    first = talk(language="en")
    since = clock.now + timedelta(seconds=30)
    second = talk(kind="api")
    third = talk()
    Dialogs(engine).rate(first, 3, None, "плохо")
    Dialogs(engine).rate(second, 9)
    callbacks = Callbacks(engine, cipher)
    callbacks.add(third, "+79000000017", "", "")
    callbacks.add(second, "+79000000017", "", "")
    callbacks.withdraw(second)
    assert found(search, since=since) == [third, second]
    assert found(search, until=since) == [first]
    assert found(search, rated_from=3, rated_to=8) == [first]
    assert found(search, rated_from=4) == [second]
    assert found(search, callback=True) == [third]
    assert found(search, callback=False) == [second, first]
    assert found(search, language="en") == [first]
    assert found(search, kind="api") == [second]
    assert search.rating(first) == (3, None, "плохо")
    assert search.rating(third) is None


def test_pages_hold_every_dialog_once_and_a_slow_search_goes_on_where_it_stopped(
    search: DialogSearch, talk: Talk, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dialog_search, "PAGE", 3)
    monkeypatch.setattr(dialog_search, "SLICE", 2)
    made = [talk((f"слово {number % 2}", "Ответ")) for number in range(9)]
    for wanted, expected in (
        (DialogFilter(), made[::-1]),
        (DialogFilter(text="слово 1"), made[7::-2]),
        (DialogFilter(text="слово 9"), []),
    ):
        for patience_s in (60.0, 0.0):
            seen: list[str] = []
            page = search.page(wanted, patience_s=patience_s)
            pages = 1
            while page.next:
                seen += [line.session_id for line in page.dialogs]
                page = search.page(wanted, page.next, patience_s=patience_s)
                pages += 1
            assert seen + [line.session_id for line in page.dialogs] == expected
            assert pages < 12
    impatient = search.page(DialogFilter(text="слово 9"), patience_s=0.0)
    assert impatient.searched_to is not None
    assert clock.now - impatient.searched_to == timedelta(minutes=1)


def test_hostile_text_in_every_field_is_data(search: DialogSearch, talk: Talk, engine: Engine) -> None:
    talk()
    evil = "x'); DROP TABLE turns; --"
    wanted = DialogFilter(text=evil, route=evil, model=evil, language=evil)
    assert search.page(wanted).dialogs == ()
    assert search.rating(evil) is None
    assert search.line(evil) is None
    assert inspect(engine).has_table("turns")
    assert len(search.page(DialogFilter()).dialogs) == 1


class Masker:
    def masked(self, message: str) -> str:
        return message.replace("+7 900 000-00-17", "[телефон]")


def test_an_answer_is_flagged_with_the_right_one_which_is_masked_and_can_be_undone(
    search: DialogSearch, talk: Talk, engine: Engine, clock: Clock
) -> None:
    session_id, other = talk(("Сколько стоит?", "Миллион")), talk()
    (turn,) = Dialogs(engine).turns(session_id)
    reviews = Reviews(engine, clock=clock)
    review = flag_wrong(
        reviews,
        Masker(),
        turn.turn_id,
        reason="не та цена",
        right_answer="Два миллиона, звоните +7 900 000-00-17",
        reviewer="anna",
    )
    assert (review.right_answer, review.reviewer) == ("Два миллиона, звоните [телефон]", "anna")
    assert found(search, wrong=True) == [session_id]
    assert found(search, wrong=True, text="миллион") == [session_id]
    assert found(search, wrong=False) == [other]
    assert search.line(session_id).wrong == 1  # type: ignore[union-attr]
    (pair,) = reviews.corrected(clock.now)
    assert (pair.question, pair.answer, pair.language) == ("Сколько стоит?", "Миллион", "ru")
    assert reviews.corrected(clock.now + timedelta(seconds=1)) == []
    reviews.unflag(turn.turn_id, reviewer="boris")
    assert reviews.corrected() == []
    assert found(search, wrong=True) == []
    assert not reviews.of_session(session_id)[turn.turn_id].wrong
    with pytest.raises(ValueError):
        flag_wrong(reviews, Masker(), turn.turn_id, reason=" ", right_answer="", reviewer="anna")
    with pytest.raises(TurnNotFound):
        flag_wrong(reviews, Masker(), "none", reason="нет", right_answer="", reviewer="anna")


def test_a_forgotten_dialog_leaves_no_verdict(talk: Talk, engine: Engine, cipher: Cipher) -> None:
    session_id = talk()
    (turn,) = Dialogs(engine).turns(session_id)
    reviews = Reviews(engine)
    reviews.flag(turn.turn_id, reason="нет", right_answer="да", reviewer="anna")
    Forgetting(engine, cipher).forget(session_id, cause="visitor")
    assert reviews.corrected() == []
