"""What an organ keeps of one of its inspectors: groups, hours, base, interests in units."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import or_

from portal.accounts.guards import current_identity, requires
from portal.accounts.permissions import Permission
from portal.accounts.policy import allows, require
from portal.core.clock import city_day, utcnow
from portal.core.errors import Invalid, Problem
from portal.core.geometry import lonlat
from portal.inspection import operations, queries
from portal.inspection.forms import ConflictForm, InspectorForm, read_week, shown_week
from portal.inspection.labels import GROUP
from portal.inspection.operations import Particulars
from portal.inspection.operations.people import inspector_scope
from portal.inspection.queries import InspectorCard
from portal.inspection.views.blueprint import bp
from portal.registry.models import Unit
from portal.registry.queries import units_visible_to
from portal.web.session import db_session


@bp.get("/visits/inspectors/<uuid:person_id>")
@requires(Permission.INSPECTOR_READ)
def inspector(person_id: UUID) -> ResponseReturnValue:
    """One inspector."""
    return _show(_card(person_id))


@bp.post("/visits/inspectors/<uuid:person_id>")
@requires(Permission.INSPECTOR_KEEP)
def inspector_keep(person_id: UUID) -> ResponseReturnValue:
    """Keep groups, hours, base and the most visits of a day."""
    card = _card(person_id, Permission.INSPECTOR_KEEP)
    form = _form(card)
    if not form.validate():
        return _show(card, form=form)
    try:
        operations.keep_inspector(
            db_session(),
            actor=current_identity(),
            person_id=card.person_id,
            organ_id=card.organ_id,
            particulars=Particulars(
                groups=frozenset(form["groups"].data or ()),
                expert=bool(form.expert.data),
                week=read_week(form),
                base=form.base.data,
                most_per_day=form.most_per_day.data,
            ),
            seen_version=form.version.seen if card.profile else None,
            now=utcnow(),
        )
    except Invalid as refusal:
        form.take(refusal)
        return _show(card, form=form)
    flash(gettext("The particulars are kept."), "ok")
    return redirect(url_for("inspection.inspector", person_id=person_id), 303)


@bp.post("/visits/inspectors/<uuid:person_id>/interests")
@requires(Permission.INSPECTOR_KEEP)
def interest_enter(person_id: UUID) -> ResponseReturnValue:
    """An interest in a unit that keeps the inspector away from it."""
    card = _card(person_id, Permission.INSPECTOR_KEEP)
    form = ConflictForm()
    if not form.validate():
        return _show(card, interest=form)
    try:
        operations.enter_conflict(
            db_session(),
            actor=current_identity(),
            person_id=card.person_id,
            organ_id=card.organ_id,
            unit_id=_unit_named(form.unit.data or ""),
            since=form.since.data,
            until=form.until.data,
            reason=form.reason.data or "",
            now=utcnow(),
        )
    except Invalid as refusal:
        form.take(refusal)
        return _show(card, interest=form)
    flash(gettext("The interest is entered."), "ok")
    return redirect(url_for("inspection.inspector", person_id=person_id), 303)


@bp.post("/visits/interests/<uuid:conflict_id>/end")
@requires(Permission.INSPECTOR_KEEP)
def interest_end(conflict_id: UUID) -> ResponseReturnValue:
    """The interest ends today."""
    now = utcnow()
    ended = operations.end_conflict(
        db_session(), actor=current_identity(), conflict_id=conflict_id, until=city_day(now), now=now
    )
    flash(gettext("The interest ends today."), "ok")
    return redirect(url_for("inspection.inspector", person_id=ended.person_id), 303)


def _card(person_id: UUID, permission: Permission = Permission.INSPECTOR_READ) -> InspectorCard:
    identity = current_identity()
    card = queries.get_inspector(db_session(), identity, person_id, today=city_day(utcnow()))
    scope = inspector_scope(card.person_id, card.organ_id)
    require(identity, permission, scope, read=Permission.INSPECTOR_READ)
    return card


def _unit_named(text: str) -> UUID:
    """The unit of this name or code within the reader's reach. Raises Invalid."""
    word = text.strip()
    named = units_visible_to(current_identity()).where(or_(Unit.name == word, Unit.uscc == word.upper()))
    unit = db_session().scalars(named.limit(1)).one_or_none()
    if unit is None:
        raise Invalid([Problem("unit", "interest_unit_unknown")])
    return unit.id


def _form(card: InspectorCard) -> InspectorForm:
    kept = card.profile
    data: dict[str, Any] = {"version": "0"}
    if kept is not None:
        data = {
            "version": str(kept.version),
            "groups": list(kept.groups),
            "expert": kept.expert,
            "most_per_day": kept.most_per_day,
            "base": lonlat(kept.base) if kept.base is not None else None,
            **shown_week(kept.weekly_hours),
        }
    form = InspectorForm(data=data)
    form["groups"].choices = [(key, str(name)) for key, name in GROUP.items()]
    return form


def _show(
    card: InspectorCard, *, form: InspectorForm | None = None, interest: ConflictForm | None = None
) -> ResponseReturnValue:
    interest = interest or ConflictForm(formdata=None)
    may_keep = allows(current_identity(), Permission.INSPECTOR_KEEP, inspector_scope(card.person_id, card.organ_id))
    page = render_template(
        "inspection/inspector.html",
        card=card,
        groups=GROUP,
        form=form or _form(card),
        interest=interest,
        may_keep=may_keep,
        week=shown_week(card.profile.weekly_hours if card.profile else None),
        today=city_day(utcnow()),
    )
    return page, 422 if (form is not None and form.problems()) or interest.problems() else 200
