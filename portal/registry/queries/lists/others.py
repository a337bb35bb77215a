"""The lists of units, systems and filings."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import ColumnElement, case, func, literal, or_, select
from sqlalchemy.orm import aliased

from portal.accounts.models import Organ
from portal.accounts.permissions import Permission
from portal.accounts.policy import visibility
from portal.accounts.values import Identity
from portal.registry.models import Camera, Filing, Site, System, Unit
from portal.registry.queries.archive import lapsed_on
from portal.registry.queries.filings import OPEN, filings_visible_to
from portal.registry.queries.lists.spec import (
    Asked,
    Kind,
    ListColumn,
    ListFilter,
    ListSpec,
    Look,
    choice,
    day_range,
    flag,
    in_district,
    row,
)
from portal.registry.queries.units import systems_visible_to, units_visible_to
from portal.registry.states import IN_FORCE, FilingStatus, UseStatus
from portal.registry.values import FilingKind, StorageKind, SystemKind, UnitType
from portal.registry.values.lists import Wanted
from portal.regulation.schema.vocabulary import Regime

_LATER = date(9999, 12, 31)  # what has no due day comes after everything that has one
_MUCH_LATER = datetime(9999, 12, 31, tzinfo=UTC)
# These lists are a fiftieth of the cameras: counted whole.
_CAP = 200_000


def _unit_named(_asked: Asked, words: Sequence[str]) -> ColumnElement[bool]:
    word = words[0]
    return or_(
        Unit.name.contains(word, autoescape=True),
        Unit.initials.startswith(word.lower(), autoescape=True),
        Unit.uscc == word.upper(),
    )


def _system_named(_asked: Asked, words: Sequence[str]) -> ColumnElement[bool]:
    return or_(
        System.name.contains(words[0], autoescape=True),
        System.unit_id.in_(select(Unit.id).where(Unit.name.contains(words[0], autoescape=True))),
    )


def _filing_named(_asked: Asked, words: Sequence[str]) -> ColumnElement[bool]:
    word = words[0]
    return or_(
        Filing.number.startswith(word, autoescape=True),
        Filing.national_number.startswith(word, autoescape=True),
        Filing.unit_id.in_(select(Unit.id).where(Unit.name.contains(word, autoescape=True))),
        Filing.system_id.in_(select(System.id).where(System.name.contains(word, autoescape=True))),
    )


_accepted = select(Filing.unit_id).where(Filing.status.in_(IN_FORCE))
_filed_systems = select(Filing.system_id).where(Filing.status.in_(IN_FORCE))


def _filed(table: Any, key: str, among: Any) -> ColumnElement[str]:
    return case((getattr(table, key).in_(among), "filed"), else_="unfiled")


def _filed_so(column: Any, among: Any) -> Any:
    return lambda _asked, chosen: or_(
        *(column.in_(among) if one == "filed" else column.not_in(among) for one in chosen)
    )


def _filing_filter(model: Any, key: str, among: Any) -> ListFilter:
    return ListFilter(
        key="filed",
        kind=Kind.CHOICE,
        values=("filed", "unfiled"),
        where=_filed_so(getattr(model, key), among),
        facet=lambda table: _filed(table, key, among),
    )


def _count(what: Any, link: ColumnElement[bool]) -> ColumnElement[int]:
    return select(func.count()).select_from(what).where(link).scalar_subquery()


def _yes(key: str, column: Any) -> ListFilter:
    return flag(key, lambda _asked: column)


UNITS = ListSpec(
    key="units",
    permission=Permission.UNIT_READ,
    model=Unit,
    rows=units_visible_to,
    columns=(
        ListColumn(key="name", value=Unit.name, look=Look.LEAD, shown=True, sort=Unit.name),
        ListColumn(key="unit_type", value=Unit.unit_type, look=Look.WORDS, shown=True),
        ListColumn(key="district", value=Unit.district, look=Look.DISTRICT, shown=True),
        ListColumn(key="address", value=Unit.address, shown=True),
        ListColumn(key="systems", value=_count(System, System.unit_id == Unit.id), look=Look.NUMBER),
        ListColumn(
            key="cameras",
            value=_count(Camera, (Camera.unit_id == Unit.id) & ~Camera.secret),
            look=Look.NUMBER,
            needs=Permission.CAMERA_READ,
        ),
        ListColumn(key="filed", value=_filed(Unit, "id", _accepted), look=Look.STATUS),
        ListColumn(key="contact_name", value=Unit.contact_name, shown=True),
        ListColumn(key="uscc", value=Unit.uscc, look=Look.CODE, shown=True),
        ListColumn(key="category", value=Unit.category, look=Look.TEXT),
        ListColumn(key="principal_name", value=Unit.principal_name),
        ListColumn(key="security_head_name", value=Unit.security_head_name),
        ListColumn(key="contact_phone", value=Unit.contact_phone_masked, look=Look.CODE, needs=Permission.CONTACT_REVEAL),
        ListColumn(key="duty_phone", value=Unit.duty_phone_masked, look=Look.CODE, needs=Permission.CONTACT_REVEAL),
        ListColumn(key="counter_terror_target", value=Unit.counter_terror_target, look=Look.FLAG),
        ListColumn(key="created_at", value=Unit.created_at, look=Look.MOMENT),
        ListColumn(key="updated_at", value=Unit.updated_at, look=Look.MOMENT),
        ListColumn(key="id", value=Unit.id, look=Look.CODE),
    ),
    filters=(
        ListFilter(key="q", kind=Kind.WORD, where=_unit_named),
        _filing_filter(Unit, "id", _accepted),
        in_district(Unit.district),
        choice("type", Unit.unit_type, UnitType),
        _yes("counter_terror", Unit.counter_terror_target),
        flag("unfiled", lambda _asked: Unit.id.not_in(_accepted), offered=False),
    ),
    reach={"unit": Unit.id, "district": Unit.district},
    position=Unit.position,
    cap=_CAP,
)  # fmt: skip

_unit_of_system = select(Unit.name).where(Unit.id == System.unit_id).scalar_subquery()
_newest = aliased(Filing)


def _latest(column: Any) -> ColumnElement[Any]:
    """A column of a system's newest filing that was ever accepted."""
    return (
        select(column)
        .where(_newest.system_id == System.id, _newest.number.is_not(None))
        .order_by(_newest.id.desc())
        .limit(1)
        .scalar_subquery()
    )


