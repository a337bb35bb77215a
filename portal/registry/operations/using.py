"""The state of use follows the first day that was declared, whichever door the declaration came through."""

from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy.orm import Session

from portal.accounts.values import Identity, system_identity
from portal.audit.values import FieldChange
from portal.core.clock import city_day
from portal.registry import values
from portal.registry.models import System, Unit
from portal.registry.operations.recording import about, note
from portal.registry.rules import declared_use, must_be_accepted_before_use, rules_for
from portal.registry.states import UseStatus, next_use_status


def use_as_declared(system: System, unit: Unit, *, on: date) -> UseStatus:
    """Where a system stands in its use by its declared first day, under the rules of that day."""
    status = UseStatus(system.use_status or UseStatus.PLANNED)
    if system.in_use_on is None or system.in_use_on > on:
        return status
    first = must_be_accepted_before_use(rules_for(unit, system, on=system.in_use_on))
    action = declared_use(status, in_use_on=system.in_use_on, acceptance_first=first, on=on)
    return next_use_status(status, action) if action else status


def follow_declared_use(
    session: Session, systems: Iterable[System], *, actor: Identity | None = None, now: datetime
) -> None:
    """Let these systems be where their declared first day has them, on record; the portal itself does it where nobody
    acts. They come with their units."""
    for system in systems:
        before, after = system.use_status, use_as_declared(system, system.unit, on=city_day(now))
        if before == after:
            continue
        system.use_status, system.updated_at = after, now
        changes = [FieldChange(name="use_status", old=str(before), new=str(after))]
        who = actor or system_identity("registry")
        note(session, who, values.SYSTEM_USE_CHANGED, about(system), system, changes=changes, now=now)
