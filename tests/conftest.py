"""Fixtures for the whole suite; each group is described in its own module under tests/support."""

import pytest

pytest_plugins = [
    "tests.support.services",
    "tests.support.database",
    "tests.support.app",
    "tests.support.live",
    "tests.support.browser",
]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Journeys share one running portal, so one xdist worker takes them all, and starts with them: they last longest."""
    for item in items:
        group = "journeys" if item.get_closest_marker("journey") else item.path.as_posix()
        item.add_marker(pytest.mark.xdist_group(group))
    items.sort(key=lambda item: item.get_closest_marker("journey") is None)
