"""Which requests a person sees, one request for a page or under lock, lists, counts and what is to do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, false, func, or_, select, true, tuple_
from sqlalchemy.orm import Session, joinedload, selectinload

from portal.accounts.permissions import Permission
from portal.accounts.policy import may_ever, visibility
from portal.accounts.queries import visible
from portal.accounts.values import Identity
from portal.core.errors import NotFound
from portal.core.paging import COUNT_CAP, PAGE_SIZE, Page, encode_cursor, last_seen, place_in
from portal.core.prepared import PREPARED
from portal.evidence.models import FootageRequest, Handover, PreservationHold, RequestReader
from portal.evidence.states import HoldStatus, RequestStatus
from portal.evidence.values import ActKind
from portal.registry.models import Unit
from portal.workflow.models import ApprovalDecision, ApprovalRun
from portal.workflow.queries import awaits

_S = RequestStatus

GROUPS: Mapping[str, frozenset[RequestStatus]] = {
    "draft": frozenset({_S.DRAFT, _S.RETURNED}),
    "approval": frozenset({_S.IN_APPROVAL}),
    "execution": frozenset({_S.APPROVED, _S.ASSIGNED, _S.EXECUTING}),
    "handover": frozenset({_S.SEALED, _S.HANDED_OVER}),
    "done": frozenset({_S.VIEWED, _S.RECEIVED, _S.CLOSED}),
    "ended": frozenset({_S.REFUSED, _S.LAPSED, _S.WITHDRAWN, _S.NOT_SUPPLIED}),
}


@dataclass(frozen=True, slots=True)
class ListFilter:
    """What a reader narrows the list by."""

    group: str = ""
    text: str = ""
    requester_kind: str = ""
    mine: bool = False
    lost: bool = False


def visible_requests(identity: Identity) -> ColumnElement[bool]:
    """The requests a person sees: those in reach of REQUEST_READ; of secret ones only those they have a part in.

    A draft is its writer's own affair until it is submitted, or its footage is to be kept.
    """
    return _visible(identity.standing)


@lru_cache(maxsize=256)
def _visible(identity: Identity) -> ColumnElement[bool]:
    """`visible_requests`, put into words once for each standing: it is asked for several times a page."""
    return and_(_reached(identity), _confided(identity))


def _reached(identity: Identity) -> ColumnElement[bool]:
    in_reach = visible(
        visibility(identity, Permission.REQUEST_READ),
        unit=FootageRequest.unit_id,
        organ=FootageRequest.requester_organ_id,
    )
    own = FootageRequest.requester_id == identity.person_id
    return and_(
        or_(in_reach, own if may_ever(identity, Permission.REQUEST_DRAFT) else false()),
        or_(FootageRequest.status != _S.DRAFT, own, exists().where(PreservationHold.request_id == FootageRequest.id)),
    )


def _confided(identity: Identity) -> ColumnElement[bool]:
    return or_(~FootageRequest.secret, _has_a_part(identity))


def may_read_content(identity: Identity, request: FootageRequest) -> bool:
    """Whether the person may read what the case is about: for a secret case the need-to-know list decides alone."""
    if not request.secret:
        return True
    return identity.person_id is not None and (
        identity.person_id == request.requester_id
        or any(reader.person_id == identity.person_id for reader in request.readers)
    )


def get_request(session: Session, identity: Identity, request_id: UUID) -> FootageRequest:
    """A request with all its parts. Raises NotFound for one out of sight."""
    asked = _one(identity.standing)
    request = session.scalars(asked, {"request_id": request_id}, execution_options=PREPARED).one_or_none()
    if request is None:
        raise NotFound()
    return request


@lru_cache(maxsize=256)
def _one(identity: Identity) -> Select[FootageRequest]:
    """The question of `get_request`, which every page about a request begins with."""
    return (
        select(FootageRequest)
        .options(
            joinedload(FootageRequest.unit),
            selectinload(FootageRequest.cameras),
            selectinload(FootageRequest.officers),
            selectinload(FootageRequest.readers),
            selectinload(FootageRequest.documents),
        )
        .where(FootageRequest.id == bindparam("request_id"), _visible(identity))
    )


def siblings_of(session: Session, identity: Identity, request: FootageRequest) -> list[FootageRequest]:
    """The other requests of the same wide ask, as far as the reader sees them."""
    statement = (
        select(FootageRequest)
        .options(joinedload(FootageRequest.unit))
        .where(FootageRequest.ask_id == request.ask_id, FootageRequest.id != request.id, visible_requests(identity))
    )
    return list(session.scalars(statement.order_by(FootageRequest.id).limit(50)))


def lock_request(session: Session, identity: Identity, request_id: UUID) -> FootageRequest:
    """The same, locked and as it is once nobody else holds it."""
    asked = _locked(identity.standing)
    found = session.scalars(
        asked, {"request_id": request_id}, execution_options={**PREPARED, "populate_existing": True}
    ).one_or_none()
    if found is None:
        raise NotFound()
    session.refresh(found, ["cameras", "officers", "readers", "documents", "unit"])
    return found


@lru_cache(maxsize=256)
def _locked(identity: Identity) -> Select[FootageRequest]:
    """The question of `lock_request`."""
    found = select(FootageRequest).where(FootageRequest.id == bindparam("request_id"), _visible(identity))
    return found.with_for_update(of=FootageRequest)


def hold_of(session: Session, request_id: UUID, *, lock: bool = False) -> PreservationHold | None:
    """The request's newest hold, lifted or not."""
    statement = (
        select(PreservationHold)
        .where(PreservationHold.request_id == request_id)
        .order_by(PreservationHold.placed_at.desc())
        .limit(1)
    )
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    return session.scalars(statement).one_or_none()


