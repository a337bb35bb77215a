"""The school assesses itself before it applies for its grade."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from portal.accounts.guards import current_identity, requires
from portal.accounts.permissions import Permission
from portal.accounts.policy import require
from portal.core.clock import city_day, utcnow
from portal.core.errors import Invalid, NotFound
from portal.inspection import operations, queries
from portal.inspection.forms import AssessmentForm, read_answers
from portal.inspection.models import SelfAssessment
from portal.inspection.rules import FrozenList, answers_in, checklist_for, has_standard
from portal.inspection.states import AcceptanceKind
from portal.inspection.values import SchoolFacts
from portal.inspection.views.blueprint import bp
from portal.inspection.views.checklist import at_item, list_parts
from portal.registry.models import System
from portal.registry.queries import get_system, system_scope
from portal.registry.rules import rules_for
from portal.web.problems import say
from portal.web.session import db_session

_FACTS = ("principal", "deputy", "school_type", "students", "staff", "teachers", "statement")


@bp.route("/systems/<uuid:system_id>/self-assessment", methods=["GET", "POST"])
@requires(Permission.ACCEPTANCE_APPLY)
def assess(system_id: UUID) -> ResponseReturnValue:
    """The self-assessment of a system: what is judged is saved, what is left open stays open, until it is signed."""
    session, identity, now = db_session(), current_identity(), utcnow()
    system = get_system(session, identity, system_id)
    require(identity, Permission.ACCEPTANCE_APPLY, system_scope(system), read=Permission.SYSTEM_READ)
    draft, problems = queries.draft_assessment(session, system_id), {}
    frozen = FrozenList.from_json(draft.checklist) if draft else _list_of(system, now)
    form = _form(system, draft)
    if request.method == "POST" and form.validate():
        try:
            given = read_answers(frozen.checklist, request.form)
            begun = draft or operations.begin_assessment(session, actor=identity, system_id=system_id, now=now)
            kept = operations.save_assessment(
                session,
                actor=identity,
                assessment_id=begun.id,
                seen_version=form.version.seen if draft else begun.version,
                answers=given,
                facts=_facts(form),
                now=now,
            )
            if form.then.data == "sign":
                session.flush()
                operations.sign_assessment(
                    session,
                    actor=identity,
                    assessment_id=kept.id,
                    seen_version=kept.version,
                    signed_by=form.signed_by.data or "",
                    now=now,
                )
        except Invalid as refusal:
            form.take(refusal)
            problems = {problem.field: say(problem) for problem in refusal.problems}
        else:
            return _saved(kept)
    answers = answers_in(draft.answers) if draft else {}
    page = render_template(
        "inspection/assessment.html",
        system=system,
        answers=answers,
        **list_parts(frozen, answers, request.form),
        problems=problems,
        summary=_summary(frozen, form, problems),
        form=form,
    )
    return page, 422 if problems or form.problems() else 200


def _summary(frozen: FrozenList, form: AssessmentForm, problems: Mapping[str, str]) -> list[tuple[str, str]]:
    """Each fault with its item or field; items left open are one line, which leads to the first of them."""
    keys = [item.key for item in frozen.checklist.items]
    unjudged = [key for key in keys if key in problems]
    told = []
    if unjudged:
        count = len(unjudged)
        told.append(
            (unjudged[0], ngettext("%(num)s item is not judged yet", "%(num)s items are not judged yet", count))
        )
    for field, text in problems.items():
        if field in form:
            told.append((field, gettext("%(field)s: %(fault)s", field=form[field].label.text, fault=text)))
        elif field not in keys:
            told.append((field, at_item(frozen, field, text)))
    return told


def _facts(form: AssessmentForm) -> SchoolFacts:
    return SchoolFacts(
        principal=form.principal.data or "",
        deputy=form.deputy.data or "",
        school_type=form.school_type.data or "",
        students=form.students.data,
        staff=form.staff.data,
        teachers=form.teachers.data,
        statement=form.statement.data or "",
    )


def _form(system: System, draft: SelfAssessment | None) -> AssessmentForm:
    if draft is None:
        return AssessmentForm(data={"version": "0", "principal": system.unit.principal_name})
    return AssessmentForm(data={"version": str(draft.version), **{name: getattr(draft, name) for name in _FACTS}})


def _list_of(system: System, now: datetime) -> FrozenList:
    rules = rules_for(system.unit, system, on=city_day(now))
    if not has_standard(rules):
        raise NotFound()
    return checklist_for(rules, AcceptanceKind.STANDARD)


def _saved(draft: SelfAssessment) -> ResponseReturnValue:
    if draft.signed_at is None:
        flash(gettext("The self-assessment is saved."), "ok")
        return redirect(url_for("inspection.assess", system_id=draft.system_id), 303)
    flash(gettext("The self-assessment is signed: %(score)s points.", score=draft.score), "ok")
    return redirect(url_for("inspection.apply", system_id=draft.system_id), 303)
