"""The checklist on site, made for a telephone in one hand."""

import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from werkzeug.datastructures import MultiDict

from portal.accounts.guards import current_identity, requires
from portal.accounts.permissions import Permission
from portal.core.clock import utcnow
from portal.core.errors import Invalid, NotFound
from portal.inspection import operations, queries
from portal.inspection.forms import AnswersForm, answers_typed, deduction_rows, read_answers, read_settled
from portal.inspection.labels import VERDICT
from portal.inspection.rules import FrozenList, judge, shown_items
from portal.inspection.values import ItemAnswer
from portal.inspection.views.blueprint import bp
from portal.inspection.views.photos import photo_at
from portal.regulation.labels import said
from portal.web.problems import say
from portal.web.session import db_session


@bp.route("/acceptances/<uuid:acceptance_id>/checklist", methods=["GET", "POST"])
@requires(Permission.VISIT_SCORE)
def checklist(acceptance_id: UUID) -> ResponseReturnValue:
    """The checklist: what is judged is saved, what is left open stays open."""
    session, identity = db_session(), current_identity()
    found, planned = queries.get_own_visit(session, identity, acceptance_id, Permission.VISIT_SCORE)
    if not found.checklist:
        raise NotFound()
    frozen = FrozenList.from_json(found.checklist)
    problems: dict[str, str] = {}
    answers = dict(operations.given_answers(session, planned.id))
    form = AnswersForm()
    if request.method == "POST" and form.validate():
        try:
            given = read_answers(frozen.checklist, request.form)
            if form.then.data == "accept":
                proposed = operations.proposed_answers(session, found, frozen)
                given = {key: one for key, one in proposed.items() if key not in answers} | dict(given)
            operations.save_answers(
                session,
                actor=identity,
                acceptance_id=acceptance_id,
                answers=given,
                settles=read_settled(frozen.checklist, request.form),
                now=utcnow(),
            )
        except Invalid as refusal:
            problems = {problem.field: say(problem) for problem in refusal.problems}
        else:
            flash(ngettext("%(num)s item is saved.", "%(num)s items are saved.", len(given)), "ok")
            endpoint = "inspection.acceptance" if form.then.data == "back" else "inspection.checklist"
            return redirect(url_for(endpoint, acceptance_id=acceptance_id), 303)
    page = render_template(
        "inspection/checklist.html",
        acceptance=found,
        onsite=True,
        photo_at=photo_at(found.id),
        visit=planned,
        answers=answers,
        photos=queries.photos_of(session, planned.id),
        contested=queries.contested_sides(session, planned.id),
        proposed=operations.proposed_answers(session, found, frozen).keys() - answers.keys(),
        lacking={problem.field: say(problem) for problem in operations.proofs_missing(session, frozen, planned.id)},
        **list_parts(frozen, answers, request.form),
        problems=problems,
        summary=[(field, at_item(frozen, field, text)) for field, text in problems.items()],
        form=form,
    )
    return page, 422 if problems else 200


def list_parts(frozen: FrozenList, answers: Mapping[str, ItemAnswer], typed: "MultiDict[str, str]") -> dict[str, Any]:
    """What the items of a list need to be shown: the rows of each, and which of them are a question now."""
    return {
        "frozen": frozen,
        "typed": typed,
        "rows": deduction_rows(frozen.checklist, answers, typed),
        "shown": {item.key for item in shown_items(frozen.checklist, answers_typed(frozen.checklist, answers, typed))},
        "verdicts": VERDICT,
        "outcome": judge(frozen, answers),
    }


def at_item(frozen: FrozenList, field: str, text: str) -> str:
    """A fault with the number and wording of its item, as the summary names it."""
    key = re.sub(r"-(deduction-\d|reason-\d|note|photo)$", "", field)
    for item in frozen.checklist.items:
        if item.key == key:
            return gettext("%(number)s %(item)s: %(fault)s", number=item.number, item=said(item.text), fault=text)
    return text
