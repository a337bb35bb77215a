"""What a violation is and costs, out of the profiles' data; whether an order must have been refused first (1.3)."""

from collections.abc import Iterable, Mapping
from typing import Any

from portal.core.errors import Problem
from portal.measures.values import FineAgainst, FineDraft, Violation
from portal.regulation.effective import EffectiveRules
from portal.regulation.schema.profile import Penalty, Profile


def violations_under(rules: EffectiveRules) -> list[Violation]:
    """Every violation that the texts which govern a unit name, in their order."""
    return [violation_of(entry.profile, penalty) for entry in rules.governing for penalty in entry.profile.penalties]


def violation_of(profile: Profile, penalty: Penalty) -> Violation:
    """An entry of a profile as a value."""
    amounts = {
        FineAgainst.UNIT: penalty.unit,
        FineAgainst.RESPONSIBLE: penalty.responsible,
        FineAgainst.PERSON: penalty.person,
    }
    return Violation(
        profile=profile.key,
        key=penalty.key,
        articles=tuple(profile.cite(place).article for place in penalty.articles),
        zh=penalty.text.zh,
        en=penalty.text.en,
        measure_zh=penalty.measure.zh,
        measure_en=penalty.measure.en,
        only_if_refused=penalty.only_if_refused,
        or_grave=penalty.or_grave,
        amounts={against: bounds for against, bounds in amounts.items() if bounds is not None},
    )  # fmt: skip


def chosen(violations: Iterable[Violation], code: str) -> Violation | None:
    """The violation a form named."""
    return next((one for one in violations if one.code == code), None)


def frozen(violation: Violation) -> dict[str, Any]:
    """The violation as it is kept with an order: the text may change, the order's basis does not."""
    return {
        "profile": violation.profile,
        "key": violation.key,
        "articles": list(violation.articles),
        "zh": violation.zh,
        "en": violation.en,
        "measure_zh": violation.measure_zh,
        "measure_en": violation.measure_en,
        "only_if_refused": violation.only_if_refused,
        "or_grave": violation.or_grave,
        "amounts": {str(against): list(bounds) for against, bounds in violation.amounts.items()},
    }


def thawed(kept: Mapping[str, Any]) -> Violation:
    """The violation an order was issued for."""
    amounts = {FineAgainst(against): (low, high) for against, (low, high) in kept["amounts"].items()}
    return Violation(**{**kept, "articles": tuple(kept["articles"]), "amounts": amounts})


def needs_refusal(violation: Violation, grave_reason: str) -> bool:
    """Whether a fine needs a finding of refusal first: where the article orders correction before anything else. Some
    articles name grave circumstances beside refusal; whoever relies on them says what they are."""
    return violation.only_if_refused and not (violation.or_grave and grave_reason.strip())


def faults_of_fine(violation: Violation, draft: FineDraft) -> list[Problem]:
    """What stands in the way of a proposed amount, by field."""
    found = [] if draft.reasons.strip() else [Problem("reasons", "required")]
    bounds = violation.amounts.get(draft.against)
    if bounds is None:
        found.append(Problem("against", "fine_not_threatened"))
    elif not bounds[0] <= draft.amount <= bounds[1]:
        found.append(Problem("amount", "fine_out_of_bounds", {"low": bounds[0], "high": bounds[1]}))
    if draft.against is not FineAgainst.UNIT and not draft.person_name.strip():
        found.append(Problem("person_name", "required"))
    return found
