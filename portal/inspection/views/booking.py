"""The unit chooses the time of its visit, moves it or calls it off; made for a telephone first."""

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import groupby
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_date, gettext

from portal.accounts.guards import current_identity, requires
from portal.accounts.permissions import Permission
from portal.accounts.policy import require
from portal.core.clock import CITY_TZ, city_day, utcnow
from portal.core.errors import Invalid, NotFound
from portal.inspection import operations, queries
from portal.inspection.forms import CancelForm, SlotForm
from portal.inspection.models import Acceptance, Visit
from portal.inspection.rules.slots import Slot
from portal.inspection.states import TRANSITIONS, AcceptanceAction, AcceptanceStatus
from portal.inspection.views.blueprint import bp
from portal.registry.rules import rules_for
from portal.regulation.calendar import WorkCalendar
from portal.regulation.labels import cite_all
from portal.regulation.schema.keys import RuleKey
from portal.web.problems import say
from portal.web.session import db_session

_NOON = 12


@bp.route("/acceptances/<uuid:acceptance_id>/visit-time", methods=["GET", "POST"])
@requires(Permission.VISIT_BOOK)
def visit_time(acceptance_id: UUID) -> ResponseReturnValue:
    """The times that can be had; one is chosen, or the visit is moved to it."""
    found, planned = _own(acceptance_id)
    form = SlotForm()
    if request.method == "GET" or not form.validate():
        return _show(found, planned, slot=form)
    change = operations.book_slot if planned is None else operations.move_slot
    try:
        change(
            db_session(),
            actor=current_identity(),
            acceptance_id=acceptance_id,
            begins=form.begins.data,
            calendar=WorkCalendar(),
            now=utcnow(),
        )
    except Invalid as refusal:
        form.take(refusal)
        return _show(found, planned, slot=form)
    flash(gettext("The visit is scheduled.") if planned is None else gettext("The visit is moved."), "ok")
    return redirect(url_for("inspection.acceptance", acceptance_id=acceptance_id), 303)


@bp.post("/acceptances/<uuid:acceptance_id>/visit-time/cancel")
@requires(Permission.VISIT_BOOK)
def visit_time_cancel(acceptance_id: UUID) -> ResponseReturnValue:
    """The unit calls its visit off."""
    found, planned = _own(acceptance_id)
    form = CancelForm()
    if not form.validate():
        return _show(found, planned, cancel=form)
    try:
        operations.cancel_slot(
            db_session(),
            actor=current_identity(),
            acceptance_id=acceptance_id,
            reason=form.reason.data or "",
            now=utcnow(),
        )
    except Invalid as refusal:
        form.take(refusal)
        return _show(found, planned, cancel=form)
    flash(gettext("The visit is called off."), "ok")
    return redirect(url_for("inspection.acceptance", acceptance_id=acceptance_id), 303)


def _own(acceptance_id: UUID) -> tuple[Acceptance, Visit | None]:
    """The unit's acceptance with its visit. Raises NotFound where it is none of this reader's to choose for."""
    session, identity = db_session(), current_identity()
    found = queries.get_acceptance(session, identity, acceptance_id)
    scope = queries.acceptance_scope(found)
    require(identity, Permission.VISIT_BOOK, scope, read=Permission.ACCEPTANCE_READ)
    planned = queries.planned_visit(session, acceptance_id)
    open_to = (AcceptanceStatus(found.status), AcceptanceAction.SCHEDULE) in TRANSITIONS
    if planned is None and not open_to:
        raise NotFound()
    return found, planned


def _show(
    found: Acceptance, planned: Visit | None, *, slot: SlotForm | None = None, cancel: CancelForm | None = None
) -> ResponseReturnValue:
    session, now = db_session(), utcnow()
    slot, cancel = slot or SlotForm(formdata=None), cancel or CancelForm(formdata=None)
    rules = rules_for(found.unit, found.system, on=city_day(now))
    refusal = operations.refusal_of_move(session, found, planned, rules, now=now) if planned else None
    bar = queries.bar_to_visit(session, found.id)
    moving = planned.id if planned else None
    offered = (
        ()
        if refusal or bar
        else operations.offer_slots(session, acceptance=found, moving=moving, calendar=WorkCalendar(), now=now)
    )
    page = render_template(
        "inspection/visit_time.html",
        acceptance=found,
        planned=planned,
        refusal=say(refusal) if refusal else "",
        bar=say(bar) if bar else "",
        days=_by_day([one for one in offered if planned is None or one.begins != planned.starts_at]),
        slot_form=slot,
        cancel_form=cancel,
        typed=request.form.get("begins", ""),
        hours=rules.integer(RuleKey.VISIT_NOTICE_HOURS),
        most=rules.integer(RuleKey.VISIT_MOVES_MOST),
        used=operations.moves_of(session, found.id),
        least=rules.integer(RuleKey.INSPECTION_MIN_INSPECTORS),
        minutes=rules.integer(RuleKey.VISIT_DURATION_MINUTES),
        source=cite_all(rules.citations(RuleKey.VISIT_NOTICE_HOURS)),
    )
    return page, 422 if slot.problems() or cancel.problems() else 200


def _by_day(slots: Sequence[Slot]) -> Sequence[Mapping[str, Any]]:
    """The times of each day, before noon and after, as the page shows them."""
    days = []
    for day, group in groupby(slots, key=lambda slot: city_day(slot.begins)):
        times = [(slot.begins.astimezone(CITY_TZ), slot.ends.astimezone(CITY_TZ), len(slot.team)) for slot in group]
        parts = [
            (gettext("Morning"), [one for one in times if one[0].hour < _NOON]),
            (gettext("Afternoon"), [one for one in times if one[0].hour >= _NOON]),
        ]
        days.append({"label": _day(day), "parts": [(name, found) for name, found in parts if found]})
    return days


def _day(day: date) -> str:
    return gettext("%(day)s %(weekday)s", day=day.isoformat(), weekday=format_date(day, "EEE"))
