"""Checklists as data: scored standards, rated acceptance, routine checks."""

from collections import Counter
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from portal.regulation.schema.base import Conditions, Frozen, Key, Place, Text
from portal.regulation.schema.vocabulary import Tag


class ChecklistKind(StrEnum):
    """How answers become a result."""

    SCORED = "scored"
    RATED = "rated"
    ROUTINE = "routine"


class ChecklistGroup(Frozen):
    """A heading with its share of the points."""

    key: Key
    text: Text
    points: Decimal | None = None


class ShownWhen(Frozen):
    """The answer to an earlier item that makes a further one a question at all."""

    item: Key
    verdicts: Annotated[tuple[Literal["met", "partly", "not_met"], ...], Field(min_length=1)]


class ChecklistItem(Frozen):
    """One thing to judge, and where the duty to have it comes from.

    `weight` counts on a rated list, `points` on a scored one. `proof` is what the inspector must bring back: words when
    it falls short, a photo, or the name (or a photo) of the paper that was seen.
    """

    key: Key
    group: Key
    number: Annotated[int, Field(ge=1)]
    zh: Annotated[str, Field(min_length=1)]
    en: Annotated[str, Field(min_length=1)]
    points: Annotated[Decimal, Field(gt=0)] | None = None
    weight: Annotated[Decimal, Field(gt=0, le=100)] = Decimal(1)
    severity: Literal["minor", "major", "critical"] | None = None
    cites: Key | None = None
    articles: Annotated[tuple[Place, ...], Field(min_length=1)]
    rule: Key | None = None
    evidence: Key | None = None
    # What the portal itself finds out before the visit and proposes as the answer: its own checks, papers on file.
    checks: tuple[Key, ...] = ()
    papers: tuple[Key, ...] = ()
    proof: Literal["none", "note", "photo", "document"] = "note"
    applies_when: Conditions = Field(default_factory=dict, validate_default=True)
    shown_when: ShownWhen | None = None
    tag: Tag | None = None

    @property
    def text(self) -> Text:
        """The criterion in both languages."""
        return Text(zh=self.zh, en=self.en)

    def score(self, deductions: tuple[Decimal, ...]) -> Decimal:
        """Answer the points left: deductions add up until none are left, never below zero."""
        if self.points is None:
            raise ValueError(f"item {self.key} carries no points")
        return max(Decimal(0), self.points - sum(deductions, Decimal(0)))


class Checklist(Frozen):
    """One list an inspector or a unit works through."""

    key: Key
    kind: ChecklistKind
    title: Text
    unit_types: tuple[Key, ...] = ()
    applies_when: Conditions = Field(default_factory=dict, validate_default=True)
    total: Decimal | None = None
    articles: Annotated[tuple[Place, ...], Field(min_length=1)]
    groups: Annotated[tuple[ChecklistGroup, ...], Field(min_length=1)]
    items: Annotated[tuple[ChecklistItem, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        for what, values in (
            ("item", [item.key for item in self.items]),
            ("number", [str(item.number) for item in self.items]),
            ("group", [group.key for group in self.groups]),
        ):
            twice = [value for value, times in Counter(values).items() if times > 1]
            if twice:
                raise ValueError(f"checklist {self.key} names {what} {', '.join(twice)} twice")
        groups = {group.key: group for group in self.groups}
        strange = {item.group for item in self.items} ^ groups.keys()
        if strange:
            raise ValueError(f"checklist {self.key}: groups do not match: {sorted(strange)}")
        if self.kind is ChecklistKind.SCORED:
            self._check_points(groups)
        self._check_conditions()
        return self

    def _check_conditions(self) -> None:
        """A condition looks back only, so that a list is read once from the top; points that come and go with an answer
        would leave the total in the air."""
        before: set[str] = set()
        for item in sorted(self.items, key=lambda item: item.number):
            if item.shown_when is not None and self.kind is ChecklistKind.SCORED:
                raise ValueError(f"checklist {self.key}: {item.key} carries points and cannot depend on an answer")
            if item.shown_when is not None and item.shown_when.item not in before:
                raise ValueError(f"checklist {self.key}: {item.key} depends on {item.shown_when.item}, not before it")
            before.add(item.key)

    def _check_points(self, groups: dict[str, ChecklistGroup]) -> None:
        sums: dict[str, Decimal] = dict.fromkeys(groups, Decimal(0))
        for item in self.items:
            if item.points is None:
                raise ValueError(f"checklist {self.key}: item {item.key} has no points")
            sums[item.group] += item.points
        wrong = [key for key, points in sums.items() if groups[key].points != points]
        if wrong or self.total != sum(sums.values()):
            raise ValueError(f"checklist {self.key}: points do not add up: {wrong or 'total'}")

    def item(self, key: str) -> ChecklistItem:
        """Answer one item by its key."""
        return next(item for item in self.items if item.key == key)
