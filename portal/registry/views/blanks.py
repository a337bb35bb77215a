"""A blank sheet of cameras to fill in: the columns that the import reads, no other."""

import io
from uuid import UUID

from flask import send_file
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.accounts.guards import current_identity, requires
from portal.accounts.permissions import Permission
from portal.accounts.policy import allows, require
from portal.core.errors import NotFound
from portal.core.sheets import CSV_ENCODINGS, BlankColumn, write_blank, write_csv
from portal.registry import queries
from portal.registry.labels.blank import BlankField, blank_field, explained
from portal.registry.models import System
from portal.registry.rules import TYPED, CameraField
from portal.registry.rules.fields import REACHED
from portal.registry.views.blueprint import bp
from portal.registry.views.cameras import zone_choices
from portal.registry.views.parked import MEDIA_TYPE
from portal.web.session import db_session


def fields_read(system: System) -> list[CameraField]:
    """The fields that a sheet of this person for this system may fill."""
    mine = allows(current_identity(), Permission.CREDENTIAL_EDIT, queries.system_scope(system))
    return [*TYPED, *(REACHED if mine else ())]


@bp.get("/systems/<uuid:system_id>/imports/blank.<kind>")
@requires(Permission.CAMERA_IMPORT)
def import_blank(system_id: UUID, kind: str) -> ResponseReturnValue:
    """The blank sheet: a workbook with choices and explanations, or the header line for programs."""
    if kind not in ("xlsx", "csv"):
        raise NotFound()
    identity = current_identity()
    system = queries.get_system(db_session(), identity, system_id)
    require(identity, Permission.CAMERA_IMPORT, queries.system_scope(system), read=Permission.SYSTEM_READ)
    zones = dict(zone_choices(system))
    fields = [blank_field(each, zones) for each in fields_read(system)]
    name = gettext("Blank sheet of cameras") + f".{kind}"
    if kind == "csv":
        return send_file(_header_line(fields), mimetype="text/csv", as_attachment=True, download_name=name)
    out = io.BytesIO()
    columns = [BlankColumn(header=one.header, choices=one.choices, free=one.several) for one in fields]
    write_blank(
        out, (gettext("Cameras"), gettext("Choices"), gettext("How it is filled in")), columns, explained(fields)
    )
    out.seek(0)
    return send_file(out, mimetype=MEDIA_TYPE, as_attachment=True, download_name=name)


def _header_line(fields: list[BlankField]) -> io.BytesIO:
    text = io.StringIO(newline="")
    write_csv(text, [[one.header for one in fields]])
    return io.BytesIO(text.getvalue().encode(CSV_ENCODINGS[0]))
