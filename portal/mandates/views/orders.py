"""Orders to install: list, one order with what can be done, and its paper."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale, gettext

from portal.accounts.guards import current_identity, requires
from portal.accounts.permissions import Permission
from portal.accounts.policy import allows, require
from portal.core.clock import city_day, utcnow
from portal.core.errors import Invalid
from portal.mandates.forms import EscalateForm, OrderForm, ReplyForm, ServeForm, WithdrawForm
from portal.mandates.labels import ESCALATION, ORDER_ACTS, ORDER_STATUS, SERVICE, STAGE
from portal.mandates.models import InstallOrder, MandatedUnit
from portal.mandates.operations import orders as operations
from portal.mandates.papers import order_pdf
from portal.mandates.queries import orders as queries
from portal.mandates.queries.parts import parts_of
from portal.mandates.queries.register import entry_scope, get_entry, stage_of
from portal.mandates.rules.parts import FLAGGED
from portal.mandates.states import ORDER_TRANSITIONS, RUNNING_ORDERS, OrderAction, OrderStatus
from portal.mandates.values import EscalationKind, ServiceMethod
from portal.mandates.views.blueprint import bp, categories_in_force, district_choices, said
from portal.registry.course import course_of
from portal.registry.rules import working_of
from portal.regulation.calendar import WorkCalendar
from portal.regulation.labels import language
from portal.regulation.schema.base import Citation, Text
from portal.web.links import asked
from portal.web.session import db_session


@bp.get("/mandates/orders")
@requires(Permission.MANDATE_READ)
def orders() -> ResponseReturnValue:
    """Orders the reader may see; the statuses are the filter."""
    session, identity, today = db_session(), current_identity(), city_day(utcnow())
    status = request.args.get("status", "")
    wanted = queries.OrderFilter(
        keyword=asked("q"),
        district=asked("district", 6),
        status=OrderStatus(status) if status in set(OrderStatus) else None,
        overdue_on=today if request.args.get("overdue") == "1" else None,
    )
    return render_template(
        "mandates/orders.html",
        page=queries.order_page(session, identity, wanted, after=request.args.get("after")),
        tally=queries.order_tally(session, identity, wanted),
        wanted=wanted,
        today=today,
        running=RUNNING_ORDERS,
        statuses=ORDER_STATUS,
        districts=district_choices(),
    )


@bp.route("/mandates/<uuid:mandated_id>/order", methods=["GET", "POST"])
@requires(Permission.ORDER_ISSUE)
def order_new(mandated_id: UUID) -> ResponseReturnValue:
    """Issue an order: the basis is cited, what is missing stands beside the form."""
    session, identity, now = db_session(), current_identity(), utcnow()
    found = get_entry(session, identity, mandated_id)
    require(identity, Permission.ORDER_ISSUE, entry_scope(found), read=Permission.MANDATE_READ)
    today = city_day(now)
    checks = parts_of(session, found, on=today)
    form = _offer(OrderForm(), found)
    if request.method == "GET":
        form.demand.data = _usual_demand(found)
        form.parts.data = [check.part.key for check in checks if check.coverage in FLAGGED]
    elif form.validate():
        try:
            order = operations.issue_order(
                session,
                actor=identity,
                mandated_id=mandated_id,
                demand=form.demand.data,
                parts=form.parts.data or (),
                due_set=form.due_set.data,
                now=now,
            )
        except Invalid as refusal:
            form.take(refusal)
        else:
            flash(gettext("The order is issued. Record its service so that the limit begins to run."), "ok")
            return redirect(url_for("mandates.order", order_id=order.id), 303)
    counted = operations.install_deadline(found, served_on=today, calendar=WorkCalendar())
    page = render_template(
        "mandates/order_form.html",
        form=form,
        entry=found,
        category=categories_in_force(today).get(found.category),
        stage=STAGE[stage_of(session, found.id)],
        due=counted.due if counted else None,
        why=working_of(counted),
        today=today,
    )
    return page, 422 if form.problems() else 200


def _offer(form: OrderForm, found: MandatedUnit) -> OrderForm:
    category = categories_in_force(city_day(utcnow())).get(found.category)
    form.parts.choices = [(part.key, said(part)) for part in (category.parts if category else ())]
    return form


def _usual_demand(found: MandatedUnit) -> str:
    return gettext(
        "%(name)s belongs to the places whose important parts must have video surveillance. Install the system at every "
        "important part, and once it is in use file it with the public security organ of the place and have it accepted.",
        name=found.name,
    )


@bp.get("/mandates/orders/<uuid:order_id>")
@requires(Permission.MANDATE_READ)
def order(order_id: UUID) -> ResponseReturnValue:
    """One order."""
    return show_order(order_id)


def show_order(
    order_id: UUID,
    *,
    serve: ServeForm | None = None,
    reply: ReplyForm | None = None,
    escalate: EscalateForm | None = None,
    withdraw: WithdrawForm | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    """The page of an order; a form that was refused comes back with what was typed."""
    session, identity, today = db_session(), current_identity(), city_day(utcnow())
    found = queries.get_order(session, identity, order_id)
    version = {"version": str(found.version)}
    page = render_template(
        "mandates/order.html",
        order=found,
        status=ORDER_STATUS[OrderStatus(found.status)],
        service=SERVICE,
        escalations=ESCALATION,
        citations=[Citation.of(*pair) for pair in found.basis if pair[0]],
        papers=[pair[1] for pair in found.basis if not pair[0]],
        parts=[Text(**part).in_language(language()) for part in found.parts],
        course=course_of(session, "install_order", found.id, kinds=ORDER_ACTS),
        today=today,
        running=found.status in RUNNING_ORDERS,
        proof=queries.proof_for(session, found),
        serve_form=serve or ServeForm(data={**version, "served_on": today}),
        reply_form=reply or ReplyForm(),
        escalate_form=escalate or EscalateForm(data=version),
        withdraw_form=withdraw or WithdrawForm(data=version),
        **_next_steps(identity, found, today),
    )
    return page, status


def _next_steps(identity: Any, found: InstallOrder, today: Any) -> Mapping[str, bool]:
    scope = queries.order_scope(found)
    possible = {action for (state, action) in ORDER_TRANSITIONS if state == found.status}
    issues = allows(identity, Permission.ORDER_ISSUE, scope)
    overdue = found.due_on is not None and found.due_on < today
    return {
        "may_serve": issues and OrderAction.SERVE in possible,
        "may_reply": OrderAction.REPLY in possible and allows(identity, Permission.ORDER_REPLY, scope),
        "may_escalate": issues and overdue and OrderAction.ESCALATE in possible,
        "may_fulfil": issues and OrderAction.FULFIL in possible,
        "may_withdraw": issues and OrderAction.WITHDRAW in possible,
    }


@bp.post("/mandates/orders/<uuid:order_id>/serve")
@requires(Permission.ORDER_ISSUE)
def order_serve(order_id: UUID) -> ResponseReturnValue:
    """Record service."""
    form = ServeForm()
    if form.validate():
        try:
            operations.serve_order(
                db_session(),
                actor=current_identity(),
                order_id=order_id,
                seen_version=form.version.seen,
                served_on=form.served_on.data,
                how=ServiceMethod(str(form.how.data)),
                to=form.served_to.data,
                calendar=WorkCalendar(),
                now=utcnow(),
            )
        except Invalid as refusal:
            form.take(refusal)
        else:
            flash(gettext("Service is recorded; the limit runs."), "ok")
            return redirect(url_for("mandates.order", order_id=order_id), 303)
    return show_order(order_id, serve=form, status=422)


@bp.post("/mandates/orders/<uuid:order_id>/reply")
@requires(Permission.ORDER_REPLY)
def order_reply(order_id: UUID) -> ResponseReturnValue:
    """The unit replies."""
    form = ReplyForm()
    if not form.validate():
        return show_order(order_id, reply=form, status=422)
    operations.reply_to_order(
        db_session(), actor=current_identity(), order_id=order_id, text=form.reply.data, now=utcnow()
    )
    flash(gettext("The reply is recorded."), "ok")
    return redirect(url_for("mandates.order", order_id=order_id), 303)


@bp.post("/mandates/orders/<uuid:order_id>/escalate")
@requires(Permission.ORDER_ISSUE)
def order_escalate(order_id: UUID) -> ResponseReturnValue:
    """Take the next step against an overdue place."""
    form = EscalateForm()
    if not form.validate():
        return show_order(order_id, escalate=form, status=422)
    operations.escalate_order(
        db_session(),
        actor=current_identity(),
        order_id=order_id,
        seen_version=form.version.seen,
        to=EscalationKind(str(form.to.data)),
        reason=form.note.data,
        now=utcnow(),
    )
    flash(gettext("The order is escalated."), "ok")
    return redirect(url_for("mandates.order", order_id=order_id), 303)


@bp.post("/mandates/orders/<uuid:order_id>/fulfil")
@requires(Permission.ORDER_ISSUE)
def order_fulfil(order_id: UUID) -> ResponseReturnValue:
    """Close an order that the register proves obeyed."""
    operations.fulfil_order(db_session(), actor=current_identity(), order_id=order_id, now=utcnow())
    flash(gettext("The order is fulfilled."), "ok")
    return redirect(url_for("mandates.order", order_id=order_id), 303)


@bp.post("/mandates/orders/<uuid:order_id>/withdraw")
@requires(Permission.ORDER_ISSUE)
def order_withdraw(order_id: UUID) -> ResponseReturnValue:
    """Take an order back."""
    form = WithdrawForm()
    if not form.validate():
        return show_order(order_id, withdraw=form, status=422)
    operations.withdraw_order(
        db_session(),
        actor=current_identity(),
        order_id=order_id,
        seen_version=form.version.seen,
        reason=form.reason.data,
        now=utcnow(),
    )
    flash(gettext("The order is taken back."), "ok")
    return redirect(url_for("mandates.order", order_id=order_id), 303)


@bp.get("/mandates/orders/<uuid:order_id>/order.pdf")
@requires(Permission.MANDATE_READ)
def order_paper(order_id: UUID) -> ResponseReturnValue:
    """The order as the paper that is served."""
    identity, now = current_identity(), utcnow()
    found = queries.get_order(db_session(), identity, order_id)
    body = order_pdf(found, printed_by=identity.name, now=now, lang=str(get_locale()))
    name = f"order-{found.id.hex[-8:]}.pdf"
    heads = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(body, content_type="application/pdf", headers=heads)
