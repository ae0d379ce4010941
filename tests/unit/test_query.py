"""Reading questions about cars: every spelling of a wish gives the same typed query."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chains.followup import CarDialog, complete
from chains.quantities import ForeignAmount
from chains.query import CarQuery, read
from chains.vocabulary import Vocabulary, build_vocabulary
from stores.cars import Car, CarFilter
from stores.lexicon import load_lexicon
from tests.unit.car_wishes import wish

ASSETS = Path(__file__).parents[2] / "assets"
MODELS = [
    "C 180",
    "C 200 4MATIC",
    "E 200",
    "GLE 450 4MATIC",
    "GLE 300 d 4MATIC",
    "AMG G 63",
    "G 400 d",
    "S 500 4MATIC",
    "GLS 450 d",
    "V 250 d",
]
CLASSES = ["C", "E", "GLE", "G", "S", "GLS", "V"]


@pytest.fixture(scope="module")
def mercedes() -> Vocabulary:
    return build_vocabulary(load_lexicon(ASSETS, "Mercedes-Benz", ASSETS / "salon"), CLASSES, MODELS, {})


@pytest.fixture(scope="module")
def unlisted_brand() -> Vocabulary:
    """A brand without a lexicon file of its own, known from its inventory alone."""
    lexicon = load_lexicon(ASSETS, "Skoda", ASSETS / "no-such-salon")
    return build_vocabulary(
        lexicon,
        ["Octavia", "Kodiaq", "X5"],
        ["Octavia 1.4 TSI", "Kodiaq 2.0 TDI", "X5 xDrive40i"],
        {"color": ["лазурит"]},
    )


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("Есть ли сейчас в наличии C 180?", {"models": ("c 180",)}),
        ("с180", {"models": ("c 180",)}),  # typed on a Russian keyboard
        (
            "есть гелик чёрный до 20 лямов?",
            {"classes": ("G",), "colors": ("black",), "price_max": 20_000_000},
        ),
        (
            "цэшка 21-22 года не дороже пяти с половиной",
            {"classes": ("C",), "year_min": 2021, "year_max": 2022, "price_max": 5_500_000},
        ),
        ("е200 полный привод", {"models": ("e 200",), "drives": ("awd",)}),
        ("any white SUV under 8 mln?", {"bodies": ("suv",), "colors": ("white",), "price_max": 8_000_000}),
        ("Какие кроссоверы есть до 8 миллионов?", {"bodies": ("suv",), "price_max": 8_000_000}),
        ("что-то на 7 мест", {"seats_min": 7}),
        ("кроме седанов", {"not_bodies": ("sedan",)}),
        ("anything other than a sedan", {"not_bodies": ("sedan",)}),
        ("самые дешёвые 2 кабриолета", {"bodies": ("cabriolet",), "order": "price"}),
        ("не чёрный", {"not_colors": ("black",)}),
        ("сколько у вас ешек", {"classes": ("E",)}),
        ("с пробегом до 30 тысяч", {"condition": "used", "mileage_max": 30_000}),
        ("148000 пробег, это много", {"mileage_max": 148_000}),
        ("с пробегом, до 17 997 765", {"condition": "used", "price_max": 17_997_765}),
        ("есть e 200 370+ hp?", {"models": ("e 200",), "power_min": 370}),
        ("gle 450 4matic, 300+ hp", {"models": ("gle 450 4matic",), "power_min": 300}),
        ("до 13 168 273 540+ hp", {"price_max": 13_168_273, "power_min": 540}),
        (
            "2019 года, 23-27 млн",
            {"year_min": 2019, "year_max": 2019, "price_min": 23_000_000, "price_max": 27_000_000},
        ),
        ("дизель от 3 до 5,5 млн", {"fuels": ("diesel",), "price_min": 3_000_000, "price_max": 5_500_000}),
        ("не старше 2019 года", {"year_min": 2019}),
        ("у вас есть что-нибудь не дороже 4 500 000 ₽?", {"price_max": 4_500_000}),
        ("мощнее 400 л.с.", {"power_min": 401}),
        ("гелентваген", {"classes": ("G",)}),  # a misspelling
        ("GLE 450", {"models": ("gle 450",)}),
        ("S-Class up to 12 million", {"classes": ("S",), "price_max": 12_000_000}),
        ("забронированные есть?", {"statuses": ("reserved",)}),
        ("сколько C-класса в наличии?", {"classes": ("C",)}),  # «в» is no B-class
        ("машины класса В", {"classes": ("V",)}),  # a Cyrillic capital is one
        ("глс 450", {"models": ("gls 450",)}),  # slang for the class, then a number
        ("гле 300д", {"models": ("gle 300 d",)}),
        (
            "кроме белых, седан до 4 млн",
            {"not_colors": ("white",), "bodies": ("sedan",), "price_max": 4_000_000},
        ),
        ("не белый седан", {"not_colors": ("white",), "bodies": ("sedan",)}),
        ("кроме седанов, купе и универсалов", {"not_bodies": ("sedan", "coupe", "estate")}),
        ("GLE 2023 и новее", {"classes": ("GLE",), "year_min": 2023}),
        ("не менее чем с семью местами", {"seats_min": 7}),
        ("гибрид", {"fuels": ("hybrid", "plugin_hybrid")}),
        ("седан с белым салоном", {"bodies": ("sedan",), "interiors": ("white",)}),
        ("чёрный с бежевым салоном", {"colors": ("black",), "interiors": ("beige",)}),
        ("салон бежевый или коричневый", {"interiors": ("beige", "brown")}),
        ("есть в салоне белый седан?", {"colors": ("white",), "bodies": ("sedan",)}),  # the dealer's
        ("бежевый кожаный салон", {"interiors": ("beige",), "options": ("leather",)}),
        ("third row seats", {"seats_min": 7}),
        ("нас шестеро", {"seats_min": 6}),
        ("для семьи с четырьмя детьми", {"seats_min": 6}),
        ("для семьи с тремя детьми", {}),  # five fit into any car
        ("w213", {"classes": ("E",), "year_min": 2016, "year_max": 2023}),  # a generation, not any E
        ("222 кузов", {"classes": ("S",), "year_min": 2013, "year_max": 2020}),
        ("s213", {"classes": ("E",), "bodies": ("estate",), "year_min": 2016, "year_max": 2023}),
        ("с или е класс", {"classes": ("C", "E")}),
        ("C, E и S классы", {"classes": ("C", "E", "S")}),
        ("с500", {"models": ("s 500",)}),  # there is no C 500
        ("мощнее 300 сил", {"power_min": 301}),
        ("used S-Class", {"classes": ("S",), "condition": "used"}),
        ("the cheapest one", {"order": "price"}),
        ("до 50 тысяч долларов", {}),  # not the salon's currency
        ("новый дизельный внедорожник", {"condition": "new", "fuels": ("diesel",), "bodies": ("suv",)}),
        ("GLE не AMG", {"classes": ("GLE",), "not_models": ("AMG",)}),
        ("GLC чёрный не предлагать", {"classes": ("GLC",), "not_colors": ("black",)}),
        ("не хочу чёрный, дизель", {"not_colors": ("black",), "fuels": ("diesel",)}),
        ("any E-Class as long as it isn't black", {"classes": ("E",), "not_colors": ("black",)}),
        (
            "гле 21-22 пробег до 60 т.км",
            {"classes": ("GLE",), "year_min": 2021, "year_max": 2022, "mileage_max": 60_000},
        ),
        ("E 220 2020 или 2021", {"models": ("e 220",), "year_min": 2020, "year_max": 2021}),
        ("мест минимум семь и цена максимум 6 млн", {"seats_min": 7, "price_max": 6_000_000}),
        ("а 580-й глс имеется", {"models": ("gls 580",)}),
        ("пятисотый гелик", {"models": ("g 500",)}),
        ("гелик шестьдесят третий", {"models": ("g 63",)}),
        ("preowned eclass", {"classes": ("E",), "condition": "used"}),
        ("еqc есть?", {"classes": ("EQC",)}),  # a Cyrillic letter among Latin ones
        ("how many Maybachs are in stock?", {"models": ("Maybach",)}),  # a plural, no Maybach S
        ("новьё до 5500000", {"condition": "new", "price_max": 5_500_000}),
        ("гибрид который заряжается от розетки", {"fuels": ("plugin_hybrid",)}),
        ("хочу Geely", {}),  # another brand, however much it sounds like a class
    ],
)
def test_a_wish_is_read_as_it_is_meant(
    mercedes: Vocabulary, message: str, expected: dict[str, object]
) -> None:
    assert wish(message, mercedes) == expected


@pytest.mark.parametrize(
    ("message", "order", "limit"),
    [
        ("самая дешевая", "price", 1),
        ("топ 3 по мощности", "-power", 3),
        ("какой самый мощный внедорожник?", "-power", 1),
        ("три самых дешевых седана", "price", 3),
        ("the newest E-Class", "-year", 1),
        ("самый дорогой автомобиль", "-price", 1),
        ("the three least expensive E-Classes", "price", 3),
        ("покажи тройку самых мощьных", "-power", 3),  # misspelt
        ("какой глц накатал больше всех", "-mileage", 1),
        ("не новая, а с пробегом, но чтоб пробег наименьший", "mileage", 1),
        ("у какой машины мест больше всех", "-seats", 1),
        ("which new car costs the least", "price", 1),
        ("ешка самого последнего года", "-year", 1),
        ("топ 2 купе по лошадям", "-power", 2),
        ("какой пробег у самой дешёвой машины?", "price", 1),
    ],
)
def test_a_superlative_orders_and_limits(mercedes: Vocabulary, message: str, order: str, limit: int) -> None:
    query = complete(read(message, mercedes), None)
    assert query.superlative
    assert (query.filter.order, query.limit) == (order, limit)


@pytest.mark.parametrize(
    ("message", "ask"),
    [
        ("сколько стоит GLE 450?", "price"),
        ("сколько у вас ешек?", "count"),
        ("how many SUVs do you have?", "count"),
        ("средняя цена E-класса", "average"),
        ("есть гелик?", "availability"),
        ("покажи внедорожники", "list"),
    ],
)
def test_what_is_asked_is_told_apart(mercedes: Vocabulary, message: str, ask: str) -> None:
    assert complete(read(message, mercedes), None).ask == ask


def test_a_price_in_another_currency_is_kept_apart(mercedes: Vocabulary) -> None:
    reading = read("внедорожник до 50 тысяч долларов", mercedes)
    assert reading.foreign == (ForeignAmount("USD", None, 50_000),)
    assert (reading.quantities, reading.unknown) == ((), ())
    assert read("a sedan for $60k", mercedes).foreign == (ForeignAmount("USD", None, 60_000),)


def test_an_amount_after_a_preposition_is_no_model(mercedes: Vocabulary) -> None:
    assert wish("С-класс с 2020 года", mercedes) == {"classes": ("C",), "year_min": 2020}


def test_words_that_were_not_understood_are_listed(mercedes: Vocabulary) -> None:
    assert read("гелик с клюшкодержателем", mercedes).unknown == ("клюшкодержателем",)


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("октавия", {"classes": ("Octavia",)}),
        ("есть кодиак?", {"classes": ("Kodiaq",)}),
        ("X5 до 9 млн", {"classes": ("X5",), "price_max": 9_000_000}),
        ("Octavia 1.4", {"models": ("octavia 1.4",)}),
        ("цвета лазурит", {"colors": ("лазурит",)}),
    ],
)
def test_a_brand_without_a_lexicon_is_read_from_its_inventory(
    unlisted_brand: Vocabulary, message: str, expected: dict[str, object]
) -> None:
    assert wish(message, unlisted_brand) == expected


_MILLIONS = st.integers(min_value=2, max_value=60)


@given(
    low=_MILLIONS,
    width=st.integers(min_value=1, max_value=30),
    unit=st.sampled_from(["млн", "миллионов", "лямов", "mln"]),
)
def test_any_price_range_reads_back(mercedes: Vocabulary, low: int, width: int, unit: str) -> None:
    expected = {"price_min": low * 1_000_000, "price_max": (low + width) * 1_000_000}
    assert wish(f"внедорожник от {low} до {low + width} {unit}", mercedes) == {"bodies": ("suv",), **expected}


@given(price=st.integers(min_value=150_000, max_value=99_999_999), space=st.sampled_from([" ", "\u00a0", ""]))
def test_a_price_written_out_reads_back_whatever_its_spaces(
    mercedes: Vocabulary, price: int, space: str
) -> None:
    assert wish(f"седан до {f'{price:,}'.replace(',', space)} рублей", mercedes)["price_max"] == price


@given(st.text(max_size=300))
def test_no_text_breaks_the_reader(mercedes: Vocabulary, text: str) -> None:
    complete(read(text, mercedes), None)


def _car(stock_id: str, price: int, year: int = 2022) -> Car:
    return Car.model_construct(
        stock_id=stock_id,
        model="GLE 450 4MATIC",
        class_name="GLE",
        base_class="GLE",
        price=price,
        year=year,
        power_hp=367,
        seats=5,
    )


@pytest.fixture
def shown() -> CarDialog:
    """Three black GLE under 12 million were shown, cheapest first."""
    query = CarQuery(filter=CarFilter(classes=("GLE",), colors=("black",), price_max=12_000_000))
    return CarDialog.model_construct(
        query=query, shown=(_car("a", 8_000_000), _car("b", 9_000_000), _car("c", 11_000_000))
    )


def test_the_second_one_is_the_second_car_shown(mercedes: Vocabulary, shown: CarDialog) -> None:
    query = complete(read("а вторая сколько стоит?", mercedes), shown)
    assert (query.filter.stock_ids, query.ask) == (("b",), "price")


def test_cheaper_means_cheaper_than_the_cheapest_shown(mercedes: Vocabulary, shown: CarDialog) -> None:
    query = complete(read("а подешевле?", mercedes), shown)
    assert query.filter.price_max == 7_999_999
    assert query.filter.classes == ("GLE",)


def test_a_follow_up_keeps_what_it_does_not_change(mercedes: Vocabulary, shown: CarDialog) -> None:
    query = complete(read("а белый?", mercedes), shown)
    assert query.filter == CarFilter(classes=("GLE",), colors=("white",), price_max=12_000_000)


def test_another_class_keeps_the_other_wishes(mercedes: Vocabulary, shown: CarDialog) -> None:
    query = complete(read("а GLS?", mercedes), shown)
    assert query.filter == CarFilter(classes=("GLS",), colors=("black",), price_max=12_000_000)


def test_a_new_question_with_a_name_starts_afresh(mercedes: Vocabulary, shown: CarDialog) -> None:
    query = complete(read("Есть ли в наличии E 200?", mercedes), shown)
    assert query.filter == CarFilter(models=("e 200",))


def test_more_pages_on_in_the_same_query(mercedes: Vocabulary, shown: CarDialog) -> None:
    query = complete(read("покажи ещё", mercedes), shown)
    assert (query.offset, query.filter) == (5, shown.query.filter)


def test_a_version_is_taken_out_of_the_list_shown(mercedes: Vocabulary) -> None:
    query = complete(read("S-класс с пробегом", mercedes), None)
    shown = CarDialog(query=query, shown=(_car("a", 8_000_000),))
    assert complete(read("а без майбахов?", mercedes), shown).filter == query.filter.model_copy(
        update={"not_models": ("Maybach",)}
    )
