"""Writing a request, attaching its papers, submitting it: the chain is chosen and frozen, the hold goes out."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from portal.accounts.models import Organ
from portal.accounts.permissions import Permission
from portal.accounts.policy import require
from portal.accounts.values import Identity, OrganKind, Scope
from portal.audit.operations import record
from portal.audit.values import FieldChange, SubjectRef
from portal.core.clock import CITY_TZ, city_day
from portal.core.codes import tidy
from portal.core.errors import IllegalTransition, Invalid, NotAllowed, NotFound, Problem, Stale
from portal.core.ids import new_id
from portal.core.outbox import TaskName, enqueue
from portal.evidence import values
from portal.evidence.models import (
    FootageRequest,
    RequestCamera,
    RequestDocument,
    RequestNumber,
    RequestReader,
)
from portal.evidence.operations.breadth import Measured, join_series, lock_series, measure_ask, write_breadth
from portal.evidence.operations.calls import open_call
from portal.evidence.operations.holds import place_hold, widen_hold
from portal.evidence.operations.individuals import open_viewing
from portal.evidence.operations.overwriting import write_clocks
from portal.evidence.operations.particulars import write_facts
from portal.evidence.operations.receipts import issue_receipt
from portal.evidence.operations.sealing import seal_officers, write_content
from portal.evidence.operations.supplying import serve_notice
from portal.evidence.queries import CameraChoice, chosen_cameras, lock_request, particulars_of
from portal.evidence.queries.governing import Asking, Governing, facts_of_cameras, governing
from portal.evidence.queries.people import colleagues_named, people_by_police_number
from portal.evidence.rules import paper_problems, requester_problems, scope_problems
from portal.evidence.rules.asks import ask_problems
from portal.evidence.rules.breadth import breadth_problems
from portal.evidence.states import EDITABLE, RequestAction, RequestStatus, next_status
from portal.evidence.values import (
    ORGANS,
    POLICE,
    IdKind,
    OfficerDraft,
    Paper,
    Purpose,
    RequesterKind,
    RequestParticulars,
)
from portal.evidence.values.receipts import Stage
from portal.registry.models import Unit
from portal.regulation.schema import ApprovalChain
from portal.workflow.operations import start_chain
from portal.workflow.states import Verdict
from portal.workflow.values import Party

KINDS_OF_ORGAN = {
    OrganKind.POLICE_CITY: POLICE,
    OrganKind.POLICE_BRANCH: POLICE,
    OrganKind.POLICE_STATION: POLICE,
    OrganKind.PROCURATORATE: frozenset({RequesterKind.PROCURATORATE}),
    OrganKind.COURT: frozenset({RequesterKind.COURT}),
    OrganKind.STATE_SECURITY: frozenset({RequesterKind.STATE_SECURITY}),
    # A department may be a resident of the centre whose footage it asks for.
    OrganKind.DEPARTMENT: frozenset({RequesterKind.OTHER_ORGAN, RequesterKind.RESIDENT_UNIT}),
}


def draft_requests(
    session: Session, *, actor: Identity, asked: RequestParticulars, now: datetime
) -> list[FootageRequest]:
    """Write one draft for each unit whose cameras were chosen. Raises Invalid with every fault of the whole ask.

    A notice has one addressee, so an ask over several units becomes several requests under one `ask_id`.
    """
    require(actor, Permission.REQUEST_DRAFT)
    cameras = chosen_cameras(session, actor, asked.camera_ids)
    rules, _ = _refuse_faults(session, actor, asked, cameras, now=now)
    ask_id, drafts = new_id(), []
    for unit_id, own in _by_unit(cameras).items():
        unit = _unit(session, actor, unit_id)
        request = FootageRequest(
            id=new_id(),
            ask_id=ask_id,
            unit_id=unit.id,
            district=unit.district,
            status=RequestStatus.DRAFT,
            requester_id=actor.person_id,
            requester_organ_id=actor.organ_id,
            created_at=now,
        )
        _write(session, request, asked, own, rules=rules[unit_id], now=now)
        session.add(request)
        session.flush()
        write_facts(session, request, asked, actor=actor)
        write_breadth(session, request, asked)
        record(
            session,
            actor=actor.actor,
            tag=values.REQUEST_DRAFTED,
            subject=SubjectRef(values.SUBJECT, request.id, request.called),
            unit_id=unit.id,
            changes=[FieldChange(name="cameras", new=len(own)), FieldChange(name="act", new=request.act)],
            now=now,
        )
        if asked.purpose is Purpose.EMERGENCY:
            # In an emergency footage is secured first and asked for in form afterwards (000 art. 7).
            place_hold(session, request, actor=actor, now=now)
        drafts.append(request)
    return drafts


def edit_request(
    session: Session,
    *,
    actor: Identity,
    request_id: UUID,
    seen_version: int,
    asked: RequestParticulars,
    now: datetime,
) -> FootageRequest:
    """Replace what a draft or returned request asks for. Its cameras must stay with the one unit it is addressed to."""
    request = _own(session, actor, request_id)
    if RequestStatus(request.status) not in EDITABLE:
        raise IllegalTransition("evidence.request.illegal", status=request.status, action="edit")
    if request.version != seen_version:
        raise Stale("stale")
    cameras = chosen_cameras(session, actor, asked.camera_ids)
    rules, _ = _refuse_faults(session, actor, asked, cameras, request=request, now=now)
    if {camera.unit_id for camera in cameras} != {request.unit_id}:
        raise Invalid([Problem("cameras", "evidence.other_unit")])
    known = {camera.camera_id for camera in request.cameras}
    request.officers.clear()
    request.cameras.clear()
    request.readers.clear()
    session.flush()
    _write(session, request, asked, cameras, rules=rules[request.unit_id], now=now)
    widen_hold(session, request, more_cameras=bool({camera.id for camera in cameras} - known), now=now)
    write_facts(session, request, asked, actor=actor)
    write_breadth(session, request, asked)
    record(
        session,
        actor=actor.actor,
        tag=values.REQUEST_EDITED,
        subject=SubjectRef(values.SUBJECT, request.id, request.called),
        unit_id=request.unit_id,
        now=now,
    )
    session.flush()
    return request


def name_of_paper(request: FootageRequest, kind: Paper, name: str) -> str:
    """What a paper is called: of a secret case by its kind, as a file's name often tells the case, and the log keeps it."""
    return f"{kind}.{name.rpartition('.')[2][:5]}" if request.secret else name


