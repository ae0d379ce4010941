"""The job that reads the cars now, on a real salon folder and a real database."""

from collections.abc import Callable
from pathlib import Path

import pytest

from jobs.__main__ import main

Refresh = Callable[..., tuple[int, list[str]]]


@pytest.fixture
def refresh(salon_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Refresh:
    def run(*options: str) -> tuple[int, list[str]]:
        where = ("--salon", str(salon_folder), "--data", str(tmp_path / "var"))
        code = main(["refresh-inventory", *where, *options])
        return code, capsys.readouterr().out.splitlines()

    return run


def test_a_good_source_is_loaded_and_counted(refresh: Refresh) -> None:
    code, said = refresh("--strict")
    assert code == 0
    assert said == ["Version 1: 10 cars, 0 rows left out"]


def test_rows_that_were_left_out_are_listed_with_line_and_reason(
    refresh: Refresh, salon_folder: Path
) -> None:
    with (salon_folder / "inventory.csv").open("a", encoding="utf-8") as file:
        file.write("X1,E 300,E,седан,2023,по запросу,0,бензин,автомат,задний,белый,,2.0,258,5,,available,\n")
    code, (head, row) = refresh()
    assert code == 0
    assert head == "Version 1: 10 cars, 1 rows left out"
    assert row.startswith("  line 12, X1: ")
    assert refresh("--strict")[0] == 1


def test_a_source_that_is_gone_leaves_the_last_version_and_exit_code_1(
    refresh: Refresh, salon_folder: Path
) -> None:
    refresh()
    (salon_folder / "inventory.csv").unlink()
    code, said = refresh()
    assert code == 1
    assert said[0] == "Version 1: 10 cars, 0 rows left out"
    assert "inventory.csv" in said[1]


def test_a_source_that_never_was_is_one_sentence_and_exit_code_2(
    salon_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (salon_folder / "inventory.csv").unlink()
    where = ["--salon", str(salon_folder), "--data", str(tmp_path / "var")]
    assert main(["refresh-inventory", *where]) == 2
    (sentence,) = capsys.readouterr().err.strip().splitlines()
    assert "inventory.csv" in sentence
