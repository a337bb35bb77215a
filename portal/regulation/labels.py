"""How the law is said to a reader: places in a text, values, reasons and the steps of a count."""

import re
from collections.abc import Mapping
from decimal import Decimal

from flask_babel import get_locale, gettext, lazy_pgettext, ngettext
from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from portal.regulation.calendar import DayKind
from portal.regulation.loader import rulebook
from portal.regulation.schema.base import Citation, Text
from portal.regulation.schema.checklist import ChecklistKind
from portal.regulation.schema.values import Band, Bands, Comparison, Hours, Period, Rates, RuleValue, YearDay
from portal.regulation.schema.vocabulary import Level, Regime, RuleKind, Tag
from portal.regulation.values import Aside, Governed, WhyOverridden
from portal.web import formats

LEVEL_LABELS: Mapping[Level, LazyString] = {
    Level.NATION: lazy_pgettext("level of a text", "National"),
    Level.PROVINCE: lazy_pgettext("level of a text", "Provincial"),
    Level.CITY: lazy_pgettext("level of a text", "City"),
    Level.SECTOR: lazy_pgettext("level of a text", "Sector"),
    Level.HOUSE: lazy_pgettext("level of a text", "House rules"),
    Level.PORTAL: lazy_pgettext("level of a text", "Portal practice"),
}

# (kind of status, label): how far a statement has been checked against its source.
TAG_LABELS: Mapping[Tag, tuple[str, LazyString]] = {
    Tag.FULL_TEXT: ("ok", _("Full text read")),
    Tag.EXCERPT: ("ok", _("Excerpt read")),
    Tag.OPEN_CODE: ("info", _("From open implementations")),
    Tag.RECOMPUTED: ("ok", _("Recomputed")),
    Tag.MEMORY: ("warn", _("Not verified")),
    Tag.ESTIMATE: ("warn", _("Estimate")),
    Tag.DECISION: ("idle", _("Set by the portal")),
}

REGIME_LABELS: Mapping[Regime, LazyString] = {
    Regime.PUBLIC_GOVERNMENT: _("Public place, built by government"),
    Regime.PUBLIC_UNIT: _("Public place, built by the responsible unit"),
    Regime.OTHER_PUBLIC: _("Other public place"),
    Regime.NON_PUBLIC: _("Non-public place"),
    Regime.LOCAL_INTERNAL: _("Unit internal system"),
}

GOVERNED_LABELS: Mapping[Governed, LazyString] = {
    Governed.EVERYWHERE: _("In force in the whole country"),
    Governed.TERRITORY: _("In force in this territory"),
    Governed.ADOPTED: _("Adopted by this deployment"),
    Governed.HOUSE: _("The unit's own rules"),
}

ASIDE_LABELS: Mapping[Aside, LazyString] = {
    Aside.NOT_IN_FORCE: _("Not in force on that day"),
    Aside.OTHER_TERRITORY: _("Another territory"),
    Aside.OTHER_UNIT_TYPE: _("Another kind of unit"),
    Aside.OTHER_REGIME: _("Another legal regime"),
    Aside.NOT_ADOPTED: _("Not adopted by the unit"),
}

OVERRIDDEN_LABELS: Mapping[WhyOverridden, LazyString] = {
    WhyOverridden.LESS_STRICT: _("less strict"),
    WhyOverridden.PRECEDENCE: _("in conflict; precedence decided"),
    WhyOverridden.HIGHER_LEVEL: _("a higher text prevails"),
    WhyOverridden.LATER: _("a later text prevails"),
    WhyOverridden.MORE_SPECIFIC: _("a more specific provision prevails"),
}

COMPARISON_LABELS: Mapping[Comparison, LazyString] = {
    Comparison.MAX: _("the largest number holds"),
    Comparison.MIN: _("the shortest limit holds"),
    Comparison.ANY_TRUE: _("it is enough that one text asks"),
    Comparison.ALL_TRUE: _("one text is enough to forbid"),
    Comparison.UNION: _("what the texts ask adds up"),
    Comparison.PRECEDENCE: _("one text decides, by precedence"),
}

