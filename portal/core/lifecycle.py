"""The one way a status changes: by its lifecycle's table, or not at all."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from portal.core.errors import IllegalTransition

Status = TypeVar("Status", bound=StrEnum)
Action = TypeVar("Action", bound=StrEnum)


def follow(table: Mapping[tuple[Status, Action], Status], status: Status, action: Action, *, of: str) -> Status:
    """The status that an action leads to. Raises IllegalTransition with the code `of` where the table has none."""
    try:
        return table[status, action]
    except KeyError:
        raise IllegalTransition(of, status=str(status), action=str(action)) from None
