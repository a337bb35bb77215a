"""Finding units, systems, cameras and filings by a word of two characters or more, by initials, or by a code.

All kinds are asked for together: one statement gives the keys, one the rows behind the best of them, each under its own
rules. A row that these withhold leaves its place to the next of its kind, which takes a statement more.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from enum import IntEnum
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Select,
    Uuid,
    bindparam,
    cast,
    column,
    func,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session
from sqlalchemy.types import Integer, SmallInteger, String, Text

from portal.accounts.permissions import Permission
from portal.accounts.policy import may_ever, visibility
from portal.accounts.queries import visible
from portal.accounts.values import Identity, Visibility
from portal.core.prepared import PREPARED
from portal.registry.models import Camera, Filing, System, Unit
from portal.registry.queries.cameras import visible_cameras
from portal.registry.queries.filings import filings_visible_to
from portal.registry.queries.units import systems_visible_to, units_visible_to

Row = TypeVar("Row", Unit, System, Camera, Filing)

SHORTEST, LONGEST = 2, 60
# Keys asked of the index: of a common word the best of so many are shown, not of half a million.
CANDIDATES = 50


class Kind(IntEnum):
    """The kinds of row in the index, by the number the triggers give them."""

    UNIT = 1
    SYSTEM = 2
    CAMERA = 3
    FILING = 4


_PERMISSION: Mapping[Kind, Permission] = {
    Kind.UNIT: Permission.UNIT_READ,
    Kind.SYSTEM: Permission.SYSTEM_READ,
    Kind.CAMERA: Permission.CAMERA_READ,
    Kind.FILING: Permission.FILING_READ,
}


class FoundRow(NamedTuple):
    """What a hit shows of a row, and nothing else of it is read."""

    id: UUID
    name: str
    note: str
    code: str
    unit_id: UUID


class Best(NamedTuple):
    """The rows of one kind, best first, and whether the first of them is just what was asked for."""

    rows: Sequence[FoundRow] = ()
    exact: bool = False


def best_matches(
    session: Session, identity: Identity, word: str, *, most: int, kinds: Sequence[Kind] = tuple(Kind)
) -> Mapping[Kind, Best]:
    """The rows the person may read, at most so many of each kind; secret ones inside their own unit only."""
    word = word.strip()[:LONGEST]
    kinds = [kind for kind in kinds if may_ever(identity, _PERMISSION[kind])]
    if len(word) < SHORTEST or not kinds:
        return {}
    ranks: dict[int, dict[UUID, int]] = {kind: {} for kind in kinds}
    for number, key, rank in session.execute(union_all(*_keys(identity, kinds, word)), execution_options=PREPARED):
        ranks[number][key] = rank
    left = {kind: list(ranks[kind]) for kind in kinds}
    rows: dict[Kind, list[FoundRow]] = {kind: [] for kind in kinds}
    while wanted := {kind: keys[:most] for kind, keys in left.items() if keys and len(rows[kind]) < most}:
        left |= {kind: left[kind][most:] for kind in wanted}
        read = _read(session, identity, wanted)
        for kind, keys in wanted.items():
            rows[kind] += [read[kind, key] for key in keys if (kind, key) in read]
    return {
        kind: Best(shown[:most], bool(shown) and ranks[kind][shown[0].id] == 0) for kind, shown in rows.items() if shown
    }


def _keys(identity: Identity, kinds: Sequence[Kind], word: str) -> Iterator[Select[Any]]:
    """The index asked once for all kinds of which the person sees the same, which mostly are all kinds."""
    alike: dict[Visibility, list[Kind]] = {}
    for kind in kinds:
        reach = visibility(identity, _PERMISSION[kind])
        alike.setdefault(replace(reach, organs=frozenset(), person=None), []).append(kind)
    for seen, those in alike.items():
        own: ColumnElement[Any] = bindparam(None, sorted(seen.units), ARRAY(Uuid))
        if seen.sectors:
            # A few hundred units: the index is asked for theirs, and what each row's own rules withhold falls away after.
            own = func.array(
                select(Unit.id).where(visible(seen, unit=Unit.id, district=Unit.district)).scalar_subquery()
            )
        index = func.portal_search(
            bindparam(None, [int(kind) for kind in those], ARRAY(SmallInteger)),
            word,
            seen.everything,
            own,
            bindparam(None, sorted(seen.districts), ARRAY(Text)),
            CANDIDATES,
        ).table_valued(column("kind", SmallInteger), column("row_id", Uuid), column("rank", Integer))
        yield select(index.c.kind, index.c.row_id, index.c.rank)


def _read(session: Session, identity: Identity, wanted: Mapping[Kind, list[UUID]]) -> dict[tuple[int, UUID], FoundRow]:
    """The rows of these keys that the person may read."""
    # Whoever asks twice is shown by the same rules, which take longer to put together than to follow.
    shown = _shown(replace(identity, request_id="", address="", session_id=None), tuple(wanted))
    keys = {kind.name: those for kind, those in wanted.items()}
    return {
        (kind, key): FoundRow(key, name, note or "", code or "", unit_id)
        for kind, key, name, note, code, unit_id in session.execute(shown, keys, execution_options=PREPARED)
    }


@lru_cache(maxsize=64)
def _shown(identity: Identity, kinds: Sequence[Kind]) -> CompoundSelect[Any]:
    """What a person may read of some kinds, the keys of each kind given under its name."""
    return union_all(
        *(
            _SHOWN[kind](identity).where(_KEY[kind] == func.any(bindparam(kind.name, type_=ARRAY(Uuid))))
            for kind in kinds
        )
    )


def _units(identity: Identity) -> Select[Any]:
    return _only(Kind.UNIT, units_visible_to(identity), Unit.id, Unit.name, Unit.address, Unit.uscc, Unit.id)


def _systems(identity: Identity) -> Select[Any]:
    """Systems under their units, with the newest number of a filing that the person may read as well."""
    seen = systems_visible_to(identity).join(System.unit).where(_not_secret(identity, Permission.SYSTEM_READ))
    number: ColumnElement[Any] = literal("", String)
    if may_ever(identity, Permission.FILING_READ):
        numbered = filings_visible_to(identity).where(Filing.system_id == System.id, Filing.number.is_not(None))
        newest = numbered.with_only_columns(Filing.number).order_by(Filing.id.desc()).limit(1)
        number = newest.correlate(System).scalar_subquery()
    return _only(Kind.SYSTEM, seen, System.id, System.name, Unit.name, number, System.unit_id)


def _cameras(identity: Identity) -> Select[Any]:
    """Cameras under their units; those of a secret system inside its own unit only."""
    seen = visible_cameras(identity).join(Camera.system).outerjoin(Camera.unit)
    seen = seen.where(_not_secret(identity, Permission.CAMERA_READ))
    return _only(Kind.CAMERA, seen, Camera.id, Camera.name, Unit.name, Camera.gb_code, Camera.unit_id)


def _filings(identity: Identity) -> Select[Any]:
    """Filings under their systems, found by number, national number, or the names of system and unit."""
    seen = filings_visible_to(identity).join(Filing.system).outerjoin(Filing.unit)
    seen = seen.where(_not_secret(identity, Permission.FILING_READ))
    return _only(Kind.FILING, seen, Filing.id, System.name, Unit.name, Filing.number, Filing.unit_id)


_SHOWN = {Kind.UNIT: _units, Kind.SYSTEM: _systems, Kind.CAMERA: _cameras, Kind.FILING: _filings}
_KEY = {Kind.UNIT: Unit.id, Kind.SYSTEM: System.id, Kind.CAMERA: Camera.id, Kind.FILING: Filing.id}


def _only(kind: Kind, seen: "Select[Row]", *columns: Any) -> Select[Any]:
    """The visible rows, by the columns of a hit alone."""
    return seen.with_only_columns(cast(int(kind), SmallInteger), *columns, maintain_column_froms=True)


def _not_secret(identity: Identity, permission: Permission) -> ColumnElement[bool]:
    return or_(~System.secret, System.unit_id.in_(visibility(identity, permission).units))
