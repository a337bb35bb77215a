"""How cameras are reached, by sheet: sealed while it is staged, written beside the cameras, given back by an undoing.

Only a sheet that was brought by somebody who may set access data has any of it read.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, select, text
from sqlalchemy.orm import Session

from portal.core.crypto import Envelope, row_context
from portal.core.services import services
from portal.registry.models import CameraAccess, CameraImport
from portal.registry.rules.sheets import Judged, Record

PLAIN = ("host", "ipv6", "mac")
KEPT = (*PLAIN, "storage_address_sealed", "credentials_sealed")
_STORED = "storage_address"

_ROWS = """
select number, camera_id, access_sealed, access_before_sealed from camera_import_row
 where import_id = :id and number between :low and :high and access_sealed is not null
   and outcome in ('new', 'changed') and stage = 'staged' order by number
"""
_LOCK = """
select camera_id, host, ipv6, mac, storage_address_sealed from camera_access
 where camera_id = any(cast(:ids as uuid[])) order by camera_id for update
"""
# A login typed for one address is never sent to another.
_WRITE = """
insert into camera_access as a (camera_id, unit_id, district, host, ipv6, mac, storage_address_sealed, updated_at)
select c.id, c.unit_id, c.district, n.host, n.ipv6, n.mac, n.storage, :now
  from unnest(cast(:ids as uuid[]), cast(:host as text[]), cast(:ipv6 as text[]), cast(:mac as text[]),
              cast(:storage as text[])) as n(id, host, ipv6, mac, storage)
  join camera c on c.id = n.id
on conflict (camera_id) do update
   set credentials_sealed = case when excluded.host in ('', a.host) then a.credentials_sealed end,
       host = coalesce(nullif(excluded.host, ''), a.host), ipv6 = coalesce(nullif(excluded.ipv6, ''), a.ipv6),
       mac = coalesce(nullif(excluded.mac, ''), a.mac),
       storage_address_sealed = coalesce(excluded.storage_address_sealed, a.storage_address_sealed),
       updated_at = excluded.updated_at
"""
_BACK = """
update camera_access set host = :host, ipv6 = :ipv6, mac = :mac, storage_address_sealed = :storage_address_sealed,
       credentials_sealed = :credentials_sealed, updated_at = :now where camera_id = :camera
"""


def access_of(session: Session, records: Iterable[dict[str, Any]]) -> None:
    """Put beside each camera how it is reached."""
    found = {record["id"]: record for record in records}
    columns = [getattr(CameraAccess, name) for name in KEPT]
    for row in session.execute(select(CameraAccess.camera_id, *columns).where(CameraAccess.camera_id.in_(found))):
        key, *values = row
        found[key]["access"] = dict(zip(KEPT, values, strict=True))


def same_storage(envelope: Envelope, record: Record, address: str) -> bool:
    """Whether a camera's recorder stands at this address on record already."""
    sealed = record.get("access", {}).get("storage_address_sealed")
    context = row_context("camera_access", "storage_address_sealed", record["id"])
    return sealed is not None and envelope.open(sealed, context=context).decode() == address


def seal_access(envelope: Envelope, import_id: UUID, judged: Judged) -> tuple[str, str | None]:
    """What a row says of how its camera is reached, and for one on record what it held; both sealed."""
    number = judged.parsed.number
    sealed = _seal(envelope, import_id, number, judged.access)
    if judged.record is None:
        return sealed, None
    return sealed, _seal(envelope, import_id, number, judged.record.get("access", {}))


def _seal(envelope: Envelope, import_id: UUID, number: int, content: Mapping[str, Any]) -> str:
    return envelope.seal(json.dumps(dict(content)).encode(), context=_context(import_id, number))


def _open(envelope: Envelope, import_id: UUID, number: int, sealed: str | None) -> dict[str, Any]:
    if sealed is None:
        return {}
    content: dict[str, Any] = json.loads(envelope.open(sealed, context=_context(import_id, number)))
    return content


def _context(import_id: UUID, number: int) -> str:
    return row_context("camera_import_row", "access_sealed", f"{import_id}-{number}")


def rows_with_access(link: Connection, run: CameraImport, *, low: int, high: int) -> Sequence[Row[Any]]:
    """The rows between two numbers that say how their cameras are reached."""
    if not run.may_access:
        return []
    return link.execute(text(_ROWS), {"id": run.id, "low": low, "high": high}).all()


def changed_meanwhile(session: Session, run: CameraImport, rows: Sequence[Row[Any]]) -> set[int]:
    """The numbers of rows whose cameras are reached otherwise now than when the sheet was checked; all are held."""
    envelope = services(session).envelope
    before = {row.number: _open(envelope, run.id, row.number, row.access_before_sealed) for row in rows}
    held = {one.camera_id: one for one in session.execute(text(_LOCK), {"ids": [row.camera_id for row in rows]})}
    compared = KEPT[:-1]
    return {
        row.number
        for row in rows
        if [before[row.number].get(name) for name in compared]
        != [getattr(held.get(row.camera_id), name, None) for name in compared]
    }


def write_access(session: Session, run: CameraImport, rows: Sequence[Row[Any]], *, now: datetime) -> int:
    """Write how the cameras of these rows are reached; of how many."""
    if not rows:
        return 0
    envelope = services(session).envelope
    said = [(row.camera_id, _open(envelope, run.id, row.number, row.access_sealed)) for row in rows]
    storage = [
        envelope.seal(one[_STORED].encode(), context=row_context("camera_access", "storage_address_sealed", key))
        if one.get(_STORED)
        else None
        for key, one in said
    ]
    plain = {name: [one.get(name, "") for _, one in said] for name in PLAIN}
    asked = {"ids": [key for key, _ in said], "storage": storage, "now": now, **plain}
    session.execute(text(_WRITE), asked)
    return len(said)


def give_back_access(
    session: Session, run: CameraImport, rows: Iterable[Row[Any]], back: set[UUID], *, now: datetime
) -> None:
    """Give these cameras back how they were reached before; an address that was none before goes."""
    envelope = services(session).envelope
    for row in rows:
        if row.camera_id not in back:
            continue
        before = _open(envelope, run.id, row.number, row.access_before_sealed)
        if before:
            session.execute(text(_BACK), {**before, "camera": row.camera_id, "now": now})
        else:
            session.execute(text("delete from camera_access where camera_id = :camera"), {"camera": row.camera_id})
