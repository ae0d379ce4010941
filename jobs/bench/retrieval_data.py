"""The corpus and the questions of `bench-retrieval`: JSON lines, CSV, or SQuAD's JSON."""

import csv
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from chains.text import language_of
from stores.passages import Passage


class BenchFileError(Exception):
    """A file of passages or questions cannot be read; the message is one sentence for whoever started the job."""


class Query(NamedTuple):
    """A question and the ids of the passages that answer it."""

    id: str
    text: str
    relevant: frozenset[str]


class Case(NamedTuple):
    """What is searched, what is asked, and how many questions were left out since nothing here answers them."""

    passages: list[Passage]
    queries: list[Query]
    left_out: int


def load_case(corpus: Path, questions: Path) -> Case:
    """Reads both files.

    In JSON lines and CSV a passage has `id`, `text` and optionally `title` and `language`; a question has `text`,
    `relevant` (a list, in CSV separated by `;`) and optionally `id`. Of a SQuAD file each paragraph is a passage
    `ARTICLE/PARAGRAPH`, counted from 0, without a title (the article's name would tell too much); a question belongs
    to the paragraph that has a question of its id, so that questions of one language may be asked of another.

    Raises:
        BenchFileError: a file is missing, of another form, or no question has its passage.
    """
    squad = _squad(corpus)
    if squad is None:
        passages = [_passage(row, corpus) for row in _rows(corpus)]
        homes: Mapping[str, str] = {}
    else:
        passages = [_passage({"id": name, "text": text}, corpus) for name, text, _ in _paragraphs(squad)]
        homes = {str(asked["id"]): name for name, _, qas in _paragraphs(squad) for asked in qas}
    known = {passage.id for passage in passages}
    every = list(_queries(questions, homes))
    queries = [query for query in every if query.relevant & known]
    if not queries:
        raise BenchFileError(f"no question of {questions} has its passage in {corpus}")
    return Case(passages, queries, len(every) - len(queries))


def _queries(path: Path, homes: Mapping[str, str]) -> Iterator[Query]:
    squad = _squad(path)
    if squad is not None:
        for name, _, qas in _paragraphs(squad):
            for asked in qas:
                home = homes.get(str(asked["id"]), "" if homes else name)
                yield Query(str(asked["id"]), str(asked["question"]), frozenset({home} - {""}))
        return
    for number, row in enumerate(_rows(path)):
        relevant = row.get("relevant", [])
        ids = relevant.split(";") if isinstance(relevant, str) else relevant
        names = frozenset(str(one).strip() for one in ids if str(one).strip())
        yield Query(str(row.get("id") or number), _text(row, path), names)


def _passage(row: Mapping[str, Any], path: Path) -> Passage:
    text = _text(row, path)
    if not row.get("id"):
        raise BenchFileError(f"{path}: a passage has no id")
    language = str(row.get("language") or language_of(text))
    return Passage(str(row["id"]), "wiki", str(row.get("title") or ""), text, language=language)


def _text(row: Mapping[str, Any], path: Path) -> str:
    if not isinstance(row.get("text"), str):
        raise BenchFileError(f"{path}: a row has no text")
    return str(row["text"])


def _rows(path: Path) -> list[Mapping[str, Any]]:
    text = _read(path)
    if path.suffix.lower() == ".csv":
        return list(csv.DictReader(text.splitlines()))
    try:
        rows = [json.loads(line) for line in text.splitlines() if line.strip()]
    except json.JSONDecodeError as error:
        raise BenchFileError(f"{path} is neither JSON lines nor CSV nor SQuAD's JSON: {error}") from error
    if not all(isinstance(row, dict) for row in rows):
        raise BenchFileError(f"{path}: each line must be an object")
    return rows


def _squad(path: Path) -> list[dict[str, Any]] | None:
    """The articles of a SQuAD file, None for a file of another form."""
    if path.suffix.lower() != ".json":
        return None
    try:
        content = json.loads(_read(path))
    except json.JSONDecodeError:
        return None
    return content["data"] if isinstance(content, dict) and "data" in content else None


def _paragraphs(articles: list[dict[str, Any]]) -> Iterator[tuple[str, str, list[dict[str, Any]]]]:
    for number, article in enumerate(articles):
        for place, paragraph in enumerate(article["paragraphs"]):
            yield f"{number}/{place}", str(paragraph["context"]), paragraph["qas"]


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise BenchFileError(f"{path} cannot be read: {error}") from error
