"""What an acceptance's page says of what came of it: findings, the series of tries, and a conclusion overridden."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import get_locale

from portal.accounts.permissions import Permission
from portal.accounts.policy import allows
from portal.accounts.values import Identity
from portal.inspection import queries
from portal.inspection.forms import AskOverrideForm, DecideOverrideForm
from portal.inspection.labels import ACCEPTANCE_STATUS, CONCLUSION, FINDING_STATUS, SEVERITY
from portal.inspection.models import Acceptance, ConclusionOverride, Visit
from portal.inspection.rules import CONCLUSION_OF, FrozenList, other_results, shortfalls
from portal.inspection.states import CONCLUDED, OWED, AcceptanceStatus
from portal.inspection.values import ItemAnswer
from portal.web.session import db_session


def aftermath_of(
    identity: Identity,
    found: Acceptance,
    visits: Sequence[Visit],
    answers: Mapping[str, ItemAnswer],
    *,
    ask: AskOverrideForm | None,
    decide: DecideOverrideForm | None,
) -> Mapping[str, Any]:
    """What came of an acceptance, and what this reader may do about its conclusion."""
    session = db_session()
    overrides = queries.overrides_of(session, found.id)
    pending = next((row for row in overrides if row.approved is None), None)
    done = next((visit for visit in visits if visit.status == "done"), None)
    sent = [place.person_id for place in done.inspectors if not place.cancelled] if done else []
    open_to_change = found.status in CONCLUDED and found.published_at is None
    frozen = FrozenList.from_json(found.checklist) if found.checklist else None
    return {
        "findings": queries.findings_of(session, found.id),
        "finding_status": FINDING_STATUS,
        "severities": SEVERITY,
        "owed": OWED,
        "shorts": list(shortfalls(frozen, answers)) if frozen and not found.concluded_at else [],
        "series": [(row, ACCEPTANCE_STATUS[AcceptanceStatus(row.status)]) for row in queries.series_of(session, found)],
        "overrides": [(row, said_of(frozen, row, "from"), said_of(frozen, row, "to")) for row in overrides],
        "pending": pending,
        "may_ask_override": open_to_change
        and pending is None
        and identity.person_id in sent
        and allows(identity, Permission.OVERRIDE_ASK, queries.handling_scope(found)),
        "may_decide_override": pending is not None
        and pending.asked_by != identity.person_id
        and allows(identity, Permission.OVERRIDE_DECIDE, queries.handling_scope(found)),
        "ask_form": ask_form(found, frozen, ask),
        "decide_form": decide or DecideOverrideForm(),
    }


def ask_form(found: Acceptance, frozen: FrozenList | None, form: AskOverrideForm | None) -> AskOverrideForm:
    """The form that asks for another result, offering those the list knows."""
    form = form or AskOverrideForm()
    current = CONCLUSION_OF.get(AcceptanceStatus(found.status))
    if frozen is not None and current is not None:
        offered = other_results(frozen, conclusion=current, grade=found.grade)
        form.result.choices = [(one.key, _named(frozen, one.conclusion, one.grade)) for one in offered]
    return form


def said_of(frozen: FrozenList | None, row: ConclusionOverride, side: str) -> tuple[str, str]:
    """The shape and the words of one side of an override."""
    conclusion, grade = getattr(row, f"{side}_conclusion"), getattr(row, f"{side}_grade")
    return CONCLUSION[conclusion][0], _named(frozen, conclusion, grade)


def _named(frozen: FrozenList | None, conclusion: str, grade: str | None) -> str:
    band = next((b for b in frozen.bands.bands if b.key == grade), None) if frozen and frozen.bands else None
    return band.title.in_language(str(get_locale())) if band else str(CONCLUSION[conclusion][1])
