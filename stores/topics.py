"""Forbidden topics: seeded from the salon folder, edited by admins, kept as versions."""

import threading
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session
from sqlmodel import col

from stores.columns import utc_now
from stores.database import looking_up, one_at_a_time, reading, writing
from stores.errors import SalonFolderError
from stores.models import TopicRow, TopicVersionRow

_LOCK = 7_203_516
_CURRENT = select(func.max(col(TopicVersionRow.id)))
Origin = Literal["folder", "admin"]


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
            one_at_a_time(session, _LOCK)
            version = _current(session)
            if version is not None and (
                version.origin == "admin" or _topics(session, version.id or 0) == topics
            ):
                return version.id or 0
            return self._store(session, topics, "folder")

    def reset(self, folder: Path) -> int:
        """Put `topics.yaml` of a salon folder in force, whatever admins have edited; gives the version.

        Raises:
            SalonFolderError: the file is no list of topics.
        """
        topics = load_topics(folder)
        with writing(self._engine) as session:
            one_at_a_time(session, _LOCK)
            return self._store(session, topics, "folder")

    def save(self, topics: Iterable[Topic]) -> int:
        """Put an admin's topics in force as a new version and give back its number."""
        with writing(self._engine) as session:
            one_at_a_time(session, _LOCK)
            return self._store(session, list(topics), "admin")

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

    def _store(self, session: Session, topics: list[Topic], origin: Origin) -> int:
        version = TopicVersionRow(origin=origin, created_at=self._clock())
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


def _current(session: Session) -> TopicVersionRow | None:
    query = select(TopicVersionRow).order_by(col(TopicVersionRow.id).desc()).limit(1)
    return session.scalars(query).first()


def _topics(session: Session, version: int) -> list[Topic]:
    query = select(TopicRow).where(col(TopicRow.version_id) == version).order_by(col(TopicRow.position))
    return [
        Topic(name=row.name, stop_words=row.stop_words, examples=row.examples, stub=row.stub)
        for row in session.scalars(query)
    ]
