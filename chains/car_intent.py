"""Messages that only the dialog about cars explains: «номер 4», «а по цене?», «ссылка?», «а на 5 лет?».

The router judges a message by itself; here it is seen beside the list before the visitor's eyes.
"""

import re
from collections.abc import Mapping
from typing import Literal

from chains.advice import asks_for_advice, needs_in
from chains.answers.loan_terms import read_loan_terms
from chains.bare import bare_amount, group_of_last
from chains.car_talk import CarTalk, read_talk
from chains.followup import CarDialog
from chains.query import Reading
from stores.lexicon import fold, latin_lookalikes

# A Latin capital anywhere, but for the English words A and I; a Cyrillic one, which may be a preposition, at the end.
_LONE_LETTER = re.compile(r"(?<![\w-])(?:([B-HJ-Z]|A(?= ?(?:\W*$|есть)))(?![\w-])|([А-Я])\W*$)")
_A_MONTH = re.compile(r"\bмес\w*|ежемесячн|month")

Override = Literal["inventory", "credit", "unknown"]

_MAY_BE_ABOUT_CARS = {"inventory", "legend", "wiki", "unknown", "off_topic", "hours", "contacts", "smalltalk"}
_BRIEF, _SHORT, _MEDIUM = 4, 6, 9
_BY_FIGURES = re.compile(
    r"(?<!не )\b(по|в) (цен\w*|стоимост\w*|деньгам|мощност\w*|силам|пробег\w*|годам)"
    r"|\b(in|by) (price|cost|power|mileage)\b"
)
_PRICE = re.compile(r"\bцен\w*|сто(ит|ят|имость)|\bpric\w+|\bcost")
_OF_THE_SALON = re.compile(r"\bу вас\b|\bваш\w*|адрес|работа\w*|\byour\b|\bсервис\w*|гаранти\w*")
_PERSON = re.compile(
    r"\b(кто|как зовут|как звали|кого зовут|имя|фамили\w+|контакт\w*|телефон)\b.{0,30}"
    r"\b(владел\w+|хозя\w+|собственник\w*)"
    r"|\bwho (was|is|were|owned)\b.{0,30}\bown|\b(name|phone|contact)\w* of the .{0,15}owner|owner s (name|phone)"
)
"""A person who owned a car: nothing that a show-case tells."""
_PAYMENT = re.compile(r"\b(what|how much|сколько|какой|какая).{0,25}\b(payments?|платеж\w*)")
_LOAN = re.compile(
    r"\bвзнос\w*|первоначал\w*|\bна (\S+ )?(\d+|год|полгода|полтора|два|три|четыре|пять|шесть"
    r"|семь)\b.{0,8}(лет|год|мес)|\bна год\b"
    r"|\d+ ?(%|процент)|\bсрок\w*|\bплатеж\w*|в месяц|down ?payment|\bmonths?\b|\byears?\b|\bdown\b"
    r"|\bdeposit\b|переплат\w*"
)


def reconsidered(
    message: str,
    reading: Reading,
    dialog: CarDialog | None,
    *,
    decided: str,
    follows: bool,
    asked: str | None,
) -> Override | None:
    """The intent that the dialog about cars gives a message, or None: the router's stands.

    Args:
        decided: the router's intent; what it takes for a service of the salon stays that.
        follows: the last answer was about cars or their price.
        asked: the intent of the last turn.
    """
    talk = read_talk(message)
    if decided not in _MAY_BE_ABOUT_CARS:
        return None
    if _PERSON.search(talk.line) and reading.names_a_car:
        return "unknown"
    if decided in {"inventory", "unknown"} and _PAYMENT.search(talk.line) and _LOAN.search(talk.line):
        return "credit"
    if reading.foreign and decided in {"inventory", "unknown", "off_topic", "smalltalk"}:
        return "inventory"
    if _A_MONTH.search(message.casefold()) and read_loan_terms(message).monthly is not None:
        return "credit"
    if asked == "credit" and _continues_loan(message, reading, talk, dialog):
        return "credit"
    if dialog is not None and (
        _certainly(reading, talk, dialog) or (follows and _after_cars(reading, talk, dialog))
    ):
        return "inventory"
    if needs_in(message) and (decided != "inventory" or asks_for_advice(message)):
        return None if _OF_THE_SALON.search(talk.line) else "inventory"
    if asks_for_advice(message) and decided in {"unknown", "off_topic", "legend", "smalltalk"}:
        brief = talk.words <= _SHORT and decided != "off_topic"  # «посоветуй фильм» asks for no car
        known = reading.phrasing.any_car or reading.has_constraints or brief
        return "inventory" if known else None
    return "inventory" if _about_stock(reading, talk, decided) else None


def _continues_loan(message: str, reading: Reading, talk: CarTalk, dialog: CarDialog | None) -> bool:
    """«а на 5 лет?», «а если взнос 30 %?», «а за вторую?» after the payments for a car."""
    if dialog is not None and dialog.loan and dialog.loan.wants_subject and talk.words <= _SHORT:
        named = reading.names_a_car or any(one.kind == "price" for one in reading.quantities)
        if (named or talk.ordinals) and reading.phrasing.ask is None:
            return True
    if talk.words > _MEDIUM or reading.phrasing.ask in {"count", "availability", "details"}:
        return False
    if _LOAN.search(message.casefold()):
        return True
    short = talk.words <= _SHORT - 2 and reading.phrasing.follow_up
    return short and bool(talk.ordinals or reading.names_a_car) and not reading.phrasing.condition


