"""Oversight of requests: what stands out, with its working, and the explanations asked for. Each look is recorded."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.accounts.guards import current_identity, requires
from portal.accounts.permissions import Permission
from portal.accounts.policy import allows, may_ever
from portal.accounts.values import Scope
from portal.audit.operations import record
from portal.audit.values import FieldChange, SubjectRef
from portal.core.clock import city_day, utcnow
from portal.core.db import undone_if_refused
from portal.core.errors import Invalid, NotAllowed, NotFound
from portal.evidence.forms.watching import AskExplanationForm, ExplanationForm, JudgementForm
from portal.evidence.models import OversightQuestion
from portal.evidence.operations import watching as acts
from portal.evidence.queries import watching as queries
from portal.evidence.values.watching import QUESTION_SUBJECT, WATCH_READ, QuestionStatus, SignKind
from portal.evidence.views.blueprint import bp
from portal.evidence.views.watchwords import QUESTION, SIGN, how, working
from portal.web.session import db_session


@bp.app_template_filter("sign_working")
def sign_working(kind: str, facts: dict[str, object]) -> str:
    """What was counted for a sign."""
    return working(SignKind(kind), facts)


@bp.get("/evidence/oversight")
@requires(Permission.WATCH_READ)
def watch() -> ResponseReturnValue:
    """What stands out, one kind at a time, the newest first."""
    session, identity, now = db_session(), current_identity(), utcnow()
    kind = _kind(request.args.get("kind", "")) or SignKind.NO_CASE
    page = queries.sign_page(session, identity, kind, now=now, after=request.args.get("after", ""))
    record(
        session, actor=identity.actor, tag=WATCH_READ, subject=SubjectRef(QUESTION_SUBJECT),
        changes=[FieldChange(name="kind", new=str(kind))], now=now,
    )  # fmt: skip
    return render_template(
        "evidence/watch.html",
        page=page,
        kind=kind,
        kinds=SIGN,
        how=how(kind, queries.thresholds(now)),
        asked=queries.questions_of(session, kind, [sign.key for sign in page.items]),
        statuses=QUESTION,
        may_ask=may_ever(identity, Permission.WATCH_ASK),
        opens=may_ever(identity, Permission.REQUEST_READ),
    )


@bp.route("/evidence/oversight/ask", methods=["GET", "POST"])
@requires(Permission.WATCH_ASK)
def watch_ask() -> ResponseReturnValue:
    """Ask the person about one sign."""
    session, identity, now, form = db_session(), current_identity(), utcnow(), AskExplanationForm()
    kind, key = _kind(request.args.get("kind", "")), request.args.get("key", "")[:120]
    if kind is None:
        raise NotFound()
    sign = queries.sign_of(session, identity, kind, key, now=now)
    if request.method == "POST" and form.validate():
        try:
            with undone_if_refused(session):
                asked = acts.ask_explanation(
                    session, actor=identity, kind=kind, key=key, question=form.question.data or "", now=now
                )
        except Invalid as refusal:
            form.take(refusal)
        else:
            flash(gettext("The person is asked, and told by when to answer."), "ok")
            return redirect(url_for("evidence.question", question_id=asked.id), 303)
    page = render_template("evidence/watch_ask.html", form=form, sign=sign, kind=kind, kinds=SIGN)
    return page, 422 if form.errors or form.form_errors else 200


@bp.get("/evidence/oversight/questions")
@requires(Permission.EXPLANATION_READ)
def questions() -> ResponseReturnValue:
    """Explanations the reader owes, asked for or watches over."""
    session, identity = db_session(), current_identity()
    text = request.args.get("status", "")
    wanted = QuestionStatus(text) if text in set(QuestionStatus) else None
    return render_template(
        "evidence/questions.html",
        page=queries.question_page(session, identity, wanted, after=request.args.get("after")),
        wanted=wanted,
        statuses=QUESTION,
        kinds=SIGN,
        today=city_day(utcnow()),
        may_watch=may_ever(identity, Permission.WATCH_READ),
    )


@bp.get("/evidence/oversight/questions/<uuid:question_id>")
@requires(Permission.EXPLANATION_READ)
def question(question_id: UUID) -> ResponseReturnValue:
    """One question with what it is about and what became of it."""
    return _page(queries.get_question(db_session(), current_identity(), question_id))


@bp.post("/evidence/oversight/questions/<uuid:question_id>/answer")
@requires(Permission.EXPLANATION_GIVE)
def question_answer(question_id: UUID) -> ResponseReturnValue:
    """The person explains."""
    session, form = db_session(), ExplanationForm()
    if queries.get_question(session, current_identity(), question_id).person_id != current_identity().person_id:
        raise NotAllowed("evidence.not_yours")
    if form.validate():
        try:
            with undone_if_refused(session):
                acts.give_explanation(
                    session,
                    actor=current_identity(),
                    question_id=question_id,
                    answer=form.answer.data or "",
                    now=utcnow(),
                )
        except Invalid as refusal:
            form.take(refusal)
        else:
            flash(gettext("Your explanation is on record."), "ok")
            return redirect(url_for("evidence.question", question_id=question_id), 303)
    return _page(queries.get_question(session, current_identity(), question_id), answer=form)


@bp.post("/evidence/oversight/questions/<uuid:question_id>/judge")
@requires(Permission.WATCH_ASK)
def question_judge(question_id: UUID) -> ResponseReturnValue:
    """Accept the explanation, or take the matter further."""
    session, form = db_session(), JudgementForm()
    if form.validate():
        try:
            with undone_if_refused(session):
                acts.judge_explanation(
                    session,
                    actor=current_identity(),
                    question_id=question_id,
                    accepted=form.verdict.data == "accept",
                    note=form.note.data or "",
                    now=utcnow(),
                )
        except Invalid as refusal:
            form.take(refusal)
        else:
            flash(gettext("The outcome is on record, and the person is told."), "ok")
            return redirect(url_for("evidence.question", question_id=question_id), 303)
    return _page(queries.get_question(session, current_identity(), question_id), judge=form)


def _kind(text: str) -> SignKind | None:
    return SignKind(text) if text in set(SignKind) else None


def _page(
    found: OversightQuestion, *, answer: ExplanationForm | None = None, judge: JudgementForm | None = None
) -> ResponseReturnValue:
    identity = current_identity()
    scope = Scope(organ_ids=frozenset({found.organ_id} if found.organ_id else ()))
    own = found.person_id == identity.person_id
    page = render_template(
        "evidence/question.html",
        asked=found,
        kind=SIGN[SignKind(found.kind)],
        status=QUESTION[QuestionStatus(found.status)],
        answer=answer or ExplanationForm(formdata=None),
        judge=judge or JudgementForm(formdata=None),
        may_answer=own and found.status == QuestionStatus.ASKED,
        may_judge=not own and found.status == QuestionStatus.ANSWERED and allows(identity, Permission.WATCH_ASK, scope),
        today=city_day(utcnow()),
    )
    return page, 422 if answer or judge else 200
