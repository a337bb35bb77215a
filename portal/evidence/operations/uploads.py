"""Footage on its way in: a window that the custodian opens, files that come in parts, kept once they are whole.

Who sends is the custodian the request is assigned to, or the recorder's operator by a secret address that the custodian
gave him. Either way the file is entered into the register by the custodian, not by its arrival.
"""

import hashlib
import secrets
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from portal.accounts.models import AddressThrottle
from portal.accounts.operations.signin import count_at, lock_throttle
from portal.accounts.rules import is_locked
from portal.accounts.values import Identity
from portal.audit.operations import record
from portal.audit.values import Actor, AuditTag, FieldChange, SubjectRef
from portal.audit.values import Outcome as AuditOutcome
from portal.core.addresses import sender_of
from portal.core.clock import city_day
from portal.core.db import narrow, told_apart
from portal.core.errors import IllegalTransition, Invalid, NotFound, Problem, Stale, TooMany
from portal.core.outbox import TaskName, enqueue
from portal.core.scope import EVERYTHING, DataScope
from portal.evidence.models import FootageItem, FootageRequest, FootageUpload, UploadWindow
from portal.evidence.operations.execution import FileDraft, carrying_out, register_file
from portal.evidence.queries.execution import unlock_of
from portal.evidence.queries.uploads import (
    counted_in,
    open_window_of,
    secret_digest,
    taken_of,
    upload_of,
    window_by_secret,
)
from portal.evidence.rules.uploads import Bounds, faults_of, may_add
from portal.evidence.states import RequestStatus
from portal.evidence.values import TAKES_AWAY, ActKind
from portal.evidence.values import uploads as values
from portal.registry.rules import rules_for
from portal.regulation.schema.keys import RuleKey
from portal.vault.parts import Part
from portal.vault.queries import get_file, part_store

# Who sends gives up and begins anew now and then; not without end.
TRIES_A_FILE = 4


def open_window(
    session: Session, *, actor: Identity, request_id: UUID, operator_name: str, files_most: int, now: datetime
) -> tuple[UploadWindow, str]:
    """Begin to take files; the window before ends. For an operator with a secret address, told this once."""
    request = carrying_out(session, actor, request_id, {RequestStatus.EXECUTING}, now=now)
    unlock = unlock_of(session, request.id, actor.person_id)
    if unlock is None or ActKind(request.act) not in TAKES_AWAY or actor.person_id is None:
        raise IllegalTransition("evidence.nothing_to_take", status=request.status)
    before = open_window_of(session, request.id, lock=True)
    if before is not None:
        before.closed_at = now
        session.flush()
    operator = operator_name.strip()[:40]
    secret = secrets.token_urlsafe(32) if operator else ""
    hours = rules_for(request.unit, None, on=city_day(now)).integer(RuleKey.EVIDENCE_UPLOAD_LINK_HOURS) or 0
    window = UploadWindow(
        request_id=request.id,
        secret_sha256=secret_digest(secret) if secret else None,
        operator_name=operator,
        files_most=max(1, min(files_most, 200)),
        opened_by=actor.person_id,
        opened_name=actor.name,
        opened_at=now,
        closes_at=now + timedelta(hours=hours),
    )
    session.add(window)
    with told_apart(session, {"uq_footage_window_open": Problem("", "changed_meanwhile")}):
        session.flush()
    _record(session, actor.actor, values.WINDOW_OPENED, request, window, now=now, operator=operator)
    return window, secret


def close_window(session: Session, *, actor: Identity, request_id: UUID, now: datetime) -> None:
    """Take no more files; a secret address ends with it. What is on its way is removed by the sweep."""
    request = carrying_out(session, actor, request_id, {RequestStatus.EXECUTING}, now=now)
    window = open_window_of(session, request.id, lock=True)
    if window is None:
        raise NotFound()
    window.closed_at = now
    _record(session, actor.actor, values.WINDOW_CLOSED, request, window, now=now)
    session.flush()


