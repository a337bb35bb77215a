"""What a system's archive says beside its filing: parties, sites, firms, compliance, connections, plan, papers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import IntEnum, StrEnum
from uuid import UUID

from portal.audit.values import audit_tag


class FundingSource(StrEnum):
    """Where the money for a system comes from."""

    FISCAL = "fiscal"
    OWN = "own"
    SOCIAL = "social"
    SHARED = "shared"
    OTHER = "other"


class SiteKind(StrEnum):
    """What a site is to its unit."""

    MAIN = "main"
    CAMPUS = "campus"
    BRANCH = "branch"
    DEPOT = "depot"
    OTHER = "other"


class ContractorKind(StrEnum):
    """What a firm does for a system."""

    DESIGN = "design"
    CONSTRUCTION = "construction"
    SUPERVISION = "supervision"
    MAINTENANCE = "maintenance"


class TechnicianRole(StrEnum):
    """A named technician's part in the work."""

    LEAD = "lead"
    DESIGNER = "designer"
    INSTALLER = "installer"
    COMMISSIONING = "commissioning"
    SUPERVISOR = "supervisor"
    MAINTAINER = "maintainer"


class MlpsLevel(IntEnum):
    """Levels of graded network protection."""

    ONE = 1
    TWO = 2
    THREE = 3
    FOUR = 4
    FIVE = 5


class CertificateKind(StrEnum):
    """What certifies a product."""

    CCC = "ccc"
    GA = "ga"
    TYPE_TEST = "type_test"
    OTHER = "other"


class Standard(StrEnum):
    """Standards a system may have been built to, by their numbers."""

    GB_50348 = "GB 50348-2018"
    GB_55029 = "GB 55029-2022"
    GB_50395 = "GB 50395-2007"
    GB_37300 = "GB 37300-2018"
    GB_28181_2016 = "GB/T 28181-2016"
    GB_28181_2022 = "GB/T 28181-2022"
    GB_35114 = "GB 35114-2017"
    GB_25724 = "GB/T 25724-2017"
    GA_1400 = "GA/T 1400"
    GB_22239 = "GB/T 22239-2019"


class TargetPlatform(StrEnum):
    """The public platform a system is connected to."""

    POLICE_VIDEO = "police_video"
    TRAFFIC = "traffic"
    FIRE = "fire"
    GOVERNANCE = "governance"
    SECTOR = "sector"
    OTHER = "other"


class DispatchMeans(StrEnum):
    """How a watch room reaches the dispatch centre at once."""

    LINE = "line"
    RADIO = "radio"
    PLATFORM = "platform"
    PHONE = "phone"


class PlanStatus(StrEnum):
    """What a unit means to do with a plan item; whether it is built, the cameras tell."""

    PLANNED = "planned"
    BUILDING = "building"
    DROPPED = "dropped"


class Validity(StrEnum):
    """How something with an end stands on a day."""

    VALID = "valid"
    EXPIRING = "expiring"
    EXPIRED = "expired"
    MISSING = "missing"


class ExpiryKind(StrEnum):
    """What can run out."""

    QUALIFICATION = "qualification"
    TECHNICIAN = "technician"
    EVALUATION = "evaluation"
    CERTIFICATE = "certificate"
    DOCUMENT = "document"
    PARTY = "party"


@dataclass(frozen=True, kw_only=True)
class Expiry:
    """Something of a system that runs out, as a line to read: what it is, of which system, and its last day."""

    kind: ExpiryKind
    id: UUID
    system_id: UUID
    system_name: str
    unit_id: UUID
    district: str
    name: str
    until: date


@dataclass(frozen=True, kw_only=True)
class PartyParticulars:
    """A party of a system, from a day until a day."""

    name: str
    uscc: str | None = None
    responsible: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class ContactParticulars:
    """Whom to ring. An empty number leaves the one on record."""

    name: str
    post: str = ""
    phone: str = ""
    round_the_clock: bool = False


@dataclass(frozen=True, kw_only=True)
class SiteParticulars:
    """A place of a unit."""

    name: str
    kind: SiteKind
    district: str
    address: str
    lon: float | None = None
    lat: float | None = None


@dataclass(frozen=True, kw_only=True)
class ContractorParticulars:
    """A firm."""

    name: str
    uscc: str
    kinds: tuple[ContractorKind, ...]
    address: str = ""


