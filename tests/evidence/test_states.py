"""The transition table: every status reachable, every final status final, everything else refused."""

import pytest

from portal.core.errors import IllegalTransition
from portal.evidence.states import FINAL, TRANSITIONS, RequestAction, RequestStatus, may, next_status


def test_every_status_is_reachable_from_a_draft() -> None:
    reached = {RequestStatus.DRAFT}
    grown = True
    while grown:
        more = {after for (before, _), after in TRANSITIONS.items() if before in reached}
        grown = not more <= reached
        reached |= more
    assert reached == set(RequestStatus)


def test_final_means_final() -> None:
    for status in FINAL:
        assert not any(may(status, action) for action in RequestAction)
    for status in set(RequestStatus) - FINAL:
        assert any(may(status, action) for action in RequestAction)


@pytest.mark.parametrize("status", list(RequestStatus))
def test_what_the_table_does_not_hold_is_refused(status: RequestStatus) -> None:
    for action in RequestAction:
        if may(status, action):
            next_status(status, action)
        else:
            with pytest.raises(IllegalTransition):
                next_status(status, action)


def test_nothing_is_executed_without_passing_approval() -> None:
    before = {RequestStatus.DRAFT}
    while True:
        more = {
            after
            for (status, action), after in TRANSITIONS.items()
            if status in before and action is not RequestAction.CLEAR
        } - before
        if not more:
            break
        before |= more
    assert before.isdisjoint(
        {RequestStatus.APPROVED, RequestStatus.EXECUTING, RequestStatus.SEALED, RequestStatus.HANDED_OVER}
    )
