"""Tickets: the two lists, changes without one, ask, one with its paper."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale, gettext

from portal.accounts.guards import current_identity, requires
from portal.accounts.labels import POST_LABELS
from portal.accounts.permissions import Permission
from portal.accounts.policy import allows, require
from portal.accounts.values import Identity, Post
from portal.core.clock import city_day, utcnow
from portal.core.errors import Invalid
from portal.registry.course import course_of
from portal.registry.operations.recording import about, note
from portal.registry.queries import get_unit, unit_scope
from portal.registry.rules import rules_for
from portal.regulation.schema.keys import RuleKey
from portal.upkeep import forms, values
from portal.upkeep.labels import PARAMETER, TICKET_ACTS, TICKET_KIND, TICKET_STATUS
from portal.upkeep.models import WorkTicket
from portal.upkeep.operations import tickets as writing
from portal.upkeep.operations.deletion import witnesses_for
from portal.upkeep.queries import tickets as queries
from portal.upkeep.queries.places import book_scope, cameras_of, highest_post, homes, systems_of
from portal.upkeep.queries.signers import signers_for
from portal.upkeep.rules import late_entry, look_back
from portal.upkeep.states import ALLOWING, TICKET_TRANSITIONS, UNDECIDED, TicketAction, TicketStatus
from portal.upkeep.values import BY_EXPERTS, CHANGES, Signer, TicketDraft, TicketKind
from portal.upkeep.views.acting import Act, Form, blank, perform
from portal.upkeep.views.blueprint import bp
from portal.upkeep.views.printing import ticket_pdf
from portal.web.links import asked, uuid_or_none
from portal.web.session import db_session

ACTS: Mapping[str, Act] = {
    "approve": Act(
        form=forms.ApproveForm, operation=writing.decide, arguments={"note": "opinion"}, fixed={"approve": True}
    ),
    "refuse": Act(
        form=forms.RefuseForm, operation=writing.decide, arguments={"note": "refusal"}, fixed={"approve": False}
    ),
    "dispute": Act(form=forms.DisputeForm, operation=writing.take_higher, arguments={"reason": "dispute_reason"}),
    "uphold": Act(
        form=forms.UpholdForm, operation=writing.settle, arguments={"note": "uphold_reason"}, fixed={"overrule": False}
    ),
    "overrule": Act(
        form=forms.OverruleForm,
        operation=writing.settle,
        arguments={"note": "overrule_reason"},
        fixed={"overrule": True},
    ),
    "do": Act(form=forms.DoForm, operation=writing.carry_out, arguments={"signer": "signer", "note": "done_note"}),
    "verify": Act(form=forms.VerifyForm, operation=writing.verify, arguments={"note": "verification"}),
    "withdraw": Act(form=forms.WithdrawForm, operation=writing.withdraw, arguments={"reason": "withdraw_reason"}),
}


@bp.get("/books/changes")
@requires(Permission.BOOK_READ)
def changes() -> ResponseReturnValue:
    """Tickets of technical parameters."""
    return _list(changes=True)


@bp.get("/books/permissions")
@requires(Permission.BOOK_READ)
def permits() -> ResponseReturnValue:
    """Permissions to switch off, install, rewire, set or load."""
    return _list(changes=False)


def _list(*, changes: bool) -> str:
    session, identity, now = db_session(), current_identity(), utcnow()
    kind, status = request.args.get("kind", ""), request.args.get("status", "")
    wanted = queries.TicketFilter(
        changes=changes,
        keyword=asked("q"),
        kind=TicketKind(kind) if kind in set(TicketKind) else None,
        status=TicketStatus(status) if status in set(TicketStatus) else None,
        overdue=bool(request.args.get("overdue")),
    )
    return render_template(
        "upkeep/tickets.html",
        page=queries.ticket_page(session, identity, wanted, now=now, after=request.args.get("after")),
        tally=queries.ticket_tally(session, identity, wanted, now=now),
        late=queries.late_tickets(session, identity, wanted, now=now),
        wanted=wanted,
        now=now,
        kinds={kind: text for kind, text in TICKET_KIND.items() if (kind in CHANGES) == changes},
        statuses=TICKET_STATUS,
        homes=homes(session, identity, Permission.TICKET_ASK),
    )


@bp.get("/books/changes/without-ticket")
@requires(Permission.BOOK_READ)
def untold() -> ResponseReturnValue:
    """Parameters that changed, and devices that became others, with no ticket for it."""
    unit_id = uuid_or_none(asked("unit"))
    units = [unit_id] if unit_id else None
    now = utcnow()
    rows = queries.untold_changes(db_session(), current_identity(), now=now, unit_ids=units)
    return render_template(
        "upkeep/untold.html", rows=rows, parameters=PARAMETER, days=look_back(now).days, grace=late_entry(now).days
    )


@bp.route("/units/<uuid:unit_id>/tickets/<any(change, permission):what>/new", methods=["GET", "POST"])
@requires(Permission.TICKET_ASK)
def ticket_new(unit_id: UUID, what: str) -> ResponseReturnValue:
    """Ask for a change or a permission."""
    session, identity, now = db_session(), current_identity(), utcnow()
    unit = get_unit(session, identity, unit_id)
    require(identity, Permission.TICKET_ASK, unit_scope(unit), read=Permission.UNIT_READ)
    form: Form = forms.ChangeForm() if what == "change" else forms.PermitForm()
    form.system_id.choices = [(str(key), name) for key, name in systems_of(session, unit.id)]
    form.camera_id.choices = [(str(key), name) for key, name in cameras_of(session, unit.id)]
    if request.method == "POST" and form.validate():
        try:
            ticket = writing.ask(session, actor=identity, unit_id=unit.id, draft=_draft(form), now=now)
        except Invalid as refusal:
            form.take(refusal)
        else:
            flash(gettext("The ticket waits for a decision."), "ok")
            return redirect(url_for("upkeep.ticket", ticket_id=ticket.id), 303)
    rules = rules_for(unit, None, on=city_day(now))
    page = render_template(
        "upkeep/ticket_form.html",
        form=form,
        unit=unit,
        what=what,
        cited=rules.citations(RuleKey.MAINTENANCE_SETTINGS_BY_EXPERTS) if what == "change" else (),
    )
    return page, 422 if form.problems() else 200


def _draft(form: Form) -> TicketDraft:
    return TicketDraft(
        kind=TicketKind(str(form.kind.data)),
        system_id=UUID(str(form.system_id.data)) if form.system_id.data else None,
        camera_id=UUID(str(form.camera_id.data)) if form.camera_id.data else None,
        old_value=form.old_value.data if "old_value" in form else "",
        new_value=form.new_value.data if "new_value" in form else "",
        basis=(form.basis.data or "") if "basis" in form else "",
        **{name: form[name].data for name in ("device", "what", "reason", "starts_at", "ends_at")},
    )


@bp.get("/books/tickets/<uuid:ticket_id>")
@requires(Permission.BOOK_READ)
def ticket(ticket_id: UUID) -> ResponseReturnValue:
    """One ticket."""
    return _show(ticket_id)


@bp.post("/books/tickets/<uuid:ticket_id>/<any(approve, refuse, verify):action>")
@requires(Permission.TICKET_DECIDE)
def ticket_decide(ticket_id: UUID, action: str) -> ResponseReturnValue:
    """What somebody else than who asked decides."""
    return _done(ticket_id, action, Permission.TICKET_DECIDE)


@bp.post("/books/tickets/<uuid:ticket_id>/<any(dispute, do, withdraw):action>")
@requires(Permission.TICKET_ASK)
def ticket_act(ticket_id: UUID, action: str) -> ResponseReturnValue:
    """What the unit's people do."""
    return _done(ticket_id, action, Permission.TICKET_ASK)


