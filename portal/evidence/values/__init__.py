"""What a footage request is made of, as plain values."""

from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from portal.audit.values import audit_tag
from portal.evidence.values.breadth import Drawn
from portal.evidence.values.facts import AskFacts

SUBJECT = "footage_request"

REQUEST_DRAFTED = audit_tag("evidence:request:draft", "Footage request drafted")
REQUEST_EDITED = audit_tag("evidence:request:edit", "Footage request changed")
REQUEST_SUBMITTED = audit_tag("evidence:request:submit", "Footage request submitted")
REQUEST_WITHDRAWN = audit_tag("evidence:request:withdraw", "Footage request withdrawn")
REQUEST_RECALLED = audit_tag("evidence:request:recall", "Footage request taken back to be changed")
REQUEST_LAPSED = audit_tag("evidence:request:lapse", "Footage request lapsed")
PAPER_ATTACHED = audit_tag("evidence:paper:attach", "Paper attached to a footage request")
PAPER_READ = audit_tag("evidence:paper:read", "Paper of a footage request opened", sensitive_read=True)
REQUEST_READ = audit_tag("evidence:request:read", "Footage request opened", sensitive_read=True)
SECRET_READ = audit_tag(
    "evidence:request:read_secret", "Content of a secret footage request opened", sensitive_read=True
)
OFFICER_READ = audit_tag("evidence:officer:read", "Identity number in a footage request shown", sensitive_read=True)
FORM_PRINTED = audit_tag("evidence:form:print", "Form of a footage request printed", sensitive_read=True)
HOLD_PLACED = audit_tag("evidence:hold:place", "Preservation hold placed")
HOLD_ACKNOWLEDGED = audit_tag("evidence:hold:acknowledge", "Preservation hold acknowledged")
HOLD_RELEASE_ASKED = audit_tag("evidence:hold:ask_release", "Lifting of a preservation hold asked for")
HOLD_RELEASED = audit_tag("evidence:hold:release", "Preservation hold lifted")
REQUEST_ASSIGNED = audit_tag("evidence:request:assign", "Custodian assigned")
FOOTAGE_UNLOCKED = audit_tag("evidence:footage:unlock", "Footage opened under two keys", sensitive_read=True)
UNLOCK_REFUSED = audit_tag("evidence:footage:unlock_refused", "Opening under two keys refused")
VIEWING_CONCLUDED = audit_tag("evidence:footage:conclude", "Viewing concluded")
FILE_REGISTERED = audit_tag("evidence:file:register", "Exported file registered")
FILE_STRUCK = audit_tag("evidence:file:strike", "Registered file struck before sealing")
OUTCOME_BOOKED = audit_tag("evidence:camera:outcome", "Outcome of a camera booked")
NOT_SUPPLIED_BOOKED = audit_tag("evidence:request:not_supplied", "Footage not supplied, reason booked")
SET_SEALED = audit_tag("evidence:set:seal", "Set of files sealed")
HANDED_OVER_BOOKED = audit_tag("evidence:handover:give", "Footage handed over")
RECEIPT_BOOKED = audit_tag("evidence:handover:acknowledge", "Receipt of footage acknowledged")
RECEIPT_DIFFERS = audit_tag("evidence:handover:differs", "Receipt refused: the digest differs")
REQUEST_ARCHIVED = audit_tag("evidence:request:archive", "Footage request archived and closed")
LEDGER_READ = audit_tag("evidence:ledger:read", "Call register opened", sensitive_read=True)
LEDGER_EXPORTED = audit_tag("evidence:ledger:export", "Call register exported", sensitive_read=True)


class RequesterKind(StrEnum):
    """Who asks. The kind decides the chain, the papers and how many officers; the regulation profile says how."""

    POLICE_CRIMINAL = "police_criminal"
    POLICE_ADMINISTRATIVE = "police_administrative"
    PROCURATORATE = "procuratorate"
    COURT = "court"
    STATE_SECURITY = "state_security"
    OTHER_ORGAN = "other_organ"
    OUTSIDE_UNIT = "outside_unit"
    RESIDENT_UNIT = "resident_unit"
    OWN_DEPARTMENT = "own_department"
    OWN_MEMBER = "own_member"
    INDIVIDUAL = "individual"

    @property
    def fact(self) -> str:
        """The kind as the regulation's vocabulary names it: the police are one requester there, whatever the case."""
        return "police" if self in POLICE else {"other_organ": "government_organ"}.get(str(self), str(self))


POLICE: frozenset[RequesterKind] = frozenset({RequesterKind.POLICE_CRIMINAL, RequesterKind.POLICE_ADMINISTRATIVE})
ORGANS: frozenset[RequesterKind] = POLICE | {
    RequesterKind.PROCURATORATE,
    RequesterKind.COURT,
    RequesterKind.STATE_SECURITY,
    RequesterKind.OTHER_ORGAN,
}


