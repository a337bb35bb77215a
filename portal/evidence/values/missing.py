"""Footage that ought to be there and is not: why, who answers for it, what the unit says, what follows."""

from enum import StrEnum

from portal.audit.values import audit_tag
from portal.evidence.values import Outcome

MISSING_SUBJECT = "missing_footage"
MISSING_FOUND = audit_tag("evidence:missing:find", "Missing footage found")
MISSING_STATED = audit_tag("evidence:missing:state", "Unit stated why footage is missing")
MISSING_CLOSED = audit_tag("evidence:missing:close", "Finding on missing footage closed")
MISSING_READ = audit_tag("evidence:missing:read", "Finding on missing footage opened", sensitive_read=True)


class MissingCause(StrEnum):
    """Why footage is missing (001 art. 25: failure, loss of control, distorted or missing footage)."""

    NEVER_HAD = "never_had"
    OVERWRITTEN = "overwritten"
    DEVICE_DOWN = "device_down"
    DISTORTED = "distorted"
    GAP = "gap"


# What a camera's outcome says of its footage. A refusal is another matter: the footage is there.
CAUSES: dict[Outcome, MissingCause] = {
    Outcome.NEVER_HAD: MissingCause.NEVER_HAD,
    Outcome.OVERWRITTEN: MissingCause.OVERWRITTEN,
    Outcome.DEVICE_DOWN: MissingCause.DEVICE_DOWN,
    Outcome.DISTORTED: MissingCause.DISTORTED,
}


class Consequence(StrEnum):
    """What follows for whoever answers for it."""

    NONE = "none"
    REPAIR = "repair"
    INSTRUCTED = "instructed"
    DISCIPLINED = "disciplined"
    TO_PENALTY = "to_penalty"
