"""Firms that design, build, maintain and supervise, what qualifies them, and whom they sent to which system.

A firm and its certificates are facts of the firm: every unit reads the same register. Which unit engaged whom, the
scans it was shown and the people it was sent are that unit's own, in tables of their own under row-level security.
"""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Date, DateTime, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.db import Base, one_of
from portal.core.ids import new_id
from portal.registry.models.columns import IN_ORDER, Lasting, Placed, one_at_a_time
from portal.registry.values.archive import ContractorKind, TechnicianRole


class Contractor(Base):
    """REG-10, REG-16: a firm, known by its credit code. `entered_by` may correct it, and any registrar."""

    __tablename__ = "contractor"
    __table_args__ = (
        CheckConstraint(
            f"cardinality(kinds) > 0 and kinds <@ array[{', '.join(repr(str(kind)) for kind in ContractorKind)}]::varchar[]",
            name="kinds",
        ),
        Index("ix_contractor_name_trgm", "name", postgresql_using="gin", postgresql_ops={"name": "gin_trgm_ops"}),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    uscc: Mapped[str] = mapped_column(String(18), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    kinds: Mapped[list[str]] = mapped_column(ARRAY(String(12)))
    address: Mapped[str] = mapped_column(String(200), default="", server_default="")
    entered_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    version: Mapped[int] = mapped_column(Integer)

    qualifications: Mapped[list["Qualification"]] = relationship(
        lazy="raise", order_by=lambda: (Qualification.kind, Qualification.valid_to.desc())
    )
    __mapper_args__ = {"version_id_col": version}


class Qualification(Lasting, Base):
    """A certificate of a firm for one kind of work: number, grade, validity."""

    __tablename__ = "qualification"
    __table_args__ = (
        CheckConstraint(one_of("kind", ContractorKind), name="kind"),
        CheckConstraint(IN_ORDER, name="period"),
        UniqueConstraint("contractor_id", "kind", "number", name="uq_qualification_number"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    contractor_id: Mapped[UUID] = mapped_column(ForeignKey("contractor.id"))
    kind: Mapped[str] = mapped_column(String(12))
    number: Mapped[str] = mapped_column(String(60))
    grade: Mapped[str] = mapped_column(String(20), default="", server_default="")
    issuer: Mapped[str] = mapped_column(String(80), default="", server_default="")
    entered_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    version: Mapped[int] = mapped_column(Integer)

    __mapper_args__ = {"version_id_col": version}


class QualificationPaper(Placed, Base):
    """The scan of a certificate that one unit was shown. Other units read the certificate's facts, never this file."""

    __tablename__ = "qualification_paper"

    qualification_id: Mapped[UUID] = mapped_column(ForeignKey("qualification.id"), primary_key=True)
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    stored_file_id: Mapped[UUID] = mapped_column(ForeignKey("stored_file.id"))
    added_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class Engagement(Lasting, Placed, Base):
    """A firm's work on a system, of one kind, for a time."""

    __tablename__ = "engagement"
    __table_args__ = (
        CheckConstraint(one_of("kind", ContractorKind), name="kind"),
        CheckConstraint(IN_ORDER, name="period"),
        one_at_a_time("engagement", "system_id", "contractor_id", "kind"),
        Index("ix_engagement_contractor_id", "contractor_id"),
        Index("ix_engagement_unit_id", "unit_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    system_id: Mapped[UUID] = mapped_column(ForeignKey("system.id"), index=True)
    contractor_id: Mapped[UUID] = mapped_column(ForeignKey("contractor.id"))
    kind: Mapped[str] = mapped_column(String(12))
    contract_number: Mapped[str] = mapped_column(String(60), default="", server_default="")
    note: Mapped[str] = mapped_column(String(200), default="", server_default="")
    version: Mapped[int] = mapped_column(Integer)

    contractor: Mapped[Contractor] = relationship(lazy="raise")
    technicians: Mapped[list["EngagementTechnician"]] = relationship(
        lazy="raise", order_by=lambda: (EngagementTechnician.valid_from, EngagementTechnician.id)
    )
    __mapper_args__ = {"version_id_col": version}


class Technician(Placed, Base):
    """A person of a firm as one unit was shown them. The identity number is sealed; its keyed index keeps a unit from
    entering one person twice, and tells nobody else anything."""

    __tablename__ = "technician"
    __table_args__ = (
        UniqueConstraint("unit_id", "contractor_id", "id_number_index", name="uq_technician_person"),
        Index("ix_technician_contractor_id", "contractor_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    contractor_id: Mapped[UUID] = mapped_column(ForeignKey("contractor.id"))
    name: Mapped[str] = mapped_column(String(40))
    id_number_sealed: Mapped[str] = mapped_column(String(400))
    id_number_masked: Mapped[str] = mapped_column(String(20))
    id_number_index: Mapped[str] = mapped_column(String(120))
    certificate: Mapped[str] = mapped_column(String(60), default="", server_default="")
    certificate_number: Mapped[str] = mapped_column(String(60), default="", server_default="")
    certificate_to: Mapped[date | None] = mapped_column(Date)
    version: Mapped[int] = mapped_column(Integer)

    __mapper_args__ = {"version_id_col": version}


class EngagementTechnician(Lasting, Placed, Base):
    """A named technician's part in an engagement, for a time."""

    __tablename__ = "engagement_technician"
    __table_args__ = (
        CheckConstraint(one_of("role", TechnicianRole), name="role"),
        CheckConstraint(IN_ORDER, name="period"),
        one_at_a_time("engagement_technician", "engagement_id", "technician_id", "role"),
        Index("ix_engagement_technician_technician_id", "technician_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    engagement_id: Mapped[UUID] = mapped_column(ForeignKey("engagement.id"), index=True)
    technician_id: Mapped[UUID] = mapped_column(ForeignKey("technician.id"))
    role: Mapped[str] = mapped_column(String(16))

    technician: Mapped[Technician] = relationship(lazy="raise")
