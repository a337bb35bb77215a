"""Addresses built from the one being answered."""

from urllib.parse import quote, urlencode, urlsplit
from uuid import UUID

from flask import request


def here() -> str:
    """The path being answered, safe as a Location: one leading slash, so that it can never name another host."""
    return "/" + quote((request.script_root + request.path).lstrip("/\\"), safe="/:@!$&'()*+,;=~-._")


def url_with(**changes: object) -> str:
    """This page's address with query parameters changed; None takes one away.

    After a POST that shows its form again the page has no address of its own, so the page it came from stands in.
    """
    if request.method in ("GET", "HEAD"):
        path, pairs = here(), list(request.args.items(multi=True))
    else:
        came_from = urlsplit(request.referrer or "/")
        path, pairs = "/" + came_from.path.lstrip("/\\"), []
    kept = [(name, value) for name, value in pairs if name not in changes]
    added = [(name, str(value)) for name, value in changes.items() if value is not None and value != ""]
    query = urlencode(kept + added)
    return f"{path}?{query}" if query else path


def safe_next(address: str | None, default: str = "/") -> str:
    """A place inside this portal to go on to, or the default: never another host, scheme or a script."""
    if not address or not address.startswith("/") or address.startswith(("//", "/\\")):
        return default
    if any(ord(character) < 32 or character == "\\" for character in address):
        return default
    return address


def asked(name: str, limit: int = 60) -> str:
    """A text out of the query, bounded and without the one character PostgreSQL cannot hold."""
    return request.args.get(name, "").replace("\x00", "").strip()[:limit]


def uuid_or_none(text: str) -> UUID | None:
    """A UUID out of a query parameter, or nothing."""
    try:
        return UUID(text) if text else None
    except ValueError:
        return None
