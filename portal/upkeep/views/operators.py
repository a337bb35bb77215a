"""The list of operators: list with those who opened footage off it, appoint, one, the printed list."""

from collections.abc import Mapping
from uuid import UUID

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale, gettext

from portal.accounts.guards import current_identity, requires
from portal.accounts.permissions import Permission
from portal.accounts.policy import allows, require
from portal.core.clock import city_day, utcnow
from portal.core.errors import Invalid
from portal.registry.course import course_of
from portal.registry.operations.recording import about, note
from portal.registry.queries import get_unit, unit_scope
from portal.registry.rules import rules_for
from portal.regulation.schema.keys import RuleKey
from portal.upkeep import forms, values
from portal.upkeep.labels import OPERATOR_ACTS
from portal.upkeep.operations import operators as writing
from portal.upkeep.queries import operators as queries
from portal.upkeep.queries.places import book_scope, homes, people_of
from portal.upkeep.rules import look_back
from portal.upkeep.values import OperatorDraft
from portal.upkeep.views.acting import Act, Form, blank, perform
from portal.upkeep.views.blueprint import bp
from portal.upkeep.views.printing import operators_pdf
from portal.web.links import asked
from portal.web.session import db_session

ACTS: Mapping[str, Act] = {
    "train": Act(
        form=forms.TrainedForm,
        operation=writing.record_training,
        arguments={"trained_on": "day_trained", "pledged_on": "day_pledged"},
        today=("day_trained", "day_pledged"),
    ),
    "strike": Act(form=forms.StrikeForm, operation=writing.strike_off, arguments={"reason": "strike_reason"}),
}


@bp.get("/books/operators")
@requires(Permission.BOOK_READ)
def operators() -> ResponseReturnValue:
    """Who may operate, and who opened footage without standing on the list."""
    session, identity, now = db_session(), current_identity(), utcnow()
    only, today = request.args.get("only", ""), city_day(now)
    wanted = queries.OperatorFilter(
        keyword=asked("q"), lacking=only == "lacking", left=only == "left", ended=only == "ended"
    )
    return render_template(
        "upkeep/operators.html",
        page=queries.operator_page(session, identity, wanted, today=today, after=request.args.get("after")),
        counts=queries.operator_counts(session, identity, today=today),
        strangers=queries.opened_unlisted(session, identity, now=now),
        wanted=wanted,
        days=look_back(now).days,
        only=only if only in ("lacking", "left", "ended") else "",
        homes=homes(session, identity, Permission.BOOK_KEEP),
        prints=homes(session, identity, Permission.BOOK_READ),
    )


@bp.route("/units/<uuid:unit_id>/operators/new", methods=["GET", "POST"])
@requires(Permission.BOOK_KEEP)
def operator_new(unit_id: UUID) -> ResponseReturnValue:
    """Put somebody on the list."""
    session, identity, now = db_session(), current_identity(), utcnow()
    unit = get_unit(session, identity, unit_id)
    require(identity, Permission.BOOK_KEEP, unit_scope(unit), read=Permission.UNIT_READ)
    form = forms.OperatorForm(data={"appointed_on": city_day(now)})
    form.person_id.choices = [(str(key), name) for key, name in people_of(session, unit.id, today=city_day(now))]
    if request.method == "POST" and form.validate():
        draft = OperatorDraft(
            person_id=UUID(str(form.person_id.data)),
            professional=bool(form.professional.data),
            appointed_on=form.appointed_on.data,
            trained_on=form.trained_on.data,
            pledged_on=form.pledged_on.data,
        )
        try:
            made = writing.appoint(session, actor=identity, unit_id=unit.id, draft=draft, now=now)
        except Invalid as refusal:
            form.take(refusal)
        else:
            flash(gettext("Recorded."), "ok")
            return redirect(url_for("upkeep.operator", operator_id=made.id), 303)
    cited = rules_for(unit, None, on=city_day(now)).citations(RuleKey.PEOPLE_LISTED_OPERATORS_ONLY)
    page = render_template("upkeep/operator_form.html", form=form, unit=unit, cited=cited)
    return page, 422 if form.problems() else 200


@bp.get("/books/operators/<uuid:operator_id>")
@requires(Permission.BOOK_READ)
def operator(operator_id: UUID) -> ResponseReturnValue:
    """One entry of the list."""
    return _show(operator_id)


@bp.post("/books/operators/<uuid:operator_id>/<any(train, strike):action>")
@requires(Permission.BOOK_KEEP)
def operator_act(operator_id: UUID, action: str) -> ResponseReturnValue:
    """Trained and pledged, or struck off."""
    found = queries.get_operator(db_session(), current_identity(), operator_id)
    require(current_identity(), Permission.BOOK_KEEP, book_scope(found), read=Permission.BOOK_READ)
    return perform(
        ACTS[action],
        ACTS[action].form(),
        key={"operator_id": operator_id},
        done=url_for("upkeep.operator", operator_id=operator_id),
        again=lambda refused: _show(operator_id, status=422, **{action: refused}),
    )


def _show(operator_id: UUID, *, status: int = 200, **refused: Form) -> ResponseReturnValue:
    session, identity, today = db_session(), current_identity(), city_day(utcnow())
    found = queries.get_operator(session, identity, operator_id)
    rules = rules_for(found.unit, None, on=today)
    page = render_template(
        "upkeep/operator.html",
        row=found,
        here=found.person_id in dict(people_of(session, found.unit_id, today=today)),
        cited=rules.citations(RuleKey.PEOPLE_LISTED_OPERATORS_ONLY),
        course=course_of(session, "operator", found.id, kinds=OPERATOR_ACTS),
        forms={**{name: blank(act, found.version, today) for name, act in ACTS.items()}, **refused},
        opened=next(iter(refused), ""),
        may_keep=found.ended_on is None and allows(identity, Permission.BOOK_KEEP, book_scope(found)),
    )
    return page, status


@bp.get("/units/<uuid:unit_id>/operators.pdf")
@requires(Permission.BOOK_READ)
def operator_book(unit_id: UUID) -> ResponseReturnValue:
    """The list of one unit on paper; that it was printed is recorded."""
    session, identity, now = db_session(), current_identity(), utcnow()
    unit = get_unit(session, identity, unit_id)
    require(identity, Permission.BOOK_READ, unit_scope(unit), read=Permission.UNIT_READ)
    note(session, identity, values.BOOK_PRINTED, about(unit), unit, reason="operator", now=now)
    rows = queries.operator_book(session, identity, unit.id)
    body = operators_pdf(unit, rows, printed_by=identity.name, now=now, lang=str(get_locale()))
    heads = {"Content-Disposition": f'attachment; filename="operators-{unit.id.hex[-8:]}.pdf"'}
    return Response(body, content_type="application/pdf", headers=heads)
