"""What every change asks first: may the status move so, and does the row still read as it was seen?"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, TypeVar

from portal.core.errors import IllegalTransition, Stale

Status = TypeVar("Status", bound=StrEnum)
Action = TypeVar("Action", bound=StrEnum)


def follow(table: Mapping[tuple[Status, Action], Status], status: Status, action: Action, *, of: str) -> Status:
    """The status that an action leads to. Raises IllegalTransition with the code `of` where the table has none."""
    try:
        return table[status, action]
    except KeyError:
        raise IllegalTransition(of, status=str(status), action=str(action)) from None


def unchanged(row: Any, seen_version: int) -> None:
    """Raise Stale where a row changed after it was read."""
    if row.version != seen_version:
        raise Stale("changed_meanwhile")
