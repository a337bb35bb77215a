"""What stands out only by counting: volumes, repeated look-ups across cases, and the same two who always open."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Integer, cast, func, select, true
from sqlalchemy.orm import Session

from portal.accounts.models import Membership, Person
from portal.accounts.permissions import Permission
from portal.accounts.policy import GRANTS, visibility
from portal.accounts.queries import visible
from portal.accounts.values import Identity
from portal.evidence.models import FootageRequest, RequestCamera, UnlockSession
from portal.evidence.rules.watching import Measure, always_together, outlier
from portal.evidence.values.watching import Sign, SignKind, Thresholds
from portal.registry.models import Unit

PERIOD_DAYS = 30
PERIODS = 12
MOST = 200


def volumes(session: Session, identity: Identity, limits: Thresholds, now: datetime) -> list[Sign]:
    """Who asked far more in 30 days than they used to, and than others of these 30 days; secret cases count as a number."""
    since = now - timedelta(days=PERIOD_DAYS)
    counts = (
        select(FootageRequest.requester_id, func.count().label("n"))
        .where(FootageRequest.submitted_at >= since)
        .group_by(FootageRequest.requester_id)
        .subquery()
    )
    # Of everybody only how many asked how often: the peers, without their names.
    peers = [
        n for n, people in session.execute(select(counts.c.n, func.count()).group_by(counts.c.n)) for _ in range(people)
    ]
    high = session.execute(
        select(counts.c.requester_id, counts.c.n, Person.name)
        .join(Person, Person.id == counts.c.requester_id)
        .where(counts.c.n >= limits.outlier_least, counts.c.requester_id.is_distinct_from(identity.person_id))
        .order_by(counts.c.n.desc(), counts.c.requester_id)
        .limit(MOST)
    ).all()
    past, organs = _past(session, [row.requester_id for row in high], since), _organs(session, identity, high, since)
    found = []
    for row in high:
        others = list(peers)
        others.remove(row.n)
        working = outlier(
            row.n, past.get(row.requester_id, []), others, least=limits.outlier_least, score=limits.outlier_score
        )
        if working is None or row.requester_id not in organs:
            continue
        facts = {"count": row.n, **_told("own", working.own), **_told("peers", working.peers)}
        found.append(
            Sign(
                SignKind.VOLUME,
                f"{row.requester_id}:{since:%Y-%m}",
                now,
                row.requester_id,
                row.name,
                organs[row.requester_id],
                None,
                "",
                facts=facts,
            )
        )
    return found


def repeats(session: Session, identity: Identity, limits: Thresholds, now: datetime) -> list[Sign]:
    """One person, one camera, several case numbers. People and plates are no fields of a request: they are not compared."""
    cases = func.count(FootageRequest.case_number.distinct())
    rows = session.execute(
        select(
            FootageRequest.requester_id, RequestCamera.camera_id, func.max(RequestCamera.label).label("label"),
            func.max(FootageRequest.requester_name).label("name"), func.max(FootageRequest.submitted_at).label("at"),
            FootageRequest.requester_organ_id, FootageRequest.unit_id, func.count().label("n"), cases.label("cases"),
        )
        .join(RequestCamera, RequestCamera.request_id == FootageRequest.id)
        .where(
            FootageRequest.submitted_at >= now - timedelta(days=limits.days),
            ~FootageRequest.secret,
            FootageRequest.requester_id.is_distinct_from(identity.person_id),
            _reach(identity),
        )
        .group_by(
            FootageRequest.requester_id, RequestCamera.camera_id, FootageRequest.requester_organ_id, FootageRequest.unit_id
        )
        .having(cases >= limits.repeats_least)
        .order_by(cases.desc(), FootageRequest.requester_id, RequestCamera.camera_id)
        .limit(MOST)
    ).all()  # fmt: skip
    names = _names(session, [row.requester_id for row in rows])
    return [
        Sign(
            SignKind.REPEATS,
            f"{row.requester_id}:{row.camera_id}",
            row.at,
            row.requester_id,
            names.get(row.requester_id, row.name),
            row.requester_organ_id,
            row.unit_id,
            row.label,
            facts={"count": row.n, "cases": row.cases},
        )
        for row in rows
    ]


def pairs(session: Session, identity: Identity, limits: Thresholds, now: datetime) -> list[Sign]:
    """The same two open nearly all recordings of a unit although more are entitled to."""
    one = func.least(UnlockSession.executor_id, UnlockSession.second_id)
    two = func.greatest(UnlockSession.executor_id, UnlockSession.second_id)
    grouped = (
        select(FootageRequest.unit_id, one.label("one"), two.label("two"), func.count().label("n"),
               func.max(UnlockSession.opened_at).label("at"))
        .join(FootageRequest, FootageRequest.id == UnlockSession.request_id)
        .where(UnlockSession.opened_at >= now - timedelta(days=limits.days), _reach(identity, city_only=True))
        .group_by(FootageRequest.unit_id, one, two)
        .subquery()
    )  # fmt: skip
    total = func.sum(grouped.c.n).over(partition_by=grouped.c.unit_id)
    summed = select(grouped, cast(total, Integer).label("total")).subquery()
    rows = session.execute(
        select(summed, Unit.name.label("unit_name"))
        .join(Unit, Unit.id == summed.c.unit_id)
        .where(summed.c.total >= limits.pair_least, summed.c.n * 100 >= summed.c.total * limits.pair_percent)
        .order_by(summed.c.n.desc(), summed.c.unit_id)
        .limit(MOST)
    ).all()
    able = _entitled(session, [row.unit_id for row in rows])
    names = _names(session, [person for row in rows for person in (row.one, row.two)])
    return [
        Sign(
            SignKind.PAIR,
            f"{row.unit_id}:{row.one}:{row.two}"[:120],
            row.at,
            row.one,
            names.get(row.one, ""),
            None,
            row.unit_id,
            row.unit_name,
            facts={"count": row.n, "total": row.total, "able": able[row.unit_id], "second": names.get(row.two, "")},
        )
        for row in rows
        if always_together(row.n, row.total, able[row.unit_id], percent=limits.pair_percent, least=limits.pair_least)
    ]


def _reach(identity: Identity, *, city_only: bool = False) -> ColumnElement[bool]:
    reach = visibility(identity, Permission.WATCH_READ)
    if reach.everything:
        return true()
    return visible(reach) if city_only else visible(reach, organ=FootageRequest.requester_organ_id)


def _past(session: Session, people: Sequence[UUID], since: datetime) -> dict[UUID, list[int]]:
    """How many requests in each of the twelve periods before, none counted as none, from the first one on."""
    if not people:
        return {}
    age = cast(func.floor(func.extract("epoch", since - FootageRequest.submitted_at) / (PERIOD_DAYS * 86400)), Integer)
    rows = session.execute(
        select(FootageRequest.requester_id, age, func.count())
        .where(
            FootageRequest.requester_id.in_(people),
            FootageRequest.submitted_at < since,
            FootageRequest.submitted_at >= since - timedelta(days=PERIOD_DAYS * PERIODS),
        )
        .group_by(FootageRequest.requester_id, age)
    )
    seen: dict[UUID, dict[int, int]] = defaultdict(dict)
    for person, period, count in rows:
        seen[person][period] = count
    return {person: [periods.get(number, 0) for number in range(max(periods) + 1)] for person, periods in seen.items()}


def _organs(session: Session, identity: Identity, high: Sequence[Any], since: datetime) -> dict[UUID, UUID | None]:
    """For whom of these the reader may look, with the organ they asked for."""
    if not high:
        return {}
    rows = session.execute(
        select(FootageRequest.requester_id, FootageRequest.requester_organ_id)
        .where(
            FootageRequest.requester_id.in_([row.requester_id for row in high]),
            FootageRequest.submitted_at >= since,
            _reach(identity),
        )
        .distinct()
    )
    return dict(list(rows))


def _names(session: Session, people: Sequence[UUID]) -> dict[UUID, str]:
    if not people:
        return {}
    return dict(list(session.execute(select(Person.id, Person.name).where(Person.id.in_(people)))))


def _entitled(session: Session, units: Sequence[UUID]) -> dict[UUID, int]:
    """How many people of a unit may open recordings today."""
    roles = [str(role) for role in GRANTS[Permission.REQUEST_UNLOCK]]
    found: dict[UUID, int] = dict.fromkeys(units, 0)
    if units:
        rows = session.execute(
            select(Membership.unit_id, func.count(Membership.person_id.distinct()))
            .where(Membership.unit_id.in_(units), Membership.role.in_(roles), Membership.valid_to.is_(None))
            .group_by(Membership.unit_id)
        )
        found |= {unit: count for unit, count in rows if unit is not None}
    return found


def _told(name: str, measure: Measure | None) -> dict[str, float]:
    if measure is None:
        return {}
    return {f"{name}_usual": measure.usual, f"{name}_spread": measure.spread, f"{name}_score": measure.score}


Counting = Callable[[Session, Identity, Thresholds, datetime], list[Sign]]
COUNTINGS: dict[SignKind, Counting] = {
    SignKind.VOLUME: volumes,
    SignKind.REPEATS: repeats,
    SignKind.PAIR: pairs,
}
