"""The register of those who must install: one entry, lists, the gap by district and category, suggested matches."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, select
from sqlalchemy.orm import Session, joinedload

from portal.accounts.permissions import Permission
from portal.accounts.policy import require, visibility
from portal.accounts.queries import visible
from portal.accounts.values import Identity, Scope
from portal.core.db import lock_row
from portal.core.errors import NotFound
from portal.core.paging import Page, newest_first
from portal.inspection.models import Acceptance
from portal.inspection.states import PASSED, AcceptanceKind
from portal.mandates.models import InstallOrder, MandatedUnit, MandateMatch, MandateSource
from portal.mandates.states import MISSING, OPEN_ORDERS, UNFILED, MatchStatus, OrderStatus, Stage
from portal.registry.models import Filing, System, Unit
from portal.registry.queries import kind_of
from portal.registry.states import IN_FORCE, UseStatus

# A system that is planned or being built does not watch anything yet; one that was taken down no longer does.
HANGING = (UseStatus.TRIAL, UseStatus.AWAITING_ACCEPTANCE, UseStatus.IN_USE, UseStatus.SUSPENDED)


def entry_scope(entry: MandatedUnit) -> Scope:
    """Where an entry stands: its district, and the unit it was matched to. Its kind is known before any unit is."""
    return Scope(
        unit_ids=frozenset({entry.unit_id} if entry.unit_id else ()),
        districts=frozenset({entry.district}),
        kind=lambda: entry.unit_type or kind_of(entry, entry.unit_id)(),
    )


def entry_kind() -> ColumnElement[str]:
    """What kind of place an entry is, as entered, or as the unit is that it was matched to."""
    # The list may be joined to the units itself, which would leave this one nothing to select from.
    matched = select(Unit.unit_type).where(Unit.id == MandatedUnit.unit_id).correlate(MandatedUnit).scalar_subquery()
    return func.coalesce(MandatedUnit.unit_type, matched)


def stage_column() -> ColumnElement[str]:
    """How far an entry has come, worked out from what the matched unit has; see states.Stage."""
    mine = System.unit_id == MandatedUnit.unit_id
    hanging = exists().where(mine, System.use_status.in_(HANGING))
    filed = exists().where(Filing.unit_id == MandatedUnit.unit_id, Filing.status.in_(IN_FORCE))
    accepted = Acceptance.status.in_(PASSED), Acceptance.kind != AcceptanceKind.STANDARD
    passed = exists().where(Acceptance.unit_id == MandatedUnit.unit_id, *accepted)
    ordered = InstallOrder.mandated_id == MandatedUnit.id
    escalated = exists().where(ordered, InstallOrder.status == OrderStatus.ESCALATED)
    under_order = exists().where(ordered, InstallOrder.status.in_(OPEN_ORDERS))
    return case(
        (MandatedUnit.struck_at.is_not(None), str(Stage.STRUCK)),
        (and_(hanging, filed, passed), str(Stage.ACCEPTED)),
        (and_(hanging, filed), str(Stage.FILED)),
        (hanging, str(Stage.INSTALLED)),
        (escalated, str(Stage.ESCALATED)),
        (under_order, str(Stage.ORDERED)),
        else_=str(Stage.IDENTIFIED),
    )


@dataclass(frozen=True, kw_only=True)
class EntryFilter:
    """What the list is narrowed to; empty means all."""

    keyword: str = ""
    district: str = ""
    category: str = ""
    stage: Stage | None = None
    missing: bool = False
    source_id: UUID | None = None
    matched: bool | None = None


@dataclass(frozen=True)
class Listed:
    """An entry with how far it has come."""

    entry: MandatedUnit
    stage: Stage


def entries_visible_to(identity: Identity, permission: Permission = Permission.MANDATE_READ) -> Select[MandatedUnit]:
    """Every entry the person may read, or take out."""
    seen = visibility(identity, permission)
    within = visible(seen, unit=MandatedUnit.unit_id, district=MandatedUnit.district, kind=entry_kind())  # type: ignore[arg-type]
    return select(MandatedUnit).where(within)


def get_entry(session: Session, identity: Identity, mandated_id: UUID) -> MandatedUnit:
    """An entry with its unit and source, if the person may read it. Raises NotFound."""
    found = session.scalars(
        select(MandatedUnit)
        .where(MandatedUnit.id == mandated_id)
        .options(joinedload(MandatedUnit.unit), joinedload(MandatedUnit.source))
    ).one_or_none()
    if found is None:
        raise NotFound()
    require(identity, Permission.MANDATE_READ, entry_scope(found))
    return found


def lock_entry(session: Session, mandated_id: UUID) -> MandatedUnit:
    """An entry held for change, with its unit. Raises NotFound."""
    return lock_row(session, MandatedUnit, mandated_id, joinedload(MandatedUnit.unit), joinedload(MandatedUnit.source))


def stage_of(session: Session, mandated_id: UUID) -> Stage:
    """How far one entry has come."""
    return Stage(session.scalars(select(stage_column()).where(MandatedUnit.id == mandated_id)).one())


def stages_of(session: Session, keys: Sequence[UUID]) -> Mapping[UUID, Stage]:
    """How far each of these has come."""
    if not keys:
        return {}
    rows = session.execute(select(MandatedUnit.id, stage_column()).where(MandatedUnit.id.in_(keys)))
    return {key: Stage(stage) for key, stage in rows}


def entry_page(
    session: Session, identity: Identity, wanted: EntryFilter, *, after: str | None = None, total: int | None = None
) -> Page[Listed]:
    """Entries, newest first, each with its stage. Who has counted by stage already gives the total."""
    statement = _narrow(entries_visible_to(identity), wanted)
    options = (joinedload(MandatedUnit.unit),)
    page = newest_first(session, statement, MandatedUnit.id, after=after, options=options, total=total)
    stages = stages_of(session, [row.id for row in page.items])
    return Page(
        items=[Listed(row, stages[row.id]) for row in page.items],
        next_cursor=page.next_cursor,
        total=page.total,
        total_capped=page.total_capped,
    )


def entry_tally(session: Session, identity: Identity, wanted: EntryFilter) -> Mapping[Stage, int]:
    """How many entries of the filter stand at each stage."""
    inner = _narrow(entries_visible_to(identity), replace(wanted, stage=None, missing=False))
    staged = inner.with_only_columns(stage_column().label("stage")).subquery()
    rows = session.execute(select(staged.c.stage, func.count()).group_by(staged.c.stage)).all()
    found: dict[str, int] = dict(rows)
    return {stage: found.get(str(stage), 0) for stage in Stage}


@dataclass(frozen=True)
class Cell:
    """One district's entries of one category: how many there are, how many without a system, how many unfiled."""

    total: int = 0
    missing: int = 0
    unfiled: int = 0

    def __add__(self, other: "Cell") -> "Cell":
        return Cell(self.total + other.total, self.missing + other.missing, self.unfiled + other.unfiled)


