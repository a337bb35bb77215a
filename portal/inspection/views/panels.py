"""What a unit's and a system's page say of acceptance."""

from flask import render_template

from portal.accounts.guards import current_identity
from portal.accounts.permissions import Permission
from portal.accounts.policy import allows
from portal.inspection import queries
from portal.inspection.labels import ACCEPTANCE_STATUS
from portal.inspection.states import OPEN
from portal.inspection.views.blueprint import bp
from portal.registry.models import System, Unit
from portal.registry.queries import system_scope, unit_scope
from portal.registry.states import USE_TRANSITIONS, UseAction, UseStatus
from portal.web.panels import Panel, add_panels
from portal.web.session import db_session


def acceptance_of_system(system: System) -> str:
    """Where the system's acceptance stands, and the way to apply for one."""
    identity, scope = current_identity(), system_scope(system)
    if not allows(identity, Permission.ACCEPTANCE_READ, scope):
        return ""
    latest = queries.latest_acceptance(db_session(), system.id)
    under_way = latest is not None and latest.status in OPEN
    possible = (UseStatus(system.use_status), UseAction.ASK_ACCEPTANCE) in USE_TRANSITIONS
    return render_template(
        "inspection/_of_system.html",
        system=system,
        latest=latest,
        statuses=ACCEPTANCE_STATUS,
        may_apply=possible and not under_way and allows(identity, Permission.ACCEPTANCE_APPLY, scope),
    )


def acceptances_of_unit(unit: Unit) -> str:
    """The acceptances of a unit that are not over, newest first."""
    identity = current_identity()
    if not allows(identity, Permission.ACCEPTANCE_READ, unit_scope(unit)):
        return ""
    wanted = queries.AcceptanceFilter(unit_id=unit.id)
    tally = queries.acceptance_tally(db_session(), identity, wanted)
    return render_template(
        "inspection/_of_unit.html",
        unit=unit,
        tally=[(ACCEPTANCE_STATUS[status], status, count) for status, count in tally.items() if count],
    )


add_panels(
    bp,
    Panel(place="registry.system", draw=acceptance_of_system, order=20),
    Panel(place="registry.unit", draw=acceptances_of_unit, order=20),
)
