"""The life of a copy: the master kept, a working copy numbered and bound, returned, destroyed, or in the case file."""

from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from portal.accounts.permissions import Permission
from portal.accounts.policy import require
from portal.accounts.values import Identity
from portal.audit.operations import record
from portal.audit.values import AuditTag, FieldChange, SubjectRef
from portal.core.clock import city_day
from portal.core.errors import IllegalTransition, Invalid, NotAllowed, Problem
from portal.core.ids import new_id
from portal.core.tickets import spend_ticket
from portal.evidence.models import FootageCopy, FootageRequest, RequestOfficer
from portal.evidence.operations.custody import book
from portal.evidence.operations.deletion import settle_deletion
from portal.evidence.operations.holds import scope_of
from portal.evidence.queries import lock_request
from portal.evidence.queries.copies import answers_for, copies_of, count_copies, has_account, lock_copy
from portal.evidence.queries.execution import manifest_of
from portal.evidence.queries.leaks import deletion_of
from portal.evidence.rules.copies import keeps_master
from portal.evidence.states import CopyAction, CopyStatus, RequestStatus, next_copy_status
from portal.evidence.values import ActKind, CustodyAct
from portal.evidence.values.copies import (
    COPY_DESTROYED,
    COPY_EXTENDED,
    COPY_FILED,
    COPY_MADE,
    COPY_RETURNED,
    COPY_SUBJECT,
    MASTER_KEPT,
    MEDIUM_MOVED,
    CopyDraft,
    CopyRole,
    Ending,
)
from portal.registry.rules import rules_for, working_of
from portal.regulation.calendar import WorkCalendar
from portal.regulation.schema.keys import RuleKey

# A copy may be made as long as the set is sealed and the request not yet closed.
OPEN_FOR_COPIES = frozenset({RequestStatus.SEALED, RequestStatus.HANDED_OVER, RequestStatus.RECEIVED})
ENDED_AS = {
    CopyAction.RETURN: (CustodyAct.RETURNED, COPY_RETURNED),
    CopyAction.DESTROY: (CustodyAct.DESTROYED, COPY_DESTROYED),
    CopyAction.FILE: (CustodyAct.IN_CASE_FILE, COPY_FILED),
}


def make_copy(session: Session, *, actor: Identity, request_id: UUID, draft: CopyDraft, now: datetime) -> FootageCopy:
    """Write the sealed set onto a medium: the master with its shelf and keeper, or a working copy for one receiver.

    Nobody but the custodian the request was assigned to makes either (000 art. 3).
    """
    request = lock_request(session, actor, request_id)
    require(actor, Permission.REQUEST_EXECUTE, scope_of(request), read=Permission.REQUEST_READ)
    if actor.person_id is None or actor.person_id != request.custodian_id:
        raise NotAllowed("evidence.not_assigned")
    if RequestStatus(request.status) not in OPEN_FOR_COPIES or manifest_of(session, request.id) is None:
        raise IllegalTransition("evidence.not_sealed", status=request.status)
    if deletion_of(session, request.id) is not None:
        raise IllegalTransition("evidence.purpose_is_met", status=request.status)
    problems = _faults(session, request, draft)
    if problems:
        raise Invalid(problems)
    master = draft.role is CopyRole.MASTER
    receiver = None if master else receiver_at(request, draft.receiver_place)
    serial = next_serial(session, request, draft.role)
    entry = book(
        session,
        actor=actor,
        request=request,
        act=CustodyAct.MASTER_KEPT if master else CustodyAct.COPY_MADE,
        destination=draft.shelf if receiver is None else receiver.name,
        note=serial,
        now=now,
    )
    copy = _copy(request, draft, receiver, serial=serial, entry_id=entry.id, actor=actor, now=now)
    if master:
        copy.status = next_copy_status(CopyStatus.MADE, CopyAction.KEEP)
    session.add(copy)
    tell_copy(session, actor, request, copy, MASTER_KEPT if master else COPY_MADE, now=now)
    return copy


