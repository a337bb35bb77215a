"""The list of acceptances."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from portal.accounts.guards import current_identity, requires
from portal.accounts.permissions import Permission
from portal.accounts.queries import divisions
from portal.core.clock import city_day, utcnow
from portal.inspection import queries
from portal.inspection.labels import ACCEPTANCE_STATUS, CLOCK_KIND, KIND_SHORT
from portal.inspection.states import AcceptanceKind, AcceptanceStatus, ClockKind
from portal.inspection.views.blueprint import asked_day, bp
from portal.web import formats
from portal.web.links import asked, uuid_or_none
from portal.web.session import db_session


@bp.get("/acceptances")
@requires(Permission.ACCEPTANCE_READ)
def acceptances() -> ResponseReturnValue:
    """Acceptances the reader may see; the statuses are the filter."""
    session, identity, today = db_session(), current_identity(), city_day(utcnow())
    status, kind, clock = (request.args.get(name, "") for name in ("status", "kind", "clock"))
    wanted = queries.AcceptanceFilter(
        status=AcceptanceStatus(status) if status in set(AcceptanceStatus) else None,
        kind=AcceptanceKind(kind) if kind in set(AcceptanceKind) else None,
        keyword=asked("q"),
        district=asked("district", 6),
        unit_id=uuid_or_none(request.args.get("unit", "")),
        overdue_on=today if request.args.get("overdue") == "1" else None,
        concluded_from=asked_day("from"),
        concluded_until=asked_day("until"),
        first_try={"first": True, "later": False}.get(request.args.get("try", "")),
        clock=ClockKind(clock) if clock in set(ClockKind) else None,
        late=request.args.get("late") == "1",
        visited_by=uuid_or_none(request.args.get("inspector", "")),
    )
    return render_template(
        "inspection/acceptances.html",
        page=queries.acceptance_page(session, identity, wanted, after=request.args.get("after")),
        tally=queries.acceptance_tally(session, identity, wanted),
        wanted=wanted,
        today=today,
        districts=[(row.code, formats.district(row.code)) for row in divisions(session)],
        kinds=KIND_SHORT,
        clocks=CLOCK_KIND,
        statuses=ACCEPTANCE_STATUS,
    )
