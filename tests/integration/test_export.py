"""Exports for training: the formats, the labels, who is in them, and that personal data stops them."""

import csv
import json
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, update

from chains.errors import ExportRefused
from chains.exporting import Exporter, Mask
from chains.privacy import Masked, mask
from jobs import export as job
from jobs.__main__ import main
from stores.database import open_database, writing
from stores.dialogs import Dialogs, TurnResult
from stores.exports import FORMATS, Exports, Format
from stores.forgetting import Forgetting
from stores.models import ConsentRow, DialogRow, TurnRow
from stores.office import ReviewRow
from stores.pseudonyms import Pseudonyms
from stores.salon import Consent
from stores.sealing import Cipher

CONSENT = Consent(text="Согласен", version="v1")
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def exports(engine: Engine, tmp_path: Path) -> Exports:
    return Exports(engine, tmp_path / "exports")


@pytest.fixture
def exporter(engine: Engine, exports: Exports) -> Exporter:
    return Exporter(exports, Pseudonyms(engine), mask)


@pytest.fixture
def talk(engine: Engine) -> Callable[..., str]:
    def make(*turns: tuple[str, TurnResult], consent: bool = True, at: datetime = NOW) -> str:
        dialogs = Dialogs(engine, clock=lambda: at)
        session_id = dialogs.open(
            kind="web",
            language="ru",
            consent=CONSENT if consent else None,
            address=None,
            remember=False,
            visitor=None,
        ).session_id
        for question, result in turns:
            dialogs.save_reply(dialogs.add_question(session_id, question), result)
        return session_id

    return make


def answered(text: str, **more: object) -> TurnResult:
    return TurnResult(answer=text, **{"route": "legend", **more})  # type: ignore[arg-type]


def correct(engine: Engine, session_id: str, right_answer: str) -> None:
    turn_id = Dialogs(engine).turns(session_id)[0].turn_id
    with writing(engine) as session:
        session.add(
            ReviewRow(
                turn_id=turn_id, wrong=True, reason="", right_answer=right_answer, reviewer="anna", at=NOW
            )
        )


def overlooking() -> Mask:
    """A finder that finds nothing the first time it is asked about a text."""
    seen: set[str] = set()

    def find(text: str) -> Masked:
        if text in seen:
            return mask(text)
        seen.add(text)
        return Masked(text, ())

    return find


