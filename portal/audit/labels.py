"""Words of the log: outcomes, kinds of thing, what a verification found."""

from collections.abc import Mapping

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from portal.audit.values import Outcome, vocabulary
from portal.web.problems import add_texts

OUTCOME: Mapping[Outcome, tuple[str, LazyString]] = {
    Outcome.OK: ("ok", _("Succeeded")),
    Outcome.DENIED: ("bad", _("Denied")),
    Outcome.FAILED: ("warn", _("Failed")),
}

SUBJECT_KIND: Mapping[str, LazyString] = {
    "acceptance": _("Acceptance of a system"),
    "self_assessment": _("Self-assessment of a school"),
    "account": _("Account"),
    "account_proposal": _("Account proposal"),
    "area": _("Area on the map"),
    "audit_log": _("Audit log"),
    "audit_record": _("Audit record"),
    "audit_run": _("Audit export"),
    "call_register": _("Register of footage calls"),
    "camera": _("Camera"),
    "camera_access": _("Device access"),
    "camera_import": _("Import of cameras"),
    "cameras": _("Several cameras"),
    "campaign": _("Campaign of standard creation"),
    "city": _("Whole city"),
    "connection": _("Connection to a platform"),
    "connection_order": _("Order of a direct connection"),
    "contractor": _("Firm of the register"),
    "document": _("Document"),
    "engagement": _("Work of a firm"),
    "file": _("Stored file"),
    "filing": _("Filing"),
    "footage_backup": _("Back-up of footage by the duty side"),
    "footage_copy": _("Copy of footage"),
    "oversight_question": _("Explanation about requests"),
    "request_statistics": _("Yearly figures of footage requests"),
    "footage_package": _("Court package"),
    "footage_leak": _("Leak of footage"),
    "missing_footage": _("Missing footage"),
    "footage_window": _("Window for uploading footage"),
    "footage_request": _("Footage request"),
    "equipment_use": _("Use of a unit's equipment"),
    "password_custody": _("Custody of a password"),
    "work_ticket": _("Ticket for a change or a permission"),
    "workstation": _("Client workstation"),
    "operator": _("Operator of the system"),
    "field_device": _("Field device"),
    "inspection_finding": _("Finding of an inspection"),
    "install_order": _("Written order to install"),
    "list": _("List"),
    "mandate_match": _("Suggested match"),
    "mandate_provision": _("Provision on who must install"),
    "mandate_source": _("Source list"),
    "mandated_register": _("Register of those who must install"),
    "measure": _("Letter, interview or circular"),
    "correction_order": _("Order to correct"),
    "fine_proposal": _("Proposal of a fine"),
    "draw": _("Draw"),
    "supervision_plan": _("Plan of supervision"),
    "planned_visit": _("Planned visit"),
    "mandated_unit": _("Place that must install"),
    "organ": _("Organ"),
    "owner_complaint": _("Complaint of an owner"),
    "person": _("Person"),
    "place_review": _("Review of a point"),
    "plan_item": _("Item of a plan"),
    "post_delegation": _("Delegation of a post"),
    "preservation_hold": _("Hold on footage"),
    "privacy_mask": _("Privacy mask"),
    "product_certificate": _("Certificate of a product"),
    "protected_site": _("Protected site"),
    "public_project": _("Public project"),
    "qualification": _("Certificate of a firm"),
    "relocation_order": _("Order to relocate"),
    "request": _("Footage request"),
    "run": _("Approval run"),
    "sign": _("Sign"),
    "site": _("Site of a unit"),
    "system": _("Video system"),
    "system_compliance": _("Compliance of a system"),
    "system_component": _("Equipment or software of a system"),
    "system_connection": _("Connection of a system"),
    "system_contact": _("Contact of a system"),
    "system_party": _("Party of a system"),
    "system_standard": _("Standard of a system"),
    "system_zone": _("Zone of a system"),
    "technician": _("Technician of a firm"),
    "tip_off": _("Report of the public"),
    "token": _("Personal token"),
    "unit": _("Unit"),
    "visit": _("Acceptance visit"),
    "webhook": _("Webhook"),
}

