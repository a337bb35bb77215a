"""A conclusion that was asked to be set otherwise than the arithmetic gave it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.db import Base
from portal.core.ids import new_id
from portal.inspection.models.acceptances import Acceptance


class ConclusionOverride(Base):
    """One inspector asks with his reason, a second person decides (ACC-05). Undecided while `approved` is empty."""

    __tablename__ = "conclusion_override"
    __table_args__ = (
        CheckConstraint("decided_by is null or decided_by <> asked_by", name="second_person"),
        CheckConstraint("(approved is null) = (decided_at is null)", name="decided"),
        CheckConstraint("(approved is null) = (decided_by is null)", name="decider"),
        CheckConstraint("reason <> ''", name="reason"),
        CheckConstraint(
            "to_conclusion <> from_conclusion or to_grade is distinct from from_grade", name="other_result"
        ),
        Index(
            "uq_conclusion_override_pending", "acceptance_id", unique=True, postgresql_where=text("approved is null")
        ),
        Index("ix_conclusion_override_acceptance_id", "acceptance_id", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    acceptance_id: Mapped[UUID] = mapped_column(ForeignKey("acceptance.id"))
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    district: Mapped[str] = mapped_column(String(6))
    from_conclusion: Mapped[str] = mapped_column(String(10))
    from_grade: Mapped[str | None] = mapped_column(String(20))
    to_conclusion: Mapped[str] = mapped_column(String(10))
    to_grade: Mapped[str | None] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(Text)
    asked_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    asked_by_name: Mapped[str] = mapped_column(String(40))
    asked_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    approved: Mapped[bool | None] = mapped_column()
    note: Mapped[str] = mapped_column(Text, default="", server_default="")
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    decided_by_name: Mapped[str] = mapped_column(String(40), default="", server_default="")
    decided_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    acceptance: Mapped[Acceptance] = relationship(lazy="raise")
