"""How the assistant does: figures and plots of a period beside the one before, and the pilot against its baseline."""

from collections.abc import Sequence
from datetime import date, timedelta
from html import escape
from typing import TYPE_CHECKING, Any

import gradio as gr
import pandas as pd
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from chains.overview import Period, by_hour, compare, dialogs_by_day, figures_of
from chains.pilot import Comparison, dialogs_needed
from stores.period_figures import dialogs_between
from stores.statistics import DialogFacts
from ui.pages.cards import templates
from ui.pages.staff.days import EXAMPLE, SHOWN, day_of
from ui.pages.staff.figures import comparison_rows, comparisons_csv, figures_csv, shown
from ui.pages.staff.parts import PRIVATE, alert, heading, staff_blocks, table
from ui.pages.texts import Texts

if TYPE_CHECKING:
    from fastapi import FastAPI

    from services import Services
    from ui.pages.staff.shell import Shell

REPORT = "/staff/report.csv"
_PRESETS = (7, 30, 90)
_LONGEST = 730
_WORTH_FINDING = 0.05
_PLOT_HEIGHT = 280
_COLUMNS = ("figure", "before", "after", "difference", "interval", "p", "method", "verdict")
_NOW, _BEFORE = "#1f4e79", "#9aa7b4"


class BadPeriod(ValueError):
    """The days that somebody typed are no period; `key` names the text that says so."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


def parse_period(first: str, last: str) -> Period:
    """Two days, as people write them, as a period. Raises `BadPeriod`."""
    begin, end = day_of(first), day_of(last)
    if begin is None or end is None:
        raise BadPeriod("overview.bad_date")
    period = Period(begin, end)
    if period.first > period.last:
        raise BadPeriod("overview.wrong_way_round")
    if period.days > _LONGEST:
        raise BadPeriod("overview.too_long")
    return period


class Overview:
    """What the page and the files are made of."""

    def __init__(self, services: "Services") -> None:
        self._services = services
        self.zone = services.salon.zone

    def today(self) -> date:
        """The present day in the salon."""
        return self._services.clock().astimezone(self.zone).date()

    def last_days(self, days: int) -> Period:
        """So many days, the present one included."""
        return Period(self.today() - timedelta(days=days - 1), self.today())

    def dialogs(self, period: Period) -> list[DialogFacts]:
        """The figures of a period's dialogs, those of the visitors' chat only. Raises `DatabaseUnavailable`."""
        begin, end = period.bounds(self.zone)
        hours = self._services.salon.hours
        found = dialogs_between(self._services.engine, begin, end, hours.is_open)
        return [one for one in found if one.kind == "web"]

    def comparison(self, baseline: Period, pilot: Period) -> list[Comparison]:
        """The pilot against its baseline."""
        return compare(self.dialogs(baseline), self.dialogs(pilot), (baseline, pilot), self.zone)


class OverviewPage:
    """The page in one language."""

    def __init__(self, overview: Overview, texts: Texts) -> None:
        self._overview = overview
        self._texts = texts
        self._templates = templates()

    def show(self, first: str, last: str) -> tuple[Any, ...]:
        """The period's cards, plots and link; an alert, and the rest as it was, for days that are no period."""
        try:
            period = parse_period(first or "", last or "")
        except BadPeriod as error:
            return (alert(self._texts(error.key)), *[gr.skip()] * 5)
        now, before = (self._overview.dialogs(one) for one in (period, period.before()))
        cards = self._templates.get_template("staff/overview.html").render(
            t=self._texts,
            figures=shown(figures_of(now), figures_of(before), self._texts),
            before=period.before(),
            link=f"{REPORT}?first={period.first}&last={period.last}",
        )
        if not any(one.turns for one in (*now, *before)):
            return "", cards, *[gr.update(visible=False)] * 4  # axes without anything on them look broken
        plots = (self._days(now, before, period), self._hours(now), self._routes(now), self._marks(now))
        return "", cards, *(gr.update(value=plot, visible=True) for plot in plots)

    def preset(self, days: int) -> tuple[str, str]:
        """The days of «7 days» as the boxes hold them."""
        period = self._overview.last_days(days)
        return f"{period.first:{SHOWN}}", f"{period.last:{SHOWN}}"

    def compare(self, *days: str) -> tuple[str, str]:
        """The pilot's table, or an alert."""
        try:
            baseline, pilot = (
                parse_period(days[0] or "", days[1] or ""),
                parse_period(days[2] or "", days[3] or ""),
            )
            if baseline.last >= pilot.first:
                raise BadPeriod("overview.overlap")
        except BadPeriod as error:
            return alert(self._texts(error.key)), ""
        found = self._overview.comparison(baseline, pilot)
        heads = [self._texts(f"overview.column_{name}") for name in _COLUMNS]
        rows = [[escape(cell) for cell in row] for row in comparison_rows(found, self._texts)]
        query = (
            f"first={baseline.first}&last={baseline.last}&pilot_first={pilot.first}&pilot_last={pilot.last}"
        )
        link = f'<p><a href="{REPORT}?{escape(query)}" download>{escape(self._texts("overview.download"))}</a></p>'
        return "", table(heads, rows, empty="") + self._needed(found) + link

    def _needed(self, found: Sequence[Comparison]) -> str:
        """How many dialogs a period needs; nothing where none was held."""
        share = next((one.before for one in found if one.name == "callbacks"), None)
        if not share or share + _WORTH_FINDING > 1:
            return f'<p class="office-lead">{escape(self._texts("overview.method"))}</p>'
        text = self._texts(
            "overview.needed", count=dialogs_needed(share, _WORTH_FINDING), points=round(100 * _WORTH_FINDING)
        )
        return f'<p class="office-lead">{escape(self._texts("overview.method"))} {escape(text)}</p>'

    # Plots --------------------------------------------------------------------------------------------------------

    def _days(
        self, now: Sequence[DialogFacts], before: Sequence[DialogFacts], period: Period
    ) -> pd.DataFrame:
        """Questions by day, and those of the period before on the same days of it."""
        texts = self._texts
        past = dialogs_by_day(before, period.before(), self._overview.zone).values()
        days = dialogs_by_day(now, period, self._overview.zone).items()
        rows = []
        for (day, (_, questions)), (_, earlier) in zip(days, past, strict=True):
            rows.append((day.isoformat(), questions, texts("overview.now")))
            rows.append((day.isoformat(), earlier, texts("overview.before")))
        return pd.DataFrame(rows, columns=["day", "questions", "period"]).assign(
            day=lambda frame: pd.to_datetime(frame["day"])
        )

    def _hours(self, now: Sequence[DialogFacts]) -> pd.DataFrame:
        hours = by_hour(now, self._overview.zone)
        kinds = (self._texts("overview_figures.dialogs"), self._texts("overview_figures.questions"))
        rows = [
            (hour, count, kind)
            for hour, counts in hours.items()
            for count, kind in zip(counts, kinds, strict=True)
        ]
        return pd.DataFrame(rows, columns=["hour", "count", "kind"])

    def _routes(self, now: Sequence[DialogFacts]) -> pd.DataFrame:
        routes = figures_of(now).routes
        return pd.DataFrame(
            [(self._texts(f"routes.{route}"), count) for route, count in routes.items()],
            columns=["route", "count"],
        )

    def _marks(self, now: Sequence[DialogFacts]) -> pd.DataFrame:
        marks = [fact.csat for fact in now if fact.csat is not None]
        return pd.DataFrame(
            {
                "mark": [str(mark) for mark in range(1, 11)],
                "count": [marks.count(mark) for mark in range(1, 11)],
            }
        )

    # The layout ---------------------------------------------------------------------------------------------------

    def build(self) -> gr.Blocks:
        """Lay out and wire the page."""
        texts = self._texts
        with staff_blocks(texts("overview.title")) as blocks:
            heading(texts("overview.title"), texts("overview.intro"))
            with gr.Row(elem_classes="filters"):
                presets = [gr.Button(texts("overview.days", days=days), size="sm") for days in _PRESETS]
                first = gr.Textbox(label=texts("overview.first"), placeholder=EXAMPLE, max_length=10)
                last = gr.Textbox(label=texts("overview.last"), placeholder=EXAMPLE, max_length=10)
            problem, cards = gr.HTML(padding=False), gr.HTML(padding=False)
            with gr.Row():
                days = gr.LinePlot(
                    x="day", y="questions", color="period", title=texts("overview.plot_days"), x_title=" ", y_title=" ",
                    color_title=" ", color_map={texts("overview.now"): _NOW, texts("overview.before"): _BEFORE},
                    y_lim=[0, None], x_axis_format="%d.%m", height=_PLOT_HEIGHT, min_width=320, buttons=[],
                )  # fmt: skip
                hours = gr.LinePlot(
                    x="hour", y="count", color="kind", title=texts("overview.plot_hours"), x_title=" ", y_title=" ",
                    color_title=" ", height=_PLOT_HEIGHT, min_width=320, buttons=[], x_lim=[0, 23], y_lim=[0, None],
                    color_map={texts("overview_figures.dialogs"): _BEFORE, texts("overview_figures.questions"): _NOW},
                )  # fmt: skip
            with gr.Row():
                routes = gr.BarPlot(
                    x="route", y="count", title=texts("overview.plot_routes"), sort="-y", x_title=" ", y_title=" ",
                    x_label_angle=40, y_lim=[0, None], height=_PLOT_HEIGHT, min_width=320, buttons=[],
                )  # fmt: skip
                marks = gr.BarPlot(
                    x="mark", y="count", title=texts("overview.plot_marks"), sort=[str(mark) for mark in range(1, 11)],
                    x_title=" ", y_title=" ", y_lim=[0, None], height=_PLOT_HEIGHT, min_width=320, buttons=[],
                )  # fmt: skip
            shown_parts = [problem, cards, days, hours, routes, marks]
            for button, count in zip(presets, _PRESETS, strict=True):
                button.click(lambda count=count: self.preset(count), None, [first, last], **PRIVATE).then(
                    self.show, [first, last], shown_parts, **PRIVATE
                )
            for event in (first.submit, first.blur, last.submit, last.blur):
                event(self.show, [first, last], shown_parts, **PRIVATE)
            blocks.load(lambda: self.preset(_PRESETS[1]), None, [first, last], **PRIVATE).then(
                self.show, [first, last], shown_parts, **PRIVATE
            )
            self._pilot()
        return blocks

    def _pilot(self) -> None:
        texts = self._texts
        intro = f'<p class="office-lead">{escape(texts("overview.pilot_intro"))}</p>'
        gr.HTML(f"<h2>{escape(texts('overview.pilot'))}</h2>{intro}", padding=False)
        with gr.Row(elem_classes="filters"):
            boxes = [
                gr.Textbox(label=texts(f"overview.{name}"), placeholder=EXAMPLE, max_length=10)
                for name in ("baseline_first", "baseline_last", "pilot_first", "pilot_last")
            ]
            button = gr.Button(texts("overview.compare"), variant="primary", size="sm")
        problem, found = gr.HTML(padding=False), gr.HTML(padding=False)
        button.click(self.compare, boxes, [problem, found], api_visibility="private", queue=False)


