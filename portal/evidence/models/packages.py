"""Court packages that were made: not their bytes, but what proves which one somebody holds."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base
from portal.core.ids import new_id


class FootagePackage(Base):
    """One package for one recipient, by its root. Never changed."""

    __tablename__ = "footage_package"
    __table_args__ = (
        CheckConstraint("root ~ '^[0-9a-f]{64}$' and sha256 ~ '^[0-9a-f]{64}$'", name="digests"),
        Index("ix_footage_package_request", "request_id", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    request_id: Mapped[UUID] = mapped_column(ForeignKey("footage_request.id"))
    serial: Mapped[str] = mapped_column(String(40), unique=True)
    recipient: Mapped[str] = mapped_column(String(60))
    root: Mapped[str] = mapped_column(String(64))
    sha256: Mapped[str] = mapped_column(String(64))
    made_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    made_name: Mapped[str] = mapped_column(String(40))
    made_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
