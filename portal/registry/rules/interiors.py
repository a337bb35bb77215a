"""Forbidden ground (Decree 799 art. 8): read from what is declared of a camera and from the words of its name and address.

The words, what may stand before such a place, and the article a refusal names are data: profiles/interiors.toml.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from portal.core.errors import Problem
from portal.registry.values.zones import Hit
from portal.regulation.loader import rulebook
from portal.regulation.schema.base import Citation
from portal.regulation.schema.reference import PrivatePlace

READ = ("name", "popular_name", "address")
_REACH = 14  # characters behind a word that still speak of it
_BEFORE = 8
_HOUSE = 5  # "宿舍3号楼" is a house, "宿舍302室的楼" is none
_ROOM = re.compile(r"\d{2,4}\s*(室|房|号房|号寝)|room \d+")


@cache
def _words() -> tuple[re.Pattern[str], Mapping[str, tuple[PrivatePlace, bool]]]:
    """One pattern of every word, longest first; the place each stands for, and whether the word alone leaves no doubt."""
    places = rulebook().reference.place
    known = {word.lower(): (place, True) for place in places for word in place.words}
    known |= {word.lower(): (place, False) for place in places for word in place.doubtful}
    return re.compile("|".join(map(re.escape, sorted(known, key=len, reverse=True)))), known


def hits_in(values: Mapping[str, Any]) -> list[Hit]:
    """Every private place that a camera's declared spot or words speak of, the clear ones first."""
    found = []
    declared = values.get("place_type")
    if declared and (place := _declared().get(str(declared))):
        found.append(Hit("place_type", "", place.key, clear=True))
    for name in READ:
        found += _in_text(name, values.get(name) or "")
    return sorted(found, key=lambda hit: not hit.clear)


@cache
def _declared() -> Mapping[str, PrivatePlace]:
    return {place.key: place for place in rulebook().reference.place}


def _in_text(name: str, text: str) -> Iterable[Hit]:
    pattern, known = _words()
    lowered = text.lower()
    for match in pattern.finditer(lowered):
        place, sure = known[match.group()]
        # An address names the house, which may be a bath itself: only what says "in the room" settles it there.
        sure = sure and name != "address"
        verdict = _judged(place, lowered[: match.start()], lowered[match.end() :], sure=sure)
        if verdict is not None:
            yield Hit(name, text[match.start() : match.end()], place.key, clear=verdict)


def _judged(place: PrivatePlace, before: str, behind: str, *, sure: bool) -> bool | None:
    """True: it stands in such a place; False: somebody must look; None: nothing out of the ordinary."""
    marks = rulebook().reference.marks
    near = behind[:_REACH].strip()
    if near.startswith(marks.trade):
        return False
    outside, inside = _last(near, marks.outside), _last(near, marks.inside)
    # "卫生间门外" is outside, "卫生间门内" is not: of the two the word said last decides.
    if (inside > outside or _ROOM.search(near)) and not (outside >= 0 and place.doorway == "allowed"):
        return True
    if outside >= 0 or any(mark in near[:_HOUSE] for mark in marks.building):
        return None if place.doorway == "allowed" else False
    return sure and not before[-_BEFORE:].rstrip().endswith(marks.towards)


def _last(text: str, words: Sequence[str]) -> int:
    return max((text.rfind(word) for word in words), default=-1)


def forbidden_problems(values: Mapping[str, Any]) -> list[Problem]:
    """A refusal at each field that leaves no doubt, with the place and its article; of a camera's fields by key."""
    problems: dict[str, Problem] = {}
    for hit in hits_in(values):
        if hit.clear:
            code = "forbidden_spot" if hit.field == "place_type" else "forbidden_word"
            data = {"word": hit.word, "private_place": hit.place, "private_cites": hit.place}
            problems.setdefault(hit.field, Problem(hit.field, code, data))
    return list(problems.values())


def cites_of(place: str) -> tuple[Citation, ...]:
    """The items of the law that close a private place to cameras."""
    found = _declared().get(place)
    return found.cites if found else ()


@cache
def private_pattern() -> str:
    """What the database looks for before the rules judge: every word, and every private spot that can be declared."""
    places = rulebook().reference.place
    words = {word for place in places for word in (*place.words, *place.doubtful)} | {place.key for place in places}
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
