"""What the pages of a unit and of its systems say of direct connections."""

from collections.abc import Sequence

from flask import render_template

from portal.accounts.guards import current_identity
from portal.accounts.permissions import Permission
from portal.accounts.policy import allows, may_ever
from portal.connections.labels import ORDER_STATUS, PURPOSE
from portal.connections.models import ConnectionOrder
from portal.connections.operations.proposing import orderable
from portal.connections.queries import orders_of_system, orders_of_unit
from portal.connections.views.blueprint import bp
from portal.registry.models import System, Unit
from portal.registry.queries import system_scope
from portal.web.panels import Panel, add_panels
from portal.web.session import db_session


def connections_of_unit(unit: Unit) -> str:
    """The orders about a unit's systems, where there are any."""
    if not may_ever(current_identity(), Permission.CONNECTION_ORDER_READ):
        return ""
    return _drawn(orders_of_unit(db_session(), current_identity(), unit.id))


def connections_of_system(system: System) -> str:
    """The orders about a system, and for the organ the way to another."""
    identity = current_identity()
    if not may_ever(identity, Permission.CONNECTION_ORDER_READ):
        return ""
    may = allows(identity, Permission.CONNECTION_PROPOSE, system_scope(system)) and orderable(system)
    return _drawn(orders_of_system(db_session(), identity, system.id), system if may else None)


def _drawn(orders: Sequence[ConnectionOrder], system: System | None = None) -> str:
    if not orders and system is None:
        return ""
    return render_template(
        "connections/_of_unit.html", orders=orders, statuses=ORDER_STATUS, purposes=PURPOSE, system=system
    )


add_panels(
    bp,
    Panel(place="registry.unit", draw=connections_of_unit, order=27),
    Panel(place="registry.system", draw=connections_of_system, order=50),
)
