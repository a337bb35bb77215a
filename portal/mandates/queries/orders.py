"""Orders to install: one, a list, what an entry was ordered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload, object_session

from portal.accounts.permissions import Permission
from portal.accounts.policy import require, visibility
from portal.accounts.queries import visible
from portal.accounts.values import Identity, Scope
from portal.core.db import lock_row
from portal.core.errors import NotFound
from portal.core.paging import Page, newest_first, tally_of
from portal.mandates.models import InstallOrder, MandatedUnit
from portal.mandates.queries.register import HANGING, entry_kind
from portal.mandates.states import OPEN_ORDERS, RUNNING_ORDERS, OrderStatus
from portal.registry.models import Filing, System
from portal.registry.states import IN_FORCE


@dataclass(frozen=True, kw_only=True)
class OrderFilter:
    """What the list is narrowed to; empty means all."""

    keyword: str = ""
    district: str = ""
    status: OrderStatus | None = None
    overdue_on: date | None = None


def order_scope(order: InstallOrder) -> Scope:
    """Where an order stands. What kind of place it was sent to, its entry says."""
    return Scope(
        unit_ids=frozenset({order.unit_id} if order.unit_id else ()),
        districts=frozenset({order.district}),
        organ_ids=frozenset({order.organ_id}),
        kind=lambda: _kind(order),
    )


def _kind(order: InstallOrder) -> str | None:
    session = object_session(order)
    ordered = select(entry_kind()).select_from(MandatedUnit).where(MandatedUnit.id == order.mandated_id)
    return session.scalar(ordered) if session else None


def orders_visible_to(identity: Identity) -> Select[InstallOrder]:
    """Every order the person may read."""
    seen = visibility(identity, Permission.MANDATE_READ)
    ordered = select(entry_kind()).where(MandatedUnit.id == InstallOrder.mandated_id).scalar_subquery()
    within = visible(seen, unit=InstallOrder.unit_id, district=InstallOrder.district, kind=ordered)  # type: ignore[arg-type]
    return select(InstallOrder).where(within)


def get_order(session: Session, identity: Identity, order_id: UUID) -> InstallOrder:
    """An order with its entry, if the person may read it. Raises NotFound."""
    order = session.scalars(
        select(InstallOrder)
        .where(InstallOrder.id == order_id)
        .options(joinedload(InstallOrder.entry).joinedload(MandatedUnit.unit))
    ).one_or_none()
    if order is None:
        raise NotFound()
    require(identity, Permission.MANDATE_READ, order_scope(order))
    return order


def lock_order(session: Session, order_id: UUID) -> InstallOrder:
    """An order held for change, with its entry. Raises NotFound."""
    return lock_row(session, InstallOrder, order_id, joinedload(InstallOrder.entry))


def order_page(
    session: Session, identity: Identity, wanted: OrderFilter, *, after: str | None = None
) -> Page[InstallOrder]:
    """Orders, newest first."""
    return newest_first(session, _narrow(orders_visible_to(identity), wanted), InstallOrder.id, after=after)


def order_tally(session: Session, identity: Identity, wanted: OrderFilter) -> Mapping[OrderStatus, int]:
    """How many orders of the filter stand in each status."""
    narrowed = _narrow(orders_visible_to(identity), replace(wanted, status=None))
    return tally_of(session, narrowed, InstallOrder.status, OrderStatus)


def _narrow(statement: Select[Any], wanted: OrderFilter) -> Select[Any]:
    if wanted.keyword.strip():
        word = wanted.keyword.strip()
        statement = statement.where(
            InstallOrder.addressee.contains(word, autoescape=True) | InstallOrder.number.contains(word, autoescape=True)
        )
    if wanted.district:
        statement = statement.where(InstallOrder.district == wanted.district)
    if wanted.status is not None:
        statement = statement.where(InstallOrder.status == wanted.status)
    if wanted.overdue_on is not None:
        statement = statement.where(InstallOrder.status.in_(RUNNING_ORDERS), InstallOrder.due_on < wanted.overdue_on)
    return statement


def orders_of(session: Session, mandated_id: UUID) -> Sequence[InstallOrder]:
    """What an entry was ordered, newest first; the caller has let the reader in."""
    return session.scalars(
        select(InstallOrder).where(InstallOrder.mandated_id == mandated_id).order_by(InstallOrder.id.desc()).limit(20)
    ).all()


# What is on file, of a system that hangs: a paper about one that is still to be built obeys no order to install.
_PROVES = (Filing.status.in_(IN_FORCE), System.use_status.in_(HANGING))


def proof_for(session: Session, order: InstallOrder) -> Filing | None:
    """The accepted filing that fulfils an order: of the matched unit. Only what stands in the register counts."""
    unit_id = order.entry.unit_id
    if unit_id is None:
        return None
    return session.scalars(
        select(Filing)
        .join(System, System.id == Filing.system_id)
        .where(Filing.unit_id == unit_id, *_PROVES)
        .order_by(Filing.decided_at.desc().nulls_last())
        .limit(1)
    ).one_or_none()


def fulfillable(session: Session) -> Sequence[UUID]:
    """Orders whose unit has an accepted filing by now."""
    return session.scalars(
        select(InstallOrder.id)
        .join(MandatedUnit, MandatedUnit.id == InstallOrder.mandated_id)
        .where(
            InstallOrder.status.in_(OPEN_ORDERS),
            MandatedUnit.unit_id.in_(
                select(Filing.unit_id).join(System, System.id == Filing.system_id).where(*_PROVES)
            ),
        )
        .order_by(InstallOrder.id)
        .limit(500)
    ).all()
