"""Requirement files, the container files and the settings they pass agree with each other and with the code."""

import ast
import json
import os
import re
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from sqlalchemy import make_url

from settings import Settings

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ["app.py", "settings.py", "services.py", "parts.py", "stores", "chains", "jobs", "ui"]


def pins(name: str) -> dict[tuple[str, str], str]:
    """Version by (distribution, environment marker) of a compiled requirements file."""
    found = {}
    for line in (ROOT / name).read_text(encoding="utf-8").splitlines():
        if line and not line.startswith((" ", "#")):
            requirement = Requirement(line)
            (specifier,) = requirement.specifier
            assert specifier.operator == "==", line
            key = (canonicalize_name(requirement.name), str(requirement.marker or ""))
            found[key] = specifier.version
    return found


def wanted(name: str) -> set[str]:
    lines = (ROOT / "requirements" / name).read_text(encoding="utf-8").splitlines()
    return {canonicalize_name(Requirement(line).name) for line in lines if line and line[0] not in "#-"}


# --- requirements -----------------------------------------------------------------------------------------------


def test_the_tests_run_with_the_very_versions_that_serve() -> None:
    serving, tests = pins("requirements.txt"), pins("requirements-tests.txt")
    assert serving.items() <= tests.items()


@pytest.mark.parametrize("name", ["serving", "tests", "gpu"])
def test_what_is_wanted_is_pinned(name: str) -> None:
    compiled = "requirements.txt" if name == "serving" else f"requirements-{name}.txt"
    assert wanted(f"{name}.in") <= {distribution for distribution, _ in pins(compiled)}


def test_serving_and_tests_need_no_torch() -> None:
    names = {distribution for distribution, _ in pins("requirements-tests.txt")}
    assert not [name for name in names if name == "torch" or name.startswith(("nvidia", "triton"))]


def test_requirement_files_name_no_package_index() -> None:
    for path in [*ROOT.glob("requirements*.txt"), *(ROOT / "requirements").glob("*.in")]:
        lines = path.read_text(encoding="utf-8").splitlines()
        code = [line for line in lines if not line.lstrip().startswith("#")]
        assert not [line for line in code if "://" in line or line.startswith("--")], path.name


def imported_packages() -> set[str]:
    files = [ROOT / source for source in SOURCES if source.endswith(".py") and (ROOT / source).exists()]
    files += [path for source in SOURCES for path in (ROOT / source).rglob("*.py")]
    names: set[str] = set()
    for path in files:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names.add(node.module.partition(".")[0])
    return names - set(sys.stdlib_module_names) - {source.removesuffix(".py") for source in SOURCES}


def test_what_the_code_imports_is_asked_for_by_name() -> None:
    distributions = packages_distributions()
    direct = wanted("serving.in")
    unasked = {
        package
        for package in imported_packages()
        if not direct & {canonicalize_name(name) for name in distributions.get(package, [])}
    }
    assert not unasked, (
        "imported, but only there because something else needs it: add to requirements/serving.in"
    )


# --- docker-compose.yml -----------------------------------------------------------------------------------------

VARIABLE = re.compile(r"\$\{(?P<name>\w+)(?::?(?P<mark>[-?])(?P<word>[^}]*))?\}")


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    return loaded


def resolve(text: str, env: dict[str, str]) -> str:
    """What Docker Compose makes of `${NAME}`, `${NAME:-default}` and `${NAME:?complaint}`."""

    def value(match: re.Match[str]) -> str:
        if env.get(match["name"]):
            return env[match["name"]]
        if match["mark"] == "?":
            raise LookupError(match["word"])
        return match["word"] or ""

    return VARIABLE.sub(value, text)


ENV = {"POSTGRES_PASSWORD": "secret1", "SALON_API_KEY": "key1"}


def environment(compose: dict[str, Any], service: str, env: dict[str, str]) -> dict[str, str]:
    entries: dict[str, str | None] = compose["services"][service]["environment"]
    return {
        name: env[name] if text is None else resolve(text, env)
        for name, text in entries.items()
        if text is not None or name in env
    }


def app_settings(compose: dict[str, Any], monkeypatch: pytest.MonkeyPatch, env: dict[str, str]) -> Settings:
    for name in [name for name in os.environ if name.startswith("SALON_")]:
        monkeypatch.delenv(name)
    for name, value in environment(compose, "app", env).items():
        monkeypatch.setenv(name, value)
    return Settings(_env_file=None)


def test_the_compose_file_follows_the_compose_specification() -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    done = subprocess.run(
        [*command, "docker-compose.yml"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_variable_of_the_app_service_is_a_setting(compose: dict[str, Any]) -> None:
    known = {f"SALON_{name.upper()}" for name in Settings.model_fields}
    assert set(compose["services"]["app"]["environment"]) <= known


def test_the_app_service_starts_with_settings_that_fit_its_neighbours(
    compose: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = app_settings(compose, monkeypatch, ENV)
    postgres = environment(compose, "postgres", ENV)
    url = make_url(settings.database_url)
    assert (url.drivername, url.host, url.port) == ("postgresql+psycopg", "postgres", 5432)
    assert (url.username, url.password, url.database) == (
        postgres["POSTGRES_USER"],
        postgres["POSTGRES_PASSWORD"],
        postgres["POSTGRES_DB"],
    )
    assert settings.chroma_url == "http://chroma:8000"
    assert settings.llm == "auto"
    assert settings.llm_model is None
    assert settings.host == "0.0.0.0"


def test_with_a_gpu_the_app_finds_the_model_server_under_the_name_it_serves(
    compose: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    hint = re.search(r"set SALON_LLM=(\S+) and SALON_LLM_MODEL=(\w+)", example)
    assert hint
    env = {**ENV, "SALON_LLM": hint[1], "SALON_LLM_MODEL": hint[2]}
    settings = app_settings(compose, monkeypatch, env)
    model, *flags = [resolve(part, env) for part in compose["services"]["vllm"]["command"]]
    options = dict(flag.removeprefix("--").split("=", 1) for flag in flags)
    assert re.fullmatch(r"[\w.-]+/[\w.-]+", model)
    assert all(flag.startswith("--") for flag in flags)
    assert settings.llm == f"http://vllm:{options['port']}/v1"
    assert settings.llm_model == options["served-model-name"]
    assert json.loads(options["structured-outputs-config"])["disable_any_whitespace"] is True


@pytest.mark.parametrize("name", ["POSTGRES_PASSWORD", "SALON_API_KEY"])
def test_without_a_secret_nothing_starts(
    compose: dict[str, Any], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    env = {key: value for key, value in ENV.items() if key != name}
    with pytest.raises(LookupError, match=name):
        app_settings(compose, monkeypatch, env)


def test_images_are_pinned_to_the_versions_of_the_requirements(compose: dict[str, Any]) -> None:
    images = {
        name: service["image"] for name, service in compose["services"].items() if "build" not in service
    }
    assert images["chroma"].split(":")[1] == pins("requirements.txt")["chromadb", ""]
    assert images["vllm"].split(":")[1] == "v" + pins("requirements-gpu.txt")["vllm", ""]
    assert re.fullmatch(r"postgres:\d+(\.\d+)?", images["postgres"])


def test_services_that_talk_share_a_network_and_all_names_are_declared(compose: dict[str, Any]) -> None:
    services = compose["services"]
    for name in ("postgres", "chroma", "vllm"):
        assert set(services[name]["networks"]) & set(services["app"]["networks"]), name
    assert {network for service in services.values() for network in service["networks"]} == set(
        compose["networks"]
    )
    mounts = {mount.split(":")[0] for service in services.values() for mount in service.get("volumes", ())}
    assert {mount for mount in mounts if re.fullmatch(r"\w+", mount)} == set(compose["volumes"])


def test_only_pages_are_published_and_only_on_loopback(compose: dict[str, Any]) -> None:
    published = {
        name: service["ports"] for name, service in compose["services"].items() if "ports" in service
    }
    assert set(published) == {"app", "grafana"}
    assert all(port.startswith("127.0.0.1:") for ports in published.values() for port in ports)


def test_the_example_names_every_variable_that_the_compose_file_reads() -> None:
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    read = {match["name"] for match in VARIABLE.finditer(text)} | set(
        re.findall(r"^ +(SALON_\w+):$", text, re.M)
    )
    assert {name for name in read if not re.search(rf"^#? ?{name}=", example, re.M)} == set()


# --- .env.example -----------------------------------------------------------------------------------------------


def examples() -> dict[str, str]:
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    return dict(re.findall(r"^#? ?(SALON_\w+)=(.*)$", text, re.M))


def test_the_example_names_every_setting_and_no_other() -> None:
    for_compose = {"SALON_FOLDER"}
    assert set(examples()) - for_compose == {f"SALON_{name.upper()}" for name in Settings.model_fields}


def test_what_the_example_shows_can_be_used_as_it_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in os.environ if name.startswith("SALON_")]:
        monkeypatch.delenv(name)
    shown = "".join(f"{name}={value}\n" for name, value in examples().items() if value)
    (tmp_path / ".env").write_text(shown, encoding="utf-8")
    settings = Settings(_env_file=tmp_path / ".env")
    assert settings.embed_origins == ["https://dealer.example", "https://www.dealer.example"]
    fresh = Settings(_env_file=None)
    for name in ("host", "port", "llm", "rate_limit", "address_rate_limit", "log_level", "data"):
        assert getattr(settings, name) == getattr(fresh, name), name


# --- Dockerfile -------------------------------------------------------------------------------------------------


def copied() -> list[str]:
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    return [source for line in re.findall(r"^COPY (.+)$", text, re.M) for source in line.split()[:-1]]


def test_what_the_image_copies_exists_and_is_sent_to_the_engine() -> None:
    ignore = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    for source in copied():
        assert (ROOT / source).exists(), source
        assert f"!{source}" in ignore, source


def test_the_image_holds_all_of_the_code() -> None:
    assert set(SOURCES) | {"assets", "requirements.txt"} <= set(copied())


def test_the_image_runs_as_nobody_special_and_asks_for_its_health() -> None:
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert re.search(r"^USER salon$", text, re.M)
    (check,) = re.findall(r"^HEALTHCHECK.*\\\n +CMD (\[.*\])$", text, re.M)
    program, option, script = json.loads(check)
    assert (program, option) == ("python", "-c")
    assert "/health" in script
    ast.parse(script)


def test_the_image_sets_known_settings_only() -> None:
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    known = {f"SALON_{name.upper()}" for name in Settings.model_fields}
    assert set(re.findall(r"(SALON_[A-Z_]+)=", text)) <= known