@bp.post("/books/tickets/<uuid:ticket_id>/<any(uphold, overrule):action>")
@requires(Permission.BOOK_READ)
def ticket_settle(ticket_id: UUID, action: str) -> ResponseReturnValue:
    """What the highest authority of the unit says; the operation looks for the post."""
    return _done(ticket_id, action, Permission.BOOK_READ)


def _done(ticket_id: UUID, action: str, permission: Permission) -> ResponseReturnValue:
    session, identity = db_session(), current_identity()
    found = queries.get_ticket(session, identity, ticket_id)
    require(identity, permission, book_scope(found), read=Permission.BOOK_READ)
    form = ACTS[action].form()
    if action == "do":
        form.signer.choices = _signers(found)
    return perform(
        ACTS[action],
        form,
        key={"ticket_id": ticket_id},
        done=url_for("upkeep.ticket", ticket_id=ticket_id),
        again=lambda refused: _show(ticket_id, status=422, **{action: refused}),
    )


def _signers(found: WorkTicket) -> list[tuple[str, str]]:
    if found.kind == TicketKind.DELETION:
        able: Sequence[Signer] = witnesses_for(db_session(), found, current_identity().person_id, now=utcnow())
    else:
        able = signers_for(db_session(), found, on=city_day(utcnow()))
    return [(one.key, " · ".join(filter(None, (one.name, one.firm, one.entitled)))) for one in able]


