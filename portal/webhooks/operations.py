"""Setting webhooks up, telling them what the log says, sending, and what follows when nobody takes it."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from portal.accounts.models import Account
from portal.accounts.operations import notify_people
from portal.accounts.permissions import Permission
from portal.accounts.policy import may_ever, require
from portal.accounts.queries import identity_of_account
from portal.accounts.values import Identity
from portal.audit.operations import record
from portal.audit.queries.tail import newest_seq
from portal.audit.values import Actor, FieldChange, SubjectRef
from portal.core.crypto import row_context
from portal.core.egress import EgressDenied, Sent
from portal.core.errors import Invalid, NotAllowed, NotFound, Problem
from portal.core.ids import new_id
from portal.core.outbox import TaskName, enqueue
from portal.core.services import services
from portal.webhooks import values
from portal.webhooks.models import Webhook, WebhookCursor, WebhookDelivery
from portal.webhooks.queries import (
    SPAN,
    acts_told,
    as_event,
    device_changes,
    get_delivery,
    get_hook,
    hooks_of,
    seen_by,
)
from portal.webhooks.rules import BATCH, GIVE_UP_AFTER, KEPT, MAX_HOOKS, message, new_secret, next_try
from portal.webhooks.states import DeliveryAction, DeliveryStatus, next_delivery_status
from portal.webhooks.values import Disabled, Event, Topic

SYSTEM = Actor.system("webhooks")


class Outgoing(NamedTuple):
    """What a sender needs, read in a transaction that is over before anything goes out."""

    url: str
    body: bytes
    secret: str


def create_hook(
    session: Session, *, actor: Identity, name: str, url: str, topics: Collection[Topic], now: datetime
) -> tuple[Webhook, str]:
    """A new webhook and its signing secret, which is shown once. Raises Invalid naming each bad field."""
    require(actor, Permission.WEBHOOK_OWN)
    if actor.person_id is None or actor.account_id is None:
        raise NotAllowed("permission", permission=str(Permission.WEBHOOK_OWN))
    problems = []
    if not name.strip():
        problems.append(Problem("name", "required"))
    if not topics:
        problems.append(Problem("topics", "required"))
    if len(hooks_of(session, actor)) >= MAX_HOOKS:
        problems.append(Problem("name", "webhook_many", {"limit": MAX_HOOKS}))
    try:
        services(session).egress.check_url(url)
    except EgressDenied as denied:
        problems.append(Problem("url", f"egress_{denied.denial}"))
    if problems:
        raise Invalid(problems)
    key, secret = new_id(), new_secret()
    hook = Webhook(
        id=key,
        person_id=actor.person_id,
        account_id=actor.account_id,
        name=name.strip(),
        url=url,
        topics=sorted(topics),
        secret_sealed=services(session).envelope.seal(
            secret.encode(), context=row_context("webhook", "secret_sealed", key)
        ),
        created_at=now,
        since=now,
    )
    session.add(hook)
    session.flush()
    # Whom it tells stands in the log; what follows the host is often a key that the receiver knows its sender by.
    changes = [
        FieldChange(name="url", new="/".join(url.split("/")[:3])),
        FieldChange(name="topics", new=tuple(hook.topics)),
    ]
    _record(session, actor.actor, values.HOOK_CREATED, hook, changes=changes, now=now)
    return hook, secret


def pause_hook(session: Session, *, actor: Identity, hook_id: UUID, now: datetime) -> Webhook:
    """Switch one's own webhook off; what still waited is not sent any more."""
    hook = get_hook(session, actor, hook_id, lock=True)
    if hook.disabled is None:
        _switch_off(session, hook, Disabled.OWNER)
        _record(session, actor.actor, values.HOOK_PAUSED, hook, now=now)
    return hook


def resume_hook(session: Session, *, actor: Identity, hook_id: UUID, now: datetime) -> Webhook:
    """Switch one's own webhook on again: it is told of what happens from now on."""
    hook = get_hook(session, actor, hook_id, lock=True)
    if hook.disabled is not None:
        hook.disabled, hook.failures, hook.since = None, 0, now
        _record(session, actor.actor, values.HOOK_RESUMED, hook, now=now)
    return hook


