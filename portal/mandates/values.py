"""What a list brings in, what the dictionary says, and the audit tags of this package."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from portal.audit.values import audit_tag
from portal.regulation.schema.base import Citation

# A register writes the district before a name and the portal does not, which leaves 0.4 of a name of six characters.
# "安阳市第一中学" and "安阳市第五中学" reach as much: nearness must speak, too, and a person decides.
LEAST_SIMILARITY = 0.35
NEAR_M = 800
MOST_SUGGESTED = 3
MOST_FAULTS = 2_000
MOST_ROWS = 100_000
MOST_CAMERAS = 60


@dataclass(frozen=True, kw_only=True)
class Part:
    """An important part of a place of some category, which cameras must cover."""

    key: str
    zh: str
    en: str
    zones: tuple[str, ...] = ()

    def in_language(self, language: str) -> str:
        """Its name as a reader of that language reads it."""
        return self.zh if language.startswith("zh") else self.en


@dataclass(frozen=True, kw_only=True)
class Category:
    """One entry of the dictionary as it holds on a day."""

    key: str
    zh: str
    en: str
    citations: tuple[Citation, ...] = ()
    parts: tuple[Part, ...] = ()
    unit_types: tuple[str, ...] = ()
    industries: tuple[str, ...] = ()
    of_anyang: bool = False
    provision: "Provision | None" = None

    def in_language(self, language: str) -> str:
        """Its name as a reader of that language reads it."""
        return self.zh if language.startswith("zh") else self.en


@dataclass(frozen=True, kw_only=True)
class Provision:
    """What the city government or a law adds to the dictionary (Anyang 2007 art. 8(11)): on which paper, from when."""

    key: str
    zh: str
    en: str
    parts: tuple[tuple[str, str, str], ...] = ()
    unit_types: tuple[str, ...] = ()
    industries: tuple[str, ...] = ()
    basis_title: str
    basis_number: str
    basis_article: str = ""
    valid_from: date
    valid_to: date | None = None

    def holds(self, on: date) -> bool:
        """Whether it is in force on a day; its last day is the one before `valid_to`."""
        return self.valid_from <= on and (self.valid_to is None or on < self.valid_to)


@dataclass(frozen=True, kw_only=True)
class EntryDraft:
    """A place that must install, as a person or a list states it."""

    name: str
    category: str
    district: str
    address: str = ""
    uscc: str | None = None
    unit_type: str | None = None
    industry: str = ""
    position: tuple[float, float] | None = None


@dataclass(frozen=True, kw_only=True)
class RowFault:
    """What a row of a list lacks; the cell by its column's letter where there is one."""

    row: int
    code: str
    column: str = ""
    text: str = ""


@dataclass(frozen=True, kw_only=True)
class ReadList:
    """A list as it was understood."""

    rows: Sequence[tuple[int, EntryDraft]]
    faults: Sequence[RowFault]
    read: int


class MatchMethod(StrEnum):
    """How an entry came to its unit: by hand, by code, by name and place."""

    PERSON = "person"
    CODE = "code"
    NAME = "name"


class ServiceMethod(StrEnum):
    """How an order was served (as a public organ's paper is: handed over, left, posted, by the portal)."""

    DIRECT = "direct"
    LEFT = "left"
    POST = "post"
    PORTAL = "portal"


class EscalationKind(StrEnum):
    """What follows an order that was not obeyed; a fine needs its own case under the laws the Measure names (art. 17)."""

    INTERVIEW = "interview"
    CIRCULAR = "circular"
    INDUSTRY_NOTICE = "industry_notice"
    PENALTY_CASE = "penalty_case"


class ComplaintAbout(StrEnum):
    """What an owner complains about."""

    UNRECORDED_USE = "unrecorded_use"
    BEYOND_PURPOSE = "beyond_purpose"
    NO_PAPERS = "no_papers"
    NOT_RETURNED = "not_returned"
    DAMAGE = "damage"
    LEAK = "leak"
    FORCED_CONNECTION = "forced_connection"
    OTHER = "other"


class RelocationKind(StrEnum):
    """Why a public camera's position changes: it is moved, rebuilt elsewhere, or was measured wrongly."""

    RELOCATION = "relocation"
    REBUILDING = "rebuilding"
    CORRECTION = "correction"


