"""Reading across features for the home page, the overview and the search."""

from portal.desk.queries.home import (
    by_district,
    count_unread,
    figures,
    one_a_matter,
    subjects_of,
    unread_notices,
    weekly_filings,
)
from portal.desk.queries.searching import EACH, search
from portal.desk.queries.todo import todos

__all__ = [
    "EACH",
    "by_district",
    "count_unread",
    "figures",
    "one_a_matter",
    "search",
    "subjects_of",
    "todos",
    "unread_notices",
    "weekly_filings",
]
