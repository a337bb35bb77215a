"""Orders to correct: one with its refusal and fines, a list, those of a unit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, case, null, select
from sqlalchemy.orm import Session, joinedload

from portal.accounts.permissions import Permission
from portal.accounts.policy import require, visibility
from portal.accounts.queries import visible
from portal.accounts.values import Identity, Scope
from portal.core.db import lock_row
from portal.core.errors import NotFound
from portal.core.paging import Page, newest_first, tally_of
from portal.measures.models import CorrectionOrder, FineProposal, RefusalFinding
from portal.measures.states import RUNNING, CorrectionStatus, RefusalStatus
from portal.registry.models import System, Unit
from portal.registry.queries import kind_of


@dataclass(frozen=True, kw_only=True)
class CorrectionFilter:
    """What the list is narrowed to; empty means all."""

    keyword: str = ""
    district: str = ""
    status: CorrectionStatus | None = None
    overdue_on: date | None = None


def correction_scope(order: CorrectionOrder) -> Scope:
    """Where an order stands. Before it is served the unit knows nothing of it."""
    return Scope(
        unit_ids=frozenset({order.unit_id} if order.served_on else ()),
        districts=frozenset({order.district}),
        organ_ids=frozenset({order.organ_id}),
        kind=kind_of(order, order.unit_id),
    )


def corrections_visible_to(identity: Identity) -> Select[CorrectionOrder]:
    """Every order the person may read."""
    told: ColumnElement[Any] = case((CorrectionOrder.served_on.is_not(None), CorrectionOrder.unit_id), else_=null())
    kind = select(Unit.unit_type).where(Unit.id == CorrectionOrder.unit_id).correlate(CorrectionOrder).scalar_subquery()
    seen = visibility(identity, Permission.MEASURE_READ)
    return select(CorrectionOrder).where(visible(seen, unit=told, district=CorrectionOrder.district, kind=kind))


def get_correction(session: Session, identity: Identity, correction_id: UUID) -> CorrectionOrder:
    """An order with its unit, if the person may read it. Raises NotFound."""
    order = session.scalars(
        select(CorrectionOrder).where(CorrectionOrder.id == correction_id).options(joinedload(CorrectionOrder.unit))
    ).one_or_none()
    if order is None:
        raise NotFound()
    require(identity, Permission.MEASURE_READ, correction_scope(order))
    return order


def lock_correction(session: Session, correction_id: UUID) -> CorrectionOrder:
    """An order held for change. Raises NotFound."""
    return lock_row(session, CorrectionOrder, correction_id)


def correction_page(
    session: Session, identity: Identity, wanted: CorrectionFilter, *, after: str | None = None
) -> Page[CorrectionOrder]:
    """Orders, newest first."""
    return newest_first(session, _narrow(corrections_visible_to(identity), wanted), CorrectionOrder.id, after=after)


def correction_tally(session: Session, identity: Identity, wanted: CorrectionFilter) -> Mapping[CorrectionStatus, int]:
    """How many orders of the filter stand in each status."""
    narrowed = _narrow(corrections_visible_to(identity), replace(wanted, status=None))
    return tally_of(session, narrowed, CorrectionOrder.status, CorrectionStatus)


def _narrow(statement: Select[Any], wanted: CorrectionFilter) -> Select[Any]:
    if wanted.keyword.strip():
        word = wanted.keyword.strip()
        statement = statement.where(
            CorrectionOrder.addressee.contains(word, autoescape=True)
            | CorrectionOrder.number.contains(word, autoescape=True)
        )
    if wanted.district:
        statement = statement.where(CorrectionOrder.district == wanted.district)
    if wanted.status is not None:
        statement = statement.where(CorrectionOrder.status == wanted.status)
    if wanted.overdue_on is not None:
        statement = statement.where(CorrectionOrder.status.in_(RUNNING), CorrectionOrder.due_on < wanted.overdue_on)
    return statement


def corrections_of_unit(session: Session, identity: Identity, unit_id: UUID) -> Sequence[CorrectionOrder]:
    """A unit's newest orders, as far as the reader may see them."""
    return session.scalars(
        corrections_visible_to(identity)
        .where(CorrectionOrder.unit_id == unit_id)
        .order_by(CorrectionOrder.id.desc())
        .limit(10)
    ).all()


def refusal_of(session: Session, order_id: UUID) -> RefusalFinding | None:
    """The newest finding of refusal that was not rejected."""
    return session.scalars(
        select(RefusalFinding).where(
            RefusalFinding.order_id == order_id, RefusalFinding.status != RefusalStatus.REJECTED
        )
    ).one_or_none()


def lock_refusal(session: Session, order_id: UUID) -> RefusalFinding:
    """The finding that waits for the second person, held for change. Raises NotFound."""
    found = session.scalars(
        select(RefusalFinding)
        .where(RefusalFinding.order_id == order_id, RefusalFinding.status == RefusalStatus.FOUND)
        .with_for_update()
    ).one_or_none()
    if found is None:
        raise NotFound()
    return found


def fines_of(session: Session, order_id: UUID) -> Sequence[FineProposal]:
    """What was proposed for an order; row-level security keeps it from the unit."""
    return session.scalars(
        select(FineProposal).where(FineProposal.order_id == order_id).order_by(FineProposal.id.desc()).limit(20)
    ).all()


def lock_fine(session: Session, order_id: UUID, fine_id: UUID) -> FineProposal:
    """A proposal of an order, held for change. Raises NotFound."""
    found = session.scalars(
        select(FineProposal).where(FineProposal.id == fine_id, FineProposal.order_id == order_id).with_for_update()
    ).one_or_none()
    if found is None:
        raise NotFound()
    return found


def systems_of(session: Session, unit_id: UUID) -> Sequence[tuple[UUID, str]]:
    """A unit's systems by name, for the order that is about one of them; secret ones are named nowhere."""
    rows = session.execute(
        select(System.id, System.name).where(System.unit_id == unit_id, ~System.secret).order_by(System.name).limit(100)
    )
    return [(key, name) for key, name in rows]
