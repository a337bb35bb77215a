"""Words for what stands beside a request: its paper, the duty to supply, the telephone call, an individual's viewing."""

from collections.abc import Mapping

from flask_babel import lazy_gettext as _
from flask_babel import lazy_pgettext
from flask_babel.speaklater import LazyString

from portal.evidence.values.asks import Completeness, Failing, Owed
from portal.evidence.values.facts import Interest, Proof
from portal.web.problems import add_texts

Shown = tuple[str, LazyString]

PROOF: Mapping[Proof, LazyString] = {
    Proof.POLICE_RECEIPT: _("Receipt of a report to the police"),
    Proof.PROPERTY_PROOF: _("Proof of what was lost or damaged"),
    Proof.MEDICAL_RECORD: _("Medical record"),
    Proof.HOUSEHOLD_REGISTER: _("Household register"),
    Proof.MARRIAGE_CERTIFICATE: _("Marriage certificate"),
    Proof.BIRTH_CERTIFICATE: _("Birth certificate"),
    Proof.GUARDIANSHIP_PAPER: _("Paper on guardianship"),
    Proof.CARE_CONTRACT: _("Contract or certificate of care"),
}
INTEREST: Mapping[Interest, LazyString] = {
    Interest.LIFE: lazy_pgettext("interest", "Life"),
    Interest.HEALTH: lazy_pgettext("interest", "Health"),
    Interest.PROPERTY: lazy_pgettext("interest", "Property"),
}
COMPLETENESS: Mapping[Completeness, Shown] = {
    Completeness.WHOLE: ("ok", _("Supplied whole")),
    Completeness.PART: ("warn", _("Supplied in part")),
    Completeness.NONE: ("bad", _("Nothing supplied")),
}
FAILING: Mapping[Failing, Shown] = {
    Failing.LATE: ("bad", _("Supplied late, or not in time")),
    Failing.REFUSED: ("bad", _("Refused by the unit")),
}
OWED: Mapping[Owed, LazyString] = {
    Owed.SUPPLY: _("Footage owed on a notice"),
    Owed.PAPER: _("Papers owed after a call"),
    Owed.FAILING: _("Late or refused"),
}
OWED_STATE: Mapping[str, Shown] = {
    "served": ("warn", _("Served, not acknowledged")),
    "taken": ("info", _("Acknowledged, to be supplied")),
    "late": ("bad", _("Overdue")),
    "unverified": ("warn", _("Caller not called back yet")),
    "waits": ("info", _("Paper awaited")),
    "came": ("warn", _("Paper came, to be compared")),
    "differs": ("bad", _("Paper differs from the call")),
    "refused": FAILING[Failing.REFUSED],
}
FAILING_STATE: Mapping[str, Shown] = {str(kind): shown for kind, shown in FAILING.items()}

add_texts(
    {
        "evidence.issued_on_needed": _("Enter the date of the paper"),
        "evidence.approver_needed": _("Enter who approved the notice: it stands on the paper"),
        "evidence.call_incomplete": _("Of a request by telephone this goes on record too"),
        "evidence.interest_needed": _("Choose what the viewing is to protect"),
        "evidence.interest_not_open": _("The rules admit viewing only to protect life, health or property"),
        "evidence.proof_needed": _("Choose the paper that proves it"),
        "evidence.proof_not_fitting": _("This paper does not prove the relation that was chosen"),
        "evidence.nothing_to_explain": _("There is nothing to explain, or it is explained already"),
        "evidence.caller_not_verified": _("Call the organ back under its own number first: the caller is not verified"),
        "evidence.caller_verified": _("The caller is verified already"),
        "evidence.paper_is_there": _("The paper is there and was compared"),
        "evidence.nothing_to_compare": _("There is no paper to compare, or it was compared"),
        "evidence.differences_needed": _("Say in what the paper differs"),
        "evidence.own_papers": _("Somebody else looks at the papers of those who ask"),
        "evidence.papers_not_seen": _("Look at the receiver's identity paper first"),
        "evidence.person_proved": _("Identity and relation were looked at already"),
        "evidence.person_not_proved": _("Look at the identity card and the proof of the relation first"),
        "evidence.no_appointment": _("Appoint the viewing first: time, place, who supervises, how others are protected"),
        "evidence.no_extension": _("The answer cannot be put off: it was once, it is late, or the rules do not allow it"),
        "evidence.no_notice": _("No notice was served"),
        "evidence.not_decided": _("Nothing is decided yet"),
        "evidence.moment_is_past": _("Choose a moment in the future"),
        "evidence.supervisor_not_open": _("Choose somebody of the unit who does not ask for the footage"),
        "evidence.supervisor_absent": _("Who was appointed to supervise the viewing holds one of the two keys"),
    }
)  # fmt: skip
