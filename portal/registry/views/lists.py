"""Every list of the registry, drawn by its description: conditions in the address, counts that are filters, columns."""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.accounts.guards import current_identity
from portal.accounts.permissions import Permission
from portal.accounts.policy import may_ever
from portal.core.clock import city_day, utcnow
from portal.registry.labels.lists import (
    COUNTED,
    FITTING,
    LIST_PAGE,
    LIST_TITLE,
    SEARCHED,
    Speaker,
    column_label,
    filter_label,
    heading,
    shape_of,
    speaker,
    speaker_of,
)
from portal.registry.models import SavedView
from portal.registry.queries.lists import (
    Asked,
    Count,
    Counts,
    Kind,
    ListColumn,
    ListFilter,
    ListSpec,
    Look,
    columns_for,
    names_of,
    read_counts,
    read_page,
    sort_of,
)
from portal.registry.queries.views import choice_of, views_for
from portal.registry.rules.fields import Shape
from portal.registry.values.lists import MOST_COLUMNS, Wanted
from portal.web import formats
from portal.web.i18n import current_locale
from portal.web.links import url_with
from portal.web.session import db_session

# The page of one row, and what its argument is called.
ROW_PAGE = {
    "units": ("registry.unit", "unit_id"),
    "systems": ("registry.system", "system_id"),
    "cameras": ("registry.camera", "camera_id"),
    "filings": ("registry.filing", "filing_id"),
}
# What stands beside the value on a phone, three at most.
FACTS = {
    "units": ("unit_type", "district", "address"),
    "systems": ("unit", "use_status", "filed"),
    "cameras": ("unit", "district", "live"),
    "filings": ("unit", "status", "due_on"),
}
_CLASS = {Look.NUMBER: "num", Look.CODE: "code", Look.DAY: "date", Look.MOMENT: "date"}
_CUT = frozenset({"unit", "system", "address", "coverage", "purpose", "faults", "main_content"})
_SHOWN_WIDTH = 26  # letters of 13 pixels in the 180 that a column that is cut has for them
_DRESSING = frozenset({"lang", "theme", "density"})


@dataclass(frozen=True, kw_only=True)
class Option:
    """One value of a condition: its words, how many rows it would show, and where it leads."""

    value: str
    text: str
    count: str
    url: str
    shape: str = ""
    current: bool = False


@dataclass(frozen=True, kw_only=True)
class Field:
    """One condition of the form."""

    key: str
    kind: str
    label: str
    value: str
    options: Sequence[Option] = field(default=())


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One value of a row."""

    text: str
    column: str
    label: str
    shape: str = ""
    cls: str = ""
    fact: bool = False
    whole: str = ""


def wanted_from(spec: ListSpec, given: Mapping[str, str], columns: Sequence[str] = ()) -> Wanted:
    """A list as an address asks for it; what means nothing here is left out. `columns` hold where the address is silent."""
    conditions = {}
    for each in spec.filters:
        raw = given.get(each.key, "").replace("\x00", "").strip()
        texts = each.understood(raw.split(",") if each.kind is Kind.CHOICE else [raw])
        if texts:
            conditions[each.key] = texts
    sort = given.get("sort", "")
    asked = tuple(key for key in given.get("cols", "")[:2000].split(",") if key in spec.column_keys)[:MOST_COLUMNS]
    return Wanted(
        conditions=conditions,
        columns=asked or tuple(columns),
        sort=sort if sort.removeprefix("-") in (*spec.sorts, "id") else "",
        after=given.get("after", "")[:400],
        before=given.get("before", "")[:400],
    )


def wanted_of_query(spec: ListSpec, query: str) -> Wanted:
    """A list as a kept query asks for it."""
    return wanted_from(spec, dict(parse_qsl(query, max_num_fields=200)))


def list_url(key: str, query: str = "") -> str:
    """The page of a list, under the conditions of a query, or whole."""
    if key in LIST_PAGE:
        return f"{url_for(LIST_PAGE[key])}?{query}" if query else url_for(LIST_PAGE[key])
    return f"{url_for(f'registry.{key}')}?{query or 'view=all'}"


def query_of(spec: ListSpec, wanted: Wanted, *, columns: bool = True) -> str:
    """The address's query that asks for this list."""
    pairs = [(key, ",".join(wanted.conditions[key])) for key in (f.key for f in spec.filters) if wanted.values(key)]
    if wanted.sort:
        pairs.append(("sort", wanted.sort))
    if columns and wanted.columns:
        pairs.append(("cols", ",".join(wanted.columns)))
    return urlencode(pairs)


