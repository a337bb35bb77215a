"""Carrying a request out: assigned, opened under two keys, each camera's outcome booked, the files sealed."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.accounts.operations import verify_second_person
from portal.accounts.permissions import Permission
from portal.accounts.policy import allows, require
from portal.accounts.values import Identity
from portal.audit.operations import record
from portal.audit.values import AuditTag, FieldChange, SubjectRef
from portal.audit.values import Outcome as AuditOutcome
from portal.core.clock import city_day
from portal.core.errors import IllegalTransition, Invalid, NotAllowed, NotFound, Problem
from portal.core.outbox import TaskName, enqueue
from portal.evidence import values
from portal.evidence.models import FootageItem, FootageManifest, FootageRequest, RequestCamera, UnlockSession
from portal.evidence.operations.calls import require_verified
from portal.evidence.operations.custody import book
from portal.evidence.operations.holds import scope_of
from portal.evidence.operations.identities import see_papers
from portal.evidence.operations.individuals import require_ready
from portal.evidence.operations.keys import key_problem, tell_unlisted
from portal.evidence.operations.missing import find_missing, state_completeness
from portal.evidence.operations.overwriting import reckon_again, refuse_expired
from portal.evidence.operations.supplying import mark_supplied, note_failing, state_supply
from portal.evidence.queries import lock_request
from portal.evidence.queries.execution import items_of, unlock_of
from portal.evidence.queries.posts import custodians_for, may_assign
from portal.evidence.rules import seal_manifest
from portal.evidence.rules.files import file_contradicts
from portal.evidence.rules.opening import OPENS
from portal.evidence.states import RequestAction, RequestStatus, next_status
from portal.evidence.values import CALLS, TAKES_AWAY, ActKind, CustodyAct, ManifestLine, Outcome
from portal.evidence.values.asks import Failing


@dataclass(frozen=True, slots=True)
class FileDraft:
    """One exported file as registered: hashed here on upload, or by the unit's own tool on its medium."""

    camera_id: UUID
    name: str
    size: int
    sha256: str
    format: str
    span_from: datetime
    span_to: datetime
    clock_offset_seconds: int
    sm3: str | None = None
    player: str = ""
    stored_file_id: UUID | None = None


def assign_custodian(
    session: Session, *, actor: Identity, request_id: UUID, custodian_id: UUID, now: datetime
) -> FootageRequest:
    """Name the one person of the unit, never the requester, who carries it out; what is open the next one opens anew.

    Where the unit's rules name a post for naming them, or for operating, that post's people alone do (APR-03, APR-20).
    """
    request = lock_request(session, actor, request_id)
    require(actor, Permission.REQUEST_ASSIGN, scope_of(request), read=Permission.REQUEST_READ)
    status = next_status(RequestStatus(request.status), RequestAction.ASSIGN)
    require_verified(session, request)
    if not may_assign(session, actor, request, today=city_day(now)):
        raise NotAllowed("evidence.not_assigner")
    choices = dict(custodians_for(session, request, today=city_day(now)))
    if custodian_id not in choices or custodian_id in asking(request):
        raise Invalid([Problem("custodian", "evidence.custodian_not_open")])
    request.status, request.updated_at = status, now
    request.custodian_id, request.custodian_name, request.assigned_at = custodian_id, choices[custodian_id], now
    # Whoever looks for the footage needs its clocks as they stand, and what is left of it.
    reckon_again(session, request, now=now)
    _record(session, actor, values.REQUEST_ASSIGNED, request, now=now, custodian=choices[custodian_id])
    enqueue(session, TaskName.EVIDENCE_NOTIFY_NEXT, dedupe=f"assign:{request.id}:{custodian_id}", request_id=request.id)
    session.flush()
    return request


