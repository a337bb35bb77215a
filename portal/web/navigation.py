"""The menu as data: each feature says what it offers, the reader's permissions decide what shows."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from flask import Blueprint
from flask.blueprints import BlueprintSetupState
from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

Badge = Callable[[], int | None]


class Section(StrEnum):
    """The groups of the menu, in their order."""

    WORK = "work"
    SUPERVISION = "supervision"
    EVIDENCE = "evidence"
    RECORDS = "records"
    LAW = "law"
    SYSTEM = "system"


SECTION_LABELS: Mapping[Section, LazyString | str] = {
    Section.WORK: "",
    Section.SUPERVISION: _("Supervision"),
    Section.EVIDENCE: _("Footage"),
    Section.RECORDS: _("Records"),
    Section.LAW: _("Rules and figures"),
    Section.SYSTEM: _("System"),
}


@dataclass(frozen=True, kw_only=True)
class NavItem:
    """One line of the menu.

    `covers` lists further endpoints, or prefixes of them ending in a dot or an underscore, on which the line is shown
    as current, but for those it `spares`, for which another line stands. `badge` counts what waits there; it runs on each page, so it must be one cheap query.
    """

    section: Section
    label: LazyString
    endpoint: str
    permission: str
    order: int = 50
    badge: Badge | None = None
    covers: tuple[str, ...] = ()
    spares: tuple[str, ...] = ()
    arguments: Mapping[str, object] = field(default_factory=dict)

    def is_current(self, endpoint: str) -> bool:
        """Does this line stand for the page being shown?"""
        return endpoint == self.endpoint or (_among(endpoint, self.covers) and not _among(endpoint, self.spares))


def _among(endpoint: str, named: tuple[str, ...]) -> bool:
    return any(endpoint.startswith(one) if one[-1] in "._" else endpoint == one for one in named)


def add_to_navigation(blueprint: Blueprint, *items: NavItem) -> None:
    """Put lines into the menu of whichever application the blueprint is registered with."""

    def put(state: BlueprintSetupState) -> None:
        state.app.extensions.setdefault("portal.navigation", []).extend(items)

    blueprint.record_once(put)
