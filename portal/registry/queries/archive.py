"""What a system's archive holds beside its filing: sites, contacts, compliance, connections, and what runs out."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CTE,
    ColumnElement,
    Row,
    Select,
    String,
    Text,
    cast,
    exists,
    func,
    literal,
    or_,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.orm import Session, aliased

from portal.accounts.permissions import Permission
from portal.accounts.policy import visibility
from portal.accounts.queries import visible
from portal.accounts.values import Identity
from portal.core.paging import PAGE_SIZE, Page, encode_cursor, place_in
from portal.registry.models import (
    Camera,
    Contractor,
    Document,
    Engagement,
    EngagementTechnician,
    ProductCertificate,
    Qualification,
    Site,
    System,
    SystemCompliance,
    SystemConnection,
    SystemContact,
    SystemParty,
    Technician,
)
from portal.registry.queries.contractors import engagements_of
from portal.registry.rules.validity import WARN_BEFORE, holds, qualification_of
from portal.registry.states import ConnectionStatus, UseStatus
from portal.registry.values.archive import ContractorKind, Expiry, ExpiryKind, Held, Validity


@dataclass(frozen=True, kw_only=True)
class ExpiryFilter:
    """What the list of ends is narrowed to."""

    kind: ExpiryKind | None = None
    district: str = ""
    unit_id: UUID | None = None
    expired: bool = False


def sites_of(session: Session, unit_id: UUID) -> Sequence[Site]:
    """The sites of a unit, by name."""
    return session.scalars(select(Site).where(Site.unit_id == unit_id).order_by(Site.name, Site.id)).all()


def counts_by_site(session: Session, unit_id: UUID) -> Mapping[UUID, tuple[int, int]]:
    """How many systems stand at each site of a unit, and how many cameras they have."""
    rows = session.execute(
        select(System.site_id, func.count(System.id.distinct()), func.count(Camera.id))
        .outerjoin(Camera, (Camera.system_id == System.id) & (Camera.status != "dismantled"))
        .where(System.unit_id == unit_id, System.site_id.is_not(None))
        .group_by(System.site_id)
    )
    return {site: (systems, cameras) for site, systems, cameras in rows if site}


def compliance_of(session: Session, system_id: UUID) -> SystemCompliance | None:
    """What a system states about graded protection and standards, when it states anything."""
    return session.get(SystemCompliance, system_id)


def certificates_of(session: Session, system_id: UUID) -> Sequence[ProductCertificate]:
    """The product certificates of a system."""
    statement = select(ProductCertificate).where(ProductCertificate.system_id == system_id)
    return session.scalars(statement.order_by(ProductCertificate.product, ProductCertificate.id)).all()


def connections_of(session: Session, system_id: UUID) -> Sequence[SystemConnection]:
    """The connections of a system, newest first."""
    statement = select(SystemConnection).where(SystemConnection.system_id == system_id)
    return session.scalars(statement.order_by(SystemConnection.id.desc())).all()


def held_of(session: Session, system: System, *, on: date) -> Held:
    """What the archive of a system holds on a day."""
    return helds_of(session, [system], on=on)[system.id]


def helds_of(session: Session, systems: Sequence[System], *, on: date) -> Mapping[UUID, Held]:
    """What the archives of these systems, which come with their units, hold on a day: in a fixed number of questions,
    however many they are."""
    keys = [system.id for system in systems]
    told = select(
        System.id,
        exists().where(SystemContact.system_id == System.id, SystemContact.round_the_clock),
        exists().where(ProductCertificate.system_id == System.id),
        exists().where(SystemConnection.system_id == System.id, SystemConnection.status == ConnectionStatus.ACTIVE),
        select(func.array_agg(Document.slot.distinct())).where(Document.system_id == System.id).scalar_subquery(),
    ).where(System.id.in_(keys))
    facts = {key: rest for key, *rest in session.execute(told)}
    stated = {
        row.system_id: row
        for row in session.scalars(select(SystemCompliance).where(SystemCompliance.system_id.in_(keys)))
    }
    ends = _ends(on)
    ended: dict[UUID, Counter[ExpiryKind]] = {key: Counter() for key in keys}
    for key, kind in session.execute(
        select(ends.c.system_id, ends.c.kind).where(ends.c.system_id.in_(keys), ends.c.until < on)
    ):
        ended[key][ExpiryKind(kind)] += 1
    works: dict[UUID, list[Engagement]] = {key: [] for key in keys}
    for each in engagements_of(session, *keys):
        works[each.system_id].append(each)
    return {
        system.id: _held(system, facts[system.id], stated.get(system.id), ended[system.id], works[system.id], on=on)
        for system in systems
    }


def _held(
    system: System,
    facts: Sequence[Any],
    stated: SystemCompliance | None,
    ended: Counter[ExpiryKind],
    engagements: Sequence[Engagement],
    *,
    on: date,
) -> Held:
    contact, certified, connected, slots = facts
    current = [each for each in engagements if holds(each, on)]
    standing = [
        qualification_of([one for one in each.contractor.qualifications if one.kind == each.kind], each, on=on)
        for each in current
    ]
    return Held(
        round_the_clock=bool(contact or system.unit.duty_phone_masked),
        slots=frozenset(slots or ()),
        expired=ended,
        engaged=frozenset(ContractorKind(each.kind) for each in engagements),
        unqualified=sum(1 for each in standing if each is Validity.MISSING),
        unnamed=sum(1 for each in current if not each.technicians),
        mlps_stated=stated is not None and stated.mlps_level is not None,
        mlps_filed=stated is not None and bool(stated.mlps_number),
        standards=stated is not None and bool(stated.standards or stated.other_standards),
        certificates=bool(certified),
        connected=bool(connected),
    )


def expiries_between(session: Session, since: date, until: date) -> Sequence[Expiry]:
    """What of any system runs out between two days: for reminders."""
    ends = _ends(since)
    rows = session.execute(select(ends).where(ends.c.until.between(since, until)).order_by(ends.c.until, ends.c.id))
    return [_expiry(row) for row in rows]


def expiry_page(
    session: Session, identity: Identity, wanted: ExpiryFilter, *, on: date, after: str | None = None
) -> Page[Expiry]:
    """What has run out or soon will, in the person's reach, the earliest first."""
    ends = _ends(on)
    seen = visible(visibility(identity, Permission.SYSTEM_READ), unit=ends.c.unit_id, district=ends.c.district)
    last = on - timedelta(days=1) if wanted.expired else on + WARN_BEFORE
    statement = select(ends).where(seen, ends.c.until <= last)
    if wanted.kind is not None:
        statement = statement.where(ends.c.kind == wanted.kind)
    if wanted.district:
        statement = statement.where(ends.c.district == wanted.district)
    if wanted.unit_id is not None:
        statement = statement.where(ends.c.unit_id == wanted.unit_id)
    if after:
        statement = statement.where(
            tuple_(ends.c.until, ends.c.id) > tuple_(*place_in(after, date.fromisoformat, UUID))
        )
    rows = session.execute(statement.order_by(ends.c.until, ends.c.id).limit(PAGE_SIZE + 1)).all()
    items = [_expiry(row) for row in rows[:PAGE_SIZE]]
    more = len(rows) > PAGE_SIZE
    return Page(
        items=items,
        next_cursor=encode_cursor([items[-1].until.isoformat(), str(items[-1].id)]) if more else None,
    )


