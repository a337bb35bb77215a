"""The dictionary of mandated categories: what the laws in force name, with what the city government added to it.

The law's part is data of the regulation profiles. What the government adds (Anyang 2007 art. 8(11)) is a provision with
a paper and a day; it may add a category or parts, kinds and industries to one, and never takes away what a law asks.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from pathlib import Path

from portal.core.divisions import CITY
from portal.mandates.values import Category, Part, Provision
from portal.regulation.effective import MandatedCategory
from portal.regulation.engine import effective_rules
from portal.regulation.loader import rulebook
from portal.regulation.values import RuleContext

# The measure whose article 8 counts the eleven categories.
MEASURE = "anyang-2007"
_FILE = Path(__file__).resolve().parents[1] / "crosswalk.toml"
_UNWORD = re.compile(r"[^a-z0-9]+")


@lru_cache(maxsize=1)
def crosswalk() -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """Industries by category and places by part."""
    read = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    return {table: {key: tuple(found) for key, found in rows.items()} for table, rows in read.items()}


def part_key(en: str) -> str:
    """The key of a part, from its English name."""
    return _UNWORD.sub("_", en.lower()).strip("_")[:40]


def categories_on(on: date, provisions: Iterable[Provision] = ()) -> Mapping[str, Category]:
    """Every category that holds on a day, the law's own first, in their order."""
    found = {one.key: one for one in _by_law(on)}
    for added in provisions:
        if added.holds(on):
            found[added.key] = _with(found.get(added.key), added)
    return found


@lru_cache(maxsize=64)
def _by_law(on: date) -> tuple[Category, ...]:
    # Which kind of unit asks changes which instruments speak, so every kind's categories are drawn together.
    book = rulebook()
    kinds: list[str | None] = [None, *(kind.key for kind in book.vocabulary.unit_type)]
    spoken: dict[str, list[MandatedCategory]] = {}
    for kind in kinds:
        for one in effective_rules(RuleContext(on=on, division_code=CITY, unit_type=kind)).categories():
            if one.owner == "unit":
                spoken.setdefault(one.key, []).append(one)
    named = [term.key for term in book.vocabulary.category if term.key in spoken]
    ordered = sorted(named, key=lambda key: not _of_anyang(spoken[key]))
    return tuple(_category(key, spoken[key]) for key in ordered)


def _of_anyang(entries: Sequence[MandatedCategory]) -> bool:
    return any(cited.instrument == MEASURE for one in entries for cited in one.citations)


def _category(key: str, entries: Sequence[MandatedCategory]) -> Category:
    parts = {part_key(text.en): text for one in entries for text in one.parts}
    zones = crosswalk()["parts"]
    kinds = rulebook().vocabulary.unit_type
    return Category(
        key=key,
        zh=entries[0].text.zh,
        en=entries[0].text.en,
        citations=tuple(dict.fromkeys(cited for one in entries for cited in one.citations)),
        parts=tuple(
            Part(key=place, zh=text.zh, en=text.en, zones=zones.get(place, ())) for place, text in parts.items()
        ),
        unit_types=tuple(kind.key for kind in kinds if kind.category == key),
        industries=crosswalk()["industries"].get(key, ()),
        of_anyang=_of_anyang(entries),
    )


def _with(law: Category | None, added: Provision) -> Category:
    """What the law says, joined by what was added: an addition takes nothing away."""
    zones = crosswalk()["parts"]
    parts = {part.key: part for part in (law.parts if law else ())}
    for key, zh, en in added.parts:
        parts.setdefault(key, Part(key=key, zh=zh, en=en, zones=zones.get(key, ())))
    return Category(
        key=added.key,
        zh=added.zh,
        en=added.en,
        citations=law.citations if law else (),
        parts=tuple(parts.values()),
        unit_types=_joined(law.unit_types if law else (), added.unit_types),
        industries=_joined(law.industries if law else (), added.industries),
        of_anyang=law.of_anyang if law else False,
        provision=added,
    )


def _joined(first: Sequence[str], more: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*first, *more)))


def category_of_industry(code: str, categories: Mapping[str, Category]) -> str | None:
    """The category an industry falls into; the longest code that fits decides."""
    fits = [
        (len(industry), category.key)
        for category in categories.values()
        for industry in category.industries
        if code.startswith(industry)
    ]
    return max(fits, default=(0, None))[1] if code else None


def category_of_kind(unit_type: str, categories: Mapping[str, Category]) -> str | None:
    """The category a kind of unit falls into."""
    return next((category.key for category in categories.values() if unit_type in category.unit_types), None)
