"""What stands for an item of a visit, worked out of everything sealed about it and written where judging reads it."""

from collections.abc import Collection, Mapping, Set
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from portal.accounts.values import Identity
from portal.core.digest import sha256_hex
from portal.core.ids import new_id
from portal.inspection.models import Acceptance, Answer, SealedEntry, Visit
from portal.inspection.queries import head_of, merged_of
from portal.inspection.rules import deductions_out
from portal.inspection.rules.sealing import AnswerEntry, Entry, Link, Seal, canonical, moment_text, parse_entry
from portal.inspection.states import EntryKind
from portal.inspection.values import ItemAnswer


def put_standing(session: Session, acceptance: Acceptance, visit: Visit, *, items: Collection[str]) -> None:
    """Write the answers of these items as they stand now. The acceptance is locked: two who hand in wait for each other."""
    session.flush()
    rows = session.scalars(
        select(SealedEntry).where(
            SealedEntry.visit_id == visit.id,
            SealedEntry.kind == EntryKind.ANSWER,
            SealedEntry.item.in_(items),
        )
    ).all()
    ids = {row.digest: row.id for row in rows}
    people = {row.digest: row.person_id for row in rows}
    for item, merged in merged_of(rows).items():
        standing = merged.standing
        values: dict[str, Any] = {
            "verdict": str(standing.answer.verdict),
            "deductions": deductions_out(standing.answer.deductions),
            "note": standing.answer.note.strip(),
            "answered_by": people[standing.digest],
            "answered_at": standing.captured_at,
            "entry_id": ids[standing.digest],
            "contested": merged.contested,
        }
        place = {"visit_id": visit.id, "item": item, "unit_id": acceptance.unit_id, "district": acceptance.district}
        statement = insert(Answer).values(**place, **values)
        session.execute(statement.on_conflict_do_update(index_elements=["visit_id", "item"], set_=values))


def seal_online(
    session: Session,
    actor: Identity,
    acceptance: Acceptance,
    visit: Visit,
    *,
    answers: Mapping[str, ItemAnswer],
    settles: Mapping[str, Set[str]],
    now: datetime,
) -> None:
    """Seal answers given on the portal's own page as it takes them: one chain a person, signed by nothing but the log."""
    head = head_of(session, visit.id, device_id=None, person_id=actor.person_id)
    for item, answer in answers.items():
        said = _said_online(actor, visit, head, now) | _judged(item, answer, settles.get(item, set()))
        body = canonical(said)
        head = Link(seq=head.seq + 1, digest=sha256_hex(body.encode()))
        entry, seal = parse_entry(body), Seal(body=body, digest=head.digest, signature="")
        session.add(sealed_row(acceptance, visit, entry, seal, person_name=actor.name, now=now))
    put_standing(session, acceptance, visit, items=answers.keys())


def _said_online(actor: Identity, visit: Visit, head: Link, now: datetime) -> dict[str, Any]:
    return {
        "v": 1,
        "visit": str(visit.id),
        "person": str(actor.person_id),
        "device": None,
        "seq": head.seq + 1,
        "captured_at": moment_text(now),
        "position": None,
        "no_position": "online",
        "prev": head.digest,
    }


def _judged(item: str, answer: ItemAnswer, settles: Set[str]) -> dict[str, Any]:
    return {
        "kind": str(EntryKind.ANSWER),
        "item": item,
        "verdict": str(answer.verdict),
        "deductions": list(deductions_out(answer.deductions)),
        "note": answer.note.strip(),
        "photos": [],
        "settles": sorted(settles),
    }


def sealed_row(
    acceptance: Acceptance, visit: Visit, entry: Entry, seal: Seal, *, person_name: str, now: datetime
) -> SealedEntry:
    """The row of an entry."""
    answer = entry if isinstance(entry, AnswerEntry) else None
    return SealedEntry(
        id=new_id(),
        visit_id=visit.id,
        unit_id=acceptance.unit_id,
        district=acceptance.district,
        person_id=entry.person,
        person_name=person_name,
        device_id=entry.device,
        seq=entry.seq,
        kind=entry.kind,
        item=answer.item if answer else None,
        photos=list(answer.photos) if answer else [],
        body=seal.body,
        digest=seal.digest,
        signature=seal.signature,
        captured_at=entry.captured_at,
        received_at=now,
    )
