"""What tests share: a real database of each kind, and a salon small enough to know by heart."""

import os
import tempfile
import uuid
import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg.sql import SQL, Identifier
from sqlalchemy import Engine, make_url

from stores.database import open_database
from stores.sealing import Cipher, new_key

SALON_TOML = """
name     = "Тест-Мотор"
brand    = "Mercedes-Benz"
legal_name = "ООО «Тест-Мотор»"
inn      = "0000000000"
city     = "Тестоград"
address  = "Тестоград, Проверочная улица, 7"
phone    = "+7 000 000-00-07"
email    = "salon@test.example"
timezone = "Europe/Moscow"
currency = "RUB"

[hours]
mon = "09:00-21:00"
tue = "09:00-21:00"
wed = "09:00-21:00"
thu = "09:00-21:00"
fri = "09:00-21:00"
sat = "closed"
sun = "10:00-18:00"
[hours.except]
"2026-12-31" = "10:00-15:00"
"2027-01-01" = "closed"

[inventory]
source = "inventory.csv"
refresh_minutes = 30

[finance]
rate_percent = 18
down_payment_percent = 20
months = [12, 36, 60]

[test_drive]
slot_minutes = 60
min_driving_years = 2
"""

INVENTORY_CSV = """\
stock_id,model,class,body,year,price,mileage_km,fuel,transmission,drive,color,interior,engine_l,power_hp,seats,options,status,url
C1,C 180,C,седан,2023,4500000,12000,бензин,автомат,задний,белый,чёрная кожа,1.5,170,5,панорамная крыша;камера 360°,available,https://test.example/C1
C2,C 200 Coupe,C,купе,2022,4200000,30000,бензин,автомат,полный,чёрный,,1.5,204,4,,available,
E1,E 200,E,седан,2024,6500000,0,бензин,автомат,задний,серый,,2.0,204,5,Burmester,available,
E2,E 220 d 4MATIC,E,универсал,2021,5490000,48000,дизель,автомат,полный,синий,,2.0,194,5,фаркоп,reserved,
GLC1,GLC 300 4MATIC,GLC,кроссовер,2024,7400000,,бензин,автомат,полный,белый,,2.0,258,5,панорамная крыша,available,
GLE1,GLE 350 d 4MATIC,GLE,внедорожник,2023,9900000,21000,дизель,автомат,полный,чёрный,,2.9,272,,7 мест;фаркоп,available,
G1,AMG G 63,G,внедорожник,2025,33000000,0,бензин,автомат,полный,чёрный,,4.0,585,5,Burmester,in_transit,
S1,S 500 4MATIC,S,седан,2024,17500000,0,бензин,автомат,полный,чёрный,,3.0,449,5,массаж,available,
S2,Maybach S 580 4MATIC,Maybach S,седан,2024,16900000,0,бензин,автомат,полный,чёрный,,4.0,503,4,массаж,available,
EQS1,EQS 450+,EQS,лифтбек,2023,9000000,5000,электро,автомат,задний,серебристый,,,333,5,,sold,
"""

LEGEND_MD = """\
# Брошюра салона

## Есть ли в салоне тест-драйв?

Да. Тест-драйв бесплатный, длится час; нужны паспорт и водительское удостоверение.

## Где вы находитесь?

Тестоград, Проверочная улица, 7, рядом со станцией «Пробная».

## Принимаете ли вы автомобили в трейд-ин?

Да, оценка занимает 30 минут и ни к чему не обязывает.
"""

TOPICS_YAML = """\
- topic: политика
  stop_words: [выборы, президент]
  examples: ["За кого голосовать на выборах?"]
  stub: О политике я не говорю, но с радостью помогу с выбором автомобиля.
- topic: конкуренты
  stop_words: [бмв]
  examples: []
"""

WIKI_CSV = """\
url,context,status
https://wiki.test.example/cls,"CLS и E-класс стоят на одной платформе; CLS — четырёхдверное купе: он ниже.",Ok
https://wiki.test.example/4matic,"4MATIC — система постоянного полного привода Mercedes-Benz.",Ok
https://wiki.test.example/none,,No find special words
https://wiki.test.example/down,,Error
"""


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The URL of a real PostgreSQL server on which databases may be made.

    `SALON_TEST_POSTGRES` names one; else pgserver's is started for the session.
    """
    if given := os.environ.get("SALON_TEST_POSTGRES"):
        yield given
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pgserver looks for $XDG_RUNTIME_DIR and warns where there is none
        pgserver = pytest.importorskip(
            "pgserver", reason="no PostgreSQL: set SALON_TEST_POSTGRES to a server's URL"
        )
    # Not under pytest's folder: PostgreSQL's socket needs a short path, and as root a user of its own needs access.
    server = pgserver.get_server(tempfile.mkdtemp(prefix="pg-"), cleanup_mode="delete")
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET fsync = off")  # nobody misses these data after a power cut
        connection.execute("SELECT pg_reload_conf()")
    yield server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
    server.cleanup()


@pytest.fixture(scope="session")
def new_postgres_database(postgres_url: str) -> Callable[[], AbstractContextManager[str]]:
    """Makes a fresh, empty PostgreSQL database, gives its URL and drops it at the end of the `with` block."""
    admin = postgres_url.replace("postgresql+psycopg://", "postgresql://", 1)

    @contextmanager
    def make() -> Iterator[str]:
        name = f"test_{uuid.uuid4().hex}"
        with psycopg.connect(admin, autocommit=True) as connection:
            connection.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
        yield make_url(postgres_url).set(database=name).render_as_string(hide_password=False)
        with psycopg.connect(admin, autocommit=True) as connection:
            connection.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))

    return make


@pytest.fixture
def postgres_database_url(new_postgres_database: Callable[[], AbstractContextManager[str]]) -> Iterator[str]:
    """The URL of a fresh, empty PostgreSQL database."""
    with new_postgres_database() as url:
        yield url


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The URL of a SQLite file that does not exist yet."""
    return f"sqlite:///{(tmp_path / 'data' / 'salon.db').as_posix()}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The URL of a fresh database; a test that asks for it runs once on SQLite and once on PostgreSQL."""
    name = "sqlite_url" if request.param == "sqlite" else "postgres_database_url"
    url: str = request.getfixturevalue(name)
    return url


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """A fresh database of each kind, opened and migrated."""
    opened = open_database(database_url)
    yield opened
    opened.dispose()


@pytest.fixture(scope="session")
def cipher() -> Cipher:
    """What seals the contacts of all tests' databases."""
    return Cipher([new_key()])


@pytest.fixture(scope="session")
def make_salon_folder() -> Callable[[Path], Path]:
    """Writes a salon folder with ten cars, three brochure sections, two topics and two articles."""

    def make(folder: Path) -> Path:
        (folder / "wiki").mkdir(parents=True)
        for name, content in {
            "salon.toml": SALON_TOML,
            "inventory.csv": INVENTORY_CSV,
            "legend.md": LEGEND_MD,
            "topics.yaml": TOPICS_YAML,
            "wiki/articles.csv": WIKI_CSV,
        }.items():
            (folder / name).write_text(content, encoding="utf-8")
        return folder

    return make


@pytest.fixture
def salon_folder(make_salon_folder: Callable[[Path], Path], tmp_path: Path) -> Path:
    """A salon folder of a test's own, see `make_salon_folder`."""
    return make_salon_folder(tmp_path / "salon")
