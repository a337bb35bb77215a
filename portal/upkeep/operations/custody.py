"""Keeping a password: entered, changed in time, handed from one person to another with both signatures, ended."""

from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from portal.accounts.permissions import Permission
from portal.accounts.policy import allows
from portal.accounts.values import Identity
from portal.core.clock import city_day
from portal.core.errors import Invalid, NotAllowed, Problem
from portal.core.outbox import TaskName, enqueue
from portal.registry.models import Unit
from portal.registry.rules import rules_for
from portal.regulation.schema.keys import RuleKey
from portal.upkeep import values
from portal.upkeep.models import CustodyHandover, PasswordCustody
from portal.upkeep.operations.writing import must_say, named, not_ahead, row_to_write, said, signing, unit_to_write
from portal.upkeep.queries.custody import has_left, open_handover
from portal.upkeep.queries.places import book_scope, systems_of
from portal.upkeep.states import CustodyAction, CustodyStatus, next_custody_status
from portal.upkeep.values import CustodyDraft


def enter_custody(
    session: Session, *, actor: Identity, unit_id: UUID, draft: CustodyDraft, now: datetime
) -> PasswordCustody:
    """Enter the password of a group of devices with its two keepers. The password itself has no place here."""
    unit = unit_to_write(session, actor, unit_id, Permission.BOOK_KEEP)
    today = city_day(now)
    must_say(scope=draft.scope, envelope_place=draft.envelope_place)
    not_ahead(now, since=draft.since, rotated_on=draft.rotated_on, envelope_on=draft.envelope_on)
    if draft.custodian_id == draft.second_id:
        raise Invalid([Problem("second_id", "upkeep.second_is_first")])
    if draft.envelope_on < draft.rotated_on:
        # An envelope sealed before the last change holds a password that opens nothing.
        raise Invalid([Problem("envelope_on", "upkeep.envelope_stale")])
    if draft.system_id and draft.system_id not in dict(systems_of(session, unit.id)):
        raise Invalid([Problem("system_id", "upkeep.system_unknown")])
    custody = PasswordCustody(
        unit_id=unit.id,
        district=unit.district,
        device_group=draft.group,
        scope=draft.scope.strip(),
        system_id=draft.system_id,
        custodian_id=draft.custodian_id,
        custodian_name=named(session, unit.id, draft.custodian_id, "custodian_id", today=today),
        second_id=draft.second_id,
        second_name=named(session, unit.id, draft.second_id, "second_id", today=today),
        since=draft.since,
        rotated_on=draft.rotated_on,
        due_on=_due(unit, draft.rotated_on),
        envelope_place=draft.envelope_place.strip(),
        envelope_on=draft.envelope_on,
        entered_by_name=actor.name,
        entered_at=now,
    )
    session.add(custody)
    said(session, actor, custody, values.CUSTODY_ENTERED, custody.scope, now=now, custodian=custody.custodian_name)
    return custody


def rotate(
    session: Session,
    *,
    actor: Identity,
    custody_id: UUID,
    seen_version: int,
    on: date,
    envelope_place: str,
    now: datetime,
) -> PasswordCustody:
    """A keeper changed the password and sealed it anew; the next change is due by rule."""
    custody = row_to_write(
        session, actor, PasswordCustody, custody_id, seen=seen_version, permission=Permission.CUSTODY_SIGN
    )
    if actor.person_id not in (custody.custodian_id, custody.second_id):
        raise NotAllowed("upkeep.not_the_keeper")
    must_say(envelope_place=envelope_place)
    not_ahead(now, on=on)
    if on < custody.rotated_on:
        raise Invalid([Problem("on", "upkeep.day_before")])
    custody.status = next_custody_status(CustodyStatus(custody.status), CustodyAction.ROTATE)
    _changed(custody, on, envelope_place)
    said(session, actor, custody, values.PASSWORD_ROTATED, custody.scope, now=now, rotated_on=on)
    return custody


