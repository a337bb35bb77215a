"""record_and_seal(): no secret is shown before the record of showing it stands where nobody can take it back."""

import time
from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from portal.audit.operations.recording import record
from portal.audit.operations.sealing import CHANNEL
from portal.audit.queries.export import entry_proof
from portal.audit.queries.outside import outside_of
from portal.audit.values import Actor, FieldChange, Outcome, SubjectRef
from portal.core.db import Database
from portal.core.errors import Unavailable
from portal.core.scope import EVERYTHING
from portal.core.services import services

PATIENCE: Final = 8.0
_STEP: Final = 0.02
_SEALED = text(
    "select e.seq from audit_entry e where e.stage_id = :id "
    "and exists (select from audit_checkpoint c where c.size >= e.seq)"
)


def record_and_seal(
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
    """Record a reveal in a transaction of its own, have it sealed and signed outside, and only then return.

    Call it before the secret is decrypted. The record stays even when the request fails afterwards: the log may say
    that something was shown which was not, never the other way round. Raises Unavailable (503) when the record cannot
    be written, or no signed checkpoint covers it in time.
    """
    database: Database = session.info["database"]
    try:
        with database.transaction(EVERYTHING) as own:
            key = record(
                own, actor=actor, tag=tag, subject=subject, unit_id=unit_id, district=district, reason=reason,
                secret=secret, outcome=outcome, changes=changes, now=now,
            )  # fmt: skip
            # Only reveals notify: a notification serialises commits, which plain records must never do.
            own.execute(text("select pg_notify(:channel, '')"), {"channel": CHANNEL})
        wait_until_sealed(database, key)
    except SQLAlchemyError as fault:
        raise Unavailable("audit_unavailable") from fault
    return key


def record_and_prove(
    session: Session,
    *,
    actor: Actor,
    tag: str,
    subject: SubjectRef,
    unit_id: UUID | None = None,
    changes: Sequence[FieldChange] | None = None,
    now: datetime,
) -> tuple[str, bytes]:
    """Record an act, have it sealed and signed outside, and answer the published key with the proof of the record.

    What leaves the portal carries the proof with it: the record, its path and the signed checkpoint, which the one-file
    verifiers check without the portal. Raises Unavailable like `record_and_seal`.
    """
    database: Database = session.info["database"]
    _places, verifier = outside_of(services(session))
    key = record_and_seal(session, actor=actor, tag=tag, subject=subject, unit_id=unit_id, changes=changes, now=now)
    seq = wait_until_sealed(database, key)
    with database.transaction(EVERYTHING) as looking:
        return verifier.text, entry_proof(looking.connection(), seq=seq)


def wait_until_sealed(database: Database, key: UUID, *, patience: float = PATIENCE) -> int:
    """The entry's sequence number, once a checkpoint outside covers it. Raises Unavailable."""
    deadline = time.monotonic() + patience
    pause = _STEP
    while True:
        with database.transaction(EVERYTHING) as looking:
            seq: int | None = looking.scalar(_SEALED, {"id": key})
        if seq is not None:
            return seq
        if time.monotonic() >= deadline:
            raise Unavailable("audit_not_sealed")
        time.sleep(pause)
        pause = min(pause * 1.5, 0.25)
