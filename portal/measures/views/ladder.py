"""Letters, interviews and circulars: list, draft, one with what can be done, its papers."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale, gettext, lazy_gettext

from portal.accounts.guards import current_identity, requires
from portal.accounts.permissions import Permission
from portal.accounts.policy import allows, require
from portal.accounts.values import Identity
from portal.core.clock import city_day, utcnow
from portal.core.errors import Invalid, NotFound
from portal.inspection.labels import FINDING_STATUS
from portal.inspection.models import Finding
from portal.measures.forms import CloseForm, DraftForm, ExtendForm, HoldForm, ReplyForm, ServeForm, WithdrawForm
from portal.measures.labels import MEASURE_ACTS, MEASURE_KIND, MEASURE_STATUS, SERVICE
from portal.measures.models import Measure
from portal.measures.operations import ladder as operations
from portal.measures.papers import measure_pdf, minutes_pdf
from portal.measures.queries import ladder as queries
from portal.measures.queries.following import findings_followed
from portal.measures.rules.ladder import next_kind
from portal.measures.states import AWAITING_REPLY, MEASURE_TRANSITIONS, STANDING, MeasureAction, MeasureStatus
from portal.measures.values import MeasureDraft, MeasureKind, Meeting, Service, ServiceMethod
from portal.measures.views.acting import (
    Page,
    act_on,
    answer,
    asked_findings,
    chosen_findings,
    facts_of,
    file_of,
    offer_findings,
)
from portal.measures.views.blueprint import bp, district_choices, lines_of, pdf, told_in
from portal.registry.course import course_of
from portal.registry.models import Unit
from portal.registry.queries import get_unit, unit_scope
from portal.regulation.calendar import WorkCalendar
from portal.regulation.schema.base import Citation
from portal.vault.values import MIB
from portal.web.links import asked
from portal.web.security import accepts_upload
from portal.web.session import db_session

Form = Any


@bp.get("/measures")
@requires(Permission.MEASURE_READ)
def measures() -> ResponseReturnValue:
    """Measures the reader may see; the statuses are the filter."""
    session, identity, today = db_session(), current_identity(), city_day(utcnow())
    status, kind, due = (request.args.get(name, "") for name in ("status", "kind", "due"))
    wanted = queries.MeasureFilter(
        keyword=asked("q"),
        district=asked("district", 6),
        kind=MeasureKind(kind) if kind in set(MeasureKind) else None,
        status=MeasureStatus(status) if status in set(MeasureStatus) else None,
        overdue_on=today if due == "overdue" else None,
        proposed=due == "proposed",
    )
    return render_template(
        "measures/measures.html",
        page=queries.measure_page(session, identity, wanted, after=request.args.get("after")),
        tally=queries.measure_tally(session, identity, wanted),
        wanted=wanted,
        today=today,
        awaiting=AWAITING_REPLY,
        statuses=MEASURE_STATUS,
        kinds=MEASURE_KIND,
        districts=district_choices(),
    )


@bp.route("/units/<uuid:unit_id>/measures/new", methods=["GET", "POST"])
@requires(Permission.MEASURE_DRAFT)
def measure_new(unit_id: UUID) -> ResponseReturnValue:
    """Draft a step against a unit; `after` names the step it follows."""
    session, identity, now = db_session(), current_identity(), utcnow()
    unit = get_unit(session, identity, unit_id)
    require(identity, Permission.MEASURE_DRAFT, unit_scope(unit), read=Permission.UNIT_READ)
    previous = _followed(identity, unit)
    form = DraftForm()
    offered = offer_findings(form, unit.id)
    form.acceptance_id.choices = [(str(key), name) for key, name in queries.failed_acceptances(session, unit.id)]
    if request.method == "GET":
        _prefill(form, previous, asked_findings(offered, request.args.getlist("finding")))
    elif form.validate():
        try:
            measure = operations.draft_measure(
                session,
                actor=identity,
                unit_id=unit_id,
                draft=_draft(form),
                previous_id=previous.id if previous else None,
                now=now,
            )
        except Invalid as refusal:
            form.take(refusal)
        else:
            flash(gettext("The measure is drafted. Another person signs it."), "ok")
            return redirect(url_for("measures.measure", measure_id=measure.id), 303)
    page = render_template("measures/measure_form.html", form=form, unit=unit, previous=previous, kinds=MEASURE_KIND)
    return page, 422 if form.problems() else 200


def _followed(identity: Identity, unit: Unit) -> Measure | None:
    """The step that a new one is to follow, as the address names it."""
    try:
        key = UUID(request.args.get("after", ""))
    except ValueError:
        return None
    found = queries.get_measure(db_session(), identity, key)
    if found.unit_id != unit.id:
        raise NotFound()
    return found


def _prefill(form: Form, previous: Measure | None, named: list[Finding]) -> None:
    form.kind.data = str(MeasureKind.LETTER)
    keys = {str(one.id) for one in named} | {str(key) for key in (previous.finding_ids if previous else ())}
    form.findings.data = [choice[0] for choice in form.findings.choices if choice[0] in keys]
    if previous is None:
        form.facts.data = facts_of(named)
        return
    following = next_kind(MeasureKind(previous.kind))
    form.kind.data = str(following or MeasureKind.CIRCULAR)
    form.facts.data, form.demands.data = previous.facts, previous.demands
    form.acceptance_id.data = str(previous.acceptance_id or "")


def _draft(form: DraftForm) -> MeasureDraft:
    return MeasureDraft(
        kind=MeasureKind(str(form.kind.data)),
        facts=form.facts.data,
        demands=form.demands.data,
        due_set=form.due_set.data,
        skip_reason=form.skip_reason.data or "",
        acceptance_id=UUID(str(form.acceptance_id.data)) if form.acceptance_id.data else None,
        finding_ids=chosen_findings(form),
        place=form.place.data or "",
        meets_at=form.meets_at.data,
        recipients=lines_of(form.recipients.data)[:100],
    )


@bp.get("/measures/<uuid:measure_id>")
@requires(Permission.MEASURE_READ)
def measure(measure_id: UUID) -> ResponseReturnValue:
    """One measure."""
    return _show(measure_id)


def _show(measure_id: UUID, *, status: int = 200, **refused: Form) -> ResponseReturnValue:
    """The page of a measure; a form that was refused comes back with what was typed."""
    session, identity, today = db_session(), current_identity(), city_day(utcnow())
    found = queries.get_measure(session, identity, measure_id)
    version = {"version": str(found.version)}
    forms = {
        "serve": ServeForm(formdata=None, data={**version, "served_on": today}),
        "hold": HoldForm(formdata=None, data={**version, "held_at": found.meets_at}),
        "reply": ReplyForm(formdata=None),
        "close": CloseForm(formdata=None, data=version),
        "extend": ExtendForm(formdata=None, data=version),
        "withdraw": WithdrawForm(formdata=None, data=version),
        **refused,
    }
    page = render_template(
        "measures/measure.html",
        measure=found,
        status=MEASURE_STATUS[MeasureStatus(found.status)],
        statuses=MEASURE_STATUS,
        kind=MEASURE_KIND[MeasureKind(found.kind)],
        kinds=MEASURE_KIND,
        service=SERVICE,
        citations=[Citation.of(*pair) for pair in found.basis],
        course=course_of(session, "measure", found.id, kinds=told_in(MEASURE_ACTS, found.unit_id)),
        chain=queries.chain_of(session, identity, found),
        today=today,
        following=next_kind(MeasureKind(found.kind)),
        forms=forms,
        opened=next(iter(refused), ""),
        followed=findings_followed(session, identity, found.finding_ids),
        finding_status=FINDING_STATUS,
        **_next_steps(identity, found),
    )
    return page, status


def _next_steps(identity: Identity, found: Measure) -> Mapping[str, bool]:
    scope = queries.measure_scope(found)
    possible = {action for (state, action) in MEASURE_TRANSITIONS if state == found.status}
    handles = allows(identity, Permission.MEASURE_HANDLE, scope)
    own = found.drafted_by is not None and found.drafted_by == identity.person_id
    held = found.kind != MeasureKind.INTERVIEW or found.held_at is not None
    drafts = allows(identity, Permission.MEASURE_DRAFT, scope) and handles and found.status in STANDING
    return {
        "may_sign": MeasureAction.SIGN in possible and not own and allows(identity, Permission.MEASURE_SIGN, scope),
        "may_serve": handles and MeasureAction.SERVE in possible,
        "may_hold": handles and MeasureAction.HOLD in possible and found.kind == MeasureKind.INTERVIEW,
        "may_reply": MeasureAction.REPLY in possible and allows(identity, Permission.MEASURE_REPLY, scope),
        "may_close": handles and MeasureAction.CLOSE in possible and held,
        "may_extend": handles and found.proposed_on is not None and found.status in STANDING,
        "may_withdraw": handles and MeasureAction.WITHDRAW in possible,
        "may_follow": drafts and next_kind(MeasureKind(found.kind)) is not None,
        "may_order": drafts and allows(identity, Permission.CORRECTION_ISSUE, scope),
    }


@bp.post("/measures/<uuid:measure_id>/sign")
@requires(Permission.MEASURE_SIGN)
def measure_sign(measure_id: UUID) -> ResponseReturnValue:
    """A second person signs."""
    session, identity = db_session(), current_identity()
    found = queries.get_measure(session, identity, measure_id)
    require(identity, Permission.MEASURE_SIGN, queries.measure_scope(found), read=Permission.MEASURE_READ)
    seen = WithdrawForm().version.seen
    operations.sign_measure(session, actor=identity, measure_id=measure_id, seen_version=seen, now=utcnow())
    flash(gettext("The measure is signed and numbered; it can be served."), "ok")
    return redirect(url_for("measures.measure", measure_id=measure_id), 303)


def _serve(form: Form, held: dict[str, Any]) -> None:
    service = Service(on=form.served_on.data, how=ServiceMethod(str(form.how.data)), to=form.served_to.data)
    operations.serve_measure(db_session(), **held, service=service, calendar=WorkCalendar())


def _hold(form: Form, held: dict[str, Any]) -> None:
    pairs = [line.replace("｜", "|").partition("|") for line in lines_of(form.attendance.data)[:40]]
    attendance = [(name.strip()[:40], capacity.strip()[:80]) for name, _, capacity in pairs]
    meeting = Meeting(held_at=form.held_at.data, attendance=attendance, minutes=form.minutes.data)
    operations.hold_interview(db_session(), **held, meeting=meeting)


def _extend(form: Form, held: dict[str, Any]) -> None:
    operations.dismiss_step(db_session(), **held, due_on=form.due_on.data, reason=form.extend_reason.data)


def _close(form: Form, held: dict[str, Any]) -> None:
    operations.close_measure(db_session(), **held, reason=form.finding.data)


def _withdraw(form: Form, held: dict[str, Any]) -> None:
    operations.withdraw_measure(db_session(), **held, reason=form.reason.data)


PAGE = Page(
    named="measure_id",
    endpoint="measures.measure",
    get=queries.get_measure,
    scope=queries.measure_scope,
    handle=Permission.MEASURE_HANDLE,
    acts={
        "serve": (ServeForm, _serve),
        "hold": (HoldForm, _hold),
        "extend": (ExtendForm, _extend),
        "close": (CloseForm, _close),
        "withdraw": (WithdrawForm, _withdraw),
    },
    show=_show,
    answer="reply",
    take_answer=operations.reply_to_measure,
    answered=lazy_gettext("The reply is recorded."),
)


@bp.post("/measures/<uuid:measure_id>/<any(serve, hold, extend, close, withdraw):action>")
@requires(Permission.MEASURE_HANDLE)
def measure_act(measure_id: UUID, action: str) -> ResponseReturnValue:
    """What the organ does with its own measure: serve, hold, extend, close, take back."""
    return act_on(PAGE, measure_id, action)


@bp.post("/measures/<uuid:measure_id>/reply")
@requires(Permission.MEASURE_REPLY)
@accepts_upload(21 * MIB)
def measure_reply(measure_id: UUID) -> ResponseReturnValue:
    """The unit replies, with a paper if it has one."""
    return answer(PAGE, measure_id)


@bp.get("/measures/<uuid:measure_id>/<any(paper, minutes):which>.pdf")
@requires(Permission.MEASURE_READ)
def measure_paper(measure_id: UUID, which: str) -> ResponseReturnValue:
    """The paper that is served, or the minutes of an interview that was held."""
    identity, now = current_identity(), utcnow()
    found = queries.get_measure(db_session(), identity, measure_id)
    if which == "minutes" and found.held_at is None:
        raise NotFound()
    make = minutes_pdf if which == "minutes" else measure_pdf
    body = make(found, printed_by=identity.name, now=now, lang=str(get_locale()))
    return pdf(body, f"{found.kind}-{found.id.hex[-8:]}")


@bp.get("/measures/<uuid:measure_id>/reply-file")
@requires(Permission.MEASURE_READ)
def measure_file(measure_id: UUID) -> ResponseReturnValue:
    """The paper that came with the reply; opening it is recorded."""
    return file_of(PAGE, measure_id, "reply_file_id")
