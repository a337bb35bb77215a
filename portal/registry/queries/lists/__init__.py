"""Lists by their descriptions: what each is, and how its pages, rows and counts are read."""

from collections.abc import Mapping

from portal.registry.queries.lists.cameras import CAMERAS
from portal.registry.queries.lists.counting import Count, Counts, read_counts
from portal.registry.queries.lists.ordering import sort_of
from portal.registry.queries.lists.others import FILINGS, SYSTEMS, UNITS
from portal.registry.queries.lists.reading import (
    ListPage,
    columns_for,
    keys_of,
    leaving,
    list_rows,
    names_of,
    open_rows,
    read_page,
    stream_rows,
)
from portal.registry.queries.lists.spec import Asked, Kind, ListColumn, ListFilter, ListSpec, Look

LISTS: Mapping[str, ListSpec] = {each.key: each for each in (UNITS, SYSTEMS, CAMERAS, FILINGS)}

__all__ = [
    "CAMERAS",
    "FILINGS",
    "LISTS",
    "SYSTEMS",
    "UNITS",
    "Asked",
    "Count",
    "Counts",
    "Kind",
    "ListColumn",
    "ListFilter",
    "ListPage",
    "ListSpec",
    "Look",
    "columns_for",
    "keys_of",
    "leaving",
    "list_rows",
    "names_of",
    "open_rows",
    "read_counts",
    "read_page",
    "sort_of",
    "stream_rows",
]
