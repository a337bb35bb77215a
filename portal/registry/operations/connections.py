"""Connections of systems to public platforms: proposed, consented to by the unit, approved and made by the police."""

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.accounts.permissions import Permission
from portal.accounts.policy import allows, require
from portal.accounts.values import Identity
from portal.audit.operations import speak_for
from portal.audit.values import FieldChange, SubjectRef
from portal.core.clock import city_day
from portal.core.db import told_apart
from portal.core.errors import IllegalTransition, Invalid, NotFound, Problem
from portal.core.lifecycle import unchanged
from portal.registry.models import System, SystemConnection
from portal.registry.operations.acts import placed, put
from portal.registry.operations.recording import note
from portal.registry.queries import lock_system, system_scope
from portal.registry.rules import rules_for
from portal.registry.states import ConnectionAction, ConnectionStatus, next_connection_status
from portal.registry.values import archive
from portal.registry.values.archive import ConnectionParticulars
from portal.regulation.schema.keys import RuleKey

STATED = ("platform", "platform_name", "purpose", "path", "dispatch", "dispatch_centre", "dispatch_tested_on")
# What the unit agrees to, and the police approve.
AGREED = ("platform", "platform_name", "purpose", "path")
OPEN_TWICE = {"uq_system_connection_open": Problem("platform", "connection_open")}
OVER = (ConnectionStatus.ENDED, ConnectionStatus.REFUSED)
# The unit says whether it consents, and may take that back; the police do the rest.
BY_WHOM: Mapping[ConnectionAction, tuple[Permission, ...]] = {
    ConnectionAction.CONSENT: (Permission.SYSTEM_EDIT,),
    ConnectionAction.REFUSE: (Permission.SYSTEM_EDIT,),
    ConnectionAction.APPROVE: (Permission.CONNECTION_DECIDE,),
    ConnectionAction.CONNECT: (Permission.CONNECTION_DECIDE,),
    ConnectionAction.SUSPEND: (Permission.CONNECTION_DECIDE,),
    ConnectionAction.RESUME: (Permission.CONNECTION_DECIDE,),
    ConnectionAction.END: (Permission.SYSTEM_EDIT, Permission.CONNECTION_DECIDE),
}


def save_connection(
    session: Session,
    *,
    actor: Identity,
    system_id: UUID,
    connection_id: UUID | None = None,
    seen_version: int = 0,
    particulars: ConnectionParticulars,
    now: datetime,
) -> SystemConnection:
    """Propose a connection, or correct one that is not over. Either side may. Raises Invalid for a purpose the law does
    not know and for a second open connection to one platform, Stale, NotFound or IllegalTransition."""
    system = lock_system(session, system_id)
    require(actor, Permission.CONNECTION_EDIT, system_scope(system), read=Permission.SYSTEM_READ)
    if connection_id is None:
        row = SystemConnection(system_id=system.id, status=ConnectionStatus.PROPOSED, **placed(system))
    else:
        row = _connection(session, system, connection_id)
        unchanged(row, seen_version)
        if row.status in OVER:
            raise IllegalTransition("connection", status=row.status, action="edit")
        if row.status != ConnectionStatus.PROPOSED:
            _as_agreed(row, particulars)
    _check(system, particulars, city_day(now))
    with session.no_autoflush, told_apart(session, OPEN_TWICE):
        changes = put(row, particulars, STATED)
        session.add(row)
    subject = SubjectRef("connection", row.id, row.platform_name)
    note(session, actor, archive.CONNECTION_SET, subject, system, changes=changes, now=now)
    return row


def move_connection(
    session: Session,
    *,
    actor: Identity,
    system_id: UUID,
    connection_id: UUID,
    seen_version: int,
    action: ConnectionAction,
    reason: str = "",
    now: datetime,
) -> SystemConnection:
    """Move a connection on. What it is connected without, consent above all, the table of states does not let through.

    Raises NotAllowed for the other side's step, Stale where it reads otherwise than it was seen, IllegalTransition for a
    step this status does not have.
    """
    system = lock_system(session, system_id)
    if not any(allows(actor, permission, system_scope(system)) for permission in BY_WHOM[action]):
        require(actor, BY_WHOM[action][0], system_scope(system), read=Permission.SYSTEM_READ)
    row = _connection(session, system, connection_id)
    unchanged(row, seen_version)
    before = row.status
    after = next_connection_status(ConnectionStatus(before), action)
    if action in (ConnectionAction.REFUSE, ConnectionAction.END, ConnectionAction.SUSPEND) and not reason.strip():
        raise Invalid([Problem("reason", "required")])
    _date(row, action, actor, city_day(now), reason)
    row.status = after
    _tell_system(session, system, actor, reason, now)
    subject = SubjectRef("connection", row.id, row.platform_name)
    changes = [FieldChange(name="status", old=before, new=str(after))]
    note(session, actor, archive.CONNECTION_MOVED, subject, system, changes=changes, reason=reason, now=now)
    return row


def _date(row: SystemConnection, action: ConnectionAction, actor: Identity, today: date, reason: str) -> None:
    if action is ConnectionAction.CONSENT:
        row.consented_on, row.consented_by = today, actor.name[:40]
    elif action is ConnectionAction.APPROVE:
        row.approved_on, row.approved_by = today, actor.name[:40]
    elif action is ConnectionAction.CONNECT:
        row.connected_on = today
    elif action in (ConnectionAction.END, ConnectionAction.REFUSE):
        row.ended_on, row.end_reason = today, reason.strip()[:200]


def _tell_system(session: Session, system: System, actor: Identity, reason: str, now: datetime) -> None:
    """Whether a system is connected follows from its connections; its filing states it."""
    session.flush()
    active = select(func.count()).where(
        SystemConnection.system_id == system.id, SystemConnection.status == ConnectionStatus.ACTIVE
    )
    connected = bool(session.scalar(active))
    if system.networked != connected:
        speak_for(session, actor.actor, reason)
        system.networked, system.updated_at = connected, now


def _as_agreed(row: SystemConnection, particulars: ConnectionParticulars) -> None:
    """Consent to one connection is none to another: either side could otherwise put its own words under the other's."""
    other = [name for name in AGREED if getattr(row, name) != getattr(particulars, name)]
    if other:
        raise Invalid([Problem(name, "connection_agreed") for name in other])


def _check(system: System, particulars: ConnectionParticulars, today: date) -> None:
    problems = []
    purposes = rules_for(system.unit, system, on=today).terms(RuleKey.NETWORK_DIRECT_PURPOSES)
    if purposes and particulars.purpose not in purposes:
        problems.append(Problem("purpose", "connection_purpose"))
    if particulars.dispatch and not particulars.dispatch_centre.strip():
        problems.append(Problem("dispatch_centre", "required"))
    if particulars.dispatch_tested_on and particulars.dispatch_tested_on > today:
        problems.append(Problem("dispatch_tested_on", "day_in_future"))
    if problems:
        raise Invalid(problems)


def _connection(session: Session, system: System, connection_id: UUID) -> SystemConnection:
    row = session.get(SystemConnection, connection_id, with_for_update=True)
    if row is None or row.system_id != system.id:
        raise NotFound()
    return row
