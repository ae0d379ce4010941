"""The words of the pages: every string a visitor reads, by key and language, and how moments are written."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from chains.reply import Language

LANGUAGES: tuple[Language, ...] = ("ru", "en")


@dataclass(frozen=True)
class Texts:
    """The strings of one language; calling it gives one of them: `texts("cars.mileage", km="12 000")`."""

    language: Language
    strings: Mapping[str, Any]

    def __call__(self, key: str, **values: object) -> str:
        """The string under `section.name`, its placeholders filled in. Raises KeyError for an unknown key."""
        text = self._find(key)
        if not isinstance(text, str):
            raise KeyError(f"{key} is a list")
        return text.format(**values) if values else text

    def many(self, key: str) -> list[str]:
        """The list of strings under `section.name`. Raises KeyError for an unknown key."""
        texts = self._find(key)
        if not isinstance(texts, list):
            raise KeyError(f"{key} is no list")
        return [str(text) for text in texts]

    def _find(self, key: str) -> Any:
        section, _, name = key.partition(".")
        return self.strings[section][name]

    def moment(self, at: datetime, *, now: datetime, zone: ZoneInfo) -> str:
        """A coming moment as the salon's clock shows it: «сегодня в 10:00», «завтра в 9:00», «3 января в 11:00»."""
        local, today = at.astimezone(zone), now.astimezone(zone).date()
        time = f"{local:%H:%M}"
        if local.date() == today:
            return self("time.today", time=time)
        if local.date() == today + timedelta(days=1):
            return self("time.tomorrow", time=time)
        return self("time.day", day=local.day, month=self.many("time.months")[local.month - 1], time=time)

    def stamp(self, at: datetime, *, zone: ZoneInfo) -> str:
        """A past moment as the salon's clock shows it: «21 ноября, 09:30»."""
        local = at.astimezone(zone)
        month = self.many("time.months")[local.month - 1]
        return self("time.stamp", day=local.day, month=month, time=f"{local:%H:%M}")


def load_texts(assets: Path, language: Language) -> Texts:
    """Read `assets/texts/ui.<language>.toml`. Raises OSError or TOMLDecodeError when the file is broken."""
    return Texts(language=language, strings=_read(assets, "ui", language))


def load_staff_texts(assets: Path, language: Language) -> Texts:
    """The strings of the staff pages, `assets/texts/staff.<language>.toml`; moments are written as on all pages."""
    strings = {"time": _read(assets, "ui", language)["time"], **_read(assets, "staff", language)}
    return Texts(language=language, strings=strings)


def _read(assets: Path, name: str, language: Language) -> dict[str, Any]:
    return tomllib.loads((assets / "texts" / f"{name}.{language}.toml").read_text(encoding="utf-8"))