def attach_paper(
    session: Session, *, actor: Identity, request_id: UUID, kind: Paper, title: str, stored_file_id: UUID, now: datetime
) -> RequestDocument:
    """Attach a paper already in the vault. Papers are added while the request is written, and never removed."""
    request = _own(session, actor, request_id)
    if RequestStatus(request.status) not in EDITABLE:
        raise IllegalTransition("evidence.request.illegal", status=request.status, action="attach")
    document = RequestDocument(
        request_id=request.id,
        kind=kind,
        title=name_of_paper(request, kind, title)[:200],
        stored_file_id=stored_file_id,
        uploaded_by=actor.person_id,
        uploaded_at=now,
    )
    session.add(document)
    record(
        session,
        actor=actor.actor,
        tag=values.PAPER_ATTACHED,
        subject=SubjectRef(values.SUBJECT, request.id, request.called),
        unit_id=request.unit_id,
        changes=[FieldChange(name="paper", new=str(kind))],
        now=now,
    )
    session.flush()
    return document


def submit_request(session: Session, *, actor: Identity, request_id: UUID, now: datetime) -> FootageRequest:
    """Judge the request once more, freeze its chain, and put a hold on the footage before anybody decides."""
    request = _own(session, actor, request_id)
    status = next_status(RequestStatus(request.status), RequestAction.SUBMIT)
    asked = particulars_of(session, request)
    cameras = chosen_cameras(session, actor, asked.camera_ids)
    lock_series(session, request)
    found, measured = _refuse_faults(session, actor, asked, cameras, request=request, now=now)
    rules = found[request.unit_id]
    if rules.chain is None:
        raise Invalid([Problem("requester_kind", "evidence.requester_refused")])
    if missing := paper_problems(rules.limits, [Paper(document.kind) for document in request.documents]):
        raise Invalid(missing)
    join_series(session, request, measured, rules.judged)
    request.number = request.number or _next_number(session, now=now)
    run = start_chain(
        session,
        actor=actor,
        subject=SubjectRef(values.SUBJECT, request.id, request.number),
        chain=_chain_as_walked(request, rules.chain, lapse_days=rules.lapse_days),
        facts=rules.facts,
        party=Party(
            requester_id=request.requester_id,
            unit_id=request.unit_id,
            requester_organ_id=request.requester_organ_id,
            excluded=_who_come(session, actor, request, now=now),
        ),
        confidential=request.secret,
        now=now,
    )
    request.run_id, request.rules_used, request.decide_by, request.status = run.id, rules.used, rules.decide_by, status
    request.submitted_at = request.undertaking_at = request.updated_at = now
    write_clocks(session, request, required=rules.required_days, now=now)
    place_hold(session, request, actor=actor, now=now)
    open_call(session, request=request, now=now)
    open_viewing(session, request=request, decide_why=rules.decide_why)
    serve_notice(session, actor=actor, request=request, now=now)
    issue_receipt(session, request, Stage.SUBMITTED, now=now)
    record(
        session,
        actor=actor.actor,
        tag=values.REQUEST_SUBMITTED,
        subject=SubjectRef(values.SUBJECT, request.id, request.number),
        unit_id=request.unit_id,
        changes=[FieldChange(name="chain", new=rules.chain.key)],
        now=now,
    )
    enqueue(session, TaskName.EVIDENCE_NOTIFY_NEXT, dedupe=f"notice:{run.id}:{run.awaits_step}", request_id=request.id)
    session.flush()
    return request


