"""A routine visit of a plan: begun, its list filled in on site with photos, judged, closed or called off."""

from collections.abc import Mapping
from typing import Any, BinaryIO, cast
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from portal.accounts.guards import current_identity, requires
from portal.accounts.permissions import Permission
from portal.accounts.policy import allows, require
from portal.core.clock import city_day, utcnow
from portal.core.db import undone_if_refused
from portal.core.errors import Invalid, NotFound, Problem
from portal.inspection.forms import AnswersForm, read_answers
from portal.inspection.labels import FINDING_STATUS, SEVERITY
from portal.inspection.rules import answers_in, judge, shown_items
from portal.inspection.views.checklist import at_item, list_parts
from portal.measures.forms import BeginForm, DoneForm, EndForm
from portal.measures.labels import FACTOR, PLANNED_STATUS, ROUTINE_RESULT
from portal.measures.models import PlannedVisit
from portal.measures.operations import plans as planning
from portal.measures.operations import routine as operations
from portal.measures.queries.plans import get_plan, get_planned, visit_scope
from portal.measures.queries.routine import findings_of_visit, photos_of_planned, visitors_of
from portal.measures.states import TO_VISIT, PlannedAction, PlannedStatus
from portal.measures.views.blueprint import bp
from portal.vault.operations import store_upload
from portal.vault.queries import get_file
from portal.vault.serving import send_stored_file
from portal.vault.values import MIB, FileKind
from portal.web.problems import say
from portal.web.security import accepts_upload
from portal.web.session import db_session

Form = Any
AT = "/supervision/<uuid:plan_id>/visits/<uuid:visit_id>"


def _visit(plan_id: UUID, visit_id: UUID) -> PlannedVisit:
    """A visit of the plan that the address names. Raises NotFound."""
    session, identity = db_session(), current_identity()
    get_plan(session, identity, plan_id)
    visit = get_planned(session, identity, visit_id)
    if visit.plan_id != plan_id:
        raise NotFound()
    return visit


def _kept(plan_id: UUID, visit_id: UUID) -> PlannedVisit:
    """The same, for whoever keeps the plan. Raises NotAllowed for its other readers."""
    visit = _visit(plan_id, visit_id)
    require(current_identity(), Permission.PLAN_KEEP, visit_scope(visit), read=Permission.PLAN_READ)
    return visit


@bp.get(AT)
@requires(Permission.PLAN_READ)
def plan_visit(plan_id: UUID, visit_id: UUID) -> ResponseReturnValue:
    """One planned visit: why this unit, how far its list is, what was found."""
    return _show(plan_id, visit_id)


def _show(plan_id: UUID, visit_id: UUID, *, status: int = 200, **refused: Form) -> ResponseReturnValue:
    session, identity, today = db_session(), current_identity(), city_day(utcnow())
    visit = _visit(plan_id, visit_id)
    version = {"version": str(visit.version)}
    forms: dict[str, Form] = {
        "begin": BeginForm(formdata=None, data={**version, "inspectors": [str(identity.person_id)]}),
        "carry_out": DoneForm(formdata=None, data={**version, "done_on": today}),
        "end": EndForm(formdata=None, data=version),
        **refused,
    }
    may_keep = allows(identity, Permission.PLAN_KEEP, visit_scope(visit))
    if may_keep and visit.status == PlannedStatus.PLANNED:
        _offer_visitors(forms["begin"], visit)
    page = render_template(
        "measures/planned_visit.html",
        plan=get_plan(session, identity, plan_id),
        visit=visit,
        forms=forms,
        statuses=PLANNED_STATUS,
        results=ROUTINE_RESULT,
        factors=FACTOR,
        findings=findings_of_visit(session, visit),
        finding_status=FINDING_STATUS,
        severities=SEVERITY,
        photos=photos_of_planned(session, visit.id) if visit.checklist and may_keep else {},
        at={"plan_id": plan_id, "visit_id": visit_id},
        today=today,
        to_visit=TO_VISIT,
        may_keep=may_keep,
        **_filled(visit),
    )
    return page, status


