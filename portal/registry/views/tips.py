"""Tip-offs as the competent organ handles them. The public's own pages stand in the public package."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.accounts.guards import current_identity, requires
from portal.accounts.permissions import Permission
from portal.core.clock import utcnow
from portal.core.errors import Invalid, NotFound
from portal.registry import operations
from portal.registry.forms.zones import CloseTipForm, ForwardTipForm
from portal.registry.labels.zones import REVIEW_STATUS, TIP_CATEGORY, TIP_OUTCOME, TIP_STATUS
from portal.registry.queries import reviews as review_queries
from portal.registry.queries.reviews import TipFilter
from portal.registry.states import TIP_TRANSITIONS, TipAction, TipStatus
from portal.registry.values.zones import TipCategory
from portal.registry.views.blueprint import bp
from portal.registry.views.units import district_choices
from portal.vault.queries import get_file
from portal.vault.serving import send_stored_file
from portal.web.links import asked
from portal.web.session import db_session, repeatable


@bp.get("/tip-offs")
@requires(Permission.TIP_OFF_HANDLE)
def tips() -> ResponseReturnValue:
    """Reports of the public within the reader's reach."""
    session, identity = db_session(), current_identity()
    status, category = request.args.get("status", ""), request.args.get("category", "")
    wanted = TipFilter(
        status=TipStatus(status) if status in set(TipStatus) else None,
        category=category if category in set(TipCategory) else "",
        district=asked("district", 6),
    )
    return render_template(
        "registry/tips.html",
        page=review_queries.tip_page(session, identity, wanted, after=request.args.get("after")),
        tally=review_queries.tip_tally(session, identity, wanted),
        wanted=wanted,
        tip_status=TIP_STATUS,
        tip_category=TIP_CATEGORY,
        districts=district_choices(),
    )


@bp.get("/tip-offs/<uuid:tip_off_id>")
@requires(Permission.TIP_OFF_HANDLE)
def tip(tip_off_id: UUID) -> ResponseReturnValue:
    """One report."""
    return _show(tip_off_id)


def _show(
    tip_off_id: UUID,
    *,
    closing: CloseTipForm | None = None,
    forwarding: ForwardTipForm | None = None,
    status: int = 200,
) -> tuple[str, int]:
    session, identity = db_session(), current_identity()
    found = review_queries.get_tip(session, identity, tip_off_id)
    possible = {action for state, action in TIP_TRANSITIONS if state == found.status}
    version = {"version": str(found.version)}
    forward = forwarding or ForwardTipForm(data=version)
    forward.district.choices = [one for one in district_choices() if one[0] != found.district]
    html = render_template(
        "registry/tip.html",
        tip=found,
        review=review_queries.review_of_tip(session, found.id),
        review_status=REVIEW_STATUS,
        tip_status=TIP_STATUS,
        tip_category=TIP_CATEGORY,
        tip_outcome=TIP_OUTCOME,
        closing=closing or CloseTipForm(data=version),
        forwarding=forward,
        may_take=TipAction.TAKE in possible,
        may_close=TipAction.CLOSE in possible,
        may_forward=TipAction.FORWARD in possible,
    )
    return html, status


@bp.post("/tip-offs/<uuid:tip_off_id>/take")
@requires(Permission.TIP_OFF_HANDLE)
def tip_take(tip_off_id: UUID) -> ResponseReturnValue:
    """Take a report in hand."""
    session, identity = db_session(), current_identity()
    found = review_queries.get_tip(session, identity, tip_off_id)
    operations.take_tip(session, actor=identity, tip_off_id=tip_off_id, seen_version=found.version, now=utcnow())
    flash(gettext("The report is in hand."), "ok")
    return redirect(url_for("registry.tip", tip_off_id=tip_off_id), 303)


@bp.post("/tip-offs/<uuid:tip_off_id>/forward")
@requires(Permission.TIP_OFF_HANDLE)
def tip_forward(tip_off_id: UUID) -> ResponseReturnValue:
    """Hand a report to the organ of the district where the place lies."""
    session, identity = db_session(), current_identity()
    review_queries.get_tip(session, identity, tip_off_id)
    form = ForwardTipForm()
    form.district.choices = district_choices()
    if not form.validate():
        return _show(tip_off_id, forwarding=form, status=422)
    try:
        operations.forward_tip(
            session,
            actor=identity,
            tip_off_id=tip_off_id,
            seen_version=form.version.seen,
            district=str(form.district.data),
            now=utcnow(),
        )
    except Invalid as refusal:
        form.take(refusal)
        return _show(tip_off_id, forwarding=form, status=422)
    flash(gettext("The report is handed on."), "ok")
    return redirect(url_for("registry.tips"), 303)


@bp.post("/tip-offs/<uuid:tip_off_id>/close")
@requires(Permission.TIP_OFF_HANDLE)
def tip_close(tip_off_id: UUID) -> ResponseReturnValue:
    """Close a report with its answer."""
    session, identity = db_session(), current_identity()
    review_queries.get_tip(session, identity, tip_off_id)
    form = CloseTipForm()
    if not form.validate():
        return _show(tip_off_id, closing=form, status=422)
    operations.close_tip(
        session,
        actor=identity,
        tip_off_id=tip_off_id,
        seen_version=form.version.seen,
        outcome=form.chosen(),
        answer=form.answer.data,
        now=utcnow(),
    )
    flash(gettext("The report is closed."), "ok")
    return redirect(url_for("registry.tip", tip_off_id=tip_off_id), 303)


@bp.post("/tip-offs/<uuid:tip_off_id>/contact")
@requires(Permission.TIP_OFF_HANDLE)
@repeatable("shows what is sealed: the answer must not be kept in the open; every look is recorded anew")
def tip_contact(tip_off_id: UUID) -> ResponseReturnValue:
    """Show the contact that was left; the look is recorded before it is shown."""
    number = operations.reveal_tip_contact(db_session(), actor=current_identity(), tip_off_id=tip_off_id, now=utcnow())
    return render_template("registry/_phone.html", number=number)


@bp.get("/tip-offs/<uuid:tip_off_id>/photo")
@requires(Permission.TIP_OFF_HANDLE)
def tip_photo(tip_off_id: UUID) -> ResponseReturnValue:
    """The photo that came with a report."""
    session = db_session()
    found = review_queries.get_tip(session, current_identity(), tip_off_id)
    if found.photo_file_id is None:
        raise NotFound()
    operations.note_tip_photo(session, actor=current_identity(), tip=found, now=utcnow())
    return send_stored_file(session, get_file(session, found.photo_file_id))
