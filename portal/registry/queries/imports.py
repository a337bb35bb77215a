"""Reading imports: kinds of faults with their counts, single ones, rows by what became of them, what stands in the way."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, case, func, or_, select, text, tuple_
from sqlalchemy.orm import Session

from portal.accounts.permissions import Permission
from portal.accounts.policy import allows, require
from portal.accounts.values import Identity, Scope
from portal.core.errors import NotFound
from portal.core.paging import PAGE_SIZE, Page, encode_cursor, newest_first, place_in
from portal.registry.models import Camera, CameraImport, ImportFault, ImportRow, System
from portal.registry.queries.units import get_system, system_scope
from portal.registry.values.rows import FaultDecision, RowOutcome, RowStage

MOST_KINDS: Final = 60
_STREAMED: Final = 500

# What keeps a row of an import from being taken out again: by row, with the reason.
_BUILT_UPON: Final = """
select r.number, w.what
  from unnest(cast(:numbers as int[]), cast(:cameras as uuid[]), cast(:versions as int[]),
              cast(:changed as bool[]), cast(:codes as text[]), cast(:reached as bool[]))
       as r(number, camera_id, version, changed, code, reached)
  left join camera c on c.id = r.camera_id
  cross join lateral (
    select 'removed' as what where c.id is null and r.changed
    union all select 'edited' where c.version <> r.version or c.updated_at > :loaded_at
    union all select 'filed' where exists (
      select from filing f join filing_revision v on v.filing_id = f.id
       where f.system_id = c.system_id and v.submitted_at > :loaded_at)
    union all select 'camera_access' where r.reached and exists (
      select from camera_access a where a.camera_id = r.camera_id and a.updated_at > :loaded_at)
    union all select 'code_taken' where r.code is not null and exists (
      select from camera o where o.gb_code = r.code and o.id <> r.camera_id)
  ) w
"""
_TIES: Final = "select camera_id, tie from portal_camera_ties(cast(:cameras as uuid[]))"
_LOOKED_AT: Final = 5_000  # rows at a time


@dataclass(frozen=True, kw_only=True)
class FaultKind:
    """Faults of one kind that nobody has decided about, and the first few of them."""

    field: str
    code: str
    cure: str
    count: int
    examples: Sequence[ImportFault]


def get_import(session: Session, identity: Identity, import_id: UUID) -> tuple[CameraImport, System]:
    """An import and its system, if the person may import there. Raises NotFound."""
    run = session.get(CameraImport, import_id)
    if run is None:
        raise NotFound()
    system = get_system(session, identity, run.system_id)
    require(identity, Permission.CAMERA_IMPORT, import_scope(session, run, system))
    return run, system


def import_scope(session: Session, run: CameraImport, system: System) -> Scope:
    """Where an import stands: names and places of secret cameras are in what their unit brings, and nobody else's."""
    return replace(system_scope(system), unit_only=run.own_unit and _keeps_secrets(session, system.unit_id))


def _keeps_secrets(session: Session, unit_id: UUID) -> bool:
    """Whether any camera of a unit is secret: a sheet may speak of all the unit's cameras."""
    found = select(Camera.id).where(Camera.unit_id == unit_id, Camera.secret).limit(1)
    return session.scalar(found) is not None


def imports_of(session: Session, identity: Identity, system: System, *, after: str | None = None) -> Page[CameraImport]:
    """The imports of a system the caller has been let in to, newest first, but for those they may not look into."""
    wanted = select(CameraImport).where(CameraImport.system_id == system.id)
    inside = replace(system_scope(system), unit_only=True)
    if not allows(identity, Permission.CAMERA_IMPORT, inside) and _keeps_secrets(session, system.unit_id):
        wanted = wanted.where(~CameraImport.own_unit)
    return newest_first(session, wanted, CameraImport.id, after=after)


