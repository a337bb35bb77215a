"""What the interface says of itself: its addresses, its fields, and the faults of what was sent."""

from collections.abc import Mapping
from enum import Enum
from typing import Any

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from portal.accounts.permissions import Permission
from portal.registry.labels import (
    CAMERA_FIELD,
    CAMERA_OPTION,
    FILING_KIND,
    FILING_STATUS,
    LIVE_STATE,
    PARTY,
    REGIME,
    SYSTEM_KIND,
    UNIT_TYPE,
    USE_STATUS,
)
from portal.registry.states import FilingStatus, LiveState, UseStatus
from portal.registry.values import FilingKind, PartyRole, SystemKind, UnitType
from portal.regulation.schema.vocabulary import Regime
from portal.web.problems import add_texts

SCOPE: Mapping[Permission, LazyString] = {
    Permission.UNIT_READ: _("Read units"),
    Permission.SYSTEM_READ: _("Read systems"),
    Permission.SYSTEM_EDIT: _("Enter and change systems"),
    Permission.CAMERA_READ: _("Read cameras"),
    Permission.CAMERA_EDIT: _("Enter and change cameras"),
    Permission.FILING_READ: _("Read filings"),
    Permission.FILING_DRAFT: _("Begin filings"),
    Permission.FILING_SUBMIT: _("Hand filings in"),
}

ME = _("Whom the token stands for")
UNITS = _("Units, newest first")
UNIT = _("One unit")
SYSTEMS = _("Systems, newest first")
SYSTEM = _("One system")
SYSTEM_NEW = _("Enter a system of a unit")
SYSTEM_CHANGE = _("Change a system; what is not sent stays")
CAMERAS = _("Cameras, newest first")
CAMERA = _("One camera, one file")
CAMERA_NEW = _("Enter a camera of a system")
CAMERA_CHANGE = _("Change a camera; what is not sent stays")
FILINGS = _("Filings, newest first")
FILING = _("One filing")
FILING_NEW = _("Begin a filing of a system")
FILING_SUBMIT = _("Hand a filing in")
REFUSALS: Mapping[int, LazyString] = {
    401: _("No token, or one that is unknown, expired or revoked"),
    403: _("Neither the roles of the person nor the scopes of the token carry the permission"),
    404: _("Not there, or out of the person's sight"),
    409: _("Changed by somebody else since it was read, or not possible in the present state"),
    422: _("The input has faults, each named with its field; or the key was used for something else"),
    429: _("Too many requests; Retry-After says how long to wait"),
}

# Fields that are not in the camera's file.
FIELD: Mapping[str, LazyString] = {
    "id": _("Key in this portal"),
    "unit_id": _("Unit (key)"),
    "system_id": _("System (key)"),
    "organ_id": _("Competent organ (key)"),
    "uscc": _("Unified social credit code"),
    "unit_type": _("Kind of place"),
    "category": _("Category of those who must install"),
    "position": _("Position in WGS-84"),
    "contact_name": _("Contact"),
    "contact_phone_masked": _("Telephone of the contact, masked"),
    "created_at": _("Entered at"),
    "updated_at": _("Last changed at"),
    "version": _("Version, counted up by each change"),
    "kind": _("Kind"),
    "regime": _("Where it stands"),
    "purpose": _("Purpose"),
    "use_status": _("State of use"),
    "in_use_on": _("In use since"),
    "storage_kind": _("Storage"),
    "has_analytics": _("Faces, persons or vehicles are analysed"),
    "software": _("Control software and version"),
    "parties": _("Investor, builder, user, manager"),
    "live": _("State at the last probe"),
    "fault_keys": _("Faults of the file; null before the first check"),
    "failing": _("Whether the file has faults"),
    "system_name": _("Name of the system"),
    "unit_name": _("Name of the unit"),
    "number": _("Filing number"),
    "national_number": _("National filing number"),
    "revision": _("How often it was handed in"),
    "due_on": _("Due on"),
    "submitted_at": _("Handed in at"),
    "decided_at": _("Decided at"),
    "decision_reason": _("Grounds of the decision"),
    "field_comments": _("Comments at fields"),
    "receipt_code": _("Code of the receipt"),
    "declared_by": _("Who declares it"),
    "reason": _("Reason of the change; asked for once the system is filed"),
    "limit": _("Rows of a page"),
    "after": _("Where the page before ended: the `next` of its answer"),
    "items": _("The rows of this page"),
    "next": _("Where the next page begins; null at the end"),
    "scopes": _("Scopes"),
    "expires_at": _("Expires at"),
    "roles": _("Roles"),
    "organ": _("Organ"),
}


def _words(labels: Mapping[Any, Any]) -> Mapping[Any, LazyString]:
    return {key: shown[1] if isinstance(shown, tuple) else shown for key, shown in labels.items()}


# What the values of each vocabulary mean.
OPTION: Mapping[type[Enum], Mapping[Any, LazyString]] = {
    **CAMERA_OPTION,
    UnitType: UNIT_TYPE,
    SystemKind: SYSTEM_KIND,
    Regime: REGIME,
    UseStatus: _words(USE_STATUS),
    LiveState: _words(LIVE_STATE),
    FilingStatus: _words(FILING_STATUS),
    FilingKind: FILING_KIND,
    PartyRole: PARTY,
}


def field_text(name: str, key: str = "") -> str:
    """What a field is, in the reader's language; nothing for one that speaks for itself."""
    found = CAMERA_FIELD.get(key or name) or FIELD.get(name) or CAMERA_FIELD.get(name.removesuffix("_masked"))
    return str(found) if found else ""


add_texts(
    {
        "api_json": _("The body must be JSON, sent as application/json."),
        "api_unknown_field": _("There is no such field here."),
        "api_choice": _("One of these is expected: %(choices)s."),
        "api_least": _("Must be at least %(low)s."),
        "api_most": _("Must be at most %(high)s."),
        "api_shape": _("A value of another kind is expected here."),
        "api_zone": _("The rules that apply to this system know no such zone."),
        "api_district": _("There is no such district in this city."),
    }
)
