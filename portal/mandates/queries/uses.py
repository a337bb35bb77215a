"""REG-06: everything the police did with a unit's footage and equipment, for its owner.

Sources that nobody can step round: the statutory call register (no file, no handover and no export on site has a row
without its line), preservation holds, what the duty side backed up, and the audit log of looks by the police at the
unit's records. What opened the recordings, or was seen or taken on site, and left no line is looked for and told.

A secret case shows as a number and a year only (000 art. 9, form note 3: staff do not ask and are not told).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import exists, extract, func, or_, select, tuple_
from sqlalchemy.orm import Session

from portal.audit.models import AuditStage
from portal.core.citytime import city_time
from portal.core.paging import PAGE_SIZE, Page, encode_cursor, place_in
from portal.evidence.models import (
    CustodyEntry,
    DutyBackup,
    EquipmentDeed,
    EquipmentUse,
    FootageRequest,
    PreservationHold,
    UnlockSession,
)
from portal.evidence.queries.equipment import secret_uses_of_unit
from portal.evidence.states import FINAL, HoldStatus, RequestStatus
from portal.evidence.values import CALLS, CustodyAct
from portal.evidence.values.equipment import BOOKED_AS
from portal.workflow.models import ApprovalRun

# Where a request is in the hands of those who ask; of its approval, the unit's own step alone is the unit's.
AMONG_THEMSELVES = frozenset({RequestStatus.DRAFT, RequestStatus.IN_APPROVAL, RequestStatus.RETURNED})
LOOKED_BACK = timedelta(days=180)
MOST_LOOKS = 20
CALL_ACTS = tuple(str(act) for act in CALLS.values())
COPIES = tuple(str(act) for act in (CustodyAct.COPIED, CustodyAct.SCREEN_FILMED, CustodyAct.ORIGINAL_SEIZED))


@dataclass(frozen=True)
class Look:
    """An act by somebody of an organ on the unit's records, as the owner is told of it: which organ, not whose hand."""

    at: datetime
    tag: str
    organ: str
    label: str


@dataclass(frozen=True)
class Summary:
    """The figures above the page."""

    calls: int
    copies: int
    secret: Mapping[int, int]
    holds: int
    pending: int
    unbooked: int
    backups: int


def use_page(session: Session, unit_id: UUID, *, after: str = "", size: int = PAGE_SIZE) -> Page[CustodyEntry]:
    """The unit's lines of the call register, newest first, those of secret cases left out. The caller has let the
    reader in."""
    statement = select(CustodyEntry).where(CustodyEntry.unit_id == unit_id, ~CustodyEntry.secret)
    if after:
        at, key = place_in(after, datetime.fromisoformat, UUID)
        statement = statement.where(tuple_(CustodyEntry.at, CustodyEntry.id) < (at, key))
    rows = session.scalars(statement.order_by(CustodyEntry.at.desc(), CustodyEntry.id.desc()).limit(size + 1)).all()
    last = rows[size - 1] if len(rows) > size else None
    cursor = encode_cursor([last.at.isoformat(), str(last.id)]) if last else None
    return Page(items=rows[:size], next_cursor=cursor)


def use_summary(session: Session, unit_id: UUID) -> Summary:
    """How often, by kind. Secret cases by year only."""
    year = extract("year", city_time(CustodyEntry.at)).label("year")
    rows = session.execute(
        select(CustodyEntry.secret, CustodyEntry.act, year, func.count())
        .where(CustodyEntry.unit_id == unit_id, CustodyEntry.act.in_(CALL_ACTS))
        # A secret use of equipment counts once, however much of it is booked: below.
        .where(or_(~CustodyEntry.secret, CustodyEntry.use_id.is_(None)))
        .group_by(CustodyEntry.secret, CustodyEntry.act, year)
    ).all()
    secret: dict[int, int] = {}
    for hidden, _act, when, count in rows:
        if hidden:
            secret[int(when)] = secret.get(int(when), 0) + count
    for when, count in secret_uses_of_unit(session, unit_id).items():
        secret[when] = secret.get(when, 0) + count
    shown = [(act, count) for hidden, act, _when, count in rows if not hidden]
    return Summary(
        calls=sum(count for _act, count in shown),
        copies=sum(count for act, count in shown if act in COPIES),
        secret=dict(sorted(secret.items(), reverse=True)),
        holds=_count_holds(session, unit_id),
        pending=_count_pending(session, unit_id),
        unbooked=unbooked_openings(session, unit_id) + unbooked_deeds(session, unit_id),
        backups=_count_backups(session, unit_id),
    )


