"""The list of a year's commendations as a workbook."""

import io
from collections.abc import Mapping, Sequence
from uuid import UUID

from flask_babel import gettext

from portal.core.sheets import WorkbookWriter
from portal.measures.queries.bars import Bar, CommendationFilter
from portal.registry.labels import UNIT_TYPE
from portal.registry.models import Unit
from portal.registry.values import UnitType
from portal.regulation.labels import term
from portal.web import formats

FIRST_YEAR = 2024


def commendation_sheet(
    wanted: CommendationFilter, units: Sequence[Unit], reasons: Mapping[UUID, Sequence[Bar]]
) -> bytes:
    """One row a unit; of those barred every reason with its paper and its days."""
    out = io.BytesIO()
    title = gettext("Not to be commended") if wanted.barred else gettext("May be commended")
    with WorkbookWriter(out, title, widths=[36, 18, 14, 8, 80]) as book:
        head = [gettext("Unit"), gettext("Kind of unit"), gettext("District"), gettext("Year")]
        book.head([*head, gettext("Reasons")] if wanted.barred else head)
        for unit in units:
            cells = [
                unit.name,
                str(UNIT_TYPE[UnitType(unit.unit_type)]),
                formats.district(unit.district),
                str(wanted.year),
            ]
            why = "；".join(_told(bar) for bar in reasons.get(unit.id, ()))
            book.row([*cells, why] if wanted.barred else cells)
    return out.getvalue()


def _told(bar: Bar) -> str:
    days = gettext("since %(day)s", day=formats.date_(bar.since))
    if bar.until is not None:
        days += " " + gettext("until %(day)s", day=formats.date_(bar.until))
    return " ".join(filter(None, (term("bar_reason", bar.reason), bar.paper, days)))
