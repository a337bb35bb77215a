"""The facts conditions are tested against: given, derived from the unit, or assumed."""

from collections.abc import Mapping

from portal.regulation.rulebook import Rulebook
from portal.regulation.schema.base import fact_values
from portal.regulation.schema.profile import Profile
from portal.regulation.values import RuleContext

FactMap = dict[str, tuple[str, ...]]


def base_facts(context: RuleContext, book: Rulebook) -> FactMap:
    """Answer the facts of a context: defaults, what follows from the unit, and what was given."""
    facts: FactMap = {fact.key: (fact.default,) for fact in book.vocabulary.fact if fact.default is not None}
    categories = set(context.categories)
    if context.unit_type is not None:
        facts["unit_type"] = (context.unit_type,)
        usual = next(
            (kind.category for kind in book.vocabulary.unit_type if kind.key == context.unit_type),
            None,
        )
        if not categories and usual is not None:
            categories.add(usual)
    if categories:
        facts["category"] = tuple(sorted(categories))
        facts["mandated"] = ("yes",)
    if context.regime is not None:
        facts["regime"] = (context.regime.value,)
    return facts | {name: fact_values(context.facts, name) for name in context.facts}


def facts_under(profile: Profile, context: RuleContext, facts: Mapping[str, tuple[str, ...]]) -> FactMap:
    """Add what depends on when this profile took effect: is the system older than the text?"""
    local = dict(facts)
    since = profile.effective_from
    in_use, began = context.in_use_on, context.construction_began_on
    known = [day for day in (in_use, began) if day is not None]
    if "construction" not in context.facts and known:
        local["construction"] = ("existing" if min(known) < since else "new",)
    if "in_use_before_text" not in context.facts and in_use is not None:
        local["in_use_before_text"] = ("yes" if in_use < since else "no",)
    return local
