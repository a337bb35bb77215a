"""Using a unit's equipment on the spot: asked for, approved, handed over, handed back, taken back; deeds beside."""

import json
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from portal.accounts.permissions import Permission
from portal.accounts.policy import require
from portal.accounts.queries import signing_organ
from portal.accounts.values import Identity
from portal.audit.operations import record_and_seal
from portal.audit.values import AuditTag, FieldChange, SubjectRef
from portal.core.clock import city_day
from portal.core.codes import tidy
from portal.core.crypto import row_context
from portal.core.errors import IllegalTransition, Invalid, NotAllowed, Problem
from portal.core.ids import new_id
from portal.core.lifecycle import unchanged
from portal.core.outbox import TaskName, enqueue
from portal.core.services import services
from portal.evidence.models import (
    EquipmentCamera,
    EquipmentNumber,
    EquipmentOfficer,
    EquipmentUse,
)
from portal.evidence.queries.equipment import (
    SEALED,
    UseTexts,
    cameras_to_use,
    lock_use,
    may_read_texts,
    texts_of,
    use_scope,
)
from portal.evidence.queries.people import people_by_police_number
from portal.evidence.states import UseAction, UseStatus, next_use_status
from portal.evidence.values import equipment as values
from portal.evidence.values.equipment import (
    UNDERTAKING,
    Condition,
    Investigator,
    UseDraft,
)
from portal.registry.models import Camera, System
from portal.registry.operations.recording import note
from portal.registry.queries import get_system, system_scope
from portal.registry.rules import rules_for
from portal.regulation.effective import EffectiveRules
from portal.regulation.schema.keys import RuleKey


def ask_use(session: Session, *, actor: Identity, system_id: UUID, draft: UseDraft, now: datetime) -> EquipmentUse:
    """Ask for the use of a unit's equipment. Raises Invalid without a reason, with too few officers, without the
    undertaking, or for longer than the rules allow."""
    system = get_system(session, actor, system_id)
    require(actor, Permission.EQUIPMENT_ASK, system_scope(system), read=Permission.SYSTEM_READ)
    if actor.person_id is None or system.secret:
        raise IllegalTransition("equipment_not_usable")
    rules = _rules(system, now)
    cameras = [one for one in cameras_to_use(session, actor, system.id) if one.id in draft.camera_ids]
    problems = _faults_of(rules, draft, cameras, now)
    if problems:
        raise Invalid(problems)
    organ = signing_organ(session, actor, Permission.EQUIPMENT_ASK, system.district)
    use = EquipmentUse(
        id=new_id(),
        number=_take_number(session, city_day(now).year),
        unit_id=system.unit_id,
        district=system.district,
        system_id=system.id,
        organ_id=organ.id,
        organ_name=organ.name,
        applicant_id=actor.person_id,
        applicant_name=actor.name,
        asked_at=now,
        secret=draft.secret,
        undertaking=UNDERTAKING,
        planned_from=draft.planned_from,
        planned_to=draft.planned_to,
        camera_count=len(cameras),
    )
    _write_necessity(session, use, draft)
    session.add(use)
    session.flush()
    _name_parts(session, use, draft.officers, cameras, now)
    note_use(session, actor, use, values.USE_ASKED, now=now)
    tell_use(session, use, "asked")
    return use


def _rules(system: System, now: datetime) -> EffectiveRules:
    return rules_for(system.unit, system, on=city_day(now), facts={"requester_kind": "police", "act": "view"})


def _faults_of(rules: EffectiveRules, draft: UseDraft, cameras: list[Camera], now: datetime) -> list[Problem]:
    problems = [] if draft.reason.strip() else [Problem("reason", "required")]
    least = (RuleKey.EQUIPMENT_MIN_OFFICERS, RuleKey.EVIDENCE_MIN_OFFICERS)
    needed = max(rules.integer(key) or 1 for key in least)
    given = {tidy(one.number) for one in draft.officers if one.name.strip() and tidy(one.number)}
    if len(given) < needed:
        problems.append(Problem("officers", "evidence.officers_too_few", {"needed": needed, "given": len(given)}))
    if not draft.undertaking:
        problems.append(Problem("undertaking", "equipment_undertaking"))
    if not cameras:
        problems.append(Problem("camera_ids", "required"))
    hours = rules.integer(RuleKey.EQUIPMENT_USE_HOURS) or 0
    if draft.planned_to <= draft.planned_from or draft.planned_to < now:
        problems.append(Problem("planned_to", "equipment_span"))
    elif draft.planned_to - draft.planned_from > timedelta(hours=hours):
        problems.append(Problem("planned_to", "equipment_too_long", {"hours": hours}))
    return problems


