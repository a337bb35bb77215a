"""Windows and uploads of a request, and what the rules and the disk leave for more."""

import hashlib
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from portal.core.errors import NotFound
from portal.evidence.models import FootageItem, FootageRequest, FootageUpload, UploadWindow
from portal.vault.models import StoredFile


def open_window_of(session: Session, request_id: UUID, *, lock: bool = False) -> UploadWindow | None:
    """The window that is not closed; whether its time is over the caller asks."""
    statement = select(UploadWindow).where(UploadWindow.request_id == request_id, UploadWindow.closed_at.is_(None))
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    return session.scalars(statement).one_or_none()


def window_by_secret(session: Session, secret: str) -> UploadWindow | None:
    """The window behind a secret address, with its request and unit."""
    statement = select(UploadWindow).where(UploadWindow.secret_sha256 == secret_digest(secret))
    loaded = joinedload(UploadWindow.request).joinedload(FootageRequest.unit)
    return session.scalars(statement.options(loaded)).one_or_none()


def secret_digest(secret: str) -> str:
    """What is kept of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def upload_of(session: Session, window: UploadWindow, upload_id: UUID, *, lock: bool = False) -> FootageUpload:
    """One upload of a window. Raises NotFound, for another window's too."""
    statement = select(FootageUpload).where(FootageUpload.id == upload_id, FootageUpload.window_id == window.id)
    if lock:
        statement = statement.with_for_update(of=FootageUpload).execution_options(populate_existing=True)
    found = session.scalars(statement).one_or_none()
    if found is None:
        raise NotFound()
    return found


def uploads_of(session: Session, request_id: UUID) -> Sequence[tuple[FootageUpload, StoredFile | None, bool]]:
    """A request's uploads that were not dropped, with what is kept of each and whether it is entered as a file."""
    entered = select(FootageItem.stored_file_id).where(
        FootageItem.request_id == request_id, FootageItem.stored_file_id.is_not(None)
    )
    rows = session.execute(
        select(FootageUpload, StoredFile, FootageUpload.stored_file_id.in_(entered))
        .outerjoin(StoredFile, StoredFile.id == FootageUpload.stored_file_id)
        .where(FootageUpload.request_id == request_id, FootageUpload.dropped_at.is_(None))
        .order_by(FootageUpload.id)
    )
    return [(upload, stored, bool(there)) for upload, stored, there in rows]


def taken_of(session: Session, request_id: UUID) -> int:
    """How many bytes a request's uploads take, as claimed."""
    taken = select(func.coalesce(func.sum(FootageUpload.size), 0)).where(
        FootageUpload.request_id == request_id, FootageUpload.dropped_at.is_(None)
    )
    return int(session.scalar(taken) or 0)


def counted_in(session: Session, window_id: UUID, *, kept_only: bool = False) -> int:
    """How many files a window took or is taking; without `kept_only` those given up count as well."""
    statement = select(func.count()).select_from(FootageUpload).where(FootageUpload.window_id == window_id)
    if kept_only:
        statement = statement.where(FootageUpload.dropped_at.is_(None), FootageUpload.received == FootageUpload.size)
    return session.scalar(statement) or 0
