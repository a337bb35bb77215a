"""The answer of the engine: every effective rule, typed, explained and ready to be frozen."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any, TypeVar

from pydantic import BaseModel

from portal.regulation.calendar import WorkCalendar
from portal.regulation.deadlines import Deadline, deadline
from portal.regulation.facts import facts_under
from portal.regulation.rulebook import Rulebook
from portal.regulation.schema.base import Citation, Text, unmet
from portal.regulation.schema.checklist import Checklist, ChecklistItem, ChecklistKind
from portal.regulation.schema.keys import RuleKey
from portal.regulation.schema.profile import Category, Zone
from portal.regulation.schema.values import Bands, Hours, Period, Rates, RuleValue, YearDay
from portal.regulation.values import (
    Dormant,
    EffectiveRule,
    Governing,
    RuleContext,
    StandingAside,
)

Wanted = TypeVar("Wanted")


@dataclass(frozen=True)
class RequiredDocument:
    """A paper an act asks for, with every place that asks for it."""

    document: str
    text: Text
    required: bool
    citations: tuple[Citation, ...]
    notes: tuple[Text, ...]
    verified: bool


@dataclass(frozen=True)
class CitedZone:
    """A zone with where it is named."""

    zone: Zone
    citations: tuple[Citation, ...]


@dataclass(frozen=True)
class MandatedCategory:
    """A mandated category with every governing text that names it."""

    key: str
    text: Text
    owner: str
    parts: tuple[Text, ...]
    citations: tuple[Citation, ...]


@dataclass(frozen=True)
class EffectiveRules:
    """What holds for one unit or system on one day."""

    context: RuleContext
    book: Rulebook
    facts: Mapping[str, tuple[str, ...]]
    governing: tuple[Governing, ...]
    aside: tuple[StandingAside, ...]
    rules: Mapping[str, EffectiveRule]
    dormant: tuple[Dormant, ...]

    # -- values ------------------------------------------------------------------------------

    def explain(self, key: str) -> EffectiveRule | None:
        """Answer the whole story of one rule, None when no governing text speaks of it.

        A key that is not a RuleKey is a misspelling and raises ValueError.
        """
        return self.rules.get(RuleKey(key).value)

    def value(self, key: str) -> RuleValue | None:
        """Answer the effective value, None when no governing text speaks of it."""
        rule = self.explain(key)
        return None if rule is None else rule.value

    def flag(self, key: str) -> bool:
        """Whether something is asked for or allowed; what no text mentions is not."""
        return self._typed(key, bool) or False

    def integer(self, key: str) -> int | None:
        """Answer a whole number."""
        return self._typed(key, int)

    def decimal(self, key: str) -> Decimal | None:
        """Answer a number."""
        return self._typed(key, Decimal)

    def term(self, key: str) -> str | None:
        """Answer one word."""
        return self._typed(key, str)

    def terms(self, key: str) -> tuple[str, ...]:
        """Answer the words of a list, none when no text speaks of it."""
        return self._typed(key, tuple) or ()

    def period(self, key: str) -> Period | None:
        """Answer a time limit."""
        return self._typed(key, Period)

    def bands(self, key: str) -> Bands | None:
        """Answer the grades."""
        return self._typed(key, Bands)

    def rates(self, key: str) -> Rates | None:
        """Answer when a set of rates passes."""
        return self._typed(key, Rates)

    def year_day(self, key: str) -> YearDay | None:
        """Answer a yearly day."""
        return self._typed(key, YearDay)

    def hours(self, key: str) -> Hours | None:
        """Answer the hours of a working day."""
        return self._typed(key, Hours)

    def _typed(self, key: str, wanted: type[Wanted]) -> Wanted | None:
        value = self.value(key)
        if value is None:
            return None
        if not isinstance(value, wanted):
            raise TypeError(f"{key} is not a {wanted.__name__}")
        return value

    def citations(self, key: str) -> tuple[Citation, ...]:
        """Answer where the effective value comes from."""
        rule = self.explain(key)
        return () if rule is None else rule.citations

    # -- deadlines ---------------------------------------------------------------------------

    def deadline(self, key: str, *, start: date | None, calendar: WorkCalendar) -> Deadline | None:
        """Count a time limit from an event, None when no text sets one."""
        period = self.period(key)
        if period is None:
            return None
        return deadline(period, start=start, calendar=calendar, citations=self.citations(key))

    def filing_deadline(self, *, calendar: WorkCalendar) -> Deadline | None:
        """Answer when this system must be filed: by the existing systems' rule if it is one."""
        if not self.flag(RuleKey.FILING_REQUIRED):
            return None
        existing = self.period(RuleKey.FILING_EXISTING_DUE)
        key = RuleKey.FILING_EXISTING_DUE if existing else RuleKey.FILING_DUE_DAYS
        if existing is None and self.context.in_use_on is None:
            return None
        return self.deadline(key, start=self.context.in_use_on, calendar=calendar)

    # -- parts -------------------------------------------------------------------------------

    def documents(self, act: str) -> tuple[RequiredDocument, ...]:
        """Answer the papers an act asks for; required when any governing text requires it."""
        found: dict[str, RequiredDocument] = {}
        for entry in self.governing:
            profile = entry.profile
            for slot in profile.documents:
                if slot.act != act or unmet(slot.applies_when, self._facts_under(entry)):
                    continue
                known = found.get(slot.document)
                cited = tuple(profile.cite(place) for place in slot.articles)
                verified = (slot.tag or profile.tag).verified
                found[slot.document] = RequiredDocument(
                    document=slot.document,
                    text=self.book.vocabulary.text("document", slot.document),
                    required=slot.required or (known is not None and known.required),
                    citations=(*(known.citations if known else ()), *cited),
                    notes=(
                        *(known.notes if known else ()),
                        *((slot.note,) if slot.note else ()),
                    ),
                    verified=verified or (known is not None and known.verified),
                )
        order = [term.key for term in self.book.vocabulary.terms("document")]
        return tuple(sorted(found.values(), key=lambda paper: order.index(paper.document)))

    def zones(self) -> tuple[CitedZone, ...]:
        """Answer the zones of the premises that governing texts name."""
        return tuple(
            CitedZone(zone, tuple(entry.profile.cite(place) for place in zone.articles))
            for entry in self.governing
            for zone in entry.profile.zones
        )

    def categories(self) -> tuple[MandatedCategory, ...]:
        """Answer the mandated categories, each with every governing text that names it."""
        entries: dict[str, list[tuple[Governing, Category]]] = {}
        for governing in self.governing:
            for category in governing.profile.categories:
                entries.setdefault(category.key, []).append((governing, category))
        return tuple(
            MandatedCategory(
                key=term.key,
                text=term.text,
                owner=entries[term.key][0][1].owner,
                parts=tuple(part for _, category in entries[term.key] for part in category.parts),
                citations=tuple(
                    governing.profile.cite(place)
                    for governing, category in entries[term.key]
                    for place in category.articles
                ),
            )
            for term in self.book.vocabulary.category
            if term.key in entries
        )

    def checklists(self, kind: ChecklistKind) -> tuple[Checklist, ...]:
        """Answer the checklists of one kind that fit this unit."""
        return tuple(
            checklist
            for entry in self.governing
            for checklist in entry.profile.checklists
            if checklist.kind is kind
            and (not checklist.unit_types or self.context.unit_type in checklist.unit_types)
            and not unmet(checklist.applies_when, self._facts_under(entry))
        )

    def items(self, checklist: Checklist) -> tuple[ChecklistItem, ...]:
        """Answer the items of a checklist that apply here."""
        there: set[str] = set()
        for item in sorted(checklist.items, key=lambda item: item.number):
            asked = item.shown_when is None or item.shown_when.item in there
            if asked and not unmet(item.applies_when, self.facts):
                there.add(item.key)
        return tuple(item for item in checklist.items if item.key in there)

    def _facts_under(self, entry: Governing) -> Mapping[str, tuple[str, ...]]:
        return facts_under(entry.profile, self.context, self.facts)

    # -- freezing ----------------------------------------------------------------------------

    @cached_property
    def profile_keys(self) -> tuple[str, ...]:
        """The profiles that govern, for rows that store what they were judged under."""
        return tuple(entry.profile.key for entry in self.governing)

    def snapshot(self) -> dict[str, Any]:
        """Answer a JSON value of what held, to freeze into a row beside the decision."""
        return {
            "on": self.context.on.isoformat(),
            "profiles": list(self.profile_keys),
            "rules": {
                key: {
                    "value": _plain(rule.value),
                    "from": [f"{cite.instrument} {cite.article}" for cite in rule.citations],
                }
                for key, rule in self.rules.items()
            },
        }


def _plain(value: RuleValue) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if isinstance(value, tuple):
        return list(value)
    return str(value) if isinstance(value, Decimal) else value
