"""The exam's files and what is played of them."""

from argparse import Namespace
from pathlib import Path

import pytest

from jobs.exam.cases import Dialog, ExamError, Turn, load_exam
from jobs.exam.exam import FOLDER, left_over, spread, tasks_of
from jobs.exam.oracle import Oracle
from jobs.exam.player import Run, Task
from jobs.exam.record import load, save

KINDS = 27


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return folder


def test_the_visible_exam_is_large_of_every_kind_and_a_fifth_of_it_english() -> None:
    dialogs = load_exam(FOLDER)
    assert len(dialogs) >= 250
    assert len({dialog.kind for dialog in dialogs}) >= KINDS
    assert sum(dialog.language == "en" for dialog in dialogs) >= len(dialogs) / 5


def test_every_selection_of_the_exam_fits_the_words_of_the_sample_inventory() -> None:
    from jobs.exam.checks import wheres

    oracle = Oracle(FOLDER.parent / "salon")
    for dialog in load_exam(FOLDER):
        for turn in dialog.turns:
            for where in wheres(turn.expect):
                for column in ("body", "fuel", "drive", "transmission", "color"):
                    assert set(getattr(where, column)) <= set(oracle.cars[column]), dialog.id
            for title in turn.expect.legend:
                assert title in oracle.legend, dialog.id
            for slug in turn.expect.wiki:
                assert slug in oracle.articles, dialog.id


def test_paraphrases_may_stand_in_a_file_of_their_own(tmp_path: Path) -> None:
    written(tmp_path, "cars.yaml", "- {id: a, say: one, expect: {route: inventory}}\n")
    written(tmp_path, "paraphrases/cars.yaml", "a: |\n  two\n  three\n  four\n")
    dialog = load_exam(tmp_path)[0]
    assert [dialog.turns[0].wording(number) for number in range(4)] == ["one", "two", "three", "four"]
    assert dialog.kind == "cars"


@pytest.mark.parametrize(
    "text",
    [
        "- {id: a, say: one, expect: {rout: inventory}}\n",
        "- {id: a, say: one}\n- {id: a, say: two}\n",
        "- {id: a, turns: []}\n",
        "- {id: a, say: [}\n",
    ],
)
def test_what_is_no_exam_is_named(tmp_path: Path, text: str) -> None:
    with pytest.raises(ExamError):
        load_exam(written(tmp_path, "cars.yaml", text))


def dialogs_of(kinds: dict[str, int]) -> list[Dialog]:
    return [
        Dialog(id=f"{kind}-{number}", kind=kind, turns=(Turn(say="?"),))
        for kind, count in kinds.items()
        for number in range(count)
    ]


def test_a_sample_takes_evenly_from_all_kinds() -> None:
    drawn = spread(dialogs_of({"a": 50, "b": 3, "c": 10}), 13)
    assert [sum(dialog.kind == kind for dialog in drawn) for kind in "abc"] == [5, 3, 5]


def test_an_interrupted_run_goes_on_where_it_ended(tmp_path: Path) -> None:
    dialogs = dialogs_of({"a": 2})
    tasks = tasks_of(dialogs, Namespace(repeat=2, paraphrases=False))
    assert tasks == [Task(dialogs[0]), Task(dialogs[1])] * 2
    save(tmp_path / "out.json", [Run(dialogs[0], 0), Run(dialogs[0], 0), Run(dialogs[1], 0)], None)
    assert left_over(tasks, load(tmp_path / "out.json", dialogs)) == [Task(dialogs[1])]
    assert load(tmp_path / "none.json", dialogs) == []
