"""temporary"""
from uuid import UUID
from sqlalchemy.orm import Mapped, mapped_column
from portal.core.db import Base
class StoredFile(Base):
    """temporary"""
    __tablename__ = "stored_file"
    id: Mapped[UUID] = mapped_column(primary_key=True)
