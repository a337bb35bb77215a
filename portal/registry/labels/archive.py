"""Words for a system's archive: parties, sites, firms, compliance, connections, plan, papers."""

from collections.abc import Mapping

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from portal.registry.rules.plans import Built
from portal.registry.states import ConnectionAction, ConnectionStatus
from portal.registry.values import PartyRole
from portal.registry.values.archive import (
    CertificateKind,
    ContractorKind,
    DispatchMeans,
    ExpiryKind,
    FundingSource,
    MlpsLevel,
    PlanStatus,
    SiteKind,
    Standard,
    TargetPlatform,
    TechnicianRole,
    Validity,
)
from portal.vault.values import Secrecy
from portal.web.problems import add_texts

Shown = tuple[str, LazyString]

FUNDING: Mapping[FundingSource, LazyString] = {
    FundingSource.FISCAL: _("Public budget"),
    FundingSource.OWN: _("The unit's own funds"),
    FundingSource.SOCIAL: _("Private investment"),
    FundingSource.SHARED: _("Shared by several"),
    FundingSource.OTHER: _("Other funds"),
}

# What each of the four answers for, in the words of the rule that who invests and benefits builds and manages.
DUTY: Mapping[PartyRole, LazyString] = {
    PartyRole.INVESTOR: _("Bears the cost; owns the system and may use it"),
    PartyRole.BUILDER: _("Builds to standard; hands over drawings and papers"),
    PartyRole.USER: _("Uses it lawfully; keeps footage and the register of calls"),
    PartyRole.MANAGER: _("Files and maintains it; keeps it running and its archive complete"),
}

PARTY_STATE: Mapping[Validity, Shown] = {
    Validity.VALID: ("ok", _("Named")),
    Validity.EXPIRING: ("warn", _("Ends soon, nobody follows")),
    Validity.EXPIRED: ("bad", _("Nobody named")),
    Validity.MISSING: ("bad", _("Nobody named")),
}

VALIDITY: Mapping[Validity, Shown] = {
    Validity.VALID: ("ok", _("Valid")),
    Validity.EXPIRING: ("warn", _("Expires soon")),
    Validity.EXPIRED: ("bad", _("Expired")),
    Validity.MISSING: ("bad", _("None on record")),
}

SITE_KIND: Mapping[SiteKind, LazyString] = {
    SiteKind.MAIN: _("Main premises"),
    SiteKind.CAMPUS: _("Campus or compound"),
    SiteKind.BRANCH: _("Branch"),
    SiteKind.DEPOT: _("Depot or yard"),
    SiteKind.OTHER: _("Other place"),
}

CONTRACTOR_KIND: Mapping[ContractorKind, LazyString] = {
    ContractorKind.DESIGN: _("Design"),
    ContractorKind.CONSTRUCTION: _("Building works"),
    ContractorKind.SUPERVISION: _("Supervision of works"),
    ContractorKind.MAINTENANCE: _("Maintenance"),
}

TECHNICIAN_ROLE: Mapping[TechnicianRole, LazyString] = {
    TechnicianRole.LEAD: _("Project leader"),
    TechnicianRole.DESIGNER: _("Designer"),
    TechnicianRole.INSTALLER: _("Installer"),
    TechnicianRole.COMMISSIONING: _("Commissioning technician"),
    TechnicianRole.SUPERVISOR: _("Supervising engineer"),
    TechnicianRole.MAINTAINER: _("Maintenance technician"),
}

MLPS: Mapping[MlpsLevel, LazyString] = {
    MlpsLevel.ONE: _("Level one"),
    MlpsLevel.TWO: _("Level two"),
    MlpsLevel.THREE: _("Level three"),
    MlpsLevel.FOUR: _("Level four"),
    MlpsLevel.FIVE: _("Level five"),
}