def lapsed_systems(session: Session, system_ids: Sequence[UUID], *, on: date) -> Mapping[UUID, int]:
    """How many things of each of these systems have run out."""
    ends = _ends(on)
    rows = session.execute(
        select(ends.c.system_id, func.count())
        .where(ends.c.system_id.in_(system_ids), ends.c.until < on)
        .group_by(ends.c.system_id)
    )
    found: dict[UUID, int] = dict(rows.all())
    return found


def lapsed_on(on: date) -> Select[Any]:
    """The systems of which something had run out by a day."""
    ends = _ends(on)
    return select(ends.c.system_id).where(ends.c.until < on)


def _expiry(row: Row[Any]) -> Expiry:
    names = ("id", "system_id", "system_name", "unit_id", "district", "name", "until")
    return Expiry(kind=ExpiryKind(row.kind), **{name: getattr(row, name) for name in names})


def _ends(on: date) -> CTE:
    """Everything of a system that stands and has a last day, as one table to ask."""
    lines = (_qualifications(on), _technicians(on), _evaluations(), _certificates(), _documents(), _parties())
    return union_all(*lines).cte("ends")


def _line(kind: ExpiryKind, key: Any, name: Any, until: Any) -> Select[Any]:
    columns = (
        literal(str(kind), String).label("kind"),
        key.label("id"),
        System.id.label("system_id"),
        System.name.label("system_name"),
        System.unit_id.label("unit_id"),
        System.district.label("district"),
        cast(name, Text).label("name"),
        until.label("until"),
    )
    return select(*columns).where(System.use_status != UseStatus.DISMANTLED, until.is_not(None))


