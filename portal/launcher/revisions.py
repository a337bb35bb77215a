"""The newest schema revision, read from the file names: they are numbered, and a test holds them to it."""

from portal.launcher.processes import ROOT


def newest_revision() -> str:
    """The revision that the migrations lead to."""
    return max(path.name[:4] for path in (ROOT / "migrations" / "versions").glob("[0-9]*.py"))