def _count_holds(session: Session, unit_id: UUID) -> int:
    standing = (PreservationHold.unit_id == unit_id, PreservationHold.status != HoldStatus.RELEASED)
    open_case = PreservationHold.request_id.in_(
        select(FootageRequest.id).where(FootageRequest.unit_id == unit_id, ~FootageRequest.secret)
    )
    return session.scalar(select(func.count()).select_from(PreservationHold).where(*standing, open_case)) or 0


def _count_pending(session: Session, unit_id: UUID) -> int:
    # What still goes round in the asking organ, or went back to who asked, is not the owner's to know of or to do.
    waiting = [status for status in RequestStatus if status not in FINAL and status not in AMONG_THEMSELVES]
    here = select(ApprovalRun.id).where(ApprovalRun.awaits_unit_id == unit_id)
    due = or_(FootageRequest.status.in_(waiting), FootageRequest.run_id.in_(here))
    count = select(func.count()).select_from(FootageRequest)
    return session.scalar(count.where(FootageRequest.unit_id == unit_id, due, ~FootageRequest.secret)) or 0


def unbooked_openings(session: Session, unit_id: UUID) -> int:
    """Openings of the recordings that left no line in the call register: there must be none, and here it would show."""
    booked = exists().where(CustodyEntry.unlock_id == UnlockSession.id)
    return (
        session.scalar(
            select(func.count())
            .select_from(UnlockSession)
            .join(FootageRequest, FootageRequest.id == UnlockSession.request_id)
            .where(FootageRequest.unit_id == unit_id, ~booked)
        )
        or 0
    )


def unbooked_deeds(session: Session, unit_id: UUID) -> int:
    """What investigators saw or took at the unit's own equipment without a line in the call register: none, as above."""
    booked = exists().where(CustodyEntry.deed_id == EquipmentDeed.id)
    return (
        session.scalar(
            select(func.count())
            .select_from(EquipmentDeed)
            .join(EquipmentUse, EquipmentUse.id == EquipmentDeed.use_id)
            .where(EquipmentUse.unit_id == unit_id, EquipmentDeed.kind.in_([str(one) for one in BOOKED_AS]), ~booked)
        )
        or 0
    )


def _count_backups(session: Session, unit_id: UUID) -> int:
    kept = (DutyBackup.unit_id == unit_id, DutyBackup.ended_at.is_(None))
    return session.scalar(select(func.count()).select_from(DutyBackup).where(*kept)) or 0


def backups_at_unit(session: Session, unit_id: UUID) -> Sequence[DutyBackup]:
    """The last back-ups of the unit's footage by its duty side, those let go included; newest first."""
    made = select(DutyBackup).where(DutyBackup.unit_id == unit_id)
    return session.scalars(made.order_by(DutyBackup.id.desc()).limit(MOST_LOOKS)).all()


def holds_of_unit(session: Session, unit_id: UUID) -> Sequence[tuple[PreservationHold, str]]:
    """Holds on the unit's footage that are not lifted, with the number of their request; secret ones left out."""
    rows = session.execute(
        select(PreservationHold, FootageRequest.number)
        .join(FootageRequest, FootageRequest.id == PreservationHold.request_id)
        .where(
            PreservationHold.unit_id == unit_id,
            PreservationHold.status != HoldStatus.RELEASED,
            ~FootageRequest.secret,
        )
        .order_by(PreservationHold.placed_at.desc())
        .limit(20)
    )
    return [(hold, number or "") for hold, number in rows]


def looks_at_unit(session: Session, unit_id: UUID, tags: Sequence[str], *, now: datetime) -> Sequence[Look]:
    """What people of state organs looked at in the unit's records of late, by the audit log; newest first."""
    rows = session.execute(
        select(AuditStage.at, AuditStage.tag, AuditStage.actor_organ_name, AuditStage.subject_label)
        .where(
            AuditStage.unit_id == unit_id,
            AuditStage.at >= now - LOOKED_BACK,
            AuditStage.tag.in_(list(tags)),
            AuditStage.actor_organ.is_not(None),
        )
        .order_by(AuditStage.at.desc(), AuditStage.id.desc())
        .limit(MOST_LOOKS)
    )
    return [Look(at, tag, organ, label) for at, tag, organ, label in rows]


def use_entry(session: Session, unit_id: UUID, entry_id: UUID) -> CustodyEntry | None:
    """One line of the unit's register that its owner may know."""
    return session.scalars(
        select(CustodyEntry).where(CustodyEntry.id == entry_id, CustodyEntry.unit_id == unit_id, ~CustodyEntry.secret)
    ).one_or_none()
