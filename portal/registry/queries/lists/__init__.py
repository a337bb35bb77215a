"""Lists by their descriptions: what each is, and how its pages, rows and counts are read."""

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

LISTS: dict[str, ListSpec] = {each.key: each for each in (UNITS, SYSTEMS, CAMERAS, FILINGS)}


def register_list(spec: ListSpec) -> None:
    """Let a list of a package above leave as a file like those of the registry: asked for, written and recorded alike.

    The package imports the description wherever its jobs and its pages are; its words go to
    `labels.lists.add_list_words`.
    """
    LISTS[spec.key] = spec


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
    "register_list",
    "sort_of",
    "stream_rows",
]
