"""The show-case frozen in files, for those who train on dialogs later: what was for sale when an answer was given.

A folder for each content, named by its hash, holds the cars and a manifest; `in_force.jsonl` tells which of them was in
force from when on.
"""

import json
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy import Engine, func, select

from stores.cars import Car
from stores.columns import utc_now
from stores.database import looking_up
from stores.errors import NotFound
from stores.models import CarRow, InventoryVersionRow
from stores.table import table_of

_VERSIONS, _CARS = table_of(InventoryVersionRow), table_of(CarRow)
_HASH_LENGTH = 16
_PART = ".part-"
_LEFT_SECONDS = 3_600  # nobody writes for so long
_LOG = "in_force.jsonl"
_TYPES = {"year": pa.int32(), "price": pa.int64(), "mileage_km": pa.int64(), "power_hp": pa.int32()} | {
    "engine_l": pa.float64(),
    "seats": pa.int32(),
    "is_new": pa.bool_(),
    "variant": pa.int32(),
}


class Snapshot(NamedTuple):
    """A frozen inventory; `made` is that there was none of this content before."""

    path: Path
    version: int
    cars: int
    made: bool


class Snapshots:
    """The snapshots of one salon, in a folder of their own. Any number of processes may freeze at once."""

    def __init__(self, engine: Engine, folder: Path, *, clock: Callable[[], datetime] = utc_now) -> None:
        self._engine = engine
        self._folder = folder
        self._clock = clock

    def freeze(self) -> Snapshot:
        """Freeze the version in force; one of the same content is left as it is.

        Raises `NotFound` when nothing was ever loaded, `DatabaseUnavailable`, and `OSError` when the folder cannot be
        written.
        """
        with looking_up(self._engine) as connection:
            newest = select(func.max(_VERSIONS.c.id)).scalar_subquery()
            version = connection.execute(select(_VERSIONS).where(_VERSIONS.c.id == newest)).one_or_none()
            if version is None:
                raise NotFound("no inventory was loaded yet")
            path = self._folder / f"inventory-{version.content_hash[:_HASH_LENGTH]}"
            made = not path.is_dir()
            if made:
                columns = [_CARS.c[name] for name in Car.model_fields]
                query = select(*columns).where(_CARS.c.version_id == version.id).order_by(_CARS.c.position)
                cars = connection.execute(query).all()
                manifest = {
                    "version": version.id,
                    "content_hash": version.content_hash,
                    "loaded_at": version.created_at.isoformat(),
                    "frozen_at": self._clock().isoformat(),
                    "cars": len(cars),
                    "left_out": version.rejected,
                }
                made = self._write(path, [dict(row._mapping) for row in cars], manifest)
        self._note(version.id, version.created_at, path.name)
        return Snapshot(path, version.id, version.cars, made)

    def in_force(self) -> list[dict[str, Any]]:
        """What was in force from when on, the oldest first: `version`, `from`, `snapshot`."""
        try:
            lines = (self._folder / _LOG).read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return []
        return list(_whole(lines))

    def _write(self, path: Path, cars: list[dict[str, Any]], manifest: dict[str, Any]) -> bool:
        with self._beside(path) as part:
            fields = [(name, _TYPES.get(name, pa.string())) for name in Car.model_fields]
            table = pa.Table.from_pylist(cars, schema=pa.schema(fields))
            pq.write_table(table, part / "cars.parquet")
            text = json.dumps(manifest, ensure_ascii=False, indent=1)
            (part / "manifest.json").write_text(text + "\n", encoding="utf-8")
            part.chmod(0o755)
            try:
                part.rename(path)
            except OSError:
                if not path.is_dir():
                    raise
                return False  # another process was quicker
        return True

    @contextmanager
    def _beside(self, path: Path) -> Iterator[Path]:
        """A folder that is gone after the block, and so is what a killed process left of another."""
        self._folder.mkdir(parents=True, exist_ok=True)
        for left in self._folder.glob(f"{_PART}*"):
            with suppress(FileNotFoundError):  # another process tidies, too, or has just finished its own
                if time.time() - left.stat().st_mtime > _LEFT_SECONDS:
                    shutil.rmtree(left, ignore_errors=True)
        part = Path(tempfile.mkdtemp(prefix=_PART, dir=self._folder))
        try:
            yield part
        finally:
            shutil.rmtree(part, ignore_errors=True)

    def _note(self, version: int, since: datetime, name: str) -> None:
        if any(line["version"] == version and line["snapshot"] == name for line in self.in_force()):
            return
        line = json.dumps({"version": version, "from": since.isoformat(), "snapshot": name})
        with (self._folder / _LOG).open("a", encoding="utf-8") as file:
            # Should a killed process have left half a line, this one begins anew.
            file.write(f"\n{line}\n")


def _whole(lines: list[str]) -> Iterator[dict[str, Any]]:
    for line in filter(None, lines):
        try:
            yield json.loads(line)
        except ValueError:
            continue
