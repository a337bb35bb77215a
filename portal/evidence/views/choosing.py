"""Finding cameras for a request: on the map, around a place, along a route, from a list. Works without a script."""

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from uuid import UUID

from flask import g, request
from flask_babel import gettext, ngettext

from portal.accounts.guards import current_identity
from portal.core.clock import city_day, utcnow
from portal.core.errors import Invalid, Problem
from portal.core.geometry import BadGeometry
from portal.evidence.forms.choosing import FinderForm
from portal.evidence.operations.finding import find_cameras
from portal.evidence.queries.cameras import chosen_cameras
from portal.evidence.queries.finding import MOST_WORDS, Found, cameras_listed, cameras_named, is_wide
from portal.evidence.rules import MAX_CAMERAS
from portal.evidence.rules.shapes import MOST_SHAPES, round_about, route, shape_from_map, typed_line
from portal.evidence.values.breadth import Drawn
from portal.web.formats import number
from portal.web.problems import say
from portal.web.session import db_session

DEFAULT_BUFFER = 50
_PARTED = re.compile(r"[,，;；、\t\r\n]+")
_LONGEST_FILE = 256 * 1024


@dataclass(slots=True)
class Chosen:
    """What is chosen so far, and what the last search has to say: (kind, text, words it is about)."""

    ids: list[UUID]
    drawn: list[Drawn]
    told: list[tuple[str, str, Sequence[str]]] = field(default_factory=list)
    opened: str = ""
    faulty: bool = False

    @property
    def room(self) -> int:
        """How many more cameras one ask may name."""
        return MAX_CAMERAS - len(self.ids)

    def tell(self, kind: str, text: str, words: Sequence[str] = ()) -> None:
        """Say something about the last search."""
        self.told.append((kind, text, words[:30]))

    def refuse(self, text: str) -> None:
        """Say why nothing was added."""
        self.faulty = True
        self.tell("bad", text)


def look_for(then: str, form: FinderForm, chosen: Chosen) -> Chosen:
    """Do what the pressed button asks; what was chosen before stays."""
    way, _, what = then.partition(":")
    chosen.opened = way
    if way == "drop":
        _drop(what, chosen)
        return chosen
    named = FIELDS_OF.get(way, ())
    form.validate()
    for each in form:
        if each.name not in named:
            each.errors = []
    if any(form[name].errors for name in named):
        chosen.faulty = True
        return chosen
    try:
        WAYS[way](form, chosen)
    except BadGeometry as bad:
        chosen.refuse(say(Problem("shape", f"evidence.shape.{bad.code}")))
    except Invalid as refusal:
        chosen.refuse(say(refusal.problems[0]))
    if not chosen.faulty:
        # What was found is chosen; what was typed for it is done with.
        for name in named:
            form[name].data, form[name].raw_data = None, None
    return chosen


def typed_form() -> FinderForm:
    """What was typed to find cameras, kept while other buttons are pressed and judged only by its own."""
    form = FinderForm()
    for each in form:
        each.errors = []
    return form


def _by_shape(form: FinderForm, chosen: Chosen) -> None:
    _add(chosen, shape_from_map(form.shape.data or "", buffer_m=form.either_side.data or DEFAULT_BUFFER))


def _by_place(form: FinderForm, chosen: Chosen) -> None:
    if form.place.data is None or form.radius.data is None:
        chosen.refuse(gettext("Enter a place and a radius."))
        return
    _add(chosen, round_about(form.place.data, form.radius.data))


def _by_route(form: FinderForm, chosen: Chosen) -> None:
    _add(chosen, route(typed_line(form.line.data or ""), form.either_side.data or DEFAULT_BUFFER))


def _by_list(form: FinderForm, chosen: Chosen) -> None:
    words = _words(form)
    if len(words) > MOST_WORDS:
        chosen.refuse(gettext("A list may hold %(max)s entries at most.", max=number(MOST_WORDS)))
        return
    if words:
        _add_named(chosen, words)
    elif form.list_address.data:
        add_listed(chosen, form.list_address.data)
    else:
        chosen.refuse(gettext("Enter codes, choose a file, or give the address of a list."))


def add_listed(chosen: Chosen, address: str) -> None:
    """The cameras of the list of cameras under its conditions."""
    session, identity = db_session(), current_identity()
    found = cameras_listed(session, identity, address, room=chosen.room, today=city_day(utcnow()))
    if found is None:
        chosen.refuse(gettext("Narrow the list of cameras first: this address holds no condition."))
    else:
        _take(chosen, found)


