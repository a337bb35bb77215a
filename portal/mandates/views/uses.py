"""REG-06: every use of a unit's footage and equipment, before its owner."""

from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.accounts.guards import current_identity, requires
from portal.accounts.permissions import Permission
from portal.accounts.policy import allows, require
from portal.connections.labels import ORDER_STATUS
from portal.connections.labels import PURPOSE as CONNECTION_PURPOSE
from portal.connections.queries import orders_of_unit
from portal.core.clock import utcnow
from portal.evidence.labels import CONDITION, CUSTODY, HOLD, PURPOSE, USE_STATUS
from portal.evidence.labels.backups import BACKUP_KIND
from portal.evidence.queries.equipment import uses_of_unit
from portal.mandates.labels import COMPLAINT_STATUS, LOOKS
from portal.mandates.operations.complaints import note_uses_read
from portal.mandates.queries import uses as queries
from portal.mandates.queries.complaints import complaints_of_unit
from portal.mandates.views.blueprint import bp
from portal.registry.queries import get_unit, unit_scope
from portal.web.session import db_session


@bp.get("/uses")
@requires(Permission.USES_READ)
def my_uses() -> ResponseReturnValue:
    """The reader's own unit; whoever belongs to none is asked to choose one by the complaints."""
    identity = current_identity()
    units = sorted(identity.unit_ids)
    if units:
        return redirect(url_for("mandates.uses", unit_id=units[0]))
    return redirect(url_for("mandates.complaints"))


@bp.get("/units/<uuid:unit_id>/uses")
@requires(Permission.USES_READ)
def uses(unit_id: UUID) -> ResponseReturnValue:
    """Everything the police did with the unit's footage and equipment; a look from outside the unit is recorded."""
    session, identity, now = db_session(), current_identity(), utcnow()
    unit = get_unit(session, identity, unit_id)
    scope = unit_scope(unit)
    require(identity, Permission.USES_READ, scope, read=Permission.UNIT_READ)
    if unit.id not in identity.unit_ids:
        note_uses_read(session, actor=identity, unit=unit, now=now)
    return render_template(
        "mandates/uses.html",
        unit=unit,
        summary=queries.use_summary(session, unit.id),
        page=queries.use_page(session, unit.id, after=request.args.get("after", "")),
        holds=queries.holds_of_unit(session, unit.id),
        backups=queries.backups_at_unit(session, unit.id),
        backup_kinds=BACKUP_KIND,
        looks=queries.looks_at_unit(session, unit.id, list(LOOKS), now=now),
        look_labels=LOOKS,
        complaints=complaints_of_unit(session, unit.id),
        complaint_status=COMPLAINT_STATUS,
        acts=CUSTODY,
        purposes=PURPOSE,
        hold_status=HOLD,
        on_site=uses_of_unit(session, unit.id),
        use_status=USE_STATUS,
        conditions=CONDITION,
        connections=orders_of_unit(session, identity, unit.id),
        connection_status=ORDER_STATUS,
        connection_purposes=CONNECTION_PURPOSE,
        may_complain=allows(identity, Permission.COMPLAINT_RAISE, scope),
    )
