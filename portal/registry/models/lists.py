"""What people keep of lists: views, columns, and long work on them; and how many cameras of each sort there are."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    SmallInteger,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base, one_of
from portal.core.ids import new_id
from portal.registry.states import ListRunStatus
from portal.registry.values.lists import ListRunKind


class SavedView(Base):
    """A list as somebody wants to find it again: its address's query. Shared with a unit or an organ, or with nobody.

    It holds conditions and columns, never rows: whoever opens it sees what they may see.
    """

    __tablename__ = "saved_view"
    __audited__ = False  # a bookmark
    __table_args__ = (
        UniqueConstraint("person_id", "list_key", "name"),
        Index("ix_saved_view_unit_id", "unit_id"),
        Index("ix_saved_view_organ_id", "organ_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    list_key: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(60))
    query: Mapped[str] = mapped_column(String(2000), default="", server_default="")
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    person_name: Mapped[str] = mapped_column(String(40), default="", server_default="")
    unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("unit.id"))
    organ_id: Mapped[UUID | None] = mapped_column(ForeignKey("organ.id"))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class ListChoice(Base):
    """What a person sees first in a list: the columns they keep, and the view that opens it."""

    __tablename__ = "list_choice"
    __audited__ = False  # a habit

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    list_key: Mapped[str] = mapped_column(String(20), primary_key=True)
    columns: Mapped[list[str]] = mapped_column(ARRAY(String(40)), default=list, server_default="{}")
    view_id: Mapped[UUID | None] = mapped_column(ForeignKey("saved_view.id", ondelete="SET NULL"))


class ListRun(Base):
    """Long work on a list: an export into a file that expires, or a change of many cameras."""

    __tablename__ = "list_run"
    __audited__ = False  # progress is bookkeeping; the acts on both its ends are in the log
    __table_args__ = (
        CheckConstraint(one_of("kind", ListRunKind), name="kind"),
        CheckConstraint(one_of("status", ListRunStatus), name="status"),
        Index("ix_list_run_person_id_id", "person_id", "id"),
        Index("ix_list_run_expires_at", "expires_at", postgresql_where=text("status = 'done'")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(String(10))
    list_key: Mapped[str] = mapped_column(String(20))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    wanted: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict, server_default="{}")
    reason: Mapped[str] = mapped_column(String(400), default="", server_default="")
    status: Mapped[str] = mapped_column(String(12), default=ListRunStatus.QUEUED, server_default="queued")
    rows_total: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    rows_done: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    failure: Mapped[str | None] = mapped_column(String(60))
    stored_file_id: Mapped[UUID | None] = mapped_column(ForeignKey("stored_file.id"))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    finished_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    expires_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class CameraCount(Base):
    """How many open cameras of each sort there are: triggers append what changes, a job sums it up. Never by hand."""

    __tablename__ = "camera_count"
    __audited__ = False
    __table_args__ = (Index("ix_camera_count_district", "district"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    district: Mapped[str] = mapped_column(String(6))
    filed_district: Mapped[str | None] = mapped_column(String(6))
    live: Mapped[int] = mapped_column(SmallInteger)
    status: Mapped[str] = mapped_column(String(12))
    point_type: Mapped[int] = mapped_column(SmallInteger)
    camera_type: Mapped[str] = mapped_column(String(20))
    networked: Mapped[int | None] = mapped_column(SmallInteger)
    passes: Mapped[bool] = mapped_column(Boolean)
    n: Mapped[int] = mapped_column(Integer)
