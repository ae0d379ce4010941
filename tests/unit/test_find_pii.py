"""The job that finds personal data in a file, and the measure of a finder."""

import json
from argparse import Namespace
from pathlib import Path

import pytest

from jobs import find_pii
from jobs.bench.pii import FOLDER
from jobs.bench.pii_cases import Case, Marked, compared, load_cases, parse
from settings import Settings


def run(tmp_path: Path, content: str) -> tuple[int, list[dict[str, object]]]:
    source, out = tmp_path / "messages.jsonl", tmp_path / "spans.jsonl"
    source.write_text(content, encoding="utf-8")
    code = find_pii.run(Namespace(source=source, out=out), Settings())
    return code, [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]


def test_spans_come_in_the_order_of_the_messages_with_offsets_into_the_original(tmp_path: Path) -> None:
    texts = {7: "😀 Меня зовут Пётр, тел. 8 900 000-00-17", "b": "Есть GLE 450?", "a": "пишите на a@b.ru\r"}
    lines = [json.dumps({"id": id_, "text": text}, ensure_ascii=False) for id_, text in texts.items()]
    code, spans = run(tmp_path, "\n".join(lines))
    assert code == 0
    assert [line["id"] for line in spans] == [7, "b", "a"]
    assert spans[0]["spans"] == [
        {"start": 13, "end": 17, "type": "PERSON"},
        {"start": 24, "end": 39, "type": "PHONE"},
    ]
    assert spans[1]["spans"] == []
    assert spans[2]["spans"] == [{"start": 10, "end": 16, "type": "EMAIL"}]


def test_a_bad_line_is_named_and_nothing_of_the_others_is_lost(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = ["oops", '{"id": 2}', '{"id": 3, "text": 5}', "[1]"]
    good = [json.dumps({"id": number, "text": "звоните 8 900 000-00-17"}) for number in (10, 11)]
    code, spans = run(tmp_path, "\n".join([good[0], *bad, "", good[1]]))
    assert code == 1
    assert [line["id"] for line in spans] == [10, 11]
    error = capsys.readouterr().err
    assert "4 lines" in error
    assert [f"line {number}:" in error for number in range(1, 7)] == [False, True, True, True, True, False]


def test_a_file_that_is_not_there_is_said_in_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    args = Namespace(source=tmp_path / "none.jsonl", out=tmp_path / "out.jsonl")
    assert find_pii.run(args, Settings()) == 2
    assert "none.jsonl" in capsys.readouterr().err


def test_a_marked_sentence_gives_its_text_and_spans() -> None:
    case = parse("Меня зовут [PERSON Пётр], номер [PHONE 8 900 000-00-00]", "ru")
    assert case.text == "Меня зовут Пётр, номер 8 900 000-00-00"
    assert [(one.type, case.text[one.start : one.end]) for one in case.spans] == [
        ("PERSON", "Пётр"),
        ("PHONE", "8 900 000-00-00"),
    ]


def test_a_find_counts_once_and_only_for_its_own_type_and_place() -> None:
    case = Case("0123456789", (Marked("PERSON", 0, 4), Marked("PHONE", 5, 10)), "ru")
    scores = compared(case, [Marked("PERSON", 0, 4), Marked("PERSON", 0, 3), Marked("PHONE", 0, 4)])
    person, phone = scores["PERSON"], scores["PHONE"]
    assert (person.marked, person.found, person.near, person.exact) == (1, 2, 1, 1)
    assert (phone.marked, phone.found, phone.near) == (1, 1, 0)
    assert (person.precision, person.recall, phone.recall) == (0.5, 1.0, 0.0)
    half = compared(case, [Marked("PERSON", 0, 2), Marked("PHONE", 8, 10)])
    assert (half["PERSON"].near, half["PERSON"].exact, half["PHONE"].near) == (1, 0, 0)


def test_there_are_600_sentences_and_a_third_is_held_out() -> None:
    held_out = load_cases(sorted(FOLDER.glob("held-out.*.txt")))
    cases = load_cases(sorted(FOLDER.glob("*.txt")))
    assert len(cases) >= 600
    first = load_cases(
        [path for path in FOLDER.glob("*.txt") if not path.name.startswith(("dev.2", "dev.3"))]
    )
    assert 0.3 < len(held_out) / len(first) < 0.4
    assert len({case.text for case in cases}) == len(cases)
    assert sum(not case.spans for case in cases) > 200, "sentences without any personal data"
