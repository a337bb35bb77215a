"""Connection orders: list, those joined without one, propose, one with its paper."""

from typing import Any
from uuid import UUID

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale, gettext

from portal.accounts.guards import current_identity, requires
from portal.accounts.permissions import Permission
from portal.accounts.policy import allows, require
from portal.accounts.queries import divisions
from portal.accounts.values import Identity
from portal.connections import queries, values
from portal.connections.forms import ProposeForm
from portal.connections.labels import IRREGULAR, ORDER_ACTS, ORDER_STATUS, PURPOSE, RESTS_ON
from portal.connections.models import ConnectionOrder
from portal.connections.operations import proposing
from portal.connections.states import ORDER_TRANSITIONS, OrderAction, OrderStatus
from portal.connections.values import ConnectionPurpose, Irregularity, OrderDraft, RestsOn
from portal.connections.views.blueprint import bp
from portal.connections.views.printing import order_pdf
from portal.connections.views.steps import ACTS, Form, blank
from portal.core.clock import city_day, utcnow
from portal.core.errors import Invalid
from portal.registry.course import course_of
from portal.registry.labels.archive import PLATFORM
from portal.registry.operations.recording import about, note
from portal.registry.queries import get_system, system_scope
from portal.registry.values.archive import TargetPlatform
from portal.regulation.schema.base import Citation
from portal.web import formats
from portal.web.links import asked
from portal.web.session import db_session


@bp.get("/connections")
@requires(Permission.CONNECTION_ORDER_READ)
def orders() -> ResponseReturnValue:
    """Orders that the reader may see; statuses and what is wrong are the filter."""
    session, identity, today = db_session(), current_identity(), city_day(utcnow())
    status, wrong = request.args.get("status", ""), request.args.get("irregular", "")
    wanted = queries.OrderFilter(
        keyword=asked("q"),
        district=asked("district", 6),
        status=OrderStatus(status) if status in set(OrderStatus) else None,
        irregular=Irregularity(wrong) if wrong in set(Irregularity) else None,
    )
    return render_template(
        "connections/orders.html",
        page=queries.order_page(session, identity, wanted, today=today, after=request.args.get("after")),
        tally=queries.order_tally(session, identity, wanted, today=today),
        wrong=queries.irregular_tally(session, identity, today=today),
        unordered=len(queries.unordered(session, identity)),
        wanted=wanted,
        today=today,
        statuses=ORDER_STATUS,
        purposes=PURPOSE,
        irregular=IRREGULAR,
        districts=[(row.code, formats.district(row.code)) for row in divisions(session)],
    )


@bp.get("/connections/without-order")
@requires(Permission.CONNECTION_ORDER_READ)
def unordered() -> ResponseReturnValue:
    """Systems of units that are joined to a platform without a running order: forced networking looks like this."""
    rows = queries.unordered(db_session(), current_identity())
    return render_template("connections/unordered.html", rows=rows, platforms=PLATFORM)


@bp.route("/systems/<uuid:system_id>/connection-orders/new", methods=["GET", "POST"])
@requires(Permission.CONNECTION_PROPOSE)
def order_new(system_id: UUID) -> ResponseReturnValue:
    """Propose an order about a unit's own system."""
    session, identity, now = db_session(), current_identity(), utcnow()
    system = get_system(session, identity, system_id)
    require(identity, Permission.CONNECTION_PROPOSE, system_scope(system), read=Permission.SYSTEM_READ)
    form = ProposeForm()
    cameras = queries.cameras_to_cover(session, identity, system.id)
    form.camera_ids.choices = [(str(one.id), one.name) for one in cameras]
    if request.method == "POST" and form.validate():
        try:
            order = proposing.propose_order(session, actor=identity, system_id=system_id, draft=_draft(form), now=now)
        except Invalid as refusal:
            form.take(refusal)
        else:
            flash(gettext("The order is proposed; the unit is asked for its consent."), "ok")
            return redirect(url_for("connections.order", connection_order_id=order.id), 303)
    page = render_template(
        "connections/order_form.html",
        form=form,
        system=system,
        orderable=proposing.orderable(system),
        most=queries.MOST_CAMERAS if len(cameras) == queries.MOST_CAMERAS else 0,
    )
    return page, 422 if form.problems() else 200