def holds_of(session: Session, request_ids: Sequence[UUID]) -> set[UUID]:
    """Of these requests, the ones whose footage the unit has confirmed it keeps."""
    if not request_ids:
        return set()
    return set(
        session.scalars(
            select(PreservationHold.request_id).where(
                PreservationHold.request_id.in_(request_ids),
                PreservationHold.status.in_([HoldStatus.ACKNOWLEDGED, HoldStatus.RELEASE_ASKED]),
            )
        )
    )


def request_page(
    session: Session, identity: Identity, wanted: ListFilter, *, after: str = "", size: int = PAGE_SIZE
) -> Page[FootageRequest]:
    """One page, the newest first, with the unit loaded and nothing of any case's content. Of footage that is lost unless
    somebody acts, what is lost first comes first."""
    where = [visible_requests(identity), *_conditions(identity, wanted)]
    bounded = select(FootageRequest.id).where(*where).limit(COUNT_CAP + 1).subquery()
    count = session.scalar(select(func.count()).select_from(bounded)) or 0
    statement = select(FootageRequest).options(joinedload(FootageRequest.unit)).where(*where)
    if wanted.lost:
        statement = statement.order_by(FootageRequest.lost_at, FootageRequest.id)
        if after:
            last = tuple_(*place_in(after, datetime.fromisoformat, UUID))
            statement = statement.where(tuple_(FootageRequest.lost_at, FootageRequest.id) > last)
    else:
        statement = statement.order_by(FootageRequest.id.desc())
        if after:
            statement = statement.where(FootageRequest.id < last_seen(after))
    rows = session.scalars(statement.limit(size + 1)).all()
    more = len(rows) > size
    return Page(
        items=rows[:size],
        next_cursor=encode_cursor(_place(rows[size - 1], wanted)) if more else None,
        total=min(count, COUNT_CAP),
        total_capped=count > COUNT_CAP,
    )


def _place(row: FootageRequest, wanted: ListFilter) -> list[str | int | None]:
    if wanted.lost and row.lost_at is not None:
        return [row.lost_at.isoformat(), str(row.id)]
    return [str(row.id)]


def not_kept() -> ColumnElement[bool]:
    """Requests whose footage is lost unless somebody acts: not safe yet, and kept by no confirmed hold."""
    kept = exists().where(
        PreservationHold.request_id == FootageRequest.id,
        PreservationHold.status.in_([HoldStatus.ACKNOWLEDGED, HoldStatus.RELEASE_ASKED]),
    )
    # The texts of the index: what is not safe, said by what it is.
    unsafe = [_S.DRAFT, _S.RETURNED, _S.IN_APPROVAL, _S.APPROVED, _S.ASSIGNED, _S.EXECUTING]
    return and_(FootageRequest.status.in_(unsafe), FootageRequest.act != ActKind.LIVE, ~kept)


