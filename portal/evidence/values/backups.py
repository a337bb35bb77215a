"""Back-ups that the duty side makes by itself."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from portal.audit.values import audit_tag

SUBJECT = "footage_backup"
BACKUP_MADE = audit_tag("evidence:backup:make", "Suspicious or key footage backed up")
BACKUP_ENDED = audit_tag("evidence:backup:end", "Back-up of footage let go")


class BackupKind(StrEnum):
    """Why a stretch was backed up though nobody had asked for it (003 item 5)."""

    SUSPICIOUS = "suspicious"
    KEY = "key"


class BackupMedium(StrEnum):
    """On what it lies."""

    DISC = "disc"
    HARD_DISK = "hard_disk"
    SERVER = "server"


@dataclass(frozen=True, slots=True)
class BackupDraft:
    """A back-up as the duty side enters it; `camera` is what was typed, a code or a name."""

    camera: str
    kind: BackupKind
    span_from: datetime
    span_to: datetime
    what: str
    medium: BackupMedium
    medium_serial: str
    shelf: str
    sha256: str = ""
