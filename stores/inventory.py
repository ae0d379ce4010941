"""The show-case: loaded as versions, swapped in at once, searched by query."""

import hashlib
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import Connection, Engine, Select, delete, func, insert, select
from sqlalchemy.orm import Session
from sqlmodel import col

from stores.cars import (
    Aggregate,
    Car,
    CarFilter,
    CarPage,
    Facets,
    InventoryStatus,
    LoadReport,
    NumberField,
    RejectedRow,
    ValueCount,
)
from stores.columns import to_json, utc_now
from stores.database import looking_up, one_at_a_time, reading, writing
from stores.errors import InventoryUnreadable
from stores.inventory_query import conditions, number_column, ordering
from stores.inventory_rows import CarLoad, Unfit, all_fit, load_rows
from stores.inventory_source import read_source
from stores.lexicon import Lexicon
from stores.locks import Lock
from stores.models import CarRow, InventoryRemarkRow, InventoryVersionRow
from stores.salon import Salon

__all__ = [
    "Aggregate",
    "Car",
    "CarFilter",
    "CarPage",
    "Facets",
    "Inventory",
    "InventoryStatus",
    "LoadReport",
    "NumberField",
    "RejectedRow",
    "ValueCount",
]

KEPT_VERSIONS = 5
_CURRENT = select(func.max(col(InventoryVersionRow.id)))
_CAR_COLUMNS = [CarRow.__table__.c[name] for name in Car.model_fields]  # type: ignore[attr-defined]  # SQLModel adds it
_CARS = select(*_CAR_COLUMNS)
_COUNT = select(func.count()).select_from(CarRow)


