"""Past versions: a row's changes, newest first, and how it read at any moment."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, text, tuple_
from sqlalchemy.orm import Session

from portal.core.errors import Invalid
from portal.core.paging import PAGE_SIZE, encode_cursor, place_in
from portal.registry.models import Camera, RowHistory, System
from portal.registry.values import HistoryKind

_PRESENT = "select to_jsonb(t) from {table} t where id = :id"
_TABLES = {HistoryKind.CAMERA: "camera", HistoryKind.SYSTEM: "system", HistoryKind.UNIT: "unit"}


@dataclass(frozen=True, kw_only=True)
class Change:
    """One change: who made it, when and why, and the row before and after."""

    at: datetime
    actor_name: str
    reason: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Changes:
    """One page of a row's changes, newest first."""

    items: Sequence[Change]
    next_cursor: str | None


def present_content(session: Session, kind: HistoryKind, row_id: UUID) -> Mapping[str, Any]:
    """The row as it reads now, in the shape past versions have; empty when it is gone."""
    statement = _PRESENT.format(table=_TABLES[kind])
    found: Mapping[str, Any] | None = session.scalar(text(statement), {"id": row_id})
    return found or {}


def changes_of(session: Session, kind: HistoryKind, row_id: UUID, *, after: str | None = None) -> Changes:
    """A row's changes for a caller already let in to it. Raises Invalid for a cursor of another list."""
    statement = select(RowHistory).where(RowHistory.kind == kind, RowHistory.row_id == row_id)
    newer = None
    if after:
        moment, key = place_in(after, datetime.fromisoformat, int)
        newer = session.get(RowHistory, key)
        if newer is None or newer.row_id != row_id:
            raise Invalid("bad_cursor")
        statement = statement.where(tuple_(RowHistory.valid_to, RowHistory.id) < (moment, key))
    ordered = statement.order_by(RowHistory.valid_to.desc(), RowHistory.id.desc()).limit(PAGE_SIZE + 1)
    rows = session.scalars(ordered).all()
    shown = rows[:PAGE_SIZE]
    following = newer.content if newer else present_content(session, kind, row_id)
    items = []
    for row in shown:
        items.append(
            Change(at=row.valid_to, actor_name=row.actor_name, reason=row.reason, before=row.content, after=following)
        )
        following = row.content
    last = shown[-1] if len(rows) > PAGE_SIZE else None
    cursor = encode_cursor([last.valid_to.isoformat(), last.id]) if last else None
    return Changes(items=items, next_cursor=cursor)


def content_at(session: Session, kind: HistoryKind, row_id: UUID, at: datetime) -> Mapping[str, Any] | None:
    """How the row read at a moment; None when it reads so still, an empty mapping when it was not entered yet."""
    past = session.scalars(
        select(RowHistory)
        .where(RowHistory.kind == kind, RowHistory.row_id == row_id, RowHistory.valid_to > at)
        .order_by(RowHistory.valid_to, RowHistory.id)
        .limit(1)
    ).one_or_none()
    if past is not None:
        return past.content if past.valid_from <= at else {}
    created = present_content(session, kind, row_id).get("created_at")
    return None if created and datetime.fromisoformat(created) <= at else {}


def once_secret(session: Session, system_id: UUID, camera_ids: Collection[str]) -> frozenset[str]:
    """Which of these cameras of a system were secret at any time; all of them where the system itself ever was."""
    keys = [UUID(key) for key in camera_ids]
    marked = RowHistory.content["secret"].as_boolean()
    past = select(RowHistory.row_id).where(RowHistory.row_id.in_([system_id, *keys]), marked)
    present = select(Camera.id).where(Camera.id.in_(keys), Camera.secret)
    found = set(session.scalars(past.union(present)))
    if system_id in found or session.scalar(select(System.secret).where(System.id == system_id)):
        return frozenset(camera_ids)
    return frozenset(str(key) for key in found)
