"""What may be listened to, and the acts on webhooks that the log names."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from portal.audit.values import AuditTag, audit_tag


class Topic(StrEnum):
    """What a webhook listens to."""

    FILING = "filing"
    CAMERA = "camera"
    SYSTEM = "system"
    DEVICE = "device"


class Disabled(StrEnum):
    """Why a webhook is switched off."""

    OWNER = "owner"
    FAILURES = "failures"
    ACCOUNT = "account"


# A subject of the registry's acts, and the topic under which they are told.
_SUBJECTS = {"filing": Topic.FILING, "camera": Topic.CAMERA, "import": Topic.CAMERA, "system": Topic.SYSTEM}
PING = "ping"
DEVICE_CHANGED = "device.state_changed"


def topic_of(tag: AuditTag) -> Topic | None:
    """The topic of a recorded act. A new act of a filing or camera is told as soon as it is declared; a look never is."""
    return None if tag.sensitive_read or tag.source != "registry" else _SUBJECTS.get(tag.subject)


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that happened: what, to which thing, where. Never a value of it."""

    id: str
    topic: Topic
    type: str
    at: datetime
    kind: str
    subject_id: UUID | None
    unit_id: UUID | None
    district: str | None
    fields: tuple[str, ...] = ()
    state: str = ""


HOOK_CREATED = audit_tag("webhooks:hook:create", "Webhook set up")
HOOK_PAUSED = audit_tag("webhooks:hook:pause", "Webhook switched off")
HOOK_RESUMED = audit_tag("webhooks:hook:resume", "Webhook switched on")
HOOK_DISABLED = audit_tag("webhooks:hook:disable", "Webhook switched off after failures")
DELIVERY_REPEATED = audit_tag("webhooks:delivery:repeat", "Delivery sent again")
