"""Writing the log: record() in the caller's transaction, record_and_seal() before a secret is shown."""

from portal.audit.operations.gate import record_and_seal
from portal.audit.operations.recording import record

__all__ = ["record", "record_and_seal"]
