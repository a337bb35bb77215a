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


class ChecklistItem(Frozen):
    """One thing to judge, and where the duty to have it comes from."""

    key: Key
    group: Key
    number: Annotated[int, Field(ge=1)]
    zh: Annotated[str, Field(min_length=1)]
    en: Annotated[str, Field(min_length=1)]
    points: Annotated[Decimal, Field(gt=0)] | None = None
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
        return self

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
