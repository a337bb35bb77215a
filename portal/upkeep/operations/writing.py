"""What every act on a book does first and last: who may, is it as it was seen, and the line in the log."""

from datetime import date, datetime
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy.orm import Session, joinedload

from portal.accounts.permissions import Permission
from portal.accounts.policy import require
from portal.accounts.values import Identity
from portal.audit.values import AuditTag, FieldChange
from portal.core.clock import city_day
from portal.core.db import Base, lock_row
from portal.core.errors import Invalid, NotAllowed, Problem
from portal.core.lifecycle import unchanged
from portal.registry.models import Unit
from portal.registry.operations.recording import about, note
from portal.registry.queries import get_unit, unit_scope
from portal.upkeep.queries.places import book_scope, people_of

Row = TypeVar("Row", bound=Base)


def unit_to_write(session: Session, actor: Identity, unit_id: UUID, permission: Permission) -> Unit:
    """A unit in whose book the actor may write. Raises NotFound or NotAllowed."""
    unit = get_unit(session, actor, unit_id)
    require(actor, permission, unit_scope(unit), read=Permission.BOOK_READ)
    return unit


def row_to_write(
    session: Session, actor: Identity, model: type[Row], key: UUID, *, seen: int, permission: Permission
) -> Row:
    """A line held for change by somebody who may change it, as it was seen."""
    table: Any = model
    row = lock_row(session, model, key, joinedload(table.unit))
    require(actor, permission, book_scope(row), read=Permission.BOOK_READ)
    unchanged(row, seen)
    return row


def signing(actor: Identity) -> UUID:
    """The person who signs: never the portal itself."""
    if actor.person_id is None:
        raise NotAllowed("upkeep.person_needed")
    return actor.person_id


def named(session: Session, unit_id: UUID, person_id: UUID, field: str, *, today: date) -> str:
    """The name of somebody who holds a post in the unit. Raises Invalid at the field."""
    found = dict(people_of(session, unit_id, today=today)).get(person_id)
    if found is None:
        raise Invalid([Problem(field, "upkeep.not_of_unit")])
    return found


def must_say(**texts: str) -> None:
    """Raise Invalid where one of these was left empty."""
    problems = [Problem(name, "required") for name, text in texts.items() if not text.strip()]
    if problems:
        raise Invalid(problems)


def not_ahead(now: datetime, **days: date | None) -> None:
    """Raise Invalid where a day lies in the future."""
    problems = [Problem(name, "upkeep.day_ahead") for name, day in days.items() if day and day > city_day(now)]
    if problems:
        raise Invalid(problems)


def said(
    session: Session,
    actor: Identity,
    row: Any,
    tag: AuditTag,
    label: str,
    *,
    now: datetime,
    reason: str = "",
    **new: object,
) -> None:
    """One act on a line in the log."""
    changes = [FieldChange(name=name, new=str(value)) for name, value in new.items() if value is not None]
    note(session, actor, tag, about(row, label), row, changes=changes, reason=reason, now=now)
    session.flush()
