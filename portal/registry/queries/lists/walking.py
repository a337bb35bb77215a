"""Finding a page in one of two ways: among the rows that come next, or by whatever index finds the whole of it.

A page stops when it is full. Where many rows meet the conditions, walking the list in its order ends soon; where few do,
or where those that do lie together far away, it reads the whole table in the worst order there is, and no estimate of a
planner tells these apart. So a bounded stretch is walked first; where that does not fill the page, the rows are found
without regard to their order, and put in order then.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import RowMapping, Select, select

from portal.accounts.policy import visibility
from portal.registry.queries.lists.ordering import Order
from portal.registry.queries.lists.spec import Asked, ListSpec
from portal.registry.values.lists import Wanted

# Rows looked at one after the other, some milliseconds of work; fewer where the reader sees one row in several.
STRETCH, NARROW_STRETCH = 4_000, 2_000
# Keys asked for each row of a page: some of them may be secret, which the index of words does not know.
SPARE = 4


@dataclass(frozen=True, kw_only=True)
class Hunt:
    """One page of a list that is looked for. `rows` makes the list's statement for an `Asked` that says which way."""

    asked: Asked
    spec: ListSpec
    wanted: Wanted
    order: Order
    rows: Callable[[Asked], Select[Any]]
    columns: Sequence[Any]
    size: int

    def found(self) -> Sequence[RowMapping]:
        """The first rows behind the cursor."""
        if not self._may_lie_far():
            return self._fetch(self._behind(self.rows(self.asked)))
        edge = self._edge()
        walking = self._behind(self.rows(replace(self.asked, by_index=False)))
        if edge is None:
            return self._fetch(walking)
        near = self._fetch(walking.where(~self.order.beyond(self.order.cursor(edge), backward=self._backward)))
        if len(near) == self.size:
            return near
        return self._by_word_alone() or self._out_of_order()

    @property
    def _backward(self) -> bool:
        return bool(self.wanted.before)

    @property
    def _cursor(self) -> str:
        return self.wanted.before or self.wanted.after

    def _may_lie_far(self) -> bool:
        keys = {key for key, texts in self.wanted.conditions.items() if texts}
        return bool(keys & self.spec.walked) and not keys & self.spec.near

    def _behind(self, statement: Select[Any]) -> Select[Any]:
        return statement.where(self.order.beyond(self._cursor, backward=self._backward)) if self._cursor else statement

    def _fetch(self, statement: Select[Any]) -> Sequence[RowMapping]:
        chosen = statement.with_only_columns(*self.columns).order_by(*self.order.clauses(backward=self._backward))
        return self.asked.session.execute(chosen.limit(self.size)).mappings().all()

    def _edge(self) -> RowMapping | None:
        """Where the stretch ends; nothing where the list does."""
        whole = visibility(self.asked.identity, self.spec.permission).everything
        place = self.order.key.label("row_key"), self.spec.model.id.label("row_id")
        ahead = self._behind(self.spec.rows(self.asked.identity)).with_only_columns(*place)
        ahead = ahead.order_by(*self.order.clauses(backward=self._backward))
        last = ahead.offset(STRETCH if whole else NARROW_STRETCH).limit(1)
        return self.asked.session.execute(last).mappings().first()

    def _by_word_alone(self) -> Sequence[RowMapping]:
        """Where a word is all that is asked: its first keys, and their rows. Nothing where that may miss one."""
        words = self.wanted.values("q")
        alone = all(key == "q" or not texts for key, texts in self.wanted.conditions.items())
        if self.spec.first_named is None or not words or not alone:
            return []
        beyond = self.order.place(self._cursor) if self._cursor else None
        upwards = self.order.descending is self._backward
        first = self.spec.first_named(words[0], str(self.order.key.key), beyond, upwards, self.size * SPARE)
        if first is None:
            return []
        keys = first.subquery()
        named = self.rows(replace(self.asked, by_index=False)).where(self.spec.model.id.in_(select(keys.c[0])))
        found = self._fetch(named)
        return found if len(found) == self.size else []

    def _out_of_order(self) -> Sequence[RowMapping]:
        place = self.order.key.label("row_key"), self.spec.model.id.label("row_id")
        rows = self._behind(self.rows(replace(self.asked, by_index=True))).with_only_columns(*place)
        whole = rows.cte("whole").prefix_with("materialized")
        keys = (whole.c.row_id,) if self.order.key is self.order.id else (whole.c.row_key, whole.c.row_id)
        down = self.order.descending is not self._backward
        first = select(whole.c.row_id).order_by(*(key.desc() if down else key.asc() for key in keys)).limit(self.size)
        ids = self.asked.session.scalars(first).all()
        return self._fetch(self.spec.rows(self.asked.identity).where(self.spec.model.id.in_(ids))) if ids else []