def _add(chosen: Chosen, drawn: Drawn) -> None:
    if len(chosen.drawn) >= MOST_SHAPES:
        chosen.refuse(gettext("One ask may hold %(max)s areas and routes at most.", max=MOST_SHAPES))
        return
    identity = current_identity()
    with ExitStack() as stack:
        by = stack.enter_context(g.portal_database.map_connection()) if is_wide(identity) else None
        found = find_cameras(db_session(), actor=identity, drawn=drawn, room=MAX_CAMERAS, by=by, now=utcnow())
    if _take(chosen, found) and drawn not in chosen.drawn:
        chosen.drawn.append(drawn)


def _add_named(chosen: Chosen, words: Sequence[str]) -> None:
    found = cameras_named(db_session(), current_identity(), words)
    _take(chosen, Found(ids=found.ids, total=len(found.ids)))
    if found.unknown:
        chosen.tell("bad", gettext("Not known, or outside your reach:"), found.unknown)
    if found.closed:
        chosen.tell("warn", gettext("Taken down, so nothing can be asked for:"), found.closed)
    if found.several:
        chosen.tell("warn", gettext("Several cameras bear this name; give the device code:"), found.several)
    if found.unfiled:
        chosen.tell("info", gettext("Chosen, though the system has no filing in force:"), found.unfiled)


def _take(chosen: Chosen, found: Found) -> bool:
    """Add what was found where all of it fits; say so either way."""
    known = set(chosen.ids)
    fresh = [one for one in found.ids if one not in known]
    if found.total > MAX_CAMERAS or len(fresh) > chosen.room:
        count = gettext("more than %(count)s", count=number(found.total - 1)) if found.capped else number(found.total)
        chosen.refuse(
            gettext(
                "%(count)s cameras found. One ask may name %(max)s, and %(room)s more fit; nothing was added. Narrow the search.",
                count=count,
                max=MAX_CAMERAS,
                room=chosen.room,
            )
        )
        return False
    chosen.ids += fresh
    if not found.ids:
        chosen.tell("warn", gettext("No camera in your reach was found there."))
        return False
    text = ngettext("%(num)d camera added", "%(num)d cameras added", len(fresh))
    there = len(found.ids) - len(fresh)
    again = ngettext("; %(num)d was chosen already", "; %(num)d were chosen already", there) if there else ""
    chosen.tell("ok", f"{text}{again}{gettext('.')}")
    return True


def _drop(what: str, chosen: Chosen) -> None:
    """Leave out a shape by its place, or all cameras of a unit."""
    if what.startswith("shape-") and what[6:].isdigit():
        at = int(what[6:])
        chosen.drawn = [one for place, one in enumerate(chosen.drawn) if place != at]
        return
    cameras = chosen_cameras(db_session(), current_identity(), chosen.ids)
    gone = {camera.id for camera in cameras if str(camera.unit_id) == what}
    chosen.ids = [one for one in chosen.ids if one not in gone]


def _words(form: FinderForm) -> list[str]:
    text = form.codes.data or ""
    upload = request.files.get("code_file")
    if upload is not None and upload.filename:
        raw = upload.stream.read(_LONGEST_FILE + 1)
        if len(raw) > _LONGEST_FILE:
            raise Invalid([Problem("code_file", "evidence.list_too_large")])
        try:
            text = f"{text}\n{raw.decode('utf-8-sig')}"
        except UnicodeDecodeError:
            text = f"{text}\n{raw.decode('gb18030', 'replace')}"
    words = (word.strip().strip('"') for word in _PARTED.split(text.replace("\x00", "")))
    return list(dict.fromkeys(word[:120] for word in words if word))


WAYS: Mapping[str, Callable[[FinderForm, Chosen], None]] = {
    "shape": _by_shape,
    "place": _by_place,
    "route": _by_route,
    "list": _by_list,
}
FIELDS_OF: Mapping[str, tuple[str, ...]] = {
    "shape": ("shape", "either_side"),
    "place": ("place", "radius"),
    "route": ("line", "either_side"),
    "list": ("codes", "code_file", "list_address"),
}
LOOKS = frozenset({*WAYS, "drop", "map"})
