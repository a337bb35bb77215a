"""Words of filing: states, kinds, clocks, findings, parts of a system, declarations, differences."""

from collections.abc import Mapping

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from portal.registry.states import FilingStatus, FindingStatus
from portal.registry.values import ClockKind, ComponentPart, FilingKind, FindingBasis, Handler

FILING_STATUS: Mapping[FilingStatus, tuple[str, LazyString]] = {
    FilingStatus.DRAFT: ("idle", _("Draft")),
    FilingStatus.SUBMITTED: ("info", _("Under review")),
    FilingStatus.RETURNED: ("warn", _("Returned for correction")),
    FilingStatus.ACCEPTED: ("ok", _("Filed")),
    FilingStatus.STALE: ("warn", _("Not confirmed in time")),
    FilingStatus.SUSPENDED: ("warn", _("In abeyance")),
    FilingStatus.MOVED: ("off", _("Moved elsewhere")),
    FilingStatus.CANCELLED: ("off", _("Struck off")),
    FilingStatus.REMOVED: ("off", _("Removed on request")),
    FilingStatus.SUPERSEDED: ("off", _("Superseded")),
    FilingStatus.WITHDRAWN: ("off", _("Withdrawn")),
}

FILING_KIND: Mapping[FilingKind, LazyString] = {
    FilingKind.NEW: _("New system"),
    FilingKind.EXISTING: _("Existing system"),
    FilingKind.CHANGE: _("Change of filed items"),
    FilingKind.MOVE: _("Move to another place"),
    FilingKind.VOLUNTARY: _("Voluntary registration"),
}

CLOCK_KIND: Mapping[ClockKind, LazyString] = {
    ClockKind.NEW: _("Filing of a new system"),
    ClockKind.EXISTING: _("Filing of an existing system"),
    ClockKind.CHANGE: _("Report of a change"),
    ClockKind.CONFIRMATION: _("Yearly confirmation"),
    ClockKind.CORRECTION: _("Correction as ordered"),
}

# How a running limit stands today, by the words of queries.duties.Standing.
CLOCK_STANDING: Mapping[str, tuple[str, LazyString]] = {
    "overdue": ("bad", _("Overdue")),
    "soon": ("warn", _("Due soon")),
    "later": ("idle", _("Running")),
    "prompt": ("info", _("Due promptly")),
    "waited": ("warn", _("Long not reported")),
}

# What units failed to do in time, by queries.duties.Lapse.
LAPSE: Mapping[str, LazyString] = {
    "filing": _("Not filed in time"),
    "change": _("Changes not reported"),
    "confirmation": _("Not confirmed in time"),
    "correction": _("Not corrected in time"),
}

HANDLER: Mapping[Handler, LazyString] = {
    Handler.PRINCIPAL: _("I am the unit's principal and file myself"),
    Handler.AGENT: _("I file on behalf of the unit"),
}

FINDING_STATUS: Mapping[FindingStatus, tuple[str, LazyString]] = {
    FindingStatus.RAISED: ("info", _("Noted, not decided yet")),
    FindingStatus.UPHELD: ("bad", _("Found to be false")),
    FindingStatus.CORRECTED: ("ok", _("Corrected")),
    FindingStatus.DISMISSED: ("off", _("Dismissed")),
}

FINDING_BASIS: Mapping[FindingBasis, LazyString] = {
    FindingBasis.VISIT: _("Seen on site"),
    FindingBasis.PROBE: _("By probing"),
    FindingBasis.PAPERS: _("From the papers"),
    FindingBasis.TIP_OFF: _("By a tip-off"),
}

COMPONENT_PART: Mapping[ComponentPart, LazyString] = {
    ComponentPart.CAPTURE: _("Capture equipment"),
    ComponentPart.TRANSMISSION: _("Transmission equipment"),
    ComponentPart.CONTROL: _("Control equipment"),
    ComponentPart.DISPLAY: _("Display equipment"),
    ComponentPart.STORAGE: _("Storage equipment"),
    ComponentPart.SOFTWARE: _("Control software"),
}

# By version: what somebody declared is shown in the words they declared it in.
DECLARATION: Mapping[str, LazyString] = {
    "2026-1": _(
        "On behalf of the unit I declare that everything stated here is true, accurate and complete, that it agrees with what "
        "stands on site, and that the unit answers in law for whatever is not. I know that whoever files falsely is ordered "
        "to correct it within a time limit and fined on refusal."
    ),
}
CONFIRMATION_TEXT = _(
    "I have looked through what is filed. Everything in it is still true: the place, the cameras, how long footage is kept, "
    "and who is responsible."
)

MISMATCH: Mapping[str, LazyString] = {
    "devices_differ": _("%(subject)s: number declared, number with a file"),
    "sound_undeclared": _("Cameras with sound, though no sound is declared"),
    "analysis_undeclared": _("Cameras that analyse faces, persons or vehicles, though none is declared"),
    "retention_shorter": _("Days of footage declared, fewest days at a camera"),
    "silent": _("Cameras probed, cameras that answered"),
}

DIFF_PART: Mapping[str, LazyString] = {
    "unit": _("Unit"),
    "system": _("System"),
    "parties": _("Responsible parties"),
    "components": _("Equipment and software"),
    "cameras": _("Cameras"),
    "documents": _("Papers"),
}

# What a reviewer can comment on, in the order of the form; each comment stands at its field when the unit opens it.
COMMENTED: Mapping[str, LazyString] = {
    "name": _("System name"),
    "address": _("Place of installation"),
    "in_use_on": _("In use since"),
    "retention_days": _("Footage kept"),
    "storage_kind": _("Storage"),
    "software": _("Control software and version"),
    "investor": _("Investor"),
    "builder": _("Builder"),
    "user": _("User"),
    "manager": _("Manager"),
}

SHORTFALL: Mapping[str, LazyString] = {
    "no_cameras": _("State the number of cameras, or register them."),
    "retention_missing": _("State how many days footage is kept."),
    "retention_short": _("Footage is kept %(days)s days; at least %(least)s are asked."),
    "address_missing": _("State where the system stands."),
    "party_missing": _("Name the %(party)s."),
    "document_missing": _("Paper missing: %(document)s."),
    "cameras_incomplete": _("Cameras without direction or zone: %(count)s."),
    "in_use_in_future": _("The day of entry into use lies in the future."),
    "construction_missing": _("State when construction began and, if it is finished, when."),
    "removal_refused": _(
        "This system must stay on file while it is in use; once it is dismantled, its filing is cancelled."
    ),
}

PROBLEMS: Mapping[str, LazyString] = {
    **SHORTFALL,
    "not_competent_organ": _("Only the organ this filing is addressed to decides on it."),
    "changes_unreported": _(
        "Something filed has changed since. Report the change first; then there is a year's time again."
    ),
    "not_filed": _("This system is not filed."),
    "nothing_to_extend": _("This limit has no last day that could be put off."),
    "filed_in_future": _("This day lies in the future."),
    "national_length": _(
        "A number of the national platform has %(low)s to %(high)s characters; this one has %(length)s."
    ),
    "national_form": _(
        "A number of the national platform consists of letters, digits and hyphens, four digits at least."
    ),
    "devices_missing": _("State at least one camera."),
    "barred": _("Such a system may not be installed there."),
    "questions_open": _("Answer the questions about the place first."),
}
