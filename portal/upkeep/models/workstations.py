"""Computers with the monitoring client (001 art. 9(4)), and the checks that they are locked down."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, Date, DateTime, ForeignKey, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.db import Base
from portal.core.ids import new_id
from portal.registry.models import Unit
from portal.registry.models.columns import Placed


class Workstation(Placed, Base):
    """One computer: where it stands, what it runs, who answers for it, when it was looked at and is to be next."""

    __tablename__ = "workstation"
    __table_args__ = (
        CheckConstraint("(retired_on is null) = (retired_note = '')", name="retired"),
        CheckConstraint("locked_down is null or checked_on is not null", name="checked"),
        Index(
            "uq_workstation_asset_number", "unit_id", "asset_number", unique=True, postgresql_where=text("retired_on is null")
        ),
        Index("ix_workstation_unit_id_id", "unit_id", "id"),
    )  # fmt: skip

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    asset_number: Mapped[str] = mapped_column(String(40))
    room: Mapped[str] = mapped_column(String(80))
    client: Mapped[str] = mapped_column(String(80))
    client_version: Mapped[str] = mapped_column(String(40))
    address: Mapped[str] = mapped_column(String(45))
    responsible_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    responsible_name: Mapped[str] = mapped_column(String(40))
    registered_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    checked_on: Mapped[date | None] = mapped_column(Date)
    locked_down: Mapped[bool | None] = mapped_column(Boolean)
    due_on: Mapped[date | None] = mapped_column(Date)
    retired_on: Mapped[date | None] = mapped_column(Date)
    retired_note: Mapped[str] = mapped_column(String(400), default="", server_default="")
    version: Mapped[int] = mapped_column(Integer)

    unit: Mapped[Unit] = relationship(lazy="raise")
    __mapper_args__: dict[str, Any] = {"version_id_col": version}


class WorkstationCheck(Placed, Base):
    """One look at a computer: locked down or not, what other software was found, by whom."""

    __tablename__ = "workstation_check"
    __table_args__ = (
        CheckConstraint("locked_down or note <> ''", name="note"),
        Index("ix_workstation_check_workstation_id_id", "workstation_id", "id"),
        Index("ix_workstation_check_unit_id", "unit_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    workstation_id: Mapped[UUID] = mapped_column(ForeignKey("workstation.id"))
    checked_on: Mapped[date] = mapped_column(Date)
    locked_down: Mapped[bool] = mapped_column(Boolean)
    client_version: Mapped[str] = mapped_column(String(40))
    note: Mapped[str] = mapped_column(String(400), default="", server_default="")
    checked_by_name: Mapped[str] = mapped_column(String(40))
    recorded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