def _draft(form: Form) -> OrderDraft:
    return OrderDraft(
        purpose=ConnectionPurpose(str(form.purpose.data)),
        platform=TargetPlatform(str(form.platform.data)),
        platform_name=form.platform_name.data,
        need=form.need.data,
        path=form.path.data,
        officer_name=form.officer_name.data,
        officer_number=form.officer_number.data,
        starts_on=form.starts_on.data,
        ends_on=form.ends_on.data,
        camera_ids=tuple(UUID(str(one)) for one in form.camera_ids.data or ()),
    )


@bp.get("/connections/<uuid:connection_order_id>")
@requires(Permission.CONNECTION_ORDER_READ)
def order(connection_order_id: UUID) -> ResponseReturnValue:
    """One order."""
    return show_order(connection_order_id)


def show_order(connection_order_id: UUID, *, status: int = 200, **refused: Form) -> ResponseReturnValue:
    """The page of an order; a form that was refused comes back with what was typed."""
    session, identity, today = db_session(), current_identity(), city_day(utcnow())
    found = queries.get_order(session, identity, connection_order_id)
    page = render_template(
        "connections/order.html",
        order=found,
        system_name=queries.system_of(session, identity, found),
        status=ORDER_STATUS[OrderStatus(found.status)],
        purpose=PURPOSE[ConnectionPurpose(found.purpose)],
        platform=PLATFORM[TargetPlatform(found.platform)],
        rests_on=RESTS_ON[RestsOn(found.rests_on)],
        citations=[Citation.of(*pair) for pair in found.basis],
        cameras=queries.cameras_of_order(session, identity, found),
        later=queries.later_cameras(session, identity, found),
        wrong=[IRREGULAR[one] for one in queries.wrong_with(session, identity, found, today=today)],
        course=course_of(session, "connection_order", found.id, kinds=ORDER_ACTS),
        today=today,
        forms={**{name: blank(name, found, today) for name in ACTS}, **refused},
        opened=next(iter(refused), ""),
        may=_next_steps(identity, found),
    )
    return page, status


def _next_steps(identity: Identity, found: ConnectionOrder) -> set[str]:
    """The acts that the reader may do now, by the name of their form."""
    scope = queries.order_scope(found)
    possible = {str(action) for (state, action) in ORDER_TRANSITIONS if state == found.status}
    names: set[str] = set()
    if allows(identity, Permission.CONNECTION_ANSWER, scope) and found.rests_on == RestsOn.CONSENT:
        names |= possible & {OrderAction.CONSENT, OrderAction.REFUSE, OrderAction.WITHDRAW}
        names -= {"consent"} if found.consented_at else {"withdraw"}
    if allows(identity, Permission.CONNECTION_PROPOSE, scope):
        names |= possible & {
            *(OrderAction.CLAIM, OrderAction.DROP, OrderAction.CONNECT, OrderAction.SUSPEND, OrderAction.CUT),
            *(OrderAction.RESUME, OrderAction.END),
        }
        names |= {"check"} if found.status == OrderStatus.ACTIVE else set()
        names -= {"resume"} if found.rests_on == RestsOn.CONSENT and not found.consented_at else set()
        names -= {"cut"} if found.cut_on else set()
    if allows(identity, Permission.CONNECTION_APPROVE, scope):
        before = {found.proposed_by, found.claimed_by}
        names |= possible & {OrderAction.APPROVE} if identity.person_id not in before else set()
        seconds = identity.person_id not in before | {found.approved_by}
        names |= possible & {OrderAction.SECOND} if seconds else set()
        names |= {"reject"} if possible & {OrderAction.APPROVE, OrderAction.SECOND} else set()
    return names


@bp.get("/connections/<uuid:connection_order_id>/order.pdf")
@requires(Permission.CONNECTION_ORDER_READ)
def order_paper(connection_order_id: UUID) -> ResponseReturnValue:
    """The order as a paper; that it was printed is recorded."""
    session, identity, now = db_session(), current_identity(), utcnow()
    found = queries.get_order(session, identity, connection_order_id)
    note(session, identity, values.ORDER_PRINTED, about(found, found.number), found, now=now)
    printed: dict[str, Any] = {"printed_by": identity.name, "now": now, "lang": str(get_locale())}
    body = order_pdf(
        found,
        queries.cameras_of_order(session, identity, found),
        system_name=queries.system_of(session, identity, found),
        **printed,
    )
    heads = {"Content-Disposition": f'attachment; filename="connection-{found.id.hex[-8:]}.pdf"'}
    return Response(body, content_type="application/pdf", headers=heads)