def _show(ticket_id: UUID, *, status: int = 200, **refused: Form) -> ResponseReturnValue:
    session, identity, now = db_session(), current_identity(), utcnow()
    found, today = queries.get_ticket(session, identity, ticket_id), city_day(now)
    over = found.ends_at <= now and found.status in UNDECIDED
    may = _next_steps(identity, found) - (ALLOWING if over else set())
    blanks = {name: blank(act, found.version, today) for name, act in ACTS.items()}
    if "do" in may:
        blanks["do"].signer.choices = _signers(found)
    post = highest_post(found.unit, on=today)
    rules = rules_for(found.unit, None, on=today)
    page = render_template(
        "upkeep/ticket.html",
        ticket=found,
        kind=TICKET_KIND[TicketKind(found.kind)],
        expert=found.kind in BY_EXPERTS,
        deletion=found.kind == TicketKind.DELETION,
        change=found.kind in CHANGES,
        status=TICKET_STATUS[TicketStatus(found.status)],
        over=over,
        late=found.status == TicketStatus.APPROVED and found.ends_at < now,
        system_name=dict(systems_of(session, found.unit_id)).get(found.system_id) if found.system_id else "",
        camera_name=dict(cameras_of(session, found.unit_id)).get(found.camera_id) if found.camera_id else "",
        highest=POST_LABELS[Post(post)] if post else "",
        highest_cited=rules.citations(RuleKey.PEOPLE_HIGHEST_POST),
        course=course_of(session, "work_ticket", found.id, kinds=TICKET_ACTS),
        cited=rules.citations(RuleKey.MAINTENANCE_SETTINGS_BY_EXPERTS) if found.kind in BY_EXPERTS else (),
        forms={**blanks, **refused},
        opened=next(iter(refused), ""),
        may=may,
    )
    return page, status


def _next_steps(identity: Identity, found: WorkTicket) -> set[str]:
    """The acts that the reader may do now, by the name of their form."""
    scope, person = book_scope(found), identity.person_id
    possible = {str(action) for (state, action) in TICKET_TRANSITIONS if state == found.status}
    names: set[str] = set()
    if allows(identity, Permission.TICKET_DECIDE, scope):
        names |= possible & ({TicketAction.APPROVE, TicketAction.REFUSE} if person != found.asked_by else set())
        names |= possible & ({TicketAction.VERIFY} if person != found.done_by else set())
    if allows(identity, Permission.TICKET_ASK, scope):
        names |= possible & {TicketAction.DO} if found.copy_id is None else set()
        names |= possible & ({TicketAction.DISPUTE, TicketAction.WITHDRAW} if person == found.asked_by else set())
    post = highest_post(found.unit, on=city_day(utcnow()))
    if post and identity.holds_post(post, unit_id=found.unit_id) and person not in (found.asked_by, found.decided_by):
        names |= possible & {TicketAction.UPHOLD, TicketAction.OVERRULE}
    return names


@bp.get("/books/tickets/<uuid:ticket_id>/ticket.pdf")
@requires(Permission.BOOK_READ)
def ticket_paper(ticket_id: UUID) -> ResponseReturnValue:
    """The ticket as a paper; that it was printed is recorded."""
    session, identity, now = db_session(), current_identity(), utcnow()
    found = queries.get_ticket(session, identity, ticket_id)
    note(session, identity, values.BOOK_PRINTED, about(found, found.number), found, now=now)
    printed: dict[str, Any] = {"printed_by": identity.name, "now": now, "lang": str(get_locale())}
    heads = {"Content-Disposition": f'attachment; filename="ticket-{found.id.hex[-8:]}.pdf"'}
    return Response(ticket_pdf(found, **printed), content_type="application/pdf", headers=heads)
