"""What the page shows as HTML: bubbles, cars, sources. Every value goes through a template that escapes it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markdown_it import MarkdownIt
from markupsafe import Markup

from chains.reply import Source
from stores.inventory import Car, Inventory
from stores.lexicon import Field, Lexicon
from ui.pages.conversation import MAX_CHARS, Bubble, Conversation
from ui.pages.texts import Texts

NBSP = "\u00a0"
_NUMBER_GAP = re.compile(r"(?<=\d) (?=\d{3}(?!\d)|[₽$€₸%])")
CURRENCY_SIGNS = {"RUB": "₽", "EUR": "€", "USD": "$"}
_ITEM = re.compile(r"\s*(?:[-*+]|\d{1,3}[.)])\s")
SILHOUETTES = {
    "sedan": "sedan",
    "liftback": "sedan",
    "coupe": "coupe",
    "cabriolet": "cabriolet",
    "roadster": "cabriolet",
    "suv": "suv",
    "pickup": "suv",
    "estate": "estate",
    "hatchback": "estate",
    "van": "van",
    "minivan": "van",
}


def templates() -> Environment:
    """The page templates; a value is escaped unless it is Markup, an unknown name is an error."""
    return Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def markdown_reader() -> MarkdownIt:
    """Paragraphs, lists and emphasis only: no HTML, no links and no pictures, whoever wrote the text."""
    return MarkdownIt("zero", {"html": False, "breaks": True}).enable(
        ["list", "emphasis", "newline", "escape"]
    )


def safe_url(url: str | None) -> str | None:
    """A web address that may be linked to (http, https, or a path of this site), else None."""
    if not url:
        return None
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return None
    if parts.scheme in ("http", "https") and parts.netloc:
        return url.strip()
    own_path = not parts.scheme and not parts.netloc and parts.path.startswith("/") and "\\" not in parts.path
    return url.strip() if own_path else None


def thousands(value: int) -> str:
    """5490000 → «5 490 000», with spaces that do not break."""
    return f"{value:,}".replace(",", NBSP)


def unbroken(text: str) -> str:
    """The text with numbers and their currency kept on one line: «5 490 000 ₽» never parts at a line's end."""
    return _NUMBER_GAP.sub(NBSP, text)


def lists_apart(text: str) -> str:
    """The text with an empty line after each list: Markdown would take what follows for more of its last item."""
    lines: list[str] = []
    for line in text.split("\n"):
        if line.strip() and lines and _ITEM.match(lines[-1]) and not _ITEM.match(line):
            lines.append("")
        lines.append(line)
    return "\n".join(lines)


class CarCard(NamedTuple):
    """A car as the visitor sees it; `silhouette` and `paint` pick the drawing and its colour."""

    title: str
    price: str
    details: tuple[str, ...]
    status: str | None
    url: str | None
    silhouette: str
    paint: str


def without_cars(text: str, cards: Sequence[CarCard]) -> str:
    """The text less a list of the very cars that are shown as cards; any other list stays.

    Such a list has one item for each card, in their order, that begins with its model.
    """
    lines = text.split("\n")
    items = [number for number, line in enumerate(lines) if _ITEM.match(line)]
    named = [_ITEM.sub("", lines[number]) for number in items]
    if len(cards) < 2 or len(items) != len(cards):
        return text
    if not all(name.startswith(card.title) for name, card in zip(named, cards, strict=True)):
        return text
    return "\n".join(line for number, line in enumerate(lines) if number not in items)


class Chip(NamedTuple):
    """A source of an answer: `kind` picks its sign."""

    kind: str
    text: str
    url: str | None