def custodian_window(session: Session, *, actor: Identity, request_id: UUID, now: datetime) -> UploadWindow:
    """The open window of a request, for its custodian and nobody else. Raises NotAllowed, NotFound, IllegalTransition."""
    request = carrying_out(session, actor, request_id, {RequestStatus.EXECUTING}, now=now)
    window = open_window_of(session, request.id)
    if window is None or window.closes_at <= now:
        raise IllegalTransition("evidence.window_closed", status=request.status)
    window.request = request
    return window


def operator_window(
    session: Session, *, secret: str, address: str, ended_too: bool = False, now: datetime
) -> UploadWindow | None:
    """The open window behind a secret address; None for a wrong or ended one, counted against where it comes from.

    With `ended_too` also one that ended with its last file, for its sender to see what arrived. From here the session reaches this unit's rows. Raises TooMany for a place that guesses.
    """
    narrow(session, EVERYTHING)
    key = f"ups:{hashlib.sha256(sender_of(address).encode()).hexdigest()[:40]}"
    refused = session.get(AddressThrottle, key)
    if refused is not None and is_locked(refused.locked_until, now):
        raise TooMany("evidence.upload_too_often", retry_after=60)
    window = window_by_secret(session, secret)
    if window is None or not _lets_in(session, window, ended_too=ended_too, now=now):
        throttle = lock_throttle(session, key, now=now)
        count_at(throttle, now=now)
        if throttle.locked_until is not None:
            subject = SubjectRef(values.WINDOW_SUBJECT, window.id if window else None, "")
            guesser = Actor(name="-", address=address)
            record(
                session, actor=guesser, tag=values.WINDOW_GUESSED, subject=subject, outcome=AuditOutcome.DENIED, now=now
            )
        session.flush()
        return None
    request = window.request
    narrow(session, DataScope(units=frozenset({request.unit_id})))
    return window


def _lets_in(session: Session, window: UploadWindow, *, ended_too: bool, now: datetime) -> bool:
    """An address ends with the work it was given for, whatever its time."""
    if window.closes_at <= now or window.request.status != RequestStatus.EXECUTING:
        return False
    return window.closed_at is None or (
        ended_too and counted_in(session, window.id, kept_only=True) >= window.files_most
    )


def begin_upload(
    session: Session, *, window: UploadWindow, sender: Actor, name: str, size: int, now: datetime
) -> FootageUpload:
    """Make room for one file of this size. Raises Invalid for what the rules, the window or the disk do not bear."""
    _hold_open(session, window)
    problems = faults_of(name, size, bounds_of(session, window, now=now))
    if problems:
        raise Invalid(problems)
    upload = FootageUpload(
        window_id=window.id,
        request_id=window.request_id,
        name=name.strip(),
        size=size,
        sent_by=sender.person_id,
        sent_name=sender.name[:40],
        begun_at=now,
        last_at=now,
    )
    session.add(upload)
    session.flush()
    _record(session, sender, values.UPLOAD_BEGUN, window.request, window, now=now, size=str(size))
    return upload


def _hold_open(session: Session, window: UploadWindow) -> None:
    """Keep a window from being closed until the transaction ends. Raises IllegalTransition when it was meanwhile."""
    session.refresh(window, ["closed_at"], with_for_update=True)
    if window.closed_at is not None:
        raise IllegalTransition("evidence.window_closed")


def bounds_of(session: Session, window: UploadWindow, *, now: datetime) -> Bounds:
    """What the rules of the day and the disk leave for one more file."""
    rules = rules_for(window.request.unit, None, on=city_day(now))
    whole = counted_in(session, window.id, kept_only=True)
    tried = counted_in(session, window.id)
    full = tried >= window.files_most * TRIES_A_FILE
    return Bounds(
        file_gigabytes=rules.integer(RuleKey.EVIDENCE_UPLOAD_FILE_GIGABYTES) or 0,
        request_gigabytes=rules.integer(RuleKey.EVIDENCE_UPLOAD_REQUEST_GIGABYTES) or 0,
        taken=taken_of(session, window.request_id),
        files=window.files_most if full else whole,
        files_most=window.files_most,
        room=part_store(session).room(),
    )


