"""Uses of equipment on site: list, ask, one with what was done, hand-over and hand-back, obstructions, the paper."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, BinaryIO, cast
from uuid import UUID

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale, gettext
from werkzeug.datastructures import FileStorage

from portal.accounts.guards import current_identity, requires
from portal.accounts.permissions import Permission
from portal.accounts.policy import allows, require
from portal.accounts.values import Identity
from portal.core.clock import utcnow
from portal.core.db import undone_if_refused
from portal.core.errors import Invalid, NotFound
from portal.evidence.forms.equipment import (
    DecideUseForm,
    DeedForm,
    GiveBackForm,
    HandOverForm,
    ObstructionForm,
    TakeBackForm,
    UseForm,
    WithdrawUseForm,
)
from portal.evidence.labels import CONDITION, DEED, USE_STATUS
from portal.evidence.models import EquipmentUse
from portal.evidence.operations import deeds
from portal.evidence.operations import equipment as operations
from portal.evidence.queries import equipment as queries
from portal.evidence.states import USE_TRANSITIONS, UseAction, UseStatus
from portal.evidence.values import equipment as values
from portal.evidence.values.equipment import (
    Condition,
    DeedDraft,
    DeedKind,
    Investigator,
    ObstructionDraft,
    UseDraft,
)
from portal.evidence.views.blueprint import bp
from portal.evidence.views.equipment_paper import use_pdf
from portal.registry.models import System
from portal.registry.queries import get_system, system_scope
from portal.vault.operations import store_upload
from portal.vault.queries import get_file
from portal.vault.serving import send_stored_file
from portal.vault.values import MIB, FileKind
from portal.web.links import asked
from portal.web.panels import Panel, add_panels
from portal.web.security import accepts_upload
from portal.web.session import db_session, keep_record, repeatable

Form = Any


@bp.get("/evidence/equipment")
@requires(Permission.EQUIPMENT_READ)
def equipment() -> ResponseReturnValue:
    """Uses that the reader may see; statuses are the filter."""
    session, identity, now = db_session(), current_identity(), utcnow()
    status = request.args.get("status", "")
    wanted = queries.UseFilter(
        keyword=asked("q"),
        status=UseStatus(status) if status in set(UseStatus) else None,
        late_at=now if request.args.get("due") == "overdue" else None,
    )
    return render_template(
        "evidence/equipment.html",
        page=queries.equipment_page(session, identity, wanted, after=request.args.get("after")),
        tally=queries.equipment_tally(session, identity, wanted),
        wanted=wanted,
        now=now,
        statuses=USE_STATUS,
    )


@bp.route("/systems/<uuid:system_id>/equipment-uses/new", methods=["GET", "POST"])
@requires(Permission.EQUIPMENT_ASK)
def use_new(system_id: UUID) -> ResponseReturnValue:
    """Ask for the use of a system's equipment on site."""
    session, identity, now = db_session(), current_identity(), utcnow()
    system = get_system(session, identity, system_id)
    require(identity, Permission.EQUIPMENT_ASK, system_scope(system), read=Permission.SYSTEM_READ)
    form = UseForm()
    form.camera_ids.choices = [(str(one.id), one.name) for one in queries.cameras_to_use(session, identity, system.id)]
    if request.method == "POST" and form.validate():
        try:
            use_ = operations.ask_use(session, actor=identity, system_id=system_id, draft=_draft(form), now=now)
        except Invalid as refusal:
            form.take(refusal)
        else:
            flash(gettext("The use is asked for; the head of the department decides."), "ok")
            return redirect(url_for("evidence.use", use_id=use_.id), 303)
    return render_template("evidence/use_form.html", form=form, system=system), 422 if form.problems() else 200


def _draft(form: Form) -> UseDraft:
    given = [Investigator(one.form.name.data or "", one.form.number.data or "") for one in form.officers]
    return UseDraft(
        case_number=form.case_number.data or "",
        reason=form.reason.data,
        secret=bool(form.secret.data),
        planned_from=form.planned_from.data,
        planned_to=form.planned_to.data,
        camera_ids=tuple(UUID(str(one)) for one in form.camera_ids.data or ()),
        officers=tuple(one for one in given if one.name.strip() and one.number.strip()),
        undertaking=bool(form.undertaking.data),
    )


