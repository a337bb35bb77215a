"""Client workstations: list with those seen and not registered, register, one with its checks."""

from collections.abc import Mapping
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.accounts.guards import current_identity, requires
from portal.accounts.permissions import Permission
from portal.accounts.policy import allows, require
from portal.core.clock import city_day, utcnow
from portal.core.errors import Invalid
from portal.registry.course import course_of
from portal.registry.queries import get_unit, unit_scope
from portal.upkeep import forms
from portal.upkeep.labels import WORKSTATION_ACTS
from portal.upkeep.operations import workstations as writing
from portal.upkeep.queries import workstations as queries
from portal.upkeep.queries.places import book_scope, homes, people_of
from portal.upkeep.rules import look_back
from portal.upkeep.values import WorkstationDraft
from portal.upkeep.views.acting import Act, Form, blank, perform
from portal.upkeep.views.blueprint import bp
from portal.web.links import asked
from portal.web.session import db_session

ACTS: Mapping[str, Act] = {
    "check": Act(
        form=forms.CheckForm,
        operation=writing.check,
        arguments={
            "on": "checked_on",
            "locked_down": "locked",
            "client_version": "found_version",
            "note": "found",
        },
        reads={"locked_down": lambda choice: choice == "yes"},
        today=("checked_on",),
    ),
    "retire": Act(form=forms.RetireForm, operation=writing.retire, arguments={"reason": "retire_reason"}),
}


@bp.get("/books/workstations")
@requires(Permission.BOOK_READ)
def workstations() -> ResponseReturnValue:
    """Computers with the monitoring client, and those on which footage was opened without being one of them."""
    session, identity, now = db_session(), current_identity(), utcnow()
    only = request.args.get("only", "")
    wanted = queries.WorkstationFilter(
        keyword=asked("q"), overdue=only == "overdue", open_to=only == "open", retired=only == "retired"
    )
    today = city_day(now)
    return render_template(
        "upkeep/workstations.html",
        page=queries.workstation_page(session, identity, wanted, today=today, after=request.args.get("after")),
        counts=queries.workstation_counts(session, identity, today=today),
        strangers=queries.unregistered(session, identity, now=now),
        wanted=wanted,
        days=look_back(now).days,
        only=only if only in ("overdue", "open", "retired") else "",
        today=today,
        homes=homes(session, identity, Permission.BOOK_KEEP),
    )


@bp.route("/units/<uuid:unit_id>/workstations/new", methods=["GET", "POST"])
@requires(Permission.BOOK_KEEP)
def workstation_new(unit_id: UUID) -> ResponseReturnValue:
    """Register a computer."""
    session, identity, now = db_session(), current_identity(), utcnow()
    unit = get_unit(session, identity, unit_id)
    require(identity, Permission.BOOK_KEEP, unit_scope(unit), read=Permission.UNIT_READ)
    form = forms.WorkstationForm(data={"asset_number": asked("asset", 40), "version": "0"})
    form.responsible_id.choices = _people(unit.id)
    if request.method == "POST" and form.validate():
        try:
            made = writing.register(session, actor=identity, unit_id=unit.id, draft=_draft(form), now=now)
        except Invalid as refusal:
            form.take(refusal)
        else:
            flash(gettext("Recorded."), "ok")
            return redirect(url_for("upkeep.workstation", workstation_id=made.id), 303)
    page = render_template("upkeep/workstation_form.html", form=form, unit=unit, row=None)
    return page, 422 if form.problems() else 200


@bp.route("/books/workstations/<uuid:workstation_id>/change", methods=["GET", "POST"])
@requires(Permission.BOOK_KEEP)
def workstation_change(workstation_id: UUID) -> ResponseReturnValue:
    """Another room, client, address or person."""
    session, identity = db_session(), current_identity()
    row = queries.get_workstation(session, identity, workstation_id)
    require(identity, Permission.BOOK_KEEP, book_scope(row), read=Permission.BOOK_READ)
    form = forms.WorkstationForm(
        data={name: getattr(row, name) for name in writing.STATED}
        | {"responsible_id": str(row.responsible_id), "version": str(row.version)}
    )
    form.responsible_id.choices = _people(row.unit_id)
    if request.method == "POST" and form.validate():
        try:
            writing.change(
                session,
                actor=identity,
                workstation_id=row.id,
                seen_version=form.version.seen,
                draft=_draft(form),
                now=utcnow(),
            )
        except Invalid as refusal:
            form.take(refusal)
        else:
            flash(gettext("Recorded."), "ok")
            return redirect(url_for("upkeep.workstation", workstation_id=row.id), 303)
    page = render_template("upkeep/workstation_form.html", form=form, unit=row.unit, row=row)
    return page, 422 if form.problems() else 200


def _people(unit_id: UUID) -> list[tuple[str, str]]:
    return [(str(key), name) for key, name in people_of(db_session(), unit_id, today=city_day(utcnow()))]


def _draft(form: Form) -> WorkstationDraft:
    return WorkstationDraft(
        responsible_id=UUID(str(form.responsible_id.data)), **{name: form[name].data for name in writing.STATED}
    )


@bp.get("/books/workstations/<uuid:workstation_id>")
@requires(Permission.BOOK_READ)
def workstation(workstation_id: UUID) -> ResponseReturnValue:
    """One computer."""
    return _show(workstation_id)


@bp.post("/books/workstations/<uuid:workstation_id>/<any(check):action>")
@requires(Permission.CUSTODY_SIGN)
def workstation_check(workstation_id: UUID, action: str) -> ResponseReturnValue:
    """Anybody of the unit may look and say what was found."""
    return _done(workstation_id, action, Permission.CUSTODY_SIGN)


@bp.post("/books/workstations/<uuid:workstation_id>/<any(retire):action>")
@requires(Permission.BOOK_KEEP)
def workstation_act(workstation_id: UUID, action: str) -> ResponseReturnValue:
    """Off the register."""
    return _done(workstation_id, action, Permission.BOOK_KEEP)


def _done(workstation_id: UUID, action: str, permission: Permission) -> ResponseReturnValue:
    found = queries.get_workstation(db_session(), current_identity(), workstation_id)
    require(current_identity(), permission, book_scope(found), read=Permission.BOOK_READ)
    return perform(
        ACTS[action],
        ACTS[action].form(),
        key={"workstation_id": workstation_id},
        done=url_for("upkeep.workstation", workstation_id=workstation_id),
        again=lambda refused: _show(workstation_id, status=422, **{action: refused}),
    )


def _show(workstation_id: UUID, *, status: int = 200, **refused: Form) -> ResponseReturnValue:
    session, identity, today = db_session(), current_identity(), city_day(utcnow())
    found = queries.get_workstation(session, identity, workstation_id)
    scope, used = book_scope(found), found.retired_on is None
    page = render_template(
        "upkeep/workstation.html",
        row=found,
        checks=queries.checks_of(session, found.id),
        course=course_of(session, "workstation", found.id, kinds=WORKSTATION_ACTS),
        today=today,
        forms={**{name: blank(act, found.version, today) for name, act in ACTS.items()}, **refused},
        opened=next(iter(refused), ""),
        may_check=used and allows(identity, Permission.CUSTODY_SIGN, scope),
        may_keep=used and allows(identity, Permission.BOOK_KEEP, scope),
    )
    return page, status
