"""Numbers, addresses and plates of any spelling are found where they stand, in any sentence; prices never."""

import random
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chains.privacy import TYPES, find
from chains.privacy.documents import inn_is_valid, luhn, snils_is_valid

CARRIERS = (
    "{}",
    "Здравствуйте! {} — это моё, запишите.",
    "пишу ещё раз: {}, жду ответа до вечера",
    "Хочу GLE 450 до 8 900 000 рублей, {}",
    "Hello, here it is: {} and thanks",
    "Утром буду занят\n{}\nспасибо",
)
QUICK = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
carriers = st.sampled_from(CARRIERS)
_UNITS = "ноль один два три четыре пять шесть семь восемь девять".split()
_TEENS = (
    "десять одиннадцать двенадцать тринадцать четырнадцать пятнадцать шестнадцать семнадцать восемнадцать девятнадцать"
).split()
_TENS = "_ _ двадцать тридцать сорок пятьдесят шестьдесят семьдесят восемьдесят девяносто".split()
_HUNDREDS = "_ сто двести триста четыреста пятьсот шестьсот семьсот восемьсот девятьсот".split()
_ENGLISH = "zero one two three four five six seven eight nine".split()


def in_words(digits: str) -> str:
    """Two or three digits as they are said: 045 is «ноль сорок пять», 907 «девятьсот семь»."""
    if len(digits) == 3 and digits[0] != "0":
        rest = in_words(str(int(digits[1:]))) if int(digits[1:]) else ""
        return f"{_HUNDREDS[int(digits[0])]} {rest}".strip()
    if len(digits) > 1 and digits[0] == "0":
        return f"ноль {in_words(digits[1:])}"
    value = int(digits)
    if value < 10:
        return _UNITS[value]
    if value < 20:
        return _TEENS[value - 10]
    return f"{_TENS[value // 10]} {_UNITS[value % 10] if value % 10 else ''}".strip()


def spoken(prefix: str, number: str) -> str:
    groups = (number[:3], number[3:6], number[6:8], number[8:])
    return " ".join([prefix, *map(in_words, groups)])


PHONES: tuple[Callable[[str], str], ...] = (
    lambda n: f"+7{n}",
    lambda n: f"8{n}",
    lambda n: f"+7 ({n[:3]}) {n[3:6]}-{n[6:8]}-{n[8:]}",
    lambda n: f"8({n[:3]}){n[3:6]}-{n[6:8]}-{n[8:]}",
    lambda n: f"8-{n[:3]}-{n[3:6]}-{n[6:8]}-{n[8:]}",
    lambda n: f"8 {n[:3]} {n[3:6]} {n[6:8]} {n[8:]}",
    lambda n: f"+7.{n[:3]}.{n[3:6]}.{n[6:8]}.{n[8:]}",
    lambda n: f"{n[:3]} {n[3:6]}-{n[6:8]}-{n[8:]}",
    lambda n: n,
    lambda n: " ".join("8" + n),
    lambda n: f"8 {n[:3]} {n[3:6]} {n[6:]}",
    lambda n: spoken("восемь", n),
    lambda n: spoken("плюс семь", n),
    lambda n: f"8 {in_words(n[:3])} {n[3:6]} {n[6:8]} {in_words(n[8:])}",
    lambda n: "eight " + " ".join(_ENGLISH[int(digit)] for digit in n),
)


def planted(carrier: str, datum: str) -> tuple[str, int]:
    return carrier.replace("{}", datum), carrier.index("{}")


def check(type_: str, carrier: str, datum: str) -> None:
    text, start = planted(carrier, datum)
    found = [(TYPES[span.kind], text[span.start : span.end]) for span in find(text)]
    assert (type_, datum) in found, (text, found)
    assert any(span.start == start for span in find(text))
    assert len(found) == 1, (text, found)


@pytest.mark.parametrize("spelling", range(len(PHONES)))
@QUICK
@given(number=st.from_regex(r"9[0-9]{2}[1-9][0-9]{6}", fullmatch=True), carrier=carriers)
def test_a_mobile_number_is_found_in_any_spelling(spelling: int, number: str, carrier: str) -> None:
    check("PHONE", carrier, PHONES[spelling](number))


def numbers(pattern: str, valid: Callable[[str], bool], places: int) -> st.SearchStrategy[str]:
    """Digits of a pattern whose last `places` are the check digits."""

    def completed(digits: str) -> str:
        tries = (f"{digits[:-places]}{tail:0{places}d}" for tail in range(10**places))
        return next(filter(valid, tries), "")

    return st.from_regex(pattern, fullmatch=True).map(completed).filter(bool)


@QUICK
@given(
    digits=numbers(r"[2456][0-9]{15}", luhn, 1),
    sign=st.sampled_from(["", " ", "-", "."]),
    carrier=carriers,
)
def test_a_card_with_the_right_check_digit_is_found(digits: str, sign: str, carrier: str) -> None:
    check("CARD", carrier, sign.join(digits[place : place + 4] for place in range(0, 16, 4)))