class InstrumentKind(StrEnum):
    """The paper a request rests on."""

    RETRIEVAL_NOTICE = "retrieval_notice"
    ADMINISTRATIVE_NOTICE = "administrative_notice"
    PROCURATORATE_NOTICE = "procuratorate_notice"
    COURT_ORDER = "court_order"
    STATE_SECURITY_NOTICE = "state_security_notice"
    CERTIFICATE = "certificate"
    INTRODUCTION_LETTER = "introduction_letter"
    INTERNAL_SLIP = "internal_slip"
    PERSONAL_APPLICATION = "personal_application"


STATUTORY: frozenset[InstrumentKind] = frozenset(
    {
        InstrumentKind.RETRIEVAL_NOTICE,
        InstrumentKind.ADMINISTRATIVE_NOTICE,
        InstrumentKind.PROCURATORATE_NOTICE,
        InstrumentKind.COURT_ORDER,
        InstrumentKind.STATE_SECURITY_NOTICE,
    }
)
_UNDER_LETTER = (InstrumentKind.INTRODUCTION_LETTER, InstrumentKind.CERTIFICATE)

# An organ that brings its notice is owed the footage; the same organ with a mere letter asks the unit's leave.
INSTRUMENTS: dict[RequesterKind, tuple[InstrumentKind, ...]] = {
    RequesterKind.POLICE_CRIMINAL: (InstrumentKind.RETRIEVAL_NOTICE, *_UNDER_LETTER),
    RequesterKind.POLICE_ADMINISTRATIVE: (InstrumentKind.ADMINISTRATIVE_NOTICE, *_UNDER_LETTER),
    RequesterKind.PROCURATORATE: (InstrumentKind.PROCURATORATE_NOTICE, *_UNDER_LETTER),
    RequesterKind.COURT: (InstrumentKind.COURT_ORDER, *_UNDER_LETTER),
    RequesterKind.STATE_SECURITY: (InstrumentKind.STATE_SECURITY_NOTICE, *_UNDER_LETTER),
    RequesterKind.OTHER_ORGAN: (InstrumentKind.CERTIFICATE,),
    RequesterKind.OUTSIDE_UNIT: _UNDER_LETTER,
    RequesterKind.RESIDENT_UNIT: (InstrumentKind.INTERNAL_SLIP,),
    RequesterKind.OWN_DEPARTMENT: (InstrumentKind.INTERNAL_SLIP,),
    RequesterKind.OWN_MEMBER: (InstrumentKind.INTERNAL_SLIP,),
    RequesterKind.INDIVIDUAL: (InstrumentKind.PERSONAL_APPLICATION,),
}


class Purpose(StrEnum):
    """What footage may be asked for; anything else has no place to be written."""

    CRIMINAL_CASE = "criminal_case"
    PUBLIC_ORDER = "public_order"
    TRAFFIC = "traffic"
    FIRE = "fire"
    STABILITY = "stability"
    JUDICIAL = "judicial"
    LAW_ENFORCEMENT = "law_enforcement"
    EMERGENCY = "emergency"
    FOOD_SAFETY = "food_safety"
    LIFE_OR_PROPERTY = "life_or_property"


ORGAN_PURPOSES: frozenset[Purpose] = frozenset(
    {
        Purpose.CRIMINAL_CASE,
        Purpose.PUBLIC_ORDER,
        Purpose.TRAFFIC,
        Purpose.FIRE,
        Purpose.STABILITY,
        Purpose.JUDICIAL,
        Purpose.LAW_ENFORCEMENT,
        Purpose.EMERGENCY,
    }
)
# What a unit may use its footage for where its own rules do not name the purposes.
UNIT_PURPOSES: frozenset[Purpose] = frozenset(Purpose) - {
    Purpose.CRIMINAL_CASE,
    Purpose.JUDICIAL,
    Purpose.LAW_ENFORCEMENT,
    Purpose.LIFE_OR_PROPERTY,
}


class ActKind(StrEnum):
    """What is done with the footage, in the regulation's words. The first two leave nothing behind, the others take."""

    LIVE = "live"
    PLAYBACK = "view"
    COPY = "copy"
    FILM_SCREEN = "film_screen"
    SEIZE = "original"


TAKES_AWAY: frozenset[ActKind] = frozenset({ActKind.COPY, ActKind.FILM_SCREEN, ActKind.SEIZE})


class IdKind(StrEnum):
    """The paper by which an officer or handler shows who they are."""

    POLICE_NUMBER = "police_number"
    WORK_ID = "work_id"
    IDENTITY_CARD = "identity_card"


class Paper(StrEnum):
    """A paper the rules may ask of a requester, in the regulation's words."""

    RETRIEVAL_NOTICE = "retrieval_notice"
    PSB_CERTIFICATE = "psb_certificate"
    UNIT_CERTIFICATE = "unit_certificate"
    INTRODUCTION_LETTER = "introduction_letter"
    HANDLER_ID = "handler_id"
    UNIT_APPLICATION = "unit_application"
    DEPARTMENT_STAMP = "department_stamp"
    RELATION_PROOF = "relation_proof"
    WORK_ID = "work_id"
    POLICE_ID = "police_id"
    UNDERTAKING = "undertaking"
    APPROVAL_SLIP = "approval_slip"
    OTHER = "other"


