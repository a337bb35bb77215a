"""Missing footage: what of a request could not be supplied, and the statement that goes with what was."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, DateTime, ForeignKey, Index, Integer, SmallInteger, String, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.db import Base, one_of
from portal.core.ids import new_id
from portal.evidence.models.request import FootageRequest
from portal.evidence.states import MissingStatus
from portal.evidence.values.missing import Consequence, MissingCause


class MissingFootage(Base):
    """One camera's footage of a request that is missing, wholly or in a gap (001 art. 25).

    What was said of its keeping stands as it was when it was found. The unit names who is responsible and says why; the
    asking side or the inspectorate, never who made that statement, closes it with what follows.
    """

    __tablename__ = "footage_missing"
    __table_args__ = (
        CheckConstraint(one_of("status", MissingStatus), name="status"),
        CheckConstraint(one_of("cause", MissingCause), name="cause"),
        CheckConstraint(f"consequence is null or {one_of('consequence', Consequence)}", name="consequence"),
        CheckConstraint("span_to > span_from", name="span"),
        CheckConstraint(
            "status = 'found' or (responsible <> '' and statement <> '' and stated_at is not null)", name="stated"
        ),
        CheckConstraint("(status = 'closed') = (closed_at is not null and consequence is not null)", name="closed"),
        CheckConstraint("closed_by is null or closed_by <> stated_by", name="closed_by_another"),
        Index("ix_footage_missing_request", "request_id"),
        Index("ix_footage_missing_unit", "unit_id", "status", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    request_id: Mapped[UUID] = mapped_column(ForeignKey("footage_request.id"))
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    camera_id: Mapped[UUID] = mapped_column(ForeignKey("camera.id"))
    number: Mapped[str] = mapped_column(String(48), unique=True)
    status: Mapped[str] = mapped_column(String(8), default=MissingStatus.FOUND, server_default="found")
    cause: Mapped[str] = mapped_column(String(12))
    label: Mapped[str] = mapped_column(String(120))
    span_from: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    span_to: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    note: Mapped[str] = mapped_column(String(400), default="", server_default="")
    # Whether it ought to have been there: within the days the rules require, or under a hold.
    required_days: Mapped[int] = mapped_column(SmallInteger)
    was_owed: Mapped[bool] = mapped_column(Boolean)
    held: Mapped[bool] = mapped_column(Boolean)
    kept_said: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list, server_default="[]")
    found_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    found_name: Mapped[str] = mapped_column(String(40))
    found_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    responsible: Mapped[str] = mapped_column(String(80), default="", server_default="")
    statement: Mapped[str] = mapped_column(Text, default="", server_default="")
    stated_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    stated_name: Mapped[str] = mapped_column(String(40), default="", server_default="")
    stated_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    consequence: Mapped[str | None] = mapped_column(String(12))
    result: Mapped[str] = mapped_column(Text, default="", server_default="")
    closed_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    closed_name: Mapped[str] = mapped_column(String(40), default="", server_default="")
    closed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    version: Mapped[int] = mapped_column(Integer)

    request: Mapped[FootageRequest] = relationship(lazy="raise")
    __mapper_args__ = {"version_id_col": version}


class Completeness(Base):
    """What whoever sealed a set stated of it: that it is all there was, and which parts of the span are not in it."""

    __tablename__ = "footage_completeness"

    request_id: Mapped[UUID] = mapped_column(ForeignKey("footage_manifest.request_id"), primary_key=True)
    gaps: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list, server_default="[]")
    stated_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    stated_name: Mapped[str] = mapped_column(String(40))
    stated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
