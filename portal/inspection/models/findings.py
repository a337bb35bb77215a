"""What an inspection found short, and how the unit cured it."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Date, DateTime, ForeignKey, Index, SmallInteger, String, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.db import Base, one_of
from portal.core.ids import new_id
from portal.inspection.models.acceptances import Acceptance
from portal.inspection.states import FindingStatus, Severity
from portal.registry.models import System, Unit
from portal.regulation.schema.base import Text as Wording


class Finding(Base):
    """An item that fell short at a visit: what was found, how grave it is, until when it is to be cured. One that a
    routine visit found names no acceptance: it is the unit's, of whichever system, and a matter of the organ that looked.

    `item` and `list_key` say which line of which list, `asked` what the line asks in both languages, as it stood then.
    A finding whose item falls short again at the re-inspection is closed there and names the one that follows it.
    """

    __tablename__ = "inspection_finding"
    __table_args__ = (
        CheckConstraint(one_of("severity", Severity), name="severity"),
        CheckConstraint(one_of("status", FindingStatus), name="status"),
        CheckConstraint("(status = 'closed') = (closed_on is not null)", name="closed"),
        CheckConstraint("num_nulls(acceptance_id, visit_id, system_id) in (0, 3)", name="origin"),
        Index("uq_inspection_finding_visit_id_item", "visit_id", "item", unique=True),
        Index("ix_inspection_finding_acceptance_id", "acceptance_id"),
        Index("ix_inspection_finding_unit_id_id", "unit_id", "id"),
        Index("ix_inspection_finding_district_status_id", "district", "status", "id"),
        Index(
            "ix_inspection_finding_owed_due_on",
            "due_on",
            "id",
            postgresql_where=text("status in ('open','returned')"),
        ),
        Index("ix_inspection_finding_stated_on", "stated_on"),
        Index("ix_inspection_finding_list_key_item", "list_key", "item"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    acceptance_id: Mapped[UUID | None] = mapped_column(ForeignKey("acceptance.id"))
    visit_id: Mapped[UUID | None] = mapped_column(ForeignKey("visit.id"))
    system_id: Mapped[UUID | None] = mapped_column(ForeignKey("system.id"))
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    district: Mapped[str] = mapped_column(String(6))
    organ_id: Mapped[UUID] = mapped_column(ForeignKey("organ.id"))
    list_key: Mapped[str] = mapped_column(String(60))
    item: Mapped[str] = mapped_column(String(60))
    number: Mapped[int] = mapped_column(SmallInteger)
    asked: Mapped[dict[str, Any]] = mapped_column(JSONB)
    found: Mapped[str] = mapped_column(Text)
    severity: Mapped[str] = mapped_column(String(10))
    status: Mapped[str] = mapped_column(String(10), default=FindingStatus.OPEN, server_default="open")
    stated_on: Mapped[date] = mapped_column(Date)
    due_on: Mapped[date | None] = mapped_column(Date)
    due_why: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    closed_on: Mapped[date | None] = mapped_column(Date)
    followed_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("inspection_finding.id"))
    version: Mapped[int] = mapped_column()

    acceptance: Mapped[Acceptance | None] = relationship(lazy="raise")
    system: Mapped[System | None] = relationship(lazy="raise")
    unit: Mapped[Unit] = relationship(lazy="raise")
    cures: Mapped[list["FindingCure"]] = relationship(lazy="raise", order_by="FindingCure.id")
    __mapper_args__ = {"version_id_col": version}

    @property
    def where(self) -> str:
        """What it was found at: a system, or the unit as a whole."""
        return self.system.name if self.system else self.unit.name

    @property
    def asks(self) -> Wording:
        """What the line of the list asks, in both languages."""
        return Wording(**self.asked)


class FindingCure(Base):
    """One report of the unit that a finding is cured, and what the organ said to it. Each round stays readable."""

    __tablename__ = "finding_cure"
    __table_args__ = (
        CheckConstraint("accepted is null or decided_at is not null", name="decided"),
        Index("uq_finding_cure_waiting", "finding_id", unique=True, postgresql_where=text("decided_at is null")),
        Index("ix_finding_cure_finding_id", "finding_id", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    finding_id: Mapped[UUID] = mapped_column(ForeignKey("inspection_finding.id"))
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    district: Mapped[str] = mapped_column(String(6))
    words: Mapped[str] = mapped_column(Text)
    cured_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    cured_by_name: Mapped[str] = mapped_column(String(40))
    cured_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    accepted: Mapped[bool | None] = mapped_column()
    decision: Mapped[str] = mapped_column(Text, default="", server_default="")
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    decided_by_name: Mapped[str] = mapped_column(String(40), default="", server_default="")
    decided_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    proofs: Mapped[list["FindingProof"]] = relationship(lazy="raise", order_by="FindingProof.id")


class FindingProof(Base):
    """A photo or paper that shows the cure. Its bytes lie in the vault."""

    __tablename__ = "finding_proof"
    __table_args__ = (Index("ix_finding_proof_cure_id", "cure_id", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    cure_id: Mapped[UUID] = mapped_column(ForeignKey("finding_cure.id"))
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    district: Mapped[str] = mapped_column(String(6))
    stored_file_id: Mapped[UUID] = mapped_column(ForeignKey("stored_file.id"), unique=True)