def _filled(visit: PlannedVisit) -> Mapping[str, Any]:
    """How far the list of a visit is, and what it comes to."""
    if not visit.checklist:
        return {"frozen": None}
    frozen, answers = operations.frozen_of(visit), answers_in(visit.answers)
    outcome = judge(frozen, answers)
    shown = shown_items(frozen.checklist, answers)
    return {
        "frozen": frozen,
        "outcome": outcome,
        "judged": len(shown) - len(outcome.unanswered),
        "asked": len(shown),
        "items": {item.key: item for item in frozen.checklist.items},
        "lacking": operations.proofs_lacking(db_session(), visit),
    }


def _offer_visitors(form: Form, visit: PlannedVisit) -> None:
    people = visitors_of(db_session(), visit.organ_id, today=city_day(utcnow()))
    form.inspectors.choices = [(str(key), name) for key, name in people]


def _begin(form: Form, held: dict[str, Any]) -> None:
    operations.begin_visit(db_session(), **held, inspectors=[UUID(str(key)) for key in form.inspectors.data or ()])


def _carry_out(form: Form, held: dict[str, Any]) -> None:
    operations.carry_out_visit(db_session(), **held, done_on=form.done_on.data, remark=form.remark.data or "")


def _end(form: Form, held: dict[str, Any], *, waits: bool) -> None:
    action = PlannedAction.CANCEL if waits else PlannedAction.CLOSE
    planning.end_visit(db_session(), **held, action=action, reason=form.reason.data)


@bp.post(f"{AT}/<any(begin, carry_out, end):action>")
@requires(Permission.PLAN_KEEP)
def plan_visit_act(plan_id: UUID, visit_id: UUID, action: str) -> ResponseReturnValue:
    """Go there; end the visit with what its list comes to; close it, or call it off."""
    visit = _kept(plan_id, visit_id)
    form: Form = {"begin": BeginForm, "carry_out": DoneForm, "end": EndForm}[action]()
    if action == "begin":
        _offer_visitors(form, visit)
    if form.validate():
        named = {"actor": current_identity(), "visit_id": visit_id, "seen_version": form.version.seen, "now": utcnow()}
        try:
            if action == "begin":
                _begin(form, named)
            elif action == "carry_out":
                _carry_out(form, named)
            else:
                _end(form, named, waits=visit.status in TO_VISIT)
        except Invalid as refusal:
            form.take(_in_words(refusal, visit))
        else:
            flash(gettext("Recorded."), "ok")
            endpoint = "measures.plan_visit_list" if action == "begin" else "measures.plan_visit"
            return redirect(url_for(endpoint, plan_id=plan_id, visit_id=visit_id), 303)
    return _show(plan_id, visit_id, status=422, **{action: form})


def _in_words(refusal: Invalid, visit: PlannedVisit) -> Invalid:
    """What the list still lacks stands at no field of this form: it is said as a whole."""
    if not visit.checklist:
        return refusal
    known = {item.key for item in operations.frozen_of(visit).checklist.items}
    own = [each for each in refusal.problems if each.field.rsplit("-", 1)[0] not in known]
    return Invalid(own if len(own) == len(refusal.problems) else [*own, Problem("", "list_incomplete")])


