"""Copies of footage: the sealed master on its medium, and every working copy that was made, given out and ended."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Date, DateTime, ForeignKey, Index, Integer, SmallInteger, String, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.db import Base, one_of
from portal.core.ids import new_id
from portal.evidence.models.request import FootageRequest
from portal.evidence.states import CopyStatus
from portal.evidence.values import MediumKind
from portal.evidence.values.copies import CopyRole


class FootageCopy(Base):
    """One medium that holds a sealed set, under the serial that stands on it and in its watermark.

    It cannot exist without the sealed set it holds nor without the line of the call register that made it, so that
    no medium lies in the archive without its text record (001 art. 15(4)).
    """

    __tablename__ = "footage_copy"
    __table_args__ = (
        CheckConstraint(one_of("role", CopyRole), name="role"),
        CheckConstraint(one_of("status", CopyStatus), name="status"),
        CheckConstraint(one_of("medium", MediumKind), name="medium"),
        CheckConstraint("status <> 'kept' or (role = 'master' and shelf <> '' and keeper_name <> '')", name="kept"),
        CheckConstraint("role = 'master' or receiver_name <> ''", name="bound_to_receiver"),
        CheckConstraint(
            "role = 'master' or status not in ('with_recipient', 'returned', 'in_case_file')"
            " or (handover_id is not null and destination <> '')",
            name="whereabouts",
        ),
        CheckConstraint("(status in ('returned', 'destroyed', 'in_case_file')) = (ended_at is not null)", name="ended"),
        CheckConstraint(
            "status <> 'destroyed' or (ended_witness <> '' and ended_witness <> ended_name and ended_file_id is not null)",
            name="destroyed_before_a_witness",
        ),
        Index("ix_footage_copy_request", "request_id", "id"),
        Index(
            "uq_footage_copy_master",
            "request_id",
            unique=True,
            postgresql_where=text("role = 'master' and status <> 'destroyed'"),
        ),
        Index("ix_footage_copy_due", "due_back", "id", postgresql_where=text("status = 'with_recipient'")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    request_id: Mapped[UUID] = mapped_column(ForeignKey("footage_request.id"))
    manifest_id: Mapped[UUID] = mapped_column(ForeignKey("footage_manifest.request_id"))
    entry_id: Mapped[UUID] = mapped_column(ForeignKey("custody_entry.id"))
    handover_id: Mapped[UUID | None] = mapped_column(ForeignKey("footage_handover.id"))
    serial: Mapped[str] = mapped_column(String(40), unique=True)
    role: Mapped[str] = mapped_column(String(8))
    status: Mapped[str] = mapped_column(String(16), default=CopyStatus.MADE, server_default="made")
    medium: Mapped[str] = mapped_column(String(20))
    medium_serial: Mapped[str] = mapped_column(String(80))
    # Which of the request's officers, with the paper that identifies him: names are borne by more than one.
    receiver_place: Mapped[int | None] = mapped_column(SmallInteger)
    receiver_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    receiver_name: Mapped[str] = mapped_column(String(80), default="", server_default="")
    destination: Mapped[str] = mapped_column(String(200), default="", server_default="")
    shelf: Mapped[str] = mapped_column(String(120), default="", server_default="")
    keeper_name: Mapped[str] = mapped_column(String(40), default="", server_default="")
    archive_reason: Mapped[str] = mapped_column(String(400), default="", server_default="")
    made_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    made_name: Mapped[str] = mapped_column(String(40))
    made_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    undertaking: Mapped[str] = mapped_column(String(12), default="", server_default="")
    due_back: Mapped[date | None] = mapped_column(Date)
    due_why: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    due_note: Mapped[str] = mapped_column(String(400), default="", server_default="")
    ended_on: Mapped[date | None] = mapped_column(Date)
    ended_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    ended_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    ended_name: Mapped[str] = mapped_column(String(40), default="", server_default="")
    ended_witness: Mapped[str] = mapped_column(String(40), default="", server_default="")
    ended_note: Mapped[str] = mapped_column(String(400), default="", server_default="")
    ended_file_id: Mapped[UUID | None] = mapped_column(ForeignKey("stored_file.id"))
    version: Mapped[int] = mapped_column(Integer)

    request: Mapped[FootageRequest] = relationship(lazy="raise")
    __mapper_args__ = {"version_id_col": version}
