"""Jobs of the registry."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.operations import notify_people, people_with
from portal.accounts.values import Role
from portal.core.clock import city_day
from portal.core.db import Database
from portal.core.outbox import TaskName
from portal.jobs import job
from portal.registry import operations
from portal.registry.models import Filing
from portal.registry.queries.filings import OPEN

REMIND_BEFORE = timedelta(days=5)
FILERS = (Role.UNIT_FILER, Role.UNIT_SECURITY_HEAD)


@job(TaskName.REGISTRY_NOTIFY)
def notify(session: Session, *, now: datetime, filing_id: str, **_: object) -> None:
    """Tell the unit that its filing is decided."""
    filing = session.get(Filing, UUID(filing_id))
    if filing is None:
        return
    notify_people(
        session,
        people=people_with(session, FILERS, unit_id=filing.unit_id),
        kind="registry.filing",
        subject_id=filing.id,
        occasion=f"{filing.status}:{filing.revision}",
        now=now,
    )


@job(TaskName.REGISTRY_REMIND_DEADLINES)
def remind_deadlines(session: Session, *, now: datetime, **_: object) -> None:
    """Remind units of filings that fall due within days; each day's reminder once."""
    today = city_day(now)
    due = session.scalars(
        select(Filing).where(Filing.status.in_(OPEN), Filing.due_on.between(today, today + REMIND_BEFORE))
    )
    for filing in due:
        notify_people(
            session,
            people=people_with(session, FILERS, unit_id=filing.unit_id),
            kind="registry.filing",
            subject_id=filing.id,
            occasion=f"due:{filing.due_on}",
            now=now,
        )


@job(TaskName.REGISTRY_RECHECK_CAMERAS, holds_transaction=False)
def recheck_cameras(
    database: Database, *, now: datetime, unit_id: str | None = None, system_id: str | None = None, **_: object
) -> None:
    """Judge the files of all cameras, or of a unit's or system's."""
    operations.recheck_all(
        database,
        now=now,
        unit_id=UUID(unit_id) if unit_id else None,
        system_id=UUID(system_id) if system_id else None,
    )


@job(TaskName.REGISTRY_IMPORT_CAMERAS, holds_transaction=False)
def import_cameras(database: Database, *, now: datetime, import_id: str, actor_name: str, **_: object) -> None:
    """Read, check and load a sheet of cameras."""
    operations.run_import(database, import_id=UUID(import_id), actor_name=actor_name, now=now)
