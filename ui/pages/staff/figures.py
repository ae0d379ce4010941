"""Figures as people read them: with their unit, beside the period before, and as rows of a table or a CSV file."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Literal

from chains.overview import Figures
from chains.pilot import Comparison
from ui.pages.texts import Texts

Unit = Literal["count", "share", "mark", "score", "milliseconds", "seconds"]
NOTHING = "—"
UNITS: dict[str, Unit] = {
    "dialogs": "count",
    "questions": "count",
    "alone": "share",
    "callbacks": "count",
    "callbacks_outside_hours": "count",
    "bookings": "count",
    "csat": "mark",
    "satisfied": "share",
    "nps": "score",
    "p50_ms": "milliseconds",
    "p95_ms": "milliseconds",
    "session_s": "seconds",
    "unknown": "count",
    "blocked": "count",
    "worded": "count",
    "wrong": "count",
    "prompt_tokens": "count",
    "completion_tokens": "count",
}
"""The figures that are shown, in their order."""
_UNITS_OF_TESTS: dict[str, Unit] = {
    "dialogs_a_day": "mark",
    "nps": "score",
    "session_s": "seconds",
    "csat": "mark",
}
_OBSERVED = {"csat": "rated", "satisfied": "rated", "nps": "asked_nps"}


@dataclass(frozen=True)
class Shown:
    """A figure in words: `value` now and `before`, and `change` between them, empty where it cannot be told."""

    name: str
    title: str
    value: str
    before: str
    change: str
    of: str


def shown(now: Figures, before: Figures, texts: Texts) -> list[Shown]:
    """All figures of a period beside those of the period before."""
    found = []
    for name, unit in UNITS.items():
        value, past = getattr(now, name), getattr(before, name)
        observed = _OBSERVED.get(name)
        found.append(
            Shown(
                name=name,
                title=texts(f"overview_figures.{name}"),
                value=as_text(value, unit, texts),
                before=as_text(past, unit, texts),
                change=_change(value, past, unit, texts),
                of=texts("overview.rated", count=getattr(now, observed)) if observed else "",
            )
        )
    return found


def as_text(value: float | None, unit: Unit, texts: Texts, *, signed: bool = False) -> str:
    """A number with its unit, as the language writes it; a dash for None."""
    if value is None:
        return NOTHING
    if unit == "share":
        number, places, sign = value * 100, 1, texts("overview.points") if signed else " %"
    elif unit == "milliseconds":
        long = abs(value) >= 10_000
        number, places = (value / 1000, 1) if long else (value, 0)
        sign = texts("overview.seconds") if long else texts("overview.milliseconds")
    elif unit == "seconds":
        number, places, sign = value, 0, texts("overview.seconds")
    else:
        number, places, sign = value, {"count": 0, "mark": 2, "score": 0}[unit], ""
    text = f"{number:+,.{places}f}" if signed else f"{number:,.{places}f}"
    point = texts("overview.decimal_point")
    text = text.replace(",", "\u00a0").replace(".", point).replace("-", "−")
    return f"{text}{sign}".replace(" ", "\u00a0")


def comparison_rows(comparisons: Iterable[Comparison], texts: Texts) -> list[list[str]]:
    """A row of plain text for each figure: name, before, after, difference, interval, p-value, test, verdict."""
    return [
        [
            texts(f"overview_tests.{one.name}"),
            f"{as_text(one.before, _unit(one), texts)} (n = {one.n_before})",
            f"{as_text(one.after, _unit(one), texts)} (n = {one.n_after})",
            _difference(one.difference, one, texts),
            _interval(one, texts),
            _p_value(one.p_adjusted, texts),
            texts(f"overview_methods.{one.test}") if one.test else NOTHING,
            _verdict(one, texts),
        ]
        for one in comparisons
    ]


def comparisons_csv(comparisons: Sequence[Comparison]) -> str:
    """The comparisons as CSV, full precision, one row each."""
    names = [*asdict(Comparison("", "share", 0, 0)), "changed"]
    return _csv(names, ({**asdict(one), "changed": one.changed} for one in comparisons))


def figures_csv(periods: Sequence[tuple[str, Figures]]) -> str:
    """The figures of periods as CSV: a row each, beginning with its name; routes are columns of their own."""
    routes = sorted({route for _, figures in periods for route in figures.routes})
    rows = []
    for name, figures in periods:
        row: dict[str, object] = {"period": name, **asdict(figures)}
        row.pop("routes")
        rows.append({**row, **{f"route_{route}": figures.routes.get(route, 0) for route in routes}})
    return _csv(list(rows[0]), rows)


def _csv(names: Sequence[str], rows: Iterable[dict[str, object]]) -> str:
    file = io.StringIO()
    writer = csv.DictWriter(file, names, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue()


def _change(value: float | None, before: float | None, unit: Unit, texts: Texts) -> str:
    if value is None or before is None:
        return ""
    if unit == "count":
        if not before:
            return ""
        return as_text((value - before) / before, "share", texts, signed=True).replace(
            texts("overview.points").replace(" ", "\u00a0"), "\u00a0%"
        )
    return as_text(value - before, unit, texts, signed=True)


def _unit(one: Comparison) -> Unit:
    if one.kind in {"share", "milliseconds"}:
        return "share" if one.kind == "share" else "milliseconds"
    return _UNITS_OF_TESTS.get(one.name, "mark")


def _difference(value: float | None, one: Comparison, texts: Texts) -> str:
    if value is None:
        return NOTHING
    if one.kind == "ratio":
        return f"×\u00a0{as_text(value, 'mark', texts)}"
    return as_text(value, _unit(one), texts, signed=True)


def _interval(one: Comparison, texts: Texts) -> str:
    if one.low is None or one.high is None:
        return NOTHING
    return f"{_difference(one.low, one, texts)} … {_difference(one.high, one, texts)}"


def _p_value(p: float | None, texts: Texts) -> str:
    if p is None:
        return NOTHING
    return ("<\u00a00.001" if p < 0.001 else f"{p:.3f}").replace(".", texts("overview.decimal_point"))


def _verdict(one: Comparison, texts: Texts) -> str:
    if one.p_adjusted is None:
        return texts("overview.too_few")
    return texts("overview.changed") if one.changed else texts("overview.unchanged")
