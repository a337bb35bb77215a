"""The dictionary of mandated categories: on any day, with every provision added to it (CAT-03)."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.accounts.guards import current_identity, requires
from portal.accounts.permissions import Permission
from portal.accounts.policy import may_ever
from portal.core.clock import city_day, utcnow
from portal.core.errors import Invalid
from portal.mandates.forms import EndForm, ProvisionForm
from portal.mandates.operations.dictionary import add_provision, end_provision
from portal.mandates.queries.dictionary import provisions
from portal.mandates.rules.dictionary import part_key
from portal.mandates.values import Provision
from portal.mandates.views.blueprint import bp, categories_in_force, category_names, said
from portal.registry.labels import UNIT_TYPE
from portal.vault.operations import store_upload
from portal.vault.values import FileKind
from portal.web.session import db_session
from portal.web.widgets import read_day


@bp.get("/mandates/dictionary")
@requires(Permission.RULES_READ)
def dictionary_page() -> ResponseReturnValue:
    """The dictionary as it holds, or held, on a day."""
    return _page()


def _page(form: EndForm | None = None, at: UUID | None = None, status: int = 200) -> ResponseReturnValue:
    today = city_day(utcnow())
    day = read_day(request.args.get("on", "")[:20]) or today
    categories = categories_in_force(day)
    page = render_template(
        "mandates/dictionary.html",
        day=day,
        today=today,
        categories=categories.values(),
        names=category_names(categories),
        said=said,
        provisions=provisions(db_session()),
        unit_types=UNIT_TYPE,
        may_edit=may_ever(current_identity(), Permission.DICTIONARY_EDIT),
        end_form=form or EndForm(formdata=None),
        at=at,
    )
    return page, status


@bp.route("/mandates/dictionary/new", methods=["GET", "POST"])
@requires(Permission.DICTIONARY_EDIT)
def dictionary_new() -> ResponseReturnValue:
    """Add a provision: a new category, or more to one that the law names."""
    session, identity, now = db_session(), current_identity(), utcnow()
    form = ProvisionForm()
    form.unit_types.choices = [(str(key), text) for key, text in UNIT_TYPE.items()]
    if request.method == "GET":
        _prefill(form)
    elif form.validate():
        try:
            stored = None
            if form.file.data is not None:
                stored = store_upload(
                    session,
                    actor=identity.actor,
                    stream=form.file.data.stream,
                    filename=form.file.data.filename or "basis.pdf",
                    kind=FileKind.LETTER,
                    organ_id=identity.organ_id,
                    now=now,
                )
            add_provision(
                session,
                actor=identity,
                provision=_provision(form),
                stored_file_id=stored.id if stored else None,
                now=now,
            )
        except Invalid as refusal:
            form.take(refusal)
        else:
            flash(gettext("The dictionary is changed from that day on."), "ok")
            return redirect(url_for("mandates.dictionary_page", on=form.valid_from.data), 303)
    return render_template("mandates/provision_form.html", form=form), 422 if form.problems() else 200


def _prefill(form: ProvisionForm) -> None:
    """What holds today of the category asked for, to be added to."""
    found = categories_in_force(city_day(utcnow())).get(request.args.get("key", ""))
    if found is None:
        return
    form.key.data, form.zh.data, form.en.data = found.key, found.zh, found.en
    form.parts.data = "\n".join(f"{part.zh} | {part.en}" for part in found.parts)
    form.unit_types.data = list(found.unit_types)
    form.industries.data = ", ".join(found.industries)


def _provision(form: ProvisionForm) -> Provision:
    parts: list[tuple[str, str, str]] = []
    for line in (form.parts.data or "").splitlines():
        zh, _, en = (piece.strip() for piece in line.replace("｜", "|").partition("|"))
        if zh:
            english = en or zh
            parts.append((part_key(english) or f"part_{len(parts) + 1}", zh[:40], english[:60]))
    codes = [piece.strip() for piece in (form.industries.data or "").replace("，", ",").split(",")]
    return Provision(
        key=form.key.data,
        zh=form.zh.data,
        en=form.en.data,
        parts=tuple(parts[:30]),
        unit_types=tuple(form.unit_types.data or ()),
        industries=tuple(code for code in codes if code.isdigit() and len(code) <= 4)[:60],
        basis_title=form.basis_title.data,
        basis_number=form.basis_number.data,
        basis_article=form.basis_article.data or "",
        valid_from=form.valid_from.data,
    )


@bp.post("/mandates/dictionary/<uuid:provision_id>/end")
@requires(Permission.DICTIONARY_EDIT)
def dictionary_end(provision_id: UUID) -> ResponseReturnValue:
    """End a provision."""
    form = EndForm()
    if form.validate():
        try:
            end_provision(
                db_session(),
                actor=current_identity(),
                provision_id=provision_id,
                last_day=form.last_day.data,
                basis=form.basis.data,
                now=utcnow(),
            )
        except Invalid as refusal:
            form.take(refusal)
        else:
            flash(gettext("The provision ends on that day."), "ok")
            return redirect(url_for("mandates.dictionary_page"), 303)
    return _page(form, provision_id, 422)
