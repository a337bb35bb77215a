"""Counts that are filters: how many rows each value of a filter would show, bounded however long the list is."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import String, cast, func, literal, null, select, union_all

from portal.accounts.policy import require, visibility
from portal.accounts.queries import visible
from portal.registry.queries.lists.reading import list_rows
from portal.registry.queries.lists.spec import Asked, ListFilter, ListSpec
from portal.registry.values.lists import Wanted


@dataclass(frozen=True, kw_only=True)
class Count:
    """A number of rows; `more` where the counting stopped at a bound, so that it is this many at least."""

    number: int
    more: bool = False


@dataclass(frozen=True, kw_only=True)
class Counts:
    """How many rows a list shows in all, and under each value of each filter that is counted."""

    total: Count
    facets: Mapping[str, Mapping[str, Count]]


def read_counts(asked: Asked, spec: ListSpec, wanted: Wanted) -> Counts:
    """Total and facets in one statement. A facet leaves its own condition open, so that its other values show theirs.

    Whoever reads whole districts, and asks by nothing but the sorts that are kept as sums, is answered from those;
    everybody else from the rows themselves, up to the list's cap.
    """
    require(asked.identity, spec.permission)
    return _from_sums(asked, spec, wanted) if _kept_as_sums(asked, spec, wanted) else _from_rows(asked, spec, wanted)


def _kept_as_sums(asked: Asked, spec: ListSpec, wanted: Wanted) -> bool:
    if spec.fast is None or visibility(asked.identity, spec.permission).units:
        return False
    by_sums = {each.key for each in spec.facets}
    return all(key in by_sums for key in wanted.conditions)


def _from_sums(asked: Asked, spec: ListSpec, wanted: Wanted) -> Counts:
    table = spec.fast
    reach = visibility(asked.identity, spec.permission)
    seen = visible(reach, district=table.district, filed=table.filed_district)
    held = {
        each.key: cast(value, String).in_([_text(each, text) for text in wanted.values(each.key)])
        for each, value in _counted(spec, table)
        if wanted.values(each.key)
    }
    parts: list[Any] = [
        select(literal(""), null().cast(String), func.coalesce(func.sum(table.n), 0)).where(seen, *held.values())
    ]
    for each, value in _counted(spec, table):
        others = [condition for key, condition in held.items() if key != each.key]
        parts.append(
            select(literal(each.key), cast(value, String), func.sum(table.n))
            .where(seen, *others)
            .group_by(value)
            .having(func.sum(table.n) > 0)
        )
    return _gathered(asked, spec, union_all(*parts), cap=0)


def _from_rows(asked: Asked, spec: ListSpec, wanted: Wanted) -> Counts:
    whole = _sample(asked, spec, wanted)
    parts: list[Any] = [select(literal(""), null().cast(String), func.count()).select_from(whole)]
    for each in spec.facets:
        found = _sample(asked, spec, wanted.without(each.key)) if wanted.values(each.key) else whole
        column = found.c[each.key]
        parts.append(select(literal(each.key), column, func.count()).group_by(column))
        if found is not whole:
            parts.append(select(literal(f"{each.key}*"), null().cast(String), func.count()).select_from(found))
    return _gathered(asked, spec, union_all(*parts), cap=spec.cap)


def _sample(asked: Asked, spec: ListSpec, wanted: Wanted) -> Any:
    """The rows' counted values, one more of them than the cap."""
    facets = [cast(value, String).label(each.key) for each, value in _counted(spec, spec.model)]
    return list_rows(asked, spec, wanted).with_only_columns(*facets).limit(spec.cap + 1).cte()


def _counted(spec: ListSpec, table: Any) -> list[tuple[ListFilter, Any]]:
    return [(each, each.facet(table)) for each in spec.filters if each.facet is not None]


def _text(each: ListFilter, text: str) -> str:
    """A value as the database writes it."""
    return str(each.read(text))


def _gathered(asked: Asked, spec: ListSpec, statement: Any, *, cap: int) -> Counts:
    found: dict[str, dict[str, int]] = {each.key: {} for each in spec.facets}
    sizes: dict[str, int] = {}
    for facet, value, number in asked.session.execute(statement):
        if value is not None and facet in found:
            found[facet][value] = int(number)
        elif facet == "" or facet.endswith("*"):
            sizes[facet.removesuffix("*")] = int(number)
    total = sizes.pop("")

    def capped(key: str) -> bool:
        return bool(cap) and sizes.get(key, total) > cap

    return Counts(
        total=Count(number=min(total, cap) if cap else total, more=capped("")),
        facets={
            each.key: {
                _address(each, value): Count(number=number, more=capped(each.key))
                for value, number in found[each.key].items()
            }
            for each in spec.facets
        },
    )


def _address(each: ListFilter, value: str) -> str:
    """A counted value as it stands in the address."""
    if not each.values:
        return value
    return next((text for text in each.values if str(each.read(text)) == value), value)
