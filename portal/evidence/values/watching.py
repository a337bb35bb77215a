"""Oversight of requests: what stands out, and the explanations that are asked for."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from portal.audit.values import audit_tag

QUESTION_SUBJECT = "oversight_question"
WATCH_READ = audit_tag("evidence:oversight:read", "Oversight of footage requests opened", sensitive_read=True)
STATISTICS_READ = audit_tag(
    "evidence:statistics:read", "Yearly figures of footage requests taken out", sensitive_read=True
)
EXPLANATION_ASKED = audit_tag("evidence:question:ask", "Explanation asked for")
EXPLANATION_GIVEN = audit_tag("evidence:question:answer", "Explanation given")
EXPLANATION_ACCEPTED = audit_tag("evidence:question:accept", "Explanation accepted")
EXPLANATION_ESCALATED = audit_tag("evidence:question:escalate", "Explanation not accepted, taken further")


class SignKind(StrEnum):
    """What stands out."""

    NO_CASE = "no_case"
    OFF_HOURS = "off_hours"
    VOLUME = "volume"
    REPEATS = "repeats"
    PAIR = "pair"
    QUICK = "quick"
    HOLD = "hold"


# These are found by counting; the others are single acts, listed page by page.
COUNTED = frozenset({SignKind.VOLUME, SignKind.REPEATS, SignKind.PAIR})


class QuestionStatus(StrEnum):
    """Asked of the person, answered, and what the asker made of it."""

    ASKED = "asked"
    ANSWERED = "answered"
    ACCEPTED = "accepted"
    ESCALATED = "escalated"


@dataclass(frozen=True, slots=True)
class Sign:
    """One thing that stands out, named by its kind and key; never by what a case is about."""

    kind: SignKind
    key: str
    at: datetime
    person_id: UUID | None
    person_name: str
    organ_id: UUID | None
    unit_id: UUID | None
    label: str
    request_id: UUID | None = None
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The numbers of practice that the looking goes by."""

    days: int
    outlier_score: int
    outlier_least: int
    repeats_least: int
    pair_percent: int
    pair_least: int
    quick_seconds: int
    hold_hours: int
    explain_days: int
