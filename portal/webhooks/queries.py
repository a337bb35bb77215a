"""Webhooks and deliveries of a person; what the sealed log and the devices have to tell since last time."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session, joinedload

from portal.accounts.permissions import Permission
from portal.accounts.policy import allows, require
from portal.accounts.values import Identity, Scope
from portal.audit.queries.tail import acts_between
from portal.audit.values import vocabulary
from portal.core.errors import NotFound
from portal.core.paging import Page, newest_first
from portal.reachability.models import DeviceStateChange
from portal.registry.models import Camera, Filing, System
from portal.registry.queries.lists import CAMERAS, FILINGS, SYSTEMS, open_rows
from portal.webhooks.models import Webhook, WebhookDelivery
from portal.webhooks.values import DEVICE_CHANGED, Event, Topic, topic_of

# Entries of the log looked at in one go, and changes of devices.
SPAN, DEVICES = 5_000, 2_000
IMPORT = "camera_import"
# A settled round commits all its changes at once, stamped with the moment it began to; by then it has.
SETTLED = timedelta(minutes=2)


def hook_scope(hook: Webhook) -> Scope:
    """A webhook is its person's own."""
    return Scope(person_ids=frozenset({hook.person_id}))


def hooks_of(session: Session, identity: Identity) -> Sequence[Webhook]:
    """The person's webhooks, newest first."""
    own = select(Webhook).where(Webhook.person_id == identity.person_id)
    return session.scalars(own.order_by(Webhook.id.desc())).all()


def get_hook(session: Session, identity: Identity, hook_id: UUID, *, lock: bool = False) -> Webhook:
    """A webhook of the person's own. Raises NotFound."""
    hook = session.get(Webhook, hook_id, with_for_update=lock)
    if hook is None:
        raise NotFound()
    require(identity, Permission.WEBHOOK_OWN, hook_scope(hook))
    return hook


def delivery_page(session: Session, hook: Webhook, *, after: str | None = None) -> Page[WebhookDelivery]:
    """What was sent to a webhook the caller was let in to, newest first."""
    statement = select(WebhookDelivery).where(WebhookDelivery.webhook_id == hook.id)
    return newest_first(session, statement, WebhookDelivery.id, after=after)


def get_delivery(session: Session, identity: Identity, delivery_id: UUID) -> WebhookDelivery:
    """A delivery held for change, with its webhook, which is the person's own. Raises NotFound."""
    delivery = session.scalars(
        select(WebhookDelivery)
        .where(WebhookDelivery.id == delivery_id)
        .options(joinedload(WebhookDelivery.webhook))
        .with_for_update(of=WebhookDelivery)
    ).one_or_none()
    if delivery is None:
        raise NotFound()
    require(identity, Permission.WEBHOOK_OWN, hook_scope(delivery.webhook))
    return delivery


def acts_told(session: Session, first: int, last: int) -> list[Event]:
    """What the sealed log tells between two numbers, the first excluded."""
    told = {str(tag): topic for tag in vocabulary().values() if (topic := topic_of(tag))}
    return [
        Event(
            id=str(act.id),
            topic=told[act.tag],
            type=act.tag.partition(":")[2].replace(":", "."),
            at=act.at,
            kind=act.subject_kind,
            subject_id=UUID(act.subject_id) if act.subject_id else None,
            unit_id=act.unit_id,
            district=act.district,
            fields=tuple(str(change["field"]) for change in act.changes or ()),
        )
        for act in acts_between(session, first, last, tags=told)
    ]


def device_changes(session: Session, *, at: datetime, key: int, now: datetime) -> Sequence[DeviceStateChange]:
    """Changes of devices behind a place, in order, as far as every round that could still add one has committed."""
    place = tuple_(DeviceStateChange.at, DeviceStateChange.id)
    return session.scalars(
        select(DeviceStateChange)
        .where(place > (at, key), DeviceStateChange.at <= now - SETTLED)
        .order_by(DeviceStateChange.at, DeviceStateChange.id)
        .limit(DEVICES)
    ).all()


def as_event(change: DeviceStateChange) -> Event:
    """A device's change as it is told."""
    return Event(
        id=f"device-{change.id}",
        topic=Topic.DEVICE,
        type=DEVICE_CHANGED,
        at=change.at,
        kind="camera",
        subject_id=change.camera_id,
        unit_id=change.unit_id,
        district=change.district,
        state=change.new_state,
    )


def seen_by(session: Session, identity: Identity, events: Sequence[Event]) -> list[Event]:
    """Those of the events whose thing the person may read now, by the very statements of the lists."""
    wanted: dict[str, set[UUID]] = {}
    for event in events:
        if event.subject_id is not None:
            wanted.setdefault(event.kind, set()).add(event.subject_id)
    shown: set[tuple[str, UUID]] = set()
    for kind, (statement, key) in _readable(identity).items():
        if kind in wanted:
            keys = session.scalars(statement.where(key.in_(wanted[kind])).with_only_columns(key))
            shown |= {(kind, found) for found in keys}
    return [
        event
        for event in events
        if (event.kind, event.subject_id) in shown or (event.kind == IMPORT and _reaches(identity, event))
    ]


def _readable(identity: Identity) -> Mapping[str, tuple[Select[Any], InstrumentedAttribute[UUID]]]:
    return {
        "camera": (open_rows(CAMERAS, identity), Camera.id),
        "filing": (open_rows(FILINGS, identity), Filing.id),
        "system": (open_rows(SYSTEMS, identity), System.id),
    }


def _reaches(identity: Identity, event: Event) -> bool:
    """An import is no thing of its own: who may read the unit's cameras may know that some came in."""
    scope = Scope(
        unit_ids=frozenset({event.unit_id} if event.unit_id else ()),
        districts=frozenset({event.district} if event.district else ()),
    )
    return allows(identity, Permission.CAMERA_READ, scope)
