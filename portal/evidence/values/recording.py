"""What is set on a recorder for one camera."""

from enum import StrEnum

from portal.audit.values import audit_tag

SETTING_SUBJECT = "recording_setting"
SETTING_READ = audit_tag("evidence:recording:set", "Recorder setting of a camera recorded")


class RecordingMode(StrEnum):
    """How a recorder records a camera. Only the first is recording in real time (003 no. 4)."""

    CONTINUOUS = "continuous"
    ON_MOTION = "on_motion"
    SCHEDULED = "scheduled"
    NONE = "none"
