"""Words for the ladder, orders to correct, refusals and fines."""

from collections.abc import Mapping

from flask_babel import lazy_gettext as _
from flask_babel import lazy_pgettext
from flask_babel.speaklater import LazyString

from portal.measures import values
from portal.measures.rules.risk import Factor
from portal.measures.states import (
    CorrectionStatus,
    DrawStatus,
    FineStatus,
    MeasureStatus,
    PlannedStatus,
    RefusalStatus,
)
from portal.measures.values import DrawKind, FineAgainst, MeasureKind, PlannedBy, ServiceMethod
from portal.web.problems import add_texts

Shown = tuple[str, LazyString]

MEASURE_KIND: Mapping[MeasureKind, LazyString] = {
    MeasureKind.LETTER: lazy_pgettext("measure", "Letter"),
    MeasureKind.INTERVIEW: lazy_pgettext("measure", "Interview"),
    MeasureKind.CIRCULAR: _("Circular criticism"),
}

MEASURE_STATUS: Mapping[MeasureStatus, Shown] = {
    MeasureStatus.DRAFTED: ("idle", _("Drafted, to be signed")),
    MeasureStatus.SIGNED: ("info", _("Signed, to be served")),
    MeasureStatus.SERVED: ("info", _("Served, reply awaited")),
    MeasureStatus.HELD: ("info", _("Interview held, reply awaited")),
    MeasureStatus.REPLIED: ("warn", _("Replied to, to be decided")),
    MeasureStatus.CLOSED: ("ok", lazy_pgettext("measure", "Closed")),
    MeasureStatus.ESCALATED: ("bad", _("Followed by the next step")),
    MeasureStatus.WITHDRAWN: ("off", lazy_pgettext("measure", "Taken back")),
}

SERVICE: Mapping[ServiceMethod, LazyString] = {
    ServiceMethod.DIRECT: _("Handed over in person"),
    ServiceMethod.LEFT: _("Left at the place before witnesses"),
    ServiceMethod.POST: _("Registered post"),
    ServiceMethod.PORTAL: _("Through this portal, with the unit's consent"),
}

CORRECTION_STATUS: Mapping[CorrectionStatus, Shown] = {
    CorrectionStatus.ISSUED: ("info", _("Issued, to be served")),
    CorrectionStatus.SERVED: ("info", _("Served, to be corrected")),
    CorrectionStatus.REPORTED: ("warn", _("Reported corrected, to be verified")),
    CorrectionStatus.CORRECTED: ("ok", _("Corrected")),
    CorrectionStatus.REFUSED: ("bad", _("Correction refused")),
    CorrectionStatus.WITHDRAWN: ("off", lazy_pgettext("measure", "Taken back")),
}

REFUSAL_STATUS: Mapping[RefusalStatus, Shown] = {
    RefusalStatus.FOUND: ("warn", _("Waits for a second person")),
    RefusalStatus.CONFIRMED: ("bad", _("Refusal confirmed")),
    RefusalStatus.REJECTED: ("off", _("Not confirmed")),
}

FINE_STATUS: Mapping[FineStatus, Shown] = {
    FineStatus.PROPOSED: ("info", lazy_pgettext("fine", "Proposed")),
    FineStatus.IMPOSED: ("bad", lazy_pgettext("fine", "Imposed")),
    FineStatus.DROPPED: ("off", _("No fine")),
    FineStatus.WITHDRAWN: ("off", _("Proposal taken back")),
}

FINE_AGAINST: Mapping[FineAgainst, LazyString] = {
    FineAgainst.UNIT: lazy_pgettext("fine", "The unit"),
    FineAgainst.RESPONSIBLE: _("Those responsible in it"),
    FineAgainst.PERSON: _("An individual"),
}

DRAW_KIND: Mapping[DrawKind, LazyString] = {
    DrawKind.UNITS: _("Units, for routine visits"),
    DrawKind.ACCEPTANCES: _("Concluded acceptances, for review"),
}

DRAW_STATUS: Mapping[DrawStatus, Shown] = {
    DrawStatus.COMMITTED: ("info", _("Committed, seed secret")),
    DrawStatus.REVEALED: ("ok", _("Drawn, seed revealed")),
}

PLANNED_STATUS: Mapping[PlannedStatus, Shown] = {
    PlannedStatus.PLANNED: ("idle", lazy_pgettext("visit", "Planned")),
    PlannedStatus.UNDER_WAY: ("warn", lazy_pgettext("visit", "Under way")),
    PlannedStatus.DONE: ("info", lazy_pgettext("visit", "Carried out")),
    PlannedStatus.CLOSED: ("ok", lazy_pgettext("visit", "Closed")),
    PlannedStatus.CANCELLED: ("off", lazy_pgettext("visit", "Called off")),
}

