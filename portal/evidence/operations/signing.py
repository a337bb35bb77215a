"""Signing a decision: who is at the keyboard shows anew that it is they, and only then does the decision count."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.accounts.operations import has_second_factor, prove_presence
from portal.accounts.permissions import Permission
from portal.accounts.policy import require
from portal.accounts.values import Identity
from portal.core.errors import Invalid, Problem
from portal.evidence.models import FootageRequest
from portal.evidence.operations.deciding import decide_request
from portal.evidence.queries import lock_request
from portal.workflow.states import Verdict
from portal.workflow.values import Proof

# The form's own names: what is called a password is kept out of the fingerprint of a repeated request.
FIELDS = {"current": "own_password", "code": "own_totp"}


def sign_decision(
    session: Session,
    *,
    actor: Identity,
    request_id: UUID,
    step_key: str,
    verdict: Verdict,
    comment: str,
    password: str,
    totp: str,
    now: datetime,
) -> FootageRequest:
    """Decide on a request after password and, where the account has one, second factor were shown again.

    A wrong one counts towards the account's lock like one at sign-in and is recorded (`commit=True` on the Invalid);
    nothing of either is kept. Raises what `decide_request` raises.
    """
    require(actor, Permission.REQUEST_DECIDE)
    # First the request, as everybody locks it, then the account: two people can then not wait for each other.
    lock_request(session, actor, request_id)
    two = has_second_factor(session, actor=actor)
    if two and not totp.strip():
        raise Invalid([Problem("own_totp", "required")])
    try:
        prove_presence(session, actor=actor, current=password, code=totp, now=now)
    except Invalid as refusal:
        renamed = [Problem(FIELDS.get(one.field, one.field), one.code, one.data) for one in refusal.problems]
        raise Invalid(renamed, commit=bool(refusal.data.get("commit"))) from None
    return decide_request(
        session,
        actor=actor,
        request_id=request_id,
        step_key=step_key,
        verdict=verdict,
        comment=comment,
        now=now,
        proof=Proof.TWO_FACTORS if two else Proof.PASSWORD,
    )
