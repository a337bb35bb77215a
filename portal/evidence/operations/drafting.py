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
    PreservationHold,
    RequestCamera,
    RequestDocument,
    RequestNumber,
    RequestReader,
)
from portal.evidence.operations.sealing import seal_officers, write_content
from portal.evidence.queries import CameraChoice, chosen_cameras, hold_of, lock_request, particulars_of
from portal.evidence.queries.governing import Governing, facts_of_cameras, governing
from portal.evidence.queries.people import people_by_police_number
from portal.evidence.rules import lost_at, paper_problems, requester_problems, scope_problems
from portal.evidence.states import EDITABLE, RequestAction, RequestStatus, next_status
from portal.evidence.values import (
    ORGANS,
    POLICE,
    ActKind,
    IdKind,
    OfficerDraft,
    Paper,
    RequesterKind,
    RequestParticulars,
)
from portal.registry.models import Unit
from portal.regulation.schema import ApprovalChain
from portal.workflow.operations import start_chain
from portal.workflow.values import Party

KINDS_OF_ORGAN = {
    OrganKind.POLICE_CITY: POLICE,
    OrganKind.POLICE_BRANCH: POLICE,
    OrganKind.POLICE_STATION: POLICE,
    OrganKind.PROCURATORATE: frozenset({RequesterKind.PROCURATORATE}),
    OrganKind.COURT: frozenset({RequesterKind.COURT}),
    OrganKind.STATE_SECURITY: frozenset({RequesterKind.STATE_SECURITY}),
}


def draft_requests(
    session: Session, *, actor: Identity, asked: RequestParticulars, now: datetime
) -> list[FootageRequest]:
    """Write one draft for each unit whose cameras were chosen. Raises Invalid with every fault of the whole ask.

    A notice has one addressee, so an ask over several units becomes several requests under one `ask_id`.
    """
    require(actor, Permission.REQUEST_DRAFT)
    cameras = chosen_cameras(session, actor, asked.camera_ids)
    rules = _refuse_faults(session, actor, asked, cameras, now=now)
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
        record(
            session,
            actor=actor.actor,
            tag=values.REQUEST_DRAFTED,
            subject=SubjectRef(values.SUBJECT, request.id, request.called),
            unit_id=unit.id,
            changes=[FieldChange(name="cameras", new=len(own)), FieldChange(name="act", new=request.act)],
            now=now,
        )
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
    rules = _refuse_faults(session, actor, asked, cameras, now=now)
    if {camera.unit_id for camera in cameras} != {request.unit_id}:
        raise Invalid([Problem("cameras", "evidence.other_unit")])
    request.officers.clear()
    request.cameras.clear()
    request.readers.clear()
    session.flush()
    _write(session, request, asked, cameras, rules=rules[request.unit_id], now=now)
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
        title=title[:200],
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
    rules = _refuse_faults(session, actor, asked, cameras, now=now)[request.unit_id]
    if rules.chain is None:
        raise Invalid([Problem("requester_kind", "evidence.requester_refused")])
    missing = paper_problems(rules.limits, [Paper(document.kind) for document in request.documents])
    if missing:
        raise Invalid(missing)
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
            excluded=frozenset(officer.person_id for officer in request.officers if officer.person_id),
        ),
        confidential=request.secret,
        now=now,
    )
    request.run_id, request.submitted_at, request.undertaking_at = run.id, now, now
    request.rules_used, request.decide_by = rules.used, rules.decide_by
    request.status, request.updated_at = status, now
    _place_hold(session, request, actor=actor, now=now)
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
    now: datetime,
) -> dict[UUID, Governing]:
    """Judge the whole ask under every unit's rules; raise Invalid with all faults, or answer the rules by unit."""
    found: dict[UUID, Governing] = {}
    problems: list[Problem] = []
    for unit_id, own in _by_unit(cameras).items():
        unit = _unit(session, actor, unit_id)
        found[unit_id] = governing(session, unit, own, asked, on=city_day(now))
        problems += requester_problems(asked, found[unit_id].limits, today=city_day(now))
    if asked.requester_kind not in kinds_open_to(session, actor):
        problems.append(Problem("requester_kind", "evidence.kind_not_yours"))
    days = {unit_id: rules.required_days for unit_id, rules in found.items()}
    problems += scope_problems(asked, facts_of_cameras(session, cameras, required_days=days), now=now)
    if problems:
        raise Invalid(list({(one.field, one.code, str(one.data)): one for one in problems}.values()))
    return found


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
    facts = facts_of_cameras(session, cameras, required_days={request.unit_id: rules.required_days})
    request.cameras = [
        RequestCamera(
            camera_id=camera.id,
            label=camera.label,
            code=camera.code,
            place=camera.place,
            zone=camera.zone,
            retention_days=fact.retention_days,
            lost_at=lost_at(asked.span_from, fact.retention_days),
        )
        for camera, fact in zip(cameras, facts, strict=True)
    ]
    request.camera_count = len(request.cameras)
    request.retention_days = min(camera.retention_days for camera in request.cameras)
    request.lost_at = lost_at(asked.span_from, request.retention_days)
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

    An organ without an account here comes with its paper, and what its own head signed stands on the paper. A step
    for which its text sets no limit lapses as the rules say of any step.
    """
    steps = [step.model_copy(update={"lapse_days": step.lapse_days or lapse_days}) for step in chain.steps]
    if request.requester_organ_id is None and RequesterKind(request.requester_kind) in ORGANS:
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


def _place_hold(session: Session, request: FootageRequest, *, actor: Identity, now: datetime) -> None:
    if request.act == ActKind.LIVE or hold_of(session, request.id) is not None:
        return
    session.add(
        PreservationHold(
            request_id=request.id,
            unit_id=request.unit_id,
            requester_organ_id=request.requester_organ_id,
            span_from=request.span_from,
            span_to=request.span_to,
            placed_by=actor.person_id,
            placed_at=now,
        )
    )
    record(
        session,
        actor=actor.actor,
        tag=values.HOLD_PLACED,
        subject=SubjectRef(values.SUBJECT, request.id, request.called),
        unit_id=request.unit_id,
        now=now,
    )
    enqueue(session, TaskName.EVIDENCE_NOTIFY_NEXT, dedupe=f"hold:{request.id}:{request.number}", request_id=request.id)