def _open_system(identity: Identity) -> ColumnElement[bool]:
    return or_(~System.secret, System.unit_id.in_(visibility(identity, Permission.SYSTEM_READ).units))


SYSTEMS = ListSpec(
    key="systems",
    permission=Permission.SYSTEM_READ,
    model=System,
    rows=systems_visible_to,
    columns=(
        ListColumn(key="name", value=System.name, look=Look.LEAD, shown=True, sort=System.name),
        ListColumn(key="unit", value=_unit_of_system, shown=True),
        ListColumn(key="district", value=System.district, look=Look.DISTRICT, shown=True),
        ListColumn(key="use_status", value=System.use_status, look=Look.STATUS, shown=True),
        ListColumn(key="filed", value=_filed(System, "id", _filed_systems), look=Look.STATUS, shown=True),
        ListColumn(key="regime", value=System.regime, look=Look.WORDS, shown=True),
        ListColumn(
            key="cameras",
            value=_count(Camera, (Camera.system_id == System.id) & ~Camera.secret),
            look=Look.NUMBER,
            shown=True,
            needs=Permission.CAMERA_READ,
        ),
        ListColumn(key="retention_days", value=System.retention_days, look=Look.NUMBER, shown=True),
        ListColumn(key="in_use_on", value=System.in_use_on, look=Look.DAY),
        ListColumn(key="filing_number", value=_latest(_newest.number), look=Look.CODE),
        ListColumn(key="kind", value=System.kind, look=Look.WORDS),
        ListColumn(
            key="organ", value=select(Organ.name).where(Organ.id == System.organ_id).scalar_subquery()
        ),
        ListColumn(key="site", value=select(Site.name).where(Site.id == System.site_id).scalar_subquery()),
        ListColumn(key="department", value=System.department),
        ListColumn(key="address", value=System.address),
        ListColumn(key="purpose", value=System.purpose),
        ListColumn(key="storage_kind", value=System.storage_kind, look=Look.WORDS),
        ListColumn(key="software", value=System.software),
        ListColumn(key="networked", value=System.networked, look=Look.FLAG),
        ListColumn(key="records_audio", value=System.records_audio, look=Look.FLAG),
        ListColumn(key="has_analytics", value=System.has_analytics, look=Look.FLAG),
        ListColumn(key="secret", value=System.secret, look=Look.FLAG, exported=False),
        ListColumn(key="created_at", value=System.created_at, look=Look.MOMENT),
        ListColumn(key="id", value=System.id, look=Look.CODE),
    ),
    filters=(
        ListFilter(key="q", kind=Kind.WORD, where=_system_named),
        choice("use", System.use_status, UseStatus),
        in_district(System.district),
        choice("regime", System.regime, Regime),
        _filing_filter(System, "id", _filed_systems),
        choice("kind", System.kind, SystemKind),
        choice("storage", System.storage_kind, StorageKind),
        ListFilter(
            key="kept_below",
            kind=Kind.BELOW,
            read=int,
            longest=4,
            where=lambda _asked, days: System.retention_days < days[0],
        ),
        *day_range("used_from", "used_until", System.in_use_on),
        _yes("networked", System.networked),
        _yes("audio", System.records_audio),
        _yes("analytics", System.has_analytics),
        flag("lapsed", lambda asked: System.id.in_(lapsed_on(asked.today))),
        row("unit", System.unit_id, (Unit.id, Unit.name)),
        row("site", System.site_id, (Site.id, Site.name)),
    ),
    reach={"unit": System.unit_id, "district": System.district},
    leaves=_open_system,
    cap=_CAP,
)  # fmt: skip


