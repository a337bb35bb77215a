"""Words for the registry's enumerations and faults."""

from collections.abc import Mapping

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from portal.registry.labels.archive import CONNECTION_STATUS
from portal.registry.labels.camera import (
    CAMERA_FIELD,
    CAMERA_OPTION,
    CAMERA_PART,
    CAMERA_TYPE,
    DATUM,
    FAULT,
    POINT_TYPE,
)
from portal.registry.labels.filing import (
    CLOCK_KIND,
    COMMENTED,
    COMPONENT_PART,
    CONFIRMATION_TEXT,
    DECLARATION,
    DIFF_PART,
    FILING_KIND,
    FILING_STATUS,
    FINDING_BASIS,
    FINDING_STATUS,
    HANDLER,
    MISMATCH,
    PROBLEMS,
    SHORTFALL,
)
from portal.registry.labels.imports import IMPORT_STATUS
from portal.registry.labels.zones import PREMISES, REVIEW_STATUS, TIP_STATUS
from portal.registry.rules.interiors import cites_of
from portal.registry.states import (
    CameraStatus,
    ListRunStatus,
    LiveState,
    UseAction,
    UseStatus,
)
from portal.registry.values import (
    PartyRole,
    StorageKind,
    SystemKind,
    UnitType,
)
from portal.regulation.labels import cite_all, said
from portal.regulation.loader import rulebook
from portal.regulation.schema.vocabulary import Regime
from portal.web.problems import add_texts, add_words

Shown = tuple[str, LazyString]

USE_STATUS: Mapping[UseStatus, Shown] = {
    UseStatus.PLANNED: ("idle", _("Planned")),
    UseStatus.UNDER_CONSTRUCTION: ("info", _("Under construction")),
    UseStatus.TRIAL: ("info", _("Trial run")),
    UseStatus.AWAITING_ACCEPTANCE: ("warn", _("Awaiting acceptance")),
    UseStatus.IN_USE: ("ok", _("In use")),
    UseStatus.SUSPENDED: ("warn", _("Suspended")),
    UseStatus.DISMANTLED: ("off", _("Dismantled")),
}

USE_ACTION: Mapping[UseAction, LazyString] = {
    UseAction.START_BUILDING: _("Start construction"),
    UseAction.START_TRIAL: _("Start the trial run"),
    UseAction.START_USE: _("Put into use"),
    UseAction.SUSPEND: _("Suspend use"),
    UseAction.RESUME: _("Resume use"),
    UseAction.DISMANTLE: _("Dismantle"),
}

# Down by itself or with its place; the word of every figure that counts both (`states.DOWN`).
DOWN_LABEL = _("Offline")
LIVE_STATE: Mapping[LiveState, Shown] = {
    LiveState.UNKNOWN: ("idle", _("Not probed")),
    LiveState.ONLINE: ("ok", _("Online")),
    LiveState.DEGRADED: ("warn", _("Degraded")),
    LiveState.OFFLINE: ("bad", _("Device offline")),
    LiveState.UNREACHABLE: ("warn", _("Unreachable")),
    LiveState.DISABLED: ("off", _("Probing off")),
}

CAMERA_STATUS: Mapping[CameraStatus, Shown] = {
    CameraStatus.IN_USE: ("ok", _("In use")),
    CameraStatus.REPAIR: ("warn", _("Under repair")),
    CameraStatus.DISMANTLED: ("off", _("Dismantled")),
}

LIST_RUN_STATUS: Mapping[ListRunStatus, Shown] = {
    ListRunStatus.QUEUED: ("idle", _("Waiting")),
    ListRunStatus.RUNNING: ("info", _("Under way")),
    ListRunStatus.DONE: ("ok", _("Work done")),
    ListRunStatus.FAILED: ("bad", _("Not done")),
    ListRunStatus.CANCELLED: ("off", _("Stopped")),
    ListRunStatus.EXPIRED: ("off", _("Expired")),
}

