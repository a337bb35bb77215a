"""Writing down what a request's paper says, sealed where the case is secret."""

import json

from sqlalchemy.orm import Session

from portal.accounts.values import Identity
from portal.core.services import services
from portal.evidence.models import FootageRequest, RequestFacts
from portal.evidence.queries.facts import facts_context
from portal.evidence.values import RequestParticulars
from portal.evidence.values.asks import UNDERTAKING


def write_facts(session: Session, request: FootageRequest, asked: RequestParticulars, *, actor: Identity) -> None:
    """Keep what the paper says beside the request, and who undertook to use the footage for this alone."""
    row = session.get(RequestFacts, request.id)
    if row is None:
        row = RequestFacts(request_id=request.id)
        session.add(row)
    facts = asked.facts
    open_ = not asked.secret
    row.issued_on, row.approver = facts.issued_on, facts.approver.strip()
    row.caller, row.call_back = facts.caller.strip(), facts.call_back.strip()
    row.items = facts.items.strip() if open_ else ""
    row.done_at_once = facts.done_at_once.strip() if open_ else ""
    row.sealed = None
    if asked.secret and (facts.items.strip() or facts.done_at_once.strip()):
        plain = json.dumps({"items": facts.items.strip(), "done_at_once": facts.done_at_once.strip()})
        row.sealed = services(session).envelope.seal(plain.encode(), context=facts_context(request.id))
    row.proof, row.interest = facts.proof, facts.interest
    row.undertaking = UNDERTAKING if asked.undertaking else ""
    row.undertaken_name = actor.name[:40] if asked.undertaking else ""
