"""What a paper says beside its number, and how an individual stands to the matter."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Proof(StrEnum):
    """By what an individual shows that the matter is theirs, or how they stand to whom it concerns."""

    POLICE_RECEIPT = "police_receipt"
    PROPERTY_PROOF = "property_proof"
    MEDICAL_RECORD = "medical_record"
    HOUSEHOLD_REGISTER = "household_register"
    MARRIAGE_CERTIFICATE = "marriage_certificate"
    BIRTH_CERTIFICATE = "birth_certificate"
    GUARDIANSHIP_PAPER = "guardianship_paper"
    CARE_CONTRACT = "care_contract"


class Interest(StrEnum):
    """What viewing is to protect (Decree 799 art. 21)."""

    LIFE = "life"
    HEALTH = "health"
    PROPERTY = "property"


@dataclass(frozen=True, slots=True)
class AskFacts:
    """What the paper says beside its number, what was said on the telephone, how an individual stands to the matter."""

    issued_on: date | None = None
    approver: str = ""
    items: str = ""
    caller: str = ""
    call_back: str = ""
    done_at_once: str = ""
    proof: Proof | None = None
    interest: Interest | None = None
