"""The register of client workstations: list, one with its checks, and computers that were seen and stand in no register."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, column, exists, func, or_, select, table
from sqlalchemy.orm import Session, joinedload

from portal.accounts.permissions import Permission
from portal.accounts.policy import visibility
from portal.accounts.queries import visible
from portal.accounts.values import Identity
from portal.core.citytime import city_date
from portal.core.paging import Page, newest_first
from portal.registry.models import Unit
from portal.upkeep.models import Workstation, WorkstationCheck
from portal.upkeep.queries.places import get_row, rows_visible_to
from portal.upkeep.rules import look_back

MOST = 100
# Read by name: footage is opened beside this package, not below it.
_UNLOCK = table(
    "footage_unlock", column("request_id"), column("workstation"), column("opened_at"), column("executor_name")
)
_REQUEST = table("footage_request", column("id"), column("unit_id"), column("district"), column("secret"))


@dataclass(frozen=True, kw_only=True)
class WorkstationFilter:
    """What the list is narrowed to; empty means all."""

    keyword: str = ""
    overdue: bool = False
    open_to: bool = False
    retired: bool = False


@dataclass(frozen=True)
class Seen:
    """A computer on which footage was opened and that stands in no register."""

    name: str
    unit: str
    times: int
    last_at: datetime
    last_by: str


def workstations_visible_to(identity: Identity) -> Select[Workstation]:
    """Every workstation the person may read."""
    return rows_visible_to(identity, Workstation)


def workstation_page(
    session: Session, identity: Identity, wanted: WorkstationFilter, *, today: date, after: str | None = None
) -> Page[Workstation]:
    """Workstations, newest first."""
    statement = _narrow(workstations_visible_to(identity), wanted, today)
    return newest_first(session, statement, Workstation.id, after=after, options=(joinedload(Workstation.unit),))


def workstation_counts(session: Session, identity: Identity, *, today: date) -> tuple[int, int, int, int]:
    """How many there are in use, are due for a look, were found open to other use, are retired."""
    used = Workstation.retired_on.is_(None)
    columns = (used, overdue(today), open_to_use(), ~used)
    row = session.execute(
        workstations_visible_to(identity).with_only_columns(*(func.count().filter(one) for one in columns))
    ).one()
    return row[0], row[1], row[2], row[3]


def overdue(today: date) -> ColumnElement[bool]:
    """In use, and not looked at in time."""
    return Workstation.retired_on.is_(None) & (Workstation.due_on < today)


def open_to_use() -> ColumnElement[bool]:
    """In use, and at the last look not locked down."""
    return Workstation.retired_on.is_(None) & Workstation.locked_down.is_(False)


def get_workstation(session: Session, identity: Identity, workstation_id: UUID) -> Workstation:
    """One workstation with its unit. Raises NotFound."""
    return get_row(session, identity, Workstation, workstation_id)


def checks_of(session: Session, workstation_id: UUID) -> Sequence[WorkstationCheck]:
    """The looks at a computer, newest first."""
    return session.scalars(
        select(WorkstationCheck)
        .where(WorkstationCheck.workstation_id == workstation_id)
        .order_by(WorkstationCheck.id.desc())
        .limit(MOST)
    ).all()


def unregistered(
    session: Session, identity: Identity, *, now: datetime, unit_ids: Sequence[UUID] | None = None
) -> Sequence[Seen]:
    """Computers named at the opening of footage that stand in the unit's register neither by number nor by address.

    What was typed at a secret case is read by nobody here.
    """
    seen = visible(
        visibility(identity, Permission.BOOK_READ), unit=_at(_REQUEST.c.unit_id), district=_at(_REQUEST.c.district)
    )
    known = exists().where(
        Workstation.unit_id == _REQUEST.c.unit_id,
        Workstation.registered_at <= func.now(),
        or_(
            func.lower(Workstation.asset_number) == func.lower(_UNLOCK.c.workstation),
            Workstation.address == _UNLOCK.c.workstation,
        ),
        or_(Workstation.retired_on.is_(None), Workstation.retired_on >= city_date(_UNLOCK.c.opened_at)),
    )
    statement = (
        select(
            _UNLOCK.c.workstation,
            Unit.name,
            func.count(),
            func.max(_UNLOCK.c.opened_at),
            func.max(_UNLOCK.c.executor_name),
        )
        .join_from(_UNLOCK, _REQUEST, _REQUEST.c.id == _UNLOCK.c.request_id)
        .join(Unit, Unit.id == _REQUEST.c.unit_id)
        .where(~_REQUEST.c.secret)
        .where(seen, and_(_UNLOCK.c.workstation != "", _UNLOCK.c.opened_at > now - look_back(now)), ~known)
        .group_by(_UNLOCK.c.workstation, Unit.id, Unit.name)
        .order_by(func.max(_UNLOCK.c.opened_at).desc())
        .limit(MOST)
    )
    if unit_ids is not None:
        statement = statement.where(_REQUEST.c.unit_id.in_(unit_ids))
    return [Seen(*row) for row in session.execute(statement)]


def _at(one: Any) -> Any:
    return one


def _narrow(statement: Select[Any], wanted: WorkstationFilter, today: date) -> Select[Any]:
    if wanted.keyword.strip():
        word = wanted.keyword.strip()
        named = select(Unit.id).where(Unit.name.contains(word, autoescape=True))
        statement = statement.where(
            or_(
                Workstation.asset_number.contains(word, autoescape=True),
                Workstation.room.contains(word, autoescape=True),
                Workstation.address.contains(word, autoescape=True),
                Workstation.responsible_name.contains(word, autoescape=True),
                Workstation.unit_id.in_(named),
            )
        )
    if wanted.overdue:
        statement = statement.where(overdue(today))
    if wanted.open_to:
        statement = statement.where(open_to_use())
    if wanted.retired:
        return statement.where(Workstation.retired_on.is_not(None))
    return statement.where(Workstation.retired_on.is_(None))
