"""A ticket from hand to hand: asked for, decided by another, taken higher, carried out and signed for, verified."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from portal.accounts.permissions import Permission
from portal.accounts.values import Identity
from portal.audit.values import AuditTag
from portal.core.clock import city_day
from portal.core.errors import IllegalTransition, Invalid, NotAllowed, Problem
from portal.core.outbox import TaskName, enqueue
from portal.registry.models import Camera
from portal.upkeep import values
from portal.upkeep.models import TicketNumber, WorkTicket
from portal.upkeep.operations.deletion import medium_of, refuse_held, witnesses_for
from portal.upkeep.operations.writing import must_say, row_to_write, said, signing, unit_to_write
from portal.upkeep.queries.places import cameras_of, highest_post, systems_of
from portal.upkeep.queries.signers import signers_for
from portal.upkeep.states import TicketAction, TicketStatus, next_ticket_status
from portal.upkeep.values import BY_EXPERTS, CHANGES, TicketDraft, TicketKind


def ask(session: Session, *, actor: Identity, unit_id: UUID, draft: TicketDraft, now: datetime) -> WorkTicket:
    """Ask for a change of a parameter, or for a permission; nothing of it is allowed yet."""
    unit = unit_to_write(session, actor, unit_id, Permission.TICKET_ASK)
    texts = {"device": draft.device, "what": draft.what, "reason": draft.reason}
    if draft.kind in CHANGES:
        texts |= {"old_value": draft.old_value, "new_value": draft.new_value}
    must_say(**texts)
    problems = []
    if draft.ends_at <= draft.starts_at:
        problems.append(Problem("ends_at", "upkeep.ends_before"))
    if draft.ends_at <= now:
        # A ticket written afterwards would make every change a permitted one.
        problems.append(Problem("ends_at", "upkeep.hours_past"))
    if draft.system_id and draft.system_id not in dict(systems_of(session, unit.id)):
        problems.append(Problem("system_id", "upkeep.system_unknown"))
    copy_id = medium_of(session, unit.id, draft)
    camera = _camera(session, unit.id, draft.camera_id)
    if draft.camera_id and camera is None:
        problems.append(Problem("camera_id", "upkeep.camera_unknown"))
    if problems:
        raise Invalid(problems)
    ticket = WorkTicket(
        number=_take_number(session, city_day(now).year, draft.kind),
        unit_id=unit.id,
        district=unit.district,
        kind=draft.kind,
        system_id=camera.system_id if camera else draft.system_id,
        camera_id=draft.camera_id,
        copy_id=copy_id,
        starts_at=draft.starts_at,
        ends_at=draft.ends_at,
        asked_by=signing(actor),
        asked_by_name=actor.name,
        asked_at=now,
        **{
            name: getattr(draft, name).strip() for name in ("device", "what", "old_value", "new_value", "reason", "basis")
        },
    )  # fmt: skip
    refuse_held(session, ticket)
    session.add(ticket)
    _said(session, actor, ticket, values.TICKET_ASKED, reason=draft.reason, now=now)
    return ticket


def decide(
    session: Session, *, actor: Identity, ticket_id: UUID, seen_version: int, approve: bool, note: str, now: datetime
) -> WorkTicket:
    """Somebody else than who asked approves it or refuses it with the reason."""
    ticket = row_to_write(session, actor, WorkTicket, ticket_id, seen=seen_version, permission=Permission.TICKET_DECIDE)
    if signing(actor) == ticket.asked_by:
        raise IllegalTransition("upkeep.decides_own")
    if not approve:
        must_say(note=note)
    else:
        refuse_held(session, ticket)
        _refuse_over(ticket, now)
    action = TicketAction.APPROVE if approve else TicketAction.REFUSE
    ticket.status = next_ticket_status(TicketStatus(ticket.status), action)
    ticket.decided_by, ticket.decided_by_name, ticket.decided_at = actor.person_id, actor.name, now
    ticket.decision = note.strip()
    tag = values.TICKET_APPROVED if approve else values.TICKET_REFUSED
    return _said(session, actor, ticket, tag, reason=note, now=now)


def take_higher(
    session: Session, *, actor: Identity, ticket_id: UUID, seen_version: int, reason: str, now: datetime
) -> WorkTicket:
    """Who asked does not accept the refusal: the unit's highest authority decides (001 art. 8)."""
    ticket = row_to_write(session, actor, WorkTicket, ticket_id, seen=seen_version, permission=Permission.TICKET_ASK)
    if signing(actor) != ticket.asked_by:
        raise NotAllowed("upkeep.not_the_asker")
    must_say(reason=reason)
    ticket.status = next_ticket_status(TicketStatus(ticket.status), TicketAction.DISPUTE)
    ticket.dispute = reason.strip()
    return _said(session, actor, ticket, values.TICKET_DISPUTED, reason=reason, now=now)


