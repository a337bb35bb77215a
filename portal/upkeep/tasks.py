"""Jobs of this package."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.accounts.operations import notify_people, people_with
from portal.accounts.values import Role
from portal.core.outbox import TaskName
from portal.jobs import job
from portal.upkeep.models import PasswordCustody, WorkTicket
from portal.upkeep.queries.custody import open_handover

HEADS = (Role.UNIT_SECURITY_HEAD, Role.UNIT_APPROVER)


@job(TaskName.UPKEEP_NOTIFY)
def notify(session: Session, *, now: datetime, kind: str, row_id: str, occasion: str, **_: object) -> None:
    """Tell whoever is to sign next; never what stands in the book."""
    key = UUID(row_id)
    people: set[UUID] = set()
    if kind == "custody":
        custody = session.get(PasswordCustody, key)
        handover = open_handover(session, key)
        if custody is None or handover is None:
            return
        people = {handover.taker_id}
    elif kind == "ticket":
        ticket = session.get(WorkTicket, key)
        if ticket is None:
            return
        people = {ticket.asked_by, *people_with(session, HEADS, unit_id=ticket.unit_id)}
    notify_people(session, people=people, kind=f"upkeep.{kind}", subject_id=key, occasion=occasion, now=now)
