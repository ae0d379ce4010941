"""The authored prompts that the guard learns from: in form, varied, and apart from those it is judged by."""

import csv
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import pytest

GUARD = Path(__file__).parents[2] / "assets" / "guard"
TRAINING = sorted((GUARD / "training" / "prompts").glob("*.csv"))


class Prompt(NamedTuple):
    text: str
    label: str
    language: str
    kind: str


def read(path: Path) -> list[Prompt]:
    with path.open(encoding="utf-8", newline="") as file:
        header, *lines = csv.reader(file)
    assert header == ["text", "label", "language", "kind"], path.name
    return [Prompt(*line) for line in lines]


@pytest.mark.parametrize("path", TRAINING, ids=lambda path: path.stem)
def test_each_authored_prompt_has_a_text_a_known_label_and_a_known_language(path: Path) -> None:
    for prompt in read(path):
        assert prompt.text.strip(), prompt
        assert prompt.kind, prompt
        assert prompt.label in {"injection", "harmful", "safe"}, prompt
        assert prompt.language in {"ru", "en"}, prompt


def test_no_text_was_authored_twice() -> None:
    texts = Counter(prompt.text for path in TRAINING for prompt in read(path))
    assert [text for text, times in texts.items() if times > 1] == []


def test_both_languages_have_enough_of_each_label() -> None:
    counts = Counter((prompt.label, prompt.language) for path in TRAINING for prompt in read(path))
    enough = {
        ("injection", "ru"): 450,
        ("injection", "en"): 400,
        ("safe", "ru"): 400,
        ("safe", "en"): 250,
        ("harmful", "ru"): 120,
        ("harmful", "en"): 110,
    }
    assert {key: counts[key] for key, least in enough.items() if counts[key] < least} == {}


def test_the_readme_tells_what_each_kind_is() -> None:
    readme = (GUARD / "training" / "prompts" / "README.md").read_text(encoding="utf-8")
    kinds = {prompt.kind for path in TRAINING for prompt in read(path)}
    assert {kind for kind in kinds if f"`{kind}`" not in readme} == set()
