"""Judging camera files: one when it changes, all of them by a job, and what only a look at the others tells."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Uuid, column, false, func, literal, or_, select, text
from sqlalchemy.orm import Session

from portal.accounts.values import Identity
from portal.core.clock import city_day
from portal.core.db import Database
from portal.core.outbox import TaskName, enqueue
from portal.registry.models import Camera, CameraAccess, System, Unit
from portal.registry.queries import visible_cameras
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
    """What the camera, written or not, shares with any other of the city."""
    shared = func.portal_twin_keys(
        literal(camera.position, Camera.position.type),
        camera.azimuth,
        camera.direction,
        access.host if access else "",
        access.rtsp_port if access else None,
        camera.storage_channel,
        camera.id,
    )
    return list(session.scalar(select(shared)) or ())


def twins_of(session: Session, identity: Identity, camera: Camera, *, limit: int = 5) -> Mapping[str, Sequence[Camera]]:
    """Other cameras that share this one's place and direction, or its device, for a caller already let in to it; of
    these, those that the person may read."""
    others = visible_cameras(identity).where(Camera.id != camera.id, Camera.status != CameraStatus.DISMANTLED)
    beside = func.portal_twins("lon:duplicate", [camera.id]).table_valued(column("row_id", Uuid), "twin")
    same_view = others.where(
        Camera.id.in_(session.scalars(select(beside.c.row_id).where(beside.c.twin)).all()),
        Camera.azimuth.is_not_distinct_from(camera.azimuth),
        Camera.direction.is_not_distinct_from(camera.direction),
    )
    access = session.get(CameraAccess, camera.id)
    same_device = others.join(CameraAccess, CameraAccess.camera_id == Camera.id).where(
        CameraAccess.host == access.host if access else false()
    )
    return {
        key: session.scalars(found.order_by(Camera.id).limit(limit)).all()
        for key, found in (("lon:duplicate", same_view), ("host:duplicate", same_device))
    }


def ask_recheck(session: Session, *, occasion: str, unit_id: UUID | None = None, system_id: UUID | None = None) -> None:
    """Have the cameras of a unit or system judged again soon; `occasion` names the change, so that it is done once."""
    ids = {"unit_id": unit_id} if unit_id else {"system_id": system_id}
    enqueue(session, TaskName.REGISTRY_RECHECK_CAMERAS, dedupe=f"recheck:{occasion}", **ids)


def ask_marks(session: Session, *, occasion: str, system_ids: Collection[UUID]) -> None:
    """Have it looked soon which cameras of these systems share a place or a device; their files are judged already."""
    which = sorted(map(str, system_ids))
    enqueue(session, TaskName.REGISTRY_RECHECK_CAMERAS, dedupe=f"twins:{occasion}", twins_of=which)


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
        mark_twins(session, unit_id=unit_id, system_id=system_id)
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


_TWINS = {
    "lon:duplicate": "select id from (select id, count(*) over (partition by position, azimuth, direction) as n "
    "from camera where status <> 'dismantled') t where n > 1",
    "host:duplicate": "select id from (select c.id, count(*) over (partition by a.host, a.rtsp_port, "
    "coalesce(c.storage_channel, 0)) as n from camera_access a join camera c on c.id = a.camera_id "
    "where c.status <> 'dismantled' and a.host <> '') t where n > 1",
}
_MARKED = "fault_keys @> array[cast(:key as varchar)]"
_EVERYWHERE = f"""
twins as materialized ({{twins}}),
looked_at as materialized (
  select coalesce(t.id, c.id) as id, t.id is not null as twin
    from twins t full join (select id from camera where {_MARKED}) c on c.id = t.id)
"""  # noqa: S608 - constants of this module
# Under row-level security no index finds a place: the database's own function looks where these cameras stand, and answers
# for whatever stands there. Its index knows the marked ones by just this condition.
_AROUND = f"""
these as materialized (select id, district from camera where {{of}}),
known as materialized (
  select id from these union
  select id from camera where district in (select district from these)
     and fault_keys && '{{{{lon:duplicate,host:duplicate}}}}'::varchar[] and {_MARKED}),
looked_at as materialized (
  select id, coalesce(t.twin, false) as twin
    from known full join (select row_id as id, twin from portal_twins(:key, array(select id from known))) t using (id))
"""  # noqa: S608
# Said twice, as a join alone is planned as a look at every camera while the table's statistics are of when it was empty.
_MARK = f"""
with {{looked_at}} update camera c
   set fault_keys = case when w.twin then array_append(c.fault_keys, :key) else array_remove(c.fault_keys, :key) end
  from looked_at w where c.id = w.id and c.id = any (array(select id from looked_at))
   and c.fault_keys is not null and w.twin <> (c.{_MARKED})
"""  # noqa: S608


def mark_twins(session: Session, *, unit_id: UUID | None = None, system_id: UUID | None = None) -> None:
    """Mark every camera that shares its place and direction, or its device and channel, with another; unmark the rest.

    Of a unit or system alone: its cameras, those that share a key with one of them, and those marked in their districts,
    whose twin may just have left. Whose twin left across a border is told by the nightly look at all.
    """
    column_, of = ("unit_id", unit_id) if unit_id else ("system_id", system_id)
    for key, twins in _TWINS.items():
        looked_at = _AROUND.format(of=f"{column_} = :of") if of else _EVERYWHERE.format(twins=twins)
        session.execute(text(_MARK.format(looked_at=looked_at)), {"key": key} | ({"of": of} if of else {}))


def mark_twins_of(database: Database, system_ids: Sequence[UUID]) -> None:
    """The same for the cameras of each of these systems, a system a transaction."""
    for system_id in system_ids:
        with database.transaction() as session:
            mark_twins(session, system_id=system_id)
