"""Lists for programs: newest first by keyset, without the counts that a page shows.

What a file may not hold, a program is not given either: a secret system, its cameras and filings stay with its unit.

`wanted` maps the names of columns to the values they must have.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy import Select
from sqlalchemy.orm import Session, joinedload

from portal.accounts.permissions import Permission
from portal.accounts.policy import visibility
from portal.accounts.values import Identity
from portal.core.errors import NotFound
from portal.core.paging import Page, newest_first
from portal.registry.models import Camera, Filing, System, Unit
from portal.registry.queries.lists import CAMERAS, FILINGS, SYSTEMS, UNITS, open_rows
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
    return _page(session, _equal(open_rows(UNITS, identity), Unit, wanted.equal), Unit.id, wanted)


def systems_page(session: Session, identity: Identity, wanted: Wanted) -> Page[System]:
    """Systems the person may read."""
    return _page(session, _equal(open_rows(SYSTEMS, identity), System, wanted.equal), System.id, wanted)


def cameras_page(
    session: Session, identity: Identity, wanted: Wanted, *, live: LiveState | None = None, failing: bool | None = None
) -> Page[Camera]:
    """Cameras the person may read."""
    statement = _equal(open_rows(CAMERAS, identity), Camera, wanted.equal)
    if live is not None:
        statement = statement.where(Camera.live == LIVE_CODES[live])
    if failing is not None:
        statement = statement.where(Camera.passes.is_not(failing), Camera.status != CameraStatus.DISMANTLED)
    return _page(session, statement, Camera.id, wanted)


def filings_page(session: Session, identity: Identity, wanted: Wanted) -> Page[Filing]:
    """Filings the person may read, with system and unit."""
    statement = _equal(open_rows(FILINGS, identity), Filing, wanted.equal)
    return _page(session, statement, Filing.id, wanted, joinedload(Filing.system), joinedload(Filing.unit))


def stays_inside(identity: Identity, permission: Permission, system: System) -> None:
    """The same of one row: raises NotFound where its system is secret and not of the reader's own unit."""
    if system.secret and system.unit_id not in visibility(identity, permission).units:
        raise NotFound()


def _equal(statement: "Select[Row]", model: type[Row], equal: Mapping[str, object]) -> "Select[Row]":
    return statement.where(*(getattr(model, name) == value for name, value in equal.items()))


def _page(session: Session, statement: "Select[Row]", key: Any, wanted: Wanted, *options: Any) -> Page[Row]:
    return newest_first(session, statement, key, after=wanted.after, options=options, size=wanted.limit, total=0)
