"""What becomes of a filing after it was accepted: confirmed, moved, removed, its national number noted."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.accounts.guards import current_identity, requires
from portal.accounts.permissions import Permission
from portal.accounts.policy import require
from portal.core.clock import utcnow
from portal.core.errors import Invalid
from portal.core.geometry import lonlat
from portal.registry import operations, queries
from portal.registry.forms import ConfirmForm, MoveForm, NationalForm, ReasonForm
from portal.registry.views import filings
from portal.registry.views.blueprint import bp
from portal.regulation.calendar import WorkCalendar
from portal.web.session import db_session


@bp.post("/filings/<uuid:filing_id>/confirm")
@requires(Permission.FILING_SUBMIT)
def filing_confirm(filing_id: UUID) -> ResponseReturnValue:
    """The yearly word that everything filed is still true."""
    form = ConfirmForm()
    if not form.validate():
        return filings.show(filing_id, status=422)
    operations.confirm_filing(
        db_session(),
        actor=current_identity(),
        filing_id=filing_id,
        seen_version=form.version.seen,
        calendar=WorkCalendar(),
        now=utcnow(),
    )
    flash(gettext("Confirmed. The next confirmation is due in a year."), "ok")
    return redirect(url_for("registry.filing", filing_id=filing_id), 303)


@bp.post("/filings/<uuid:filing_id>/remove")
@requires(Permission.FILING_SUBMIT)
def filing_remove(filing_id: UUID) -> ResponseReturnValue:
    """Take a voluntary registration out of the register; where the law wants it kept, the article is told."""
    form = ReasonForm()
    if not form.validate():
        return filings.show(filing_id, filings.Typed(removal=form), status=422)
    try:
        operations.remove_filing(
            db_session(), actor=current_identity(), filing_id=filing_id, reason=form.reason.data, now=utcnow()
        )
    except operations.FilingRefused as refused:
        return filings.show(filing_id, filings.Typed(refused=[refused.why]), status=422)
    flash(gettext("The registration is removed."), "ok")
    return redirect(url_for("registry.filing", filing_id=filing_id), 303)


@bp.post("/filings/<uuid:filing_id>/national")
@requires(Permission.FILING_NUMBER)
def filing_national(filing_id: UUID) -> ResponseReturnValue:
    """Note the number that the national platform gave, or put it right."""
    form = NationalForm()
    if form.validate():
        try:
            operations.record_national(
                db_session(),
                actor=current_identity(),
                filing_id=filing_id,
                seen_version=form.version.seen,
                number=form.national_number.data,
                filed_on=form.national_filed_on.data,
                reason=form.reason.data or "",
                now=utcnow(),
            )
        except Invalid as refusal:
            form.take(refusal)
        else:
            flash(gettext("The national filing number is recorded."), "ok")
            return redirect(url_for("registry.filing", filing_id=filing_id), 303)
    return filings.show(filing_id, filings.Typed(national=form), status=422)


@bp.route("/systems/<uuid:system_id>/move", methods=["GET", "POST"])
@requires(Permission.SYSTEM_EDIT)
def system_move(system_id: UUID) -> ResponseReturnValue:
    """Move a filed system to another place."""
    session, identity = db_session(), current_identity()
    found = queries.get_system(session, identity, system_id)
    require(identity, Permission.SYSTEM_EDIT, queries.system_scope(found), read=Permission.SYSTEM_READ)
    lon, lat = (request.args.get(name, type=float) for name in ("lon", "lat"))
    place = (lon, lat) if lon is not None and lat is not None else None
    if place is None and found.position is not None:
        place = lonlat(found.position)
    form = MoveForm(data={"address": found.address, "position": place, "version": str(found.version)})
    if request.method == "POST" and form.validate():
        lon, lat = form.position.data
        try:
            filing = operations.move_system(
                session,
                actor=identity,
                system_id=system_id,
                seen_version=form.version.seen,
                address=form.address.data,
                lon=lon,
                lat=lat,
                reason=form.reason.data,
                calendar=WorkCalendar(),
                now=utcnow(),
            )
        except Invalid as refusal:
            form.take(refusal)
        else:
            flash(gettext("The move is recorded and a filing for the new place is begun. Submit it."), "ok")
            return redirect(url_for("registry.filing", filing_id=filing.id), 303)
    page = render_template("registry/system_move.html", form=form, system=found)
    return page, 422 if form.errors else 200
