"""Own password and second factor, and the second person who unlocks beside somebody else."""

import secrets
from datetime import datetime

import pyotp
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts import values
from portal.accounts.models import Account, PasswordRecord
from portal.accounts.operations.signin import (
    HASHER,
    count_at,
    count_guess,
    lock_throttle,
    password_matches,
    revoke_sessions,
    totp_accepted,
)
from portal.accounts.queries import account_by_login, identity_of
from portal.accounts.rules import PASSWORD_HISTORY, is_locked, password_problems
from portal.accounts.values import Identity
from portal.audit.operations import record
from portal.audit.values import Outcome, SubjectRef
from portal.core.crypto import row_context
from portal.core.errors import Invalid, NotFound, Problem
from portal.core.services import services


def change_password(session: Session, *, actor: Identity, current: str, new: str, now: datetime) -> None:
    """Set the caller's password. Every other sign-in of the account ends. Raises Invalid naming the field."""
    account = _own(session, actor)
    _prove_password(session, actor, account, current, now=now)
    problems = password_problems(new, login=account.login, name=actor.name)
    past = session.scalars(
        select(PasswordRecord.password_hash)
        .where(PasswordRecord.account_id == account.id)
        .order_by(PasswordRecord.set_at.desc())
        .limit(PASSWORD_HISTORY)
    ).all()
    if any(password_matches(Account(password_hash=old), new) for old in [account.password_hash, *past]):
        problems.append(Problem("password", "password_reused", {"count": PASSWORD_HISTORY}))
    if problems:
        raise Invalid(problems)
    session.add(PasswordRecord(account_id=account.id, password_hash=account.password_hash, set_at=now))
    account.password_hash = HASHER.hash(new)
    account.password_set_at = now
    account.must_change = False
    revoke_sessions(session, actor=actor, account_id=account.id, keep=actor.session_id, now=now)
    subject = SubjectRef("account", account.id, account.login)
    record(session, actor=actor.actor, tag=values.PASSWORD_CHANGED, subject=subject, now=now)


def start_totp(session: Session, *, actor: Identity, now: datetime) -> str:
    """A fresh second-factor secret (base32) to show once. It counts only after `confirm_totp`."""
    account = _own(session, actor)
    subject = SubjectRef("account", account.id, account.login)
    record(session, actor=actor.actor, tag=values.TOTP_STARTED, subject=subject, now=now)
    return pyotp.random_base32()


def has_second_factor(session: Session, *, actor: Identity) -> bool:
    """Whether the caller's account has a second factor already, which only its password may replace."""
    return _own(session, actor).totp_sealed is not None


def confirm_totp(
    session: Session, *, actor: Identity, secret: str, code: str, current: str = "", now: datetime
) -> None:
    """Take a secret into use once a code made from it was typed. Raises Invalid when the code is not its.

    A second factor in use is replaced only against the password: a browser left open must not be enough to keep the
    account for ever.
    """
    account = _own(session, actor)
    if account.totp_sealed is not None:
        _prove_password(session, actor, account, current, now=now)
    counter = int(now.timestamp()) // 30
    totp = pyotp.TOTP(secret)
    if not any(secrets.compare_digest(totp.generate_otp(c), code.strip()) for c in (counter - 1, counter, counter + 1)):
        raise Invalid([Problem("code", "totp_wrong")])
    context = row_context("account", "totp_sealed", account.id)
    account.totp_sealed = services(session).envelope.seal(secret.encode(), context=context)
    account.totp_last_counter = counter + 1
    subject = SubjectRef("account", account.id, account.login)
    record(session, actor=actor.actor, tag=values.TOTP_CONFIRMED, subject=subject, now=now)


def verify_second_person(
    session: Session, *, actor: Identity, login: str, password: str, totp: str, now: datetime
) -> Identity:
    """Authenticate another person on the caller's screen (dual unlock). Raises Invalid at `second_login`.

    A failure counts towards the other account's lock-out: the caller must commit it before answering (the view does,
    because Invalid raised here carries `commit=True`). Failures count on the caller too, whoever they name: from one
    open sign-in nobody tries one likely password on every colleague.
    """
    throttle = lock_throttle(session, f"second:{actor.account_id}", now=now)
    if is_locked(throttle.locked_until, now):
        raise Invalid([Problem("second_login", "locked")])
    account = account_by_login(session, login, lock=True)
    subject = SubjectRef("account", account.id if account else None, login.strip()[:40])
    matches = password_matches(account, password)
    # A first password is known to whoever set it: until it is changed, it proves nobody's presence.
    barred = account is None or account.disabled_at is not None or account.must_change
    refused = account is None or barred or is_locked(account.locked_until, now) or not matches
    if account is None or refused or not totp_accepted(session, account, totp, now=now):
        count_at(throttle, now=now)
        if account is not None and not is_locked(account.locked_until, now):
            count_guess(session, actor.actor, account, now=now)
        record(
            session,
            actor=actor.actor,
            tag=values.SECOND_PERSON_FAILED,
            subject=subject,
            outcome=Outcome.DENIED,
            now=now,
        )
        raise Invalid([Problem("second_login", "second_person_refused")], commit=True)
    if account.person_id == actor.person_id:
        raise Invalid([Problem("second_login", "second_person_same")])
    account.failures = 0
    return identity_of(session, account, now=now)


def prove_presence(session: Session, *, actor: Identity, current: str, code: str, now: datetime) -> Account:
    """The caller's account, once its password and, where it has one, its second factor were shown again.

    Raises Invalid at `current` or `code`; failures count towards the lock and must be committed (`commit=True`).
    """
    account = _own(session, actor)
    _prove_password(session, actor, account, current, now=now)
    if not totp_accepted(session, account, code, now=now):
        count_guess(session, actor.actor, account, now=now)
        subject = SubjectRef("account", account.id, account.login)
        tag, denied = values.CODE_REFUSED, Outcome.DENIED
        record(session, actor=actor.actor, tag=tag, subject=subject, outcome=denied, now=now)
        raise Invalid([Problem("code", "totp_wrong")], commit=True)
    return account


def _prove_password(session: Session, actor: Identity, account: Account, password: str, *, now: datetime) -> None:
    """Raise Invalid at `current` unless this is the password; a wrong one counts towards the lock (`commit=True`)."""
    if is_locked(account.locked_until, now):
        raise Invalid([Problem("current", "locked")])
    if not password_matches(account, password):
        count_guess(session, actor.actor, account, now=now)
        subject = SubjectRef("account", account.id, account.login)
        record(
            session,
            actor=actor.actor,
            tag=values.PASSWORD_REFUSED,
            subject=subject,
            outcome=Outcome.DENIED,
            now=now,
        )
        raise Invalid([Problem("current", "password_wrong")], commit=True)
    account.failures = 0


def _own(session: Session, actor: Identity) -> Account:
    account = session.get(Account, actor.account_id, with_for_update=True) if actor.account_id else None
    if account is None:
        raise NotFound()
    return account