def ping_hook(session: Session, *, actor: Identity, hook_id: UUID, now: datetime) -> WebhookDelivery:
    """Send a message without events, to see whether anybody takes it."""
    hook = get_hook(session, actor, hook_id, lock=True)
    if hook.disabled is not None:
        raise Invalid("webhook_off")
    delivery = _deliver(session, hook, [], now=now)
    subject = SubjectRef("webhook", hook.id, hook.name)
    record(session, actor=actor.actor, tag=values.DELIVERY_REPEATED, subject=subject, now=now)
    return delivery


def send_again(session: Session, *, actor: Identity, delivery_id: UUID, now: datetime) -> WebhookDelivery:
    """Send a delivery once more, the same message under the same id."""
    delivery = get_delivery(session, actor, delivery_id)
    if delivery.webhook.disabled is not None:
        raise Invalid("webhook_off")
    delivery.status = next_delivery_status(DeliveryStatus(delivery.status), DeliveryAction.SEND_AGAIN)
    _try_at(session, delivery, now)
    subject = SubjectRef("webhook", delivery.webhook_id, delivery.webhook.name)
    record(session, actor=actor.actor, tag=values.DELIVERY_REPEATED, subject=subject, now=now)
    return delivery


def tell_news(session: Session, *, now: datetime) -> int:
    """Turn what the log and the devices have to tell since last time into deliveries; how many were made.

    The cursor's row is locked, so that two workers tell nothing twice; it moves in the transaction of the deliveries.
    """
    cursor = session.get(WebhookCursor, 1, with_for_update=True)
    if cursor is None:
        raise NotFound()
    last = min(newest_seq(session), cursor.seq + SPAN)
    hooks = session.scalars(select(Webhook).where(Webhook.disabled.is_(None)).order_by(Webhook.id)).all()
    events = acts_told(session, cursor.seq, last) if hooks and last > cursor.seq else []
    if any(Topic.DEVICE in hook.topics for hook in hooks):
        changes = device_changes(session, at=cursor.device_at, key=cursor.device_id, now=now)
        events += [as_event(change) for change in changes]
        if changes:
            cursor.device_at, cursor.device_id = changes[-1].at, changes[-1].id
    cursor.seq = max(last, cursor.seq)
    made = 0
    for hook in hooks if events else ():
        made += _tell(session, hook, events, now=now)
    return made


