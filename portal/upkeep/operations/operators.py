"""The list of operators: appointed, trained and pledged, struck off."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.accounts.permissions import Permission
from portal.accounts.values import Identity
from portal.core.clock import city_day
from portal.core.db import told_apart
from portal.core.errors import IllegalTransition, Invalid, Problem
from portal.registry.models import Operator
from portal.upkeep import values
from portal.upkeep.operations.writing import must_say, named, not_ahead, row_to_write, said, signing, unit_to_write
from portal.upkeep.values import OperatorDraft

CLASH = {"uq_operator_listed": Problem("person_id", "upkeep.listed_already")}


def appoint(session: Session, *, actor: Identity, unit_id: UUID, draft: OperatorDraft, now: datetime) -> Operator:
    """Put somebody of the unit on the list, from the day of the appointment on."""
    unit = unit_to_write(session, actor, unit_id, Permission.BOOK_KEEP)
    if draft.person_id == signing(actor) and draft.professional:
        # The head of a small unit operates, too; but nobody makes themselves the professional who signs for changes.
        raise Invalid([Problem("professional", "upkeep.own_appointment")])
    not_ahead(now, appointed_on=draft.appointed_on, trained_on=draft.trained_on, pledged_on=draft.pledged_on)
    row = Operator(
        unit_id=unit.id,
        district=unit.district,
        person_id=draft.person_id,
        name=named(session, unit.id, draft.person_id, "person_id", today=city_day(now)),
        professional=draft.professional,
        appointed_on=draft.appointed_on,
        appointed_by_name=actor.name,
        entered_at=now,
        trained_on=draft.trained_on,
        pledged_on=draft.pledged_on,
    )
    with told_apart(session, CLASH):
        session.add(row)
        session.flush()
    said(session, actor, row, values.OPERATOR_APPOINTED, row.name, now=now, appointed_on=row.appointed_on)
    return row


def record_training(
    session: Session,
    *,
    actor: Identity,
    operator_id: UUID,
    seen_version: int,
    trained_on: date,
    pledged_on: date,
    now: datetime,
) -> Operator:
    """The operator was trained and has signed the pledge."""
    row = row_to_write(session, actor, Operator, operator_id, seen=seen_version, permission=Permission.BOOK_KEEP)
    _listed(row)
    not_ahead(now, trained_on=trained_on, pledged_on=pledged_on)
    row.trained_on, row.pledged_on = trained_on, pledged_on
    said(session, actor, row, values.OPERATOR_TRAINED, row.name, now=now, trained_on=trained_on, pledged_on=pledged_on)
    return row


def strike_off(
    session: Session, *, actor: Identity, operator_id: UUID, seen_version: int, reason: str, now: datetime
) -> Operator:
    """Off the list from today: this person opens and executes nothing any more."""
    row = row_to_write(session, actor, Operator, operator_id, seen=seen_version, permission=Permission.BOOK_KEEP)
    _listed(row)
    must_say(reason=reason)
    row.ended_on, row.ended_note = max(city_day(now), row.appointed_on), reason.strip()
    said(session, actor, row, values.OPERATOR_ENDED, row.name, now=now, reason=reason)
    return row


def _listed(row: Operator) -> None:
    if row.ended_on is not None:
        raise IllegalTransition("upkeep.struck_off")