def unlock_footage(
    session: Session,
    *,
    actor: Identity,
    request_id: UUID,
    second_login: str,
    second_password: str,
    second_totp: str,
    workstation: str,
    no_phone_notice: bool,
    now: datetime,
) -> UnlockSession:
    """Open the recordings under two keys and book the call in the same breath.

    The second person signs on this very form. Wrong passwords count towards that person's lock-out and are committed
    even though the request is refused (`commit=True` on the Invalid).
    """
    request = carrying_out(session, actor, request_id, {RequestStatus.ASSIGNED, RequestStatus.EXECUTING}, now=now)
    refuse_expired(session, request, now=now)
    if not no_phone_notice:
        raise Invalid([Problem("no_phone_notice", "evidence.notice_needed")])
    require_ready(session, request, second=None)
    require(actor, OPENS[ActKind(request.act)], scope_of(request), read=Permission.REQUEST_READ)
    second = verify_second_person(
        session, actor=actor, login=second_login, password=second_password, totp=second_totp, now=now
    )
    _check_second(session, actor, second, request, now=now)
    require_ready(session, request, second=second.person_id)
    unlock = UnlockSession(
        request_id=request.id,
        requester_id=request.requester_id,
        executor_id=actor.person_id,
        executor_name=actor.name,
        second_id=second.person_id,
        second_name=second.name,
        workstation=workstation.strip()[:80],
        no_phone_notice=no_phone_notice,
        opened_at=now,
    )
    session.add(unlock)
    session.flush()
    request.status, request.updated_at = next_status(RequestStatus(request.status), RequestAction.UNLOCK), now
    book(session, actor=actor, request=request, act=CALLS[ActKind(request.act)], unlock=unlock, now=now)
    if ActKind(request.act) not in TAKES_AWAY:
        # Who comes to look is there now: the one who opens has looked at their papers, and says so with the notice.
        see_papers(session, actor=actor, request=request, places=[one.place for one in request.officers], now=now)
    tell_unlisted(session, actor, request, actor, second, now=now)
    _record(session, actor, values.FOOTAGE_UNLOCKED, request, now=now, second=second.name)
    session.flush()
    return unlock


def register_file(
    session: Session, *, actor: Identity, request_id: UUID, file: FileDraft, now: datetime
) -> FootageItem:
    """Enter one exported file. It needs an approved request, an opening under two keys and its own register line."""
    request = carrying_out(session, actor, request_id, {RequestStatus.EXECUTING}, now=now)
    unlock = unlock_of(session, request.id, actor.person_id)
    if unlock is None or ActKind(request.act) not in TAKES_AWAY:
        raise IllegalTransition("evidence.nothing_to_take", status=request.status)
    camera = _camera(request, file.camera_id)
    refuse_expired(session, request, camera_id=camera.camera_id, now=now)
    problems = _file_problems(session, request, file)
    if problems:
        raise Invalid(problems)
    entry = book(
        session, actor=actor, request=request, act=CustodyAct.REGISTERED, unlock=unlock, note=file.sha256, now=now
    )
    place = session.scalar(select(func.max(FootageItem.place)).where(FootageItem.request_id == request.id)) or 0
    item = FootageItem(
        **asdict(file)
        | {
            "sha256": file.sha256.lower(),
            "sm3": file.sm3.lower() if file.sm3 else None,
            "name": file.name.strip(),
            "player": file.player.strip()[:80],
        },
        request_id=request.id,
        entry_id=entry.id,
        unlock_id=unlock.id,
        place=place + 1,
        registered_by=actor.person_id,
        registered_at=now,
    )
    session.add(item)
    camera.outcome = Outcome.SUPPLIED
    _record(session, actor, values.FILE_REGISTERED, request, now=now, sha256=item.sha256)
    session.flush()
    return item


def strike_file(session: Session, *, actor: Identity, request_id: UUID, item_id: UUID, now: datetime) -> None:
    """Take back a file entered by mistake, before the set is sealed. Its register line stays, and so does the audit."""
    request = carrying_out(session, actor, request_id, {RequestStatus.EXECUTING}, now=now)
    item = next((one for one in items_of(session, request.id) if one.id == item_id), None)
    if item is None:
        raise NotFound()
    session.delete(item)
    session.flush()
    if not any(one.camera_id == item.camera_id for one in items_of(session, request.id)):
        _camera(request, item.camera_id).outcome = Outcome.PENDING
    _record(session, actor, values.FILE_STRUCK, request, now=now, sha256=item.sha256)
    session.flush()


def book_outcome(
    session: Session, *, actor: Identity, request_id: UUID, camera_id: UUID, outcome: Outcome, note: str, now: datetime
) -> RequestCamera:
    """Book what became of a camera without a file: viewed without result, never had, overwritten, down, refused."""
    request = carrying_out(session, actor, request_id, {RequestStatus.ASSIGNED, RequestStatus.EXECUTING}, now=now)
    camera = _camera(request, camera_id)
    if outcome is Outcome.PENDING:
        raise Invalid([Problem("outcome", "required")])
    if outcome is Outcome.SUPPLIED and RequestStatus(request.status) is not RequestStatus.EXECUTING:
        raise IllegalTransition("evidence.request.illegal", status=request.status, action="supply")
    if outcome is Outcome.SUPPLIED:
        refuse_expired(session, request, camera_id=camera_id, now=now)
    elif not note.strip():
        raise Invalid([Problem("note", "evidence.outcome_reason")])
    if ActKind(request.act) in TAKES_AWAY:
        files = [one.camera_id for one in items_of(session, request.id)]
        if problem := file_contradicts(files, camera_id, outcome, note):
            raise Invalid([problem])
    camera.outcome, camera.outcome_note = outcome, note.strip()[:400]
    if outcome is Outcome.REFUSED:
        note_failing(session, actor=actor, request=request, kind=Failing.REFUSED, text=note, now=now)
    _record(session, actor, values.OUTCOME_BOOKED, request, now=now, outcome=str(outcome), camera=str(camera_id))
    session.flush()
    return camera


