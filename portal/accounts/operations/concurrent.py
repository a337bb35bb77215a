"""Finding out that an account is used from two devices at once: no account is shared (002 art. 10(4))."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from portal.accounts import values
from portal.accounts.models import Account, ConcurrentUse, LoginSession, Membership
from portal.accounts.operations.notices import notify_people
from portal.accounts.rules import AT_ONCE, Use, device_of, used_at_once
from portal.accounts.values import Role, system_identity
from portal.audit.operations import record
from portal.audit.values import FieldChange, SubjectRef
from portal.core.addresses import sender_of
from portal.core.ids import new_id


def note_concurrent_use(session: Session, *, session_id: UUID, now: datetime) -> int:
    """Look for another sign-in of the same account that is in use now on another device; each pair is told once, to the
    person and to the security administrators. The number found anew."""
    own = session.get_one(LoginSession, session_id, populate_existing=True)
    others = session.scalars(
        select(LoginSession).where(
            LoginSession.account_id == own.account_id,
            LoginSession.id != own.id,
            LoginSession.revoked_at.is_(None),
            LoginSession.expires_at > now,
            LoginSession.seen_at >= now - AT_ONCE,
        )
    ).all()
    found = 0
    for other in others:
        if used_at_once(_use(own), _use(other), now=now):
            found += _note(session, *sorted((own, other), key=lambda one: (one.created_at, one.id)), now=now)
    return found


def _use(row: LoginSession) -> Use:
    return Use(device=device_of(sender_of(row.address), row.agent), began=row.created_at, seen=row.seen_at)


def _note(session: Session, earlier: LoginSession, later: LoginSession, *, now: datetime) -> int:
    key = new_id()
    made = session.execute(
        insert(ConcurrentUse)
        .values(
            id=key,
            account_id=earlier.account_id,
            earlier_id=earlier.id,
            later_id=later.id,
            earlier_address=earlier.address,
            earlier_agent=earlier.agent,
            later_address=later.address,
            later_agent=later.agent,
            found_at=now,
        )
        .on_conflict_do_nothing(constraint="uq_concurrent_use_pair")
        .returning(ConcurrentUse.id)
    ).one_or_none()
    if made is None:
        return 0
    account = session.get_one(Account, earlier.account_id)
    record(
        session,
        actor=system_identity("accounts").actor,
        tag=values.CONCURRENT_USE,
        subject=SubjectRef("account", account.id, account.login),
        changes=[FieldChange(name="address", old=earlier.address, new=later.address)],
        now=now,
    )
    admins = select(Membership.person_id).where(Membership.role == Role.SECURITY_ADMIN, Membership.valid_to.is_(None))
    for people, kind in (
        ([account.person_id], "accounts.own_concurrent"),
        (session.scalars(admins).all(), "accounts.concurrent"),
    ):
        notify_people(session, people=people, kind=kind, subject_id=key, occasion="found", now=now)
    return 1