def build(services: "Services", texts: Texts) -> gr.Blocks:
    """The page in the language of `texts`."""
    return OverviewPage(Overview(services), texts).build()


def add_report(app: "FastAPI", services: "Services", shell: "Shell") -> None:
    """The figures as a file: of a period beside the one before, or of the pilot beside its baseline."""
    overview = Overview(services)

    def report(
        request: Request, first: str, last: str, pilot_first: str | None = None, pilot_last: str | None = None
    ) -> Response:
        try:
            period = parse_period(first, last)
            pilot = parse_period(pilot_first, pilot_last or "") if pilot_first else None
        except BadPeriod as error:
            return PlainTextResponse(shell.texts_of(request)(error.key), 422)
        if pilot is None:
            name, text = (
                "figures",
                figures_csv(
                    [
                        (f"{one.first}..{one.last}", figures_of(overview.dialogs(one)))
                        for one in (period.before(), period)
                    ]
                ),
            )
        else:
            name, text = "pilot", comparisons_csv(overview.comparison(period, pilot))
        headers = {"Content-Disposition": f'attachment; filename="{name}-{period.first}-{period.last}.csv"'}
        return Response("\ufeff" + text, media_type="text/csv; charset=utf-8", headers=headers)

    app.add_api_route(REPORT, report, include_in_schema=False)