@bp.get("/evidence/equipment/<uuid:use_id>")
@requires(Permission.EQUIPMENT_READ)
def use(use_id: UUID) -> ResponseReturnValue:
    """One use; that it was opened is recorded."""
    return _show(use_id)


@bp.post("/evidence/equipment/<uuid:use_id>/content")
@requires(Permission.EQUIPMENT_READ)
@repeatable("shows what is sealed: the answer must not be kept in the open; every look is recorded anew")
def use_content(use_id: UUID) -> ResponseReturnValue:
    """Open why a secret use was asked for; sealed in the log before it is shown."""
    session, identity = db_session(), current_identity()
    found = queries.get_use(session, identity, use_id)
    texts = operations.open_texts(session, actor=identity, use=found, now=utcnow())
    return _show(use_id, texts=texts)


def _show(
    use_id: UUID, *, status: int = 200, texts: queries.UseTexts | None = None, **refused: Form
) -> ResponseReturnValue:
    session, identity, now = db_session(), current_identity(), utcnow()
    found = queries.get_use(session, identity, use_id)
    operations.record_use_read(session, actor=identity, use=found, tag=values.USE_READ, now=now)
    keep_record()
    open_to = queries.may_read_texts(identity, found)
    page = render_template(
        "evidence/use.html",
        use=found,
        status=USE_STATUS[UseStatus(found.status)],
        told=texts or (None if found.secret else queries.texts_of(session, found)),
        may_open=found.secret and open_to and texts is None,
        system_name=get_system(session, identity, found.system_id).name if _sees_system(identity, found) else "",
        deed_kinds=DEED,
        condition=CONDITION[Condition(found.condition)] if found.condition else "",
        late=found.due_at is not None and found.ended_at is None and found.due_at < now,
        forms={**_forms(found, now), **refused},
        opened=next(iter(refused), ""),
        may=_next_steps(identity, found),
    )
    return page, status


def _sees_system(identity: Identity, found: EquipmentUse) -> bool:
    return allows(identity, Permission.SYSTEM_READ, queries.use_scope(found))


def _forms(found: EquipmentUse, now: datetime) -> dict[str, Form]:
    version = {"version": str(found.version)}
    forms: dict[str, Form] = {
        "decide": DecideUseForm(formdata=None, data=version),
        "withdraw": WithdrawUseForm(formdata=None, data=version),
        "hand": HandOverForm(formdata=None, data=version),
        "deed": DeedForm(formdata=None, data={"at": now}),
        "give": GiveBackForm(formdata=None, data=version),
        "take": TakeBackForm(formdata=None, data=version),
        "obstruct": ObstructionForm(formdata=None, data={"obstructed_at": now}),
    }
    for form in forms.values():
        _offer(form, found)
    return forms


def _offer(form: Form, found: EquipmentUse) -> None:
    if isinstance(form, HandOverForm):
        form.received_by.choices = [(str(one.place), f"{one.name} {one.number}") for one in found.officers]
    if isinstance(form, DeedForm):
        form.camera.choices = [(str(one.camera_id), one.label) for one in found.cameras]


def _next_steps(identity: Identity, found: EquipmentUse) -> set[str]:
    scope = queries.use_scope(found)
    possible = {action for (state, action) in USE_TRANSITIONS if state == found.status}
    comes = identity.person_id in {found.applicant_id, *(one.person_id for one in found.officers)}
    asks = found.organ_id in identity.organ_ids and allows(identity, Permission.EQUIPMENT_BOOK, scope)
    hands = allows(identity, Permission.EQUIPMENT_HAND, scope)
    names = set()
    if UseAction.APPROVE in possible and not comes and allows(identity, Permission.EQUIPMENT_APPROVE, scope):
        names.add("decide")
    if UseAction.WITHDRAW in possible and identity.person_id == found.applicant_id:
        names.add("withdraw")
    names |= {"hand"} if hands and UseAction.HAND_OVER in possible else set()
    names |= {"take"} if hands and UseAction.TAKE_BACK in possible else set()
    names |= {"give"} if asks and UseAction.GIVE_BACK in possible else set()
    names |= {"deed"} if (asks or hands) and found.status == UseStatus.IN_USE else set()
    names |= {"obstruct"} if asks and found.status in (UseStatus.APPROVED, UseStatus.IN_USE) else set()
    return names


