"""Past versions of rows: written by a trigger, read by the history pages and by looks at a past day."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, DateTime, Identity, Index, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base, one_of
from portal.registry.values import HistoryKind


class RowHistory(Base):
    """How a row read from `valid_from` until `valid_to`, and who ended that and why. The present row is not here.

    A trigger writes it (migration 0015), so that no change escapes, whoever makes it. What is sealed is left out, and
    so is what follows from other columns; `live` is reachability's and has a history of its own.
    """

    __tablename__ = "row_history"
    __audited__ = False
    __table_args__ = (
        CheckConstraint(one_of("kind", HistoryKind), name="kind"),
        Index("ix_row_history_row_id_valid_to", "row_id", "valid_to", "id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    row_id: Mapped[UUID]
    unit_id: Mapped[UUID]
    district: Mapped[str] = mapped_column(String(6))
    valid_from: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    valid_to: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    content: Mapped[dict[str, Any]] = mapped_column(JSONB)
    actor_name: Mapped[str] = mapped_column(String(120), default="", server_default="")
    reason: Mapped[str] = mapped_column(String(400), default="", server_default="")
