"""Fetching weights from a real HTTP server that misbehaves on request."""

import hashlib
import io
import logging
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from chains.weight_sources import UrlSource
from chains.weights import ModelCard, WeightsUnavailable, fetch, verified

CONTENT = bytes(range(256)) * 8192  # 2 MiB


@dataclass
class Files:
    """What the server has, and how it misbehaves."""

    content: bytes = CONTENT
    status: int = 200
    honours_range: bool = True
    announces_length: bool = True
    break_after: list[int] = field(
        default_factory=list
    )  # bytes after which each of the next answers breaks off
    pause_s: float = 0.0  # between pieces of 64 KiB
    ranges: list[str | None] = field(default_factory=list)  # asked for, one entry a request


@contextmanager
def serving(files: Files) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

        def do_GET(self) -> None:
            asked = self.headers["Range"]
            files.ranges.append(asked)
            start = int(re.findall(r"\d+", asked)[0]) if asked and files.honours_range else 0
            body = files.content[start:]
            self.close_connection = True
            self.send_response(206 if start else files.status)
            if files.announces_length:
                self.send_header("Content-Length", str(len(body)))
            self.send_header("Connection", "close")
            self.end_headers()
            if files.break_after:
                body = body[: files.break_after.pop(0)]
            try:
                for offset in range(0, len(body), 1 << 16):
                    self.wfile.write(body[offset : offset + (1 << 16)])
                    time.sleep(files.pause_s)
            except OSError:
                pass  # the client has gone

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/weights.gguf"
        server.shutdown()
        thread.join()


def card(*urls: str, content: bytes = CONTENT, size: int | None = None) -> ModelCard:
    return ModelCard(
        name="Tiny",
        file="tiny.gguf",
        size_bytes=size or len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        licence="Apache-2.0",
        languages=("en",),
        context_tokens=64,
        sources=tuple(UrlSource(kind="url", url=url) for url in urls),
    )


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


UNREACHABLE = "http://127.0.0.1:9/weights.gguf"


def test_a_file_is_fetched_once_and_then_taken_from_the_cache(tmp_path: Path) -> None:
    files = Files()
    with serving(files) as url:
        path = fetch(card(url), tmp_path / "new" / "folder")
        assert path.read_bytes() == CONTENT
        assert fetch(card(url), path.parent) == path
    assert files.ranges == [None]
    assert not path.with_name("tiny.gguf.part").exists()


def test_a_transfer_that_breaks_off_is_continued_where_it_ended(tmp_path: Path) -> None:
    files = Files(break_after=[700_000, 300_000])
    with serving(files) as url:
        assert fetch(card(url), tmp_path).read_bytes() == CONTENT
    first, second, third = files.ranges
    assert first is None
    assert second is not None
    assert third is not None
    assert 0 < int(second[6:-1]) < int(third[6:-1]) <= 1_000_000


def test_a_break_is_noticed_even_when_no_length_was_announced(tmp_path: Path) -> None:
    files = Files(break_after=[500_000], announces_length=False)
    with serving(files) as url:
        assert fetch(card(url), tmp_path).read_bytes() == CONTENT
    assert len(files.ranges) == 2


def test_a_later_start_continues_what_an_earlier_one_began(tmp_path: Path) -> None:
    (tmp_path / "tiny.gguf.part").write_bytes(CONTENT[:1_000_000])
    files = Files()
    with serving(files) as url:
        assert fetch(card(url), tmp_path).read_bytes() == CONTENT
    assert files.ranges == ["bytes=1000000-"]


def test_a_server_that_cannot_continue_is_asked_for_the_whole_file(tmp_path: Path) -> None:
    (tmp_path / "tiny.gguf.part").write_bytes(b"x" * 1000)
    files = Files(honours_range=False)
    with serving(files) as url:
        assert fetch(card(url), tmp_path).read_bytes() == CONTENT


def test_a_server_that_keeps_breaking_off_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chains.weight_sources._TRIES_WITHOUT_PROGRESS", 2)
    files = Files(break_after=[500_000, 0, 0, 0, 0])
    with serving(files) as url, pytest.raises(WeightsUnavailable, match="keeps breaking off"):
        fetch(card(url), tmp_path)
    assert (tmp_path / "tiny.gguf.part").stat().st_size > 0, "what came is kept for the next start"


def test_a_file_with_a_wrong_hash_is_discarded_and_the_next_source_is_tried(tmp_path: Path) -> None:
    wrong, right = Files(content=b"\0" * len(CONTENT)), Files()
    with serving(wrong) as bad, serving(right) as good:
        assert fetch(card(bad, good), tmp_path).read_bytes() == CONTENT
    assert wrong.ranges == [None]
    assert right.ranges == [None], "nothing of the wrong file may be continued"


def test_only_wrong_files_leave_no_file_behind(tmp_path: Path) -> None:
    with (
        serving(Files(content=b"\0" * len(CONTENT))) as url,
        pytest.raises(WeightsUnavailable, match="not the registered one"),
    ):
        fetch(card(url), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] in ([], ["tiny.gguf.lock"])