UNIT_TYPE: Mapping[UnitType, LazyString] = {
    UnitType.SCHOOL: _("School"),
    UnitType.KINDERGARTEN: _("Kindergarten"),
    UnitType.COLLEGE: _("College or university"),
    UnitType.HOSPITAL: _("Hospital"),
    UnitType.BANK: _("Bank"),
    UnitType.MALL: _("Shopping mall"),
    UnitType.HOTEL: _("Hotel"),
    UnitType.ENTERTAINMENT: _("Entertainment venue"),
    UnitType.TRANSPORT: _("Transport"),
    UnitType.GOVERNMENT: _("Government organ"),
    UnitType.MUSEUM: _("Museum, archive or heritage site"),
    UnitType.UTILITY: _("Water, power, gas or heat supply"),
    UnitType.FUEL: _("Fuel station"),
    UnitType.TELECOM: _("Post and telecommunication"),
    UnitType.MEDIA: _("Broadcasting and press"),
    UnitType.INDUSTRY: _("Industrial enterprise"),
    UnitType.DEPOT: _("Depot"),
    UnitType.PARK: _("Park or tourist site"),
    UnitType.COMMUNITY: _("Residential community"),
    UnitType.POLICE: _("Police organ"),
    UnitType.SHOP: _("Shop"),
    UnitType.OTHER: _("Other"),
}

SYSTEM_KIND: Mapping[SystemKind, LazyString] = {
    SystemKind.PUBLIC: _("City public system"),
    SystemKind.UNIT_INTERNAL: _("System of a unit"),
}

REGIME: Mapping[Regime, LazyString] = {
    Regime.PUBLIC_GOVERNMENT: _("Public place, built by government"),
    Regime.PUBLIC_UNIT: _("Public place, built by the unit in charge"),
    Regime.OTHER_PUBLIC: _("Other public place"),
    Regime.NON_PUBLIC: _("Non-public place"),
    Regime.LOCAL_INTERNAL: _("Inside a unit, under the city's measure"),
}

STORAGE: Mapping[StorageKind, LazyString] = {
    StorageKind.NVR: _("Network video recorder"),
    StorageKind.DVR: _("Digital video recorder"),
    StorageKind.PLATFORM: _("Video platform"),
    StorageKind.CLOUD: _("Cloud storage"),
    StorageKind.CAMERA: _("Card in the camera"),
}

PARTY: Mapping[PartyRole, LazyString] = {
    PartyRole.INVESTOR: _("Investor"),
    PartyRole.BUILDER: _("Builder"),
    PartyRole.USER: _("User"),
    PartyRole.MANAGER: _("Manager"),
}

