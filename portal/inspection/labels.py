"""Words for acceptances, visits and verdicts."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _
from flask_babel import lazy_pgettext
from flask_babel.speaklater import LazyString

from portal.inspection import values
from portal.inspection.states import (
    AcceptanceKind,
    AcceptanceStatus,
    ClockKind,
    FindingStatus,
    OverrideState,
    ProjectClass,
    Severity,
    Verdict,
    VisitStatus,
)
from portal.registry.labels.lists import add_list_words
from portal.web.problems import add_texts

Shown = tuple[str, LazyString]

KIND: Mapping[AcceptanceKind, LazyString] = {
    AcceptanceKind.NEW: _("Acceptance of a new system"),
    AcceptanceKind.CHANGE: _("Acceptance after a change"),
    AcceptanceKind.STANDARD: _("School standard creation"),
}

# As a word in a column.
KIND_SHORT: Mapping[AcceptanceKind, LazyString] = {
    AcceptanceKind.NEW: lazy_pgettext("acceptance", "New system"),
    AcceptanceKind.CHANGE: lazy_pgettext("acceptance", "Change"),
    AcceptanceKind.STANDARD: lazy_pgettext("acceptance", "Standard creation"),
}

KIND_HINT: Mapping[AcceptanceKind, LazyString] = {
    AcceptanceKind.NEW: _("Before a new system is put into use; the police of its place inspect it"),
    AcceptanceKind.CHANGE: _("After an accepted system was extended, moved or rebuilt"),
    AcceptanceKind.STANDARD: _("A school applies for its grade, after assessing itself; the education bureau decides"),
}

PROJECT_CLASS: Mapping[ProjectClass, LazyString] = {
    ProjectClass.FIRST: _("First class"),
    ProjectClass.SECOND: _("Second class"),
    ProjectClass.THIRD: _("Third class"),
}

CLOCK_KIND: Mapping[ClockKind, LazyString] = {
    ClockKind.REVIEW: _("Review of papers and design"),
    ClockKind.DECISION: _("Inspection and decision"),
    ClockKind.REINSPECTION: _("Re-inspection"),
}

ACCEPTANCE_STATUS: Mapping[AcceptanceStatus, Shown] = {
    AcceptanceStatus.REQUESTED: ("info", _("Applied for")),
    AcceptanceStatus.RETURNED: ("warn", _("Papers to be completed")),
    AcceptanceStatus.CHECKED: ("info", _("Papers complete")),
    AcceptanceStatus.SCHEDULED: ("info", _("Visit is set")),
    AcceptanceStatus.PASSED: ("ok", lazy_pgettext("acceptance", "Passed")),
    AcceptanceStatus.BASICALLY_PASSED: ("warn", lazy_pgettext("acceptance", "Basically passed")),
    AcceptanceStatus.FAILED: ("bad", lazy_pgettext("acceptance", "Failed")),
    AcceptanceStatus.WITHDRAWN: ("off", _("Withdrawn")),
}

VISIT_STATUS: Mapping[VisitStatus, Shown] = {
    VisitStatus.PLANNED: ("info", _("Visit arranged")),
    VisitStatus.DONE: ("ok", _("Visit made")),
    VisitStatus.CANCELLED: ("off", _("Called off")),
}

VERDICT: Mapping[Verdict, Shown] = {
    Verdict.MET: ("ok", _("Met")),
    Verdict.PARTLY: ("warn", _("Partly met")),
    Verdict.NOT_MET: ("bad", _("Not met")),
    Verdict.NOT_APPLICABLE: ("off", _("Does not apply")),
}

FINDING_STATUS: Mapping[FindingStatus, Shown] = {
    FindingStatus.OPEN: ("warn", _("To be cured")),
    FindingStatus.CURED: ("info", _("Reported cured")),
    FindingStatus.RETURNED: ("bad", _("Cure returned")),
    FindingStatus.VERIFIED: ("ok", _("Cure verified")),
    FindingStatus.CLOSED: ("off", lazy_pgettext("finding", "Closed")),
}

SEVERITY: Mapping[Severity, LazyString] = {
    Severity.MINOR: lazy_pgettext("severity", "Minor"),
    Severity.MAJOR: lazy_pgettext("severity", "Major"),
    Severity.CRITICAL: lazy_pgettext("severity", "Critical"),
}

OVERRIDE_STATE: Mapping[OverrideState, Shown] = {
    OverrideState.APPROVED: ("info", _("Conclusion changed")),
    OverrideState.PENDING: ("warn", _("Change awaits decision")),
}

CONCLUSION: Mapping[str, Shown] = {
    "pass": ("ok", lazy_pgettext("acceptance", "Passed")),
    "basic": ("warn", lazy_pgettext("acceptance", "Basically passed")),
    "fail": ("bad", lazy_pgettext("acceptance", "Failed")),
}

GROUP: Mapping[str, LazyString] = {
    "construction": lazy_pgettext("acceptance group", "Construction"),
    "technical": lazy_pgettext("acceptance group", "Technical"),
    "documents": lazy_pgettext("acceptance group", "Papers"),
}

# The shapes of the acts in an acceptance's timeline; the checklist's many saves are not told.
ACT_KIND: Mapping[str, str] = {
    values.REQUESTED: "info",
    values.RESUBMITTED: "info",
    values.CHECKED: "ok",
    values.RETURNED: "warn",
    values.WITHDRAWN: "off",
    values.SCHEDULED: "info",
    values.BOOKED: "info",
    values.MOVED: "warn",
    values.CANCELLED: "off",
    values.CONCLUDED: "ok",
    values.OVERRIDE_ASKED: "warn",
    values.OVERRIDE_APPROVED: "warn",
    values.OVERRIDE_REFUSED: "off",
    values.REINSPECTION_OPENED: "info",
    values.REINSPECTION_DROPPED: "off",
    values.PUBLISHED: "ok",
}

# The shapes of the acts in a finding's timeline.
FINDING_ACT_KIND: Mapping[str, str] = {
    values.FINDING_STATED: "warn",
    values.FINDING_CURED: "info",
    values.FINDING_RETURNED: "bad",
    values.FINDING_VERIFIED: "ok",
    values.FINDING_CLOSED: "off",
}

add_texts(
    {
        "use_over": _("The system is out of use; nothing of it can be accepted now."),
        "accepted_already": _("This system is accepted already; apply for acceptance after a change instead."),
        "nothing_accepted_yet": _("This system was never accepted nor used; apply for acceptance of a new system."),
        "no_standard": _("No scored standard governs this unit."),
        "standard_before_use": _("The system must be in use before the school applies for its grade."),
        "no_supervisor": _("No organ that supervises this kind of unit is entered for this district."),
        "assessment_first": _("Sign the self-assessment of this system first."),
        "assessment_signed": _("This self-assessment is signed and can no longer be changed."),
        "acceptance_open": _("An acceptance of this system is under way already."),
        "self_score_low": _("The self-assessment must reach %(least)s before applying."),
        "reason_needed": _("Give the reason."),
        "note_needed": _("Say what was found."),
        "items_open": _("%(count)s items of the checklist are not judged yet."),
        "deduction_needed": _("State the points to deduct."),
        "deduction_bounds": _("Deduct more than 0 and at most %(high)s points."),
        "too_many_deductions": _("At most %(most)s deductions can be written down for one item."),
        "no_points": _("This item carries no points."),
        "photo_needed": _("Take a photo of this item."),
        "document_needed": _("Name the paper you saw, or photograph it."),
        "proofs_missing": _("%(count)s items lack the photo or the paper the list asks for."),
        "item_open": _("This item is not judged yet."),
        "rectification_needed": _("State what must be put right."),
        "double_booked": _("One of these inspectors has another visit at that time."),
        "double_booked_by": _("%(who)s has another visit at that time (%(when)s)."),
        "inspector_unknown": _("One of these inspectors does not cover this district."),
        "too_few_inspectors": _("At least %(least)s inspectors are needed."),
        "conflict_of_interest": _("A person of the unit may not inspect it."),
        "inspector_away": _("%(who)s is away at that time."),
        "inspector_off_hours": _("The visit lies outside the hours of %(who)s."),
        "inspector_full": _("%(who)s has as many visits that day as one day holds."),
        "no_time_to_travel": _("%(who)s cannot get there in time, or not to the visit after it."),
        "group_missing": _("Nobody of this team stands for one of the groups that the list needs."),
        "too_few_experts": _("Too few of this team are technical experts."),
        "no_working_day": _("This is no working day."),
        "override_needed": _("Say why the visit is planned all the same."),
        "own_interest": _("You have an interest in this unit; somebody else decides."),
        "inspector_barred": _("%(who)s has an interest in this unit and may not inspect it."),
        "readiness_unchecked": _("The portal has not checked this application yet; it does so within minutes."),
        "readiness_fails": _("%(count)s points must be put right before a visit can be arranged."),
        "readiness_bars_nothing": _("Nothing bars the visit now."),
        "readiness_too_soon": _("The last check is less than %(minutes)s minutes old."),
        "hours_unread": _("Hours are given like 08:30-12:00 14:00-17:30."),
        "interest_unit_unknown": _("No unit in your reach has this name or credit code."),
        "calendar_too_often": _("This calendar is asked too often."),
        "slot_taken": _("Somebody else has just taken this time. Choose another one."),
        "slot_too_soon": _("This time is too near to be chosen."),
        "slot_too_late": _("This time lies after the days that can be chosen."),
        "slot_off_hours": _("No visit can begin at this time."),
        "slot_unchanged": _("The visit is at this time already."),
        "moved_too_late": _(
            "Less than %(hours)s hours are left; only the organ can move the visit or call it off now."
        ),
        "moves_used_up": _("The visit was moved or called off %(most)s times already; turn to the organ."),
        "absence_over_visit": _("A visit is planned in this time: %(when)s. Move it first."),
        "absence_twice": _("An absence in this time is entered already."),
        "not_an_inspector": _("This person is no inspector of your organ."),
        "in_the_past": _("This time has gone by."),
        "ends_before_start": _("The end must come after the start."),
        "secret_system": _("A secret system is never published."),
        "override": _("Another conclusion can be asked for after the visit and until the result is published."),
        "override_pending": _("Another conclusion is asked for; wait until it is decided."),
        "second_person": _("Whoever asked for another conclusion cannot decide on it."),
        "not_sent": _("Only who was sent to this visit may ask for another conclusion."),
        "reinspection_stays": _("The organ opened this re-inspection; the unit cannot withdraw it."),
        "no_visit": _("No visit is planned."),
        "proof_needed": _("Show the cure with a photo or a paper."),
        "photos_full": _("This item has %(most)s photos already."),
        "unknown_item": _("This item is not on the list."),
    }
)

# In the field.
add_texts(
    {
        "item_contested": _("The inspectors differ on this item; one of them must settle it."),
        "items_contested": _(
            "On %(count)s items of the checklist the inspectors differ; one of them must settle each."
        ),
        "unit_signature_missing": _("The unit's signature under everything that stands in the record is missing."),
        "inspector_signature_missing": _("The signature of %(who)s under the own answers is missing."),
        "photo_sealed": _("This photo was sealed on site and stays."),
        "secret_stays": _("A secret system is not taken along on a telephone."),
        "visit_over": _("The visit is over; nothing more is taken."),
        "no_key": _("The device sent no usable key."),
        "device_revoked": _("This device was ended, or belongs to somebody else."),
        "devices_full": _("At most %(most)s devices of one person; end one that is no longer used."),
        "too_many": _("At most %(most)s entries can be sent at once."),
    }
)


# As files.
def _plain(words: Mapping[Any, LazyString]) -> Mapping[Any, Shown]:
    """Words that no shape stands beside."""
    return {value: ("", word) for value, word in words.items()}


add_list_words(
    "acceptances",
    title=_("Acceptances"),
    page="inspection.acceptances",
    names={
        "name": _("System"),
        "kind": _("Kind"),
        "project_class": _("Class of the security project"),
        "attempt": _("Try"),
        "requested_at": _("Applied"),
        "due_on": _("Last day of the organ's time limit"),
        "concluded_at": _("Concluded at"),
        "score": _("Points reached"),
        "self_score": _("Self-assessed score"),
        "grade": _("Grade"),
        "computed": _("Computed conclusion"),
        "computed_grade": _("Computed grade"),
        "overridden": _("Conclusion changed"),
        "rectification": _("What must be put right"),
        "published_at": _("Published at"),
        "inspectors": _("Inspectors"),
        "override": _("Conclusion"),
        "overdue": _("Overdue"),
        "from": _("From day"),
        "until": _("To day"),
        "try": _("Try"),
        "clock": _("Time limit"),
        "late": _("Past its last day"),
        "inspector": _("Inspector"),
    },
    shown={
        "kind": _plain(KIND_SHORT),
        "project_class": _plain(PROJECT_CLASS),
        "clock": _plain(CLOCK_KIND),
        "status": ACCEPTANCE_STATUS,
        "computed": CONCLUSION,
        "override": OVERRIDE_STATE,
        "try": {"first": ("", _("First try")), "later": ("", _("Later tries"))},
    },
)
add_list_words(
    "findings",
    title=_("Findings"),
    page="inspection.findings",
    names={
        "list": _("Checklist"),
        "number": _("No."),
        "asks": _("Item"),
        "item": _("Item"),
        "found": _("What was found"),
        "severity": _("How grave"),
        "kind": _("Kind"),
        "stated_on": _("Stated"),
        "due_on": _("Cure by"),
        "cure": _("The unit's last report"),
        "cured_at": _("Cure reported at"),
        "closed_on": lazy_pgettext("finding", "Closed on"),
        "overdue": _("Overdue"),
        "from": _("Stated from"),
        "until": _("Stated until"),
        "acceptance": _("Acceptance"),
    },
    shown={"kind": _plain(KIND_SHORT), "severity": _plain(SEVERITY), "status": FINDING_STATUS},
)
