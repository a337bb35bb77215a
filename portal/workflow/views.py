"""Delegations of posts: who stands in for whom, made and revoked. Features put the chains themselves into their pages."""

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from portal.accounts.guards import current_identity, requires
from portal.accounts.labels import POST_LABELS
from portal.accounts.operations import appoint_stand_in, revoke_stand_in
from portal.accounts.permissions import Permission
from portal.accounts.policy import allows, may_ever
from portal.accounts.queries.delegations import (
    delegation_page,
    get_delegation,
    holders_of_posts,
    homes_with_posts,
    names_of_homes,
    possible_stand_ins,
)
from portal.accounts.values import Home, Post
from portal.core.clock import city_day, utcnow
from portal.core.db import undone_if_refused
from portal.core.errors import Invalid, NotFound
from portal.web.navigation import NavItem, Section, add_to_navigation
from portal.web.session import db_session
from portal.workflow.forms import DelegationForm, RevokeForm
from portal.workflow.labels import DELEGATION_STATES
from portal.workflow.queries import count_signed_under

bp = Blueprint("workflow", __name__, template_folder="templates")

add_to_navigation(
    bp,
    NavItem(
        section=Section.EVIDENCE,
        label=_("Delegation of posts"),
        endpoint="workflow.delegations",
        permission=Permission.DELEGATION_READ,
        order=60,
        covers=("workflow.delegation", "workflow.delegation_"),
    ),
)


@bp.get("/approvals/delegations")
@requires(Permission.DELEGATION_READ)
def delegations() -> ResponseReturnValue:
    """Who stands in for whom, in the reader's reach."""
    session, identity = db_session(), current_identity()
    page = delegation_page(session, identity, after=request.args.get("after"))
    homes = {Home(unit_id=row.unit_id, organ_id=row.organ_id) for row in page.items}
    return render_template(
        "workflow/delegations.html",
        page=page,
        names=names_of_homes(session, homes),
        posts=POST_LABELS,
        states=DELEGATION_STATES,
        today=city_day(utcnow()),
        may_keep=may_ever(identity, Permission.DELEGATION_KEEP),
    )


@bp.route("/approvals/delegations/new", methods=["GET", "POST"])
@requires(Permission.DELEGATION_KEEP)
def delegation_new() -> ResponseReturnValue:
    """Appoint a stand-in; who keeps several units chooses the unit first."""
    session, identity, now = db_session(), current_identity(), utcnow()
    today = city_day(now)
    homes = homes_with_posts(session, identity, today=today)
    home, name = _chosen(homes)
    form = DelegationForm()
    if home is None:
        return render_template("workflow/delegation_new.html", form=form, homes=homes, home=None, name="")
    form.offer(
        [
            (f"{one.post}:{one.person_id}", f"{POST_LABELS[Post(one.post)]} · {one.name}")
            for one in holders_of_posts(session, home, today=today)
        ],
        [(str(person_id), who) for person_id, who in possible_stand_ins(session, home, today=today)],
    )
    if request.method == "POST" and form.validate():
        try:
            with undone_if_refused(session):
                row = appoint_stand_in(session, actor=identity, wanted=form.appointment(home), now=now)
        except Invalid as refusal:
            form.take(refusal)
        else:
            flash(gettext("The delegation is made."), "ok")
            return redirect(url_for("workflow.delegation", delegation_id=row.id), 303)
    elif request.method == "GET":
        form.from_day.data = today
    page = render_template("workflow/delegation_new.html", form=form, homes=homes, home=home, name=name)
    return page, 422 if form.errors or form.form_errors else 200


@bp.get("/approvals/delegations/<uuid:delegation_id>")
@requires(Permission.DELEGATION_READ)
def delegation(delegation_id: UUID) -> ResponseReturnValue:
    """One delegation; whoever keeps it finds here how to revoke it."""
    return _page(delegation_id, RevokeForm(formdata=None))


@bp.post("/approvals/delegations/<uuid:delegation_id>/revoke")
@requires(Permission.DELEGATION_KEEP)
def delegation_revoke(delegation_id: UUID) -> ResponseReturnValue:
    """End a delegation at once."""
    session, form = db_session(), RevokeForm()
    get_delegation(session, current_identity(), delegation_id)
    if form.validate():
        try:
            with undone_if_refused(session):
                revoke_stand_in(
                    session,
                    actor=current_identity(),
                    delegation_id=delegation_id,
                    reason=form.reason.data or "",
                    now=utcnow(),
                )
        except Invalid as refusal:
            form.take(refusal)
        else:
            flash(gettext("The delegation is revoked."), "ok")
            return redirect(url_for("workflow.delegation", delegation_id=delegation_id), 303)
    return _page(delegation_id, form)


def _page(delegation_id: UUID, form: RevokeForm) -> ResponseReturnValue:
    session, identity, today = db_session(), current_identity(), city_day(utcnow())
    row = get_delegation(session, identity, delegation_id)
    home, state = Home(unit_id=row.unit_id, organ_id=row.organ_id), row.state(today)
    page = render_template(
        "workflow/delegation.html",
        row=row,
        form=form,
        name=names_of_homes(session, [home]).get(home.key, ""),
        post=POST_LABELS[Post(row.post)],
        state=DELEGATION_STATES[state],
        signed=count_signed_under(session, row.id),
        may_revoke=state in {"planned", "running"} and allows(identity, Permission.DELEGATION_KEEP, home.scope),
    )
    return page, 422 if form.errors or form.form_errors else 200


def _chosen(homes: list[tuple[Home, str]]) -> tuple[Home | None, str]:
    """The only home there is, or the one the address names. Raises NotFound for one out of reach."""
    wanted = request.values.get("home", "")
    if not wanted:
        return homes[0] if len(homes) == 1 else (None, "")
    found = next(((home, name) for home, name in homes if str(home.key) == wanted), None)
    if found is None:
        raise NotFound()
    return found
