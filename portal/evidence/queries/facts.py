"""Reading what a request's paper says."""

import json
from uuid import UUID

from sqlalchemy.orm import Session

from portal.core.crypto import row_context
from portal.core.services import services
from portal.evidence.models import FootageRequest, RequestFacts
from portal.evidence.values.facts import AskFacts, Interest, Proof


def facts_context(request_id: UUID) -> str:
    """Where sealed particulars of a paper belong."""
    return row_context("footage_request_facts", "sealed", request_id)


def facts_of(session: Session, request: FootageRequest, *, opened: bool = True) -> AskFacts:
    """What the paper says; the sealed part of a secret case only when `opened`."""
    row = session.get(RequestFacts, request.id, populate_existing=True)
    if row is None:
        return AskFacts()
    texts = {"items": row.items, "done_at_once": row.done_at_once}
    if row.sealed is not None and opened:
        texts = json.loads(services(session).envelope.open(row.sealed, context=facts_context(request.id)))
    return AskFacts(
        issued_on=row.issued_on,
        approver=row.approver,
        caller=row.caller,
        call_back=row.call_back,
        proof=Proof(row.proof) if row.proof else None,
        interest=Interest(row.interest) if row.interest else None,
        **texts,
    )