@dataclass(frozen=True, kw_only=True)
class QualificationParticulars:
    """A firm's certificate for one kind of work."""

    kind: ContractorKind
    number: str
    grade: str = ""
    issuer: str = ""
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True, kw_only=True)
class EngagementParticulars:
    """What a firm is engaged for, and for how long."""

    kind: ContractorKind
    contract_number: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class TechnicianParticulars:
    """A named technician and their part. An empty identity number leaves the one on record."""

    name: str
    role: TechnicianRole
    id_number: str = ""
    certificate: str = ""
    certificate_number: str = ""
    certificate_to: date | None = None
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True, kw_only=True)
class ComplianceParticulars:
    """Graded protection and standards, as the unit states them."""

    mlps_level: MlpsLevel | None = None
    mlps_number: str = ""
    mlps_filed_on: date | None = None
    mlps_evaluator: str = ""
    mlps_evaluated_on: date | None = None
    mlps_evaluation_to: date | None = None
    standards: tuple[Standard, ...] = ()
    other_standards: str = ""


@dataclass(frozen=True, kw_only=True)
class CertificateParticulars:
    """A product certificate."""

    kind: CertificateKind
    product: str
    model: str = ""
    maker: str = ""
    number: str = ""
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True, kw_only=True)
class ConnectionParticulars:
    """What a system is to be connected to, for what, by which way, and how its watch room reaches the dispatch."""

    platform: TargetPlatform
    platform_name: str
    purpose: str = ""
    path: str = ""
    dispatch: DispatchMeans | None = None
    dispatch_centre: str = ""
    dispatch_tested_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class PlanParticulars:
    """A plan item."""

    place: str
    count: int
    camera_type: str = "unknown"
    phase: str = ""
    due_on: date | None = None
    status: PlanStatus = PlanStatus.PLANNED
    site_id: UUID | None = None
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Held:
    """What a system's archive holds on a day, gathered once for every rule that asks."""

    round_the_clock: bool = False
    slots: frozenset[str] = frozenset()
    expired: Mapping[ExpiryKind, int] = field(default_factory=dict)
    engaged: frozenset[ContractorKind] = frozenset()
    unqualified: int = 0
    unnamed: int = 0
    mlps_stated: bool = False
    mlps_filed: bool = False
    standards: bool = False
    certificates: bool = False
    connected: bool = False


PARTY_SET = audit_tag("registry:party:set", "Party of a system recorded")
PARTY_REMOVED = audit_tag("registry:party:remove", "Party of a system struck out")
CONTACT_SET = audit_tag("registry:contact:set", "Contact of a system recorded")
SITE_SET = audit_tag("registry:site:set", "Site recorded")
SITE_REMOVED = audit_tag("registry:site:remove", "Site struck out")
CONTRACTOR_SET = audit_tag("registry:contractor:set", "Firm recorded")
QUALIFICATION_SET = audit_tag("registry:qualification:set", "Qualification of a firm recorded")
QUALIFICATION_READ = audit_tag("registry:qualification:read", "Scan of a qualification opened", sensitive_read=True)
ENGAGEMENT_SET = audit_tag("registry:engagement:set", "Engagement of a firm recorded")
TECHNICIAN_SET = audit_tag("registry:technician:set", "Technician recorded")
TECHNICIAN_REVEALED = audit_tag("registry:technician:reveal", "Identity number shown", sensitive_read=True)
COMPLIANCE_SET = audit_tag("registry:compliance:set", "Compliance of a system recorded")
CERTIFICATE_SET = audit_tag("registry:certificate:set", "Product certificate recorded")
CERTIFICATE_REMOVED = audit_tag("registry:certificate:remove", "Product certificate struck out")
CONNECTION_SET = audit_tag("registry:connection:set", "Connection of a system recorded")
CONNECTION_MOVED = audit_tag("registry:connection:move", "Connection of a system moved on")
PLAN_SET = audit_tag("registry:plan:set", "Plan item recorded")
PLAN_MATCHED = audit_tag("registry:plan:match", "Cameras matched with the plan")
DOCUMENT_KEPT = audit_tag("registry:document:keep", "Keeping of a paper changed")
DOCUMENT_VERIFIED = audit_tag("registry:document:verify", "Content of a paper verified")
