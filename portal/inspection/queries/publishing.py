"""Published results."""

from datetime import date
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from portal.core.paging import PAGE_SIZE, Page, capped_count, encode_cursor, place_in
from portal.inspection.models import (
    PublishedResult,
)


def published_page(
    session: Session, *, keyword: str = "", district: str = "", after: str | None = None
) -> Page[PublishedResult]:
    """Published results, by the day they were published, newest first; anyone may read them."""
    statement = select(PublishedResult)
    if keyword.strip():
        statement = statement.where(PublishedResult.unit_name.contains(keyword.strip(), autoescape=True))
    if district:
        statement = statement.where(PublishedResult.district == district)
    total, capped = capped_count(session, statement)
    place = tuple_(PublishedResult.published_on, PublishedResult.id)
    if after:
        statement = statement.where(place < tuple_(*place_in(after, date.fromisoformat, UUID)))
    order = (PublishedResult.published_on.desc(), PublishedResult.id.desc())
    rows = session.scalars(statement.order_by(*order).limit(PAGE_SIZE + 1)).all()
    last = rows[PAGE_SIZE - 1] if len(rows) > PAGE_SIZE else None
    cursor = encode_cursor([last.published_on.isoformat(), str(last.id)]) if last else None
    return Page(items=rows[:PAGE_SIZE], next_cursor=cursor, total=total, total_capped=capped)


def published_of(session: Session, acceptance_id: UUID) -> PublishedResult | None:
    """The publication of one acceptance."""
    return session.scalars(select(PublishedResult).where(PublishedResult.acceptance_id == acceptance_id)).one_or_none()
