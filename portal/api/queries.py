"""Lists for programs: newest first by keyset, without the counts that a page shows.

`wanted` maps the names of columns to the values they must have.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy import Select
from sqlalchemy.orm import Session, joinedload

from portal.accounts.values import Identity
from portal.core.paging import Page, newest_first
from portal.registry.models import Camera, Filing, System, Unit
from portal.registry.queries import filings_visible_to, systems_visible_to, units_visible_to, visible_cameras
from portal.registry.states import LIVE_CODES, CameraStatus, LiveState

Row = TypeVar("Row", Unit, System, Camera, Filing)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What a list is narrowed to, how long a page is, and behind which row it begins."""

    equal: Mapping[str, object] = field(default_factory=dict)
    limit: int
    after: str | None = None


def units_page(session: Session, identity: Identity, wanted: Wanted) -> Page[Unit]:
    """Units the person may read."""
    return _page(session, _equal(units_visible_to(identity), Unit, wanted.equal), Unit.id, wanted)


def systems_page(session: Session, identity: Identity, wanted: Wanted) -> Page[System]:
    """Systems the person may read."""
    return _page(session, _equal(systems_visible_to(identity), System, wanted.equal), System.id, wanted)


def cameras_page(
    session: Session, identity: Identity, wanted: Wanted, *, live: LiveState | None = None, failing: bool | None = None
) -> Page[Camera]:
    """Cameras the person may read."""
    statement = _equal(visible_cameras(identity), Camera, wanted.equal)
    if live is not None:
        statement = statement.where(Camera.live == LIVE_CODES[live])
    if failing is not None:
        statement = statement.where(Camera.passes.is_not(failing), Camera.status != CameraStatus.DISMANTLED)
    return _page(session, statement, Camera.id, wanted)


def filings_page(session: Session, identity: Identity, wanted: Wanted) -> Page[Filing]:
    """Filings the person may read, with system and unit."""
    statement = _equal(filings_visible_to(identity), Filing, wanted.equal)
    return _page(session, statement, Filing.id, wanted, joinedload(Filing.system), joinedload(Filing.unit))


def _equal(statement: "Select[Row]", model: type[Row], equal: Mapping[str, object]) -> "Select[Row]":
    return statement.where(*(getattr(model, name) == value for name, value in equal.items()))


def _page(session: Session, statement: "Select[Row]", key: Any, wanted: Wanted, *options: Any) -> Page[Row]:
    return newest_first(session, statement, key, after=wanted.after, options=options, size=wanted.limit, total=0)
