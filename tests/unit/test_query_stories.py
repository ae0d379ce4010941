"""What visitors tell besides their wish: limits they refuse, their own cars and lives. None of it is a wish."""

from pathlib import Path

import pytest

from chains.bare import bare_amount, group_of_last
from chains.followup import complete
from chains.numerals import words_of
from chains.owned import clauses_of_own_car, tells_of_own_car
from chains.quantities import Quantity
from chains.query import read
from chains.vocabulary import Vocabulary, build_vocabulary
from stores.cars import CarFilter
from stores.lexicon import load_lexicon
from tests.unit.car_wishes import wish

ASSETS = Path(__file__).parents[2] / "assets"


@pytest.fixture(scope="module")
def mercedes() -> Vocabulary:
    models = ["C 180", "E 200", "GLE 450 4MATIC", "GLE 580", "AMG G 63", "G 500", "V 250 d"]
    lexicon = load_lexicon(ASSETS, "Mercedes-Benz", ASSETS / "salon")
    return build_vocabulary(lexicon, ["C", "E", "GLE", "G", "V"], models, {})


@pytest.fixture(scope="module")
def makes() -> Vocabulary:
    """A show-case of several makes, as a salon of its own name has it."""
    models = ["Toyota Land Cruiser 300", "Toyota Camry 2.5", "Lexus RX 350", "Haval Jolion", "Tank 500"]
    lexicon = load_lexicon(ASSETS, "Any Cars", ASSETS / "no-such-salon")
    return build_vocabulary(lexicon, ["Land Cruiser", "Camry", "RX", "Jolion", "Tank 500"], models, {})


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (
            "we would rather not spend more than 12 million, GLE",
            {"classes": ("GLE",), "price_max": 12_000_000},
        ),
        ("can't go above 5 million, a sedan", {"bodies": ("sedan",), "price_max": 5_000_000}),
        ("дороже пяти миллионов не потянем, GLE есть?", {"classes": ("GLE",), "price_max": 5_000_000}),
        ("не хотел бы тратить больше 4 млн", {"price_max": 4_000_000}),
        ("жена убьёт, если дороже 3 млн. что есть до 3?", {"price_max": 3_000_000}),
        (
            "муж не поймёт, если больше 4 миллионов. седаны есть?",
            {"bodies": ("sedan",), "price_max": 4_000_000},
        ),
        ("over 5 mln is too much for us, a sedan", {"bodies": ("sedan",), "price_max": 5_000_000}),
        (
            "GLE с пробегом больше 50 тысяч не интересуют",
            {"classes": ("GLE",), "condition": "used", "mileage_max": 50_000},
        ),
        ("дешевле 3 млн не предлагать", {"price_min": 3_000_000}),
        # what is no refusal stays as it is said
        ("GLE дороже 5 млн", {"classes": ("GLE",), "price_min": 5_000_000}),
        ("дороже 6 млн, не чёрный", {"not_colors": ("black",), "price_min": 6_000_000}),
        ("седан не надо, дороже 5 млн", {"not_bodies": ("sedan",), "price_min": 5_000_000}),
    ],
)
def test_a_limit_that_is_refused_is_a_limit_the_other_way_round(
    mercedes: Vocabulary, message: str, expected: dict[str, object]
) -> None:
    assert wish(message, mercedes) == expected


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("до работы ехать далеко, нужен GLE", {"classes": ("GLE",)}),
        ("часто бываю в дороге, GLE есть?", {"classes": ("GLE",)}),
        ("у нас новая квартира, нужен GLE", {"classes": ("GLE",)}),
        ("I used to live there, any GLE?", {"classes": ("GLE",)}),
        ("we are coming on Friday, any GLE?", {"classes": ("GLE",)}),
        ("school runs and long trips, a GLE", {"classes": ("GLE",)}),
        ("какие GLE едут?", {"classes": ("GLE",), "statuses": ("in_transit",)}),
        ("what GLEs are coming", {"classes": ("GLE",), "statuses": ("in_transit",)}),
        ("какие GLE уже забронировали", {"classes": ("GLE",), "statuses": ("reserved",)}),
        ("новый GLE", {"classes": ("GLE",), "condition": "new"}),
        ("used GLE", {"classes": ("GLE",), "condition": "used"}),
    ],
)
def test_what_a_visitor_tells_of_their_life_is_no_state_of_a_car(
    mercedes: Vocabulary, message: str, expected: dict[str, object]
) -> None:
    assert wish(message, mercedes) == expected


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("GLE 450 или 580", {"models": ("gle 450", "gle 580")}),
        ("пятисотый гелик или 63-й", {"models": ("g 500", "g 63")}),
        ("G 63 6 мест", {"models": ("g 63",), "seats_min": 6}),
        (
            "C 180 2020 или 2023",
            {"models": ("c 180",), "year_min": 2020, "year_max": 2023, "years": (2020, 2023)},
        ),
        ("21 или 22 года", {"year_min": 2021, "year_max": 2022}),
        ("4x4 120+ hp", {"drives": ("awd",), "power_min": 120}),
        ("без пробега три самых дешёвых", {"condition": "new", "order": "price"}),
        ("2022 и новее 1.6 литра", {"year_min": 2022, "engine_min": 1.54, "engine_max": 1.66}),
        ("до 10 943 791 ₽ 2022 и новее", {"price_max": 10_943_791, "year_min": 2022}),
        ("с самым маленьким пробегом новая машина", {"condition": "new", "order": "mileage"}),
        ("чтобы салон был беж", {"interiors": ("beige",)}),
        ("whit GLE", {"classes": ("GLE",), "colors": ("white",)}),
        ("в-класс", {"classes": ("V",)}),  # by its sound, where no B is sold
    ],
)
def test_numbers_and_colours_belong_to_what_stands_beside_them(
    mercedes: Vocabulary, message: str, expected: dict[str, object]
) -> None:
    assert wish(message, mercedes) == expected


