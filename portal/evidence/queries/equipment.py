"""Uses of units' equipment: who sees which, one with all its parts, a list, those of a unit, and what waits."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, extract, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from portal.accounts.permissions import Permission
from portal.accounts.policy import allows, visibility
from portal.accounts.queries import visible
from portal.accounts.values import Identity, Scope
from portal.core.citytime import city_time
from portal.core.crypto import row_context
from portal.core.errors import NotFound
from portal.core.paging import Page, newest_first, tally_of
from portal.core.services import services
from portal.evidence.models import EquipmentDeed, EquipmentObstruction, EquipmentOfficer, EquipmentUse
from portal.evidence.states import UseStatus
from portal.registry.models import Camera, Unit
from portal.registry.queries import visible_cameras
from portal.registry.states import CameraStatus

MOST_CAMERAS = 300
# Where each text of a secret use is sealed: table and column.
SEALED = {
    "why": ("equipment_use", "content"),
    "opinion": ("equipment_use", "opinion"),
    "summary": ("equipment_use", "summary"),
    "note": ("equipment_deed", "note"),
    "facts": ("equipment_obstruction", "facts"),
}
STARTED = (UseStatus.IN_USE, UseStatus.RETURNED, UseStatus.CLOSED)


@dataclass(frozen=True, kw_only=True)
class UseFilter:
    """What the list is narrowed to; empty means all."""

    keyword: str = ""
    status: UseStatus | None = None
    late_at: datetime | None = None


@dataclass(frozen=True)
class ObstructionTexts:
    """Who refused or obstructed, where, what happened, what proves it."""

    person_name: str
    place: str
    facts: str
    evidence: str


@dataclass(frozen=True, kw_only=True)
class UseTexts:
    """All that is written about a use: why and in which case, the opinion, what was done, each obstruction."""

    case_number: str
    reason: str
    opinion: str
    summary: str
    notes: Mapping[UUID, str]
    obstructions: Mapping[UUID, ObstructionTexts]


def use_scope(use: EquipmentUse) -> Scope:
    """Where a use stands: the unit whose equipment it is, the organ and the person that ask."""
    return Scope(
        unit_ids=frozenset({use.unit_id}),
        districts=frozenset({use.district}),
        organ_ids=frozenset({use.organ_id}),
        person_ids=frozenset({use.applicant_id}),
    )


def uses_visible_to(identity: Identity) -> Select[EquipmentUse]:
    """The uses a person sees: those in reach; of secret ones those only that cannot do without the person."""
    reached = visible(
        visibility(identity, Permission.EQUIPMENT_READ), unit=EquipmentUse.unit_id, organ=EquipmentUse.organ_id
    )
    return select(EquipmentUse).where(reached, or_(~EquipmentUse.secret, _has_a_part(identity)))


def _has_a_part(identity: Identity) -> ColumnElement[bool]:
    comes = exists().where(EquipmentOfficer.use_id == EquipmentUse.id, EquipmentOfficer.person_id == identity.person_id)
    return or_(
        EquipmentUse.applicant_id == identity.person_id,
        comes,
        visible(visibility(identity, Permission.EQUIPMENT_APPROVE), organ=EquipmentUse.organ_id),
        visible(visibility(identity, Permission.EQUIPMENT_HAND), unit=EquipmentUse.unit_id),
    )


def get_use(session: Session, identity: Identity, use_id: UUID) -> EquipmentUse:
    """A use with all its parts. Raises NotFound for one out of sight."""
    use = session.scalars(
        uses_visible_to(identity)
        .where(EquipmentUse.id == use_id)
        .options(
            joinedload(EquipmentUse.unit),
            selectinload(EquipmentUse.officers),
            selectinload(EquipmentUse.cameras),
            selectinload(EquipmentUse.deeds),
            selectinload(EquipmentUse.obstructions),
        )
    ).one_or_none()
    if use is None:
        raise NotFound()
    return use


def lock_use(session: Session, identity: Identity, use_id: UUID) -> EquipmentUse:
    """The same, locked and as it is once nobody else holds it."""
    use = session.scalars(
        uses_visible_to(identity)
        .where(EquipmentUse.id == use_id)
        .with_for_update(of=EquipmentUse)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if use is None:
        raise NotFound()
    session.refresh(use, ["unit", "officers", "cameras", "deeds", "obstructions"])
    return use


def may_read_texts(identity: Identity, use: EquipmentUse) -> bool:
    """Whether the person may read what is written: of a secret use who comes, who asked, who decides, and nobody else."""
    if not use.secret:
        return True
    part = {use.applicant_id, *(one.person_id for one in use.officers)}
    return identity.person_id in part or allows(identity, Permission.EQUIPMENT_APPROVE, use_scope(use))


def texts_of(session: Session, use: EquipmentUse) -> UseTexts:
    """What is written about a use. Whoever calls has asked `may_read_texts`, and records a look at a secret one."""
    why = _opened(session, use.content_sealed, SEALED["why"], use.id)
    opinion = _opened(session, use.opinion_sealed, SEALED["opinion"], use.id)
    summary = _opened(session, use.summary_sealed, SEALED["summary"], use.id)
    return UseTexts(
        case_number=why.get("case_number", use.case_number),
        reason=why.get("reason", use.reason),
        opinion=opinion.get("text", use.decided_note),
        summary=summary.get("text", use.returned_note),
        notes={
            one.id: _opened(session, one.note_sealed, SEALED["note"], one.id).get("text", one.note) for one in use.deeds
        },
        obstructions={one.id: _told(session, one) for one in use.obstructions},
    )


def _told(session: Session, one: EquipmentObstruction) -> ObstructionTexts:
    sealed = _opened(session, one.facts_sealed, SEALED["facts"], one.id)
    return ObstructionTexts(
        **{each.name: sealed.get(each.name, getattr(one, each.name)) for each in fields(ObstructionTexts)}
    )


def _opened(session: Session, sealed: str | None, place: tuple[str, str], key: UUID) -> dict[str, str]:
    if sealed is None:
        return {}
    found: dict[str, str] = json.loads(services(session).envelope.open(sealed, context=row_context(*place, key)))
    return found


def equipment_page(
    session: Session, identity: Identity, wanted: UseFilter, *, after: str | None = None
) -> Page[EquipmentUse]:
    """Uses, newest first, with their unit and nothing of any case."""
    statement = _narrow(uses_visible_to(identity), wanted)
    return newest_first(session, statement, EquipmentUse.id, after=after, options=(joinedload(EquipmentUse.unit),))


def equipment_tally(session: Session, identity: Identity, wanted: UseFilter) -> Mapping[UseStatus, int]:
    """How many uses of the filter stand in each status."""
    narrowed = _narrow(uses_visible_to(identity), replace(wanted, status=None))
    return tally_of(session, narrowed, EquipmentUse.status, UseStatus)


def _narrow(statement: Select[Any], wanted: UseFilter) -> Select[Any]:
    if wanted.keyword.strip():
        word = wanted.keyword.strip()
        statement = statement.where(
            or_(
                EquipmentUse.number.contains(word, autoescape=True),
                EquipmentUse.organ_name.contains(word, autoescape=True),
                EquipmentUse.unit.has(Unit.name.contains(word, autoescape=True)),
            )
        )
    if wanted.status is not None:
        statement = statement.where(EquipmentUse.status == wanted.status)
    if wanted.late_at is not None:
        statement = statement.where(without_end(wanted.late_at))
    return statement


def without_end(now: datetime) -> ColumnElement[bool]:
    """Uses that went past the hours they have: begun, and nobody took the equipment back."""
    return and_(EquipmentUse.status.in_([UseStatus.IN_USE, UseStatus.RETURNED]), EquipmentUse.due_at < now)


def cameras_to_use(session: Session, identity: Identity, system_id: UUID) -> Sequence[Camera]:
    """The cameras of a system that may be named: as the reader sees them, none dismantled, none secret."""
    statement = visible_cameras(identity).where(
        Camera.system_id == system_id, ~Camera.secret, Camera.status != CameraStatus.DISMANTLED
    )
    return session.scalars(statement.order_by(Camera.name, Camera.id).limit(MOST_CAMERAS)).all()


def uses_of_unit(session: Session, unit_id: UUID, *, limit: int = 20) -> Sequence[tuple[EquipmentUse, int]]:
    """For the owner (REG-06): uses of its equipment that were begun or asked for, secret ones left out, with how many
    deeds are booked of each. The caller has let the reader in."""
    deeds = (
        select(func.count()).where(EquipmentDeed.use_id == EquipmentUse.id).correlate(EquipmentUse).scalar_subquery()
    )
    rows = session.execute(
        select(EquipmentUse, deeds)
        .where(
            EquipmentUse.unit_id == unit_id,
            ~EquipmentUse.secret,
            EquipmentUse.status.in_([UseStatus.APPROVED, *STARTED]),
        )
        .options(selectinload(EquipmentUse.officers))
        .order_by(EquipmentUse.id.desc())
        .limit(limit)
    )
    return [(use, count) for use, count in rows]


def secret_uses_of_unit(session: Session, unit_id: UUID) -> Mapping[int, int]:
    """How many secret uses of a unit's equipment were begun, by year: the owner is told the number alone."""
    year = extract("year", city_time(EquipmentUse.started_at))
    rows = session.execute(
        select(year, func.count())
        .where(EquipmentUse.unit_id == unit_id, EquipmentUse.secret, EquipmentUse.started_at.is_not(None))
        .group_by(year)
    )
    return {int(when): count for when, count in rows}
