"""What kinds of acceptance there are, and the life of one and of its visits (domain.md 7.22)."""

from collections.abc import Mapping
from enum import StrEnum

from portal.core.lifecycle import follow


class AcceptanceKind(StrEnum):
    """What is asked for: a new system before its use, an altered one, or a school's standard creation (达标创建)."""

    NEW = "new"
    CHANGE = "change"
    STANDARD = "standard"


class ClockKind(StrEnum):
    """The two time limits of the organ, for the review of papers and design and for the decision; and the time from a
    conclusion to that of the re-inspection after it."""

    REVIEW = "review"
    DECISION = "decision"
    REINSPECTION = "again"


class ProjectClass(StrEnum):
    """The class of a security project (GA 308): papers of the third may be simplified."""

    FIRST = "first"
    SECOND = "second"
    THIRD = "third"


class SchoolType(StrEnum):
    """Who runs a school (F4)."""

    PUBLIC = "public"
    PRIVATE = "private"


class AcceptanceStatus(StrEnum):
    """Where an acceptance stands."""

    REQUESTED = "requested"
    RETURNED = "returned"
    CHECKED = "checked"
    SCHEDULED = "scheduled"
    PASSED = "passed"
    BASICALLY_PASSED = "basically_passed"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"


class AcceptanceAction(StrEnum):
    """What can be done to an acceptance. An override that was decided reopens a conclusion, which is given anew at once."""

    RETURN = "return"
    RESUBMIT = "resubmit"
    CHECK = "check"
    SCHEDULE = "schedule"
    UNSCHEDULE = "unschedule"
    PASS = "pass"  # noqa: S105
    BASIC = "basic"
    FAIL = "fail"
    WITHDRAW = "withdraw"
    REOPEN = "reopen"


class ReadinessCause(StrEnum):
    """What started a run of the portal's own checks."""

    APPLICATION = "application"
    UNIT = "unit"
    ORGAN = "organ"
    NIGHT = "night"


_S, _A = AcceptanceStatus, AcceptanceAction

TRANSITIONS: Mapping[tuple[AcceptanceStatus, AcceptanceAction], AcceptanceStatus] = {
    (_S.REQUESTED, _A.RETURN): _S.RETURNED,
    (_S.REQUESTED, _A.CHECK): _S.CHECKED,
    (_S.REQUESTED, _A.WITHDRAW): _S.WITHDRAWN,
    (_S.RETURNED, _A.RESUBMIT): _S.REQUESTED,
    (_S.RETURNED, _A.WITHDRAW): _S.WITHDRAWN,
    (_S.CHECKED, _A.SCHEDULE): _S.SCHEDULED,
    (_S.CHECKED, _A.WITHDRAW): _S.WITHDRAWN,
    (_S.SCHEDULED, _A.UNSCHEDULE): _S.CHECKED,
    (_S.SCHEDULED, _A.PASS): _S.PASSED,
    (_S.SCHEDULED, _A.BASIC): _S.BASICALLY_PASSED,
    (_S.SCHEDULED, _A.FAIL): _S.FAILED,
    (_S.PASSED, _A.REOPEN): _S.SCHEDULED,
    (_S.BASICALLY_PASSED, _A.REOPEN): _S.SCHEDULED,
    (_S.FAILED, _A.REOPEN): _S.SCHEDULED,
}

OPEN = frozenset({_S.REQUESTED, _S.RETURNED, _S.CHECKED, _S.SCHEDULED})
PASSED = frozenset({_S.PASSED, _S.BASICALLY_PASSED})
CONCLUDED = PASSED | {_S.FAILED}
# A further try belongs to the series of one that ended so.
GOES_ON = frozenset({_S.BASICALLY_PASSED, _S.FAILED})


def next_status(status: AcceptanceStatus, action: AcceptanceAction) -> AcceptanceStatus:
    """The status after an action. Raises IllegalTransition where the table has none."""
    return follow(TRANSITIONS, status, action, of="acceptance")


class VisitStatus(StrEnum):
    """A visit is planned, done or called off."""

    PLANNED = "planned"
    DONE = "done"
    CANCELLED = "cancelled"


class VisitAction(StrEnum):
    """What ends a visit: its conclusion, or its being called off."""

    CONCLUDE = "conclude"
    CANCEL = "cancel"


VISIT_TRANSITIONS: Mapping[tuple[VisitStatus, VisitAction], VisitStatus] = {
    (VisitStatus.PLANNED, VisitAction.CONCLUDE): VisitStatus.DONE,
    (VisitStatus.PLANNED, VisitAction.CANCEL): VisitStatus.CANCELLED,
}


def next_visit_status(status: VisitStatus, action: VisitAction) -> VisitStatus:
    """The status after an action. Raises IllegalTransition where the table has none."""
    return follow(VISIT_TRANSITIONS, status, action, of="visit")


class Verdict(StrEnum):
    """The judgement of one checklist item."""

    MET = "met"
    PARTLY = "partly"
    NOT_MET = "not_met"
    NOT_APPLICABLE = "not_applicable"


class Severity(StrEnum):
    """How grave it is that an item fell short; it decides how soon it must be cured."""

    MINOR = "minor"
    MAJOR = "major"
    CRITICAL = "critical"


class FindingStatus(StrEnum):
    """Where a finding stands. What was reported cured and verified on paper is closed by the next look on site, or at
    once where none is to come."""

    OPEN = "open"
    CURED = "cured"
    RETURNED = "returned"
    VERIFIED = "verified"
    CLOSED = "closed"


class FindingAction(StrEnum):
    """What can be done to a finding."""

    CURE = "cure"
    RETURN = "return"
    VERIFY = "verify"
    CLOSE = "close"


_F, _D = FindingStatus, FindingAction

FINDING_TRANSITIONS: Mapping[tuple[FindingStatus, FindingAction], FindingStatus] = {
    (_F.OPEN, _D.CURE): _F.CURED,
    (_F.RETURNED, _D.CURE): _F.CURED,
    (_F.CURED, _D.VERIFY): _F.VERIFIED,
    (_F.CURED, _D.RETURN): _F.RETURNED,
    # The look on site settles it, whatever was reported before.
    (_F.OPEN, _D.CLOSE): _F.CLOSED,
    (_F.CURED, _D.CLOSE): _F.CLOSED,
    (_F.RETURNED, _D.CLOSE): _F.CLOSED,
    (_F.VERIFIED, _D.CLOSE): _F.CLOSED,
}

# The unit has still to do something.
OWED = frozenset({_F.OPEN, _F.RETURNED})
UNSETTLED = OWED | {_F.CURED, _F.VERIFIED}


def next_finding_status(status: FindingStatus, action: FindingAction) -> FindingStatus:
    """The status after an action. Raises IllegalTransition where the table has none."""
    return follow(FINDING_TRANSITIONS, status, action, of="finding")


class EntryKind(StrEnum):
    """What is sealed on site: an item judged, or a signature under the record."""

    ANSWER = "answer"
    SIGNATURE = "signature"


class Capacity(StrEnum):
    """As what somebody signs the record of a visit."""

    UNIT = "unit"
    INSPECTOR = "inspector"


class OverrideState(StrEnum):
    """Where another conclusion than the computed one stands, for a list that looks for those."""

    APPROVED = "approved"
    PENDING = "pending"
