"""The list of acceptances."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from portal.accounts.guards import current_identity, requires
from portal.accounts.permissions import Permission
from portal.accounts.queries import divisions
from portal.core.clock import city_day, utcnow
from portal.inspection import queries
from portal.inspection.labels import ACCEPTANCE_STATUS, KIND_SHORT
from portal.inspection.states import AcceptanceKind, AcceptanceStatus
from portal.inspection.views.blueprint import bp
from portal.web import formats
from portal.web.links import asked, uuid_or_none
from portal.web.session import db_session


@bp.get("/acceptances")
@requires(Permission.ACCEPTANCE_READ)
def acceptances() -> ResponseReturnValue:
    """Acceptances the reader may see; the statuses are the filter."""
    session, identity, today = db_session(), current_identity(), city_day(utcnow())
    status, kind = request.args.get("status", ""), request.args.get("kind", "")
    wanted = queries.AcceptanceFilter(
        status=AcceptanceStatus(status) if status in set(AcceptanceStatus) else None,
        kind=AcceptanceKind(kind) if kind in set(AcceptanceKind) else None,
        keyword=asked("q"),
        district=asked("district", 6),
        unit_id=uuid_or_none(request.args.get("unit", "")),
        overdue_on=today if request.args.get("overdue") == "1" else None,
    )
    return render_template(
        "inspection/acceptances.html",
        page=queries.acceptance_page(session, identity, wanted, after=request.args.get("after")),
        tally=queries.acceptance_tally(session, identity, wanted),
        wanted=wanted,
        today=today,
        districts=[(row.code, formats.district(row.code)) for row in divisions(session)],
        kinds=KIND_SHORT,
        statuses=ACCEPTANCE_STATUS,
    )
