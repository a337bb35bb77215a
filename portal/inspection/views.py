"""Pages of inspection: list, detail, the checklist on site, conclusion and publication."""

from uuid import UUID

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale, gettext
from flask_babel import lazy_gettext as _

from portal.accounts.guards import current_identity, requires
from portal.accounts.permissions import Permission
from portal.accounts.policy import allows, require
from portal.core.clock import city_day, utcnow
from portal.core.errors import Invalid, NotFound
from portal.inspection import operations, queries
from portal.inspection.forms import (
    AnswersForm,
    ApplyForm,
    CancelForm,
    CheckForm,
    ConcludeForm,
    ScheduleForm,
    read_answers,
)
from portal.inspection.labels import ACCEPTANCE_STATUS, CONCLUSION, VERDICT, VISIT_STATUS
from portal.inspection.papers import certificate_pdf, record_pdf
from portal.inspection.rules import FrozenList, judge
from portal.inspection.states import CONCLUDED, TRANSITIONS, AcceptanceAction, AcceptanceStatus
from portal.registry.queries import documents_of, get_system, system_scope
from portal.registry.rules import PRINTED_HERE, rules_for
from portal.regulation.calendar import WorkCalendar
from portal.regulation.schema.keys import RuleKey
from portal.web.navigation import NavItem, Section, add_to_navigation
from portal.web.session import db_session

bp = Blueprint("inspection", __name__, template_folder="templates")

add_to_navigation(
    bp,
    NavItem(
        section=Section.SUPERVISION,
        label=_("Acceptance"),
        endpoint="inspection.acceptances",
        permission=Permission.ACCEPTANCE_READ,
        order=10,
        covers=("inspection.",),
    ),
)


@bp.app_template_filter("law_text")
def law_text(text: object) -> str:
    """A wording of the rules in the reader's language."""
    return text.in_language(str(get_locale()))  # type: ignore[attr-defined, no-any-return]


@bp.get("/acceptances")
@requires(Permission.ACCEPTANCE_READ)
def acceptances() -> ResponseReturnValue:
    """Acceptances the reader may see; the statuses are the filter."""
    session, identity, today = db_session(), current_identity(), city_day(utcnow())
    status = request.args.get("status", "")
    wanted = queries.AcceptanceFilter(
        status=AcceptanceStatus(status) if status in set(AcceptanceStatus) else None,
        district=request.args.get("district", "")[:6],
        overdue_on=today if request.args.get("overdue") == "1" else None,
    )
    return render_template(
        "inspection/acceptances.html",
        page=queries.acceptance_page(session, identity, wanted, after=request.args.get("after")),
        tally=queries.acceptance_tally(session, identity, wanted),
        wanted=wanted,
        today=today,
        statuses=ACCEPTANCE_STATUS,
    )


@bp.route("/systems/<uuid:system_id>/acceptance", methods=["GET", "POST"])
@requires(Permission.ACCEPTANCE_APPLY)
def apply(system_id: UUID) -> ResponseReturnValue:
    """Apply for acceptance of a system; what papers the rules ask for stands beside the form."""
    session, identity, now = db_session(), current_identity(), utcnow()
    system = get_system(session, identity, system_id)
    require(identity, Permission.ACCEPTANCE_APPLY, system_scope(system), read=Permission.SYSTEM_READ)
    rules = rules_for(system.unit, system, on=city_day(now))
    form = ApplyForm()
    if request.method == "POST" and form.validate():
        try:
            acceptance = operations.request_acceptance(
                session,
                actor=identity,
                system_id=system_id,
                statement=form.statement.data or "",
                self_score=form.self_score.data,
                calendar=WorkCalendar(),
                now=now,
            )
        except Invalid as refusal:
            form.take(refusal)
        else:
            flash(gettext("The application is handed in."), "ok")
            return redirect(url_for("inspection.acceptance", acceptance_id=acceptance.id), 303)
    page = render_template(
        "inspection/apply.html",
        form=form,
        system=system,
        papers=_papers(
            rules_for(system.unit, system, on=city_day(now)), {d.slot for d in documents_of(session, system_id)}
        ),
        self_first=rules.flag(RuleKey.GRADE_SELF_ASSESSMENT_FIRST),
    )
    return page, 422 if form.errors else 200


