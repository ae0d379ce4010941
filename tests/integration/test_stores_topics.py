"""Forbidden topics: the folder seeds, what an admin edits wins until reset."""

from pathlib import Path

import pytest
from sqlalchemy import Engine, event

from stores.errors import SalonFolderError
from stores.topics import Topic, Topics, load_topics

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
