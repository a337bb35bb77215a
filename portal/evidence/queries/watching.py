"""What stands out in requests for footage: single acts page by page, counts as a list; and the explanations asked for.

Every query is bounded by the days that oversight looks back and by an index on the moment. A secret case is named by its
number alone, and what it lacks or repeats is never looked at.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    Text,
    Time,
    Uuid,
    and_,
    case,
    cast,
    exists,
    func,
    literal,
    null,
    or_,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session, aliased

from portal.accounts.models import Membership, Person
from portal.accounts.permissions import Permission
from portal.accounts.policy import visibility
from portal.accounts.queries import visible
from portal.accounts.values import Identity, Role
from portal.core.citytime import city_date, city_time
from portal.core.clock import city_day
from portal.core.errors import NotFound
from portal.core.paging import COUNT_CAP, PAGE_SIZE, Page, encode_cursor, newest_first, place_in
from portal.evidence.models import EquipmentUse, FootageRequest, OversightQuestion, PreservationHold, UnlockSession
from portal.evidence.queries.counting import COUNTINGS
from portal.evidence.rules.watching import rest_days
from portal.evidence.states import HoldStatus, RequestStatus, UseStatus
from portal.evidence.values import POLICE, SUBJECT
from portal.evidence.values.watching import COUNTED, QuestionStatus, Sign, SignKind, Thresholds
from portal.registry.models import Unit
from portal.regulation.calendar import WorkCalendar
from portal.regulation.engine import city_rules
from portal.regulation.schema.keys import RuleKey
from portal.regulation.schema.values import Hours
from portal.workflow.models import ApprovalDecision, ApprovalRun

COLUMNS = ("id", "at", "person_id", "person_name", "organ_id", "unit_id", "label", "request_id", "fact")
NOTHING = cast(null(), Text)
Rows = Select[Any]


def thresholds(now: datetime) -> Thresholds:
    """The numbers of the day."""
    rules = city_rules(city_day(now))

    def number(key: RuleKey) -> int:
        return rules.integer(key) or 0

    return Thresholds(
        days=number(RuleKey.OVERSIGHT_LOOK_BACK_DAYS),
        outlier_score=number(RuleKey.OVERSIGHT_OUTLIER_SCORE),
        outlier_least=number(RuleKey.OVERSIGHT_OUTLIER_LEAST),
        repeats_least=number(RuleKey.OVERSIGHT_REPEATS_LEAST),
        pair_percent=number(RuleKey.OVERSIGHT_PAIR_PERCENT),
        pair_least=number(RuleKey.OVERSIGHT_PAIR_LEAST),
        quick_seconds=number(RuleKey.OVERSIGHT_QUICK_SECONDS),
        hold_hours=number(RuleKey.OVERSIGHT_HOLD_HOURS),
        explain_days=number(RuleKey.OVERSIGHT_EXPLAIN_WITHIN),
    )


def office_hours(now: datetime) -> Hours | None:
    """The hours that count as working hours for oversight."""
    return city_rules(city_day(now)).hours(RuleKey.OVERSIGHT_HOURS)


def sign_page(
    session: Session, identity: Identity, kind: SignKind, *, now: datetime, after: str = "", size: int = PAGE_SIZE
) -> Page[Sign]:
    """One page of what stands out so, the newest first; what is found by counting comes as one list."""
    limits = thresholds(now)
    if kind in COUNTED:
        found = COUNTINGS[kind](session, identity, limits, now)
        return Page(items=found, next_cursor=None, total=len(found), total_capped=False)
    rows = _reached(identity, kind, limits, now)
    bounded = select(rows.c.id).limit(COUNT_CAP + 1).subquery()
    count = session.scalar(select(func.count()).select_from(bounded)) or 0
    statement = select(rows)
    if after:
        statement = statement.where(tuple_(rows.c.at, rows.c.id) < place_in(after, datetime.fromisoformat, UUID))
    lines = session.execute(statement.order_by(rows.c.at.desc(), rows.c.id.desc()).limit(size + 1)).all()
    last = lines[size - 1] if len(lines) > size else None
    return Page(
        items=[_sign(kind, line) for line in lines[:size]],
        next_cursor=encode_cursor([last.at.isoformat(), str(last.id)]) if last else None,
        total=min(count, COUNT_CAP),
        total_capped=count > COUNT_CAP,
    )


def sign_of(session: Session, identity: Identity, kind: SignKind, key: str, *, now: datetime) -> Sign:
    """One sign by its key, as it stands now. Raises NotFound."""
    limits = thresholds(now)
    if kind in COUNTED:
        found = next((one for one in COUNTINGS[kind](session, identity, limits, now) if one.key == key), None)
    else:
        rows = _reached(identity, kind, limits, now)
        line = session.execute(select(rows).where(rows.c.id == _uuid(key))).first()
        found = _sign(kind, line) if line else None
    if found is None:
        raise NotFound()
    return found


def questions_of(session: Session, kind: SignKind, keys: Sequence[str]) -> dict[str, OversightQuestion]:
    """What was asked about these signs."""
    if not keys:
        return {}
    asked = select(OversightQuestion).where(OversightQuestion.kind == kind, OversightQuestion.key.in_(keys))
    return {one.key: one for one in session.scalars(asked)}


def question_page(
    session: Session, identity: Identity, status: QuestionStatus | None, *, after: str | None = None
) -> Page[OversightQuestion]:
    """Explanations the reader asked for, owes or watches over, the newest first."""
    statement = select(OversightQuestion).where(questions_visible_to(identity))
    if status is not None:
        statement = statement.where(OversightQuestion.status == status)
    return newest_first(session, statement, OversightQuestion.id, after=after)


def get_question(session: Session, identity: Identity, question_id: UUID, *, lock: bool = False) -> OversightQuestion:
    """One question. Raises NotFound."""
    statement = select(OversightQuestion).where(OversightQuestion.id == question_id, questions_visible_to(identity))
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    found = session.scalars(statement).one_or_none()
    if found is None:
        raise NotFound()
    return found


def questions_visible_to(identity: Identity) -> ColumnElement[bool]:
    """Those about the person, and those within reach."""
    return visible(
        visibility(identity, Permission.EXPLANATION_READ),
        organ=OversightQuestion.organ_id,
        person=OversightQuestion.person_id,
    ) | (OversightQuestion.person_id == identity.person_id)


def _uuid(key: str) -> UUID | None:
    try:
        return UUID(key)
    except ValueError:
        return None


def _sign(kind: SignKind, line: Any) -> Sign:
    return Sign(
        kind=kind, key=str(line.id), at=line.at, person_id=line.person_id, person_name=line.person_name,
        organ_id=line.organ_id, unit_id=line.unit_id, label=line.label, request_id=line.request_id,
        facts={"value": line.fact} if line.fact is not None else {},
    )  # fmt: skip


def _reached(identity: Identity, kind: SignKind, limits: Thresholds, now: datetime) -> Any:
    """The acts of a kind within the reader's reach, as columns of one shape."""
    parts = _ACTS[kind](limits, now)
    rows = (union_all(*parts) if len(parts) > 1 else parts[0]).subquery()
    reach = visible(visibility(identity, Permission.WATCH_READ), organ=rows.c.organ_id)
    # Nobody watches over themselves.
    return select(rows).where(reach, rows.c.person_id.is_distinct_from(identity.person_id)).subquery()


