"""Reading the back-ups of the duty side."""

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from portal.accounts.permissions import Permission
from portal.accounts.policy import visibility
from portal.accounts.queries import visible
from portal.accounts.values import Identity
from portal.core.errors import NotFound
from portal.core.paging import COUNT_CAP, PAGE_SIZE, Page, encode_cursor, last_seen
from portal.evidence.models.backups import DutyBackup


def backup_page(session: Session, identity: Identity, *, after: str = "", size: int = PAGE_SIZE) -> Page[DutyBackup]:
    """Back-ups of the units in reach, the newest first."""
    where = visible(visibility(identity, Permission.LEDGER_READ), unit=DutyBackup.unit_id)
    count = session.scalar(
        select(func.count()).select_from(select(DutyBackup.id).where(where).limit(COUNT_CAP + 1).subquery())
    )
    statement = select(DutyBackup).options(joinedload(DutyBackup.unit)).where(where)
    if after:
        statement = statement.where(DutyBackup.id < last_seen(after))
    rows = session.scalars(statement.order_by(DutyBackup.id.desc()).limit(size + 1)).all()
    more = len(rows) > size
    return Page(
        items=list(rows[:size]),
        next_cursor=encode_cursor([str(rows[size - 1].id)]) if more else None,
        total=min(count or 0, COUNT_CAP),
        total_capped=(count or 0) > COUNT_CAP,
    )


def lock_backup(session: Session, identity: Identity, backup_id: UUID) -> DutyBackup:
    """One back-up under lock. Raises NotFound for one out of reach."""
    where = visible(visibility(identity, Permission.REQUEST_ACKNOWLEDGE), unit=DutyBackup.unit_id)
    found = session.scalars(
        select(DutyBackup)
        .where(DutyBackup.id == backup_id, where)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise NotFound()
    return found
