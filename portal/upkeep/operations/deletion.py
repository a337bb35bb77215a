"""Deletion by ticket only (RET-04): what a ticket must say, what forbids it, and how it is spent with a master."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.values import system_identity
from portal.core.clock import city_day
from portal.core.errors import IllegalTransition, Invalid, Problem
from portal.core.tickets import offer_tickets
from portal.upkeep import values
from portal.upkeep.models import WorkTicket
from portal.upkeep.operations.writing import said
from portal.upkeep.queries.deletion import is_held, master_named
from portal.upkeep.queries.places import people_of
from portal.upkeep.states import TicketAction, TicketStatus, next_ticket_status
from portal.upkeep.values import Signer, TicketDraft, TicketKind


def medium_of(session: Session, unit_id: UUID, draft: TicketDraft) -> UUID | None:
    """The master a deletion is about, by its serial, or nothing where it is about recordings on a device. Raises Invalid
    where it names neither, or rests on no law."""
    if draft.kind is not TicketKind.DELETION:
        return None
    problems = [] if draft.basis.strip() else [Problem("basis", "required")]
    copy_id = None if draft.camera_id or draft.system_id else master_named(session, unit_id, draft.device)
    if copy_id is None and not draft.camera_id and not draft.system_id:
        problems.append(Problem("device", "upkeep.nothing_to_delete"))
    if problems:
        raise Invalid(problems)
    return copy_id


def refuse_held(session: Session, ticket: WorkTicket) -> None:
    """Raise IllegalTransition while a preservation hold stands: at the asking, the approval and the deletion itself."""
    if ticket.kind == TicketKind.DELETION and is_held(
        session, ticket.unit_id, system_id=ticket.system_id, camera_id=ticket.camera_id, copy_id=ticket.copy_id
    ):
        raise IllegalTransition("upkeep.footage_held")


def witnesses_for(session: Session, ticket: WorkTicket, actor_id: UUID | None, *, now: datetime) -> list[Signer]:
    """Who may stand by while recordings are deleted on a device: people of the unit, but never who deletes."""
    return [
        Signer(key=f"person:{key}", name=name, firm="", entitled="")
        for key, name in people_of(session, ticket.unit_id, today=city_day(now))
        if key != actor_id
    ]


@offer_tickets
def spend(session: Session, *, unit_id: UUID, number: str, subject_kind: str, subject_id: UUID, now: datetime) -> bool:
    """Take a granted ticket for exactly this medium, within its hours and with no hold on it; it is carried out then."""
    if subject_kind != "footage_copy":
        return False
    ticket = session.scalars(
        select(WorkTicket)
        .where(
            WorkTicket.unit_id == unit_id,
            WorkTicket.number == number,
            WorkTicket.kind == TicketKind.DELETION,
            WorkTicket.copy_id == subject_id,
            WorkTicket.status == TicketStatus.APPROVED,
            WorkTicket.starts_at <= now,
            WorkTicket.ends_at >= now,
        )
        .with_for_update()
    ).one_or_none()
    if ticket is None:
        return False
    refuse_held(session, ticket)
    ticket.status = next_ticket_status(TicketStatus(ticket.status), TicketAction.DO)
    ticket.done_at, ticket.done_note = now, ticket.device
    said(session, system_identity("upkeep"), ticket, values.TICKET_DONE, ticket.number, now=now, status=ticket.status)
    return True