def test_a_wrong_beginning_from_an_earlier_start_is_fetched_again_from_the_same_source(
    tmp_path: Path,
) -> None:
    (tmp_path / "tiny.gguf.part").write_bytes(b"\0" * 1_000_000)
    files = Files()
    with serving(files) as url:
        assert fetch(card(url), tmp_path).read_bytes() == CONTENT
    assert files.ranges == ["bytes=1000000-", None]


@pytest.mark.parametrize("surplus", [b"", b"more"])
def test_a_part_that_is_already_whole_or_too_long_needs_no_luck(tmp_path: Path, surplus: bytes) -> None:
    (tmp_path / "tiny.gguf.part").write_bytes(CONTENT + surplus)
    files = Files()
    with serving(files) as url:
        assert fetch(card(url), tmp_path).read_bytes() == CONTENT
    assert files.ranges == ([None] if surplus else [])


@pytest.mark.parametrize("announces", [True, False])
def test_a_file_of_another_size_is_refused(tmp_path: Path, announces: bool) -> None:
    files = Files(content=CONTENT + b"tail", announces_length=announces)
    with serving(files) as url, pytest.raises(WeightsUnavailable, match="registered"):
        fetch(card(url), tmp_path)


def test_a_damaged_file_in_the_cache_is_never_used(tmp_path: Path) -> None:
    damaged = bytearray(CONTENT)
    damaged[1234] ^= 1
    (tmp_path / "tiny.gguf").write_bytes(damaged)
    assert not verified(tmp_path / "tiny.gguf", card(UNREACHABLE))
    with serving(Files()) as url:
        assert fetch(card(url), tmp_path).read_bytes() == CONTENT


def test_when_no_source_works_one_sentence_says_why_for_each(tmp_path: Path) -> None:
    with serving(Files(status=404)) as missing, pytest.raises(WeightsUnavailable) as caught:
        fetch(card(UNREACHABLE, missing), tmp_path)
    sentence = str(caught.value)
    assert sentence.startswith("Tiny could not be fetched: ")
    assert "cannot be reached" in sentence
    assert "404" in sentence
    assert "\n" not in sentence


def test_a_full_disk_is_said_before_anything_is_fetched(tmp_path: Path) -> None:
    files = Files()
    with serving(files) as url, pytest.raises(WeightsUnavailable, match=r"is full: Tiny takes .* GB"):
        fetch(card(url, size=10**18), tmp_path)
    assert files.ranges == []


def test_a_cache_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(WeightsUnavailable, match="cannot be stored in"):
        fetch(card(UNREACHABLE), tmp_path / "file" / "cache")


def test_progress_only_grows_and_ends_at_the_size(tmp_path: Path) -> None:
    seen: list[int] = []
    with serving(Files(break_after=[700_000], pause_s=0.02)) as url:
        fetch(card(url), tmp_path, on_progress=lambda have, size: seen.append(have))
    assert seen == sorted(seen)
    assert seen[-1] == len(CONTENT)
    assert len(seen) > 2


def test_stopping_breaks_off_and_keeps_what_came(tmp_path: Path) -> None:
    stop, part = threading.Event(), tmp_path / "tiny.gguf.part"

    def stop_in_the_middle() -> None:
        while not (part.exists() and part.stat().st_size):
            time.sleep(0.01)
        stop.set()

    with serving(Files(pause_s=0.05)) as url:
        threading.Thread(target=stop_in_the_middle, daemon=True).start()
        with pytest.raises(WeightsUnavailable, match="stopped"):
            fetch(card(url), tmp_path, stop=stop)
    assert 0 < part.stat().st_size < len(CONTENT)


def test_without_a_terminal_progress_is_a_log_line_every_five_percent(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chains.weight_sources._REPORT_EVERY_S", 0.0)
    with caplog.at_level(logging.INFO, "chains.weights"), serving(Files()) as url:
        fetch(card(url), tmp_path)
    lines = [record.getMessage() for record in caplog.records if "fetching" in record.getMessage()]
    assert 2 < len(lines) <= 21
    assert lines[-1] == "fetching Tiny: 100 % of 0.0 GB"


def test_on_a_terminal_progress_is_a_bar(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with serving(Files()) as url:
        fetch(card(url), tmp_path)
    assert "Tiny: 100%" in terminal.getvalue()


def test_two_processes_fetch_one_file_once(tmp_path: Path) -> None:
    files = Files(pause_s=0.06)  # two seconds: long enough for both to want it
    program = (
        "import sys; from pathlib import Path; from chains.weights import ModelCard, fetch;"
        "fetch(ModelCard.model_validate_json(sys.argv[1]), Path(sys.argv[2]))"
    )
    with serving(files) as url:
        command = [sys.executable, "-c", program, card(url).model_dump_json(), str(tmp_path)]
        root = Path(__file__).parents[2]
        processes = [subprocess.Popen(command, cwd=root) for _ in range(2)]
        assert [process.wait(30) for process in processes] == [0, 0]
    assert files.ranges == [None]
    assert (tmp_path / "tiny.gguf").read_bytes() == CONTENT
