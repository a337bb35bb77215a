"""What a list is: its columns, filters, order and permission, said once and walked by page, export and bulk edit."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import Enum, IntEnum, StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Select
from sqlalchemy.orm import Session

from portal.accounts.permissions import Permission
from portal.accounts.values import Identity
from portal.registry.rules import CameraField
from portal.registry.values.lists import Wanted


class Kind(StrEnum):
    """How a filter is asked for."""

    WORD = "word"
    CHOICE = "choice"
    FLAG = "flag"
    ROW = "row"
    FROM = "from"
    UNTIL = "until"
    BELOW = "below"
    EXACT = "exact"


class Look(StrEnum):
    """How a column's value is shown."""

    TEXT = "text"
    CODE = "code"
    LEAD = "lead"
    NUMBER = "number"
    DAY = "day"
    MOMENT = "moment"
    FLAG = "flag"
    DISTRICT = "district"
    STATUS = "status"
    WORDS = "words"
    FIELD = "field"
    FAULTS = "faults"
    ZONE = "zone"
    SAID = "said"  # in both languages, as the row keeps it


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Who asks, and on what day. `by_index` tells a condition that has two ways which of them to take."""

    session: Session
    identity: Identity
    today: date
    by_index: bool | None = None


# An expression over a row: a mapped column or anything made of some. SQLAlchemy has no one type for the two.
Expression = Any
Condition = Callable[[Asked, Sequence[Any]], Expression]
# Columns of a table by their names: the list's own, or of the table that keeps its counts.
Columns = Any


@dataclass(frozen=True, kw_only=True)
class ListFilter:
    """One condition. `values` is its closed vocabulary, `read` turns a text of the address into a value.

    With `facet` its values are counted: an expression over the columns of the list's table. `names` is where a row
    that is named by its id finds the name its chip shows. What is not `offered` comes from links only.
    """

    key: str
    kind: Kind
    where: Condition
    values: tuple[str, ...] = ()
    read: Callable[[str], Any] = str
    facet: Callable[[Columns], Expression] | None = None
    names: tuple[Any, Any] | None = None
    longest: int = 60
    offered: bool = True

    def understood(self, texts: Sequence[str]) -> tuple[str, ...]:
        """Those of the texts that mean something here."""
        good = []
        for text in dict.fromkeys(texts):
            try:
                self.read(text)
            except (ValueError, KeyError):
                continue
            if text and len(text) <= self.longest and (not self.values or text in self.values):
                good.append(text)
        return tuple(good if self.kind is Kind.CHOICE else good[:1])


@dataclass(frozen=True, kw_only=True)
class ListColumn:
    """One column. `needs` is the permission whose reach decides, row by row, whether its value is shown at all.
    A column that is not `exported` never goes into a file.
    """

    key: str
    value: Expression
    look: Look = Look.TEXT
    shown: bool = False
    needs: Permission | None = None
    field: CameraField | None = None
    sort: Expression | None = None
    exported: bool = True


@dataclass(frozen=True, kw_only=True)
class ListSpec:
    """A list as a whole. `rows` selects what the person may read; `fast` counts open rows by their sorts;

    Where a condition is asked that no index of the list meets in its order (`walked`), and none that leaves a few rows
    only (`near`), a page is looked for in two ways (walking.py). `first_named` gives the keys of the first rows that bear
    a word. `usually` is the order that some conditions ask for by themselves. `told` names the values of columns whose words
    are kept in the database, by column, in a language. `narrowed` puts on the conditions that mean something only together, as
    the list's own page does. A list that is `file_only` has a page of its own elsewhere: nobody
    keeps views or columns of it.
    """

    key: str
    permission: Permission
    model: Any
    rows: Callable[[Identity], Select[Any]]
    columns: tuple[ListColumn, ...]
    filters: tuple[ListFilter, ...]
    reach: Mapping[str, Any]
    leaves: Callable[[Identity], Expression] | None = None
    fast: Any = None
    position: Any = None
    walked: frozenset[str] = frozenset()
    near: frozenset[str] = frozenset()
    first_named: Callable[[str, str, tuple[Any, UUID] | None, bool, int], Any] | None = None
    usually: Callable[[Wanted], str] | None = None
    told: Callable[[Asked, str], Mapping[str, Mapping[str, str]]] | None = None
    narrowed: Callable[[Asked, Select[Any], Wanted], Select[Any]] | None = None
    file_only: bool = False
    cap: int = 10_000
    descending: frozenset[str] = field(default_factory=frozenset)

    def column(self, key: str) -> ListColumn:
        """A column by its key. Raises KeyError."""
        return {each.key: each for each in self.columns}[key]

    def filter(self, key: str) -> ListFilter:
        """A filter by its key. Raises KeyError."""
        return {each.key: each for each in self.filters}[key]

    @property
    def column_keys(self) -> tuple[str, ...]:
        """Every column in its order."""
        return tuple(each.key for each in self.columns)

    @property
    def facets(self) -> tuple[ListFilter, ...]:
        """The filters whose values are counted, in their order."""
        return tuple(each for each in self.filters if each.facet is not None)

    @property
    def sorts(self) -> tuple[str, ...]:
        """The columns a list can be ordered by."""
        return tuple(each.key for each in self.columns if each.sort is not None)


def choice(
    key: str, column: Any, values: type[Enum] | Sequence[str], *, facet: bool = True, asked_as: Any = None
) -> ListFilter:
    """A closed choice over one column of the list's own table. An index may know it `asked_as` another expression."""
    name, model = column.key, column.class_
    kind: Callable[[str], Any] = int if isinstance(values, type) and issubclass(values, IntEnum) else str
    texts = tuple(str(each.value) for each in values) if isinstance(values, type) else tuple(values)
    return ListFilter(
        key=key,
        kind=Kind.CHOICE,
        values=texts,
        read=kind,
        where=lambda _asked, chosen: (getattr(model, name) if asked_as is None else asked_as).in_(chosen),
        facet=(lambda table: getattr(table, name)) if facet else None,
    )


def in_district(column: Any) -> ListFilter:
    """The district, by its code; which there are is what the counts say."""
    name = column.key
    return ListFilter(
        key="district",
        kind=Kind.CHOICE,
        longest=6,
        where=lambda _asked, codes: column.in_(codes),
        facet=lambda table: getattr(table, name),
    )


def flag(key: str, where: Callable[[Asked], Expression], *, offered: bool = True) -> ListFilter:
    """A condition that holds or is not asked for."""
    return ListFilter(
        key=key, kind=Kind.FLAG, values=("1",), where=lambda asked, _values: where(asked), offered=offered
    )


def row(key: str, column: Any, names: tuple[Any, Any]) -> ListFilter:
    """One other row the list's rows hang on, by its id."""
    return ListFilter(
        key=key,
        kind=Kind.ROW,
        read=UUID,
        where=lambda _asked, values: column.in_(values),
        names=names,
        offered=False,
    )


def day_range(first: str, last: str, column: Any) -> tuple[ListFilter, ListFilter]:
    """From one day on, and until another."""
    return (
        ListFilter(key=first, kind=Kind.FROM, read=date.fromisoformat, where=lambda _a, days: column >= days[0]),
        ListFilter(key=last, kind=Kind.UNTIL, read=date.fromisoformat, where=lambda _a, days: column <= days[0]),
    )
