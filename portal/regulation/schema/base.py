"""The small parts every piece of a regulation profile is made of."""

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, PlainSerializer, StringConstraints


class Frozen(BaseModel):
    """A value that cannot change after loading and rejects any key it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


Key = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+([._-][a-z0-9]+)*$", max_length=80)]
"""A stable identifier: lower-case words joined by dot, hyphen or underscore."""

Facts = Mapping[str, str | Sequence[str]]
"""What is known of a case. A fact may hold several values: a request can span two zones."""


class Text(Frozen):
    """One wording in both languages of the portal."""

    zh: Annotated[str, StringConstraints(min_length=1, max_length=600)]
    en: Annotated[str, StringConstraints(min_length=1, max_length=1200)]

    def in_language(self, language: str) -> str:
        """Answer the wording for a language tag such as zh_Hans_CN or en."""
        return self.zh if language.lower().startswith("zh") else self.en


_PLACE = re.compile(
    r"^(whole|(\d{1,3}|s\d{1,2}(\.\d{1,2})?|a\d{1,2}|n\d{1,2}|f\d{1,2}|ch\d{1,2})"
    r"( p\d{1,2})?( i\d{1,2})?( j\d{1,2})?( n\d{1,2})?)$"
)


def _checked_place(place: str) -> str:
    if not _PLACE.match(place):
        raise ValueError(f"not a place in an instrument: {place!r}")
    return place


Place = Annotated[str, AfterValidator(_checked_place)]
"""Where in an instrument: `14`, `7 p2 i1` (article, paragraph, item), `9 i1 j2` (item, sub-item),
`s3.1` (section), `a7` (item of the annexed standard), `n2` (note), `f1 n4` (form, note),
`ch10` (chapter), `whole`."""


class Citation(Frozen):
    """An instrument and the place in it."""

    instrument: Key
    article: Place

    @classmethod
    def of(cls, instrument: str, article: str) -> Self:
        """Build one without naming the fields."""
        return cls(instrument=instrument, article=article)


def _read_only(conditions: Mapping[str, tuple[str, ...]]) -> Mapping[str, tuple[str, ...]]:
    empty = [fact for fact, values in conditions.items() if not values]
    if empty:
        raise ValueError(f"a condition without values can never hold: {', '.join(empty)}")
    return MappingProxyType(dict(conditions))


def _plain(conditions: Mapping[str, tuple[str, ...]]) -> dict[str, list[str]]:
    return {fact: list(values) for fact, values in conditions.items()}


Conditions = Annotated[
    Mapping[Key, tuple[str, ...]],
    AfterValidator(_read_only),
    PlainSerializer(_plain, return_type=dict[str, list[str]]),
]
"""All facts named must match; a fact matches when one of its values is among those listed."""


def fact_values(facts: Facts, name: str) -> tuple[str, ...]:
    """Answer the values of one fact, none when it is unknown."""
    value: Any = facts.get(name, ())
    return (value,) if isinstance(value, str) else tuple(value)


def unmet(conditions: Mapping[str, tuple[str, ...]], facts: Facts) -> tuple[str, ...]:
    """Answer the facts that keep the conditions from holding; an unknown fact never matches."""
    return tuple(name for name, wanted in conditions.items() if not set(wanted).intersection(fact_values(facts, name)))


def exclude_each_other(one: Mapping[str, tuple[str, ...]], other: Mapping[str, tuple[str, ...]]) -> bool:
    """Whether no single-valued fact can meet both conditions."""
    return any(not set(one[name]).intersection(other[name]) for name in one.keys() & other.keys())
