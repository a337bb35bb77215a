"""Judging camera files: one when it changes, all of them by a job, and what only a look at the others tells."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, or_, select, text
from sqlalchemy.orm import Session

from portal.core.clock import city_day
from portal.core.db import Database
from portal.core.outbox import TaskName, enqueue
from portal.registry.models import Camera, CameraAccess, System, Unit
from portal.registry.rules import COLUMNS, DUPLICATES, Around, faults_of
from portal.registry.states import CameraStatus

BATCH = 2_000
_JUDGED = [
    *(each.key for each in COLUMNS),
    *("declared_lon", "declared_lat", "district", "managing_phone_masked"),
]
_ADDRESSES = ("host", "ipv6", "mac")


def recheck(session: Session, camera: Camera, system: System, *, now: datetime) -> None:
    """Judge one camera's file and keep the faults with it. The twins it is found to have are judged by the next job."""
    access = session.get(CameraAccess, camera.id)
    row = {name: getattr(camera, name) for name in _JUDGED}
    row |= {name: getattr(access, name) if access else "" for name in _ADDRESSES}
    found = faults_of(row, around(system, system.unit, now=now))
    if camera.status != CameraStatus.DISMANTLED:
        found += _twins(session, camera, access)
    if camera.fault_keys != found:
        camera.fault_keys = found


def around(system: System, unit: Unit, *, now: datetime) -> Around:
    """What a camera of a system is measured against."""
    return Around(
        regime=system.regime,
        system_kind=system.kind,
        system_records_audio=system.records_audio,
        unit_type=unit.unit_type,
        unit_has_phone=bool(unit.contact_phone_masked or unit.duty_phone_masked),
        today=city_day(now),
    )


def _twins(session: Session, camera: Camera, access: CameraAccess | None) -> list[str]:
    others = select(Camera.id).where(Camera.id != camera.id, Camera.status != CameraStatus.DISMANTLED).limit(1)
    same_view = others.where(
        Camera.position.op("~=")(camera.position),
        Camera.azimuth.is_not_distinct_from(camera.azimuth),
        Camera.direction.is_not_distinct_from(camera.direction),
    )
    found = ["lon:duplicate"] if session.scalar(same_view) else []
    if access is not None and access.host:
        same_device = others.join(CameraAccess, CameraAccess.camera_id == Camera.id).where(
            CameraAccess.host == access.host,
            CameraAccess.rtsp_port.is_not_distinct_from(access.rtsp_port),
            func.coalesce(Camera.storage_channel, 0) == (camera.storage_channel or 0),
        )
        found += ["host:duplicate"] if session.scalar(same_device) else []
    return found


def twins_of(session: Session, camera: Camera, *, limit: int = 5) -> Mapping[str, Sequence[Camera]]:
    """Other cameras that share this one's place and direction, or its device, for a caller already let in to it.

    Row-level security keeps those outside the reader's reach out.
    """
    others = select(Camera).where(Camera.id != camera.id, Camera.status != CameraStatus.DISMANTLED).limit(limit)
    access = session.get(CameraAccess, camera.id)
    same_device = or_(False) if access is None else CameraAccess.host == access.host
    return {
        "lon:duplicate": session.scalars(
            others.where(Camera.position.op("~=")(camera.position), Camera.azimuth.is_not_distinct_from(camera.azimuth))
        ).all(),
        "host:duplicate": session.scalars(
            others.join(CameraAccess, CameraAccess.camera_id == Camera.id).where(same_device)
        ).all(),
    }


def ask_recheck(session: Session, *, occasion: str, unit_id: UUID | None = None, system_id: UUID | None = None) -> None:
    """Have the cameras of a unit or system judged again soon; `occasion` names the change, so that it is done once."""
    ids = {"unit_id": unit_id} if unit_id else {"system_id": system_id}
    enqueue(session, TaskName.REGISTRY_RECHECK_CAMERAS, dedupe=f"recheck:{occasion}", **ids)


def recheck_all(
    database: Database, *, now: datetime, unit_id: UUID | None = None, system_id: UUID | None = None
) -> int:
    """Judge every camera, or those of a unit or system, a batch a transaction; how many files changed their faults."""
    changed, after = 0, UUID(int=0)
    while True:
        with database.transaction() as session:
            rows = _batch(session, after, unit_id, system_id)
            if not rows:
                break
            changed += _keep(session, [(row["id"], _judged(row, now)) for row in rows], rows)
            after = rows[-1]["id"]
    with database.transaction() as session:
        # Of one system alone it would read every camera once for each of its own: `~=` is no leakproof operator, so that
        # row-level security lets it choose no row by its index.
        mark_twins(session)
    return changed


def recheck_these(session: Session, camera_ids: Sequence[UUID], *, now: datetime) -> int:
    """Judge the files of these cameras, in the caller's transaction; how many changed their faults."""
    rows = [dict(row) for row in session.execute(_judged_columns().where(Camera.id.in_(camera_ids))).mappings()]
    return _keep(session, [(row["id"], _judged(row, now)) for row in rows], rows)


def _batch(session: Session, after: UUID, unit_id: UUID | None, system_id: UUID | None) -> Sequence[Mapping[str, Any]]:
    statement = _judged_columns().where(Camera.id > after).order_by(Camera.id).limit(BATCH)
    if unit_id:
        statement = statement.where(Camera.unit_id == unit_id)
    if system_id:
        statement = statement.where(Camera.system_id == system_id)
    return [dict(row) for row in session.execute(statement).mappings()]