def _refuse_faults(
    session: Session,
    actor: Identity,
    asked: RequestParticulars,
    cameras: Sequence[CameraChoice],
    *,
    request: FootageRequest | None = None,
    now: datetime,
) -> tuple[dict[UUID, Governing], Measured | None]:
    """Judge the whole ask under every unit's rules; raise Invalid with all faults, or answer the rules by unit and what
    the ask comes to with those it counts with."""
    found: dict[UUID, Governing] = {}
    problems: list[Problem] = []
    measured: Measured | None = None
    for unit_id, own in _by_unit(cameras).items():
        unit = _unit(session, actor, unit_id)
        measured = measured or measure_ask(session, actor, asked, cameras, unit, request=request, now=now)
        asking = Asking(measured.breadth, measured.parts, counter=actor.organ_id is None)
        found[unit_id] = governing(session, unit, own, asked, on=city_day(now), asking=asking)
        problems += requester_problems(asked, found[unit_id].limits, today=city_day(now))
        interests = found[unit_id].limits.interests
        problems += ask_problems(asked, on_paper=actor.organ_id is None, interests=interests, today=city_day(now))
        beyond = found[unit_id].judged
        problems += breadth_problems(asked, beyond.beyond if beyond else ())
    if asked.requester_kind not in kinds_open_to(session, actor):
        problems.append(Problem("requester_kind", "evidence.kind_not_yours"))
    days = {unit_id: rules.required_days for unit_id, rules in found.items()}
    facts = facts_of_cameras(session, cameras, required_days=days, since=asked.span_from)
    problems += scope_problems(asked, facts, now=now)
    if problems:
        raise Invalid(list({(one.field, one.code, str(one.data)): one for one in problems}.values()))
    return found, measured


def kinds_open_to(session: Session, actor: Identity) -> frozenset[RequesterKind]:
    """For whom a person may ask: an organ's officer for the organ, a unit's people for whoever comes to the counter."""
    organ = session.get(Organ, actor.organ_id) if actor.organ_id else None
    if organ is None:
        return frozenset(RequesterKind)
    return KINDS_OF_ORGAN.get(OrganKind(organ.kind), frozenset({RequesterKind.OTHER_ORGAN}))


