"""Entries of the register: added, changed, struck off, matched to units by a person."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, select, update
from sqlalchemy.orm import Session, joinedload

from portal.accounts.permissions import Permission
from portal.accounts.policy import allows, require
from portal.accounts.values import Identity, Scope
from portal.audit.values import FieldChange
from portal.core.clock import city_day
from portal.core.db import told_apart
from portal.core.errors import IllegalTransition, Invalid, NotFound, Problem
from portal.core.geometry import point, to_element
from portal.core.lifecycle import unchanged
from portal.core.outbox import TaskName, enqueue
from portal.mandates import values
from portal.mandates.models import InstallOrder, MandatedUnit, MandateMatch, PartCover
from portal.mandates.queries.dictionary import dictionary
from portal.mandates.queries.register import entry_scope, lock_entry, matches_visible_to, unit_named
from portal.mandates.states import OPEN_ORDERS, MatchStatus
from portal.mandates.values import EntryDraft, MatchMethod
from portal.registry.models import Unit
from portal.registry.operations.recording import about, note
from portal.registry.queries import unit_scope

TAKEN = {"uq_mandated_unit_code_name": Problem("uscc", "mandated_already")}
_PLAIN = ("name", "uscc", "address", "district", "category", "unit_type", "industry")


def add_entry(session: Session, *, actor: Identity, draft: EntryDraft, now: datetime) -> MandatedUnit:
    """Enter a place that must install. Raises Invalid for an unknown category or one that is there already."""
    require(actor, Permission.MANDATE_EDIT, Scope(districts=frozenset({draft.district})))
    _known_category(session, draft, now)
    entry = MandatedUnit(created_at=now, updated_at=now, **{name: getattr(draft, name) for name in _PLAIN})
    entry.position = to_element(point(*draft.position)) if draft.position else None
    with told_apart(session, TAKEN):
        session.add(entry)
    note(session, actor, values.ENTRY_ADDED, about(entry, entry.name), entry, now=now)
    _suggest_for(session, entry, occasion="added")
    return entry


def edit_entry(
    session: Session, *, actor: Identity, mandated_id: UUID, seen_version: int, draft: EntryDraft, now: datetime
) -> MandatedUnit:
    """Put an entry right. Raises Stale, Invalid or NotFound."""
    entry = lock_entry(session, mandated_id)
    require(actor, Permission.MANDATE_EDIT, entry_scope(entry), read=Permission.MANDATE_READ)
    require(actor, Permission.MANDATE_EDIT, Scope(districts=frozenset({draft.district})))
    unchanged(entry, seen_version)
    _known_category(session, draft, now)
    changes = [
        FieldChange(name=name, old=getattr(entry, name), new=getattr(draft, name))
        for name in _PLAIN
        if getattr(entry, name) != getattr(draft, name)
    ]
    with told_apart(session, TAKEN):
        for name in _PLAIN:
            setattr(entry, name, getattr(draft, name))
        if draft.position:
            entry.position = to_element(point(*draft.position))
        entry.updated_at = now
    if changes or draft.position:
        # What was suggested for the place as it read before: another code, another district's people to decide.
        session.execute(delete(MandateMatch).where(_waiting_for(entry)))
        _follow(session, entry)
    note(session, actor, values.ENTRY_CHANGED, about(entry, entry.name), entry, changes=changes, now=now)
    _suggest_for(session, entry, occasion=f"changed:{entry.version}")
    return entry


def _known_category(session: Session, draft: EntryDraft, now: datetime) -> None:
    if draft.category not in dictionary(session, on=city_day(now)):
        raise Invalid([Problem("category", "category_unknown")])


def _suggest_for(session: Session, entry: MandatedUnit, *, occasion: str) -> None:
    if entry.unit_id is None and entry.struck_at is None:
        enqueue(session, TaskName.MANDATES_SUGGEST, dedupe=f"suggest:{entry.id}:{occasion}", mandated_id=entry.id)


def strike_entry(
    session: Session, *, actor: Identity, mandated_id: UUID, seen_version: int, reason: str, now: datetime
) -> MandatedUnit:
    """Take a place off the register: closed down, or it never had to install. Raises where an order is open."""
    entry = lock_entry(session, mandated_id)
    require(actor, Permission.MANDATE_EDIT, entry_scope(entry), read=Permission.MANDATE_READ)
    unchanged(entry, seen_version)
    if not reason.strip():
        raise Invalid([Problem("reason", "required")])
    if entry.struck_at is not None or _under_order(session, entry.id):
        raise IllegalTransition("strike_under_order" if entry.struck_at is None else "illegal_transition")
    entry.struck_at, entry.struck_reason = now, reason.strip()
    session.execute(
        update(MandateMatch)
        .where(_waiting_for(entry))
        .values(status=MatchStatus.DISMISSED, decided_by_name=actor.name, decided_at=now)
    )
    note(session, actor, values.ENTRY_STRUCK, about(entry, entry.name), entry, reason=reason, now=now)
    return entry


def _waiting_for(entry: MandatedUnit) -> ColumnElement[bool]:
    return and_(MandateMatch.mandated_id == entry.id, MandateMatch.status == MatchStatus.OPEN)


def _under_order(session: Session, mandated_id: UUID) -> bool:
    found = select(InstallOrder.id).where(InstallOrder.mandated_id == mandated_id, InstallOrder.status.in_(OPEN_ORDERS))
    return session.scalar(found) is not None


def match_by_code(session: Session, *, actor: Identity, mandated_id: UUID, uscc: str, now: datetime) -> MandatedUnit:
    """Match an entry to the unit of a code that a person typed. Raises Invalid where the reader knows no such unit."""
    entry = lock_entry(session, mandated_id)
    require(actor, Permission.MANDATE_EDIT, entry_scope(entry), read=Permission.MANDATE_READ)
    unit = unit_named(session, actor, uscc.strip().upper())
    if unit is None:
        raise Invalid([Problem("uscc", "unit_unknown")])
    require(actor, Permission.UNIT_READ, unit_scope(unit))
    return _match(session, actor, entry, unit, MatchMethod.PERSON, now=now)


def undo_match(session: Session, *, actor: Identity, mandated_id: UUID, reason: str, now: datetime) -> MandatedUnit:
    """The entry was another unit after all."""
    entry = lock_entry(session, mandated_id)
    require(actor, Permission.MANDATE_EDIT, entry_scope(entry), read=Permission.MANDATE_READ)
    if entry.unit_id is None:
        raise IllegalTransition("illegal_transition")
    if not reason.strip():
        raise Invalid([Problem("reason", "required")])
    unit_id = entry.unit_id
    entry.unit_id = entry.matched_how = entry.matched_at = None
    entry.matched_by_name, entry.updated_at = "", now
    # What covers the parts was said of the other unit's cameras.
    session.execute(delete(PartCover).where(PartCover.mandated_id == entry.id))
    _follow(session, entry)
    session.execute(
        update(MandateMatch)
        .where(MandateMatch.mandated_id == entry.id, MandateMatch.unit_id == unit_id)
        .values(status=MatchStatus.DISMISSED, decided_by_name=actor.name, decided_at=now)
    )
    note(session, actor, values.ENTRY_PARTED, about(entry, entry.name), entry, reason=reason, now=now)
    return entry


def decide_match(session: Session, *, actor: Identity, match_id: UUID, confirmed: bool, now: datetime) -> MandateMatch:
    """A person says whether a suggested unit is the place."""
    match = session.get(MandateMatch, match_id)
    if match is None:
        raise NotFound()
    # The entry is locked before its suggestions, here as everywhere: who strikes it off meanwhile waits, or is waited for.
    entry = lock_entry(session, match.mandated_id)
    require(actor, Permission.MANDATE_EDIT, entry_scope(entry), read=Permission.MANDATE_READ)
    match = session.get(MandateMatch, match_id, populate_existing=True, options=[joinedload(MandateMatch.unit)])
    if match is None:
        raise NotFound()
    if match.status != MatchStatus.OPEN:
        raise IllegalTransition("illegal_transition")
    if confirmed:
        how = MatchMethod.CODE if match.by_code else MatchMethod.NAME
        _match(session, actor, entry, match.unit, how, now=now)
        session.refresh(match, ["status", "decided_at", "decided_by_name"])
    else:
        match.status, match.decided_by_name, match.decided_at = MatchStatus.DISMISSED, actor.name, now
        note(session, actor, values.MATCH_DISMISSED, about(entry, entry.name), entry, now=now)
    return match


def confirm_equal_codes(session: Session, *, actor: Identity, limit: int, now: datetime) -> int:
    """Confirm every waiting suggestion whose code is the same; how many there were. What became another place, or was
    matched or struck off meanwhile, is passed over."""
    require(actor, Permission.MANDATE_EDIT)
    waiting = session.scalars(
        matches_visible_to(actor)
        .where(MandateMatch.by_code)
        .options(joinedload(MandateMatch.unit))
        .order_by(MandateMatch.mandated_id, MandateMatch.id)
        .limit(limit)
    ).all()
    confirmed = 0
    for match in waiting:
        entry = lock_entry(session, match.mandated_id)
        free = entry.unit_id is None and entry.struck_at is None and entry.uscc == match.unit.uscc
        if free and allows(actor, Permission.MANDATE_EDIT, entry_scope(entry)):
            _match(session, actor, entry, match.unit, MatchMethod.CODE, now=now)
            confirmed += 1
    return confirmed


def _match(
    session: Session, actor: Identity, entry: MandatedUnit, unit: Unit, how: MatchMethod, *, now: datetime
) -> MandatedUnit:
    if entry.struck_at is not None or entry.unit_id is not None:
        raise IllegalTransition("illegal_transition")
    entry.unit_id, entry.matched_how = unit.id, how
    entry.matched_by_name, entry.matched_at, entry.updated_at = actor.name, now, now
    _follow(session, entry)
    mine = update(MandateMatch).where(_waiting_for(entry))
    decided = {"decided_by_name": actor.name, "decided_at": now}
    session.execute(mine.where(MandateMatch.unit_id == unit.id).values(status=MatchStatus.CONFIRMED, **decided))
    session.execute(mine.where(MandateMatch.unit_id != unit.id).values(status=MatchStatus.DISMISSED, **decided))
    changes = [FieldChange(name="unit", new=unit.name), FieldChange(name="how", new=str(how))]
    note(session, actor, values.ENTRY_MATCHED, about(entry, entry.name), entry, changes=changes, now=now)
    return entry


def _follow(session: Session, entry: MandatedUnit) -> None:
    """Who sees an order or a covered part follows the place: its unit, and its district."""
    session.flush()
    session.execute(
        update(InstallOrder)
        .where(InstallOrder.mandated_id == entry.id, InstallOrder.status.in_(OPEN_ORDERS))
        .values(unit_id=entry.unit_id, district=entry.district)
    )
    session.execute(
        update(PartCover)
        .where(PartCover.mandated_id == entry.id)
        .values(unit_id=entry.unit_id, district=entry.district)
    )
