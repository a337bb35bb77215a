"""The map of a day: who goes where in which order, and how long the ways are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.dialects.postgresql import Range

from portal.accounts.guards import current_identity, requires
from portal.accounts.permissions import Permission
from portal.core.clock import CITY_TZ, city_day, utcnow
from portal.core.geometry import LonLat, lonlat
from portal.inspection import queries
from portal.inspection.models import Visit
from portal.inspection.operations.diary import travel_of
from portal.inspection.queries import BoardRow
from portal.inspection.rules.ways import Round, round_of
from portal.inspection.states import VisitStatus
from portal.inspection.views.blueprint import bp
from portal.registry.rules import rules_for
from portal.web.session import db_session

_DAY = timedelta(hours=24)
_FIRST, _LAST = date(2000, 1, 2), date(2999, 1, 1)
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True)
class Sheet:
    """One inspector's day as the page shows it: stops with their ways, and where they lie."""

    person_id: UUID
    name: str
    letter: str
    stops: Sequence[tuple[Visit, timedelta | None, LonLat | None]]
    base: LonLat | None
    round: Round | None

    @property
    def order(self) -> str:
        """The shortest order by the numbers of the stops."""
        return "–".join(str(number + 1) for number in self.round.shortest) if self.round else ""

    @property
    def route(self) -> Mapping[str, Any]:
        """The way as a map draws it, (latitude, longitude): home, the stops in their order, home again."""
        stops = [
            {"number": number, "at": _latlon(at)}
            for number, (_, _, at) in enumerate(self.stops, start=1)
            if at is not None
        ]
        base = _latlon(self.base) if self.base else None
        ends = [base] if base and stops else []
        line = [*ends, *(stop["at"] for stop in stops), *ends]
        return {"letter": self.letter, "base": base if stops else None, "stops": stops, "line": line}


@bp.get("/visits/day")
@requires(Permission.INSPECTOR_READ)
def day() -> ResponseReturnValue:
    """Every inspector of the reader's organs who has a visit on a day."""
    today = city_day(utcnow())
    try:
        asked = date.fromisoformat(request.args.get("day", ""))
    except ValueError:
        asked = today
    asked = min(max(asked, _FIRST), _LAST)
    begins = datetime.combine(asked, time(), CITY_TZ)
    rows = queries.week_board(db_session(), current_identity(), Range(begins, begins + _DAY), today=today)
    going = [row for row in rows if any(visit.status != VisitStatus.CANCELLED for visit in row.visits)]
    places = queries.places_of(db_session(), [visit.id for row in going for visit in row.visits])
    letters = _letters(len(going))
    sheets = [_sheet(row, letter, places, asked) for row, letter in zip(going, letters, strict=True)]
    return render_template(
        "inspection/day.html",
        day=asked,
        sheets=sheets,
        routes=[sheet.route for sheet in sheets],
        before=url_for("inspection.day", day=(asked - _DAY).isoformat()),
        after=url_for("inspection.day", day=(asked + _DAY).isoformat()),
        board=url_for("inspection.board", week=asked.isoformat()),
    )


def _sheet(row: BoardRow, letter: str, places: Mapping[UUID, LonLat], on: date) -> Sheet:
    visits = [visit for visit in row.visits if visit.status != VisitStatus.CANCELLED]
    base = lonlat(row.profile.base) if row.profile is not None and row.profile.base is not None else None
    known = [visit for visit in visits if visit.id in places]
    made = None
    if known:
        unit = known[0].acceptance.unit
        spots = [places[visit.id] for visit in known]
        made = round_of(spots, base=base, travel=travel_of(rules_for(unit, None, on=on)))
    # Without a base the first stop is where the day begins: no way leads to it.
    ways: list[timedelta | None] = [*(made.ways if made else ())] if base else [None, *(made.ways if made else ())]
    reached = dict(zip([visit.id for visit in known], ways, strict=False))
    return Sheet(
        person_id=row.person_id,
        name=row.name,
        letter=letter,
        stops=[(visit, reached.get(visit.id), places.get(visit.id)) for visit in visits],
        base=base,
        round=made,
    )


def _latlon(at: LonLat) -> tuple[float, float]:
    return round(at[1], 6), round(at[0], 6)


def _letters(count: int) -> Sequence[str]:
    """A letter for each where there are several, from the twenty-seventh on two."""
    if count < 2:
        return [""] * count
    return [(_LETTERS[number // 26 - 1] if number >= 26 else "") + _LETTERS[number % 26] for number in range(count)]
