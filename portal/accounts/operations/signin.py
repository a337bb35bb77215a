"""Signing in and out. Failures are recorded and counted in the database, so no restart forgives a guess."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from uuid import UUID

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from portal.accounts import values
from portal.accounts.models import Account, AddressThrottle, LoginSession
from portal.accounts.queries import account_by_login
from portal.accounts.rules import ADDRESS_MAX_FAILURES, ADDRESS_WINDOW, SEEN_EVERY, after_failure, is_locked
from portal.accounts.values import Identity
from portal.audit.operations import record
from portal.audit.values import Actor, Outcome, SubjectRef
from portal.core.addresses import sender_of
from portal.core.crypto import row_context
from portal.core.errors import Unavailable
from portal.core.services import services

# 19 MiB, t=2, p=1: the library's default would leave fewer than ten sign-ins a second on two cores (reliability.md 1).
HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
TOTP_PERIOD = 30


@dataclass(frozen=True, kw_only=True)
class SignedIn:
    """The outcome of an attempt: a token, or the one code that may be told (`refused`, `locked`, `totp`)."""

    token: str | None = None
    session_id: UUID | None = None
    account_id: UUID | None = None
    locale: str | None = None
    problem: str | None = None


@cache
def _dummy_hash() -> str:
    return HASHER.hash(secrets.token_hex(16))


def password_matches(account: Account | None, password: str) -> bool:
    """Compare in the same time whether or not the account exists."""
    try:
        return HASHER.verify(account.password_hash if account else _dummy_hash(), password) and account is not None
    except (VerifyMismatchError, InvalidHashError):
        return False


def totp_accepted(session: Session, account: Account, code: str, *, now: datetime) -> bool:
    """Check a one-time code, each counter accepted once only (compare-and-set on the last one)."""
    if account.totp_sealed is None:
        return True
    context = row_context("account", "totp_sealed", account.id)
    secret = services(session).envelope.open(account.totp_sealed, context=context).decode()
    totp = pyotp.TOTP(secret)
    counter = int(now.timestamp()) // TOTP_PERIOD
    for candidate in (counter - 1, counter, counter + 1):
        if secrets.compare_digest(totp.generate_otp(candidate), code.strip()):
            taken = session.execute(
                update(Account)
                .where(Account.id == account.id, Account.totp_last_counter < candidate)
                .values(totp_last_counter=candidate)
                .returning(Account.id)
            ).one_or_none()
            return taken is not None
    return False


def sign_in(
    session: Session,
    *,
    login: str,
    password: str,
    totp: str,
    address: str,
    agent: str,
    request_id: str,
    lifetime: timedelta,
    now: datetime,
) -> SignedIn:
    """Try to sign in. The caller commits whatever the outcome: failures count only once committed.

    The address row is locked first, then the account row, so that 64 parallel guesses are counted one by one.
    """
    throttle = lock_throttle(session, sender_of(address), now=now)
    account = account_by_login(session, login, lock=True)
    counted: Account | AddressThrottle = account or lock_throttle(session, _stand_in(login), now=now)
    actor = Actor(
        account_id=account.id if account else None,
        person_id=account.person_id if account else None,
        name=account.person.name if account else "unknown",
        request_id=request_id,
        address=address,
    )
    if is_locked(throttle.locked_until, now) or is_locked(counted.locked_until, now):
        return _refuse(session, actor, account, login=login, problem="locked", now=now)
    valid = password_matches(account, password)
    if account is None or not valid or account.disabled_at is not None:
        _count_failure(session, actor, counted, throttle, now)
        return _refuse(session, actor, account, login=login, problem="refused", now=now)
    if account.totp_sealed and not totp.strip():
        return SignedIn(problem="totp")
    if not totp_accepted(session, account, totp, now=now):
        _count_failure(session, actor, account, throttle, now)
        return _refuse(session, actor, account, login=login, problem="refused", now=now)
    return _open_session(session, actor, account, address=address, agent=agent, lifetime=lifetime, now=now)


def _open_session(
    session: Session, actor: Actor, account: Account, *, address: str, agent: str, lifetime: timedelta, now: datetime
) -> SignedIn:
    account.failures = 0
    account.locked_until = None
    account.last_seen_at = now
    if HASHER.check_needs_rehash(account.password_hash):
        account.must_change = True
    token = secrets.token_urlsafe(32)
    row = LoginSession(
        account_id=account.id,
        token_sha256=hashlib.sha256(token.encode()).digest(),
        created_at=now,
        seen_at=now,
        expires_at=now + lifetime,
        address=address,
        agent=agent[:200],
    )
    session.add(row)
    session.flush()
    record(session, actor=actor, tag=values.SIGN_IN, subject=SubjectRef("account", account.id, account.login), now=now)
    return SignedIn(token=token, session_id=row.id, account_id=account.id, locale=account.locale)


def lock_throttle(session: Session, address: str, *, now: datetime) -> AddressThrottle:
    """The row that counts the failures of one address (or of one stand-in for it), locked, its window begun anew if over."""
    session.execute(
        insert(AddressThrottle)
        .values(address=address, failures=0, window_start=now)
        .on_conflict_do_nothing(index_elements=["address"])
    )
    throttle = session.get(AddressThrottle, address, with_for_update=True, populate_existing=True)
    if throttle is None:  # inserted above, in this transaction or before it
        raise Unavailable("address_throttle")
    if now - throttle.window_start > ADDRESS_WINDOW:
        throttle.failures, throttle.window_start = 0, now
    return throttle


def _stand_in(login: str) -> str:
    """The row that counts guesses at a login nobody has: were it never locked, the lock would tell who has an account."""
    return "login:" + hashlib.sha256(login.strip().lower().encode(errors="replace")).hexdigest()[:38]


def _count_failure(
    session: Session, actor: Actor, counted: Account | AddressThrottle, throttle: AddressThrottle, now: datetime
) -> None:
    count_at(throttle, now=now)
    count_guess(session, actor, counted, now=now)


def count_at(throttle: AddressThrottle, *, now: datetime) -> None:
    """One more failure from one place, whoever it was aimed at."""
    lock = after_failure(throttle.failures, now=now, limit=ADDRESS_MAX_FAILURES)
    throttle.failures, throttle.locked_until = lock.failures, lock.locked_until


def count_guess(session: Session, actor: Actor, account: Account | AddressThrottle, *, now: datetime) -> None:
    """One more wrong password or code at an account; the fifth locks it."""
    lock = after_failure(account.failures, now=now)
    account.failures, account.locked_until = lock.failures, lock.locked_until
    if lock.locked_until and isinstance(account, Account):
        subject = SubjectRef("account", account.id, account.login)
        record(session, actor=actor, tag=values.ACCOUNT_LOCKED, subject=subject, outcome=Outcome.DENIED, now=now)


def _refuse(
    session: Session, actor: Actor, account: Account | None, *, login: str, problem: str, now: datetime
) -> SignedIn:
    subject = SubjectRef("account", account.id if account else None, login.strip()[:40])
    record(session, actor=actor, tag=values.SIGN_IN_FAILED, subject=subject, outcome=Outcome.DENIED, now=now)
    return SignedIn(problem=problem)


def touch_session(session: Session, *, session_id: UUID, now: datetime) -> None:
    """Note that a sign-in is in use; at most once a minute, so that reading a page writes nothing."""
    session.execute(
        update(LoginSession)
        .where(LoginSession.id == session_id, LoginSession.seen_at < now - SEEN_EVERY)
        .values(seen_at=now)
    )


def sign_out(session: Session, *, actor: Identity, now: datetime) -> None:
    """End the caller's own sign-in session."""
    session.execute(update(LoginSession).where(LoginSession.id == actor.session_id).values(revoked_at=now))
    subject = SubjectRef("account", actor.account_id, actor.name)
    record(session, actor=actor.actor, tag=values.SIGN_OUT, subject=subject, now=now)


def revoke_sessions(
    session: Session, *, actor: Identity, account_id: UUID, keep: UUID | None = None, now: datetime
) -> None:
    """Sign an account out everywhere (but for the session named in `keep`)."""
    statement = update(LoginSession).where(LoginSession.account_id == account_id, LoginSession.revoked_at.is_(None))
    if keep is not None:
        statement = statement.where(LoginSession.id != keep)
    session.execute(statement.values(revoked_at=now))
    subject = SubjectRef("account", account_id, session.get_one(Account, account_id).login)
    record(session, actor=actor.actor, tag=values.SESSIONS_REVOKED, subject=subject, now=now)
