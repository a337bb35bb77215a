"""Connection orders: one with its cameras, a list with what is irregular, those of a unit, systems joined without one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, func, or_, select
from sqlalchemy.orm import Session, aliased, joinedload

from portal.accounts.permissions import Permission
from portal.accounts.policy import may_ever, require, visibility
from portal.accounts.queries import visible
from portal.accounts.values import Identity, Scope
from portal.connections.models import ConnectionCamera, ConnectionOrder
from portal.connections.states import OrderStatus
from portal.connections.values import Irregularity
from portal.core.db import lock_row
from portal.core.errors import NotFound
from portal.core.paging import Page, newest_first, tally_of
from portal.registry.models import Camera, System, SystemConnection, Unit
from portal.registry.queries import kind_of, visible_cameras
from portal.registry.states import CameraStatus, ConnectionStatus

MOST_CAMERAS = 300


@dataclass(frozen=True, kw_only=True)
class OrderFilter:
    """What the list is narrowed to; empty means all."""

    keyword: str = ""
    district: str = ""
    status: OrderStatus | None = None
    irregular: Irregularity | None = None


@dataclass(frozen=True)
class Unordered:
    """A system that is said to be joined to a platform, and no running order says so."""

    system_id: UUID
    system_name: str
    unit_name: str
    district: str
    platform: str
    platform_name: str
    connected_on: date | None


def order_scope(order: ConnectionOrder) -> Scope:
    """Where an order stands."""
    return Scope(
        unit_ids=frozenset({order.unit_id}),
        districts=frozenset({order.district}),
        organ_ids=frozenset({order.organ_id}),
        kind=kind_of(order, order.unit_id),
    )


def orders_visible_to(identity: Identity) -> Select[ConnectionOrder]:
    """Every order the person may read."""
    kind = select(Unit.unit_type).where(Unit.id == ConnectionOrder.unit_id).correlate(ConnectionOrder).scalar_subquery()
    seen = visibility(identity, Permission.CONNECTION_ORDER_READ)
    return select(ConnectionOrder).where(
        visible(seen, unit=ConnectionOrder.unit_id, district=ConnectionOrder.district, kind=kind)
    )


def get_order(session: Session, identity: Identity, connection_order_id: UUID) -> ConnectionOrder:
    """An order with its unit, if the person may read it. Raises NotFound."""
    order = session.scalars(
        select(ConnectionOrder)
        .where(ConnectionOrder.id == connection_order_id)
        .options(joinedload(ConnectionOrder.unit))
    ).one_or_none()
    if order is None:
        raise NotFound()
    require(identity, Permission.CONNECTION_ORDER_READ, order_scope(order))
    return order


def lock_order(session: Session, connection_order_id: UUID) -> ConnectionOrder:
    """An order held for change. Raises NotFound."""
    return lock_row(session, ConnectionOrder, connection_order_id)


def order_page(
    session: Session, identity: Identity, wanted: OrderFilter, *, today: date, after: str | None = None
) -> Page[ConnectionOrder]:
    """Orders, newest first."""
    statement = _narrow(orders_visible_to(identity), identity, wanted, today)
    return newest_first(session, statement, ConnectionOrder.id, after=after)


def order_tally(session: Session, identity: Identity, wanted: OrderFilter, *, today: date) -> Mapping[OrderStatus, int]:
    """How many orders of the filter stand in each status."""
    narrowed = _narrow(orders_visible_to(identity), identity, replace(wanted, status=None), today)
    return tally_of(session, narrowed, ConnectionOrder.status, OrderStatus)


def irregular_tally(session: Session, identity: Identity, *, today: date) -> Mapping[Irregularity, int]:
    """How many orders the person may read are not as they say, by what is wrong."""
    columns = [func.count().filter(irregular(one, identity, today)) for one in Irregularity]
    row = session.execute(orders_visible_to(identity).with_only_columns(*columns)).one()
    return dict(zip(Irregularity, row, strict=True))


def irregular(what: Irregularity, identity: Identity, today: date) -> ColumnElement[bool]:
    """The orders of which this is true. Of cameras that are secret, their own unit alone is told."""
    running = ConnectionOrder.status == OrderStatus.ACTIVE
    match what:
        case Irregularity.PAST_END:
            return running & (ConnectionOrder.ends_on < today)
        case Irregularity.NOT_CUT:
            return (ConnectionOrder.status == OrderStatus.SUSPENDED) & ConnectionOrder.cut_on.is_(None)
        case Irregularity.CAMERAS_LATER:
            return running & exists(_later(identity).where(Camera.system_id == ConnectionOrder.system_id))


def _later(identity: Identity) -> Select[Any]:
    own = visibility(identity, Permission.CONNECTION_ORDER_READ).units
    covered = exists().where(ConnectionCamera.order_id == ConnectionOrder.id, ConnectionCamera.camera_id == Camera.id)
    return select(Camera.id).where(
        Camera.status != CameraStatus.DISMANTLED,
        Camera.created_at > ConnectionOrder.cameras_checked_at,
        or_(~Camera.secret, Camera.unit_id.in_(own)),
        ~covered,
    )


def wrong_with(session: Session, identity: Identity, order: ConnectionOrder, *, today: date) -> list[Irregularity]:
    """What is not as this order says."""
    columns = [irregular(one, identity, today) for one in Irregularity]
    row = session.execute(select(*columns).select_from(ConnectionOrder).where(ConnectionOrder.id == order.id)).one()
    return [one for one, found in zip(Irregularity, row, strict=True) if found]


def cameras_of_order(session: Session, identity: Identity, order: ConnectionOrder) -> Sequence[ConnectionCamera]:
    """The cameras an order covers, as far as the reader may see cameras at all, and these now."""
    if not may_ever(identity, Permission.CAMERA_READ):
        return []
    readable = visible_cameras(identity).where(Camera.system_id == order.system_id).with_only_columns(Camera.id)
    return session.scalars(
        select(ConnectionCamera)
        .where(ConnectionCamera.order_id == order.id, ConnectionCamera.camera_id.in_(readable))
        .order_by(ConnectionCamera.label, ConnectionCamera.camera_id)
    ).all()


def later_cameras(session: Session, identity: Identity, order: ConnectionOrder) -> Sequence[tuple[UUID, str]]:
    """Cameras of the system that came after the order and that it does not cover, as far as the reader may see them."""
    if order.status != OrderStatus.ACTIVE or not may_ever(identity, Permission.CAMERA_READ):
        return []
    found = _later(identity).where(ConnectionOrder.id == order.id, Camera.system_id == order.system_id).subquery()
    rows = session.execute(
        visible_cameras(identity)
        .where(Camera.id.in_(select(found.c.id)))
        .with_only_columns(Camera.id, Camera.name)
        .order_by(Camera.name, Camera.id)
        .limit(MOST_CAMERAS)
    )
    return [(key, name) for key, name in rows]


def cameras_to_cover(session: Session, identity: Identity, system_id: UUID) -> Sequence[Camera]:
    """The cameras of a system that an order may name: none that is secret, none that is dismantled."""
    statement = visible_cameras(identity).where(
        Camera.system_id == system_id, ~Camera.secret, Camera.status != CameraStatus.DISMANTLED
    )
    return session.scalars(statement.order_by(Camera.name, Camera.id).limit(MOST_CAMERAS)).all()


def orders_of_unit(session: Session, identity: Identity, unit_id: UUID) -> Sequence[ConnectionOrder]:
    """A unit's newest orders, as far as the reader may see them."""
    return session.scalars(
        orders_visible_to(identity)
        .where(ConnectionOrder.unit_id == unit_id)
        .order_by(ConnectionOrder.id.desc())
        .limit(10)
    ).all()