def tally(session: Session, identity: Identity, wanted: ListFilter) -> dict[str, int]:
    """How many requests stand in each group, and how many wait for this person."""
    where = [
        visible_requests(identity),
        *_conditions(identity, ListFilter(text=wanted.text, requester_kind=wanted.requester_kind)),
    ]
    by_status = dict(
        session.execute(select(FootageRequest.status, func.count()).where(*where).group_by(FootageRequest.status)).all()
    )
    counts = {group: sum(by_status.get(str(status), 0) for status in statuses) for group, statuses in GROUPS.items()}
    counts["all"] = sum(by_status.values())
    counts["lost"] = session.scalar(select(func.count()).where(*where, not_kept()).select_from(FootageRequest)) or 0
    counts["mine"] = session.scalar(select(func.count()).where(*where, todo(identity)).select_from(FootageRequest)) or 0
    return counts


def count_todo(session: Session, identity: Identity) -> int:
    """How many requests wait for this person, for the menu's badge: asked on every page of whoever reads requests.

    Whom a request waits for has a part in it. Only who is asked to keep its footage may have none, and is asked about.
    """
    return session.scalar(_counting(identity.standing), execution_options=PREPARED) or 0


@lru_cache(maxsize=1024)
def _counting(identity: Identity) -> Select[int]:
    """The question of `count_todo`, put into words once for each standing: to do so takes longer than to answer it."""
    where = (_reached(identity), todo(identity, kept=_confided(identity)))
    return select(func.count()).select_from(FootageRequest).where(*where)


def todo(identity: Identity, *, kept: ColumnElement[bool] | None = None) -> ColumnElement[bool]:
    """Requests that wait for this very person's next act; `kept` confines those whose footage is to be kept."""
    own = FootageRequest.requester_id == identity.person_id
    assigns = visible(visibility(identity, Permission.REQUEST_ASSIGN), unit=FootageRequest.unit_id)
    keeps = visible(visibility(identity, Permission.REQUEST_ACKNOWLEDGE), unit=FootageRequest.unit_id)
    receives = exists().where(
        Handover.request_id == FootageRequest.id,
        Handover.receiver_id == identity.person_id,
        Handover.acknowledged_at.is_(None),
    )
    held_open = exists().where(
        PreservationHold.request_id == FootageRequest.id, PreservationHold.status == HoldStatus.PLACED
    )
    at_work = [_S.ASSIGNED, _S.EXECUTING, _S.SEALED]
    return or_(
        and_(FootageRequest.status == _S.IN_APPROVAL, _run(awaits(identity))),
        and_(FootageRequest.status == _S.RETURNED, own),
        and_(FootageRequest.status == _S.APPROVED, assigns),
        and_(FootageRequest.status.in_(at_work), FootageRequest.custodian_id == identity.person_id),
        and_(FootageRequest.status.in_([_S.VIEWED, _S.RECEIVED]), FootageRequest.custodian_id == identity.person_id),
        and_(FootageRequest.status == _S.HANDED_OVER, receives),
        and_(held_open, keeps, true() if kept is None else kept),
    )


def _conditions(identity: Identity, wanted: ListFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.group in GROUPS:
        found.append(FootageRequest.status.in_(GROUPS[wanted.group]))
    if wanted.lost:
        found.append(not_kept())
    if wanted.requester_kind:
        found.append(FootageRequest.requester_kind == wanted.requester_kind)
    if wanted.mine:
        found.append(todo(identity))
    if wanted.text:
        # The search sees only what the list shows: numbers and the two sides, never a case.
        like = f"%{wanted.text.replace('%', '').replace('_', '')}%"
        found.append(
            or_(
                FootageRequest.number.ilike(like),
                FootageRequest.instrument_number.ilike(like),
                FootageRequest.requester_name.ilike(like),
                FootageRequest.unit.has(Unit.name.ilike(like)),
            )
        )
    return found


def _has_a_part(identity: Identity) -> ColumnElement[bool]:
    """Somebody a secret request cannot do without: who asks, who may know, who decides, who must carry it out."""
    person = identity.person_id
    on_the_list = exists().where(RequestReader.request_id == FootageRequest.id, RequestReader.person_id == person)
    decided = (
        exists()
        .where(ApprovalRun.subject_id == FootageRequest.id, ApprovalDecision.run_id == ApprovalRun.id)
        .where(ApprovalDecision.person_id == person)
    )
    return or_(
        FootageRequest.requester_id == person,
        FootageRequest.custodian_id == person,
        on_the_list,
        decided,
        _run(awaits(identity)),
        visible(visibility(identity, Permission.REQUEST_ASSIGN), unit=FootageRequest.unit_id),
        exists().where(
            Handover.request_id == FootageRequest.id,
            or_(Handover.receiver_id == person, Handover.witness_id == person),
        ),
    )


def _run(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(ApprovalRun.id == FootageRequest.run_id, condition)