@QUICK
@given(
    digits=numbers(r"[01][0-9]{10}", snils_is_valid, 2),
    form=st.sampled_from(["{}-{}-{} {}", "{}-{}-{}-{}", "{} {} {} {}"]),
    carrier=carriers,
)
def test_a_snils_with_the_right_check_digits_is_found(digits: str, form: str, carrier: str) -> None:
    check("SNILS", carrier, form.format(digits[:3], digits[3:6], digits[6:9], digits[9:]))


@QUICK
@given(digits=numbers(r"77[0-9]{10}", inn_is_valid, 2), carrier=carriers)
def test_a_persons_taxpayer_number_is_found(digits: str, carrier: str) -> None:
    check("INN", carrier, digits)


@QUICK
@given(
    digits=numbers(r"77[0-9]{8}", inn_is_valid, 1), word=st.sampled_from(["ИНН", "инн:", "мой ИНН —", "INN"])
)
def test_a_companys_taxpayer_number_is_found_beside_its_word(digits: str, word: str) -> None:
    check("INN", f"Пишите {word} {{}}, всё", digits)


@QUICK
@given(
    digits=st.from_regex(r"[1-9][0-9]{9}", fullmatch=True),
    form=st.sampled_from(["{}{} {}", "{} {} {}", "{} {} №{}", "{}{}{}"]),
    word=st.sampled_from(["Паспорт", "паспорт серия", "мой паспорт:", "passport number"]),
)
def test_a_passport_is_found_beside_its_word(digits: str, form: str, word: str) -> None:
    check("PASSPORT", f"Вот {word} {{}}, всё", form.format(digits[:2], digits[2:4], digits[4:]))


_LOCAL = st.from_regex(r"[a-z][a-z0-9]{2,8}", fullmatch=True)
_DOMAIN = st.sampled_from(["mail", "yandex", "my-firm", "bk"])


@QUICK
@given(
    local=_LOCAL,
    domain=_DOMAIN,
    form=st.sampled_from(
        [
            "{}@{}.ru",
            "{} собака {} точка ру",
            "{} @ {}.ru",
            "{} (at) {} (dot) ru",
            "{}[at]{}.ru",
            "{} at {} dot com",
        ]
    ),
    carrier=st.sampled_from(CARRIERS[1:4]),
)
def test_an_email_is_found_written_and_said(local: str, domain: str, form: str, carrier: str) -> None:
    check("EMAIL", carrier, form.format(local, domain))


_VIN_CHARACTERS = "ABCDEFGHJKLMNPRSTUVWXYZ0123456789"


@QUICK
@given(
    head=st.text(_VIN_CHARACTERS, min_size=10, max_size=10).filter(str.isalnum),
    tail=st.from_regex(r"[A-HJ-NPR-Z][0-9]{6}", fullmatch=True),
    lower=st.booleans(),
    carrier=carriers,
)
def test_a_vin_is_found_in_any_case(head: str, tail: str, lower: bool, carrier: str) -> None:
    vin = head + tail
    check("VIN_CLIENT", carrier, vin.lower() if lower else vin)


@QUICK
@given(
    seed=st.integers(0, 10**6),
    latin=st.booleans(),
    form=st.sampled_from(["{}{}{}{}", "{} {} {} {}", "{}{}{} {}"]),
    carrier=carriers,
)
def test_a_plate_is_found_in_either_alphabet(seed: int, latin: bool, form: str, carrier: str) -> None:
    draw = random.Random(seed)
    letters = "ABEKMHOPCTYX" if latin else "АВЕКМНОРСТУХ"
    one, two = draw.choice(letters), draw.choice(letters) + draw.choice(letters)
    check(
        "PLATE",
        carrier,
        form.format(one, f"{draw.randint(1, 999):03d}", two, draw.choice(["77", "199", "750", "02"])),
    )


def in_thousands(value: int, sign: str) -> str:
    return f"{value:,}".replace(",", sign)


@QUICK
@given(
    price=st.integers(300, 99_999).map(lambda thousands: thousands * 1000),
    other=st.integers(300, 99_999).map(lambda thousands: thousands * 1000),
    year=st.integers(1990, 2027),
    mileage=st.integers(0, 400_000),
    sign=st.sampled_from(["", " ", "\u00a0"]),
    form=st.sampled_from(
        [
            "GLE 450 за {price} рублей",
            "от {price} до {other}",
            "{price} {other} что дешевле",
            "цена {price}, год {year}, пробег {mileage} км",
            "C 180 {year} года, {mileage} км, {price} ₽",
            "взнос {price} на 60 месяцев под 17,9",
            "is {price} the price of the {year} one, {mileage} km?",
            "{price} {year} года",
        ]
    ),
)
def test_prices_years_and_mileages_are_never_personal(
    price: int, other: int, year: int, mileage: int, sign: str, form: str
) -> None:
    text = form.format(
        price=in_thousands(price, sign),
        other=in_thousands(other, sign),
        year=year,
        mileage=in_thousands(mileage, sign),
    )
    assert find(text) == (), text


@given(st.text(max_size=400))
@settings(max_examples=80, deadline=None)
def test_any_text_is_searched_without_an_error_and_finds_do_not_overlap(text: str) -> None:
    ends = 0
    for span in find(text):
        assert ends <= span.start < span.end <= len(text)
        ends = span.end