@pytest.mark.parametrize(
    ("message", "field", "values"),
    [
        ("крузак есть?", "classes", ("Land Cruiser",)),
        ("крузак 300", "models", ("land cruiser 300",)),
        ("лексус рх", "classes", ("RX",)),
        ("какие лексусы есть", "models", ("lexus",)),
    ],
)
def test_nicknames_and_plurals_name_what_is_sold(
    makes: Vocabulary, message: str, field: str, values: tuple[str, ...]
) -> None:
    assert wish(message, makes)[field] == values


def test_a_heard_name_that_is_sold_is_no_other_brand(makes: Vocabulary, mercedes: Vocabulary) -> None:
    sold = {
        name: [v.is_sold(words_of(name)[0]) for v in (makes, mercedes)]
        for name in ("камри", "джолион", "лексусы")
    }
    assert sold == {name: [True, False] for name in sold}


def test_clauses_on_the_visitors_own_car_are_told_from_wishes() -> None:
    message = "Раньше была Тойота, но решили взять мерседес. Думаем про GLE"
    (start, end), *more = clauses_of_own_car(message, lambda clause: "Тойота" in clause or "GLE" in clause)
    assert (message[start:end], more) == ("Раньше была Тойота", [])
    assert tells_of_own_car("у меня C 180 2018 года")
    assert not tells_of_own_car("у меня вопрос по C 180")
    assert not tells_of_own_car("есть C 180?")


@pytest.mark.parametrize(
    ("line", "before", "meant"),
    [
        ("а до 100", CarFilter(mileage_max=50_000), Quantity("mileage", None, 100_000)),
        ("а от 300", CarFilter(power_min=250), Quantity("power", 300, None)),
        ("а на 7", CarFilter(seats_min=5, seats_max=5, price_max=4_000_000), Quantity("seats", 7, None)),
        ("а на 5", CarFilter(seats_min=7), Quantity("seats", 5, 5)),
        ("а до 7", CarFilter(price_max=5_000_000), None),  # a price, which is read without this
        ("а до 100", CarFilter(), None),
    ],
)
def test_a_bare_number_is_of_the_kind_limited_before(
    line: str, before: CarFilter, meant: Quantity | None
) -> None:
    assert bare_amount(line, before) == meant


def test_in_which_asks_for_what_was_named_before() -> None:
    assert group_of_last("а в каком есть", CarFilter(classes=("GLC",), colors=("red",))) == (
        "color",
        CarFilter(classes=("GLC",)),
    )
    assert group_of_last("а в каком есть", CarFilter(classes=("GLC",))) is None
    assert group_of_last("а в каком салоне", CarFilter(colors=("red",))) is None


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("не хочу GLE дороже 5 млн", {"classes": ("GLE",), "price_max": 5_000_000}),
        ("не нужны машины старше 2020 года", {"year_min": 2020}),
        ("не хочу платить больше 5 млн, есть GLE?", {"classes": ("GLE",), "price_max": 5_000_000}),
        ("I don't want a GLE over 5 mln", {"classes": ("GLE",), "price_max": 5_000_000}),
        ("не интересуют седаны старше 5 лет", {"bodies": ("sedan",), "year_min": 2021}),
        ("не интересуют седаны", {"not_bodies": ("sedan",)}),
        ("не хочу GLE, до 5 млн", {"not_classes": ("GLE",), "price_max": 5_000_000}),
        ("не GLE, дороже 5 млн", {"not_classes": ("GLE",), "price_min": 5_000_000}),
        ("могу платить до 100 тысяч", {}),  # a month, most likely
    ],
)
def test_who_does_not_want_a_car_beyond_a_limit_wants_it_within(
    mercedes: Vocabulary, message: str, expected: dict[str, object]
) -> None:
    assert wish(message, mercedes, 2026) == expected


def test_a_number_after_new_ones_is_how_many_only_where_the_newest_are_asked_for(
    mercedes: Vocabulary,
) -> None:
    found = {
        message: complete(read(message, mercedes, 2026), None).limit
        for message in (
            "с самым маленьким пробегом новые 5-7 млн",
            "самые новые 3 машины",
            "самый дешёвый, новые 25-29 млн",
        )
    }
    assert list(found.values()) == [1, 3, 1]


def test_the_body_of_a_model_is_a_part_of_its_name_only_where_the_show_case_writes_it_so() -> None:
    def read_with(model: str) -> dict[str, object]:
        lexicon = load_lexicon(ASSETS, "Mercedes-Benz", ASSETS / "no-such-salon")
        return wish("GLC 300 4MATIC купе", build_vocabulary(lexicon, ["GLC"], [model], {}))

    assert read_with("GLC 300 4MATIC") == {"models": ("glc 300 4matic",), "bodies": ("coupe",)}
    assert read_with("GLC 300 4MATIC Coupe") == {"models": ("glc 300 4matic coupe",)}
