"""Connection orders that wait: for the unit's answer, for leaders, for the organ that connects and cuts."""

from collections.abc import Iterator
from datetime import date

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from portal.accounts.permissions import Permission
from portal.accounts.policy import may_ever, visibility
from portal.accounts.queries import visible
from portal.accounts.values import Identity
from portal.connections.models import ConnectionOrder
from portal.connections.states import OrderStatus
from portal.desk.values import Todo

_S = OrderStatus
Wait = tuple[str, Permission, ColumnElement[bool]]


def connections_waiting(session: Session, identity: Identity, *, today: date, most: int) -> list[Todo]:
    """What the person may do next about connection orders; what runs against its order is late."""
    found = []
    for kind, permission, waits in _waits(identity, today):
        if not may_ever(identity, permission):
            continue
        seen = visibility(identity, permission)
        rows = session.execute(
            select(ConnectionOrder.id, ConnectionOrder.number, ConnectionOrder.addressee, ConnectionOrder.ends_on)
            .where(visible(seen, unit=ConnectionOrder.unit_id, district=ConnectionOrder.district), waits)
            .order_by(ConnectionOrder.ends_on, ConnectionOrder.id)
            .limit(most)
        )
        late = kind in ("connection_over", "connection_cut")
        found += [
            Todo(
                kind=kind,
                id=key,
                text=f"{number} {addressee}",
                due=ends_on if kind == "connection_over" else None,
                late=late,
            )
            for key, number, addressee, ends_on in rows
        ]
    return found


def _waits(identity: Identity, today: date) -> Iterator[Wait]:
    status, person = ConnectionOrder.status, identity.person_id
    others = ConnectionOrder.proposed_by.is_distinct_from(person) & ConnectionOrder.claimed_by.is_distinct_from(person)
    over = (status == _S.ACTIVE) & (ConnectionOrder.ends_on < today)
    yield "connection_answer", Permission.CONNECTION_ANSWER, status == _S.PROPOSED
    yield "connection_approve", Permission.CONNECTION_APPROVE, status.in_([_S.CONSENTED, _S.CLAIMED]) & others
    second = (status == _S.SECONDING) & others & ConnectionOrder.approved_by.is_distinct_from(person)
    yield "connection_second", Permission.CONNECTION_APPROVE, second
    yield (
        "connection_connect",
        Permission.CONNECTION_PROPOSE,
        (status == _S.APPROVED) & (ConnectionOrder.starts_on <= today),
    )
    yield "connection_refused", Permission.CONNECTION_PROPOSE, status == _S.REFUSED
    yield "connection_cut", Permission.CONNECTION_PROPOSE, (status == _S.SUSPENDED) & ConnectionOrder.cut_on.is_(None)
    for side in (Permission.CONNECTION_PROPOSE, Permission.CONNECTION_ANSWER):
        yield "connection_over", side, over
