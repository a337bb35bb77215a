"""What the pages of an acceptance, of its visit's time and of its checklist show of the advance checks, and what of them
goes along to the field."""

from collections.abc import Mapping
from typing import Any

from flask import render_template
from flask_babel import gettext

from portal.accounts.guards import current_identity
from portal.accounts.permissions import Permission
from portal.accounts.policy import allows
from portal.inspection import queries
from portal.inspection.labels import CONCLUSION, VERDICT
from portal.inspection.models import Acceptance
from portal.inspection.rules.sealing import moment_text
from portal.inspection.states import OPEN, Verdict
from portal.inspection.views.advance import offer_in_advance
from portal.readiness.labels import found_of, short_of, shown_of, title_of
from portal.readiness.states import CheckKey, CheckVerdict
from portal.readiness.values import Check
from portal.readiness.views.blueprint import AT_CAMERAS, bp, names_cameras, rows_of, told_of
from portal.regulation.labels import said
from portal.regulation.loader import rulebook
from portal.web.panels import Panel, add_panels
from portal.web.session import db_session


def readiness_of(acceptance: Acceptance) -> str:
    """What falls short, what to cure, and whether a visit can be arranged."""
    told = told_of(db_session(), acceptance.id)
    if told.report is None and acceptance.status not in OPEN:
        return ""
    identity = current_identity()
    rows = rows_of(told, acceptance, identity)
    outlook = told.report.outlook if told.report else {}
    return render_template(
        "readiness/_of_acceptance.html",
        acceptance=acceptance,
        told=told,
        short=[row for row in rows if row.check.verdict is CheckVerdict.NOT_MET],
        conclusion=CONCLUSION[outlook["conclusion"]] if outlook else None,
        met=sum(row.check.verdict is CheckVerdict.MET for row in rows),
        total=len(rows),
        may_run=acceptance.status in OPEN
        and allows(identity, Permission.READINESS_RUN, queries.handling_scope(acceptance)),
    )


def proposal_for(subject: tuple[Acceptance, str]) -> str:
    """Beside one item of the checklist: the answer the portal proposes, with its dated evidence."""
    acceptance, item = subject
    told = told_of(db_session(), acceptance.id)
    proposal = told.report.proposals.get(item) if told.report else None
    if told.report is None or proposal is None:
        return ""
    checks = [told.checks[CheckKey(key)] for key in proposal["checks"]]
    words = rulebook().vocabulary
    return render_template(
        "readiness/_proposal.html",
        verdict=VERDICT[Verdict(proposal["verdict"])] if proposal["verdict"] else None,
        made_at=told.report.made_at,
        evidence=[(shown_of(check)[0], title_of(check.key), found_of(check), check.measured_at) for check in checks],
        papers=[(paper in proposal["missing"], said(words.text("document", paper))) for paper in proposal["papers"]],
    )


def packed_for(acceptance: Acceptance) -> Mapping[str, Any]:
    """What was found in advance, item by item, as an inspector takes it along."""
    told = told_of(db_session(), acceptance.id)
    if told.report is None:
        return {}
    words, names = rulebook().vocabulary, names_cameras(acceptance, current_identity())
    made_at = moment_text(told.report.made_at)
    return {
        item: {
            "verdict": proposal["verdict"],
            "made_at": made_at,
            "note": proposal["note"],
            "evidence": [_evidence(told.checks[CheckKey(key)], names) for key in proposal["checks"]]
            + [
                _paper(said(words.text("document", paper)), missing=paper in proposal["missing"])
                for paper in proposal["papers"]
            ],
        }
        for item, proposal in told.report.proposals.items()
    }


def _evidence(check: Check, names: bool) -> Mapping[str, Any]:
    return {
        "kind": shown_of(check)[0],
        "text": f"{title_of(check.key)} · {found_of(check)}",
        "at": moment_text(check.measured_at) if check.measured_at else "",
        "short": [f"{name} {how}".strip() for name, how in short_of(check)]
        if names or check.key not in AT_CAMERAS
        else [],
    }


def _paper(name: str, *, missing: bool) -> Mapping[str, Any]:
    text = f"{name} · {gettext('None on record, or run out')}" if missing else name
    return {"kind": "bad" if missing else "ok", "text": text, "at": "", "short": []}


offer_in_advance(packed_for)

add_panels(
    bp,
    Panel(place="inspection.acceptance", draw=readiness_of, order=10),
    Panel(place="inspection.visit_time", draw=readiness_of, order=10),
    Panel(place="inspection.item", draw=proposal_for, order=10),
)
