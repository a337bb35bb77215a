"""The permission table: which role may what, and how far it reaches. Pure data."""

from collections.abc import Mapping
from enum import StrEnum

from portal.accounts.permissions import Permission
from portal.accounts.values import Role


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
    # Who stands in for whom is for all to see who may meet the stand-in's signature.
    Permission.DELEGATION_READ: {
        **_UNIT_STAFF,
        Role.INVESTIGATOR: Reach.ORGAN,
        Role.CASE_HEAD: Reach.ORGAN,
        Role.BUREAU_LEADER: Reach.ORGAN,
        Role.AUDITOR: Reach.CITY,
        Role.SECURITY_ADMIN: Reach.CITY,
    },
    Permission.DELEGATION_KEEP: {
        Role.UNIT_SECURITY_HEAD: Reach.UNIT,
        Role.CASE_HEAD: Reach.ORGAN,
        Role.BUREAU_LEADER: Reach.ORGAN,
        Role.SECURITY_ADMIN: Reach.CITY,
    },
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
    # What goes on now is shown by more people than what is kept: whoever approves opens no recordings (002 art. 12).
    Permission.LIVE_SHOW: {
        Role.UNIT_SECURITY_HEAD: Reach.UNIT,
        Role.UNIT_CUSTODIAN: Reach.UNIT,
        Role.UNIT_APPROVER: Reach.UNIT,
    },
    Permission.RECORDING_OPEN: {Role.UNIT_SECURITY_HEAD: Reach.UNIT, Role.UNIT_CUSTODIAN: Reach.UNIT},
    Permission.HANDOVER_RECEIVE: {Role.INVESTIGATOR: Reach.ORGAN, Role.CASE_HEAD: Reach.ORGAN},
    Permission.PACKAGE_MAKE: {
        Role.UNIT_SECURITY_HEAD: Reach.UNIT,
        Role.UNIT_CUSTODIAN: Reach.UNIT,
        Role.INVESTIGATOR: Reach.ORGAN,
        Role.CASE_HEAD: Reach.ORGAN,
        Role.AUDITOR: Reach.CITY,
    },
    # Whoever runs the cameras or holds a copy reports what got out; the heads of both sides and the inspectorate deal
    # with it.
    Permission.LEAK_REPORT: {
        Role.UNIT_SECURITY_HEAD: Reach.UNIT,
        Role.UNIT_CUSTODIAN: Reach.UNIT,
        Role.INVESTIGATOR: Reach.ORGAN,
        Role.CASE_HEAD: Reach.ORGAN,
        Role.BUREAU_LEADER: Reach.ORGAN,
        Role.AUDITOR: Reach.CITY,
    },
    Permission.LEAK_HANDLE: {
        Role.UNIT_SECURITY_HEAD: Reach.UNIT,
        Role.CASE_HEAD: Reach.ORGAN,
        Role.BUREAU_LEADER: Reach.ORGAN,
        Role.AUDITOR: Reach.CITY,
    },
    # Investigators use a unit's own equipment on the spot; its people hand it over and take it back.
    Permission.EQUIPMENT_READ: {
        **_UNIT_STAFF,
        Role.INVESTIGATOR: Reach.ORGAN,
        Role.CASE_HEAD: Reach.ORGAN,
        Role.BUREAU_LEADER: Reach.ORGAN,
        Role.AUDITOR: Reach.CITY,
    },
    Permission.EQUIPMENT_ASK: {Role.INVESTIGATOR: Reach.DISTRICT},
    Permission.EQUIPMENT_APPROVE: {Role.CASE_HEAD: Reach.ORGAN},
    Permission.EQUIPMENT_BOOK: {
        Role.INVESTIGATOR: Reach.ORGAN,
        Role.UNIT_SECURITY_HEAD: Reach.UNIT,
        Role.UNIT_CUSTODIAN: Reach.UNIT,
    },
    Permission.EQUIPMENT_HAND: {Role.UNIT_SECURITY_HEAD: Reach.UNIT, Role.UNIT_CUSTODIAN: Reach.UNIT},
    # What stands out in requests is looked at by who watches over the police, by an organ's own leader, and by who
    # answers for the accounts; the last asks nobody.
    Permission.WATCH_READ: {
        Role.AUDITOR: Reach.CITY,
        Role.SECURITY_ADMIN: Reach.CITY,
        Role.BUREAU_LEADER: Reach.ORGAN,
    },
    Permission.WATCH_ASK: {Role.AUDITOR: Reach.CITY, Role.BUREAU_LEADER: Reach.ORGAN},
    Permission.EXPLANATION_READ: {
        **dict.fromkeys({*_UNIT_STAFF, *_POLICE}, Reach.SELF),
        Role.AUDITOR: Reach.CITY,
        Role.SECURITY_ADMIN: Reach.CITY,
        Role.BUREAU_LEADER: Reach.ORGAN,
    },
    Permission.EXPLANATION_GIVE: dict.fromkeys({*_UNIT_STAFF, *_POLICE}, Reach.SELF),
    Permission.LEDGER_READ: {
        Role.UNIT_SECURITY_HEAD: Reach.UNIT,
        Role.UNIT_CUSTODIAN: Reach.UNIT,
        Role.CASE_HEAD: Reach.ORGAN,
        Role.BUREAU_LEADER: Reach.ORGAN,
        Role.AUDITOR: Reach.CITY,
    },
    Permission.LEDGER_EXPORT: {Role.UNIT_SECURITY_HEAD: Reach.UNIT, Role.AUDITOR: Reach.CITY},
    # Everybody of the unit sees what it is joined to; who speaks for it says yes or no.
    Permission.CONNECTION_ORDER_READ: {
        **_UNIT_STAFF,
        Role.REGISTRAR: Reach.DISTRICT,
        Role.INSPECTOR: Reach.DISTRICT,
        Role.BUREAU_LEADER: Reach.DISTRICT,
        Role.SECTOR_SUPERVISOR: Reach.SECTOR,
        Role.AUDITOR: Reach.CITY,
    },
    Permission.CONNECTION_PROPOSE: {Role.REGISTRAR: Reach.DISTRICT},
    Permission.CONNECTION_ANSWER: {Role.UNIT_SECURITY_HEAD: Reach.UNIT, Role.UNIT_APPROVER: Reach.UNIT},
    Permission.CONNECTION_APPROVE: {Role.BUREAU_LEADER: Reach.DISTRICT},
    # A unit's own books: its people write them, the police and its supervisor read them, nobody else writes a line.
    Permission.BOOK_READ: {
        **_UNIT_STAFF,
        Role.REGISTRAR: Reach.DISTRICT,
        Role.INSPECTOR: Reach.DISTRICT,
        Role.BUREAU_LEADER: Reach.DISTRICT,
        Role.SECTOR_SUPERVISOR: Reach.SECTOR,
        Role.AUDITOR: Reach.CITY,
    },
    Permission.BOOK_KEEP: _UNIT_HEADS,
    Permission.CUSTODY_SIGN: _UNIT_STAFF,
    Permission.TICKET_ASK: _UNIT_STAFF,
    Permission.TICKET_DECIDE: {Role.UNIT_SECURITY_HEAD: Reach.UNIT, Role.UNIT_APPROVER: Reach.UNIT},
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
    # Who may be commended is asked by the organs that commend and those who watch over them, of every unit they supervise.
    Permission.COMMENDATION_READ: {
        Role.INSPECTOR: Reach.DISTRICT,
        Role.REGISTRAR: Reach.DISTRICT,
        Role.BUREAU_LEADER: Reach.DISTRICT,
        Role.SECTOR_SUPERVISOR: Reach.SECTOR,
        Role.AUDITOR: Reach.CITY,
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
