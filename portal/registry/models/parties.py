"""Who answers for a system, each for a time, and whom to ring at any hour."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, DateTime, ForeignKey, Integer, SmallInteger, String, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base, one_of
from portal.core.ids import new_id
from portal.registry.models.columns import IN_ORDER, Lasting, Placed, one_at_a_time
from portal.registry.values import PartyRole


class SystemParty(Lasting, Placed, Base):
    """REG-05: who invests in, builds, uses or manages a system, and for how long; never two at once in one role."""

    __tablename__ = "system_party"
    __table_args__ = (
        CheckConstraint(one_of("role", PartyRole), name="role"),
        CheckConstraint(IN_ORDER, name="period"),
        one_at_a_time("system_party", "system_id", "role"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id, server_default=text("gen_random_uuid()"))
    system_id: Mapped[UUID] = mapped_column(ForeignKey("system.id", ondelete="CASCADE"), index=True)
    role: Mapped[str] = mapped_column(String(12))
    name: Mapped[str] = mapped_column(String(120))
    uscc: Mapped[str | None] = mapped_column(String(18))
    responsible: Mapped[str] = mapped_column(String(40), default="", server_default="")
    note: Mapped[str] = mapped_column(String(200), default="", server_default="")
    version: Mapped[int] = mapped_column(Integer, server_default="1")

    __mapper_args__ = {"version_id_col": version}


class SystemContact(Placed, Base):
    """Whom to ring about a system: the first, and who stands in. The number is sealed; pages show the masked form."""

    __tablename__ = "system_contact"
    __table_args__ = (CheckConstraint("place in (1, 2)", name="place"),)

    system_id: Mapped[UUID] = mapped_column(ForeignKey("system.id", ondelete="CASCADE"), primary_key=True)
    place: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    name: Mapped[str] = mapped_column(String(40))
    post: Mapped[str] = mapped_column(String(40), default="", server_default="")
    phone_sealed: Mapped[str] = mapped_column(String(400))
    phone_masked: Mapped[str] = mapped_column(String(20))
    round_the_clock: Mapped[bool] = mapped_column(Boolean, default=False, server_default="false")
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
