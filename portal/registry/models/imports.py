"""Imports of cameras from sheets: what came in, what becomes of each row, every fault and what was decided about it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    String,
    Text,
    false,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base, one_of
from portal.core.ids import new_id
from portal.registry.states import ImportStatus
from portal.registry.values.rows import FaultDecision, RowOutcome, RowStage


class CameraImport(Base):
    """One import of cameras from a sheet: how far it is, and what its rows came to.

    `head` is what stands above the rows, so that parked ones go back under the same layout: the lines as they were, and
    the column of each field; and what holds for fields that the sheet is silent about. Rows up to number `loaded_to` are in. `own_unit` says whether a person of the unit itself brought the sheet: only they may touch
    its secret cameras.
    """

    __tablename__ = "camera_import"
    __audited__ = False  # progress is bookkeeping; the acts on both its ends are in the log
    __table_args__ = (
        CheckConstraint(one_of("status", ImportStatus), name="status"),
        Index("ix_camera_import_unit_id_id", "unit_id", "id"),
        Index("ix_camera_import_system_id_id", "system_id", "id"),
        Index(
            "ix_camera_import_untidied",
            "finished_at",
            postgresql_where=text("finished_at is not null and tidied_at is null"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    system_id: Mapped[UUID] = mapped_column(ForeignKey("system.id"))
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    district: Mapped[str] = mapped_column(String(6))
    stored_file_id: Mapped[UUID] = mapped_column(ForeignKey("stored_file.id"))
    datum: Mapped[str] = mapped_column(String(10))
    status: Mapped[str] = mapped_column(String(12), default=ImportStatus.QUEUED, server_default="queued")
    reason: Mapped[str] = mapped_column(String(400), default="", server_default="")
    own_unit: Mapped[bool] = mapped_column(default=False, server_default=false())
    rows_total: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    rows_read: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    rows_good: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    rows_bad: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    loaded_to: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    rows_in: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    rows_out: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    counts: Mapped[dict[str, int]] = mapped_column(JSONB, default=dict, server_default="{}")
    head: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict, server_default="{}")
    # Whether somebody looks at what was read before it is loaded, and the first rows as they were understood.
    preview_first: Mapped[bool] = mapped_column(default=False, server_default=false())
    preview: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list, server_default="[]")
    failure: Mapped[str | None] = mapped_column(String(60))
    # Whether a person brought it who may set how cameras are reached; of any other's sheet none of that is read.
    may_access: Mapped[bool] = mapped_column(default=False, server_default=false())
    created_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    finished_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    # Since when nothing is left of its rows: it can no longer be undone.
    tidied_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class ImportRow(Base):
    """What becomes of one row of a sheet. A parked row keeps its cells, sealed: they may hold telephone numbers.

    `payload` is what goes into the columns of a camera on record, `before` what stood there when it had `seen_version`:
    from these an undoing knows whether somebody has worked on the camera since. Of a new camera, `content` holds the
    columns that the head of its import names as `said`. How a camera is reached is sealed, now and before.
    """

    __tablename__ = "camera_import_row"
    __audited__ = False
    __table_args__ = (
        CheckConstraint(one_of("outcome", RowOutcome), name="outcome"),
        CheckConstraint(one_of("stage", RowStage), name="stage"),
        # Most rows are new, and are found by their numbers.
        Index(
            "ix_camera_import_row_outcome", "import_id", "outcome", "number", postgresql_where=text("outcome <> 'new'")
        ),
    )

    import_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    unit_id: Mapped[UUID]
    district: Mapped[str] = mapped_column(String(6))
    outcome: Mapped[str] = mapped_column(String(10))
    stage: Mapped[str] = mapped_column(String(10), default=RowStage.STAGED, server_default="staged")
    label: Mapped[str] = mapped_column(String(120), default="", server_default="")
    gb_code: Mapped[str | None] = mapped_column(String(20))
    camera_id: Mapped[UUID | None]
    seen_version: Mapped[int | None] = mapped_column(Integer)
    payload: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    content: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    before: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    access_sealed: Mapped[str | None] = mapped_column(Text)
    access_before_sealed: Mapped[str | None] = mapped_column(Text)
    cells_sealed: Mapped[str | None] = mapped_column(Text)


class ImportFault(Base):
    """One fault at one cell, the cure proposed for it, and what a person decided."""

    __tablename__ = "camera_import_fault"
    __audited__ = False
    __table_args__ = (
        CheckConstraint(f"decision is null or {one_of('decision', FaultDecision)}", name="decision"),
        Index("ix_camera_import_fault_kind", "import_id", "field", "code", "cure_code", "row_number", "id"),
        Index("ix_camera_import_fault_row", "import_id", "row_number", "id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    import_id: Mapped[UUID] = mapped_column(ForeignKey("camera_import.id", ondelete="CASCADE"))
    unit_id: Mapped[UUID]
    district: Mapped[str] = mapped_column(String(6))
    row_number: Mapped[int] = mapped_column(Integer)
    column_letters: Mapped[str] = mapped_column(String(3), default="", server_default="")
    field: Mapped[str] = mapped_column(String(40))
    code: Mapped[str] = mapped_column(String(40))
    data: Mapped[dict[str, str]] = mapped_column(JSONB, default=dict, server_default="{}")
    cure_code: Mapped[str] = mapped_column(String(20), default="", server_default="")
    cure: Mapped[dict[str, str] | None] = mapped_column(JSONB)
    decision: Mapped[str | None] = mapped_column(String(10))
