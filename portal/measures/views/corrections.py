"""Orders to correct: list, issue, one with refusal and fines, its papers."""

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
from portal.measures import values
from portal.measures.forms import (
    CloseForm,
    CorrectionForm,
    ExtendForm,
    FineForm,
    OutcomeForm,
    RefusalForm,
    RefuseForm,
    ReplyForm,
    ReturnForm,
    ServeForm,
    WithdrawForm,
)
from portal.measures.labels import (
    CORRECTION_ACTS,
    CORRECTION_STATUS,
    FINE_AGAINST,
    FINE_STATUS,
    REFUSAL_STATUS,
    SERVICE,
)
from portal.measures.models import CorrectionOrder, RefusalFinding
from portal.measures.operations import corrections as operations
from portal.measures.operations import fines
from portal.measures.papers import correction_pdf, refusal_pdf
from portal.measures.queries import corrections as queries
from portal.measures.queries.following import findings_followed
from portal.measures.rules.fines import thawed, violations_under
from portal.measures.states import (
    CORRECTION_TRANSITIONS,
    RUNNING,
    CorrectionAction,
    CorrectionStatus,
    RefusalStatus,
)
from portal.measures.values import (
    CorrectionDraft,
    FineAgainst,
    FineDraft,
    Service,
    ServiceMethod,
)
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
from portal.measures.views.blueprint import bp, district_choices, pdf, told_in
from portal.registry.course import course_of
from portal.registry.queries import get_unit, unit_scope
from portal.registry.rules import rules_for
from portal.regulation.calendar import WorkCalendar
from portal.regulation.labels import cite, language
from portal.regulation.schema.base import Citation
from portal.vault.values import MIB
from portal.web.links import asked
from portal.web.security import accepts_upload
from portal.web.session import db_session

Form = Any


@bp.get("/corrections")
@requires(Permission.MEASURE_READ)
def corrections() -> ResponseReturnValue:
    """Orders to correct that the reader may see; the statuses are the filter."""
    session, identity, today = db_session(), current_identity(), city_day(utcnow())
    status = request.args.get("status", "")
    wanted = queries.CorrectionFilter(
        keyword=asked("q"),
        district=asked("district", 6),
        status=CorrectionStatus(status) if status in set(CorrectionStatus) else None,
        overdue_on=today if request.args.get("due") == "overdue" else None,
    )
    return render_template(
        "measures/corrections.html",
        page=queries.correction_page(session, identity, wanted, after=request.args.get("after")),
        tally=queries.correction_tally(session, identity, wanted),
        wanted=wanted,
        today=today,
        running=RUNNING,
        statuses=CORRECTION_STATUS,
        districts=district_choices(),
        named=lambda basis: thawed(basis).in_language(language()),
    )


@bp.route("/units/<uuid:unit_id>/corrections/new", methods=["GET", "POST"])
@requires(Permission.CORRECTION_ISSUE)
def correction_new(unit_id: UUID) -> ResponseReturnValue:
    """Issue an order: the violations that govern the unit stand beside the form with what they may cost."""
    session, identity, now = db_session(), current_identity(), utcnow()
    unit = get_unit(session, identity, unit_id)
    require(identity, Permission.CORRECTION_ISSUE, unit_scope(unit), read=Permission.UNIT_READ)
    offered = violations_under(rules_for(unit, None, on=city_day(now)))
    form = CorrectionForm()
    form.violation.choices = [(one.code, _line(one)) for one in offered]
    findings = offer_findings(form, unit.id)
    form.system_id.choices = [(str(key), name) for key, name in queries.systems_of(session, unit.id)]
    if request.method == "GET":
        named = asked_findings(findings, request.args.getlist("finding"))
        form.findings.data, form.facts.data = [str(one.id) for one in named], facts_of(named)
    if request.method == "POST" and form.validate():
        draft = CorrectionDraft(
            violation=str(form.violation.data),
            facts=form.facts.data,
            demand=form.demand.data,
            due_set=form.due_set.data,
            grave_reason=form.grave_reason.data or "",
            system_id=UUID(str(form.system_id.data)) if form.system_id.data else None,
            finding_ids=chosen_findings(form),
        )
        try:
            order = operations.issue_correction(session, actor=identity, unit_id=unit_id, draft=draft, now=now)
        except Invalid as refusal:
            form.take(refusal)
        else:
            flash(gettext("The order is issued. Record its service so that the limit begins to run."), "ok")
            return redirect(url_for("measures.correction", correction_id=order.id), 303)
    page = render_template(
        "measures/correction_form.html", form=form, unit=unit, offered=offered, cited=_cited, lang=language(), against=FINE_AGAINST
    )  # fmt: skip
    return page, 422 if form.problems() else 200


