"""Tickets: a change of technical parameters (000 art. 5), or a permission to touch the room's equipment (001 art. 16(3))."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, Integer, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.db import Base, one_of
from portal.core.ids import new_id
from portal.registry.models import Unit
from portal.registry.models.columns import Placed
from portal.upkeep.states import TicketStatus
from portal.upkeep.values import BY_EXPERTS, TicketKind

_EXPERTS = ", ".join(repr(str(kind)) for kind in sorted(BY_EXPERTS))


class WorkTicket(Placed, Base):
    """What is to be changed or allowed, in which hours, who asked, who decided, who did it, who looked afterwards.

    A change of settings is not done before a professional has signed for it: `signer_name` and what entitled them that
    day are copied, so that a certificate that runs out later changes nothing of the record.
    """

    __tablename__ = "work_ticket"
    __table_args__ = (
        CheckConstraint(one_of("kind", TicketKind), name="kind"),
        CheckConstraint(one_of("status", TicketStatus), name="status"),
        CheckConstraint("ends_at > starts_at", name="window"),
        CheckConstraint("decided_by is null or decided_by <> asked_by", name="decided_by_another"),
        CheckConstraint(
            "settled_by is null or (settled_by <> asked_by and settled_by <> decided_by)", name="settled_by_a_third"
        ),
        CheckConstraint("verified_by is null or verified_by <> done_by", name="verified_by_another"),
        CheckConstraint(
            "status not in ('approved', 'done', 'verified') or decided_by is not null", name="approved_before"
        ),
        CheckConstraint("(status in ('done', 'verified')) = (done_at is not null)", name="done"),
        CheckConstraint(
            f"done_at is null or kind not in ({_EXPERTS}) or (signer_name <> '' and signer_entitled <> '')",
            name="signed",
        ),
        CheckConstraint("kind <> 'deletion' or basis <> ''", name="basis"),
        CheckConstraint(
            "done_at is null or kind <> 'deletion' or copy_id is not null or signer_name <> ''", name="witnessed"
        ),
        Index("ix_work_ticket_unit_id_id", "unit_id", "id"),
        Index("ix_work_ticket_district_status_id", "district", "status", "id"),
        Index("ix_work_ticket_camera_id", "camera_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    number: Mapped[str] = mapped_column(String(40), unique=True)
    kind: Mapped[str] = mapped_column(String(12))
    status: Mapped[str] = mapped_column(String(12), default=TicketStatus.ASKED, server_default="asked")
    system_id: Mapped[UUID | None] = mapped_column(ForeignKey("system.id"))
    camera_id: Mapped[UUID | None] = mapped_column(ForeignKey("camera.id"))
    device: Mapped[str] = mapped_column(String(120))
    what: Mapped[str] = mapped_column(String(200))
    old_value: Mapped[str] = mapped_column(String(200), default="", server_default="")
    new_value: Mapped[str] = mapped_column(String(200), default="", server_default="")
    reason: Mapped[str] = mapped_column(String(400))
    # Of a deletion: the law it rests on, and the medium where it is about one that the portal keeps account of.
    basis: Mapped[str] = mapped_column(String(200), default="", server_default="")
    copy_id: Mapped[UUID | None] = mapped_column(ForeignKey("footage_copy.id"))
    starts_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    ends_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    asked_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    asked_by_name: Mapped[str] = mapped_column(String(40))
    asked_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    decided_by_name: Mapped[str] = mapped_column(String(40), default="", server_default="")
    decided_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    decision: Mapped[str] = mapped_column(String(400), default="", server_default="")
    dispute: Mapped[str] = mapped_column(String(400), default="", server_default="")
    settled_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    settled_by_name: Mapped[str] = mapped_column(String(40), default="", server_default="")
    settled_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    settlement: Mapped[str] = mapped_column(String(400), default="", server_default="")
    done_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    done_by_name: Mapped[str] = mapped_column(String(40), default="", server_default="")
    done_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    done_note: Mapped[str] = mapped_column(String(400), default="", server_default="")
    signer_name: Mapped[str] = mapped_column(String(40), default="", server_default="")
    signer_firm: Mapped[str] = mapped_column(String(120), default="", server_default="")
    signer_entitled: Mapped[str] = mapped_column(String(200), default="", server_default="")
    verified_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    verified_by_name: Mapped[str] = mapped_column(String(40), default="", server_default="")
    verified_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    verification: Mapped[str] = mapped_column(String(400), default="", server_default="")
    version: Mapped[int] = mapped_column(Integer)

    unit: Mapped[Unit] = relationship(lazy="raise")
    __mapper_args__: dict[str, Any] = {"version_id_col": version}


class TicketNumber(Base):
    """The running number of tickets in a year; the row is locked while one is taken."""

    __tablename__ = "work_ticket_number"
    __audited__ = False

    year: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    last: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
