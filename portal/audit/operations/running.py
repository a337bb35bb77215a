"""Verifications and exports that a person asks for on a page: asked, recorded, done by a worker."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from portal.audit.models import AuditRun
from portal.audit.operations.recording import record
from portal.audit.queries.reader import signed_size
from portal.audit.values import LOG_EXPORT, Actor, FieldChange, SubjectRef
from portal.core.errors import Invalid, Problem
from portal.core.outbox import TaskName, enqueue

LONGEST_REASON = 400


def request_verification(session: Session, *, actor: Actor, now: datetime) -> AuditRun:
    """Ask for the whole sealed log to be read against everything signed."""
    run = AuditRun(kind="verify", actor=_kept(actor), requested_at=now)
    session.add(run)
    session.flush()
    enqueue(session, TaskName.AUDIT_VERIFY, dedupe=f"audit.verify:{run.id}", run_id=run.id)
    return run


def request_export(
    session: Session, *, actor: Actor, first: int | None, last: int | None, reason: str, now: datetime
) -> AuditRun:
    """Ask for a part of the log as a file for the stand-alone verifier. Nobody exports without a reason.

    Raises Invalid with every faulty field.
    """
    signed = signed_size(session)
    start, end = first or 1, last or signed
    problems = []
    if not reason.strip():
        problems.append(Problem("reason", "audit_reason_missing"))
    if not signed:
        problems.append(Problem("last", "audit_nothing_signed"))
    elif end > signed:
        problems.append(Problem("last", "audit_beyond_signed", {"signed": signed}))
    if signed and start > end:
        problems.append(Problem("first", "audit_range_backwards", {"last": end}))
    if problems:
        raise Invalid(problems)
    run = AuditRun(
        kind="export",
        actor=_kept(actor),
        reason=reason.strip()[:LONGEST_REASON],
        first=start,
        last=end,
        requested_at=now,
    )
    session.add(run)
    session.flush()
    record(
        session,
        actor=actor,
        tag=LOG_EXPORT,
        subject=SubjectRef("audit_run", run.id, f"{start}–{end}"),
        reason=run.reason,
        changes=[FieldChange(name="first", new=start), FieldChange(name="last", new=end)],
        now=now,
    )
    enqueue(session, TaskName.AUDIT_EXPORT, dedupe=f"audit.export:{run.id}", run_id=run.id)
    return run


def start_nightly(session: Session, *, now: datetime) -> AuditRun:
    """A verification that the schedule asks for."""
    run = AuditRun(kind="verify", state="running", actor=_kept(Actor.system("schedule")), requested_at=now)
    session.add(run)
    session.flush()
    return run


def actor_of(run: AuditRun) -> Actor:
    """Who asked, for the record of the result."""
    kept: dict[str, Any] = run.actor
    return Actor(
        account_id=_id(kept["account_id"]),
        person_id=_id(kept["person_id"]),
        organ_id=_id(kept["organ_id"]),
        name=kept["name"],
        organ_name=kept["organ_name"],
        roles=tuple(kept["roles"]),
    )


def _id(text: str | None) -> UUID | None:
    return UUID(text) if text else None


def _kept(actor: Actor) -> dict[str, Any]:
    return {
        "account_id": str(actor.account_id) if actor.account_id else None,
        "person_id": str(actor.person_id) if actor.person_id else None,
        "organ_id": str(actor.organ_id) if actor.organ_id else None,
        "name": actor.name,
        "organ_name": actor.organ_name,
        "roles": list(actor.roles),
    }
