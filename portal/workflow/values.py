"""Plain facts about a run that the rules judge."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from portal.audit.values import audit_tag
from portal.workflow.states import Verdict

RUN_START = audit_tag("workflow:run:start", "Approval started")
RUN_APPROVE = audit_tag("workflow:run:approve", "Approval step approved")
RUN_ACKNOWLEDGE = audit_tag("workflow:run:acknowledge", "Duty acknowledged")
RUN_RETURN = audit_tag("workflow:run:return", "Returned for correction")
RUN_REFUSE = audit_tag("workflow:run:refuse", "Refused")
RUN_LAPSE = audit_tag("workflow:run:lapse", "Approval lapsed")
RUN_WITHDRAW = audit_tag("workflow:run:withdraw", "Approval withdrawn")

VERDICT_TAGS = {
    Verdict.APPROVE: RUN_APPROVE,
    Verdict.ACKNOWLEDGE: RUN_ACKNOWLEDGE,
    Verdict.RETURN: RUN_RETURN,
    Verdict.REFUSE: RUN_REFUSE,
}


@dataclass(frozen=True, slots=True)
class DecisionFact:
    """One recorded verdict, in the order it was given; `behalf_id` is the holder of the post whom the person stood in for."""

    step_key: str
    person_id: UUID
    verdict: Verdict
    behalf_id: UUID | None = None

    @property
    def voices(self) -> frozenset[UUID]:
        """Who has spoken: a stand-in's word is the holder's as well."""
        return frozenset({self.person_id} | ({self.behalf_id} if self.behalf_id else set()))


class Proof(StrEnum):
    """How a person showed again, at the moment of deciding, that it was they."""

    PASSWORD = "password"  # noqa: S105 - a name
    TWO_FACTORS = "two_factors"


class Barrier(StrEnum):
    """Why a person may not decide now; shown to that person, so each has a sentence in labels."""

    ENDED = "ended"
    REQUESTER = "requester"
    REQUESTER_BEHIND = "requester_behind"
    SIGNED_THIS_STEP = "signed_this_step"
    SIGNED_EARLIER_STEP = "signed_earlier_step"
    NOT_HOLDER = "not_holder"
    OVERDUE = "overdue"
    VERDICT_NOT_OFFERED = "verdict_not_offered"


class StepState(StrEnum):
    """How a step stands when the chain is shown: every step is shown, also the ones not required."""

    NOT_REQUIRED = "not_required"
    WAITING = "waiting"
    CURRENT = "current"
    MET = "met"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Party:
    """The unit, organs and people a run is bound to; fixed when it starts."""

    requester_id: UUID
    unit_id: UUID | None
    requester_organ_id: UUID | None
    organ_id: UUID | None = None
    excluded: frozenset[UUID] = frozenset()

    @property
    def barred(self) -> frozenset[UUID]:
        """People who may never approve here: the requester and everyone asking beside them."""
        return self.excluded | {self.requester_id}
