"""What a paper must say, whether a caller's or an individual's particulars suffice, how complete a supply is. Pure."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from portal.core.errors import Problem
from portal.evidence.rules.overwriting import LEAST_GAP, gaps_within
from portal.evidence.values import INSTRUMENTS, InstrumentKind, Outcome, Paper, RequesterKind, RequestParticulars
from portal.evidence.values.asks import PROOFS, SHOWN_IN_PERSON, Completeness, Gap, Supplied
from portal.evidence.values.facts import Interest
from portal.regulation.schema.keys import RuleKey

MAX_LINE = 120
MAX_ITEMS = 1000
DATED = frozenset({InstrumentKind.CERTIFICATE, InstrumentKind.INTRODUCTION_LETTER})

# Where the register shows what a text wants registered: each word of `register_field` with its column of the list.
REGISTER_COLUMNS: Mapping[str, str] = {
    "reason": "reason",
    "content": "content",
    "requester_unit": "requester_unit",
    "requester_name": "people",
    "recorder": "operator",
    "retriever": "people",
    "retrieved_at": "at",
    "purpose": "purpose",
    "destination": "destination",
    "handler_id": "people",
    "place": "content",
    "time_span": "span_from",
    "case_brief": "reason",
    "mode": "act",
    "operator": "operator",
}


def ask_problems(
    asked: RequestParticulars, *, on_paper: bool, interests: Collection[Interest], today: date
) -> list[Problem]:
    """Faults of what the paper says. `on_paper`: the asking organ has no account, so its head signed on paper only."""
    facts, found = asked.facts, []
    if asked.instrument_kind in DATED and facts.issued_on is None:
        found.append(Problem("issued_on", "evidence.issued_on_needed"))
    if facts.issued_on is not None and facts.issued_on > today:
        found.append(Problem("issued_on", "evidence.day_is_future"))
    if asked.instrument_kind is InstrumentKind.CERTIFICATE and not asked.instrument_number.strip():
        found.append(Problem("instrument_number", "evidence.instrument_number_needed"))
    if asked.statutory and on_paper and not asked.urgent_by_phone and not facts.approver.strip():
        found.append(Problem("approver", "evidence.approver_needed"))
    if asked.urgent_by_phone:
        needed = {"caller": facts.caller, "call_back": facts.call_back, "done_at_once": facts.done_at_once}
        found += [Problem(name, "evidence.call_incomplete") for name, text in needed.items() if not text.strip()]
    if asked.requester_kind is RequesterKind.INDIVIDUAL:
        found += _individual_problems(asked, interests)
    for name, text, most in (
        ("approver", facts.approver, MAX_LINE),
        ("caller", facts.caller, MAX_LINE),
        ("call_back", facts.call_back, 40),
        ("items", facts.items, MAX_ITEMS),
        ("done_at_once", facts.done_at_once, 400),
    ):
        if len(text) > most:
            found.append(Problem(name, "too_long", {"max": most}))
    return list({(one.field, one.code): one for one in found}.values())


def owed_later(asked: RequestParticulars) -> frozenset[Paper]:
    """What a request by telephone hands in afterwards: its own notice, and only that."""
    return frozenset({Paper.RETRIEVAL_NOTICE}) if asked.urgent_by_phone else frozenset()


def instruments_open(kinds: Iterable[RequesterKind]) -> list[InstrumentKind]:
    """The papers these requesters may bring, each once."""
    wanted = set(kinds)
    return list(dict.fromkeys(one for kind in INSTRUMENTS if kind in wanted for one in INSTRUMENTS[kind]))


def is_duty(*, statutory: bool, rules_used: Sequence[Mapping[str, Any]]) -> bool:
    """Whether the unit owes the footage: a notice under the law, of a requester whom the rules owe an answer."""
    return statutory and any(one["key"] == RuleKey.EVIDENCE_DUTY_TO_SUPPLY and one["value"] for one in rules_used)


def shown_in_person(rules_used: Sequence[Mapping[str, Any]]) -> bool:
    """Whether the rules of the day of submission want papers shown by those who come."""
    asked = next((one["value"] for one in rules_used if one["key"] == RuleKey.EVIDENCE_PAPERS), ())
    return bool(SHOWN_IN_PERSON & {Paper(word) for word in asked or () if word in set(Paper)})


def gaps_of(supplied: Iterable[Supplied], *, begins: datetime, ends: datetime) -> list[Gap]:
    """What of the span no file covers, camera by camera, of those that are said to be supplied."""
    return [
        Gap(camera.camera_id, camera.label, since, until)
        for camera in supplied
        if camera.outcome is Outcome.SUPPLIED
        for since, until in gaps_within(begins, ends, camera.spans, least=LEAST_GAP)
    ]


def completeness(supplied: Sequence[Supplied], gaps: Sequence[Gap]) -> Completeness:
    """Whole only where every camera was supplied without a gap; none where not one was."""
    given = [camera for camera in supplied if camera.outcome is Outcome.SUPPLIED]
    if not given:
        return Completeness.NONE
    return Completeness.PART if gaps or len(given) < len(supplied) else Completeness.WHOLE


def _individual_problems(asked: RequestParticulars, interests: Collection[Interest]) -> list[Problem]:
    found = []
    if asked.facts.interest not in interests:
        code = "evidence.interest_not_open" if asked.facts.interest else "evidence.interest_needed"
        found.append(Problem("interest", code))
    fitting = PROOFS[asked.relation] if asked.relation else frozenset()
    if asked.facts.proof is None:
        found.append(Problem("proof", "evidence.proof_needed"))
    elif asked.relation and asked.facts.proof not in fitting:
        found.append(Problem("proof", "evidence.proof_not_fitting"))
    return found
