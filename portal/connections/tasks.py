"""Jobs of this package."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.accounts.operations import notify_people, people_with
from portal.accounts.values import Role
from portal.connections.models import ConnectionOrder
from portal.connections.operations import running
from portal.core.outbox import TaskName
from portal.jobs import job

UNIT = (Role.UNIT_SECURITY_HEAD, Role.UNIT_APPROVER, Role.UNIT_FILER)
ORGAN = (Role.REGISTRAR, Role.BUREAU_LEADER)
# What the unit does, the organ is told; that an order ran out, both are.
_OF_UNIT = ("consent", "refuse", "withdraw")
_INSIDE = ("claim",)


@job(TaskName.CONNECTIONS_REMIND)
def remind(session: Session, *, now: datetime, **_: object) -> None:
    """Tell both sides of connections that are active past their last day."""
    running.remind_over(session, now=now)


@job(TaskName.CONNECTIONS_NOTIFY)
def notify(session: Session, *, now: datetime, connection_order_id: str, occasion: str, **_: object) -> None:
    """Tell the unit what the organ did, and the organ what the unit did."""
    order = session.get(ConnectionOrder, UUID(connection_order_id))
    if order is None:
        return
    people = []
    if not occasion.startswith(_OF_UNIT + _INSIDE):
        people += people_with(session, UNIT, unit_id=order.unit_id)
    if occasion.startswith((*_OF_UNIT, *_INSIDE, "over")):
        people += people_with(session, ORGAN, organ_id=order.organ_id)
    notify_people(session, people=people, kind="connections.order", subject_id=order.id, occasion=occasion, now=now)