def _judged_columns() -> Select[Any]:
    return (
        select(
            Camera.id,
            Camera.fault_keys,
            *(getattr(Camera, name) for name in _JUDGED),
            *(getattr(CameraAccess, name) for name in _ADDRESSES),
            System.regime,
            System.kind,
            System.records_audio.label("system_records_audio"),
            Unit.unit_type,
            or_(Unit.contact_phone_masked.is_not(None), Unit.duty_phone_masked.is_not(None)).label("unit_has_phone"),
        )
        .join(System, System.id == Camera.system_id)
        .join(Unit, Unit.id == Camera.unit_id)
        .outerjoin(CameraAccess, CameraAccess.camera_id == Camera.id)
    )


def _judged(row: Mapping[str, Any], now: datetime) -> list[str]:
    measured = Around(
        regime=row["regime"],
        system_kind=row["kind"],
        system_records_audio=row["system_records_audio"],
        unit_type=row["unit_type"],
        unit_has_phone=bool(row["unit_has_phone"]),
        today=city_day(now),
    )
    return faults_of(row, measured) + [key for key in row["fault_keys"] or () if key in DUPLICATES]


def _keep(session: Session, found: Sequence[tuple[UUID, list[str]]], rows: Sequence[Mapping[str, Any]]) -> int:
    changed = [(key, faults) for (key, faults), row in zip(found, rows, strict=True) if faults != row["fault_keys"]]
    if changed:
        session.execute(
            text(
                "update camera c set fault_keys = string_to_array(t.faults, ',') "
                "from unnest(cast(:ids as uuid[]), cast(:faults as text[])) as t(id, faults) where t.id = c.id"
            ),
            {"ids": [key for key, _ in changed], "faults": [",".join(faults) for _, faults in changed]},
        )
    return len(changed)


# Cameras that share a key: place and direction, or device and channel. `~=` and `host` have indices.
_SAME = {
    "lon:duplicate": (
        "select c.id, c.position, c.azimuth, c.direction from camera c where c.status <> 'dismantled'",
        "select o.id from camera o where o.position ~= k.position and o.azimuth is not distinct from k.azimuth "
        "and o.direction is not distinct from k.direction and o.status <> 'dismantled'",
    ),
    "host:duplicate": (
        "select c.id, a.host, a.rtsp_port, coalesce(c.storage_channel, 0) as channel from camera c "
        "join camera_access a on a.camera_id = c.id where a.host <> '' and c.status <> 'dismantled'",
        "select o.id from camera_access b join camera o on o.id = b.camera_id where b.host = k.host "
        "and b.rtsp_port is not distinct from k.rtsp_port and coalesce(o.storage_channel, 0) = k.channel "
        "and o.status <> 'dismantled'",
    ),
}
_TWINS = {
    "lon:duplicate": "select id from (select id, count(*) over (partition by position, azimuth, direction) as n "
    "from camera where status <> 'dismantled') t where n > 1",
    "host:duplicate": "select id from (select c.id, count(*) over (partition by a.host, a.rtsp_port, "
    "coalesce(c.storage_channel, 0)) as n from camera_access a join camera c on c.id = a.camera_id "
    "where c.status <> 'dismantled' and a.host <> '') t where n > 1",
}
_BESIDE = {
    "these": "select id, district from camera where {column} = :of",
    "looked_at": "select id from these union "
    "select t.id from these join ({keys}) k using (id) cross join lateral ({same} offset 0) t union "
    "select id from camera where district in (select district from these) "
    "and status <> 'dismantled' and not passes and {marked}",
    "twins": "select k.id from looked_at l join ({keys}) k using (id) where exists ({same} and o.id <> k.id offset 0)",
}
_MARKED = "fault_keys @> array[cast(:key as varchar)]"


def mark_twins(session: Session, *, unit_id: UUID | None = None, system_id: UUID | None = None) -> None:
    """Mark every camera that shares its place and direction, or its device and channel, with another; unmark the rest.

    Of a unit or system alone: its cameras, those that share a key with one of them, and those marked in their districts,
    whose twin may just have left. Whose twin left across a border is told by the nightly look at all.
    """
    column, of = ("unit_id", unit_id) if unit_id else ("system_id", system_id)
    for key in _TWINS:
        parts = _around(key, column) if of else _everywhere(key)
        session.execute(
            text(
                f"with {', '.join(f'{name} as materialized ({rows})' for name, rows in parts)} "  # noqa: S608 - constants of this module
                "update camera c set fault_keys = case when t.id is null then array_remove(c.fault_keys, :key) "
                "else array_append(c.fault_keys, :key) end from looked_at w left join twins t on t.id = w.id "
                f"where c.id = w.id and c.fault_keys is not null and (t.id is null) = (c.{_MARKED})"
            ),
            {"key": key} | ({"of": of} if of else {}),
        )


def _everywhere(key: str) -> Sequence[tuple[str, str]]:
    marked = f"select id from twins union select id from camera where {_MARKED}"  # noqa: S608 - constants of this module
    return ("twins", _TWINS[key]), ("looked_at", marked)


def _around(key: str, column: str) -> Sequence[tuple[str, str]]:
    keys, same = _SAME[key]
    words = {"keys": keys, "same": same, "column": column, "marked": _MARKED}
    return tuple((name, rows.format(**words)) for name, rows in _BESIDE.items())
