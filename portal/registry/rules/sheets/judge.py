"""What becomes of a row: a new camera, a change of one on record, nothing new, or parked with its faults.

Pure. Who asks has looked up what the registry knows of a batch of rows (`Known`); the dry run and the real run ask the
same question and so get the same answer.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as default
from decimal import Decimal
from typing import Any, Final, NamedTuple
from uuid import UUID

from portal.core.geometry import Datum, LonLat, distance_m, to_wgs84
from portal.registry.rules.fields import COLUMNS, TYPED, Home, Shape, column_value
from portal.registry.rules.sheets.faults import LEAVE_OUT, SAME_CAMERA, Cure, Fault
from portal.registry.rules.sheets.parse import ParsedRow, SheetReader
from portal.registry.values import CameraParticulars
from portal.registry.values.rows import RowOutcome

SAME_PLACE_M: Final = 30.0  # two readings of one place
SHIFTED_M: Final = 300.0  # no datum is mistaken for another by less than half a kilometre here
_NEAR_UNIT_M: Final = 200.0
_NAMES: Final[Mapping[Datum, str]] = {Datum.WGS84: "WGS-84", Datum.GCJ02: "GCJ-02", Datum.BD09: "BD-09"}
_CLEARABLE: Final = frozenset(
    {Shape.TEXT, Shape.LONG, Shape.CODE, Shape.WHOLE, Shape.DECIMAL, Shape.DAY, Shape.MANY, Shape.ZONE}
)
_PHONES: Final = tuple(each.key for each in TYPED if each.home is Home.SEALED)
# What a camera has of which a sheet says nothing.
_DEFAULTS: Final = CameraParticulars(name="", lon=0, lat=0)

Record = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Known:
    """What is on record about a batch: cameras of the unit by id, by code and by name; codes that others hold."""

    by_id: Mapping[UUID, Record] = default(default_factory=dict)
    by_code: Mapping[str, Record] = default(default_factory=dict)
    by_name: Mapping[str, Sequence[Record]] = default(default_factory=dict)
    taken: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What holds for a whole sheet. `given` follows from where a camera hangs; `home` is where its unit stands."""

    datum: Datum
    given: Mapping[str, str]
    home: LonLat | None
    district_of: Callable[[LonLat], str | None]
    same_phone: Callable[[Record, str, str], bool]
    same_storage: Callable[[Record, str], bool] = lambda _record, _address: False
    denied: Callable[[str], str] = lambda _address: ""


class Place(NamedTuple):
    """Where a row's camera stands: on the map, in which district, and in which datum its degrees were given."""

    lonlat: LonLat
    district: str
    datum: Datum


