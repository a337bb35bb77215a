"""The register of those who must install: the gap, the list, one entry, entering and striking off."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.accounts.guards import current_identity, requires
from portal.accounts.permissions import Permission
from portal.accounts.policy import allows, may_ever, visibility
from portal.core.clock import city_day, utcnow
from portal.core.errors import Invalid
from portal.core.geometry import lonlat
from portal.mandates.forms import EntryForm, MatchForm, PartForm, StrikeForm
from portal.mandates.labels import ENTRY_ACTS, MATCHED_HOW, ORDER_STATUS, STAGE
from portal.mandates.models import MandatedUnit
from portal.mandates.operations import entries as operations
from portal.mandates.queries import listing  # noqa: F401 - the register as a list that leaves
from portal.mandates.queries import register as queries
from portal.mandates.queries.orders import orders_of
from portal.mandates.queries.parts import parts_of
from portal.mandates.rules.parts import FLAGGED
from portal.mandates.states import MISSING, OPEN_ORDERS, Stage
from portal.mandates.values import Category, EntryDraft
from portal.mandates.views.blueprint import bp, categories_in_force, category_names, district_choices
from portal.registry.course import course_of
from portal.registry.labels import FILING_STATUS, UNIT_TYPE
from portal.web.links import asked, uuid_or_none
from portal.web.session import db_session


@bp.get("/mandates/gaps")
@requires(Permission.COVERAGE_READ)
def gaps() -> ResponseReturnValue:
    """The gap by district and category: each number leads to the places behind it."""
    identity, today = current_identity(), city_day(utcnow())
    table = queries.gap_table(db_session(), identity)
    categories = categories_in_force(today)
    reach = visibility(identity, Permission.MANDATE_READ)
    shown = district_choices(None if reach.everything else reach.districts | {district for district, _ in table})
    counted = {key for _, key in table}
    lines = [one for one in categories.values() if one.of_anyang or one.provision or one.key in counted]
    names = {**category_names(categories), **{key: key for key in counted - categories.keys()}}
    keys = [one.key for one in lines] + sorted(counted - categories.keys())
    empty = queries.Cell()
    return render_template(
        "mandates/gaps.html",
        table=table,
        empty=empty,
        categories=categories,
        keys=keys,
        names=names,
        districts=shown,
        by_category={key: sum((cell for (_, k), cell in table.items() if k == key), empty) for key in keys},
        by_district={code: sum((cell for (d, _), cell in table.items() if d == code), empty) for code, _ in shown},
        whole=sum(table.values(), empty),
        may_add=may_ever(identity, Permission.MANDATE_EDIT),
        may_export=may_ever(identity, Permission.MANDATE_EXPORT),
    )


def _wanted() -> queries.EntryFilter:
    stage = request.args.get("stage", "")
    return queries.EntryFilter(
        keyword=asked("q"),
        district=asked("district", 6),
        category=asked("category", 40),
        stage=Stage(stage) if stage in set(Stage) else None,
        missing=stage == "missing",
        source_id=uuid_or_none(request.args.get("source", "")),
        matched={"1": True, "0": False}.get(request.args.get("matched", "")),
    )


def _conditions() -> dict[str, str]:
    """What the list was narrowed by, as asked."""
    return {name: text for name in ("q", "district", "category", "stage", "source", "matched") if (text := asked(name))}


@bp.get("/mandates")
@requires(Permission.MANDATE_READ)
def entries() -> ResponseReturnValue:
    """The register, narrowed; the stages are the filter."""
    identity, wanted = current_identity(), _wanted()
    tally = queries.entry_tally(db_session(), identity, wanted)
    counted = sum(tally.values())
    missing = sum(count for stage, count in tally.items() if stage in MISSING)
    total = tally[wanted.stage] if wanted.stage else (missing if wanted.missing else counted)
    return render_template(
        "mandates/entries.html",
        page=queries.entry_page(db_session(), identity, wanted, after=request.args.get("after"), total=total),
        tally=tally,
        counted=counted,
        missing=missing,
        wanted=wanted,
        stages=STAGE,
        names=category_names(categories_in_force(city_day(utcnow()))),
        districts=district_choices(),
        conditions=_conditions(),
        may_add=may_ever(identity, Permission.MANDATE_EDIT),
        may_export=may_ever(identity, Permission.MANDATE_EXPORT),
    )


@bp.get("/mandates/<uuid:mandated_id>")
@requires(Permission.MANDATE_READ)
def entry(mandated_id: UUID) -> ResponseReturnValue:
    """One place that must install."""
    return show_entry(mandated_id)


def show_entry(
    mandated_id: UUID,
    *,
    strike: StrikeForm | None = None,
    match: MatchForm | None = None,
    unmatch: PartForm | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    """The page of an entry; a form that was refused comes back with what was typed."""
    session, identity, today = db_session(), current_identity(), city_day(utcnow())
    found = queries.get_entry(session, identity, mandated_id)
    scope = queries.entry_scope(found)
    stage = queries.stage_of(session, found.id)
    categories = categories_in_force(today)
    may_edit = allows(identity, Permission.MANDATE_EDIT, scope)
    orders = orders_of(session, found.id)
    # Suggestions name units that are not, or not yet, this place: only who decides them sees them.
    page = render_template(
        "mandates/entry.html",
        entry=found,
        stage=stage,
        stages=STAGE,
        category=categories.get(found.category),
        name=category_names(categories).get(found.category, found.category),
        matches=queries.matches_of(session, found.id) if may_edit and found.unit_id is None else (),
        matched_how=MATCHED_HOW,
        filings=queries.filings_of_unit(session, found.unit_id) if found.unit_id else (),
        filing_status=FILING_STATUS,
        orders=orders,
        order_status=ORDER_STATUS,
        parts=parts_of(session, found, on=today),
        flagged=FLAGGED,
        course=course_of(session, "mandated_unit", found.id, kinds=ENTRY_ACTS),
        today=today,
        unit_types=UNIT_TYPE,
        position=lonlat(found.position) if found.position is not None else None,
        strike_form=strike or StrikeForm(data={"version": str(found.version)}),
        match_form=match or MatchForm(),
        unmatch_form=unmatch or PartForm(),
        may_edit=may_edit,
        may_strike=may_edit and found.struck_at is None,
        may_match=may_edit and found.struck_at is None and found.unit_id is None,
        may_unmatch=may_edit and found.unit_id is not None,
        may_order=_may_order(identity, found, stage, orders),
        may_parts=found.unit_id is not None and allows(identity, Permission.PARTS_EDIT, scope),
        may_unit=found.unit is not None and allows(identity, Permission.UNIT_READ, scope),
    )
    return page, status


def _may_order(identity: Any, found: MandatedUnit, stage: Stage, orders: Any) -> bool:
    free = not any(order.status in OPEN_ORDERS for order in orders)
    return (
        free
        and stage in MISSING | {Stage.INSTALLED}
        and allows(identity, Permission.ORDER_ISSUE, queries.entry_scope(found))
    )


@bp.route("/mandates/new", methods=["GET", "POST"])
@requires(Permission.MANDATE_EDIT)
def entry_new() -> ResponseReturnValue:
    """Enter a place by hand."""
    form = _form(EntryForm())
    if request.method == "POST" and form.validate():
        try:
            made = operations.add_entry(db_session(), actor=current_identity(), draft=_draft(form), now=utcnow())
        except Invalid as refusal:
            form.take(refusal)
        else:
            flash(gettext("The place is entered."), "ok")
            return redirect(url_for("mandates.entry", mandated_id=made.id), 303)
    return render_template("mandates/entry_form.html", form=form, entry=None), 422 if form.problems() else 200


@bp.route("/mandates/<uuid:mandated_id>/edit", methods=["GET", "POST"])
@requires(Permission.MANDATE_EDIT)
def entry_edit(mandated_id: UUID) -> ResponseReturnValue:
    """Put an entry right."""
    found = queries.get_entry(db_session(), current_identity(), mandated_id)
    form = _form(EntryForm())
    if request.method == "GET":
        for name in ("name", "category", "district", "address", "uscc", "unit_type", "industry"):
            form[name].data = getattr(found, name)
        form.position.data = lonlat(found.position) if found.position is not None else None
        form.version.data = str(found.version)
    elif form.validate():
        try:
            operations.edit_entry(
                db_session(),
                actor=current_identity(),
                mandated_id=mandated_id,
                seen_version=form.version.seen,
                draft=_draft(form),
                now=utcnow(),
            )
        except Invalid as refusal:
            form.take(refusal)
        else:
            flash(gettext("The entry is changed."), "ok")
            return redirect(url_for("mandates.entry", mandated_id=mandated_id), 303)
    return render_template("mandates/entry_form.html", form=form, entry=found), 422 if form.problems() else 200


def _form(form: EntryForm) -> EntryForm:
    categories: dict[str, Category] = dict(categories_in_force(city_day(utcnow())))
    form.category.choices = list(category_names(categories).items())
    reach = visibility(current_identity(), Permission.MANDATE_EDIT)
    form.district.choices = district_choices(None if reach.everything else reach.districts)
    form.unit_type.choices = [(str(key), text) for key, text in UNIT_TYPE.items()]
    return form


def _draft(form: EntryForm) -> EntryDraft:
    return EntryDraft(
        name=form.name.data,
        category=str(form.category.data),
        district=str(form.district.data),
        address=form.address.data or "",
        uscc=form.uscc.data or None,
        unit_type=form.unit_type.data or None,
        industry=form.industry.data or "",
        position=form.position.data,
    )


@bp.post("/mandates/<uuid:mandated_id>/strike")
@requires(Permission.MANDATE_EDIT)
def entry_strike(mandated_id: UUID) -> ResponseReturnValue:
    """Strike a place off."""
    form = StrikeForm()
    if not form.validate():
        return show_entry(mandated_id, strike=form, status=422)
    operations.strike_entry(
        db_session(),
        actor=current_identity(),
        mandated_id=mandated_id,
        seen_version=form.version.seen,
        reason=form.reason.data,
        now=utcnow(),
    )
    flash(gettext("The place is struck off."), "ok")
    return redirect(url_for("mandates.entry", mandated_id=mandated_id), 303)
