"""What the documentation says is there is there, and what is there is in the documentation."""

import re
from pathlib import Path

import pytest
from fastapi.routing import APIRoute

from jobs.registry import find_jobs
from settings import ROOT, Settings
from ui.http.routes import callbacks, chat, health, openai, salon, sessions, visitors

README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")]
ROUTES = [
    route
    for module in (callbacks, chat, health, openai, salon, sessions, visitors)
    for route in module.router.routes
    if isinstance(route, APIRoute)
]


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_every_setting_is_in_the_readme_and_in_the_example(name: str) -> None:
    variable = f"SALON_{name.upper()}"
    assert f"| `{variable}` |" in README
    assert f"{variable}=" in (ROOT / ".env.example").read_text(encoding="utf-8")


def test_the_readme_knows_no_setting_that_is_none() -> None:
    for_compose = {"SALON_FOLDER"}
    written = set(re.findall(r"SALON_[A-Z_]+", README)) - for_compose
    assert written <= {f"SALON_{name.upper()}" for name in Settings.model_fields}


def test_the_defaults_in_the_readme_are_those_of_the_code() -> None:
    rows = re.findall(r"^\| `SALON_(\w+)` \| [^|]*\| `([^`]+)` \|", README, re.MULTILINE)
    assert len(rows) >= 8
    for name, shown in rows:
        default = Settings.model_fields[name.lower()].default
        expected = (
            default.relative_to(ROOT) if isinstance(default, Path) and default.is_absolute() else default
        )
        assert shown == str(expected), name


def test_every_option_in_the_readme_is_one_of_the_program(capsys: pytest.CaptureFixture[str]) -> None:
    import app

    with pytest.raises(SystemExit):
        app.read_settings(["--help"])
    program = set(re.findall(r"--[a-z-]+", capsys.readouterr().out)) - {"--help"}
    table = set(re.findall(r"^\| `SALON_\w+` \| `(--[a-z-]+)` \|", README, re.MULTILINE))
    assert table == program


@pytest.mark.parametrize("name", sorted(find_jobs()))
def test_every_job_is_in_the_readme(name: str) -> None:
    assert f"| `{name}` |" in README


@pytest.mark.parametrize(
    "call",
    sorted({f"{method} {route.path}" for route in ROUTES for method in route.methods if method != "HEAD"}),
)
def test_every_http_call_is_in_the_readme(call: str) -> None:
    assert f"`{call}`" in README


def test_every_call_in_the_readme_exists() -> None:
    calls = {f"{method} {route.path}" for route in ROUTES for method in route.methods}
    table = README.partition("## HTTP")[2].partition("\n## ")[0]
    written = set(re.findall(r"`((?:GET|POST|DELETE|PUT|PATCH) [^`]+)`", table))
    assert written
    assert written <= calls


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_and_pictures_lead_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    targets = re.findall(r"\]\(([^)#\s]+)", text) + re.findall(r'<img src="([^"]+)"', text)
    missing = [t for t in targets if "://" not in t and not (page.parent / t).exists()]
    assert not missing


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_paths_that_are_named_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    rooms = "assets|chains|stores|ui|jobs|docs|tests|requirements"
    named = set(re.findall(rf"`((?:{rooms})/[\w./*-]*)`", text))
    missing = [path for path in named if not list(ROOT.glob(path.rstrip("/"))) and "<" not in path]
    assert not missing


def test_every_make_target_that_is_named_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        named = set(re.findall(r"`make ([a-z-]+)", text)) | set(
            re.findall(r"^make ([a-z-]+) ", text, re.MULTILINE)
        )
        assert named <= targets, page.name


def test_the_salon_folder_is_described_file_by_file() -> None:
    for path in (ROOT / "assets" / "salon").iterdir():
        name = "wiki/*.csv" if path.is_dir() else path.name
        assert f"| `{name}` |" in README, name
