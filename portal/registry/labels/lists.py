"""How lists read: the names of their columns and conditions, and every value in the words of one language.

Nothing here needs a request: files are written by a worker in the language of whoever asked for them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from portal.registry.labels import (
    FILING_KIND,
    FILING_STATUS,
    LIVE_STATE,
    REGIME,
    STORAGE,
    SYSTEM_KIND,
    UNIT_TYPE,
    USE_STATUS,
    Shown,
)
from portal.registry.labels.camera import CAMERA_FIELD, CAMERA_OPTION, UNIT_OF_MEASURE, fault_text
from portal.registry.labels.past import SYSTEM_FIELD, UNIT_FIELD
from portal.registry.labels.sheets import sheet_words
from portal.registry.queries.lists import Asked, ListColumn, ListFilter, ListSpec, Look
from portal.registry.rules import CameraField
from portal.registry.rules.fields import Home, Shape
from portal.registry.rules.rows import SheetWords, field_cell
from portal.registry.states import LIVE_CODES, CameraStatus
from portal.registry.values import CameraType, Encoding, Maker, Networked, PointType
from portal.registry.values.lists import ExportFormat, ExportLayout, Sharing
from portal.regulation.loader import rulebook
from portal.web import formats
from portal.web.i18n import CHINESE, catalogue
from portal.web.problems import add_texts

LIST_TITLE: dict[str, LazyString] = {
    "units": _("Units"),
    "systems": _("Systems"),
    "cameras": _("Cameras"),
    "filings": _("Filings"),
}

# The pages of other packages' lists; those of the registry are called what they list.
LIST_PAGE: dict[str, str] = {}

COUNTED: Mapping[str, LazyString] = {
    "units": _("%(count)s units in your reach"),
    "systems": _("%(count)s systems in your reach"),
    "cameras": _("%(count)s cameras in your reach"),
    "filings": _("%(count)s filings in your reach"),
}
FITTING: Mapping[str, LazyString] = {
    "units": _("%(count)s units fit the conditions"),
    "systems": _("%(count)s systems fit the conditions"),
    "cameras": _("%(count)s cameras fit the conditions"),
    "filings": _("%(count)s filings fit the conditions"),
}

SEARCHED: Mapping[str, LazyString] = {
    "units": _("Name, initials or code"),
    "systems": _("System or unit"),
    "cameras": _("Name or device code"),
    "filings": _("Unit, system or filing number"),
}

_COMMON: Mapping[str, LazyString] = {
    "id": _("System identifier"),
    "created_at": _("Entered"),
    "filed_district": _("Filed in district"),
    "updated_at": _("Last changed"),
    "district": _("District"),
    "unit": _("Unit"),
    "system": _("System"),
    "site": _("Site"),
    "organ": _("Competent organ"),
    "regime": _("Where it stands"),
    "filed": _("Filing"),
    "cameras": _("Cameras"),
    "systems": _("Systems"),
    "live": _("Live state"),
    "faults": _("Faults of the file"),
    "kind": _("Kind of filing"),
    "status": _("Status"),
    "due_on": _("Due"),
    "submitted_at": _("Submitted"),
    "late_days": _("Days filed late"),
    "decided_at": _("Decided"),
    "number": _("Filing number"),
    "filing_number": _("Filing number"),
    "national_number": _("National filing number"),
    "revision": _("Revision"),
    "declared_by": _("Declared by"),
    "decided_by": _("Decided by"),
    "contact_phone": _("Contact telephone"),
    "duty_phone": _("Round-the-clock telephone"),
}
_OWN: dict[str, Mapping[str, LazyString]] = {
    "units": {"name": _("Unit"), **{key: text for key, text in UNIT_FIELD.items() if key != "name"}},
    "systems": {"name": _("System"), **{key: text for key, text in SYSTEM_FIELD.items() if key != "name"}},
    "cameras": CAMERA_FIELD,
    "filings": {},
}

_FILTER: Mapping[str, LazyString] = {
    "q": _("Keyword"),
    "type": _("Kind of unit"),
    "use": _("State of use"),
    "quality": _("Quality of the file"),
    "counter_terror": _("Key target of counter-terrorism"),
    "unfiled": _("Nothing filed yet"),
    "kept_below": _("Footage kept fewer days than"),
    "installed_from": _("Installed from"),
    "installed_until": _("Installed until"),
    "used_from": _("In use from"),
    "used_until": _("In use until"),
    "due_from": _("Due from"),
    "due_until": _("Due until"),
    "overdue": _("Overdue"),
    "late": _("Filed late"),
    "storage": _("Storage"),
    "site": _("Site"),
    "lapsed": _("Something has expired"),
    "audio": _("With sound"),
    "analytics": _("With analysis of faces, persons or vehicles"),
    "networked": _("Networking"),
    "incomplete": _("Without direction or zone"),
    "across": _("Hangs in another district than it is filed in"),
    "failing": _("Files with faults"),
    "fault": _("Fault"),
}

_COUNTED_IN: Mapping[str, str] = {"retention_days": "days"}

FILED: Mapping[str, Shown] = {"filed": ("ok", _("Filed")), "unfiled": ("bad", _("Not filed"))}
QUALITY: Mapping[str, Shown] = {"pass": ("ok", _("Passes")), "fail": ("bad", _("Has faults"))}
_SHOWN: dict[tuple[str, str], Mapping[Any, Shown]] = {
    ("cameras", "live"): {**LIVE_STATE, **{code: LIVE_STATE[state] for state, code in LIVE_CODES.items()}},
    ("cameras", "quality"): QUALITY,
    ("systems", "use_status"): USE_STATUS,
    ("systems", "use"): USE_STATUS,
    ("systems", "filed"): FILED,
    ("units", "filed"): FILED,
    ("filings", "status"): FILING_STATUS,
}
_WORDS: Mapping[str, Mapping[Any, LazyString]] = {
    "unit_type": UNIT_TYPE,
    "type": UNIT_TYPE,
    "regime": REGIME,
    "storage": STORAGE,
    "storage_kind": STORAGE,
}
_KINDS: Mapping[str, Any] = {
    "point_type": PointType,
    "status": CameraStatus,
    "camera_type": CameraType,
    "networked": Networked,
    "maker": Maker,
    "encoding": Encoding,
}

SHARING: Mapping[Sharing, LazyString] = {
    Sharing.SELF: _("Only for me"),
    Sharing.UNIT: _("For everybody of my unit"),
    Sharing.ORGAN: _("For everybody of my organ"),
}

EXPORT_FORMAT: Mapping[ExportFormat, LazyString] = {
    ExportFormat.XLSX: _("Excel workbook (XLSX)"),
    ExportFormat.CSV: _("CSV, UTF-8 with byte order mark"),
    ExportFormat.CSV_GB: _("CSV, GB 18030"),
    ExportFormat.GEOJSON: _("GeoJSON, positions in WGS-84"),
}
EXPORT_LAYOUT: Mapping[ExportLayout, LazyString] = {
    ExportLayout.SHOWN: _("The columns of the list"),
    ExportLayout.FILE: _("The whole file of each camera, which the import reads back"),
}

add_texts(
    {
        "view_name_taken": _("You have a view of this name already"),
        "too_many_views": _("No more than %(most)s views are kept of a list; remove one first"),
        "view_too_long": _("These are too many conditions for one view"),
        "nobody_to_share_with": _("You belong to no such unit or organ"),
        "export_reason_needed": _("Say what the file is needed for"),
        "export_too_long": _("More than %(most)s rows: set further conditions, or take the list out as CSV"),
        "permission": _("The right to do this is no longer held"),
        "changed_meanwhile": _("A record was changed meanwhile; nothing was changed"),
        "bulk_nothing_chosen": _("Tick at least one field to change"),
        "bulk_changes_nothing": _("Every camera has these values already"),
        "bulk_none": _("No camera is chosen, or none that you may read"),
        "bulk_too_many": _("More than %(most)s cameras: set further conditions"),
        "bulk_not_yours": _("You may not change this camera"),
        "bulk_zone_unknown": _("The rules of its system name no such zone"),
        "bulk_refused": _("Some cameras cannot be changed so: leave them out, or choose another value"),
    }
)


def add_list_words(
    key: str,
    *,
    title: LazyString,
    page: str,
    names: Mapping[str, LazyString],
    shown: Mapping[str, Mapping[Any, Shown]],
) -> None:
    """The words of a list of another package: its title, its columns and conditions by name, its statuses by value; and
    the endpoint of its page."""
    LIST_TITLE[key], LIST_PAGE[key], _OWN[key] = title, page, names
    _SHOWN.update({(key, name): words for name, words in shown.items()})


def column_label(spec: ListSpec, key: str) -> LazyString:
    """What a column is called."""
    if key in _OWN[spec.key]:
        return _OWN[spec.key][key]
    return _COMMON[key]


def heading(spec: ListSpec, column: ListColumn) -> str:
    """What a column is called above its values, with what they are counted in."""
    unit = column.field.unit if column.field is not None else _COUNTED_IN.get(column.key, "")
    label = str(column_label(spec, column.key))
    return gettext("%(label)s (%(unit)s)", label=label, unit=UNIT_OF_MEASURE[unit]) if unit else label


def filter_label(spec: ListSpec, key: str) -> LazyString:
    """What a condition is called."""
    if spec.key == "systems" and key == "kind":
        return SYSTEM_FIELD["kind"]
    if spec.key == "systems" and key == "networked":
        return SYSTEM_FIELD["networked"]
    own = _OWN[spec.key].get(key)
    return (own if spec.file_only else None) or _FILTER.get(key) or own or _COMMON[key]


@dataclass(frozen=True)
class Speaker:
    """One language, by the catalogues themselves; on a page, or in a file that may be read back."""

    locale: str = CHINESE
    told: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    sheet: SheetWords = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "sheet", sheet_words(self.locale, zones_told(self.locale)))

    def say(self, text: LazyString | str) -> str:
        """A text of the catalogues."""
        if not isinstance(text, LazyString):
            return str(text)
        words = catalogue(self.locale)
        if len(text._args) == 1:
            return words.gettext(str(text._args[0]))
        context, word = text._args
        return str(words.pgettext(str(context), str(word)))

    def cell(self, spec: ListSpec, column: ListColumn, value: Any) -> str:
        """A value in words, as a cell of a page or a file has it; nothing for nothing."""
        if value is None or value in ("", [], ()):
            return ""
        if column.field is not None and column.look in (Look.FIELD, Look.ZONE):
            return field_cell({_column_of(column.field): value}, column.field, self.sheet)
        return self._said(spec, column, value)

    def _said(self, spec: ListSpec, column: ListColumn, value: Any) -> str:
        text = str(value)
        if column.key in self.told:
            return self.told[column.key].get(text, text)
        match column.look:
            case Look.FLAG:
                text = self.sheet.yes if value else self.sheet.no
            case Look.DISTRICT:
                text = formats.district_in(text, self.locale)
            case Look.STATUS:
                text = self.say(_SHOWN[spec.key, column.key][value][1])
            case Look.WORDS:
                text = self.say(words_of(spec, column.key).get(value, text))
            case Look.SAID:
                text = value["zh" if self.locale == CHINESE else "en"]
            case Look.FAULTS:
                text = "; ".join(self.fault(key) for key in value)
            case Look.DAY if isinstance(value, date):
                text = formats.date_(value)
            case Look.MOMENT if isinstance(value, datetime):
                text = formats.datetime_(value)
        return text

    def writer(self, spec: ListSpec, column: ListColumn) -> Callable[[Any], str]:
        """`cell` of one column, for many rows: what was said once of a value is not worked out again."""
        said: dict[Any, str] = {}

        def write(value: Any) -> str:
            if isinstance(value, dict):
                return self.cell(spec, column, value)
            key = tuple(value) if isinstance(value, list) else value
            if key in said:
                return said[key]
            text = self.cell(spec, column, value)
            if len(said) < 500:
                said[key] = text
            return text

        return write

    def fault(self, key: str) -> str:
        """A fault of a file, with its field."""
        try:
            return f"{self.say(CAMERA_FIELD[key.partition(':')[0]])}: {self.say(fault_text(key))}"
        except KeyError:
            return key

    def option(self, spec: ListSpec, each: ListFilter, text: str) -> str:
        """One value of a condition in words."""
        if each.key in self.told:
            return self.told[each.key].get(text, text)
        if each.key == "district":
            return formats.district_in(text, self.locale)
        if each.key == "fault":
            return self.fault(text)
        if each.key == "zone":
            return self.sheet.zones.get(text, text)
        shown = _SHOWN.get((spec.key, each.key))
        if shown is not None:
            return self.say(shown[text][1])
        words = words_of(spec, each.key)
        return self.say(words[text]) if text in words else text


def words_of(spec: ListSpec, key: str) -> Mapping[Any, Any]:
    """The words of a closed vocabulary, by its texts."""
    if key == "kind":
        return FILING_KIND if spec.key == "filings" else SYSTEM_KIND
    if spec.key == "cameras" and key in _KINDS:
        return {str(value.value): text for value, text in CAMERA_OPTION[_KINDS[key]].items()}
    return _WORDS.get(key, {})


def shape_of(spec: ListSpec, key: str, value: Any) -> str:
    """The shape that stands for a status beside its word; nothing where a value has none."""
    known = _SHOWN.get((spec.key, key))
    shown = known.get(value) if known else None
    return shown[0] if shown else ""


def _column_of(each: CameraField) -> str:
    """The name under which a row of a sheet has the field."""
    if each.shape is Shape.DEGREES:
        return f"declared_{each.key}"
    return f"{each.key}_masked" if each.home is Home.SEALED else each.key


def zones_offered(locale: str) -> list[tuple[str, str]]:
    """Every zone that any text names, for a choice over many systems: key and name."""
    found: dict[str, str] = {}
    for profile in rulebook().profiles:
        for zone in profile.zones:
            found.setdefault(zone.key, zone.text.zh if locale == CHINESE else zone.text.en)
    return sorted(found.items(), key=lambda pair: pair[1])


def zones_told(locale: str) -> Mapping[str, str]:
    """Every zone by a name to be read: as a text calls it, or, where none names it, as the dictionary of places does."""
    places = rulebook().vocabulary.terms("place_zone")
    return {one.key: one.text.zh if locale == CHINESE else one.text.en for one in places} | dict(zones_offered(locale))


def speaker_of(asked: Asked, spec: ListSpec, locale: str) -> Speaker:
    """The speaker of one list: with the words that are kept in the database, where the list has any."""
    return Speaker(locale, spec.told(asked, locale)) if spec.told is not None else speaker(locale)


@cache
def speaker(locale: str) -> Speaker:
    """The speaker of a language, made once."""
    return Speaker(locale)