def _columns(*values: Any) -> list[Any]:
    return [value.label(name) for name, value in zip(COLUMNS, values, strict=True)]


def _no_case(limits: Thresholds, now: datetime) -> list[Rows]:
    """Police requests and uses of equipment that name no case; of a secret one the number is sealed, not missing."""
    since = now - timedelta(days=limits.days)
    asked = select(
        *_columns(
            FootageRequest.id, FootageRequest.submitted_at, FootageRequest.requester_id, FootageRequest.requester_name,
            FootageRequest.requester_organ_id, FootageRequest.unit_id, FootageRequest.number, FootageRequest.id,
            NOTHING,
        )
    ).where(
        FootageRequest.submitted_at >= since,
        FootageRequest.requester_kind.in_(sorted(POLICE)),
        ~FootageRequest.secret,
        func.coalesce(FootageRequest.case_number, "") == "",
    )  # fmt: skip
    used = select(
        *_columns(
            EquipmentUse.id, EquipmentUse.asked_at, EquipmentUse.applicant_id, EquipmentUse.applicant_name,
            EquipmentUse.organ_id, EquipmentUse.unit_id, EquipmentUse.number, cast(null(), Uuid), NOTHING,
        )
    ).where(
        EquipmentUse.asked_at >= since,
        ~EquipmentUse.secret,
        EquipmentUse.case_number == "",
        EquipmentUse.status != UseStatus.WITHDRAWN,
    )  # fmt: skip
    return [asked, used]


def _closed(moment: Any, limits: Thresholds, now: datetime) -> ColumnElement[bool]:
    """Outside the hours, in the city's own time."""
    local, hours = city_time(moment), office_hours(now)
    days = rest_days(WorkCalendar(), now - timedelta(days=limits.days), now)
    clock = cast(local, Time)
    spans = hours.spans if hours else ()
    open_now = or_(*(and_(clock >= span.begins, clock < span.ends) for span in spans)) if spans else literal(True)
    return or_(city_date(moment).in_(days), ~open_now)