def copy_to_give(
    session: Session,
    request: FootageRequest,
    receiver: RequestOfficer,
    *,
    copy_id: UUID | None,
    draft: CopyDraft,
    entry_id: UUID,
    actor: Identity,
    now: datetime,
) -> FootageCopy:
    """The copy that is to change hands: one made and bound to this receiver before, or one made at the counter."""
    if copy_id is None:
        serial = next_serial(session, request, CopyRole.WORKING)
        copy = _copy(request, draft, receiver, serial=serial, entry_id=entry_id, actor=actor, now=now)
        session.add(copy)
        return copy
    copy = lock_copy(session, request.id, copy_id)
    if copy.role != CopyRole.WORKING or not _bound_to(copy, receiver):
        raise Invalid([Problem("copy", "evidence.copy_of_another")])
    if copy.medium_serial != draft.medium_serial.strip():
        # What is on the counter is read off once more: another medium would travel under this one's serial.
        raise Invalid([Problem("medium_serial", "evidence.medium_differs")])
    return copy


def _bound_to(copy: FootageCopy, receiver: RequestOfficer) -> bool:
    """The officer whose identity paper the request names; where a copy from before does not say which, who was alone
    with that name."""
    if copy.receiver_place is not None:
        return copy.receiver_place == receiver.place
    return (copy.receiver_name, copy.receiver_id) == (receiver.name, receiver.person_id)


def settle_by(request: FootageRequest, *, given_on: date) -> tuple[date | None, dict[str, object] | None]:
    """By when it must be known where a copy that was given out went, and how that day was counted."""
    counted = rules_for(request.unit, None, on=given_on).deadline(
        RuleKey.EVIDENCE_COPY_SETTLE_WITHIN, start=given_on, calendar=WorkCalendar()
    )
    return (counted.due if counted else None), working_of(counted)


def end_copy(
    session: Session,
    *,
    actor: Identity,
    request_id: UUID,
    copy_id: UUID,
    action: CopyAction,
    ending: Ending,
    now: datetime,
) -> FootageCopy:
    """A copy comes back, is destroyed before a witness, or goes into the case file; each with its line in the register.

    A return is confirmed by the unit, a destruction or a filing by who holds the copy. For a receiver without an
    account the unit books it, on signed paper.
    """
    request = lock_request(session, actor, request_id)
    copy = lock_copy(session, request.id, copy_id)
    _check_may_end(actor, request, copy, action)
    status = next_copy_status(CopyStatus(copy.status), action)
    problems = _faults_of_ending(actor, request, copy, action, ending, today=city_day(now))
    if problems:
        raise Invalid(problems)
    spent = guard_master(session, request, copy, ticket=ending.ticket, now=now) if action is CopyAction.DESTROY else ""
    act, tag = ENDED_AS[action]
    where = ending.note if action is CopyAction.FILE else copy.destination or copy.shelf
    book(session, actor=actor, request=request, act=act, destination=where, note=copy.serial, ticket=spent, now=now)
    copy.status, copy.ended_on, copy.ended_at = status, ending.on, now
    copy.ended_by, copy.ended_name, copy.ended_witness = actor.person_id, actor.name, ending.witness.strip()[:40]
    copy.ended_note, copy.ended_file_id = ending.note.strip()[:400], ending.stored_file_id
    tell_copy(session, actor, request, copy, tag, now=now, **({"new": spent} if spent else {}))
    settle_deletion(session, actor=actor, request=request, now=now)
    return copy


def needs_ticket(session: Session, request: FootageRequest, copy: FootageCopy) -> bool:
    """Whether this is an original whose purpose is not met yet: it does not go by one person's word (RET-04)."""
    return copy.role == CopyRole.MASTER and deletion_of(session, request.id) is None