def lines_of(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture
def corrected(engine: Engine, talk: Callable[..., str]) -> str:
    """A rated dialog of three answers: one that a person has corrected, a stub, and one of the model."""
    stub = answered("Об этом не говорю.", route="forbidden", blocked=True, reason="forbidden:политика")
    session_id = talk(
        ("Где вы?", answered("Не скажу.", state={"asked_by": "model"})),
        ("Кто победит?", stub),
        ("А «цена»?", answered('От "3"\nмиллионов.', llm=True)),
    )
    correct(engine, session_id, "На Проверочной улице.")
    Dialogs(engine).rate(session_id, 9, 0, "Спасибо")
    return session_id


def test_dialogs_come_as_messages_with_where_each_label_is_from(
    engine: Engine, exporter: Exporter, corrected: str, tmp_path: Path
) -> None:
    exporter.export(tmp_path / "chat", format="chat-jsonl", since=NOW)
    (line,) = lines_of(tmp_path / "chat")
    assert line["id"] == Pseudonyms(engine).of(corrected)
    assert corrected not in (tmp_path / "chat").read_text()
    assert line["messages"] == [
        {"role": "user", "content": "Где вы?"},
        {"role": "assistant", "content": "На Проверочной улице."},
        {"role": "user", "content": "Кто победит?"},
        {"role": "assistant", "content": "Об этом не говорю."},
        {"role": "user", "content": "А «цена»?"},
        {"role": "assistant", "content": 'От "3"\nмиллионов.'},
    ]
    assert line["labels"] == [
        {
            "route": "legend",
            "route_by": "model",
            "answer_by": "person",
            "blocked": False,
            "wrong": True,
            "given": "Не скажу.",
        },
        {
            "route": "forbidden",
            "route_by": "rule",
            "answer_by": "rule",
            "blocked": True,
            "reason": "forbidden:политика",
        },
        {"route": "legend", "route_by": "rule", "answer_by": "model", "blocked": False},
    ]
    assert line["rating"] == {"csat": 9, "nps": 0, "comment": "Спасибо"}


def test_dialogs_come_as_sharegpt_and_as_a_table_too(
    engine: Engine, exporter: Exporter, corrected: str, tmp_path: Path
) -> None:
    name = Pseudonyms(engine).of(corrected)
    exporter.export(tmp_path / "share", format="sharegpt", since=NOW)
    (line,) = lines_of(tmp_path / "share")
    assert line["conversations"][:2] == [  # type: ignore[index]
        {"from": "human", "value": "Где вы?"},
        {"from": "gpt", "value": "На Проверочной улице."},
    ]

    exporter.export(tmp_path / "csv", format="csv", since=NOW)
    with (tmp_path / "csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["dialog"], row["turn"]) for row in rows] == [(name, "1"), (name, "2"), (name, "3")]
    assert (rows[0]["answer"], rows[0]["given"], rows[0]["answer_by"]) == (
        "На Проверочной улице.",
        "Не скажу.",
        "person",
    )
    assert (rows[1]["blocked"], rows[1]["reason"]) == ("1", "forbidden:политика")
    assert (rows[2]["answer"], rows[2]["csat"], rows[2]["nps"]) == ('От "3"\nмиллионов.', "9", "0")
    assert corrected not in "".join((tmp_path / name).read_text() for name in ("share", "csv"))


def test_only_dialogs_with_consent_and_of_the_time_asked_for_are_exported(
    exporter: Exporter, talk: Callable[..., str], tmp_path: Path
) -> None:
    talk(("без согласия", answered("да")), consent=False)
    talk(("раньше", answered("да")), at=NOW - timedelta(seconds=1))
    talk(("теперь", answered("да")))
    talk()
    done = exporter.export(tmp_path / "out", format="csv", since=NOW)
    assert (done.dialogs, done.turns) == (1, 1)
    content = (tmp_path / "out").read_text(encoding="utf-8")
    assert "теперь" in content
    assert "раньше" not in content
    assert "согласия" not in content


@pytest.mark.parametrize("format", FORMATS)
def test_what_was_stored_unmasked_is_masked_again(
    engine: Engine, exporter: Exporter, talk: Callable[..., str], tmp_path: Path, format: Format
) -> None:
    session_id = talk(
        ("Мой номер +7 900 000-00-31", answered("Пишу на a31@mail.example", reason="+7 900 000-00-32"))
    )
    correct(engine, session_id, "Звоните 8 900 000 00 33")
    Dialogs(engine).rate(session_id, 1, None, "Меня зовут Канарейкин Пётр")
    exporter.export(tmp_path / "out", format=format, since=NOW)
    content = (tmp_path / "out").read_text(encoding="utf-8")
    for datum in ("000-00", "00 33", "a31@", "Канарейкин"):
        assert datum not in content
    assert "[телефон]" in content


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("field", ["question", "answer", "right_answer", "comment"])
def test_personal_data_in_the_written_file_refuses_the_export_and_leaves_nothing(
    engine: Engine, exports: Exports, talk: Callable[..., str], tmp_path: Path, format: Format, field: str
) -> None:
    slipped, words = "позвоните +7 900 000-00-41", {}
    words[field] = slipped
    session_id = talk(("Вопрос?", answered("Ответ.")), (words.get("question", "Ещё?"), answered("Да.")))
    if "answer" in words:
        with writing(engine) as session:
            session.execute(update(TurnRow).values(answer=slipped))
    correct(engine, session_id, words.get("right_answer", "Верный."))
    Dialogs(engine).rate(session_id, 5, None, words.get("comment", ""))
    (tmp_path / "out").write_text("an earlier export", encoding="utf-8")
    with pytest.raises(ExportRefused) as caught:
        Exporter(exports, Pseudonyms(engine), overlooking()).export(
            tmp_path / "out", format=format, since=NOW
        )
    assert "000-00-41" not in str(caught.value)
    assert "phone" in str(caught.value)
    assert "line " in str(caught.value)
    assert (tmp_path / "out").read_text(encoding="utf-8") == "an earlier export"
    assert [path.name for path in tmp_path.iterdir() if path.name not in {"out", "data"}] == []


def test_a_dialog_forgotten_while_the_export_is_written_is_not_in_it(
    engine: Engine, cipher: Cipher, exports: Exports, talk: Callable[..., str], tmp_path: Path
) -> None:
    stays, goes = talk(("останется", answered("да"))), talk(("исчезнет", answered("да")))
    forgetting = Forgetting(engine, cipher, erasers={"export_lines": exports.erase})

    def mask_and_forget(text: str) -> Masked:
        if text == "исчезнет" and goes in still_there(engine):
            forgetting.forget(goes, cause="visitor")
        return Masked(text, ())

    done = Exporter(exports, Pseudonyms(engine), mask_and_forget).export(
        tmp_path / "out", format="chat-jsonl", since=NOW
    )
    assert done.forgotten == 1
    assert [line["id"] for line in lines_of(tmp_path / "out")] == [Pseudonyms(engine).of(stays)]


def still_there(engine: Engine) -> list[str]:
    with engine.connect() as connection:
        return list(connection.scalars(select(DialogRow.session_id)))


def test_memory_does_not_grow_with_the_number_of_dialogs(engine: Engine, tmp_path: Path) -> None:
    with writing(engine) as session:
        for number in range(1500):
            session_id = f"{number:032x}"
            session.add(
                DialogRow(session_id=session_id, kind="web", language="ru", opened_at=NOW, last_at=NOW)
            )
        session.flush()
        for number in range(1500):
            session_id = f"{number:032x}"
            session.add(ConsentRow(session_id=session_id, version="v1", given_at=NOW))
            session.add(
                TurnRow(
                    **{"turn_id": session_id, "session_id": session_id, "status": "answered"},
                    **{"question": "в" * 2000, "answer": "о" * 2000, "asked_at": NOW, "route": "legend"},
                    **{"cars": [], "sources": [], "notices": [], "checks": [], "timings": {}, "state": {}},
                )
            )
    exporter = Exporter(
        Exports(engine, tmp_path), Pseudonyms(engine), lambda text: Masked(text, ()), clock=lambda: NOW
    )
    tracemalloc.start()
    done = exporter.export(tmp_path / "out", format="chat-jsonl", since=NOW)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    size = (tmp_path / "out").stat().st_size
    assert done.dialogs == 1500
    assert size > 11_000_000
    assert peak < size / 2


def test_the_job_writes_a_file_and_refuses_with_one(
    database_url: str,
    talk: Callable[..., str],
    salon_folder: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    engine = open_database(database_url)
    engine.dispose()
    talk(("Есть C 180? Я Канарейкин, +7 900 000-00-51", answered("Звоните нам: +7 000 000-00-07")))
    command = ["export", "--salon", str(salon_folder), "--data", str(tmp_path / "d"), "--db", database_url]
    assert main([*command, "--format", "chat-jsonl", "--since", "2026-11-01"]) == 0
    (path,) = (tmp_path / "d" / "exports").glob("*.chat.jsonl")
    content = path.read_text(encoding="utf-8")
    assert "000-00-51" not in content
    assert "+7 000 000-00-07" in content  # the salon's own
    assert main([*command, "--format", "csv", "--since", "2026-12-01", "--out", str(tmp_path / "none")]) == 0
    assert len((tmp_path / "none").read_text(encoding="utf-8").splitlines()) == 1
    with pytest.raises(SystemExit):
        main([*command, "--format", "csv", "--since", "вчера"])

    monkeypatch.setattr(job, "_mask_of", lambda _: overlooking())
    capsys.readouterr()
    assert main([*command, "--format", "csv", "--out", str(tmp_path / "refused")]) == 1
    assert "000-00-51" not in capsys.readouterr().out
    assert not (tmp_path / "refused").exists()