def _line(one: values.Violation) -> str:
    return f"{one.in_language(language())} · {'; '.join(cite(cited) for cited in _cited(one))}"


def _cited(one: values.Violation) -> list[Citation]:
    return [Citation.of(one.profile, article) for article in one.articles]


@bp.get("/corrections/<uuid:correction_id>")
@requires(Permission.MEASURE_READ)
def correction(correction_id: UUID) -> ResponseReturnValue:
    """One order to correct."""
    return show_correction(correction_id)


def show_correction(correction_id: UUID, *, status: int = 200, **refused: Form) -> ResponseReturnValue:
    """The page of an order; a form that was refused comes back with what was typed."""
    session, identity, today = db_session(), current_identity(), city_day(utcnow())
    found = queries.get_correction(session, identity, correction_id)
    refusal = queries.refusal_of(session, found.id)
    violation = thawed(found.basis)
    page = render_template(
        "measures/correction.html",
        order=found,
        violation=violation,
        citations=_cited(violation),
        lang=language(),
        status=CORRECTION_STATUS[CorrectionStatus(found.status)],
        service=SERVICE,
        refusal=refusal,
        refusal_status=REFUSAL_STATUS,
        fines=queries.fines_of(session, found.id),
        fine_status=FINE_STATUS,
        against=FINE_AGAINST,
        course=course_of(session, "correction_order", found.id, kinds=told_in(CORRECTION_ACTS, found.unit_id)),
        followed=findings_followed(session, identity, found.finding_ids),
        finding_status=FINDING_STATUS,
        today=today,
        running=found.status in RUNNING,
        forms={**_forms(found, today), **refused},
        opened=next(iter(refused), ""),
        **_next_steps(identity, found, refusal, today),
    )
    return page, status


def _forms(found: CorrectionOrder, today: Any) -> dict[str, Form]:
    version = {"version": str(found.version)}
    against = [str(one) for one in thawed(found.basis).amounts]
    return {
        "serve": ServeForm(formdata=None, data={**version, "served_on": today}),
        "report": ReplyForm(formdata=None),
        "return": ReturnForm(formdata=None, data=version),
        "accept": CloseForm(formdata=None, data=version),
        "extend": ExtendForm(formdata=None, data=version),
        "refuse": RefuseForm(formdata=None, data=version),
        "withdraw": WithdrawForm(formdata=None, data=version),
        "refusal": RefusalForm(formdata=None),
        "fine": FineForm(formdata=None, data={**version, "against": next(iter(against), "")}),
        "outcome": OutcomeForm(formdata=None, data={"decided_on": today}),
    }


def _next_steps(
    identity: Identity, found: CorrectionOrder, refusal: RefusalFinding | None, today: Any
) -> Mapping[str, bool]:
    scope = queries.correction_scope(found)
    possible = {action for (state, action) in CORRECTION_TRANSITIONS if state == found.status}
    issues = allows(identity, Permission.CORRECTION_ISSUE, scope)
    waits = refusal is not None and refusal.status == RefusalStatus.FOUND
    confirmed = refusal is not None and refusal.status == RefusalStatus.CONFIRMED
    own = refusal is not None and refusal.found_by is not None and refusal.found_by == identity.person_id
    late = found.due_on is not None and found.due_on < today
    served = found.status not in fines.NOT_CLOSED_OFF
    return {
        "may_serve": issues and CorrectionAction.SERVE in possible,
        "may_report": CorrectionAction.REPORT in possible and allows(identity, Permission.MEASURE_REPLY, scope),
        "may_return": issues and CorrectionAction.RETURN in possible,
        "may_accept": issues and CorrectionAction.ACCEPT in possible and not waits,
        "may_extend": issues and CorrectionAction.EXTEND in possible and refusal is None,
        "may_refuse": issues and CorrectionAction.REFUSE in possible and late and refusal is None,
        "may_withdraw": issues and CorrectionAction.WITHDRAW in possible and refusal is None,
        "may_confirm": waits and not own and allows(identity, Permission.REFUSAL_CONFIRM, scope),
        "may_fine": issues and served and bool(thawed(found.basis).amounts) and (confirmed or not found.needs_refusal),
        "inside": issues or allows(identity, Permission.REFUSAL_CONFIRM, scope),
        "may_record": issues,
    }


