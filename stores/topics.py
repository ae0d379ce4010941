"""Forbidden topics: seeded from the salon folder, edited by admins, kept as versions."""

import threading
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, NamedTuple

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session
from sqlmodel import col

from stores.columns import utc_now
from stores.database import looking_up, one_at_a_time, reading, writing
from stores.errors import ChangedMeanwhile, Refused, SalonFolderError
from stores.locks import Lock
from stores.models import TopicRow, TopicVersionRow

_CURRENT = select(func.max(col(TopicVersionRow.id)))
Origin = Literal["folder", "admin"]

NAME_LENGTH = 80
WORDS_LENGTH = 200
STUB_LENGTH = 2_000
MOST_TOPICS = 1_000
MOST_TEXTS = 300
"""How many stop words, and how many examples, a topic may have."""


class Topic(BaseModel):
    """What the assistant does not talk about. `stub` is what it says instead; None stands for the general one."""

    model_config = ConfigDict(
        frozen=True, str_strip_whitespace=True, populate_by_name=True, coerce_numbers_to_str=True
    )

    name: str = Field(alias="topic", min_length=1)
    stop_words: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    stub: str | None = None

    @field_validator("stop_words", "examples")
    @classmethod
    def _no_empty(cls, texts: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(text for text in texts if text)


class TopicVersion(NamedTuple):
    """A state of the topics: when it came in force and who made it, None where nobody did but the salon folder."""

    number: int
    origin: Origin
    created_at: datetime
    author: str | None
    topics: int
    """How many it has."""


class Topics:
    """The topics in force, the same for all processes. Each method may raise `DatabaseUnavailable`."""

    def __init__(self, engine: Engine, *, clock: Callable[[], datetime] = utc_now) -> None:
        self._engine = engine
        self._clock = clock
        self._cached: tuple[int, list[Topic]] = (0, [])
        self._lock = threading.Lock()

    def seed(self, folder: Path) -> int:
        """Put `topics.yaml` of a salon folder in force, unless an admin has edited the topics; gives the version.

        A file that was not changed makes no new version; a folder without the file has no topics.

        Raises:
            SalonFolderError: the file is no list of topics.
        """
        topics = load_topics(folder)
        with writing(self._engine) as session:
            one_at_a_time(session, Lock.TOPICS)
            version = _current(session)
            if version is not None and (
                version.origin == "admin" or _topics(session, version.id or 0) == topics
            ):
                return version.id or 0
            return self._store(session, topics, "folder")

    def reset(self, folder: Path, *, author: str | None = None) -> int:
        """Put `topics.yaml` of a salon folder in force, whatever admins have edited; gives the version.

        Raises:
            SalonFolderError: the file is no list of topics.
        """
        topics = load_topics(folder)
        with writing(self._engine) as session:
            one_at_a_time(session, Lock.TOPICS)
            return self._store(session, topics, "folder", author)

    def save(self, topics: Iterable[Topic], *, author: str | None = None, seen: int | None = None) -> int:
        """Put an admin's topics in force as a new version and give back its number.

        `seen` is the version that the admin looked at while editing; None stands for whichever is in force.

        Raises:
            Refused: two topics have one name, or there are far too many.
            ChangedMeanwhile: another version than `seen` is in force.
        """
        wanted = _without_twins(topics)
        with writing(self._engine) as session:
            one_at_a_time(session, Lock.TOPICS)
            _expect(session, seen)
            return self._store(session, wanted, "admin", author)

    def undo(self, *, author: str | None = None, seen: int | None = None) -> int:
        """Put the state before the one in force in force again, as a new version, and give back its number.

        To undo an undo is to do it again; any older state is reached with `restore`.

        Raises:
            Refused: there is no state before.
            ChangedMeanwhile: another version than `seen` is in force.
        """
        with writing(self._engine) as session:
            one_at_a_time(session, Lock.TOPICS)
            current = _expect(session, seen)
            before = session.scalar(
                select(func.max(col(TopicVersionRow.id))).where(col(TopicVersionRow.id) < current)
            )
            if before is None:
                raise Refused("nothing_to_undo")
            return self._store(session, _topics(session, before), "admin", author)

    def restore(self, version: int, *, author: str | None = None, seen: int | None = None) -> int:
        """Put an earlier version in force again, as a new one, and give back its number. Raises like `undo`."""
        with writing(self._engine) as session:
            one_at_a_time(session, Lock.TOPICS)
            _expect(session, seen)
            if session.get(TopicVersionRow, version) is None:
                raise Refused("no_such_version", version=version)
            return self._store(session, _topics(session, version), "admin", author)

    def version(self) -> int:
        """The number of the version in force, 0 before the first one."""
        with looking_up(self._engine) as connection:
            return connection.scalar(_CURRENT) or 0

    def at(self, version: int) -> list[Topic]:
        """The topics of a version; none where there is no such version."""
        with reading(self._engine) as session:
            return _topics(session, version)

    def history(self, limit: int = 50) -> list[TopicVersion]:
        """The latest versions, the one in force first."""
        count = (
            select(func.count())
            .where(col(TopicRow.version_id) == col(TopicVersionRow.id))
            .correlate(TopicVersionRow)
            .scalar_subquery()
        )
        query = select(TopicVersionRow, count).order_by(col(TopicVersionRow.id).desc()).limit(limit)
        with reading(self._engine) as session:
            return [
                TopicVersion(row.id or 0, _origin(row.origin), row.created_at, row.author, topics)
                for row, topics in session.execute(query)
            ]

    def current(self) -> list[Topic]:
        """The topics in force; they are read once per version, and only the version's number each time."""
        with looking_up(self._engine) as connection:
            version = connection.scalar(_CURRENT) or 0
        with self._lock:
            if self._cached[0] == version:
                return list(self._cached[1])
        with reading(self._engine) as session:
            topics = _topics(session, version)
        with self._lock:
            self._cached = (version, topics)
        return list(topics)

    def _store(self, session: Session, topics: list[Topic], origin: Origin, author: str | None = None) -> int:
        version = TopicVersionRow(origin=origin, created_at=self._clock(), author=author)
        session.add(version)
        session.flush()
        number = version.id or 0
        session.add_all(
            TopicRow(
                version_id=number,
                position=position,
                name=topic.name,
                stop_words=list(topic.stop_words),
                examples=list(topic.examples),
                stub=topic.stub,
            )
            for position, topic in enumerate(topics)
        )
        return number


def check_topic(topic: Topic) -> None:
    """Raises `Refused` for a topic that nothing can be recognised by, or that is far too long.

    For what a person enters; a salon folder's topics, and those that are edited beside it, are taken as they are.
    """
    if len(topic.name) > NAME_LENGTH:
        raise Refused("name_too_long", most=NAME_LENGTH)
    if not (topic.stop_words or topic.examples):
        raise Refused("topic_empty")
    if max(len(topic.stop_words), len(topic.examples)) > MOST_TEXTS:
        raise Refused("too_many_words", most=MOST_TEXTS)
    for text in (*topic.stop_words, *topic.examples):
        if not any(char.isalnum() for char in text):
            raise Refused("word_without_letters", word=text)
        if len(text) > WORDS_LENGTH:
            raise Refused("word_too_long", most=WORDS_LENGTH)
    if len(topic.stub or "") > STUB_LENGTH:
        raise Refused("stub_too_long", most=STUB_LENGTH)


def _without_twins(topics: Iterable[Topic]) -> list[Topic]:
    wanted, seen = list(topics), set()
    if len(wanted) > MOST_TOPICS:
        raise Refused("too_many_topics", most=MOST_TOPICS)
    for topic in wanted:
        if topic.name.casefold() in seen:
            raise Refused("topic_twice", name=topic.name)
        seen.add(topic.name.casefold())
    return wanted


def load_topics(folder: Path) -> list[Topic]:
    """Read `topics.yaml` of a salon folder; without the file there are no topics.

    Raises:
        SalonFolderError: it is no YAML, no list, an entry is wrong, or two entries have one name.
    """
    file = folder / "topics.yaml"
    if not file.is_file():
        return []
    try:
        raw = yaml.safe_load(file.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise SalonFolderError(f"cannot be read: {error.strerror}", file=file) from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise SalonFolderError(f"is no valid YAML: {' '.join(str(error).split())}", file=file) from error
    if raw is None:
        return []
    if not isinstance(raw, list):
        raise SalonFolderError("must be a list of topics", file=file)
    topics: dict[str, Topic] = {}
    for number, entry in enumerate(raw, 1):
        topic = _parse(entry, number, file)
        if topic.name in topics:
            raise SalonFolderError(
                f"the topic {topic.name!r} stands there twice", file=file, field=f"{number}.topic"
            )
        topics[topic.name] = topic
    return list(topics.values())


def _parse(entry: Any, number: int, file: Path) -> Topic:
    try:
        return Topic.model_validate(entry)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in (number, *first["loc"]))
        problem = "is missing" if first["type"] == "missing" else first["msg"]
        if isinstance(first["input"], bool):
            problem += ": YAML reads yes, no, on and off as truth values, so write the word in quotes"
        raise SalonFolderError(problem, file=file, field=field) from error


def _expect(session: Session, seen: int | None) -> int:
    """The number of the version in force, which must be the one that was looked at."""
    version = _current(session)
    number = (version.id or 0) if version else 0
    if seen is not None and seen != number:
        raise ChangedMeanwhile(seen, number)
    return number


def _origin(text: str) -> Origin:
    return "folder" if text == "folder" else "admin"


def _current(session: Session) -> TopicVersionRow | None:
    query = select(TopicVersionRow).order_by(col(TopicVersionRow.id).desc()).limit(1)
    return session.scalars(query).first()


def _topics(session: Session, version: int) -> list[Topic]:
    query = select(TopicRow).where(col(TopicRow.version_id) == version).order_by(col(TopicRow.position))
    return [
        Topic(name=row.name, stop_words=row.stop_words, examples=row.examples, stub=row.stub)
        for row in session.scalars(query)
    ]