class ProjectStatus(StrEnum):
    """Where a public project stands."""

    PLANNED = "planned"
    BUILDING = "building"
    COMPLETED = "completed"


class NumberKind(StrEnum):
    """What is numbered by organ and year."""

    ORDER = "order"
    COMPLAINT = "complaint"
    RELOCATION = "relocation"


@dataclass(frozen=True, kw_only=True)
class ProjectParticulars:
    """A public project as it is entered (REG-07)."""

    number: str
    name: str
    budget_year: int
    amount: Decimal
    planning_batch: str
    status: ProjectStatus
    funding: str
    financing_paper: str
    builder: str = ""
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class RelocationParticulars:
    """A relocation as it is proposed (REG-08, Anyang 2007 art. 6)."""

    kind: RelocationKind
    cause: str
    cause_number: str = ""
    cost: Decimal
    payer: str
    planned_on: date
    note: str = ""


SOURCE_TAKEN = audit_tag("mandates:source:take", "Source list of places that must install taken in")
SOURCE_READ = audit_tag("mandates:source:load", "Places that must install loaded from a list")
ENTRY_ADDED = audit_tag("mandates:entry:add", "Place that must install entered")
ENTRY_CHANGED = audit_tag("mandates:entry:change", "Place that must install changed")
ENTRY_STRUCK = audit_tag("mandates:entry:strike", "Place struck off the register of those who must install")
ENTRY_MATCHED = audit_tag("mandates:entry:match", "Place that must install matched to a unit")
ENTRY_PARTED = audit_tag("mandates:entry:unmatch", "Match of a place that must install undone")
MATCH_DISMISSED = audit_tag("mandates:match:dismiss", "Suggested match dismissed")
# Now recorded as any list taken out is; older records bear this tag.
LIST_EXPORTED = audit_tag("mandates:entry:export", "Register of those who must install exported", sensitive_read=True)
PROVISION_ADDED = audit_tag("mandates:dictionary:add", "Dictionary of mandated categories changed")
PROVISION_ENDED = audit_tag("mandates:dictionary:end", "Provision of the dictionary ended")
PARTS_SAVED = audit_tag("mandates:parts:save", "Cameras of an important part set")
ORDER_ISSUED = audit_tag("mandates:order:issue", "Order to install issued")
ORDER_SERVED = audit_tag("mandates:order:serve", "Order to install served")
ORDER_REPLIED = audit_tag("mandates:order:reply", "Order to install replied to")
ORDER_ESCALATED = audit_tag("mandates:order:escalate", "Overdue order to install escalated")
ORDER_FULFILLED = audit_tag("mandates:order:fulfil", "Order to install fulfilled")
ORDER_WITHDRAWN = audit_tag("mandates:order:withdraw", "Order to install withdrawn")
USES_READ = audit_tag("mandates:uses:read", "Police uses of a unit's footage read", sensitive_read=True)
COMPLAINT_RAISED = audit_tag("mandates:complaint:raise", "Complaint raised by an owner")
COMPLAINT_ACKNOWLEDGED = audit_tag("mandates:complaint:acknowledge", "Complaint acknowledged")
COMPLAINT_ANSWERED = audit_tag("mandates:complaint:answer", "Complaint answered")
COMPLAINT_CONTESTED = audit_tag("mandates:complaint:contest", "Answer to a complaint contested")
COMPLAINT_CLOSED = audit_tag("mandates:complaint:close", "Complaint closed by the owner")
COMPLAINT_WITHDRAWN = audit_tag("mandates:complaint:withdraw", "Complaint withdrawn")
PROJECT_ENTERED = audit_tag("mandates:project:enter", "Public project entered")
PROJECT_CHANGED = audit_tag("mandates:project:change", "Public project changed")
PROJECT_LINKED = audit_tag("mandates:project:link", "Cameras linked to a public project")
RELOCATION_PROPOSED = audit_tag("mandates:relocation:propose", "Relocation of public cameras proposed")
RELOCATION_DECIDED = audit_tag("mandates:relocation:decide", "Relocation of public cameras decided")
RELOCATION_DONE = audit_tag("mandates:relocation:carry_out", "Relocation of public cameras carried out")
RELOCATION_CANCELLED = audit_tag("mandates:relocation:cancel", "Relocation of public cameras cancelled")
MOVE_EXPLAINED = audit_tag("mandates:move:explain", "Move of a public camera without an order explained")
