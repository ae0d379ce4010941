"""Messages as people type them about cars of several brands, and what they mean. The brands here have no file of
their own but the first: the others are read from their show-cases alone."""

from pathlib import Path

import pytest

from chains.query import read
from chains.vocabulary import Vocabulary, build_vocabulary
from stores.lexicon import load_lexicon
from tests.unit.car_wishes import wish

ASSETS = Path(__file__).parents[2] / "assets"
THIS_YEAR = 2026


def vocabulary_of_brand(brand: str, classes: str, models: str, prices: tuple[int, int]) -> Vocabulary:
    lexicon = load_lexicon(ASSETS, brand, ASSETS / "no-such-salon")
    return build_vocabulary(lexicon, classes.split(";"), models.split(";"), {}, prices=prices)


@pytest.fixture(scope="module")
def mercedes() -> Vocabulary:
    models = "C 180;E 200;GLE 450 4MATIC;AMG G 63;G 400 d;S 500 4MATIC;V 250 d"
    return vocabulary_of_brand("Mercedes-Benz", "C;E;GLE;G;S;V", models, (2_350_000, 33_000_000))


@pytest.fixture(scope="module")
def lada() -> Vocabulary:
    classes = "Vesta;Granta;Niva Legend;Niva Travel;Largus;XRAY"
    models = "LADA Vesta SW Cross 1.6 MT;LADA Vesta 1.8 CVT;LADA Niva Legend;LADA Niva Travel;LADA XRAY Cross"
    return vocabulary_of_brand("Lada", classes, models, (980_000, 1_750_000))


@pytest.fixture(scope="module")
def bmw() -> Vocabulary:
    models = "BMW X5 xDrive40i;BMW X5 xDrive30d;BMW 320i;BMW M5 Competition;BMW Z4 sDrive20i"
    return vocabulary_of_brand("BMW", "X5;3 серия;M5;Z4", models, (4_100_000, 16_900_000))


@pytest.fixture(scope="module")
def toyota() -> Vocabulary:
    classes = "Camry;RAV4;Land Cruiser Prado;Land Cruiser 300;Hilux;Corolla;Highlander"
    models = "Toyota Camry 2.5;Toyota Camry 3.5 V6;Toyota RAV4;Toyota Land Cruiser Prado 2.8d;Toyota Land Cruiser 300"
    return vocabulary_of_brand("Toyota", classes, models, (2_900_000, 13_900_000))


@pytest.fixture(scope="module")
def chinese() -> Vocabulary:
    """A salon of several makes."""
    classes = "Jolion;F7x;Monjaro;Coolray;Tugella;H9;Tiggo 8 Pro Max;Tiggo 4 Pro"
    models = (
        "Haval Jolion 1.5T;Haval F7x;Geely Monjaro;Geely Coolray;Geely Tugella;Chery Tiggo 8 Pro Max;Haval H9"
    )
    return vocabulary_of_brand("Haval", classes, models, (1_900_000, 4_100_000))


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("до 5", {"price_max": 5_000_000}),
        ("гелик до 20", {"classes": ("G",), "price_max": 20_000_000}),
        ("за 5-6 млн", {"price_min": 5_000_000, "price_max": 6_000_000}),
        ("около 6", {"price_min": 5_400_000, "price_max": 6_600_000}),
        ("ровно 6 млн", {"price_min": 6_000_000, "price_max": 6_000_000}),
        ("миллионов пять-шесть", {"price_min": 5_000_000, "price_max": 6_000_000}),
        ("пол-ляма", {"price_max": 500_000}),
        ("до 4500 т.р.", {"price_max": 4_500_000}),
        ("до 4.500.000", {"price_max": 4_500_000}),
        ("5 лямов потолок", {"price_max": 5_000_000}),
        ("under 8m", {"price_max": 8_000_000}),
        ("до 30 тыс", {"mileage_max": 30_000}),  # no car here costs so little
        ("пробег 15-20 тыс", {"mileage_min": 15_000, "mileage_max": 20_000}),
        ("до 30 т.км", {"mileage_max": 30_000}),
        ("under 20k miles", {"mileage_max": 32_187}),
        ("с маленьким пробегом", {"order": "mileage"}),
        ("свежее 2021", {"year_min": 2022}),
        ("2021 or newer", {"year_min": 2021}),
        ("возраст до 3 лет", {"year_min": 2023}),
        ("not older than 3 years", {"year_min": 2023}),
        ("трёхлетка", {"year_min": 2023, "year_max": 2023}),
        ("позапрошлого года", {"year_min": 2024, "year_max": 2024}),
        ("две тысячи двадцать второго года", {"year_min": 2022, "year_max": 2022}),
        ("стаж 2 года", {}),  # the driver's
        ("двухлитровый", {"engine_min": 1.94, "engine_max": 2.06}),
        ("больше трёх литров", {"engine_min": 3.1}),
        ("с расходом до 8 литров", {}),
        ("до 250 лошадей", {"power_max": 250}),
        ("more than 400 horsepower", {"power_min": 401}),
        ("300+ л.с.", {"power_min": 300}),
        ("family of 7", {"seats_min": 7}),
        ("чёрный снаружи, бежевый внутри", {"colors": ("black",), "interiors": ("beige",)}),
        ("чёрный на бежевом", {"colors": ("black",), "interiors": ("beige",)}),
        ("кожа бежевая", {"interiors": ("beige",), "options": ("leather",)}),
        ("не с чёрным салоном", {"not_interiors": ("black",)}),
        ("без люка", {"not_options": ("sunroof",)}),
        ("с камерой 360 до 3.0 литров", {"options": ("camera_360",), "engine_max": 3.0}),
        ("не новый", {"condition": "used"}),
        ("новый или с пробегом", {}),
        ("почти новая", {"order": "mileage"}),
        ("что скоро приедет?", {"statuses": ("in_transit",)}),
        ("on the way", {"statuses": ("in_transit",)}),
        ("50 тыс в месяц", {}),  # a payment, no price
        ("скидка 500 тысяч", {}),
        ("разгон до 100 км/ч", {}),
        ("вы работаете до 9?", {}),
    ],
)
def test_a_message_means_what_people_mean_by_it(
    mercedes: Vocabulary, message: str, expected: dict[str, object]
) -> None:
    assert wish(message, mercedes, THIS_YEAR) == expected


