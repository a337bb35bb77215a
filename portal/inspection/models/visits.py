"""Visits on site: who goes when, what was judged, what was photographed."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Index,
    SmallInteger,
    String,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TSTZRANGE, ExcludeConstraint, Range
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.db import Base, one_of
from portal.core.ids import new_id
from portal.inspection.models.acceptances import Acceptance
from portal.inspection.states import Verdict, VisitStatus


class Visit(Base):
    """A visit on site. `unit_moves` counts how often the unit itself moved it or called it off; `overridden` names what
    spoke against it when the organ planned it all the same, for the reason beside it. `sequence` counts the changes a
    calendar must take notice of."""

    __tablename__ = "visit"
    __table_args__ = (
        CheckConstraint(one_of("status", VisitStatus), name="status"),
        CheckConstraint("ends_at > starts_at", name="period"),
        CheckConstraint("cardinality(overridden) = 0 or override_reason <> ''", name="override_reason"),
        Index("uq_visit_planned", "acceptance_id", unique=True, postgresql_where=text("status = 'planned'")),
        Index("ix_visit_acceptance_id", "acceptance_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    acceptance_id: Mapped[UUID] = mapped_column(ForeignKey("acceptance.id"))
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    district: Mapped[str] = mapped_column(String(6))
    starts_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    ends_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    status: Mapped[str] = mapped_column(String(10), default=VisitStatus.PLANNED, server_default="planned")
    note: Mapped[str] = mapped_column(Text, default="", server_default="")
    unit_moves: Mapped[int] = mapped_column(SmallInteger, default=0, server_default="0")
    overridden: Mapped[list[str]] = mapped_column(ARRAY(String(40)), default=list, server_default="{}")
    override_reason: Mapped[str] = mapped_column(Text, default="", server_default="")
    sequence: Mapped[int] = mapped_column(SmallInteger, default=0, server_default="0")
    acceptance: Mapped[Acceptance] = relationship(lazy="raise", viewonly=True)
    inspectors: Mapped[list["VisitInspector"]] = relationship(lazy="raise", cascade="all, delete-orphan")


class VisitInspector(Base):
    """An inspector's place in a visit, and the groups he stands for (GB 50348 ch. 10). The exclusion constraint makes a
    double booking impossible."""

    __tablename__ = "visit_inspector"
    __table_args__ = (
        ExcludeConstraint(
            ("person_id", "="), ("period", "&&"), name="ex_visit_inspector_double", where=text("not cancelled")
        ),
    )

    visit_id: Mapped[UUID] = mapped_column(ForeignKey("visit.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    district: Mapped[str] = mapped_column(String(6))
    name: Mapped[str] = mapped_column(String(40))
    period: Mapped[Range[datetime]] = mapped_column(TSTZRANGE)
    groups: Mapped[list[str]] = mapped_column(ARRAY(String(20)), default=list, server_default="{}")
    cancelled: Mapped[bool] = mapped_column(Boolean, default=False, server_default="false")


class Answer(Base):
    """The judgement of one item at one visit; `deductions` are points, as text, with their reasons."""

    __tablename__ = "visit_answer"
    __table_args__ = (CheckConstraint(one_of("verdict", Verdict), name="verdict"),)

    visit_id: Mapped[UUID] = mapped_column(ForeignKey("visit.id"), primary_key=True)
    item: Mapped[str] = mapped_column(String(60), primary_key=True)
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    district: Mapped[str] = mapped_column(String(6))
    verdict: Mapped[str] = mapped_column(String(16))
    deductions: Mapped[list[dict[str, str]]] = mapped_column(JSONB, default=list, server_default="[]")
    note: Mapped[str] = mapped_column(Text, default="", server_default="")
    answered_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    answered_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    entry_id: Mapped[UUID | None] = mapped_column(ForeignKey("sealed_entry.id"))
    contested: Mapped[bool] = mapped_column(Boolean, default=False, server_default="false")


class VisitPhoto(Base):
    """A photo of what was found at one item. Its bytes lie in the vault.

    One that was sealed on site names its entry and the digest sealed there; where other bytes arrived, it is kept as
    `altered` and proves nothing.
    """

    __tablename__ = "visit_photo"
    __table_args__ = (
        Index("ix_visit_photo_visit_id_item", "visit_id", "item"),
        # Of a sealed photo there is one true picture, and one false one to show at most.
        Index("uq_visit_photo_sealed", "entry_id", "sealed_sha256", "altered", unique=True),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    visit_id: Mapped[UUID] = mapped_column(ForeignKey("visit.id"))
    item: Mapped[str] = mapped_column(String(60))
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    district: Mapped[str] = mapped_column(String(6))
    stored_file_id: Mapped[UUID] = mapped_column(ForeignKey("stored_file.id"), unique=True)
    taken_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    taken_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    entry_id: Mapped[UUID | None] = mapped_column(ForeignKey("sealed_entry.id"))
    sealed_sha256: Mapped[str | None] = mapped_column(String(64))
    altered: Mapped[bool] = mapped_column(Boolean, default=False, server_default="false")