def _write_necessity(session: Session, use: EquipmentUse, draft: UseDraft) -> None:
    """Into the open columns, or all of it into the envelope bound to this use."""
    texts = {"case_number": draft.case_number.strip(), "reason": draft.reason.strip()}
    if draft.secret:
        use.content_sealed = seal_texts(session, "why", use.id, **texts)
    else:
        use.case_number, use.reason = texts["case_number"], texts["reason"]


def _name_parts(
    session: Session, use: EquipmentUse, officers: tuple[Investigator, ...], cameras: list[Camera], now: datetime
) -> None:
    known = people_by_police_number(session, {tidy(one.number) for one in officers})
    session.add_all(
        EquipmentOfficer(
            use_id=use.id, place=place, name=one.name.strip(), number=tidy(one.number),
            person_id=known.get(tidy(one.number)), pledged_at=now,
        )
        for place, one in enumerate(officers, start=1)
    )  # fmt: skip
    session.add_all(EquipmentCamera(use_id=use.id, camera_id=one.id, label=one.name) for one in cameras)


def _take_number(session: Session, year: int) -> str:
    """The next number of the year; the row stays locked until the transaction ends, so that none is skipped."""
    statement = insert(EquipmentNumber).values(year=year, last=1)
    taken = session.scalar(
        statement.on_conflict_do_update(
            index_elements=[EquipmentNumber.year], set_={"last": EquipmentNumber.last + 1}
        ).returning(EquipmentNumber.last)
    )
    return f"安公用〔{year}〕{taken}号"


def decide_use(
    session: Session,
    *,
    actor: Identity,
    use_id: UUID,
    seen_version: int,
    approved: bool,
    opinion: str,
    now: datetime,
) -> EquipmentUse:
    """The head of the case-handling department decides; never who asked, and nobody who comes."""
    use = _held(session, actor, use_id, seen_version, Permission.EQUIPMENT_APPROVE)
    if actor.person_id in {use.applicant_id, *(one.person_id for one in use.officers)}:
        raise NotAllowed("approver_comes")
    if not approved and not opinion.strip():
        raise Invalid([Problem("opinion", "required")])
    if approved and now > use.planned_to:
        # It could never be handed over.
        raise IllegalTransition("equipment_over", status=use.status)
    action = UseAction.APPROVE if approved else UseAction.REFUSE
    use.status = next_use_status(UseStatus(use.status), action)
    use.decided_by, use.decided_name, use.decided_at = actor.person_id, actor.name, now
    if use.secret and opinion.strip():
        use.opinion_sealed = seal_texts(session, "opinion", use.id, text=opinion.strip())
    else:
        use.decided_note = opinion.strip()
    note_use(session, actor, use, values.USE_APPROVED if approved else values.USE_REFUSED, now=now)
    tell_use(session, use, str(action))
    return use


def withdraw_use(session: Session, *, actor: Identity, use_id: UUID, seen_version: int, now: datetime) -> EquipmentUse:
    """Who asked gives the use up before the equipment is handed over."""
    use = _held(session, actor, use_id, seen_version, Permission.EQUIPMENT_BOOK)
    if actor.person_id != use.applicant_id:
        raise NotAllowed("evidence.not_yours")
    use.status = next_use_status(UseStatus(use.status), UseAction.WITHDRAW)
    note_use(session, actor, use, values.USE_WITHDRAWN, now=now)
    return use


def hand_over(
    session: Session,
    *,
    actor: Identity,
    use_id: UUID,
    seen_version: int,
    received_by: int,
    equipment: str,
    ids_seen: bool,
    now: datetime,
) -> EquipmentUse:
    """The unit's duty person hands the equipment over to one of the officers named, whose papers were seen."""
    use = _held(session, actor, use_id, seen_version, Permission.EQUIPMENT_HAND)
    officer = next((one for one in use.officers if one.place == received_by), None)
    problems = [] if officer else [Problem("received_by", "required")]
    if not equipment.strip():
        problems.append(Problem("equipment", "required"))
    if not ids_seen:
        problems.append(Problem("ids_seen", "equipment_ids"))
    if problems or officer is None:
        raise Invalid(problems)
    status, system = next_use_status(UseStatus(use.status), UseAction.HAND_OVER), session.get_one(System, use.system_id)
    if not to_the_minute(use.planned_from) <= now <= use.planned_to:
        # What was approved was approved for this time: for another it is asked for anew.
        raise IllegalTransition("equipment_not_now", status=use.status)
    hours = rules_for(use.unit, system, on=city_day(now)).integer(RuleKey.EQUIPMENT_USE_HOURS) or 0
    use.status, use.received_name = status, officer.name
    use.handed_by, use.handed_name = actor.person_id, actor.name
    use.equipment, use.started_at, use.due_at = equipment.strip(), now, now + timedelta(hours=hours)
    note_use(session, actor, use, values.USE_HANDED_OVER, now=now, due_at=use.due_at.isoformat())
    return use