def orders_of_system(session: Session, identity: Identity, system_id: UUID) -> Sequence[ConnectionOrder]:
    """A system's newest orders, as far as the reader may see them."""
    return session.scalars(
        orders_visible_to(identity)
        .where(ConnectionOrder.system_id == system_id)
        .order_by(ConnectionOrder.id.desc())
        .limit(10)
    ).all()


def system_of(session: Session, identity: Identity, order: ConnectionOrder) -> str:
    """The name of the order's system for those who may read it; of one that became secret, none."""
    seen = visibility(identity, Permission.SYSTEM_READ)
    name = session.scalar(
        select(System.name).where(
            System.id == order.system_id,
            visible(seen, unit=System.unit_id, district=System.district),
            or_(~System.secret, System.unit_id.in_(seen.units)),
        )
    )
    return name or ""


def unordered(session: Session, identity: Identity, *, limit: int = 100) -> Sequence[Unordered]:
    """Systems of units that the registry says are joined to a platform, and that no active order covers.

    An order that was stopped covers nothing: where the registry still says «connected», this shows it, too.
    """
    covering = aliased(ConnectionOrder)
    ordered = exists().where(
        covering.system_id == SystemConnection.system_id,
        covering.platform == SystemConnection.platform,
        covering.status == OrderStatus.ACTIVE,
    )
    seen = visibility(identity, Permission.CONNECTION_ORDER_READ)
    rows = session.execute(
        select(
            System.id, System.name, Unit.name, System.district,
            SystemConnection.platform, SystemConnection.platform_name, SystemConnection.connected_on,
        )
        .join(System, System.id == SystemConnection.system_id)
        .join(Unit, Unit.id == System.unit_id)
        .where(
            SystemConnection.status == ConnectionStatus.ACTIVE,
            System.kind == "unit_internal",
            or_(~System.secret, System.unit_id.in_(seen.units)),
            visible(seen, unit=System.unit_id, district=System.district, kind=Unit.unit_type),
            ~ordered,
        )
        .order_by(System.district, Unit.name, System.id)
        .limit(limit)
    )  # fmt: skip
    return [Unordered(*row) for row in rows]


def _narrow(statement: Select[Any], identity: Identity, wanted: OrderFilter, today: date) -> Select[Any]:
    if wanted.keyword.strip():
        word = wanted.keyword.strip()
        statement = statement.where(
            or_(
                ConnectionOrder.addressee.contains(word, autoescape=True),
                ConnectionOrder.number.contains(word, autoescape=True),
                ConnectionOrder.platform_name.contains(word, autoescape=True),
            )
        )
    if wanted.district:
        statement = statement.where(ConnectionOrder.district == wanted.district)
    if wanted.status is not None:
        statement = statement.where(ConnectionOrder.status == wanted.status)
    if wanted.irregular is not None:
        statement = statement.where(irregular(wanted.irregular, identity, today))
    return statement
