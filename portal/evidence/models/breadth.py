"""How broad a request is, with those it is one ask with."""

from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, String, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base, one_of
from portal.evidence.values.breadth import CaseClass


class RequestBreadth(Base):
    """What was drawn, the class of the case, and the series it is counted with; `judged` is frozen at submission.

    `case_key` is a keyed digest of the case number, of a secret case too: it tells that two numbers are the same and
    nothing else. Requests of one `series_id` are one ask.
    """

    __tablename__ = "footage_breadth"
    __table_args__ = (
        CheckConstraint(one_of("case_class", CaseClass), name="case_class"),
        Index("ix_footage_breadth_series", "series_id"),
        Index("ix_footage_breadth_case", "case_key"),
    )

    request_id: Mapped[UUID] = mapped_column(ForeignKey("footage_request.id", ondelete="CASCADE"), primary_key=True)
    series_id: Mapped[UUID] = mapped_column(Uuid)
    case_class: Mapped[str] = mapped_column(String(16))
    grave: Mapped[bool] = mapped_column(Boolean, default=False, server_default="false")
    case_key: Mapped[str | None] = mapped_column(String(120))
    drawn: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list, server_default="[]")
    judged: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict, server_default="{}")
    beyond: Mapped[bool] = mapped_column(Boolean, default=False, server_default="false")
