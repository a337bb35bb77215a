"""Jobs of this package."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.accounts.operations import notify_people, people_with
from portal.accounts.values import Role, system_identity
from portal.core.db import Database
from portal.core.outbox import TaskName
from portal.jobs import job
from portal.mandates import labels  # noqa: F401 - the words of its list, for files that a worker writes
from portal.mandates.models import InstallOrder, OwnerComplaint
from portal.mandates.operations import lists, orders
from portal.mandates.queries import listing  # noqa: F401 - its list, for the same

UNIT = (Role.UNIT_FILER, Role.UNIT_SECURITY_HEAD)
SETTLER = system_identity("mandates")


@job(TaskName.MANDATES_READ_LIST, holds_transaction=False)
def read_list(database: Database, *, now: datetime, source_id: str, **_: object) -> None:
    """Read a source list and load its good rows."""
    lists.read_list(database, source_id=UUID(source_id), now=now)


@job(TaskName.MANDATES_SUGGEST)
def suggest_matches(
    session: Session, *, now: datetime, source_id: str = "", mandated_id: str = "", **_: object
) -> None:
    """Suggest units for entries that have none."""
    lists.suggest_matches(
        session,
        source_id=UUID(source_id) if source_id else None,
        mandated_id=UUID(mandated_id) if mandated_id else None,
        now=now,
    )


@job(TaskName.MANDATES_SETTLE)
def settle_orders(session: Session, *, now: datetime, **_: object) -> None:
    """Close orders whose unit has filed by now."""
    orders.settle_orders(session, actor=SETTLER, now=now)


@job(TaskName.MANDATES_NOTIFY)
def notify(session: Session, *, now: datetime, kind: str, subject_id: str, **_: object) -> None:
    """Tell those whom an order or a complaint concerns how it stands now."""
    key = UUID(subject_id)
    if kind == "order":
        order = session.get(InstallOrder, key)
        if order is None or order.unit_id is None:
            return
        people, occasion = people_with(session, UNIT, unit_id=order.unit_id), f"{order.status}:{order.version}"
    else:
        complaint = session.get(OwnerComplaint, key)
        if complaint is None:
            return
        people = people_with(session, (*UNIT, Role.UNIT_APPROVER), unit_id=complaint.unit_id)
        people += people_with(session, (Role.AUDITOR,))
        occasion = f"{complaint.status}:{complaint.version}"
    notify_people(session, people=people, kind=f"mandates.{kind}", subject_id=key, occasion=occasion, now=now)
