"""The map's jobs."""

from datetime import datetime

from sqlalchemy.orm import Session

from portal.core.outbox import TaskName
from portal.jobs import job
from portal.maps import operations


@job(TaskName.MAPS_FOLD)
def fold_changes(session: Session, *, now: datetime, **_: object) -> None:  # noqa: ARG001
    """Fold changes of cameras into the count pyramid."""
    operations.fold_changes(session)


@job(TaskName.MAPS_REBUILD_PYRAMID)
def rebuild_pyramid(session: Session, *, now: datetime, **_: object) -> None:  # noqa: ARG001
    """Count the pyramid anew (after a bulk load, or when a check found a wrong cell)."""
    operations.rebuild(session)
