"""What the portal found out of a system before anybody travelled, and what the organ went on in spite of."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, String, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base, one_of
from portal.core.ids import new_id
from portal.inspection.states import ReadinessCause


class ReadinessReport(Base):
    """One run of the portal's own checks, never changed afterwards: the facts it started from, each check with its
    evidence, the answers proposed by item of the list, how the visit would end. `failing` are the checks that bar it."""

    __tablename__ = "readiness_report"
    # Found by the portal like the state of a device; who asked for a run by hand is in the log.
    __audited__ = False
    __table_args__ = (
        CheckConstraint(one_of("cause", ReadinessCause), name="cause"),
        Index("ix_readiness_report_acceptance_id_id", "acceptance_id", "id"),
        Index("ix_readiness_report_unit_id", "unit_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    acceptance_id: Mapped[UUID] = mapped_column(ForeignKey("acceptance.id"))
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    district: Mapped[str] = mapped_column(String(6))
    cause: Mapped[str] = mapped_column(String(12))
    made_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    made_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB)
    checks: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    proposals: Mapped[dict[str, Any]] = mapped_column(JSONB)
    outlook: Mapped[dict[str, Any]] = mapped_column(JSONB)
    failing: Mapped[list[str]] = mapped_column(ARRAY(String(40)), default=list, server_default="{}")


class ReadinessWaiver(Base):
    """The organ lets a visit be arranged although named checks fail, and says why. What fails later is not covered."""

    __tablename__ = "readiness_waiver"
    __table_args__ = (
        CheckConstraint("cardinality(checks) > 0", name="checks"),
        CheckConstraint("reason <> ''", name="reason"),
        Index("ix_readiness_waiver_acceptance_id", "acceptance_id"),
        Index("ix_readiness_waiver_unit_id", "unit_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    acceptance_id: Mapped[UUID] = mapped_column(ForeignKey("acceptance.id"))
    report_id: Mapped[UUID] = mapped_column(ForeignKey("readiness_report.id"))
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    district: Mapped[str] = mapped_column(String(6))
    checks: Mapped[list[str]] = mapped_column(ARRAY(String(40)))
    reason: Mapped[str] = mapped_column(Text)
    waived_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    waived_by_name: Mapped[str] = mapped_column(String(40))
    waived_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
