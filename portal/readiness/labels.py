"""Words for checks: what was found, what to cure, where it was seen."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _
from flask_babel import lazy_pgettext
from flask_babel.speaklater import LazyString

from portal.inspection.states import ReadinessCause
from portal.readiness.states import CheckKey, CheckVerdict, Source
from portal.readiness.values import Check
from portal.registry.labels.archive import VALIDITY
from portal.registry.labels.zones import ZONE_STATE
from portal.registry.values.archive import Validity
from portal.registry.values.zones import ZoneState
from portal.regulation.labels import said
from portal.regulation.loader import rulebook
from portal.regulation.schema.base import Text
from portal.web.problems import add_texts

_K = CheckKey
Shown = tuple[str, LazyString]

VERDICT: Mapping[CheckVerdict, Shown] = {
    CheckVerdict.MET: ("ok", lazy_pgettext("check", "In order")),
    CheckVerdict.NOT_MET: ("bad", lazy_pgettext("check", "Falls short")),
    CheckVerdict.UNKNOWN: ("idle", lazy_pgettext("check", "Cannot be told")),
}
# A shortfall that bars nothing is no alarm.
MINOR: Shown = ("warn", lazy_pgettext("check", "Falls short"))

SOURCE: Mapping[Source, LazyString] = {
    Source.REGISTRY: _("from the file"),
    Source.PROBE: _("probed"),
    Source.VAULT: _("from the papers"),
}

CAUSE: Mapping[ReadinessCause, LazyString] = {
    ReadinessCause.APPLICATION: _("on application"),
    ReadinessCause.UNIT: _("asked for by the unit"),
    ReadinessCause.ORGAN: _("asked for by the organ"),
    ReadinessCause.NIGHT: _("nightly"),
}

# By check and by the code of what was found; the check itself stands for what needs no other words.
FOUND: Mapping[tuple[CheckKey, str], LazyString] = {
    (_K.ZONES, ""): _("%(found)s zones are covered"),
    (_K.ZONES, "short"): _("%(found)s zones are covered"),
    (_K.INTERIORS, ""): _("No device in a forbidden place"),
    (_K.INTERIORS, "forbidden"): _("%(found)s devices in forbidden places"),
    (_K.INTERIORS, "waiting"): _("%(found)s points are still being looked into"),
    (_K.MASKS, ""): _("%(found)s views into homes without a mask"),
    (_K.SIGNS, ""): _("A sign with its photo at every place asked for"),
    (_K.SIGNS, "short"): _("%(found)s places without a sign"),
    (_K.RETENTION_DECLARED, ""): _("%(found)s days are declared; at least %(wanted)s are asked for"),
    (_K.RETENTION_DECLARED, "unstated"): _("No retention is stated; at least %(wanted)s days are asked for"),
    (_K.RETENTION_DECLARED, "system"): _("%(found)s days are declared; at least %(wanted)s are asked for"),
    (_K.RETENTION_DECLARED, "cameras"): _("%(count)s cameras state less than %(wanted)s days"),
    (_K.RETENTION_MEASURED, ""): _("Recordings reach back %(found)s days; at least %(wanted)s are asked for"),
    (_K.RETENTION_MEASURED, "short"): _("Recordings reach back %(found)s days; at least %(wanted)s are asked for"),
    (_K.RETENTION_MEASURED, "young"): _("The devices have not run for %(wanted)s days yet"),
    (_K.RETENTION_MEASURED, "untold"): _("Too few devices tell how far their recordings reach back"),
    (_K.RECORDING, ""): _("%(found)s cameras are recording"),
    (_K.RECORDING, "short"): _("%(found)s cameras are recording"),
    (_K.RECORDING, "untold"): _("Too few devices tell whether they are recording"),
    (_K.RESOLUTION_DECLARED, ""): _("At least %(found)s; %(wanted)s is asked for"),
    (_K.RESOLUTION_DECLARED, "short"): _("%(count)s cameras below %(wanted)s, the lowest %(found)s"),
    (_K.RESOLUTION_DECLARED, "untold"): _("Too few cameras state their resolution"),
    (_K.RESOLUTION_MEASURED, ""): _("At least %(found)s; %(wanted)s is asked for"),
    (_K.RESOLUTION_MEASURED, "short"): _("%(count)s cameras below %(wanted)s, the lowest %(found)s"),
    (_K.RESOLUTION_MEASURED, "untold"): _("Too few devices tell their resolution"),
    (_K.RESOLUTION_AGREES, ""): _("%(found)s cameras give the picture on file"),
    (_K.RESOLUTION_AGREES, "short"): _("%(count)s cameras give a smaller picture than their files state"),
    (_K.RESOLUTION_AGREES, "untold"): _("Too few devices tell their resolution"),
    (_K.ONLINE, ""): _("%(found)s cameras are online; %(wanted)s are asked for"),
    (_K.ONLINE, "short"): _("%(found)s cameras are online; %(wanted)s are asked for"),
    (_K.ONLINE, "unprobed"): _("Too few cameras were probed lately"),
    (_K.CLOCK, ""): _("The furthest clock is %(found)s seconds off; %(wanted)s are allowed"),
    (_K.CLOCK, "short"): _("%(count)s clocks are more than %(wanted)s seconds off, the furthest %(found)s"),
    (_K.CLOCK, "untold"): _("Too few devices tell their time"),
    (_K.PASSWORDS, ""): _("%(found)s cameras answer with a password only"),
    (_K.PASSWORDS, "short"): _("%(count)s cameras answer without a password"),
    (_K.PASSWORDS, "untold"): _("Too few devices could be asked"),
    (_K.DEVICE_CODES, ""): _("%(found)s codes are right"),
    (_K.DEVICE_CODES, "short"): _("%(count)s cameras with a wrong code or entered twice"),
    (_K.FILES, ""): _("%(found)s files are complete"),
    (_K.FILES, "short"): _("%(count)s of %(found)s files have faults"),
    (_K.FILES, "none"): _("No camera is entered"),
    (_K.FILES, "unjudged"): _("Some files are still being looked over"),
    (_K.DOCUMENTS, ""): _("%(found)s papers are on file"),
    (_K.DOCUMENTS, "short"): _("%(found)s papers are on file"),
    (_K.QUALIFICATION, ""): _("%(found)s firms, each with a certificate in force"),
    (_K.QUALIFICATION, "short"): _("%(count)s of %(found)s firms without a certificate in force"),
    (_K.QUALIFICATION, "none"): _("No firm is named"),
    (_K.FILED, ""): _("Whether the system is filed"),
}

CURE: Mapping[CheckKey, LazyString] = {
    _K.ZONES: _("Assign a camera that works to every zone, or say why it is not there"),
    _K.INTERIORS: _("Take the device away, or have the point settled"),
    _K.MASKS: _("Set a mask and add its picture"),
    _K.SIGNS: _("Put the sign up and add its photo"),
    _K.RETENTION_DECLARED: _("Extend the storage and correct the file"),
    _K.RETENTION_MEASURED: _("Extend the storage until recordings reach back far enough"),
    _K.RECORDING: _("Look after the recorder of these cameras"),
    _K.RESOLUTION_DECLARED: _("Replace these cameras, or correct their files"),
    _K.RESOLUTION_MEASURED: _("Set the main stream to the resolution asked for, or replace the camera"),
    _K.RESOLUTION_AGREES: _("Set the main stream to what is on file, or correct the file"),
    _K.ONLINE: _("Bring these cameras back online, then have them probed"),
    _K.CLOCK: _("Set these clocks by a time server"),
    _K.PASSWORDS: _("Set a password on these cameras"),
    _K.DEVICE_CODES: _("Correct the codes"),
    _K.FILES: _("Complete the files"),
    _K.DOCUMENTS: _("Upload what is missing or has run out"),
    _K.QUALIFICATION: _("Name the firms and enter their certificates"),
    _K.FILED: _("File the system"),
}


# What the value of one camera is counted in.
UNIT: Mapping[CheckKey, LazyString] = {
    _K.RETENTION_DECLARED: _("%(value)s days"),
    _K.RETENTION_MEASURED: _("%(value)s days"),
    _K.CLOCK: _("%(value)s seconds"),
}


def title_of(key: str) -> str:
    """The name of a check."""
    return said(rulebook().vocabulary.text("readiness_check", key))


def found_of(check: Check) -> str:
    """What was found, in a sentence."""
    if check.key is CheckKey.FILED:
        filed = check.verdict is CheckVerdict.MET
        return str(_("The system is filed") if filed else _("The system is not filed"))
    pattern = FOUND.get((check.key, check.code)) or FOUND[check.key, ""]
    return str(pattern) % {"found": check.found, "wanted": check.wanted, "count": len(check.short) + check.more}


def shown_of(check: Check) -> Shown:
    """The verdict with its shape; what bars nothing warns."""
    if check.verdict is CheckVerdict.NOT_MET and not check.blocking:
        return MINOR
    return VERDICT[check.verdict]


def short_of(check: Check) -> list[tuple[str, str]]:
    """What falls short, each with how; the words of a zone, a paper or a firm, the value of a camera."""
    words: Mapping[str, Any] = {}
    if check.key is CheckKey.ZONES:
        words = {str(state): ZONE_STATE[state][1] for state in ZoneState}
    elif check.key in (CheckKey.DOCUMENTS, CheckKey.QUALIFICATION):
        words = {str(state): VALIDITY[state][1] for state in Validity}
    unit = UNIT.get(check.key)
    return [
        (
            said(Text(zh=one.zh, en=one.en)),
            str(unit) % {"value": one.value} if unit and one.value else str(words.get(one.value, one.value)),
        )
        for one in check.short
    ]


add_texts({"acceptance_over": _("This acceptance is over.")})
