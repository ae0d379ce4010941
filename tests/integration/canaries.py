"""Made-up personal data that can be recognised wherever it comes out: each kind has a mark of its own.

Every canary is unique and valid (check digits, existing codes), so that what takes it for the real thing is the same
code that takes real data. The numbers belong to nobody: 555 is a code that no Russian exchange has.
"""

import re
from collections.abc import Callable
from itertools import cycle
from typing import NamedTuple

_SURNAMES = (
    "Канарейкин Перепёлкин Соловейчиков Дроздовский Снегирёв Скворцов Журавлёв Ястребов Чижиков Грачёв Синицын "
    "Воробьёв Лебедев Кукушкин Галкин Сорокин Филинов Коршунов Селезнёв Гусев"
).split()
_FIRST = (
    "Пётр Иван Сергей Дмитрий Алексей Андрей Николай Михаил Виктор Евгений Олег Игорь Антон Павел".split()
)
_DIGITS = "ноль один два три четыре пять шесть семь восемь девять".split()
_VIN_VALUES = {
    **{str(digit): digit for digit in range(10)},
    **dict(zip("ABCDEFGH", range(1, 9), strict=True)),
    **dict(zip("JKLMN", range(1, 6), strict=True)),
    **{"P": 7, "R": 9},
    **dict(zip("STUVWXYZ", range(2, 10), strict=True)),
}
_VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_GAP = r"[\s().\-]{0,3}"
_PLATE = "АВЕКМНОРСТУХ"


class Canary(NamedTuple):
    """What a visitor writes, and which kind it is."""

    kind: str
    text: str


def phone(number: int) -> str:
    """+7 900 555-dd-dd in one of many spellings; every ten thousandth is the same number again."""
    last = f"{number % 10_000:04d}"
    a, b = last[:2], last[2:]
    spellings = (
        f"+7 900 555-{a}-{b}",
        f"8 900 555 {a} {b}",
        f"8(900)555-{a}-{b}",
        f"+7900555{last}",
        f"8900555{last}",
        f"900 555-{a}-{b}",
        f"+7 (900) 555 {a} {b}",
        f"7-900-555-{a}-{b}",
        f"8.900.555.{a}.{b}",
    )
    return spellings[number % len(spellings)]


def spelt_phone(number: int) -> str:
    """A number in words, digit by digit."""
    return " ".join(_DIGITS[int(digit)] for digit in f"8900555{number % 10_000:04d}")


def email(number: int) -> str:
    """An address, in some cases with the sign in words."""
    if number % 4 == 0:
        return f"kanareika{number} собака mail точка ru"
    return f"kanareika{number}@{('mail.ru', 'yandex.ru', 'gmail.com')[number % 3]}"


def card(number: int) -> str:
    """Sixteen digits with the right check digit (Luhn)."""
    body = f"427655{number % 10**9:09d}"
    doubled = (
        sum(divmod(2 * int(digit), 10)) if place % 2 == 0 else int(digit) for place, digit in enumerate(body)
    )
    digits = body + str(-sum(doubled) % 10)
    return digits if number % 2 else " ".join(digits[start : start + 4] for start in range(0, 16, 4))


def snils(number: int) -> str:
    """Nine digits and two check digits."""
    body = f"155{number % 10**6:06d}"
    check = sum(int(digit) * weight for digit, weight in zip(body, range(9, 0, -1), strict=True)) % 101 % 100
    return f"{body[:3]}-{body[3:6]}-{body[6:]} {check:02d}"


def inn(number: int) -> str:
    """Twelve digits, the last two computed."""
    body = f"7755{number % 10**6:06d}"
    for weights in ((7, 2, 4, 10, 3, 5, 9, 4, 6, 8), (3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8)):
        body += str(sum(int(digit) * weight for digit, weight in zip(body, weights, strict=True)) % 11 % 10)
    return body


def vin(number: int) -> str:
    """Seventeen signs with the right check digit (ISO 3779, position 9)."""
    body = f"XW8CNRY5_{'ABCDEFGHJK'[number % 10]}G{number % 10**6:06d}"
    total = sum(
        _VIN_VALUES[sign] * weight for sign, weight in zip(body.replace("_", "0"), _VIN_WEIGHTS, strict=True)
    )
    return body.replace("_", "X" if total % 11 == 10 else str(total % 11))


