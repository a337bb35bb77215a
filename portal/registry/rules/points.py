"""Which points a person must look at, and what open questions mean for a filing. Pure."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from portal.registry.rules.interiors import cites_of, hits_in
from portal.registry.states import ReviewStatus
from portal.registry.values import Shortfall
from portal.registry.values.zones import Hit
from portal.regulation.effective import EffectiveRules
from portal.regulation.schema.keys import RuleKey

# What a verdict was passed on: when one of these changes, the verdict holds no more.
JUDGED = (
    *("name", "popular_name", "address", "place_type"),
    *("declared_lon", "declared_lat", "datum", "azimuth", "view_angle"),
)


@dataclass(frozen=True, kw_only=True)
class PointFacts:
    """The open questions about the points of one system."""

    forbidden: int = 0  # no doubt, or found so by the police
    first_place: str = ""
    first_camera: str = ""
    waiting: int = 0
    consent_asked: bool = False
    unmasked: int = 0


def basis_of(camera: Mapping[str, Any]) -> str:
    """A short name for what is judged about a camera."""
    told = "\n".join(str(camera.get(name) or "") for name in JUDGED)
    return hashlib.sha256(told.encode()).hexdigest()


def question_about(camera: Mapping[str, Any]) -> Hit | None:
    """The private place a camera's words speak of, the clearest one; nothing when there is none."""
    hits = hits_in(camera)
    return hits[0] if hits else None


def point_shortfalls(rules: EffectiveRules, facts: PointFacts) -> list[Shortfall]:
    """What is said of a system's points: forbidden ground blocks, a pending look does not hold the submission up."""
    found = []
    if facts.forbidden:
        cited = cites_of(facts.first_place) or rules.citations(RuleKey.FORBIDDEN_INTERIORS)
        data = {"count": facts.forbidden, "camera": facts.first_camera}
        found.append(Shortfall(code="points_forbidden", where="points", data=data, citations=cited))
    if facts.waiting:
        found.append(Shortfall(code="points_waiting", where="points", data={"count": facts.waiting}, blocking=False))
    return found


# Verdicts that let a point stand as it is.
SETTLED: Sequence[ReviewStatus] = (ReviewStatus.CLEARED, ReviewStatus.MASK_ASKED, ReviewStatus.CONSENT_ASKED)
