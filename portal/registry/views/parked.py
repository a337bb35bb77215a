"""The workbook of parked rows: the layout of the sheet that came in, faults marked at their cells, ready to come back."""

import io
from collections.abc import Iterator
from uuid import UUID

from flask import request, send_file
from flask.typing import ResponseReturnValue
from flask_babel import get_locale, gettext

from portal.accounts.guards import current_identity, requires
from portal.accounts.permissions import Permission
from portal.accounts.policy import allows
from portal.core.clock import utcnow
from portal.core.errors import NotFound
from portal.core.services import services
from portal.core.sheets import Mark, WorkbookWriter
from portal.registry import operations, queries
from portal.registry.labels import CAMERA_FIELD
from portal.registry.labels.imports import cure_text, fault_sentence, field_name
from portal.registry.models import CameraImport, ImportFault
from portal.registry.operations.imports import open_cells
from portal.registry.queries.imports import cured_fields, get_import, parked_rows
from portal.registry.rules.fields import REACHED
from portal.registry.rules.rows import PORTAL_ID_HEADERS
from portal.registry.rules.sheets import LEAVE_OUT, PAIR, REMARKS
from portal.registry.views.blueprint import bp
from portal.web.i18n import ENGLISH
from portal.web.session import db_session

MOST_ROWS = 10_000  # a workbook; a sheet with more faulty rows comes in parts
MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_WIDE = 14
_REACHED = frozenset(each.key for each in REACHED)


@bp.get("/imports/<uuid:import_id>/parked.xlsx")
@requires(Permission.CAMERA_IMPORT)
def import_parked(import_id: UUID) -> ResponseReturnValue:
    """Download the parked rows, those behind row `behind`."""
    session = db_session()
    run, system = get_import(session, current_identity(), import_id)
    if not run.head or not run.rows_bad:
        raise NotFound()
    behind = min(request.args.get("behind", 0, type=int), 2**31 - 2)
    name = f"{system.name}-{gettext('parked rows')}-{run.created_at:%Y%m%d}.xlsx"
    out = io.BytesIO()
    mine = allows(current_identity(), Permission.CREDENTIAL_EDIT, queries.system_scope(system))
    rows = write_parked(out, run, behind=behind, access=mine)
    if not rows:
        raise NotFound()
    operations.note_parked_download(session, actor=current_identity(), run=run, rows=rows, now=utcnow())
    out.seek(0)
    return send_file(out, mimetype=MEDIA_TYPE, as_attachment=True, download_name=name)


def write_parked(out: io.BytesIO, run: CameraImport, *, behind: int, access: bool) -> int:
    """Write the workbook; how many rows it holds. Without `access`, addresses of devices stay behind, and columns that
    were not read: a maker's list has its passwords there."""
    session, count = db_session(), 0
    envelope = services(session).envelope
    lines = [cells for _number, cells in run.head["lines"]]
    width = max(len(cells) for cells in lines)
    places = run.head["places"]
    remarks = REMARKS[2:] if str(get_locale()) == ENGLISH else REMARKS[:2]
    run_id = run.id
    open_ones = {place for key, place in places.items() if key not in _REACHED}
    hidden = frozenset() if access else frozenset(range(width)) - open_ones
    # A cure may say what the sheet has no column for: the datum of a position, the camera that a row means.
    more = [key for key in cured_fields(session, run_id) if _column(places, key) is None and key != LEAVE_OUT]
    places = {**places, **{key: width + at for at, key in enumerate(more)}}
    names = [str(CAMERA_FIELD.get(key, "")) or PORTAL_ID_HEADERS[str(get_locale()) == ENGLISH] for key in more]
    header = [*lines[-1], *[""] * (width - len(lines[-1])), *names]
    width += len(more)
    with WorkbookWriter(out, gettext("parked rows"), widths=[*[_WIDE] * width, 8, 60]) as book:
        for cells in lines[:-1]:
            book.title(cells)
        book.head([*header, *remarks])
        for number, sealed, faults in parked_rows(session, run_id, behind=behind, most=MOST_ROWS):
            cells = open_cells(envelope, run_id, number, sealed) if sealed else []
            cells = ["" if place in hidden else cell for place, cell in enumerate(cells[:width])]
            cells += [""] * (width - len(cells))
            still = [fault for fault in faults if fault.decision is None]
            marks = [Mark(_place(places, fault, width + 1), fault_sentence(fault)) for fault in still]
            marks += list(_mended(cells, places, [fault for fault in faults if fault.decision is not None]))
            book.row([*cells, str(number), "\n".join(map(_remark, still))], marks)
            count += 1
    return count


def _column(places: dict[str, int], key: str) -> int | None:
    return places.get(key, places.get(PAIR) if key in ("lon", "lat") else None)


def _place(places: dict[str, int], fault: ImportFault, otherwise: int) -> int:
    """The column of a fault; one without a column of its own is said in the remarks."""
    place = _column(places, fault.field)
    return otherwise if place is None else place


def _mended(cells: list[str], places: dict[str, int], cured: list[ImportFault]) -> Iterator[Mark]:
    """Write what the accepted cures say into a row's cells, and mark them: nobody decides about the same twice."""
    for fault in cured:
        said = {key: text for key, text in (fault.cure or {}).items() if key != LEAVE_OUT}
        if said.keys() >= {"lon", "lat"} and "lon" not in places:
            said = {PAIR: f"{said['lon']}, {said['lat']}"}
        for key, text in said.items():
            place = _column(places, key)
            if place is not None:
                cells[place] = text
                yield Mark(place, gettext("Mended: %(sentence)s", sentence=fault_sentence(fault)), mended=True)


def _remark(fault: ImportFault) -> str:
    said = f"{field_name(fault.field)}: {fault_sentence(fault)}"
    return f"{said} → {cure_text(fault)}" if fault.cure else said
