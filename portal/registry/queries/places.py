"""Where a declared position lies, and whether a device code is held already."""

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.accounts.models import Division
from portal.core.geometry import Datum, point, to_element, to_wgs84


def district_at(session: Session, *, lon: float, lat: float, datum: Datum) -> str | None:
    """The district a declared pair lies in; None outside the city. Raises BadGeometry for no position at all."""
    element = to_element(point(*to_wgs84(lon, lat, datum)))
    statement = select(Division.code).where(Division.level == "district", Division.outline.ST_Contains(element))
    return session.scalar(statement.limit(1))


def is_code_taken(session: Session, code: str, *, besides: UUID | None = None) -> bool:
    """Whether any camera of the city holds a device code, in sight of the asker or not."""
    return bool(session.scalar(select(func.portal_code_taken(code, besides))))
