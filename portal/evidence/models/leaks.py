"""What follows when footage has served its purpose, and when it got where it must not be."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Date, DateTime, ForeignKey, Index, Integer, String, Text
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.db import Base, one_of
from portal.core.ids import new_id
from portal.evidence.models.copies import FootageCopy
from portal.evidence.models.request import FootageRequest
from portal.evidence.states import LeakStatus


class DeletionDuty(Base):
    """The purpose of a request is met: every copy outside a case file is to go by a day (Decree 799 art. 17)."""

    __tablename__ = "footage_deletion"
    __table_args__ = (Index("ix_footage_deletion_due", "due_on", postgresql_where=sql("done_at is null")),)

    request_id: Mapped[UUID] = mapped_column(ForeignKey("footage_request.id"), primary_key=True)
    met_on: Mapped[date] = mapped_column(Date)
    due_on: Mapped[date | None] = mapped_column(Date)
    due_why: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    stated_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    stated_name: Mapped[str] = mapped_column(String(40))
    stated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    done_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class LeakCase(Base):
    """One leak, traced to the copy whose serial was read off what leaked.

    Its texts stand in the open columns, or sealed in `sealed` when the request is secret: never both. `measures_name` and
    `measures_at` are those of the first measure. Whoever reported it does not close it.
    """

    __tablename__ = "footage_leak"
    __table_args__ = (
        CheckConstraint(one_of("status", LeakStatus), name="status"),
        CheckConstraint(
            "sealed is null or (found is null and liable is null and outcome is null)",
            name="secret_is_sealed",
        ),
        CheckConstraint("closed_by is null or closed_by <> reported_by", name="closed_by_another"),
        CheckConstraint("(status = 'closed') = (closed_at is not null)", name="closed"),
        CheckConstraint("status = 'reported' or measures_at is not null", name="measures_first"),
        Index("ix_footage_leak_request", "request_id"),
        Index("ix_footage_leak_open", "due_on", "id", postgresql_where=sql("status <> 'closed'")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    request_id: Mapped[UUID] = mapped_column(ForeignKey("footage_request.id"))
    copy_id: Mapped[UUID] = mapped_column(ForeignKey("footage_copy.id"))
    number: Mapped[str] = mapped_column(String(48), unique=True)
    status: Mapped[str] = mapped_column(String(10), default=LeakStatus.REPORTED, server_default="reported")
    found_on: Mapped[date] = mapped_column(Date)
    found: Mapped[str | None] = mapped_column(Text)
    liable: Mapped[str | None] = mapped_column(Text)
    outcome: Mapped[str | None] = mapped_column(Text)
    sealed: Mapped[str | None] = mapped_column(Text)
    due_on: Mapped[date | None] = mapped_column(Date)
    due_why: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    reported_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    reported_name: Mapped[str] = mapped_column(String(40))
    reported_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    measures_name: Mapped[str] = mapped_column(String(40), default="", server_default="")
    measures_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    closed_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    closed_name: Mapped[str] = mapped_column(String(40), default="", server_default="")
    closed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    version: Mapped[int] = mapped_column(Integer)

    copy: Mapped[FootageCopy] = relationship(lazy="raise")
    request: Mapped[FootageRequest] = relationship(lazy="raise")
    __mapper_args__ = {"version_id_col": version}


class LeakMeasure(Base):
    """One measure against a leak, by whom and when; never changed, never removed. What was wrong is said in the next."""

    __tablename__ = "footage_leak_measure"
    __table_args__ = (
        CheckConstraint("(text is null) <> (sealed is null)", name="open_or_sealed"),
        Index("ix_footage_leak_measure_leak", "leak_id", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    leak_id: Mapped[UUID] = mapped_column(ForeignKey("footage_leak.id"))
    request_id: Mapped[UUID] = mapped_column(ForeignKey("footage_request.id"))
    # Of those from before each had a row of its own only the name is known.
    taken_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    taken_name: Mapped[str] = mapped_column(String(40))
    taken_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    text: Mapped[str | None] = mapped_column(Text)
    sealed: Mapped[str | None] = mapped_column(Text)
