"""Posts lent for some days: appointing a stand-in, and taking the appointment back."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from portal.accounts import values
from portal.accounts.models import Person, PostDelegation
from portal.accounts.permissions import Permission
from portal.accounts.policy import require
from portal.accounts.queries.delegations import get_delegation, holders_of_posts, possible_stand_ins
from portal.accounts.values import Home, Identity, Post
from portal.audit.operations import record
from portal.audit.values import FieldChange, SubjectRef
from portal.core.clock import city_day
from portal.core.errors import IllegalTransition, Invalid, Problem

MAX_REASON = 400


@dataclass(frozen=True, kw_only=True, slots=True)
class Appointment:
    """Who is to fill whose post where, from which day to which, and why."""

    home: Home
    post: Post
    holder_id: UUID
    delegate_id: UUID
    from_day: date
    to_day: date
    reason: str


def appoint_stand_in(session: Session, *, actor: Identity, wanted: Appointment, now: datetime) -> PostDelegation:
    """Let a colleague fill somebody's post from one day to another. Raises Invalid naming the fields.

    Nobody appoints themselves; the stand-in is of the same unit or organ and may decide there anyway; a post has one
    stand-in for its holder at a time.
    """
    require(actor, Permission.DELEGATION_KEEP, wanted.home.scope, read=Permission.DELEGATION_READ)
    today = city_day(now)
    # Two who appoint for the same holder at once: the second waits here and then finds the days taken.
    holder = session.get(Person, wanted.holder_id, with_for_update=True)
    problems = [
        *_person_problems(session, actor, wanted, today=today),
        *_period_problems(session, wanted, today=today),
        *_reason_problems(wanted.reason),
    ]
    if problems or holder is None:
        raise Invalid(problems or [Problem("holder", "delegation_not_holder")])
    row = PostDelegation(
        unit_id=wanted.home.unit_id,
        organ_id=wanted.home.organ_id,
        post=wanted.post,
        holder_id=holder.id,
        holder_name=holder.name,
        delegate_id=wanted.delegate_id,
        delegate_name=session.get_one(Person, wanted.delegate_id).name,
        from_day=wanted.from_day,
        to_day=wanted.to_day,
        reason=wanted.reason.strip(),
        appointed_by=actor.person_id,
        appointed_name=actor.name,
        appointed_at=now,
    )
    session.add(row)
    session.flush()
    record(
        session,
        actor=actor.actor,
        tag=values.DELEGATION_MADE,
        subject=SubjectRef("post_delegation", row.id, _called(row)),
        unit_id=row.unit_id,
        reason=row.reason,
        changes=[
            FieldChange(name="post", new=row.post),
            FieldChange(name="from", new=row.from_day.isoformat()),
            FieldChange(name="to", new=row.to_day.isoformat()),
        ],
        now=now,
    )
    return row


def revoke_stand_in(
    session: Session, *, actor: Identity, delegation_id: UUID, reason: str, now: datetime
) -> PostDelegation:
    """End an appointment at once. What was signed under it stays signed."""
    row = get_delegation(session, actor, delegation_id, lock=True)
    home = Home(unit_id=row.unit_id, organ_id=row.organ_id)
    require(actor, Permission.DELEGATION_KEEP, home.scope, read=Permission.DELEGATION_READ)
    if row.state(city_day(now)) not in {"planned", "running"}:
        raise IllegalTransition("delegation_ended")
    if problems := _reason_problems(reason):
        raise Invalid(problems)
    row.revoked_at, row.revoked_by, row.revoked_name = now, actor.person_id, actor.name
    row.revoke_reason = reason.strip()
    record(
        session,
        actor=actor.actor,
        tag=values.DELEGATION_REVOKED,
        subject=SubjectRef("post_delegation", row.id, _called(row)),
        unit_id=row.unit_id,
        reason=row.revoke_reason,
        now=now,
    )
    session.flush()
    return row


def _called(row: PostDelegation) -> str:
    return f"{row.holder_name} → {row.delegate_name}"


def _reason_problems(reason: str) -> list[Problem]:
    if not reason.strip():
        return [Problem("reason", "required")]
    return [Problem("reason", "too_long", {"max": MAX_REASON})] if len(reason) > MAX_REASON else []


def _person_problems(session: Session, actor: Identity, wanted: Appointment, *, today: date) -> list[Problem]:
    found = []
    holders = {(one.person_id, one.post) for one in holders_of_posts(session, wanted.home, today=today)}
    if (wanted.holder_id, str(wanted.post)) not in holders:
        found.append(Problem("holder", "delegation_not_holder"))
    if wanted.delegate_id == wanted.holder_id:
        found.append(Problem("delegate", "delegation_to_oneself"))
    elif wanted.delegate_id == actor.person_id:
        found.append(Problem("delegate", "delegation_by_oneself"))
    elif wanted.delegate_id not in dict(possible_stand_ins(session, wanted.home, today=today)):
        found.append(Problem("delegate", "delegation_not_open"))
    return found


def _period_problems(session: Session, wanted: Appointment, *, today: date) -> list[Problem]:
    if wanted.to_day < wanted.from_day:
        return [Problem("to_day", "delegation_backward")]
    if wanted.from_day < today:
        # Nobody is made to have been entitled to what they signed already.
        return [Problem("from_day", "delegation_past")]
    lent = PostDelegation
    taken = session.scalar(
        select(lent.delegate_name)
        .where(
            lent.holder_id == wanted.holder_id,
            lent.post == wanted.post,
            or_(lent.unit_id == wanted.home.unit_id, lent.organ_id == wanted.home.organ_id),
            lent.revoked_at.is_(None),
            lent.from_day <= wanted.to_day,
            lent.to_day >= wanted.from_day,
        )
        .limit(1)
    )
    return [Problem("from_day", "delegation_taken", {"name": taken})] if taken else []
