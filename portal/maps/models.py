"""The count pyramid's tables. Triggers of the camera table write the deltas (migration 0010); nothing maps to rows."""

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Double, Identity, Integer, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base


class _Counts:
    """Numbers of a cell; positions are summed in web-mercator metres, so that a cell is drawn at its centre of mass."""

    n: Mapped[int] = mapped_column(Integer)
    n_online: Mapped[int] = mapped_column(Integer)
    n_degraded: Mapped[int] = mapped_column(Integer)
    n_offline: Mapped[int] = mapped_column(Integer)
    sum_x: Mapped[float] = mapped_column(Double)
    sum_y: Mapped[float] = mapped_column(Double)


class MapCell(_Counts, Base):
    """Cameras of one district in one cell of one level."""

    __tablename__ = "map_cell"
    __audited__ = False

    level: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    x: Mapped[int] = mapped_column(Integer, primary_key=True)
    y: Mapped[int] = mapped_column(Integer, primary_key=True)
    district: Mapped[str] = mapped_column(String(6), primary_key=True)


class MapDelta(_Counts, Base):
    """A change that waits to be folded into the cells."""

    __tablename__ = "map_delta"
    __audited__ = False

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    x: Mapped[int] = mapped_column(Integer)
    y: Mapped[int] = mapped_column(Integer)
    district: Mapped[str] = mapped_column(String(6))


class MapVersion(Base):
    """One row: the number of folds so far, part of each tile's ETag."""

    __tablename__ = "map_version"
    __audited__ = False
    __table_args__ = (CheckConstraint("one", name="one"),)

    one: Mapped[bool] = mapped_column(Boolean, primary_key=True, server_default="true")
    number: Mapped[int] = mapped_column(BigInteger, server_default="1")
