"""The authored prompts that the guard learns from: in form, varied, and apart from those it is judged by."""

import csv
import re
import unicodedata
from collections import Counter, defaultdict
from pathlib import Path
from typing import NamedTuple

import pytest

GUARD = Path(__file__).parents[2] / "assets" / "guard"
TRAINING = sorted((GUARD / "training" / "prompts").glob("*.csv"))
EVALUATION = GUARD / "evaluation"
LIKE = 0.6  # the share of common four-letter pieces from which two texts count as one


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


def pieces(text: str) -> set[str]:
    plain = re.sub(r"\W+", " ", unicodedata.normalize("NFKC", text).lower()).strip()
    return {plain[at : at + 4] for at in range(max(1, len(plain) - 3))}


def alike(left: list[str], right: list[str]) -> list[tuple[str, str]]:
    """The pairs of a text on the left and a text on the right whose pieces overlap (Jaccard) by LIKE or more."""
    bags = [pieces(text) for text in right]
    where: dict[str, list[int]] = defaultdict(list)
    for number, bag in enumerate(bags):
        for piece in bag:
            where[piece].append(number)
    found = []
    for text in left:
        bag = pieces(text)
        shared = Counter(number for piece in bag for number in where.get(piece, ()))
        found += [
            (text, right[number])
            for number, common in shared.items()
            if common / (len(bag) + len(bags[number]) - common) >= LIKE
        ]
    return found


@pytest.mark.parametrize("path", [*TRAINING, EVALUATION / "prompts.csv"], ids=lambda path: path.stem)
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
        ("injection", "ru"): 1100,
        ("injection", "en"): 1000,
        ("safe", "ru"): 1250,
        ("safe", "en"): 950,
        ("harmful", "ru"): 430,
        ("harmful", "en"): 430,
    }
    assert {key: counts[key] for key, least in enough.items() if counts[key] < least} == {}


def test_the_readme_tells_what_each_kind_is() -> None:
    readme = (GUARD / "training" / "prompts" / "README.md").read_text(encoding="utf-8")
    kinds = {prompt.kind for path in TRAINING for prompt in read(path)}
    assert {kind for kind in kinds if f"`{kind}`" not in readme} == set()


def authored() -> list[str]:
    return [prompt.text for path in TRAINING for prompt in read(path)]


def test_no_prompt_that_judges_is_nearly_one_that_taught() -> None:
    held_out = read(EVALUATION / "prompts.csv")
    assert len(held_out) >= 450
    assert alike(authored(), [prompt.text for prompt in held_out]) == []


def test_no_ordinary_question_that_judges_is_nearly_one_that_taught() -> None:
    with (EVALUATION / "ordinary_questions.csv").open(encoding="utf-8", newline="") as file:
        questions = list(csv.DictReader(file))
    languages = Counter(question["language"] for question in questions)
    assert min(languages["ru"], languages["en"]) >= 300
    assert alike(authored(), [question["text"] for question in questions]) == []
