"""The figures of inspections, each with the list that it counts."""

from datetime import date

from flask import render_template, request
from flask.typing import ResponseReturnValue

from portal.accounts.guards import current_identity, requires
from portal.accounts.permissions import Permission
from portal.accounts.queries import divisions
from portal.core.clock import city_day, utcnow
from portal.inspection.labels import ACCEPTANCE_STATUS, CLOCK_KIND, KIND_SHORT
from portal.inspection.queries import figures as counted
from portal.inspection.states import AcceptanceKind
from portal.inspection.views.blueprint import asked_day, bp
from portal.web import formats
from portal.web.links import asked
from portal.web.session import db_session


@bp.get("/acceptances/figures")
@requires(Permission.FIGURES_READ)
def figures() -> ResponseReturnValue:
    """How long inspections take, how many pass at once, what falls short, who goes where, district by district."""
    session, identity = db_session(), current_identity()
    period = _asked_for(city_day(utcnow()))
    passes = counted.passes(session, identity, period)
    return render_template(
        "inspection/figures.html",
        period=period,
        named={
            "from": period.since.isoformat(),
            "until": period.until.isoformat(),
            "kind": period.kind,
            "district": period.district or None,
        },
        waits=counted.waits(session, identity, period),
        clocks=CLOCK_KIND,
        passes=passes,
        concluded=sum(one.count for one in passes),
        statuses=ACCEPTANCE_STATUS,
        missed=counted.missed_items(session, identity, period),
        loads=counted.loads(session, identity, period),
        by_district=counted.by_district(session, identity, period),
        kinds=KIND_SHORT,
        districts=[(row.code, formats.district(row.code)) for row in divisions(session)],
    )


def _asked_for(today: date) -> counted.Period:
    """The period asked for, up to today; without one, the year that runs. Days the wrong way round are put right."""
    since, until = asked_day("from") or today.replace(month=1, day=1), min(asked_day("until") or today, today)
    kind = request.args.get("kind", "")
    return counted.Period(
        since=min(since, until),
        until=max(since, until),
        kind=AcceptanceKind(kind) if kind in set(AcceptanceKind) else None,
        district=asked("district", 6),
    )
