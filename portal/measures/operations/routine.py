"""A routine visit on site: begun by its inspectors, its list filled with proof, judged by rule, its shortfalls stated."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.accounts.permissions import Permission
from portal.accounts.policy import require
from portal.accounts.values import Identity
from portal.audit.values import FieldChange
from portal.core.clock import city_day
from portal.core.errors import IllegalTransition, Invalid, NotFound, Problem
from portal.core.lifecycle import unchanged
from portal.inspection.operations import state_shortfalls
from portal.inspection.operations.diary import interested
from portal.inspection.rules import (
    FrozenList,
    answers_in,
    answers_out,
    answers_problems,
    judge,
    proof_problems,
    routine_list,
)
from portal.inspection.values import MOST_PHOTOS, ItemAnswer
from portal.measures import values
from portal.measures.models import PlannedVisit, PlannedVisitPhoto
from portal.measures.queries.plans import get_planned, lock_planned, visit_scope
from portal.measures.queries.routine import photos_of_planned, visitors_of
from portal.measures.states import PlannedAction, PlannedStatus, next_planned_status
from portal.registry.models import Unit
from portal.registry.operations.recording import about, note
from portal.registry.rules import rules_for
from portal.regulation.schema.keys import RuleKey
from portal.vault.models import StoredFile
from portal.vault.operations import erase_file


def begin_visit(
    session: Session,
    *,
    actor: Identity,
    visit_id: UUID,
    seen_version: int,
    inspectors: Sequence[UUID],
    now: datetime,
) -> PlannedVisit:
    """Go there: as many inspectors of the organ as the rules ask, and the list as it stands today. Raises Invalid for too
    few of them, or one who is none."""
    visit = held(session, actor, visit_id)
    unchanged(visit, seen_version)
    status, today = next_planned_status(PlannedStatus(visit.status), PlannedAction.BEGIN), city_day(now)
    rules = rules_for(session.get_one(Unit, visit.unit_id), None, on=today)
    possible = dict(visitors_of(session, visit.organ_id, today=today))
    chosen = {key: possible[key] for key in inspectors if key in possible}
    if len(chosen) != len(set(inspectors)):
        raise Invalid([Problem("inspectors", "visitor_unknown")])
    least = rules.integer(RuleKey.INSPECTION_MIN_INSPECTORS) or 1
    if len(chosen) < least:
        raise Invalid([Problem("inspectors", "too_few_inspectors", {"least": least})])
    if barred := interested(session, chosen, visit.unit_id, on=today):
        raise Invalid([Problem("inspectors", "visitor_interested", {"who": "、".join(barred)})])
    visit.status, visit.checklist = status, routine_list(rules).as_json()
    visit.inspectors = [[str(key), name] for key, name in chosen.items()]
    visit.visited_by = "、".join(chosen.values())[:120]
    note(session, actor, values.PLANNED_BEGUN, about(visit, visit.unit.name), visit, reason=visit.visited_by, now=now)
    return visit


def answer_list(
    session: Session, *, actor: Identity, visit_id: UUID, answers: Mapping[str, ItemAnswer], now: datetime
) -> PlannedVisit:
    """Write down judgements; nothing is half-saved, and what is not judged stays open."""
    visit = under_way(session, actor, visit_id)
    kept = answers_in(visit.answers)
    problems = answers_problems(frozen_of(visit).checklist, kept, answers)
    if problems:
        raise Invalid(problems)
    visit.answers = {**visit.answers, **answers_out(answers)}
    changes = [FieldChange(name="items", new=tuple(sorted(answers)))]
    note(session, actor, values.PLANNED_ANSWERED, about(visit, visit.unit.name), visit, changes=changes, now=now)
    return visit


def carry_out_visit(
    session: Session,
    *,
    actor: Identity,
    visit_id: UUID,
    seen_version: int,
    done_on: date,
    remark: str,
    now: datetime,
) -> PlannedVisit:
    """End the visit: the list is judged by rule, each item that fell short becomes a finding of the unit. Where nothing
    fell short, the visit is closed with it. Raises Invalid naming the items still open and the proof that is missing."""
    visit = under_way(session, actor, visit_id)
    unchanged(visit, seen_version)
    frozen, answers = frozen_of(visit), answers_in(visit.answers)
    outcome = judge(frozen, answers)
    problems = [] if done_on <= city_day(now) else [Problem("done_on", "in_the_future")]
    problems += [Problem(key, "item_open") for key in outcome.unanswered]
    problems += proofs_lacking(session, visit)
    if problems:
        raise Invalid(problems)
    visit.status = next_planned_status(PlannedStatus(visit.status), PlannedAction.CARRY_OUT)
    visit.done_on, visit.result, visit.findings = done_on, outcome.conclusion, remark.strip()
    rules = rules_for(session.get_one(Unit, visit.unit_id), None, on=city_day(now))
    stated = state_shortfalls(session, actor, visit, frozen, answers=answers, rules=rules, now=now)
    visit.finding_ids = [finding.id for finding in stated]
    changes = [FieldChange(name="result", new=visit.result), FieldChange(name="findings", new=len(stated))]
    subject = about(visit, visit.unit.name)
    note(session, actor, values.PLANNED_DONE, subject, visit, reason=remark, changes=changes, now=now)
    if not stated:
        visit.status = next_planned_status(PlannedStatus(visit.status), PlannedAction.CLOSE)
        note(session, actor, values.PLANNED_CLOSED, subject, visit, now=now)
    return visit


def visit_to_photograph(session: Session, *, actor: Identity, visit_id: UUID, item: str) -> PlannedVisit:
    """The visit under way, held for change; asked before a photo's bytes are examined. Raises Invalid when the item is
    none of its list or has as many photos as it may."""
    visit = under_way(session, actor, visit_id)
    if all(known.key != item for known in frozen_of(visit).checklist.items):
        raise Invalid([Problem("photo", "unknown_item")])
    if len(photos_of_planned(session, visit.id).get(item, ())) >= MOST_PHOTOS:
        raise Invalid([Problem("photo", "photos_full", {"most": MOST_PHOTOS})])
    return visit


def attach_photo(
    session: Session, *, actor: Identity, visit: PlannedVisit, item: str, stored: StoredFile, now: datetime
) -> PlannedVisitPhoto:
    """Keep a photo with its item."""
    photo = PlannedVisitPhoto(
        planned_id=visit.id,
        organ_id=visit.organ_id,
        unit_id=visit.unit_id,
        item=item,
        stored_file_id=stored.id,
        taken_by_name=actor.name[:40],
        taken_at=now,
    )
    session.add(photo)
    changes = [FieldChange(name="item", new=item), FieldChange(name="sha256", new=stored.sha256)]
    note(session, actor, values.PLANNED_PHOTO_ADDED, about(visit, visit.unit.name), visit, changes=changes, now=now)
    return photo


def remove_photo(session: Session, *, actor: Identity, visit_id: UUID, photo_id: UUID, now: datetime) -> str:
    """Take a photo off again while the visit lasts; its item."""
    visit = under_way(session, actor, visit_id)
    photo = _photo_of(session, visit, photo_id)
    item, stored = photo.item, photo.stored_file_id
    session.delete(photo)
    changes = [FieldChange(name="item", old=item)]
    note(session, actor, values.PLANNED_PHOTO_REMOVED, about(visit, visit.unit.name), visit, changes=changes, now=now)
    erase_file(session, actor=actor.actor, file_id=stored, reason="photo taken off the checklist", now=now)
    return item


def photo_to_show(session: Session, *, actor: Identity, visit_id: UUID, photo_id: UUID, now: datetime) -> UUID:
    """The file of a photo, for the organ that took it: who merely watches over its plans sees no picture from within a
    place. The look is recorded. Raises NotFound, or NotAllowed for other readers of the plan."""
    visit = get_planned(session, actor, visit_id)
    require(actor, Permission.PLAN_KEEP, visit_scope(visit), read=Permission.PLAN_READ)
    photo = _photo_of(session, visit, photo_id)
    changes = [FieldChange(name="item", new=photo.item)]
    note(session, actor, values.PLANNED_PHOTO_READ, about(visit, visit.unit.name), visit, changes=changes, now=now)
    return photo.stored_file_id


def _photo_of(session: Session, visit: PlannedVisit, photo_id: UUID) -> PlannedVisitPhoto:
    photo = session.get(PlannedVisitPhoto, photo_id)
    if photo is None or photo.planned_id != visit.id:
        raise NotFound()
    return photo


def proofs_lacking(session: Session, visit: PlannedVisit) -> tuple[Problem, ...]:
    """What the list asks to be brought back and is not there yet, at its field."""
    photographed = photos_of_planned(session, visit.id).keys()
    return proof_problems(frozen_of(visit), answers_in(visit.answers), photographed)


def frozen_of(visit: PlannedVisit) -> FrozenList:
    """The list of a visit that has begun. Raises NotFound before."""
    if not visit.checklist:
        raise NotFound()
    return FrozenList.from_json(visit.checklist)


def under_way(session: Session, actor: Identity, visit_id: UUID) -> PlannedVisit:
    """A visit that is being made, held for change. Raises IllegalTransition before and after."""
    visit = held(session, actor, visit_id)
    if visit.status != PlannedStatus.UNDER_WAY:
        raise IllegalTransition("planned_visit", status=str(visit.status), action=str(PlannedAction.CARRY_OUT))
    return visit


def held(session: Session, actor: Identity, visit_id: UUID) -> PlannedVisit:
    """A planned visit held for change, for whoever keeps its plan."""
    visit = lock_planned(session, visit_id)
    require(actor, Permission.PLAN_KEEP, visit_scope(visit), read=Permission.PLAN_READ)
    return visit
