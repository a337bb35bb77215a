"""Findings on missing footage, and the completeness statement of a sealed set."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, contains_eager

from portal.accounts.values import Identity
from portal.core.db import lock_row
from portal.core.paging import Page, newest_first
from portal.evidence.models import Completeness, FootageRequest, MissingFootage
from portal.evidence.queries.beside import beside_visible, get_beside
from portal.evidence.states import MissingStatus
from portal.evidence.values.missing import MissingCause


def missing_visible_to(identity: Identity) -> Select[MissingFootage]:
    """Every finding whose request the person sees."""
    return beside_visible(identity, MissingFootage)


def get_missing(session: Session, identity: Identity, missing_id: UUID) -> MissingFootage:
    """One finding with its request and unit. Raises NotFound."""
    return get_beside(session, identity, MissingFootage, missing_id)


def lock_missing(session: Session, missing_id: UUID) -> MissingFootage:
    """One finding held for change; the caller has checked that the person sees it."""
    return lock_row(session, MissingFootage, missing_id)


def missing_page(
    session: Session,
    identity: Identity,
    *,
    status: MissingStatus | None = None,
    cause: MissingCause | None = None,
    after: str | None = None,
) -> Page[MissingFootage]:
    """Findings, the newest first, with their units."""
    statement = missing_visible_to(identity)
    if status is not None:
        statement = statement.where(MissingFootage.status == status)
    if cause is not None:
        statement = statement.where(MissingFootage.cause == cause)
    loaded = [contains_eager(MissingFootage.request).joinedload(FootageRequest.unit)]
    return newest_first(session, statement, MissingFootage.id, after=after, options=loaded)


def missing_of(session: Session, request_id: UUID) -> Sequence[MissingFootage]:
    """The findings of one request already opened."""
    found = select(MissingFootage).where(MissingFootage.request_id == request_id)
    return session.scalars(found.order_by(MissingFootage.number)).all()


def completeness_of(session: Session, request_id: UUID) -> Completeness | None:
    """What was stated of the sealed set of one request already opened; sets sealed before this was asked have none."""
    return session.get(Completeness, request_id)