CERTIFICATE: Mapping[CertificateKind, LazyString] = {
    CertificateKind.CCC: _("Compulsory product certification (CCC)"),
    CertificateKind.GA: _("Public-security product certification (GA)"),
    CertificateKind.TYPE_TEST: _("Type-test report"),
    CertificateKind.OTHER: _("Other certificate"),
}

STANDARD: Mapping[Standard, LazyString] = {
    Standard.GB_50348: _("GB 50348-2018 Security engineering"),
    Standard.GB_55029: _("GB 55029-2022 General code for security engineering"),
    Standard.GB_50395: _("GB 50395-2007 Design of video surveillance systems"),
    Standard.GB_37300: _("GB 37300-2018 Image collection in key public-security areas"),
    Standard.GB_28181_2016: _("GB/T 28181-2016 Networked video surveillance"),
    Standard.GB_28181_2022: _("GB/T 28181-2022 Networked video surveillance"),
    Standard.GB_35114: _("GB 35114-2017 Information security of networked video"),
    Standard.GB_25724: _("GB/T 25724-2017 Video and audio coding"),
    Standard.GA_1400: _("GA/T 1400 Public-security video and image information"),
    Standard.GB_22239: _("GB/T 22239-2019 Graded network protection"),
}

PLATFORM: Mapping[TargetPlatform, LazyString] = {
    TargetPlatform.POLICE_VIDEO: _("Public-security video sharing platform"),
    TargetPlatform.TRAFFIC: _("Traffic-police platform"),
    TargetPlatform.FIRE: _("Fire-supervision platform"),
    TargetPlatform.GOVERNANCE: _("Public-order governance platform"),
    TargetPlatform.SECTOR: _("Platform of the supervising department"),
    TargetPlatform.OTHER: _("Other platform"),
}

DISPATCH: Mapping[DispatchMeans, LazyString] = {
    DispatchMeans.LINE: _("Direct line"),
    DispatchMeans.RADIO: _("Radio"),
    DispatchMeans.PLATFORM: _("Voice over the platform"),
    DispatchMeans.PHONE: _("Telephone"),
}

CONNECTION_STATUS: Mapping[ConnectionStatus, Shown] = {
    ConnectionStatus.PROPOSED: ("idle", _("Proposed, awaiting the unit's consent")),
    ConnectionStatus.CONSENTED: ("info", _("Consented, awaiting approval")),
    ConnectionStatus.APPROVED: ("info", _("Approved, not connected yet")),
    ConnectionStatus.ACTIVE: ("ok", _("Connected")),
    ConnectionStatus.SUSPENDED: ("warn", _("Connection suspended")),
    ConnectionStatus.REFUSED: ("off", _("Consent refused")),
    ConnectionStatus.ENDED: ("off", _("Connection ended")),
}

CONNECTION_ACTION: Mapping[ConnectionAction, LazyString] = {
    ConnectionAction.CONSENT: _("Consent to the connection"),
    ConnectionAction.REFUSE: _("Refuse consent"),
    ConnectionAction.APPROVE: _("Approve the connection"),
    ConnectionAction.CONNECT: _("Record that it is connected"),
    ConnectionAction.SUSPEND: _("Suspend the connection"),
    ConnectionAction.RESUME: _("Resume the connection"),
    ConnectionAction.END: _("End the connection"),
}

PLAN_STATUS: Mapping[PlanStatus, LazyString] = {
    PlanStatus.PLANNED: _("Planned"),
    PlanStatus.BUILDING: _("Under construction"),
    PlanStatus.DROPPED: _("Given up"),
}

BUILT: Mapping[Built, Shown] = {
    Built.BUILT: ("ok", _("Built as planned")),
    Built.MORE: ("info", _("More built than planned")),
    Built.PARTLY: ("info", _("Partly built")),
    Built.NOT_BEGUN: ("idle", _("Not built yet")),
    Built.OVERDUE: ("bad", _("Overdue")),
    Built.DROPPED: ("off", _("Given up")),
}

