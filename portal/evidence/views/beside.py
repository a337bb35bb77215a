"""What stands beside a request, as its page shows it: with the acts that are open to the reader."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from portal.accounts.permissions import Permission
from portal.accounts.policy import allows
from portal.accounts.values import Identity
from portal.core.clock import city_day
from portal.evidence.forms.asks import (
    AppointForm,
    CallPaperForm,
    CompareForm,
    ExplainForm,
    ExtendForm,
    ProveForm,
    VerifyForm,
)
from portal.evidence.labels.asks import (
    COMPLETENESS,
    FAILING_STATE,
    INTEREST,
    PROOF,
)
from portal.evidence.models import FootageRequest
from portal.evidence.operations.calls import may_hand_in
from portal.evidence.operations.holds import scope_of
from portal.evidence.operations.individuals import (
    APPOINTABLE,
    extension_days,
)
from portal.evidence.queries.asks import Beside, beside
from portal.evidence.queries.people import custodians_of
from portal.evidence.states import RequestStatus
from portal.evidence.values.asks import Completeness

Form = Any
Held = dict[str, Any]
FORMS: Mapping[str, type[Any]] = {
    "explain": ExplainForm,
    "verify": VerifyForm,
    "paper": CallPaperForm,
    "compare": CompareForm,
    "prove": ProveForm,
    "extend": ExtendForm,
    "appoint": AppointForm,
}


@dataclass(frozen=True)
class AskView:
    """What the page shows beside the request, and which acts are open to its reader."""

    of: Beside
    may: frozenset[str]
    forms: Mapping[str, Form]
    opened: str
    completeness: Mapping[Completeness, Any]
    failings: Mapping[str, Any]
    proofs: Mapping[Any, Any]
    interests: Mapping[Any, Any]
    now: datetime


def asks_view(
    session: Session,
    identity: Identity,
    request_: FootageRequest,
    *,
    readable: bool,
    now: datetime,
    refused: Mapping[str, Form] | None = None,
) -> AskView:
    """Load what stands beside a request. A refused form comes back open, as it was typed."""
    of = beside(session, request_, readable=readable)
    may = _open_acts(identity, request_, of, now=now)
    forms = {name: FORMS[name](formdata=None) for name in may} | dict(refused or {})
    if "appoint" in forms:
        offer_supervisors(session, forms["appoint"], request_, now=now)
    return AskView(
        of=of,
        may=may,
        forms=forms,
        opened=next(iter(refused or {}), ""),
        completeness=COMPLETENESS,
        failings=FAILING_STATE,
        proofs=PROOF,
        interests=INTEREST,
        now=now,
    )


def _open_acts(identity: Identity, request_: FootageRequest, of: Beside, *, now: datetime) -> frozenset[str]:
    scope, status = scope_of(request_), RequestStatus(request_.status)
    keeps = allows(identity, Permission.REQUEST_ACKNOWLEDGE, scope)
    found = set()
    stated = of.supply is not None and of.supply.stated_at is not None and not of.supply.explanation
    if of.supply is not None and stated and keeps and of.supply.completeness != Completeness.WHOLE:
        found.add("explain")
    if of.call is not None:
        found |= {"verify"} if keeps and of.call.verified_at is None else set()
        found |= {"paper"} if may_hand_in(identity, request_) and not of.call.matches else set()
        found |= {"compare"} if keeps and of.call.arrived_at is not None and of.call.matches is None else set()
    if of.viewing is not None:
        other = identity.person_id != request_.requester_id
        found |= {"prove"} if keeps and other and of.viewing.proved_at is None else set()
        if allows(identity, Permission.REQUEST_ASSIGN, scope) and status in APPOINTABLE:
            found.add("appoint")
        in_time = request_.decide_by is not None and city_day(now) <= request_.decide_by
        waits = status is RequestStatus.IN_APPROVAL and of.viewing.extended_at is None and in_time
        if waits and allows(identity, Permission.REQUEST_DECIDE, scope) and extension_days(request_, now=now):
            found.add("extend")
    return frozenset(found)


def offer_supervisors(session: Session, form: Form, request_: FootageRequest, *, now: datetime) -> None:
    """Say who of the unit may sit beside the individual."""
    people = custodians_of(session, request_.unit_id, today=city_day(now))
    form.supervisor.choices = [(str(key), name) for key, name in people if key != request_.requester_id]