def check_part(upload: FootageUpload, *, start: int) -> None:
    """Before a byte is read: whether a part may begin here. Raises IllegalTransition or Stale."""
    if upload.dropped_at is not None:
        raise NotFound()
    if start != upload.received:
        raise Stale("evidence.upload_offset")
    if upload.whole or not may_add(upload.parts):
        raise IllegalTransition("evidence.upload_over")


def add_part(session: Session, *, window: UploadWindow, part: Part, sender: Actor, now: datetime) -> FootageUpload:
    """Count a part that was taken in. Of two that begin at the same byte one wins; the other finds it moved on."""
    upload = upload_of(session, window, part.upload, lock=True)
    check_part(upload, start=part.start)
    _hold_open(session, window)
    part_store(session).keep(part)
    upload.received, upload.parts, upload.last_at = part.start + part.size, upload.parts + 1, now
    if upload.whole:
        _record(session, sender, values.UPLOAD_WHOLE, window.request, window, now=now, size=str(upload.size))
        enqueue(session, TaskName.EVIDENCE_KEEP_UPLOAD, dedupe=f"upload:{upload.id}", upload_id=upload.id)
        session.flush()
        if window.secret_sha256 and counted_in(session, window.id, kept_only=True) >= window.files_most:
            # The address was given for so many files and ends with the last of them.
            window.closed_at = now
            _record(session, sender, values.WINDOW_CLOSED, window.request, window, now=now)
    session.flush()
    return upload


def drop_upload(session: Session, *, window: UploadWindow, upload_id: UUID, sender: Actor, now: datetime) -> None:
    """Give an upload up that is not kept yet."""
    upload = upload_of(session, window, upload_id, lock=True)
    if upload.dropped_at is not None or upload.whole:
        raise IllegalTransition("evidence.upload_over")
    _drop(session, upload, sender, window.request, window, why="given_up", now=now)


def register_upload(
    session: Session, *, actor: Identity, request_id: UUID, upload_id: UUID, draft: FileDraft, now: datetime
) -> FootageItem:
    """Enter a file that was kept: its name, size and digests are those that were computed here, not typed."""
    request = carrying_out(session, actor, request_id, {RequestStatus.EXECUTING}, now=now)
    upload = session.get(FootageUpload, upload_id, with_for_update=True, populate_existing=True)
    if upload is None or upload.request_id != request.id or upload.dropped_at is not None:
        raise NotFound()
    if upload.stored_file_id is None:
        raise IllegalTransition("evidence.upload_not_kept")
    stored = get_file(session, upload.stored_file_id)
    computed = replace(
        draft, name=upload.name, size=stored.size, sha256=stored.sha256, sm3=stored.sm3, stored_file_id=stored.id
    )
    return register_file(session, actor=actor, request_id=request_id, file=computed, now=now)


def _drop(
    session: Session,
    upload: FootageUpload,
    sender: Actor,
    request: FootageRequest,
    window: UploadWindow,
    *,
    why: str,
    now: datetime,
) -> None:
    upload.dropped_at, upload.dropped_why = now, why
    _record(session, sender, values.UPLOAD_DROPPED, request, window, now=now, why=why)
    # Its parts go with the next sweep: only what is committed is removed.
    session.flush()


def _record(
    session: Session,
    actor: Actor,
    tag: AuditTag,
    request: FootageRequest,
    window: UploadWindow,
    *,
    now: datetime,
    **new: str,
) -> None:
    """One step in the log, by the request's number; never a file's name, which may speak of the case."""
    record(
        session,
        actor=actor,
        tag=tag,
        subject=SubjectRef(values.WINDOW_SUBJECT, window.id, request.called),
        unit_id=request.unit_id,
        changes=[FieldChange(name=name, new=value) for name, value in new.items() if value],
        now=now,
    )
