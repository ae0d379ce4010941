"""The set-up does nothing twice and says in one sentence when it cannot work; a build server lets no skip pass."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def make(folder: Path, *arguments: str, path: str | None = None) -> subprocess.CompletedProcess[str]:
    env = {"PATH": path or os.environ["PATH"], "HOME": str(folder)}
    return subprocess.run(
        ["make", *arguments], cwd=folder, env=env, capture_output=True, text=True, check=False, timeout=60
    )


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A folder with the Makefile and requirement files, all as old as each other."""
    for path in [ROOT / "Makefile", *ROOT.glob("requirements*.txt")]:
        shutil.copy(path, tmp_path)
        os.utime(tmp_path / path.name, (1_000_000, 1_000_000))
    return tmp_path


def stamp(clone: Path, *names: str, at: int) -> None:
    (clone / ".venv").mkdir(exist_ok=True)
    for name in names:
        (clone / ".venv" / name).touch()
        os.utime(clone / ".venv" / name, (at, at))


def programs(folder: Path, scripts: dict[str, str]) -> str:
    """A PATH with the system's shell and tools and these scripts before all else."""
    bin_ = folder / "bin"
    bin_.mkdir()
    for tool in {"make", "sh", "touch", "rm", "mkdir", "awk"} - scripts.keys():
        (bin_ / tool).symlink_to(shutil.which(tool) or f"/bin/{tool}")
    for name, script in scripts.items():
        (bin_ / name).write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        (bin_ / name).chmod(0o755)
    return str(bin_)


def test_a_wrong_python_is_one_clear_sentence(clone: Path) -> None:
    done = make(clone, "run", path=programs(clone, {"python3": "exit 1", "python": "exit 1"}))
    assert done.returncode == 2
    complaint, *rest = [line for line in done.stderr.splitlines() if not line.startswith("make")]
    assert complaint.startswith("Python 3.11 or 3.12 is needed")
    assert not rest
    assert not (clone / ".venv").exists()


def test_a_python_without_venv_is_named_with_the_remedy(clone: Path) -> None:
    script = 'case "$2" in *ensurepip*) exit 1;; esac; exit 0'
    done = make(clone, "run", path=programs(clone, {"python3": script}))
    assert done.returncode == 2
    assert "apt install python3-venv" in done.stderr


def test_the_first_fitting_python_makes_the_environment(clone: Path) -> None:
    scripts = {
        "python3.11": "exit 1",  # what a version manager leaves behind for a version that is not chosen
        "python3.12": 'if [ "$1" = "-m" ]; then mkdir .venv; echo "$0 $*" > made; fi; exit 0',
    }
    done = make(clone, ".venv/.made", path=programs(clone, scripts))
    assert done.returncode == 0, done.stderr
    assert "python3.12 -m venv" in (clone / "made").read_text(encoding="utf-8")


def test_a_set_up_environment_is_used_as_it_is(clone: Path) -> None:
    stamp(clone, ".made", ".serving", ".tests", at=2_000_000)
    planned = make(clone, "-n", "run", "ARGS=--port 8000")
    assert planned.stdout.split() == ["exec", ".venv/bin/python", "app.py", "--port", "8000"]
    assert "pip install" not in make(clone, "-n", "test").stdout


@pytest.mark.parametrize("target", ["run", "test"])
def test_a_changed_requirements_file_is_installed_again(clone: Path, target: str) -> None:
    stamp(clone, ".made", ".serving", ".tests", at=2_000_000)
    changed = "requirements.txt" if target == "run" else "requirements-tests.txt"
    os.utime(clone / changed, (3_000_000, 3_000_000))
    planned = make(clone, "-n", target).stdout
    assert f"-r {changed}" in planned
    assert "venv --clear" not in planned


NOTE = 'echo "$(basename "$0") $*" >> "$NOTES"; exit 0'
"""A program that notes how it was called and succeeds."""