def conclude_viewing(session: Session, *, actor: Identity, request_id: UUID, now: datetime) -> FootageRequest:
    """End a request that only looks: nothing leaves, every camera has its outcome."""
    request = carrying_out(session, actor, request_id, {RequestStatus.EXECUTING}, now=now)
    if ActKind(request.act) in TAKES_AWAY:
        raise IllegalTransition("evidence.files_needed", status=request.status)
    for camera in request.cameras:
        if camera.outcome == Outcome.PENDING:
            camera.outcome = Outcome.SUPPLIED
    request.status = next_status(RequestStatus(request.status), RequestAction.CONCLUDE_VIEWING)
    request.updated_at = now
    mark_supplied(session, actor=actor, request=request, now=now)
    _record(session, actor, values.VIEWING_CONCLUDED, request, now=now)
    find_missing(session, request, actor=actor, now=now)
    session.flush()
    return request


def refuse_supply(
    session: Session, *, actor: Identity, request_id: UUID, outcome: Outcome, reason: str, now: datetime
) -> FootageRequest:
    """The unit supplies nothing and says why. A refusal is booked as what it is; nobody approves it."""
    request = lock_request(session, actor, request_id)
    require(actor, Permission.REQUEST_ACKNOWLEDGE, scope_of(request), read=Permission.REQUEST_READ)
    status = next_status(RequestStatus(request.status), RequestAction.CANNOT_SUPPLY)
    if outcome in {Outcome.PENDING, Outcome.SUPPLIED}:
        raise Invalid([Problem("outcome", "required")])
    if not reason.strip():
        raise Invalid([Problem("reason", "required")])
    if items_of(session, request.id):
        raise IllegalTransition("evidence.files_there", status=request.status)
    for camera in request.cameras:
        camera.outcome, camera.outcome_note = outcome, reason.strip()[:400]
    request.status, request.updated_at, request.closed_at = status, now, now
    book(session, actor=actor, request=request, act=CustodyAct.NOT_SUPPLIED, note=str(outcome), now=now)
    if outcome is Outcome.REFUSED:
        note_failing(session, actor=actor, request=request, kind=Failing.REFUSED, text=reason, now=now)
    mark_supplied(session, actor=actor, request=request, now=now)
    _record(session, actor, values.NOT_SUPPLIED_BOOKED, request, now=now, outcome=str(outcome))
    find_missing(session, request, actor=actor, now=now)
    enqueue(session, TaskName.EVIDENCE_NOTIFY_NEXT, dedupe=f"none:{request.id}", request_id=request.id)
    session.flush()
    return request


def seal_set(session: Session, *, actor: Identity, request_id: UUID, now: datetime) -> FootageManifest:
    """Seal the files as they stand: from here on neither a file nor a camera's outcome changes."""
    request = carrying_out(session, actor, request_id, {RequestStatus.EXECUTING}, now=now)
    items = items_of(session, request.id)
    if not items:
        raise Invalid([Problem("files", "evidence.no_file")])
    open_cameras = [camera.label for camera in request.cameras if camera.outcome == Outcome.PENDING]
    if open_cameras:
        raise Invalid([Problem("files", "evidence.cameras_open", {"cameras": "、".join(open_cameras[:5])})])
    lines = manifest_lines(request, items)
    digest = seal_manifest(request.number or "", lines)
    entry = book(session, actor=actor, request=request, act=CustodyAct.MASTER_SEALED, note=digest, now=now)
    manifest = FootageManifest(
        request_id=request.id,
        entry_id=entry.id,
        digest=digest,
        lines=[line.as_json() for line in lines],
        sealed_by=actor.person_id,
        sealed_name=actor.name,
        sealed_at=now,
    )
    session.add(manifest)
    session.flush()
    state_completeness(session, request, items, actor=actor, now=now)
    request.status = next_status(RequestStatus(request.status), RequestAction.SEAL)
    request.updated_at = now
    state_supply(session, actor=actor, request=request, now=now)
    _record(session, actor, values.SET_SEALED, request, now=now, digest=digest)
    session.flush()
    return manifest


