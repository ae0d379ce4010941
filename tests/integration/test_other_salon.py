"""Another dealership is another folder: a foreign brand, foreign columns and words, a database as the source."""

from collections.abc import Iterator
from datetime import datetime

import pytest
from sqlalchemy import create_engine, text

from chains.reply import Reply
from services import Services, open_services
from settings import Settings

pytestmark = pytest.mark.anyio

WEDNESDAY = datetime.fromisoformat("2026-11-25T12:00:00+10:00")

SALON = """
name = "Приморье-Авто"
brand = "Skoda"
city = "Владивосток"
address = "Океанский проспект, 1"
phone = "+7 000 111-00-00"
email = "primorye@test.example"
timezone = "Asia/Vladivostok"
currency = "RUB"

[hours]
mon = "10:00-19:00"
wed = "10:00-19:00"

[inventory]
source = "${OTHER_SALON_STOCK}"
query = "SELECT * FROM showcase WHERE hidden = 0"
[inventory.columns]
stock_id = "vin"
model = "name"
price = "price_rub"
year = "made"
mileage_km = "odometer"
color = "paint"
body = "shape"
status = "state"
[inventory.values.status]
"на складе" = "available"
"едет" = "in_transit"
[inventory.values.body]
"лифтбэк" = "liftback"
"""

ROWS = [
    (
        "TMB1",
        "Octavia 1.4 TSI",
        "2 150 000",
        2021,
        45000,
        "Синий лазурит",
        "лифтбэк",
        "на складе",
        1_700_000,
        0,
    ),
    ("TMB2", "Kodiaq 2.0 TDI", "3 990 000", 2023, None, "белый", "внедорожник", "на складе", 3_300_000, 0),
    ("TMB3", "Kodiaq 1.4 TSI", "2 890 000", 2020, 71000, "чёрный", "внедорожник", "на складе", 2_300_000, 0),
    ("TMB4", "Superb 2.0 TSI", "3 450 000", 2022, 30000, "серый", "универсал", "едет", 2_900_000, 0),
    ("TMB5", "Rapid 1.6", "990 000", 2018, 120000, "красный", "лифтбэк", "на складе", 700_000, 1),
    ("TMB6", "Karoq 1.4", "по запросу", 2021, 50000, "белый", "внедорожник", "на складе", 1_500_000, 0),
]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def stock_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A dealer's own database with its own table, prices as text, and a purchase price that is nobody's business."""
    if request.param == "sqlite":
        yield _filled(f"sqlite:///{(tmp_path_factory.mktemp('stock') / 'dms.db').as_posix()}")
    else:
        with request.getfixturevalue("new_postgres_database")() as url:
            yield _filled(url)


def _filled(url: str) -> str:
    engine = create_engine(url)
    columns = (
        "vin text, name text, price_rub text, made int, odometer int, paint text, shape text, state text"
    )
    with engine.begin() as connection:
        connection.execute(text(f"CREATE TABLE showcase ({columns}, bought_for int, hidden int)"))
        for row in ROWS:
            values = {f"c{number}": value for number, value in enumerate(row)}
            connection.execute(
                text(f"INSERT INTO showcase VALUES ({', '.join(f':{name}' for name in values)})"), values
            )
    engine.dispose()
    return url


@pytest.fixture(scope="module")
def services(stock_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    folder = tmp_path_factory.mktemp("primorye")
    (folder / "salon.toml").write_text(SALON, encoding="utf-8")
    (folder / "legend.md").write_text(
        "## Гарантия\n\nНа каждый автомобиль с пробегом даём гарантию 6 месяцев.\n", encoding="utf-8"
    )
    (folder / "lexicon.toml").write_text(
        '[[class]]\nname = "Octavia"\nwords = ["скаля"]\nbodies = ["liftback"]\n', encoding="utf-8"
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OTHER_SALON_STOCK", stock_url)
        opened = open_services(
            Settings(_env_file=None, salon=folder, data=tmp_path_factory.mktemp("data"), llm="off")
        )
    yield opened
    opened.close()


@pytest.fixture
def session_id(services: Services) -> str:
    return services.dialogs.open(
        kind="api", language="ru", consent=None, address=None, remember=False, visitor=None
    ).session_id


async def _ask(services: Services, session_id: str, message: str) -> Reply:
    return await services.assistant.answer(session_id, message, at=WEDNESDAY)


async def test_the_show_case_loads_from_the_dealers_own_table(services: Services) -> None:
    status = services.inventory.status()
    assert (status.cars, status.rejected, status.stale) == (4, 1, False)


@pytest.mark.parametrize(
    ("question", "cars"),
    [
        ("Какие кодиаки есть?", ["TMB3", "TMB2"]),
        ("Есть октавия?", ["TMB1"]),
        ("скаля есть?", ["TMB1"]),  # slang from the folder's own lexicon
        ("Kodiaq до 3 млн", ["TMB3"]),
        ("белый кроссовер", ["TMB2"]),
        ("что в пути?", ["TMB4"]),
        ("лифтбек до 2,5 миллионов", ["TMB1"]),
        ("новые машины", ["TMB2"]),
    ],
)
async def test_its_cars_are_found_by_its_words(
    services: Services, session_id: str, question: str, cars: list[str]
) -> None:
    reply = await _ask(services, session_id, question)
    assert (reply.route, reply.cars, reply.cars_total) == ("inventory", cars, len(cars))


async def test_hidden_cars_and_purchase_prices_reach_nobody(services: Services, session_id: str) -> None:
    answers = [
        (await _ask(services, session_id, question)).answer
        for question in ("Что есть в наличии?", "Есть Rapid?", "За сколько вы купили Kodiaq?", "Цена Karoq?")
    ]
    assert not any("1 700 000" in answer or "3 300 000" in answer for answer in answers)
    assert not any("TMB5" in answer or "990 000" in answer.replace("3 990 000", "") for answer in answers)


async def test_hours_are_those_of_its_own_time_zone(services: Services, session_id: str) -> None:
    reply = await _ask(services, session_id, "До скольки вы сегодня работаете?")
    assert "19:00" in reply.answer
    assert "открыт" in reply.answer
    assert "закрыт" in (await _ask(services, session_id, "Работаете в четверг?")).answer


async def test_what_its_folder_lacks_is_not_invented(services: Services, session_id: str) -> None:
    credit = await _ask(services, session_id, "Посчитайте кредит на Octavia")
    assert (credit.route, credit.llm) == ("unknown", False)
    assert "6 месяцев" in (await _ask(services, session_id, "Какая у вас гарантия?")).answer


async def test_its_own_brand_is_no_other_brand(services: Services, session_id: str) -> None:
    assert (await _ask(services, session_id, "Шкода Октавия есть?")).cars == ["TMB1"]
    assert (await _ask(services, session_id, "А мерседес есть?")).route == "off_topic"
