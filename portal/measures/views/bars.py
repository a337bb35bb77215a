"""Units that are not to be commended: which, why, until when."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from portal.accounts.guards import current_identity, requires
from portal.accounts.permissions import Permission
from portal.core.clock import city_day, utcnow
from portal.measures.queries import bars as queries
from portal.measures.views.blueprint import bp
from portal.regulation.labels import term
from portal.web.session import db_session


@bp.get("/commendation-bars")
@requires(Permission.MEASURE_READ)
def bars() -> ResponseReturnValue:
    """Barred units in the reader's reach, each with every reason."""
    session, today = db_session(), city_day(utcnow())
    page = queries.barred_units(session, current_identity(), on=today, after=request.args.get("after"))
    reasons = queries.bars_of(session, [unit.id for unit in page.items], on=today)
    return render_template(
        "measures/bars.html", page=page, reasons=reasons, reason_word=lambda key: term("bar_reason", key)
    )