def guard_master(session: Session, request: FootageRequest, copy: FootageCopy, *, ticket: str, now: datetime) -> str:
    """Refuse to destroy a master before its purpose is met without a granted ticket for it; the number of the one that
    is spent with it, empty where none is needed."""
    if not needs_ticket(session, request, copy):
        return ""
    if not spend_ticket(
        session, unit_id=request.unit_id, number=ticket, subject_kind=COPY_SUBJECT, subject_id=copy.id, now=now
    ):
        raise Invalid([Problem("ticket", "evidence.ticket_needed")])
    return ticket.strip()


def put_off(
    session: Session, *, actor: Identity, request_id: UUID, copy_id: UUID, until: date, reason: str, now: datetime
) -> FootageCopy:
    """The unit gives the receiver more time, with the reason on record."""
    request = lock_request(session, actor, request_id)
    require(actor, Permission.REQUEST_ACKNOWLEDGE, scope_of(request), read=Permission.REQUEST_READ)
    copy = lock_copy(session, request.id, copy_id)
    if CopyStatus(copy.status) is not CopyStatus.WITH_RECIPIENT:
        raise IllegalTransition("evidence.copy.illegal", status=copy.status, action="extend")
    today = city_day(now)
    problems = [] if until > today else [Problem("until", "evidence.day_is_past")]
    most = rules_for(request.unit, None, on=today).integer(RuleKey.EVIDENCE_COPY_EXTEND_DAYS) or 0
    if until > today + timedelta(days=most):
        problems.append(Problem("until", "evidence.extended_too_far", {"days": most}))
    if not reason.strip():
        problems.append(Problem("extend_reason", "required"))
    if problems:
        raise Invalid(problems)
    before, copy.due_back, copy.due_why = copy.due_back, until, None
    copy.due_note = reason.strip()[:400]
    tell_copy(session, actor, request, copy, COPY_EXTENDED, now=now, old=before, new=until)
    return copy


def move_medium(
    session: Session,
    *,
    actor: Identity,
    request_id: UUID,
    copy_id: UUID,
    shelf: str,
    keeper_name: str,
    archive_reason: str,
    now: datetime,
) -> FootageCopy:
    """Another shelf or keeper for the master, or the reason for which it is archived as important footage."""
    request = lock_request(session, actor, request_id)
    require(actor, Permission.REQUEST_ACKNOWLEDGE, scope_of(request), read=Permission.REQUEST_READ)
    copy = lock_copy(session, request.id, copy_id)
    if CopyStatus(copy.status) is not CopyStatus.KEPT:
        raise IllegalTransition("evidence.copy.illegal", status=copy.status, action="move")
    given = {"shelf": shelf.strip()[:120], "keeper_name": keeper_name.strip()[:40]}
    problems = [Problem(name, "required") for name, value in given.items() if not value]
    if problems:
        raise Invalid(problems)
    before = _kept_as(copy, request)
    copy.shelf, copy.keeper_name = given["shelf"], given["keeper_name"]
    copy.archive_reason = archive_reason.strip()[:400]
    tell_copy(session, actor, request, copy, MEDIUM_MOVED, now=now, old=before, new=_kept_as(copy, request))
    settle_deletion(session, actor=actor, request=request, now=now)
    return copy


def receiver_at(request: FootageRequest, place: int | None) -> RequestOfficer:
    """One of the officers named in the request. Raises Invalid."""
    found = next((officer for officer in request.officers if officer.place == place), None)
    if found is None:
        raise Invalid([Problem("receiver", "required")])
    return found


def next_serial(session: Session, request: FootageRequest, role: CopyRole) -> str:
    """The number that goes onto the medium and into its watermark; the request's lock keeps it from being taken twice."""
    count = count_copies(session, request.id, role) + 1
    if role is CopyRole.MASTER:
        return f"{request.number}-M" if count == 1 else f"{request.number}-M{count}"
    return f"{request.number}-{count:02d}"


