"""Tip-offs of the public (Decree 799 art. 24): taken without a sign-in, handled by the competent organ, answered."""

import hashlib
import secrets
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from portal.accounts.models import AddressThrottle, Division
from portal.accounts.operations.signin import count_at, lock_throttle
from portal.accounts.permissions import Permission
from portal.accounts.policy import require
from portal.accounts.queries import competent_police
from portal.accounts.rules import is_locked
from portal.accounts.values import Identity
from portal.audit.operations import record, record_and_seal
from portal.audit.values import Actor, FieldChange, SubjectRef
from portal.core.addresses import sender_of
from portal.core.codes import masked_phone
from portal.core.crypto import row_context
from portal.core.db import narrow
from portal.core.errors import Invalid, NotFound, Problem, TooMany
from portal.core.ids import new_id
from portal.core.lifecycle import unchanged
from portal.core.outbox import TaskName, enqueue
from portal.core.scope import EVERYTHING
from portal.core.services import services
from portal.registry.models import TipOff
from portal.registry.operations.reviews import open_for_tip
from portal.registry.queries.reviews import review_of_tip, tip_scope
from portal.registry.states import TipAction, TipStatus, next_tip_status
from portal.registry.values import zones as values
from portal.registry.values.zones import REVIEWED, TipOutcome, TipParticulars

CITIZEN = Actor(name="public")
# No vowels and nothing that reads like something else: the reference is copied by hand from a telephone.
ALPHABET = "BCDFGHJKMNPQRTVWXY2346789"
SPAN = timedelta(hours=1)
MOST_OF_ONE = 5
MOST_IN_ALL = 300


def admit_sender(session: Session, *, address: str, now: datetime) -> str:
    """Who sends, as a keyed digest of the address. Raises TooMany for the sixth within the hour, or in a flood.

    Two that come together wait for each other: the count would let both through.
    """
    sender = services(session).envelope.blind_index(sender_of(address), "tip_off.sender")
    session.execute(text("select pg_advisory_xact_lock(hashtextextended('tip:' || :sender, 799))"), {"sender": sender})
    own, everyone = session.execute(
        select(func.count().filter(TipOff.sender == sender), func.count()).where(TipOff.received_at > now - SPAN)
    ).one()
    refused = session.get(AddressThrottle, _refusals_of(sender))
    locked = refused is not None and is_locked(refused.locked_until, now)
    if own >= MOST_OF_ONE or everyone >= MOST_IN_ALL or locked:
        raise TooMany("tips_too_many", retry_after=int(SPAN.total_seconds()))
    return sender


def note_refused_picture(session: Session, *, sender: str, now: datetime) -> None:
    """Count a picture that was not taken: each costs its examination, and leaves no report to be counted."""
    count_at(lock_throttle(session, _refusals_of(sender), now=now), now=now)
    session.flush()


def _refusals_of(sender: str) -> str:
    return "tip:" + hashlib.sha256(sender.encode()).hexdigest()[:40]


def receive_tip(
    session: Session, *, particulars: TipParticulars, sender: str, photo_file_id: UUID | None, now: datetime
) -> TipOff:
    """Take a tip-off in and give it its reference. Its organ is the one competent for the place (REG-04)."""
    known = select(Division.code).where(Division.code == particulars.district, Division.level == "district")
    if session.scalar(known) is None:
        raise Invalid([Problem("district", "invalid")])
    organ = competent_police(session, particulars.district)
    tip = TipOff(
        id=new_id(),
        reference=new_reference(),
        category=particulars.category,
        district=particulars.district,
        organ_id=organ.id,
        place=particulars.place.strip(),
        told=particulars.told.strip(),
        photo_file_id=photo_file_id,
        sender=sender,
        received_at=now,
    )
    if contact := particulars.contact.strip():
        context = row_context("tip_off", "contact_sealed", tip.id)
        tip.contact_sealed = services(session).envelope.seal(contact.encode(), context=context)
        tip.contact_masked = masked_phone(contact)[:20]
    session.add(tip)
    session.flush()
    _record(session, CITIZEN, values.TIP_RECEIVED, tip, now=now)
    if particulars.category in REVIEWED:
        open_for_tip(session, tip_off_id=tip.id, district=tip.district, actor=CITIZEN, now=now)
    _tell_organ(session, tip, occasion="received")
    return tip


def new_reference() -> str:
    """Twelve characters in three groups; nobody guesses them through."""
    drawn = "".join(secrets.choice(ALPHABET) for _ in range(12))
    return f"{drawn[:4]}-{drawn[4:8]}-{drawn[8:]}"


