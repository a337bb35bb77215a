"""The password custody register (000 art. 3). There is no column for a password, and none will be added."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, Date, DateTime, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.db import Base, one_of
from portal.core.ids import new_id
from portal.registry.models import Unit
from portal.registry.models.columns import Placed
from portal.upkeep.states import CustodyStatus
from portal.upkeep.values import DeviceGroup


class PasswordCustody(Placed, Base):
    """The password of one group of devices: who keeps it, who stands in, when it was changed, where the envelope lies."""

    __tablename__ = "password_custody"
    __table_args__ = (
        CheckConstraint(one_of("device_group", DeviceGroup), name="device_group"),
        CheckConstraint(one_of("status", CustodyStatus), name="status"),
        CheckConstraint("custodian_id <> second_id", name="two_keepers"),
        CheckConstraint("(status = 'ended') = (ended_on is not null)", name="ended"),
        CheckConstraint("due_on is null or due_on >= rotated_on", name="due"),
        Index("ix_password_custody_unit_id_id", "unit_id", "id"),
        Index("ix_password_custody_district_status_id", "district", "status", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    device_group: Mapped[str] = mapped_column(String(12))
    scope: Mapped[str] = mapped_column(String(120))
    system_id: Mapped[UUID | None] = mapped_column(ForeignKey("system.id"))
    status: Mapped[str] = mapped_column(String(8), default=CustodyStatus.HELD, server_default="held")
    custodian_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    custodian_name: Mapped[str] = mapped_column(String(40))
    second_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    second_name: Mapped[str] = mapped_column(String(40))
    since: Mapped[date] = mapped_column(Date)
    rotated_on: Mapped[date] = mapped_column(Date)
    due_on: Mapped[date | None] = mapped_column(Date)
    envelope_place: Mapped[str] = mapped_column(String(120))
    envelope_on: Mapped[date] = mapped_column(Date)
    entered_by_name: Mapped[str] = mapped_column(String(40))
    entered_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    ended_on: Mapped[date | None] = mapped_column(Date)
    ended_note: Mapped[str] = mapped_column(String(400), default="", server_default="")
    version: Mapped[int] = mapped_column(Integer)

    unit: Mapped[Unit] = relationship(lazy="raise")
    __mapper_args__: dict[str, Any] = {"version_id_col": version}


class CustodyHandover(Placed, Base):
    """One hand-over: given by one person, taken by another, both in their own name; open until taken or recalled.

    `instead` says that the head of security gave it, because the custodian is gone.
    """

    __tablename__ = "custody_handover"
    __table_args__ = (
        CheckConstraint("giver_id <> taker_id", name="two_people"),
        CheckConstraint("instead or giver_id = from_id", name="giver"),
        CheckConstraint("taken_at is null or recalled_at is null", name="one_end"),
        CheckConstraint("taken_at is null or (password_changed and envelope_place <> '')", name="password_changed"),
        Index("ix_custody_handover_custody_id_id", "custody_id", "id"),
        Index("ix_custody_handover_unit_id", "unit_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    custody_id: Mapped[UUID] = mapped_column(ForeignKey("password_custody.id"))
    second: Mapped[bool] = mapped_column(Boolean)
    from_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    from_name: Mapped[str] = mapped_column(String(40))
    giver_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    giver_name: Mapped[str] = mapped_column(String(40))
    instead: Mapped[bool] = mapped_column(Boolean, default=False, server_default="false")
    taker_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    taker_name: Mapped[str] = mapped_column(String(40))
    reason: Mapped[str] = mapped_column(String(400))
    given_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    taken_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    recalled_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    password_changed: Mapped[bool] = mapped_column(Boolean, default=False, server_default="false")
    envelope_place: Mapped[str] = mapped_column(String(120), default="", server_default="")
