"""Fixtures for the whole suite; each group is described in its own module under tests/support."""

pytest_plugins = ["tests.support.services", "tests.support.database", "tests.support.app"]
