"""Suggested matches, decided by a person."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from portal.accounts.guards import current_identity, requires
from portal.accounts.permissions import Permission
from portal.core.clock import city_day, utcnow
from portal.core.errors import Invalid
from portal.mandates.forms import MatchForm, PartForm
from portal.mandates.operations import entries as operations
from portal.mandates.queries import register as queries
from portal.mandates.views.blueprint import bp, categories_in_force, category_names
from portal.mandates.views.register import show_entry
from portal.web.session import db_session

SHOWN = 50
AT_ONCE = 500


@bp.get("/mandates/matches")
@requires(Permission.MANDATE_EDIT)
def matches() -> ResponseReturnValue:
    """The surest suggestions side by side."""
    rows, count = queries.open_matches(db_session(), current_identity(), limit=SHOWN)
    return render_template(
        "mandates/matches.html",
        rows=rows,
        count=count,
        equal=sum(row.by_code for row in rows),
        names=category_names(categories_in_force(city_day(utcnow()))),
    )


@bp.post("/mandates/matches/<uuid:match_id>/<any(confirm, dismiss):verdict>")
@requires(Permission.MANDATE_EDIT)
def match_decide(match_id: UUID, verdict: str) -> ResponseReturnValue:
    """This unit is the place, or it is not."""
    match = operations.decide_match(
        db_session(), actor=current_identity(), match_id=match_id, confirmed=verdict == "confirm", now=utcnow()
    )
    flash(gettext("The match is confirmed.") if verdict == "confirm" else gettext("The suggestion is dismissed."), "ok")
    if request.form.get("then") == "entry":
        return redirect(url_for("mandates.entry", mandated_id=match.mandated_id), 303)
    return redirect(url_for("mandates.matches"), 303)


@bp.post("/mandates/matches/equal-codes")
@requires(Permission.MANDATE_EDIT)
def match_equal_codes() -> ResponseReturnValue:
    """Confirm every suggestion of the same credit code."""
    count = operations.confirm_equal_codes(db_session(), actor=current_identity(), limit=AT_ONCE, now=utcnow())
    flash(ngettext("%(num)d match is confirmed.", "%(num)d matches are confirmed.", count), "ok")
    return redirect(url_for("mandates.matches"), 303)


@bp.post("/mandates/<uuid:mandated_id>/match")
@requires(Permission.MANDATE_EDIT)
def entry_match(mandated_id: UUID) -> ResponseReturnValue:
    """Match by a code that a person knows."""
    form = MatchForm()
    if not form.validate():
        return show_entry(mandated_id, match=form, status=422)
    try:
        operations.match_by_code(
            db_session(), actor=current_identity(), mandated_id=mandated_id, uscc=form.uscc.data, now=utcnow()
        )
    except Invalid as refusal:
        form.take(refusal)
        return show_entry(mandated_id, match=form, status=422)
    flash(gettext("The match is confirmed."), "ok")
    return redirect(url_for("mandates.entry", mandated_id=mandated_id), 303)


@bp.post("/mandates/<uuid:mandated_id>/unmatch")
@requires(Permission.MANDATE_EDIT)
def entry_unmatch(mandated_id: UUID) -> ResponseReturnValue:
    """Undo a match."""
    form = PartForm()
    if not form.validate():
        return show_entry(mandated_id, unmatch=form, status=422)
    operations.undo_match(
        db_session(), actor=current_identity(), mandated_id=mandated_id, reason=form.reason.data, now=utcnow()
    )
    flash(gettext("The match is undone."), "ok")
    return redirect(url_for("mandates.entry", mandated_id=mandated_id), 303)
