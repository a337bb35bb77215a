"""A worker that dies: behind each of its commits in turn, and then the same job again by another worker."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import pytest
from sqlalchemy.orm import Session

from portal.core.db import Database

Case = TypeVar("Case")


class Died(BaseException):
    """Caught by nobody on the way, as a killed process catches nothing."""


@contextmanager
def dies_behind(monkeypatch: pytest.MonkeyPatch, commits: int) -> Iterator[None]:
    """Whatever runs inside dies once so many transactions of its own were committed."""
    whole, left = Database.transaction, iter(range(commits - 1, -1, -1))

    @contextmanager
    def fatal(self: Database, *scope: object) -> Iterator[Session]:
        with whole(self, *scope) as opened:  # type: ignore[arg-type]
            yield opened
        if next(left, 1) == 0:
            raise Died

    with monkeypatch.context() as dying:
        dying.setattr(Database, "transaction", fatal)
        yield


def killed_behind_each_commit(
    monkeypatch: pytest.MonkeyPatch,
    *,
    case: Callable[[int], Case],
    job: Callable[[Case], object],
    check: Callable[[Case, int], object],
) -> int:
    """Run a job on fresh cases, dead behind its first commit, its second, … until it lives; each time again and checked.

    The number of commits it was killed behind.
    """
    died = 0
    while True:
        one = case(died)
        lived = True
        with dies_behind(monkeypatch, died + 1):
            try:
                job(one)
            except Died:
                lived = False
        job(one)
        check(one, died)
        if lived:
            return died
        died += 1
