"""Who may operate a unit's video system (003 item 13): the list that the opening of footage asks."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Date, DateTime, ForeignKey, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.db import Base
from portal.core.ids import new_id
from portal.registry.models.columns import Placed
from portal.registry.models.units import Unit


class Operator(Placed, Base):
    """One person's time as an operator: appointed by whom, trained and pledged when, struck off when and why.

    A `professional` may also change settings and sign for it (000 art. 5). `registry` holds the table because evidence
    asks it; the unit's books write it.
    """

    __tablename__ = "operator"
    __table_args__ = (
        CheckConstraint("(ended_on is null) = (ended_note = '')", name="ended"),
        CheckConstraint("ended_on is null or ended_on >= appointed_on", name="period"),
        Index("uq_operator_listed", "unit_id", "person_id", unique=True, postgresql_where=text("ended_on is null")),
        Index("ix_operator_unit_id_id", "unit_id", "id"),
        Index("ix_operator_person_id", "person_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    name: Mapped[str] = mapped_column(String(40))
    professional: Mapped[bool] = mapped_column(default=False, server_default="false")
    appointed_on: Mapped[date] = mapped_column(Date)
    appointed_by_name: Mapped[str] = mapped_column(String(40))
    entered_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    trained_on: Mapped[date | None] = mapped_column(Date)
    pledged_on: Mapped[date | None] = mapped_column(Date)
    ended_on: Mapped[date | None] = mapped_column(Date)
    ended_note: Mapped[str] = mapped_column(String(400), default="", server_default="")
    version: Mapped[int] = mapped_column(Integer)

    unit: Mapped[Unit] = relationship(lazy="raise")
    __mapper_args__: dict[str, Any] = {"version_id_col": version}
