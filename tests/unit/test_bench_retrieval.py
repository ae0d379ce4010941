"""`bench-retrieval` on a corpus one can work out by hand."""

import json
import math
from argparse import ArgumentParser, Namespace
from pathlib import Path

import pytest

from jobs.bench import retrieval
from jobs.bench.filler import fill
from jobs.bench.ranking import Ranked, figures, ndcg
from jobs.bench.retrieval_data import BenchFileError, load_case
from settings import Settings

PASSAGES = [
    {"id": "a", "text": "Салон открыт до девяти вечера."},
    {"id": "b", "text": "Шины храним на складе всю зиму.", "title": "Хранение"},
    {"id": "c", "text": "The warranty lasts three years.", "language": "en"},
]
QUESTIONS = [
    {"text": "Где хранить шины зимой?", "relevant": ["b"]},
    {"text": "Сколько лет гарантия?", "relevant": ["c"]},
    {"text": "Кто это?", "relevant": ["lost"]},
]


def squad(*contexts: str, asked: str) -> str:
    paragraphs = [
        {"context": context, "qas": [{"id": f"q{number}", "question": f"{asked} {number}?", "answers": []}]}
        for number, context in enumerate(contexts)
    ]
    return json.dumps({"data": [{"title": "t", "paragraphs": paragraphs}]}, ensure_ascii=False)


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    corpus, questions = tmp_path / "corpus.jsonl", tmp_path / "questions.jsonl"
    for path, rows in ((corpus, PASSAGES), (questions, QUESTIONS)):
        path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")
    return corpus, questions


def run(tmp_path: Path, *options: str) -> int:
    parser = ArgumentParser()
    retrieval.add_arguments(parser)
    arguments: Namespace = parser.parse_args(options)
    return retrieval.run(arguments, Settings(data=tmp_path / "var"))


def test_every_system_is_measured_in_one_run(
    files: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    corpus, questions = map(str, files)
    out = tmp_path / "out.json"
    assert run(tmp_path, "--corpus", corpus, "--questions", questions, "--json", str(out)) == 0
    printed = capsys.readouterr().out
    assert "3 passages, 2 questions; 1 left out" in printed
    for name in ("BM25 on words", "BM25 on lemmas", "vectors alone", "the whole"):
        assert name in printed
    kept = json.loads(out.read_text(encoding="utf-8"))
    assert kept["figures"]["the whole"]["ndcg"] == 1
    assert kept["figures"]["BM25 on words"]["ndcg"] < 1
    assert kept["questions"][0]["found"]["the whole"][0] == "b"


def test_a_corpus_can_be_filled_up_to_see_how_long_a_search_takes(
    files: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    corpus, questions = map(str, files)
    assert (
        run(tmp_path, "--corpus", corpus, "--questions", questions, "--passages", "50", "--limit", "1") == 0
    )
    assert "50 passages, 1 questions" in capsys.readouterr().out


def test_made_up_passages_leave_the_real_ones_alone_and_are_the_same_every_time(
    files: tuple[Path, Path],
) -> None:
    passages = load_case(*files).passages
    filled = fill(passages, 12)
    assert filled[:3] == passages
    assert len({passage.id for passage in filled}) == 12
    assert filled == fill(passages, 12)
    assert fill(passages, 2) == passages


def test_questions_of_one_language_are_asked_of_another_by_their_ids(tmp_path: Path) -> None:
    russian, english = tmp_path / "ru.json", tmp_path / "en.json"
    russian.write_text(squad("Первый абзац.", "Второй абзац.", asked="Что"), encoding="utf-8")
    english.write_text(squad("First one.", "Second one.", asked="What"), encoding="utf-8")
    case = load_case(english, russian)
    assert [passage.id for passage in case.passages] == ["0/0", "0/1"]
    assert case.passages[0].language == "en"
    assert [(query.text, query.relevant) for query in case.queries] == [
        ("Что 0?", {"0/0"}),
        ("Что 1?", {"0/1"}),
    ]


def test_csv_is_read_too(tmp_path: Path) -> None:
    corpus, questions = tmp_path / "corpus.csv", tmp_path / "questions.csv"
    corpus.write_text('id,text\n1,"Один, два"\n2,Три\n', encoding="utf-8")
    questions.write_text("id,text,relevant\nx,Сколько?,1; 2\n", encoding="utf-8")
    case = load_case(corpus, questions)
    assert case.queries[0].relevant == {"1", "2"}
    assert case.passages[0].text == "Один, два"


@pytest.mark.parametrize(
    "corpus, questions",
    [
        ("не JSON", '{"text": "a", "relevant": ["1"]}'),
        ('{"id": "1"}', '{"text": "a", "relevant": ["1"]}'),
        ('{"text": "a"}', '{"text": "a", "relevant": ["1"]}'),
        ('{"id": "1", "text": "a"}', '{"text": "a", "relevant": ["2"]}'),
        ("[1]", '{"text": "a", "relevant": ["1"]}'),
    ],
)
def test_a_file_of_another_form_is_one_sentence_and_exit_code_2(
    corpus: str, questions: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = tmp_path / "corpus.jsonl", tmp_path / "questions.jsonl"
    first.write_text(corpus, encoding="utf-8")
    second.write_text(questions, encoding="utf-8")
    with pytest.raises(BenchFileError):
        load_case(first, second)
    assert run(tmp_path, "--corpus", str(first), "--questions", str(second)) == 2
    assert len(capsys.readouterr().err.strip().splitlines()) == 1


def test_a_missing_file_is_one_sentence_and_exit_code_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tmp_path, "--corpus", str(tmp_path / "none.jsonl")) == 2
    assert "none.jsonl" in capsys.readouterr().err


def test_the_figures_are_those_worked_out_by_hand() -> None:
    ranked = [Ranked(["x", "a"], 0.001), Ranked(["b", "c"], 0.003), Ranked([], 0.002)]
    found = figures(ranked, [{"a"}, {"b", "c"}, {"d"}])
    assert found.ndcg == pytest.approx((1 / math.log2(3) + 1 + 0) / 3)
    assert found.recall == pytest.approx(2 / 3)
    assert found.mrr == pytest.approx((0.5 + 1 + 0) / 3)
    assert (found.p50_ms, found.p95_ms) == (2.0, 3.0)
    assert ndcg(["a", "b"], {"b"}) == pytest.approx(1 / math.log2(3))
