"""Words for how cameras are recorded, and for footage that is missing."""

from collections.abc import Mapping

from flask_babel import lazy_gettext as _
from flask_babel import lazy_pgettext
from flask_babel.speaklater import LazyString

from portal.evidence.rules.recording import RecordingFault
from portal.evidence.states import MissingStatus
from portal.evidence.values.missing import Consequence, MissingCause
from portal.evidence.values.recording import RecordingMode

MISSING: Mapping[MissingStatus, tuple[str, LazyString]] = {
    MissingStatus.FOUND: ("bad", _("Found, the unit's statement is due")),
    MissingStatus.STATED: ("warn", _("Stated by the unit, to be closed")),
    MissingStatus.CLOSED: ("off", lazy_pgettext("missing", "Closed")),
}
MISSING_CAUSE: Mapping[MissingCause, LazyString] = {
    MissingCause.NEVER_HAD: _("Never recorded"),
    MissingCause.OVERWRITTEN: _("Overwritten"),
    MissingCause.DEVICE_DOWN: _("Device was down"),
    MissingCause.DISTORTED: _("Distorted, not usable"),
    MissingCause.GAP: _("Gap in the recording"),
}
CONSEQUENCE: Mapping[Consequence, LazyString] = {
    Consequence.NONE: _("Nobody is liable"),
    Consequence.REPAIR: _("Repair or setting corrected"),
    Consequence.INSTRUCTED: _("Responsible person instructed"),
    Consequence.DISCIPLINED: _("Responsible person disciplined by the unit"),
    Consequence.TO_PENALTY: _("Handed to the public security organ for a penalty"),
}
RECORDING_MODE: Mapping[RecordingMode, LazyString] = {
    RecordingMode.CONTINUOUS: _("Continuous, in real time"),
    RecordingMode.ON_MOTION: _("On motion only"),
    RecordingMode.SCHEDULED: _("At set hours only"),
    RecordingMode.NONE: _("Not recorded at all"),
}
RECORDING_FAULT: Mapping[RecordingFault, LazyString] = {
    RecordingFault.SHORT: _("Footage is kept for less than required"),
    RecordingFault.NOT_REAL_TIME: _("Not recorded in real time"),
    RecordingFault.LOW_RESOLUTION: _("Picture below the least resolution"),
}