SECRECY: Mapping[Secrecy, Shown] = {
    Secrecy.OPEN: ("idle", _("Open to all who see the system")),
    Secrecy.INTERNAL: ("info", _("Internal")),
    Secrecy.SENSITIVE: ("warn", _("Sensitive")),
    Secrecy.SECRET: ("bad", _("Secret")),
}

WHO_OPENS: Mapping[Secrecy, LazyString] = {
    Secrecy.OPEN: _("Everybody who may see this system opens it."),
    Secrecy.INTERNAL: _("The unit's filer and head of security, the district's registrars and inspectors open it."),
    Secrecy.SENSITIVE: _("The unit's filer and head of security and the district's registrars open it."),
    Secrecy.SECRET: _("The unit's head of security alone opens it."),
}

EXPIRY_KIND: Mapping[ExpiryKind, LazyString] = {
    ExpiryKind.QUALIFICATION: _("Qualification of a firm"),
    ExpiryKind.TECHNICIAN: _("Technician's certificate"),
    ExpiryKind.EVALUATION: _("Evaluation of graded protection"),
    ExpiryKind.CERTIFICATE: _("Product certificate"),
    ExpiryKind.DOCUMENT: _("Paper"),
    ExpiryKind.PARTY: _("Party of the system"),
}

GAP: Mapping[str, LazyString] = {
    "no_round_the_clock": _("Name a telephone that is answered round the clock."),
    "points_undescribed": _(
        "Points without coverage, key sections, key hours, main content or mode of patrol: %(count)s."
    ),
    "no_drawings": _("No design or as-built drawing is on file."),
    "archive_incomplete": _("Papers of construction and acceptance not on file: %(count)s."),
    "no_contractor": _("Neither the designing nor the building firm is on record."),
    "no_technician": _("Firms at work without a named technician: %(count)s."),
    "no_qualification": _("Firms at work without a qualification on record: %(count)s."),
    "no_mlps": _("The level of graded protection is not stated."),
    "no_mlps_number": _("The filing number of graded protection is not stated."),
    "no_standards": _("The standards followed are not stated."),
    "no_certificates": _("No product certificate is on record."),
    "expired_qualification": _("Firms at work whose qualification has expired: %(count)s."),
    "expired_technician": _("Technicians whose certificate has expired: %(count)s."),
    "expired_evaluation": _("The evaluation of graded protection has expired."),
    "expired_certificate": _("Product certificates that have expired: %(count)s."),
    "expired_document": _("Papers that have expired: %(count)s."),
    "expired_party": _("Parties whose time has ended and whom nobody follows: %(count)s."),
    "connection_untold": _("Stated as connected to a police platform, but no connection is on record."),
}

add_texts(
    {
        **GAP,
        "party_overlaps": _("Somebody else holds this role on some of these days"),
        "period_backwards": _("The last day lies before the first"),
        "day_in_future": _("This day lies in the future"),
        "site_name_taken": _("The unit has a site of this name already"),
        "site_of_another_unit": _("This site is not the unit's"),
        "site_in_use": _("A system stands at this site, or one is planned there. Move it first."),
        "contractor_taken": _("A firm with this code is in the register already"),
        "contractor_unknown": _("Choose a firm of the register"),
        "qualification_taken": _("This certificate of the firm is in the register already"),
        "engagement_overlaps": _("This firm is engaged for this work on some of these days already"),
        "technician_overlaps": _("This technician has this part on some of these days already"),
        "technician_taken": _("Another technician of this firm has this identity number"),
        "connection_open": _("A connection to this platform is under way already"),
        "connection_agreed": _("The unit has agreed to it as it stands; end the connection and propose another"),
        "connection_purpose": _("The law allows a direct connection for none but the purposes offered"),
        "camera_not_free": _("One of these cameras fulfils another item of the plan by now; look at the list again"),
    }
)
