"""Who answers for a system, for how long, and whom to ring: recorded, ended, struck out."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.permissions import Permission
from portal.accounts.policy import require
from portal.accounts.values import Identity
from portal.audit.operations import record_and_seal, speak_for
from portal.audit.values import FieldChange, SubjectRef
from portal.core.clock import city_day
from portal.core.codes import masked_phone, phone_problem
from portal.core.crypto import row_context
from portal.core.db import told_apart
from portal.core.errors import Invalid, NotFound, Problem
from portal.core.lifecycle import unchanged
from portal.core.services import services
from portal.registry import values
from portal.registry.models import System, SystemContact, SystemParty
from portal.registry.operations.acts import placed, put, system_to_change
from portal.registry.operations.changes import run_change_clock
from portal.registry.operations.recording import note
from portal.registry.queries import get_system, is_filed, system_scope
from portal.registry.rules.changes import system_changes
from portal.registry.rules.parties import gives_way, holders, party_problems
from portal.registry.values import PartyRole, archive
from portal.registry.values.archive import ContactParticulars, PartyParticulars

FIELDS = ("name", "uscc", "responsible", "valid_from", "valid_to", "note")
CLASH = {"ex_system_party_one_at_a_time": Problem("valid_from", "party_overlaps")}
FIRST, SECOND = 1, 2


def add_party(
    session: Session,
    *,
    actor: Identity,
    system_id: UUID,
    role: PartyRole,
    particulars: PartyParticulars,
    reason: str = "",
    now: datetime,
) -> SystemParty:
    """Record a party from a day on. Who held the role without an end gives it up the day before.

    Raises Invalid when the days overlap somebody else's in the same role; the database sees to it, too.
    """
    system = system_to_change(session, actor, system_id)
    _check(session, actor, system, particulars, role=role, reason=reason)
    for earlier in system.parties:
        if earlier.role == role and particulars.valid_from and gives_way(earlier, particulars):
            earlier.valid_to = particulars.valid_from - timedelta(days=1)
    # Written first: of one flush, the new row would come before the end of the old one.
    session.flush()
    party = SystemParty(system_id=system.id, role=role, **placed(system))
    changes = put(party, particulars, FIELDS)
    with told_apart(session, CLASH):
        system.parties.append(party)
    _name_now(session, system, now)
    note(session, actor, archive.PARTY_SET, _subject(party), system, changes=changes, reason=reason, now=now)
    return party


def edit_party(
    session: Session,
    *,
    actor: Identity,
    system_id: UUID,
    party_id: UUID,
    seen_version: int,
    particulars: PartyParticulars,
    reason: str = "",
    now: datetime,
) -> SystemParty:
    """Correct a party, or end it. Raises Stale, Invalid or NotFound."""
    system = system_to_change(session, actor, system_id)
    party = _party(system, party_id)
    unchanged(party, seen_version)
    _check(session, actor, system, particulars, role=PartyRole(party.role), party_id=party_id, reason=reason)
    with told_apart(session, CLASH), session.no_autoflush:
        changes = put(party, particulars, FIELDS)
    _name_now(session, system, now)
    note(session, actor, archive.PARTY_SET, _subject(party), system, changes=changes, reason=reason, now=now)
    return party


def remove_party(
    session: Session,
    *,
    actor: Identity,
    system_id: UUID,
    party_id: UUID,
    seen_version: int,
    reason: str,
    now: datetime,
) -> None:
    """Strike out a party that never was one; the record keeps that it was entered, and why it went."""
    system = system_to_change(session, actor, system_id, reason=reason)
    party = _party(system, party_id)
    unchanged(party, seen_version)
    if not reason.strip():
        raise Invalid([Problem("reason", "required")])
    subject = _subject(party)
    system.parties.remove(party)
    _name_now(session, system, now)
    changes = [FieldChange(name="name", old=party.name)]
    note(session, actor, archive.PARTY_REMOVED, subject, system, changes=changes, reason=reason, now=now)


def name_parties(system: System, named: Mapping[PartyRole, str], *, on: date) -> list[SystemParty]:
    """Let these hold their roles from a day on; who holds one under the same name goes on. Gives who was ended, whose
    rows must be written before the new ones."""
    present = holders(system.parties, on=on) if system.id else {}
    ended = []
    for role, name in named.items():
        holder = present.get(role)
        if not name or (holder is not None and holder.name == name):
            continue
        if holder is not None and holder.valid_from == on:
            holder.name, holder.uscc = name, None
            continue
        if holder is not None:
            holder.valid_to = on - timedelta(days=1)
            ended.append(holder)
        began = on if holder is not None else None
        system.parties.append(SystemParty(role=role, name=name, valid_from=began, **placed(system)))
    system.party_names = {role: party.name for role, party in holders(system.parties, on=on).items()}
    return ended


def set_contacts(
    session: Session,
    *,
    actor: Identity,
    system_id: UUID,
    contacts: Sequence[ContactParticulars | None],
    now: datetime,
) -> None:
    """Record whom to ring first and who stands in; nobody takes one away. A number left empty stays as it is.

    Raises Invalid at the numbers that are none.
    """
    system = system_to_change(session, actor, system_id)
    kept = {row.place: row for row in contacts_of(session, system.id)}
    problems = [
        Problem(f"phone{place}", fault.code, dict(fault.data))
        for place, given in enumerate(contacts, FIRST)
        if given and given.phone and (fault := phone_problem(given.phone))
    ]
    problems += [
        Problem(f"phone{place}", "required")
        for place, given in enumerate(contacts, FIRST)
        if given and not given.phone and place not in kept
    ]
    if problems:
        raise Invalid(problems)
    changes = []
    for place, given in enumerate(contacts, FIRST):
        row = kept.get(place)
        if given is None:
            if row is not None:
                session.delete(row)
                changes.append(FieldChange(name=f"contact{place}", old=row.name))
            continue
        if row is None:
            row = SystemContact(system_id=system.id, place=place, **placed(system))
            session.add(row)
        changes += put(row, given, ("name", "post", "round_the_clock"))
        row.updated_at = now
        if given.phone:
            context = row_context("system_contact", "phone_sealed", f"{system.id}:{place}")
            row.phone_sealed = services(session).envelope.seal(given.phone.encode(), context=context)
            row.phone_masked = masked_phone(given.phone)
            changes.append(FieldChange(name=f"phone{place}", new=given.phone, sensitive=True))
    subject = SubjectRef("system", system.id, system.name)
    note(session, actor, archive.CONTACT_SET, subject, system, changes=changes, now=now)


def contacts_of(session: Session, system_id: UUID) -> Sequence[SystemContact]:
    """Whom to ring about a system, in their order."""
    statement = select(SystemContact).where(SystemContact.system_id == system_id).order_by(SystemContact.place)
    return session.scalars(statement).all()


def reveal_contact(session: Session, *, actor: Identity, system_id: UUID, place: int, now: datetime) -> str:
    """The full number of a contact; the look stands sealed before it is opened. Raises NotFound when there is none."""
    system = get_system(session, actor, system_id)
    require(actor, Permission.CONTACT_REVEAL, system_scope(system), read=Permission.SYSTEM_READ)
    row = session.get(SystemContact, (system_id, place))
    if row is None:
        raise NotFound()
    record_and_seal(
        session,
        actor=actor.actor,
        tag=values.CONTACT_REVEALED,
        subject=SubjectRef("system", system.id, system.name),
        unit_id=system.unit_id,
        district=system.district,
        now=now,
    )
    context = row_context("system_contact", "phone_sealed", f"{system.id}:{place}")
    return services(session).envelope.open(row.phone_sealed, context=context).decode()


def _party(system: System, party_id: UUID) -> SystemParty:
    for party in system.parties:
        if party.id == party_id:
            return party
    raise NotFound()


def _subject(party: SystemParty) -> SubjectRef:
    return SubjectRef("system_party", party.id, party.name)


def _check(
    session: Session,
    actor: Identity,
    system: System,
    particulars: PartyParticulars,
    *,
    role: PartyRole,
    party_id: UUID | None = None,
    reason: str,
) -> None:
    filed = is_filed(session, system_id=system.id)
    problems = party_problems(particulars, system.parties, role=role, party_id=party_id, reason=reason, filed=filed)
    if problems:
        raise Invalid(problems)
    speak_for(session, actor.actor, reason)


def days_in_order(each: object) -> list[Problem]:
    """The fault of a period that ends before it begins."""
    start, end = getattr(each, "valid_from", None), getattr(each, "valid_to", None)
    return [Problem("valid_to", "period_backwards")] if start and end and end < start else []


def _name_now(session: Session, system: System, now: datetime) -> None:
    """Who holds the roles today stands with the system, so that its history tells; who is another now was filed."""
    before = dict(system.party_names)
    system.party_names = {role: party.name for role, party in holders(system.parties, on=city_day(now)).items()}
    system.updated_at = now
    roles = {*before, *system.party_names}
    pairs = {f"party_{role}": (before.get(role), system.party_names.get(role)) for role in sorted(roles)}
    run_change_clock(session, system, system_changes(pairs), now=now)
