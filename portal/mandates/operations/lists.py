"""Source lists: taken in by a person, read by a job; then units are suggested for what is not matched yet."""

from dataclasses import asdict
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from portal.accounts.permissions import Permission
from portal.accounts.policy import require, visibility
from portal.accounts.values import Identity
from portal.audit.operations import record
from portal.audit.values import Actor, FieldChange, SubjectRef
from portal.core.clock import city_day
from portal.core.db import Database
from portal.core.divisions import load_divisions
from portal.core.errors import NotAllowed
from portal.core.geometry import point, to_element
from portal.core.ids import new_id
from portal.core.outbox import TaskName, enqueue
from portal.mandates import values
from portal.mandates.models import MandatedUnit, MandateSource
from portal.mandates.queries.dictionary import dictionary
from portal.mandates.rules.sheet import HEADER_ROWS, Words, find_header, read_rows
from portal.mandates.states import SourceStatus
from portal.mandates.values import LEAST_SIMILARITY, MOST_SUGGESTED, NEAR_M, EntryDraft, ReadList
from portal.vault.queries import get_file, open_stored_sheet
from portal.vault.values import Refused

_BATCH = 2_000


def take_list(
    session: Session,
    *,
    actor: Identity,
    name: str,
    origin: str,
    dated_on: date,
    stored_file_id: UUID,
    now: datetime,
) -> MandateSource:
    """Take a list in. Rows outside the actor's districts will be refused, one by one."""
    require(actor, Permission.MANDATE_EDIT)
    seen = visibility(actor, Permission.MANDATE_EDIT)
    if not seen.everything and not seen.districts:
        # A list without districts is one for the whole city.
        raise NotAllowed("permission", permission=str(Permission.MANDATE_EDIT))
    source = MandateSource(
        name=name.strip(),
        origin=origin.strip(),
        dated_on=dated_on,
        stored_file_id=stored_file_id,
        districts=[] if seen.everything else sorted(seen.districts),
        taken_by=actor.person_id,
        taken_by_name=actor.name,
        created_at=now,
    )
    session.add(source)
    session.flush()
    subject = SubjectRef("mandate_source", source.id, source.name)
    record(session, actor=actor.actor, tag=values.SOURCE_TAKEN, subject=subject, now=now)
    enqueue(session, TaskName.MANDATES_READ_LIST, dedupe=f"list:{source.id}", source_id=source.id)
    return source


def read_list(database: Database, *, source_id: UUID, now: datetime) -> None:
    """Read a list and load what is good, in one transaction: a killed worker leaves nothing or everything."""
    with database.transaction() as session:
        source = session.get(MandateSource, source_id, with_for_update=True)
        if source is None or source.status != SourceStatus.QUEUED or source.stored_file_id is None:
            return
        words = Words(
            categories=dictionary(session, on=city_day(now)),
            districts=frozenset(source.districts or [shape.code for shape in load_divisions()]),
        )
        try:
            with open_stored_sheet(session, get_file(session, source.stored_file_id)) as reading:
                top = [(row.number, row.cells) for row, _ in zip(reading.rows(), range(HEADER_ROWS), strict=False)]
                header = find_header(top)
                if header is None or reading.row_count > values.MOST_ROWS:
                    _end(source, SourceStatus.FAILED, now, "list_no_header" if header is None else "list_too_long")
                    return
                found = read_rows(((row.number, row.cells) for row in reading.rows()), header, words)
        except Refused as refused:
            _end(source, SourceStatus.FAILED, now, f"file_{refused.code}")
            return
        load_list(session, source, found, now=now)


def load_list(session: Session, source: MandateSource, found: ReadList, *, now: datetime) -> None:
    """Put a list's good rows into the register; what stands there already is left as it is."""
    new = 0
    for start in range(0, len(found.rows), _BATCH):
        rows = [_row(source, number, draft, now) for number, draft in found.rows[start : start + _BATCH]]
        new += _insert_new(session, rows)
    source.rows_read, source.rows_new, source.rows_known = found.read, new, len(found.rows) - new
    source.faults = [asdict(fault) for fault in found.faults]
    _end(source, SourceStatus.DONE, now, None)
    record(
        session,
        actor=Actor(name=f"system:list for {source.taken_by_name}"),
        tag=values.SOURCE_READ,
        subject=SubjectRef("mandate_source", source.id, source.name),
        changes=[FieldChange(name="entries", new=new), FieldChange(name="faults", new=len(found.faults))],
        now=now,
    )
    enqueue(session, TaskName.MANDATES_SUGGEST, dedupe=f"suggest:{source.id}", source_id=source.id)


