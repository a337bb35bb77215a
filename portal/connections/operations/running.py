"""An approved order at work: connected, stopped, seen to be cut, resumed, ended; cameras that came later."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.values import Identity
from portal.audit.values import AuditTag, FieldChange
from portal.connections import values
from portal.connections.models import ConnectionOrder
from portal.connections.operations.proposing import handling, must_say, tell
from portal.connections.queries import lock_order
from portal.connections.states import OrderAction, OrderStatus, next_order_status
from portal.connections.values import RestsOn
from portal.core.clock import city_day
from portal.core.errors import IllegalTransition, Invalid, Problem
from portal.registry.operations.recording import about, note


def connect(
    session: Session, *, actor: Identity, connection_order_id: UUID, seen_version: int, on: date, now: datetime
) -> ConnectionOrder:
    """The connection is made: within the days that were approved."""
    order = handling(session, actor, connection_order_id, seen_version)
    if not order.starts_on <= on <= min(order.ends_on, city_day(now)):
        raise Invalid([Problem("on", "connection_outside")])
    order.status = next_order_status(OrderStatus(order.status), OrderAction.CONNECT)
    order.connected_on = on
    return _said(session, actor, order, values.ORDER_CONNECTED, name="connected_on", day=on, now=now)


def suspend(
    session: Session, *, actor: Identity, connection_order_id: UUID, seen_version: int, reason: str, now: datetime
) -> ConnectionOrder:
    """The organ stops a connection."""
    order = handling(session, actor, connection_order_id, seen_version)
    must_say(reason)
    order.status = next_order_status(OrderStatus(order.status), OrderAction.SUSPEND)
    order.suspended_at, order.suspended_reason, order.cut_on = now, reason.strip(), None
    return _said(
        session, actor, order, values.ORDER_SUSPENDED, name="suspended", day=city_day(now), now=now, reason=reason
    )


def find_cut(
    session: Session, *, actor: Identity, connection_order_id: UUID, seen_version: int, on: date, now: datetime
) -> ConnectionOrder:
    """The organ has seen that nothing flows any more; until then a stopped order is on every list of what is wrong."""
    order = handling(session, actor, connection_order_id, seen_version)
    order.status = next_order_status(OrderStatus(order.status), OrderAction.CUT)
    order.cut_on = _day_of_cut(order, on, now)
    return _said(session, actor, order, values.LINE_CUT, name="cut_on", day=on, now=now)


def resume(
    session: Session, *, actor: Identity, connection_order_id: UUID, seen_version: int, now: datetime
) -> ConnectionOrder:
    """Go on with a stopped connection: never without the consent it rests on, nor after its last day."""
    order = handling(session, actor, connection_order_id, seen_version)
    if order.rests_on == RestsOn.CONSENT and order.consented_at is None:
        raise IllegalTransition("connection_needs_consent")
    if order.ends_on < city_day(now):
        raise IllegalTransition("connection_over")
    order.status = next_order_status(OrderStatus(order.status), OrderAction.RESUME)
    order.suspended_at, order.suspended_reason, order.cut_on = None, "", None
    return _said(session, actor, order, values.ORDER_RESUMED, name="resumed", day=city_day(now), now=now)


def end(
    session: Session,
    *,
    actor: Identity,
    connection_order_id: UUID,
    seen_version: int,
    on: date,
    reason: str,
    now: datetime,
) -> ConnectionOrder:
    """The connection is over, and was seen to be cut."""
    order = handling(session, actor, connection_order_id, seen_version)
    must_say(reason)
    order.status = next_order_status(OrderStatus(order.status), OrderAction.END)
    order.cut_on = order.cut_on or _day_of_cut(order, on, now)
    order.ended_on, order.ended_note = city_day(now), reason.strip()
    return _said(session, actor, order, values.ORDER_ENDED, name="cut_on", day=order.cut_on, now=now, reason=reason)


def check_cameras(
    session: Session, *, actor: Identity, connection_order_id: UUID, seen_version: int, reason: str, now: datetime
) -> ConnectionOrder:
    """The organ has looked: the cameras that came after the order do not go over the line. To take them in, it proposes
    another order."""
    order = handling(session, actor, connection_order_id, seen_version)
    must_say(reason)
    if order.status != OrderStatus.ACTIVE:
        raise IllegalTransition("connection_order", status=order.status, action="check")
    order.cameras_checked_at = now
    return _said(
        session, actor, order, values.CAMERAS_CHECKED, name="checked", day=city_day(now), now=now, reason=reason
    )


def remind_over(session: Session, *, now: datetime) -> int:
    """Tell both sides of connections that are still active after their last day, once for each last day."""
    over = session.scalars(
        select(ConnectionOrder.id).where(
            ConnectionOrder.status == OrderStatus.ACTIVE, ConnectionOrder.ends_on < city_day(now)
        )
    ).all()
    for key in over:
        order = lock_order(session, key)
        tell(session, order, f"over:{order.ends_on.isoformat()}")
    return len(over)


def _day_of_cut(order: ConnectionOrder, on: date, now: datetime) -> date:
    first = city_day(order.suspended_at) if order.suspended_at else order.connected_on
    if (first is not None and on < first) or on > city_day(now):
        raise Invalid([Problem("on", "connection_cut_when")])
    return on


def _said(
    session: Session,
    actor: Identity,
    order: ConnectionOrder,
    tag: AuditTag,
    *,
    name: str,
    day: date,
    now: datetime,
    reason: str = "",
) -> ConnectionOrder:
    changes = [FieldChange(name=name, new=day)]
    note(session, actor, tag, about(order, order.number), order, changes=changes, reason=reason, now=now)
    tell(session, order, str(tag).rsplit(":", 1)[-1])
    return order