def _decide(form: Form, held: dict[str, Any]) -> None:
    approved = form.verdict.data == "approve"
    operations.decide_use(db_session(), **held, approved=approved, opinion=form.opinion.data or "")


def _withdraw(_form: Form, held: dict[str, Any]) -> None:
    operations.withdraw_use(db_session(), **held)


def _hand(form: Form, held: dict[str, Any]) -> None:
    operations.hand_over(
        db_session(), **held, received_by=int(form.received_by.data), equipment=form.equipment.data,
        ids_seen=bool(form.ids_seen.data),
    )  # fmt: skip


def _take(form: Form, held: dict[str, Any]) -> None:
    operations.take_back(
        db_session(), **held, condition=Condition(str(form.condition.data)), damage=form.damage.data or ""
    )


def _give(form: Form, held: dict[str, Any]) -> None:
    operations.give_back(db_session(), **held, summary=form.summary.data)


def _deed(form: Form, held: dict[str, Any]) -> None:
    del held["seen_version"]
    draft = DeedDraft(
        kind=DeedKind(str(form.kind.data)),
        at=form.at.data,
        camera_id=UUID(str(form.camera.data)),
        note=form.deed_note.data or "",
        medium=form.medium.data or "",
        sha256=form.sha256.data or "",
        span_from=form.span_from.data,
        span_to=form.span_to.data,
    )
    deeds.book_deed(db_session(), **held, draft=draft)


Acts = Mapping[str, tuple[type[Any], Callable[[Form, dict[str, Any]], None]]]
OF_UNIT: Acts = {"hand": (HandOverForm, _hand), "take": (TakeBackForm, _take)}
OF_BOTH: Acts = {
    "withdraw": (WithdrawUseForm, _withdraw),
    "deed": (DeedForm, _deed),
    "give": (GiveBackForm, _give),
}


@bp.post("/evidence/equipment/<uuid:use_id>/decide")
@requires(Permission.EQUIPMENT_APPROVE)
def use_decide(use_id: UUID) -> ResponseReturnValue:
    """The head of the department decides."""
    return _done(use_id, "decide", (DecideUseForm, _decide), Permission.EQUIPMENT_APPROVE)


@bp.post("/evidence/equipment/<uuid:use_id>/<any(hand, take):action>")
@requires(Permission.EQUIPMENT_HAND)
def use_hand(use_id: UUID, action: str) -> ResponseReturnValue:
    """The unit's duty person hands over and takes back."""
    return _done(use_id, action, OF_UNIT[action], Permission.EQUIPMENT_HAND)


@bp.post("/evidence/equipment/<uuid:use_id>/<any(withdraw, deed, give):action>")
@requires(Permission.EQUIPMENT_BOOK)
def use_act(use_id: UUID, action: str) -> ResponseReturnValue:
    """What those at the equipment do: book a deed, hand it back, give the use up."""
    return _done(use_id, action, OF_BOTH[action], Permission.EQUIPMENT_BOOK)


def _done(
    use_id: UUID, name: str, act: tuple[type[Any], Callable[[Form, dict[str, Any]], None]], permission: Permission
) -> ResponseReturnValue:
    session, identity = db_session(), current_identity()
    found = queries.get_use(session, identity, use_id)
    require(identity, permission, queries.use_scope(found), read=Permission.EQUIPMENT_READ)
    kind, do = act
    form = kind()
    _offer(form, found)
    if form.validate():
        seen = form.version.seen if "version" in form else 0
        try:
            with undone_if_refused(session):
                do(form, {"actor": identity, "use_id": use_id, "seen_version": seen, "now": utcnow()})
        except Invalid as refusal:
            form.take(refusal)
        else:
            flash(gettext("Recorded."), "ok")
            return redirect(url_for("evidence.use", use_id=use_id), 303)
    return _show(use_id, status=422, **{name: form})