def offer(
    session: Session,
    *,
    actor: Identity,
    custody_id: UUID,
    seen_version: int,
    second: bool,
    taker_id: UUID,
    reason: str,
    now: datetime,
) -> CustodyHandover:
    """First signature: the keeper gives the password to somebody else; for one who is gone the head of security does."""
    custody = row_to_write(
        session, actor, PasswordCustody, custody_id, seen=seen_version, permission=Permission.CUSTODY_SIGN
    )
    giver, today = signing(actor), city_day(now)
    from_id, other = (custody.second_id, custody.custodian_id) if second else (custody.custodian_id, custody.second_id)
    instead = giver != from_id
    if instead and not _stands_in(session, actor, custody, from_id, today):
        raise NotAllowed("upkeep.not_the_keeper")
    must_say(reason=reason)
    name = named(session, custody.unit_id, taker_id, "taker_id", today=today)
    if taker_id in (giver, from_id, other):
        raise Invalid([Problem("taker_id", "upkeep.taker_is_keeper")])
    custody.status = next_custody_status(CustodyStatus(custody.status), CustodyAction.OFFER)
    handover = CustodyHandover(
        unit_id=custody.unit_id,
        district=custody.district,
        custody_id=custody.id,
        second=second,
        from_id=from_id,
        from_name=custody.second_name if second else custody.custodian_name,
        giver_id=giver,
        giver_name=actor.name,
        instead=instead,
        taker_id=taker_id,
        taker_name=name,
        reason=reason.strip(),
        given_at=now,
    )
    session.add(handover)
    said(session, actor, custody, values.CUSTODY_OFFERED, custody.scope, now=now, reason=reason, taker=name)
    enqueue(
        session, TaskName.UPKEEP_NOTIFY, dedupe=f"custody:{handover.id}", kind="custody", row_id=custody.id,
        occasion=f"offer:{handover.id}",
    )  # fmt: skip
    return handover


def take(
    session: Session,
    *,
    actor: Identity,
    custody_id: UUID,
    seen_version: int,
    changed: bool,
    envelope_place: str,
    now: datetime,
) -> PasswordCustody:
    """Second signature: the new keeper takes it over, and has changed the password that the old one knew."""
    custody = row_to_write(
        session, actor, PasswordCustody, custody_id, seen=seen_version, permission=Permission.CUSTODY_SIGN
    )
    handover = open_handover(session, custody.id)
    status = next_custody_status(CustodyStatus(custody.status), CustodyAction.TAKE)
    if handover is None or signing(actor) != handover.taker_id:
        raise NotAllowed("upkeep.not_the_taker")
    if not changed:
        raise Invalid([Problem("changed", "upkeep.change_first")])
    must_say(envelope_place=envelope_place)
    today = city_day(now)
    handover.taken_at, handover.password_changed = now, True
    handover.envelope_place = envelope_place.strip()
    custody.status = status
    if handover.second:
        custody.second_id, custody.second_name = handover.taker_id, handover.taker_name
    else:
        custody.custodian_id, custody.custodian_name, custody.since = handover.taker_id, handover.taker_name, today
    _changed(custody, today, envelope_place)
    said(session, actor, custody, values.CUSTODY_TAKEN, custody.scope, now=now, giver=handover.giver_name)
    return custody


def recall(
    session: Session, *, actor: Identity, custody_id: UUID, seen_version: int, reason: str, now: datetime
) -> PasswordCustody:
    """Who gave it takes the hand-over back before it was signed a second time."""
    custody = row_to_write(
        session, actor, PasswordCustody, custody_id, seen=seen_version, permission=Permission.CUSTODY_SIGN
    )
    handover = open_handover(session, custody.id)
    status = next_custody_status(CustodyStatus(custody.status), CustodyAction.RECALL)
    heads = allows(actor, Permission.BOOK_KEEP, book_scope(custody))
    if handover is None or (actor.person_id != handover.giver_id and not heads):
        raise NotAllowed("upkeep.not_the_keeper")
    must_say(reason=reason)
    handover.recalled_at, custody.status = now, status
    said(session, actor, custody, values.CUSTODY_RECALLED, custody.scope, now=now, reason=reason)
    return custody


def end_custody(
    session: Session, *, actor: Identity, custody_id: UUID, seen_version: int, reason: str, now: datetime
) -> PasswordCustody:
    """The devices are gone, or the password is: nobody keeps it any more."""
    custody = row_to_write(
        session, actor, PasswordCustody, custody_id, seen=seen_version, permission=Permission.BOOK_KEEP
    )
    must_say(reason=reason)
    custody.status = next_custody_status(CustodyStatus(custody.status), CustodyAction.END)
    custody.ended_on, custody.ended_note = city_day(now), reason.strip()
    said(session, actor, custody, values.CUSTODY_ENDED, custody.scope, now=now, reason=reason)
    return custody


def _stands_in(session: Session, actor: Identity, custody: PasswordCustody, from_id: UUID, today: date) -> bool:
    """The head of security gives in place of a keeper who belongs to the unit no longer, and of nobody else."""
    if not allows(actor, Permission.BOOK_KEEP, book_scope(custody)):
        return False
    return has_left(session, from_id, custody.unit_id, today=today)


def _changed(custody: PasswordCustody, on: date, envelope_place: str) -> None:
    custody.rotated_on, custody.due_on = on, _due(custody.unit, on)
    custody.envelope_place, custody.envelope_on = envelope_place.strip(), on


def _due(unit: Unit, changed: date) -> date | None:
    days = rules_for(unit, None, on=changed).integer(RuleKey.PEOPLE_ROTATION_DAYS)
    return changed + timedelta(days=days) if days else None
