"""The short way to file: a few plain questions, what follows from them, and the few fields that are left."""

from collections.abc import Mapping
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from portal.accounts.guards import current_identity, requires
from portal.accounts.permissions import Permission
from portal.accounts.policy import require
from portal.accounts.values import Identity
from portal.core.clock import city_day, utcnow
from portal.core.errors import Invalid, Problem
from portal.registry import operations, queries
from portal.registry.forms import COUNTED, QuickForm
from portal.registry.labels import DECLARATION, REGIME
from portal.registry.models import Filing, System, Unit
from portal.registry.rules import asked_of, kind_of, rules_for, short_retention
from portal.registry.values import DECLARATION_VERSION, Handler, Shortfall, SystemKind, SystemParticulars
from portal.registry.views.blueprint import bp
from portal.registry.views.documents import UPLOAD_BYTES
from portal.regulation.calendar import WorkCalendar
from portal.regulation.effective import EffectiveRules
from portal.regulation.loader import rulebook
from portal.regulation.regimes import answers_in, derive_regime
from portal.regulation.schema.keys import RuleKey
from portal.regulation.schema.vocabulary import Regime
from portal.vault.operations import store_upload
from portal.vault.values import FileKind
from portal.web.security import accepts_upload
from portal.web.session import db_session

SLOTS = {"letter": "authorisation_letter", "identity": "handler_identity"}
# What a regime may ask of a running system besides the filing: shown so that nobody has to look for it.
DUTIES = (
    RuleKey.FILING_REQUIRED,
    RuleKey.SIGN_REQUIRED,
    RuleKey.RETENTION_MIN_DAYS,
    RuleKey.FORBIDDEN_INTERIORS,
    RuleKey.ACCEPTANCE_BEFORE_USE,
    RuleKey.PRIVACY_NO_SECRETS_OR_INTRUSION,
)


@bp.get("/quick")
@requires(Permission.FILING_SUBMIT)
def quick_start() -> ResponseReturnValue:
    """Choose the unit to file for; with one unit only, go on at once."""
    session, identity = db_session(), current_identity()
    own = [unit for unit in (session.get(Unit, key) for key in sorted(identity.unit_ids, key=str)) if unit]
    if len(own) == 1:
        return redirect(url_for("registry.quick", unit_id=own[0].id))
    return render_template("registry/quick_start.html", units=own)


@bp.route("/units/<uuid:unit_id>/quick", methods=["GET", "POST"])
@requires(Permission.FILING_SUBMIT)
@accepts_upload(2 * UPLOAD_BYTES)
def quick(unit_id: UUID) -> ResponseReturnValue:
    """The questions one after the other, then the form with what the regime needs, and the filing is handed in."""
    session, identity = db_session(), current_identity()
    unit = queries.get_unit(session, identity, unit_id)
    require(identity, Permission.FILING_SUBMIT, queries.unit_scope(unit), read=Permission.UNIT_READ)
    answers = answers_in(request.values, book=rulebook())
    found = derive_regime(answers, book=rulebook())
    if found.regime is None:
        return render_template("registry/quick_question.html", unit=unit, found=found, answers=answers)
    rules = rules_as_answered(unit, found.regime)
    asked = asked_of(rules, kind_of(rules, standing=False))
    form = QuickForm(data=_start(unit))
    form.keep(asked)
    form.warn_below(rules.integer(RuleKey.RETENTION_MIN_DAYS))
    short = short_retention(rules, form.retention_days.data) if "retention_days" in form else None
    if request.method == "POST" and _complete(form, short):
        try:
            particulars = form.particulars(unit, regime=found.regime, answers=answers)
            filing = _file(session, identity, unit, form, particulars)
        except operations.FilingIncomplete as incomplete:
            form.take(_at_fields(incomplete))
        except Invalid as refusal:
            form.take(refusal)
        else:
            flash(gettext("The filing is submitted."), "ok")
            return redirect(url_for("registry.filing", filing_id=filing.id), 303)
    page = render_template(
        "registry/quick.html",
        unit=unit,
        form=form,
        asked=asked,
        found=found,
        answers=answers,
        rules=rules,
        least=rules.integer(RuleKey.RETENTION_MIN_DAYS),
        least_from=rules.citations(RuleKey.RETENTION_MIN_DAYS),
        short=short,
        kind=kind_of(rules, standing=False),
        regime=REGIME[found.regime],
        duties=[rules.explain(key) for key in DUTIES if rules.explain(key) is not None],
        counted=[str(kind) for kind in COUNTED],
        declaration=DECLARATION[DECLARATION_VERSION],
        agent=str(Handler.AGENT),
    )
    return page, 422 if form.errors else 200


def _at_fields(incomplete: operations.FilingIncomplete) -> Invalid:
    """What is missing, at the field of this form that asks for it."""
    fields = {slot: name for name, slot in SLOTS.items()}
    found = [
        Problem(fields.get(str(item.data.get("slot")), ""), item.code, item.data) for item in incomplete.shortfalls
    ]
    return Invalid(found)


def rules_as_answered(unit: Unit, regime: Regime) -> EffectiveRules:
    """The rules for a system that is not entered yet."""
    kind = SystemKind.PUBLIC if regime is Regime.PUBLIC_GOVERNMENT else SystemKind.UNIT_INTERNAL
    planned = System(district=unit.district, regime=regime, kind=kind, in_use_on=None, construction_began_on=None)
    return rules_for(unit, planned, on=city_day(utcnow()))


def _start(unit: Unit) -> Mapping[str, object]:
    lon, lat = (request.args.get(name, type=float) for name in ("lon", "lat"))
    start = QuickForm.start(unit, lon, lat)
    return {**start, "name": gettext("Video system of %(unit)s", unit=unit.name)[:120]}


def _complete(form: QuickForm, short: Shortfall | None) -> bool:
    """Whether the form can be filed: besides its fields, at least one camera, and footage kept for less than the rules
    ask only where the owner says that this is how it is."""
    good, found = bool(form.validate()), []
    if not any(form.devices().values()):
        found.append(Problem(str(COUNTED[0]), "devices_missing"))
    if short is not None and not form.kept_shorter.data:
        found.append(Problem("retention_days", "retention_short", short.data))
    form.take(Invalid(found))
    return good and not found


def _file(session: Session, identity: Identity, unit: Unit, form: QuickForm, particulars: SystemParticulars) -> Filing:
    """System, papers, filing and submission in one go: all of it, or nothing."""
    now, calendar = utcnow(), WorkCalendar()
    system = operations.create_system(session, actor=identity, unit_id=unit.id, particulars=particulars, now=now)
    for name, slot in SLOTS.items():
        upload = form[name].data
        if upload is None:
            continue
        stored = store_upload(
            session,
            actor=identity.actor,
            stream=upload.stream,
            filename=upload.filename,
            kind=FileKind.FILING_DOCUMENT,
            unit_id=system.unit_id,
            district=system.district,
            now=now,
        )
        title = str(form[name].label.text)
        operations.attach_document(
            session, actor=identity, system_id=system.id, slot=slot, title=title, stored_file_id=stored.id, now=now
        )
    filing = operations.open_filing(
        session, actor=identity, system_id=system.id, handled_by=form.handler, calendar=calendar, now=now
    )
    session.flush()
    return operations.submit_filing(
        session,
        actor=identity,
        filing_id=filing.id,
        seen_version=filing.version,
        declared_by=identity.name,
        calendar=calendar,
        now=now,
    )
