"""What the operations on a system's archive share: who may, what changed, and the record of it."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from portal.accounts.permissions import Permission
from portal.accounts.policy import require
from portal.accounts.values import Identity
from portal.audit.operations import speak_for
from portal.audit.values import FieldChange, FieldValue
from portal.registry.models import System, Unit
from portal.registry.operations.cameras import must_say_why
from portal.registry.queries import is_filed, lock_system, system_scope


def system_to_change(session: Session, actor: Identity, system_id: UUID, *, reason: str | None = None) -> System:
    """A system held for change by somebody who may change it. With a `reason`, even an empty one, a filed system asks
    for it. Raises NotFound, NotAllowed or Invalid."""
    system = lock_system(session, system_id)
    require(actor, Permission.SYSTEM_EDIT, system_scope(system), read=Permission.SYSTEM_READ)
    if reason is not None:
        must_say_why(reason, filed=is_filed(session, system_id=system_id))
        speak_for(session, actor.actor, reason)
    return system


def put(row: object, particulars: object, names: Iterable[str]) -> list[FieldChange]:
    """Copy the named particulars into a row, and tell what that changed."""
    changes = []
    for name in names:
        old, new = getattr(row, name), getattr(particulars, name)
        if old != new:
            setattr(row, name, new)
            changes.append(FieldChange(name=name, old=_told(old), new=_told(new)))
    return changes


def _told(value: Any) -> FieldValue:
    return tuple(str(one) for one in value) if isinstance(value, list | tuple) else value


def placed(home: System | Unit) -> Mapping[str, object]:
    """The columns that say whose a row is."""
    return {"unit_id": home.id if isinstance(home, Unit) else home.unit_id, "district": home.district}
