"""Yearly figures of footage requests within a reader's reach. Secret cases are in none of them but their own number."""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import ColumnElement, and_, case, false, func, or_, select, true
from sqlalchemy.orm import Session

from portal.accounts.models import Organ
from portal.accounts.permissions import Permission
from portal.accounts.policy import visibility
from portal.accounts.queries import visible
from portal.accounts.values import Identity
from portal.core.citytime import city_date
from portal.core.clock import CITY_TZ, city_day
from portal.evidence.models import (
    CustodyEntry,
    EquipmentUse,
    FootageCopy,
    FootageRequest,
    LeakCase,
    OversightQuestion,
    PreservationHold,
    RequestCamera,
)
from portal.evidence.states import RequestStatus
from portal.evidence.values import CALLS, ActKind, CustodyAct, Outcome, Purpose, RequesterKind
from portal.evidence.values.copies import CopyRole
from portal.evidence.values.watching import QuestionStatus
from portal.regulation.engine import city_rules
from portal.regulation.schema.keys import RuleKey

SUPPLIED = (*(str(act) for act in CALLS.values()), str(CustodyAct.HANDED_OVER))
ENDS: dict[str, tuple[RequestStatus, ...]] = {
    "supplied": (
        RequestStatus.VIEWED, RequestStatus.SEALED, RequestStatus.HANDED_OVER, RequestStatus.RECEIVED, RequestStatus.CLOSED,
    ),
    "not_supplied": (RequestStatus.NOT_SUPPLIED,),
    "refused": (RequestStatus.REFUSED,),
    "lapsed": (RequestStatus.LAPSED,),
    "withdrawn": (RequestStatus.WITHDRAWN,),
}  # fmt: skip
NOT_SUPPLIED = (Outcome.NEVER_HAD, Outcome.OVERWRITTEN, Outcome.DEVICE_DOWN, Outcome.REFUSED)


@dataclass(frozen=True, kw_only=True)
class YearFigures:
    """A year: figures by group, each group by key, and what is told of hours."""

    year: int
    groups: dict[str, dict[str, int]]
    secret: int
    hours_median: float | None
    hours_tenth: float | None


def small_cell(today: date) -> int:
    """Below which number a published figure is left out."""
    return city_rules(today).integer(RuleKey.STATISTICS_SMALL_CELL) or 0


def year_figures(session: Session, identity: Identity, year: int, *, district: str = "", now: datetime) -> YearFigures:
    """Everything of one year, in a number of queries that grows with nothing."""
    asked = _asked(identity, year, district)
    groups = {
        "requester": _by(session, asked, FootageRequest.requester_kind, [str(one) for one in RequesterKind]),
        "act": _by(session, asked, FootageRequest.act, [str(one) for one in ActKind]),
        "purpose": _by(session, asked, FootageRequest.purpose, [str(one) for one in Purpose]),
        "outcome": _by(session, asked, _end(), [*ENDS, "open"]),
        "reason": _reasons(session, asked),
        "count": _counts(session, asked, identity, year=year, district=district, now=now),
        "district": _by(session, asked, FootageRequest.district, []),
        "organ": _by_organ(session, asked),
    }
    median, tenth = _hours(session, asked)
    secret = session.scalar(select(func.count()).where(_within(identity, year, district), FootageRequest.secret)) or 0
    return YearFigures(year=year, groups=groups, secret=secret, hours_median=median, hours_tenth=tenth)


def years_known(session: Session, identity: Identity, *, now: datetime) -> list[int]:
    """The years for which there is anything, the newest first; this one always."""
    first = session.scalar(select(func.min(FootageRequest.submitted_at)).where(_reach(identity)))
    this = city_day(now).year
    return list(range(this, min(city_day(first).year if first else this, this) - 1, -1))


def _reach(identity: Identity) -> ColumnElement[bool]:
    reach = visibility(identity, Permission.WATCH_READ)
    return true() if reach.everything else visible(reach, organ=FootageRequest.requester_organ_id)


def _span(year: int) -> tuple[datetime, datetime]:
    begins, ends = (datetime.combine(date(one, 1, 1), time(), tzinfo=CITY_TZ) for one in (year, year + 1))
    return begins, ends


def _within(identity: Identity, year: int, district: str) -> ColumnElement[bool]:
    begins, ends = _span(year)
    place = FootageRequest.district == district if district else true()
    return and_(FootageRequest.submitted_at >= begins, FootageRequest.submitted_at < ends, place, _reach(identity))


def _asked(identity: Identity, year: int, district: str) -> ColumnElement[bool]:
    return and_(_within(identity, year, district), ~FootageRequest.secret)


def _by(session: Session, asked: ColumnElement[bool], column: Any, keys: list[str]) -> dict[str, int]:
    rows = session.execute(select(column, func.count()).where(asked).group_by(column).order_by(column))
    return {**dict.fromkeys(keys, 0), **{str(key): count for key, count in rows}}


def _end() -> Any:
    whens = [(FootageRequest.status.in_(states), key) for key, states in ENDS.items()]
    return case(*whens, else_="open")


