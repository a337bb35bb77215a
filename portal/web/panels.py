"""Cards that one feature puts on another's page: the page below knows nothing of the features above it.

    add_panels(bp, Panel(place="registry.system", draw=acceptance_of_system, order=20))

`draw` is given the page's subject and answers markup, or nothing where the reader may not see it. It runs on every
view of the page, so it must cost a fixed number of cheap queries.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Flask
from flask.blueprints import BlueprintSetupState
from markupsafe import Markup

Draw = Callable[[Any], str]


@dataclass(frozen=True, kw_only=True)
class Panel:
    """One card: on which page, in which place among the others."""

    place: str
    draw: Draw
    order: int = 50


def add_panels(blueprint: Blueprint, *panels: Panel) -> None:
    """Offer panels to the pages of whichever application the blueprint is registered with."""

    def put(state: BlueprintSetupState) -> None:
        state.app.extensions.setdefault("portal.panels", []).extend(panels)

    blueprint.record_once(put)


def init_app(app: Flask) -> None:
    """Give templates `panels(place, subject)`: the page's drawn cards in their order, empty ones left out."""
    offered: list[Panel] = app.extensions.setdefault("portal.panels", [])

    def panels(place: str, subject: Any) -> list[Markup]:
        wanted = sorted((panel for panel in offered if panel.place == place), key=lambda panel: panel.order)
        drawn = (panel.draw(subject) for panel in wanted)
        # What a panel draws came out of its own escaping template.
        return [Markup(text) for text in drawn if text]  # noqa: S704

    app.add_template_global(panels)
