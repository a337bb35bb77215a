"""What a request's paper says, what a notice obliges to, what a telephone call and an individual's viewing need."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from portal.audit.values import audit_tag
from portal.evidence.values import Outcome, Paper, Relation
from portal.evidence.values.facts import Proof

SUPPLY_SERVED = audit_tag("evidence:supply:serve", "Notice served, duty to supply begins")
SUPPLY_ACKNOWLEDGED = audit_tag("evidence:supply:acknowledge", "Notice acknowledged by the unit")
SUPPLY_STATED = audit_tag("evidence:supply:state", "Completeness of the supply stated")
SUPPLY_EXPLAINED = audit_tag("evidence:supply:explain", "Gap in the supply explained")
SUPPLY_FAILED = audit_tag("evidence:supply:fail", "Refusal or delay of supply recorded")
CALL_VERIFIED = audit_tag("evidence:call:verify", "Caller of an urgent request verified")
CALL_PAPER = audit_tag("evidence:call:paper", "Paper of an urgent request handed in")
CALL_COMPARED = audit_tag("evidence:call:compare", "Paper of an urgent request compared")
PERSON_PROVED = audit_tag("evidence:viewing:prove", "Identity and relation of an individual looked at")
DECISION_EXTENDED = audit_tag("evidence:viewing:extend", "Time to decide on an individual's request extended")
VIEWING_APPOINTED = audit_tag("evidence:viewing:appoint", "Viewing by an individual appointed")
IDENTITY_SEEN = audit_tag("evidence:officer:seen", "Identity papers of those who came looked at")

# The words everybody undertakes when asking; a new wording gets a new number, and what was signed keeps its own.
UNDERTAKING = "2026-1"


PROOFS: dict[Relation, frozenset[Proof]] = {
    Relation.SELF: frozenset({Proof.POLICE_RECEIPT, Proof.PROPERTY_PROOF, Proof.MEDICAL_RECORD}),
    Relation.CLOSE_RELATIVE: frozenset({Proof.HOUSEHOLD_REGISTER, Proof.MARRIAGE_CERTIFICATE, Proof.BIRTH_CERTIFICATE}),
    Relation.GUARDIAN: frozenset({Proof.GUARDIANSHIP_PAPER, Proof.CARE_CONTRACT, Proof.HOUSEHOLD_REGISTER}),
}


class Completeness(StrEnum):
    """How much of what a notice asks for was supplied: reckoned from files and outcomes, never just asserted."""

    WHOLE = "whole"
    PART = "part"
    NONE = "none"


class Failing(StrEnum):
    """What a unit owed and did not do. A fact that stands beside the request; nobody decides on it."""

    LATE = "late"
    REFUSED = "refused"


class Owed(StrEnum):
    """The parts of the list of what is owed."""

    SUPPLY = "supply"
    PAPER = "paper"
    FAILING = "failing"


# Shown at the counter: who looks at them is written down.
SHOWN_IN_PERSON: frozenset[Paper] = frozenset({Paper.WORK_ID, Paper.POLICE_ID, Paper.HANDLER_ID})


@dataclass(frozen=True, slots=True)
class Supplied:
    """One camera of a supply: its outcome and what of the span the registered files cover."""

    camera_id: UUID
    label: str
    outcome: Outcome
    spans: tuple[tuple[datetime, datetime], ...] = ()


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch of the span that no file covers although the camera was supplied."""

    camera_id: UUID
    label: str
    begins: datetime
    ends: datetime

    def as_json(self) -> dict[str, str]:
        """The gap as its row keeps it."""
        return {"label": self.label, "begins": self.begins.isoformat(), "ends": self.ends.isoformat()}


@dataclass(frozen=True, slots=True)
class OwedRow:
    """One line of the list of what is owed."""

    request_id: UUID
    number: str
    unit_name: str
    requester_name: str
    since: datetime | None
    due: datetime | None
    state: str
    note: str = ""
    secret: bool = False
