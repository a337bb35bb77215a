"""What the home page is made of."""

from collections.abc import Mapping, Sequence
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
    """One thing that waits for this person; or, with `count` and no id, a list of such things that `query` opens."""

    kind: str  # names the label and the page
    id: UUID | None
    text: str
    count: int = 0
    query: Mapping[str, str] = field(default_factory=dict)
    due: date | None = None
    late: bool = False


@dataclass(frozen=True, kw_only=True)
class Hit:
    """One thing the search found."""

    kind: str
    id: UUID
    text: str
    note: str = ""
    code: str = ""


@dataclass(frozen=True, kw_only=True)
class Found:
    """What a search found: by kind, the kinds of which there is more, and the record whose code was typed whole."""

    groups: Mapping[str, Sequence[Hit]]
    more: frozenset[str] = frozenset()
    exact: Hit | None = None

    @property
    def only(self) -> Hit | None:
        """The one record to open at once: the exact one, or the only one there is."""
        hits = [hit for found in self.groups.values() for hit in found]
        return self.exact or (hits[0] if len(hits) == 1 else None)
