"""Reviews of points, the police's register of protected sites, and tip-offs from the public."""

from datetime import datetime
from uuid import UUID

from geoalchemy2 import Geometry, WKBElement
from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, Integer, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base, one_of
from portal.core.ids import new_id
from portal.registry.states import ReviewStatus, TipStatus
from portal.registry.values.zones import ReviewKind, ReviewSource, SiteKind, TipCategory, TipOutcome


class PlaceReview(Base):
    """A point that a person must look at: forbidden ground in doubt, a protected site near, a report of the public.

    `basis` tells what was judged: when the camera no longer reads so, the review lapses and a new one is opened. Beside
    which site a point stands is not kept here, since the unit reads its own reviews.
    """

    __tablename__ = "place_review"
    __table_args__ = (
        CheckConstraint(one_of("kind", ReviewKind), name="kind"),
        CheckConstraint(one_of("status", ReviewStatus), name="status"),
        CheckConstraint(one_of("source", ReviewSource), name="source"),
        CheckConstraint("camera_id is not null or tip_off_id is not null", name="about"),
        CheckConstraint(
            "status in ('open', 'lapsed') or (decided_at is not null and decision_reason <> '')", name="decided"
        ),
        Index(
            "uq_place_review_living",
            "camera_id",
            "kind",
            unique=True,
            postgresql_where=text("status <> 'lapsed' and camera_id is not null and kind <> 'tip_off'"),
        ),
        Index("ix_place_review_district_status_id", "district", "status", "id"),
        Index("ix_place_review_system_id", "system_id", postgresql_where=text("status <> 'lapsed'")),
        Index("ix_place_review_unit_id_id", "unit_id", "id"),
        Index("ix_place_review_tip_off_id", "tip_off_id"),
        Index("ix_place_review_camera_id", "camera_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(String(12))
    status: Mapped[str] = mapped_column(String(16), default=ReviewStatus.OPEN, server_default="open")
    source: Mapped[str] = mapped_column(String(10))
    camera_id: Mapped[UUID | None] = mapped_column(ForeignKey("camera.id", ondelete="CASCADE"))
    system_id: Mapped[UUID | None] = mapped_column(ForeignKey("system.id"))
    unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("unit.id"))
    district: Mapped[str] = mapped_column(String(6))
    tip_off_id: Mapped[UUID | None] = mapped_column(ForeignKey("tip_off.id"))
    place: Mapped[str] = mapped_column(String(40), default="", server_default="")
    word: Mapped[str] = mapped_column(String(40), default="", server_default="")
    basis: Mapped[str] = mapped_column(String(64), default="", server_default="")
    opened_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    decided_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    decided_by_name: Mapped[str] = mapped_column(String(40), default="", server_default="")
    decision_reason: Mapped[str] = mapped_column(Text, default="", server_default="")
    photo_file_id: Mapped[UUID | None] = mapped_column(ForeignKey("stored_file.id"))
    version: Mapped[int] = mapped_column(Integer, default=1, server_default="1")

    __mapper_args__ = {"version_id_col": version}


class ProtectedSite(Base):
    """A military zone or a secret-handling organ (Decree 799 art. 10). Only the organ that keeps it reads the row."""

    __tablename__ = "protected_site"
    __table_args__ = (
        CheckConstraint(one_of("kind", SiteKind), name="kind"),
        CheckConstraint("radius_m between 1 and 5000", name="radius_m"),
        Index("ix_protected_site_organ_id", "organ_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(String(12))
    name: Mapped[str] = mapped_column(String(120))
    position: Mapped[WKBElement] = mapped_column(Geometry("POINT", 4326, spatial_index=False))
    radius_m: Mapped[int] = mapped_column(Integer)
    district: Mapped[str] = mapped_column(String(6), ForeignKey("division.code"))
    organ_id: Mapped[UUID] = mapped_column(ForeignKey("organ.id"))
    contact: Mapped[str] = mapped_column(String(120), default="", server_default="")
    note: Mapped[str] = mapped_column(String(400), default="", server_default="")
    active: Mapped[bool] = mapped_column(default=True, server_default="true")
    entered_by_name: Mapped[str] = mapped_column(String(40))
    entered_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    version: Mapped[int] = mapped_column(Integer, default=1, server_default="1")

    __mapper_args__ = {"version_id_col": version}


class TipOff(Base):
    """A report of the public (Decree 799 art. 24). Whoever sent it stays unknown unless they left a contact, sealed.

    `sender` is a keyed digest of the address it came from, for the rate limit alone.
    """

    __tablename__ = "tip_off"
    __table_args__ = (
        CheckConstraint(one_of("category", TipCategory), name="category"),
        CheckConstraint(one_of("status", TipStatus), name="status"),
        CheckConstraint(f"outcome is null or {one_of('outcome', TipOutcome)}", name="outcome"),
        CheckConstraint("(status = 'closed') = (outcome is not null)", name="closed"),
        Index("ix_tip_off_district_status_id", "district", "status", "id"),
        Index("ix_tip_off_sender_received_at", "sender", "received_at"),
        Index("ix_tip_off_received_at", "received_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    reference: Mapped[str] = mapped_column(String(16), unique=True)
    category: Mapped[str] = mapped_column(String(20))
    district: Mapped[str] = mapped_column(String(6), ForeignKey("division.code"))
    organ_id: Mapped[UUID] = mapped_column(ForeignKey("organ.id"))
    place: Mapped[str] = mapped_column(String(200))
    told: Mapped[str] = mapped_column(Text)
    contact_sealed: Mapped[str | None] = mapped_column(String(400))
    contact_masked: Mapped[str] = mapped_column(String(20), default="", server_default="")
    photo_file_id: Mapped[UUID | None] = mapped_column(ForeignKey("stored_file.id"))
    sender: Mapped[str] = mapped_column(String(80))
    status: Mapped[str] = mapped_column(String(10), default=TipStatus.RECEIVED, server_default="received")
    outcome: Mapped[str | None] = mapped_column(String(12))
    answer: Mapped[str] = mapped_column(Text, default="", server_default="")
    handled_by_name: Mapped[str] = mapped_column(String(40), default="", server_default="")
    received_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    taken_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    closed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    version: Mapped[int] = mapped_column(Integer, default=1, server_default="1")

    __mapper_args__ = {"version_id_col": version}
