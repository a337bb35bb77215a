"""Every profile loaded and checked: the one object the rest of the portal asks."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from types import MappingProxyType
from typing import TypeVar

from portal.regulation.schema import ApprovalChain, Citation, Text
from portal.regulation.schema.checklist import Checklist
from portal.regulation.schema.profile import Adoption, Precedence, Profile
from portal.regulation.schema.reference import Reference
from portal.regulation.schema.vocabulary import RuleKind, Vocabulary

Value = TypeVar("Value")


class UnknownKey(KeyError):
    """Something asked for by a key that no profile defines."""


@dataclass(frozen=True, eq=False)
class Rulebook:
    """All profiles, with the words they use and the decisions about their conflicts.

    Two books are the same only when they are one: answers are remembered by the book they came from.
    """

    vocabulary: Vocabulary
    profiles: tuple[Profile, ...]
    precedence: tuple[Precedence, ...]
    adoptions: tuple[Adoption, ...]
    reference: Reference

    @cached_property
    def by_key(self) -> Mapping[str, Profile]:
        """The profiles by key."""
        return MappingProxyType({profile.key: profile for profile in self.profiles})

    @cached_property
    def starts(self) -> tuple[date, ...]:
        """The days on which any text took effect, in order."""
        return tuple(sorted({profile.effective_from for profile in self.profiles}))

    @cached_property
    def turns(self) -> tuple[date, ...]:
        """The days from which on something else holds, in order: between two of them every answer is the same."""
        ends = (profile.effective_to + timedelta(days=1) for profile in self.profiles if profile.effective_to)
        return tuple(sorted({*self.starts, *ends, *(adoption.from_date for adoption in self.adoptions)}))

    @cached_property
    def kinds(self) -> Mapping[str, RuleKind]:
        """What each rule key means."""
        return MappingProxyType({kind.key: kind for kind in self.vocabulary.rule})

    @cached_property
    def _chains(self) -> Mapping[str, tuple[Profile, ApprovalChain]]:
        return {chain.key: (profile, chain) for profile in self.profiles for chain in profile.chains}

    @cached_property
    def _checklists(self) -> Mapping[str, tuple[Profile, Checklist]]:
        return {checklist.key: (profile, checklist) for profile in self.profiles for checklist in profile.checklists}

    def profile(self, key: str) -> Profile:
        """Answer one profile."""
        return _found(self.by_key, key)

    def instrument(self, key: str) -> tuple[Profile, ...]:
        """Answer every version of an instrument, newest first."""
        versions = [profile for profile in self.profiles if profile.instrument == key]
        if not versions:
            raise UnknownKey(key)
        return tuple(sorted(versions, key=lambda one: one.effective_from, reverse=True))

    def chain(self, key: str) -> ApprovalChain:
        """Answer one approval chain, whichever profile holds it."""
        return _found(self._chains, key)[1]

    def checklist(self, key: str) -> Checklist:
        """Answer one checklist, whichever profile holds it."""
        return _found(self._checklists, key)[1]

    def in_force(self, on: date) -> Iterator[Profile]:
        """Answer the profiles in force on a day, highest first, later before earlier."""
        ranked = sorted(self.profiles, key=lambda profile: profile.key)
        ranked.sort(key=lambda profile: profile.effective_from, reverse=True)
        ranked.sort(key=lambda profile: profile.level.rank)
        return (profile for profile in ranked if profile.in_force(on))

    def adopted(self, *, on: date, division_code: str, unit_type: str | None) -> frozenset[str]:
        """Answer the instruments this deployment applies outside their own territory."""
        return frozenset(
            adoption.instrument
            for adoption in self.adoptions
            if adoption.covers(on=on, division_code=division_code, unit_type=unit_type)
        )

    def crosswalk(self, category: str) -> tuple[Citation, ...]:
        """Answer where each instrument names a mandated category."""
        return tuple(
            profile.cite(place)
            for profile in sorted(self.profiles, key=lambda profile: profile.effective_from)
            for entry in profile.categories
            if entry.key == category
            for place in entry.articles
        )

    def short_title(self, citation: Citation) -> Text:
        """Answer the short name of a cited instrument."""
        return self.profile(citation.instrument).short


def _found(among: Mapping[str, Value], key: str) -> Value:
    if key not in among:
        raise UnknownKey(key)
    return among[key]