def _write(
    session: Session,
    request: FootageRequest,
    asked: RequestParticulars,
    cameras: Sequence[CameraChoice],
    *,
    rules: Governing,
    now: datetime,
) -> None:
    request.requester_kind, request.requester_name = asked.requester_kind, asked.requester_name.strip()[:120]
    request.instrument_kind, request.instrument_number = asked.instrument_kind, asked.instrument_number.strip()
    request.supply_due, request.urgent_by_phone = asked.supply_due, asked.urgent_by_phone
    request.purpose, request.act, request.relation = asked.purpose, asked.act, asked.relation
    request.span_from, request.span_to = asked.span_from, asked.span_to
    request.undertaking_at = now if asked.undertaking else None
    request.updated_at = now
    write_content(session, request, asked.content, secret=asked.secret)
    request.cameras = [
        RequestCamera(
            camera_id=camera.id,
            label=camera.label,
            code=camera.code,
            place=camera.place,
            zone=camera.zone,
        )
        for camera in cameras
    ]
    request.camera_count = len(request.cameras)
    write_clocks(session, request, required=rules.required_days, now=now)
    request.officers = seal_officers(session, request.id, _known_officers(session, asked.officers))
    request.readers = [
        RequestReader(person_id=person_id, added_at=now)
        for person_id in sorted({*asked.readers} - {request.requester_id})
        if asked.secret
    ]


def _known_officers(session: Session, officers: Sequence[OfficerDraft]) -> list[OfficerDraft]:
    """Officers whose police number the portal knows are tied to their person, so that they cannot approve later."""
    numbers = {tidy(officer.number) for officer in officers if officer.id_kind is IdKind.POLICE_NUMBER}
    known = people_by_police_number(session, numbers)
    return [
        replace(officer, person_id=known.get(tidy(officer.number)) if officer.id_kind is IdKind.POLICE_NUMBER else None)
        for officer in officers
    ]


def _who_come(session: Session, actor: Identity, request: FootageRequest, *, now: datetime) -> frozenset[UUID]:
    """Who must not decide beside the requester: the officers whose number is known, and of those who show another paper
    every colleague of that name, as by it nobody slips out of being known."""
    named = {"".join(officer.name.split()) for officer in request.officers if officer.person_id is None}
    known = {officer.person_id for officer in request.officers if officer.person_id}
    return frozenset(known | colleagues_named(session, actor, named, today=city_day(now)) - {request.requester_id})


def _by_unit(cameras: Sequence[CameraChoice]) -> dict[UUID, list[CameraChoice]]:
    grouped: dict[UUID, list[CameraChoice]] = {}
    for camera in cameras:
        grouped.setdefault(camera.unit_id, []).append(camera)
    return grouped


def _unit(session: Session, actor: Identity, unit_id: UUID) -> Unit:
    unit = session.get(Unit, unit_id)
    if unit is None:
        raise NotFound()
    scope = Scope(unit_ids=frozenset({unit.id}), districts=frozenset({unit.district}))
    require(actor, Permission.REQUEST_DRAFT, scope)
    return unit


def _chain_as_walked(request: FootageRequest, chain: ApprovalChain, *, lapse_days: int | None) -> ApprovalChain:
    """The chain as this request walks it.

    An organ or resident unit without an account here comes with its paper, and what its own head signed stands on the
    paper. A step for which its text sets no limit lapses as the rules say of any step.
    """
    # A duty does not lapse because the unit lets it lie: what is overdue is written down instead.
    steps = [
        step
        if set(step.verdicts) == {Verdict.ACKNOWLEDGE}
        else step.model_copy(update={"lapse_days": step.lapse_days or lapse_days})
        for step in chain.steps
    ]
    on_paper = ORGANS | {RequesterKind.RESIDENT_UNIT}
    if request.requester_organ_id is None and RequesterKind(request.requester_kind) in on_paper:
        steps = [step for step in steps if step.holder != "requester_organ"]
    return chain.model_copy(update={"steps": tuple(steps)})


def _own(session: Session, actor: Identity, request_id: UUID) -> FootageRequest:
    request = lock_request(session, actor, request_id)
    if request.requester_id != actor.person_id:
        raise NotAllowed("evidence.not_yours")
    return request


def _next_number(session: Session, *, now: datetime) -> str:
    """DY, the year and a running number. The counter's row serialises two submissions at the same moment."""
    year = now.astimezone(CITY_TZ).year
    statement = insert(RequestNumber).values(year=year, last=1)
    taken = session.scalar(
        statement.on_conflict_do_update(
            index_elements=[RequestNumber.year], set_={"last": RequestNumber.last + 1}
        ).returning(RequestNumber.last)
    )
    return f"DY{year}-{taken:06d}"
