"""Draws: the organ's list, committing, revealing, whom a sample names."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.accounts.guards import current_identity, requires
from portal.accounts.permissions import Permission
from portal.accounts.policy import allows, may_ever, require
from portal.core.clock import city_day, utcnow
from portal.core.errors import Invalid
from portal.measures.forms import DrawForm, RevealForm
from portal.measures.labels import DRAW_KIND, DRAW_STATUS
from portal.measures.operations import draws as operations
from portal.measures.queries import draws as queries
from portal.measures.states import DrawStatus
from portal.measures.values import DrawDraft, DrawKind
from portal.measures.views.blueprint import bp
from portal.web.session import db_session


@bp.get("/draws")
@requires(Permission.DRAW_READ)
def draws() -> ResponseReturnValue:
    """The organ's draws."""
    identity = current_identity()
    return render_template(
        "measures/draws.html",
        page=queries.draw_page(db_session(), identity, after=request.args.get("after")),
        kinds=DRAW_KIND,
        statuses=DRAW_STATUS,
        today=city_day(utcnow()),
        may_make=may_ever(identity, Permission.DRAW_MAKE),
    )


@bp.route("/draws/new", methods=["GET", "POST"])
@requires(Permission.DRAW_MAKE)
def draw_new() -> ResponseReturnValue:
    """Commit to a draw: from then on neither seed nor population can be changed."""
    form = DrawForm()
    if request.method == "POST" and form.validate():
        draft = DrawDraft(
            kind=DrawKind(str(form.kind.data)),
            title=form.title.data,
            sample_size=form.sample_size.data,
            period_from=form.period_from.data,
            period_to=form.period_to.data,
            entropy_source=form.entropy_source.data,
            entropy_on=form.entropy_on.data,
        )
        try:
            made = operations.commit_draw(db_session(), actor=current_identity(), draft=draft, now=utcnow())
        except Invalid as refusal:
            form.take(refusal)
        else:
            flash(gettext("The draw is committed to; its population is frozen and published."), "ok")
            return redirect(url_for("measures.draw", draw_id=made.id), 303)
    return render_template("measures/draw_form.html", form=form), 422 if form.problems() else 200


@bp.get("/draws/<uuid:draw_id>")
@requires(Permission.DRAW_READ)
def draw(draw_id: UUID) -> ResponseReturnValue:
    """One draw, with whom its sample names."""
    return _show(draw_id)


def _show(draw_id: UUID, *, form: RevealForm | None = None, status: int = 200) -> ResponseReturnValue:
    session, identity, today = db_session(), current_identity(), city_day(utcnow())
    found = queries.get_draw(session, identity, draw_id)
    waits = found.status == DrawStatus.COMMITTED
    page = render_template(
        "measures/draw.html",
        draw=found,
        kinds=DRAW_KIND,
        status=DRAW_STATUS[DrawStatus(found.status)],
        sample=queries.sample_of(session, found),
        form=form or RevealForm(formdata=None),
        waits=waits,
        may_reveal=waits and found.period_from <= today and allows(identity, Permission.DRAW_MAKE, queries.draw_scope(found)),
        today=today,
    )  # fmt: skip
    return page, status


@bp.post("/draws/<uuid:draw_id>/reveal")
@requires(Permission.DRAW_MAKE)
def draw_reveal(draw_id: UUID) -> ResponseReturnValue:
    """Reveal the seed and draw."""
    session, identity = db_session(), current_identity()
    found = queries.get_draw(session, identity, draw_id)
    require(identity, Permission.DRAW_MAKE, queries.draw_scope(found), read=Permission.DRAW_READ)
    form = RevealForm()
    if form.validate():
        try:
            operations.reveal_draw(session, actor=identity, draw_id=draw_id, entropy=form.entropy.data, now=utcnow())
        except Invalid as refusal:
            form.take(refusal)
        else:
            flash(gettext("The seed is revealed and the sample drawn; anybody can draw it again."), "ok")
            return redirect(url_for("measures.draw", draw_id=draw_id), 303)
    return _show(draw_id, form=form, status=422)
