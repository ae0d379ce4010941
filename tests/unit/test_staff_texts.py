"""The strings of the back office: both languages say the same things, and the pages ask for what is there."""

import re

import pytest

from settings import ROOT
from tests.unit.test_page_texts import shape
from ui.pages.staff import PAGES
from ui.pages.texts import Texts, load_staff_texts

SOURCES = "\n".join(
    path.read_text(encoding="utf-8")
    for folder in ("ui/pages/staff", "ui/pages/templates/staff", "ui/http/routes")
    for path in (ROOT / folder).rglob("*")
    if path.suffix in (".py", ".html")
)
AUDITED = "audit_actions"
LOOKED_UP = ("audit_details.", "audit_values.", "jobs.", "job_counts.")
"""Sections whose keys are what the stores and jobs name."""


@pytest.fixture(scope="module")
def russian() -> Texts:
    return load_staff_texts(ROOT / "assets", "ru")


@pytest.fixture(scope="module")
def english() -> Texts:
    return load_staff_texts(ROOT / "assets", "en")


def test_both_languages_have_the_same_keys_and_placeholders(russian: Texts, english: Texts) -> None:
    assert shape(russian) == shape(english)


def test_every_string_that_is_asked_for_is_there(russian: Texts) -> None:
    asked = set(re.findall(r"\b_?t(?:exts)?\(\s*[\"']([a-z_]+\.[a-z_]*[a-z])[\"']", SOURCES))
    assert len(asked) > 30
    assert asked <= set(shape(russian))


def test_every_string_is_asked_for(russian: Texts) -> None:
    named = set(re.findall(r"[\"']([a-z_]+\.[a-z_]+)[\"']", SOURCES))
    parts = tuple(set(re.findall(r"f[\"']([a-z_]+\.[a-z_]*)\{", SOURCES)))
    parts += tuple(re.findall(r"'([a-z_]+\.[a-z_]+)' ~", SOURCES))
    keys = {key for key in shape(russian) if not key.startswith(("time.", f"{AUDITED}.", *LOOKED_UP))}
    pages = {page.title_key for page in PAGES} | {f"{page.title_key}_about" for page in PAGES}
    coming = {key for key in keys if key.startswith("nav.")} - pages
    assert {key for key in keys - named - pages - coming if not key.startswith(parts)} == set()


def test_every_action_that_is_noted_has_its_words(russian: Texts) -> None:
    code = "\n".join(
        path.read_text(encoding="utf-8")
        for folder in ("ui", "jobs", "chains", "stores")
        for path in (ROOT / folder).rglob("*.py")
    )
    worded = set(russian.strings[AUDITED])
    noted = set(re.findall(r"\baudit\.add\([^)]*?[\"']([a-z_]+\.[a-z_.]+)[\"']", code))
    assert {action.replace(".", "_") for action in noted} <= worded


def test_no_string_is_empty(russian: Texts, english: Texts) -> None:
    for texts in (russian, english):
        for section in texts.strings.values():
            for value in section.values():
                assert all(text.strip() for text in (value if isinstance(value, list) else [value]))
