"""Uses of equipment that wait: for the head of the department, for the unit's duty people, for an end."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from portal.accounts.permissions import Permission
from portal.accounts.policy import may_ever, visibility
from portal.accounts.queries import visible
from portal.accounts.values import Identity
from portal.core.clock import city_day
from portal.desk.values import Todo
from portal.evidence.models import EquipmentUse
from portal.evidence.queries.equipment import uses_visible_to, without_end
from portal.evidence.states import UseStatus

Wait = tuple[str, Permission, ColumnElement[bool]]


def equipment_waiting(session: Session, identity: Identity, *, now: datetime, most: int) -> list[Todo]:
    """By their number alone: what a use is about stands on its own page."""
    found = []
    for kind, permission, waits in _waits(identity, now):
        if not may_ever(identity, permission):
            continue
        reach = visible(visibility(identity, permission), unit=EquipmentUse.unit_id, organ=EquipmentUse.organ_id)
        rows = session.execute(
            uses_visible_to(identity)
            .where(reach, waits)
            .with_only_columns(EquipmentUse.id, EquipmentUse.number, EquipmentUse.due_at)
            .order_by(EquipmentUse.due_at.nulls_last(), EquipmentUse.id)
            .limit(most)
        )
        found += [
            Todo(kind=kind, id=key, text=number, due=city_day(due) if due else None, late=due is not None and due < now)
            for key, number, due in rows
        ]
    return found


def _waits(identity: Identity, now: datetime) -> Iterator[Wait]:
    status = EquipmentUse.status
    others = EquipmentUse.applicant_id != identity.person_id
    yield "use_decide", Permission.EQUIPMENT_APPROVE, (status == UseStatus.ASKED) & others
    yield "use_hand_over", Permission.EQUIPMENT_HAND, status == UseStatus.APPROVED
    yield "use_take_back", Permission.EQUIPMENT_HAND, (status == UseStatus.RETURNED) & ~without_end(now)
    yield "use_late", Permission.EQUIPMENT_BOOK, without_end(now)
    yield "use_late", Permission.EQUIPMENT_APPROVE, without_end(now)
