"""The use of a unit's own equipment by investigators on the spot (Anyang 2007 art. 12), as plain values."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from portal.audit.values import audit_tag
from portal.evidence.values import CustodyAct

SUBJECT = "equipment_use"
# The text that each investigator signs; a new wording is a new version, and old papers keep theirs.
UNDERTAKING = "2026-1"


class DeedKind(StrEnum):
    """What is done at the equipment. An export leaves something behind, and says what and on which medium."""

    LIVE = "live"
    PTZ = "ptz"
    PLAYBACK = "playback"
    EXPORT = "export"


class Condition(StrEnum):
    """How the equipment came back."""

    GOOD = "good"
    DAMAGED = "damaged"


# What the call register calls it; turning a camera shows nothing that was recorded.
BOOKED_AS = {
    DeedKind.LIVE: CustodyAct.LIVE_VIEWED,
    DeedKind.PLAYBACK: CustodyAct.PLAYED_BACK,
    DeedKind.EXPORT: CustodyAct.COPIED,
}
# These are of recordings, and say of which time.
OF_RECORDINGS = frozenset({DeedKind.PLAYBACK, DeedKind.EXPORT})


@dataclass(frozen=True, slots=True)
class Investigator:
    """Somebody who comes, by the number on the uniform."""

    name: str
    number: str


@dataclass(frozen=True, kw_only=True)
class UseDraft:
    """A use as it is asked for. Without a reason there is none: the necessity is what makes it lawful."""

    case_number: str
    reason: str
    secret: bool
    planned_from: datetime
    planned_to: datetime
    camera_ids: tuple[UUID, ...]
    officers: tuple[Investigator, ...]
    undertaking: bool


@dataclass(frozen=True, kw_only=True)
class DeedDraft:
    """One thing done at the equipment."""

    kind: DeedKind
    at: datetime
    camera_id: UUID | None
    note: str
    medium: str = ""
    sha256: str = ""
    span_from: datetime | None = None
    span_to: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class ObstructionDraft:
    """A refusal or an obstruction (Anyang 2007 art. 14): who, when, where, what happened, what proves it."""

    person_name: str
    at: datetime
    place: str
    facts: str
    evidence: str
    stored_file_id: UUID | None = None


USE_ASKED = audit_tag("evidence:use:ask", "Use of equipment asked for")
USE_APPROVED = audit_tag("evidence:use:approve", "Use of equipment approved")
USE_REFUSED = audit_tag("evidence:use:refuse", "Use of equipment not approved")
USE_WITHDRAWN = audit_tag("evidence:use:withdraw", "Use of equipment given up")
USE_HANDED_OVER = audit_tag("evidence:use:hand_over", "Equipment handed over to investigators")
DEED_BOOKED = audit_tag("evidence:use:deed", "Deed at the equipment booked")
USE_RETURNED = audit_tag("evidence:use:return", "Equipment handed back by investigators")
USE_TAKEN_BACK = audit_tag("evidence:use:take_back", "Equipment taken back by the unit")
OBSTRUCTION_RECORDED = audit_tag("evidence:use:obstruction", "Refusal or obstruction recorded")
OBSTRUCTION_READ = audit_tag("evidence:use:evidence", "Evidence of an obstruction opened", sensitive_read=True)
USE_READ = audit_tag("evidence:use:read", "Use of equipment opened", sensitive_read=True)
USE_CONTENT_READ = audit_tag(
    "evidence:use:read_secret", "Content of a secret use of equipment opened", sensitive_read=True
)
USE_PRINTED = audit_tag("evidence:use:print", "Record of a use of equipment printed", sensitive_read=True)
