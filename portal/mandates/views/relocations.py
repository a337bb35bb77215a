"""REG-08: relocation orders, and moves of public cameras without one."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.accounts.guards import current_identity, requires
from portal.accounts.permissions import Permission
from portal.accounts.policy import allows, may_ever, require
from portal.core.clock import city_day, utcnow
from portal.core.errors import Invalid, Problem
from portal.core.geometry import distance_m, lonlat
from portal.mandates.forms import CancelForm, CarryOutForm, DecideForm, ExplainForm, RelocationForm
from portal.mandates.labels import RELOCATION_ACTS, RELOCATION_KIND, RELOCATION_STATUS
from portal.mandates.models import RelocationOrder
from portal.mandates.operations import relocations as operations
from portal.mandates.queries import projects as queries
from portal.mandates.states import RELOCATION_TRANSITIONS, RelocationAction, RelocationStatus
from portal.mandates.values import RelocationKind, RelocationParticulars
from portal.mandates.views.blueprint import bp, district_choices
from portal.registry.course import course_of
from portal.registry.queries import get_system, system_scope
from portal.web.links import asked
from portal.web.session import db_session
from portal.web.widgets import plain

SHOWN_CAMERAS = 60
SHOWN_MOVES = 100


@bp.get("/relocations")
@requires(Permission.PROJECT_READ)
def relocation_list() -> ResponseReturnValue:
    """Relocation orders; the statuses are the filter. Moves without an order stand above them."""
    session, identity = db_session(), current_identity()
    status = request.args.get("status", "")
    wanted = queries.RelocationFilter(
        status=RelocationStatus(status) if status in set(RelocationStatus) else None, district=asked("district", 6)
    )
    moves, count = queries.open_moves(session, identity, limit=SHOWN_MOVES)
    return render_template(
        "mandates/relocations.html",
        page=queries.relocation_page(session, identity, wanted, after=request.args.get("after")),
        tally=queries.relocation_tally(session, identity),
        wanted=wanted,
        statuses=RELOCATION_STATUS,
        kinds=RELOCATION_KIND,
        districts=district_choices(),
        moves=moves,
        move_count=count,
        may_explain=may_ever(identity, Permission.PROJECT_EDIT),
        explain_form=ExplainForm(formdata=None),
    )


@bp.route("/systems/<uuid:system_id>/relocation", methods=["GET", "POST"])
@requires(Permission.PROJECT_EDIT)
def relocation_new(system_id: UUID) -> ResponseReturnValue:
    """Propose new positions for cameras of a public system."""
    session, identity, now = db_session(), current_identity(), utcnow()
    system = get_system(session, identity, system_id)
    require(identity, Permission.PROJECT_EDIT, system_scope(system), read=Permission.SYSTEM_READ)
    form = RelocationForm()
    typed = {name.removeprefix("place-"): text for name, text in request.form.items() if name.startswith("place-")}
    if request.method == "POST" and form.validate():
        try:
            order = operations.propose_relocation(
                session, actor=identity, particulars=_particulars(form), places=_places(typed), now=now
            )
        except Invalid as refusal:
            form.take(refusal)
        else:
            flash(gettext("The relocation is proposed and waits for approval."), "ok")
            return redirect(url_for("mandates.relocation", relocation_id=order.id), 303)
    cameras = queries.public_cameras(session, identity, system_id, keyword=asked("q"), limit=SHOWN_CAMERAS)
    page = render_template(
        "mandates/relocation_form.html",
        form=form,
        system=system,
        public=system.kind == "public",
        cameras=[(camera, lonlat(camera.position)) for camera in cameras],
        typed=typed,
        keyword=asked("q"),
    )
    return page, 422 if form.problems() else 200


def _particulars(form: RelocationForm) -> RelocationParticulars:
    return RelocationParticulars(
        kind=RelocationKind(str(form.kind.data)),
        cause=form.cause.data,
        cause_number=form.cause_number.data or "",
        cost=form.cost.data,
        payer=form.payer.data,
        planned_on=form.planned_on.data,
        note=form.note.data or "",
    )


def _places(typed: Mapping[str, str]) -> Mapping[UUID, tuple[float, float]]:
    """The cameras with a new position. Raises Invalid for one that cannot be read or lies nowhere near the city."""
    places = {}
    for key, text in list(typed.items())[: SHOWN_CAMERAS * 2]:
        written = plain(text[:60])
        if not written:
            continue
        try:
            lon, lat = (float(piece) for piece in written.replace("，", ",").split(","))
            camera = UUID(key)
        except ValueError:
            raise Invalid([Problem("cameras", "place_unreadable", {"text": written})]) from None
        if not (113 < lon < 116 and 35 < lat < 37):
            raise Invalid([Problem("cameras", "place_unreadable", {"text": written})])
        places[camera] = (lon, lat)
    return places


@bp.get("/relocations/<uuid:relocation_id>")
@requires(Permission.PROJECT_READ)
def relocation(relocation_id: UUID) -> ResponseReturnValue:
    """One relocation order."""
    return _show(relocation_id)


def _show(
    relocation_id: UUID,
    *,
    decide: DecideForm | None = None,
    carry: CarryOutForm | None = None,
    cancel: CancelForm | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    session, identity, today = db_session(), current_identity(), city_day(utcnow())
    found = queries.get_relocation(session, identity, relocation_id)
    version = {"version": str(found.version)}
    lines = [(line, lonlat(line.old_position), lonlat(line.new_position)) for line in found.cameras]
    page = render_template(
        "mandates/relocation.html",
        order=found,
        status=RELOCATION_STATUS[RelocationStatus(found.status)],
        kind=RELOCATION_KIND[RelocationKind(found.kind)],
        lines=[(line, old, new, round(distance_m(old, new))) for line, old, new in lines],
        course=course_of(session, "relocation_order", found.id, kinds=RELOCATION_ACTS),
        decide_form=decide or DecideForm(data=version),
        carry_form=carry or CarryOutForm(data={**version, "done_on": today}),
        cancel_form=cancel or CancelForm(data=version),
        **_next_steps(identity, found),
    )
    return page, status


def _next_steps(identity: Any, found: RelocationOrder) -> Mapping[str, bool]:
    scope = queries.place_of(found)
    possible = {action for (state, action) in RELOCATION_TRANSITIONS if state == found.status}
    edits = allows(identity, Permission.PROJECT_EDIT, scope)
    own = found.proposed_by is not None and found.proposed_by == identity.person_id
    decides = allows(identity, Permission.RELOCATION_DECIDE, scope)
    return {
        "may_decide": decides and not own and RelocationAction.APPROVE in possible,
        "may_carry_out": edits and RelocationAction.CARRY_OUT in possible,
        "may_cancel": edits and RelocationAction.CANCEL in possible,
    }


@bp.post("/relocations/<uuid:relocation_id>/decide")
@requires(Permission.RELOCATION_DECIDE)
def relocation_decide(relocation_id: UUID) -> ResponseReturnValue:
    """Approve or refuse."""
    form = DecideForm()
    if not form.validate():
        return _show(relocation_id, decide=form, status=422)
    operations.decide_relocation(
        db_session(),
        actor=current_identity(),
        relocation_id=relocation_id,
        seen_version=form.version.seen,
        approved=form.verdict.data == "approve",
        opinion=form.note.data,
        now=utcnow(),
    )
    flash(gettext("The decision is recorded."), "ok")
    return redirect(url_for("mandates.relocation", relocation_id=relocation_id), 303)


@bp.post("/relocations/<uuid:relocation_id>/carry-out")
@requires(Permission.PROJECT_EDIT)
def relocation_carry_out(relocation_id: UUID) -> ResponseReturnValue:
    """The cameras hang at their new places."""
    form = CarryOutForm()
    if form.validate():
        try:
            operations.carry_out_relocation(
                db_session(),
                actor=current_identity(),
                relocation_id=relocation_id,
                seen_version=form.version.seen,
                done_on=form.done_on.data,
                now=utcnow(),
            )
        except Invalid as refusal:
            form.take(refusal)
        else:
            flash(gettext("The cameras stand at their new positions."), "ok")
            return redirect(url_for("mandates.relocation", relocation_id=relocation_id), 303)
    return _show(relocation_id, carry=form, status=422)


@bp.post("/relocations/<uuid:relocation_id>/cancel")
@requires(Permission.PROJECT_EDIT)
def relocation_cancel(relocation_id: UUID) -> ResponseReturnValue:
    """It is not to happen."""
    form = CancelForm()
    if not form.validate():
        return _show(relocation_id, cancel=form, status=422)
    operations.cancel_relocation(
        db_session(),
        actor=current_identity(),
        relocation_id=relocation_id,
        seen_version=form.version.seen,
        reason=form.reason.data,
        now=utcnow(),
    )
    flash(gettext("The relocation is cancelled."), "ok")
    return redirect(url_for("mandates.relocation", relocation_id=relocation_id), 303)


@bp.post("/moves/<uuid:move_id>/explain")
@requires(Permission.PROJECT_EDIT)
def move_explain(move_id: UUID) -> ResponseReturnValue:
    """Say what was found about a move that nobody ordered."""
    form = ExplainForm()
    queries.get_move(db_session(), current_identity(), move_id)
    if not form.validate():
        flash(gettext("Write what was found."), "bad")
        return redirect(url_for("mandates.relocation_list"), 303)
    operations.explain_move(
        db_session(),
        actor=current_identity(),
        move_id=move_id,
        explanation=form.explanation.data,
        now=utcnow(),
    )
    flash(gettext("The move is explained; it stays on record."), "ok")
    return redirect(url_for("mandates.relocation_list"), 303)
