"""Uses of a unit's equipment by investigators: the use, its officers and cameras, each deed, each obstruction."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, Integer, SmallInteger, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.db import Base, one_of
from portal.core.ids import new_id
from portal.evidence.states import UseStatus
from portal.evidence.values.equipment import Condition, DeedKind
from portal.registry.models import Unit


class EquipmentUse(Base):
    """One use: asked for with its necessity, approved by the head of the department, handed over and taken back.

    Of a secret case, reason and number are sealed in `content_sealed`, what was said of it afterwards beside it, and the
    open columns are empty. `due_at` is the moment after which a use that has no end is on the desks of both sides.
    """

    __tablename__ = "equipment_use"
    __table_args__ = (
        CheckConstraint(one_of("status", UseStatus), name="status"),
        CheckConstraint(f"condition is null or {one_of('condition', Condition)}", name="condition"),
        CheckConstraint(
            "case when secret then content_sealed is not null and case_number = '' and reason = ''"
            " else content_sealed is null and reason <> '' end",
            name="necessity",
        ),
        CheckConstraint("secret or (opinion_sealed is null and summary_sealed is null)", name="sealed"),
        CheckConstraint("planned_to > planned_from", name="planned"),
        CheckConstraint("decided_by is null or decided_by <> applicant_id", name="approver"),
        CheckConstraint(
            "status not in ('approved', 'in_use', 'returned', 'closed') or decided_at is not null", name="approved"
        ),
        CheckConstraint(
            "(started_at is null) = (due_at is null) and (started_at is null or (handed_name <> '' and received_name <> ''))",
            name="handed_over",
        ),
        CheckConstraint("status not in ('in_use', 'returned', 'closed') or started_at is not null", name="started"),
        CheckConstraint("(status = 'closed') = (ended_at is not null)", name="ended"),
        CheckConstraint("status <> 'closed' or (condition is not null and taken_name <> '')", name="taken_back"),
        CheckConstraint("condition is distinct from 'damaged' or damage <> ''", name="damage"),
        Index("ix_equipment_use_unit_id_status_id", "unit_id", "status", "id"),
        Index("ix_equipment_use_organ_id_status_id", "organ_id", "status", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    number: Mapped[str] = mapped_column(String(40), unique=True)
    status: Mapped[str] = mapped_column(String(10), default=UseStatus.ASKED, server_default="asked")
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    district: Mapped[str] = mapped_column(String(6))
    system_id: Mapped[UUID] = mapped_column(ForeignKey("system.id"))
    organ_id: Mapped[UUID] = mapped_column(ForeignKey("organ.id"))
    organ_name: Mapped[str] = mapped_column(String(80))
    applicant_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    applicant_name: Mapped[str] = mapped_column(String(40))
    asked_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    secret: Mapped[bool] = mapped_column(default=False, server_default="false")
    case_number: Mapped[str] = mapped_column(String(80), default="", server_default="")
    reason: Mapped[str] = mapped_column(Text, default="", server_default="")
    content_sealed: Mapped[str | None] = mapped_column(Text)
    opinion_sealed: Mapped[str | None] = mapped_column(Text)
    summary_sealed: Mapped[str | None] = mapped_column(Text)
    undertaking: Mapped[str] = mapped_column(String(12))
    planned_from: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    planned_to: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    camera_count: Mapped[int] = mapped_column(Integer)
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    decided_name: Mapped[str] = mapped_column(String(40), default="", server_default="")
    decided_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    decided_note: Mapped[str] = mapped_column(String(400), default="", server_default="")
    handed_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    handed_name: Mapped[str] = mapped_column(String(40), default="", server_default="")
    received_name: Mapped[str] = mapped_column(String(40), default="", server_default="")
    equipment: Mapped[str] = mapped_column(String(400), default="", server_default="")
    started_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    due_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    returned_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    returned_name: Mapped[str] = mapped_column(String(40), default="", server_default="")
    returned_note: Mapped[str] = mapped_column(String(400), default="", server_default="")
    taken_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    taken_name: Mapped[str] = mapped_column(String(40), default="", server_default="")
    condition: Mapped[str | None] = mapped_column(String(8))
    damage: Mapped[str] = mapped_column(String(800), default="", server_default="")
    ended_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    version: Mapped[int] = mapped_column(Integer)

    unit: Mapped[Unit] = relationship(lazy="raise")
    officers: Mapped[list["EquipmentOfficer"]] = relationship(lazy="raise", order_by="EquipmentOfficer.place")
    cameras: Mapped[list["EquipmentCamera"]] = relationship(lazy="raise", order_by="EquipmentCamera.label")
    deeds: Mapped[list["EquipmentDeed"]] = relationship(lazy="raise", order_by="EquipmentDeed.at, EquipmentDeed.id")
    obstructions: Mapped[list["EquipmentObstruction"]] = relationship(lazy="raise", order_by="EquipmentObstruction.id")
    __mapper_args__: dict[str, Any] = {"version_id_col": version}


class EquipmentOfficer(Base):
    """Somebody who comes, by name and the number on the uniform; each has signed the undertaking (INV-03)."""

    __tablename__ = "equipment_officer"

    use_id: Mapped[UUID] = mapped_column(ForeignKey("equipment_use.id"), primary_key=True)
    place: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(40))
    number: Mapped[str] = mapped_column(String(20))
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    pledged_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class EquipmentCamera(Base):
    """One camera that may be used, as it was called then."""

    __tablename__ = "equipment_camera"
    __table_args__ = (Index("ix_equipment_camera_camera_id", "camera_id"),)

    use_id: Mapped[UUID] = mapped_column(ForeignKey("equipment_use.id"), primary_key=True)
    camera_id: Mapped[UUID] = mapped_column(ForeignKey("camera.id"), primary_key=True)
    label: Mapped[str] = mapped_column(String(120))


class EquipmentDeed(Base):
    """One thing done at the equipment, with the time of the footage that was played or taken; never changed or removed."""

    __tablename__ = "equipment_deed"
    __table_args__ = (
        CheckConstraint(one_of("kind", DeedKind), name="kind"),
        CheckConstraint("kind <> 'export' or (medium <> '' and sha256 ~ '^[0-9a-f]{64}$')", name="export"),
        CheckConstraint("note_sealed is null or note = ''", name="sealed"),
        CheckConstraint(
            "(span_from is null) = (span_to is null) and (span_to is null or span_to > span_from)", name="span"
        ),
        Index("ix_equipment_deed_use_id", "use_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    use_id: Mapped[UUID] = mapped_column(ForeignKey("equipment_use.id"))
    kind: Mapped[str] = mapped_column(String(10))
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    camera_id: Mapped[UUID | None] = mapped_column(ForeignKey("camera.id"))
    label: Mapped[str] = mapped_column(String(120), default="", server_default="")
    note: Mapped[str] = mapped_column(String(400), default="", server_default="")
    note_sealed: Mapped[str | None] = mapped_column(Text)
    span_from: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    span_to: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    medium: Mapped[str] = mapped_column(String(120), default="", server_default="")
    sha256: Mapped[str] = mapped_column(String(64), default="", server_default="")
    booked_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    booked_name: Mapped[str] = mapped_column(String(40))
    booked_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class EquipmentObstruction(Base):
    """A refusal or an obstruction of a use that was approved, with what proves it (INV-02); never changed."""

    __tablename__ = "equipment_obstruction"
    __table_args__ = (
        CheckConstraint("evidence <> '' or stored_file_id is not null or facts_sealed is not null", name="evidence"),
        CheckConstraint(
            "facts_sealed is null or (person_name = '' and place = '' and facts = '' and evidence = '')", name="sealed"
        ),
        Index("ix_equipment_obstruction_use_id", "use_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    use_id: Mapped[UUID] = mapped_column(ForeignKey("equipment_use.id"))
    person_name: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    place: Mapped[str] = mapped_column(String(200))
    facts: Mapped[str] = mapped_column(Text)
    evidence: Mapped[str] = mapped_column(String(800), default="", server_default="")
    facts_sealed: Mapped[str | None] = mapped_column(Text)
    stored_file_id: Mapped[UUID | None] = mapped_column(ForeignKey("stored_file.id"))
    officers: Mapped[str] = mapped_column(String(400))
    recorded_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    recorded_name: Mapped[str] = mapped_column(String(40))
    recorded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class EquipmentNumber(Base):
    """The running number of uses in a year; the row is locked while one is taken."""

    __tablename__ = "equipment_number"
    __audited__ = False

    year: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    last: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
