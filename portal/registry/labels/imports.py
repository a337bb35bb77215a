"""Words for imports: what became of a row, what is wrong at a cell, what would cure it, what ties a camera down."""

from collections.abc import Iterator, Mapping
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from portal.registry.labels.camera import CAMERA_FIELD, shown
from portal.registry.models import ImportFault, ImportRow
from portal.registry.rules import BY_KEY
from portal.registry.rules.rows import PORTAL_ID
from portal.registry.rules.sheets import LEAVE_OUT
from portal.registry.states import ImportStatus
from portal.registry.values.rows import RowOutcome, RowStage
from portal.web.problems import add_texts, sentence

Shown = tuple[str, LazyString]

IMPORT_STATUS: Mapping[ImportStatus, Shown] = {
    ImportStatus.QUEUED: ("idle", _("Waiting")),
    ImportStatus.READING: ("info", _("Checking")),
    ImportStatus.CHECKED: ("info", _("Checked")),
    ImportStatus.LOADING: ("info", _("Loading")),
    ImportStatus.DONE: ("ok", _("Loaded")),
    ImportStatus.FAILED: ("bad", _("Not loaded")),
    ImportStatus.CANCELLED: ("off", _("Cancelled")),
    ImportStatus.UNDOING: ("info", _("Being undone")),
    ImportStatus.UNDONE: ("off", _("Undone")),
}

ROW_OUTCOME: Mapping[RowOutcome, Shown] = {
    RowOutcome.NEW: ("ok", _("New camera")),
    RowOutcome.CHANGED: ("info", _("Changes a camera")),
    RowOutcome.SAME: ("idle", _("Nothing new")),
    RowOutcome.PARKED: ("bad", _("Parked with faults")),
    RowOutcome.LEFT_OUT: ("off", _("Left out")),
}

ROW_STAGE: Mapping[RowStage, LazyString | str] = {
    RowStage.STAGED: "",
    RowStage.OUT: _("taken out again"),
    RowStage.KEPT: _("stayed in"),
}

CURE: Mapping[str, LazyString] = {
    "leave_empty": _("Leave the cell empty"),
    "only_number": _("Take the number in it"),
    "first_day": _("Take the first day"),
    "likely_day": _("Take the likely day"),
    "nearest_word": _("Take the nearest known word"),
    "shorten": _("Cut it to length"),
    "full_turn": _("Write a full turn as 0"),
    "swap": _("Swap longitude and latitude"),
    "point": _("Put the decimal point back"),
    "leave_out": _("Leave the row out"),
    "as_new": _("Enter it as a new camera"),
    "same_camera": _("Take it for the camera on record"),
    "other_datum": _("Read the position in the other datum"),
}

# A kind of fault is said without the cell's own words.
KIND: Mapping[str, LazyString] = {
    "sheet_not_a_number": _("Not a number"),
    "sheet_not_whole": _("Not a whole number"),
    "sheet_not_a_date": _("Not a day"),
    "sheet_day_ambiguous": _("The day can be read in two ways"),
    "sheet_unknown_word": _("Not one of the known words"),
    "sheet_unknown_zone": _("No zone that the rules of this system name"),
    "sheet_code_damaged": _("A spreadsheet turned the code into a number"),
    "sheet_code_rounded": _("The code ends in noughts: a spreadsheet has likely rounded it"),
    "sheet_twice": _("The same code stands further up"),
    "sheet_camera_twice": _("The same camera stands further up"),
    "sheet_same_camera": _("Same name, position and direction as a row further up"),
    "sheet_code_of_another": _("The code belongs to another camera of the unit"),
    "sheet_point_lost": _("The decimal point is missing"),
    "sheet_formula": _("A formula instead of a text"),
    "position_shifted": _("The position fits only in another datum"),
    "sheet_long": _("Too long"),
    "out_of_range": _("Out of bounds"),
    "device_code_length": _("The code does not have 20 digits"),
    "device_code_character": _("The code holds something other than digits"),
    "device_code_industry": _("Digits 9 and 10 of the code are no industry"),
    "device_code_type": _("Digits 11 to 13 of the code are no device type"),
}

