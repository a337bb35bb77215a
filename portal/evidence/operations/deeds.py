"""What happens while equipment is in investigators' hands: each deed, booked in the call register; each obstruction."""

from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.accounts.permissions import Permission
from portal.accounts.policy import require
from portal.accounts.values import Identity
from portal.core.errors import IllegalTransition, Invalid, NotAllowed, Problem
from portal.core.ids import new_id
from portal.evidence.models import EquipmentCamera, EquipmentDeed, EquipmentObstruction, EquipmentUse
from portal.evidence.operations.custody import book_on_site
from portal.evidence.operations.equipment import note_use, seal_texts, tell_use, to_the_minute
from portal.evidence.queries.equipment import ObstructionTexts, lock_use, use_scope
from portal.evidence.states import UseStatus
from portal.evidence.values import equipment as values
from portal.evidence.values.equipment import BOOKED_AS, OF_RECORDINGS, DeedDraft, DeedKind, ObstructionDraft


def book_deed(session: Session, *, actor: Identity, use_id: UUID, draft: DeedDraft, now: datetime) -> EquipmentDeed:
    """Book one thing done while the equipment is in their hands; either side may. An export names medium and digest,
    playback and export the time of the footage; what was seen or taken stands in the call register at once."""
    use = lock_use(session, actor, use_id)
    require(actor, Permission.EQUIPMENT_BOOK, use_scope(use), read=Permission.EQUIPMENT_READ)
    if use.status != UseStatus.IN_USE or use.started_at is None or actor.person_id is None:
        raise IllegalTransition("equipment_use", status=use.status, action="deed")
    camera = next((one for one in use.cameras if one.camera_id == draft.camera_id), None)
    problems = _faults(use, draft, camera, now)
    if problems or camera is None:
        raise Invalid(problems)
    exported, recorded = draft.kind is DeedKind.EXPORT, draft.kind in OF_RECORDINGS
    note = draft.note.strip()
    deed = EquipmentDeed(
        id=new_id(),
        use_id=use.id,
        kind=draft.kind,
        at=draft.at,
        camera_id=camera.camera_id,
        label=camera.label,
        note="" if use.secret else note,
        span_from=draft.span_from if recorded else None,
        span_to=draft.span_to if recorded else None,
        medium=draft.medium.strip() if exported else "",
        sha256=draft.sha256.lower() if exported else "",
        booked_by=actor.person_id,
        booked_name=actor.name,
        booked_at=now,
    )
    if use.secret and note:
        deed.note_sealed = seal_texts(session, "note", deed.id, text=note)
    session.add(deed)
    session.flush()
    if draft.kind in BOOKED_AS:
        book_on_site(session, actor=actor, use=use, deed=deed, act=BOOKED_AS[draft.kind])
    note_use(session, actor, use, values.DEED_BOOKED, now=now, kind=str(draft.kind))
    return deed


def _faults(use: EquipmentUse, draft: DeedDraft, camera: EquipmentCamera | None, now: datetime) -> list[Problem]:
    problems = [] if camera else [Problem("camera", "evidence.camera_unknown")]
    if use.started_at is None or not to_the_minute(use.started_at) <= draft.at <= now:
        problems.append(Problem("at", "equipment_when"))
    if draft.kind in OF_RECORDINGS:
        if draft.span_from is None or draft.span_to is None:
            problems += [Problem(name, "required") for name in ("span_from", "span_to") if getattr(draft, name) is None]
        elif draft.span_to <= draft.span_from:
            problems.append(Problem("span_to", "evidence.span_backward"))
        elif draft.span_from > draft.at:
            problems.append(Problem("span_from", "equipment_span_ahead"))
    if draft.kind is DeedKind.EXPORT:
        if not draft.medium.strip():
            problems.append(Problem("medium", "required"))
        if len(draft.sha256) != 64 or set(draft.sha256.lower()) - set("0123456789abcdef"):
            problems.append(Problem("sha256", "evidence.bad_sha256"))
    return problems


def record_obstruction(
    session: Session, *, actor: Identity, use_id: UUID, draft: ObstructionDraft, now: datetime
) -> EquipmentObstruction:
    """Record that an approved use was refused or obstructed: person, time, place, facts, and what proves it."""
    use = lock_use(session, actor, use_id)
    require(actor, Permission.EQUIPMENT_BOOK, use_scope(use), read=Permission.EQUIPMENT_READ)
    if use.organ_id not in actor.organ_ids or actor.person_id is None:
        raise NotAllowed("evidence.not_yours")
    if use.status not in (UseStatus.APPROVED, UseStatus.IN_USE) or use.decided_at is None:
        raise IllegalTransition("equipment_use", status=use.status, action="obstruction")
    problems = [
        Problem(name, "required") for name in ("person_name", "place", "facts") if not getattr(draft, name).strip()
    ]
    if not draft.evidence.strip() and draft.stored_file_id is None:
        problems.append(Problem("evidence", "equipment_evidence"))
    if not to_the_minute(use.decided_at) <= draft.at <= now:
        problems.append(Problem("obstructed_at", "equipment_obstructed_when"))
    if problems:
        raise Invalid(problems)
    told = ObstructionTexts(draft.person_name.strip(), draft.place.strip(), draft.facts.strip(), draft.evidence.strip())
    found = EquipmentObstruction(
        id=new_id(),
        use_id=use.id,
        at=draft.at,
        stored_file_id=draft.stored_file_id,
        officers="、".join(f"{one.name} {one.number}" for one in use.officers),
        recorded_by=actor.person_id,
        recorded_name=actor.name,
        recorded_at=now,
        **dict.fromkeys(asdict(told), "") if use.secret else asdict(told),
    )
    if use.secret:
        found.facts_sealed = seal_texts(session, "facts", found.id, **asdict(told))
    session.add(found)
    note_use(session, actor, use, values.OBSTRUCTION_RECORDED, now=now)
    # The use itself stays as it was: what tells one obstruction from the next is its own key.
    tell_use(session, use, f"obstruction:{found.id}")
    return found


def name_of_evidence(use: EquipmentUse, given: str) -> str:
    """What an attached piece of evidence is called: at a secret use its own name, which may tell the case, is not kept."""
    ending = given.rpartition(".")[2].lower()[:5] if "." in given else "pdf"
    return f"{use.number}.{ending}" if use.secret else given
