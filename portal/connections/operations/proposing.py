"""Bringing an order about: proposed, consented to or refused by the unit, rested on a law, approved, seconded, given up."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from portal.accounts.permissions import Permission
from portal.accounts.policy import require
from portal.accounts.queries import signing_organ
from portal.accounts.values import Identity
from portal.audit.values import AuditTag, FieldChange
from portal.connections import values
from portal.connections.models import ConnectionCamera, ConnectionNumber, ConnectionOrder
from portal.connections.queries import cameras_to_cover, lock_order, order_scope
from portal.connections.states import OrderAction, OrderStatus, next_order_status
from portal.connections.values import OrderDraft, RestsOn
from portal.core.clock import city_day
from portal.core.errors import IllegalTransition, Invalid, Problem
from portal.core.lifecycle import unchanged
from portal.core.outbox import TaskName, enqueue
from portal.registry.models import Camera, System
from portal.registry.operations.recording import about, note
from portal.registry.queries import get_system, system_scope
from portal.registry.rules import rules_for
from portal.registry.values import SystemKind
from portal.regulation.schema.keys import RuleKey

STATED = ("platform_name", "need", "path", "officer_name", "officer_number")


def propose_order(
    session: Session, *, actor: Identity, system_id: UUID, draft: OrderDraft, now: datetime
) -> ConnectionOrder:
    """Propose to connect a unit's own system. Raises Invalid for a purpose that the rules do not name, IllegalTransition
    for a system that no order can be about: a public one needs none, a secret one is connected to nothing."""
    system = get_system(session, actor, system_id)
    require(actor, Permission.CONNECTION_PROPOSE, system_scope(system), read=Permission.SYSTEM_READ)
    if not orderable(system):
        raise IllegalTransition("connection_not_orderable")
    today = city_day(now)
    cameras = [one for one in cameras_to_cover(session, actor, system.id) if one.id in draft.camera_ids]
    problems = _faults_of(system, draft, cameras, today)
    if problems:
        raise Invalid(problems)
    organ = signing_organ(session, actor, Permission.CONNECTION_PROPOSE, system.district)
    rules = rules_for(system.unit, system, on=today)
    cited = [*rules.citations(RuleKey.NETWORK_DIRECT_PURPOSES), *rules.citations(RuleKey.NETWORK_CONSENT_REQUIRED)]
    order = ConnectionOrder(
        number=_take_number(session, today.year),
        unit_id=system.unit_id,
        district=system.district,
        organ_id=organ.id,
        organ_name=organ.name,
        addressee=system.unit.name,
        system_id=system.id,
        purpose=draft.purpose,
        platform=draft.platform,
        starts_on=draft.starts_on,
        ends_on=draft.ends_on,
        camera_count=len(cameras),
        cameras_checked_at=now,
        basis=[[one.instrument, one.article] for one in dict.fromkeys(cited)],
        proposed_by=actor.person_id,
        proposed_by_name=actor.name,
        proposed_at=now,
        **{name: getattr(draft, name).strip() for name in STATED},
    )
    session.add(order)
    session.flush()
    session.add_all(
        ConnectionCamera(
            order_id=order.id, camera_id=one.id, unit_id=order.unit_id, district=order.district, label=one.name,
            code=one.gb_code or "",
        )
        for one in cameras
    )  # fmt: skip
    changes = [FieldChange(name="purpose", new=str(draft.purpose)), FieldChange(name="ends_on", new=draft.ends_on)]
    note(session, actor, values.ORDER_PROPOSED, about(order, order.number), order, changes=changes, now=now)
    tell(session, order, "proposed")
    return order


def orderable(system: System) -> bool:
    """Whether an order can be about it: a unit's own system, and none that is secret."""
    return system.kind == SystemKind.UNIT_INTERNAL and not system.secret


def _faults_of(system: System, draft: OrderDraft, cameras: list[Camera], today: date) -> list[Problem]:
    problems = [Problem(name, "required") for name in STATED if not getattr(draft, name).strip()]
    purposes = rules_for(system.unit, system, on=today).terms(RuleKey.NETWORK_DIRECT_PURPOSES)
    if str(draft.purpose) not in purposes:
        problems.append(Problem("purpose", "connection_purpose"))
    if not cameras:
        problems.append(Problem("camera_ids", "required"))
    if draft.starts_on < today:
        problems.append(Problem("starts_on", "connection_starts"))
    if draft.ends_on < draft.starts_on:
        problems.append(Problem("ends_on", "connection_ends"))
    return problems


