"""What an audit record says: who, which act of a closed vocabulary, on what, with which fields touched."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from enum import StrEnum
from typing import Final
from uuid import UUID

_TAG: Final = re.compile(r"[a-z][a-z0-9_]{0,39}:[a-z][a-z0-9_]{0,39}:[a-z][a-z0-9_]{0,39}")

FieldValue = (
    str | int | bool | float | Decimal | date | datetime | time | UUID | None | tuple[str, ...] | frozenset[str]
)


class UnknownTag(LookupError):
    """A tag that no feature declared: a defect, never a user's fault."""


class TagClash(ValueError):
    """Two declarations of one tag differ, or a tag is not of the form source:subject:action."""


class Outcome(StrEnum):
    """How the act ended. Refusals are recorded too: an attempt is news to the auditor."""

    OK = "ok"
    DENIED = "denied"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True)
class Actor:
    """Who acted, with names as text: the record must stay readable after an account is renamed or removed."""

    account_id: UUID | None = None
    person_id: UUID | None = None
    name: str
    organ_id: UUID | None = None
    organ_name: str = ""
    roles: tuple[str, ...] = ()
    session_id: UUID | None = None
    request_id: str = ""
    address: str = ""

    @classmethod
    def system(cls, part: str) -> "Actor":
        """The portal itself; `part` says which, for example `sealer`."""
        return cls(name=f"system:{part}")

    @property
    def is_system(self) -> bool:
        """Whether no person stands behind the act."""
        return self.account_id is None and self.name.startswith("system:")


@dataclass(frozen=True)
class SubjectRef:
    """The thing acted on: its kind (`filing`, `camera` …), its key, and its name as it read at that moment."""

    kind: str
    id: UUID | str | None = None
    label: str = ""


@dataclass(frozen=True, kw_only=True)
class FieldChange:
    """One field touched. A sensitive one is recorded by name and keyed digests only, never by value."""

    name: str
    old: FieldValue = None
    new: FieldValue = None
    sensitive: bool = False


class AuditTag(str):
    """A declared act, usable wherever its text `source:subject:action` is. `label` is the English message id.

    Features declare theirs in their own values.py through `audit_tag`; the Chinese text stands in the feature's
    catalogue, which `dev/messages.py` fills from the second argument of each declaration.
    """

    __slots__ = ("label", "sensitive_read")
    label: str
    sensitive_read: bool

    def __new__(cls, name: str, label: str, *, sensitive_read: bool = False) -> "AuditTag":
        """Made by `audit_tag`, which also enters it in the vocabulary."""
        if not _TAG.fullmatch(name):
            raise TagClash(f"{name!r} is not source:subject:action in lower case")
        tag = super().__new__(cls, name)
        tag.label = label
        tag.sensitive_read = sensitive_read
        return tag

    @property
    def source(self) -> str:
        """The package that declares the act."""
        return self.split(":")[0]

    @property
    def subject(self) -> str:
        """What kind of thing is acted on."""
        return self.split(":")[1]

    @property
    def action(self) -> str:
        """What is done to it."""
        return self.split(":")[2]


_vocabulary: dict[str, AuditTag] = {}


def audit_tag(name: str, label: str, *, sensitive_read: bool = False) -> AuditTag:
    """Declare an act. Declaring it again with the same words is harmless; with other words it raises TagClash."""
    tag = AuditTag(name, label, sensitive_read=sensitive_read)
    known = _vocabulary.setdefault(name, tag)
    if (known.label, known.sensitive_read) != (label, sensitive_read):
        raise TagClash(f"{name} is declared twice, as {known.label!r} and as {label!r}")
    return known


def declared(name: str) -> AuditTag:
    """The declared tag of that text. Raises UnknownTag."""
    try:
        return _vocabulary[name]
    except KeyError:
        raise UnknownTag(f"audit tag {name!r} is not declared; add audit_tag() to the feature's values.py") from None


def vocabulary() -> Mapping[str, AuditTag]:
    """Every tag declared by the modules loaded so far."""
    return dict(sorted(_vocabulary.items()))


@dataclass(frozen=True, kw_only=True)
class LogFilter:
    """What a reader asks of the log. Days are the city's calendar days, both included; `subject` is a key or part of
    a name.
    """

    person_id: UUID | None = None
    person_name: str = ""
    tag: str = ""
    subject_kind: str = ""
    subject: str = ""
    unit_id: UUID | None = None
    district: str = ""
    outcome: Outcome | None = None
    first_day: date | None = None
    last_day: date | None = None

    def asked(self) -> dict[str, str]:
        """The conditions in force, as text, for the record of the reading."""
        return {name: str(value) for name, value in vars(self).items() if value}


@dataclass(frozen=True, kw_only=True)
class SealReport:
    """What one pass of the sealer did."""

    sealed: int
    size: int
    checkpoint_size: int
    waiting: int = 0
    failed_places: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """The result of a verification. `first_bad` is the first sequence number that cannot be trusted."""

    ok: bool
    checked: int
    size: int
    checkpoint_size: int = 0
    root: str = ""
    first_bad: int | None = None
    problem: str = ""
    data: Mapping[str, object] = field(default_factory=dict)


LOG_READ = audit_tag("audit:log:read", "Audit log searched", sensitive_read=True)
ENTRY_READ = audit_tag("audit:entry:read", "Audit record opened", sensitive_read=True)
REASON_REVEALED = audit_tag("audit:reason:reveal", "Secret reason revealed", sensitive_read=True)
LOG_VERIFY = audit_tag("audit:log:verify", "Audit log verified")
LOG_EXPORT = audit_tag("audit:log:export", "Audit log exported", sensitive_read=True)
EXPORT_DOWNLOAD = audit_tag("audit:export:download", "Audit export downloaded", sensitive_read=True)
PROOF_DOWNLOAD = audit_tag("audit:proof:download", "Proof of an audit record downloaded")
LOG_GAP = audit_tag("audit:log:gap", "Gap in the audit log recorded after a restore")
