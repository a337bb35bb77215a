"""How much a unit needs looking at: each factor from 0 to 1, times its weight, with its working."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from portal.regulation.effective import EffectiveRules
from portal.regulation.schema.keys import RuleKey

DAYS_A_MONTH = 30


class Factor(StrEnum):
    """What raises the risk of a unit."""

    SINCE_VISIT = "since_visit"
    NEWLY_FILED = "newly_filed"
    OVERDUE_FINDINGS = "overdue_findings"
    OPEN_FINDINGS = "open_findings"
    FAILED_ACCEPTANCE = "failed_acceptance"
    OFFLINE_SHARE = "offline_share"
    KEY_UNIT = "key_unit"
    TIP_OFFS = "tip_offs"
    OVERDUE_PAPERS = "overdue_papers"


# Counted; the others are a share or a yes.
COUNTED = frozenset({Factor.OVERDUE_FINDINGS, Factor.OPEN_FINDINGS, Factor.TIP_OFFS, Factor.OVERDUE_PAPERS})


@dataclass(frozen=True, kw_only=True)
class Weights:
    """What the rules give each factor, and at which size a factor reaches its weight."""

    points: Mapping[Factor, int]
    visit_months: int
    first_visit_months: int
    full_count: int

    @classmethod
    def under(cls, rules: EffectiveRules) -> "Weights":
        """As the rules say; a factor no rule speaks of weighs nothing."""
        points = {one: rules.integer(RuleKey(f"supervision.weight_{one}")) or 0 for one in Factor}
        return cls(
            points=points,
            visit_months=rules.integer(RuleKey.SUPERVISION_VISIT_MONTHS) or 1,
            first_visit_months=rules.integer(RuleKey.SUPERVISION_FIRST_VISIT_MONTHS) or 1,
            full_count=rules.integer(RuleKey.SUPERVISION_FULL_COUNT) or 1,
        )

    @property
    def first_visit_days(self) -> int:
        """How many days after its filing a system is to be looked at for the first time."""
        return self.first_visit_months * DAYS_A_MONTH


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What is known of a unit. `counts` hold a number for counted factors, a share from 0 to 1 for the others; `filed_on`
    is the day on which a system was filed that nobody looked at since, the first of them."""

    last_visit: date | None = None
    filed_on: date | None = None
    counts: Mapping[Factor, float]


@dataclass(frozen=True, kw_only=True)
class Part:
    """One factor's share in a score: what was found, how far that goes from 0 to 1, and the points it makes."""

    factor: Factor
    found: str
    share: Decimal
    weight: int
    points: Decimal


def assess(facts: Facts, weights: Weights, *, today: date) -> tuple[Decimal, Sequence[Part]]:
    """The score of a unit, and every part of it."""
    parts = []
    for factor in Factor:
        found, share = _share(factor, facts, weights, today)
        exact = Decimal(str(round(min(max(share, 0.0), 1.0), 3)))
        weight = weights.points[factor]
        points = (exact * weight).quantize(Decimal("0.1"))
        parts.append(Part(factor=factor, found=found, share=exact, weight=weight, points=points))
    return sum((part.points for part in parts), Decimal(0)), parts


def _share(factor: Factor, facts: Facts, weights: Weights, today: date) -> tuple[str, float]:
    if factor is Factor.SINCE_VISIT:
        if facts.last_visit is None:
            return "", 1.0
        return facts.last_visit.isoformat(), (today - facts.last_visit).days / (weights.visit_months * DAYS_A_MONTH)
    if factor is Factor.NEWLY_FILED:
        if facts.filed_on is None:
            return "", 0.0
        return facts.filed_on.isoformat(), (today - facts.filed_on).days / weights.first_visit_days
    value = facts.counts.get(factor, 0)
    if factor in COUNTED:
        return str(int(value)), value / weights.full_count
    return f"{value:.2f}", value