def _take_number(session: Session, year: int) -> str:
    """The next number of the year; the row stays locked until the transaction ends, so that none is skipped."""
    statement = insert(ConnectionNumber).values(year=year, last=1)
    taken = session.scalar(
        statement.on_conflict_do_update(
            index_elements=[ConnectionNumber.year], set_={"last": ConnectionNumber.last + 1}
        ).returning(ConnectionNumber.last)
    )
    return f"安公接〔{year}〕{taken}号"


def consent(
    session: Session, *, actor: Identity, connection_order_id: UUID, seen_version: int, terms: str, now: datetime
) -> ConnectionOrder:
    """The unit consents, if it likes on terms. Given again while the line is stopped, it lets the organ resume."""
    order = answering(session, actor, connection_order_id, seen_version)
    if order.rests_on == RestsOn.LAW:
        raise IllegalTransition("connection_rests_on_law")
    order.status = next_order_status(OrderStatus(order.status), OrderAction.CONSENT)
    order.consented_by, order.consented_by_name, order.consented_at = actor.person_id, actor.name, now
    order.consent_terms, order.refusal_reason = terms.strip(), ""
    order.withdrawn_at, order.withdrawn_by_name = None, ""
    return _said(session, actor, order, values.ORDER_CONSENTED, reason=terms, now=now)


def refuse(
    session: Session, *, actor: Identity, connection_order_id: UUID, seen_version: int, reason: str, now: datetime
) -> ConnectionOrder:
    """The unit refuses, which is its right: a reason is asked for and none is judged."""
    order = answering(session, actor, connection_order_id, seen_version)
    must_say(reason)
    order.status = next_order_status(OrderStatus(order.status), OrderAction.REFUSE)
    order.refusal_reason = reason.strip()
    return _said(session, actor, order, values.ORDER_REFUSED, reason=reason, now=now)


def withdraw_consent(
    session: Session, *, actor: Identity, connection_order_id: UUID, seen_version: int, reason: str, now: datetime
) -> ConnectionOrder:
    """The stop right: the unit takes its consent back, and from this moment the order allows nothing."""
    order = answering(session, actor, connection_order_id, seen_version)
    must_say(reason)
    if order.rests_on == RestsOn.LAW:
        raise IllegalTransition("connection_rests_on_law")
    was = OrderStatus(order.status)
    order.status = next_order_status(was, OrderAction.WITHDRAW)
    order.consented_at, order.withdrawn_at, order.withdrawn_by_name = None, now, actor.name
    if order.status == OrderStatus.SUSPENDED:
        order.suspended_at, order.suspended_reason = order.suspended_at or now, reason.strip()
    else:
        # What was approved was approved with that consent: without it another approval is needed.
        order.approved_by, order.approved_by_name, order.approved_at = None, "", None
        order.refusal_reason = reason.strip()
    return _said(session, actor, order, values.CONSENT_WITHDRAWN, reason=reason, now=now)


def claim_law(
    session: Session,
    *,
    actor: Identity,
    connection_order_id: UUID,
    seen_version: int,
    article: str,
    reason: str,
    now: datetime,
) -> ConnectionOrder:
    """Rest the order on a law that asks for no consent: which article, and why it holds here. Two more must agree."""
    order = handling(session, actor, connection_order_id, seen_version)
    problems = [Problem(name, "required") for name, text in (("article", article), ("why", reason)) if not text.strip()]
    if problems:
        raise Invalid(problems)
    order.status = next_order_status(OrderStatus(order.status), OrderAction.CLAIM)
    order.rests_on, order.claim_article, order.claim_reason = RestsOn.LAW, article.strip(), reason.strip()
    order.claimed_by, order.claimed_by_name, order.claimed_at = actor.person_id, actor.name, now
    return _said(session, actor, order, values.ORDER_CLAIMED, reason=f"{article}: {reason}", now=now)


