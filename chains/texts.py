"""The assistant's own sentences, from `assets/texts/answers.<language>.toml`, and how figures are written in them."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path

from chains.reply import Language
from chains.text import plural

_CURRENCIES = {"RUB": "₽", "USD": "$", "EUR": "€", "KZT": "₸", "BYN": "Br"}
_WEEKDAYS = {
    "ru": ("понедельник", "вторник", "среда", "четверг", "пятница", "суббота", "воскресенье"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
_ON_WEEKDAY = {
    "ru": ("в понедельник", "во вторник", "в среду", "в четверг", "в пятницу", "в субботу", "в воскресенье"),
    "en": ("on Monday", "on Tuesday", "on Wednesday", "on Thursday", "on Friday", "on Saturday", "on Sunday"),
}
_MONTHS = {
    "ru": (
        "января",
        "февраля",
        "марта",
        "апреля",
        "мая",
        "июня",
        "июля",
        "августа",
        "сентября",
        "октября",
        "ноября",
        "декабря",
    ),
    "en": (
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ),
}


@dataclass(frozen=True)
class Texts:
    """Sentences in one language. `say("inventory.none", wish="")` fills one in; an unknown key raises KeyError."""

    language: Language
    sentences: Mapping[str, Mapping[str, str]]
    currency: str

    def say(self, key: str, **values: object) -> str:
        """The sentence `section.name` with its {names} filled in."""
        section, _, name = key.partition(".")
        return self.sentences[section][name].format(**values)

    def money(self, amount: float) -> str:
        """`5490000` → «5 490 000 ₽», with plain spaces, as the contract writes it."""
        return f"{self.number(round(amount))} {_CURRENCIES.get(self.currency, self.currency)}"

    def number(self, value: float) -> str:
        """A number with a thousands space; a fraction, if any, with the language's decimal mark."""
        if value == int(value):
            return f"{int(value):,}".replace(",", " ")
        text = f"{value:g}"
        return text.replace(".", ",") if self.language == "ru" else text

    def cars(self, count: int) -> str:
        """«7 автомобилей», "1 car"."""
        if self.language == "ru":
            return f"{self.number(count)} {plural(count, 'автомобиль', 'автомобиля', 'автомобилей')}"
        return f"{self.number(count)} {'car' if count == 1 else 'cars'}"

    def years(self, count: int) -> str:
        """«2 лет» after «от» (genitive), "2 years"."""
        if self.language == "ru":
            return f"{count} {plural(count, 'года', 'лет', 'лет')}"
        return f"{count} {'year' if count == 1 else 'years'}"

    def weekday(self, index: int) -> str:
        """The name of a weekday, Monday being 0."""
        return _WEEKDAYS[self.language][index]

    def on_day(self, day: date, today: date) -> str:
        """«сегодня», «завтра», «в воскресенье», or the date when it is more than a week away."""
        distance = (day - today).days
        if distance == 0:
            return "сегодня" if self.language == "ru" else "today"
        if distance == 1:
            return "завтра" if self.language == "ru" else "tomorrow"
        if 1 < distance < 7:
            return _ON_WEEKDAY[self.language][day.weekday()]
        return self.date(day)

    def date(self, day: date) -> str:
        """«31 декабря», "31 December"."""
        return f"{day.day} {_MONTHS[self.language][day.month - 1]}"

    def moment(self, at: datetime, now: datetime) -> str:
        """An opening: «завтра в 09:00»."""
        return f"{self.on_day(at.date(), now.date())} {'в' if self.language == 'ru' else 'at'} {self.clock(at.time())}"

    @staticmethod
    def clock(at: time) -> str:
        """`09:00`."""
        return f"{at:%H:%M}"


def load_texts(assets: Path, language: Language, currency: str) -> Texts:
    """Read the sentences of one language.

    Raises:
        FileNotFoundError, tomllib.TOMLDecodeError: the installation is broken.
    """
    path = assets / "texts" / f"answers.{language}.toml"
    return Texts(language, tomllib.loads(path.read_text(encoding="utf-8")), currency)
