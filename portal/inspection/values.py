"""Answers, results, and the audit tags of inspection."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from portal.audit.values import audit_tag
from portal.inspection.states import Verdict


@dataclass(frozen=True)
class Deduction:
    """Points taken off one item of a scored list, and why (003 annex, note 2)."""

    points: Decimal
    reason: str


@dataclass(frozen=True, kw_only=True)
class ItemAnswer:
    """What an inspector says of one item; deductions count on a scored list only."""

    verdict: Verdict
    deductions: tuple[Deduction, ...] = ()
    note: str = ""

    @property
    def deducted(self) -> Decimal:
        """All points taken off, which may be more than the item has."""
        return sum((each.points for each in self.deductions), Decimal(0))

    @property
    def told(self) -> str:
        """Why it falls short and what else was found, as one text."""
        return "；".join(
            part.strip() for part in (*(each.reason for each in self.deductions), self.note) if part.strip()
        )

    @property
    def short(self) -> bool:
        """Whether the item falls short in any way."""
        return self.verdict in {Verdict.PARTLY, Verdict.NOT_MET} or bool(self.deductions)


@dataclass(frozen=True, kw_only=True)
class SchoolFacts:
    """What the application form asks of a school (F4): who leads it, its kind, its size, its own words."""

    principal: str = ""
    deputy: str = ""
    school_type: str = ""
    students: int | None = None
    staff: int | None = None
    teachers: int | None = None
    statement: str = ""


@dataclass(frozen=True, kw_only=True)
class GroupResult:
    """One group of the list: points reached of points possible, or a rate between 0 and 1."""

    key: str
    points: Decimal | None = None
    possible: Decimal | None = None
    rate: Decimal | None = None


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """The arithmetic of a whole list, with every number a reader may ask for."""

    conclusion: str  # pass, basic or fail
    score: Decimal | None = None
    possible: Decimal | None = None
    grade: str | None = None
    groups: tuple[GroupResult, ...] = ()
    unanswered: tuple[str, ...] = ()
    items: Mapping[str, Decimal] = field(default_factory=dict)


MOST_DEDUCTIONS = 6
# More says nothing more of one item, and a telephone in a pocket takes them by the hundred.
MOST_PHOTOS = 9
MOST_PROOFS = 6

# A person has a telephone and a tablet, and replaces them.
MOST_DEVICES = 5
# More wait for the next sending.
MOST_ENTRIES = 100
# Every page of the visit reads them all: far beyond what people judge in a day.
MOST_OF_VISIT = 3000

ASSESSMENT_BEGUN = audit_tag("inspection:assessment:begin", "Self-assessment begun")
ASSESSMENT_SAVED = audit_tag("inspection:assessment:save", "Self-assessment filled in")
ASSESSMENT_SIGNED = audit_tag("inspection:assessment:sign", "Self-assessment signed")
REQUESTED = audit_tag("inspection:acceptance:request", "Acceptance applied for")
RESUBMITTED = audit_tag("inspection:acceptance:resubmit", "Acceptance applied for again")
CHECKED = audit_tag("inspection:acceptance:check", "Acceptance papers checked")
RETURNED = audit_tag("inspection:acceptance:return", "Acceptance returned for papers")
WITHDRAWN = audit_tag("inspection:acceptance:withdraw", "Acceptance withdrawn")
SCHEDULED = audit_tag("inspection:visit:schedule", "Visit scheduled")
BOOKED = audit_tag("inspection:visit:book", "Visit chosen by the unit")
MOVED = audit_tag("inspection:visit:move", "Visit moved by the unit")
CANCELLED = audit_tag("inspection:visit:cancel", "Visit called off")
ANSWERED = audit_tag("inspection:visit:answer", "Checklist filled in")
PHOTO_ADDED = audit_tag("inspection:photo:add", "Photo attached to the checklist")
PHOTO_REMOVED = audit_tag("inspection:photo:remove", "Photo taken off the checklist")
PHOTO_READ = audit_tag("inspection:photo:read", "Photo of an inspection opened", sensitive_read=True)
READINESS_ASKED = audit_tag("inspection:readiness:check", "Check in advance asked for")
READINESS_WAIVED = audit_tag("inspection:readiness:waive", "Visit allowed although checks fail")
DEVICE_ENROLLED = audit_tag("inspection:device:enrol", "Field device enrolled")
DEVICE_REVOKED = audit_tag("inspection:device:revoke", "Field device revoked")
TAKEN_ALONG = audit_tag("inspection:visit:take", "Visit taken along to the field", sensitive_read=True)
SEALED = audit_tag("inspection:visit:seal", "Entries sealed on site received")
PHOTO_ALTERED = audit_tag("inspection:photo:altered", "Photo received that differs from its seal")
CONCLUDED = audit_tag("inspection:acceptance:conclude", "Acceptance concluded")
PUBLISHED = audit_tag("inspection:result:publish", "Acceptance result published")
OVERRIDE_ASKED = audit_tag("inspection:override:ask", "Another conclusion asked for")
OVERRIDE_APPROVED = audit_tag("inspection:override:approve", "Another conclusion approved")
OVERRIDE_REFUSED = audit_tag("inspection:override:refuse", "Another conclusion refused")
REINSPECTION_OPENED = audit_tag("inspection:reinspection:open", "Re-inspection opened")
REINSPECTION_DROPPED = audit_tag("inspection:reinspection:drop", "Re-inspection called off")
FINDING_STATED = audit_tag("inspection:finding:state", "Finding stated")
FINDING_CURED = audit_tag("inspection:finding:cure", "Finding reported cured")
FINDING_RETURNED = audit_tag("inspection:finding:return", "Cure of a finding returned")
FINDING_VERIFIED = audit_tag("inspection:finding:verify", "Cure of a finding verified")
FINDING_CLOSED = audit_tag("inspection:finding:close", "Finding closed")
PROOF_READ = audit_tag("inspection:proof:read", "Proof of a cure opened", sensitive_read=True)
CALENDAR_OPENED = audit_tag("inspection:calendar:open", "Calendar address created")
CALENDAR_REVOKED = audit_tag("inspection:calendar:revoke", "Calendar address revoked")
PROFILE_KEPT = audit_tag("inspection:inspector:keep", "Particulars of an inspector kept")
ABSENCE_ENTERED = audit_tag("inspection:absence:enter", "Absence of an inspector entered")
ABSENCE_WITHDRAWN = audit_tag("inspection:absence:withdraw", "Absence of an inspector withdrawn")
CONFLICT_ENTERED = audit_tag("inspection:conflict:enter", "Interest of an inspector entered")
CONFLICT_ENDED = audit_tag("inspection:conflict:end", "Interest of an inspector ended")