def _tell(session: Session, hook: Webhook, events: Sequence[Event], *, now: datetime) -> int:
    owner = identity_of_account(session, hook.account_id, now=now)
    if owner is None or not may_ever(owner, Permission.WEBHOOK_OWN):
        _switch_off(session, hook, Disabled.ACCOUNT)
        _record(session, SYSTEM, values.HOOK_DISABLED, hook, reason=str(Disabled.ACCOUNT), now=now)
        return 0
    wanted = [event for event in events if event.topic in hook.topics and event.at >= hook.since]
    seen = seen_by(session, owner, wanted)
    for start in range(0, len(seen), BATCH):
        _deliver(session, hook, seen[start : start + BATCH], now=now)
    return -(-len(seen) // BATCH)


def _deliver(session: Session, hook: Webhook, events: Sequence[Event], *, now: datetime) -> WebhookDelivery:
    key = new_id()
    delivery = WebhookDelivery(
        id=key,
        webhook_id=hook.id,
        person_id=hook.person_id,
        types=sorted({event.type for event in events}) or [values.PING],
        events=len(events),
        body=message(key, events),
        status=DeliveryStatus.WAITING,
        attempts=0,
        log=[],
        created_at=now,
    )
    session.add(delivery)
    _try_at(session, delivery, now)
    session.flush()
    return delivery


def _try_at(session: Session, delivery: WebhookDelivery, moment: datetime) -> None:
    delivery.next_at = moment
    attempt = delivery.attempts + 1
    enqueue(
        session,
        TaskName.WEBHOOKS_DELIVER,
        dedupe=f"webhook:{delivery.id}:{attempt}",
        not_before=moment,
        delivery_id=delivery.id,
        attempt=attempt,
    )


def outgoing(session: Session, *, delivery_id: UUID, attempt: int) -> Outgoing | None:
    """What to send for this try; nothing when it was made already, or nobody wants it any more."""
    delivery = session.get(WebhookDelivery, delivery_id)
    hook = session.get(Webhook, delivery.webhook_id) if delivery else None
    if delivery is None or hook is None or delivery.status != DeliveryStatus.WAITING:
        return None
    if delivery.attempts + 1 != attempt or hook.disabled is not None:
        return None
    owner = session.get(Account, hook.account_id)
    if owner is None or owner.disabled_at is not None:
        return None  # what waited longest would be told a day and a half after they left
    sealed = services(session).envelope.open(
        hook.secret_sealed, context=row_context("webhook", "secret_sealed", hook.id)
    )
    return Outgoing(url=hook.url, body=delivery.body.encode(), secret=sealed.decode())


def note_try(session: Session, *, delivery_id: UUID, attempt: int, sent: Sent, now: datetime) -> None:
    """Keep what came of a try: taken, to be tried again later, or given up; too many failures switch the webhook off."""
    owner = session.scalar(select(WebhookDelivery.webhook_id).where(WebhookDelivery.id == delivery_id))
    # The webhook before its deliveries, as whoever switches it off takes them.
    hook = session.get(Webhook, owner, with_for_update=True) if owner else None
    delivery = session.get(WebhookDelivery, delivery_id, with_for_update=True)
    if hook is None or delivery is None:
        return
    if delivery.attempts + 1 != attempt or delivery.status != DeliveryStatus.WAITING:
        return
    tried = {"at": now.isoformat(), "status": sent.status, "error": sent.error, "ms": sent.milliseconds}
    delivery.attempts, delivery.next_at, delivery.log = attempt, None, [*delivery.log, tried]
    status = DeliveryStatus(delivery.status)
    if sent.good:
        delivery.status = next_delivery_status(status, DeliveryAction.TAKE)
        _count(session, hook, 0)
        return
    _count(session, hook, hook.failures + 1)
    wait = next_try(attempt)
    if wait is None:
        delivery.status = next_delivery_status(status, DeliveryAction.GIVE_UP)
    else:
        _try_at(session, delivery, now + wait)
    if hook.failures >= GIVE_UP_AFTER and hook.disabled is None:
        session.flush()
        _switch_off(session, hook, Disabled.FAILURES)
        _record(session, SYSTEM, values.HOOK_DISABLED, hook, reason=str(Disabled.FAILURES), now=now)
        notify_people(
            session,
            people=[hook.person_id],
            kind="webhooks.hook",
            subject_id=hook.id,
            occasion=now.isoformat()[:19],
            now=now,
        )


def _count(session: Session, hook: Webhook, failures: int) -> None:
    """The number of failures in a row is bookkeeping; it changes no decision that a person made."""
    session.connection().execute(
        update(Webhook.__table__).where(Webhook.__table__.c.id == hook.id).values(failures=failures)  # type: ignore[arg-type]
    )
    session.refresh(hook, ["failures"])


def _switch_off(session: Session, hook: Webhook, why: Disabled) -> None:
    hook.disabled = why
    status = next_delivery_status(DeliveryStatus.WAITING, DeliveryAction.CANCEL)
    session.execute(
        update(WebhookDelivery)
        .where(WebhookDelivery.webhook_id == hook.id, WebhookDelivery.status == DeliveryStatus.WAITING)
        .values(status=status, next_at=None)
    )


def forget_deliveries(session: Session, *, now: datetime) -> None:
    """Drop what was sent long ago; the log itself keeps what it was about."""
    session.execute(
        delete(WebhookDelivery).where(
            WebhookDelivery.created_at < now - KEPT, WebhookDelivery.status != DeliveryStatus.WAITING
        )
    )


def _record(
    session: Session,
    actor: Actor,
    tag: str,
    hook: Webhook,
    *,
    changes: Sequence[FieldChange] = (),
    reason: str | None = None,
    now: datetime,
) -> None:
    subject = SubjectRef("webhook", hook.id, hook.name)
    record(session, actor=actor, tag=tag, subject=subject, changes=changes, reason=reason, now=now)