def fault_kinds(session: Session, import_id: UUID) -> list[FaultKind]:
    """The kinds of open faults, those that can be cured first, then by how many there are."""
    fault = ImportFault
    kind = (fault.field, fault.code, fault.cure_code)
    open_ones = (fault.import_id == import_id) & fault.decision.is_(None)
    counted = session.execute(
        select(*kind, func.count().label("many"))
        .where(open_ones)
        .group_by(*kind)
        .order_by(case((fault.cure_code == "", 1), else_=0), func.count().desc(), *kind)
        .limit(MOST_KINDS)
    ).all()
    ranked = (
        select(fault.id, func.row_number().over(partition_by=kind, order_by=(fault.row_number, fault.id)).label("n"))
        .where(open_ones)
        .subquery()
    )
    shown = session.scalars(
        select(fault).join(ranked, ranked.c.id == fault.id).where(ranked.c.n <= 2).order_by(fault.row_number, fault.id)
    ).all()
    examples: dict[tuple[str, str, str], list[ImportFault]] = {}
    for one in shown:
        examples.setdefault((one.field, one.code, one.cure_code), []).append(one)
    return [
        FaultKind(
            field=row.field,
            code=row.code,
            cure=row.cure_code,
            count=row.many,
            examples=examples.get((row.field, row.code, row.cure_code), ()),
        )
        for row in counted
    ]


def fault_page(
    session: Session, import_id: UUID, *, kind: tuple[str, str, str] | None = None, after: str | None = None
) -> Page[ImportFault]:
    """Open faults in the order of the sheet."""
    fault = ImportFault
    wanted = select(fault).where(fault.import_id == import_id, fault.decision.is_(None))
    if kind is not None:
        wanted = wanted.where(tuple_(fault.field, fault.code, fault.cure_code) == kind)
    if after:
        row, last = place_in(after, int, int)
        wanted = wanted.where(tuple_(fault.row_number, fault.id) > (row, last))
    found = session.scalars(wanted.order_by(fault.row_number, fault.id).limit(PAGE_SIZE + 1)).all()
    last_shown = found[PAGE_SIZE - 1] if len(found) > PAGE_SIZE else None
    cursor = encode_cursor([last_shown.row_number, last_shown.id]) if last_shown else None
    return Page(items=found[:PAGE_SIZE], next_cursor=cursor)


def row_page(
    session: Session, import_id: UUID, *, outcome: RowOutcome | None = None, after: str | None = None
) -> Page[ImportRow]:
    """Rows in the order of the sheet."""
    wanted = select(ImportRow).where(ImportRow.import_id == import_id)
    if outcome is not None:
        wanted = wanted.where(ImportRow.outcome == outcome)
    if after:
        (number,) = place_in(after, int)
        wanted = wanted.where(ImportRow.number > number)
    found = session.scalars(wanted.order_by(ImportRow.number).limit(PAGE_SIZE + 1)).all()
    cursor = encode_cursor([found[PAGE_SIZE - 1].number]) if len(found) > PAGE_SIZE else None
    return Page(items=found[:PAGE_SIZE], next_cursor=cursor)


def parked_rows(
    session: Session, import_id: UUID, *, behind: int, most: int
) -> Iterator[tuple[int, str, Sequence[ImportFault]]]:
    """Parked rows behind a row number, at most so many: their number, sealed cells, and faults: open ones and those
    whose cure was accepted."""
    while most > 0:
        rows = session.execute(
            select(ImportRow.number, ImportRow.cells_sealed)
            .where(ImportRow.import_id == import_id, ImportRow.outcome == RowOutcome.PARKED, ImportRow.number > behind)
            .order_by(ImportRow.number)
            .limit(min(most, _STREAMED))
        ).all()
        if not rows:
            return
        faults: dict[int, list[ImportFault]] = {}
        for fault in session.scalars(
            select(ImportFault)
            .where(
                ImportFault.import_id == import_id,
                or_(ImportFault.decision.is_(None), ImportFault.decision == FaultDecision.CURED),
                ImportFault.row_number.between(rows[0].number, rows[-1].number),
            )
            .order_by(ImportFault.row_number, ImportFault.id)
            .execution_options(populate_existing=True)
        ):
            faults.setdefault(fault.row_number, []).append(fault)
        for row in rows:
            yield row.number, row.cells_sealed or "", faults.get(row.number, ())
        behind, most = rows[-1].number, most - len(rows)
        session.expunge_all()