def gap_table(session: Session, identity: Identity) -> Mapping[tuple[str, str], Cell]:
    """The gap by district and category, counted in one statement; what was struck off does not count."""
    staged = (
        entries_visible_to(identity)
        .where(MandatedUnit.struck_at.is_(None))
        .with_only_columns(MandatedUnit.district, MandatedUnit.category, stage_column().label("stage"))
        .subquery()
    )
    rows = session.execute(
        select(staged.c.district, staged.c.category, staged.c.stage, func.count()).group_by(
            staged.c.district, staged.c.category, staged.c.stage
        )
    )
    table: dict[tuple[str, str], Cell] = {}
    for district, category, stage, count in rows:
        missing = count if Stage(stage) in MISSING else 0
        unfiled = count if stage == Stage.INSTALLED else 0
        table[district, category] = table.get((district, category), Cell()) + Cell(count, missing, unfiled)
    return table


@dataclass(frozen=True)
class OpenPlace:
    """A place of the gap where it stands: without a system, or with one that nobody filed. WGS-84."""

    id: UUID
    name: str
    category: str
    stage: Stage
    lon: float
    lat: float


_PLACE = func.coalesce(MandatedUnit.position, Unit.position)


def _open_entries(identity: Identity, category: str) -> Select[MandatedUnit]:
    statement = entries_visible_to(identity).outerjoin(Unit, Unit.id == MandatedUnit.unit_id)
    statement = statement.where(stage_column().in_([str(one) for one in UNFILED]))
    return statement.where(MandatedUnit.category == category) if category else statement


def count_unplaced(session: Session, identity: Identity, *, category: str = "") -> int:
    """How many places of the gap have no position on record, neither their own nor their unit's."""
    unplaced = _open_entries(identity, category).where(_PLACE.is_(None))
    return session.scalar(unplaced.with_only_columns(func.count())) or 0


def open_places(session: Session, identity: Identity, *, category: str = "", limit: int) -> Sequence[OpenPlace]:
    """The gap as places: those of a known position, their own or their unit's; what is filed is none of it."""
    statement = (
        _open_entries(identity, category)
        .where(_PLACE.is_not(None))
        .with_only_columns(
            MandatedUnit.id,
            MandatedUnit.name,
            MandatedUnit.category,
            stage_column(),
            func.ST_X(_PLACE),
            func.ST_Y(_PLACE),
        )
        .order_by(MandatedUnit.id)
        .limit(limit)
    )
    return [
        OpenPlace(key, name, kind, Stage(at), lon, lat) for key, name, kind, at, lon, lat in session.execute(statement)
    ]