@dataclass(frozen=True)
class Cards:
    """Cars and sources in the words of one language. `cars` come from the stock in force when they are shown."""

    texts: Texts
    inventory: Inventory
    lexicon: Lexicon
    currency: str
    zone: ZoneInfo

    def cars(self, ids: Sequence[str]) -> list[CarCard]:
        """The cards of these cars, in that order; a car that has left the stock meanwhile has none."""
        return [self.card(car) for car in self.inventory.get(list(ids))] if ids else []

    def card(self, car: Car) -> CarCard:
        """One car's card."""
        mileage = (
            self.texts("cars.new")
            if car.is_new
            else self.texts("cars.mileage", km=thousands(car.mileage_km or 0))
        )
        details = (
            self.texts("cars.year", year=car.year) if car.year else None,
            self._title("color", car.color_code, car.color),
            mileage,
            self.texts("cars.horsepower", power=round(car.power_hp)) if car.power_hp else None,
            self._title("fuel", car.fuel_code, car.fuel),
            self._title("drive", car.drive_code, car.drive),
        )
        return CarCard(
            title=car.model,
            price=f"{thousands(car.price)}{NBSP}{CURRENCY_SIGNS.get(self.currency, self.currency)}",
            details=tuple(detail for detail in details if detail),
            status=None if car.status == "available" else self._status(car.status),
            url=safe_url(car.url),
            silhouette=SILHOUETTES.get(car.body_code or "", "sedan"),
            paint=car.color_code or "" if self.lexicon.knows("color", car.color_code) else "unknown",
        )

    def chips(self, sources: Sequence[Source]) -> list[Chip]:
        """The sources of an answer: one chip for the stock as a whole, with its time; the others one each."""
        chips: list[Chip] = []
        if any(source.kind == "inventory" for source in sources):
            refreshed: datetime | None = self.inventory.status().refreshed_at
            if refreshed is not None:
                when = self.texts.stamp(refreshed, zone=self.zone)
                chips.append(Chip("inventory", self.texts("sources.inventory", when=when), None))
        for source in sources:
            if source.kind != "inventory":
                text = self.texts(f"sources.{source.kind}", title=source.title)
                chips.append(Chip(source.kind, text, safe_url(source.url)))
        return list(dict.fromkeys(chips))

    def _title(self, field: Field, code: str | None, raw: str | None) -> str | None:
        if code is None or not self.lexicon.knows(field, code):
            return raw
        return self.lexicon.title(field, code, self.texts.language)

    def _status(self, status: str) -> str:
        known = ("available", "reserved", "in_transit", "sold")
        return self.texts(f"cars.{status}") if status in known else status


@dataclass(frozen=True)
class LogView:
    """The dialog as HTML. A finished bubble is drawn once, so a long dialog costs the stock no further query."""

    texts: Texts
    cards: Cards
    environment: Environment
    markdown: MarkdownIt

    def html(self, talk: Conversation) -> str:
        """The whole log, with the dots while an answer is on its way."""
        return self.environment.get_template("log.html").render(
            t=self.texts,
            greeting=unbroken(talk.greeting),
            bubbles=[self._bubble(bubble) for bubble in talk.bubbles],
            typing=talk.waiting,
        )

    def _bubble(self, bubble: Bubble) -> Markup:
        if bubble.drawn is not None:
            return Markup(bubble.drawn)  # noqa: S704 - what this very method made
        template = self.environment.get_template("bubble.html")
        if bubble.author == "visitor":
            drawn = template.render(t=self.texts, author="visitor", text=bubble.text)
        else:
            drawn = template.render(t=self.texts, author="assistant", **self._answer(bubble))
        if bubble.finished:
            bubble.drawn = drawn
        return Markup(drawn)  # noqa: S704 - from a template that escapes

    def _answer(self, bubble: Bubble) -> dict[str, object]:
        reply = bubble.reply
        cars = self.cards.cars(reply.cars) if reply else []
        return {
            "html": Markup(self.markdown.render(lists_apart(unbroken(without_cars(bubble.text, cars))))),  # noqa: S704 - the reader lets no HTML through
            "notice": bubble.notice,
            "trouble": self.texts(f"chat.{bubble.trouble}", limit=MAX_CHARS) if bubble.trouble else None,
            "blocked": bool(reply and reply.blocked),
            "cars": cars,
            "more": self.texts("cars.count", shown=len(cars), total=reply.cars_total)
            if reply and cars and reply.cars_total > len(cars)
            else None,
            "chips": self.cards.chips(reply.sources) if reply else [],
        }
