"""Which profiles govern, and what their rules come to: strictest in degree, explicit in conflict."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from functools import lru_cache

from portal.core.divisions import CITY
from portal.regulation.combine import combine
from portal.regulation.effective import EffectiveRules
from portal.regulation.facts import base_facts, facts_under
from portal.regulation.loader import rulebook
from portal.regulation.rulebook import Rulebook
from portal.regulation.schema.base import fact_values, unmet
from portal.regulation.schema.profile import Profile
from portal.regulation.schema.vocabulary import Level
from portal.regulation.values import (
    Aside,
    Dormant,
    EffectiveRule,
    Governed,
    Governing,
    RuleContext,
    StandingAside,
    Statement,
)


def effective_rules(context: RuleContext, *, book: Rulebook | None = None) -> EffectiveRules:
    """Answer every rule that holds in a context, with where it comes from and what it overrode."""
    asked = book or rulebook()
    return replace(_remembered(_Question(context, asked)), context=context)


def city_rules(on: date) -> EffectiveRules:
    """The rules of the city itself on a day, which hang on no unit, system or request."""
    return effective_rules(RuleContext(on=on, division_code=CITY))


class _Question:
    """A context by what the answer depends on, so that ten thousand systems share a few answers.

    The day asked about matters only by the days on which something changed; a system's own dates only by their order
    among the days on which texts took effect.
    """

    def __init__(self, context: RuleContext, book: Rulebook) -> None:
        self.context, self.book = context, book
        facts = tuple(sorted((name, fact_values(context.facts, name)) for name in context.facts))
        self.key = (
            id(book),
            bisect_right(book.turns, context.on),
            context.division_code,
            context.unit_type,
            tuple(context.categories),
            context.regime,
            tuple(context.house_profiles),
            self._place(context.in_use_on),
            self._place(context.construction_began_on),
            facts,
        )

    def _place(self, day: date | None) -> int | None:
        return None if day is None else bisect_right(self.book.starts, day)

    def __hash__(self) -> int:
        return hash(self.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Question) and self.key == other.key


@lru_cache(maxsize=1024)
def _remembered(question: _Question) -> EffectiveRules:
    return _answer(question.context, question.book)


def _answer(context: RuleContext, asked: Rulebook) -> EffectiveRules:
    governing, aside = governing_profiles(context, asked)
    facts = base_facts(context, asked)
    by_key: dict[str, list[Statement]] = {}
    dormant: list[Dormant] = []
    for entry in governing:
        local = facts_under(entry.profile, context, facts)
        for rule in entry.profile.rules:
            statement = Statement(entry.profile, rule)
            missing = unmet(rule.applies_when, local)
            if missing:
                dormant.append(Dormant(statement, missing))
            else:
                by_key.setdefault(rule.key, []).append(statement)
    rules: dict[str, EffectiveRule] = {
        kind.key: combine(kind, by_key[kind.key], asked, facts) for kind in asked.vocabulary.rule if kind.key in by_key
    }
    return EffectiveRules(
        context=context,
        book=asked,
        facts=facts,
        governing=governing,
        aside=aside,
        rules=rules,
        dormant=tuple(dormant),
    )


def governing_profiles(context: RuleContext, book: Rulebook) -> tuple[tuple[Governing, ...], tuple[StandingAside, ...]]:
    """Sort all profiles into those that govern and those that do not, each with its reason."""
    chosen = [book.instrument(key)[0].instrument for key in context.house_profiles]
    adopted = book.adopted(on=context.on, division_code=context.division_code, unit_type=context.unit_type)
    governing: list[Governing] = []
    aside: list[StandingAside] = []
    for profile in book.in_force(context.on):
        verdict = _standing(profile, context, chosen, adopted)
        if isinstance(verdict, Aside):
            aside.append(StandingAside(profile, verdict))
        else:
            adoption = next((entry for entry in book.adoptions if entry.instrument == profile.instrument), None)
            is_adopted = verdict is Governed.ADOPTED and profile.instrument in adopted
            governing.append(Governing(profile, verdict, adoption if is_adopted else None))
    in_force = {profile.key for profile in book.in_force(context.on)}
    aside += [StandingAside(profile, Aside.NOT_IN_FORCE) for profile in book.profiles if profile.key not in in_force]
    return tuple(governing), tuple(aside)


def _standing(
    profile: Profile, context: RuleContext, chosen: Sequence[str], adopted: Iterable[str]
) -> Governed | Aside:
    if profile.instrument in chosen:
        return Governed.HOUSE if profile.level is Level.HOUSE else Governed.ADOPTED
    if profile.instrument in adopted:
        return Governed.ADOPTED
    obstacles = {
        Aside.NOT_ADOPTED: profile.level is Level.HOUSE,
        Aside.OTHER_TERRITORY: not profile.covers_division(context.division_code),
        Aside.OTHER_UNIT_TYPE: profile.unit_types and context.unit_type not in profile.unit_types,
        Aside.OTHER_REGIME: profile.regimes and context.regime and context.regime not in profile.regimes,
    }
    obstacle = next((reason for reason, stands in obstacles.items() if stands), None)
    return obstacle or (Governed.TERRITORY if profile.territory else Governed.EVERYWHERE)
