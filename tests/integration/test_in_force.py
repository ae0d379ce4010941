"""What admins change is in force at once, in every process, over what the salon folder says."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, event

from settings import ROOT
from stores.errors import ChangedMeanwhile, ConsentOutdated, NotFound, Refused
from stores.in_force import CONSENT, HOURS, InForce
from stores.knowledge import Knowledge
from stores.salon import load_consent, load_salon
from tests.integration.stopped_clock import Clock

ASSETS = ROOT / "assets"
SATURDAY_NOON = datetime.fromisoformat("2026-11-21T12:00:00+03:00")
HOSTILE = "'; DROP TABLE settings; -- <script>alert(1)</script>"

Open = Callable[[], InForce]


@pytest.fixture
def process(engine: Engine, salon_folder: Path) -> Open:
    """Opens the state as another process would."""
    return lambda: InForce(engine, load_salon(salon_folder), ASSETS)


def test_without_an_edit_the_folder_is_in_force(process: Open, salon_folder: Path) -> None:
    state = process().current()
    salon = load_salon(salon_folder)
    assert state.salon == salon
    assert state.consents["ru"] == load_consent(salon, ASSETS, "ru")
    assert state.consents["en"] == load_consent(salon, ASSETS, "en")
    assert (state.retention_days, state.model_enabled, state.entries) == (90, True, ())


def test_a_change_is_in_force_in_the_other_process_at_its_next_look(process: Open) -> None:
    mine, other = process(), process()
    mine.set_retention(30, author="Анна")
    mine.set_model(False, author="Анна")
    assert (mine.latest.retention_days, mine.latest.model_enabled) == (30, False)
    assert other.latest.retention_days == 90, "nothing is read before somebody asks"
    assert (other.current().retention_days, other.latest.model_enabled) == (30, False)
    other.reset("retention_days", author="Борис")
    assert mine.current().retention_days == 90
    assert mine.version("retention_days")[:2] == (2, "Борис")


def test_an_unchanged_state_costs_one_query(engine: Engine, process: Open) -> None:
    opened = process()
    opened.set_retention(30, author="Анна")
    statements: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    opened.current()
    assert len([one for one in statements if one.startswith("SELECT")]) == 1


def test_what_is_no_number_of_days_is_refused(process: Open) -> None:
    opened = process()
    for days in (0, -1, 3651, 1.5, "", "много", None, True, float("nan"), float("inf"), HOSTILE):
        with pytest.raises(Refused, match="retention_out_of_range"):
            opened.set_retention(days, author="Анна")
    assert opened.current().retention_days == 90


def test_hours_follow_the_app_until_they_are_reset(process: Open) -> None:
    mine, other = process(), process()
    assert not other.current().salon.hours.is_open(SATURDAY_NOON)
    table = mine.hours_table() | {"sat": "10:00-24:00", "except": {"2026-12-05": "closed"}}
    mine.set_hours(table, author="Анна")
    assert other.current().salon.hours.is_open(SATURDAY_NOON)
    assert other.hours_table() == table
    assert other.is_edited(HOURS)
    other.reset(HOURS, author="Анна")
    assert not mine.current().salon.hours.is_open(SATURDAY_NOON)
    assert not mine.is_edited(HOURS)


def test_hours_that_cannot_be_understood_are_refused(process: Open) -> None:
    opened = process()
    for table, key, field in (
        ({"mon": "с девяти до шести"}, "hours_format", "mon"),
        ({"mon": "09:00-25:00"}, "hours_time", "mon"),
        ({"mon": "09:00-09:00"}, "hours_at_once", "mon"),
        ({"except": {"31.12": "closed"}}, "hours_date", "except.31.12"),
        ({"except": {"2026-12-31": HOSTILE}}, "hours_format", "except.2026-12-31"),
        ({"понедельник": "09:00-21:00"}, "hours_weekday", "понедельник"),
    ):
        with pytest.raises(Refused) as refused:
            opened.set_hours(table, author="Анна")
        assert (refused.value.key, refused.value.values["field"]) == (key, field)
    assert not opened.is_edited(HOURS)


def test_a_new_consent_asks_again_and_the_words_of_the_old_one_are_kept(process: Open) -> None:
    mine, other = process(), process()
    old = other.current().consents["ru"]
    mine.set_consent({"ru": "Согласен, {name}. Храним {retention_days} дней.", "en": ""}, author="Анна")
    new = other.current().consents
    assert new["ru"].text == new["en"].text == "Согласен, Тест-Мотор. Храним 90 дней."
    with pytest.raises(ConsentOutdated):
        new["ru"].check(old.version)
    assert other.consent_texts(old.version)["ru"] == old.text
    assert other.consent_texts(new["en"].version) == {
        language: consent.text for language, consent in new.items()
    }
    mine.set_consent({"ru": mine.consent_source()["ru"], "en": "I agree."}, author="Анна")
    assert other.current().consents["ru"].version != new["ru"].version, "English words are words, too"
    mine.reset(CONSENT, author="Анна")
    assert other.current().consents["ru"] == old


def test_another_retention_is_another_consent(process: Open) -> None:
    opened = process()
    before = opened.current().consents["ru"]
    opened.set_retention(30, author="Анна")
    after = opened.current().consents["ru"]
    assert "30" in after.text
    assert after.version != before.version
    assert opened.consent_texts(after.version)["ru"] == after.text


def test_an_empty_or_endless_consent_is_refused(process: Open) -> None:
    for text, key in ((" \n…", "consent_empty"), ("а" * 20_001, "consent_too_long")):
        with pytest.raises(Refused, match=key):
            process().set_consent({"ru": text}, author="Анна")


def test_of_two_admins_the_second_is_told_that_it_has_changed(process: Open) -> None:
    mine, other = process(), process()
    seen = mine.version(HOURS).number
    mine.set_hours({"mon": "10:00-18:00"}, author="Анна", seen=seen)
    with pytest.raises(ChangedMeanwhile):
        other.set_hours({"mon": "11:00-19:00"}, author="Борис", seen=seen)
    with pytest.raises(ChangedMeanwhile):
        other.reset(HOURS, author="Борис", seen=seen)
    assert other.hours_table()["mon"] == "10:00-18:00"
    other.set_retention(30, author="Борис", seen=other.version("retention_days").number)


def test_hostile_words_are_kept_as_words(process: Open) -> None:
    opened = process()
    opened.set_consent({"ru": HOSTILE}, author=HOSTILE)
    assert process().current().consents["ru"].text == HOSTILE
    assert opened.version(CONSENT).author == HOSTILE


def test_listeners_know_the_new_state_before_anybody_is_given_it(process: Open) -> None:
    mine, other = process(), process()
    told: list[int] = []
    other.on_change(lambda state: told.append(state.retention_days))
    mine.set_retention(30, author="Анна")
    other.current()
    other.current()
    assert told == [90, 30]


def test_a_watching_process_notices_by_itself(process: Open) -> None:
    mine, other = process(), process()
    other.watch()
    mine.set_retention(30, author="Анна")
    for _ in range(200):
        if other.latest.retention_days == 30:
            break
        other._stop.wait(0.05)
    assert other.latest.retention_days == 30
    other.close()


def test_an_entry_is_known_while_it_is_published(engine: Engine, process: Open, clock: Clock) -> None:
    knowledge, opened = Knowledge(engine, clock=clock), process()
    entry = knowledge.draft("Есть ли  мойка?", " Да. ", author="Анна")
    assert opened.current().entries == ()
    entry = knowledge.publish(entry.id, author="Борис", seen=entry.version)
    (passage,) = opened.current().entries
    assert (passage.kind, passage.title, passage.text) == ("legend", "Есть ли мойка?", "Да.")
    clock.move(seconds=1)
    entry = knowledge.save(entry.id, "Есть ли мойка?", "Да, есть.", author="Анна", seen=entry.version)
    assert opened.current().entries[0].text == "Да, есть."
    clock.move(seconds=1)
    with pytest.raises(ChangedMeanwhile):
        knowledge.withdraw(entry.id, author="Борис", seen=entry.version - 1)
    knowledge.withdraw(entry.id, author="Борис", seen=entry.version)
    assert opened.current().entries == ()
    assert [(one.status, one.author, one.published_at) for one in knowledge.all()] == [
        ("withdrawn", "Борис", None)
    ]


def test_an_entry_that_says_nothing_is_refused(engine: Engine) -> None:
    knowledge = Knowledge(engine)
    for title, text, key in (
        ("", "Да.", "entry_without_title"),
        ("Мойка", " — ", "entry_without_text"),
        ("а" * 201, "Да.", "title_too_long"),
        ("Мойка", "а" * 5001, "text_too_long"),
    ):
        with pytest.raises(Refused, match=key):
            knowledge.draft(title, text, author="Анна")
    with pytest.raises(NotFound):
        knowledge.get(1)
    knowledge.draft(HOSTILE, HOSTILE, author=HOSTILE)
    assert knowledge.all()[0].text == HOSTILE
