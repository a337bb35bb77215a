"""What the tables of the registry share."""

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Date, ForeignKey, String, literal_column
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column


def number_of(column: str, values: Iterable[int]) -> str:
    """The condition that a column holds one of a vocabulary's numbers, or nothing."""
    return f"{column} is null or {column} in ({', '.join(str(int(value)) for value in values)})"


def numbers_of(column: str, values: Iterable[int]) -> str:
    """The condition that an array holds nothing but a vocabulary's numbers."""
    return f"{column} <@ array[{', '.join(str(int(value)) for value in values)}]::smallint[]"


class Placed:
    """What row-level security asks of a row: whose it is, and in which district."""

    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id"))
    district: Mapped[str] = mapped_column(String(6))


class Lasting:
    """What holds from a day until a day, both included; an open end means that nobody has said otherwise."""

    valid_from: Mapped[date | None] = mapped_column(Date)
    valid_to: Mapped[date | None] = mapped_column(Date)


IN_ORDER = "valid_from is null or valid_to is null or valid_from <= valid_to"


def one_at_a_time(table: str, *keys: str) -> ExcludeConstraint:
    """No two rows with the same keys on the same day, whoever writes at the same moment."""
    span: ColumnElement[Any] = literal_column("daterange(valid_from, valid_to, '[]')")
    return ExcludeConstraint(
        *((key, "=") for key in keys), (span, "&&"), name=f"ex_{table}_one_at_a_time", using="gist"
    )
