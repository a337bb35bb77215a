"""Files on their way in: the window in which a request takes them, and each file as far as it has come."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, DateTime, ForeignKey, Index, Integer, SmallInteger, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.db import Base
from portal.core.ids import new_id
from portal.evidence.models.request import FootageRequest


class UploadWindow(Base):
    """While it is open the custodian sends files for one request; a request has one open window at most.

    Where the recorder's operator sends them, the window has a secret address, of which only the digest is kept. It ends
    with its time, by the custodian, or with the last file it was opened for.
    """

    __tablename__ = "footage_window"
    __table_args__ = (
        CheckConstraint("(secret_sha256 is null) = (operator_name = '')", name="operator"),
        CheckConstraint("secret_sha256 is null or secret_sha256 ~ '^[0-9a-f]{64}$'", name="secret"),
        CheckConstraint("closes_at > opened_at", name="span"),
        CheckConstraint("files_most between 1 and 200", name="files"),
        Index("uq_footage_window_open", "request_id", unique=True, postgresql_where=text("closed_at is null")),
        Index("uq_footage_window_secret", "secret_sha256", unique=True),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    request_id: Mapped[UUID] = mapped_column(ForeignKey("footage_request.id"))
    secret_sha256: Mapped[str | None] = mapped_column(String(64))
    operator_name: Mapped[str] = mapped_column(String(40), default="", server_default="")
    files_most: Mapped[int] = mapped_column(SmallInteger)
    opened_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    opened_name: Mapped[str] = mapped_column(String(40))
    opened_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    closes_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    closed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    request: Mapped[FootageRequest] = relationship(lazy="raise")


class FootageUpload(Base):
    """One file on its way in. Whole when `received` is `size`; kept when it has its digests and its place in the vault."""

    __tablename__ = "footage_upload"
    # A row counts bytes as they come; what people did is recorded at the beginning, when it is whole, kept, dropped.
    __audited__ = False
    __table_args__ = (
        CheckConstraint("size > 0 and received between 0 and size", name="received"),
        CheckConstraint("(stored_file_id is null) = (kept_at is null)", name="kept"),
        CheckConstraint("kept_at is null or received = size", name="whole"),
        Index("ix_footage_upload_request", "request_id", "id"),
        Index("ix_footage_upload_window", "window_id"),
        Index("ix_footage_upload_arriving", "id", postgresql_where=text("kept_at is null and dropped_at is null")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    window_id: Mapped[UUID] = mapped_column(ForeignKey("footage_window.id"))
    request_id: Mapped[UUID] = mapped_column(ForeignKey("footage_request.id"))
    name: Mapped[str] = mapped_column(String(200))
    size: Mapped[int] = mapped_column(BigInteger)
    received: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    parts: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    sent_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    sent_name: Mapped[str] = mapped_column(String(40))
    begun_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    last_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    stored_file_id: Mapped[UUID | None] = mapped_column(ForeignKey("stored_file.id"))
    kept_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    dropped_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    dropped_why: Mapped[str] = mapped_column(String(20), default="", server_default="")

    window: Mapped[UploadWindow] = relationship(lazy="raise")

    @property
    def whole(self) -> bool:
        """Whether every byte is here."""
        return self.received == self.size

    @property
    def open(self) -> bool:
        """Whether more may come."""
        return self.dropped_at is None and self.kept_at is None and not self.whole
