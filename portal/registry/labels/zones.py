"""Words for zones, signs, reviews, protected sites and tip-offs."""

from collections.abc import Mapping

from flask_babel import get_locale
from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from portal.registry.models import SystemZone
from portal.registry.states import ReviewAction, ReviewStatus, TipStatus
from portal.registry.values.zones import ReviewKind, ReviewSource, SiteKind, TipCategory, TipOutcome, ZoneState
from portal.regulation.labels import term
from portal.regulation.loader import rulebook
from portal.regulation.rulebook import UnknownKey

Shown = tuple[str, LazyString]

NOT_ASSESSED: Shown = ("idle", _("Not assessed yet"))
ZONE_STATE: Mapping[ZoneState, Shown] = {
    ZoneState.COVERED: ("ok", _("Covered")),
    ZoneState.PARTIAL: ("warn", _("Blind spots")),
    ZoneState.DARK: ("bad", _("All cameras offline")),
    ZoneState.GAP: ("bad", _("Not covered")),
    ZoneState.OPTIONAL: ("idle", _("Not asked for")),
    ZoneState.ABSENT: ("off", _("Not here")),
}

PREMISES: Mapping[str, LazyString] = {
    "points_forbidden": _("Cameras on forbidden ground: %(count)s, among them “%(camera)s”. Move or dismantle them."),
    "points_waiting": _(
        "Points that the police have yet to look at: %(count)s. The filing is accepted only afterwards."
    ),
    "mask_missing": _("Views into homes without a privacy mask on record: %(count)s."),
    "zones_uncovered": _("Zones without a camera: %(zones)s (%(count)s in all)."),
    "zones_dark": _("Zones whose cameras all fail: %(zones)s (%(count)s in all)."),
    "sign_missing": _("No sign on record: %(zones)s."),
    "standards_missing": _("Name the standards that the system is built to."),
    "standard_withdrawn": _("%(number)s was withdrawn on %(day)s, before the system came into use."),
}

REVIEW_STATUS: Mapping[ReviewStatus, Shown] = {
    ReviewStatus.OPEN: ("warn", _("Needs review")),
    ReviewStatus.CLEARED: ("ok", _("Cleared")),
    ReviewStatus.MASK_ASKED: ("info", _("Privacy mask asked for")),
    ReviewStatus.CONSENT_ASKED: ("info", _("Consent asked for")),
    ReviewStatus.FORBIDDEN: ("bad", _("Forbidden, to be removed")),
    ReviewStatus.LAPSED: ("off", _("No longer applies")),
}

REVIEW_ACTION: Mapping[ReviewAction, LazyString] = {
    ReviewAction.CLEAR: _("Clear the point"),
    ReviewAction.ASK_MASK: _("Ask for a privacy mask"),
    ReviewAction.ASK_CONSENT: _("Ask for the site's consent"),
    ReviewAction.FORBID: _("Forbid the point"),
}

REVIEW_KIND: Mapping[ReviewKind, LazyString] = {
    ReviewKind.INTERIOR: _("Private place in doubt"),
    ReviewKind.NEAR_SECRET: _("Beside a protected site"),
    ReviewKind.TIP_OFF: _("Report of the public"),
}

REVIEW_SOURCE: Mapping[ReviewSource, LazyString] = {
    ReviewSource.ENTRY: _("Entry or change of the camera"),
    ReviewSource.IMPORT: _("Import"),
    ReviewSource.FILING: _("Filing"),
    ReviewSource.CHECK: _("Regular check"),
    ReviewSource.TIP_OFF: _("Report of the public"),
}

SITE_KIND: Mapping[SiteKind, LazyString] = {
    SiteKind.MILITARY: _("Military zone"),
    SiteKind.SECRET_ORGAN: _("Secret-handling organ"),
}

TIP_CATEGORY: Mapping[TipCategory, LazyString] = {
    TipCategory.FORBIDDEN_PLACE: _("Camera in a forbidden place"),
    TipCategory.INTRUSION: _("Camera that intrudes on privacy"),
    TipCategory.MISSING_SIGN: _("Camera without a sign"),
    TipCategory.UNFILED: _("Camera installed without right or filing"),
}

TIP_STATUS: Mapping[TipStatus, Shown] = {
    TipStatus.RECEIVED: ("warn", _("Waiting to be taken up")),
    TipStatus.IN_HAND: ("info", _("In hand")),
    TipStatus.CLOSED: ("ok", _("Case closed")),
}

TIP_OUTCOME: Mapping[TipOutcome, LazyString] = {
    TipOutcome.CORRECTED: _("Put right on the spot"),
    TipOutcome.ORDERED: _("Correction ordered"),
    TipOutcome.UNFOUNDED: _("Found in order"),
    TipOutcome.HANDED_ON: _("Handed to the competent department"),
}


def zone_name(zone: SystemZone) -> str:
    """What a zone is called: by the unit, by the text it comes from, or by the dictionary."""
    return zone_words(zone.key, zone.name, zone.profile)


def zone_words(key: str, name: str, profile: str) -> str:
    """The same from its parts."""
    if name:
        return name
    try:
        zones = rulebook().profile(profile).zones if profile else ()
    except UnknownKey:
        zones = ()
    text = next((zone.text for zone in zones if zone.key == key), None)
    return text.in_language(str(get_locale())) if text else term("place_zone", key)
