"""What a buyer's need means for the choice of a car: «для семьи», «первая машина», "for the city".

The needs stand in `assets/advice.toml`; each is a wish of a search, so that what is advised can be computed.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from chains.text import normalise
from stores.cars import CarFilter, Order
from stores.lexicon import fold

_PATH = Path(__file__).parents[1] / "assets" / "advice.toml"
_ASKS = re.compile(
    r"посовет\w*|порекоменд\w*|\bрекоменд\w*|подбер\w*|подбор\w*|подобра\w*|подойд\w*|подход\w*"
    r"|\bвыб(р|ер|ир)\w*|\bвзять\b|нуж(ен|на|но|ны)\b|\bхоч\w*|\bищ\w+|\bприсматрив\w*|\bпокупа\w*|\bкупить\b"
    r"|\bчто (есть|у вас|можно|предлож\w*)|\bесть\b|\bкак(ая|ую|ой|ие|ое)\b|\bвариант\w*|\bмашин\w*|\bавто\w*|\bтачк\w*"
    r"|\bмодел\w*|recommend|suggest|advi[cs]e|\bneed\b|\blooking\b|\bwhich\b|\bwhat\b|\bbest\b|\bwant\b|\bcars?\b"
    r"|\bshow\b|^(а |и |and )?(для|на|for|as) "
)
_OPEN = re.compile(
    r"посовет\w*|порекоменд\w*|что (вы )?рекоменд\w*|подбер\w*"
    r"|помо(ги|жете|гите|чь)\w* (мне )?(с )?(выб\w*|подоб\w*|подбор\w*)"
    r"|не знаю\W* (что|какую|какой) (мне )?(выбрать|взять|купить)|что (мне )?(лучше )?(выбрать|взять|купить)"
    r"|recommend|suggest|advise|help me (to )?(choose|pick|find)"
)


@dataclass(frozen=True)
class Need:
    """A buyer's need by name, the `wish` that it means as fields of a `CarFilter`, and how to sort."""

    title: Mapping[str, str]
    patterns: tuple[re.Pattern[str], ...]
    wish: CarFilter
    order: Order | None


@lru_cache(maxsize=4)
def load_needs(path: Path = _PATH) -> tuple[Need, ...]:
    """Read the needs.

    Raises:
        FileNotFoundError, tomllib.TOMLDecodeError, re.error, pydantic.ValidationError: the installation is broken.
    """
    entries = tomllib.loads(path.read_text(encoding="utf-8"))["need"]
    return tuple(
        Need(
            title=entry["title"],
            patterns=tuple(re.compile(text) for text in entry["patterns"]),
            wish=CarFilter.model_validate(entry["wish"]),
            order=entry.get("order"),
        )
        for entry in entries
    )


@lru_cache(maxsize=1024)
def needs_in(message: str) -> tuple[Need, ...]:
    """The needs that a message names while it asks for a car; none for other messages."""
    line = fold(normalise(message))
    if not _ASKS.search(line) and len(line.split()) > _SHORT:
        return ()
    return tuple(need for need in load_needs() if any(pattern.search(line) for pattern in need.patterns))


_SHORT = 4


def asks_for_advice(message: str) -> bool:
    """«что посоветуете?», «помогите выбрать»: a choice is left to the salon."""
    return bool(_OPEN.search(fold(normalise(message))))


def joined(needs: tuple[Need, ...]) -> CarFilter:
    """One wish that meets several needs: bodies that suit all of them (the first one's, should none), the narrower
    range of each figure."""
    fields: dict[str, object] = {}
    for need in needs:
        for name, value in need.wish.model_dump(exclude_defaults=True).items():
            if name not in fields:
                fields[name] = value
            elif isinstance(value, tuple):
                known = fields[name]
                assert isinstance(known, tuple)  # noqa: S101  the same field of the same model
                fields[name] = tuple(one for one in known if one in value) or known
            else:
                fields[name] = (max if name.endswith("_min") else min)(fields[name], value)
    return CarFilter.model_validate(fields)
