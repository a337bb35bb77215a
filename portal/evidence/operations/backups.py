"""The duty side backs up what looks suspicious or is of weight, before it is overwritten and without a request."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.accounts.permissions import Permission
from portal.accounts.policy import require
from portal.accounts.values import Identity, Scope
from portal.audit.operations import record
from portal.audit.values import AuditTag, SubjectRef
from portal.core.errors import IllegalTransition, Invalid, NotAllowed, Problem
from portal.core.ids import new_id
from portal.evidence.models.backups import DutyBackup
from portal.evidence.queries import search_cameras
from portal.evidence.queries.backups import lock_backup
from portal.evidence.values.backups import BACKUP_ENDED, BACKUP_MADE, SUBJECT, BackupDraft


def make_backup(session: Session, *, actor: Identity, draft: BackupDraft, now: datetime) -> DutyBackup:
    """Enter a back-up: which camera and time, why, on what, where it lies. Only of the person's own unit."""
    require(actor, Permission.REQUEST_ACKNOWLEDGE)
    if actor.person_id is None:
        raise NotAllowed("evidence.no_person")
    found = [one for one in search_cameras(session, actor, text=draft.camera) if draft.camera.strip()]
    exact = [one for one in found if draft.camera.strip() in (one.code, one.label)] or found
    problems = _faults(draft, now=now)
    if len(exact) != 1:
        problems.append(Problem("camera", "evidence.camera_not_one"))
    if problems:
        raise Invalid(problems)
    camera = exact[0]
    require(actor, Permission.REQUEST_ACKNOWLEDGE, Scope(unit_ids=frozenset({camera.unit_id})))
    backup = DutyBackup(
        id=new_id(),
        unit_id=camera.unit_id,
        camera_id=camera.id,
        label=camera.label,
        kind=draft.kind,
        span_from=draft.span_from,
        span_to=draft.span_to,
        what=draft.what.strip()[:400],
        medium=draft.medium,
        medium_serial=draft.medium_serial.strip()[:80],
        shelf=draft.shelf.strip()[:120],
        sha256=draft.sha256.lower(),
        made_by=actor.person_id,
        made_name=actor.name,
        made_at=now,
    )
    session.add(backup)
    _note(session, actor, backup, BACKUP_MADE, now=now)
    return backup


def end_backup(session: Session, *, actor: Identity, backup_id: UUID, reason: str, now: datetime) -> DutyBackup:
    """Let a back-up go, with the reason; somebody other than who made it."""
    backup = lock_backup(session, actor, backup_id)
    if backup.ended_at is not None:
        raise IllegalTransition("evidence.backup_ended")
    if actor.person_id is None or actor.person_id == backup.made_by:
        raise NotAllowed("evidence.second_person_needed")
    if not reason.strip():
        raise Invalid([Problem("reason", "required")])
    backup.ended_by, backup.ended_name, backup.ended_at = actor.person_id, actor.name, now
    backup.end_reason = reason.strip()[:400]
    _note(session, actor, backup, BACKUP_ENDED, now=now)
    return backup


def _faults(draft: BackupDraft, *, now: datetime) -> list[Problem]:
    texts = {"what": draft.what, "medium_serial": draft.medium_serial, "shelf": draft.shelf}
    found = [Problem(name, "required") for name, text in texts.items() if not text.strip()]
    if draft.span_to <= draft.span_from:
        found.append(Problem("span_to", "evidence.span_backward"))
    elif draft.span_to > now:
        found.append(Problem("span_to", "evidence.span_future", {"now": now}))
    if draft.sha256 and (len(draft.sha256) != 64 or set(draft.sha256.lower()) - set("0123456789abcdef")):
        found.append(Problem("sha256", "evidence.bad_sha256"))
    return found


def _note(session: Session, actor: Identity, backup: DutyBackup, tag: AuditTag, *, now: datetime) -> None:
    session.flush()
    subject = SubjectRef(SUBJECT, backup.id, backup.label)
    record(session, actor=actor.actor, tag=tag, subject=subject, unit_id=backup.unit_id, now=now)
