"""Units and systems."""

from collections.abc import Callable
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload, object_session

from portal.accounts.permissions import Permission
from portal.accounts.policy import require, visibility
from portal.accounts.queries import visible
from portal.accounts.values import Identity, Scope
from portal.core.errors import NotFound
from portal.registry.models import Camera, Filing, System, Unit
from portal.registry.states import FilingStatus


def kind_of(row: object, unit_id: UUID | None) -> Callable[[], str | None]:
    """What kind of place a row's unit is, looked up when it is asked: only who reaches by sector asks."""

    def kind() -> str | None:
        session = object_session(row)
        return session.scalar(select(Unit.unit_type).where(Unit.id == unit_id)) if session else None

    return kind


def unit_scope(unit: Unit) -> Scope:
    """Where a unit stands."""
    return Scope(unit_ids=frozenset({unit.id}), districts=frozenset({unit.district}), kind=lambda: unit.unit_type)


def system_scope(system: System) -> Scope:
    """Where a system stands."""
    return Scope(
        unit_ids=frozenset({system.unit_id}),
        districts=frozenset({system.district}),
        kind=kind_of(system, system.unit_id),
    )


def camera_scope(camera: Camera) -> Scope:
    """Where a camera belongs: where it hangs, and where its system is filed (decision 17). A secret one does not exist
    outside its own unit, as `visible_cameras` has it."""
    districts = {camera.district, camera.filed_district or camera.district}
    return Scope(unit_ids=frozenset({camera.unit_id}), districts=frozenset(districts), unit_only=camera.secret)


def ground_scope(camera: Camera) -> Scope:
    """Where a camera hangs: what is done to the device itself goes by the ground alone."""
    return Scope(unit_ids=frozenset({camera.unit_id}), districts=frozenset({camera.district}), unit_only=camera.secret)


def filing_scope(filing: Filing) -> Scope:
    """Where a filing stands. A draft is its unit's own business until it is submitted."""
    if filing.status == FilingStatus.DRAFT:
        return Scope(unit_ids=frozenset({filing.unit_id}), unit_only=True)
    return Scope(
        unit_ids=frozenset({filing.unit_id}),
        districts=frozenset({filing.district}),
        kind=kind_of(filing, filing.unit_id),
        organ_ids=frozenset({filing.organ_id}),
    )


def get_unit(session: Session, identity: Identity, unit_id: UUID) -> Unit:
    """A unit the person may read. Raises NotFound."""
    unit = session.get(Unit, unit_id)
    if unit is None:
        raise NotFound()
    require(identity, Permission.UNIT_READ, unit_scope(unit))
    return unit


def lock_unit(session: Session, unit_id: UUID) -> Unit:
    """A unit held for change. Raises NotFound."""
    unit = session.get(Unit, unit_id, with_for_update=True)
    if unit is None:
        raise NotFound()
    return unit


def get_system(session: Session, identity: Identity, system_id: UUID) -> System:
    """A system with its unit and parties, if the person may read it. Raises NotFound."""
    statement = (
        select(System)
        .where(System.id == system_id)
        .options(joinedload(System.unit), joinedload(System.site), joinedload(System.parties))
    )
    system = session.scalars(statement).unique().one_or_none()
    if system is None:
        raise NotFound()
    require(identity, Permission.SYSTEM_READ, system_scope(system))
    return system


def lock_system(session: Session, system_id: UUID) -> System:
    """A system held for change, with its unit and parties. Raises NotFound."""
    system = (
        session.scalars(
            select(System)
            .where(System.id == system_id)
            .options(joinedload(System.unit), joinedload(System.parties))
            .with_for_update(of=System)
        )
        .unique()
        .one_or_none()
    )
    if system is None:
        raise NotFound()
    return system


def units_visible_to(identity: Identity) -> Select[Unit]:
    """Every unit the person may read."""
    return select(Unit).where(visible(visibility(identity, Permission.UNIT_READ), unit=Unit.id, district=Unit.district))


def systems_visible_to(identity: Identity) -> Select[System]:
    """Every system the person may read."""
    return select(System).where(
        visible(visibility(identity, Permission.SYSTEM_READ), unit=System.unit_id, district=System.district)
    )


def systems_of(session: Session, unit_id: UUID) -> list[System]:
    """The systems of a unit the caller has already been let in to."""
    statement = select(System).where(System.unit_id == unit_id).options(joinedload(System.site))
    return list(session.scalars(statement.order_by(System.id)))
