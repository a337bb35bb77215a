"""Beside a request: what its paper says, the duty to supply, the telephone call, the individual's viewing, papers seen.

Each hangs on its request alone: who sees that sees these, in the database too.
"""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, Date, DateTime, ForeignKey, Index, SmallInteger, String, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base, one_of
from portal.core.ids import new_id
from portal.evidence.values.asks import Completeness, Failing
from portal.evidence.values.facts import Interest, Proof


class RequestFacts(Base):
    """What the paper says beside its number, and who undertook what. Frozen with the request when it is submitted.

    Of a secret case the items and what was done at once lie sealed in `sealed`.
    """

    __tablename__ = "footage_request_facts"
    __table_args__ = (
        CheckConstraint(f"proof is null or {one_of('proof', Proof)}", name="proof"),
        CheckConstraint(f"interest is null or {one_of('interest', Interest)}", name="interest"),
        CheckConstraint("sealed is null or (items = '' and done_at_once = '')", name="secret_is_sealed"),
        CheckConstraint("(undertaking = '') = (undertaken_name = '')", name="undertaken"),
    )

    request_id: Mapped[UUID] = mapped_column(ForeignKey("footage_request.id", ondelete="CASCADE"), primary_key=True)
    issued_on: Mapped[date | None] = mapped_column(Date)
    approver: Mapped[str] = mapped_column(String(120), default="", server_default="")
    items: Mapped[str] = mapped_column(Text, default="", server_default="")
    caller: Mapped[str] = mapped_column(String(120), default="", server_default="")
    call_back: Mapped[str] = mapped_column(String(40), default="", server_default="")
    done_at_once: Mapped[str] = mapped_column(String(400), default="", server_default="")
    sealed: Mapped[str | None] = mapped_column(Text)
    proof: Mapped[str | None] = mapped_column(String(24))
    interest: Mapped[str | None] = mapped_column(String(12))
    undertaking: Mapped[str] = mapped_column(String(12), default="", server_default="")
    undertaken_name: Mapped[str] = mapped_column(String(40), default="", server_default="")


class SupplyDuty(Base):
    """A notice was served: the unit owes what it names by a day (criminal procedure law art. 54; Anyang art. 12)."""

    __tablename__ = "footage_supply"
    __table_args__ = (
        CheckConstraint(f"completeness is null or {one_of('completeness', Completeness)}", name="completeness"),
        CheckConstraint("(completeness is null) = (stated_at is null)", name="stated"),
        CheckConstraint("supplied_at is null or stated_at is not null", name="stated_first"),
        Index("ix_footage_supply_open", "due_at", postgresql_where=text("supplied_at is null")),
    )

    request_id: Mapped[UUID] = mapped_column(ForeignKey("footage_request.id"), primary_key=True)
    served_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    due_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    due_why: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    acknowledged_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    acknowledged_name: Mapped[str] = mapped_column(String(40), default="", server_default="")
    acknowledged_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    completeness: Mapped[str | None] = mapped_column(String(8))
    gaps: Mapped[list[dict[str, str]]] = mapped_column(JSONB, default=list, server_default="[]")
    stated_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    stated_name: Mapped[str] = mapped_column(String(40), default="", server_default="")
    stated_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    explanation: Mapped[str] = mapped_column(String(800), default="", server_default="")
    supplied_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class SupplyFailing(Base):
    """The unit was late, or refused. Written down as it happened and never changed; it is nobody's decision."""

    __tablename__ = "footage_failing"
    __table_args__ = (
        CheckConstraint(one_of("kind", Failing), name="kind"),
        Index("uq_footage_failing_once", "request_id", "kind", unique=True),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    request_id: Mapped[UUID] = mapped_column(ForeignKey("footage_request.id"))
    kind: Mapped[str] = mapped_column(String(8))
    note: Mapped[str] = mapped_column(String(400), default="", server_default="")
    recorded_name: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class UrgentCall(Base):
    """An urgent request by telephone: the caller verified by calling back, the paper that follows and its comparison."""

    __tablename__ = "footage_call"
    __table_args__ = (
        CheckConstraint("(verified_at is null) = (verified_by is null)", name="verified"),
        CheckConstraint("(arrived_at is null) = (document_id is null)", name="arrived"),
        CheckConstraint("(matches is null) = (compared_at is null)", name="compared"),
        CheckConstraint("compared_at is null or arrived_at is not null", name="arrived_first"),
        CheckConstraint("matches is distinct from false or differences <> ''", name="differences"),
        Index("ix_footage_call_open", "paper_due_on", postgresql_where=text("arrived_at is null")),
    )

    request_id: Mapped[UUID] = mapped_column(ForeignKey("footage_request.id"), primary_key=True)
    called_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    verified_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    verified_name: Mapped[str] = mapped_column(String(40), default="", server_default="")
    verified_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    verified_how: Mapped[str] = mapped_column(String(200), default="", server_default="")
    paper_due_on: Mapped[date | None] = mapped_column(Date)
    paper_due_why: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    document_id: Mapped[UUID | None] = mapped_column(ForeignKey("footage_request_document.id"))
    paper_number: Mapped[str] = mapped_column(String(80), default="", server_default="")
    paper_issued_on: Mapped[date | None] = mapped_column(Date)
    arrived_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    matches: Mapped[bool | None] = mapped_column(Boolean)
    differences: Mapped[str] = mapped_column(String(400), default="", server_default="")
    compared_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    compared_name: Mapped[str] = mapped_column(String(40), default="", server_default="")
    compared_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class IndividualViewing(Base):
    """An individual under Decree 799 art. 21: who looked at their papers, by when it is decided, when they view and
    under whose eyes."""

    __tablename__ = "footage_viewing"
    __table_args__ = (
        CheckConstraint("(proved_at is null) = (proved_by is null)", name="proved"),
        CheckConstraint("(extended_at is null) = (extension_reason = '')", name="extended"),
        CheckConstraint(
            "appointed_for is null or (supervisor_id is not null and privacy <> '' and place <> '')", name="appointed"
        ),
    )

    request_id: Mapped[UUID] = mapped_column(ForeignKey("footage_request.id"), primary_key=True)
    decide_why: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    proved_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    proved_name: Mapped[str] = mapped_column(String(40), default="", server_default="")
    proved_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    extension_reason: Mapped[str] = mapped_column(String(400), default="", server_default="")
    extended_name: Mapped[str] = mapped_column(String(40), default="", server_default="")
    extended_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    appointed_for: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    place: Mapped[str] = mapped_column(String(120), default="", server_default="")
    supervisor_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    supervisor_name: Mapped[str] = mapped_column(String(40), default="", server_default="")
    privacy: Mapped[str] = mapped_column(String(400), default="", server_default="")
    appointed_name: Mapped[str] = mapped_column(String(40), default="", server_default="")
    appointed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class IdentitySeen(Base):
    """Somebody of the unit looked at the paper a person showed; its kind and number stand with the person."""

    __tablename__ = "footage_identity_seen"

    request_id: Mapped[UUID] = mapped_column(ForeignKey("footage_request.id"), primary_key=True)
    place: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    seen_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    seen_name: Mapped[str] = mapped_column(String(40))
    seen_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
