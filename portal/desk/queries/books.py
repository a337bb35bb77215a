"""What waits in the unit's books: signatures, decisions, what is overdue, what was changed without a ticket."""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session, joinedload

from portal.accounts.permissions import Permission
from portal.accounts.policy import may_ever, visibility
from portal.accounts.queries import visible
from portal.accounts.values import Identity
from portal.core.clock import city_day
from portal.desk.values import Todo
from portal.registry.models import Operator, Unit
from portal.upkeep.models import CustodyHandover, PasswordCustody, Workstation, WorkTicket
from portal.upkeep.queries.custody import flawed
from portal.upkeep.queries.operators import gone, opened_unlisted
from portal.upkeep.queries.places import highest_post, homes
from portal.upkeep.queries.tickets import overdue, untold_changes
from portal.upkeep.queries.workstations import overdue as late_look
from portal.upkeep.queries.workstations import unregistered
from portal.upkeep.states import CustodyStatus, TicketStatus
from portal.upkeep.values import CustodyFlaw

Wait = tuple[str, Permission, ColumnElement[bool], bool]


def books_waiting(session: Session, identity: Identity, *, now: datetime, most: int) -> list[Todo]:
    """What the person may do next in the books of their unit; nobody else's desk is laden with it."""
    if not may_ever(identity, Permission.CUSTODY_SIGN):
        return []
    return [
        *_custodies(session, identity, now, most),
        *_tickets(session, identity, now, most),
        *_disputes(session, identity, now, most),
        *_rooms(session, identity, now, most),
        *_untold(session, identity, now),
    ]


def _custodies(session: Session, identity: Identity, now: datetime, most: int) -> Iterator[Todo]:
    today, person = city_day(now), identity.person_id
    mine = or_(PasswordCustody.custodian_id == person, PasswordCustody.second_id == person)
    waiting = select(CustodyHandover.custody_id).where(
        CustodyHandover.taker_id == person, CustodyHandover.taken_at.is_(None), CustodyHandover.recalled_at.is_(None)
    )
    late = flawed(CustodyFlaw.ROTATION_OVERDUE, today)
    waits: tuple[Wait, ...] = (
        (
            "custody_take",
            Permission.CUSTODY_SIGN,
            (PasswordCustody.status == CustodyStatus.OFFERED) & PasswordCustody.id.in_(waiting),
            False,
        ),
        ("custody_rotate", Permission.CUSTODY_SIGN, late & mine, True),
        ("custody_rotate", Permission.BOOK_KEEP, late & ~mine, True),
        ("custody_left", Permission.BOOK_KEEP, flawed(CustodyFlaw.KEEPER_LEFT, today), True),
    )
    for kind, permission, condition, is_late in waits:
        if not may_ever(identity, permission):
            continue
        seen = visible(
            visibility(identity, permission), unit=PasswordCustody.unit_id, district=PasswordCustody.district
        )
        rows = session.execute(
            select(PasswordCustody.id, PasswordCustody.scope, PasswordCustody.due_on)
            .where(seen, condition)
            .order_by(PasswordCustody.due_on, PasswordCustody.id)
            .limit(most)
        )
        for key, scope, due in rows:
            yield Todo(kind=kind, id=key, text=scope, due=due if kind == "custody_rotate" else None, late=is_late)


def _tickets(session: Session, identity: Identity, now: datetime, most: int) -> Iterator[Todo]:
    person = identity.person_id
    waits: tuple[Wait, ...] = (
        (
            "ticket_decide",
            Permission.TICKET_DECIDE,
            (WorkTicket.status == TicketStatus.ASKED) & (WorkTicket.asked_by != person),
            False,
        ),
        (
            "ticket_verify",
            Permission.TICKET_DECIDE,
            (WorkTicket.status == TicketStatus.DONE) & (WorkTicket.done_by != person),
            False,
        ),
        ("ticket_late", Permission.TICKET_ASK, overdue(now) & (WorkTicket.asked_by == person), True),
        ("ticket_late", Permission.TICKET_DECIDE, overdue(now) & (WorkTicket.asked_by != person), True),
    )
    for kind, permission, condition, is_late in waits:
        if not may_ever(identity, permission):
            continue
        seen = visible(visibility(identity, permission), unit=WorkTicket.unit_id, district=WorkTicket.district)
        statement: Select[UUID, str, str, datetime] = select(
            WorkTicket.id, WorkTicket.number, WorkTicket.what, WorkTicket.ends_at
        ).where(seen, condition)
        for key, number, what, ends in session.execute(statement.order_by(WorkTicket.ends_at).limit(most)):
            yield Todo(kind=kind, id=key, text=f"{number} {what}", due=city_day(ends), late=is_late)


def _disputes(session: Session, identity: Identity, now: datetime, most: int) -> Iterator[Todo]:
    """Refusals taken higher, for who holds the unit's highest post."""
    person, today = identity.person_id, city_day(now)
    posts = [fact.unit_id for fact in identity.memberships if fact.unit_id and fact.post]
    if not posts:
        return
    rows = session.scalars(
        select(WorkTicket)
        .where(
            WorkTicket.unit_id.in_(posts),
            WorkTicket.status == TicketStatus.DISPUTED,
            WorkTicket.asked_by != person,
            WorkTicket.decided_by != person,
        )
        .options(joinedload(WorkTicket.unit))
        .order_by(WorkTicket.id)
        .limit(most)
    )
    for row in rows:
        if identity.holds_post(highest_post(row.unit, on=today), unit_id=row.unit_id):
            yield Todo(kind="ticket_settle", id=row.id, text=f"{row.number} {row.what}", due=None, late=False)


def _rooms(session: Session, identity: Identity, now: datetime, most: int) -> Iterator[Todo]:
    """Computers to look at, and whoever or whatever opened footage without standing in a book."""
    units: list[Unit] = list(homes(session, identity, Permission.BOOK_KEEP))
    if not units:
        return
    keys, today = [unit.id for unit in units], city_day(now)
    rows = session.execute(
        select(Workstation.id, Workstation.asset_number, Workstation.room, Workstation.due_on)
        .where(Workstation.unit_id.in_(keys), late_look(today))
        .order_by(Workstation.due_on, Workstation.id)
        .limit(most)
    )
    for key, number, room, due in rows:
        yield Todo(kind="workstation_check", id=key, text=f"{number} {room}", due=due, late=True)
    left = select(Operator.id, Operator.name).where(Operator.unit_id.in_(keys), gone(today)).order_by(Operator.id)
    for key, name in session.execute(left.limit(most)):
        yield Todo(kind="operator_left", id=key, text=name, due=None, late=True)
    seen = unregistered(session, identity, now=now, unit_ids=keys)
    if seen:
        yield Todo(kind="workstation_seen", id=keys[0], text=seen[0].name, due=None, late=True, count=len(seen))
    opened = opened_unlisted(session, identity, now=now, unit_ids=keys)
    if opened:
        yield Todo(kind="operator_none", id=keys[0], text=opened[0].name, due=None, late=True, count=len(opened))


def _untold(session: Session, identity: Identity, now: datetime) -> Iterator[Todo]:
    """One line for all changes without a ticket: they stand in a list of their own."""
    units: list[Unit] = list(homes(session, identity, Permission.BOOK_KEEP))
    if not units:
        return
    found = untold_changes(session, identity, now=now, unit_ids=[unit.id for unit in units])
    if found:
        yield Todo(kind="untold_change", id=units[0].id, text=found[0].camera, due=None, late=True, count=len(found))