def give_back(
    session: Session, *, actor: Identity, use_id: UUID, seen_version: int, summary: str, now: datetime
) -> EquipmentUse:
    """An officer hands the equipment back and says in a line what was done; the unit still has to look at it."""
    use = _held(session, actor, use_id, seen_version, Permission.EQUIPMENT_BOOK)
    if use.organ_id not in actor.organ_ids:
        raise NotAllowed("evidence.not_yours")
    if not summary.strip():
        raise Invalid([Problem("summary", "required")])
    use.status = next_use_status(UseStatus(use.status), UseAction.GIVE_BACK)
    use.returned_at, use.returned_name = now, actor.name
    if use.secret:
        use.summary_sealed = seal_texts(session, "summary", use.id, text=summary.strip())
    else:
        use.returned_note = summary.strip()
    note_use(session, actor, use, values.USE_RETURNED, now=now)
    tell_use(session, use, "returned")
    return use


def take_back(
    session: Session,
    *,
    actor: Identity,
    use_id: UUID,
    seen_version: int,
    condition: Condition,
    damage: str,
    now: datetime,
) -> EquipmentUse:
    """The unit's duty person has looked at the equipment and takes it back: in what condition, with what damage."""
    use = _held(session, actor, use_id, seen_version, Permission.EQUIPMENT_HAND)
    if condition is Condition.DAMAGED and not damage.strip():
        raise Invalid([Problem("damage", "required")])
    use.status = next_use_status(UseStatus(use.status), UseAction.TAKE_BACK)
    use.taken_by, use.taken_name, use.ended_at = actor.person_id, actor.name, now
    use.condition, use.damage = condition, damage.strip() if condition is Condition.DAMAGED else ""
    note_use(session, actor, use, values.USE_TAKEN_BACK, now=now, condition=str(condition))
    tell_use(session, use, f"taken_back:{condition}")
    return use


def to_the_minute(moment: datetime) -> datetime:
    """What is typed has no seconds: whatever happens within the minute may have happened after it."""
    return moment.replace(second=0, microsecond=0)


def seal_texts(session: Session, which: str, key: UUID, **texts: str) -> str:
    """Texts of a secret use in the envelope bound to their row; `which` is one of SEALED."""
    plain = json.dumps(texts, ensure_ascii=False).encode()
    return services(session).envelope.seal(plain, context=row_context(*SEALED[which], key))


def open_texts(session: Session, *, actor: Identity, use: EquipmentUse, now: datetime) -> UseTexts:
    """What is written about a secret use: the look stands sealed in the log before the first word is decrypted."""
    if not may_read_texts(actor, use):
        raise NotAllowed("evidence.not_on_the_list")
    record_and_seal(
        session,
        actor=actor.actor,
        tag=values.USE_CONTENT_READ,
        subject=SubjectRef(values.SUBJECT, use.id, use.number),
        unit_id=use.unit_id,
        now=now,
    )
    return texts_of(session, use)


def record_use_read(session: Session, *, actor: Identity, use: EquipmentUse, tag: AuditTag, now: datetime) -> None:
    """One look at a use, its paper or its evidence."""
    note_use(session, actor, use, tag, now=now)


def _held(session: Session, actor: Identity, use_id: UUID, seen_version: int, permission: Permission) -> EquipmentUse:
    use = lock_use(session, actor, use_id)
    require(actor, permission, use_scope(use), read=Permission.EQUIPMENT_READ)
    unchanged(use, seen_version)
    return use


def note_use(session: Session, actor: Identity, use: EquipmentUse, tag: AuditTag, *, now: datetime, **new: str) -> None:
    changes = [FieldChange(name=name, new=value) for name, value in new.items()]
    note(session, actor, tag, SubjectRef(values.SUBJECT, use.id, use.number), use, changes=changes, now=now)


def tell_use(session: Session, use: EquipmentUse, occasion: str) -> None:
    session.flush()
    dedupe = f"equipment:{use.id}:{occasion}:{use.version}"
    enqueue(session, TaskName.EVIDENCE_NOTIFY_USE, dedupe=dedupe, use_id=use.id, occasion=f"{occasion}:{use.version}")
