"""Tables of the log. The application only inserts into the stage; the sealer only inserts into the other three."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    Index,
    LargeBinary,
    SmallInteger,
    String,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base
from portal.core.ids import new_id


class AuditStage(Base):
    """One act, written in the transaction of the act itself. Readers list this table; proofs come from AuditEntry.

    `txid` lets the sealer see which transactions may still be running when it takes the rows in order.
    """

    __tablename__ = "audit_stage"
    __audited__ = False
    __table_args__ = (
        CheckConstraint("outcome in ('ok', 'denied', 'failed')", name="outcome"),
        CheckConstraint("tag ~ '^[a-z][a-z0-9_]*:[a-z][a-z0-9_]*:[a-z][a-z0-9_]*$'", name="tag"),
        CheckConstraint("(reason_sealed is null) = (reason_digest is null)", name="reason_digest"),
        Index("ix_audit_stage_at_id", "at", "id"),
        Index("ix_audit_stage_subject", "subject_id", "at", "id"),
        Index("ix_audit_stage_person", "actor_person", "at", "id"),
        Index("ix_audit_stage_name", "actor_name", "at", "id"),
        Index("ix_audit_stage_unit", "unit_id", "at", "id"),
        Index("ix_audit_stage_tag", "tag", "at", "id"),
        Index("ix_audit_stage_not_ok", "at", "id", postgresql_where=text("outcome <> 'ok'")),
        Index("ix_audit_stage_txid_id", "txid", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    txid: Mapped[int] = mapped_column(BigInteger, server_default=text("(pg_current_xact_id()::text::bigint)"))
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    actor_person: Mapped[UUID | None]
    actor_account: Mapped[UUID | None]
    actor_name: Mapped[str] = mapped_column(String(120))
    actor_organ: Mapped[UUID | None]
    actor_organ_name: Mapped[str] = mapped_column(String(120), server_default="")
    actor_roles: Mapped[list[str]] = mapped_column(ARRAY(String(40)))
    session_id: Mapped[UUID | None]
    request_id: Mapped[str] = mapped_column(String(64), server_default="")
    address: Mapped[str] = mapped_column(String(64), server_default="")
    tag: Mapped[str] = mapped_column(String(122))
    subject_kind: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[str | None] = mapped_column(String(80))
    subject_label: Mapped[str] = mapped_column(String(200), server_default="")
    unit_id: Mapped[UUID | None]
    district: Mapped[str | None] = mapped_column(String(12))
    outcome: Mapped[str] = mapped_column(String(8))
    reason: Mapped[str | None] = mapped_column(Text)
    reason_sealed: Mapped[str | None] = mapped_column(Text)
    reason_digest: Mapped[str | None] = mapped_column(String(100))
    changes: Mapped[list[Any] | None] = mapped_column(JSONB(none_as_null=True))


class AuditEntry(Base):
    """One sealed act: its number, its exact bytes and the hashes over them. `body` is null only where a restore lost
    the bytes and the hash came back from the mirror outside the database.
    """

    __tablename__ = "audit_entry"
    __audited__ = False
    __table_args__ = (
        CheckConstraint("seq > 0", name="seq"),
        CheckConstraint("octet_length(leaf) = 32 and octet_length(chain) = 32", name="hash_length"),
        CheckConstraint("(stage_id is null) = (body is null)", name="lost"),
    )

    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    # No foreign key: its check would lock, and so rewrite, each staged row. Neither side can be removed anyway.
    stage_id: Mapped[UUID | None] = mapped_column(unique=True)
    body: Mapped[bytes | None] = mapped_column(LargeBinary)
    leaf: Mapped[bytes] = mapped_column(LargeBinary)
    chain: Mapped[bytes] = mapped_column(LargeBinary)


class AuditNode(Base):
    """Root of a perfect subtree of at least 256 entries, so that a proof reads hundreds of rows, not millions."""

    __tablename__ = "audit_node"
    __audited__ = False
    __table_args__ = (CheckConstraint("octet_length(hash) = 32", name="hash_length"),)

    level: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    place: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    hash: Mapped[bytes] = mapped_column(LargeBinary)


class AuditCheckpoint(Base):
    """A signed checkpoint, as it was written to the places outside; those copies are the proof, this one is a record.

    `drained_below`: every act of a smaller transaction id had been sealed by then, so that a sealer that starts again
    need not look through the whole stage.
    """

    __tablename__ = "audit_checkpoint"
    __audited__ = False
    __table_args__ = (CheckConstraint("size >= 0", name="size"),)

    size: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    root: Mapped[bytes] = mapped_column(LargeBinary)
    chain: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    note: Mapped[str] = mapped_column(Text)
    drained_below: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")


class AuditRun(Base):
    """A verification or an export that somebody asked for, with how far it is and what came of it.

    Bookkeeping beside the log: asking and the result are recorded in the log itself.
    """

    __tablename__ = "audit_run"
    __audited__ = False
    __table_args__ = (
        CheckConstraint("kind in ('verify', 'export')", name="kind"),
        CheckConstraint("state in ('waiting', 'running', 'done', 'failed')", name="state"),
        CheckConstraint("kind = 'verify' or (first is not null and last >= first)", name="range"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(String(8))
    state: Mapped[str] = mapped_column(String(8), default="waiting", server_default="waiting")
    actor: Mapped[dict[str, Any]] = mapped_column(JSONB)
    reason: Mapped[str | None] = mapped_column(Text)
    first: Mapped[int | None] = mapped_column(BigInteger)
    last: Mapped[int | None] = mapped_column(BigInteger)
    checked: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    total: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    first_bad: Mapped[int | None] = mapped_column(BigInteger)
    problem: Mapped[str] = mapped_column(String(40), default="", server_default="")
    signed: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    root: Mapped[str] = mapped_column(String(64), default="", server_default="")
    file_sha256: Mapped[str | None] = mapped_column(String(64))
    file_size: Mapped[int | None] = mapped_column(BigInteger)
    requested_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    finished_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
