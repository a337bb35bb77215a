"""Leak cases, the duty to delete, and who is to be told of either."""

import json
from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from portal.accounts.values import Identity
from portal.core.crypto import row_context
from portal.core.db import lock_row
from portal.core.paging import Page, newest_first
from portal.core.services import services
from portal.evidence.models import DeletionDuty, FootageCopy, FootageRequest, LeakCase, LeakMeasure
from portal.evidence.queries.beside import beside_visible, get_beside
from portal.evidence.queries.copies import copies_visible_to, overdue
from portal.evidence.states import LeakStatus
from portal.evidence.values.leaks import LeakTexts, Measure


def leaks_visible_to(identity: Identity) -> Select[LeakCase]:
    """Every leak case whose request the person sees: of a secret case only those with a part in it."""
    return beside_visible(identity, LeakCase)


def get_leak(session: Session, identity: Identity, leak_id: UUID) -> LeakCase:
    """One leak case with its copy and request. Raises NotFound."""
    return get_beside(session, identity, LeakCase, leak_id, joinedload(LeakCase.copy))


def lock_leak(session: Session, leak_id: UUID) -> LeakCase:
    """One leak case held for change. Raises NotFound."""
    return lock_row(session, LeakCase, leak_id)


def leak_page(
    session: Session, identity: Identity, status: LeakStatus | None, *, after: str | None = None
) -> Page[LeakCase]:
    """Leak cases, the newest first, with their copies and nothing of what is written about them."""
    statement = leaks_visible_to(identity)
    if status is not None:
        statement = statement.where(LeakCase.status == status)
    loaded = [joinedload(LeakCase.copy), contains_eager(LeakCase.request).joinedload(FootageRequest.unit)]
    return newest_first(session, statement, LeakCase.id, after=after, options=loaded)


def leaks_of(session: Session, copy_id: UUID) -> Sequence[LeakCase]:
    """The leak cases of a copy. The caller has checked that the reader sees it."""
    return session.scalars(select(LeakCase).where(LeakCase.copy_id == copy_id).order_by(LeakCase.id)).all()


def copy_by_serial(session: Session, identity: Identity, serial: str) -> FootageCopy | None:
    """The copy whose serial was read off what leaked, if the person sees it."""
    found = copies_visible_to(identity).where(FootageCopy.serial == "".join(serial.split()).upper())
    return session.scalars(found).one_or_none()


def deletion_of(session: Session, request_id: UUID) -> DeletionDuty | None:
    """The duty to delete, once the purpose was stated to be met."""
    return session.get(DeletionDuty, request_id)


def leak_context(leak_id: UUID) -> str:
    """Where the sealed texts of a leak belong."""
    return row_context("footage_leak", "sealed", leak_id)


def measure_context(measure_id: UUID) -> str:
    """Where the sealed text of a measure belongs."""
    return row_context("footage_leak_measure", "sealed", measure_id)


def measures_of(session: Session, leak: LeakCase, texts: LeakTexts | None) -> list[Measure]:
    """The measures of a case, the first first. Without `texts`, for who does not read them, by whom and when alone."""
    rows = session.scalars(
        select(LeakMeasure).where(LeakMeasure.leak_id == leak.id).order_by(LeakMeasure.taken_at, LeakMeasure.id)
    ).all()
    taken = [Measure(row.taken_name, row.taken_at, _text(session, row) if texts else None) for row in rows]
    if leak.measures_at and (not rows or rows[0].taken_at != leak.measures_at):
        return [Measure(leak.measures_name, leak.measures_at, texts.measures if texts else None), *taken]
    return taken


def _text(session: Session, row: LeakMeasure) -> str:
    if row.sealed is None:
        return row.text or ""
    return services(session).envelope.open(row.sealed, context=measure_context(row.id)).decode()


def texts_of(session: Session, leak: LeakCase) -> LeakTexts:
    """What is written about a leak. Of a secret one whoever calls has checked the reader and records the look."""
    if leak.sealed is None:
        return LeakTexts(found=leak.found or "", liable=leak.liable or "", outcome=leak.outcome or "")
    return LeakTexts(**json.loads(services(session).envelope.open(leak.sealed, context=leak_context(leak.id))))


def copies_due(session: Session, *, today: date) -> Sequence[FootageCopy]:
    """Copies out past their day, with their requests, for reminders."""
    return session.scalars(
        select(FootageCopy)
        .where(overdue(today))
        .options(joinedload(FootageCopy.request).joinedload(FootageRequest.unit))
        .order_by(FootageCopy.id)
    ).all()


def duties_open(session: Session) -> Sequence[tuple[DeletionDuty, FootageRequest]]:
    """Duties to delete that nobody has met yet, for reminders."""
    rows = session.execute(
        select(DeletionDuty, FootageRequest)
        .join(FootageRequest, FootageRequest.id == DeletionDuty.request_id)
        .where(DeletionDuty.done_at.is_(None))
        .options(joinedload(FootageRequest.unit))
    )
    return [(duty, request) for duty, request in rows]
