"""The checklist of important parts of one place (CAT-02)."""

from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.accounts.guards import current_identity, requires
from portal.accounts.permissions import Permission
from portal.accounts.policy import allows
from portal.core.clock import city_day, utcnow
from portal.core.errors import Invalid
from portal.mandates.forms import CoverForm
from portal.mandates.labels import COVERAGE
from portal.mandates.operations.parts import save_part
from portal.mandates.queries.parts import parts_of
from portal.mandates.queries.register import entry_scope, get_entry
from portal.mandates.rules.parts import FLAGGED, PartCheck
from portal.mandates.views.blueprint import bp, categories_in_force, category_names, said
from portal.web.session import db_session


@bp.get("/mandates/<uuid:mandated_id>/parts")
@requires(Permission.MANDATE_READ)
def parts_page(mandated_id: UUID) -> ResponseReturnValue:
    """Every important part with its cameras."""
    return _page(mandated_id)


def _page(mandated_id: UUID, at: str = "", form: CoverForm | None = None, status: int = 200) -> ResponseReturnValue:
    session, identity, today = db_session(), current_identity(), city_day(utcnow())
    found = get_entry(session, identity, mandated_id)
    checks = parts_of(session, found, on=today)
    may_edit = found.unit_id is not None and allows(identity, Permission.PARTS_EDIT, entry_scope(found))
    forms = {
        check.part.key: _offer(form if form is not None and check.part.key == at else _kept(check), check)
        for check in checks
    }
    page = render_template(
        "mandates/parts.html",
        entry=found,
        name=category_names(categories_in_force(today)).get(found.category, found.category),
        checks=checks,
        names={check.part.key: said(check.part) for check in checks},
        coverage=COVERAGE,
        flagged=sum(check.coverage in FLAGGED for check in checks),
        forms=forms if may_edit else {},
        at=at,
    )
    return page, status


def _kept(check: PartCheck) -> CoverForm:
    data = {"cameras": [str(camera.id) for camera in check.cameras], "absent_reason": check.absent_reason}
    return CoverForm(formdata=None, data=data, prefix=check.part.key)


def _offer(form: CoverForm, check: PartCheck) -> CoverForm:
    form.cameras.choices = [(str(camera.id), camera.name) for camera in (*check.cameras, *check.suggested)]
    return form


@bp.post("/mandates/<uuid:mandated_id>/parts/<part>")
@requires(Permission.PARTS_EDIT)
def parts_save(mandated_id: UUID, part: str) -> ResponseReturnValue:
    """Name the cameras of one part, or say why there is none."""
    session, identity, now = db_session(), current_identity(), utcnow()
    found = get_entry(session, identity, mandated_id)
    check = next((one for one in parts_of(session, found, on=city_day(now)) if one.part.key == part), None)
    form = CoverForm(prefix=part)
    if check is not None:
        _offer(form, check)
    if form.validate():
        try:
            save_part(
                session,
                actor=identity,
                mandated_id=mandated_id,
                part=part,
                camera_ids=[UUID(key) for key in form.cameras.data or ()],
                absent_reason=form.absent_reason.data or "",
                now=now,
            )
        except Invalid as refusal:
            form.take(refusal)
        else:
            flash(gettext("The part is saved."), "ok")
            return redirect(url_for("mandates.parts_page", mandated_id=mandated_id), 303)
    return _page(mandated_id, part, form, 422)
