"""Forbidden topics: the folder seeds, what an admin edits wins until reset."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event

from stores.errors import ChangedMeanwhile, Refused, SalonFolderError
from stores.topics import Topic, Topics, check_topic, load_topics

MINE = [Topic(name="религия", stop_words=("церковь",), examples=("Есть ли бог?",), stub="Об этом не говорю.")]


def test_the_folder_seeds_the_topics(engine: Engine, salon_folder: Path) -> None:
    topics = Topics(engine)
    assert topics.current() == []
    topics.seed(salon_folder)
    politics, rivals = topics.current()
    assert politics.name == "политика"
    assert politics.stop_words == ("выборы", "президент")
    assert politics.examples == ("За кого голосовать на выборах?",)
    assert (politics.stub or "").startswith("О политике")
    assert (rivals.name, rivals.stub) == ("конкуренты", None)


def test_seeding_again_makes_no_new_version_unless_the_file_changed(
    engine: Engine, salon_folder: Path
) -> None:
    topics = Topics(engine)
    first = topics.seed(salon_folder)
    assert topics.seed(salon_folder) == first
    (salon_folder / "topics.yaml").write_text("- topic: погода\n", encoding="utf-8")
    assert topics.seed(salon_folder) > first
    assert [topic.name for topic in topics.current()] == ["погода"]


def test_what_an_admin_edits_wins_until_reset(engine: Engine, salon_folder: Path) -> None:
    topics = Topics(engine)
    topics.seed(salon_folder)
    topics.save(MINE)
    (salon_folder / "topics.yaml").write_text("- topic: погода\n", encoding="utf-8")
    topics.seed(salon_folder)
    assert topics.current() == MINE
    topics.reset(salon_folder)
    assert [topic.name for topic in topics.current()] == ["погода"]


def test_an_edit_in_one_process_is_seen_in_the_other(engine: Engine, salon_folder: Path) -> None:
    mine, other = Topics(engine), Topics(engine)
    mine.seed(salon_folder)
    assert len(other.current()) == 2
    mine.save(MINE)
    assert other.current() == MINE
    mine.save([])
    assert other.current() == []


def test_topics_are_read_once_per_version(engine: Engine, salon_folder: Path) -> None:
    topics = Topics(engine)
    topics.seed(salon_folder)
    topics.current()
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    topics.current()
    assert len([statement for statement in statements if statement.startswith("SELECT")]) == 1


def test_a_caller_cannot_change_what_others_are_given(engine: Engine, salon_folder: Path) -> None:
    topics = Topics(engine)
    topics.seed(salon_folder)
    topics.current().clear()
    assert len(topics.current()) == 2


def test_a_folder_without_the_file_has_no_topics(tmp_path: Path) -> None:
    assert load_topics(tmp_path) == []
    (tmp_path / "topics.yaml").write_text("# nothing yet\n", encoding="utf-8")
    assert load_topics(tmp_path) == []


@pytest.mark.parametrize(
    "content, said",
    [
        ("topic: политика", "must be a list"),
        ("- [", "no valid YAML"),
        ("- stop_words: [а]", "field `1.topic`: is missing"),
        ("- topic: а\n- topic: б\n  stop_words: выборы", r"field `2.stop_words`"),
        ("- topic: а\n  stop_words: [yes]", "in quotes"),
        ("- topic: а\n- topic: а", "stands there twice"),
        ("- просто текст", "field `1`"),
    ],
)
def test_a_wrong_file_is_named_with_the_field(tmp_path: Path, content: str, said: str) -> None:
    (tmp_path / "topics.yaml").write_text(content, encoding="utf-8")
    with pytest.raises(SalonFolderError, match=said) as raised:
        load_topics(tmp_path)
    assert "topics.yaml" in str(raised.value)
    assert "\n" not in str(raised.value)


def test_stop_words_that_are_numbers_are_taken_as_text(tmp_path: Path) -> None:
    (tmp_path / "topics.yaml").write_text("- topic: а\n  stop_words: [1488]\n", encoding="utf-8")
    assert load_topics(tmp_path)[0].stop_words == ("1488",)


def test_undo_puts_the_state_before_in_force_as_a_new_version(engine: Engine, salon_folder: Path) -> None:
    topics = Topics(engine)
    seeded = topics.seed(salon_folder)
    before = topics.current()
    saved = topics.save(MINE, author="Анна")
    undone = topics.undo(author="Борис")
    assert undone > saved > seeded
    assert topics.current() == before
    topics.undo()
    assert topics.current() == MINE, "an undo is undone"
    assert [(version.number, version.origin, version.author, version.topics) for version in topics.history()][
        1:
    ] == [(undone, "admin", "Борис", 2), (saved, "admin", "Анна", 1), (seeded, "folder", None, 2)]


def test_an_undo_of_an_edit_is_an_edit_and_stays_when_the_folder_changes(
    engine: Engine, salon_folder: Path
) -> None:
    topics = Topics(engine)
    topics.seed(salon_folder)
    before = topics.current()
    topics.save(MINE)
    topics.undo()
    (salon_folder / "topics.yaml").write_text("- topic: погода\n", encoding="utf-8")
    topics.seed(salon_folder)
    assert topics.current() == before


def test_the_first_state_cannot_be_undone(engine: Engine, salon_folder: Path) -> None:
    topics = Topics(engine)
    with pytest.raises(Refused, match="nothing_to_undo"):
        topics.undo()
    topics.seed(salon_folder)
    with pytest.raises(Refused, match="nothing_to_undo"):
        topics.undo()


def test_any_version_can_be_put_in_force_again(engine: Engine, salon_folder: Path) -> None:
    topics = Topics(engine)
    topics.seed(salon_folder)
    saved = topics.save(MINE)
    topics.save([])
    topics.restore(saved, author="Анна")
    assert topics.current() == topics.at(saved) == MINE
    with pytest.raises(Refused, match="no_such_version"):
        topics.restore(999)


def test_two_admins_do_not_overwrite_each_other(engine: Engine, salon_folder: Path) -> None:
    topics = Topics(engine)
    seen = topics.seed(salon_folder)
    topics.save(MINE, seen=seen)
    for edit in (
        lambda: topics.save([], seen=seen),
        lambda: topics.undo(seen=seen),
        lambda: topics.restore(seen, seen=seen),
    ):
        with pytest.raises(ChangedMeanwhile):
            edit()
    assert topics.current() == MINE


def test_two_topics_of_one_name_are_refused(engine: Engine) -> None:
    twins = [Topic(name="Спорт", stop_words=("матч",)), Topic(name="спорт", stop_words=("гол",))]
    with pytest.raises(Refused, match="topic_twice"):
        Topics(engine).save(twins)


@pytest.mark.parametrize(
    "wrong, key",
    [
        ({"stop_words": ()}, "topic_empty"),
        ({"stop_words": ("?!",)}, "word_without_letters"),
        ({"stop_words": ("а" * 201,)}, "word_too_long"),
        ({"examples": tuple(f"вопрос {number}" for number in range(301))}, "too_many_words"),
        ({"name": "а" * 81}, "name_too_long"),
        ({"stub": "а" * 2001}, "stub_too_long"),
    ],
)
def test_a_topic_that_cannot_work_is_refused(wrong: dict[str, Any], key: str) -> None:
    check_topic(Topic(**{"name": "спорт", "stop_words": ("матч",)}))
    with pytest.raises(Refused) as refused:
        check_topic(Topic(**({"name": "спорт", "stop_words": ("матч",)} | wrong)))
    assert refused.value.key == key


def test_words_that_mean_something_to_a_database_are_kept_as_they_are(engine: Engine) -> None:
    hostile = "'; DROP TABLE topics; --"
    topics = Topics(engine)
    topics.save([Topic(name=hostile, stop_words=(hostile,), examples=(hostile,), stub="<b>%s {0}</b>")])
    assert topics.current()[0].stop_words == (hostile,)
    assert topics.history()[0].topics == 1