def _qualifications(on: date) -> Select[Any]:
    """The last certificate of the firm for the work that still goes on; one without an end never runs out."""
    until = (
        select(func.max(func.coalesce(Qualification.valid_to, date.max)))
        .where(Qualification.contractor_id == Engagement.contractor_id, Qualification.kind == Engagement.kind)
        .correlate(Engagement)
        .scalar_subquery()
    )
    return (
        _line(ExpiryKind.QUALIFICATION, Engagement.id, Contractor.name, until)
        .join(Engagement, Engagement.system_id == System.id)
        .join(Contractor, Contractor.id == Engagement.contractor_id)
        .where(_goes_on(Engagement, on))
    )


def _technicians(on: date) -> Select[Any]:
    return (
        _line(ExpiryKind.TECHNICIAN, EngagementTechnician.id, Technician.name, Technician.certificate_to)
        .join(Engagement, Engagement.system_id == System.id)
        .join(EngagementTechnician, EngagementTechnician.engagement_id == Engagement.id)
        .join(Technician, Technician.id == EngagementTechnician.technician_id)
        .where(_goes_on(Engagement, on), _goes_on(EngagementTechnician, on))
    )


def _evaluations() -> Select[Any]:
    kept = SystemCompliance
    return _line(ExpiryKind.EVALUATION, kept.system_id, kept.mlps_number, kept.mlps_evaluation_to).join(
        kept, kept.system_id == System.id
    )


def _certificates() -> Select[Any]:
    kept = ProductCertificate
    return _line(ExpiryKind.CERTIFICATE, kept.id, kept.product, kept.valid_to).join(kept, kept.system_id == System.id)


def _documents() -> Select[Any]:
    """The newest version of each slot. Its title may be more than the reader may know: the slot names it."""
    later = aliased(Document)
    newer = exists().where(
        later.system_id == Document.system_id, later.slot == Document.slot, later.version_no > Document.version_no
    )
    return (
        _line(ExpiryKind.DOCUMENT, Document.id, Document.slot, Document.expires_on)
        .join(Document, Document.system_id == System.id)
        .where(~newer)
    )


def _parties() -> Select[Any]:
    """A party whose time ends and whom nobody follows."""
    later = aliased(SystemParty)
    followed = exists().where(
        later.system_id == SystemParty.system_id,
        later.role == SystemParty.role,
        later.valid_from > SystemParty.valid_to,
    )
    return (
        _line(ExpiryKind.PARTY, SystemParty.id, SystemParty.role, SystemParty.valid_to)
        .join(SystemParty, SystemParty.system_id == System.id)
        .where(~followed)
    )


def _goes_on(each: type[Engagement] | type[EngagementTechnician], on: date) -> ColumnElement[bool]:
    return or_(each.valid_to.is_(None), each.valid_to >= on)
