"""What the home page is made of."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One number with the reason it matters. `query` opens the list it counts."""

    key: str
    count: int
    capped: bool = False
    query: Mapping[str, str] = field(default_factory=dict)
    late: int = 0


@dataclass(frozen=True, kw_only=True)
class Todo:
    """One thing that waits for this person."""

    kind: str  # names the label and the page
    id: UUID
    text: str
    due: date | None = None
    late: bool = False


@dataclass(frozen=True, kw_only=True)
class Hit:
    """One thing the search found."""

    kind: str
    id: UUID
    text: str
    note: str = ""
