"""Keeping the result of a verification in the log itself."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.audit.operations.recording import record
from portal.audit.values import LOG_VERIFY, Actor, FieldChange, Outcome, SubjectRef, Verdict


def record_verdict(session: Session, *, actor: Actor, verdict: Verdict, now: datetime) -> UUID:
    """Record that the log was verified, how far, and with what result."""
    changes = [
        FieldChange(name="checked", new=verdict.checked),
        FieldChange(name="size", new=verdict.size),
        FieldChange(name="signed", new=verdict.checkpoint_size),
        FieldChange(name="root", new=verdict.root or None),
        FieldChange(name="first_bad", new=verdict.first_bad),
        FieldChange(name="problem", new=verdict.problem or None),
    ]
    return record(
        session,
        actor=actor,
        tag=LOG_VERIFY,
        subject=SubjectRef("audit_log", None, f"1–{verdict.checked}"),
        outcome=Outcome.OK if verdict.ok else Outcome.FAILED,
        changes=[change for change in changes if change.new is not None],
        now=now,
    )