@pytest.mark.parametrize(
    ("brand", "message", "expected"),
    [
        ("lada", "ладу весту хочу", {"classes": ("Vesta",)}),
        ("lada", "нива", {"models": ("niva",)}),  # both of them
        ("lada", "нива легенд", {"classes": ("Niva Legend",)}),
        ("lada", "веста св кросс", {"models": ("vesta sw cross",)}),
        ("lada", "икс рей", {"classes": ("XRAY",)}),
        ("lada", "до 900", {"price_max": 900_000}),
        ("lada", "до полутора", {"price_max": 1_500_000}),
        ("bmw", "BMW X5 xDrive40i", {"models": ("x 5 xdrive 40 i",)}),
        ("bmw", "x5 40i", {"models": ("x 5 xdrive 40 i",)}),
        ("bmw", "икс пять дизель", {"classes": ("X5",), "fuels": ("diesel",)}),
        ("bmw", "третья серия", {"classes": ("3 серия",)}),
        ("bmw", "3-series", {"classes": ("3 серия",)}),
        ("bmw", "бмв 320", {"models": ("320",)}),
        ("toyota", "тойота камри 2.5", {"models": ("camry 2.5",)}),
        ("toyota", "кэмри", {"classes": ("Camry",)}),
        ("toyota", "рав 4", {"classes": ("RAV4",)}),
        ("toyota", "ленд крузер", {"models": ("land cruiser",)}),
        ("toyota", "лэнд крузер прадо", {"classes": ("Land Cruiser Prado",)}),
        ("toyota", "хайлакс", {"classes": ("Hilux",)}),
        ("toyota", "кароллу", {"classes": ("Corolla",)}),
        ("chinese", "хавал джолион", {"classes": ("Jolion",)}),
        ("chinese", "манжаро", {"classes": ("Monjaro",)}),
        ("chinese", "чери тиго 8 про макс", {"classes": ("Tiggo 8 Pro Max",)}),
        ("chinese", "тигго 4 про", {"classes": ("Tiggo 4 Pro",)}),
        ("chinese", "кулрей или тугелла", {"classes": ("Coolray", "Tugella")}),
        ("chinese", "что есть из кулреев", {"classes": ("Coolray",)}),
        ("chinese", "ф7х", {"classes": ("F7x",)}),
    ],
)
def test_names_of_any_brand_are_read_from_its_show_case(
    request: pytest.FixtureRequest, brand: str, message: str, expected: dict[str, object]
) -> None:
    assert wish(message, request.getfixturevalue(brand), THIS_YEAR) == expected


@pytest.mark.parametrize(
    ("message", "unknown"),
    [
        ("Здравствуйте! Подскажите, пожалуйста, есть ли у вас гелик?", ()),
        ("Добрый день, интересует чёрный седан, спасибо", ()),
        ("hi, do you have any white SUV please?", ()),
        ("гелик для рыбалки", ("рыбалки",)),
        ("a sedan with a jacuzzi", ("jacuzzi",)),
    ],
)
def test_only_words_with_a_meaning_of_their_own_are_unknown(
    mercedes: Vocabulary, message: str, unknown: tuple[str, ...]
) -> None:
    assert read(message, mercedes).unknown == unknown


def test_roubles_are_foreign_where_prices_are_in_another_currency() -> None:
    lexicon = load_lexicon(ASSETS, "Lada", ASSETS / "no-such-salon")
    abroad = build_vocabulary(lexicon, ["Vesta"], ["Vesta"], {}, "USD", (9_000, 30_000))
    assert wish("до 15 тысяч долларов", abroad, THIS_YEAR) == {"price_max": 15_000}
    assert wish("до 15", abroad, THIS_YEAR) == {"price_max": 15_000}
    reading = read("до 2 млн рублей", abroad)
    assert (reading.quantities, [one.currency for one in reading.foreign]) == ((), ["RUB"])


@pytest.mark.parametrize("message", ["Вы продаёте жильё?", "жилье", "Есть ли у вас жилье в аренду?"])
def test_a_word_that_dictionaries_have_is_no_class_by_its_sound(message: str, mercedes: Vocabulary) -> None:
    assert "classes" not in read(message, mercedes, THIS_YEAR).values


@pytest.mark.parametrize("message", ["есть джиэлэ?", "почём гелентваген", "жле есть?"])
def test_a_word_that_no_dictionary_has_is_a_class_by_its_sound(message: str, mercedes: Vocabulary) -> None:
    assert read(message, mercedes, THIS_YEAR).values["classes"]