TIE: Mapping[str, LazyString] = {
    "removed": _("The camera is no longer on record"),
    "edited": _("Edited since"),
    "filed": _("Its system was filed since"),
    "code_taken": _("Its former code belongs to another camera now"),
    "camera_access": _("Its access data have been entered"),
    "footage_request_camera": _("Used in a request for footage"),
    "probe_target": _("It is being probed"),
    "device_status": _("It has a connection record"),
    "device_state_change": _("It has a connection record"),
    "probe_run": _("It was probed"),
}

add_texts(
    {
        "lonlat_swapped": _("Longitude and latitude are swapped."),
        "outside_china": _("Not a position in this country."),
        "sheet_formulas": _(
            "The sheet holds formulas (%(count)s, the first in %(cell)s). Copy the cells, paste them as values, and upload the sheet again."
        ),
        "sheet_formula": _("“%(text)s” is a formula, not a text."),
        "sheet_hopeless": _("More than half a million faults: these columns hold something else. Nothing is loaded."),
        "sheet_not_whole": _("“%(text)s” is not a whole number."),
        "sheet_day_ambiguous": _("“%(text)s” can be read as more than one day."),
        "sheet_code_rounded": _(
            "%(text)s ends in noughts: a spreadsheet keeps only fifteen digits of a number and has likely rounded this code."
        ),
        "sheet_id_unknown": _("No camera of this unit has this id."),
        "sheet_code_of_another": _("This code belongs to “%(name)s”, another camera of the unit."),
        "sheet_camera_twice": _("Row %(row)s speaks of the same camera."),
        "sheet_same_camera": _("Row %(row)s has the same name, position and direction."),
        "sheet_note_row": _("This looks like a note or a total, not a camera."),
        "sheet_point_lost": _("The decimal point is missing."),
        "camera_on_record": _("A camera of this name stands on record at this place already."),
        "position_shifted": _(
            "%(metres)s m from where it should be; read in %(datum)s it fits. It was most likely measured in that datum."
        ),
        "access_needs_host": _("A camera without an IPv4 address on record needs one beside this."),
        "sheet_changed_meanwhile": _("The camera was changed after the sheet was checked."),
    }
)


def field_name(key: str) -> str:
    """A field by its name, the portal's id included."""
    return str(CAMERA_FIELD.get(key, "")) or gettext("Portal id")


def fault_sentence(fault: ImportFault) -> str:
    """What is wrong at a cell."""
    return sentence(fault.code, fault.data)


def kind_sentence(code: str) -> str:
    """What is wrong with all faults of a kind."""
    return str(KIND[code]) if code in KIND else sentence(code, {})


def cure_text(fault: ImportFault) -> str:
    """What the cell would read instead; how, where no text tells it."""
    told = {key: text for key, text in (fault.cure or {}).items() if key not in (PORTAL_ID, LEAVE_OUT) and text}
    if not told:
        return str(CURE.get(fault.cure_code, ""))
    if set(told) == {fault.field}:
        return told[fault.field]
    return gettext(", ").join(f"{field_name(key)} {text}" for key, text in told.items())


def tie_text(what: str) -> str:
    """What stands in the way of taking a camera out; a table without words of its own is another record."""
    return str(TIE[what]) if what in TIE else gettext("Other records speak of it")


def row_changes(row: ImportRow) -> Iterator[tuple[str, str, str]]:
    """Each field a row changes: its name, what it held, what it will hold."""
    payload, before = row.payload or {}, row.before or {}
    for key in BY_KEY:
        column = f"declared_{key}" if key in ("lon", "lat") else key
        if column in payload and column in before:
            yield field_name(key), _said(key, before[column]), _said(key, payload[column])
        elif f"{key}_masked" in payload:
            yield field_name(key), before.get(f"{key}_masked") or "", payload[f"{key}_masked"]
    if row.access_sealed:
        yield gettext("Device access"), "", gettext("set, and kept sealed")


def _said(key: str, value: Any) -> str:
    return str(value) if key in ("lon", "lat") else shown(BY_KEY[key], value)
