"""What is known of each stored file; the bytes are in the blob store under their digests."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, DateTime, ForeignKey, Index, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base, one_of
from portal.core.ids import new_id
from portal.vault.values import FileKind, FileState, FileType, Secrecy


class StoredFile(Base):
    """A kept file: the sealed original by its digest, and beside it the copy without active content that is shown.

    `unit_id` has no foreign key: the vault stands below the registry. Rows are never deleted; an erased file keeps its
    row as proof that it was there.
    """

    __tablename__ = "stored_file"
    __table_args__ = (
        CheckConstraint(one_of("kind", FileKind), name="kind"),
        CheckConstraint(one_of("type", FileType), name="type"),
        CheckConstraint(one_of("secrecy", Secrecy), name="secrecy"),
        CheckConstraint(one_of("state", FileState), name="state"),
        CheckConstraint("sha256 ~ '^[0-9a-f]{64}$' and sm3 ~ '^[0-9a-f]{64}$'", name="digests"),
        CheckConstraint("shown_sha256 is null or shown_sha256 ~ '^[0-9a-f]{64}$'", name="shown_digest"),
        CheckConstraint("(shown_sha256 is null) = (shown_size is null)", name="shown_whole"),
        CheckConstraint("size > 0", name="size"),
        Index("ix_stored_file_unit_id_id", "unit_id", "id"),
        Index("ix_stored_file_sha256", "sha256"),
        Index("ix_stored_file_shown_sha256", "shown_sha256"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(String(20))
    type: Mapped[str] = mapped_column(String(8))
    declared_name: Mapped[str] = mapped_column(String(200))
    sha256: Mapped[str] = mapped_column(String(64))
    sm3: Mapped[str] = mapped_column(String(64))
    size: Mapped[int] = mapped_column(BigInteger)
    shown_sha256: Mapped[str | None] = mapped_column(String(64))
    shown_size: Mapped[int | None] = mapped_column(BigInteger)
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict, server_default="{}")
    secrecy: Mapped[str] = mapped_column(String(10))
    state: Mapped[str] = mapped_column(String(12), default=FileState.KEPT, server_default="kept")
    unit_id: Mapped[UUID | None]
    district: Mapped[str | None] = mapped_column(String(6))
    organ_id: Mapped[UUID | None] = mapped_column(ForeignKey("organ.id"))
    created_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    created_by_person: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    created_by_name: Mapped[str] = mapped_column(String(120))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))

    @property
    def file_type(self) -> FileType:
        """The type as an enum."""
        return FileType(self.type)

    @property
    def safe_digest(self) -> str:
        """The digest of what is shown: the cleaned copy, or the original of a type that needs no cleaning."""
        return self.shown_sha256 or self.sha256

    @property
    def safe_size(self) -> int:
        """The size of what is shown."""
        return self.shown_size or self.size
