"""Words for figures, to-dos and search results."""

from collections.abc import Mapping

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

FIGURE: Mapping[str, tuple[LazyString, LazyString, str]] = {
    "filings_waiting": (_("Filings under review"), _("handed in, not decided yet"), "registry.filings"),
    "filings_overdue": (_("Filings overdue"), _("past the day the rules set"), "registry.deadlines"),
    "acceptances_open": (_("Acceptances under way"), _("applied for, not concluded"), "inspection.acceptances"),
    "cameras_offline": (_("Cameras offline"), _("at the last probe"), "registry.cameras"),
    "proposals_waiting": (_("Account proposals"), _("waiting for the second key"), "accounts.accounts"),
    "accounts_locked": (_("Accounts locked"), _("after failed sign-ins"), "accounts.accounts"),
    "accounts_open": (_("Open accounts"), _("one person, one account"), "accounts.accounts"),
}

# kind → what to do, the page, the name of its id
TODO: Mapping[str, tuple[LazyString, str, str]] = {
    "filing_submit": (_("Hand in the filing"), "registry.filing", "filing_id"),
    "filing_decide": (_("Review the filing"), "registry.filing", "filing_id"),
    "lapse_filing": (_("Systems not filed in time"), "registry.deadlines", ""),
    "lapse_change": (_("Changes not reported"), "registry.deadlines", ""),
    "lapse_confirmation": (_("Filings not confirmed in time"), "registry.deadlines", ""),
    "lapse_correction": (_("Corrections not made in time"), "registry.deadlines", ""),
    "due_filing": (_("File the system"), "registry.system", "system_id"),
    "due_change": (_("Report the change"), "registry.system", "system_id"),
    "due_confirmation": (_("Confirm that the filing is still true"), "registry.filing", "filing_id"),
    "due_correction": (_("Correct the filing"), "registry.filing", "filing_id"),
    "archive": (_("Complete the archive"), "registry.system", "system_id"),
    "signs": (_("Put up and record the sign"), "registry.privacy", "system_id"),
    "acceptance_apply": (_("Apply for acceptance"), "registry.system", "system_id"),
    "order": (_("Install as ordered"), "mandates.order", "order_id"),
    "measure_next": (_("Confirm the next step"), "measures.measure", "measure_id"),
    "measure_reply": (_("Decide on the reply"), "measures.measure", "measure_id"),
    "measure_serve": (_("Serve the paper"), "measures.measure", "measure_id"),
    "measure_sign": (_("Sign the measure"), "measures.measure", "measure_id"),
    "measure_answer": (_("Answer the organ"), "measures.measure", "measure_id"),
    "correction_verify": (_("Verify the correction"), "measures.correction", "correction_id"),
    "correction_late": (_("Order to correct overdue"), "measures.correction", "correction_id"),
    "correction_do": (_("Correct as ordered"), "measures.correction", "correction_id"),
    "refusal_confirm": (_("Confirm the refusal"), "measures.correction", "correction_id"),
    "acceptance_papers": (_("Complete the papers"), "inspection.acceptance", "acceptance_id"),
    "acceptance_check": (_("Check the papers"), "inspection.acceptance", "acceptance_id"),
    "acceptance_schedule": (_("Schedule the visit"), "inspection.acceptance", "acceptance_id"),
    "result_publish": (_("Publish the result"), "inspection.acceptance", "acceptance_id"),
    "findings_cure": (_("Findings to cure"), "inspection.findings", ""),
    "findings_overdue": (_("Findings not cured in time"), "inspection.findings", ""),
    "finding_verify": (_("Look at the cure"), "inspection.finding", "shortfall_id"),
    "override_decide": (_("Decide on another conclusion"), "inspection.acceptance", "acceptance_id"),
    "visit": (_("Make the visit"), "inspection.acceptance", "acceptance_id"),
    "request": (_("Footage request"), "evidence.request_", "request_id"),
    "proposal": (_("Decide on an account"), "accounts.proposal_decide", "proposal_id"),
}

HIT: Mapping[str, tuple[LazyString, str, str]] = {
    "unit": (_("Units"), "registry.unit", "unit_id"),
    "system": (_("Systems"), "registry.system", "system_id"),
    "camera": (_("Cameras"), "registry.camera", "camera_id"),
    "filing": (_("Filings"), "registry.filing", "filing_id"),
    "request": (_("Footage requests"), "evidence.request_", "request_id"),
}
# The list that shows all of a kind which the search shows the best of.
LIST_OF: Mapping[str, str] = {"unit": "registry.units", "camera": "registry.cameras", "filing": "registry.filings"}

NOTICE: Mapping[str, tuple[LazyString, str, str]] = {
    "registry.system": (_("Filing falls due"), "registry.system", "system_id"),
    "registry.overdue": (_("Filing duties missed in your area"), "registry.deadlines", "organ"),
    "registry.filing": (_("News of a filing"), "registry.filing", "filing_id"),
    "registry.expiry": (_("Something of a system runs out"), "registry.system", "system_id"),
    "registry.review": (_("Verdict on a point"), "registry.review", "review_id"),
    "registry.tip_off": (_("Report of the public"), "registry.tip", "tip_off_id"),
    "webhooks.hook": (_("A webhook was switched off after failures"), "webhooks.hook", "hook_id"),
    "inspection.acceptance": (_("News of an acceptance"), "inspection.acceptance", "acceptance_id"),
    "campaigns.campaign": (_("A campaign your school takes part in"), "campaigns.campaign", "campaign_id"),
    "measures.measure": (_("News of a measure"), "measures.measure", "measure_id"),
    "measures.correction": (_("News of an order to correct"), "measures.correction", "correction_id"),
    "inspection.finding": (_("News of a finding"), "inspection.finding", "shortfall_id"),
    "inspection.findings": (_("Findings fall due"), "inspection.findings", "acceptance"),
    "mandates.order": (_("News of an order to install"), "mandates.order", "order_id"),
    "mandates.complaint": (_("News of a complaint about the police"), "mandates.complaint", "complaint_id"),
}
