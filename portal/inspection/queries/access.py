"""Who may read and who handles an acceptance."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session, joinedload

from portal.accounts import policy
from portal.accounts.permissions import Permission
from portal.accounts.policy import allows, require, visibility
from portal.accounts.queries import visible
from portal.accounts.values import Identity, Scope
from portal.core.db import lock_row
from portal.core.errors import NotFound
from portal.inspection.models import Acceptance, Finding
from portal.inspection.states import AcceptanceKind
from portal.registry.queries import kind_of


def acceptance_scope(acceptance: Acceptance, inspectors: Sequence[UUID] = ()) -> Scope:
    """Where an acceptance stands; `inspectors` are the persons assigned to its visit."""
    return Scope(
        unit_ids=frozenset({acceptance.unit_id}),
        districts=frozenset({acceptance.district}),
        organ_ids=frozenset({acceptance.organ_id}),
        person_ids=frozenset(inspectors),
        kind=kind_of(acceptance, acceptance.unit_id),
    )


def handling_scope(acceptance: Acceptance, inspectors: Sequence[UUID] = ()) -> Scope:
    """Who handles an acceptance: a school's standard creation is a matter of the organ it is addressed to alone, and
    not of the police of the place, nor of those of the whole city."""
    scope = acceptance_scope(acceptance, inspectors)
    return replace(scope, organ_only=acceptance.kind == AcceptanceKind.STANDARD)


def require_handling(
    identity: Identity, permission: Permission, acceptance: Acceptance, inspectors: Sequence[UUID] = ()
) -> None:
    """Raise NotFound for whoever may not read the acceptance, NotAllowed for readers who do not handle it."""
    if allows(identity, permission, handling_scope(acceptance, inspectors)):
        return
    require(identity, Permission.ACCEPTANCE_READ, acceptance_scope(acceptance))
    raise policy.refusal_of(identity, permission)


def sees_within(identity: Identity, acceptance: Acceptance) -> bool:
    """Whether the person may look at pictures from within the place: its own people, the police and who handles the
    acceptance, but not who merely supervises."""
    return allows(identity, Permission.SCENE_READ, acceptance_scope(acceptance)) or allows(
        identity, Permission.ACCEPTANCE_CHECK, handling_scope(acceptance)
    )


def finding_scope(finding: Finding) -> Scope:
    """Where a finding stands: with its acceptance, or with the organ that looked at the unit."""
    if finding.acceptance is not None:
        return acceptance_scope(finding.acceptance)
    return Scope(
        unit_ids=frozenset({finding.unit_id}),
        districts=frozenset({finding.district}),
        organ_ids=frozenset({finding.organ_id}),
        kind=kind_of(finding, finding.unit_id),
    )


def handles_finding(identity: Identity, finding: Finding) -> bool:
    """Whether a person judges the cure of a finding: as the acceptance is handled; what a routine visit found, in the
    organ that made it."""
    if finding.acceptance is not None:
        return allows(identity, Permission.FINDING_VERIFY, handling_scope(finding.acceptance))
    own = finding.organ_id in identity.organ_ids or identity.is_system
    return own and allows(identity, Permission.FINDING_VERIFY, finding_scope(finding))


def require_finding(identity: Identity, finding: Finding) -> None:
    """Raise NotFound for whoever may not read the finding, NotAllowed for readers who do not judge its cure."""
    if not handles_finding(identity, finding):
        require(identity, Permission.ACCEPTANCE_READ, finding_scope(finding))
        raise policy.refusal_of(identity, Permission.FINDING_VERIFY)


def get_acceptance(session: Session, identity: Identity, acceptance_id: UUID) -> Acceptance:
    """An acceptance with system and unit, if the person may read it. Raises NotFound."""
    statement = (
        select(Acceptance)
        .where(Acceptance.id == acceptance_id)
        .options(joinedload(Acceptance.system), joinedload(Acceptance.unit))
    )
    acceptance = session.scalars(statement).one_or_none()
    if acceptance is None:
        raise NotFound()
    require(identity, Permission.ACCEPTANCE_READ, acceptance_scope(acceptance))
    return acceptance


def get_handled(session: Session, identity: Identity, acceptance_id: UUID, permission: Permission) -> Acceptance:
    """An acceptance for whoever handles it. Raises NotFound or NotAllowed, before anything of a form is judged."""
    acceptance = get_acceptance(session, identity, acceptance_id)
    require_handling(identity, permission, acceptance)
    return acceptance


def lock_acceptance(session: Session, acceptance_id: UUID) -> Acceptance:
    """An acceptance held for change, with system and unit, as it is once it is held. Raises NotFound."""
    return lock_row(session, Acceptance, acceptance_id, joinedload(Acceptance.system), joinedload(Acceptance.unit))


def acceptances_visible_to(identity: Identity) -> Select[Acceptance]:
    """Every acceptance the person may read."""
    seen = visibility(identity, Permission.ACCEPTANCE_READ)
    return select(Acceptance).where(visible(seen, unit=Acceptance.unit_id, district=Acceptance.district))


def handled_by(identity: Identity, permission: Permission) -> ColumnElement[bool]:
    """The acceptances that a person handles under a permission: `handling_scope` as a condition on rows."""
    seen = visibility(identity, permission)
    of_place = visible(seen, district=Acceptance.district) & (Acceptance.kind != AcceptanceKind.STANDARD)
    own = replace(seen, everything=identity.is_system)
    return visible(own, unit=Acceptance.unit_id, organ=Acceptance.organ_id) | of_place