def _serve(form: Form, held: dict[str, Any]) -> None:
    service = Service(on=form.served_on.data, how=ServiceMethod(str(form.how.data)), to=form.served_to.data)
    operations.serve_correction(db_session(), **held, service=service, calendar=WorkCalendar())


def _return(form: Form, held: dict[str, Any]) -> None:
    operations.return_report(db_session(), **held, reason=form.return_reason.data)


def _accept(form: Form, held: dict[str, Any]) -> None:
    operations.accept_correction(db_session(), **held, reason=form.finding.data)


def _extend(form: Form, held: dict[str, Any]) -> None:
    operations.extend_correction(db_session(), **held, due_on=form.due_on.data, reason=form.extend_reason.data)


def _refuse(form: Form, held: dict[str, Any]) -> None:
    fines.find_refusal(db_session(), **held, facts=form.facts.data)


def _withdraw(form: Form, held: dict[str, Any]) -> None:
    operations.withdraw_correction(db_session(), **held, reason=form.reason.data)


def _fine(form: Form, held: dict[str, Any]) -> None:
    draft = FineDraft(
        against=FineAgainst(str(form.against.data)),
        person_name=form.person_name.data or "",
        amount=form.amount.data,
        reasons=form.reasons.data,
    )
    fines.propose_fine(db_session(), **held, draft=draft)


PAGE = Page(
    named="correction_id",
    endpoint="measures.correction",
    get=queries.get_correction,
    scope=queries.correction_scope,
    handle=Permission.CORRECTION_ISSUE,
    acts={
        "serve": (ServeForm, _serve),
        "return": (ReturnForm, _return),
        "accept": (CloseForm, _accept),
        "extend": (ExtendForm, _extend),
        "refuse": (RefuseForm, _refuse),
        "withdraw": (WithdrawForm, _withdraw),
        "fine": (FineForm, _fine),
    },
    show=show_correction,
    answer="report",
    take_answer=operations.report_correction,
    answered=lazy_gettext("The report is recorded; the organ verifies it."),
)


@bp.post("/corrections/<uuid:correction_id>/<any(serve, return, accept, extend, refuse, withdraw, fine):action>")
@requires(Permission.CORRECTION_ISSUE)
def correction_act(correction_id: UUID, action: str) -> ResponseReturnValue:
    """What the police do with an order: serve, judge a report, extend, find refusal, propose a fine, take back."""
    return act_on(PAGE, correction_id, action)


@bp.post("/corrections/<uuid:correction_id>/report")
@requires(Permission.MEASURE_REPLY)
@accepts_upload(21 * MIB)
def correction_report(correction_id: UUID) -> ResponseReturnValue:
    """The unit reports that it has corrected, with proof."""
    return answer(PAGE, correction_id)


@bp.get("/corrections/<uuid:correction_id>/<any(order, refusal):which>.pdf")
@requires(Permission.MEASURE_READ)
def correction_paper(correction_id: UUID, which: str) -> ResponseReturnValue:
    """The order as it is served, or the confirmed finding of refusal."""
    session, identity, now = db_session(), current_identity(), utcnow()
    found = queries.get_correction(session, identity, correction_id)
    printed: dict[str, Any] = {"printed_by": identity.name, "now": now, "lang": str(get_locale())}
    if which == "order":
        return pdf(correction_pdf(found, **printed), f"correction-{found.id.hex[-8:]}")
    refusal = queries.refusal_of(session, found.id)
    if refusal is None or refusal.status != RefusalStatus.CONFIRMED:
        raise NotFound()
    return pdf(refusal_pdf(found, refusal, **printed), f"refusal-{found.id.hex[-8:]}")


@bp.get("/corrections/<uuid:correction_id>/report-file")
@requires(Permission.MEASURE_READ)
def correction_file(correction_id: UUID) -> ResponseReturnValue:
    """The proof that came with the report; opening it is recorded."""
    return file_of(PAGE, correction_id, "report_file_id")
