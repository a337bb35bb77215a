"""Uploads that are whole are digested and sealed into the vault; what never became whole, or was never entered, goes."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from portal.audit.operations import record
from portal.audit.values import Actor, AuditTag, FieldChange, SubjectRef
from portal.core.outbox import TaskName, enqueue
from portal.evidence.models import FootageItem, FootageRequest, FootageUpload, UploadWindow
from portal.evidence.states import RequestStatus
from portal.evidence.values import uploads as values
from portal.vault.operations import erase_file, keep_footage
from portal.vault.queries import part_store

SYSTEM = Actor.system("evidence")


def keep_upload(session: Session, *, upload_id: UUID, now: datetime) -> None:
    """Digest and seal one upload that is whole, once."""
    upload = _locked(session, upload_id)
    if upload is None or upload.kept_at is not None or upload.dropped_at is not None or not upload.whole:
        return
    request = upload.window.request
    if request.status != RequestStatus.EXECUTING or part_store(session).room() - upload.size < values.DISK_RESERVE:
        # Nobody needs it any more, or the disk does not bear it twice now: the sweep comes back to it.
        return
    stored = keep_footage(
        session,
        actor=Actor(person_id=upload.sent_by, name=upload.sent_name),
        upload_id=upload.id,
        size=upload.size,
        filename=upload.name,
        unit_id=request.unit_id,
        organ_id=request.requester_organ_id,
        now=now,
    )
    upload.stored_file_id, upload.kept_at = stored.id, now
    _record(session, values.UPLOAD_KEPT, upload, now=now, sha256=stored.sha256)
    session.flush()


def sweep_uploads(session: Session, *, now: datetime) -> None:
    """Close windows whose time is over, give up what did not become whole, and erase what nobody entered."""
    # Only what earlier transactions gave up: were parts removed with this one and it came to nothing, an upload would
    # stand there that can neither go on nor be kept.
    _clear_parts(session, now=now)
    for window in session.scalars(
        select(UploadWindow).where(UploadWindow.closed_at.is_(None), UploadWindow.closes_at <= now).with_for_update()
    ):
        window.closed_at = now
        subject = SubjectRef(values.WINDOW_SUBJECT, window.id, "")
        record(session, actor=SYSTEM, tag=values.WINDOW_CLOSED, subject=subject, now=now)
    session.flush()
    for upload in _unsettled(session):
        if upload.window.request.status != RequestStatus.EXECUTING:
            # Its bytes could not be sealed as long as anybody had a use for them.
            _drop(session, upload, "not_entered", now=now)
        elif upload.whole:
            # Its first row was given up or set aside, as on a full disk: the same name would be the same row for ever.
            again = f"upload:{upload.id}:{now:%Y%m%d%H}"
            if now - upload.last_at > values.KEPT_WITHIN:
                enqueue(session, TaskName.EVIDENCE_KEEP_UPLOAD, dedupe=again, upload_id=upload.id)
        elif upload.window.closed_at is not None or now - upload.last_at > values.IDLE:
            _drop(session, upload, "not_whole", now=now)
    _forget_unentered(session, now=now)
    session.flush()


def _unsettled(session: Session) -> list[FootageUpload]:
    return list(
        session.scalars(
            select(FootageUpload)
            .where(FootageUpload.kept_at.is_(None), FootageUpload.dropped_at.is_(None))
            .options(joinedload(FootageUpload.window).joinedload(UploadWindow.request))
            .with_for_update(of=FootageUpload, skip_locked=True)
            .limit(500)
        )
    )


def _forget_unentered(session: Session, *, now: datetime) -> None:
    """What was sent and kept, but is no file of the set that was sealed, is kept no longer (minimisation)."""
    entered = select(FootageItem.stored_file_id).where(FootageItem.request_id == FootageUpload.request_id)
    for upload in session.scalars(
        select(FootageUpload)
        .join(FootageRequest, FootageRequest.id == FootageUpload.request_id)
        .where(
            FootageUpload.kept_at.is_not(None),
            FootageUpload.dropped_at.is_(None),
            FootageRequest.status != RequestStatus.EXECUTING,
            ~entered.where(FootageItem.stored_file_id == FootageUpload.stored_file_id).exists(),
        )
        .options(joinedload(FootageUpload.window).joinedload(UploadWindow.request))
        .limit(500)
    ):
        if upload.stored_file_id is not None:
            erase_file(session, actor=SYSTEM, file_id=upload.stored_file_id, reason="not entered", now=now)
        _drop(session, upload, "not_entered", now=now)


def _drop(session: Session, upload: FootageUpload, why: str, *, now: datetime) -> None:
    upload.dropped_at, upload.dropped_why = now, why
    _record(session, values.UPLOAD_DROPPED, upload, now=now, why=why)


def _clear_parts(session: Session, *, now: datetime) -> None:
    """Parts of uploads that are kept, given up, or were never committed, and what a killed process left."""
    parts = part_store(session)
    there = set(parts.uploads())
    arriving = set(
        session.scalars(
            select(FootageUpload.id).where(
                FootageUpload.id.in_(there), FootageUpload.kept_at.is_(None), FootageUpload.dropped_at.is_(None)
            )
        )
    )
    for upload_id in there - arriving:
        parts.erase(upload_id)
    parts.sweep_partials(values.IDLE, now=now)


def _locked(session: Session, upload_id: UUID) -> FootageUpload | None:
    return session.scalars(
        select(FootageUpload)
        .where(FootageUpload.id == upload_id)
        .options(joinedload(FootageUpload.window).joinedload(UploadWindow.request))
        .with_for_update(of=FootageUpload)
        .execution_options(populate_existing=True)
    ).one_or_none()


def _record(session: Session, tag: AuditTag, upload: FootageUpload, *, now: datetime, **new: str) -> None:
    request = upload.window.request
    record(
        session,
        actor=SYSTEM,
        tag=tag,
        subject=SubjectRef(values.WINDOW_SUBJECT, upload.window_id, request.called),
        unit_id=request.unit_id,
        changes=[FieldChange(name=name, new=value) for name, value in new.items()],
        now=now,
    )
