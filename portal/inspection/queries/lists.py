"""The list of acceptances."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from sqlalchemy import Select
from sqlalchemy.orm import Session, joinedload

from portal.accounts.values import Identity
from portal.core.paging import Page, newest_first, tally_of
from portal.inspection.models import (
    Acceptance,
)
from portal.inspection.queries.access import acceptances_visible_to
from portal.inspection.states import AcceptanceKind, AcceptanceStatus
from portal.registry.models import System, Unit


@dataclass(frozen=True, kw_only=True)
class AcceptanceFilter:
    """What the list is narrowed to; empty means all."""

    status: AcceptanceStatus | None = None
    kind: AcceptanceKind | None = None
    keyword: str = ""
    district: str = ""
    unit_id: UUID | None = None
    overdue_on: date | None = None


def acceptance_page(
    session: Session, identity: Identity, wanted: AcceptanceFilter, *, after: str | None = None
) -> Page[Acceptance]:
    """Acceptances, newest first."""
    statement = _narrow(acceptances_visible_to(identity), wanted)
    options = (joinedload(Acceptance.system), joinedload(Acceptance.unit))
    return newest_first(session, statement, Acceptance.id, after=after, options=options)


def acceptance_tally(session: Session, identity: Identity, wanted: AcceptanceFilter) -> Mapping[AcceptanceStatus, int]:
    """How many acceptances of the filter stand in each status."""
    narrowed = _narrow(acceptances_visible_to(identity), replace(wanted, status=None))
    return tally_of(session, narrowed, Acceptance.status, AcceptanceStatus)


def _narrow(statement: Select[Acceptance], wanted: AcceptanceFilter) -> Select[Acceptance]:
    if wanted.status is not None:
        statement = statement.where(Acceptance.status == wanted.status)
    if wanted.kind is not None:
        statement = statement.where(Acceptance.kind == wanted.kind)
    if wanted.keyword.strip():
        word = wanted.keyword.strip()
        statement = statement.where(
            Acceptance.unit.has(Unit.name.contains(word, autoescape=True))
            | Acceptance.system.has(System.name.contains(word, autoescape=True))
        )
    if wanted.district:
        statement = statement.where(Acceptance.district == wanted.district)
    if wanted.unit_id is not None:
        statement = statement.where(Acceptance.unit_id == wanted.unit_id)
    if wanted.overdue_on is not None:
        open_states = ("requested", "checked", "scheduled")
        statement = statement.where(Acceptance.status.in_(open_states), Acceptance.due_on < wanted.overdue_on)
    return statement
