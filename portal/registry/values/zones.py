"""Zones, reviews, signs, masks and tip-offs (CAT-04 to CAT-08): closed vocabularies, plain values, audit tags."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from uuid import UUID

from portal.audit.values import audit_tag


class ZoneState(StrEnum):
    """How a zone is covered, worst last but one."""

    COVERED = "covered"
    PARTIAL = "partial"  # full coverage is asked, and the unit itself names blind spots
    DARK = "dark"  # cameras hang there, none of them answers
    GAP = "gap"
    OPTIONAL = "optional"  # no camera, and none is asked for
    ABSENT = "absent"  # the premises have no such place


SHORT_OF = frozenset({ZoneState.PARTIAL, ZoneState.DARK, ZoneState.GAP})


class ReviewKind(StrEnum):
    """Why a point needs a person's look."""

    INTERIOR = "interior"
    NEAR_SECRET = "near_secret"  # noqa: S105 - a kind of place
    TIP_OFF = "tip_off"


class ReviewSource(StrEnum):
    """What opened a review."""

    ENTRY = "entry"
    IMPORT = "import"
    FILING = "filing"
    CHECK = "check"
    TIP_OFF = "tip_off"


class SiteKind(StrEnum):
    """Decree 799 art. 10: beside what consent is needed."""

    MILITARY = "military"
    SECRET_ORGAN = "secret_organ"  # noqa: S105 - a kind of place


class TipCategory(StrEnum):
    """What the public reports (Decree 799 art. 24)."""

    FORBIDDEN_PLACE = "forbidden_place"
    INTRUSION = "intrusion"
    MISSING_SIGN = "missing_sign"
    UNFILED = "unfiled"


# These open a review of the point at once; the others are looked into by the organ as it sees fit.
REVIEWED = frozenset({TipCategory.FORBIDDEN_PLACE, TipCategory.INTRUSION})


class TipOutcome(StrEnum):
    """How a report ended."""

    CORRECTED = "corrected"
    ORDERED = "ordered"
    UNFOUNDED = "unfounded"
    HANDED_ON = "handed_on"


@dataclass(frozen=True, kw_only=True)
class TemplateZone:
    """A zone as the governing texts have it."""

    key: str
    number: int | None
    required: bool
    full: bool
    if_present: bool
    profile: str


@dataclass(frozen=True, kw_only=True)
class ZoneFacts:
    """What a zone's state follows from. `cameras` are those not dismantled, `working` those in use that answer."""

    key: str
    required: bool
    full: bool
    absent: bool
    blind_spots: str = ""
    cameras: int = 0
    working: int = 0


@dataclass(frozen=True, kw_only=True)
class ZoneParticulars:
    """What the form of a zone yields."""

    name: str = ""
    required: bool = False
    absent: bool = False
    absent_reason: str = ""
    blind_spots: str = ""


@dataclass(frozen=True, kw_only=True)
class Assignment:
    """What ticking cameras of a zone comes to: new principal zones, and further zones to add and take away."""

    principal: Mapping[UUID, str | None] = field(default_factory=dict)
    added: frozenset[UUID] = frozenset()
    removed: frozenset[UUID] = frozenset()


@dataclass(frozen=True, kw_only=True)
class SignParticulars:
    """What the form of a sign yields. The position is WGS-84."""

    zone_key: str
    place: str
    put_up_on: date
    lon: float | None = None
    lat: float | None = None


@dataclass(frozen=True, kw_only=True)
class SiteParticulars:
    """What the form of a protected site yields. The position is WGS-84."""

    kind: SiteKind
    name: str
    lon: float
    lat: float
    radius_m: int
    contact: str = ""
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class TipParticulars:
    """What the public form yields. The contact is plain here and sealed by the operation."""

    category: TipCategory
    district: str
    place: str
    told: str
    contact: str = field(default="", repr=False)


@dataclass(frozen=True)
class Hit:
    """A private place found in a camera's words: where it stands, which word, and whether it leaves any doubt."""

    field: str
    word: str
    place: str
    clear: bool


ZONES_LAID = audit_tag("registry:zone:lay", "Zones laid from the template")
ZONE_ADDED = audit_tag("registry:zone:add", "Zone added")
ZONE_CHANGED = audit_tag("registry:zone:change", "Zone changed")
ZONE_REMOVED = audit_tag("registry:zone:remove", "Zone removed")
ZONE_ASSIGNED = audit_tag("registry:zone:assign", "Cameras assigned to a zone")
STANDARDS_SET = audit_tag("registry:standard:set", "Standards of a system named")
SIGN_RECORDED = audit_tag("registry:sign:record", "Sign recorded")
SIGN_REMOVED = audit_tag("registry:sign:remove", "Sign taken down")
MASK_RECORDED = audit_tag("registry:mask:record", "Privacy mask recorded")
MASK_REMOVED = audit_tag("registry:mask:remove", "Privacy mask removed")
PHOTO_READ = audit_tag("registry:photo:read", "Photo opened", sensitive_read=True)
REVIEW_OPENED = audit_tag("registry:review:open", "Review of a point opened")
REVIEW_DECIDED = audit_tag("registry:review:decide", "Review of a point decided")
REVIEW_LINKED = audit_tag("registry:review:link", "Camera named in a review")
REVIEW_LAPSED = audit_tag("registry:review:lapse", "Review of a point lapsed")
SITES_READ = audit_tag("registry:site:read", "Register of protected sites read", sensitive_read=True)
SITE_ENTERED = audit_tag("registry:site:enter", "Protected site entered")
SITE_CHANGED = audit_tag("registry:site:change", "Protected site changed")
TIP_RECEIVED = audit_tag("registry:tip_off:receive", "Tip-off received")
TIP_TAKEN = audit_tag("registry:tip_off:take", "Tip-off taken in hand")
TIP_FORWARDED = audit_tag("registry:tip_off:forward", "Tip-off forwarded")
TIP_CLOSED = audit_tag("registry:tip_off:close", "Tip-off closed")
TIP_CONTACT_REVEALED = audit_tag("registry:tip_off:reveal", "Contact of a tip-off shown", sensitive_read=True)
