"""The only writer of audit rows."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from portal.audit.models import AuditStage
from portal.audit.rules.canonical import clean_text, id_text
from portal.audit.rules.entry import encode_changes
from portal.audit.values import Actor, FieldChange, Outcome, SubjectRef, declared
from portal.core.crypto import Envelope, row_context
from portal.core.db import mark_audited
from portal.core.ids import new_id
from portal.core.services import services

# Kinds of row whose past versions a trigger keeps, together with who ended them and why.
_KEPT = frozenset({"camera", "system", "unit"})


def speak_for(session: Session, actor: Actor, reason: str | None = None) -> None:
    """Tell the triggers that keep past versions who acts in this transaction, and why.

    `record` says it by itself; an operation that flushes its change before it records says it first.
    """
    session.connection().execute(
        text("select set_config('portal.actor', :actor, true), set_config('portal.reason', :reason, true)"),
        {"actor": _short(actor.name, 120), "reason": clean_text(reason or "")},
    )


def record(
    session: Session,
    *,
    actor: Actor,
    tag: str,
    subject: SubjectRef,
    unit_id: UUID | None = None,
    district: str | None = None,
    reason: str | None = None,
    secret: bool = False,
    outcome: Outcome | str = Outcome.OK,
    changes: Sequence[FieldChange] | None = None,
    now: datetime,
) -> UUID:
    """Add one act to the log in the caller's transaction: either both are committed or neither is.

    `secret` keeps the reason as an encrypted envelope with a keyed digest; the sealed bytes then hold no readable
    reason, and destroying the key later leaves the proof intact. Raises UnknownTag for an act nobody declared.
    """
    act = declared(str(tag))
    key = new_id()
    sealed, digest = (None, None)
    if reason is not None and secret:
        sealed, digest = _sealed_reason(services(session).envelope, reason, key)
    row = {
        **_actor_columns(actor),
        "id": key,
        "at": now,
        "tag": str(act),
        "subject_kind": _short(subject.kind, 40),
        "subject_id": id_text(subject.id),
        "subject_label": _short(subject.label, 200),
        "unit_id": unit_id,
        "district": district,
        "outcome": str(Outcome(outcome)),
        "reason": None if reason is None or secret else clean_text(reason),
        "reason_sealed": sealed,
        "reason_digest": digest,
        "changes": _encoded(session, subject, changes),
    }
    # Past the session's own execute: its bulk-change guard asks for the record that this statement is.
    session.connection().execute(insert(AuditStage).values(row))
    if subject.kind in _KEPT and not act.sensitive_read:
        speak_for(session, actor, None if secret else reason)
    mark_audited(session)
    return key


def _actor_columns(actor: Actor) -> dict[str, object]:
    return {
        "actor_person": actor.person_id,
        "actor_account": actor.account_id,
        "actor_name": _short(actor.name, 120),
        "actor_organ": actor.organ_id,
        "actor_organ_name": _short(actor.organ_name, 120),
        "actor_roles": sorted(str(role) for role in actor.roles),
        "session_id": actor.session_id,
        "request_id": _short(actor.request_id, 64),
        "address": _short(actor.address, 64),
    }


def _sealed_reason(envelope: Envelope, reason: str, key: UUID) -> tuple[str, str]:
    plain = clean_text(reason)
    sealed = envelope.seal(plain.encode(), context=row_context("audit_stage", "reason", key))
    return sealed, envelope.blind_index(plain, "audit_stage.reason")


def _encoded(session: Session, subject: SubjectRef, changes: Sequence[FieldChange] | None) -> list[object] | None:
    if not changes:
        return None

    def digest(name: str, text: str) -> str:
        return services(session).envelope.blind_index(text, f"audit.{subject.kind}.{name}")

    return list(encode_changes(changes, digest))


def _short(text: str, limit: int) -> str:
    """A label is cut rather than refused: an overlong name must never keep an act from being recorded."""
    cleaned = clean_text(text)
    return cleaned if len(cleaned) <= limit else cleaned[: limit - 1] + "…"