def _of_system(column: Any) -> ColumnElement[Any]:
    return select(column).where(System.id == Filing.system_id).scalar_subquery()


def _open_filing(identity: Identity) -> ColumnElement[bool]:
    return or_(~_of_system(System.secret), Filing.unit_id.in_(visibility(identity, Permission.FILING_READ).units))


_due = func.coalesce(Filing.due_on, literal(_LATER))
_submitted = func.coalesce(Filing.submitted_at, literal(_MUCH_LATER, Filing.submitted_at.type))


def _oldest_waiting(wanted: Wanted) -> str:
    """What waits for a decision stands in the order in which it came."""
    return "submitted_at" if wanted.values("status") == (FilingStatus.SUBMITTED,) else ""


FILINGS = ListSpec(
    key="filings",
    permission=Permission.FILING_READ,
    model=Filing,
    rows=filings_visible_to,
    columns=(
        ListColumn(key="system", value=_of_system(System.name), look=Look.LEAD, shown=True),
        ListColumn(
            key="unit", value=select(Unit.name).where(Unit.id == Filing.unit_id).scalar_subquery(), shown=True
        ),
        ListColumn(key="district", value=Filing.district, look=Look.DISTRICT),
        ListColumn(key="kind", value=Filing.kind, look=Look.WORDS, shown=True),
        ListColumn(key="status", value=Filing.status, look=Look.STATUS, shown=True),
        ListColumn(key="due_on", value=Filing.due_on, look=Look.DAY, shown=True, sort=_due),
        ListColumn(key="submitted_at", value=Filing.submitted_at, look=Look.DAY, shown=True, sort=_submitted),
        ListColumn(key="late_days", value=Filing.late_days, look=Look.NUMBER),
        ListColumn(key="decided_at", value=Filing.decided_at, look=Look.DAY),
        ListColumn(key="number", value=Filing.number, look=Look.CODE, shown=True),
        ListColumn(key="national_number", value=Filing.national_number, look=Look.CODE),
        ListColumn(key="regime", value=_of_system(System.regime), look=Look.WORDS),
        ListColumn(key="organ", value=select(Organ.name).where(Organ.id == Filing.organ_id).scalar_subquery()),
        ListColumn(key="revision", value=Filing.revision, look=Look.NUMBER),
        ListColumn(key="declared_by", value=Filing.declared_by),
        ListColumn(key="decided_by", value=Filing.decided_by_name),
        ListColumn(key="created_at", value=Filing.created_at, look=Look.MOMENT),
        ListColumn(key="id", value=Filing.id, look=Look.CODE),
    ),
    filters=(
        ListFilter(key="q", kind=Kind.WORD, where=_filing_named),
        choice("status", Filing.status, FilingStatus),
        in_district(Filing.district),
        choice("kind", Filing.kind, FilingKind),
        ListFilter(
            key="regime",
            kind=Kind.CHOICE,
            values=tuple(str(each) for each in Regime),
            where=lambda _asked, chosen: Filing.system_id.in_(select(System.id).where(System.regime.in_(chosen))),
            facet=lambda table: select(System.regime).where(System.id == table.system_id).scalar_subquery(),
        ),
        flag("overdue", lambda asked: Filing.status.in_(OPEN) & (Filing.due_on < asked.today)),
        flag("late", lambda _asked: Filing.late_days > 0),
        *day_range("due_from", "due_until", Filing.due_on),
        row("unit", Filing.unit_id, (Unit.id, Unit.name)),
        row("system", Filing.system_id, (System.id, System.name)),
    ),
    reach={"unit": Filing.unit_id, "district": Filing.district},
    leaves=_open_filing,
    usually=_oldest_waiting,
    cap=_CAP,
)  # fmt: skip