@bp.route(f"{AT}/list", methods=["GET", "POST"])
@requires(Permission.PLAN_KEEP)
def plan_visit_list(plan_id: UUID, visit_id: UUID) -> ResponseReturnValue:
    """The list on site: what is judged is saved, what is left open stays open."""
    session, visit = db_session(), _kept(plan_id, visit_id)
    if visit.status != PlannedStatus.UNDER_WAY:
        raise NotFound()
    frozen, answers = operations.frozen_of(visit), answers_in(visit.answers)
    problems: dict[str, str] = {}
    form = AnswersForm()
    if request.method == "POST" and form.validate():
        try:
            given = read_answers(frozen.checklist, request.form)
            operations.answer_list(session, actor=current_identity(), visit_id=visit_id, answers=given, now=utcnow())
        except Invalid as refusal:
            problems = {problem.field: say(problem) for problem in refusal.problems}
        else:
            flash(ngettext("%(num)s item is saved.", "%(num)s items are saved.", len(given)), "ok")
            endpoint = "measures.plan_visit" if form.then.data == "back" else "measures.plan_visit_list"
            return redirect(url_for(endpoint, plan_id=plan_id, visit_id=visit_id), 303)
    page = render_template(
        "measures/visit_list.html",
        plan_id=plan_id,
        visit=visit,
        answers=answers,
        onsite=True,
        photo_at=_photo_at(plan_id, visit_id),
        photos=photos_of_planned(session, visit.id),
        lacking={problem.field: say(problem) for problem in operations.proofs_lacking(session, visit)},
        **list_parts(frozen, answers, request.form),
        problems=problems,
        summary=[(field, at_item(frozen, field, text)) for field, text in problems.items()],
    )
    return page, 422 if problems else 200


def _photo_at(plan_id: UUID, visit_id: UUID) -> dict[str, Any]:
    ends = {"show": "", "add": "_add", "remove": "_remove"}
    pages = {name: f"measures.plan_visit_photo{end}" for name, end in ends.items()}
    return {**pages, "of": {"plan_id": plan_id, "visit_id": visit_id}}


@bp.post(f"{AT}/photos/<item>")
@requires(Permission.PLAN_KEEP)
@accepts_upload(21 * MIB)
def plan_visit_photo_add(plan_id: UUID, visit_id: UUID, item: str) -> ResponseReturnValue:
    """Keep one photo; the answer is the item's photos, put into the page without touching what is typed there."""
    _kept(plan_id, visit_id)
    session, identity, now = db_session(), current_identity(), utcnow()
    upload = request.files.get("photo")
    try:
        with undone_if_refused(session):
            visit = operations.visit_to_photograph(session, actor=identity, visit_id=visit_id, item=item)
            if upload is None or not upload.filename:
                raise Invalid([Problem("photo", "required")])
            stored = store_upload(
                session,
                actor=identity.actor,
                stream=cast(BinaryIO, upload.stream),
                filename=upload.filename,
                kind=FileKind.PHOTO,
                unit_id=visit.unit_id,
                district=visit.district,
                organ_id=visit.organ_id,
                field="photo",
                now=now,
            )
            operations.attach_photo(session, actor=identity, visit=visit, item=item, stored=stored, now=now)
    except Invalid as refusal:
        return _photos(plan_id, visit_id, item, fault=say(refusal.problems[0])), 422
    return _photos(plan_id, visit_id, item)


@bp.post(f"{AT}/photos/<uuid:photo_id>/remove")
@requires(Permission.PLAN_KEEP)
def plan_visit_photo_remove(plan_id: UUID, visit_id: UUID, photo_id: UUID) -> ResponseReturnValue:
    """Take a photo off again."""
    _kept(plan_id, visit_id)
    item = operations.remove_photo(
        db_session(), actor=current_identity(), visit_id=visit_id, photo_id=photo_id, now=utcnow()
    )
    return _photos(plan_id, visit_id, item)


@bp.get(f"{AT}/photos/<uuid:photo_id>")
@requires(Permission.PLAN_KEEP)
def plan_visit_photo(plan_id: UUID, visit_id: UUID, photo_id: UUID) -> ResponseReturnValue:
    """Open a photo."""
    _kept(plan_id, visit_id)
    session = db_session()
    stored = operations.photo_to_show(
        session, actor=current_identity(), visit_id=visit_id, photo_id=photo_id, now=utcnow()
    )
    return send_stored_file(session, get_file(session, stored))


def _photos(plan_id: UUID, visit_id: UUID, item: str, fault: str = "") -> str:
    photos = photos_of_planned(db_session(), visit_id).get(item, ())
    return render_template(
        "inspection/_photos.html", photo_at=_photo_at(plan_id, visit_id), item_key=item, photos=photos, fault=fault
    )
