"""Fixtures for the whole suite; each group is described in its own module under tests/support."""

import gc
from typing import Any
from zlib import crc32

import pytest

# Collecting imports all there is: nothing of it becomes garbage.
gc.disable()

pytest_plugins = [
    "tests.support.services",
    "tests.support.database",
    "tests.support.app",
    "tests.support.city",
    "tests.support.live",
    "tests.support.browser",
]

JOURNEYS = "tests/journeys"
# These ask one world, which takes a quarter of a minute to build: by one worker.
MATRIX = "tests/architecture/matrix"
ASKING_THE_MATRIX = tuple(
    f"tests/architecture/test_{name}.py" for name in ("lists_by_role", "routes_by_role", "row_security")
)
# What lasts longest starts first, so that no worker is left alone with it at the end.
LONGEST_FIRST = (
    JOURNEYS,
    "tests/architecture",
    "tests/launcher",
    "tests/durability",
    "tests/demo",
    "tests/audit",
    "tests/web",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """What `make soak` asks for."""
    parser.addoption("--soak", type=float, default=0.0, metavar="SECONDS", help="go on killing for so long")
    parser.addoption("--soak-seed", type=int, default=1, metavar="N", help="the order of blows and the people's habits")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Order whole directories by how long they last."""
    ranks = {directory: rank for rank, directory in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: ranks.get("/".join(item.nodeid.split("/")[:2]), len(ranks)))


def pytest_collection_finish() -> None:
    """What is there by now stays to the end: it need not be looked through for cycles again and again. What a test makes
    is looked through seldom: statements and pages are thousands of objects each, of which hardly one is in a cycle.
    """
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    gc.enable()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_node_collection_finished() -> None:
    """xdist, in the controller, which collects nothing itself."""
    gc.enable()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """A worker takes whole files, for their shared fixtures, and two workers the journeys, each with a running portal.

    One worker would still be at the journeys when the others have ended. The files that ask the matrix are one worker's.

    xdist's own `loadgroup` would say the same by marks, but with pytest 9.2 its marks reach no scheduler.
    """
    from xdist.scheduler import LoadFileScheduling

    class ByFile(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            if nodeid.startswith(ASKING_THE_MATRIX):
                return MATRIX
            file = str(super()._split_scope(nodeid))
            return f"{JOURNEYS}/{crc32(file.encode()) % 2}" if file.startswith(JOURNEYS) else file

    config.option.loadscopereorder = False
    return ByFile(config, log)
