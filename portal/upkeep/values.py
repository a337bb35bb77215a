"""What the books are made of, and the audit tags of this package."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from portal.audit.values import audit_tag


class DeviceGroup(StrEnum):
    """What a password opens."""

    RECORDER = "recorder"
    CAMERA = "camera"
    PLATFORM = "platform"
    SERVER = "server"
    NETWORK = "network"
    WORKSTATION = "workstation"


class CustodyFlaw(StrEnum):
    """What is wrong with the keeping of a password."""

    KEEPER_LEFT = "keeper_left"
    ROTATION_OVERDUE = "rotation_overdue"


class TicketKind(StrEnum):
    """What is asked for: a change of technical parameters, or a permission of 001 art. 16(3)."""

    PARAMETER = "parameter"
    SETTING = "setting"
    SWITCH_OFF = "switch_off"
    SOFTWARE = "software"
    REWIRE = "rewire"
    POWER = "power"
    DELETION = "deletion"  # RET-04: recordings, or a sealed master, before their time


# Settings are changed by professionals alone (000 art. 5), so that these are signed for by one.
BY_EXPERTS = frozenset({TicketKind.PARAMETER, TicketKind.SETTING})
CHANGES = (TicketKind.PARAMETER,)
PERMISSIONS = tuple(kind for kind in TicketKind if kind not in CHANGES)


@dataclass(frozen=True, kw_only=True)
class CustodyDraft:
    """A password as it is entered: whose it is, never what it is."""

    group: DeviceGroup
    scope: str
    system_id: UUID | None
    custodian_id: UUID
    second_id: UUID
    since: date
    rotated_on: date
    envelope_place: str
    envelope_on: date


@dataclass(frozen=True, kw_only=True)
class TicketDraft:
    """A ticket as it is asked for."""

    kind: TicketKind
    system_id: UUID | None
    camera_id: UUID | None
    device: str
    what: str
    old_value: str
    new_value: str
    reason: str
    starts_at: datetime
    ends_at: datetime
    basis: str = ""


@dataclass(frozen=True, kw_only=True)
class Signer:
    """Who may carry a change out and sign for it, with what entitles them that day."""

    key: str
    name: str
    firm: str
    entitled: str


@dataclass(frozen=True, kw_only=True)
class WorkstationDraft:
    """A computer with the monitoring client."""

    asset_number: str
    room: str
    client: str
    client_version: str
    address: str
    responsible_id: UUID


@dataclass(frozen=True, kw_only=True)
class OperatorDraft:
    """Somebody who is to operate the system."""

    person_id: UUID
    professional: bool
    appointed_on: date
    trained_on: date | None
    pledged_on: date | None


CUSTODY_ENTERED = audit_tag("upkeep:custody:enter", "Password custody entered")
PASSWORD_ROTATED = audit_tag("upkeep:custody:rotate", "Password changed by its custodian")
CUSTODY_OFFERED = audit_tag("upkeep:custody:offer", "Password handed over, first signature")
CUSTODY_TAKEN = audit_tag("upkeep:custody:take", "Password taken over, second signature")
CUSTODY_RECALLED = audit_tag("upkeep:custody:recall", "Hand-over of a password taken back")
CUSTODY_ENDED = audit_tag("upkeep:custody:end", "Password custody ended")
TICKET_ASKED = audit_tag("upkeep:ticket:ask", "Change or permission asked for")
TICKET_APPROVED = audit_tag("upkeep:ticket:approve", "Change or permission approved")
TICKET_REFUSED = audit_tag("upkeep:ticket:refuse", "Change or permission refused")
TICKET_DISPUTED = audit_tag("upkeep:ticket:dispute", "Refusal taken to the highest authority")
TICKET_UPHELD = audit_tag("upkeep:ticket:uphold", "Refusal upheld by the highest authority")
TICKET_OVERRULED = audit_tag("upkeep:ticket:overrule", "Refusal overruled by the highest authority")
TICKET_DONE = audit_tag("upkeep:ticket:do", "Change carried out or state restored, signed")
TICKET_VERIFIED = audit_tag("upkeep:ticket:verify", "Change or restoration verified")
TICKET_WITHDRAWN = audit_tag("upkeep:ticket:withdraw", "Ticket withdrawn")
WORKSTATION_ENTERED = audit_tag("upkeep:workstation:enter", "Client workstation registered")
WORKSTATION_CHANGED = audit_tag("upkeep:workstation:change", "Client workstation changed")
WORKSTATION_CHECKED = audit_tag("upkeep:workstation:check", "Client workstation checked")
WORKSTATION_RETIRED = audit_tag("upkeep:workstation:retire", "Client workstation retired")
OPERATOR_APPOINTED = audit_tag("upkeep:operator:appoint", "Operator appointed")
OPERATOR_TRAINED = audit_tag("upkeep:operator:train", "Training and pledge of an operator recorded")
OPERATOR_ENDED = audit_tag("upkeep:operator:end", "Operator struck off the list")
BOOK_PRINTED = audit_tag("upkeep:book:print", "Book of the unit printed")
