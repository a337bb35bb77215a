"""The permission table. The rule that guards one row (`allows`) and the rule that filters a list (`visibility`) are
both read from GRANTS, so they cannot disagree. Pure: no database, no request.
"""

from dataclasses import replace

from portal.accounts.permissions import TOKEN_SCOPES, Permission
from portal.accounts.policy.grants import GRANTS, Reach
from portal.accounts.policy.purposes import fits_purpose
from portal.accounts.values import Identity, MembershipFact, Scope, Visibility
from portal.core.errors import NotAllowed, NotFound

# What goes by where a row stands rather than by whose it is.
_BY_PLACE = frozenset({Reach.CITY, Reach.DISTRICT, Reach.SECTOR})

__all__ = ["GRANTS", "Reach", "allows", "in_scopes", "may_ever", "refusal_of", "require", "visibility"]


def _reaches(reach: Reach, fact: MembershipFact, identity: Identity, scope: Scope) -> bool:
    match reach:
        case Reach.CITY:
            return True
        case Reach.DISTRICT:
            return fact.citywide or bool(fact.districts & scope.districts)
        case Reach.SECTOR:
            return _in_sector(fact, scope)
        case Reach.UNIT:
            return fact.unit_id is not None and fact.unit_id in scope.unit_ids
        case Reach.ORGAN:
            return fact.organ_id is not None and fact.organ_id in scope.organ_ids
        case Reach.SELF:
            return identity.person_id is not None and identity.person_id in scope.person_ids


def _in_sector(fact: MembershipFact, scope: Scope) -> bool:
    sector = fact.sector
    here = sector is not None and (sector.everywhere or bool(sector.districts & scope.districts))
    return here and sector is not None and scope.kind is not None and scope.kind() in sector.kinds


def in_scopes(identity: Identity, permission: Permission) -> bool:
    """Whether what the person came in with lets them use this permission: a personal token carries a few only, and an
    account opened for one purpose serves no other."""
    return fits_purpose(identity.purpose, permission) and (identity.scopes is None or permission in identity.scopes)


def may_ever(identity: Identity, permission: Permission) -> bool:
    """Whether any role of the person carries the permission at all, before any row is looked at."""
    if not in_scopes(identity, permission):
        return False
    return identity.is_system or any(fact.role in GRANTS[permission] for fact in identity.memberships)


def allows(identity: Identity, permission: Permission, scope: Scope) -> bool:
    """Whether the person may do this to a row standing at `scope`. A secret row opens to the persons it names only."""
    if scope.named_only is not None and identity.person_id not in scope.named_only:
        return False
    if not in_scopes(identity, permission):
        return False
    if identity.is_system:
        return True
    grants = GRANTS[permission]
    held = [(grants[fact.role], fact) for fact in identity.memberships if fact.role in grants]
    if scope.organ_only:
        held = [(reach, fact) for reach, fact in held if reach not in _BY_PLACE]
    return any(
        _reaches(reach, fact, identity, scope) for reach, fact in held if reach is Reach.UNIT or not scope.unit_only
    )


def visibility(identity: Identity, permission: Permission) -> Visibility:
    """The rows for which `allows` says yes, as a value. Secrecy is the owning feature's extra clause."""
    if not in_scopes(identity, permission):
        return Visibility()
    if identity.is_system:
        return Visibility(everything=True)
    grants = GRANTS[permission]
    held = [(grants[fact.role], fact) for fact in identity.memberships if fact.role in grants]
    everything = any(r is Reach.CITY or (r is Reach.DISTRICT and fact.citywide) for r, fact in held)
    return Visibility(
        everything=everything,
        units=frozenset(fact.unit_id for r, fact in held if r is Reach.UNIT and fact.unit_id),
        districts=frozenset(code for r, fact in held if r is Reach.DISTRICT for code in fact.districts),
        sectors=frozenset(fact.sector for r, fact in held if r is Reach.SECTOR and fact.sector),
        organs=frozenset(fact.organ_id for r, fact in held if r is Reach.ORGAN and fact.organ_id),
        person=identity.person_id if any(r is Reach.SELF for r, _ in held) else None,
    )


def refusal_of(identity: Identity, permission: Permission) -> NotAllowed:
    """What stands in the way: the scope that a token lacks, where its person's own roles carry the permission; else the
    permission, of which a program is told no name."""
    by_hand = replace(identity, scopes=None)
    if permission in TOKEN_SCOPES and not in_scopes(identity, permission) and may_ever(by_hand, permission):
        return NotAllowed("scope_missing", scope=str(permission))
    return NotAllowed("permission", permission=str(permission))


def require(
    identity: Identity, permission: Permission, scope: Scope | None = None, *, read: Permission | None = None
) -> None:
    """Raise unless allowed: NotFound where the row itself is out of sight (`read` is the permission that shows it),
    NotAllowed where the person sees the row but may not do this."""
    if scope is None:
        if not may_ever(identity, permission):
            raise refusal_of(identity, permission)
        return
    if allows(identity, permission, scope):
        return
    if read is not None and allows(identity, read, scope):
        raise refusal_of(identity, permission)
    raise NotFound()
