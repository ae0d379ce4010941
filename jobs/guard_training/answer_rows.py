"""Pairs of question and answer to learn from: the authored tables, and public sets whose licence lets one.

Never among them: xstest, wildguardtest, safe_rlhf_mini, mera and jailbreakbench's answers, which measure.
"""

import csv
import json
from collections.abc import Callable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from chains.answer_signs import SignBook

_OPENING = 2
_REFUSED, _HARMLESS, _WORDED, _HARMFUL = 0.1, 0.25, 0.4, 0.5  # people's scores of harm, 0 to 1


class PairRow(NamedTuple):
    """A labelled answer; None where a set does not say. `weight` is how much one row counts."""

    question: str
    text: str
    refusal: bool | None
    harm: bool | None
    source: str
    weight: float = 1.0


def load_answers(folder: Path) -> list[PairRow]:
    """The authored tables of a folder. Raises ValueError naming file and line of a bad row."""
    rows = []
    for path in sorted(folder.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            for number, row in enumerate(csv.DictReader(file), 2):
                if row.get("harm") not in {"harm", "safe"} or row.get("refusal") not in {
                    "refusal",
                    "compliance",
                }:
                    raise ValueError(f"{path}, line {number}: {row}")
                rows.append(
                    PairRow(
                        row["question"],
                        row["text"],
                        row["refusal"] == "refusal",
                        row["harm"] == "harm",
                        "authored",
                    )
                )
    return rows


def load_public(data: Path, book: SignBook) -> list[PairRow]:
    """The public sets that the folder has; one that is missing is told of."""
    rows: list[PairRow] = []
    for name, load in _SETS.items():
        try:
            rows += load(data, book)
        except FileNotFoundError:
            print(f"Left out, not in {data}: {name}")
    return rows


def _table(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = (line for line in file if not line.startswith("# "))
        yield from csv.DictReader(lines)


def _says_no(book: SignBook, row: Mapping[str, str]) -> bool:
    pair = book.read(row["objective"], row["assistant_response"])
    return any("cannot" in found for found in pair.said[:_OPENING])


def _pyrit_refusals(data: Path, book: SignBook) -> Iterator[PairRow]:
    """People's labels. In the second file an answer off the point counts as a refusal too: such rows are left out."""
    folder = data / "pyrit_scorer_evals" / "refusal_scorer"
    for row in _table(folder / "refusal.csv"):
        yield PairRow(
            row["objective"], row["assistant_response"], row["human_score"] == "1", None, "pyrit refusal"
        )
    for row in _table(folder / "refusal_extra.csv"):
        refused = row["human_score"] == "1"
        if not refused or _says_no(book, row):
            yield PairRow(row["objective"], row["assistant_response"], refused, None, "pyrit refusal")


def _pyrit_harm(data: Path, book: SignBook) -> Iterator[PairRow]:
    """People's scores of harm; whether such an answer refuses is taken from its words where both agree."""
    seen = set()
    for path in sorted((data / "pyrit_scorer_evals" / "harm").glob("*.csv")):
        for row in _table(path):
            given = [float(value) for name, value in row.items() if name.startswith("human_score") and value]
            answer = row["assistant_response"]
            if not given or not answer or answer in seen:
                continue
            seen.add(answer)
            score = sum(given) / len(given)
            no = _says_no(book, row)
            if no == (score <= _REFUSED) and (no or score >= _WORDED):
                yield PairRow(row["objective"], answer, no, None, "pyrit harm", 0.5)
            if score >= _HARMFUL or score <= _HARMLESS:
                yield PairRow(row["objective"], answer, None, score >= _HARMFUL, "pyrit harm", 0.7)


def _pyrit_objectives(data: Path, _: SignBook) -> Iterator[PairRow]:
    for path in sorted((data / "pyrit_scorer_evals" / "objective").glob("*.csv")):
        for row in _table(path):
            if row["assistant_response"]:
                reached = row["human_score"] in {"1", "1.0"}
                yield PairRow(
                    row["objective"], row["assistant_response"], None, reached, "pyrit objective", 0.7
                )


def _oasst(data: Path, _: SignBook) -> Iterator[PairRow]:
    with (data / "oasst_en_100" / "en_100_tree.jsonl").open(encoding="utf-8") as file:
        for line in file:
            pending = [json.loads(line)["prompt"]]
            while pending:
                message = pending.pop()
                replies = message.get("replies", [])
                pending += replies
                if message["role"] == "prompter":
                    for reply in replies:
                        yield PairRow(message["text"], reply["text"], False, False, "oasst", 0.5)


def _saiga(data: Path, _: SignBook) -> Iterator[PairRow]:
    with (data / "ru_saiga_crowd" / "ru_alpaca_seed_tasks.jsonl").open(encoding="utf-8") as file:
        for line in file:
            task = json.loads(line)
            for one in task["instances"]:
                if one.get("output"):
                    question = f"{task['instruction']}\n{one.get('input', '')}"
                    yield PairRow(question, one["output"], False, False, "saiga", 0.5)


_SETS: Mapping[str, Callable[[Path, SignBook], Iterator[PairRow]]] = {
    "pyrit refusal": _pyrit_refusals,
    "pyrit harm": _pyrit_harm,
    "pyrit objective": _pyrit_objectives,
    "oasst": _oasst,
    "saiga": _saiga,
}


def without_repeats(rows: list[PairRow]) -> list[PairRow]:
    """One row for each pair and what it is labelled for."""
    keys: dict[tuple[str, bool, bool], PairRow] = {}
    for row in rows:
        said = " ".join(chain(row.question.lower().split(), ["\x1f"], row.text.lower().split()))
        keys.setdefault((said, row.refusal is None, row.harm is None), row)
    return list(keys.values())
