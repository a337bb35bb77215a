"""One acceptance: where it stands, its papers, visits, result and course, and what this reader may do next."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Response, render_template
from flask.typing import ResponseReturnValue
from flask_babel import get_locale

from portal.accounts.guards import current_identity, requires
from portal.accounts.permissions import Permission
from portal.accounts.policy import allows
from portal.accounts.values import Identity, Scope
from portal.core.clock import city_day, utcnow
from portal.core.errors import IllegalTransition, NotFound, Problem
from portal.inspection import operations, queries
from portal.inspection.forms import (
    AskOverrideForm,
    CancelForm,
    CheckForm,
    ConcludeForm,
    DecideOverrideForm,
    ScheduleForm,
)
from portal.inspection.labels import (
    ACCEPTANCE_STATUS,
    ACT_KIND,
    CLOCK_KIND,
    CONCLUSION,
    KIND,
    PROJECT_CLASS,
    VERDICT,
    VISIT_STATUS,
)
from portal.inspection.models import Acceptance, Visit
from portal.inspection.papers import application_pdf, certificate_pdf, inspection_record_pdf, record_pdf
from portal.inspection.rules import FrozenList, answers_in, judge, shown_items
from portal.inspection.states import (
    CONCLUDED,
    OPEN,
    TRANSITIONS,
    AcceptanceAction,
    AcceptanceKind,
    AcceptanceStatus,
    ClockKind,
    ProjectClass,
)
from portal.inspection.views.aftermath import aftermath_of
from portal.inspection.views.blueprint import bp, papers_asked_for, setting
from portal.registry.course import course_of
from portal.registry.rules import rules_for
from portal.registry.states import UseStatus
from portal.regulation.effective import EffectiveRules
from portal.regulation.schema.keys import RuleKey
from portal.web.problems import say
from portal.web.session import db_session


@bp.get("/acceptances/<uuid:acceptance_id>")
@requires(Permission.ACCEPTANCE_READ)
def acceptance(acceptance_id: UUID) -> ResponseReturnValue:
    """One acceptance."""
    return show(acceptance_id)


def show(
    acceptance_id: UUID,
    *,
    check: CheckForm | None = None,
    schedule: ScheduleForm | None = None,
    cancel: CancelForm | None = None,
    conclude: ConcludeForm | None = None,
    ask_override: AskOverrideForm | None = None,
    decide_override: DecideOverrideForm | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    """The page of an acceptance; a form that was refused comes back with what was typed."""
    session, identity, now = db_session(), current_identity(), utcnow()
    found = queries.get_acceptance(session, identity, acceptance_id)
    assessment = queries.assessment_of(session, found)
    visits = queries.visits_of(session, acceptance_id)
    planned = next((visit for visit in visits if visit.status == "planned"), None)
    rules = rules_for(found.unit, found.system, on=city_day(now))
    judged = _judgement(found, visits, planned)
    return render_template(
        "inspection/acceptance.html",
        acceptance=found,
        status=ACCEPTANCE_STATUS[AcceptanceStatus(found.status)],
        kind=KIND[AcceptanceKind(found.kind)],
        visits=visits,
        visit_status=VISIT_STATUS,
        planned=planned,
        verdicts=VERDICT,
        conclusions=CONCLUSION,
        papers=papers_asked_for(
            found.unit, found.system, AcceptanceKind(found.kind), ProjectClass(found.project_class), on=city_day(now)
        ),
        project_class=PROJECT_CLASS[ProjectClass(found.project_class)],
        assessment=assessment,
        own=judge(FrozenList.from_json(assessment.checklist), answers_in(assessment.answers)) if assessment else None,
        published=queries.published_of(session, acceptance_id),
        course=course_of(session, "acceptance", found.id, kinds=ACT_KIND),
        today=city_day(now),
        now=now,
        check_form=check or CheckForm(),
        schedule_form=schedule_form(found, schedule),
        cancel_form=cancel or CancelForm(),
        conclude_form=conclude or ConcludeForm(data={"version": str(found.version)}),
        sealed=_sealed(visits, rules),
        unready=_unready(found, planned, now=now),
        **_limits(identity, found),
        **judged,
        **aftermath_of(identity, found, visits, judged["answers"], ask=ask_override, decide=decide_override),
        **_next_steps(identity, found, planned),
    ), status


def _early(identity: Identity, found: Acceptance) -> tuple[int, int] | None:
    """Devices that answer before the system is accepted, for those who may read what the probes find."""
    awaited = found.kind == AcceptanceKind.NEW and found.status in OPEN and found.system.use_status != UseStatus.IN_USE
    if not awaited or not allows(identity, Permission.REACH_READ, queries.acceptance_scope(found)):
        return None
    alive, whole = queries.alive_before_acceptance(db_session(), found)
    return (alive, whole) if alive else None


def _limits(identity: Identity, found: Acceptance) -> Mapping[str, Any]:
    """Every time limit of the organ, and the one that runs; what answers although no limit has ended in a pass."""
    rows = queries.clocks_of(db_session(), found.id)
    return {
        "clocks": [(CLOCK_KIND[ClockKind(row.kind)], row) for row in rows],
        "running": next((row for row in rows if row.ended_on is None), None),
        "early": _early(identity, found),
    }


def schedule_form(found: Acceptance, form: ScheduleForm | None = None) -> ScheduleForm:
    """The form that plans a visit, offering the inspectors who cover the district."""
    form = form or ScheduleForm()
    people = queries.inspectors_for(db_session(), found, today=city_day(utcnow()))
    form.inspectors.choices = [(str(key), f"{name} · {organ}") for key, name, organ in people]
    return form


def _judgement(found: Acceptance, visits: Any, planned: Visit | None) -> Mapping[str, Any]:
    """The frozen checklist with the answers of the visit that counts, and what they come to so far."""
    if not found.checklist:
        return {"frozen": None, "answers": {}, "photos": {}, "outcome": None, "lacking": ()}
    frozen = FrozenList.from_json(found.checklist)
    done = next((visit for visit in visits if visit.status == "done"), planned)
    answers = operations.given_answers(db_session(), done.id) if done else {}
    photos = queries.photos_of(db_session(), done.id) if done and queries.sees_within(current_identity(), found) else {}
    return {
        "frozen": frozen,
        "answers": answers,
        "photos": photos,
        "outcome": judge(frozen, answers) if answers else None,
        "asked_items": shown_items(frozen.checklist, answers),
        "lacking": operations.proofs_missing(db_session(), frozen, planned.id) if planned else (),
    }


def _sealed(visits: Sequence[Visit], rules: EffectiveRules) -> Mapping[str, Any] | None:
    """What was sealed at the visit that counts, if anything was."""
    latest = next((visit for visit in visits if visit.status != "cancelled"), None)
    rows = queries.entries_of(db_session(), latest.id) if latest else ()
    if latest is None or not rows:
        return None
    photos = queries.sealed_photos(db_session(), latest.id)
    return {
        "chains": queries.chains_of(rows),
        "signatures": queries.signatures_of(rows),
        "contested": sum(merged.contested for merged in queries.merged_of(rows).values()),
        "altered": sum(photo.altered for kept in photos.values() for photo in kept),
        "clock_seconds": rules.integer(RuleKey.VISIT_CLOCK_SECONDS) or 0,
    }


def _unready(found: Acceptance, planned: Visit | None, *, now: datetime) -> Sequence[str]:
    """What keeps the record of the visit under way from being closed, the contested items told by their number."""
    problems = operations.record_problems(db_session(), found, planned, now=now) if planned else []
    contested = sum(problem.code == "item_contested" for problem in problems)
    told = [Problem("", "items_contested", {"count": contested})] if contested else []
    return [say(problem) for problem in (*told, *problems) if problem.code != "item_contested"]


def _next_steps(identity: Identity, found: Acceptance, planned: Visit | None) -> Mapping[str, bool]:
    """What this reader may do with the acceptance as it stands."""
    assigned = [place.person_id for place in planned.inspectors if not place.cancelled] if planned else []
    scope, handling = queries.acceptance_scope(found), queries.handling_scope(found, assigned)
    possible = {action for (state, action) in TRANSITIONS if state == found.status}

    def may(permission: Permission, action: AcceptanceAction | None = None) -> bool:
        where = scope if permission is Permission.ACCEPTANCE_APPLY else handling
        return (action is None or action in possible) and allows(identity, permission, where)

    return {
        "may_check": may(Permission.ACCEPTANCE_CHECK, AcceptanceAction.CHECK),
        "may_schedule": may(Permission.VISIT_SCHEDULE, AcceptanceAction.SCHEDULE),
        "may_cancel": planned is not None and may(Permission.VISIT_SCHEDULE),
        "may_book": may(Permission.VISIT_BOOK, AcceptanceAction.SCHEDULE),
        "may_move": planned is not None and may(Permission.VISIT_BOOK),
        "may_score": planned is not None and may(Permission.VISIT_SCORE),
        "may_conclude": planned is not None and may(Permission.VISIT_CONCLUDE),
        "may_resubmit": may(Permission.ACCEPTANCE_APPLY, AcceptanceAction.RESUBMIT),
        "may_withdraw": not found.reinspection and may(Permission.ACCEPTANCE_APPLY, AcceptanceAction.WITHDRAW),
        "may_publish": _publishable(found) and may(Permission.RESULT_PUBLISH),
        "may_upload": _unit_may(identity, found, scope),
    }


def _publishable(found: Acceptance) -> bool:
    return found.status in CONCLUDED and found.published_at is None and not found.system.secret


def _unit_may(identity: Identity, found: Acceptance, scope: Scope) -> bool:
    return found.status not in CONCLUDED and allows(identity, Permission.DOCUMENT_UPLOAD, scope)


@bp.get("/acceptances/<uuid:acceptance_id>/<any(record, certificate):paper>.pdf")
@requires(Permission.ACCEPTANCE_READ)
def paper(acceptance_id: UUID, paper: str) -> ResponseReturnValue:
    """The acceptance conclusion or the certificate as PDF."""
    session, identity, now = db_session(), current_identity(), utcnow()
    found = queries.get_acceptance(session, identity, acceptance_id)
    if found.status not in CONCLUDED or (paper == "certificate" and found.status == AcceptanceStatus.FAILED):
        raise NotFound()
    if queries.pending_override(session, found.id) is not None:
        raise IllegalTransition("override_pending", status=found.status)
    make = record_pdf if paper == "record" else certificate_pdf
    body = make(session, found, printed_by=identity.name, base_url=setting["base_url"], now=now, lang=str(get_locale()))
    name = f"{paper}-{found.id.hex[-8:]}.pdf"
    return Response(
        body, content_type="application/pdf", headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


@bp.get("/acceptances/<uuid:acceptance_id>/inspection-record.pdf")
@requires(Permission.ACCEPTANCE_READ)
def inspection_record(acceptance_id: UUID) -> ResponseReturnValue:
    """The inspection record of the visit with its signatures and seals, as PDF."""
    session, identity, now = db_session(), current_identity(), utcnow()
    found = queries.get_acceptance(session, identity, acceptance_id)
    body = inspection_record_pdf(session, found, printed_by=identity.name, now=now, lang=str(get_locale()))
    name = f"inspection-record-{found.id.hex[-8:]}.pdf"
    return Response(
        body, content_type="application/pdf", headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


@bp.get("/acceptances/<uuid:acceptance_id>/application.pdf")
@requires(Permission.ACCEPTANCE_READ)
def application(acceptance_id: UUID) -> ResponseReturnValue:
    """The application form of a standard creation (F4), in as many copies as the standard asks for."""
    session, identity, now = db_session(), current_identity(), utcnow()
    found = queries.get_acceptance(session, identity, acceptance_id)
    body = application_pdf(session, found, printed_by=identity.name, now=now, lang=str(get_locale()))
    name = f"application-{found.id.hex[-8:]}.pdf"
    return Response(
        body, content_type="application/pdf", headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )
