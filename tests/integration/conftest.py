"""What integration tests share: a real, small language model in this process, and a real HTTP server."""

import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from chains.llm import LanguageModel
from chains.weights import WeightsUnavailable, fetch, load_registry
from settings import ROOT, Settings
from tests.integration.http_parts import Parts, make_parts, serving

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


@pytest.fixture
def parts(salon_folder: Path, sqlite_url: str) -> Parts:
    """Services without limits over the test salon."""
    return make_parts(salon_folder, sqlite_url, rate_limit="off", address_rate_limit="off")


@pytest.fixture
def client(parts: Parts) -> Iterator[httpx.Client]:
    """A client of a real server over `parts`."""
    with serving(parts) as opened:
        yield opened