class Inventory:
    """The cars of one salon; any number of threads and processes may use, and refresh, one database.

    Every method raises `DatabaseUnavailable` when the database does not answer.
    """

    def __init__(
        self,
        engine: Engine,
        salon: Salon,
        lexicon: Lexicon,
        *,
        clock: Callable[[], datetime] = utc_now,
        unfit: Unfit = all_fit,
    ) -> None:
        """`unfit` says why the text of a field cannot be shown; such a field stays empty, for staff to see."""
        self._unfit = unfit
        self._engine = engine
        self._salon = salon
        self._lexicon = lexicon
        self._clock = clock
        self._option_codes = frozenset(term.code for term in lexicon.terms.get("option", ()))
        self._facets: Facets | None = None
        self._lock = threading.Lock()
        self._held = threading.local()

    @contextmanager
    def at_one_version(self) -> Iterator[int]:
        """What this thread looks up within the block comes from one version, the one in force at its beginning.

        So the parts of one answer agree, and the database is asked for the version once. A block within another goes
        on with that one's version.
        """
        held: int | None = getattr(self._held, "version", None)
        if held is not None:
            yield held
            return
        with looking_up(self._engine) as connection:
            self._held.version = _current_id(connection)
        try:
            yield self._held.version
        finally:
            self._held.version = None

    def _version(self, connection: Connection) -> int:
        held: int | None = getattr(self._held, "version", None)
        return _current_id(connection) if held is None else held

    def refresh(self) -> LoadReport:
        """Read the source and put its cars in force as a new version; unchanged content makes none.

        When the source cannot be read, or holds no usable car, the last good version stays and is marked stale.

        Raises:
            InventoryUnreadable: that, and there is no earlier version.
        """
        try:
            load = load_rows(
                read_source(self._salon.inventory, self._salon.folder),
                self._lexicon,
                self._salon.inventory.values,
                self._unfit,
            )
            if not load.cars:
                raise InventoryUnreadable(_nothing_usable(self._salon.inventory.source, load))
        except InventoryUnreadable as error:
            return self._keep_last(error)
        return self._swap_in(load)

    def status(self) -> InventoryStatus:
        """The version in force, in one query."""
        with reading(self._engine) as session:
            version = _current(session)
        if version is None:
            return InventoryStatus(version=0, cars=0, rejected=0, refreshed_at=None, stale=True)
        return InventoryStatus(
            version=version.id or 0,
            cars=version.cars,
            rejected=version.rejected,
            refreshed_at=version.refreshed_at,
            stale=version.stale,
            error=version.error,
        )

    def search(self, wish: CarFilter, limit: int = 5, offset: int = 0) -> CarPage:
        """The cars that match, in the order asked for, `limit` of them from `offset` on; the total counts all."""
        with looking_up(self._engine) as connection:
            version = self._version(connection)
            where = [col(CarRow.version_id) == version, *conditions(wish, self._option_codes)]
            total = connection.scalar(_COUNT.where(*where)) or 0
            query = _CARS.where(*where).order_by(*ordering(wish)).limit(limit).offset(offset)
            return CarPage(total=total, cars=_cars(connection, query) if total and limit > 0 else [])

    def get(self, stock_ids: Sequence[str]) -> list[Car]:
        """The cars with these ids, of any status, in the order of the ids; those that are gone are left out."""
        with looking_up(self._engine) as connection:
            version = self._version(connection)
            query = _CARS.where(col(CarRow.version_id) == version, col(CarRow.stock_id).in_(stock_ids))
            found = {car.stock_id: car for car in _cars(connection, query)}
        return [found[stock_id] for stock_id in dict.fromkeys(stock_ids) if stock_id in found]

    def stock_ids(self) -> list[str]:
        """The ids of all cars in force, of any status."""
        with looking_up(self._engine) as connection:
            query = select(col(CarRow.stock_id)).where(col(CarRow.version_id) == self._version(connection))
            return list(connection.scalars(query))

    def aggregate(self, wish: CarFilter, field: NumberField) -> Aggregate:
        """How many cars match, and the least, greatest and mean value of a number among those that have it."""
        number = number_column(field)
        with looking_up(self._engine) as connection:
            where = [
                col(CarRow.version_id) == self._version(connection),
                *conditions(wish, self._option_codes),
            ]
            query = select(
                func.count(), func.count(number), func.min(number), func.max(number), func.avg(number)
            ).where(*where)
            count, known, least, most, mean = connection.execute(query).one()
        return Aggregate(count, known, least, most, None if mean is None else float(mean))

    def counts(self, wish: CarFilter, fields: Sequence[str]) -> list[ValueCount]:
        """How many of the matching cars have each combination of the `fields` of `Car`, and the lowest price of each.

        An unknown value is None. Raises `AttributeError` for a name that is no field.
        """
        columns = [col(getattr(CarRow, name)) for name in fields]
        with looking_up(self._engine) as connection:
            query = (
                select(*columns, func.count(), func.min(col(CarRow.price)))
                .where(
                    col(CarRow.version_id) == self._version(connection), *conditions(wish, self._option_codes)
                )
                .group_by(*columns)
            )
            return [ValueCount(tuple(row[:-2]), row[-2], row[-1]) for row in connection.execute(query)]

    def class_counts(self) -> dict[str, int]:
        """How many cars of each class are available, the most frequent first; cars without a class do not count."""
        with looking_up(self._engine) as connection:
            class_name, count = col(CarRow.class_name), func.count()
            query = (
                select(class_name, count)
                .where(
                    col(CarRow.version_id) == self._version(connection),
                    col(CarRow.status) == "available",
                )
                .group_by(class_name)
            )
            counts = {name: number for name, number in connection.execute(query) if name is not None}
        return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))

    def facets(self) -> Facets:
        """The values that occur in the version in force; asked of the database once per version."""
        held = getattr(self._held, "version", None)
        with self._lock:
            if held is not None and self._facets is not None and self._facets.version == held:
                return self._facets
        with looking_up(self._engine) as connection:
            version = self._version(connection)
            with self._lock:
                if self._facets is not None and self._facets.version == version:
                    return self._facets
            facets = _facets(connection, version)
        with self._lock:
            self._facets = facets
        return facets

    def rejected(self) -> list[RejectedRow]:
        """The rows that the version in force leaves out, with the reasons, for staff."""
        with looking_up(self._engine) as session:
            return _remarks(session, _current_id(session), loaded=False)

    def remarks(self) -> list[RejectedRow]:
        """What could not be read of cars that are loaded all the same, for staff."""
        with looking_up(self._engine) as session:
            return _remarks(session, _current_id(session), loaded=True)

    def _keep_last(self, error: InventoryUnreadable) -> LoadReport:
        with writing(self._engine) as session:
            one_at_a_time(session, Lock.INVENTORY)
            version = _current(session)
            if version is None:
                raise error
            version.stale = True
            version.error = str(error)
            return _report(session, version, changed=False)

    def _swap_in(self, load: CarLoad) -> LoadReport:
        now = self._clock()
        content_hash = _hash(load)
        with writing(self._engine) as session:
            one_at_a_time(session, Lock.INVENTORY)
            version = _current(session)
            changed = version is None or version.content_hash != content_hash
            if version is None or changed:
                version = _store(session, load, content_hash, now)
            version.refreshed_at = now
            version.stale = False
            version.error = None
            return _report(session, version, changed=changed)


