"""What a unit owes and by when: limits that run, papers and signs that lack, acceptance to ask for, orders to fulfil."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from portal.accounts.permissions import Permission
from portal.accounts.policy import may_ever, visibility
from portal.accounts.values import Identity
from portal.desk.values import Todo
from portal.inspection.models import Acceptance
from portal.inspection.states import OPEN as OPEN_ACCEPTANCES
from portal.mandates.models import InstallOrder
from portal.mandates.states import RUNNING_ORDERS
from portal.registry.models import Filing, FilingClock, System
from portal.registry.queries.dues import lacking_of_units
from portal.registry.queries.duties import LAPSES, Lapse, clocks_visible_to
from portal.registry.states import STANDING, FilingStatus, UseStatus
from portal.registry.values import ClockKind

# Where the step is taken on the page of the filing that stands; the others begin at the system.
_AT_FILING = (Lapse.CONFIRMATION, Lapse.CORRECTION)


def dues(session: Session, identity: Identity, *, today: date, most: int) -> list[Todo]:
    """What the units of this person owe, at most so many of each kind; nothing for those who belong to none."""
    if not identity.unit_ids:
        return []
    return [
        *_limits(session, identity, today, most),
        *_lacking(session, identity, today, most),
        *_acceptances(session, identity, most),
        *_orders(session, identity, today, most),
    ]


def _limits(session: Session, identity: Identity, today: date, most: int) -> list[Todo]:
    """Running limits of the person's own units. A filing that is begun already waits under its own name for whoever may
    hand it in."""
    begun = (FilingStatus.DRAFT, FilingStatus.RETURNED) if may_ever(identity, Permission.FILING_SUBMIT) else ()
    in_hand = select(Filing.id).where(Filing.system_id == FilingClock.system_id, Filing.status.in_(begun))
    first = FilingClock.kind.in_([kind for kind, lapse in LAPSES.items() if lapse is Lapse.FILING])
    stands = (
        select(Filing.id)
        .where(Filing.system_id == FilingClock.system_id, Filing.status.in_(STANDING))
        .order_by(Filing.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    rows = session.execute(
        clocks_visible_to(identity)
        .where(FilingClock.unit_id.in_(visibility(identity, Permission.FILING_READ).units), ~(first & in_hand.exists()))
        .add_columns(stands)
        .options(joinedload(FilingClock.system))
        .order_by(FilingClock.due_on.nulls_first(), FilingClock.id)
        .limit(most)
    )
    found = []
    for clock, filing_id in rows:
        lapse = LAPSES[ClockKind(clock.kind)]
        at_filing = lapse in _AT_FILING and filing_id is not None
        found.append(
            Todo(
                kind=f"due_{lapse}" if at_filing or lapse not in _AT_FILING else "due_filing",
                id=filing_id if at_filing else clock.system_id,
                text=clock.system.name,
                due=clock.due_on,
                late=clock.due_on is not None and clock.due_on < today,
            )
        )
    return found


def _lacking(session: Session, identity: Identity, today: date, most: int) -> list[Todo]:
    if not may_ever(identity, Permission.SYSTEM_READ):
        return []
    found = []
    for one in lacking_of_units(session, identity, on=today, limit=most):
        if one.sign:
            found.append(Todo(kind="signs", id=one.system.id, text=one.system.name))
        if one.gaps:
            found.append(Todo(kind="archive", id=one.system.id, text=one.system.name, count=one.gaps))
    return found


def _acceptances(session: Session, identity: Identity, most: int) -> list[Todo]:
    """Systems that run and were never presented for acceptance."""
    if not may_ever(identity, Permission.ACCEPTANCE_APPLY):
        return []
    under_way = select(Acceptance.id).where(
        Acceptance.system_id == System.id, Acceptance.status.in_([str(state) for state in OPEN_ACCEPTANCES])
    )
    rows = session.execute(
        select(System.id, System.name)
        .where(
            System.unit_id.in_(visibility(identity, Permission.ACCEPTANCE_APPLY).units),
            System.use_status == UseStatus.AWAITING_ACCEPTANCE,
            ~under_way.exists(),
        )
        .order_by(System.id)
        .limit(most)
    )
    return [Todo(kind="acceptance_apply", id=key, text=name) for key, name in rows]


def _orders(session: Session, identity: Identity, today: date, most: int) -> list[Todo]:
    if not may_ever(identity, Permission.MANDATE_READ):
        return []
    rows = session.scalars(
        select(InstallOrder)
        .where(
            InstallOrder.unit_id.in_(visibility(identity, Permission.MANDATE_READ).units),
            InstallOrder.status.in_([str(state) for state in RUNNING_ORDERS]),
        )
        .order_by(InstallOrder.due_on.nulls_last(), InstallOrder.id)
        .limit(most)
    )
    return [
        Todo(
            kind="order",
            id=row.id,
            text=row.number,
            due=row.due_on,
            late=row.due_on is not None and row.due_on < today,
        )
        for row in rows
    ]
