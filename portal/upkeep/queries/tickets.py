"""Tickets: list and one; who may sign for a change today; changes of parameters that no ticket covers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, column, exists, func, literal, or_, select, table
from sqlalchemy.orm import Session, aliased, joinedload

from portal.accounts.permissions import Permission
from portal.accounts.policy import may_ever
from portal.accounts.values import Identity
from portal.core.paging import Page, newest_first, tally_of
from portal.registry.models import Camera, RowHistory, Unit
from portal.registry.queries import visible_cameras
from portal.upkeep.models import WorkTicket
from portal.upkeep.queries.places import get_row, rows_visible_to
from portal.upkeep.rules import late_entry, look_back
from portal.upkeep.states import TicketStatus
from portal.upkeep.values import CHANGES, PERMISSIONS, TicketKind

# Technical parameters among the facts the registry keeps of a camera, and keeps every past version of.
PARAMETERS = (
    "resolution",
    "encoding",
    "retention_days",
    "records_audio",
    "storage_channel",
    "osd_text",
    "network_mode",
)
MOST = 100
_DEVICE = table("device_status", column("camera_id"), column("identity_changed_at"))


@dataclass(frozen=True, kw_only=True)
class TicketFilter:
    """What the list is narrowed to; empty means all. `changes` tells tickets of parameters from permissions."""

    changes: bool = True
    keyword: str = ""
    kind: TicketKind | None = None
    status: TicketStatus | None = None
    overdue: bool = False


@dataclass(frozen=True, kw_only=True)
class Untold:
    """A parameter of a camera that changed, or a device that became another, with no ticket for it."""

    camera_id: UUID
    camera: str
    unit: str
    at: datetime
    parameters: tuple[tuple[str, str, str], ...]
    by: str
    probed: bool


def tickets_visible_to(identity: Identity) -> Select[WorkTicket]:
    """Every ticket the person may read."""
    return rows_visible_to(identity, WorkTicket)


def ticket_page(
    session: Session, identity: Identity, wanted: TicketFilter, *, now: datetime, after: str | None = None
) -> Page[WorkTicket]:
    """Tickets, newest first."""
    statement = _narrow(tickets_visible_to(identity), wanted, now)
    return newest_first(session, statement, WorkTicket.id, after=after, options=(joinedload(WorkTicket.unit),))


def ticket_tally(
    session: Session, identity: Identity, wanted: TicketFilter, *, now: datetime
) -> Mapping[TicketStatus, int]:
    """How many stand in each status."""
    narrowed = _narrow(tickets_visible_to(identity), replace(wanted, status=None), now)
    return tally_of(session, narrowed, WorkTicket.status, TicketStatus)


def late_tickets(session: Session, identity: Identity, wanted: TicketFilter, *, now: datetime) -> int:
    """How many are past their hours: a change not done, a state not restored."""
    narrowed = _narrow(tickets_visible_to(identity), replace(wanted, status=None, overdue=True), now)
    return session.scalar(select(func.count()).select_from(narrowed.subquery())) or 0


def overdue(now: datetime) -> ColumnElement[bool]:
    """Approved, its hours over, and nobody has signed that it is done or restored."""
    return (WorkTicket.status == TicketStatus.APPROVED) & (WorkTicket.ends_at < now)


def get_ticket(session: Session, identity: Identity, ticket_id: UUID) -> WorkTicket:
    """One ticket with its unit. Raises NotFound."""
    return get_row(session, identity, WorkTicket, ticket_id)


def untold_changes(
    session: Session, identity: Identity, *, now: datetime, unit_ids: Sequence[UUID] | None = None
) -> list[Untold]:
    """Technical parameters that changed without a ticket: in the register's own history, and devices that a probe found
    to be others than before. Only of cameras the person may read."""
    if not may_ever(identity, Permission.CAMERA_READ):
        return []
    found = [*_entered(session, identity, now, unit_ids), *_probed(session, identity, now, unit_ids)]
    return sorted(found, key=lambda one: one.at, reverse=True)[:MOST]


def _entered(session: Session, identity: Identity, now: datetime, unit_ids: Sequence[UUID] | None) -> Sequence[Untold]:
    past, later = aliased(RowHistory), aliased(RowHistory)
    cameras = _cameras(identity, unit_ids)
    after = (
        select(later.content)
        .where(later.kind == "camera", later.row_id == past.row_id, later.id > past.id)
        .order_by(later.valid_to, later.id)
        .limit(1)
        .correlate(past)
        .scalar_subquery()
    )
    became = func.coalesce(
        after, func.jsonb_build_object(*(part for name in PARAMETERS for part in (name, getattr(Camera, name))))
    )
    columns = [(past.content[name].astext, became[name].astext) for name in PARAMETERS]
    changed = or_(*(old.is_distinct_from(new) for old, new in columns))
    rows = session.execute(
        select(
            Camera.id,
            Camera.name,
            Unit.name,
            past.valid_to,
            past.actor_name,
            *(one for pair in columns for one in pair),
        )
        .select_from(past)
        .join(Camera, Camera.id == past.row_id)
        .join(Unit, Unit.id == Camera.unit_id)
        .where(
            past.kind == "camera",
            past.valid_to > now - look_back(now),
            Camera.id.in_(cameras),
            changed,
            ~_covered(Camera.id, past.valid_to, now),
        )
        .order_by(past.valid_to.desc())
        .limit(MOST)
    )
    return [
        Untold(
            camera_id=key, camera=name, unit=unit, at=at, by=by, probed=False,
            parameters=tuple(
                (parameter, old or "", new or "")
                for parameter, old, new in zip(PARAMETERS, pairs[::2], pairs[1::2], strict=True)
                if old != new
            ),
        )
        for key, name, unit, at, by, *pairs in rows
    ]  # fmt: skip


def _probed(session: Session, identity: Identity, now: datetime, unit_ids: Sequence[UUID] | None) -> Sequence[Untold]:
    at: Any = _DEVICE.c.identity_changed_at
    rows = session.execute(
        select(Camera.id, Camera.name, Unit.name, at)
        .join(_DEVICE, _DEVICE.c.camera_id == Camera.id)
        .join(Unit, Unit.id == Camera.unit_id)
        .where(at > now - look_back(now), Camera.id.in_(_cameras(identity, unit_ids)), ~_covered(Camera.id, at, now))
        .order_by(at.desc())
        .limit(MOST)
    )
    return [
        Untold(camera_id=key, camera=name, unit=unit, at=when, parameters=(), by="", probed=True)
        for key, name, unit, when in rows
    ]


def _cameras(identity: Identity, unit_ids: Sequence[UUID] | None) -> Select[UUID]:
    statement = visible_cameras(identity)
    if unit_ids is not None:
        statement = statement.where(Camera.unit_id.in_(unit_ids))
    return statement.with_only_columns(Camera.id)


def _covered(camera: Any, at: Any, now: datetime) -> ColumnElement[bool]:
    """A ticket for this camera was approved by then, and the change fell into its hours or was entered soon after."""
    return exists().where(
        WorkTicket.camera_id == camera,
        WorkTicket.kind.in_([TicketKind.PARAMETER, TicketKind.SETTING]),
        WorkTicket.status.in_([TicketStatus.APPROVED, TicketStatus.DONE, TicketStatus.VERIFIED]),
        func.coalesce(WorkTicket.settled_at, WorkTicket.decided_at) <= at,
        and_(WorkTicket.starts_at <= at, at <= WorkTicket.ends_at + literal(late_entry(now))),
    )


def _narrow(statement: Select[Any], wanted: TicketFilter, now: datetime) -> Select[Any]:
    statement = statement.where(WorkTicket.kind.in_(CHANGES if wanted.changes else PERMISSIONS))
    if wanted.keyword.strip():
        word = wanted.keyword.strip()
        named = select(Unit.id).where(Unit.name.contains(word, autoescape=True))
        statement = statement.where(
            or_(
                WorkTicket.number.contains(word, autoescape=True),
                WorkTicket.device.contains(word, autoescape=True),
                WorkTicket.what.contains(word, autoescape=True),
                WorkTicket.unit_id.in_(named),
            )
        )
    if wanted.kind is not None:
        statement = statement.where(WorkTicket.kind == wanted.kind)
    if wanted.status is not None:
        statement = statement.where(WorkTicket.status == wanted.status)
    if wanted.overdue:
        statement = statement.where(overdue(now))
    return statement
