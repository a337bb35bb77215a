"""The permission table. The rule that guards one row (`allows`) and the rule that filters a list (`visibility`) are
both read from GRANTS, so they cannot disagree. Pure: no database, no request.
"""

from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum

from portal.accounts.permissions import TOKEN_SCOPES, Permission
from portal.accounts.values import Identity, MembershipFact, Role, Scope, Visibility
from portal.core.errors import NotAllowed, NotFound


class Reach(StrEnum):
    """How far a grant goes from the membership that carries it."""

    CITY = "city"  # every row
    DISTRICT = "district"  # rows in the jurisdiction of the membership's organ
    SECTOR = "sector"  # rows in that jurisdiction whose unit is of a kind the organ supervises
    UNIT = "unit"  # rows of the membership's unit
    ORGAN = "organ"  # rows of the membership's organ
    SELF = "self"  # rows that name the person


_UNIT_STAFF = {
    Role.UNIT_FILER: Reach.UNIT,
    Role.UNIT_SECURITY_HEAD: Reach.UNIT,
    Role.UNIT_CUSTODIAN: Reach.UNIT,
    Role.UNIT_APPROVER: Reach.UNIT,
}
_UNIT_HEADS = {Role.UNIT_FILER: Reach.UNIT, Role.UNIT_SECURITY_HEAD: Reach.UNIT}
_POLICE = {
    Role.REGISTRAR: Reach.DISTRICT,
    Role.INSPECTOR: Reach.DISTRICT,
    Role.INVESTIGATOR: Reach.DISTRICT,
    Role.CASE_HEAD: Reach.DISTRICT,
    Role.BUREAU_LEADER: Reach.DISTRICT,
}
_OVERSEERS = {Role.AUDITOR: Reach.CITY, Role.BUREAU_LEADER: Reach.DISTRICT}
_EVERYONE = dict.fromkeys(Role, Reach.SELF)
# Those with something to read or write through the interface for programs.
_CONNECTED = dict.fromkeys({*_UNIT_STAFF, *_POLICE, Role.SECTOR_SUPERVISOR, Role.AUDITOR}, Reach.SELF)

