"""Copies of footage: what each one is, who answers for it, and what its receiver undertook."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from portal.audit.values import audit_tag

COPY_SUBJECT = "footage_copy"

COPY_MADE = audit_tag("evidence:copy:make", "Copy of footage made")
MASTER_KEPT = audit_tag("evidence:copy:keep", "Sealed master placed in the medium register")
MEDIUM_MOVED = audit_tag("evidence:copy:move", "Medium moved to another shelf or keeper")
COPY_RETURNED = audit_tag("evidence:copy:return", "Copy of footage returned")
COPY_DESTROYED = audit_tag("evidence:copy:destroy", "Copy of footage destroyed")
COPY_FILED = audit_tag("evidence:copy:file", "Copy of footage placed in the case file")
COPY_EXTENDED = audit_tag("evidence:copy:extend", "Day by which a copy is settled put off")
COPY_WRITTEN = audit_tag(
    "evidence:copy:write", "Sealed footage file taken out of the vault for a copy", sensitive_read=True
)
COPY_READ = audit_tag("evidence:copy:read", "Whereabouts of a copy of footage opened", sensitive_read=True)
PURPOSE_MET = audit_tag("evidence:purpose:met", "Purpose of a footage request met, deletion due")
DELETION_DONE = audit_tag("evidence:deletion:done", "Every copy deleted after the purpose was met")

# What a receiver undertakes by acknowledging a copy; the words stand on the page of the receipt. A change of the words
# is a new version, and what was accepted before keeps its own.
UNDERTAKING = "2026-1"


class CopyRole(StrEnum):
    """The sealed master stays with the unit; a working copy is numbered and bound to who receives it."""

    MASTER = "master"
    WORKING = "working"


@dataclass(frozen=True, slots=True)
class CopyDraft:
    """A copy as its maker writes it down."""

    role: CopyRole
    medium: str
    medium_serial: str
    receiver_place: int | None = None
    shelf: str = ""
    keeper_name: str = ""
    archive_reason: str = ""


@dataclass(frozen=True, slots=True)
class Ending:
    """How a copy ended, with the paper that proves it."""

    on: date
    note: str
    witness: str = ""
    stored_file_id: UUID | None = None
    # The number of the granted deletion ticket on which a master goes before its time.
    ticket: str = ""