# Shown at the counter and written down with the officer, promised by a tick, or printed by the portal: never uploaded.
NOT_UPLOADED: frozenset[Paper] = frozenset({Paper.WORK_ID, Paper.POLICE_ID, Paper.UNDERTAKING, Paper.APPROVAL_SLIP})


class Relation(StrEnum):
    """How an individual stands to the person in the footage (Decree 799 art. 21)."""

    SELF = "self"
    CLOSE_RELATIVE = "close_relative"
    GUARDIAN = "guardian"


class Outcome(StrEnum):
    """What became of one camera's part of a request; a refusal or a gap is booked, never passed over."""

    PENDING = "pending"
    SUPPLIED = "supplied"
    NEVER_HAD = "never_had"
    OVERWRITTEN = "overwritten"
    DEVICE_DOWN = "device_down"
    DISTORTED = "distorted"
    REFUSED = "refused"


class MediumKind(StrEnum):
    """What the copy travels on."""

    DISC = "disc"
    USB_DRIVE = "usb_drive"
    HARD_DISK = "hard_disk"
    INTRANET = "intranet"
    ORIGINAL_MEDIUM = "original_medium"


class CustodyAct(StrEnum):
    """Everything that can happen to footage, in the words of the call register."""

    LIVE_VIEWED = "live_viewed"
    PLAYED_BACK = "played_back"
    COPIED = "copied"
    SCREEN_FILMED = "screen_filmed"
    ORIGINAL_SEIZED = "original_seized"
    REGISTERED = "registered"
    MASTER_SEALED = "master_sealed"
    HANDED_OVER = "handed_over"
    RECEIVED = "received"
    ARCHIVED = "archived"
    NOT_SUPPLIED = "not_supplied"
    MASTER_KEPT = "master_kept"
    COPY_MADE = "copy_made"
    RETURNED = "returned"
    DESTROYED = "destroyed"
    IN_CASE_FILE = "in_case_file"
    PURPOSE_MET = "purpose_met"


CALLS: dict[ActKind, CustodyAct] = {
    ActKind.LIVE: CustodyAct.LIVE_VIEWED,
    ActKind.PLAYBACK: CustodyAct.PLAYED_BACK,
    ActKind.COPY: CustodyAct.COPIED,
    ActKind.FILM_SCREEN: CustodyAct.SCREEN_FILMED,
    ActKind.SEIZE: CustodyAct.ORIGINAL_SEIZED,
}


@dataclass(frozen=True, slots=True)
class OfficerDraft:
    """One person who comes for the footage, as typed."""

    name: str
    id_kind: IdKind
    number: str
    person_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class CaseContent:
    """What the case is about and why its footage is asked for. Sealed when secret; the case may then stay unnamed."""

    case_number: str = ""
    case_name: str = ""
    summary: str = ""
    reason: str = ""
    copy_reason: str = ""
    necessity: str = ""


@dataclass(frozen=True, slots=True)
class CameraFacts:
    """What the rules need to know of one chosen camera."""

    camera_id: UUID
    unit_id: UUID
    label: str
    zone: str
    retention_days: int
    key_position: bool = False
    held_from: datetime | None = None


@dataclass(frozen=True, slots=True)
class RequestParticulars:
    """Everything a requester fills in, before the rules have looked at it."""

    requester_kind: RequesterKind
    requester_name: str
    instrument_kind: InstrumentKind
    instrument_number: str
    purpose: Purpose
    act: ActKind
    span_from: datetime
    span_to: datetime
    camera_ids: tuple[UUID, ...]
    officers: tuple[OfficerDraft, ...]
    content: CaseContent = field(default_factory=CaseContent)
    secret: bool = False
    readers: tuple[UUID, ...] = ()
    relation: Relation | None = None
    urgent_by_phone: bool = False
    supply_due: datetime | None = None
    undertaking: bool = False
    facts: AskFacts = field(default_factory=AskFacts)
    grave: bool = False
    drawn: tuple[Drawn, ...] = ()

    @property
    def statutory(self) -> bool:
        """Whether the paper is one that obliges the unit to supply."""
        return self.instrument_kind in STATUTORY


@dataclass(frozen=True, slots=True)
class ManifestLine:
    """One file of the sealed set; every field is covered by the digest."""

    name: str
    size: int
    sha256: str
    camera_code: str
    span_from: datetime
    span_to: datetime
    clock_offset_seconds: int
    format: str
    sm3: str = ""
    player: str = ""

    def as_json(self) -> dict[str, object]:
        """The line as it is stored beside its digest."""
        return {**asdict(self), "span_from": self.span_from.isoformat(), "span_to": self.span_to.isoformat()}
