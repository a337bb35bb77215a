"""Approval chains as data: who consents, in which order, under which facts."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from portal.regulation.schema.base import Citation, Conditions, Facts, Frozen, Key, Text, unmet

Verdict = Literal["approve", "return", "refuse", "acknowledge"]
"""`acknowledge` is the answer to a duty: the holder confirms and carries on, but may not refuse."""

Holder = Literal["unit", "requester_organ", "organ"]
"""Whose person decides: the unit that keeps the footage, the organ that asks, or the supervisor."""

ShortTitle = Annotated[str, Field(min_length=1, max_length=120)]


class ApprovalStep(Frozen):
    """One signature, or several at the same desk."""

    key: Key
    title_zh: ShortTitle
    title_en: ShortTitle
    permission: str
    holder: Holder
    post: Key | None = None
    approvals: Annotated[int, Field(ge=1, le=9)] = 1
    verdicts: tuple[Verdict, ...]
    lapse_days: Annotated[int, Field(ge=1)] | None = None
    applies_when: Conditions = Field(default_factory=dict, validate_default=True)
    article: Citation

    @property
    def title(self) -> Text:
        """The step's name in both languages."""
        return Text(zh=self.title_zh, en=self.title_en)

    def applies(self, facts: Facts) -> bool:
        """Whether this step is part of the chain for a request with these facts."""
        return not unmet(self.applies_when, facts)

    @model_validator(mode="after")
    def _can_be_passed(self) -> Self:
        if not {"approve", "acknowledge"}.intersection(self.verdicts):
            raise ValueError(f"step {self.key} has no verdict that lets the request go on")
        if "acknowledge" in self.verdicts and "refuse" in self.verdicts:
            raise ValueError(f"step {self.key} cannot both be a duty and be refused")
        return self


class ApprovalChain(Frozen):
    """The ordered steps one kind of request goes through."""

    key: Key
    title_zh: ShortTitle
    title_en: ShortTitle
    distinct_people: bool = True
    requester_excluded: bool = True
    applies_when: Conditions = Field(default_factory=dict, validate_default=True)
    steps: Annotated[tuple[ApprovalStep, ...], Field(min_length=1)]
    citation: Citation

    @property
    def title(self) -> Text:
        """The chain's name in both languages."""
        return Text(zh=self.title_zh, en=self.title_en)

    def applies(self, facts: Facts) -> bool:
        """Whether a request with these facts goes through this chain at all."""
        return not unmet(self.applies_when, facts)

    def steps_for(self, facts: Facts) -> tuple[ApprovalStep, ...]:
        """Answer the steps that apply to a request with these facts, in order."""
        return tuple(step for step in self.steps if step.applies(facts))

    @model_validator(mode="after")
    def _keys_differ(self) -> Self:
        keys = [step.key for step in self.steps]
        if len(set(keys)) != len(keys):
            raise ValueError(f"chain {self.key} names a step twice")
        return self
