"""What an import makes of a row, whether it went out again, and what people decide about faults."""

from enum import StrEnum


class RowOutcome(StrEnum):
    """What an import makes of one row of its sheet."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    PARKED = "parked"
    LEFT_OUT = "left_out"


class RowStage(StrEnum):
    """Whether a row was taken out again. KEPT: something stood in the way of it."""

    STAGED = "staged"
    OUT = "out"
    KEPT = "kept"


class FaultDecision(StrEnum):
    """What a person said to a fault: take the proposed cure, or let the cell stand as it is."""

    CURED = "cured"
    KEPT = "kept"
