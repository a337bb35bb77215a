"""One instrument at one date: who it governs and what it asks."""

from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from portal.regulation.schema.approval import ApprovalChain, ApprovalStep
from portal.regulation.schema.base import Citation, Conditions, Frozen, Key, Place, Text
from portal.regulation.schema.checklist import Checklist
from portal.regulation.schema.rulevalue import parse_rule_value
from portal.regulation.schema.values import RuleValue
from portal.regulation.schema.vocabulary import Level, Regime, Tag, Vocabulary

Articles = Annotated[tuple[Place, ...], Field(min_length=1)]
Division = Annotated[str, Field(pattern=r"^\d{6}$")]


class Rule(Frozen):
    """One duty or number, paraphrased, with the place it comes from."""

    key: Key
    value: Any
    articles: Articles
    zh: Annotated[str, Field(min_length=1, max_length=300)]
    en: Annotated[str, Field(min_length=1, max_length=600)]
    applies_when: Conditions = Field(default_factory=dict, validate_default=True)
    tag: Tag | None = None

    @model_validator(mode="before")
    @classmethod
    def _value_of_its_kind(cls, data: Any, info: ValidationInfo) -> Any:
        """Read the value as the vocabulary says this rule's values look."""
        if not isinstance(data, dict) or "value" not in data or info.context is None:
            return data
        vocabulary: Vocabulary = info.context["vocabulary"]
        kinds = {kind.key: kind for kind in vocabulary.rule}
        kind = kinds.get(str(data.get("key")))
        if kind is None:
            raise ValueError(f"unknown rule: {data.get('key')!r}")
        return data | {"value": parse_rule_value(kind, data["value"], vocabulary)}

    @property
    def text(self) -> Text:
        """The paraphrase in both languages."""
        return Text(zh=self.zh, en=self.en)

    @property
    def typed(self) -> RuleValue:
        """The value, already of the type the vocabulary gives this key."""
        value: RuleValue = self.value
        return value


class DocumentSlot(Frozen):
    """A paper an act asks for."""

    act: Key
    document: Key
    required: bool
    articles: Articles
    applies_when: Conditions = Field(default_factory=dict, validate_default=True)
    note: Text | None = None
    tag: Tag | None = None


class Zone(Frozen):
    """A part of the premises that must be covered, or that decides who approves.

    `full` asks for coverage without a blind spot; `if_present` asks only where the premises have such a place.
    """

    key: Key
    number: int | None = None
    text: Text
    required: bool
    full: bool = False
    if_present: bool = False
    approval_zone: Key | None = None
    articles: Articles


class Category(Frozen):
    """A kind of place that must be covered; the same key in another profile is the crosswalk."""

    key: Key
    owner: Literal["public", "unit"] = "unit"
    articles: Articles
    parts: tuple[Text, ...] = ()
    partly: bool = False
    note: Text | None = None


class RegimeOption(Frozen):
    """An answer, and where it leads."""

    key: Key
    text: Text
    leads_to: Key | None = None
    regime: Regime | None = None
    barred: bool = False
    cites: Key | None = None
    articles: Articles
    because: Text

    @model_validator(mode="after")
    def _leads_one_way(self) -> Self:
        if [self.leads_to is not None, self.regime is not None, self.barred].count(True) != 1:
            raise ValueError(f"option {self.key} must lead to exactly one thing")
        return self


class RegimeQuestion(Frozen):
    """A plain question on the way to the legal regime; the first one starts."""

    key: Key
    text: Text
    options: Annotated[tuple[RegimeOption, ...], Field(min_length=2)]


class Penalty(Frozen):
    """What an instrument threatens, for the basis picker; amounts in CNY.

    `only_if_refused`: correction is ordered first, and a fine follows refusal; with `or_grave` grave circumstances, too.
    """

    key: Key
    text: Text
    measure: Text
    articles: Articles
    only_if_refused: bool = False
    or_grave: bool = False
    person: tuple[int, int] | None = None
    unit: tuple[int, int] | None = None
    responsible: tuple[int, int] | None = None


class Superseded(Frozen):
    """An older text this one replaces."""

    title: Text
    document_no: str | None = None
    articles: Articles


class Profile(Frozen):
    """A regulation as data."""

    key: Key
    instrument: Key
    title: Text
    short: Text
    document_no: str | None = None
    issuer: Text
    level: Level
    effective_from: date
    effective_to: date | None = None
    trial: bool = False
    supersedes: tuple[Superseded, ...] = ()
    bases: tuple[Text, ...] = ()
    interpreter: Text | None = None
    yields_to_higher_law: Place | None = None
    territory: tuple[Division, ...] = ()
    unit_types: tuple[Key, ...] = ()
    regimes: tuple[Regime, ...] = ()
    governs: Text
    source: Text
    tag: Tag
    remark: Text | None = None
    rules: tuple[Rule, ...] = ()
    documents: tuple[DocumentSlot, ...] = ()
    zones: tuple[Zone, ...] = ()
    approval_zone_order: tuple[tuple[Key, ...], ...] = ()
    unzoned_as: Key | None = None
    categories: tuple[Category, ...] = ()
    checklists: tuple[Checklist, ...] = ()
    chains: tuple[ApprovalChain, ...] = ()
    added_steps: tuple[ApprovalStep, ...] = ()
    regime_questions: tuple[RegimeQuestion, ...] = ()
    penalties: tuple[Penalty, ...] = ()

    @field_validator("effective_to")
    @classmethod
    def _ends_after_it_starts(cls, last: date | None, info: ValidationInfo) -> date | None:
        first = info.data.get("effective_from")
        if last is not None and first is not None and last < first:
            raise ValueError("effective_to lies before effective_from")
        return last

    def in_force(self, on: date) -> bool:
        """Whether the text was in force on a day; the last day counts."""
        return self.effective_from <= on and (self.effective_to is None or on <= self.effective_to)

    def covers_division(self, code: str) -> bool:
        """Whether a division lies in its territory; without one the whole country does."""
        return not self.territory or any(code.startswith(_significant(area)) for area in self.territory)

    def cite(self, place: str) -> Citation:
        """Answer a citation of this instrument."""
        return Citation(instrument=self.key, article=place)


def _significant(code: str) -> str:
    """Cut a division code to the digits that say something: 410000 to 41, 410500 to 4105."""
    while code.endswith("00"):
        code = code[:-2]
    return code


class Precedence(Frozen):
    """Which instrument prevails where two conflict in kind, and why: a decision, kept as data."""

    key: Key
    rule: Key
    prevails: Key
    over: Annotated[tuple[Key, ...], Field(min_length=1)]
    applies_when: Conditions = Field(default_factory=dict, validate_default=True)
    reason: Text
    basis: tuple[Citation, ...] = ()


class Adoption(Frozen):
    """A deployment's choice to apply a text outside its own territory."""

    instrument: Key
    territory: Annotated[tuple[Division, ...], Field(min_length=1)]
    unit_types: Annotated[tuple[Key, ...], Field(min_length=1)]
    from_date: date
    by: Text
    reason: Text

    def covers(self, *, on: date, division_code: str, unit_type: str | None) -> bool:
        """Whether the choice reaches a unit on a day."""
        return (
            self.from_date <= on
            and unit_type in self.unit_types
            and any(division_code.startswith(_significant(area)) for area in self.territory)
        )
