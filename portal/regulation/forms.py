"""The questions of the rules pages, read from the address so that an answer can be linked and kept."""

from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from typing import Any

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from portal.core.divisions import CITY, load_divisions
from portal.regulation.labels import LEVEL_LABELS, REGIME_LABELS, fact, fact_value, said
from portal.regulation.loader import rulebook
from portal.regulation.schema.vocabulary import Level, Regime
from portal.regulation.values import RuleContext
from portal.web import formats
from portal.web.widgets import Choice, Choices, DateText, PortalForm

# Facts that follow from the dates and the category; asking for them too would let the two disagree.
DERIVED = frozenset({"construction", "in_use_before_text", "mandated"})
REQUEST_FACTS = ("act", "requester_kind", "statutory", "zone", "secret", "urgent", "case_class", "breadth", "counter")


def system_facts() -> tuple[str, ...]:
    """The facts about a unit or system that may be given."""
    known = (one.key for one in rulebook().vocabulary.fact)
    return tuple(key for key in known if key not in DERIVED and key not in REQUEST_FACTS)


def _divisions() -> Iterator[tuple[str, str]]:
    yield CITY, formats.district(CITY)
    yield from ((one.code, formats.district(one.code)) for one in load_divisions(CITY[:4]))


def _unit_types() -> Iterator[tuple[str, str]]:
    return ((one.key, said(one.text)) for one in rulebook().vocabulary.unit_type)


def _categories() -> Iterator[tuple[str, str]]:
    return ((one.key, said(one.text)) for one in rulebook().vocabulary.category)


def _house_rules() -> Iterator[tuple[str, str]]:
    """What a unit may adopt: one line an instrument, however many versions it has."""
    seen: dict[str, str] = {}
    for profile in rulebook().profiles:
        if profile.level in {Level.HOUSE, Level.SECTOR}:
            seen.setdefault(profile.instrument, said(profile.short))
    return iter(seen.items())


def _values_of(name: str) -> Iterator[tuple[str, str]]:
    kind = next(one for one in rulebook().vocabulary.fact if one.key == name)
    return ((one.key, fact_value(name, one.key)) for one in kind.values)


class ProfilesForm(PortalForm):
    """Which texts to list."""

    on = DateText(_("On the day"), required=False)
    level = Choice(
        _("Level of the text"), required=False, choices=[(level.value, LEVEL_LABELS[level]) for level in Level]
    )


class _ContextForm(PortalForm):
    """Whom the question is about."""

    on = DateText(_("On the day"), required=False)
    division = Choice(_("District"), required=False, choices=_divisions)
    unit_type = Choice(_("Kind of unit"), required=False, choices=_unit_types, blank=_("Any"))
    regime = Choice(
        _("Legal regime"),
        required=False,
        choices=[(regime.value, label) for regime, label in REGIME_LABELS.items()],
        blank=_("Not said"),
    )
    category = Choice(_("Mandated category"), required=False, choices=_categories, blank=_("As its kind of unit"))
    in_use_on = DateText(_("In use since"), required=False)
    house = Choices(_("Rules the unit has adopted"), required=False, choices=_house_rules)

    def facts(self) -> dict[str, str]:
        """The facts that were given."""
        given = {name.removeprefix("fact_"): self[name].data for name in self._fields if name.startswith("fact_")}
        return {name: value for name, value in given.items() if value}

    def context(self, *, today: date) -> RuleContext:
        """The question as the engine takes it."""
        return RuleContext(
            on=self.on.data or today,
            division_code=self.division.data or CITY,
            unit_type=self.unit_type.data or None,
            regime=Regime(self.regime.data) if self.regime.data else None,
            categories=(self.category.data,) if self.category.data else (),
            in_use_on=self.in_use_on.data,
            house_profiles=tuple(self.house.data or ()),
            facts=self.facts(),
        )


def _fact_field(name: str) -> Choice:
    return Choice(
        LazyString(fact, name), required=False, choices=lambda: _values_of(name), blank=LazyString(_assumed, name)
    )


def _assumed(name: str) -> str:
    """What an unanswered fact counts as."""
    kind = next(one for one in rulebook().vocabulary.fact if one.key == name)
    return (
        str(_("Not said"))
        if kind.default is None
        else str(_("Assumed: %(value)s", value=fact_value(name, kind.default)))
    )


@cache
def _context_form() -> type[_ContextForm]:
    """The form with one field a fact of the vocabulary: a new fact needs no code."""
    fields: dict[str, Any] = {f"fact_{name}": _fact_field(name) for name in (*system_facts(), *REQUEST_FACTS)}
    return type("ContextForm", (_ContextForm,), fields)


def context_form(given: Mapping[str, Any]) -> _ContextForm:
    """The form over the parameters of an address."""
    form = _context_form()(given)
    for field in form:
        field.flags.no_optional_mark = True  # a question may leave everything open
    return form


def link_arguments(context: RuleContext) -> dict[str, Any]:
    """The parameters under which the page of effective rules asks the same question."""
    arguments: dict[str, Any] = {
        "on": context.on.isoformat(),
        "division": context.division_code,
        "unit_type": context.unit_type,
        "regime": context.regime.value if context.regime else None,
        "category": next(iter(context.categories), None),
        "in_use_on": context.in_use_on.isoformat() if context.in_use_on else None,
        "house": list(context.house_profiles) or None,
    }
    known = {*system_facts(), *REQUEST_FACTS}
    facts = {f"fact_{name}": value for name, value in context.facts.items() if name in known}
    return {name: value for name, value in (arguments | facts).items() if value}
