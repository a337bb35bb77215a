"""Fixtures of the reachability tests: devices to probe."""

from collections.abc import Iterator

import pytest

from tests.stubs.devices import Devices


@pytest.fixture(scope="session")
def devices() -> Iterator[Devices]:
    """A fleet for the session; each test adds its own devices."""
    fleet = Devices()
    yield fleet
    fleet.stop()
