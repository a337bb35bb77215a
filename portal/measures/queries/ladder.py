"""Letters, interviews and circulars: one, a list, those of a unit, those whose reply is overdue."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, case, exists, null, select
from sqlalchemy.orm import Session, aliased, joinedload

from portal.accounts.permissions import Permission
from portal.accounts.policy import require, visibility
from portal.accounts.queries import visible
from portal.accounts.values import Identity, Scope
from portal.core.db import lock_row
from portal.core.errors import NotFound
from portal.core.paging import Page, newest_first, tally_of
from portal.inspection.models import Acceptance
from portal.inspection.states import AcceptanceStatus
from portal.measures.models import Measure
from portal.measures.states import AWAITING_REPLY, MeasureStatus
from portal.measures.values import MeasureKind
from portal.registry.models import System, Unit
from portal.registry.queries import kind_of


@dataclass(frozen=True, kw_only=True)
class MeasureFilter:
    """What the list is narrowed to; empty means all."""

    keyword: str = ""
    district: str = ""
    kind: MeasureKind | None = None
    status: MeasureStatus | None = None
    overdue_on: date | None = None
    proposed: bool = False


def measure_scope(measure: Measure) -> Scope:
    """Where a measure stands. Before it is served the unit knows nothing of it."""
    return Scope(
        unit_ids=frozenset({measure.unit_id} if measure.served_on else ()),
        districts=frozenset({measure.district}),
        organ_ids=frozenset({measure.organ_id}),
        kind=kind_of(measure, measure.unit_id),
    )


def measures_visible_to(identity: Identity) -> Select[Measure]:
    """Every measure the person may read."""
    told: ColumnElement[Any] = case((Measure.served_on.is_not(None), Measure.unit_id), else_=null())
    kind = select(Unit.unit_type).where(Unit.id == Measure.unit_id).correlate(Measure).scalar_subquery()
    seen = visibility(identity, Permission.MEASURE_READ)
    return select(Measure).where(visible(seen, unit=told, district=Measure.district, kind=kind))


def get_measure(session: Session, identity: Identity, measure_id: UUID) -> Measure:
    """A measure with its unit, if the person may read it. Raises NotFound."""
    measure = session.scalars(
        select(Measure).where(Measure.id == measure_id).options(joinedload(Measure.unit))
    ).one_or_none()
    if measure is None:
        raise NotFound()
    require(identity, Permission.MEASURE_READ, measure_scope(measure))
    return measure


def lock_measure(session: Session, measure_id: UUID) -> Measure:
    """A measure held for change. Raises NotFound."""
    return lock_row(session, Measure, measure_id)


def measure_page(
    session: Session, identity: Identity, wanted: MeasureFilter, *, after: str | None = None
) -> Page[Measure]:
    """Measures, newest first."""
    return newest_first(session, _narrow(measures_visible_to(identity), wanted), Measure.id, after=after)


def measure_tally(session: Session, identity: Identity, wanted: MeasureFilter) -> Mapping[MeasureStatus, int]:
    """How many measures of the filter stand in each status."""
    narrowed = _narrow(measures_visible_to(identity), replace(wanted, status=None))
    return tally_of(session, narrowed, Measure.status, MeasureStatus)


def _narrow(statement: Select[Any], wanted: MeasureFilter) -> Select[Any]:
    if wanted.keyword.strip():
        word = wanted.keyword.strip()
        statement = statement.where(
            Measure.addressee.contains(word, autoescape=True) | Measure.number.contains(word, autoescape=True)
        )
    if wanted.district:
        statement = statement.where(Measure.district == wanted.district)
    if wanted.kind is not None:
        statement = statement.where(Measure.kind == wanted.kind)
    if wanted.status is not None:
        statement = statement.where(Measure.status == wanted.status)
    if wanted.proposed:
        statement = statement.where(Measure.proposed_on.is_not(None))
    if wanted.overdue_on is not None:
        statement = statement.where(is_overdue(wanted.overdue_on))
    return statement


def is_overdue(today: date) -> ColumnElement[bool]:
    """The unit owes a reply and its day is past."""
    return Measure.status.in_(AWAITING_REPLY) & (Measure.due_on < today)


def overdue_replies(session: Session, *, today: date) -> Sequence[Measure]:
    """Measures whose reply is overdue, for which nothing was proposed and no next step is under way. Held for change;
    what another run holds already is left to it."""
    following = aliased(Measure)
    followed = exists().where(following.previous_id == Measure.id, following.status != MeasureStatus.WITHDRAWN)
    return session.scalars(
        select(Measure)
        .where(is_overdue(today), Measure.proposed_on.is_(None), ~followed)
        .order_by(Measure.id)
        .with_for_update(of=Measure, skip_locked=True)
    ).all()


def measures_of_unit(session: Session, identity: Identity, unit_id: UUID) -> Sequence[Measure]:
    """A unit's newest measures, as far as the reader may see them."""
    return session.scalars(
        measures_visible_to(identity).where(Measure.unit_id == unit_id).order_by(Measure.id.desc()).limit(10)
    ).all()


def chain_of(session: Session, identity: Identity, measure: Measure) -> Sequence[Measure]:
    """The step before and the step after, as far as the reader may see them."""
    linked = Measure.previous_id == measure.id
    if measure.previous_id:
        linked |= Measure.id == measure.previous_id
    return session.scalars(measures_visible_to(identity).where(linked).order_by(Measure.id)).all()


def failed_acceptances(session: Session, unit_id: UUID) -> Sequence[tuple[UUID, str]]:
    """Acceptances of a unit that a measure may rest on, by the name of the system, secret ones aside."""
    rows = session.execute(
        select(Acceptance.id, System.name)
        .join(System, System.id == Acceptance.system_id)
        .where(
            Acceptance.unit_id == unit_id,
            Acceptance.status.in_((AcceptanceStatus.FAILED, AcceptanceStatus.BASICALLY_PASSED)),
            ~System.secret,
        )
        .order_by(Acceptance.id.desc())
        .limit(20)
    )
    return [(key, name) for key, name in rows]