def _current(session: Session) -> InventoryVersionRow | None:
    query = select(InventoryVersionRow).order_by(col(InventoryVersionRow.id).desc()).limit(1)
    return session.scalars(query).first()


def _current_id(connection: Connection) -> int:
    """The version in force, 0 before the first load."""
    return connection.scalar(_CURRENT) or 0


def _cars(connection: Connection, query: Select[tuple[object, ...]]) -> list[Car]:
    return [Car.model_validate(dict(row)) for row in connection.execute(query).mappings()]


def _store(session: Session, load: CarLoad, content_hash: str, now: datetime) -> InventoryVersionRow:
    version = InventoryVersionRow(
        content_hash=content_hash,
        created_at=now,
        refreshed_at=now,
        cars=len(load.cars),
        rejected=len(load.rejected),
    )
    session.add(version)
    session.flush()
    cars = [
        {"version_id": version.id, "position": position, **car.model_dump(), **keys._asdict()}
        for position, (car, keys) in enumerate(load.cars)
    ]
    session.execute(insert(CarRow), cars)
    remarks = [
        {"version_id": version.id, "position": position, "loaded": loaded, **row._asdict()}
        for position, (loaded, row) in enumerate(
            [(False, row) for row in load.rejected] + [(True, row) for row in load.remarks]
        )
    ]
    if remarks:
        session.execute(insert(InventoryRemarkRow), remarks)
    _prune(session)
    return version


def _prune(session: Session) -> None:
    kept = session.scalars(
        select(col(InventoryVersionRow.id)).order_by(col(InventoryVersionRow.id).desc()).limit(KEPT_VERSIONS)
    ).all()
    session.execute(delete(InventoryVersionRow).where(col(InventoryVersionRow.id).not_in(kept)))


def _report(session: Session, version: InventoryVersionRow, *, changed: bool) -> LoadReport:
    number = version.id or 0
    return LoadReport(
        version=number,
        cars=version.cars,
        rejected=_remarks(session, number, loaded=False),
        remarks=_remarks(session, number, loaded=True),
        refreshed_at=version.refreshed_at,
        stale=version.stale,
        error=version.error,
        changed=changed,
    )


def _remarks(session: Session | Connection, version: int, *, loaded: bool) -> list[RejectedRow]:
    query = (
        select(col(InventoryRemarkRow.line), col(InventoryRemarkRow.stock_id), col(InventoryRemarkRow.reason))
        .where(col(InventoryRemarkRow.version_id) == version, col(InventoryRemarkRow.loaded).is_(loaded))
        .order_by(col(InventoryRemarkRow.position))
    )
    return [RejectedRow(*row) for row in session.execute(query)]


def _facets(session: Connection, version: int) -> Facets:
    def distinct(column: str | None) -> tuple[str, ...]:
        query = select(col(column)).where(col(CarRow.version_id) == version).distinct()
        return tuple(sorted(value for value in session.scalars(query) if value))

    prices = select(func.min(col(CarRow.price)), func.max(col(CarRow.price)))
    lowest, highest = session.execute(prices.where(col(CarRow.version_id) == version)).one()
    options = {option for text in distinct(CarRow.options) for option in text.split(";")}
    return Facets(
        version=version,
        models=distinct(CarRow.model),
        classes=distinct(CarRow.class_name),
        bodies=distinct(CarRow.body_code),
        fuels=distinct(CarRow.fuel_code),
        drives=distinct(CarRow.drive_code),
        transmissions=distinct(CarRow.transmission_code),
        colors=distinct(CarRow.color_code),
        options=tuple(sorted(options)),
        price_min=lowest,
        price_max=highest,
    )


def _hash(load: CarLoad) -> str:
    """Of everything that a version stores: a change of the mapping or of the lexicon makes a new one too."""
    content = [[car.model_dump(), *keys] for car, keys in load.cars]
    return hashlib.sha256(to_json([content, load.rejected, load.remarks]).encode()).hexdigest()


def _nothing_usable(source: str, load: CarLoad) -> str:
    if not load.rejected:
        return f"{source} holds no car"
    first, count = load.rejected[0], len(load.rejected)
    return (
        f"{source} holds no usable car: {count} rows were left out, line {first.line} because {first.reason}"
    )
