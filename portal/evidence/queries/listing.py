"""The statutory call register, and that of copies and media, as lists that leave as files, however many lines they have."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, literal, null, select

from portal.accounts.permissions import Permission
from portal.accounts.policy import visibility
from portal.accounts.queries import visible
from portal.accounts.values import Identity
from portal.core.clock import CITY_TZ
from portal.evidence.models import CustodyEntry, FootageCopy, FootageRequest
from portal.evidence.queries.copies import bearing, copies_visible_to, overdue
from portal.evidence.queries.ledger import in_reach, worded
from portal.evidence.states import CopyStatus
from portal.evidence.values import CALLS, CustodyAct
from portal.evidence.values.copies import CopyRole
from portal.registry.models import Unit
from portal.registry.queries.lists import Asked, Kind, ListColumn, ListFilter, ListSpec, Look, register_list

CALLS_ONLY = "calls"
SECRET = "secret"  # noqa: S105 - what a secret case's purpose reads as


def midnight(day: date) -> datetime:
    """When a day of the city begins."""
    return datetime.combine(day, time(), tzinfo=CITY_TZ)


def _lines(identity: Identity) -> Select[Any]:
    return select(CustodyEntry).where(in_reach(identity, Permission.LEDGER_EXPORT))


def _acts(_asked: Asked, chosen: Sequence[str]) -> ColumnElement[bool]:
    calls = [str(act) for act in CALLS.values()]
    return CustodyEntry.act.in_([act for one in chosen for act in (calls if one == CALLS_ONLY else [one])])


def _unless_secret(column: Any, instead: Any) -> Any:
    return case((CustodyEntry.secret, instead), else_=column)


LEDGER = ListSpec(
    key="calls",
    permission=Permission.LEDGER_EXPORT,
    model=CustodyEntry,
    rows=_lines,
    columns=(
        ListColumn(key="number", value=CustodyEntry.request_number, look=Look.LEAD, shown=True),
        ListColumn(key="at", value=CustodyEntry.at, look=Look.MOMENT, shown=True, sort=CustodyEntry.at),
        ListColumn(key="act", value=CustodyEntry.act, look=Look.STATUS, shown=True),
        ListColumn(key="requester_unit", value=CustodyEntry.requester_unit, shown=True),
        ListColumn(key="people", value=CustodyEntry.requester_people, shown=True),
        ListColumn(key="instrument", value=_unless_secret(CustodyEntry.instrument, literal("")), shown=True),
        ListColumn(
            key="purpose", value=_unless_secret(CustodyEntry.purpose, literal(SECRET)), look=Look.STATUS, shown=True
        ),
        ListColumn(key="reason", value=_unless_secret(CustodyEntry.reason, literal("")), shown=True),
        ListColumn(key="content", value=_unless_secret(CustodyEntry.content, literal("")), shown=True),
        ListColumn(key="span_from", value=_unless_secret(CustodyEntry.span_from, null()), look=Look.MOMENT, shown=True),
        ListColumn(key="span_to", value=_unless_secret(CustodyEntry.span_to, null()), look=Look.MOMENT, shown=True),
        ListColumn(key="unit", value=CustodyEntry.unit_name, shown=True),
        ListColumn(key="operator", value=CustodyEntry.operator_name, shown=True),
        ListColumn(key="second", value=CustodyEntry.second_name, shown=True),
        ListColumn(key="ticket", value=CustodyEntry.ticket),
        ListColumn(key="destination", value=_unless_secret(CustodyEntry.destination, literal("")), shown=True),
    ),
    filters=(
        ListFilter(key="q", kind=Kind.WORD, where=lambda _asked, words: worded(words[0])),
        ListFilter(key="act", kind=Kind.CHOICE, values=(*(str(act) for act in CustodyAct), CALLS_ONLY), where=_acts),
        ListFilter(
            key="from",
            kind=Kind.FROM,
            read=date.fromisoformat,
            where=lambda _asked, days: CustodyEntry.at >= midnight(days[0]),
        ),
        ListFilter(
            key="to",
            kind=Kind.UNTIL,
            read=date.fromisoformat,
            where=lambda _asked, days: CustodyEntry.at < midnight(days[0] + timedelta(days=1)),
        ),
    ),
    reach={"unit": CustodyEntry.unit_id, "organ": CustodyEntry.requester_organ_id},
    usually=lambda _wanted: "at",
    file_only=True,
)

register_list(LEDGER)


def _copies(identity: Identity) -> Select[Any]:
    """Of the copies a person sees, those of the units whose register they may take out."""
    reach = visibility(identity, Permission.LEDGER_EXPORT)
    return copies_visible_to(identity).where(
        visible(reach, unit=FootageRequest.unit_id, organ=FootageRequest.requester_organ_id)
    )


def _unless_secret_copy(column: Any) -> Any:
    """Where the copy of a secret case lies, and what for, stays on its page."""
    return case((FootageRequest.secret, literal("")), else_=column)


_WORKING = FootageCopy.role == CopyRole.WORKING

COPIES = ListSpec(
    key="copies",
    permission=Permission.LEDGER_EXPORT,
    model=FootageCopy,
    rows=_copies,
    columns=(
        ListColumn(key="serial", value=FootageCopy.serial, look=Look.LEAD, shown=True),
        ListColumn(key="role", value=FootageCopy.role, look=Look.STATUS, shown=True),
        ListColumn(key="request", value=FootageRequest.number, look=Look.CODE, shown=True),
        ListColumn(
            key="unit",
            value=select(Unit.name)
            .where(Unit.id == FootageRequest.unit_id)
            .correlate(FootageRequest)
            .scalar_subquery(),
            shown=True,
        ),
        ListColumn(key="medium", value=FootageCopy.medium, look=Look.STATUS, shown=True),
        ListColumn(
            key="medium_serial", value=_unless_secret_copy(FootageCopy.medium_serial), look=Look.CODE, shown=True
        ),
        ListColumn(
            key="where",
            value=_unless_secret_copy(case((_WORKING, FootageCopy.destination), else_=FootageCopy.shelf)),
            shown=True,
        ),
        ListColumn(
            key="holder",
            value=case((_WORKING, FootageCopy.receiver_name), else_=FootageCopy.keeper_name),
            shown=True,
        ),
        ListColumn(key="status", value=FootageCopy.status, look=Look.STATUS, shown=True),
        ListColumn(key="made_at", value=FootageCopy.made_at, look=Look.MOMENT, shown=True, sort=FootageCopy.made_at),
        ListColumn(key="made_by", value=FootageCopy.made_name, shown=True),
        ListColumn(key="due_back", value=FootageCopy.due_back, look=Look.DAY, shown=True),
        ListColumn(key="ended_on", value=FootageCopy.ended_on, look=Look.DAY, shown=True),
        ListColumn(key="ended_by", value=FootageCopy.ended_name, shown=True),
        ListColumn(key="ended_note", value=_unless_secret_copy(func.coalesce(FootageCopy.ended_note, "")), shown=True),
    ),
    filters=(
        ListFilter(key="q", kind=Kind.WORD, where=lambda _asked, words: bearing(words[0])),
        ListFilter(
            key="role",
            kind=Kind.CHOICE,
            values=tuple(str(role) for role in CopyRole),
            where=lambda _asked, roles: FootageCopy.role.in_(roles),
        ),
        ListFilter(
            key="status",
            kind=Kind.CHOICE,
            values=tuple(str(status) for status in CopyStatus),
            where=lambda _asked, statuses: FootageCopy.status.in_(statuses),
        ),
        ListFilter(key="due", kind=Kind.CHOICE, values=("overdue",), where=lambda asked, _words: overdue(asked.today)),
    ),
    reach={"unit": FootageRequest.unit_id, "organ": FootageRequest.requester_organ_id},
    usually=lambda _wanted: "made_at",
    file_only=True,
)

register_list(COPIES)
