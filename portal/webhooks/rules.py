"""What a message looks like and how it is signed (Standard Webhooks), when it is tried again, and when that ends."""

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from portal.webhooks.values import Event

SECRET_PREFIX = "whsec_"  # noqa: S105 - how every such secret begins
MAX_HOOKS = 10
BATCH = 100
# How long after each failed try the next one comes: nine tries in a day and a half.
BACK_OFF = tuple(timedelta(seconds=seconds) for seconds in (10, 60, 300, 1_800, 7_200, 21_600, 43_200, 43_200))
# So many failed tries without a success between them switch a webhook off.
GIVE_UP_AFTER = 20
KEPT = timedelta(days=30)


def new_secret() -> str:
    """A signing secret, as its owner is shown it once."""
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def signature(secret: str, *, message_id: str, timestamp: int, body: bytes) -> str:
    """The value of `webhook-signature` over id, time and body. Who holds the secret recomputes and compares it."""
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()


def headers_of(secret: str, *, message_id: str, now: datetime, body: bytes) -> dict[str, str]:
    """What goes with a message."""
    timestamp = int(now.timestamp())
    return {
        "Content-Type": "application/json",
        "User-Agent": "portal-webhooks/1",
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature(secret, message_id=message_id, timestamp=timestamp, body=body),
    }


def message(delivery_id: UUID, events: Sequence[Event]) -> str:
    """The body: which things changed, by their keys. Whoever wants more asks the interface, under their own permission."""
    told = [
        {
            "id": event.id,
            "type": event.type,
            "at": event.at.astimezone(UTC).isoformat(timespec="milliseconds"),
            "subject": {"kind": event.kind, "id": str(event.subject_id) if event.subject_id else None},
            "unit_id": str(event.unit_id) if event.unit_id else None,
            **({"fields": list(event.fields)} if event.fields else {}),
            **({"state": event.state} if event.state else {}),
        }
        for event in events
    ]
    return json.dumps({"id": str(delivery_id), "events": told}, ensure_ascii=False, separators=(",", ":"))


def next_try(attempts: int) -> timedelta | None:
    """How long to wait after so many tries; None when no more follow."""
    return BACK_OFF[attempts - 1] if attempts <= len(BACK_OFF) else None
