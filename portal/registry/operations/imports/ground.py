"""What the worker stands on while it judges rows: the sheet's words, the system it is for, the registry beside it."""

import math
import struct
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from functools import partial
from typing import Any
from uuid import UUID

import shapely
from geoalchemy2.shape import to_shape
from sqlalchemy import ARRAY, ColumnElement, String, Uuid, any_, func, literal, or_, select
from sqlalchemy.orm import Session

from portal.accounts.models import Division
from portal.core.addresses import AddressDenied, AddressPolicy
from portal.core.clock import city_day
from portal.core.crypto import Envelope, row_context
from portal.core.geometry import SRID, Datum, LonLat, lonlat
from portal.core.services import services
from portal.registry.models import Camera, CameraImport, System
from portal.registry.operations.cameras import PHONES, given_by
from portal.registry.operations.imports.reach import access_of, same_storage
from portal.registry.queries import lock_system
from portal.registry.queries.zones import own_zone_names
from portal.registry.rules import COLUMNS, rules_for
from portal.registry.rules.sheets import (
    Columns,
    Judge,
    Known,
    ParsedRow,
    Record,
    Seen,
    Setting,
    SheetReader,
    Words,
)
from portal.registry.rules.zones import every_zone_name
from portal.registry.values import SystemKind

DECLARED = ("declared_lon", "declared_lat", "district")
_CELLS = 100  # squares of a hundredth of a degree, about a kilometre
_MOST_CELLS = 50_000


@dataclass(frozen=True, kw_only=True)
class Spoken:
    """The labels of the portal's own pages, in every language: headers by their key, values by their words."""

    headers: Mapping[str, str]
    options: Mapping[type[Enum], Mapping[str, Enum]]


NOTHING_SPOKEN = Spoken(headers={}, options={})


def words_for(session: Session, run: CameraImport, spoken: Spoken, *, now: datetime) -> Words:
    """What the words of a sheet mean for its system: the zones that its rules know and its own, by key and by every name
    that any text calls them, since a file is written with one of these."""
    system = lock_system(session, run.system_id)
    cited = rules_for(system.unit, system, on=city_day(now)).zones()
    known = {one.zone.key for one in cited}
    zones = {name: key for key, name in every_zone_name() if key in known} | {key: key for key in known}
    own = {name: key for key, own_name in own_zone_names(session, run.system_id) for name in (key, own_name)}
    return Words(Datum(run.datum), own | zones, spoken.options)


def judge_for(session: Session, run: CameraImport, columns: Columns, words: Words, seen: Seen) -> Judge:
    """The judge of one sheet's rows."""
    system = lock_system(session, run.system_id)
    setting = Setting(
        datum=Datum(run.datum),
        given=given_by(session, system),
        home=_home(system),
        district_of=districts(session),
        same_phone=_same_phone(services(session).envelope),
        same_storage=partial(same_storage, services(session).envelope),
        denied=_denied(services(session).address_policy),
    )
    return Judge(SheetReader(columns, words), setting, seen)


def _home(system: System) -> LonLat | None:
    """Where a unit's own cameras hang; those of the city hang anywhere."""
    if system.kind == SystemKind.PUBLIC or system.unit.position is None:
        return None
    return lonlat(system.unit.position)


def districts(session: Session) -> Callable[[LonLat], str | None]:
    """Which district a position lies in. The outlines are fetched once; of a square that lies wholly within one, each
    position is known without another look, elsewhere most rows lie where the last one did."""
    found = session.execute(
        select(Division.code, Division.outline).where(Division.level == "district").order_by(Division.code)
    )
    outlines = [(code, to_shape(outline)) for code, outline in found]
    for _, outline in outlines:
        shapely.prepare(outline)
    wholly: dict[tuple[int, int], str] = {}

    def district_around(cell: tuple[int, int]) -> str:
        square = shapely.box(*(part / _CELLS for part in cell), *((part + 1) / _CELLS for part in cell))
        return next((str(code) for code, outline in outlines if shapely.contains_properly(outline, square)), "")

    def district_of(place: LonLat) -> str | None:
        cell = (math.floor(place[0] * _CELLS), math.floor(place[1] * _CELLS))
        known = wholly.get(cell)
        if known is None:
            known = district_around(cell)
            if len(wholly) < _MOST_CELLS:
                wholly[cell] = known
        if known:
            return known
        for index, (code, outline) in enumerate(outlines):
            if shapely.contains_xy(outline, *place):
                if index:
                    outlines.insert(0, outlines.pop(index))
                return str(code)
        return None

    return district_of