def manifest_lines(request: FootageRequest, items: Sequence[FootageItem]) -> list[ManifestLine]:
    """The files in the order they were entered, as the digest covers them."""
    codes = {camera.camera_id: camera.code or camera.label for camera in request.cameras}
    return [
        ManifestLine(
            name=item.name,
            size=item.size,
            sha256=item.sha256,
            camera_code=codes[item.camera_id],
            span_from=item.span_from,
            span_to=item.span_to,
            clock_offset_seconds=item.clock_offset_seconds,
            format=item.format,
            sm3=item.sm3 or "",
            player=item.player,
        )
        for item in items
    ]


def carrying_out(
    session: Session, actor: Identity, request_id: UUID, statuses: set[RequestStatus], *, now: datetime
) -> FootageRequest:
    """The request under lock, for its assigned custodian and nobody else (000 art. 9(2)), and no longer for one whom the
    unit struck off its list or whose account is for other zones."""
    request = lock_request(session, actor, request_id)
    check_executes(actor, request, statuses)
    problem = key_problem(session, actor, request, now=now)
    if problem:
        raise NotAllowed(problem)
    return request


def check_executes(actor: Identity, request: FootageRequest, statuses: set[RequestStatus]) -> None:
    """Whether the person carries this request out, and it is at a point where that can be done."""
    require(actor, Permission.REQUEST_EXECUTE, scope_of(request), read=Permission.REQUEST_READ)
    if request.custodian_id is not None and request.custodian_id != actor.person_id:
        raise NotAllowed("evidence.not_assigned")
    if RequestStatus(request.status) not in statuses:
        raise IllegalTransition("evidence.request.illegal", status=request.status, action="execute")


def _check_second(
    session: Session, actor: Identity, second: Identity, request: FootageRequest, *, now: datetime
) -> None:
    barred = second.person_id in asking(request)
    problem = key_problem(session, second, request, now=now)
    opens = (Permission.REQUEST_UNLOCK, OPENS[ActKind(request.act)])
    if all(allows(second, one, scope_of(request)) for one in opens) and not barred and not problem:
        return
    record(
        session,
        actor=actor.actor,
        tag=values.UNLOCK_REFUSED,
        subject=SubjectRef(values.SUBJECT, request.id, request.called),
        unit_id=request.unit_id,
        outcome=AuditOutcome.DENIED,
        changes=[FieldChange(name="second", new=second.name)],
        now=now,
    )
    code = "evidence.second_is_requester" if barred else problem or "evidence.second_not_authorised"
    raise Invalid([Problem("second_login", code)], commit=True)


def asking(request: FootageRequest) -> set[UUID]:
    """The requester and the officers beside them: none of them may hold a key."""
    return {request.requester_id} | {officer.person_id for officer in request.officers if officer.person_id}


def _camera(request: FootageRequest, camera_id: UUID) -> RequestCamera:
    camera = next((one for one in request.cameras if one.camera_id == camera_id), None)
    if camera is None:
        raise Invalid([Problem("camera", "evidence.camera_unknown")])
    return camera


def _file_problems(session: Session, request: FootageRequest, file: FileDraft) -> list[Problem]:
    found = []
    if not file.name.strip() or len(file.name) > 200:
        found.append(Problem("name", "required" if not file.name.strip() else "too_long", {"max": 200}))
    if file.size <= 0:
        found.append(Problem("size", "evidence.size_positive"))
    if len(file.sha256) != 64 or any(char not in "0123456789abcdef" for char in file.sha256.lower()):
        found.append(Problem("sha256", "evidence.bad_sha256"))
    elif any(one.sha256 == file.sha256.lower() for one in items_of(session, request.id)):
        found.append(Problem("sha256", "evidence.file_twice"))
    if file.sm3 and (len(file.sm3) != 64 or any(char not in "0123456789abcdef" for char in file.sm3.lower())):
        found.append(Problem("sm3", "evidence.bad_sm3"))
    if file.span_to <= file.span_from:
        found.append(Problem("span_to", "evidence.span_backward"))
    elif file.span_from < request.span_from or file.span_to > request.span_to:
        # What was not asked for is not handed out: the approval covers this span and no minute more.
        found.append(Problem("span_from", "evidence.outside_span", {"from": request.span_from, "to": request.span_to}))
    return found


def _record(
    session: Session, actor: Identity, tag: AuditTag, request: FootageRequest, *, now: datetime, **new: str
) -> None:
    record(
        session,
        actor=actor.actor,
        tag=tag,
        subject=SubjectRef(values.SUBJECT, request.id, request.called),
        unit_id=request.unit_id,
        changes=[FieldChange(name=name, new=value) for name, value in new.items()],
        now=now,
    )