def _papers(rules: object, present: set[str]) -> list[tuple[object, bool]]:
    wanted = rules.documents("acceptance")  # type: ignore[attr-defined]
    return [(paper, paper.document in present) for paper in wanted if paper.document not in PRINTED_HERE]


@bp.get("/acceptances/<uuid:acceptance_id>")
@requires(Permission.ACCEPTANCE_READ)
def acceptance(acceptance_id: UUID) -> ResponseReturnValue:
    """One acceptance: where it stands, its papers, visits, result."""
    return _show(acceptance_id)


def _show(
    acceptance_id: UUID,
    *,
    check: CheckForm | None = None,
    schedule: ScheduleForm | None = None,
    cancel: CancelForm | None = None,
    conclude: ConcludeForm | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    session, identity, now = db_session(), current_identity(), utcnow()
    found = queries.get_acceptance(session, identity, acceptance_id)
    visits = queries.visits_of(session, acceptance_id)
    planned = next((visit for visit in visits if visit.status == "planned"), None)
    assigned = [place.person_id for place in planned.inspectors if not place.cancelled] if planned else []
    scope = queries.acceptance_scope(found, assigned)
    possible = {action for (state, action) in TRANSITIONS if state == found.status}
    frozen = FrozenList.from_json(found.checklist) if found.checklist else None
    done = next((visit for visit in visits if visit.status == "done"), planned)
    answers = operations.given_answers(session, done.id) if done and frozen else {}
    rules = rules_for(found.unit, found.system, on=city_day(now))
    schedule = schedule or ScheduleForm()
    people = queries.inspectors_for(session, found.district, today=city_day(now))
    schedule.inspectors.choices = [(str(key), f"{name} · {organ}") for key, name, organ in people]
    return (
        render_template(
            "inspection/acceptance.html",
            acceptance=found,
            status=ACCEPTANCE_STATUS[AcceptanceStatus(found.status)],
            visits=visits,
            visit_status=VISIT_STATUS,
            planned=planned,
            frozen=frozen,
            outcome=judge(frozen, answers) if frozen and answers else None,
            answers=answers,
            verdicts=VERDICT,
            conclusions=CONCLUSION,
            papers=_papers(rules, {d.slot for d in documents_of(session, found.system_id)}),
            published=queries.published_of(session, acceptance_id),
            today=city_day(now),
            check_form=check or CheckForm(),
            schedule_form=schedule,
            cancel_form=cancel or CancelForm(),
            conclude_form=conclude or ConcludeForm(data={"version": str(found.version)}),
            may_check=AcceptanceAction.CHECK in possible and allows(identity, Permission.ACCEPTANCE_CHECK, scope),
            may_schedule=AcceptanceAction.SCHEDULE in possible and allows(identity, Permission.VISIT_SCHEDULE, scope),
            may_cancel=planned is not None and allows(identity, Permission.VISIT_SCHEDULE, scope),
            may_score=planned is not None and allows(identity, Permission.VISIT_SCORE, scope),
            may_conclude=planned is not None and allows(identity, Permission.VISIT_CONCLUDE, scope),
            may_resubmit=AcceptanceAction.RESUBMIT in possible and allows(identity, Permission.ACCEPTANCE_APPLY, scope),
            may_withdraw=AcceptanceAction.WITHDRAW in possible and allows(identity, Permission.ACCEPTANCE_APPLY, scope),
            may_publish=found.status in CONCLUDED
            and found.published_at is None
            and not found.system.secret
            and allows(identity, Permission.RESULT_PUBLISH, scope),
        ),
        status,
    )


@bp.post("/acceptances/<uuid:acceptance_id>/check")
@requires(Permission.ACCEPTANCE_CHECK)
def check(acceptance_id: UUID) -> ResponseReturnValue:
    """Record the look at the papers."""
    form, session, identity, now = CheckForm(), db_session(), current_identity(), utcnow()
    if not form.validate():
        return _show(acceptance_id, check=form, status=422)
    found = queries.get_acceptance(session, identity, acceptance_id)
    rules = rules_for(found.unit, found.system, on=city_day(now))
    present = {document.slot for document in documents_of(session, found.system_id)}
    missing = [paper.document for paper, there in _papers(rules, present) if paper.required and not there]  # type: ignore[attr-defined]
    try:
        operations.check_documents(
            session,
            actor=identity,
            acceptance_id=acceptance_id,
            complete=form.verdict.data == "complete",
            note=form.note.data or "",
            missing=missing,
            now=now,
        )
    except Invalid as refusal:
        form.take(refusal)
        return _show(acceptance_id, check=form, status=422)
    flash(gettext("The check of the papers is recorded."), "ok")
    return redirect(url_for("inspection.acceptance", acceptance_id=acceptance_id), 303)


@bp.post("/acceptances/<uuid:acceptance_id>/schedule")
@requires(Permission.VISIT_SCHEDULE)
def schedule(acceptance_id: UUID) -> ResponseReturnValue:
    """Plan the visit."""
    form, session, identity, now = ScheduleForm(), db_session(), current_identity(), utcnow()
    found = queries.get_acceptance(session, identity, acceptance_id)
    people = queries.inspectors_for(session, found.district, today=city_day(now))
    form.inspectors.choices = [(str(key), name) for key, name, _organ in people]
    if not form.validate():
        return _show(acceptance_id, schedule=form, status=422)
    try:
        operations.schedule_visit(
            session,
            actor=identity,
            acceptance_id=acceptance_id,
            starts_at=form.starts_at.data,
            ends_at=form.ends_at.data,
            inspectors=[UUID(key) for key in form.inspectors.data or ()],
            now=now,
        )
    except Invalid as refusal:
        form.take(refusal)
        return _show(acceptance_id, schedule=form, status=422)
    flash(gettext("The visit is scheduled."), "ok")
    return redirect(url_for("inspection.acceptance", acceptance_id=acceptance_id), 303)


@bp.post("/acceptances/<uuid:acceptance_id>/cancel-visit")
@requires(Permission.VISIT_SCHEDULE)
def cancel_visit(acceptance_id: UUID) -> ResponseReturnValue:
    """Call the visit off."""
    form = CancelForm()
    if not form.validate():
        return _show(acceptance_id, cancel=form, status=422)
    operations.cancel_visit(
        db_session(), actor=current_identity(), acceptance_id=acceptance_id, reason=form.reason.data or "", now=utcnow()
    )
    flash(gettext("The visit is called off."), "ok")
    return redirect(url_for("inspection.acceptance", acceptance_id=acceptance_id), 303)


@bp.route("/acceptances/<uuid:acceptance_id>/checklist", methods=["GET", "POST"])
@requires(Permission.VISIT_SCORE)
def checklist(acceptance_id: UUID) -> ResponseReturnValue:
    """The checklist on site."""
    session, identity, now = db_session(), current_identity(), utcnow()
    found = queries.get_acceptance(session, identity, acceptance_id)
    planned = queries.planned_visit(session, acceptance_id)
    if planned is None or not found.checklist:
        raise NotFound()
    assigned = [place.person_id for place in planned.inspectors]
    scope = queries.acceptance_scope(found, assigned)
    require(identity, Permission.VISIT_SCORE, scope, read=Permission.ACCEPTANCE_READ)
    frozen = FrozenList.from_json(found.checklist)
    problems: dict[str, str] = {}
    answers = dict(operations.given_answers(session, planned.id))
    form = AnswersForm()
    if request.method == "POST" and form.validate():
        try:
            given = read_answers(frozen.checklist, request.form)
            answers |= given
            operations.save_answers(session, actor=identity, acceptance_id=acceptance_id, answers=given, now=now)
        except Invalid as refusal:
            problems = {problem.field: _said(problem) for problem in refusal.problems}
        else:
            flash(gettext("%(count)s items are saved.", count=len(given)), "ok")
            endpoint = "inspection.acceptance" if form.then.data == "back" else "inspection.checklist"
            return redirect(url_for(endpoint, acceptance_id=acceptance_id), 303)
    page = render_template(
        "inspection/checklist.html",
        acceptance=found,
        frozen=frozen,
        answers=answers,
        typed=request.form,
        problems=problems,
        verdicts=VERDICT,
        outcome=judge(frozen, answers),
        form=form,
    )
    return page, 422 if problems else 200


def _said(problem: object) -> str:
    from portal.web.problems import say

    return say(problem)  # type: ignore[arg-type]


@bp.post("/acceptances/<uuid:acceptance_id>/conclude")
@requires(Permission.VISIT_CONCLUDE)
def conclude(acceptance_id: UUID) -> ResponseReturnValue:
    """Close the visit with the result the arithmetic gives."""
    form, session = ConcludeForm(), db_session()
    if not form.validate():
        return _show(acceptance_id, conclude=form, status=422)
    try:
        operations.conclude(
            session,
            actor=current_identity(),
            acceptance_id=acceptance_id,
            seen_version=int(form.version.data or 0),
            opinion=form.opinion.data or "",
            rectification=form.rectification.data or "",
            now=utcnow(),
        )
    except Invalid as refusal:
        form.take(refusal)
        return _show(acceptance_id, conclude=form, status=422)
    flash(gettext("The acceptance is concluded."), "ok")
    return redirect(url_for("inspection.acceptance", acceptance_id=acceptance_id), 303)


@bp.post("/acceptances/<uuid:acceptance_id>/publish")
@requires(Permission.RESULT_PUBLISH)
def publish(acceptance_id: UUID) -> ResponseReturnValue:
    """Publish result and grade."""
    operations.publish_result(db_session(), actor=current_identity(), acceptance_id=acceptance_id, now=utcnow())
    flash(gettext("The result is published."), "ok")
    return redirect(url_for("inspection.acceptance", acceptance_id=acceptance_id), 303)


@bp.post("/acceptances/<uuid:acceptance_id>/resubmit")
@requires(Permission.ACCEPTANCE_APPLY)
def resubmit(acceptance_id: UUID) -> ResponseReturnValue:
    """The unit has completed its papers."""
    operations.resubmit(db_session(), actor=current_identity(), acceptance_id=acceptance_id, now=utcnow())
    flash(gettext("The application is handed in again."), "ok")
    return redirect(url_for("inspection.acceptance", acceptance_id=acceptance_id), 303)


@bp.post("/acceptances/<uuid:acceptance_id>/withdraw")
@requires(Permission.ACCEPTANCE_APPLY)
def withdraw(acceptance_id: UUID) -> ResponseReturnValue:
    """The unit takes its application back."""
    operations.withdraw(db_session(), actor=current_identity(), acceptance_id=acceptance_id, now=utcnow())
    flash(gettext("The application is withdrawn."), "ok")
    return redirect(url_for("inspection.acceptance", acceptance_id=acceptance_id), 303)


@bp.get("/acceptances/<uuid:acceptance_id>/<any(record, certificate):paper>.pdf")
@requires(Permission.ACCEPTANCE_READ)
def paper(acceptance_id: UUID, paper: str) -> ResponseReturnValue:
    """The acceptance conclusion or the certificate as PDF."""
    session, identity, now = db_session(), current_identity(), utcnow()
    found = queries.get_acceptance(session, identity, acceptance_id)
    if found.status not in CONCLUDED or (paper == "certificate" and found.status == AcceptanceStatus.FAILED):
        raise NotFound()
    make = record_pdf if paper == "record" else certificate_pdf
    body = make(session, found, printed_by=identity.name, now=now, lang=str(get_locale()))
    name = f"{paper}-{found.id.hex[-8:]}.pdf"
    return Response(
        body, content_type="application/pdf", headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )
