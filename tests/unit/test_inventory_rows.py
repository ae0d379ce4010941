"""From cells to cars: what is understood, what is left empty, what is left out and why."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stores.cars import FIELDS, STATUSES, Car
from stores.inventory_rows import CarLoad, load_rows
from stores.inventory_source import SourceRow, SourceTable
from stores.lexicon import Lexicon, load_lexicon

ASSETS = Path(__file__).parents[2] / "assets"
MERCEDES = load_lexicon(ASSETS, "Mercedes-Benz", Path("no folder"))
OTHER_BRAND = load_lexicon(ASSETS, "Неизвестная марка", Path("no folder"))


def load(
    *rows: dict[str, Any], lexicon: Lexicon = MERCEDES, values: dict[str, dict[str, str]] | None = None
) -> CarLoad:
    table = SourceTable(rows=[SourceRow(line, row) for line, row in enumerate(rows, 2)])
    return load_rows(table, lexicon, values or {})


def car(*, lexicon: Lexicon = MERCEDES, **cells: Any) -> Car:
    loaded = load({"stock_id": "A1", "model": "C 180", "price": "5490000", **cells}, lexicon=lexicon)
    assert loaded.rejected == []
    return loaded.cars[0][0]


def reason(**cells: Any) -> str:
    loaded = load({"stock_id": "A1", "model": "C 180", "price": "5490000", **cells})
    assert loaded.cars == []
    (row,) = loaded.rejected
    assert row.line == 2
    return row.reason


def remark(**cells: Any) -> tuple[Car, str]:
    loaded = load({"stock_id": "A1", "model": "C 180", "price": "5490000", **cells})
    ((only, _),) = loaded.cars
    (row,) = loaded.remarks
    assert (row.line, row.stock_id) == (2, "A1")
    return only, row.reason


def test_the_least_a_car_needs_is_id_model_and_price() -> None:
    assert car() == Car(
        stock_id="A1",
        model="C 180",
        class_name="C",
        base_class="C",
        variant=0,
        body=None,
        body_code=None,
        year=None,
        price=5490000,
        mileage_km=0,
        is_new=True,
        fuel=None,
        fuel_code=None,
        transmission=None,
        transmission_code=None,
        drive=None,
        drive_code=None,
        color=None,
        color_code=None,
        interior=None,
        engine_l=None,
        power_hp=None,
        seats=None,
        options="",
        status="available",
        url=None,
    )


@pytest.mark.parametrize(
    "cells, said",
    [
        ({"stock_id": ""}, "no id"),
        ({"stock_id": None}, "no id"),
        ({"model": " - "}, "no model"),
        ({"price": ""}, "no price"),
        ({"price": "по запросу"}, "'по запросу' is no number"),
        ({"price": "0"}, "not above 0"),
        ({"price": 0}, "not above 0"),
        ({"price": "0,4"}, "not above 0"),
        ({"price": "-5 000"}, "below 0"),
        ({"price": float("inf")}, "is no number"),
        ({"status": "украден"}, "status 'украден' is unknown"),
    ],
)
def test_a_row_no_car_can_be_made_of_is_left_out_with_the_reason(cells: dict[str, Any], said: str) -> None:
    assert said in reason(**cells)


def test_of_two_rows_with_one_id_the_first_stays() -> None:
    loaded = load(
        {"stock_id": "A1", "model": "C 180", "price": 1},
        {"stock_id": " A1 ", "model": "E 200", "price": 2},
        {"stock_id": "A2", "model": "E 200", "price": 3},
    )
    assert [(made.stock_id, made.model) for made, _ in loaded.cars] == [("A1", "C 180"), ("A2", "E 200")]
    assert [(row.line, row.stock_id) for row in loaded.rejected] == [(3, "A1")]
    assert "line 2 already" in loaded.rejected[0].reason


def test_a_row_that_was_left_out_does_not_take_the_id_away_from_a_good_one() -> None:
    loaded = load(
        {"stock_id": "A1", "model": "C 180", "price": ""}, {"stock_id": "A1", "model": "C 180", "price": 2}
    )
    assert [made.price for made, _ in loaded.cars] == [2]


@pytest.mark.parametrize(
    "cells, field",
    [
        ({"year": "двадцатый"}, "year"),
        ({"year": "20223"}, "year"),
        ({"year": "18"}, "year"),
        ({"power_hp": "много"}, "power_hp"),
        ({"engine_l": "1991 см³"}, "engine_l"),
        ({"seats": "5/7"}, "seats"),
        ({"mileage_km": "около 20 тыс."}, "mileage_km"),
        ({"url": "javascript:alert(1)"}, "url"),
        ({"url": "/cars/1"}, "url"),
    ],
)
def test_an_optional_field_that_cannot_be_read_stays_empty_with_a_remark(
    cells: dict[str, Any], field: str
) -> None:
    made, said = remark(**cells)
    assert getattr(made, field) is None
    assert said.startswith(f"{field} stays empty")


def test_a_car_is_new_without_mileage_but_not_when_its_mileage_cannot_be_read() -> None:
    assert car(mileage_km="").is_new
    assert car(mileage_km="0").is_new
    assert car(mileage_km=None).mileage_km == 0
    assert not car(mileage_km="12 000 км").is_new
    unreadable, _ = remark(mileage_km="около 20 тыс.")
    assert (unreadable.is_new, unreadable.mileage_km) == (False, None)


@pytest.mark.parametrize(
    "cell", ["2023", "2 023", "2023.0", "2023 г.", 2023, 2023.0, Decimal(2023), date(2023, 5, 1)]
)
def test_a_year_is_read_in_all_its_forms(cell: object) -> None:
    assert car(year=cell).year == 2023


@pytest.mark.parametrize(
    "raw, status",
    [
        ("", "available"),
        ("available", "available"),
        ("В наличии", "available"),
        ("резерв", "reserved"),
        ("Забронирован", "reserved"),
        ("в  пути", "in_transit"),
        ("in_transit", "in_transit"),
        ("in transit", "in_transit"),
        ("In-Transit", "in_transit"),
        ("Продан", "sold"),
        ("SOLD", "sold"),
    ],
)
def test_a_status_is_understood_in_russian_and_english(raw: str, status: str) -> None:
    assert car(status=raw).status == status


@pytest.mark.parametrize(
    "model, given, class_name, base, variant",
    [
        ("C 180", "", "C", "C", 0),
        ("C180", "", "C", "C", 0),
        ("С 180", "", "C", "C", 0),  # a Cyrillic letter
        ("C 180", "C-класс", "C", "C", 0),
        ("C 180", "с", "C", "C", 0),
        ("C 180", "C-Class", "C", "C", 0),
        ("C 200 Coupé", "", "C", "C", 1),
        ("GLE 450 4MATIC", "", "GLE", "GLE", 0),
        ("GLE 350 d Coupe", "GLE Coupe", "GLE Coupe", "GLE", 1),
        ("AMG G 63", "", "G", "G", 0),
        ("AMG G 63", "AMG G", "G", "G", 0),
        ("Maybach S 580 4MATIC", "", "Maybach S", "S", 1),
        ("S 580", "Maybach S", "Maybach S", "S", 1),
        ("Mercedes-Benz E 200", "", "E", "E", 0),
    ],
)
def test_class_base_and_variant_follow_from_model_and_class(
    model: str, given: str, class_name: str, base: str, variant: int
) -> None:
    made = car(model=model, **{"class": given})
    assert (made.class_name, made.base_class, made.variant) == (class_name, base, variant)
    assert made.model == model


@pytest.mark.parametrize(
    "model, body, variant", [("E 200", "купе", 1), ("AMG GT 63", "купе", 1), ("CLE 300", "кабриолет", 0)]
)
def test_a_coupe_is_a_variant_by_its_body_too(model: str, body: str, variant: int) -> None:
    assert car(model=model, body=body).variant == variant


def test_a_brand_without_a_lexicon_works_from_its_inventory_alone() -> None:
    made = car(model="Веста Кросс", lexicon=OTHER_BRAND)
    assert (made.class_name, made.base_class, made.variant) == ("Веста", "Веста", 0)
    made = car(model="320i", lexicon=OTHER_BRAND, **{"class": "3 серия"})
    assert made.class_name == "3 серия"


def test_words_become_codes_and_stay_readable() -> None:
    made = car(
        body="Кроссовер",
        fuel="Бензин",
        drive="полный",
        transmission="АКПП",
        color="чёрный металлик",
        interior="кожа",
    )
    assert (made.body_code, made.fuel_code, made.drive_code) == ("suv", "petrol", "awd")
    assert (made.transmission_code, made.color_code) == ("automatic", "black")
    assert (made.body, made.color, made.interior) == ("Кроссовер", "чёрный металлик", "кожа")
    assert car(color="серо-буро-малиновый в крапинку").color == "серо-буро-малиновый в крапинку"


@pytest.mark.parametrize("body", ["кроссовер", "внедорожник", "SUV"])
def test_crossover_off_roader_and_suv_are_one(body: str) -> None:
    assert car(body=body).body_code == "suv"


@pytest.mark.parametrize(
    "seats, options, number",
    [
        ("5", "", 5),
        ("", "люк; 7 мест", 7),
        ("", "7 seats", 7),
        ("", "7-местный салон", 7),
        ("", "4 места", 4),
        ("5", "7 мест", 5),
        ("", "2 места Isofix", None),
        ("0", "", None),
        ("", "", None),
    ],
)
def test_seats_may_stand_among_the_options(seats: str, options: str, number: int | None) -> None:
    assert car(seats=seats, options=options).seats == number


def test_options_are_trimmed_and_searchable_whatever_their_case() -> None:
    loaded = load(
        {"stock_id": "A1", "model": "C", "price": 1, "options": " Панорамная крыша ; КОЖА;;Ёлочка "}
    )
    ((made, keys),) = loaded.cars
    assert made.options == "Панорамная крыша;КОЖА;Ёлочка"
    assert keys.options_key.startswith("|панорамная крыша|кожа|елочка|")
    assert "|panorama|" in keys.options_key


def test_a_list_of_options_is_as_good_as_text() -> None:
    assert car(options=["люк", "кожа"]).options == "люк;кожа"


def test_ids_and_models_may_be_numbers_in_the_source() -> None:
    made = car(stock_id=1001.0, model=911)
    assert (made.stock_id, made.model) == ("1001", "911")


def test_values_are_mapped_and_those_not_named_pass_unchanged() -> None:
    loaded = load(
        {"stock_id": "A1", "model": "C 180", "price": 1, "status": "На  Складе №2", "color": "чёрный"},
        {"stock_id": "A2", "model": "C 180", "price": 1, "status": 3, "color": "040"},
        values={"status": {"на складе №2": "available", "3": "sold"}, "color": {"040": "чёрный"}},
    )
    assert [(made.status, made.color_code) for made, _ in loaded.cars] == [
        ("available", "black"),
        ("sold", "black"),
    ]


def test_text_is_one_clean_line() -> None:
    made = car(model="C\x00 180\n  4MATIC\t", url=" https://salon.test.example/1 ")
    assert made.model == "C 180 4MATIC"
    assert made.url == "https://salon.test.example/1"


_CELLS = st.one_of(
    st.none(),
    st.text(max_size=20),
    st.integers(),
    st.floats(),
    st.decimals(),
    st.booleans(),
    st.dates(),
    st.binary(),
)


@given(rows=st.lists(st.dictionaries(st.sampled_from(FIELDS), _CELLS), max_size=5))
@settings(max_examples=200)
def test_every_row_becomes_a_valid_car_or_a_reason(rows: list[dict[str, Any]]) -> None:
    loaded = load(*rows)
    assert len(loaded.cars) + len(loaded.rejected) == len(rows)
    assert len({made.stock_id for made, _ in loaded.cars}) == len(loaded.cars)
    for made, _ in loaded.cars:
        assert made.stock_id.strip()
        assert made.model.strip()
        assert made.price > 0
        assert made.status in STATUSES
        assert made.year is None or 1886 <= made.year <= 2100
        assert made.is_new == (made.mileage_km == 0)
        assert made.url is None or made.url.lower().startswith("http")
    assert all(row.reason for row in loaded.rejected)
