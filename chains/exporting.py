"""Dialogs as trainers of language models read them: masked once more, written whole or not at all, scanned afterwards.

chat-jsonl is the `messages` format of OpenAI and TRL, sharegpt the `conversations` of FastChat; csv has a row a turn.
"""

import csv
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import IO, Any, NamedTuple

from chains.errors import ExportRefused
from chains.privacy import Masked
from stores.columns import utc_now
from stores.exports import CSV_DIALOG, ExportDialog, Exports, ExportTurn, Format, beside_of
from stores.pseudonyms import Pseudonyms

Mask = Callable[[str], Masked]
"""Masks the personal data in a text and tells what it found."""
_MASKED_AT_MOST = 4
_REMEMBERED = 2048
"""Texts whose finds are remembered: questions differ, answers and labels are often the same."""
_COLUMNS = (
    *(CSV_DIALOG, "turn", "language", "asked_on", "question", "answer", "given", "answer_by", "route"),
    *("route_by", "blocked", "reason", "wrong", "csat", "nps", "comment"),
)


class Exported(NamedTuple):
    """What came of an export: how many dialogs and turns, and how many lines were removed again since their dialog was
    forgotten meanwhile."""

    path: Path
    dialogs: int
    turns: int
    forgotten: int


@dataclass(frozen=True)
class Exporter:
    """Writes exports. `mask` is the finder of everywhere else."""

    exports: Exports
    pseudonyms: Pseudonyms
    mask: Mask
    clock: Callable[[], datetime] = utc_now

    def export(self, target: Path, *, format: Format, since: datetime, actor: str | None = None) -> Exported:
        """Write the dialogs opened from a moment on to which their visitors consented.

        The finished file is read once more, field by field. Raises `ExportRefused`, and leaves nothing behind, when
        personal data is found in it then; OSError when it cannot be written.
        """
        target.parent.mkdir(parents=True, exist_ok=True)
        self.exports.sweep(target.parent)
        beside = beside_of(target)
        begun = self.clock()
        try:
            with beside.open("w", encoding="utf-8", newline="") as file:
                dialogs, turns = self._write(file, format, since)
                file.flush()
                os.fsync(file.fileno())
            self._scan(beside, format)
            forgotten = self.exports.publish(
                beside, target, format=format, dialogs=dialogs, actor=actor, begun=begun
            )
        finally:
            with suppress(FileNotFoundError):
                beside.unlink()
        return Exported(target, dialogs, turns, forgotten)

    def _write(self, file: IO[str], format: Format, since: datetime) -> tuple[int, int]:
        dialogs = turns = 0
        mask = lru_cache(_REMEMBERED)(self.mask)
        writer = csv.writer(file, lineterminator="\n")
        if format == "csv":
            writer.writerow(_COLUMNS)
        for dialog in self.exports.dialogs(since):
            masked = _masked_dialog(dialog, mask)
            name = self.pseudonyms.of(dialog.session_id)
            if format == "csv":
                writer.writerows(_rows(name, masked))
            else:
                line = _chat(name, masked) if format == "chat-jsonl" else _sharegpt(name, masked)
                file.write(json.dumps(line, ensure_ascii=False) + "\n")
            dialogs, turns = dialogs + 1, turns + len(dialog.turns)
        return dialogs, turns

    def _scan(self, path: Path, format: Format) -> None:
        # It relies on nothing that was found while the file was written.
        mask = lru_cache(_REMEMBERED)(self.mask)
        with path.open(encoding="utf-8", newline="") as file:
            for place, field, text in _texts_of(file, format):
                found = mask(text).found
                if found:
                    kinds = ", ".join(sorted({span.kind for span in found}))
                    raise ExportRefused(place, field, kinds)


def _masked_dialog(dialog: ExportDialog, mask: Mask) -> ExportDialog:
    turns = tuple(
        turn._replace(
            question=_masked(turn.question, mask),
            answer=_masked(turn.answer, mask),
            right_answer=_masked(turn.right_answer, mask),
            reason=_masked(turn.reason or "", mask) or None,
        )
        for turn in dialog.turns
    )
    return dialog._replace(turns=turns, comment=_masked(dialog.comment, mask))


def _masked(text: str, mask: Mask) -> str:
    """The text without personal data; the words put in place of some may bring more to light."""
    for _ in range(_MASKED_AT_MOST):
        masked = mask(text)
        if not masked.found:
            break
        text = masked.text
    return text


def _texts_of(file: IO[str], format: Format) -> Iterator[tuple[int, str, str]]:
    """Every text of a file, with the number of its line or row and the name of its field."""
    if format == "csv":
        for number, row in enumerate(csv.DictReader(file), start=2):
            yield from ((number, name, text) for name, text in row.items() if text and name != CSV_DIALOG)
        return
    for number, line in enumerate(file, start=1):
        for name, value in json.loads(line).items():
            if name != "id":
                yield from ((number, field, text) for field, text in _strings(value, name))


def _strings(value: Any, name: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield name, value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _strings(item, f"{name}.{key}")
    elif isinstance(value, Sequence):
        for number, item in enumerate(value):
            yield from _strings(item, f"{name}.{number}")


def _chat(name: str, dialog: ExportDialog) -> dict[str, Any]:
    messages = [
        {"role": role, "content": text}
        for turn in dialog.turns
        for role, text in (("user", turn.question), ("assistant", _answer(turn)))
    ]
    return {"id": name, "messages": messages, **_about(dialog)}


def _sharegpt(name: str, dialog: ExportDialog) -> dict[str, Any]:
    messages = [
        {"from": sender, "value": text}
        for turn in dialog.turns
        for sender, text in (("human", turn.question), ("gpt", _answer(turn)))
    ]
    return {"id": name, "conversations": messages, **_about(dialog)}


def _about(dialog: ExportDialog) -> dict[str, Any]:
    """What trainers leave alone: language, labels with their origin (an entry a turn), and the rating."""
    about: dict[str, Any] = {
        "language": dialog.language,
        "opened_on": f"{dialog.opened_at:%Y-%m-%d}",
        "labels": [_label(turn) for turn in dialog.turns],
    }
    if dialog.csat is not None:
        about["rating"] = {"csat": dialog.csat, "nps": dialog.nps, "comment": dialog.comment}
    return about


def _label(turn: ExportTurn) -> dict[str, Any]:
    label: dict[str, Any] = {
        "route": turn.route,
        "route_by": turn.routed_by,
        "answer_by": _answered_by(turn),
        "blocked": turn.blocked,
    }
    if turn.blocked:
        label["reason"] = turn.reason
    if turn.wrong is not None:
        label["wrong"] = turn.wrong
    if turn.right_answer:
        label["given"] = turn.answer
    return label


def _rows(name: str, dialog: ExportDialog) -> Iterable[tuple[object, ...]]:
    for number, turn in enumerate(dialog.turns, start=1):
        yield (
            *(name, number, dialog.language, f"{turn.asked_at:%Y-%m-%d}", turn.question, _answer(turn)),
            *(turn.answer if turn.right_answer else "", _answered_by(turn), turn.route, turn.routed_by),
            *(int(turn.blocked), turn.reason or "", "" if turn.wrong is None else int(turn.wrong)),
            *(dialog.csat or "", "" if dialog.nps is None else dialog.nps, dialog.comment),
        )


def _answer(turn: ExportTurn) -> str:
    """The answer to learn from: what staff say is right goes before what was said."""
    return turn.right_answer or turn.answer


def _answered_by(turn: ExportTurn) -> str:
    if turn.right_answer:
        return "person"
    return "model" if turn.llm else "rule"
