"""Bulk rows through COPY: into a temporary table first, then inserted in spatial order.

COPY itself is refused on tables under row-level security, and a heap in spatial order makes tiles and searches two to
three times cheaper (maps.md 2), so the detour pays twice.
"""

import io
from collections.abc import Callable, Iterable, Mapping
from itertools import chain
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


class _Lines(io.TextIOBase):
    """A file that is written while it is read: a million rows never lie in memory together."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = iter(lines)
        self._rest = ""

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1) -> str:
        parts = [self._rest]
        held = len(self._rest)
        while size is None or size < 0 or held < size:
            line = next(self._lines, None)
            if line is None:
                break
            parts.append(line)
            held += len(line)
        whole = "".join(parts)
        cut = len(whole) if size is None or size < 0 else size
        self._rest = whole[cut:]
        return whole[:cut]


def as_copy_text(value: object) -> str:
    """One value in COPY's text format."""
    return _WRITERS.get(type(value), str)(value)


def escaped(value: str) -> str:
    """A text as COPY takes it."""
    # Four looks for one sign each take a fifth of what a pattern of four takes, and this runs for every row.
    unsafe = "\\" in value or "\t" in value or "\n" in value or "\r" in value
    return value.translate(_ESCAPES) if unsafe else value


# By type, because this runs twenty-five million times for a million cameras.
_WRITERS: Mapping[type, Callable[[Any], str]] = {
    str: escaped,
    type(None): lambda _: r"\N",
    bool: lambda value: "t" if value else "f",
    int: str,
    tuple: lambda value: "{" + ",".join([f'"{part}"' for part in value]) + "}" if value else "{}",
}


def copy_into(session: Session, table: str, rows: Iterable[Mapping[str, object]], *, order_by: str = "") -> int:
    """Load rows, each a mapping in the same order of columns, in the session's transaction; the number loaded.

    `table`, the column names and `order_by` are the caller's own constants, never input.
    """
    coming = iter(rows)
    first = next(coming, None)
    if first is None:
        return 0
    lines = ("\t".join(map(as_copy_text, row.values())) + "\n" for row in chain([first], coming))
    return copy_lines(session, table, ", ".join(first), lines, order_by=order_by)


def copy_lines(session: Session, table: str, names: str, lines: Iterable[str], *, order_by: str = "") -> int:
    """The same from lines in COPY's text format, for whoever writes them faster than by mappings."""
    stage = f"stage_{table}"
    session.execute(text(f"create temporary table {stage} on commit drop as select {names} from {table} limit 0"))  # noqa: S608
    raw: Any = session.connection().connection.driver_connection
    with raw.cursor() as cursor:
        cursor.copy_expert(f"copy {stage} ({names}) from stdin", _Lines(lines), size=1 << 16)
    order = f" order by {order_by}" if order_by else ""
    loaded: Any = session.execute(text(f"insert into {table} ({names}) select {names} from {stage}{order}"))  # noqa: S608
    session.execute(text(f"drop table {stage}"))
    return int(loaded.rowcount)
