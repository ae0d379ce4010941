"""The show-case is frozen as it was in force, once for each content."""

import json
import os
import threading
from datetime import datetime
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from jobs.__main__ import main
from services import Services
from stores.database import open_database
from stores.errors import NotFound
from stores.job_runs import JobRuns
from stores.snapshots import Snapshot, Snapshots


@pytest.fixture
def snapshots(own_services: Services, tmp_path: Path) -> Snapshots:
    return Snapshots(own_services.engine, tmp_path / "snapshots")


def dearer(folder: Path) -> None:
    file = folder / "inventory.csv"
    file.write_text(file.read_text(encoding="utf-8").replace("4500000", "4600000"), encoding="utf-8")


def cheaper(folder: Path) -> None:
    file = folder / "inventory.csv"
    file.write_text(file.read_text(encoding="utf-8").replace("4600000", "4500000"), encoding="utf-8")


def test_the_cars_in_force_are_frozen_with_a_manifest(own_services: Services, snapshots: Snapshots) -> None:
    made = snapshots.freeze()
    assert (made.version, made.cars, made.made) == (1, 10, True)
    rows = pq.read_table(made.path / "cars.parquet").to_pylist()
    ids = [row["stock_id"] for row in rows]
    assert ids == ["C1", "C2", "E1", "E2", "GLC1", "GLE1", "G1", "S1", "S2", "EQS1"]
    (car,) = own_services.inventory.get(["C1"])
    assert rows[0] == car.model_dump()
    manifest = json.loads((made.path / "manifest.json").read_text(encoding="utf-8"))
    assert (manifest["version"], manifest["cars"], manifest["left_out"]) == (1, 10, 0)
    assert made.path.name == f"inventory-{manifest['content_hash'][:16]}"
    assert datetime.fromisoformat(manifest["frozen_at"]).tzinfo is not None


def test_each_content_is_frozen_once_and_the_log_tells_when_it_was_in_force(
    own_services: Services, snapshots: Snapshots, salon_folder: Path
) -> None:
    first = snapshots.freeze()
    again = snapshots.freeze()
    assert (again.path, again.made) == (first.path, False)
    dearer(salon_folder)
    own_services.inventory.refresh()
    second = snapshots.freeze()
    assert second.made
    cheaper(salon_folder)
    own_services.inventory.refresh()
    third = snapshots.freeze()
    assert (third.path, third.version, third.made) == (first.path, 3, False)
    told = [(line["version"], line["snapshot"]) for line in snapshots.in_force()]
    assert told == [(1, first.path.name), (2, second.path.name), (3, first.path.name)]


def test_what_a_killed_process_left_is_cleared_and_half_a_line_is_no_hindrance(
    snapshots: Snapshots, tmp_path: Path
) -> None:
    made = snapshots.freeze()
    folder = tmp_path / "snapshots"
    for file in made.path.iterdir():
        file.unlink()
    made.path.rename(folder / ".part-1")
    os.utime(folder / ".part-1", (0, 0))
    (folder / "in_force.jsonl").write_text('{"version": 1, "fr', encoding="utf-8")
    assert snapshots.freeze().made
    assert sorted(path.name for path in folder.iterdir()) == ["in_force.jsonl", made.path.name]
    assert [line["version"] for line in snapshots.in_force()] == [1]


def test_a_folder_that_another_process_removes_meanwhile_is_no_hindrance(
    snapshots: Snapshots, tmp_path: Path
) -> None:
    folder = tmp_path / "snapshots"
    folder.mkdir()
    (folder / ".part-1").symlink_to(folder / "gone")  # listed, and not there when looked at
    assert snapshots.freeze().made


def test_of_two_who_freeze_at_once_both_get_a_whole_snapshot(snapshots: Snapshots) -> None:
    made: list[Snapshot] = []
    threads = [threading.Thread(target=lambda: made.append(snapshots.freeze())) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 2
    assert {path.name for path in made[0].path.iterdir()} == {"cars.parquet", "manifest.json"}


def test_without_a_load_there_is_nothing_to_freeze(tmp_path: Path, sqlite_url: str) -> None:
    engine = open_database(sqlite_url)
    with pytest.raises(NotFound, match="no inventory"):
        Snapshots(engine, tmp_path / "snapshots").freeze()
    engine.dispose()


def test_the_jobs_freeze_and_look(
    salon_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--salon", str(salon_folder), "--data", str(tmp_path / "data")]
    assert main(["snapshot", *options]) == 2
    assert "no inventory was loaded yet" in capsys.readouterr().err
    assert main(["refresh-inventory", *options]) == 0
    assert main(["snapshot", *options]) == 0
    assert "10 cars, frozen before" in capsys.readouterr().out
    assert main(["refresh-knowledge", *options]) == 0
    assert "3 passages of the brochure, 2 of articles; changed" in capsys.readouterr().out
    assert main(["refresh-knowledge", *options]) == 0
    assert "nothing has changed" in capsys.readouterr().out
    (salon_folder / "wiki" / "zz.csv").write_text("url,context,status\nftp://x.example/a,Слова,Ok\n")
    assert main(["refresh-knowledge", *options]) == 0
    assert "1 broken rows of articles left out, the first: zz.csv, line 2" in capsys.readouterr().out
    engine = open_database(f"sqlite:///{tmp_path}/data/salon.db")
    told = [(run.job, run.status) for run in JobRuns(engine).recent()[::-1]]
    engine.dispose()
    assert told[0] == ("snapshot", "failed")
    assert told[1:] == [
        (name, "done") for name in ("refresh-inventory", "snapshot", *["refresh-knowledge"] * 3)
    ]