# What a routine visit's list came to.
ROUTINE_RESULT: Mapping[str, Shown] = {
    "pass": ("ok", _("Nothing to object to")),
    "basic": ("warn", _("Minor shortfalls")),
    "fail": ("bad", _("Grave shortfalls")),
}

CHOSEN_BY: Mapping[PlannedBy, LazyString] = {
    PlannedBy.RISK: _("By risk"),
    PlannedBy.DRAW: _("Drawn"),
    PlannedBy.FILING: _("Newly filed"),
}

FACTOR: Mapping[Factor, LazyString] = {
    Factor.SINCE_VISIT: _("Time since the last visit"),
    Factor.NEWLY_FILED: _("Filed, not visited since"),
    Factor.OVERDUE_FINDINGS: _("Overdue findings"),
    Factor.OPEN_FINDINGS: _("Open findings"),
    Factor.FAILED_ACCEPTANCE: _("Failed acceptance"),
    Factor.OFFLINE_SHARE: _("Share of cameras offline"),
    Factor.KEY_UNIT: _("Key unit"),
    Factor.TIP_OFFS: _("Reports of the public"),
    Factor.OVERDUE_PAPERS: _("Overdue measures and orders"),
}

MEASURE_ACTS: Mapping[str, str] = {
    values.MEASURE_DRAFTED: "idle",
    values.MEASURE_SIGNED: "info",
    values.MEASURE_SERVED: "info",
    values.MEASURE_HELD: "info",
    values.MEASURE_REPLIED: "info",
    values.MEASURE_CLOSED: "ok",
    values.MEASURE_ESCALATED: "bad",
    values.MEASURE_WITHDRAWN: "off",
    values.STEP_PROPOSED: "warn",
    values.STEP_DISMISSED: "info",
}
# What the course tells the organs alone: what was drafted, weighed and not decided yet.
INSIDE = frozenset({values.MEASURE_DRAFTED, values.STEP_PROPOSED, values.REFUSAL_FOUND, values.REFUSAL_REJECTED})
CORRECTION_ACTS: Mapping[str, str] = {
    values.ORDER_ISSUED: "info",
    values.ORDER_SERVED: "info",
    values.ORDER_EXTENDED: "info",
    values.ORDER_REPORTED: "info",
    values.ORDER_RETURNED: "warn",
    values.ORDER_CORRECTED: "ok",
    values.ORDER_WITHDRAWN: "off",
    values.REFUSAL_FOUND: "warn",
    values.REFUSAL_CONFIRMED: "bad",
    values.REFUSAL_REJECTED: "off",
}

add_texts(
    {
        "step_skipped": _("This step does not follow the one before it: say why the lower step is passed over."),
        "step_taken": _("The next step is drafted already."),
        "step_not_proposed": _("No next step is proposed for this paper."),
        "signer_is_drafter": _("Whoever drafted a measure does not sign it."),
        "interview_not_held": _("The interview has not been held yet: record it first."),
        "acceptance_of_another": _("This acceptance does not belong to the unit."),
        "finding_of_another": _("One of these findings does not belong to the unit."),
        "findings_open": _("What this visit found is not settled yet: the visit is closed with its last finding."),
        "list_incomplete": _("The list is not complete: items are open, or proof that it asks for is missing."),
        "visitor_interested": _("An interest in the unit excludes: %(who)s"),
        "visitor_unknown": _("One of these people does not belong to the organ."),
        "system_of_another": _("This system does not belong to the unit."),
        "served_when": _("Service lies between the day of issue and today."),
        "served_after_due": _("The order was served after its last day; issue a new one."),
        "in_the_future": _("This day has not come yet."),
        "not_later": _("Choose a day after today and after the present last day."),
        "violation_unknown": _("No text that governs this unit names the violation."),
        "grave_not_named": _("This article does not name grave circumstances."),
        "no_limit_for_correction": _("No rule sets a limit: name the last day in the order."),
        "order_not_overdue": _("The limit of this order has not passed yet."),
        "refusal_waits": _("A finding of refusal exists already."),
        "confirmer_is_finder": _("Whoever found the refusal does not confirm it."),
        "fine_needs_refusal": _("This article orders correction first: a fine follows a confirmed finding of refusal."),
        "fine_not_threatened": _("The article threatens no fine against this addressee."),
        "fine_out_of_bounds": _("The article allows CNY %(low)s to %(high)s."),
        "entropy_known": _("This number would be known today: choose a day to come."),
        "period_before_entropy": _("The period begins once the public number is known, not before."),
        "ends_before_begins": _("The period ends before it begins, or has ended already."),
        "draw_waits": _(
            "Another draw of this kind for some of these days is not revealed yet: two at once leave a choice."
        ),
        "sample_too_large": _("There are %(size)s to draw from."),
        "draw_too_early": _("The period of this draw has not begun: nothing can be revealed yet."),
        "too_many_visits": _("A plan holds at most %(most)s visits by risk."),
        "decided_when": _("The decision lies between the proposal and today."),
    }
)
