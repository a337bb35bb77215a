"""Runs of approval chains and the decisions in them."""

from collections.abc import Sequence
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.db import Base, one_of
from portal.core.ids import new_id
from portal.regulation.schema import ApprovalChain
from portal.workflow.states import VOIDING, RunStatus, Verdict
from portal.workflow.values import DecisionFact, Party, Proof

_STATUSES = ", ".join(repr(str(status)) for status in RunStatus)
_VERDICTS = ", ".join(repr(str(verdict)) for verdict in Verdict)
_PASSING = "verdict in ('approve', 'acknowledge')"


class ApprovalRun(Base):
    """One submission on its way through a chain.

    The whole chain is frozen into the row, so a later edit of the regulation never rewrites what was asked for.
    The `awaits_*` columns repeat the current step, so that a person's queue is one indexed query.
    """

    __tablename__ = "approval_run"
    __table_args__ = (
        CheckConstraint(f"status in ({_STATUSES})", name="status"),
        CheckConstraint("(status = 'running') = (ended_at is null)", name="ended"),
        CheckConstraint("(status = 'running') = (awaits_step is not null)", name="awaits"),
        UniqueConstraint("id", "requester_id", name="uq_approval_run_requester"),
        # A thing is before one set of approvers at a time, however often it is submitted.
        Index(
            "uq_approval_run_running", "subject_kind", "subject_id", unique=True, postgresql_where=text("status = 'running'")
        ),
        Index("ix_approval_run_subject", "subject_kind", "subject_id", "started_at"),
        Index("ix_approval_run_due", "step_due_at", postgresql_where=text("status = 'running'")),
        Index(
            "ix_approval_run_awaits", "awaits_permission", "awaits_unit_id", "awaits_organ_id",
            postgresql_where=text("status = 'running'"),
        ),
    )  # fmt: skip

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    subject_kind: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[UUID] = mapped_column(Uuid)
    chain_key: Mapped[str] = mapped_column(String(80))
    chain: Mapped[dict[str, Any]] = mapped_column(JSONB)
    chain_digest: Mapped[str] = mapped_column(String(64))
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB)
    status: Mapped[str] = mapped_column(String(12), default=RunStatus.RUNNING)
    confidential: Mapped[bool] = mapped_column(Boolean, default=False, server_default="false")
    requester_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    excluded_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid), default=list, server_default="{}")
    unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("unit.id"))
    requester_organ_id: Mapped[UUID | None] = mapped_column(ForeignKey("organ.id"))
    organ_id: Mapped[UUID | None] = mapped_column(ForeignKey("organ.id"))
    awaits_step: Mapped[str | None] = mapped_column(String(80))
    awaits_permission: Mapped[str | None] = mapped_column(String(80))
    awaits_post: Mapped[str | None] = mapped_column(String(80))
    awaits_unit_id: Mapped[UUID | None] = mapped_column(Uuid)
    awaits_organ_id: Mapped[UUID | None] = mapped_column(Uuid)
    step_since: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    step_due_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    started_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    ended_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    ended_reason: Mapped[str] = mapped_column(String(400), default="", server_default="")
    decisions: Mapped[list["ApprovalDecision"]] = relationship(
        order_by="ApprovalDecision.seq", lazy="raise", back_populates="run"
    )

    @cached_property
    def frozen_chain(self) -> ApprovalChain:
        """The chain as it read when the run started."""
        return ApprovalChain.model_validate(self.chain)

    @property
    def running(self) -> bool:
        """Whether somebody is still to decide."""
        return self.status == RunStatus.RUNNING

    @property
    def voided(self) -> bool:
        """Whether the approvals given in it count no more."""
        return self.status in VOIDING

    @property
    def party(self) -> Party:
        """Whom the run is bound to."""
        return Party(
            requester_id=self.requester_id,
            unit_id=self.unit_id,
            requester_organ_id=self.requester_organ_id,
            organ_id=self.organ_id,
            excluded=frozenset(self.excluded_ids),
        )


class ApprovalDecision(Base):
    """One verdict by one person. Never updated nor deleted: a return later on voids it, and both stay readable."""

    __tablename__ = "approval_decision"
    __table_args__ = (
        CheckConstraint(f"verdict in ({_VERDICTS})", name="verdict"),
        CheckConstraint("person_id <> requester_id", name="not_the_requester"),
        CheckConstraint("comment is null or comment_sealed is null", name="one_comment"),
        CheckConstraint("(behalf_id is null) = (delegation_id is null)", name="by_appointment"),
        CheckConstraint("behalf_id is null or behalf_id not in (requester_id, person_id)", name="behalf"),
        CheckConstraint(f"signed_with is null or {one_of('signed_with', Proof)}", name="signed_with"),
        ForeignKeyConstraint(
            ["run_id", "requester_id"], ["approval_run.id", "approval_run.requester_id"], name="fk_approval_decision_run"
        ),
        UniqueConstraint("run_id", "seq", name="uq_approval_decision_seq"),
        Index("ix_approval_decision_decided", "decided_at", "id"),
        # Two approvers at once: the second finds the slot taken, whatever the code above believed.
        Index(
            "uq_approval_decision_slot", "run_id", "step_key", "slot", unique=True, postgresql_where=text(_PASSING)
        ),
        Index(
            "uq_approval_decision_person_step", "run_id", "step_key", "person_id", unique=True,
            postgresql_where=text(_PASSING),
        ),
        Index(
            "uq_approval_decision_distinct", "run_id", "person_id", unique=True,
            postgresql_where=text(f"{_PASSING} and distinct_people"),
        ),
        Index(
            "uq_approval_decision_behalf", "run_id", "behalf_id", unique=True,
            postgresql_where=text(f"{_PASSING} and distinct_people and behalf_id is not null"),
        ),
    )  # fmt: skip

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    run_id: Mapped[UUID] = mapped_column(Uuid)
    requester_id: Mapped[UUID] = mapped_column(Uuid)
    seq: Mapped[int] = mapped_column(SmallInteger)
    step_key: Mapped[str] = mapped_column(String(80))
    slot: Mapped[int] = mapped_column(SmallInteger)
    distinct_people: Mapped[bool] = mapped_column(Boolean)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    person_name: Mapped[str] = mapped_column(String(40))
    post: Mapped[str | None] = mapped_column(String(80))
    behalf_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    behalf_name: Mapped[str] = mapped_column(String(40), default="", server_default="")
    delegation_id: Mapped[UUID | None] = mapped_column(ForeignKey("post_delegation.id"))
    signed_with: Mapped[str | None] = mapped_column(String(12))
    verdict: Mapped[str] = mapped_column(String(12))
    comment: Mapped[str | None] = mapped_column(Text)
    comment_sealed: Mapped[str | None] = mapped_column(Text)
    decided_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    run: Mapped[ApprovalRun] = relationship(lazy="raise", back_populates="decisions")

    @property
    def fact(self) -> DecisionFact:
        """The verdict as the rules judge it."""
        return DecisionFact(self.step_key, self.person_id, Verdict(self.verdict), self.behalf_id)


def facts_of(decisions: Sequence[ApprovalDecision]) -> list[DecisionFact]:
    """Decisions as the rules judge them, in order."""
    return [decision.fact for decision in decisions]
