"""The week of the inspectors: who is where, who is away."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_date, gettext
from sqlalchemy.dialects.postgresql import Range

from portal.accounts.guards import current_identity, requires
from portal.accounts.permissions import Permission
from portal.accounts.policy import allows
from portal.core.clock import CITY_TZ, city_day, utcnow
from portal.core.errors import Invalid
from portal.inspection import operations, queries
from portal.inspection.forms import AbsenceForm
from portal.inspection.labels import GROUP, VISIT_STATUS
from portal.inspection.operations.people import inspector_scope
from portal.inspection.queries import BoardRow
from portal.inspection.views.blueprint import bp
from portal.regulation.calendar import WorkCalendar
from portal.web.session import db_session

_WEEK = timedelta(weeks=1)
# A year before the calendar's first day or after its last has no week around it.
_FIRST, _LAST = date(2000, 1, 1), date(2999, 1, 1)


@bp.get("/visits")
@requires(Permission.INSPECTOR_READ)
def board() -> ResponseReturnValue:
    """A week of the reader's own organs, inspector by inspector."""
    return _show(AbsenceForm(formdata=None))


@bp.post("/visits/absences")
@requires(Permission.ABSENCE_ENTER)
def absence_enter() -> ResponseReturnValue:
    """An inspector is away: himself, or who leads his organ, enters it."""
    form = AbsenceForm()
    rows = _rows(_monday())
    form.person.choices = _choices(rows)
    if not form.validate():
        return _show(form)
    row = next(row for row in rows if str(row.person_id) == form.person.data)
    try:
        operations.enter_absence(
            db_session(),
            actor=current_identity(),
            person_id=row.person_id,
            organ_id=row.organ_id,
            begins=form.starts_at.data,
            ends=form.ends_at.data,
            reason=form.reason.data or "",
            now=utcnow(),
        )
    except Invalid as refusal:
        form.take(refusal)
        return _show(form)
    flash(gettext("The absence is entered."), "ok")
    return redirect(url_for("inspection.board", week=city_day(form.starts_at.data).isoformat()), 303)


@bp.post("/visits/absences/<uuid:absence_id>/withdraw")
@requires(Permission.ABSENCE_ENTER)
def absence_withdraw(absence_id: UUID) -> ResponseReturnValue:
    """An absence does not come about."""
    withdrawn = operations.withdraw_absence(db_session(), actor=current_identity(), absence_id=absence_id, now=utcnow())
    flash(gettext("The absence is withdrawn."), "ok")
    begins = withdrawn.period.lower or utcnow()
    return redirect(url_for("inspection.board", week=city_day(begins).isoformat()), 303)


def _show(form: AbsenceForm) -> ResponseReturnValue:
    monday, today = _monday(), city_day(utcnow())
    rows = _rows(monday)
    form.person.choices = _choices(rows)
    page = render_template(
        "inspection/board.html",
        rows=[(row, _cells(row, monday)) for row in rows],
        days=[(day, format_date(day, "EEE"), day == today) for day in _days(rows, monday)],
        monday=monday,
        sunday=monday + timedelta(weeks=1) - timedelta(days=1),
        before=monday - _WEEK,
        after=monday + _WEEK,
        groups=GROUP,
        visit_status=VISIT_STATUS,
        form=form,
        mine={row.person_id for row in rows if _may_enter(row)},
    )
    return page, 422 if form.problems() else 200


def _rows(monday: date) -> Sequence[BoardRow]:
    begins = datetime.combine(monday, time(), CITY_TZ)
    week = Range(begins, begins + _WEEK)
    return queries.week_board(db_session(), current_identity(), week, today=city_day(utcnow()))


def _choices(rows: Sequence[BoardRow]) -> list[tuple[str, str]]:
    return [(str(row.person_id), f"{row.name} · {row.organ}") for row in rows if _may_enter(row)]


def _may_enter(row: BoardRow) -> bool:
    return allows(current_identity(), Permission.ABSENCE_ENTER, inspector_scope(row.person_id, row.organ_id))


def _days(rows: Sequence[BoardRow], monday: date) -> Sequence[date]:
    """The working days, and any other on which somebody has a visit."""
    calendar, taken = WorkCalendar(), {city_day(visit.starts_at) for row in rows for visit in row.visits}
    week = [monday + timedelta(days=1) * number for number in range(_WEEK.days)]
    return [day for day in week if calendar.works(day) or day in taken]


def _cells(row: BoardRow, monday: date) -> Mapping[date, Mapping[str, Any]]:
    """What stands in each day of an inspector's week."""
    found: dict[date, dict[str, list[Any]]] = {}
    for number in range(_WEEK.days):
        day = monday + timedelta(days=1) * number
        begins = datetime.combine(day, time(), CITY_TZ)
        span = begins, begins + timedelta(hours=24)
        found[day] = {
            "visits": [visit for visit in row.visits if city_day(visit.starts_at) == day],
            "absences": [one for one in row.absences if _touches(one.period, span)],
        }
    return found


def _touches(period: Range[datetime], span: tuple[datetime, datetime]) -> bool:
    lower, upper = period.lower, period.upper
    return (lower is None or lower < span[1]) and (upper is None or span[0] < upper)


def _monday() -> date:
    """The Monday of the week that is asked for, or of this one."""
    try:
        day = date.fromisoformat(request.args.get("week", ""))
    except ValueError:
        day = city_day(utcnow())
    day = min(max(day, _FIRST), _LAST)
    return day - timedelta(days=1) * day.weekday()
