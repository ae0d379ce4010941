"""What a message about cars wants beyond a search: a comparison, one field of a car, a link, the next page, a figure.

«сравни первый и второй», «у какой меньше пробег?», «какого она цвета?», «дай ссылку», «отсортируй по пробегу»,
«забудь про цвет», «какие цвета есть у GLC?», «сколько машин каждого класса?». Pure: text in, meaning out; what it
is to be applied to (the cars shown, the last query) is decided in `chains.followup` and `chains.answers`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from chains import car_words as said
from chains.car_words import CarField, Statistic
from chains.numerals import words_of
from chains.text import normalise
from stores.cars import NumberField, Order
from stores.lexicon import fold


@dataclass(frozen=True)
class CarTalk:
    """What one message says beyond the constraints of a search; empty or None where it says nothing of the kind.

    `ordinals` are indices into the cars shown (-1 the last), `first` the number of cars in «первые две»; `points`
    tells of «она», "it", `them` of «они», "them"; `order` is what a comparison or «самая…» goes by, `best_of_many`
    that several are wanted («самые новые»); `dropped` names wishes to let go (`colors`, `price`, `names`, or `all`);
    `group` what cars are to be counted by.
    """

    line: str
    words: int
    ordinals: tuple[int, ...] = ()
    first: int | None = None
    points: bool = False
    of_another: bool = False
    compare: bool = False
    asks_to_compare: bool = False
    among: bool = False
    which: bool = False
    order: Order | None = None
    superlative: bool = False
    sort: Order | None = None
    field: CarField | None = None
    fields: tuple[CarField, ...] = ()
    excludes: bool = False
    dropped: tuple[str, ...] = ()
    show_all: bool = False
    more: bool = False
    counts: bool = False
    them: bool = False
    back: bool = False
    best_of_many: bool = False
    corrects: bool = False
    adds: bool = False
    relative: str | None = None
    starts_anew: bool = False
    takes: bool = False
    group: str | None = None
    statistic: Statistic | None = None
    number: NumberField | None = None

    @property
    def points_at_shown(self) -> bool:
        """The message speaks of cars that the visitor has before their eyes."""
        return bool(self.ordinals or self.first or self.points or self.among)


@lru_cache(maxsize=1024)
def read_talk(message: str) -> CarTalk:
    """Read one message; never fails."""
    line = _line(message)
    compare = bool(said.COMPARE.search(line))
    words = len(words_of(message))
    unlimited = said.LIMIT.sub(" ", line)
    order = next((order for order, pattern in said.ORDERS if pattern.search(unlimited)), None)
    asking = _asked(line) or _listed(message)
    if _ADDRESS.search(message):
        asking = tuple(name for name in asking if name != "link")  # who sends an address asks for none
    field = _field(line, words, asking)
    mean, spread = bool(said.MEAN.search(line)), bool(said.RANGE.search(line))
    return CarTalk(
        line=line,
        words=words,
        ordinals=_ordinals(line, compare=compare, words=words),
        first=_first_some(line),
        points=bool(said.POINTER.search(line)),
        of_another=bool(said.ABOUT_ANOTHER.search(line)),
        compare=compare,
        asks_to_compare=bool(said.STRICT_COMPARE.search(line)),
        among=bool(said.AMONG.search(line)),
        which=bool(said.WHICH.search(line)),
        order=order,
        superlative=bool(said.SUPERLATIVE.search(line)),
        sort=_sort(line, words),
        field=field,
        fields=asking if field else (),
        excludes=bool(re.match(r"(а |и |теперь |тогда )*(убери|убрать|исключи\w*|remove|exclude)\b", line)),
        dropped=_dropped(line),
        show_all=bool(said.SHOW_ALL.search(line)),
        more=bool(said.MORE.search(line)) and not said.ONLY_SHOW.fullmatch(line),
        counts=bool(said.COUNT_SHOWN.search(line) and (said.OF_THESE.search(line) or words == 1)),
        them=bool(said.THEM.search(line)),
        back=bool(said.BACK.search(line)),
        best_of_many=bool(re.search(r"\bсамые \w+|\bsome of the (most|cheapest|newest)", line)),
        corrects=bool(said.CORRECTION.search(line)),
        adds=bool(said.ADDS.search(line)),
        relative=_relative(line),
        starts_anew=bool(said.STARTS_ANEW.search(line)),
        takes=bool(said.TAKES.search(line)),
        group=None if said.ORDINAL.search(line) else _group(line),
        statistic="range" if spread else "mean" if mean else None,
        number=_number(line) if mean or spread else None,
    )  # fmt: skip


def _asked(line: str) -> tuple[CarField, ...]:
    return tuple(name for name, pattern in said.ASKING if pattern.search(line))


_PARTED = re.compile(r",|;|\s(?:и|and)\s", re.IGNORECASE)
_MOST_PARTS = 5


def _listed(message: str) -> tuple[CarField, ...]:
    """«мощность и кол-во мест?», «цвет, пробег?»: nothing but names of fields."""
    parts = [_line(part) for part in _PARTED.split(message)]
    if not 1 < len(parts) <= _MOST_PARTS:
        return ()
    found = [_asked(re.sub(r"^(?:количество|число|сколько|number of) ", "", part)) for part in parts]
    return tuple(names[0] for names in found) if all(found) else ()


def _line(message: str) -> str:
    """A message as the patterns see it."""
    line = re.sub(r"[^\w\s№#.,+-]", " ", fold(normalise(message))).replace("кол-во", "количество")
    return " ".join(line.replace(",", " ").split()).strip(" .-")


_ADDRESS = re.compile(r"https?://|\bwww\.", re.IGNORECASE)


def _field(line: str, words: int, asking: Sequence[CarField]) -> CarField | None:
    """The one field that is asked for; «цвет салона» is that of the interior."""
    found = next(iter(asking), None)
    if found in {None, "status"}:
        points = said.POINTER.search(line) and words <= said.STATUS_WORDS
        return "status" if points and said.STATUS.search(line) else None
    return found


def _number(line: str) -> NumberField:
    """Which number an average or a range is of; the price where none is named."""
    named = (
        name for name, pattern in said.FIELD_PATTERNS if name in said.NUMBER_FIELDS and pattern.search(line)
    )
    return said.NUMBER_FIELDS[next(named, "price")]


def _ordinals(line: str, *, compare: bool, words: int) -> tuple[int, ...]:
    found: dict[int, None] = {}
    for match in said.ORDINAL.finditer(line):
        stem = match[1] or match[2]
        found.setdefault(said.ORDINALS[stem])
    for match in said.NUMBERED.finditer(line):
        found.setdefault(int(match[1]) - 1)
    # A bare number points at a line of the list only where nothing else can be meant by it.
    if not found and (compare or re.fullmatch(r"(а |и |про |давай |покажи )*\d{1,2}(-?\w{1,2})?", line)):
        numbers = [int(match[1]) - 1 for match in said.BARE_NUMBERS.finditer(line)]
        if not compare or re.search(rf"\b\d{{1,2}}{_SUFFIX} (и|с|vs|and|with) \d{{1,2}}{_SUFFIX}$", line):
            found.update(dict.fromkeys(numbers))
    return tuple(index for index in found if index >= -1)


_SUFFIX = r"(?:-?(?:й|я|ю|ю|ая|ый|ой|ую|ю|st|nd|rd|th))?"


def _first_some(line: str) -> int | None:
    match = said.FIRST_SOME.search(line)
    if match is None:
        return None
    return said.SMALL.get(match[1]) or int(match[1])


def _sort(line: str, words: int) -> Order | None:
    wanted = next((order for order, pattern in said.SORTS if pattern.search(line)), None)
    if wanted is None:
        return None
    plain = re.fullmatch(r"(а |и |теперь |давай |лучше |можно )*(по|by) \w+", line)
    first = re.search(r"сначала|сперва|first\b|от \w+ к |начи|первыми|возрастан|убыван", line)
    if not (said.SORT.search(line) or plain or (first and words <= said.SORT_WORDS)):
        return None
    if re.search(r"убыван|наоборот|descend", line) and not wanted.startswith("-"):
        return f"-{wanted}"  # type: ignore[return-value]  # every such order is a literal of Order
    if wanted in {"-power", "-seats"} and re.search(r"по возраст|ascend", line):
        return "power" if wanted == "-power" else "seats"
    return wanted


def _relative(line: str) -> str | None:
    """«пробег поменьше», «ещё подешевле», «дорого»: compared with what was shown."""
    if said.LESS_MILEAGE.search(line) and not said.WHICH.search(line):
        return "less_mileage"
    return next((name for name, pattern in said.RELATIVES if pattern.search(line)), None)


def _dropped(line: str) -> tuple[str, ...]:
    if said.ALL_WISHES.search(line):
        return ("all",)
    if not said.LETTING_GO.search(line):
        return ()
    return tuple(name for name, pattern in said.WISH_PATTERNS if pattern.search(line))


_SHORT_LINE = 9


def _group(line: str) -> str | None:
    """«какие цвета есть», «сколько каждого класса»: what the cars are to be counted by."""
    each = said.EACH.search(line) and re.search(
        r"сколько|количеств|how many|число|посчит|наличи|разбивк|count|^(а |и )?(по|by) \w+$", line
    )
    if not each and not (
        said.WHICH_ONES.search(line) and (said.STOCKED.search(line) or len(line.split()) <= 5)
    ):
        return None
    start = (said.EACH if each else said.WHICH_ONES).search(line)
    whole = line if len(line.split()) <= _SHORT_LINE else ""
    for part in (line[start.start() :] if start else "", whole):  # «какие цвета», «цвета какие»
        found = [(match.start(), name) for name, pattern in said.GROUPS if (match := pattern.search(part))]
        if found:
            return min(found)[1]
    return None
