"""Leaks of footage, each traced to one copy, and what is written about them."""

from dataclasses import dataclass
from datetime import datetime

from portal.audit.values import audit_tag

LEAK_SUBJECT = "footage_leak"

LEAK_REPORTED = audit_tag("evidence:leak:report", "Leak of footage reported")
LEAK_CONTAINED = audit_tag("evidence:leak:contain", "Measures against a leak of footage recorded")
LEAK_CLOSED = audit_tag("evidence:leak:close", "Leak of footage closed")
LEAK_READ = audit_tag("evidence:leak:read", "Leak of footage opened", sensitive_read=True)


@dataclass(frozen=True, slots=True)
class LeakTexts:
    """What is written about a leak. Of a secret case all of it is sealed."""

    found: str = ""
    # Only in cases that were sealed before each measure had a row of its own.
    measures: str = ""
    liable: str = ""
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure against a leak; `text` is None for who may know that it was taken, but not what it was."""

    name: str
    at: datetime
    text: str | None
