"""Word pairs learned from parallel questions."""

import json
from pathlib import Path

import pytest

from chains.translations import load_translations
from jobs.__main__ import main
from jobs.translation_training.alignment import learn, model_1
from jobs.translation_training.data import Pair, ParallelDataError, load_parallel

ROOT = Path(__file__).resolve().parents[2]
PAIRS = [
    Pair("Где находится завод?", "Where is the factory?"),
    Pair("Кто построил завод?", "Who built the factory?"),
    Pair("Где находится музей?", "Where is the museum?"),
    Pair("Кто построил музей?", "Who built the museum?"),
    Pair("Завод и музей", "The factory and the museum"),
]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """RuBQ and XSafety with a few questions each, the first one twice."""
    rubq, xsafety = tmp_path / "rubq", tmp_path / "xsafety"
    rubq.mkdir()
    rows = [{"question_text": one.russian, "question_eng": one.english} for one in PAIRS[:3]]
    for name in ("RuBQ_1.0_dev", "RuBQ_1.0_test", "RuBQ_2.0_dev"):
        (rubq / f"{name}.json").write_text(json.dumps(rows[:1] if "1.0" in name else rows), encoding="utf-8")
    for language, texts in (
        ("ru", [one.russian for one in PAIRS[3:]]),
        ("en", [one.english for one in PAIRS[3:]]),
    ):
        (xsafety / language).mkdir(parents=True)
        (xsafety / language / "one.csv").write_text("\n".join(texts) + "\n", encoding="utf-8")
        (xsafety / language / "two.csv").write_text("a\n" * len(language + texts[0]), encoding="utf-8")
    return tmp_path


def test_words_that_stand_in_the_same_questions_are_likelier_than_their_neighbours() -> None:
    likely = model_1([(["завод", "строить"], ["factory", "build"]), (["завод"], ["factory"])])
    assert likely["завод"]["factory"] > 0.5 > likely["завод"].get("build", 0.0)
    assert max(likely["строить"], key=lambda word: likely["строить"][word]) == "build"


def test_pairs_are_learned_with_the_right_words_first() -> None:
    best: dict[str, tuple[float, str]] = {}
    for one in learn(PAIRS):
        best[one.russian] = max(best.get(one.russian, (0.0, "")), (one.likelihood, one.english))
    assert best["завод"][1] == "factory"
    assert best["музей"][1] == "museum"


def test_each_question_counts_once_and_files_of_other_lengths_do_not(data: Path) -> None:
    found = load_parallel(data / "rubq", data / "xsafety")
    assert found.pairs == PAIRS
    assert len(found.hashes) == 7


def test_the_job_writes_what_the_search_reads_the_same_each_time(data: Path) -> None:
    arguments = ["--rubq", str(data / "rubq"), "--xsafety", str(data / "xsafety")]
    for out in ("first", "second"):
        assert main(["train-translations", *arguments, "--out", str(data / out)]) == 0
    assert (data / "first/learned.tsv").read_bytes() == (data / "second/learned.tsv").read_bytes()
    assert "factory" in load_translations(data / "first")["завод"]
    assert json.loads((data / "first/learned.json").read_text(encoding="utf-8"))["questions"] == len(PAIRS)


def test_data_that_is_not_there_is_told_in_a_sentence(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (data / "rubq/RuBQ_1.0_dev.json").unlink()
    with pytest.raises(ParallelDataError):
        load_parallel(data / "rubq", data / "xsafety")
    assert main(["train-translations", "--rubq", str(data / "rubq"), "--xsafety", str(data)]) == 2
    assert "cannot be read" in capsys.readouterr().err


def test_the_hashes_beside_the_pairs_belong_to_their_number() -> None:
    folder = ROOT / "assets/translations"
    origin = json.loads((folder / "learned.json").read_text(encoding="utf-8"))
    assert origin["pairs"] == len((folder / "learned.tsv").read_text(encoding="utf-8").splitlines())
    assert all(len(value) == 64 for value in origin["sha256"].values())