def asked_now() -> Asked:
    """The reader of this request, today."""
    return Asked(session=db_session(), identity=current_identity(), today=city_day(utcnow()))


def show_list(spec: ListSpec, *, template: str = "registry/list.html", **more: Any) -> ResponseReturnValue:
    """A page of the list, or the way to the view it opens with."""
    asked = asked_now()
    choice = choice_of(asked.session, asked.identity, spec.key)
    views = views_for(asked.session, asked.identity, spec.key)
    if not set(request.args) - _DRESSING and choice is not None and choice.view_id is not None:
        opens = next((view for view in views if view.id == choice.view_id), None)
        if opens is not None:
            return redirect(view_url(spec, opens), 302)
    wanted = wanted_from(spec, request.args, choice.columns if choice else ())
    page, counts = read_page(asked, spec, wanted), read_counts(asked, spec, wanted)
    columns = columns_for(asked.identity, spec, wanted.columns)
    words = speaker(current_locale())
    drawn = _Drawn(spec, wanted, words, counts, names_of(asked.session, spec, wanted))
    return render_template(
        template,
        spec=spec,
        title=LIST_TITLE[spec.key],
        subtitle=str((FITTING if wanted.conditions else COUNTED)[spec.key]) % {"count": written(counts.total)},
        searched=SEARCHED[spec.key],
        wanted=wanted,
        sort=sort_of(spec, wanted),
        page=page,
        counts=counts,
        columns=[(each, heading(spec, each)) for each in columns],
        numeric={each.key for each in columns if _numeric(each)},
        rows=[
            (_row_url(spec, row), row["row_id"], list(_cells(spec, columns, row, words, asked))) for row in page.rows
        ],
        chips=list(drawn.chips()),
        tally=drawn.tally(),
        fields=[drawn.field(each) for each in drawn.offered()],
        breakdown_rows=drawn.breakdown(),
        first_facet=spec.facets[0].key,
        kept_unseen=["cols", "sort", spec.facets[0].key, *(each.key for each in spec.filters if not each.offered)],
        total_written=written(counts.total),
        pickable=[
            (each.key, str(column_label(spec, each.key)))
            for each in columns_for(asked.identity, spec, spec.column_keys)
            if each not in columns
        ],
        views=[(view, view_url(spec, view), view.query == query_of(spec, wanted)) for view in views],
        opens=choice.view_id if choice else None,
        query=query_of(spec, wanted),
        conditions_query=query_of(spec, wanted, columns=False),
        may_export=may_ever(asked.identity, Permission.LIST_EXPORT),
        reader=asked.identity.person_id,
        **more,
    )


def view_url(spec: ListSpec, view: SavedView) -> str:
    """Where a saved view leads: the list with everything in its address."""
    return f"{url_for(f'registry.{spec.key}')}?{urlencode([*parse_qsl(view.query), ('view', view.id)])}"


def conditions_in_words(spec: ListSpec, query: str, *, named: bool = True) -> list[str]:
    """What a query asks for, one condition a line, as its chips would say it; `named` looks the names of rows up."""
    wanted = wanted_of_query(spec, query)
    nothing = Counts(total=Count(number=0), facets={})
    names = names_of(db_session(), spec, wanted) if named else {}
    drawn = _Drawn(spec, wanted, speaker_of(asked_now(), spec, current_locale()), nothing, names)
    return [label for label, _url in drawn.chips()]


def written(count: Count) -> str:
    """A count as it is shown."""
    return formats.number(count.number) + ("+" if count.more else "")


def _row_url(spec: ListSpec, row: Mapping[str, Any]) -> str:
    endpoint, name = ROW_PAGE[spec.key]
    return url_for(endpoint, **{name: row["row_id"]})


def _cells(
    spec: ListSpec, columns: Sequence[ListColumn], row: Mapping[str, Any], words: Speaker, asked: Asked
) -> Iterator[Cell]:
    for each in columns:
        value, text = row[each.key], words.cell(spec, each, row[each.key])
        shape = shape_of(spec, each.key, value)
        if each.key == "system" and spec.key == "filings" and text in ("", "—"):
            text = gettext("System that moved away")
        if each.key == "due_on" and value is not None and value < asked.today and _is_open(row):
            shape, text = "bad", gettext("%(day)s overdue", day=text)
        yield Cell(
            text=text,
            column=each.key,
            label=heading(spec, each),
            shape=shape,
            cls="num" if _numeric(each) else _CLASS.get(each.look, "cut-off" if each.key in _CUT else ""),
            fact=each.key in FACTS[spec.key],
            whole=text if each.key in _CUT and _width(text) > _SHOWN_WIDTH else "",
        )


