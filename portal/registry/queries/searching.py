"""Finding units, systems, cameras and filings by a word of two characters or more, by initials, or by a code."""

from collections.abc import Sequence
from enum import IntEnum
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Uuid, bindparam, cast, column, func, or_, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import InstrumentedAttribute, Session, joinedload
from sqlalchemy.types import SmallInteger, Text

from portal.accounts.permissions import Permission
from portal.accounts.policy import may_ever, visibility
from portal.accounts.queries import visible
from portal.accounts.values import Identity
from portal.registry.models import Camera, Filing, System, Unit
from portal.registry.queries.cameras import visible_cameras
from portal.registry.queries.filings import filings_visible_to
from portal.registry.queries.units import systems_visible_to, units_visible_to

Row = TypeVar("Row", Unit, System, Camera, Filing)

SHORTEST, LONGEST = 2, 60
# Keys asked of the index: of a common word the best of so many are shown, not of half a million.
CANDIDATES = 100


class Kind(IntEnum):
    """The kinds of row in the index, by the number the triggers give them."""

    UNIT = 1
    SYSTEM = 2
    CAMERA = 3
    FILING = 4


class _Asked(NamedTuple):
    kind: Kind
    permission: Permission
    word: str
    most: int


def found_units(session: Session, identity: Identity, word: str, *, most: int) -> tuple[Sequence[Unit], bool]:
    """Units the person may read, best first, and whether the first of them is just what was asked for."""
    asked = _Asked(Kind.UNIT, Permission.UNIT_READ, word, most)
    return _found(session, identity, asked, units_visible_to(identity), Unit.id)


def found_systems(session: Session, identity: Identity, word: str, *, most: int) -> tuple[Sequence[System], bool]:
    """Systems the person may read; secret ones inside their own unit only."""
    shown = systems_visible_to(identity).options(joinedload(System.unit))
    shown = shown.where(_not_secret(identity, Permission.SYSTEM_READ))
    return _found(session, identity, _Asked(Kind.SYSTEM, Permission.SYSTEM_READ, word, most), shown, System.id)


def found_cameras(session: Session, identity: Identity, word: str, *, most: int) -> tuple[Sequence[Camera], bool]:
    """Cameras the person may read, with their systems; those of a secret system inside its own unit only."""
    shown = visible_cameras(identity).join(Camera.system).options(joinedload(Camera.system), joinedload(Camera.unit))
    shown = shown.where(_not_secret(identity, Permission.CAMERA_READ))
    return _found(session, identity, _Asked(Kind.CAMERA, Permission.CAMERA_READ, word, most), shown, Camera.id)


def found_filings(session: Session, identity: Identity, word: str, *, most: int) -> tuple[Sequence[Filing], bool]:
    """Filings the person may read, with their systems, by number, national number, or the names of system and unit."""
    shown = filings_visible_to(identity).join(Filing.system).options(joinedload(Filing.system), joinedload(Filing.unit))
    shown = shown.where(_not_secret(identity, Permission.FILING_READ))
    return _found(session, identity, _Asked(Kind.FILING, Permission.FILING_READ, word, most), shown, Filing.id)


def _not_secret(identity: Identity, permission: Permission) -> ColumnElement[bool]:
    return or_(~System.secret, System.unit_id.in_(visibility(identity, permission).units))


def _found(
    session: Session, identity: Identity, asked: _Asked, shown: "Select[Row]", key: InstrumentedAttribute[UUID]
) -> tuple[Sequence[Row], bool]:
    """The rows behind the index's keys, each read under its own rules, in the order of the index."""
    word = asked.word.strip()[:LONGEST]
    if len(word) < SHORTEST or not may_ever(identity, asked.permission):
        return [], False
    ranks: dict[UUID, int] = dict(session.execute(_keys(identity, asked.kind, asked.permission, word)).all())
    if not ranks:
        return [], False
    rows: dict[UUID, Any] = {row.id: row for row in session.scalars(shown.where(key.in_(ranks)))}
    found = [rows[each] for each in ranks if each in rows][: asked.most]
    return found, bool(found) and ranks[found[0].id] == 0


def _keys(identity: Identity, kind: Kind, permission: Permission, word: str) -> Select[Any]:
    seen = visibility(identity, permission)
    own: ColumnElement[Any] = bindparam("units", sorted(seen.units), ARRAY(Uuid))
    if seen.sectors:
        # A few hundred units: the index is asked for theirs, and what each row's own rules withhold falls away after.
        own = func.array(select(Unit.id).where(visible(seen, unit=Unit.id, district=Unit.district)).scalar_subquery())
    index = func.portal_search(
        cast(int(kind), SmallInteger),
        word,
        seen.everything,
        own,
        bindparam("districts", sorted(seen.districts), ARRAY(Text)),
        CANDIDATES,
    ).table_valued(column("row_id", Uuid), column("rank"), name="found")
    return select(index.c.row_id, index.c.rank)
