"""Findings that something filed is false: noted, decided, closed, each on the page of its filing."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.accounts.guards import current_identity, requires
from portal.accounts.permissions import Permission
from portal.accounts.policy import allows
from portal.core.clock import utcnow
from portal.core.errors import Invalid
from portal.registry import operations, queries
from portal.registry.forms import DecideFindingForm, FindingForm
from portal.registry.labels import FINDING_BASIS, FINDING_STATUS
from portal.registry.states import FINDING_TRANSITIONS, FindingAction, FindingStatus
from portal.registry.views import filings
from portal.registry.views.blueprint import bp
from portal.regulation.loader import rulebook
from portal.regulation.schema.profile import Penalty
from portal.web.session import db_session

FALSE_FILING = ("decree-799", "not_filed")


def consequence() -> tuple[Penalty, str]:
    """What the law threatens for a false filing, and the key of the text that does."""
    instrument, key = FALSE_FILING
    profile = rulebook().instrument(instrument)[0]
    return next(one for one in profile.penalties if one.key == key), profile.key


@bp.post("/filings/<uuid:filing_id>/findings")
@requires(Permission.FILING_DECIDE)
def finding_raise(filing_id: UUID) -> ResponseReturnValue:
    """Note that something filed contradicts what was found."""
    form = FindingForm()
    if not form.validate():
        return filings.show(filing_id, filings.Typed(finding=form), status=422)
    finding = operations.raise_finding(
        db_session(),
        actor=current_identity(),
        filing_id=filing_id,
        basis=form.how,
        item=form.item.data,
        declared=form.declared.data,
        found=form.found.data,
        now=utcnow(),
    )
    flash(gettext("The contradiction is noted. It is not decided yet."), "ok")
    return redirect(url_for("registry.finding", filing_id=filing_id, finding_id=finding.id), 303)


@bp.get("/filings/<uuid:filing_id>/findings/<uuid:finding_id>")
@requires(Permission.FILING_READ)
def finding(filing_id: UUID, finding_id: UUID) -> ResponseReturnValue:
    """One finding: what was declared, what was found, what follows."""
    return _show(filing_id, finding_id)


def _show(filing_id: UUID, finding_id: UUID, *, form: DecideFindingForm | None = None) -> ResponseReturnValue:
    session, identity = db_session(), current_identity()
    filing = queries.get_filing(session, identity, filing_id)
    found = queries.finding_of(session, filing_id, finding_id)
    possible = {action for (state, action) in FINDING_TRANSITIONS if state == found.status}
    may = allows(identity, Permission.FILING_DECIDE, queries.filing_scope(filing))
    penalty, source = consequence()
    page = render_template(
        "registry/finding.html",
        filing=filing,
        finding=found,
        form=form or DecideFindingForm(data={"version": str(found.version)}),
        status=FINDING_STATUS[FindingStatus(found.status)],
        basis=FINDING_BASIS,
        penalty=penalty,
        citations=[rulebook().profile(source).cite(place) for place in penalty.articles],
        may_decide=may and FindingAction.UPHOLD in possible,
        may_close=may and FindingAction.CORRECT in possible,
    )
    return page, 422 if form and form.errors else 200


@bp.post("/filings/<uuid:filing_id>/findings/<uuid:finding_id>/decide")
@requires(Permission.FILING_DECIDE)
def finding_decide(filing_id: UUID, finding_id: UUID) -> ResponseReturnValue:
    """Uphold a finding, with the days for its correction, or dismiss it."""
    session, form = db_session(), DecideFindingForm()
    queries.get_filing(session, current_identity(), filing_id)
    queries.finding_of(session, filing_id, finding_id)
    if form.validate():
        try:
            operations.decide_finding(
                session,
                actor=current_identity(),
                finding_id=finding_id,
                seen_version=form.version.seen,
                upheld=request.form.get("verdict") == "uphold",
                reason=form.decision.data,
                correct_within=form.correct_within.data,
                now=utcnow(),
            )
        except Invalid as refusal:
            form.take(refusal)
        else:
            flash(gettext("The finding is decided."), "ok")
            return redirect(url_for("registry.finding", filing_id=filing_id, finding_id=finding_id), 303)
    return _show(filing_id, finding_id, form=form)


@bp.post("/filings/<uuid:filing_id>/findings/<uuid:finding_id>/close")
@requires(Permission.FILING_DECIDE)
def finding_close(filing_id: UUID, finding_id: UUID) -> ResponseReturnValue:
    """The unit has put it right."""
    session = db_session()
    queries.get_filing(session, current_identity(), filing_id)
    found = queries.finding_of(session, filing_id, finding_id)
    operations.close_finding(
        session, actor=current_identity(), finding_id=finding_id, seen_version=found.version, now=utcnow()
    )
    flash(gettext("The correction is recorded."), "ok")
    return redirect(url_for("registry.finding", filing_id=filing_id, finding_id=finding_id), 303)
