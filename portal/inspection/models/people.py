"""What is known of inspectors: what they can judge, when they work, when they are away, whom they may not inspect."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from geoalchemy2 import Geometry, WKBElement
from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TSTZRANGE, ExcludeConstraint, Range
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base
from portal.core.ids import new_id


class InspectorProfile(Base):
    """What an inspector stands for on a visit, and what his week allows. The organ is the one that sends him.

    `weekly_hours` holds spans of clock times by weekday (0 is Monday); without it the rule's working hours hold.
    """

    __tablename__ = "inspector_profile"
    __table_args__ = (
        CheckConstraint("groups <@ array['construction','technical','documents']::varchar[]", name="groups"),
        CheckConstraint("most_per_day is null or most_per_day between 1 and 20", name="most_per_day"),
        Index("ix_inspector_profile_organ_id", "organ_id"),
    )

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    organ_id: Mapped[UUID] = mapped_column(ForeignKey("organ.id"))
    groups: Mapped[list[str]] = mapped_column(ARRAY(String(20)), default=list, server_default="{}")
    expert: Mapped[bool] = mapped_column(Boolean, default=False, server_default="false")
    weekly_hours: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    base: Mapped[WKBElement | None] = mapped_column(Geometry("POINT", 4326, spatial_index=False))
    most_per_day: Mapped[int | None] = mapped_column(SmallInteger)
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    version: Mapped[int] = mapped_column(Integer)

    __mapper_args__ = {"version_id_col": version}


class InspectorAbsence(Base):
    """A time in which an inspector is not to be sent anywhere; no two of one person overlap."""

    __tablename__ = "inspector_absence"
    __table_args__ = (
        ExcludeConstraint(
            ("person_id", "="), ("period", "&&"), name="ex_inspector_absence_twice", where=text("not withdrawn")
        ),
        Index("ix_inspector_absence_organ_id", "organ_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    organ_id: Mapped[UUID] = mapped_column(ForeignKey("organ.id"))
    period: Mapped[Range[datetime]] = mapped_column(TSTZRANGE)
    reason: Mapped[str] = mapped_column(Text, default="", server_default="")
    entered_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    entered_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    withdrawn: Mapped[bool] = mapped_column(Boolean, default=False, server_default="false")


class InspectorConflict(Base):
    """An interest in a unit that keeps an inspector away from it (GB 50348 ch. 10). What the interest is, its organ
    alone reads."""

    __tablename__ = "inspector_conflict"
    __table_args__ = (
        CheckConstraint("until is null or until >= since", name="period"),
        Index("ix_inspector_conflict_person_id_unit_id", "person_id", "unit_id"),
        Index("ix_inspector_conflict_organ_id", "organ_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    organ_id: Mapped[UUID] = mapped_column(ForeignKey("organ.id"))
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    since: Mapped[date] = mapped_column(Date)
    until: Mapped[date | None] = mapped_column(Date)
    reason: Mapped[str] = mapped_column(Text)
    entered_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    entered_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class CalendarFeed(Base):
    """A person's visits under an address of its own, for calendars that cannot sign in. The address holds a secret of
    which only the digest is kept; a new one ends the old one, and revoking ends it too."""

    __tablename__ = "calendar_feed"
    # Opening and revoking are recorded; when it was last fetched is bookkeeping.
    __audited__ = False
    __table_args__ = (
        Index("uq_calendar_feed_person", "person_id", unique=True, postgresql_where=text("revoked_at is null")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    secret_sha256: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    ending: Mapped[str] = mapped_column(String(4))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    revoked_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    fetched_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
