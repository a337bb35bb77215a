"""The devices that seal on site, for their persons and for the organ that sends them."""

from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.accounts.guards import current_identity, requires
from portal.accounts.permissions import Permission
from portal.core.clock import utcnow
from portal.inspection import operations, queries
from portal.inspection.views.blueprint import bp
from portal.web.session import db_session


@bp.get("/field-devices")
@requires(Permission.DEVICE_KEEP)
def field_devices() -> ResponseReturnValue:
    """The devices: whose, since when, last heard of, how far off their clocks are."""
    rows = queries.devices_of(db_session(), current_identity())
    return render_template("inspection/field_devices.html", rows=rows)


@bp.post("/field-devices/<uuid:device_id>/revoke")
@requires(Permission.DEVICE_KEEP)
def field_device_revoke(device_id: UUID) -> ResponseReturnValue:
    """End a device."""
    operations.revoke_device(db_session(), actor=current_identity(), device_id=device_id, now=utcnow())
    flash(gettext("The device is ended; what it seals from now on is refused."), "ok")
    return redirect(url_for("inspection.field_devices"), 303)