def tell_copy(
    session: Session,
    actor: Identity,
    request: FootageRequest,
    copy: FootageCopy,
    tag: AuditTag,
    *,
    now: datetime,
    old: object = None,
    new: object = None,
) -> None:
    """One act on a copy in the log, by its serial; never what the case is about."""
    session.flush()
    changes = [FieldChange(name="status", new=str(copy.status))]
    if old is not None or new is not None:
        changes.append(FieldChange(name="value", old=None if old is None else str(old), new=str(new)))
    record(
        session,
        actor=actor.actor,
        tag=tag,
        subject=SubjectRef(COPY_SUBJECT, copy.id, copy.serial),
        unit_id=request.unit_id,
        changes=changes,
        now=now,
    )


def _kept_as(copy: FootageCopy, request: FootageRequest) -> str:
    """Where a master lies, and why it outlasts its purpose; of a secret case, whose log others read, only who keeps it."""
    if request.secret:
        return copy.keeper_name + (" …" if copy.archive_reason else "")
    return " · ".join(filter(None, (copy.shelf, copy.keeper_name, copy.archive_reason)))


def _copy(
    request: FootageRequest,
    draft: CopyDraft,
    receiver: RequestOfficer | None,
    *,
    serial: str,
    entry_id: UUID,
    actor: Identity,
    now: datetime,
) -> FootageCopy:
    return FootageCopy(
        id=new_id(),
        request_id=request.id,
        manifest_id=request.id,
        entry_id=entry_id,
        serial=serial,
        role=draft.role,
        status=CopyStatus.MADE,
        medium=draft.medium,
        medium_serial=draft.medium_serial.strip()[:80],
        receiver_place=receiver.place if receiver else None,
        receiver_id=receiver.person_id if receiver else None,
        receiver_name=receiver.name if receiver else "",
        destination="",
        shelf=draft.shelf.strip()[:120],
        keeper_name=draft.keeper_name.strip()[:40],
        archive_reason=draft.archive_reason.strip()[:400],
        made_by=actor.person_id,
        made_name=actor.name,
        made_at=now,
    )


def _faults(session: Session, request: FootageRequest, draft: CopyDraft) -> list[Problem]:
    needed = {"medium_serial": draft.medium_serial}
    if draft.role is CopyRole.MASTER:
        needed |= {"shelf": draft.shelf, "keeper_name": draft.keeper_name}
    found = [Problem(name, "required") for name, value in needed.items() if not value.strip()]
    if draft.role is CopyRole.MASTER:
        if not keeps_master(ActKind(request.act)):
            found.append(Problem("role", "evidence.nothing_to_keep"))
        held = copies_of(session, request.id)
        if any(one.role == CopyRole.MASTER and one.status == CopyStatus.KEPT for one in held):
            found.append(Problem("role", "evidence.master_there"))
    return found


def _check_may_end(actor: Identity, request: FootageRequest, copy: FootageCopy, action: CopyAction) -> None:
    """A return is the unit's to confirm; what is out is ended by who answers for it, what lies here by the unit."""
    out = copy.status == CopyStatus.WITH_RECIPIENT
    if out and action is not CopyAction.RETURN and has_account(copy, request):
        if not answers_for(actor, copy, request):
            raise NotAllowed("evidence.not_the_holder")
        return
    require(actor, Permission.REQUEST_ACKNOWLEDGE, scope_of(request), read=Permission.REQUEST_READ)


def _faults_of_ending(
    actor: Identity, request: FootageRequest, copy: FootageCopy, action: CopyAction, ending: Ending, *, today: date
) -> list[Problem]:
    found = []
    if ending.on > today or ending.on < city_day(copy.made_at):
        found.append(Problem("on", "evidence.day_out_of_range"))
    if action is CopyAction.FILE and not ending.note.strip():
        found.append(Problem("note", "required"))
    if action is CopyAction.DESTROY and ending.witness.strip() in {"", actor.name}:
        found.append(Problem("witness", "evidence.witness_needed"))
    on_paper = copy.status == CopyStatus.WITH_RECIPIENT and not has_account(copy, request)
    if (action is CopyAction.DESTROY or on_paper) and ending.stored_file_id is None:
        found.append(Problem("file", "evidence.ending_paper_needed"))
    return found