GRANTS: Mapping[Permission, Mapping[Role, Reach]] = {
    Permission.HOME_VIEW: _EVERYONE,
    Permission.PROFILE_OWN: _EVERYONE,
    Permission.ACCOUNT_READ: {Role.SYSTEM_ADMIN: Reach.CITY, Role.SECURITY_ADMIN: Reach.CITY},
    Permission.ACCOUNT_PROPOSE: {Role.SYSTEM_ADMIN: Reach.CITY},
    Permission.ACCOUNT_DECIDE: {Role.SECURITY_ADMIN: Reach.CITY},
    Permission.ACCOUNT_DISABLE: {Role.SECURITY_ADMIN: Reach.CITY},
    Permission.TOKEN_OWN: _CONNECTED,
    Permission.TOKEN_REVOKE: {Role.SECURITY_ADMIN: Reach.CITY},
    Permission.WEBHOOK_OWN: dict.fromkeys({*_UNIT_HEADS, Role.REGISTRAR, Role.BUREAU_LEADER}, Reach.SELF),
    Permission.OPS_STATUS: {Role.SYSTEM_ADMIN: Reach.CITY},
    Permission.RULES_READ: dict.fromkeys(Role, Reach.CITY),
    Permission.UNIT_READ: {**_UNIT_STAFF, **_POLICE, Role.SECTOR_SUPERVISOR: Reach.SECTOR, Role.AUDITOR: Reach.CITY},
    Permission.UNIT_EDIT: {**_UNIT_HEADS, Role.REGISTRAR: Reach.DISTRICT},
    Permission.UNIT_CREATE: {Role.REGISTRAR: Reach.DISTRICT},
    Permission.CONTACT_REVEAL: {**_UNIT_HEADS, **_POLICE},
    Permission.SYSTEM_READ: {
        **_UNIT_STAFF,
        **_POLICE,
        Role.SECTOR_SUPERVISOR: Reach.SECTOR,
        Role.AUDITOR: Reach.CITY,
    },
    Permission.SYSTEM_EDIT: _UNIT_HEADS,
    Permission.CAMERA_READ: {**_UNIT_STAFF, **_POLICE},
    Permission.CAMERA_EDIT: {**_UNIT_HEADS, Role.REGISTRAR: Reach.DISTRICT},
    Permission.CAMERA_IMPORT: {**_UNIT_HEADS, Role.REGISTRAR: Reach.DISTRICT},
    Permission.CREDENTIAL_EDIT: _UNIT_HEADS,
    Permission.QUALITY_READ: _POLICE,
    # What a camera sees shows its place from within: those who run it and the police, never who merely supervises.
    Permission.SCENE_READ: {**_UNIT_STAFF, **_POLICE},
    Permission.FILING_READ: {
        **_UNIT_STAFF,
        **_POLICE,
        Role.SECTOR_SUPERVISOR: Reach.SECTOR,
        Role.AUDITOR: Reach.CITY,
    },
    Permission.FILING_DRAFT: _UNIT_HEADS,
    Permission.FILING_SUBMIT: _UNIT_HEADS,
    Permission.FILING_DECIDE: {Role.REGISTRAR: Reach.DISTRICT},
    # What the national platform gave a filing: its owner notes it, and the organ that noted it wrong puts it right.
    Permission.FILING_NUMBER: {**_UNIT_HEADS, Role.REGISTRAR: Reach.DISTRICT},
    Permission.DOCUMENT_READ: {**_UNIT_HEADS, Role.REGISTRAR: Reach.DISTRICT, Role.INSPECTOR: Reach.DISTRICT},
    Permission.DOCUMENT_UPLOAD: _UNIT_HEADS,
    # The file is its asker's own; the rows in it are those the asker may read. Whoever looks for footage needs no copy
    # of the city's cameras.
    Permission.LIST_EXPORT: dict.fromkeys(
        (
            *_UNIT_HEADS,
            Role.REGISTRAR,
            Role.INSPECTOR,
            Role.BUREAU_LEADER,
            Role.SECTOR_SUPERVISOR,
            Role.AUDITOR,
        ),
        Reach.SELF,
    ),
    Permission.DOCUMENT_SENSITIVE: {**_UNIT_HEADS, Role.REGISTRAR: Reach.DISTRICT},
    Permission.DOCUMENT_SECRET: {Role.UNIT_SECURITY_HEAD: Reach.UNIT},
    # The register of firms is one for the whole city; whoever entered a firm may correct it, and any registrar.
    Permission.CONTRACTOR_READ: dict.fromkeys((*_UNIT_STAFF, *_POLICE, Role.AUDITOR), Reach.CITY),
    Permission.CONTRACTOR_ADD: dict.fromkeys((*_UNIT_HEADS, Role.REGISTRAR), Reach.CITY),
    Permission.CONTRACTOR_EDIT: {**dict.fromkeys(_UNIT_HEADS, Reach.SELF), Role.REGISTRAR: Reach.CITY},
    Permission.CONNECTION_EDIT: {**_UNIT_HEADS, Role.REGISTRAR: Reach.DISTRICT},
    Permission.CONNECTION_DECIDE: {Role.REGISTRAR: Reach.DISTRICT},
    Permission.COVERAGE_READ: {**_POLICE, Role.SECTOR_SUPERVISOR: Reach.SECTOR},
    Permission.REVIEW_READ: {**_UNIT_STAFF, **_POLICE},
    Permission.REVIEW_DECIDE: {Role.REGISTRAR: Reach.DISTRICT, Role.INSPECTOR: Reach.DISTRICT},
    # Which sites are to be protected is itself to be protected: the organ that keeps them, and nobody above or beside it.
    Permission.SITE_KEEP: {Role.REGISTRAR: Reach.ORGAN, Role.BUREAU_LEADER: Reach.ORGAN},
    Permission.TIP_OFF_HANDLE: {
        Role.REGISTRAR: Reach.DISTRICT,
        Role.INSPECTOR: Reach.DISTRICT,
        Role.BUREAU_LEADER: Reach.DISTRICT,
    },
    Permission.MAP_VIEW: {**_UNIT_STAFF, **_POLICE},
    Permission.REACH_READ: {**_UNIT_STAFF, **_POLICE},
    Permission.PROBE_NOW: {**_UNIT_HEADS, Role.REGISTRAR: Reach.DISTRICT, Role.INSPECTOR: Reach.DISTRICT},
    Permission.ACCEPTANCE_READ: {
        **_UNIT_STAFF,
        **_POLICE,
        Role.SECTOR_SUPERVISOR: Reach.SECTOR,
        Role.AUDITOR: Reach.CITY,
    },
    Permission.ACCEPTANCE_APPLY: _UNIT_HEADS,
    Permission.VISIT_BOOK: _UNIT_HEADS,
    Permission.CALENDAR_OWN: {Role.INSPECTOR: Reach.SELF, Role.SECTOR_SUPERVISOR: Reach.SELF},
    Permission.READINESS_RUN: {
        **_UNIT_HEADS,
        Role.INSPECTOR: Reach.DISTRICT,
        Role.REGISTRAR: Reach.DISTRICT,
        Role.SECTOR_SUPERVISOR: Reach.ORGAN,
    },
    Permission.READINESS_WAIVE: {
        Role.INSPECTOR: Reach.DISTRICT,
        Role.BUREAU_LEADER: Reach.DISTRICT,
        Role.SECTOR_SUPERVISOR: Reach.ORGAN,
    },
    # Who is away and who has an interest where is a matter of the organ that sends them.
    Permission.INSPECTOR_READ: {Role.INSPECTOR: Reach.ORGAN, Role.BUREAU_LEADER: Reach.ORGAN},
    Permission.INSPECTOR_KEEP: {Role.BUREAU_LEADER: Reach.ORGAN},
    Permission.ABSENCE_ENTER: {Role.INSPECTOR: Reach.SELF, Role.BUREAU_LEADER: Reach.ORGAN},
    # A school's standard creation is handled by the organ that it was addressed to, and by none of the police.
    Permission.ACCEPTANCE_CHECK: {
        Role.INSPECTOR: Reach.DISTRICT,
        Role.REGISTRAR: Reach.DISTRICT,
        Role.SECTOR_SUPERVISOR: Reach.ORGAN,
    },
    Permission.VISIT_SCHEDULE: {
        Role.INSPECTOR: Reach.DISTRICT,
        Role.BUREAU_LEADER: Reach.DISTRICT,
        Role.SECTOR_SUPERVISOR: Reach.ORGAN,
    },
    Permission.VISIT_SCORE: {Role.INSPECTOR: Reach.SELF, Role.SECTOR_SUPERVISOR: Reach.SELF},
    Permission.VISIT_CONCLUDE: {Role.INSPECTOR: Reach.SELF, Role.SECTOR_SUPERVISOR: Reach.SELF},
    # Whose telephone is lost, its person knows, and the organ that sends him; administrators read no rows.
    Permission.DEVICE_KEEP: {
        Role.INSPECTOR: Reach.SELF,
        Role.SECTOR_SUPERVISOR: Reach.SELF,
        Role.BUREAU_LEADER: Reach.ORGAN,
    },
    Permission.RESULT_PUBLISH: {Role.BUREAU_LEADER: Reach.DISTRICT, Role.SECTOR_SUPERVISOR: Reach.ORGAN},
    # Who was sent there asks; the operation looks for the name.
    Permission.OVERRIDE_ASK: {Role.INSPECTOR: Reach.DISTRICT, Role.SECTOR_SUPERVISOR: Reach.ORGAN},
    Permission.OVERRIDE_DECIDE: {Role.BUREAU_LEADER: Reach.DISTRICT, Role.SECTOR_SUPERVISOR: Reach.ORGAN},
    Permission.FINDING_CURE: _UNIT_HEADS,
    Permission.FINDING_VERIFY: {Role.INSPECTOR: Reach.DISTRICT, Role.SECTOR_SUPERVISOR: Reach.ORGAN},
    Permission.FIGURES_READ: {
        Role.INSPECTOR: Reach.DISTRICT,
        Role.BUREAU_LEADER: Reach.DISTRICT,
        Role.SECTOR_SUPERVISOR: Reach.SECTOR,
        Role.AUDITOR: Reach.CITY,
    },
    Permission.REQUEST_READ: {
        **_UNIT_STAFF,
        Role.INVESTIGATOR: Reach.ORGAN,
        Role.CASE_HEAD: Reach.ORGAN,
        Role.BUREAU_LEADER: Reach.ORGAN,
        Role.AUDITOR: Reach.CITY,
    },
    Permission.REQUEST_DRAFT: {
        Role.INVESTIGATOR: Reach.DISTRICT,
        Role.UNIT_FILER: Reach.UNIT,
        Role.UNIT_SECURITY_HEAD: Reach.UNIT,
        Role.UNIT_CUSTODIAN: Reach.UNIT,
    },
    Permission.REQUEST_DECIDE: {
        Role.CASE_HEAD: Reach.ORGAN,
        Role.BUREAU_LEADER: Reach.ORGAN,
        Role.UNIT_APPROVER: Reach.UNIT,
        Role.UNIT_SECURITY_HEAD: Reach.UNIT,
    },
    Permission.REQUEST_ACKNOWLEDGE: {Role.UNIT_SECURITY_HEAD: Reach.UNIT, Role.UNIT_CUSTODIAN: Reach.UNIT},
    Permission.REQUEST_ASSIGN: {Role.UNIT_SECURITY_HEAD: Reach.UNIT, Role.UNIT_APPROVER: Reach.UNIT},
    Permission.REQUEST_EXECUTE: {Role.UNIT_CUSTODIAN: Reach.UNIT},
    Permission.REQUEST_UNLOCK: {
        Role.UNIT_SECURITY_HEAD: Reach.UNIT,
        Role.UNIT_CUSTODIAN: Reach.UNIT,
        Role.UNIT_APPROVER: Reach.UNIT,
    },
    Permission.HANDOVER_RECEIVE: {Role.INVESTIGATOR: Reach.ORGAN, Role.CASE_HEAD: Reach.ORGAN},
    Permission.LEDGER_READ: {
        Role.UNIT_SECURITY_HEAD: Reach.UNIT,
        Role.UNIT_CUSTODIAN: Reach.UNIT,
        Role.CASE_HEAD: Reach.ORGAN,
        Role.BUREAU_LEADER: Reach.ORGAN,
        Role.AUDITOR: Reach.CITY,
    },
    Permission.LEDGER_EXPORT: {Role.UNIT_SECURITY_HEAD: Reach.UNIT, Role.AUDITOR: Reach.CITY},
    # A campaign is led by its bureau; the police of the district follow it, a school sees its own part.
    Permission.CAMPAIGN_READ: {
        **_UNIT_STAFF,
        **_POLICE,
        Role.SECTOR_SUPERVISOR: Reach.ORGAN,
        Role.AUDITOR: Reach.CITY,
    },
    Permission.CAMPAIGN_MANAGE: {Role.SECTOR_SUPERVISOR: Reach.ORGAN},
    Permission.CAMPAIGN_ENTER: {**_UNIT_HEADS, Role.SECTOR_SUPERVISOR: Reach.ORGAN},
    Permission.CAMPAIGN_EXPORT: {Role.SECTOR_SUPERVISOR: Reach.ORGAN},
    Permission.MANDATE_READ: {
        **_UNIT_HEADS,
        **_POLICE,
        Role.SECTOR_SUPERVISOR: Reach.SECTOR,
        Role.AUDITOR: Reach.CITY,
    },
    Permission.MANDATE_EDIT: {Role.REGISTRAR: Reach.DISTRICT, Role.INSPECTOR: Reach.DISTRICT},
    Permission.MANDATE_EXPORT: {Role.REGISTRAR: Reach.DISTRICT, Role.BUREAU_LEADER: Reach.DISTRICT},
    # One dictionary for the whole city: who keeps the rule sets enters what the government decided.
    Permission.DICTIONARY_EDIT: {Role.SYSTEM_ADMIN: Reach.CITY},
    Permission.PARTS_EDIT: {**_UNIT_HEADS, Role.REGISTRAR: Reach.DISTRICT, Role.INSPECTOR: Reach.DISTRICT},
    Permission.ORDER_ISSUE: {Role.BUREAU_LEADER: Reach.DISTRICT, Role.REGISTRAR: Reach.DISTRICT},
    Permission.ORDER_REPLY: _UNIT_HEADS,
    Permission.USES_READ: {**_UNIT_STAFF, Role.AUDITOR: Reach.CITY},
    Permission.COMPLAINT_READ: {**_UNIT_STAFF, Role.AUDITOR: Reach.CITY},
    Permission.COMPLAINT_RAISE: {**_UNIT_HEADS, Role.UNIT_APPROVER: Reach.UNIT},
    # A complaint is about the police of the district: the inspectorate of the city handles it, never they themselves.
    Permission.COMPLAINT_HANDLE: {Role.AUDITOR: Reach.CITY},
    Permission.PROJECT_READ: {**_POLICE, Role.AUDITOR: Reach.CITY},
    Permission.PROJECT_EDIT: {Role.REGISTRAR: Reach.DISTRICT},
    Permission.RELOCATION_DECIDE: {Role.BUREAU_LEADER: Reach.DISTRICT},
    Permission.MEASURE_READ: {
        **_UNIT_HEADS,
        Role.UNIT_APPROVER: Reach.UNIT,
        Role.REGISTRAR: Reach.DISTRICT,
        Role.INSPECTOR: Reach.DISTRICT,
        Role.BUREAU_LEADER: Reach.DISTRICT,
        Role.SECTOR_SUPERVISOR: Reach.SECTOR,
        Role.AUDITOR: Reach.CITY,
    },
    # Any organ in charge may take a step against a unit; what becomes of the step is that organ's own matter.
    Permission.MEASURE_DRAFT: {
        Role.REGISTRAR: Reach.DISTRICT,
        Role.INSPECTOR: Reach.DISTRICT,
        Role.SECTOR_SUPERVISOR: Reach.SECTOR,
    },
    Permission.MEASURE_SIGN: {Role.BUREAU_LEADER: Reach.ORGAN, Role.SECTOR_SUPERVISOR: Reach.ORGAN},
    Permission.MEASURE_HANDLE: {
        Role.REGISTRAR: Reach.ORGAN,
        Role.INSPECTOR: Reach.ORGAN,
        Role.BUREAU_LEADER: Reach.ORGAN,
        Role.SECTOR_SUPERVISOR: Reach.ORGAN,
    },
    Permission.MEASURE_REPLY: _UNIT_HEADS,
    # Decree 799 arts. 26-30: correction is ordered, and a fine decided, by the public security organ alone.
    Permission.CORRECTION_ISSUE: {Role.REGISTRAR: Reach.DISTRICT, Role.INSPECTOR: Reach.DISTRICT},
    Permission.REFUSAL_CONFIRM: {Role.BUREAU_LEADER: Reach.DISTRICT},
    # Where an organ means to look next is its own matter: a unit that knew would be warned.
    Permission.PLAN_READ: {
        Role.INSPECTOR: Reach.ORGAN,
        Role.BUREAU_LEADER: Reach.ORGAN,
        Role.SECTOR_SUPERVISOR: Reach.ORGAN,
        Role.AUDITOR: Reach.CITY,
    },
    Permission.PLAN_KEEP: {
        Role.INSPECTOR: Reach.ORGAN,
        Role.BUREAU_LEADER: Reach.ORGAN,
        Role.SECTOR_SUPERVISOR: Reach.ORGAN,
    },
    Permission.DRAW_READ: {Role.INSPECTOR: Reach.ORGAN, Role.BUREAU_LEADER: Reach.ORGAN, Role.AUDITOR: Reach.CITY},
    Permission.DRAW_MAKE: {Role.BUREAU_LEADER: Reach.ORGAN, Role.AUDITOR: Reach.CITY},
    Permission.OVERSIGHT_READ: _OVERSEERS,
    Permission.AUDIT_READ: {Role.AUDITOR: Reach.CITY, Role.AUDIT_ADMIN: Reach.CITY},
    # The audit administrator keeps the log; what a secret case was opened for is the auditor's business alone.
    Permission.AUDIT_REVEAL: {Role.AUDITOR: Reach.CITY},
    Permission.AUDIT_VERIFY: {Role.AUDITOR: Reach.CITY, Role.AUDIT_ADMIN: Reach.CITY},
    Permission.AUDIT_EXPORT: {Role.AUDITOR: Reach.CITY, Role.AUDIT_ADMIN: Reach.CITY},
}


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
    """Whether what the person came in with lets them use this permission: a personal token carries a few only."""
    return identity.scopes is None or permission in identity.scopes


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
