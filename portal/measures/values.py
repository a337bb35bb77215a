"""What measures are made of, and the audit tags of this package."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from portal.audit.values import audit_tag


class MeasureKind(StrEnum):
    """The ladder, lowest step first (003 §4.4): a letter (函告), an interview (约谈), a circular criticism (通报批评)."""

    LETTER = "letter"
    INTERVIEW = "interview"
    CIRCULAR = "circular"


class ServiceMethod(StrEnum):
    """How a paper reached the unit."""

    DIRECT = "direct"
    LEFT = "left"
    POST = "post"
    PORTAL = "portal"


class FineAgainst(StrEnum):
    """Whom an article threatens: the unit, those responsible in it, an individual."""

    UNIT = "unit"
    RESPONSIBLE = "responsible"
    PERSON = "person"


class NumberKind(StrEnum):
    """What is numbered by organ and year."""

    LETTER = "letter"
    INTERVIEW = "interview"
    CIRCULAR = "circular"
    CORRECTION = "correction"
    REFUSAL = "refusal"
    FINE = "fine"


class DrawKind(StrEnum):
    """What is drawn from: units, for visits; concluded acceptances, for their review."""

    UNITS = "units"
    ACCEPTANCES = "acceptances"


class PlannedBy(StrEnum):
    """Why a unit stands in a plan."""

    RISK = "risk"
    DRAW = "draw"
    FILING = "filing"


@dataclass(frozen=True, kw_only=True)
class DrawDraft:
    """A draw as it is committed to. `entropy_source` says where the public number will come from, on `entropy_on`."""

    kind: DrawKind
    title: str
    sample_size: int
    period_from: date
    period_to: date
    entropy_source: str
    entropy_on: date


@dataclass(frozen=True, kw_only=True)
class PlanDraft:
    """A plan as it is made: so many units by risk, so many not visited since they filed, and those of a draw."""

    title: str
    starts_on: date
    ends_on: date
    by_risk: int
    by_filing: int = 0
    draw_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class Service:
    """When, how and to whom a paper was served."""

    on: date
    how: ServiceMethod
    to: str


@dataclass(frozen=True, kw_only=True)
class MeasureDraft:
    """A measure as it is drafted. `place` and `meets_at` are an interview's, `recipients` a circular's."""

    kind: MeasureKind
    facts: str
    demands: str
    due_set: date | None = None
    skip_reason: str = ""
    acceptance_id: UUID | None = None
    finding_ids: Sequence[UUID] = ()
    place: str = ""
    meets_at: datetime | None = None
    recipients: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class Meeting:
    """An interview as it was held: who attended in what capacity, and what was said."""

    held_at: datetime
    attendance: Sequence[tuple[str, str]]
    minutes: str


@dataclass(frozen=True, kw_only=True)
class Violation:
    """A violation as an instrument names it: what is ordered for it and, in CNY, what it may cost whom."""

    profile: str
    key: str
    articles: tuple[str, ...]
    zh: str
    en: str
    measure_zh: str
    measure_en: str
    only_if_refused: bool
    or_grave: bool
    amounts: dict[FineAgainst, tuple[int, int]] = field(default_factory=dict)

    @property
    def code(self) -> str:
        """How a form names it."""
        return f"{self.profile}:{self.key}"

    def in_language(self, language: str) -> str:
        """What it is called."""
        return self.zh if language.startswith("zh") else self.en

    def measure_in(self, language: str) -> str:
        """What the article orders for it."""
        return self.measure_zh if language.startswith("zh") else self.measure_en


@dataclass(frozen=True, kw_only=True)
class CorrectionDraft:
    """An order to correct as it is issued."""

    violation: str
    facts: str
    demand: str
    due_set: date | None = None
    grave_reason: str = ""
    system_id: UUID | None = None
    finding_ids: Sequence[UUID] = ()


@dataclass(frozen=True, kw_only=True)
class FineDraft:
    """A fine as it is proposed."""

    against: FineAgainst
    person_name: str = ""
    amount: int
    reasons: str


@dataclass(frozen=True, kw_only=True)
class FineOutcome:
    """What the organ that decides made of a proposal."""

    number: str
    organ: str
    decided_on: date
    amount: int | None
    note: str = ""


MEASURE_DRAFTED = audit_tag("measures:measure:draft", "Measure drafted")
MEASURE_SIGNED = audit_tag("measures:measure:sign", "Measure signed")
MEASURE_SERVED = audit_tag("measures:measure:serve", "Measure served")
MEASURE_HELD = audit_tag("measures:measure:hold", "Interview held")
MEASURE_REPLIED = audit_tag("measures:measure:reply", "Reply of the unit to a measure")
MEASURE_CLOSED = audit_tag("measures:measure:close", "Measure closed")
MEASURE_ESCALATED = audit_tag("measures:measure:escalate", "Measure followed by the next step")
MEASURE_WITHDRAWN = audit_tag("measures:measure:withdraw", "Measure taken back")
STEP_PROPOSED = audit_tag("measures:step:propose", "Next step proposed: the reply is overdue")
STEP_DISMISSED = audit_tag("measures:step:dismiss", "Proposed next step dismissed, limit extended")
REPLY_FILE_READ = audit_tag("measures:reply:read", "Paper of a reply opened")
ORDER_ISSUED = audit_tag("measures:correction:issue", "Order to correct issued")
ORDER_SERVED = audit_tag("measures:correction:serve", "Order to correct served")
ORDER_EXTENDED = audit_tag("measures:correction:extend", "Limit of an order to correct extended")
ORDER_REPORTED = audit_tag("measures:correction:report", "Correction reported by the unit")
ORDER_RETURNED = audit_tag("measures:correction:return", "Reported correction sent back")
ORDER_CORRECTED = audit_tag("measures:correction:accept", "Correction verified")
ORDER_WITHDRAWN = audit_tag("measures:correction:withdraw", "Order to correct taken back")
REFUSAL_FOUND = audit_tag("measures:refusal:find", "Refusal to correct found")
REFUSAL_CONFIRMED = audit_tag("measures:refusal:confirm", "Refusal to correct confirmed by a second person")
REFUSAL_REJECTED = audit_tag("measures:refusal:reject", "Refusal to correct not confirmed")
FINE_PROPOSED = audit_tag("measures:fine:propose", "Fine proposed")
FINE_ENDED = audit_tag("measures:fine:end", "Outcome of a proposed fine recorded")
COMMENDATIONS_TAKEN = audit_tag("measures:commendation:export", "List of who may be commended taken out")
DRAW_COMMITTED = audit_tag("measures:draw:commit", "Draw committed to and its population published")
DRAW_REVEALED = audit_tag("measures:draw:reveal", "Seed of a draw revealed and the sample drawn")
PLAN_MADE = audit_tag("measures:plan:make", "Plan of supervision made")
PLANNED_BEGUN = audit_tag("measures:visit:begin", "Planned visit begun")
PLANNED_ANSWERED = audit_tag("measures:visit:answer", "List of a planned visit filled in")
PLANNED_PHOTO_ADDED = audit_tag("measures:visit:photo_add", "Photo of a planned visit added")
PLANNED_PHOTO_REMOVED = audit_tag("measures:visit:photo_remove", "Photo of a planned visit taken off")
PLANNED_PHOTO_READ = audit_tag("measures:visit:photo_read", "Photo of a planned visit opened", sensitive_read=True)
PLANNED_DONE = audit_tag("measures:visit:carry_out", "Planned visit carried out")
PLANNED_CLOSED = audit_tag("measures:visit:close", "Planned visit closed")
PLANNED_CANCELLED = audit_tag("measures:visit:cancel", "Planned visit cancelled")
