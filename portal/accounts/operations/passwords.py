"""Own password and second factor, and the second person who unlocks beside somebody else."""

import secrets
from datetime import datetime

import pyotp
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts import values
from portal.accounts.models import Account, PasswordRecord
from portal.accounts.operations.signin import HASHER, password_matches, revoke_sessions, totp_accepted
from portal.accounts.queries import account_by_login, identity_of
from portal.accounts.rules import PASSWORD_HISTORY, after_failure, is_locked, password_problems
from portal.accounts.values import Identity
from portal.audit.operations import record
from portal.audit.values import Outcome, SubjectRef
from portal.core.crypto import row_context
from portal.core.errors import Invalid, NotFound, Problem
from portal.core.services import services


def change_password(session: Session, *, actor: Identity, current: str, new: str, now: datetime) -> None:
    """Set the caller's password. Every other sign-in of the account ends. Raises Invalid naming the field."""
    account = _own(session, actor)
    if not password_matches(account, current):
        raise Invalid([Problem("current", "password_wrong")])
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


def confirm_totp(session: Session, *, actor: Identity, secret: str, code: str, now: datetime) -> None:
    """Take a secret into use once a code made from it was typed. Raises Invalid when the code is not its."""
    account = _own(session, actor)
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
    because Invalid raised here carries `commit=True`).
    """
    account = account_by_login(session, login, lock=True)
    subject = SubjectRef("account", account.id if account else None, login.strip()[:40])
    matches = password_matches(account, password)
    refused = account is None or account.disabled_at is not None or is_locked(account.locked_until, now) or not matches
    if account is None or refused or not totp_accepted(session, account, totp, now=now):
        if account is not None and not is_locked(account.locked_until, now):
            lock = after_failure(account.failures, now=now)
            account.failures, account.locked_until = lock.failures, lock.locked_until
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


def _own(session: Session, actor: Identity) -> Account:
    account = session.get(Account, actor.account_id, with_for_update=True) if actor.account_id else None
    if account is None:
        raise NotFound()
    return account
