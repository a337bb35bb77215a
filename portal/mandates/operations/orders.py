"""Orders to install: issued on the law's basis, served, replied to, escalated when overdue, fulfilled by a filing."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.accounts.models import Organ
from portal.accounts.permissions import Permission
from portal.accounts.policy import require
from portal.accounts.queries import competent_police
from portal.accounts.values import Identity
from portal.audit.values import FieldChange
from portal.core.clock import city_day
from portal.core.db import told_apart
from portal.core.errors import IllegalTransition, Invalid, Problem
from portal.core.lifecycle import unchanged
from portal.core.outbox import TaskName, enqueue
from portal.mandates import values
from portal.mandates.models import InstallOrder, MandatedUnit
from portal.mandates.operations.numbering import take_number
from portal.mandates.queries.dictionary import dictionary
from portal.mandates.queries.orders import fulfillable, lock_order, order_scope, proof_for
from portal.mandates.queries.register import entry_scope, lock_entry, stage_of
from portal.mandates.states import MISSING, OrderAction, OrderStatus, Stage, next_order_status
from portal.mandates.values import EscalationKind, NumberKind, ServiceMethod
from portal.registry.operations.recording import about, note
from portal.registry.rules import working_of
from portal.regulation.calendar import WorkCalendar
from portal.regulation.deadlines import Deadline
from portal.regulation.engine import effective_rules
from portal.regulation.schema.keys import RuleKey
from portal.regulation.values import RuleContext

OPEN_ALREADY = {"uq_install_order_open": Problem("", "order_open")}


def install_deadline(entry: MandatedUnit, *, served_on: date, calendar: WorkCalendar) -> Deadline | None:
    """By when an order served on a day is to be obeyed, counted by the rules that govern the place."""
    context = RuleContext(
        on=served_on, division_code=entry.district, unit_type=entry.unit_type, categories=(entry.category,)
    )
    return effective_rules(context).deadline(RuleKey.MANDATE_INSTALL_WITHIN, start=served_on, calendar=calendar)


def issue_order(
    session: Session,
    *,
    actor: Identity,
    mandated_id: UUID,
    demand: str,
    parts: Sequence[str] = (),
    due_set: date | None = None,
    now: datetime,
) -> InstallOrder:
    """Order a place to install (or, where something hangs, to file). The basis is what the dictionary cites for its
    category that day. Raises Invalid for an order that is open already, a day gone by, a part it does not have."""
    entry = lock_entry(session, mandated_id)
    require(actor, Permission.ORDER_ISSUE, entry_scope(entry), read=Permission.MANDATE_READ)
    today = city_day(now)
    stage = stage_of(session, entry.id)
    if stage not in MISSING | {Stage.INSTALLED}:
        raise IllegalTransition("nothing_to_order")
    category = dictionary(session, on=today).get(entry.category)
    if category is None:
        raise Invalid([Problem("", "category_ended")])
    named = {part.key: part for part in category.parts}
    _check_order(demand, parts, named, due_set, today)
    organ = _organ(session, actor, entry)
    order = InstallOrder(
        number=take_number(session, NumberKind.ORDER, organ, today.year),
        mandated_id=entry.id,
        unit_id=entry.unit_id,
        district=entry.district,
        organ_id=organ.id,
        organ_name=organ.name,
        addressee=entry.name,
        basis=_basis(category),
        parts=[{"zh": named[key].zh, "en": named[key].en} for key in parts],
        demand=demand.strip(),
        issued_on=today,
        issued_by=actor.person_id,
        issued_by_name=actor.name,
        due_set=due_set,
    )
    with told_apart(session, OPEN_ALREADY):
        session.add(order)
    order.entry = entry
    note(session, actor, values.ORDER_ISSUED, about(order, order.number), order, now=now)
    _tell(session, order)
    return order


def _check_order(
    demand: str, parts: Sequence[str], named: Mapping[str, values.Part], due_set: date | None, today: date
) -> None:
    problems = [Problem("parts", "part_unknown") for key in parts if key not in named]
    if not demand.strip():
        problems.append(Problem("demand", "required"))
    if due_set is not None and due_set <= today:
        problems.append(Problem("due_set", "in_the_past"))
    if problems:
        raise Invalid(problems)


def _basis(category: values.Category) -> list[list[str]]:
    cited = [[citation.instrument, citation.article] for citation in category.citations]
    added = category.provision
    return cited + ([["", f"{added.basis_title}（{added.basis_number}）{added.basis_article}"]] if added else [])


def _organ(session: Session, actor: Identity, entry: MandatedUnit) -> Organ:
    """The organ that signs: the actor's own where it covers the district, else the competent one."""
    for fact in actor.memberships:
        if fact.organ_id and (fact.citywide or entry.district in fact.districts):
            own = session.get(Organ, fact.organ_id)
            if own is not None:
                return own
    return competent_police(session, entry.district)


