"""Units with findings past their day for which no step is under way: the ladder's first or next step is to be taken."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from portal.accounts.guards import current_identity, requires
from portal.accounts.permissions import Permission
from portal.core.clock import city_day, utcnow
from portal.measures.labels import MEASURE_KIND
from portal.measures.queries import following as queries
from portal.measures.views.blueprint import bp
from portal.web.session import db_session


@bp.get("/measures/proposed")
@requires(Permission.MEASURE_DRAFT)
def proposals() -> ResponseReturnValue:
    """Which unit, how much is overdue since when, and which step is proposed."""
    session, identity, today = db_session(), current_identity(), city_day(utcnow())
    page = queries.waiting_units(session, identity, today=today, after=request.args.get("after"))
    keys = [unit.id for unit in page.items]
    return render_template(
        "measures/proposals.html",
        page=page,
        waiting=queries.waiting_findings(session, identity, keys, today=today),
        kinds=MEASURE_KIND,
    )