CHECKLIST_LABELS: Mapping[ChecklistKind, LazyString] = {
    ChecklistKind.SCORED: _("Scored"),
    ChecklistKind.RATED: _("Rated"),
    ChecklistKind.ROUTINE: _("Routine"),
}

DAY_LABELS: Mapping[DayKind, LazyString] = {
    DayKind.WORKDAY: _("working day"),
    DayKind.MAKE_UP_WORKDAY: _("working day made up for a holiday"),
    DayKind.WEEKEND: _("weekend"),
    DayKind.HOLIDAY: _("public holiday"),
    DayKind.DECREED_WORKDAY: _("working day by local decision"),
    DayKind.DECREED_REST: _("day off by local decision"),
}

# The facts every vocabulary knows without listing them.
BUILT_IN_FACTS: Mapping[str, LazyString] = {
    "regime": _("Legal regime"),
    "unit_type": _("Kind of unit"),
    "category": _("Mandated category"),
}


def language() -> str:
    """The reader's language; Chinese outside a request."""
    return str(get_locale() or "zh_Hans_CN")


def said(text: Text | None) -> str:
    """One wording in the reader's language."""
    return "" if text is None else text.in_language(language())


# -- places in a text ----------------------------------------------------------------------------

_DIGITS = "零一二三四五六七八九"


def numeral(number: int) -> str:
    """A number as articles are numbered: 十四 in Chinese, 14 elsewhere."""
    if not language().startswith("zh"):
        return str(number)
    if number < 10:
        return _DIGITS[number]
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    said_hundreds = f"{_DIGITS[hundreds]}百" if hundreds else ""
    between = "零" if hundreds and not tens and ones else ""
    leading = "" if tens == 1 and not hundreds else _DIGITS[tens]
    said_tens = f"{leading}十" if tens else ""
    return f"{said_hundreds}{between}{said_tens}{_DIGITS[ones] if ones else ''}"


PLACE_LABELS: Mapping[str, LazyString] = {
    "article": _("art. %(number)s"),
    "ch": _("ch. %(number)s"),
    "s": _("section %(number)s"),
    "a": _("item %(number)s of the standard"),
    "f": _("form %(number)s"),
    "n": _("note %(number)s"),
    "p": _("para. %(number)s"),
    "i": _("item (%(number)s)"),
    "j": _("sub-item %(number)s"),
}
_PLAIN_NUMBERS = frozenset({"a", "n", "j"})
_PART = re.compile(r"^(ch|[a-z])?(\d+)(?:\.(\d+))?$")


def place(code: str) -> str:
    """A place as a reader cites it: `7 p2 i1` is 第七条第二款第（一）项, art. 7 para. 2 item (1)."""
    if code == "whole":
        return gettext("the whole text")
    parts = [_place_part(part) for part in code.split()]
    return ("" if language().startswith("zh") else " ").join(parts)


def _place_part(part: str) -> str:
    found = _PART.match(part)
    if found is None:
        return part
    letter, number, below = found.groups()
    if letter == "s" and below:
        return gettext("section %(section)s item %(item)s", section=numeral(int(number)), item=below)
    kind = letter or "article"
    told = number if kind in _PLAIN_NUMBERS else numeral(int(number))
    return str(PLACE_LABELS[kind]) % {"number": told}


def cite(citation: Citation) -> str:
    """An instrument and the place in it, as a reader cites it; an instrument as a whole by its name alone."""
    if citation.article == "whole":
        return said(rulebook().short_title(citation))
    return gettext("%(text)s %(place)s", text=said(rulebook().short_title(citation)), place=place(citation.article))


