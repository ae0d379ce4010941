"""Numbers in the cells of a table."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stores.numbers import LARGEST, NotANumber, is_missing, parse_number

SPACES = [" ", "\u00a0", "\u2009", "\u202f", "'", "’"]
CURRENCIES = ["", " ₽", "₽", " руб.", " руб", " рублей", " р.", " RUB", " €", "$"]


@pytest.mark.parametrize(
    "cell, number",
    [
        ("5490000", 5490000),
        ("5 490 000", 5490000),
        ("5 490 000 ₽", 5490000),
        ("₽ 5 490 000", 5490000),
        ("5\u00a0490\u00a0000\u00a0руб.", 5490000),
        ("5490000.00", 5490000),
        ("5490000,50", 5490001),
        ("5,490,000", 5490000),
        ("5.490.000", 5490000),
        ("5,490,000.00", 5490000),
        ("5.490.000,00", 5490000),
        ("45 тыс. км", 45000),
        ("12.500 км", 12500),
        ("12,500", 12500),
        ("300 л.с.", 300),
        ("7 мест", 7),
        ("2 023", 2023),
        ("2023 г.", 2023),
        ("0", 0),
        (5490000, 5490000),
        (5490000.0, 5490000),
        (Decimal("5490000.00"), 5490000),
    ],
)
def test_a_whole_number_is_read_however_it_is_written(cell: object, number: int) -> None:
    assert parse_number(cell, whole=True) == number


@pytest.mark.parametrize(
    "cell, number",
    [
        ("1.5", "1.5"),
        ("1,5", "1.5"),
        ("2.998", "2.998"),
        ("2 л", "2"),
        ("2,0 л", "2.0"),
        (1.5, "1.5"),
        ("3", "3"),
    ],
)
def test_a_decimal_number_is_read_with_point_or_comma(cell: object, number: str) -> None:
    assert parse_number(cell, whole=False) == Decimal(number)


@pytest.mark.parametrize(
    "cell", [None, "", " ", "-", "—", "н/д", "N/A", "nan", float("nan"), Decimal("NaN"), "NULL"]
)
def test_a_cell_that_says_nothing_is_missing_not_zero(cell: object) -> None:
    assert is_missing(cell)
    assert parse_number(cell, whole=True) is None


@pytest.mark.parametrize(
    "cell",
    [
        "по запросу",
        "от 5 490 000",
        "5,49 млн",
        "5 mln",
        "5 490 000 / 5 290 000",
        "5490000 4990000",
        "5 490 00",
        "5,49E+06",
        "1e9",
        "٣٤٥",
        "²",
        "1..5",
        "1,2,3",
        "--5",
        True,
        float("inf"),
        Decimal("Infinity"),
        b"5",
    ],
)
def test_what_is_not_one_exact_number_is_refused_not_guessed(cell: object) -> None:
    with pytest.raises(NotANumber, match="is no number"):
        parse_number(cell, whole=True)


def test_what_cannot_be_is_refused() -> None:
    for cell in ("-5", -5, "−5 000"):
        with pytest.raises(NotANumber, match="is below 0"):
            parse_number(cell, whole=True)
    with pytest.raises(NotANumber, match="is too large"):
        parse_number(LARGEST + 1, whole=True)


def test_a_refusal_repeats_the_cell_but_not_all_of_a_novel() -> None:
    with pytest.raises(NotANumber) as raised:
        parse_number("очень дорого " * 50, whole=True)
    assert "очень дорого" in str(raised.value)
    assert len(str(raised.value)) < 80


@given(
    number=st.integers(0, LARGEST),
    space=st.sampled_from(SPACES),
    currency=st.sampled_from(CURRENCIES),
    cents=st.sampled_from(["", ".00", ",00"]),
)
def test_every_way_of_writing_a_price_means_the_same_price(
    number: int, space: str, currency: str, cents: str
) -> None:
    for grouped in (str(number), f"{number:,}".replace(",", space)):
        assert parse_number(f" {grouped}{cents}{currency} ", whole=True) == number


@given(number=st.integers(1000, LARGEST), separator=st.sampled_from([",", "."]))
def test_thousands_may_be_parted_by_points_or_commas(number: int, separator: str) -> None:
    assert parse_number(f"{number:,}".replace(",", separator), whole=True) == number


@given(number=st.decimals(0, 20, places=1), separator=st.sampled_from([",", "."]))
def test_litres_survive_point_and_comma(number: Decimal, separator: str) -> None:
    assert parse_number(str(number).replace(".", separator), whole=False) == number


@given(
    cell=st.one_of(st.text(), st.floats(), st.integers(), st.decimals(), st.none(), st.booleans()),
    whole=st.booleans(),
)
def test_no_cell_whatsoever_gives_anything_but_a_number_nothing_or_a_refusal(
    cell: object, whole: bool
) -> None:
    try:
        number = parse_number(cell, whole=whole)
    except NotANumber:
        return
    if number is None:
        assert is_missing(cell)
    else:
        assert number.is_finite()
        assert 0 <= number <= LARGEST
        assert not whole or number == int(number)


@given(cell=st.text(alphabet="0123456789 .,\u00a0₽", min_size=1))
def test_digits_are_never_made_up_or_reordered(cell: str) -> None:
    try:
        number = parse_number(cell, whole=False)
    except NotANumber:
        return
    if number is not None:
        digits = "".join(character for character in cell if character.isdigit())
        read = str(number).replace(".", "")
        assert digits.strip("0") == read.strip("0")