@dataclass
class Seen:
    """Rows of this sheet by what must not stand in it twice."""

    codes: dict[str, int] = default(default_factory=dict)
    cameras: dict[UUID, int] = default(default_factory=dict)
    places: dict[int, int] = default(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Judged:
    """A row and what becomes of it: `columns` are those to write, `phones` those to seal, `access` how it is reached.

    Of a new camera, `columns` hold its place alone; the rest is what its row has `written`.
    """

    parsed: ParsedRow
    outcome: RowOutcome
    faults: Sequence[Fault] = ()
    record: Record | None = None
    columns: Mapping[str, Any] = default(default_factory=dict)
    phones: Mapping[str, str] = default(default_factory=dict)
    access: Mapping[str, str] = default(default_factory=dict)


def place_key(name: str, lon: Decimal, lat: Decimal, azimuth: int | None, direction: int | None) -> int:
    """What two rows without codes share that mean the same camera; a number, since a sheet may have many rows."""
    return hash((name, lon, lat, azimuth, direction))


def record_of(parsed: ParsedRow, known: Known) -> Record | None:
    """The camera that a row speaks of: by the portal's id first, then by its code."""
    if parsed.portal_id is not None:
        return known.by_id.get(parsed.portal_id)
    return known.by_code.get(parsed.values.get("gb_code", ""))


class Judge:
    """Judges the rows of one sheet, in their order."""

    def __init__(self, reader: SheetReader, setting: Setting, seen: Seen) -> None:
        self.reader, self.setting, self.seen = reader, setting, seen

    def judge(self, parsed: ParsedRow, known: Known) -> Judged:
        """What becomes of a row. Its own faults are found already; here it stands beside the others and the registry."""
        if parsed.decided.left_out:
            return Judged(parsed=parsed, outcome=RowOutcome.LEFT_OUT)
        faults = list(parsed.faults)
        record = self._record(parsed, known, faults)
        self._twice(parsed, record, faults)
        place = self._placed(parsed, record, faults)
        access = self._reached(parsed, record, faults) if parsed.access else {}
        if record is None and not faults:
            self._on_record(parsed, place and place.lonlat, known, faults)
        if faults:
            return Judged(parsed=parsed, outcome=RowOutcome.PARKED, faults=faults, record=record)
        if record is None:
            columns = _position(parsed.values["lon"], parsed.values["lat"], place) if place else {}
            phones = {name: parsed.values[name] for name in _PHONES if parsed.values.get(name)}
            return Judged(parsed=parsed, outcome=RowOutcome.NEW, columns=columns, phones=phones, access=access)
        return self._changed(parsed, record, place, access)

    # --- which camera ---------------------------------------------------------------------------------------------

    def _record(self, parsed: ParsedRow, known: Known, faults: list[Fault]) -> Record | None:
        """The camera that a row speaks of, and whether it may."""
        number, code = parsed.number, parsed.values.get("gb_code")
        holder = known.by_code.get(code) if code else None
        if code in known.taken:
            cure = Cure("leave_empty", {"gb_code": ""})
            faults.append(self.reader.fault(number, "gb_code", "gb_code_taken", cure=cure))
        if parsed.portal_id is None:
            return holder
        record = record_of(parsed, known)
        if record is None:
            cure = Cure("as_new", {SAME_CAMERA: ""})
            faults.append(self.reader.fault(number, SAME_CAMERA, "sheet_id_unknown", cure=cure))
        elif holder is not None and holder["id"] != record["id"]:
            name = str(holder["name"])[:60]
            faults.append(self.reader.fault(number, "gb_code", "sheet_code_of_another", name=name))
        return record

    def _twice(self, parsed: ParsedRow, record: Record | None, faults: list[Fault]) -> None:
        values, number = parsed.values, parsed.number
        leave_out = Cure("leave_out", {LEAVE_OUT: "1"})
        code = values.get("gb_code")
        if code and (first := self.seen.codes.setdefault(code, number)) != number:
            faults.append(self.reader.fault(number, "gb_code", "sheet_twice", cure=leave_out, row=str(first)))
        elif record is not None and (first := self.seen.cameras.setdefault(record["id"], number)) != number:
            field = SAME_CAMERA if parsed.portal_id else "gb_code"
            faults.append(self.reader.fault(number, field, "sheet_camera_twice", cure=leave_out, row=str(first)))
        if code or record is not None or not {"name", "lon", "lat"} <= values.keys():
            return
        place = place_key(values["name"], values["lon"], values["lat"], values.get("azimuth"), values.get("direction"))
        first = self.seen.places.setdefault(place, number)
        if first != number and ("name", "sheet_same_camera") not in parsed.decided.kept:
            faults.append(self.reader.fault(number, "name", "sheet_same_camera", cure=leave_out, row=str(first)))

    def _on_record(self, parsed: ParsedRow, lonlat: LonLat | None, known: Known, faults: list[Fault]) -> None:
        """A camera without a code that stands on record under the same name at the same place: entered before."""
        if ("name", "camera_on_record") in parsed.decided.kept or lonlat is None or parsed.values.get("gb_code"):
            return
        for one in known.by_name.get(parsed.values["name"], ()):
            if distance_m(lonlat, (one["lon"], one["lat"])) <= SAME_PLACE_M:
                cure = Cure("same_camera", {SAME_CAMERA: str(one["id"])})
                faults.append(self.reader.fault(parsed.number, "name", "camera_on_record", cure=cure))
                return

    # --- how it is reached ----------------------------------------------------------------------------------------

    def _reached(self, parsed: ParsedRow, record: Record | None, faults: list[Fault]) -> Mapping[str, str]:
        """What a row says anew of how its camera is reached. An address on record may be one that nobody may enter now."""
        held = record.get("access", {}) if record is not None else {}
        said = {name: text for name, text in parsed.access.items() if held.get(name) != text}
        if (
            record is not None
            and "storage_address" in said
            and self.setting.same_storage(record, said["storage_address"])
        ):
            del said["storage_address"]
        if "host" in said and (denial := self.setting.denied(said["host"])):
            faults.append(self.reader.fault(parsed.number, "host", f"address_{denial}"))
        elif said and not held and "host" not in said and parsed.sound("host"):
            faults.append(self.reader.fault(parsed.number, next(iter(said)), "access_needs_host"))
        return said

    # --- where it stands ------------------------------------------------------------------------------------------

    def _placed(self, parsed: ParsedRow, record: Record | None, faults: list[Fault]) -> Place | None:
        """The position as it will stand on the map, and its district; nothing for a row that leaves it as it is."""
        values = parsed.values
        if not parsed.sound("lon", "lat", "datum") or not ("lon" in values or "lat" in values or "datum" in values):
            return None
        lon = values.get("lon", record and Decimal(record["declared_lon"] or 0))
        lat = values.get("lat", record and Decimal(record["declared_lat"] or 0))
        if lon is None or lat is None:
            return None
        datum, pair = self._datum(values, record, lon, lat), (float(lon), float(lat))
        lonlat = to_wgs84(*pair, datum)
        district = self.setting.district_of(lonlat)
        if district is None:
            faults.append(self.reader.fault(parsed.number, "lon", "outside_city"))
        else:
            self._shifted(parsed, record, pair, datum, faults)
        return Place(lonlat, district or "", datum)

    def _datum(self, values: Mapping[str, Any], record: Record | None, lon: Any, lat: Any) -> Datum:
        if "datum" in values:
            return Datum(values["datum"])
        # Who leaves the numbers as they were says nothing new about their datum.
        unmoved = record is not None and _equal(record["declared_lon"], lon) and _equal(record["declared_lat"], lat)
        return Datum(record["datum"]) if record is not None and unmoved else self.setting.datum

    def _shifted(
        self, parsed: ParsedRow, record: Record | None, pair: LonLat, datum: Datum, faults: list[Fault]
    ) -> None:
        """A position that fits what is known only in another datum was most likely measured in that one."""
        if ("lon", "position_shifted") in parsed.decided.kept:
            return
        known = (record["lon"], record["lat"]) if record is not None else self.setting.home
        near = SAME_PLACE_M if record is not None else _NEAR_UNIT_M
        if known is None:
            return
        here = distance_m(to_wgs84(*pair, datum), known)
        if here < SHIFTED_M + (0 if record is not None else near):
            return
        for other, name in _NAMES.items():
            if other is not datum and distance_m(to_wgs84(*pair, other), known) <= near:
                cure, metres = Cure("other_datum", {"datum": name}), str(round(here))
                found = self.reader.fault(
                    parsed.number, "lon", "position_shifted", cure=cure, metres=metres, datum=name
                )
                faults.append(found)
                return

    # --- what is written ------------------------------------------------------------------------------------------

    def _changed(self, parsed: ParsedRow, record: Record, place: Place | None, access: Mapping[str, str]) -> Judged:
        """Which columns a row would change. An empty cell means empty only in the portal's own sheet, by its id."""
        values, columns = parsed.values, {}
        for each in COLUMNS:
            if each.key in values:
                new = column_value(each, values[each.key])
            elif parsed.portal_id and each.key in self.reader.present and each.shape in _CLEARABLE:
                new = self.setting.given.get(each.key) or _default(each.key)
            else:
                continue
            if not _equal(record[each.key], new) and each.key != "datum":
                columns[each.key] = new
        if place is not None:
            lon = values.get("lon", record["declared_lon"])
            lat = values.get("lat", record["declared_lat"])
            unmoved = _equal(record["declared_lon"], lon) and _equal(record["declared_lat"], lat)
            if not unmoved or record["datum"] != place.datum:
                columns |= _position(lon, lat, place)
        phones = {
            name: values[name]
            for name in _PHONES
            if values.get(name) and not self.setting.same_phone(record, name, values[name])
        }
        outcome = RowOutcome.CHANGED if columns or phones or access else RowOutcome.SAME
        return Judged(parsed=parsed, outcome=outcome, record=record, columns=columns, phones=phones, access=access)


def _default(key: str) -> Any:
    value = getattr(_DEFAULTS, key)
    return [] if value == () else getattr(value, "value", value)


# What stands in the columns that a sheet is silent about.
NOTHING_SAID: Final[dict[str, Any]] = {each.key: _default(each.key) for each in COLUMNS}


def _position(lon: Any, lat: Any, place: Place) -> dict[str, Any]:
    return {
        "declared_lon": _raw(lon),
        "declared_lat": _raw(lat),
        "datum": place.datum.value,
        "lonlat": place.lonlat,
        "district": place.district,
    }


def _raw(value: Any) -> str:
    """Degrees as they were given, in at most twenty characters."""
    text = str(value)
    return f"{value:f}"[:20] if "E" in text else text[:20]


def _equal(old: Any, new: Any) -> bool:
    """Whether a column holds a value already: numbers as numbers, nothing as nothing."""
    if isinstance(new, Decimal) and old not in (None, ""):
        return Decimal(str(old)) == new
    if isinstance(old, Decimal) and new is not None:
        return old == Decimal(str(new))
    return bool(old == new) or (old in (None, "", []) and new in (None, "", []))
