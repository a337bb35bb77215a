"""What an import leaves when it has long been over: what it came to, and nothing of its rows."""

from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from portal.registry.models import CameraImport, ImportFault, ImportRow
from portal.registry.states import ImportStatus

# A sheet that should not have come in is noticed when the quarter is gone over; until then it can be undone and its
# parked rows fetched. What people typed, telephone numbers too, lies no longer than that in two places.
KEPT = timedelta(days=90)
OVER = (ImportStatus.DONE, ImportStatus.FAILED, ImportStatus.CANCELLED, ImportStatus.UNDONE)


def tidy_import(session: Session, *, now: datetime) -> bool:
    """Forget the rows and faults of one import that has been over for long; whether there was one."""
    run = session.scalars(
        select(CameraImport)
        .where(CameraImport.finished_at < now - KEPT, CameraImport.tidied_at.is_(None), CameraImport.status.in_(OVER))
        .order_by(CameraImport.finished_at)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).one_or_none()
    if run is None:
        return False
    session.execute(delete(ImportRow).where(ImportRow.import_id == run.id))
    session.execute(delete(ImportFault).where(ImportFault.import_id == run.id))
    # The first rows as they were read, and what stood above them, are the sheet's too.
    run.head, run.preview, run.tidied_at = {}, [], now
    return True