def cite_all(citations: tuple[Citation, ...]) -> str:
    """Several citations; places in the same instrument stand behind its name once."""
    by_instrument: dict[str, list[str]] = {}
    for citation in citations:
        places = by_instrument.setdefault(citation.instrument, [])
        if citation.article != "whole":
            places.append(place(citation.article))
    return gettext("; ").join(_cite_places(key, places) for key, places in by_instrument.items())


def _cite_places(instrument: str, places: list[str]) -> str:
    short = said(rulebook().profile(instrument).short)
    if not places:
        return short
    return gettext("%(text)s %(place)s", text=short, place=gettext(", ").join(dict.fromkeys(places)))


# -- values --------------------------------------------------------------------------------------


def rule_value(kind: RuleKind, value: RuleValue) -> str:
    """What a rule comes to, as a reader would say it."""
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, int):
        return f"{formats.number(value)} {unit(kind)}".strip()
    if isinstance(value, Decimal):
        return formats.percent(float(value), 0)
    if isinstance(value, str):
        return term(kind.terms or "", value)
    if isinstance(value, tuple):
        return gettext(", ").join(term(kind.terms or "", word) for word in value)
    return _composite(value)


def _composite(value: Period | Bands | Rates | YearDay | Hours) -> str:
    if isinstance(value, Period):
        return period(value)
    if isinstance(value, Hours):
        return gettext(", ").join(f"{span.begins:%H:%M}–{span.ends:%H:%M}" for span in value.spans)
    if isinstance(value, Bands):
        return gettext("; ").join(_band(band) for band in value.bands)
    if isinstance(value, Rates):
        return gettext("pass from %(pass_at)s, basic from %(basic_at)s", pass_at=value.pass_at, basic_at=value.basic_at)
    return gettext("every year by %(month)s-%(day)s", month=f"{value.month:02}", day=f"{value.day:02}")


def _band(band: Band) -> str:
    if not band.at_least:
        return gettext("%(grade)s below %(score)s", grade=said(band.title), score=band.below)
    return gettext("%(grade)s from %(score)s", grade=said(band.title), score=band.at_least)


def period(value: Period) -> str:
    """A time limit in words."""
    event = term("event", value.counts_from)
    if value.days is None:
        return gettext("promptly from %(event)s", event=event)
    if value.counting == "working":
        length = ngettext("%(num)s working day", "%(num)s working days", value.days)
    else:
        length = ngettext("%(num)s day", "%(num)s days", value.days)
    if value.starts_on is not None:
        event = formats.date_(value.starts_on)
    return gettext("%(length)s from %(event)s", length=length, event=event)


def unit(kind: RuleKind) -> str:
    """The unit a whole number counts in."""
    return next((said(one.text) for one in rulebook().vocabulary.unit if one.key == kind.unit), "")


def term(family: str, key: str) -> str:
    """One word of the vocabulary; a key nobody knows is shown as it is."""
    found = next((one for one in rulebook().vocabulary.terms(family) if one.key == key), None)
    return key if found is None else said(found.text)


# -- facts ---------------------------------------------------------------------------------------


def fact(name: str) -> str:
    """What a fact is called."""
    if name in BUILT_IN_FACTS:
        return str(BUILT_IN_FACTS[name])
    return next((said(one.text) for one in rulebook().vocabulary.fact if one.key == name), name)


def fact_value(name: str, value: str) -> str:
    """What one value of a fact is called."""
    vocabulary = rulebook().vocabulary
    if name == "regime":
        return str(REGIME_LABELS[Regime(value)])
    listed = {"unit_type": vocabulary.unit_type, "category": vocabulary.category}.get(name)
    if listed is not None:
        return next((said(one.text) for one in listed if one.key == value), value)
    return term(name, value)


def conditions(wanted: Mapping[str, tuple[str, ...]]) -> list[str]:
    """Under which facts something applies, one line a fact."""
    return [
        gettext(
            "%(fact)s: %(values)s",
            fact=fact(name),
            values=gettext(" or ").join(fact_value(name, value) for value in values),
        )
        for name, values in wanted.items()
    ]
