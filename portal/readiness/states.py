"""What a check comes to."""

from enum import StrEnum


class CheckVerdict(StrEnum):
    """Met, not met, or not to be told from here."""

    MET = "met"
    NOT_MET = "not_met"
    UNKNOWN = "unknown"


class Source(StrEnum):
    """Where the facts of a check come from."""

    REGISTRY = "registry"
    PROBE = "probe"
    VAULT = "vault"


class CheckKey(StrEnum):
    """Everything the portal checks by itself; the words stand in the vocabulary's `readiness_check`."""

    ZONES = "zones"
    INTERIORS = "interiors"
    MASKS = "masks"
    SIGNS = "signs"
    RETENTION_DECLARED = "retention_declared"
    RETENTION_MEASURED = "retention_measured"
    RECORDING = "recording"
    RESOLUTION_DECLARED = "resolution_declared"
    RESOLUTION_MEASURED = "resolution_measured"
    RESOLUTION_AGREES = "resolution_agrees"
    ONLINE = "online"
    CLOCK = "clock"
    PASSWORDS = "passwords"
    DEVICE_CODES = "device_codes"
    FILES = "files"
    DOCUMENTS = "documents"
    QUALIFICATION = "qualification"
    FILED = "filed"