def build_server(clone: Path, **more: str) -> tuple[subprocess.CompletedProcess[str], list[str]]:
    """Runs .ci/run with stand-ins for what it would install and start; also what these were called with."""
    (clone / ".ci").mkdir()
    shutil.copy(ROOT / ".ci" / "run", clone / ".ci" / "run")
    make_note = (
        'echo "make $*, $PYTEST_ADDOPTS, browser required: $SALON_REQUIRE_BROWSER" >> "$NOTES"; exit 0'
    )
    scripts = {"make": make_note, "id": "echo 0", "python3": "exit 0", "fc-list": "echo DejaVu Sans", **more}
    path = programs(clone, {name: script for name, script in scripts.items() if script})
    (clone / "bin" / "env").symlink_to(shutil.which("env") or "/usr/bin/env")
    (clone / "bin" / "dirname").symlink_to(shutil.which("dirname") or "/usr/bin/dirname")
    (clone / "bin" / "basename").symlink_to(shutil.which("basename") or "/usr/bin/basename")
    notes = clone / "notes"
    done = subprocess.run(
        [shutil.which("bash") or "/bin/bash", str(clone / ".ci" / "run")],
        env={"PATH": path, "NOTES": str(notes)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return done, notes.read_text(encoding="utf-8").splitlines() if notes.exists() else []


def test_a_build_server_that_has_all_goes_straight_to_the_tests_and_forbids_skips(clone: Path) -> None:
    done, notes = build_server(clone, chromium="echo Chromium 156")
    assert done.returncode == 0, done.stderr
    assert notes == ["make test, --no-skips -rs , browser required: 1"]


def test_a_build_server_installs_browser_and_fonts_first(clone: Path) -> None:
    done, notes = build_server(clone, **{"apt-get": NOTE, "fc-list": "exit 0"})
    assert done.returncode == 0, done.stderr
    assert notes[0] == "apt-get update --quiet"
    assert "chromium" in notes[1].split()
    assert "fonts-dejavu-core" in notes[1].split()
    assert notes[2].startswith("make test")


def test_a_build_server_installs_what_the_embedded_model_computes_with(clone: Path) -> None:
    done, notes = build_server(
        clone,
        **{
            "apt-get": NOTE,
            "chromium": "echo Chromium 156",
            "python3": 'case "$2" in *libgomp*) exit 1;; esac',
        },
    )
    assert done.returncode == 0, done.stderr
    assert notes[1].split()[-1] == "libgomp1"


def test_a_build_server_without_root_uses_sudo(clone: Path) -> None:
    sudo = 'shift; exec "$@"'
    done, notes = build_server(clone, **{"id": "echo 1000", "apt-get": NOTE, "sudo": sudo})
    assert done.returncode == 0, done.stderr
    assert notes[0].startswith("apt-get update")


def test_a_build_server_that_cannot_install_says_what_is_missing(clone: Path) -> None:
    done, notes = build_server(clone)
    assert done.returncode == 1
    assert "Missing: chromium" in done.stderr
    assert not notes


SKIPPING = """
import pytest

def test_needs_a_browser():
    pytest.skip("no browser")

@pytest.mark.xfail
def test_known_trouble():
    assert False
"""


def test_a_skip_passes_on_a_laptop_and_fails_on_the_build_server(pytester: pytest.Pytester) -> None:
    pytester.makeconftest((ROOT / "tests" / "plugins" / "no_skips.py").read_text(encoding="utf-8"))
    pytester.makepyfile(SKIPPING)
    pytester.runpytest_inprocess().assert_outcomes(skipped=1, xfailed=1)
    strict = pytester.runpytest_inprocess("--no-skips")
    strict.assert_outcomes(failed=1, xfailed=1)
    strict.stdout.fnmatch_lines(["*no browser*"])
    assert strict.ret != 0


def test_a_module_that_skips_itself_fails_on_the_build_server(pytester: pytest.Pytester) -> None:
    pytester.makeconftest((ROOT / "tests" / "plugins" / "no_skips.py").read_text(encoding="utf-8"))
    pytester.makepyfile('import pytest; pytest.importorskip("no_such_package")')
    assert pytester.runpytest_inprocess("--no-skips").ret != 0
