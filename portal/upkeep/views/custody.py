"""The password custody register: list, enter, one with its hand-overs, the printed book."""

from collections.abc import Mapping
from uuid import UUID

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale, gettext

from portal.accounts.guards import current_identity, requires
from portal.accounts.permissions import Permission
from portal.accounts.policy import allows, require
from portal.accounts.values import Identity
from portal.core.clock import city_day, utcnow
from portal.core.errors import Invalid
from portal.registry.course import course_of
from portal.registry.operations.recording import about, note
from portal.registry.queries import get_unit, unit_scope
from portal.registry.rules import rules_for
from portal.regulation.schema.keys import RuleKey
from portal.upkeep import forms, values
from portal.upkeep.labels import CUSTODY_ACTS, CUSTODY_FLAW, CUSTODY_STATUS, GROUP
from portal.upkeep.models import CustodyHandover, PasswordCustody
from portal.upkeep.operations import custody as writing
from portal.upkeep.queries import custody as queries
from portal.upkeep.queries.places import book_scope, homes, people_of, systems_of
from portal.upkeep.states import CUSTODY_TRANSITIONS, CustodyAction, CustodyStatus
from portal.upkeep.values import CustodyDraft, CustodyFlaw, DeviceGroup
from portal.upkeep.views.acting import Act, Form, blank, perform
from portal.upkeep.views.blueprint import bp
from portal.upkeep.views.printing import custody_pdf
from portal.web.links import asked
from portal.web.session import db_session

ACTS: Mapping[str, Act] = {
    "rotate": Act(
        form=forms.RotateForm,
        operation=writing.rotate,
        arguments={"on": "changed_on", "envelope_place": "new_envelope"},
        today=("changed_on",),
    ),
    "offer": Act(
        form=forms.OfferForm,
        operation=writing.offer,
        arguments={"second": "keeper", "taker_id": "taker_id", "reason": "offer_reason"},
        reads={"second": lambda choice: choice == "second", "taker_id": lambda key: UUID(str(key))},
    ),
    "take": Act(
        form=forms.TakeForm,
        operation=writing.take,
        arguments={"changed": "changed", "envelope_place": "taken_envelope"},
    ),
    "recall": Act(form=forms.RecallForm, operation=writing.recall, arguments={"reason": "recall_reason"}),
    "end": Act(form=forms.EndCustodyForm, operation=writing.end_custody, arguments={"reason": "end_reason"}),
}


@bp.get("/books/custody")
@requires(Permission.BOOK_READ)
def custodies() -> ResponseReturnValue:
    """Passwords and who keeps them; statuses and what is wrong are the filter."""
    session, identity, today = db_session(), current_identity(), city_day(utcnow())
    group, status, flaw = (request.args.get(name, "") for name in ("group", "status", "flaw"))
    wanted = queries.CustodyFilter(
        keyword=asked("q"),
        group=DeviceGroup(group) if group in set(DeviceGroup) else None,
        status=CustodyStatus(status) if status in set(CustodyStatus) else None,
        flaw=CustodyFlaw(flaw) if flaw in set(CustodyFlaw) else None,
    )
    return render_template(
        "upkeep/custodies.html",
        page=queries.custody_page(session, identity, wanted, today=today, after=request.args.get("after")),
        tally=queries.custody_tally(session, identity, wanted, today=today),
        wrong=queries.custody_flaws(session, identity, today=today),
        wanted=wanted,
        today=today,
        statuses=CUSTODY_STATUS,
        flaws=CUSTODY_FLAW,
        groups=GROUP,
        homes=homes(session, identity, Permission.BOOK_KEEP),
        prints=homes(session, identity, Permission.BOOK_READ),
    )


@bp.route("/units/<uuid:unit_id>/custody/new", methods=["GET", "POST"])
@requires(Permission.BOOK_KEEP)
def custody_new(unit_id: UUID) -> ResponseReturnValue:
    """Enter a password with its two keepers."""
    session, identity, now = db_session(), current_identity(), utcnow()
    unit = get_unit(session, identity, unit_id)
    require(identity, Permission.BOOK_KEEP, unit_scope(unit), read=Permission.UNIT_READ)
    form = forms.CustodyForm()
    people = [(str(key), name) for key, name in people_of(session, unit.id, today=city_day(now))]
    form.custodian_id.choices = form.second_id.choices = people
    form.system_id.choices = [(str(key), name) for key, name in systems_of(session, unit.id)]
    if request.method == "POST" and form.validate():
        try:
            made = writing.enter_custody(session, actor=identity, unit_id=unit.id, draft=_draft(form), now=now)
        except Invalid as refusal:
            form.take(refusal)
        else:
            flash(gettext("Recorded."), "ok")
            return redirect(url_for("upkeep.custody_", custody_id=made.id), 303)
    rules = rules_for(unit, None, on=city_day(now))
    page = render_template(
        "upkeep/custody_form.html",
        form=form,
        unit=unit,
        days=rules.integer(RuleKey.PEOPLE_ROTATION_DAYS),
        cited=[*rules.citations(RuleKey.PEOPLE_PASSWORD_CUSTODY), *rules.citations(RuleKey.PEOPLE_ROTATION_DAYS)],
    )
    return page, 422 if form.problems() else 200