def approve(
    session: Session, *, actor: Identity, connection_order_id: UUID, seen_version: int, reason: str, now: datetime
) -> ConnectionOrder:
    """A leader approves what another proposed; a connection without consent waits for one more person then."""
    order = _deciding(session, actor, connection_order_id, seen_version)
    if actor.person_id is not None and actor.person_id in (order.proposed_by, order.claimed_by):
        raise IllegalTransition("approver_is_proposer")
    order.status = next_order_status(OrderStatus(order.status), OrderAction.APPROVE)
    order.approved_by, order.approved_by_name, order.approved_at = actor.person_id, actor.name, now
    return _said(session, actor, order, values.ORDER_APPROVED, reason=reason, now=now)


def second(
    session: Session, *, actor: Identity, connection_order_id: UUID, seen_version: int, reason: str, now: datetime
) -> ConnectionOrder:
    """Another leader seconds a connection that the unit did not consent to."""
    order = _deciding(session, actor, connection_order_id, seen_version)
    before = (order.proposed_by, order.claimed_by, order.approved_by)
    if actor.person_id is not None and actor.person_id in before:
        raise IllegalTransition("second_is_first")
    must_say(reason)
    order.status = next_order_status(OrderStatus(order.status), OrderAction.SECOND)
    order.seconded_by, order.seconded_by_name, order.seconded_at = actor.person_id, actor.name, now
    return _said(session, actor, order, values.ORDER_SECONDED, reason=reason, now=now)


def reject(
    session: Session, *, actor: Identity, connection_order_id: UUID, seen_version: int, reason: str, now: datetime
) -> ConnectionOrder:
    """A leader does not approve."""
    return _give_up(
        session, actor, _deciding(session, actor, connection_order_id, seen_version), reason=reason, now=now
    )


def drop(
    session: Session, *, actor: Identity, connection_order_id: UUID, seen_version: int, reason: str, now: datetime
) -> ConnectionOrder:
    """The organ gives an order up before anything was connected."""
    return _give_up(session, actor, handling(session, actor, connection_order_id, seen_version), reason=reason, now=now)


def _give_up(
    session: Session, actor: Identity, order: ConnectionOrder, *, reason: str, now: datetime
) -> ConnectionOrder:
    must_say(reason)
    order.status = next_order_status(OrderStatus(order.status), OrderAction.DROP)
    order.ended_note = reason.strip()
    return _said(session, actor, order, values.ORDER_DROPPED, reason=reason, now=now)


def must_say(reason: str) -> None:
    """Raise Invalid where no reason is given."""
    if not reason.strip():
        raise Invalid([Problem("reason", "required")])


def answering(session: Session, actor: Identity, key: UUID, seen_version: int) -> ConnectionOrder:
    """An order held for the unit's answer, as it was seen."""
    return _held(session, actor, key, seen_version, Permission.CONNECTION_ANSWER)


def handling(session: Session, actor: Identity, key: UUID, seen_version: int) -> ConnectionOrder:
    """An order held for the organ that carries it out, as it was seen."""
    return _held(session, actor, key, seen_version, Permission.CONNECTION_PROPOSE)


def _deciding(session: Session, actor: Identity, key: UUID, seen_version: int) -> ConnectionOrder:
    return _held(session, actor, key, seen_version, Permission.CONNECTION_APPROVE)


def _held(session: Session, actor: Identity, key: UUID, seen_version: int, permission: Permission) -> ConnectionOrder:
    order = lock_order(session, key)
    require(actor, permission, order_scope(order), read=Permission.CONNECTION_ORDER_READ)
    unchanged(order, seen_version)
    return order


def _said(
    session: Session, actor: Identity, order: ConnectionOrder, tag: AuditTag, *, reason: str, now: datetime
) -> ConnectionOrder:
    note(session, actor, tag, about(order, order.number), order, reason=reason, now=now)
    tell(session, order, str(tag).rsplit(":", 1)[-1])
    return order


def tell(session: Session, order: ConnectionOrder, occasion: str) -> None:
    """Let the other side know what became of an order."""
    session.flush()
    occasion = f"{occasion}:{order.version}"
    dedupe = f"connections:{order.id}:{occasion}"
    enqueue(session, TaskName.CONNECTIONS_NOTIFY, dedupe=dedupe, connection_order_id=order.id, occasion=occasion)