def _row(source: MandateSource, number: int, draft: EntryDraft, now: datetime) -> dict[str, Any]:
    return {
        **{name: getattr(draft, name) for name in ("name", "uscc", "address", "district", "category", "unit_type")},
        "industry": draft.industry,
        "position": to_element(point(*draft.position)) if draft.position else None,
        "id": new_id(),
        "source_id": source.id,
        "source_row": number,
        "created_at": now,
        "updated_at": now,
    }


def _insert_new(session: Session, rows: list[dict[str, Any]]) -> int:
    """Insert what is not there: the code with the name tells, or without a code the name in its district."""
    bare = [row["name"] for row in rows if row["uscc"] is None]
    there = set(
        session.execute(
            select(MandatedUnit.name, MandatedUnit.district).where(
                MandatedUnit.name.in_(bare), MandatedUnit.uscc.is_(None)
            )
        )
    )
    fresh = [row for row in rows if row["uscc"] is not None or (row["name"], row["district"]) not in there]
    if not fresh:
        return 0
    statement = insert(MandatedUnit).values(fresh).on_conflict_do_nothing().returning(MandatedUnit.id)
    return len(session.scalars(statement).all())


def _end(source: MandateSource, status: SourceStatus, now: datetime, failure: str | None) -> None:
    source.status, source.finished_at, source.failure = status, now, failure


_BY_CODE = """
insert into mandate_match (id, mandated_id, unit_id, district, by_code, similarity, found_at)
select gen_random_uuid(), m.id, u.id, m.district, true, round(similarity(m.name, u.name)::numeric, 3), :now
from mandated_unit m join unit u on u.uscc = m.uscc
where m.unit_id is null and m.struck_at is null {which}
on conflict (mandated_id, unit_id) do nothing
"""
# Names are compared within the district; a position, where both have one, must be near. Each entry costs one look into
# the trigram index, whatever the number of units.
_BY_NAME = """
insert into mandate_match (id, mandated_id, unit_id, district, by_code, similarity, distance_m, found_at)
select gen_random_uuid(), m.id, u.id, m.district, false, u.alike, u.far, :now
from mandated_unit m cross join lateral (
  select unit.id, round(similarity(unit.name, m.name)::numeric, 3) as alike,
    round(st_distance(unit.position::geography, m.position::geography))::int as far
  from unit
  where unit.name % m.name and unit.district = m.district and (unit.uscc is null or m.uscc is null or unit.uscc = m.uscc)
  order by similarity(unit.name, m.name) desc, unit.id limit :most
) u
where m.unit_id is null and m.struck_at is null and (u.far is null or u.far <= :near) {which}
  and not exists (select from mandate_match k where k.mandated_id = m.id and k.by_code and k.status = 'open')
on conflict (mandated_id, unit_id) do nothing
"""
_WHICH = {"source_id": "and m.source_id = :key", "mandated_id": "and m.id = :key", "": ""}


def suggest_matches(
    session: Session, *, source_id: UUID | None = None, mandated_id: UUID | None = None, now: datetime
) -> None:
    """Suggest units for entries that have none: of a list, for one entry, or for all."""
    kind = "source_id" if source_id else ("mandated_id" if mandated_id else "")
    known: dict[str, Any] = {"now": now, "key": source_id or mandated_id, "most": MOST_SUGGESTED, "near": NEAR_M}
    session.execute(
        text("select set_config('pg_trgm.similarity_threshold', :least, true)"), {"least": str(LEAST_SIMILARITY)}
    )
    for statement in (_BY_CODE, _BY_NAME):
        asked = text(statement.format(which=_WHICH[kind]))
        session.execute(asked, {name: value for name, value in known.items() if f":{name}" in asked.text})