def serve_order(
    session: Session,
    *,
    actor: Identity,
    order_id: UUID,
    seen_version: int,
    served_on: date,
    how: ServiceMethod,
    to: str,
    calendar: WorkCalendar,
    now: datetime,
) -> InstallOrder:
    """Record that the order reached the place: from that day its limit runs."""
    order = _open(session, actor, order_id, seen_version, Permission.ORDER_ISSUE)
    problems = []
    if not order.issued_on <= served_on <= city_day(now):
        problems.append(Problem("served_on", "served_when"))
    if not to.strip():
        problems.append(Problem("served_to", "required"))
    if problems:
        raise Invalid(problems)
    order.status = next_order_status(OrderStatus(order.status), OrderAction.SERVE)
    order.served_on, order.served_how, order.served_to = served_on, how, to.strip()
    counted = install_deadline(order.entry, served_on=served_on, calendar=calendar)
    order.due_on = order.due_set or (counted.due if counted else None)
    order.due_why = None if order.due_set else working_of(counted)
    changes = [FieldChange(name="served_on", new=served_on), FieldChange(name="due_on", new=order.due_on)]
    note(session, actor, values.ORDER_SERVED, about(order, order.number), order, changes=changes, now=now)
    _tell(session, order)
    return order


def reply_to_order(session: Session, *, actor: Identity, order_id: UUID, text: str, now: datetime) -> InstallOrder:
    """The unit says what it has done, or why it has not yet. A reply does not stop the clock."""
    order = lock_order(session, order_id)
    require(actor, Permission.ORDER_REPLY, order_scope(order), read=Permission.MANDATE_READ)
    if not text.strip():
        raise Invalid([Problem("reply", "required")])
    order.status = next_order_status(OrderStatus(order.status), OrderAction.REPLY)
    order.reply, order.replied_at = text.strip(), now
    note(session, actor, values.ORDER_REPLIED, about(order, order.number), order, now=now)
    return order


def escalate_order(
    session: Session,
    *,
    actor: Identity,
    order_id: UUID,
    seen_version: int,
    to: EscalationKind,
    reason: str,
    now: datetime,
) -> InstallOrder:
    """Take the next step against a place that let its limit pass. Before that there is nothing to escalate (art. 29 of
    the Decree and art. 17 of the Measure both order first)."""
    order = _open(session, actor, order_id, seen_version, Permission.ORDER_ISSUE)
    today = city_day(now)
    status = next_order_status(OrderStatus(order.status), OrderAction.ESCALATE)
    if order.due_on is None or today <= order.due_on:
        raise IllegalTransition("order_not_overdue")
    if not reason.strip():
        raise Invalid([Problem("note", "required")])
    order.status, order.escalated_to, order.escalated_on = status, to, today
    order.escalation_note = reason.strip()
    changes = [FieldChange(name="to", new=str(to))]
    note(
        session, actor, values.ORDER_ESCALATED, about(order, order.number), order,
        reason=reason, changes=changes, now=now,
    )  # fmt: skip
    _tell(session, order)
    return order


def fulfil_order(session: Session, *, actor: Identity, order_id: UUID, now: datetime) -> InstallOrder:
    """Close an order that was obeyed. Nobody's word suffices: the unit's accepted filing is the proof."""
    order = lock_order(session, order_id)
    require(actor, Permission.ORDER_ISSUE, order_scope(order), read=Permission.MANDATE_READ)
    proof = proof_for(session, order)
    status = next_order_status(OrderStatus(order.status), OrderAction.FULFIL)
    if proof is None or proof.number is None:
        raise IllegalTransition("order_not_obeyed")
    order.status, order.filing_number = status, proof.number
    order.fulfilled_on = city_day(now)
    changes = [FieldChange(name="filing", new=proof.number)]
    note(session, actor, values.ORDER_FULFILLED, about(order, order.number), order, changes=changes, now=now)
    _tell(session, order)
    return order


def settle_orders(session: Session, *, actor: Identity, now: datetime) -> int:
    """Close every open order whose unit has an accepted filing by now; how many there were."""
    found = fulfillable(session)
    for key in found:
        fulfil_order(session, actor=actor, order_id=key, now=now)
    return len(found)


def withdraw_order(
    session: Session, *, actor: Identity, order_id: UUID, seen_version: int, reason: str, now: datetime
) -> InstallOrder:
    """Take an order back: it should not have been given."""
    order = _open(session, actor, order_id, seen_version, Permission.ORDER_ISSUE)
    if not reason.strip():
        raise Invalid([Problem("reason", "required")])
    order.status = next_order_status(OrderStatus(order.status), OrderAction.WITHDRAW)
    order.ended_note = reason.strip()
    note(session, actor, values.ORDER_WITHDRAWN, about(order, order.number), order, reason=reason, now=now)
    _tell(session, order)
    return order


def _open(session: Session, actor: Identity, order_id: UUID, seen_version: int, permission: Permission) -> InstallOrder:
    order = lock_order(session, order_id)
    require(actor, permission, order_scope(order), read=Permission.MANDATE_READ)
    unchanged(order, seen_version)
    return order


def _tell(session: Session, order: InstallOrder) -> None:
    if order.unit_id is not None:
        session.flush()
        dedupe = f"order:{order.id}:{order.status}:{order.version}"
        enqueue(session, TaskName.MANDATES_NOTIFY, dedupe=dedupe, kind="order", subject_id=order.id)