def _denied(policy: AddressPolicy) -> Callable[[str], str]:
    def denied(address: str) -> str:
        try:
            policy.check(address)
        except AddressDenied as refusal:
            return str(refusal.denial)
        return ""

    return denied


def _same_phone(envelope: Envelope) -> Callable[[Record, str, str], bool]:
    def same(record: Record, name: str, number: str) -> bool:
        sealed = record[f"{name}_sealed"]
        context = row_context("camera", f"{name}_sealed", record["id"])
        return sealed is not None and envelope.open(sealed, context=context).decode() == number

    return same


def known_of(session: Session, run: CameraImport, rows: Iterable[ParsedRow]) -> Known:
    """What is on record about a batch of rows, in three questions at most, however many they are."""
    rows = list(rows)
    ids = [row.portal_id for row in rows if row.portal_id]
    # Digits all of them: one text is one value of a statement, where a list would be two thousand.
    codes = ",".join([code for row in rows if (code := row.values.get("gb_code"))])
    names = [row.values["name"] for row in rows if row.values.get("name") and not row.values.get("gb_code")]
    # Codes of other units count too, and a person's own session does not see them.
    held = session.scalars(select(func.portal_codes_taken(func.string_to_array(codes, ",")))).all() if codes else []
    which = or_(Camera.id == any_(literal(ids, ARRAY(Uuid))), Camera.gb_code == any_(literal(held, ARRAY(String))))
    # Most rows are of cameras that nobody knows yet.
    records = _records(session, run, which) if ids or held else []
    by_code = {record["gb_code"]: record for record in records if record["gb_code"]}
    by_name: dict[str, list[Record]] = {}
    if names:
        at = (Camera.id, Camera.name, func.ST_X(Camera.position).label("lon"), func.ST_Y(Camera.position).label("lat"))
        placed = select(*at).where(Camera.system_id == run.system_id, Camera.name.in_(names), _in_reach(run))
        for one in session.execute(placed).mappings():
            by_name.setdefault(one["name"], []).append(dict(one))
    return Known(
        by_id={record["id"]: record for record in records},
        by_code=by_code,
        by_name=by_name,
        taken=frozenset(str(code) for code in held if code not in by_code),
    )


def _in_reach(run: CameraImport) -> ColumnElement[bool]:
    """Cameras that an import may touch: those of its unit, secret ones only when the unit itself brings the sheet."""
    mine = Camera.unit_id == run.unit_id
    return mine if run.own_unit else mine & ~Camera.secret


def _records(session: Session, run: CameraImport, which: ColumnElement[bool]) -> Sequence[Record]:
    columns: list[Any] = [getattr(Camera, name) for name in (*(each.key for each in COLUMNS), *DECLARED)]
    columns += [getattr(Camera, f"{name}_{form}") for name in PHONES for form in ("sealed", "masked")]
    columns += [Camera.id, Camera.version, Camera.system_id]
    columns += [func.ST_X(Camera.position).label("lon"), func.ST_Y(Camera.position).label("lat")]
    found = [dict(row) for row in session.execute(select(*columns).where(which, _in_reach(run))).mappings()]
    if run.may_access:
        access_of(session, found)
    return found


def hex_point(place: LonLat) -> str:
    """A point as PostgreSQL reads it; by hand, because this runs for every row."""
    return struct.pack("<BIIdd", 1, 0x20000001, SRID, *place).hex()


def cells_context(import_id: UUID, number: int) -> str:
    """What the sealed cells of a parked row are bound to."""
    return row_context("camera_import_row", "cells_sealed", f"{import_id}-{number}")