def _certainly(reading: Reading, talk: CarTalk, dialog: CarDialog) -> bool:
    """What means nothing but the list, however long ago it was shown."""
    if reading.names_a_car:
        return bool(talk.asks_to_compare and talk.points_at_shown)
    if talk.sort or talk.more or talk.show_all or (talk.dropped and talk.words <= _SHORT):
        return True
    if talk.counts and re.search(r"\b(их|таких|подходящих|of them|such)\b", talk.line):
        return True
    if talk.among and (talk.order or talk.compare or talk.field):
        return True
    if len(talk.ordinals) > 1 or talk.first or (talk.asks_to_compare and talk.words <= _SHORT):
        return bool(dialog.shown) and talk.words <= _MEDIUM
    if talk.ordinals and talk.words <= _SHORT:
        return bool(dialog.shown)
    if dialog.shown and reading.phrasing.ask == "price" and talk.words <= _BRIEF - 2:
        return True  # «сколько стоит?»
    if talk.takes and talk.points and dialog.spoken_of is not None and talk.words <= _BRIEF:
        return True  # «давай его»
    if talk.back or (talk.field and talk.points and dialog.spoken_of is not None and talk.words <= _SHORT):
        return True
    return talk.field in {"link"} and talk.words <= _SHORT


def _after_cars(reading: Reading, talk: CarTalk, dialog: CarDialog) -> bool:
    """What speaks of the cars just shown, being short and naming nothing else."""
    if talk.words > _MEDIUM or (reading.names_a_car and not talk.corrects):
        return False
    if talk.corrects and reading.has_constraints:
        return True
    if talk.field and (talk.points or talk.ordinals or not _OF_THE_SALON.search(talk.line)):
        return bool(dialog.shown) and talk.words <= _SHORT + 1
    if talk.points and reading.has_constraints:
        return True
    if talk.counts or talk.relative or talk.ordinals or talk.statistic or (talk.compare and talk.them):
        return True
    if bare_amount(talk.line, dialog.query.filter) or group_of_last(talk.line, dialog.query.filter):
        return True
    narrows = set(reading.values) - {"options"} or reading.quantities or reading.phrasing.condition
    if narrows and talk.words <= _BRIEF and not _OF_THE_SALON.search(talk.line):
        return True  # «новые только», «белый»
    comparative = talk.order is not None and talk.which and talk.words <= _SHORT
    return comparative or bool(talk.group and not talk.points and not _OF_THE_SALON.search(talk.line))


def _about_stock(reading: Reading, talk: CarTalk, decided: str) -> bool:
    """Questions that the show-case answers and that sound like others."""
    values = reading.values
    names = sum(len(values.get(name, ())) for name in ("classes", "models", "versions"))
    of_cars = bool(names or reading.phrasing.any_car or reading.values)
    if talk.asks_to_compare and names > 1:
        return True
    if "all" in talk.dropped and reading.has_constraints:
        return True
    versus = re.search(r"\b(vs|versus|против|against)\b", talk.line) and talk.words <= _SHORT + 1
    if talk.compare and names > 1 and ((versus and decided != "wiki") or _BY_FIGURES.search(talk.line)):
        return True
    if talk.compare and names > 1 and decided == "unknown":
        return True  # «чем Atlas отличается от Monjaro?», which no article tells: by what the show-case knows
    if talk.order and names > 1 and decided != "wiki":
        return True
    if talk.asks_to_compare and talk.words <= _BRIEF - 2:
        return True
    if talk.group and (of_cars or re.search(r"класс|модел|кузов|цвет|class|model|colou?r|bod", talk.line)):
        stocked = re.search(
            r"\bесть\b|наличи|продае|у вас|имеют|available|stock|have|сколько|кажд", talk.line
        )
        return decided != "inventory" and bool(stocked)
    if talk.statistic and of_cars and (talk.statistic == "mean" or _PRICE.search(talk.line) or names):
        return decided in {"hours", "unknown", "off_topic", "inventory"} or bool(_PRICE.search(talk.line))
    if talk.order and talk.superlative and reading.phrasing.any_car:
        return True
    return bool(talk.field and names and decided in {"unknown", "off_topic"})


def name_lone_letter(message: str, reading: Reading, letters: Mapping[str, str], *, follows: bool) -> None:
    """«нет, я имел в виду E», «какие модификации E есть?»: a capital that stands alone is a class where the question
    is about cars already; `letters` are the classes of one letter. Changes `reading`."""
    talk = read_talk(message)
    asks = reading.phrasing.ask is not None and talk.words <= _BRIEF  # «есть E?»
    if reading.names_a_car or talk.words > _MEDIUM or not (follows or talk.group or talk.corrects or asks):
        return
    found = _LONE_LETTER.search(message)
    name = letters.get(latin_lookalikes(fold(found[1] or found[2]))) if found else None
    if name:
        reading.values.setdefault("classes", []).append(name)
