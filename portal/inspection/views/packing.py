"""What goes along to the field as one document, and how a visit stands beside what its device holds."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from portal.accounts.values import Identity
from portal.core.clock import city_day
from portal.inspection import operations, queries
from portal.inspection.labels import KIND
from portal.inspection.models import Acceptance, FieldDevice, Visit
from portal.inspection.rules import FrozenList, answers_in, deductions_out, judge
from portal.inspection.rules.merging import Merged, Said
from portal.inspection.states import AcceptanceKind, EntryKind
from portal.inspection.values import MOST_DEDUCTIONS, MOST_PHOTOS, ItemAnswer
from portal.inspection.views.advance import in_advance
from portal.registry.rules import rules_for
from portal.regulation.labels import said
from portal.regulation.schema.keys import RuleKey


def visit_line(visit: Visit) -> Mapping[str, Any]:
    """A visit as the list of the own visits shows it. The list lies on the telephone: of a secret system it says when
    the visit is, not where."""
    found = visit.acceptance
    stays = found.system.secret
    return {
        "id": str(visit.id),
        "unit": "" if stays else found.unit.name,
        "system": "" if stays else found.system.name,
        "address": "" if stays else found.system.address or found.unit.address,
        "kind": str(KIND[AcceptanceKind(found.kind)]),
        "starts": _moment(visit.starts_at),
        "ends": _moment(visit.ends_at),
        "stays": stays,
    }


def packed(
    session: Session, identity: Identity, found: Acceptance, visit: Visit, device: FieldDevice, *, now: datetime
) -> dict[str, Any]:
    """A visit with its list, what the school said of itself, what the visit before found, and how it stands."""
    frozen = FrozenList.from_json(found.checklist or {})
    rules = rules_for(found.unit, found.system, on=city_day(now))
    return {
        "visit": {
            "id": str(visit.id),
            "acceptance": str(found.id),
            "unit": found.unit.name,
            "system": found.system.name,
            "address": found.system.address or found.unit.address,
            "kind": str(KIND[AcceptanceKind(found.kind)]),
            "starts": _moment(visit.starts_at),
            "ends": _moment(visit.ends_at),
            "people": [place.name for place in visit.inspectors if not place.cancelled],
        },
        "person": str(identity.person_id),
        "name": identity.name,
        "device": {"id": str(device.id), "label": device.label},
        "list": _list(frozen),
        "own": _self_assessed(session, found),
        "earlier": _earlier(session, found),
        "advance": in_advance(found),
        "most_photos": MOST_PHOTOS,
        "most_deductions": MOST_DEDUCTIONS,
        "clock_seconds": rules.integer(RuleKey.VISIT_CLOCK_SECONDS) or 0,
        **state_of(session, identity, visit.id, device.id),
    }


def state_of(session: Session, identity: Identity, visit_id: UUID, device_id: UUID) -> dict[str, Any]:
    """What was sealed so far, item by item, whose photos are awaited, and where the device's own chain ends."""
    rows = queries.entries_of(session, visit_id)
    names = {str(row.person_id): row.person_name for row in rows}
    kept = queries.sealed_photos(session, visit_id)
    own = [row for row in rows if row.device_id == device_id]
    head = own[-1] if own else None
    return {
        "head": {"seq": head.seq, "digest": head.digest} if head else None,
        "items": {item: _item(merged, names, identity) for item, merged in queries.merged_of(rows).items()},
        "signatures": [
            {
                "digest": row.digest,
                "capacity": entry.capacity,
                "name": entry.name,
                "refused": entry.refused,
                "at": _moment(entry.captured_at),
                "own": row.person_id == identity.person_id,
                "entries": list(entry.entries),
            }
            for row, entry in queries.signatures_of(row for row in rows if row.kind == EntryKind.SIGNATURE)
        ],
        "awaited": sorted(
            {
                digest
                for row in rows
                if row.person_id == identity.person_id
                for digest in row.photos
                if all(photo.altered for photo in kept.get((row.id, digest), ()))
            }
            - {photo.sealed_sha256 for photos in kept.values() for photo in photos if not photo.altered}
        ),
        "altered": sorted({digest for (_, digest), photos in kept.items() if any(photo.altered for photo in photos)}),
    }


def _item(merged: Merged, names: Mapping[str, str], identity: Identity) -> Mapping[str, Any]:
    return {
        "contested": merged.contested,
        "settled": merged.settled,
        "standing": merged.standing.digest,
        "sides": [_side(side, names, identity) for side in merged.sides],
    }


def _side(side: Said, names: Mapping[str, str], identity: Identity) -> Mapping[str, Any]:
    return {
        "digest": side.digest,
        "name": names[side.person],
        "own": side.person == str(identity.person_id),
        "at": _moment(side.captured_at),
        **_answer(side.answer),
    }


def _answer(answer: ItemAnswer) -> Mapping[str, Any]:
    return {"verdict": answer.verdict, "deductions": deductions_out(answer.deductions), "note": answer.note}


def _list(frozen: FrozenList) -> Mapping[str, Any]:
    return {
        "title": str(said(frozen.checklist.title)),
        "edition": frozen.edition,
        "groups": [{"key": group.key, "text": str(said(group.text))} for group in frozen.checklist.groups],
        "items": [
            {
                "key": item.key,
                "group": item.group,
                "number": item.number,
                "text": str(said(item.text)),
                "points": None if item.points is None else str(item.points),
                "proof": item.proof,
                "shown_when": item.shown_when.model_dump(mode="json") if item.shown_when else None,
            }
            for item in frozen.checklist.items
        ],
    }


def _self_assessed(session: Session, found: Acceptance) -> Mapping[str, str]:
    own = queries.assessment_of(session, found)
    if own is None:
        return {}
    outcome = judge(FrozenList.from_json(own.checklist), answers_in(own.answers))
    return {item: str(points) for item, points in outcome.items.items()}


def _earlier(session: Session, found: Acceptance) -> Mapping[str, Any]:
    """What the visit before found, of a system that is inspected again."""
    if found.previous_id is None:
        return {}
    done = next((one for one in queries.visits_of(session, found.previous_id) if one.status == "done"), None)
    answers = operations.given_answers(session, done.id) if done else {}
    return {item: _answer(answer) for item, answer in answers.items()}


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