def _by_organ(session: Session, asked: ColumnElement[bool]) -> dict[str, int]:
    rows = session.execute(
        select(Organ.name, func.count())
        .select_from(FootageRequest)
        .join(Organ, Organ.id == FootageRequest.requester_organ_id)
        .where(asked)
        .group_by(Organ.name)
        .order_by(func.count().desc(), Organ.name)
        .limit(100)
    )
    return dict(list(rows))


def _reasons(session: Session, asked: ColumnElement[bool]) -> dict[str, int]:
    """Cameras whose footage was not supplied, by why."""
    rows = session.execute(
        select(RequestCamera.outcome, func.count())
        .join(FootageRequest, FootageRequest.id == RequestCamera.request_id)
        .where(asked, RequestCamera.outcome.in_(NOT_SUPPLIED))
        .group_by(RequestCamera.outcome)
    )
    return {**dict.fromkeys((str(one) for one in NOT_SUPPLIED), 0), **dict(list(rows))}


def _first_supply() -> Any:
    return (
        select(func.min(CustodyEntry.at))
        .where(CustodyEntry.request_id == FootageRequest.id, CustodyEntry.act.in_(SUPPLIED))
        .correlate(FootageRequest)
        .scalar_subquery()
    )


def _hours(session: Session, asked: ColumnElement[bool]) -> tuple[float | None, float | None]:
    """Hours from the approval to the first supply: the median, and what nine in ten are below."""
    took = (func.extract("epoch", _first_supply() - FootageRequest.approved_at) / 3600).label("took")
    rows = select(took).where(asked, FootageRequest.approved_at.is_not(None)).subquery()
    within = [func.percentile_cont(share).within_group(rows.c.took) for share in (0.5, 0.9)]
    found = session.execute(select(*within)).one()
    median, tenth = (None if hours is None else round(float(hours), 1) for hours in found)
    return median, tenth


def _counts(
    session: Session, asked: ColumnElement[bool], identity: Identity, *, year: int, district: str, now: datetime
) -> dict[str, int]:
    """What is counted over the requests themselves, in one pass, and what hangs on them."""
    supplied = _first_supply()
    decided = func.coalesce(FootageRequest.approved_at, FootageRequest.closed_at, FootageRequest.updated_at)
    in_time = city_date(decided) <= FootageRequest.decide_by
    individual = FootageRequest.requester_kind == RequesterKind.INDIVIDUAL
    settled = FootageRequest.status != RequestStatus.IN_APPROVAL
    wanted = {
        "all": true(),
        "overdue": and_(
            FootageRequest.supply_due.is_not(None), FootageRequest.supply_due < func.coalesce(supplied, now)
        ),
        "urgent": FootageRequest.urgent_by_phone,
        "urgent_no_paper": and_(FootageRequest.urgent_by_phone, FootageRequest.instrument_number == ""),
        "individual": individual,
        "individual_in_time": and_(individual, settled, in_time),
    }
    row = session.execute(select(*(func.count().filter(one) for one in wanted.values())).where(asked)).one()
    found = dict(zip(wanted, row, strict=True))
    lost = RequestCamera.outcome == Outcome.OVERWRITTEN
    hanging: list[tuple[str, Any, ColumnElement[bool]]] = [
        ("lost", RequestCamera, lost),
        ("holds", PreservationHold, true()),
        ("copies", FootageCopy, FootageCopy.role == CopyRole.WORKING),
        ("leaks", LeakCase, true()),
    ]
    for name, model, condition in hanging:
        found[name] = session.scalar(
            select(func.count())
            .select_from(model)
            .join(FootageRequest, FootageRequest.id == model.request_id)
            .where(asked, condition)
        ) or 0  # fmt: skip
    found["on_site"] = _on_site(session, identity, year, district)
    found |= _explanations(session, identity, year, now=now)
    return found


def _on_site(session: Session, identity: Identity, year: int, district: str) -> int:
    begins, ends = _span(year)
    reach = visibility(identity, Permission.WATCH_READ)
    mine = true() if reach.everything else visible(reach, organ=EquipmentUse.organ_id)
    place = or_(EquipmentUse.district == district, false()) if district else true()
    return (
        session.scalar(
            select(func.count())
            .select_from(EquipmentUse)
            .where(EquipmentUse.started_at >= begins, EquipmentUse.started_at < ends, ~EquipmentUse.secret, mine, place)
        )
        or 0
    )


def _explanations(session: Session, identity: Identity, year: int, *, now: datetime) -> dict[str, int]:
    """What oversight asked people about in the year, of whatever district: a question belongs to a person and an organ."""
    begins, ends = _span(year)
    reach = visibility(identity, Permission.WATCH_READ)
    mine = true() if reach.everything else visible(reach, organ=OversightQuestion.organ_id)
    waits = OversightQuestion.status == QuestionStatus.ASKED
    wanted = {
        "explained": true(),
        "explained_late": and_(waits, OversightQuestion.due_on < city_day(now)),
        "explained_further": OversightQuestion.status == QuestionStatus.ESCALATED,
    }
    asked = (OversightQuestion.asked_at >= begins, OversightQuestion.asked_at < ends, mine)
    row = session.execute(select(*(func.count().filter(one) for one in wanted.values())).where(*asked)).one()
    return dict(zip(wanted, row, strict=True))
