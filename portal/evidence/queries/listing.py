"""The statutory call register as a list that leaves as a file, however many lines it has."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, case, literal, null, select

from portal.accounts.permissions import Permission
from portal.accounts.values import Identity
from portal.core.clock import CITY_TZ
from portal.evidence.models import CustodyEntry
from portal.evidence.queries.ledger import in_reach, worded
from portal.evidence.values import CALLS, CustodyAct
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
