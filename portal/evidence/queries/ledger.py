"""The statutory call register: one page, or all of it for an export."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select, tuple_
from sqlalchemy.orm import Session

from portal.accounts.permissions import Permission
from portal.accounts.policy import visibility
from portal.accounts.queries import visible
from portal.accounts.values import Identity
from portal.core.paging import COUNT_CAP, PAGE_SIZE, Page, encode_cursor, place_in
from portal.evidence.models import CustodyEntry
from portal.evidence.values import CALLS


@dataclass(frozen=True, slots=True)
class LedgerFilter:
    """What a reader narrows the register by. Moments are aware; `until` is excluded."""

    calls_only: bool = False
    act: str = ""
    text: str = ""
    since: datetime | None = None
    until: datetime | None = None


def ledger_page(
    session: Session,
    identity: Identity,
    wanted: LedgerFilter,
    *,
    permission: Permission = Permission.LEDGER_READ,
    after: str = "",
    size: int = PAGE_SIZE,
) -> Page[CustodyEntry]:
    """One page of the register, the newest first."""
    where = [in_reach(identity, permission), *_conditions(wanted)]
    bounded = select(CustodyEntry.id).where(*where).limit(COUNT_CAP + 1).subquery()
    count = session.scalar(select(func.count()).select_from(bounded)) or 0
    statement = select(CustodyEntry).where(*where)
    if after:
        last_shown = place_in(after, datetime.fromisoformat, UUID)
        statement = statement.where(tuple_(CustodyEntry.at, CustodyEntry.id) < last_shown)
    rows = session.scalars(statement.order_by(CustodyEntry.at.desc(), CustodyEntry.id.desc()).limit(size + 1)).all()
    more = len(rows) > size
    last = rows[size - 1] if more else None
    return Page(
        items=rows[:size],
        next_cursor=encode_cursor([last.at.isoformat(), str(last.id)]) if last else None,
        total=min(count, COUNT_CAP),
        total_capped=count > COUNT_CAP,
    )


def ledger_rows(session: Session, identity: Identity, wanted: LedgerFilter, *, limit: int) -> Iterator[CustodyEntry]:
    """The register for an export, oldest first, streamed from the server."""
    statement = (
        select(CustodyEntry)
        .where(in_reach(identity, Permission.LEDGER_EXPORT), *_conditions(wanted))
        .order_by(CustodyEntry.at, CustodyEntry.id)
        .limit(limit)
        .execution_options(yield_per=500)
    )
    yield from session.scalars(statement)


def in_reach(identity: Identity, permission: Permission) -> ColumnElement[bool]:
    """Lines of the units, or of the asking organs, within the person's reach."""
    return visible(visibility(identity, permission), unit=CustodyEntry.unit_id, organ=CustodyEntry.requester_organ_id)


def entries_of(session: Session, request_id: UUID) -> list[CustodyEntry]:
    """Everything that happened to one request's footage, in order. The caller has checked that the reader sees it."""
    return list(
        session.scalars(select(CustodyEntry).where(CustodyEntry.request_id == request_id).order_by(CustodyEntry.seq))
    )


def worded(text: str) -> ColumnElement[bool]:
    """Lines that name a request, a unit or a person so."""
    like = f"%{text.replace('%', '').replace('_', '')}%"
    columns = (
        CustodyEntry.request_number,
        CustodyEntry.unit_name,
        CustodyEntry.requester_unit,
        CustodyEntry.requester_people,
        CustodyEntry.operator_name,
    )
    return or_(*(column.ilike(like) for column in columns))


def _conditions(wanted: LedgerFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.calls_only:
        found.append(CustodyEntry.act.in_([str(act) for act in CALLS.values()]))
    if wanted.act:
        found.append(CustodyEntry.act == wanted.act)
    if wanted.since is not None:
        found.append(CustodyEntry.at >= wanted.since)
    if wanted.until is not None:
        found.append(CustodyEntry.at < wanted.until)
    if wanted.text:
        found.append(worded(wanted.text))
    return [and_(*found)] if found else []
