"""Stored files."""

from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base
from portal.core.ids import new_id


class StoredFile(Base):
    """A file kept by its content; the vault's migration gives it the rest of its columns."""

    __tablename__ = "stored_file"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
