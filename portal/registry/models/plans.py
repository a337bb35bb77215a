"""REG-15: what a unit means to build, and which cameras fulfil it."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Date, DateTime, ForeignKey, Index, Integer, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.db import Base, one_of
from portal.core.ids import new_id
from portal.registry.models.columns import Placed
from portal.registry.models.units import Site
from portal.registry.values import CameraType
from portal.registry.values.archive import PlanStatus


class PlanItem(Placed, Base):
    """So many cameras of a kind at a place, in a phase, by a day."""

    __tablename__ = "plan_item"
    __table_args__ = (
        CheckConstraint(one_of("camera_type", CameraType), name="camera_type"),
        CheckConstraint(one_of("status", PlanStatus), name="status"),
        CheckConstraint("count between 1 and 10000", name="count"),
        Index("ix_plan_item_unit_id", "unit_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    site_id: Mapped[UUID | None] = mapped_column(ForeignKey("site.id"))
    place: Mapped[str] = mapped_column(String(120))
    count: Mapped[int] = mapped_column(SmallInteger)
    camera_type: Mapped[str] = mapped_column(String(20), default=CameraType.UNKNOWN, server_default="unknown")
    phase: Mapped[str] = mapped_column(String(60), default="", server_default="")
    due_on: Mapped[date | None] = mapped_column(Date)
    status: Mapped[str] = mapped_column(String(10), default=PlanStatus.PLANNED, server_default="planned")
    note: Mapped[str] = mapped_column(String(200), default="", server_default="")
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    version: Mapped[int] = mapped_column(Integer)

    site: Mapped[Site | None] = relationship(lazy="raise")
    __mapper_args__ = {"version_id_col": version}


class PlanMatch(Placed, Base):
    """A camera that fulfils a plan item; a camera fulfils one at most."""

    __tablename__ = "plan_match"
    __table_args__ = (Index("ix_plan_match_unit_id", "unit_id"),)

    camera_id: Mapped[UUID] = mapped_column(ForeignKey("camera.id", ondelete="CASCADE"), primary_key=True)
    plan_item_id: Mapped[UUID] = mapped_column(ForeignKey("plan_item.id", ondelete="CASCADE"), index=True)
    matched_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
