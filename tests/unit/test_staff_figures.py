"""Figures as people read them."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from chains.overview import Period, figures_of
from chains.pilot import Comparison
from stores.statistics import DialogFacts
from ui.pages.staff.figures import as_text, comparison_rows, figures_csv, shown
from ui.pages.staff.overview import BadPeriod, parse_period
from ui.pages.texts import Texts, load_staff_texts

ASSETS = Path(__file__).parents[2] / "assets"
NBSP = "\u00a0"


@pytest.fixture(scope="module")
def russian() -> Texts:
    return load_staff_texts(ASSETS, "ru")


def test_numbers_are_written_as_the_language_writes_them(russian: Texts) -> None:
    english = load_staff_texts(ASSETS, "en")
    assert as_text(0.6425, "share", russian) == f"64,2{NBSP}%"
    assert as_text(0.6425, "share", english) == f"64.2{NBSP}%"
    assert as_text(3006687, "count", russian) == f"3{NBSP}006{NBSP}687"
    assert as_text(-0.109, "share", russian, signed=True) == f"−10,9{NBSP}п.{NBSP}п."
    assert as_text(81_234, "milliseconds", russian) == f"81,2{NBSP}с"
    assert as_text(23.4, "milliseconds", russian) == f"23{NBSP}мс"
    assert as_text(None, "mark", russian) == "—"


def test_every_figure_and_every_comparison_has_its_words_in_both_languages() -> None:
    facts = [
        DialogFacts(opened_at=datetime(2026, 11, 2, tzinfo=UTC), kind="web", language="ru", turns=1, csat=9)
    ]
    names = "dialogs_a_day alone callbacks callbacks_outside_hours bookings csat satisfied nps p50_ms p95_ms session_s"
    methods = "boschloo score brunner_munzel brunner_munzel_by_dialog quasi_poisson".split()
    comparisons = [
        Comparison(name, "share", 9, 9, 0.1, 0.2, 0.1, 0.0, 0.2, 0.01, 0.02, methods[place % len(methods)])
        for place, name in enumerate(names.split())
    ]
    for language in ("ru", "en"):
        texts = load_staff_texts(ASSETS, language)
        assert all(one.title for one in shown(figures_of(facts), figures_of([]), texts))
        assert all(all(row) for row in comparison_rows(comparisons, texts))


def test_a_change_is_told_only_where_there_was_something_before(russian: Texts) -> None:
    facts = [
        DialogFacts(opened_at=datetime(2026, 11, 2, tzinfo=UTC), kind="web", language="ru", turns=turns)
        for turns in (1, 3)
    ]
    by_name = {one.name: one for one in shown(figures_of(facts), figures_of(facts[:1]), russian)}
    assert by_name["dialogs"].change == f"+100,0{NBSP}%"
    assert by_name["csat"].change == ""
    alone = {one.name: one for one in shown(figures_of(facts), figures_of([]), russian)}
    assert (alone["dialogs"].before, alone["dialogs"].change) == ("0", "")


def test_the_file_has_a_row_for_each_period_and_a_column_for_each_route() -> None:
    fact = DialogFacts(
        opened_at=datetime(2026, 11, 2, tzinfo=UTC), kind="web", language="ru", turns=2, routes={"wiki": 2}
    )
    lines = figures_csv([("before", figures_of([])), ("now", figures_of([fact]))]).split("\r\n")
    assert lines[0].startswith("period,dialogs,questions,")
    assert lines[0].endswith(",route_wiki")
    assert lines[1].startswith("before,0,0,")
    assert lines[2].startswith("now,1,2,")
    assert lines[2].endswith(",2")


@pytest.mark.parametrize(
    ("first", "last", "key"),
    [
        ("", "2026-01-31", "overview.bad_date"),
        ("31.02.2026", "2026-01-31", "overview.bad_date"),
        ("2026-02-01", "2026-01-31", "overview.wrong_way_round"),
        ("2020-02-01", "2026-01-31", "overview.too_long"),
        ("'; DROP TABLE turns; --", "2026-01-31", "overview.bad_date"),
    ],
)
def test_days_that_are_no_period_are_told(first: str, last: str, key: str, russian: Texts) -> None:
    with pytest.raises(BadPeriod) as refused:
        parse_period(first, last)
    assert refused.value.key == key
    assert russian(key)


def test_a_period_is_its_days() -> None:
    assert parse_period(" 30.01.2026", "2026-01-31 ") == Period(date(2026, 1, 30), date(2026, 1, 31))
