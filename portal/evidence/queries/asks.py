"""Reading what stands beside a request: its paper's particulars, the duty, the call, the viewing, papers seen; and what
is owed on all requests in reach."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, cast, exists, func, literal, or_, select
from sqlalchemy import DateTime as Moment
from sqlalchemy.orm import Session, joinedload

from portal.accounts.values import Identity
from portal.core.citytime import city_time
from portal.core.clock import city_day
from portal.core.paging import COUNT_CAP, PAGE_SIZE, Page, encode_cursor, last_seen
from portal.evidence.models import (
    FootageRequest,
    IdentitySeen,
    IndividualViewing,
    RequestFacts,
    SupplyDuty,
    SupplyFailing,
    UrgentCall,
)
from portal.evidence.queries.facts import facts_of
from portal.evidence.queries.requests import visible_requests
from portal.evidence.states import RequestStatus
from portal.evidence.values.asks import Failing, Owed, OwedRow
from portal.evidence.values.facts import AskFacts
from portal.registry.models import Unit
from portal.regulation.engine import city_rules
from portal.regulation.schema.keys import RuleKey

# The request came to nothing on the asking side: nobody owes anything on it any more.
GIVEN_UP = (RequestStatus.WITHDRAWN, RequestStatus.LAPSED, RequestStatus.REFUSED)


@dataclass(frozen=True)
class Beside:
    """Everything that stands beside one request."""

    facts: AskFacts
    undertaken: tuple[str, str]
    supply: SupplyDuty | None
    failings: Sequence[SupplyFailing]
    call: UrgentCall | None
    viewing: IndividualViewing | None
    seen: dict[int, IdentitySeen]


def supply_of(session: Session, request_id: UUID) -> SupplyDuty | None:
    """The duty a served notice brought."""
    return session.get(SupplyDuty, request_id)


def call_of(session: Session, request_id: UUID) -> UrgentCall | None:
    """The call an urgent request began with."""
    return session.get(UrgentCall, request_id)


def viewing_of(session: Session, request_id: UUID) -> IndividualViewing | None:
    """What an individual's request needs beside the chain."""
    return session.get(IndividualViewing, request_id)


def seen_of(session: Session, request_id: UUID) -> dict[int, IdentitySeen]:
    """Whose papers were looked at, by their place in the request."""
    rows = session.scalars(select(IdentitySeen).where(IdentitySeen.request_id == request_id))
    return {row.place: row for row in rows}


def failings_of(session: Session, request_id: UUID) -> Sequence[SupplyFailing]:
    """What the unit owed and did not do, in the order it happened."""
    statement = select(SupplyFailing).where(SupplyFailing.request_id == request_id)
    return session.scalars(statement.order_by(SupplyFailing.at, SupplyFailing.id)).all()


def beside(session: Session, request: FootageRequest, *, readable: bool) -> Beside:
    """Everything beside a request, for its page. What is sealed stays sealed here."""
    row = session.get(RequestFacts, request.id)
    facts = facts_of(session, request, opened=not request.secret)
    return Beside(
        facts=facts if readable or not request.secret else AskFacts(issued_on=facts.issued_on),
        undertaken=(row.undertaken_name, row.undertaking) if row else ("", ""),
        supply=supply_of(session, request.id),
        failings=failings_of(session, request.id),
        call=call_of(session, request.id),
        viewing=viewing_of(session, request.id),
        seen=seen_of(session, request.id),
    )


def late_duties(session: Session, *, now: datetime, limit: int = 500) -> Sequence[tuple[SupplyDuty, FootageRequest]]:
    """Duties past their moment, whose unit has not supplied and which are not written down as late yet: what stays late
    would else fill every round. Under lock, what another worker holds is left to it."""
    known = exists().where(SupplyFailing.request_id == SupplyDuty.request_id, SupplyFailing.kind == Failing.LATE)
    statement = (
        _supplies()
        .where(SupplyDuty.due_at < now, ~known)
        .options(joinedload(FootageRequest.unit))
        .order_by(SupplyDuty.due_at)
        .limit(limit)
        .with_for_update(of=SupplyDuty, skip_locked=True)
    )
    return [(duty, request) for duty, request in session.execute(statement).unique()]


def told_ahead(now: datetime) -> timedelta:
    """How long before it is due what is owed is told, on the desk and by notice alike."""
    return timedelta(days=city_rules(city_day(now)).integer(RuleKey.EVIDENCE_OWED_SOON_DAYS) or 0)