FINDING: Mapping[str, LazyString] = {
    "entry_missing": _("an entry is missing"),
    "content_changed": _("the sealed content was changed"),
    "chain_broken": _("the running hash does not follow from the entry before"),
    "entry_replaced": _("an entry was replaced by another"),
    "readable_row_differs": _("the readable record differs from what was sealed"),
    "rewritten": _("the entries are not those that a checkpoint was signed over"),
    "tail_missing": _("entries at the end are missing that were signed"),
    "tree_damaged": _("the stored tree of hashes is damaged"),
    "mirror_differs": _("the hash kept outside the database is another one"),
    "mirror_damaged": _("the mirror of hashes outside the database is damaged"),
    "checkpoint_unsigned": _("a checkpoint does not carry the signature of the sealer"),
    "checkpoints_differ": _("two signed checkpoints of one size contradict each other"),
    "audit_not_configured": _("the places outside the database are not set up"),
}

add_texts(
    {
        "audit_reason_missing": _("Enter why the log is exported"),
        "audit_nothing_signed": _("Nothing is signed yet; there is nothing to export"),
        "audit_beyond_signed": _("The signed log ends at entry %(signed)s"),
        "audit_range_backwards": _("The first entry must not come after entry %(last)s"),
        "audit_not_signed_yet": _("This record is not signed yet; try again in a minute"),
        "audit_not_sealed": _(
            "The record of this look could not be sealed in time, so nothing was shown. Try again; if it stays so, "
            "tell the audit administrator"
        ),
        "audit_unavailable": _(
            "The audit log cannot be written now, so nothing was shown. Tell the audit administrator"
        ),
        "audit_not_configured": _("The places outside the database are not set up; tell the audit administrator"),
        "audit_day": _('"%(text)s" is not a day; write it as 2026-11-20'),
        "audit_days_backwards": _("The first day must not come after the last day"),
    }
)


def act_label(tag: str) -> str:
    """What an act is called; its code where the feature that declared it is no longer part of the portal."""
    known = vocabulary().get(tag)
    # The texts stand in the catalogue of the declaring feature, where dev/messages.py put them.
    return tag if known is None else gettext(known.label)


def act_choices() -> list[tuple[str, str]]:
    """Every declared act for a select field: by feature, then by name."""
    return [(str(tag), f"{_source(tag.source)} · {gettext(tag.label)}") for tag in vocabulary().values()]


SOURCE: Mapping[str, LazyString] = {
    "accounts": _("Accounts"),
    "api": _("Interface for programs"),
    "audit": _("Audit"),
    "demo": _("Demonstration"),
    "connections": _("Direct connections"),
    "evidence": _("Footage"),
    "inspection": _("Acceptance"),
    "mandates": _("Those who must install"),
    "maps": _("Map"),
    "measures": _("Measures"),
    "ops": _("Operation"),
    "papers": _("Paper forms"),
    "public": _("Public pages"),
    "reachability": _("Probing"),
    "registry": _("Registry"),
    "regulation": _("Rules"),
    "schedule": _("Schedule"),
    "sealer": _("Sealer"),
    "upkeep": _("Books of the unit"),
    "vault": _("Stored files"),
    "web": _("Portal"),
    "webhooks": _("Webhooks"),
    "workflow": _("Approval"),
}


def _source(source: str) -> str:
    return str(SOURCE.get(source, source))


def actor_label(name: str) -> str:
    """Who acted; the portal's own parts and commands in words."""
    kind, _, part = name.partition(":")
    if kind == "system" and part:
        return gettext("The portal (%(part)s)", part=_source(part))
    if kind == "operator" and part:
        return gettext("Server account %(name)s", name=part)
    return name


def kind_label(kind: str) -> str:
    """What kind of thing was acted on."""
    return str(SUBJECT_KIND.get(kind, kind))


def finding_label(problem: str) -> str:
    """What a verification found."""
    return str(FINDING.get(problem, problem))