def take_tip(session: Session, *, actor: Identity, tip_off_id: UUID, seen_version: int, now: datetime) -> TipOff:
    """Take a tip-off in hand."""
    tip = _held(session, actor, tip_off_id, seen_version)
    tip.status = next_tip_status(TipStatus(tip.status), TipAction.TAKE)
    tip.taken_at, tip.handled_by_name = now, actor.name[:40]
    _record(session, actor.actor, values.TIP_TAKEN, tip, now=now)
    return tip


def forward_tip(
    session: Session, *, actor: Identity, tip_off_id: UUID, seen_version: int, district: str, now: datetime
) -> TipOff:
    """Hand a tip-off on to the organ of another district, where the place really lies."""
    tip = _held(session, actor, tip_off_id, seen_version)
    if district == tip.district:
        raise Invalid([Problem("district", "tip_here_already")])
    status = next_tip_status(TipStatus(tip.status), TipAction.FORWARD)
    organ = competent_police(session, district)
    old = tip.district
    # On record in the old district first: afterwards the row is out of this session's reach.
    changes = [FieldChange(name="district", old=old, new=district)]
    _record(session, actor.actor, values.TIP_FORWARDED, tip, changes=changes, now=now)
    _tell_organ(session, tip, occasion=f"forwarded:{tip.version}")
    own = session.info["scope"]
    # The row leaves the reach of whoever forwards it, which its policy would not let happen in their own scope.
    narrow(session, EVERYTHING)
    try:
        tip.status, tip.district, tip.organ_id = status, district, organ.id
        tip.taken_at, tip.handled_by_name = None, ""
        review = review_of_tip(session, tip.id)
        if review is not None and review.camera_id is None:
            review.district = district
        session.flush()
    finally:
        narrow(session, own)
    return tip


def close_tip(
    session: Session,
    *,
    actor: Identity,
    tip_off_id: UUID,
    seen_version: int,
    outcome: TipOutcome,
    answer: str,
    now: datetime,
) -> TipOff:
    """Close a tip-off with its outcome and the answer that whoever holds the reference will read."""
    tip = _held(session, actor, tip_off_id, seen_version)
    status = next_tip_status(TipStatus(tip.status), TipAction.CLOSE)
    if not answer.strip():
        raise Invalid([Problem("answer", "required")])
    tip.status, tip.outcome, tip.answer = status, outcome, answer.strip()
    tip.closed_at, tip.handled_by_name = now, actor.name[:40]
    session.flush()
    _record(session, actor.actor, values.TIP_CLOSED, tip, reason=answer.strip(), now=now)
    return tip


def reveal_tip_contact(session: Session, *, actor: Identity, tip_off_id: UUID, now: datetime) -> str:
    """The contact that was left; the look stands sealed and signed before it is shown."""
    tip = session.get(TipOff, tip_off_id)
    if tip is None:
        raise NotFound()
    require(actor, Permission.TIP_OFF_HANDLE, tip_scope(tip))
    if tip.contact_sealed is None:
        raise NotFound()
    record_and_seal(
        session,
        actor=actor.actor,
        tag=values.TIP_CONTACT_REVEALED,
        subject=SubjectRef("tip_off", tip.id, tip.reference[:4]),
        district=tip.district,
        now=now,
    )
    context = row_context("tip_off", "contact_sealed", tip.id)
    return services(session).envelope.open(tip.contact_sealed, context=context).decode()


def _held(session: Session, actor: Identity, tip_off_id: UUID, seen_version: int) -> TipOff:
    tip = session.get(TipOff, tip_off_id, with_for_update=True)
    if tip is None:
        raise NotFound()
    require(actor, Permission.TIP_OFF_HANDLE, tip_scope(tip))
    unchanged(tip, seen_version)
    return tip


def _tell_organ(session: Session, tip: TipOff, *, occasion: str) -> None:
    enqueue(
        session,
        TaskName.REGISTRY_NOTIFY_POINT,
        dedupe=f"tip_off:{tip.id}:{occasion}",
        kind="tip_off",
        subject_id=tip.id,
        occasion=occasion,
    )


def _record(
    session: Session,
    actor: Actor,
    tag: str,
    tip: TipOff,
    *,
    changes: list[FieldChange] | None = None,
    reason: str | None = None,
    now: datetime,
) -> None:
    # The reference opens the answer to whoever holds it, so the log names no more than its first group.
    record(
        session,
        actor=actor,
        tag=tag,
        subject=SubjectRef("tip_off", tip.id, tip.reference[:4]),
        district=tip.district,
        changes=changes or (),
        reason=reason,
        now=now,
    )


def note_tip_photo(session: Session, *, actor: Identity, tip: TipOff, now: datetime) -> None:
    """The photo of a tip-off is about to be shown."""
    _record(session, actor.actor, values.PHOTO_READ, tip, now=now)
