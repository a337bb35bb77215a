"""Writing the log: record() in the caller's transaction, record_and_seal() before a secret is shown."""

from portal.audit.operations.gate import record_and_prove, record_and_seal
from portal.audit.operations.recording import record, speak_for

__all__ = ["record", "record_and_prove", "record_and_seal", "speak_for"]