def plate(number: int) -> str:
    """A Russian number plate of region 155."""
    letters = [_PLATE[number // place % len(_PLATE)] for place in (1, 12, 144)]
    return f"{letters[0]}{number % 899 + 101:03d}{letters[1]}{letters[2]}155"


def name(number: int) -> str:
    """A first name with a surname, of both orders."""
    first, surname = _FIRST[number % len(_FIRST)], _SURNAMES[number // 3 % len(_SURNAMES)]
    return f"{first} {surname}" if number % 2 else f"{surname} {first}"


_MAKERS: dict[str, tuple[Callable[[int], str], tuple[str, ...]]] = {
    "PHONE": (
        phone,
        (
            "мой телефон {}",
            "перезвоните мне на {}",
            "Запишите {}, звоните в любое время",
            "my phone is {}, call me",
            "есть ли гелик? мой номер {}",
            "{}",
        ),
    ),
    "PHONE in words": (spelt_phone, ("мой номер {}", "звоните: {}")),
    "EMAIL": (
        email,
        ("пришлите брошюру на {}", "моя почта {}", "my e-mail is {}", "есть C 180? ответ на {}"),
    ),
    "CARD": (card, ("оплачу картой {}", "Номер карты: {}", "мой номер карты {} подойдёт?", "my card is {}")),
    "SNILS": (snils, ("мой СНИЛС {}", "СНИЛС: {}, хочу кредит")),
    "INN": (inn, ("мой ИНН {}", "ИНН {} для договора")),
    "PASSPORT": (
        lambda number: f"45 55 {number % 10**6:06d}",
        ("паспорт {}", "мой паспорт серия и номер {}", "Паспорт: {}, что ещё нужно для тест-драйва?"),
    ),
    "VIN_CLIENT": (vin, ("сдам в трейд-ин свою машину, VIN {}", "вин моей машины {}", "my car's VIN is {}")),
    "PLATE": (plate, ("моя машина {}, возьмёте в трейд-ин?", "госномер {}", "гос номер моей машины {}")),
    "ADDRESS": (
        lambda number: f"ул. Канареечная, д. {number % 90 + 5}, кв. {number % 200 + 1}",
        ("мой адрес: {}", "живу на {}", "привезите машину на {}"),
    ),
    "BIRTHDATE": (
        lambda number: f"{number % 28 + 1:02d}.{number % 12 + 1:02d}.19{31 + number % 9}",
        ("дата рождения {}", "родился {}", "я {} года рождения"),
    ),
    "PERSON": (
        name,
        (
            "меня зовут {}",
            "Здравствуйте, я {}",
            "Запишите на тест-драйв: {}",
            "с вами говорит {}",
            "{}, хочу C 180",
        ),
    ),
}
KINDS = tuple(_MAKERS)

MARKS: dict[str, re.Pattern[str]] = {
    "PHONE": re.compile(rf"900{_GAP}555{_GAP}\d\d{_GAP}\d\d"),
    "PHONE in words": re.compile(r"девять ноль ноль пять пять пять", re.IGNORECASE),
    "EMAIL": re.compile(r"kanareika", re.IGNORECASE),
    "CARD": re.compile(r"4276[ -]?55\d\d[ -]?\d{4}[ -]?\d{4}"),
    "SNILS": re.compile(r"(?<!\d)155-?\d{3}-?\d{3}[ -]?\d\d(?!\d)"),
    "INN": re.compile(r"(?<!\d)7755\d{8}(?!\d)"),
    "PASSPORT": re.compile(r"(?<![\d.])45 ?55 ?\d{6}(?!\d)"),  # a dot before: the fraction of a time
    "VIN_CLIENT": re.compile(r"XW8CNRY5", re.IGNORECASE),
    "PLATE": re.compile(rf"[{_PLATE}]\d{{3}}[{_PLATE}]{{2}}155", re.IGNORECASE),
    "ADDRESS": re.compile(r"канареечн", re.IGNORECASE),
    "BIRTHDATE": re.compile(r"\d\d\.\d\d\.193\d"),
    "PERSON": re.compile("|".join(re.escape(surname) for surname in _SURNAMES), re.IGNORECASE),
}
"""How a canary of a kind is recognised, in whichever text."""
_ID = re.compile(r"[0-9a-f]{32}")
"""What rows are called: among tens of thousands, some hold the digits of a canary by chance."""


def flock() -> "cycle[str]":
    """The kinds, again and again."""
    return cycle(KINDS)


def canary(kind: str, number: int) -> Canary:
    """The message of a kind with a number."""
    make, carriers = _MAKERS[kind]
    return Canary(kind, carriers[number % len(carriers)].format(make(number)))


def found_in(text: str) -> dict[str, str]:
    """The kinds of canary that a text holds, each with an example and what stands around it."""
    text = _ID.sub(" ", text)
    return {
        kind: text[max(0, match.start() - 60) : match.end() + 30]
        for kind, mark in MARKS.items()
        if (match := mark.search(text))
    }
