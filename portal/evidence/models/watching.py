"""Explanations asked of people about what stood out in requests for footage."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base, one_of
from portal.core.ids import new_id
from portal.evidence.values.watching import QuestionStatus, SignKind


class OversightQuestion(Base):
    """One question about one sign; asked once, answered by the person, and judged by somebody else than the person.

    `working` keeps what was shown when it was asked, as counts go on changing.
    """

    __tablename__ = "oversight_question"
    __table_args__ = (
        CheckConstraint(one_of("kind", SignKind), name="kind"),
        CheckConstraint(one_of("status", QuestionStatus), name="status"),
        CheckConstraint("person_id <> asked_by", name="not_of_oneself"),
        CheckConstraint("decided_by is null or decided_by <> person_id", name="not_judged_by_oneself"),
        CheckConstraint("(status = 'asked') = (answered_at is null)", name="answered"),
        CheckConstraint("(status in ('accepted', 'escalated')) = (decided_at is not null)", name="decided"),
        UniqueConstraint("kind", "key", name="uq_oversight_question_sign"),
        Index("ix_oversight_question_person", "person_id", "status"),
        Index("ix_oversight_question_due", "due_on", postgresql_where=text("status = 'asked'")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(String(12))
    key: Mapped[str] = mapped_column(String(120))
    label: Mapped[str] = mapped_column(String(120))
    working: Mapped[dict[str, Any]] = mapped_column(JSONB)
    status: Mapped[str] = mapped_column(String(10), default=QuestionStatus.ASKED, server_default="asked")
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    person_name: Mapped[str] = mapped_column(String(40))
    organ_id: Mapped[UUID | None] = mapped_column(Uuid)
    unit_id: Mapped[UUID | None] = mapped_column(Uuid)
    request_id: Mapped[UUID | None] = mapped_column(Uuid)
    question: Mapped[str] = mapped_column(Text)
    asked_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    asked_name: Mapped[str] = mapped_column(String(40))
    asked_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    due_on: Mapped[date | None] = mapped_column(Date)
    answer: Mapped[str] = mapped_column(Text, default="", server_default="")
    answered_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    decided_name: Mapped[str] = mapped_column(String(40), default="", server_default="")
    decided_note: Mapped[str] = mapped_column(Text, default="", server_default="")
    decided_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    version: Mapped[int] = mapped_column(Integer)

    __mapper_args__ = {"version_id_col": version}
