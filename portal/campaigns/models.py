"""Campaigns, their leading groups and their publicity log."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, Date, DateTime, ForeignKey, Index, Integer, Numeric, SmallInteger, String, Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from portal.campaigns.states import CampaignStatus, Channel, GroupRole
from portal.core.db import Base, one_of
from portal.core.ids import new_id


class Campaign(Base):
    """A year's standard creation of the schools of a district, organised by the bureau (003 §3.2). It says nothing of any
    unit, so whoever signs in may be shown it."""

    __tablename__ = "campaign"
    __table_args__ = (
        CheckConstraint(one_of("status", CampaignStatus), name="status"),
        CheckConstraint("ends_on >= begins_on", name="period"),
        CheckConstraint("goal between 1 and 100", name="goal"),
        CheckConstraint("weight is null or (weight > 0 and weight <= 100)", name="weight"),
        CheckConstraint("cardinality(unit_types) > 0", name="unit_types"),
        Index("uq_campaign_organ_id_year_title", "organ_id", "year", "title", unique=True),
        Index("ix_campaign_district_status", "district", "status"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    organ_id: Mapped[UUID] = mapped_column(ForeignKey("organ.id"))
    organ_name: Mapped[str] = mapped_column(String(80))
    title: Mapped[str] = mapped_column(String(120))
    year: Mapped[int] = mapped_column(SmallInteger)
    district: Mapped[str] = mapped_column(ForeignKey("division.code"))
    unit_types: Mapped[list[str]] = mapped_column(ARRAY(String(20)))
    linked_programme: Mapped[str] = mapped_column(String(120), default="", server_default="")
    goal: Mapped[int] = mapped_column(SmallInteger)
    weight: Mapped[Decimal | None] = mapped_column(Numeric(4, 1))
    begins_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date] = mapped_column(Date)
    scheme_due: Mapped[date | None] = mapped_column(Date)
    note: Mapped[str] = mapped_column(Text, default="", server_default="")
    status: Mapped[str] = mapped_column(String(8), default=CampaignStatus.DRAFT, server_default="draft")
    created_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    version: Mapped[int] = mapped_column(Integer)

    __mapper_args__ = {"version_id_col": version}


class CampaignMember(Base):
    """A place in a leading group: of the bureau, or with `unit_id` of a school's own group (003 §2, §4.1)."""

    __tablename__ = "campaign_member"
    __table_args__ = (
        CheckConstraint(one_of("role", GroupRole), name="role"),
        CheckConstraint("until is null or until >= since", name="period"),
        Index("ix_campaign_member_campaign_id", "campaign_id", "unit_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaign.id"))
    unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("unit.id"))
    district: Mapped[str] = mapped_column(String(6))
    role: Mapped[str] = mapped_column(String(8))
    name: Mapped[str] = mapped_column(String(40))
    post: Mapped[str] = mapped_column(String(80), default="", server_default="")
    since: Mapped[date] = mapped_column(Date)
    until: Mapped[date | None] = mapped_column(Date)


class CampaignActivity(Base):
    """A line of the publicity log: of the bureau, or with `unit_id` of a school (003 §4.3). Never changed."""

    __tablename__ = "campaign_activity"
    __table_args__ = (
        CheckConstraint(one_of("channel", Channel), name="channel"),
        CheckConstraint("people is null or people >= 0", name="people"),
        Index("ix_campaign_activity_campaign_id", "campaign_id", "held_on", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaign.id"))
    unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("unit.id"))
    district: Mapped[str] = mapped_column(String(6))
    held_on: Mapped[date] = mapped_column(Date)
    channel: Mapped[str] = mapped_column(String(10))
    text: Mapped[str] = mapped_column(String(400))
    audience: Mapped[str] = mapped_column(String(120), default="", server_default="")
    people: Mapped[int | None] = mapped_column(Integer)
    entered_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    entered_by_name: Mapped[str] = mapped_column(String(40))
    entered_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