def soon_duties(session: Session, *, now: datetime, until: datetime) -> Sequence[tuple[SupplyDuty, FootageRequest]]:
    """Duties that fall due before `until`."""
    rows = session.execute(_supplies().where(SupplyDuty.due_at >= now, SupplyDuty.due_at <= until))
    return [(duty, request) for duty, request in rows]


def papers_due(session: Session, *, today: date) -> Sequence[tuple[UrgentCall, FootageRequest]]:
    """Calls whose paper is due today or was due before."""
    rows = session.execute(_papers().where(UrgentCall.paper_due_on <= today))
    return [(call, request) for call, request in rows]


def _supplies() -> Select[SupplyDuty, FootageRequest]:
    return (
        select(SupplyDuty, FootageRequest)
        .join(FootageRequest, FootageRequest.id == SupplyDuty.request_id)
        .where(SupplyDuty.supplied_at.is_(None), FootageRequest.status.not_in([str(one) for one in GIVEN_UP]))
    )


def _papers() -> Select[UrgentCall, FootageRequest]:
    return (
        select(UrgentCall, FootageRequest)
        .join(FootageRequest, FootageRequest.id == UrgentCall.request_id)
        .where(_paper_open(), FootageRequest.status.not_in([str(one) for one in GIVEN_UP]))
    )


def _paper_open() -> ColumnElement[bool]:
    """Not come yet, or come and not compared, or compared and found to differ."""
    return or_(UrgentCall.arrived_at.is_(None), UrgentCall.matches.is_(None), UrgentCall.matches.is_(False))


def owed_page(
    session: Session, identity: Identity, part: Owed, *, now: datetime, after: str = "", size: int = PAGE_SIZE
) -> Page[OwedRow]:
    """One part of what is owed on the requests in reach, the newest request first."""
    statement = _part(identity, part, now=now)
    count = session.scalar(select(func.count()).select_from(statement.limit(COUNT_CAP + 1).subquery())) or 0
    key = SupplyFailing.id if part is Owed.FAILING else FootageRequest.id
    if after:
        statement = statement.where(key < last_seen(after))
    found = session.execute(statement.order_by(key.desc()).limit(size + 1)).all()
    more = len(found) > size
    return Page(
        items=[OwedRow(*row[1:]) for row in found[:size]],
        next_cursor=encode_cursor([str(found[size - 1][0])]) if more else None,
        total=min(count, COUNT_CAP),
        total_capped=count > COUNT_CAP,
    )


def owed_tally(session: Session, identity: Identity, *, now: datetime) -> dict[Owed, int]:
    """How much there is of each part."""
    return {
        part: session.scalar(select(func.count()).select_from(_part(identity, part, now=now).subquery())) or 0
        for part in Owed
    }


def _part(identity: Identity, part: Owed, *, now: datetime) -> Select[Any]:
    shown = (FootageRequest.id, FootageRequest.number, Unit.name, FootageRequest.requester_name)
    base = select(FootageRequest.id, *shown) if part is not Owed.FAILING else select(SupplyFailing.id, *shown)
    base = base.select_from(FootageRequest).join(Unit, Unit.id == FootageRequest.unit_id)
    base = base.where(visible_requests(identity))
    open_ = FootageRequest.status.not_in([str(one) for one in GIVEN_UP])
    match part:
        case Owed.SUPPLY:
            state = case(
                (SupplyDuty.due_at < now, "late"), (SupplyDuty.acknowledged_at.is_(None), "served"), else_="taken"
            )
            return (
                base.join(SupplyDuty, SupplyDuty.request_id == FootageRequest.id)
                .where(SupplyDuty.supplied_at.is_(None), open_)
                .add_columns(SupplyDuty.served_at, SupplyDuty.due_at, state, literal(""), FootageRequest.secret)
            )
        case Owed.PAPER:
            # The paper may come all day: it is late from the next midnight of the city on.
            due = city_time(cast(UrgentCall.paper_due_on + 1, Moment()))
            state = case(
                (UrgentCall.matches.is_(False), "differs"),
                (UrgentCall.arrived_at.is_not(None), "came"),
                (due < now, "late"),
                (UrgentCall.verified_at.is_(None), "unverified"),
                else_="waits",
            )
            return (
                base.join(UrgentCall, UrgentCall.request_id == FootageRequest.id)
                .where(and_(_paper_open(), open_))
                .add_columns(UrgentCall.called_at, due, state, UrgentCall.differences, FootageRequest.secret)
            )
        case _:
            return base.join(SupplyFailing, SupplyFailing.request_id == FootageRequest.id).add_columns(
                SupplyFailing.at, literal(None), SupplyFailing.kind, SupplyFailing.note, FootageRequest.secret
            )
