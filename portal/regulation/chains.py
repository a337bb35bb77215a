"""Which approval chain a footage request goes through, or why it is not admitted."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from portal.regulation.effective import EffectiveRules
from portal.regulation.schema import ApprovalChain, ApprovalStep
from portal.regulation.schema.keys import RuleKey
from portal.regulation.schema.profile import Profile
from portal.regulation.values import EffectiveRule


@dataclass(frozen=True)
class ChainFinding:
    """The chain with the steps that apply, the chains that stood behind it, or the refusals.

    `chain` is None exactly when the request cannot be admitted; `refusals` then names the rules
    that say so, and is empty when no text provides for such a request at all.
    """

    chain: ApprovalChain | None
    profile: Profile | None
    steps: tuple[ApprovalStep, ...]
    facts: Mapping[str, tuple[str, ...]]
    passed_over: tuple[tuple[Profile, ApprovalChain], ...] = ()
    refusals: tuple[EffectiveRule, ...] = ()


def choose_chain(effective: EffectiveRules) -> ChainFinding:
    """Find the chain for the act, requester and zone in the context's facts.

    The highest text with a fitting chain decides: the law's own retrieval before house rules,
    house rules before the portal's default for units that have none.
    """
    facts = effective.facts
    refusals = admission_refusals(effective)
    if refusals:
        return ChainFinding(None, None, (), facts, refusals=refusals)
    fitting = [
        (entry.profile, chain)
        for entry in effective.governing
        for chain in entry.profile.chains
        if chain.applies(facts)
    ]
    if not fitting:
        return ChainFinding(None, None, (), facts)
    (profile, chain), *others = fitting
    added = [step for entry in effective.governing for step in entry.profile.added_steps if step.applies(facts)]
    chain = with_steps(chain, added)
    return ChainFinding(chain, profile, chain.steps_for(facts), facts, passed_over=tuple(others))


def with_steps(chain: ApprovalChain, added: Iterable[ApprovalStep]) -> ApprovalChain:
    """The chain with steps another text asks for besides: whoever signs there signs nowhere else in it.

    The requester's side decides before the unit: its step stands behind its own others, or first. A unit's stands behind
    all that is decided, and before what is merely acknowledged.
    """
    steps = list(chain.steps)
    for one in added:
        if one.key in {step.key for step in steps}:
            continue
        deciding = [at for at, step in enumerate(steps, start=1) if "acknowledge" not in step.verdicts]
        asking = [at for at in deciding if steps[at - 1].holder == "requester_organ"]
        places = deciding if one.holder == "unit" else asking
        steps.insert(max(places, default=0), one)
    if len(steps) == len(chain.steps):
        return chain
    return chain.model_copy(update={"steps": tuple(steps), "distinct_people": True})


def admission_refusals(effective: EffectiveRules) -> tuple[EffectiveRule, ...]:
    """Answer the rules that keep this requester from this act, none when it may be asked for."""
    asked: list[RuleKey] = []
    if effective.flag(RuleKey.EVIDENCE_REQUESTER_REFUSED):
        asked.append(RuleKey.EVIDENCE_REQUESTER_REFUSED)
    if "individual" in effective.facts.get("requester_kind", ()):
        acts = set(effective.facts.get("act", ()))
        if acts - {"view"} and not effective.flag(RuleKey.EVIDENCE_INDIVIDUAL_COPY_ALLOWED):
            asked.append(RuleKey.EVIDENCE_INDIVIDUAL_COPY_ALLOWED)
        if "view" in acts and not effective.flag(RuleKey.EVIDENCE_INDIVIDUAL_VIEW_ALLOWED):
            asked.append(RuleKey.EVIDENCE_INDIVIDUAL_VIEW_ALLOWED)
    return tuple(rule for key in asked if (rule := effective.explain(key)) is not None)


def zone_groups(effective: EffectiveRules) -> Callable[[str], str]:
    """Answer which approval zone a zone belongs to; one that the house rules do not know counts as they say."""
    ordered = next((entry.profile for entry in effective.governing if entry.profile.approval_zone_order), None)
    zones = {zone.key: zone.approval_zone for zone in ordered.zones} if ordered else {}
    otherwise = (ordered.unzoned_as if ordered else None) or ""
    return lambda key: zones.get(key) or otherwise


def approval_zones(effective: EffectiveRules, zone_keys: Iterable[str | None]) -> tuple[str, ...]:
    """Answer the approval zones a request touches: where zones mix, the strictest group decides.

    A point without a zone, or with one the house rules do not know, counts as they say.
    """
    ordered = next((entry.profile for entry in effective.governing if entry.profile.approval_zone_order), None)
    if ordered is None:
        return ("none",)
    zones = {zone.key: zone.approval_zone for zone in ordered.zones}
    touched = {zones.get(key or "") or ordered.unzoned_as for key in zone_keys}
    strictest = next(
        (group for group in reversed(ordered.approval_zone_order) if touched.intersection(group)),
        (ordered.unzoned_as or "none",),
    )
    return tuple(zone for zone in strictest if zone in touched) or strictest