def _off_hours(limits: Thresholds, now: datetime) -> list[Rows]:
    since = now - timedelta(days=limits.days)
    opened = (
        select(
            *_columns(
                UnlockSession.id, UnlockSession.opened_at, UnlockSession.executor_id, UnlockSession.executor_name,
                cast(null(), Uuid), FootageRequest.unit_id, FootageRequest.number, FootageRequest.id, literal("opened"),
            )
        )
        .join(FootageRequest, FootageRequest.id == UnlockSession.request_id)
        .where(UnlockSession.opened_at >= since, _closed(UnlockSession.opened_at, limits, now))
    )  # fmt: skip
    decided = (
        _decisions(literal("decided"))
        .where(ApprovalDecision.decided_at >= since, _closed(ApprovalDecision.decided_at, limits, now))
    )  # fmt: skip
    return [opened, decided]


def _decisions(fact: Any) -> Rows:
    of_the_organ = exists().where(
        Membership.person_id == ApprovalDecision.person_id, Membership.organ_id == FootageRequest.requester_organ_id
    )
    return (
        select(
            *_columns(
                ApprovalDecision.id, ApprovalDecision.decided_at, ApprovalDecision.person_id,
                ApprovalDecision.person_name, case((of_the_organ, FootageRequest.requester_organ_id)),
                FootageRequest.unit_id, FootageRequest.number, FootageRequest.id, fact,
            )
        )
        .join(ApprovalRun, ApprovalRun.id == ApprovalDecision.run_id)
        .join(
            FootageRequest,
            and_(FootageRequest.id == ApprovalRun.subject_id, ApprovalRun.subject_kind == SUBJECT),
        )
    )  # fmt: skip


def _quick(limits: Thresholds, now: datetime) -> list[Rows]:
    """Approvals given within seconds of their turn: since the decision before, or since the submission."""
    earlier = aliased(ApprovalDecision)
    before = (
        select(func.max(earlier.decided_at))
        .where(earlier.run_id == ApprovalDecision.run_id, earlier.seq < ApprovalDecision.seq)
        .correlate(ApprovalDecision)
        .scalar_subquery()
    )
    waited = func.extract("epoch", ApprovalDecision.decided_at - func.coalesce(before, ApprovalRun.started_at))
    return [
        _decisions(cast(func.floor(waited), Text)).where(
            ApprovalDecision.decided_at >= now - timedelta(days=limits.days),
            ApprovalDecision.verdict.in_(["approve", "acknowledge"]),
            waited <= limits.quick_seconds,
        )
    ]


def _hold(limits: Thresholds, now: datetime) -> list[Rows]:
    """Holds that nobody of the unit confirmed; its head of security is the one to be asked."""
    heads = (
        select(Membership.unit_id, Person.id, Person.name)
        .join(Person, Person.id == Membership.person_id)
        .where(Membership.role == Role.UNIT_SECURITY_HEAD, Membership.unit_id.is_not(None))
        .ext(distinct_on(Membership.unit_id))
        .order_by(Membership.unit_id, Person.id)
        .subquery()
    )
    return [
        select(
            *_columns(
                PreservationHold.id, PreservationHold.placed_at, heads.c.id, func.coalesce(heads.c.name, Unit.name),
                cast(null(), Uuid), PreservationHold.unit_id, FootageRequest.number, FootageRequest.id, NOTHING,
            )
        )
        .join(FootageRequest, FootageRequest.id == PreservationHold.request_id)
        .join(Unit, Unit.id == PreservationHold.unit_id)
        .outerjoin(heads, heads.c.unit_id == PreservationHold.unit_id)
        .where(
            PreservationHold.status == HoldStatus.PLACED,
            PreservationHold.placed_at < now - timedelta(hours=limits.hold_hours),
            FootageRequest.status.not_in([RequestStatus.WITHDRAWN, RequestStatus.REFUSED, RequestStatus.LAPSED]),
        )
    ]  # fmt: skip


_ACTS: dict[SignKind, Callable[[Thresholds, datetime], list[Rows]]] = {
    SignKind.NO_CASE: _no_case,
    SignKind.OFF_HOURS: _off_hours,
    SignKind.QUICK: _quick,
    SignKind.HOLD: _hold,
}
__all__ = ["get_question", "question_page", "questions_of", "sign_of", "sign_page", "thresholds"]
