"""What integration tests share: a real, small language model in this process, and a real HTTP server."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from chains.llm import LanguageModel
from chains.weights import WeightsUnavailable, fetch, load_registry
from services import Services, open_services
from settings import ROOT, Settings
from stores.database import reading
from stores.models import BookingRow, CallbackRow, ContactRow, MailingRow
from tests.integration.car_salon import make_car_salon
from tests.integration.form_talk import MONDAY_NOON, Talk
from tests.integration.http_parts import Parts, make_parts, serving
from tests.integration.mail_server import MailServer, mail_serving
from tests.integration.stopped_clock import Clock

MODELS = ROOT / "assets" / "models.toml"
SMALL = "SmolLM2-135M-Instruct"


@pytest.fixture(scope="session")
def weights_cache() -> Path:
    """The cache of the machine, not of the test: weights are fetched once, by the code that users run."""
    return Settings().cache


@pytest.fixture(scope="session")
def small_weights(weights_cache: Path) -> Path:
    """The verified weights of the smallest model of the registry."""
    try:
        return fetch(load_registry(MODELS).get(SMALL), weights_cache / "models")
    except WeightsUnavailable as error:
        pytest.skip(f"no network and no weights: {error}")


@pytest.fixture(scope="session")
def small_model(small_weights: Path, weights_cache: Path) -> Iterator[LanguageModel]:
    """The smallest model of the registry, embedded and ready; shared, so a test leaves it as it was."""
    model = LanguageModel.embedded(SMALL, MODELS, weights_cache, threads=2)
    model.start()
    until = time.monotonic() + 60
    while not model.ready:
        assert model.state in ("downloading", "loading"), model.detail
        assert time.monotonic() < until
        time.sleep(0.05)
    yield model
    model.close()


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def module_database_url(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """One fresh database of each kind for the module: opening all services takes a second."""
    if request.param == "sqlite":
        yield f"sqlite:///{(tmp_path_factory.mktemp('database') / 'salon.db').as_posix()}"
    else:
        with request.getfixturevalue("new_postgres_database")() as url:
            yield url


@pytest.fixture(scope="module")
def module_settings(
    make_salon_folder: Callable[[Path], Path],
    module_database_url: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Settings:
    """The test salon on one database, without a model."""
    folder, data = make_salon_folder(tmp_path_factory.mktemp("folder")), tmp_path_factory.mktemp("data")
    return Settings(_env_file=None, salon=folder, data=data, db=module_database_url, llm="off")


@pytest.fixture(scope="module")
def services(module_settings: Settings) -> Iterator[Services]:
    """Real services over the test salon; each test talks in dialogs of its own."""
    opened = open_services(module_settings)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def car_services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """Real services over the salon of `make_car_salon`."""
    folder = make_car_salon(tmp_path_factory.mktemp("salon"))
    data = tmp_path_factory.mktemp("data")
    opened = open_services(Settings(_env_file=None, salon=folder, data=data, db=None, llm="off"))
    yield opened
    opened.close()


@pytest.fixture
def own_services(salon_folder: Path, tmp_path: Path) -> Iterator[Services]:
    """Real services over the test salon for one test, which may change it."""
    opened = open_services(Settings(_env_file=None, salon=salon_folder, data=tmp_path / "data", llm="off"))
    yield opened
    opened.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def parts(salon_folder: Path, sqlite_url: str) -> Parts:
    """Services without limits over the test salon."""
    return make_parts(salon_folder, sqlite_url, rate_limit="off", address_rate_limit="off")


@pytest.fixture
def client(parts: Parts) -> Iterator[httpx.Client]:
    """A client of a real server over `parts`."""
    with serving(parts) as opened:
        yield opened


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    with mail_serving() as server:
        yield server


@pytest.fixture(scope="module")
def form_services(module_settings: Settings) -> Iterator[Services]:
    """Services whose clock stands still at noon of a Monday, for dialogs that fill in forms."""
    services = open_services(module_settings, clock=lambda: MONDAY_NOON)
    yield services
    services.close()


@pytest.fixture
def new_form_talk(form_services: Services) -> Iterator[Callable[[], Talk]]:
    """Opens dialogs, and forgets them afterwards with all they have booked."""
    talks: list[Talk] = []

    def make() -> Talk:
        dialog = form_services.dialogs.open(
            kind="web",
            language="ru",
            consent=form_services.consent("ru"),
            address=None,
            remember=False,
            visitor=None,
        )
        talks.append(Talk(form_services, dialog.session_id))
        return talks[-1]

    yield make
    for talk in talks:
        form_services.forgetting.forget(talk.session_id, cause="visitor")
    with reading(form_services.engine) as session:
        for table in (BookingRow, CallbackRow, ContactRow, MailingRow):
            assert session.scalars(select(table)).first() is None