def _width(text: str) -> int:
    """How wide a text stands, in Latin letters: a Chinese character is as wide as two."""
    return sum(2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in text)


def _numeric(each: ListColumn) -> bool:
    return each.look is Look.NUMBER or (each.field is not None and each.field.shape in (Shape.WHOLE, Shape.DECIMAL))


def _is_open(row: Mapping[str, Any]) -> bool:
    return row.get("status") in ("draft", "returned")


class _Drawn:
    """The conditions of a list as its page shows them."""

    def __init__(
        self,
        spec: ListSpec,
        wanted: Wanted,
        words: Speaker,
        counts: Counts,
        names: Mapping[tuple[str, str], str],
    ) -> None:
        self.spec, self.wanted, self.words, self.counts, self.names = spec, wanted, words, counts, names

    def url(self, key: str, values: Sequence[str]) -> str:
        return url_with(**{key: ",".join(values) or None, "after": None, "before": None, "view": None})

    def text(self, each: ListFilter, value: str) -> str:
        if each.kind is Kind.ROW:
            return self.names.get((each.key, value)) or gettext("One only")
        return self.words.option(self.spec, each, value)

    def chips(self) -> Iterator[tuple[str, str]]:
        """Each value of each condition in force, and the address without it."""
        for each in self.spec.filters:
            values = self.wanted.values(each.key)
            label = str(filter_label(self.spec, each.key))
            for value in values:
                url = self.url(each.key, [other for other in values if other != value])
                if each.kind is Kind.FLAG:
                    yield label, url
                else:
                    yield gettext("%(condition)s: %(value)s", condition=label, value=self.text(each, value)), url
        if self.wanted.sort:
            name = str(column_label(self.spec, self.wanted.sort.removeprefix("-")))
            yield gettext("Ordered by %(column)s", column=name), url_with(sort=None, after=None, before=None)

    def options(self, each: ListFilter, *, several: bool) -> list[Option]:
        """The values of a closed condition with their counts; those in force are kept when nothing is left of them."""
        counted = self.counts.facets.get(each.key, {})
        chosen = self.wanted.values(each.key)
        values = each.values or tuple(sorted({*counted, *chosen}))
        found = []
        for value in values:
            count = counted.get(value)
            if each.facet is not None and count is None and value not in chosen:
                continue
            current = value in chosen
            others = [other for other in chosen if other != value]
            found.append(
                Option(
                    value=value,
                    text=self.text(each, value),
                    count=written(count) if count else "",
                    url=self.url(each.key, (others if current else [*others, value]) if several else [value]),
                    shape=shape_of(self.spec, each.key, value),
                    current=current,
                )
            )
        return found

    def tally(self) -> tuple[str, str, Sequence[Option]] | None:
        """The strip above the list: the address of all, and each value of the first counted condition."""
        first = next((each for each in self.spec.filters if each.facet is not None), None)
        if first is None:
            return None
        return str(filter_label(self.spec, first.key)), self.url(first.key, []), self.options(first, several=False)

    def breakdown(self) -> list[tuple[str, list[Option]]]:
        """Every other counted condition: each value leads to the list with it, or without it where it is in force."""
        facets = [each for each in self.spec.filters if each.facet is not None][1:]
        found = [(str(filter_label(self.spec, each.key)), self.options(each, several=True)) for each in facets]
        return [(label, options) for label, options in found if options]

    def offered(self) -> list[ListFilter]:
        """The conditions the form asks for: the word, the counted ones, the rest; not the strip's."""
        first = next((each for each in self.spec.filters if each.facet is not None), None)
        return [each for each in self.spec.filters if each.offered and each is not first]

    def field(self, each: ListFilter) -> Field:
        closed = each.kind is Kind.CHOICE
        return Field(
            key=each.key,
            kind=str(each.kind),
            label=str(filter_label(self.spec, each.key)),
            value=",".join(self.wanted.values(each.key)),
            options=self.options(each, several=False) if closed else (),
        )
