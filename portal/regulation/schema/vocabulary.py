"""The closed words profiles are written in: rules, facts, posts, terms."""

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from portal.regulation.schema.approval import Holder
from portal.regulation.schema.base import Frozen, Key, Text
from portal.regulation.schema.values import COMPARISONS, Comparison, RuleType


class Level(StrEnum):
    """How high an instrument stands; the order is the order of precedence in a conflict."""

    NATION = "nation"
    PROVINCE = "province"
    CITY = "city"
    SECTOR = "sector"
    HOUSE = "house"
    PORTAL = "portal"

    @property
    def rank(self) -> int:
        """0 is the highest."""
        return list(Level).index(self)


class Tag(StrEnum):
    """How far a statement has been verified against its source."""

    FULL_TEXT = "T"
    EXCERPT = "X"
    OPEN_CODE = "C"
    RECOMPUTED = "K"
    MEMORY = "M"
    ESTIMATE = "E"
    DECISION = "D"

    @property
    def verified(self) -> bool:
        """Whether the source itself was read."""
        return self in {Tag.FULL_TEXT, Tag.EXCERPT, Tag.RECOMPUTED}


class Regime(StrEnum):
    """The legal standing of a system: which article of Decree 799, or only the local measure."""

    PUBLIC_GOVERNMENT = "a7_1"
    PUBLIC_UNIT = "a7_2"
    OTHER_PUBLIC = "a9"
    NON_PUBLIC = "a33"
    LOCAL_INTERNAL = "local_internal"


class Term(Frozen):
    """One word of a family, with its names."""

    key: Key
    zh: Annotated[str, Field(min_length=1)]
    en: Annotated[str, Field(min_length=1)]

    @property
    def text(self) -> Text:
        """The word in both languages."""
        return Text(zh=self.zh, en=self.en)


class RuleKind(Term):
    """What a rule key means, what its value is and how values compare."""

    group: Key
    type: RuleType
    compare: Comparison
    unit: Key | None = None
    terms: Key | None = None

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.compare not in COMPARISONS[self.type]:
            raise ValueError(f"{self.key}: {self.type} cannot be compared by {self.compare}")
        named = self.type in {RuleType.TERM, RuleType.TERMS}
        if named != (self.terms is not None):
            raise ValueError(f"{self.key}: `terms` belongs to term rules, and they need it")
        if (self.unit is not None) != (self.type is RuleType.INTEGER):
            raise ValueError(f"{self.key}: a whole number needs a unit, nothing else has one")
        return self


class FactKind(Term):
    """A fact conditions may ask for, with the values it can have."""

    values: Annotated[tuple[Term, ...], Field(min_length=1)]
    default: Key | None = None

    @model_validator(mode="after")
    def _default_is_a_value(self) -> Self:
        if self.default is not None and self.default not in self.keys:
            raise ValueError(f"fact {self.key}: {self.default} is not one of its values")
        return self

    @property
    def keys(self) -> frozenset[str]:
        """The keys of its values."""
        return frozenset(term.key for term in self.values)


class Post(Term):
    """A post an approval step can ask for."""

    holder: Holder
    seats: Literal["one", "many"]


class UnitType(Term):
    """A kind of unit, and the mandated category it normally falls into."""

    category: Key | None = None


class Family(Frozen):
    """A named set of terms that list rules draw on."""

    key: Key
    terms: Annotated[tuple[Term, ...], Field(min_length=1)]


class Vocabulary(Frozen):
    """Everything a profile may name."""

    group: tuple[Term, ...]
    unit: tuple[Term, ...]
    rule: tuple[RuleKind, ...]
    fact: tuple[FactKind, ...]
    post: tuple[Post, ...]
    unit_type: tuple[UnitType, ...]
    category: tuple[Term, ...]
    family: tuple[Family, ...]

    @model_validator(mode="after")
    def _no_word_twice(self) -> Self:
        families = {f"family {family.key}": family.terms for family in self.family}
        facts = {f"fact {fact.key}": fact.values for fact in self.fact}
        words: dict[str, tuple[Term, ...]] = {
            "group": self.group,
            "unit": self.unit,
            "rule": self.rule,
            "fact": self.fact,
            "post": self.post,
            "unit_type": self.unit_type,
            "category": self.category,
            **families,
            **facts,
        }
        shared = {family.key for family in self.family} & ({fact.key for fact in self.fact} | {"post"})
        if shared:
            raise ValueError(f"a family and a fact share a name: {', '.join(sorted(shared))}")
        for kind, terms in words.items():
            keys = [term.key for term in terms]
            twice = sorted({key for key in keys if keys.count(key) > 1})
            if twice:
                raise ValueError(f"{kind} named twice: {', '.join(twice)}")
        return self

    def kind(self, rule_key: str) -> RuleKind:
        """Answer what a rule key means."""
        return next(kind for kind in self.rule if kind.key == rule_key)

    def terms(self, family_key: str) -> tuple[Term, ...]:
        """Answer the words of a family; posts and requester kinds can be asked for too."""
        if family_key == "post":
            return self.post
        for fact in self.fact:
            if fact.key == family_key:
                return fact.values
        return next(family.terms for family in self.family if family.key == family_key)

    def text(self, family_key: str, key: str) -> Text:
        """Answer the wording of one word."""
        return next(term.text for term in self.terms(family_key) if term.key == key)
