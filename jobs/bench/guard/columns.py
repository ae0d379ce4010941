"""Which column of a foreign table is which of ours, and a record as a row."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from typing import Any, NamedTuple

from chains.text import language_of
from jobs.bench.guard.reading import Record, SourceUnusable
from jobs.bench.guard.rows import LABELS, MISSING, LabelName, Row, UnknownValue, folded, is_value_of, label_of
from jobs.bench.guard.rows import language_named as _language_named

ALIASES: dict[str, str] = {
    "prompt": "prompt user_prompt user_input instruction input question query request user_message user message "
    "attack jailbreak goal behavior forbidden_prompt промпт запрос вопрос сообщение",
    "response": "response answer completion output assistant_response model_response model_answer reply assistant "
    "generation ответ ответ_модели",
    "prompt_label": "prompt_label prompt_injection_label injection_label is_injection injection prompt_injection "
    "is_jailbreak jailbreak_label метка_промпта метка_запроса инъекция",
    "response_label": "response_label response_harm_label harm_label is_harmful is_harm harm harmful unsafe "
    "answer_label метка_ответа вред",
    "response_refusal_label": "response_refusal_label refusal_label response_refusal is_refusal refusal refused "
    "отказ метка_отказа",
    "model": "model model_name model_id llm assistant_model модель",
    "language": "language lang locale язык",
    "source": "source dataset origin dataset_name источник набор",
    "look_alike": "look_alike lookalike hard_negative",
    "kind": "kind",
}
"""Our fields and what other tables call them, the likeliest name first."""
_FIELDS = {name: names.split() for name, names in ALIASES.items()}
_TEXTS = ("text", "content", "sentence", "текст")
_ANY_LABEL = ("label", "class", "target", "category_label", "y", "метка", "класс", "разметка")
_KNOWN = frozenset([*chain.from_iterable(_FIELDS.values()), *_TEXTS, *_ANY_LABEL])
_PEEKED = 500
_KEPT = 200


def known_column(name: str) -> bool:
    """Whether a column of this name is one of ours."""
    return folded(name) in _KNOWN


class Wrong(NamedTuple):
    """A cell or a record that is not what it should be: where, and what is wrong."""

    source: str
    number: int
    what: str


@dataclass
class Remarks:
    """What is wrong: how often, and the first of them, so that a table full of it takes no memory."""

    count: int = 0
    first: list[Wrong] = field(default_factory=list)

    def add(self, source: str, number: int, what: str) -> None:
        """Count it, and keep it if it is one of the first."""
        self.count += 1
        if len(self.first) < _KEPT:
            self.first.append(Wrong(source, number, what))


def rows_of(records: Iterable[Record], source: str, wrong: Remarks) -> Iterator[Row]:
    """Records as rows; what is wrong with them is added to `wrong`.

    A label's cell that means nothing counts as missing. A language that is neither Russian nor English, or not
    told, is that of the text's letters. Raises `SourceUnusable` when no column holds prompts or answers.
    """
    stream = iter(records)
    first = list(islice(stream, _PEEKED))
    places = places_of(first, source)
    for record in chain(first, stream):
        if record.problem is not None:
            wrong.add(source, record.number, record.problem)
            continue
        yield _row(record, places, source, wrong)


def places_of(records: Sequence[Record], source: str) -> dict[str, str]:
    """The column of each field. Raises `SourceUnusable`."""
    names = list(dict.fromkeys(name for record in records for name in record.cells))
    by_folded = {folded(name): name for name in reversed(names)}
    places = {
        field: next(by_folded[alias] for alias in aliases if alias in by_folded)
        for field, aliases in _FIELDS.items()
        if any(alias in by_folded for alias in aliases)
    }
    text = next((by_folded[name] for name in _TEXTS if name in by_folded), None)
    label = next((by_folded[name] for name in _ANY_LABEL if name in by_folded), None)
    if text is not None:
        about_answers = {"response_label", "response_refusal_label"} & set(places)
        if "prompt" not in places and not ("response" not in places and about_answers):
            places["prompt"] = text
        elif "response" not in places:
            places["response"] = text
    if label is not None:
        values = [record.cells.get(label) for record in records]
        places.setdefault(_label_meant(values, answers="response" in places), label)
    if "prompt" not in places and "response" not in places:
        found = ", ".join(map(repr, names)) or "none"
        raise SourceUnusable(
            f"{source}: no column of prompts or answers: it has {found}; expected are prompt, prompt_label, response, "
            "response_label, response_refusal_label, model, language, source"
        )
    return places


def _label_meant(values: Sequence[Any], *, answers: bool) -> LabelName:
    """Which label a column that is just called `label` holds, by the words in it."""
    words = {folded(value) for value in values if value is not None} - MISSING
    only = {name: {word for word in words if is_value_of(name, word)} for name in LABELS}
    most = max(len(found) for found in only.values())
    order: tuple[LabelName, ...] = ("prompt_label", "response_label", "response_refusal_label")
    if answers and words & {"harm", "harmful", "toxic", "jailbroken", "вред", "вредный"}:
        order = ("response_label", "prompt_label", "response_refusal_label")
    return next(name for name in order if len(only[name]) == most)


def _row(record: Record, places: dict[str, str], source: str, wrong: Remarks) -> Row:
    cells = {field: record.cells.get(column) for field, column in places.items()}
    prompt, response = _text(cells.get("prompt")), _text(cells.get("response"))
    labels: dict[LabelName, str | None] = {}
    for name in LABELS:
        try:
            labels[name] = label_of(name, cells.get(name))
        except UnknownValue as error:
            labels[name] = None
            wrong.add(source, record.number, f"{name} {str(error)!r} is no value that is known")
    own = _text(cells.get("source"))
    look_alike = _is_yes(cells.get("look_alike")) or "alike" in folded(cells.get("kind") or "")
    row = Row(
        prompt=prompt,
        prompt_label=labels["prompt_label"],
        response=response,
        response_label=labels["response_label"],
        response_refusal_label=labels["response_refusal_label"],
        model=_text(cells.get("model")),
        language=_language_named(cells.get("language")) or language_of(prompt or response or ""),
        source=(own or source)[:200],
        look_alike=look_alike,
        number=record.number,
    )
    return replace(row, look_alike=row.look_alike and row.prompt_label == "safe")


def _text(value: Any) -> str | None:
    """A cell as text, None for one that holds nothing to read."""
    if value is None or (isinstance(value, float) and value != value):
        return None
    text = str(value).strip()
    return text if text.casefold() not in ("", "nan", "null", "none") else None


def _is_yes(value: Any) -> bool:
    return value is not None and folded(value) in {"1", "true", "yes", "да"}
