"""Published results."""

from datetime import date
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from portal.core.db import narrow
from portal.core.paging import PAGE_SIZE, Page, capped_count, encode_cursor, place_in
from portal.core.scope import EVERYTHING
from portal.inspection.models import Acceptance, PublishedResult
from portal.registry.models import System


def published_page(
    session: Session, *, keyword: str = "", district: str = "", after: str | None = None
) -> Page[PublishedResult]:
    """Published results, by the day they were published, newest first; anyone may read them. Of a system that has become
    secret since, nothing is told any more."""
    own = session.info["scope"]
    narrow(session, EVERYTHING)
    try:
        return _page(session, keyword=keyword, district=district, after=after)
    finally:
        narrow(session, own)


def _page(session: Session, *, keyword: str, district: str, after: str | None) -> Page[PublishedResult]:
    secret = select(System.id).join(Acceptance, Acceptance.system_id == System.id).where(System.secret)
    of_one = Acceptance.id == PublishedResult.acceptance_id
    statement = select(PublishedResult).where(~secret.where(of_one).correlate(PublishedResult).exists())
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