def named_so(word: str) -> ColumnElement[bool]:
    """Entries whose name holds a word, or whose code it is."""
    return MandatedUnit.name.contains(word, autoescape=True) | (MandatedUnit.uscc == word.upper())


def _narrow(statement: Select[Any], wanted: EntryFilter) -> Select[Any]:
    if wanted.keyword.strip():
        statement = statement.where(named_so(wanted.keyword.strip()))
    for column, value in (
        (MandatedUnit.district, wanted.district),
        (MandatedUnit.category, wanted.category),
        (MandatedUnit.source_id, wanted.source_id),
    ):
        if value:
            statement = statement.where(column == value)
    if wanted.matched is not None:
        statement = statement.where(MandatedUnit.unit_id.is_not(None) == wanted.matched)
    if wanted.stage is not None:
        statement = statement.where(stage_column() == str(wanted.stage))
    elif wanted.missing:
        statement = statement.where(stage_column().in_([str(stage) for stage in MISSING]))
    return statement


# ---- matches ----


def matches_visible_to(identity: Identity) -> Select[MandateMatch]:
    """Suggestions that wait and that the person may decide."""
    seen = visibility(identity, Permission.MANDATE_EDIT)
    return select(MandateMatch).where(
        visible(seen, district=MandateMatch.district), MandateMatch.status == MatchStatus.OPEN
    )


def open_matches(session: Session, identity: Identity, *, limit: int) -> tuple[Sequence[MandateMatch], int]:
    """The surest suggestions, with entry and unit, and how many there are in all."""
    waiting = matches_visible_to(identity)
    count = session.scalar(select(func.count()).select_from(waiting.subquery())) or 0
    rows = session.scalars(
        waiting.options(joinedload(MandateMatch.entry), joinedload(MandateMatch.unit))
        .order_by(MandateMatch.by_code.desc(), MandateMatch.similarity.desc(), MandateMatch.id)
        .limit(limit)
    ).all()
    return rows, count


def matches_of(session: Session, mandated_id: UUID) -> Sequence[MandateMatch]:
    """What an entry may be, the surest first."""
    return session.scalars(
        select(MandateMatch)
        .where(MandateMatch.mandated_id == mandated_id, MandateMatch.status == MatchStatus.OPEN)
        .options(joinedload(MandateMatch.unit))
        .order_by(MandateMatch.by_code.desc(), MandateMatch.similarity.desc(), MandateMatch.id)
    ).all()


def entries_of_unit(session: Session, unit_id: UUID) -> Sequence[MandatedUnit]:
    """What a unit was matched to; the caller has let the reader in to the unit."""
    return session.scalars(
        select(MandatedUnit)
        .where(MandatedUnit.unit_id == unit_id, MandatedUnit.struck_at.is_(None))
        .order_by(MandatedUnit.id)
        .limit(20)
    ).all()


def filings_of_unit(session: Session, unit_id: UUID) -> Sequence[Filing]:
    """A unit's newest filings with their systems: what an order waits for."""
    return session.scalars(
        select(Filing)
        .where(Filing.unit_id == unit_id)
        .options(joinedload(Filing.system))
        .order_by(Filing.id.desc())
        .limit(10)
    ).all()


def source_scope(source: MandateSource) -> Scope:
    """Where a list stands: in the districts its places were taken for; one of the whole city in none of them alone."""
    return Scope(districts=frozenset(source.districts))


def sources_visible_to(identity: Identity) -> Select[MandateSource]:
    """The lists the person may look into."""
    seen = visibility(identity, Permission.MANDATE_EDIT)
    if seen.everything:
        return select(MandateSource)
    return select(MandateSource).where(MandateSource.districts.overlap(sorted(seen.districts)))


def sources(session: Session, identity: Identity) -> Sequence[MandateSource]:
    """The lists that were taken in, newest first."""
    return session.scalars(sources_visible_to(identity).order_by(MandateSource.id.desc()).limit(50)).all()


def get_source(session: Session, identity: Identity, source_id: UUID) -> MandateSource:
    """One list. Raises NotFound."""
    found = session.get(MandateSource, source_id)
    if found is None:
        raise NotFound()
    require(identity, Permission.MANDATE_EDIT, source_scope(found))
    return found


def unit_named(session: Session, identity: Identity, uscc: str) -> Unit | None:
    """A unit of the registry by its code, as far as the reader sees it."""
    seen = visibility(identity, Permission.UNIT_READ)
    return session.scalars(
        select(Unit).where(Unit.uscc == uscc, visible(seen, unit=Unit.id, district=Unit.district))
    ).one_or_none()
