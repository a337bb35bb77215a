"""The grades and the lists that the texts know, by key, for whoever names them without one list at hand. Pure."""

from collections.abc import Mapping
from functools import cache

from portal.regulation.loader import rulebook
from portal.regulation.schema.base import Text
from portal.regulation.schema.keys import RuleKey
from portal.regulation.schema.values import Bands


@cache
def grade_titles() -> Mapping[str, Text]:
    """What each grade is called; a key that several texts give is called as the first one calls it."""
    found: dict[str, Text] = {}
    for profile in rulebook().profiles:
        for rule in profile.rules:
            if rule.key == RuleKey.GRADE_BANDS and isinstance(rule.value, Bands):
                for band in rule.value.bands:
                    found.setdefault(band.key, band.title)
    return found


@cache
def list_titles() -> Mapping[str, Text]:
    """What each list is called."""
    return {one.key: one.title for profile in rulebook().profiles for one in profile.checklists}


@cache
def item_texts() -> Mapping[str, tuple[Text, ...]]:
    """What an item of a key asks: once for each list that has it."""
    found: dict[str, tuple[Text, ...]] = {}
    for profile in rulebook().profiles:
        for one in profile.checklists:
            for item in one.items:
                found[item.key] = (*found.get(item.key, ()), item.text)
    return found
