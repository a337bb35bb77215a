"""A camera as one row of a sheet, in the layout that the import reads back without a change.

First the portal's own id, then the fields of the file in their order, in words. What is sealed shows masked, and the
import leaves a masked number as it stands on record.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as default
from datetime import date
from enum import Enum
from typing import Any, Final

from portal.registry.rules.fields import CameraField, Home, Shape

PORTAL_ID: Final = "id"
# What the first column is called, in either language; the first is written in Chinese, the second in English.
PORTAL_ID_HEADERS: Final = ("系统标识", "portal id", "系统标识(portal id)")
BETWEEN: Final = "/"


@dataclass(frozen=True, kw_only=True)
class SheetWords:
    """The words of one language: headers by field, texts by value, and the zones by their keys."""

    portal_id: str
    headers: Mapping[str, str]
    options: Mapping[type[Enum], Mapping[Enum, str]]
    yes: str
    no: str
    zones: Mapping[str, str] = default(default_factory=dict)


def field_cell(camera: Mapping[str, Any], each: CameraField, words: SheetWords) -> str:
    """One field of a camera in words, by the columns of its row; one of another table stands under its own key."""
    value = camera.get(_column(each))
    if value is None or value in ("", [], ()):
        return ""
    if each.kind is not None:
        kinds = value if each.shape is Shape.MANY else [value]
        return BETWEEN.join(words.options[each.kind][each.kind(one)] for one in kinds)
    match each.shape:
        case Shape.FLAG:
            return words.yes if value else words.no
        case Shape.ZONE:
            return words.zones.get(value, value)
        case Shape.DAY:
            return value.isoformat() if isinstance(value, date) else str(value)
    return str(value)


def _column(each: CameraField) -> str:
    if each.shape is Shape.DEGREES:
        return f"declared_{each.key}"
    return f"{each.key}_masked" if each.home is Home.SEALED else each.key
