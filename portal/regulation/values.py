"""What is asked of the engine, and what it answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from portal.regulation.schema.base import Citation, Text
from portal.regulation.schema.profile import Adoption, Precedence, Profile, Rule
from portal.regulation.schema.values import Period, RuleValue
from portal.regulation.schema.vocabulary import Regime, RuleKind, Tag


@dataclass(frozen=True, kw_only=True)
class RuleContext:
    """Which unit or system, on which day, is asked about.

    `house_profiles` are the instruments the unit itself has adopted; which version governs follows
    from the day. Facts that are not given take the vocabulary's default, and a fact without one
    never meets a condition. An unknown regime (None) excludes no profile.
    """

    on: date
    division_code: str
    unit_type: str | None = None
    categories: tuple[str, ...] = ()
    regime: Regime | None = None
    house_profiles: tuple[str, ...] = ()
    in_use_on: date | None = None
    construction_began_on: date | None = None
    facts: Mapping[str, str | Sequence[str]] = field(default_factory=dict)


class Governed(StrEnum):
    """Why a profile governs."""

    EVERYWHERE = "everywhere"
    TERRITORY = "territory"
    ADOPTED = "adopted"
    HOUSE = "house"


class Aside(StrEnum):
    """Why a profile does not govern."""

    NOT_IN_FORCE = "not_in_force"
    OTHER_TERRITORY = "other_territory"
    OTHER_UNIT_TYPE = "other_unit_type"
    OTHER_REGIME = "other_regime"
    NOT_ADOPTED = "not_adopted"


@dataclass(frozen=True)
class Governing:
    """A profile that governs, and why."""

    profile: Profile
    why: Governed
    adoption: Adoption | None = None


@dataclass(frozen=True)
class StandingAside:
    """A profile that does not govern, and why not."""

    profile: Profile
    why: Aside


@dataclass(frozen=True)
class Statement:
    """One rule as one instrument states it."""

    profile: Profile
    rule: Rule

    @property
    def value(self) -> RuleValue:
        """What it says."""
        return self.rule.typed

    @property
    def text(self) -> Text:
        """What it says, paraphrased."""
        return self.rule.text

    @property
    def citations(self) -> tuple[Citation, ...]:
        """Where it says so."""
        return tuple(self.profile.cite(place) for place in self.rule.articles)

    @property
    def tag(self) -> Tag:
        """How far this has been verified."""
        return self.rule.tag or self.profile.tag


class WhyOverridden(StrEnum):
    """Why one instrument's word does not decide."""

    LESS_STRICT = "less_strict"
    PRECEDENCE = "precedence"
    HIGHER_LEVEL = "higher_level"
    LATER = "later"
    MORE_SPECIFIC = "more_specific"


@dataclass(frozen=True)
class Overridden:
    """A statement that does not decide, and why."""

    statement: Statement
    why: WhyOverridden
    precedence: Precedence | None = None


@dataclass(frozen=True)
class EffectiveRule:
    """What holds for one question: the value, who says so, and whom they override."""

    kind: RuleKind
    value: RuleValue
    sources: tuple[Statement, ...]
    overridden: tuple[Overridden, ...] = ()

    @property
    def key(self) -> str:
        """The rule's key."""
        return self.kind.key

    @property
    def citations(self) -> tuple[Citation, ...]:
        """Every place the effective value comes from."""
        return tuple(citation for source in self.sources for citation in source.citations)

    @property
    def period(self) -> Period:
        """The value of a time limit."""
        if not isinstance(self.value, Period):
            raise TypeError(f"{self.key} is not a time limit")
        return self.value

    @property
    def profile_keys(self) -> tuple[str, ...]:
        """The profiles it comes from, for rows that store what they were judged under."""
        return tuple(dict.fromkeys(source.profile.key for source in self.sources))


@dataclass(frozen=True)
class Dormant:
    """A rule of a governing profile whose conditions do not hold here."""

    statement: Statement
    unmet: tuple[str, ...]
