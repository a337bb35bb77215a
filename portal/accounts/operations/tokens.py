"""Personal tokens: issued against the password, counted at each use, revoked by their owner or an administrator."""

import hashlib
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import case, func, or_, update
from sqlalchemy.orm import Session

from portal.accounts import values
from portal.accounts.models import ApiToken
from portal.accounts.operations.passwords import prove_presence
from portal.accounts.permissions import TOKEN_SCOPES, Permission
from portal.accounts.policy import may_ever, require
from portal.accounts.queries import live_tokens_of
from portal.accounts.rules import MAX_TOKENS, TOKEN_WINDOW, token_problems
from portal.accounts.values import Identity, Scope
from portal.audit.operations import record
from portal.audit.values import FieldChange, SubjectRef
from portal.core.errors import Invalid, NotAllowed, NotFound, Problem

PREFIX = "vrp_"


def issue_token(
    session: Session,
    *,
    actor: Identity,
    name: str,
    scopes: Collection[Permission],
    lifetime: timedelta,
    longest: timedelta,
    current: str,
    code: str,
    now: datetime,
) -> tuple[ApiToken, str]:
    """A new token and its text, which is shown once. The password, and the one-time code of who has one, are asked again.

    Raises Invalid naming the field. A token cannot issue another one.
    """
    require(actor, Permission.TOKEN_OWN)
    if actor.token_id is not None:
        raise NotAllowed("permission", permission=str(Permission.TOKEN_OWN))
    problems = token_problems(name=name, scopes=scopes, lifetime=lifetime, longest=longest)
    if any(scope not in TOKEN_SCOPES or not may_ever(actor, scope) for scope in scopes):
        problems.append(Problem("scopes", "token_scope"))
    if actor.account_id and len(live_tokens_of(session, actor.account_id, now=now)) >= MAX_TOKENS:
        problems.append(Problem("name", "token_many", {"limit": MAX_TOKENS}))
    if problems:
        raise Invalid(problems)
    account = prove_presence(session, actor=actor, current=current, code=code, now=now)
    text = PREFIX + secrets.token_urlsafe(32)
    row = ApiToken(
        account_id=account.id,
        name=name.strip(),
        token_sha256=digest_of(text),
        ending=text[-4:],
        scopes=sorted(str(scope) for scope in scopes),
        created_at=now,
        expires_at=now + lifetime,
    )
    session.add(row)
    session.flush()
    record(
        session,
        actor=actor.actor,
        tag=values.TOKEN_ISSUED,
        subject=SubjectRef("token", row.id, row.name),
        changes=[FieldChange(name="scopes", new=tuple(row.scopes)), FieldChange(name="expires_at", new=row.expires_at)],
        now=now,
    )
    return row, text


def revoke_token(session: Session, *, actor: Identity, token_id: UUID, now: datetime) -> ApiToken:
    """End a token at once: one's own, or as security administrator anybody's. Raises NotFound."""
    row = session.get(ApiToken, token_id, with_for_update=True)
    if row is None:
        raise NotFound()
    own = row.account_id == actor.account_id and may_ever(actor, Permission.TOKEN_OWN)
    if not own:
        require(actor, Permission.TOKEN_REVOKE, Scope())
    if row.revoked_at is None:
        row.revoked_at, row.revoked_by = now, actor.person_id
        subject = SubjectRef("token", row.id, row.name)
        record(session, actor=actor.actor, tag=values.TOKEN_REVOKED, subject=subject, now=now)
    return row


def count_use(session: Session, *, token_id: UUID, address: str, now: datetime) -> tuple[int, datetime]:
    """Note a use; how many there have been in the running minute, and when it began. The caller commits at once."""
    fresh = or_(ApiToken.minute.is_(None), ApiToken.minute <= now - TOKEN_WINDOW)
    counted = session.execute(
        update(ApiToken)
        .where(ApiToken.id == token_id)
        .values(
            minute=case((fresh, now), else_=ApiToken.minute),
            minute_count=case((fresh, 1), else_=func.least(ApiToken.minute_count + 1, 1_000_000)),
            used_at=now,
            used_from=address[:45],
        )
        .returning(ApiToken.minute_count, ApiToken.minute)
        .execution_options(synchronize_session=False)
    ).one()
    return counted[0], counted[1] or now


def digest_of(text: str) -> bytes:
    """What is kept of a token. Its text is drawn from 256 bits, so a plain hash cannot be tried backwards."""
    return hashlib.sha256(text.encode()).digest()