@bp.post("/evidence/equipment/<uuid:use_id>/obstructions")
@requires(Permission.EQUIPMENT_BOOK)
@accepts_upload(21 * MIB)
def use_obstructed(use_id: UUID) -> ResponseReturnValue:
    """Record a refusal or an obstruction, with what proves it."""
    session, identity, now = db_session(), current_identity(), utcnow()
    found = queries.get_use(session, identity, use_id)
    require(identity, Permission.EQUIPMENT_BOOK, queries.use_scope(found), read=Permission.EQUIPMENT_READ)
    form = ObstructionForm()
    if form.validate():
        try:
            with undone_if_refused(session):
                draft = ObstructionDraft(
                    person_name=form.person_name.data,
                    at=form.obstructed_at.data,
                    place=form.place.data,
                    facts=form.facts.data,
                    evidence=form.evidence.data or "",
                    stored_file_id=_kept(identity, found, form.file.data, now),
                )
                deeds.record_obstruction(session, actor=identity, use_id=use_id, draft=draft, now=now)
        except Invalid as refusal:
            form.take(refusal)
        else:
            flash(gettext("Recorded; the unit is told."), "ok")
            return redirect(url_for("evidence.use", use_id=use_id), 303)
    return _show(use_id, status=422, obstruct=form)


def _kept(identity: Identity, found: EquipmentUse, upload: FileStorage | None, now: datetime) -> UUID | None:
    if upload is None:
        return None
    picture = (upload.filename or "").lower().endswith((".jpg", ".jpeg", ".png"))
    stored = store_upload(
        db_session(),
        actor=identity.actor,
        stream=cast(BinaryIO, upload.stream),
        filename=deeds.name_of_evidence(found, upload.filename or "evidence.pdf"),
        kind=FileKind.PHOTO if picture else FileKind.LETTER,
        unit_id=found.unit_id,
        organ_id=found.organ_id,
        now=now,
    )
    return stored.id


@bp.get("/evidence/equipment/<uuid:use_id>/obstructions/<uuid:obstruction_id>/file")
@requires(Permission.EQUIPMENT_READ)
def use_evidence(use_id: UUID, obstruction_id: UUID) -> ResponseReturnValue:
    """What proves an obstruction; opening it is recorded."""
    session, identity = db_session(), current_identity()
    found = queries.get_use(session, identity, use_id)
    one = next((row for row in found.obstructions if row.id == obstruction_id), None)
    if one is None or one.stored_file_id is None or not queries.may_read_texts(identity, found):
        raise NotFound()
    operations.record_use_read(session, actor=identity, use=found, tag=values.OBSTRUCTION_READ, now=utcnow())
    return send_stored_file(session, get_file(session, one.stored_file_id))


@bp.get("/evidence/equipment/<uuid:use_id>/use.pdf")
@requires(Permission.EQUIPMENT_READ)
def use_paper(use_id: UUID) -> ResponseReturnValue:
    """The record of the use, as both sides sign it; of a secret one without a word on the case."""
    session, identity, now = db_session(), current_identity(), utcnow()
    found = queries.get_use(session, identity, use_id)
    operations.record_use_read(session, actor=identity, use=found, tag=values.USE_PRINTED, now=now)
    heads = {"Content-Disposition": f'attachment; filename="use-{found.id.hex[-8:]}.pdf"'}
    body = use_pdf(found, printed_by=identity.name, now=now, lang=str(get_locale()))
    return Response(body, content_type="application/pdf", headers=heads)


def uses_of_system(system: System) -> str:
    """For investigators who may ask: the way to it, on the page of a system."""
    if system.secret or not allows(current_identity(), Permission.EQUIPMENT_ASK, system_scope(system)):
        return ""
    return render_template("evidence/_uses_of_system.html", system=system)


add_panels(bp, Panel(place="registry.system", draw=uses_of_system, order=55))
