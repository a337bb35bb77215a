"""Finding units, systems, cameras and filings by a word of two characters or more, by initials, or by a code."""

from collections.abc import Sequence
from enum import IntEnum
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Uuid, bindparam, cast, column, func, literal, or_, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import InstrumentedAttribute, Session
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


class FoundRow(NamedTuple):
    """What a hit shows of a row: nothing else of it is read, a common word finds a hundred candidates of each kind."""

    id: UUID
    name: str
    note: str
    code: str
    unit_id: UUID


def found_units(session: Session, identity: Identity, word: str, *, most: int) -> tuple[Sequence[FoundRow], bool]:
    """Units the person may read, best first, and whether the first of them is just what was asked for."""
    asked = _Asked(Kind.UNIT, Permission.UNIT_READ, word, most)
    shown = _only(units_visible_to(identity), Unit.id, Unit.name, Unit.address, Unit.uscc, Unit.id)
    return _found(session, identity, asked, shown, Unit.id)


def found_systems(session: Session, identity: Identity, word: str, *, most: int) -> tuple[Sequence[FoundRow], bool]:
    """Systems the person may read, under their units; secret ones inside their own unit only."""
    seen = systems_visible_to(identity).join(System.unit).where(_not_secret(identity, Permission.SYSTEM_READ))
    shown = _only(seen, System.id, System.name, Unit.name, literal(""), System.unit_id)
    return _found(session, identity, _Asked(Kind.SYSTEM, Permission.SYSTEM_READ, word, most), shown, System.id)


def found_cameras(session: Session, identity: Identity, word: str, *, most: int) -> tuple[Sequence[FoundRow], bool]:
    """Cameras the person may read, under their units; those of a secret system inside its own unit only."""
    seen = visible_cameras(identity).join(Camera.system).outerjoin(Camera.unit)
    seen = seen.where(_not_secret(identity, Permission.CAMERA_READ))
    shown = _only(seen, Camera.id, Camera.name, Unit.name, Camera.gb_code, Camera.unit_id)
    return _found(session, identity, _Asked(Kind.CAMERA, Permission.CAMERA_READ, word, most), shown, Camera.id)


def found_filings(session: Session, identity: Identity, word: str, *, most: int) -> tuple[Sequence[FoundRow], bool]:
    """Filings the person may read, under their systems, by number, national number, or the names of system and unit."""
    seen = filings_visible_to(identity).join(Filing.system).outerjoin(Filing.unit)
    seen = seen.where(_not_secret(identity, Permission.FILING_READ))
    shown = _only(seen, Filing.id, System.name, Unit.name, Filing.number, Filing.unit_id)
    return _found(session, identity, _Asked(Kind.FILING, Permission.FILING_READ, word, most), shown, Filing.id)


def _only(seen: "Select[Row]", *columns: Any) -> Select[Any]:
    """The visible rows, by the columns of a hit alone."""
    return seen.with_only_columns(*columns, maintain_column_froms=True)


def _not_secret(identity: Identity, permission: Permission) -> ColumnElement[bool]:
    return or_(~System.secret, System.unit_id.in_(visibility(identity, permission).units))


def _found(
    session: Session, identity: Identity, asked: _Asked, shown: Select[Any], key: InstrumentedAttribute[UUID]
) -> tuple[Sequence[FoundRow], bool]:
    """The rows behind the index's keys, each read under its own rules, in the order of the index."""
    word = asked.word.strip()[:LONGEST]
    if len(word) < SHORTEST or not may_ever(identity, asked.permission):
        return [], False
    ranks: dict[UUID, int] = dict(session.execute(_keys(identity, asked.kind, asked.permission, word)).all())
    if not ranks:
        return [], False
    wanted = key == func.any(bindparam("keys", list(ranks), ARRAY(Uuid)))
    rows = {
        row[0]: FoundRow(row[0], row[1], row[2] or "", row[3] or "", row[4])
        for row in session.execute(shown.where(wanted))
    }
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