def settle(
    session: Session, *, actor: Identity, ticket_id: UUID, seen_version: int, overrule: bool, note: str, now: datetime
) -> WorkTicket:
    """The holder of the unit's highest post ends the dispute; after that nobody reopens it."""
    ticket = row_to_write(session, actor, WorkTicket, ticket_id, seen=seen_version, permission=Permission.BOOK_READ)
    post = highest_post(ticket.unit, on=city_day(now))
    if not post or not actor.holds_post(post, unit_id=ticket.unit_id):
        raise NotAllowed("upkeep.not_the_highest")
    if signing(actor) in (ticket.asked_by, ticket.decided_by):
        raise IllegalTransition("upkeep.settles_own")
    must_say(note=note)
    if overrule:
        _refuse_over(ticket, now)
    action = TicketAction.OVERRULE if overrule else TicketAction.UPHOLD
    ticket.status = next_ticket_status(TicketStatus(ticket.status), action)
    ticket.settled_by, ticket.settled_by_name, ticket.settled_at = actor.person_id, actor.name, now
    ticket.settlement = note.strip()
    tag = values.TICKET_OVERRULED if overrule else values.TICKET_UPHELD
    return _said(session, actor, ticket, tag, reason=note, now=now)


def carry_out(
    session: Session, *, actor: Identity, ticket_id: UUID, seen_version: int, signer: str, note: str, now: datetime
) -> WorkTicket:
    """It was done, or the state restored. A change of settings is signed for by somebody entitled to it today."""
    ticket = row_to_write(session, actor, WorkTicket, ticket_id, seen=seen_version, permission=Permission.TICKET_ASK)
    status = next_ticket_status(TicketStatus(ticket.status), TicketAction.DO)
    if now < ticket.starts_at:
        raise IllegalTransition("upkeep.not_yet")
    must_say(note=note)
    if ticket.copy_id is not None:
        raise IllegalTransition("upkeep.at_the_medium")
    refuse_held(session, ticket)
    if ticket.kind == TicketKind.DELETION:
        stood_by = next(
            (one for one in witnesses_for(session, ticket, actor.person_id, now=now) if one.key == signer), None
        )
        if stood_by is None:
            raise Invalid([Problem("signer", "upkeep.witness_needed")])
        ticket.signer_name = stood_by.name
    if ticket.kind in BY_EXPERTS:
        signed = next((one for one in signers_for(session, ticket, on=city_day(now)) if one.key == signer), None)
        if signed is None:
            raise Invalid([Problem("signer", "upkeep.signer_needed")])
        ticket.signer_name, ticket.signer_firm, ticket.signer_entitled = signed.name, signed.firm, signed.entitled
    ticket.status = status
    ticket.done_by, ticket.done_by_name, ticket.done_at = signing(actor), actor.name, now
    ticket.done_note = note.strip()
    return _said(session, actor, ticket, values.TICKET_DONE, reason=note, now=now)


def verify(
    session: Session, *, actor: Identity, ticket_id: UUID, seen_version: int, note: str, now: datetime
) -> WorkTicket:
    """Somebody else than who recorded the work has looked: it is as the ticket says, or everything is as before."""
    ticket = row_to_write(session, actor, WorkTicket, ticket_id, seen=seen_version, permission=Permission.TICKET_DECIDE)
    if signing(actor) == ticket.done_by:
        raise IllegalTransition("upkeep.verifies_own")
    must_say(note=note)
    ticket.status = next_ticket_status(TicketStatus(ticket.status), TicketAction.VERIFY)
    ticket.verified_by, ticket.verified_by_name, ticket.verified_at = actor.person_id, actor.name, now
    ticket.verification = note.strip()
    return _said(session, actor, ticket, values.TICKET_VERIFIED, reason=note, now=now)


def withdraw(
    session: Session, *, actor: Identity, ticket_id: UUID, seen_version: int, reason: str, now: datetime
) -> WorkTicket:
    """Who asked needs it no longer, and nothing was done."""
    ticket = row_to_write(session, actor, WorkTicket, ticket_id, seen=seen_version, permission=Permission.TICKET_ASK)
    if signing(actor) != ticket.asked_by:
        raise NotAllowed("upkeep.not_the_asker")
    must_say(reason=reason)
    ticket.status = next_ticket_status(TicketStatus(ticket.status), TicketAction.WITHDRAW)
    return _said(session, actor, ticket, values.TICKET_WITHDRAWN, reason=reason, now=now)


def _refuse_over(ticket: WorkTicket, now: datetime) -> None:
    """What was to be done in hours that are past is not allowed afterwards; it is asked for anew."""
    if ticket.ends_at <= now:
        raise IllegalTransition("upkeep.hours_over", ended=ticket.ends_at)


def _camera(session: Session, unit_id: UUID, camera_id: UUID | None) -> Camera | None:
    if camera_id is None or camera_id not in dict(cameras_of(session, unit_id)):
        return None
    return session.get(Camera, camera_id)


def _take_number(session: Session, year: int, kind: TicketKind) -> str:
    """The next number of the year; the row stays locked until the transaction ends, so that none is skipped."""
    statement = insert(TicketNumber).values(year=year, last=1)
    taken = session.scalar(
        statement.on_conflict_do_update(
            index_elements=[TicketNumber.year], set_={"last": TicketNumber.last + 1}
        ).returning(TicketNumber.last)
    )
    return f"{'参更' if kind in CHANGES else '事准'}〔{year}〕{taken}号"


def _said(
    session: Session, actor: Identity, ticket: WorkTicket, tag: AuditTag, *, reason: str, now: datetime
) -> WorkTicket:
    said(session, actor, ticket, tag, ticket.number, now=now, reason=reason, status=ticket.status)
    occasion = f"{ticket.status}:{ticket.version}"
    enqueue(
        session, TaskName.UPKEEP_NOTIFY, dedupe=f"ticket:{ticket.id}:{occasion}", kind="ticket", row_id=ticket.id,
        occasion=occasion,
    )  # fmt: skip
    return ticket
