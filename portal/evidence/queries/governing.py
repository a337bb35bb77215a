"""What the regulation says to one request: limits, papers, the chain, and how long each camera's footage is kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.values import Identity
from portal.evidence.models import FootageRequest
from portal.evidence.queries.breadth import LIMITS, limits_of
from portal.evidence.queries.cameras import CameraChoice, chosen_cameras, held_since
from portal.evidence.queries.overwriting import said_of
from portal.evidence.queries.sealed import particulars_of
from portal.evidence.rules import RequestLimits
from portal.evidence.rules.asks import owed_later
from portal.evidence.rules.breadth import class_of, judged
from portal.evidence.rules.overwriting import all_said, valid_days
from portal.evidence.values import (
    NOT_UPLOADED,
    ORGAN_PURPOSES,
    ORGANS,
    UNIT_PURPOSES,
    ActKind,
    CameraFacts,
    Paper,
    Purpose,
    Relation,
    RequesterKind,
    RequestParticulars,
)
from portal.evidence.values.breadth import Breadth, CaseClass, Judged
from portal.evidence.values.facts import Interest
from portal.registry.models import System, Unit
from portal.registry.rules import rules_for, working_of
from portal.regulation.calendar import WorkCalendar
from portal.regulation.chains import approval_zones, choose_chain
from portal.regulation.effective import EffectiveRules
from portal.regulation.schema import ApprovalChain
from portal.regulation.schema.keys import RuleKey as K
from portal.regulation.schema.vocabulary import Level
from portal.regulation.values import Statement

USED = (
    K.EVIDENCE_MIN_OFFICERS,
    K.EVIDENCE_PAPERS,
    K.EVIDENCE_PURPOSES,
    K.EVIDENCE_COPY_NEEDS_JUSTIFICATION,
    K.EVIDENCE_INDIVIDUAL_VIEW_ALLOWED,
    K.EVIDENCE_INDIVIDUAL_COPY_ALLOWED,
    K.EVIDENCE_REQUESTER_REFUSED,
    K.EVIDENCE_DUTY_TO_SUPPLY,
    K.EVIDENCE_DUAL_UNLOCK,
    K.EVIDENCE_PHONE_BAN,
    K.EVIDENCE_WITHIN_RETENTION_ONLY,
    K.EVIDENCE_REGISTER_REQUIRED,
    K.EVIDENCE_SLIP_COPIES,
    K.EVIDENCE_ASSIGNMENT_POST,
    K.EVIDENCE_OPERATING_POST,
    K.EVIDENCE_LAPSE_DAYS,
    K.EVIDENCE_DECIDE_WITHIN,
    K.EVIDENCE_INDIVIDUAL_RELATIONS,
    K.EVIDENCE_INDIVIDUAL_INTERESTS,
    K.RETENTION_MIN_DAYS,
    *LIMITS.values(),
    K.EVIDENCE_BREADTH_REACH,
    K.EVIDENCE_BREADTH_WINDOW,
)


@dataclass(frozen=True)
class Governing:
    """The answer for one unit: `chain` is None when no text admits such a request."""

    limits: RequestLimits
    chain: ApprovalChain | None
    facts: Mapping[str, tuple[str, ...]]
    required_days: int
    slip_copies: int
    lapse_days: int | None
    decide_by: date | None
    decide_why: dict[str, Any] | None
    used: list[dict[str, Any]]
    judged: Judged | None = None


@dataclass(frozen=True, slots=True)
class Asking:
    """What the engine is told beside the form: how broad the ask is with all it counts with, and where it was written."""

    breadth: Breadth
    parts: int
    counter: bool


def governing(
    session: Session,
    unit: Unit,
    cameras: Sequence[CameraChoice],
    asked: RequestParticulars,
    *,
    on: date,
    asking: Asking | None = None,
) -> Governing:
    """Ask the engine for this unit, act, requester and these cameras' zones.

    Cameras of several systems are judged under each: the most people, the most papers and the longest chain decide.
    """
    wanted = {camera.system_id for camera in cameras}
    systems = session.scalars(select(System).where(System.id.in_(wanted)).order_by(System.id)).all()
    found = [_under(unit, system, cameras, asked, on=on, asking=asking) for system in _one_of_each_standing(systems)]
    if len(found) == 1:
        return found[0]
    longest = max(found, key=lambda one: len(one.chain.steps_for(one.facts)) if one.chain else 0)
    soonest = min(found, key=lambda one: one.decide_by or date.max)
    refused = next((one for one in found if one.chain is None), None)
    return Governing(
        limits=_strictest([one.limits for one in found]),
        chain=None if refused else longest.chain,
        facts=longest.facts,
        required_days=max(one.required_days for one in found),
        slip_copies=max(one.slip_copies for one in found),
        lapse_days=longest.lapse_days,
        decide_by=soonest.decide_by,
        decide_why=soonest.decide_why,
        used=longest.used,
        judged=max((one.judged for one in found if one.judged), key=lambda one: len(one.beyond), default=None),
    )


def papers_asked(
    session: Session, identity: Identity, request: FootageRequest, *, on: date
) -> list[tuple[Paper, bool]]:
    """The papers the rules ask of this request, each with whether it is attached or shown by other means."""
    asked = particulars_of(session, request)
    cameras = chosen_cameras(session, identity, asked.camera_ids)
    if not cameras:
        return []
    attached = {Paper(document.kind) for document in request.documents} | NOT_UPLOADED
    wanted = governing(session, request.unit, cameras, asked, on=on).limits.papers
    return [(paper, paper in attached) for paper in Paper if paper in wanted]


def facts_of_cameras(
    session: Session,
    cameras: Sequence[CameraChoice],
    *,
    required_days: Mapping[UUID, int],
    since: datetime | None = None,
) -> list[CameraFacts]:
    """The cameras as the rules judge them. Undeclared retention counts as what the rules require, never as endless.
    `since` is when the span that is asked for begins: a hold that ended before keeps nothing of it."""
    ids = [camera.id for camera in cameras]
    held, said = held_since(session, ids, reaching=since), said_of(session, ids)
    return [
        CameraFacts(
            camera_id=camera.id,
            unit_id=camera.unit_id,
            label=camera.label,
            zone=camera.zone,
            retention_days=valid_days(all_said(said[camera.id], required=required_days[camera.unit_id])),
            held_from=held.get(camera.id),
        )
        for camera in cameras
    ]


def _one_of_each_standing(systems: Sequence[System]) -> list[System]:
    """Systems that differ in nothing the rules ask about are judged once."""
    return list({(system.regime, system.kind, system.district): system for system in systems}.values())


def _under(
    unit: Unit,
    system: System,
    cameras: Sequence[CameraChoice],
    asked: RequestParticulars,
    *,
    on: date,
    asking: Asking | None,
) -> Governing:
    facts = {
        "act": str(asked.act),
        "requester_kind": asked.requester_kind.fact,
        "statutory": "yes" if asked.statutory else "no",
        "secret": "yes" if asked.secret else "no",
        "urgent": "yes" if asked.urgent_by_phone else "no",
        "case_class": str(class_of(asked.requester_kind, asked.purpose, grave=asked.grave)),
        "counter": "yes" if asking and asking.counter else "no",
    }
    first = rules_for(unit, system, on=on, facts=facts)
    zones = approval_zones(first, [zone for camera in cameras for zone in camera.zones])
    measured = None
    if asking is not None:
        measured = judged(asking.breadth, CaseClass(facts["case_class"]), limits_of(first), parts=asking.parts)
        facts["breadth"] = "beyond" if measured.beyond else "within"
    rules = rules_for(unit, system, on=on, facts={**facts, "zone": zones})
    finding = choose_chain(rules)
    limit = rules.deadline(K.EVIDENCE_DECIDE_WITHIN, start=on, calendar=WorkCalendar())
    return Governing(
        limits=_limits(rules, asked, admitted=finding.chain is not None),
        chain=finding.chain,
        facts=finding.facts,
        required_days=rules.integer(K.RETENTION_MIN_DAYS) or 0,
        slip_copies=rules.integer(K.EVIDENCE_SLIP_COPIES) or 1,
        lapse_days=rules.integer(K.EVIDENCE_LAPSE_DAYS),
        decide_by=limit.due if limit else None,
        decide_why=working_of(limit),
        used=_used(rules, asked),
        judged=measured,
    )


def _limits(rules: EffectiveRules, asked: RequestParticulars, *, admitted: bool) -> RequestLimits:
    individual = asked.requester_kind is RequesterKind.INDIVIDUAL
    acts = frozenset(ActKind)
    if individual and not rules.flag(K.EVIDENCE_INDIVIDUAL_COPY_ALLOWED):
        acts = frozenset({ActKind.PLAYBACK})
    return RequestLimits(
        officers=rules.integer(K.EVIDENCE_MIN_OFFICERS) or 1,
        acts=acts,
        purposes=_purposes(rules, asked),
        papers=_papers(rules, asked),
        copy_needs_reason=any(one.value for one in _with_a_say(rules, K.EVIDENCE_COPY_NEEDS_JUSTIFICATION, asked)),
        relations=frozenset(Relation(relation) for relation in rules.terms(K.EVIDENCE_INDIVIDUAL_RELATIONS)),
        interests=frozenset(Interest(word) for word in rules.terms(K.EVIDENCE_INDIVIDUAL_INTERESTS)),
        # An individual who asks for a copy is told about the copy, not that they may not come at all.
        admitted=admitted or asked.act not in acts,
    )


def _papers(rules: EffectiveRules, asked: RequestParticulars) -> frozenset[Paper]:
    """The papers asked for by whoever has a say here."""
    wanted = frozenset(
        Paper(word) for one in _with_a_say(rules, K.EVIDENCE_PAPERS, asked) for word in cast(tuple[str, ...], one.value)
    )
    return wanted - owed_later(asked)


def _with_a_say(rules: EffectiveRules, key: K, asked: RequestParticulars) -> list[Statement]:
    """Who states the effective value. A notice under the law is owed an answer as it stands, so a unit's own rules
    add nothing to it (004 art. 12(1); 001 art. 13, last paragraph, says the same of itself)."""
    rule = rules.explain(key)
    sources = rule.sources if rule is not None else ()
    return [one for one in sources if not (asked.statutory and one.profile.level is Level.HOUSE)]


def _purposes(rules: EffectiveRules, asked: RequestParticulars) -> frozenset[Purpose]:
    if asked.requester_kind is RequesterKind.INDIVIDUAL:
        return frozenset({Purpose.LIFE_OR_PROPERTY})
    if asked.requester_kind in ORGANS:
        return ORGAN_PURPOSES
    return frozenset(Purpose(word) for word in rules.terms(K.EVIDENCE_PURPOSES)) or UNIT_PURPOSES


def _strictest(limits: Sequence[RequestLimits]) -> RequestLimits:
    return RequestLimits(
        officers=max(one.officers for one in limits),
        acts=frozenset.intersection(*(one.acts for one in limits)),
        purposes=frozenset.intersection(*(one.purposes for one in limits)),
        papers=frozenset.union(*(one.papers for one in limits)),
        copy_needs_reason=any(one.copy_needs_reason for one in limits),
        relations=frozenset.intersection(*(one.relations for one in limits)),
        interests=frozenset.intersection(*(one.interests for one in limits)),
        admitted=all(one.admitted for one in limits),
    )


def _used(rules: EffectiveRules, asked: RequestParticulars) -> list[dict[str, Any]]:
    held = rules.snapshot()["rules"]
    # The limits of a class tell what a secret case is about; what it came to is frozen beside it.
    shown = [key for key in USED if not (asked.secret and key in set(LIMITS.values()))]
    return [{"key": str(key), **held[str(key)]} for key in shown if str(key) in held]