add_texts(
    {
        **PROBLEMS,
        **PREMISES,
        "sheet_empty": _("Empty, but needed."),
        "sheet_long": _("Longer than %(limit)s characters."),
        "sheet_code_damaged": _(
            "%(text)s: the spreadsheet kept this code as a number and lost its last digits. Format the column as text and enter it again."
        ),
        "sheet_not_a_number": _("“%(text)s” is not a number."),
        "sheet_not_a_date": _("“%(text)s” is not a day."),
        "sheet_unknown_word": _("“%(text)s” is not one of the known words."),
        "sheet_unknown_zone": _(
            "“%(text)s” is no zone that the rules of this system name; their names stand beside the upload."
        ),
        "sheet_zero": _("Zero is not a position in this city."),
        "sheet_twice": _("The same code stands in row %(row)s."),
        "sheet_no_header": _("No header row with name, longitude and latitude was found in the first ten rows."),
        "sheet_no_rows": _("Below the header stands no camera: fill in a row at least, and upload the sheet again."),
        "uscc_taken": _("A unit with this code is registered already."),
        "public_move_needs_order": _(
            "A city public camera is moved by a relocation order (Anyang 2007 art. 6). Propose one; a wrong survey is corrected by an order, too."
        ),
        "too_many_codes": _("Too many device codes were refused as taken. Entering codes is closed for an hour."),
        "gb_code_taken": _("A camera with this code is registered already."),
        "outside_city": _(
            "This position lies outside the city's districts. Check the datum and the order of the two numbers."
        ),
        "acceptance_first": _("This system must pass acceptance before it is put into use."),
        "filing_open": _("A filing of this system is under way already."),
        "no_competent_organ": _("No police organ is set up for this district."),
        "change_reason_needed": _("This is filed already: say why it is changed"),
        "serials_used_up": _("No serial is free under these parts; choose another network digit"),
        "code_digits": _("Enter %(digits)s digits"),
        "code_network_reserved": _("Network digit %(part)s is reserved in this edition"),
        "address_not_ipv6": _("This is not an IPv6 address"),
        "mac_shape": _("A MAC address has six pairs of letters or digits, such as 3C:1A:CC:02:7F:10"),
        "address_not_an_address": _("Enter the device's IP address; names are not looked up."),
        "address_always_denied": _("No device of a unit stands at this address; the portal never calls it."),
        "address_own_service": _("This is the portal's own address."),
        "address_not_allowed": _("This address lies outside the networks that the portal may probe."),
        "address_port": _("The portal may not probe this port."),
        "out_of_range": _("Must lie between %(low)s and %(high)s."),
        "forbidden_word": _(
            "“%(word)s” (%(private_place)s): no camera may be installed there. %(private_cites)s. If the point stands elsewhere, name it so."
        ),
        "forbidden_spot": _("No camera may be installed here: %(private_place)s. %(private_cites)s."),
        "zone_named_twice": _("A zone of this name exists already."),
        "zones_too_many": _("No more than %(most)s zones of one's own are allowed."),
        "zone_everywhere": _("Every place of this kind has this zone; it cannot be declared absent."),
        "zone_has_cameras": _("Cameras cover this zone (%(count)s); take them off it first."),
        "zone_is_absent": _("This zone is declared absent; no camera can cover it."),
        "zone_in_use": _("Only a zone of one's own that no camera covers can be removed."),
        "sign_in_future": _("This day lies in the future."),
        "sign_gone": _("This sign was taken down already."),
        "mask_gone": _("This mask was removed already."),
        "points_unsettled": _(
            "Points wait for their review (%(waiting)s) or stand on forbidden ground (%(forbidden)s)."
        ),
        "review_needs_camera": _(
            "Name the camera first; a report that proves to be nothing can be cleared without one."
        ),
        "review_needs_photo": _("Attach the picture of the view that the verdict rests on."),
        "consent_not_here": _("Consent is asked for beside protected sites only."),
        "camera_unknown": _("No camera within your reach has this code or name."),
        "tips_too_many": _("Too many reports came from this address. Please try again in an hour, or call 110."),
        "tip_here_already": _("The report is with the organ of this district already."),
    }
)

add_words("private_place", lambda key: said(rulebook().reference.place_of(key).text))
add_words("private_cites", lambda key: cite_all(cites_of(key)))

__all__ = [
    "CAMERA_FIELD",
    "CAMERA_OPTION",
    "CAMERA_PART",
    "CAMERA_STATUS",
    "CAMERA_TYPE",
    "CLOCK_KIND",
    "COMMENTED",
    "COMPONENT_PART",
    "CONFIRMATION_TEXT",
    "CONNECTION_STATUS",
    "DATUM",
    "DECLARATION",
    "DIFF_PART",
    "DOWN_LABEL",
    "FAULT",
    "FILING_KIND",
    "FILING_STATUS",
    "FINDING_BASIS",
    "FINDING_STATUS",
    "HANDLER",
    "IMPORT_STATUS",
    "LIST_RUN_STATUS",
    "LIVE_STATE",
    "MISMATCH",
    "PARTY",
    "POINT_TYPE",
    "PREMISES",
    "REGIME",
    "REVIEW_STATUS",
    "SHORTFALL",
    "STORAGE",
    "SYSTEM_KIND",
    "TIP_STATUS",
    "UNIT_TYPE",
    "USE_ACTION",
    "USE_STATUS",
    "Shown",
]
