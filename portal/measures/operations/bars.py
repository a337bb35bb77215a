"""Recording that the list of who may be commended was taken out."""

from datetime import datetime

from sqlalchemy.orm import Session

from portal.accounts.permissions import Permission
from portal.accounts.policy import require
from portal.accounts.values import Identity
from portal.audit.operations import record
from portal.audit.values import FieldChange, SubjectRef
from portal.core.errors import Invalid, Problem
from portal.measures.queries.bars import CommendationFilter
from portal.measures.values import COMMENDATIONS_TAKEN

MOST_ROWS = 50_000


def note_commendations(
    session: Session, *, actor: Identity, wanted: CommendationFilter, rows: int, reason: str, now: datetime
) -> None:
    """Record what was taken out, how much and why. Raises Invalid for more rows than a sheet should hold."""
    require(actor, Permission.LIST_EXPORT)
    require(actor, Permission.COMMENDATION_READ)
    if rows > MOST_ROWS:
        raise Invalid([Problem("purpose", "export_too_long", {"most": MOST_ROWS})])
    record(
        session,
        actor=actor.actor,
        tag=COMMENDATIONS_TAKEN,
        subject=SubjectRef("list", None, "commendation"),
        reason=reason.strip(),
        changes=[
            FieldChange(name="year", new=wanted.year),
            FieldChange(name="barred", new=wanted.barred),
            FieldChange(name="district", new=wanted.district),
            FieldChange(name="rows", new=rows),
        ],
        now=now,
    )