def cured_fields(session: Session, import_id: UUID) -> Sequence[str]:
    """What the accepted cures of an import set, by field."""
    keys = func.jsonb_object_keys(ImportFault.cure)
    cured = (ImportFault.import_id == import_id) & (ImportFault.decision == FaultDecision.CURED)
    return session.scalars(select(keys.label("key")).where(cured).distinct().order_by("key")).all()


def ways_between(session: Session, run: CameraImport, *, low: int, high: int) -> Mapping[int, Sequence[str]]:
    """What keeps rows between two numbers from being taken out again, by row."""
    row = ImportRow
    rows = session.execute(
        select(
            row.number,
            row.camera_id,
            row.seen_version,
            row.outcome,
            row.before["gb_code"].astext,
            row.access_sealed.is_not(None),
        ).where(*_inside(run), row.number.between(low, high))
    ).all()
    ways: dict[int, list[str]] = {}
    if not rows:
        return ways
    numbers, cameras, seen, outcomes, codes, reached = (list(column) for column in zip(*rows, strict=True))
    changed = [outcome == RowOutcome.CHANGED for outcome in outcomes]
    versions = [(version or 0) + 1 for version in seen]  # a new camera begins with 1, a change counts on by 1
    asked = {"numbers": numbers, "cameras": cameras, "versions": versions, "changed": changed, "codes": codes}
    asked["reached"] = reached
    for number, what in session.execute(text(_BUILT_UPON), {**asked, "loaded_at": run.finished_at}):
        ways.setdefault(number, []).append(what)
    new = {camera: number for camera, number, old in zip(cameras, numbers, changed, strict=True) if not old}
    ours = {camera for camera, brought in zip(cameras, reached, strict=True) if brought}
    for camera, tie in session.execute(text(_TIES), {"cameras": list(new)}):
        if tie == "camera_access" and camera in ours:
            continue  # the import's own; what somebody has entered since is told above
        ways.setdefault(new[camera], []).append(tie)
    return ways


def _inside(run: CameraImport) -> list[ColumnElement[bool]]:
    """The rows of an import that are in."""
    return [
        ImportRow.import_id == run.id,
        ImportRow.number <= run.loaded_to,
        ImportRow.outcome.in_((RowOutcome.NEW, RowOutcome.CHANGED)),
        ImportRow.stage != RowStage.OUT,
    ]


def in_the_way(session: Session, run: CameraImport) -> tuple[Mapping[str, int], Mapping[int, Sequence[str]]]:
    """What stands in the way of undoing an import: how many cameras by reason, and the reasons by row."""
    counts: dict[str, int] = {}
    found: dict[int, Sequence[str]] = {}
    behind = 0
    while (high := _reaches(session, run, behind)) is not None:
        ways = ways_between(session, run, low=behind + 1, high=high)
        found |= ways
        for reasons in ways.values():
            for what in set(reasons):
                counts[what] = counts.get(what, 0) + 1
        behind = high
    return dict(sorted(counts.items(), key=lambda one: -one[1])), found


def _reaches(session: Session, run: CameraImport, behind: int) -> int | None:
    """The last of the next rows to look at."""
    coming = (
        select(ImportRow.number)
        .where(*_inside(run), ImportRow.number > behind)
        .order_by(ImportRow.number)
        .limit(_LOOKED_AT)
        .subquery()
    )
    last: int | None = session.scalar(select(func.max(coming.c.number)))
    return last


def rows_named(session: Session, import_id: UUID, numbers: Sequence[int]) -> Sequence[ImportRow]:
    """Some rows of an import, in the order of the sheet."""
    wanted = select(ImportRow).where(ImportRow.import_id == import_id, ImportRow.number.in_(numbers))
    return session.scalars(wanted.order_by(ImportRow.number)).all()


def to_take_out(session: Session, run: CameraImport) -> Mapping[str, int]:
    """How many rows of an import are in, by what they did."""
    counted = session.execute(select(ImportRow.outcome, func.count()).where(*_inside(run)).group_by(ImportRow.outcome))
    return {str(outcome): int(count) for outcome, count in counted}
