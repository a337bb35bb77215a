"""What is searched by name, initials or number. Triggers write it, database functions read it, the application neither."""

from uuid import UUID

from sqlalchemy import BigInteger, Boolean, Identity, Index, Integer, SmallInteger, String, Text, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base

_PENDING = {"gin_pending_list_limit": 1024}


class SearchEntry(Base):
    """The words of one row: its folded name, its initials, its codes; and pairs of neighbouring characters as numbers.

    `unit_only` rows (secret, or a draft) are found inside their own unit alone. The application's role holds no right on
    the table: `portal_search` gives keys, and the rows behind them are read under their own rules.
    """

    __tablename__ = "search_entry"
    __audited__ = False
    __table_args__ = (
        Index("ix_search_entry_unit_id", "unit_id", "kind"),
        *(
            Index(name, "grams", postgresql_using="gin", postgresql_with=_PENDING, postgresql_where=text(part))
            for name, part in (("ix_search_entry_grams", "kind = 3"), ("ix_search_entry_few_grams", "kind <> 3"))
        ),
    )

    kind: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    row_id: Mapped[UUID] = mapped_column(primary_key=True)
    unit_id: Mapped[UUID]
    district: Mapped[str] = mapped_column(String(6))
    filed_district: Mapped[str | None] = mapped_column(String(6))
    unit_only: Mapped[bool] = mapped_column(Boolean)
    words: Mapped[str] = mapped_column(Text)
    grams: Mapped[list[int]] = mapped_column(ARRAY(Integer))


class SearchDue(Base):
    """A camera that came in among many and is not indexed yet; the application's role holds no right on the table."""

    __tablename__ = "search_due"
    __audited__ = False

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    camera_id: Mapped[UUID]
