"""What the page of a unit says of measures against it."""

from flask import render_template

from portal.accounts.guards import current_identity
from portal.accounts.permissions import Permission
from portal.accounts.policy import allows, may_ever
from portal.measures.labels import CORRECTION_STATUS, MEASURE_KIND, MEASURE_STATUS
from portal.measures.queries.corrections import corrections_of_unit
from portal.measures.queries.ladder import measures_of_unit
from portal.measures.views.blueprint import bp
from portal.registry.models import Unit
from portal.registry.queries import unit_scope
from portal.web.panels import Panel, add_panels
from portal.web.session import db_session


def measures_against(unit: Unit) -> str:
    """Papers that reached the unit, for itself; all of them, with the way to another, for the organs."""
    identity, session = current_identity(), db_session()
    if not may_ever(identity, Permission.MEASURE_READ):
        return ""
    scope = unit_scope(unit)
    may_draft = allows(identity, Permission.MEASURE_DRAFT, scope)
    may_order = allows(identity, Permission.CORRECTION_ISSUE, scope)
    measures = measures_of_unit(session, identity, unit.id)
    corrections = corrections_of_unit(session, identity, unit.id)
    if not (measures or corrections or may_draft):
        return ""
    return render_template(
        "measures/_of_unit.html",
        unit=unit,
        measures=measures,
        corrections=corrections,
        kinds=MEASURE_KIND,
        statuses=MEASURE_STATUS,
        order_statuses=CORRECTION_STATUS,
        may_draft=may_draft,
        may_order=may_order,
    )


add_panels(bp, Panel(place="registry.unit", draw=measures_against, order=25))
