"""Reading what was opened, exported, sealed and handed over."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.core.errors import NotFound
from portal.evidence.models import FootageItem, FootageManifest, Handover, UnlockSession


def unlocks_of(session: Session, request_id: UUID) -> Sequence[UnlockSession]:
    """Every opening of a request's recordings, in order."""
    statement = select(UnlockSession).where(UnlockSession.request_id == request_id)
    return session.scalars(statement.order_by(UnlockSession.opened_at, UnlockSession.id)).all()


def unlock_of(session: Session, request_id: UUID, person_id: UUID | None) -> UnlockSession | None:
    """The opening that a new file belongs to: the last one, where this person made it."""
    found = unlocks_of(session, request_id)
    return found[-1] if found and found[-1].executor_id == person_id else None


def items_of(session: Session, request_id: UUID) -> Sequence[FootageItem]:
    """The files of a request, in the order they were entered."""
    statement = select(FootageItem).where(FootageItem.request_id == request_id)
    return session.scalars(statement.order_by(FootageItem.place)).all()


def manifest_of(session: Session, request_id: UUID) -> FootageManifest | None:
    """The sealed set, once there is one."""
    return session.get(FootageManifest, request_id)


def handovers_of(session: Session, request_id: UUID) -> Sequence[Handover]:
    """Every handover of a request, in order."""
    statement = select(Handover).where(Handover.request_id == request_id)
    return session.scalars(statement.order_by(Handover.given_at, Handover.id)).all()


def lock_handover(session: Session, request_id: UUID, handover_id: UUID) -> Handover:
    """One handover under lock. Raises NotFound."""
    found = session.scalars(
        select(Handover)
        .where(Handover.id == handover_id, Handover.request_id == request_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise NotFound()
    return found