def _draft(form: Form) -> CustodyDraft:
    return CustodyDraft(
        group=DeviceGroup(str(form.device_group.data)),
        scope=form.scope.data,
        system_id=UUID(str(form.system_id.data)) if form.system_id.data else None,
        custodian_id=UUID(str(form.custodian_id.data)),
        second_id=UUID(str(form.second_id.data)),
        since=form.since.data,
        rotated_on=form.rotated_on.data,
        envelope_place=form.envelope_place.data,
        envelope_on=form.envelope_on.data,
    )


@bp.get("/books/custody/<uuid:custody_id>")
@requires(Permission.BOOK_READ)
def custody_(custody_id: UUID) -> ResponseReturnValue:
    """One password's custody."""
    return _show(custody_id)


@bp.post("/books/custody/<uuid:custody_id>/<any(rotate, offer, take, recall):action>")
@requires(Permission.CUSTODY_SIGN)
def custody_sign(custody_id: UUID, action: str) -> ResponseReturnValue:
    """What keepers sign."""
    return _done(custody_id, action, Permission.CUSTODY_SIGN)


@bp.post("/books/custody/<uuid:custody_id>/<any(end):action>")
@requires(Permission.BOOK_KEEP)
def custody_act(custody_id: UUID, action: str) -> ResponseReturnValue:
    """What the head of security does."""
    return _done(custody_id, action, Permission.BOOK_KEEP)


def _done(custody_id: UUID, action: str, permission: Permission) -> ResponseReturnValue:
    session, identity = db_session(), current_identity()
    found = queries.get_custody(session, identity, custody_id)
    require(identity, permission, book_scope(found), read=Permission.BOOK_READ)
    form = ACTS[action].form()
    if action == "offer":
        form.taker_id.choices = _takers(found)
    return perform(
        ACTS[action],
        form,
        key={"custody_id": custody_id},
        done=url_for("upkeep.custody_", custody_id=custody_id),
        again=lambda refused: _show(custody_id, status=422, **{action: refused}),
    )


def _show(custody_id: UUID, *, status: int = 200, **refused: Form) -> ResponseReturnValue:
    session, identity, today = db_session(), current_identity(), city_day(utcnow())
    found = queries.get_custody(session, identity, custody_id)
    blanks = {name: blank(act, found.version, today) for name, act in ACTS.items()}
    blanks["offer"].taker_id.choices = _takers(found)
    waiting = queries.open_handover(session, found.id)
    flaws = queries.flaws_of(session, found, today=today)
    rules = rules_for(found.unit, None, on=today)
    page = render_template(
        "upkeep/custody.html",
        custody=found,
        waiting=waiting,
        group=GROUP[DeviceGroup(found.device_group)],
        status=CUSTODY_STATUS[CustodyStatus(found.status)],
        flaws=[CUSTODY_FLAW[one] for one in flaws],
        handovers=queries.handovers_of(session, found.id),
        system_name=dict(systems_of(session, found.unit_id)).get(found.system_id) if found.system_id else "",
        course=course_of(session, "password_custody", found.id, kinds=CUSTODY_ACTS),
        cited=[*rules.citations(RuleKey.PEOPLE_PASSWORD_CUSTODY), *rules.citations(RuleKey.PEOPLE_ROTATION_DAYS)],
        today=today,
        forms={**blanks, **refused},
        opened=next(iter(refused), ""),
        may=_next_steps(identity, found, waiting, CustodyFlaw.KEEPER_LEFT in flaws),
    )
    return page, status


def _takers(found: PasswordCustody) -> list[tuple[str, str]]:
    keepers = (found.custodian_id, found.second_id)
    people = people_of(db_session(), found.unit_id, today=city_day(utcnow()))
    return [(str(key), name) for key, name in people if key not in keepers]


def _next_steps(
    identity: Identity, found: PasswordCustody, waiting: CustodyHandover | None, keeper_left: bool
) -> set[str]:
    """The acts that the reader may do now, by the name of their form."""
    scope, person = book_scope(found), identity.person_id
    possible = {str(action) for (state, action) in CUSTODY_TRANSITIONS if state == found.status}
    keeps = person in (found.custodian_id, found.second_id)
    heads = allows(identity, Permission.BOOK_KEEP, scope)
    names: set[str] = set()
    if allows(identity, Permission.CUSTODY_SIGN, scope):
        names |= possible & ({CustodyAction.ROTATE, CustodyAction.OFFER} if keeps else set())
        names |= possible & ({CustodyAction.OFFER} if heads and keeper_left else set())
        names |= possible & ({CustodyAction.TAKE} if waiting and person == waiting.taker_id else set())
        names |= possible & ({CustodyAction.RECALL} if waiting and (heads or person == waiting.giver_id) else set())
    return names | (possible & {CustodyAction.END} if heads else set())


@bp.get("/units/<uuid:unit_id>/custody.pdf")
@requires(Permission.BOOK_READ)
def custody_book(unit_id: UUID) -> ResponseReturnValue:
    """The register of one unit on paper; that it was printed is recorded."""
    session, identity, now = db_session(), current_identity(), utcnow()
    unit = get_unit(session, identity, unit_id)
    require(identity, Permission.BOOK_READ, unit_scope(unit), read=Permission.UNIT_READ)
    note(session, identity, values.BOOK_PRINTED, about(unit), unit, reason="password_custody", now=now)
    rows = queries.custody_book(session, identity, unit.id)
    body = custody_pdf(unit, rows, printed_by=identity.name, now=now, lang=str(get_locale()))
    heads = {"Content-Disposition": f'attachment; filename="custody-{unit.id.hex[-8:]}.pdf"'}
    return Response(body, content_type="application/pdf", headers=heads)
