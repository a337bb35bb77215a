"""What the law asks of a unit's system, and what a filing still lacks: pure functions over values and the rules."""

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from portal.core.errors import Problem
from portal.registry.rules.parties import holders
from portal.registry.values import FilingKind, PartyRole, Shortfall
from portal.regulation.calendar import DayKind, WorkCalendar
from portal.regulation.deadlines import Deadline, Step, StepCode
from portal.regulation.effective import EffectiveRules
from portal.regulation.engine import effective_rules
from portal.regulation.schema.base import Citation
from portal.regulation.schema.keys import RuleKey
from portal.regulation.schema.vocabulary import Regime
from portal.regulation.values import RuleContext

if TYPE_CHECKING:
    from portal.registry.models import System, Unit


# Papers the portal itself prints from what was typed: nobody is asked to upload them.
PRINTED_HERE = frozenset({"filing_form", "acceptance_request", "standard_application"})
# Slots that stand ready for whoever has such a paper; their being empty is no shortfall.
UNASKED = frozenset({"truth_evidence", "national_receipt"})


# The shortest and the longest number that the national platform is taken to give, and how many digits it has at least.
NATIONAL_LENGTH, _FEWEST_DIGITS = (6, 40), 4

# Filings that report a change of what is filed already; a move is one, wherever it goes.
CHANGES = frozenset({FilingKind.CHANGE, FilingKind.MOVE})


def rules_for(
    unit: "Unit", system: "System | None", *, on: date, facts: Mapping[str, str | Sequence[str]] | None = None
) -> EffectiveRules:
    """The rules that govern a unit, or one of its systems, on a day; `facts` say what else is known of the case."""
    return effective_rules(
        RuleContext(
            on=on,
            division_code=system.district if system else unit.district,
            unit_type=unit.unit_type,
            categories=(unit.category,) if unit.category else (),
            regime=Regime(system.regime) if system else None,
            in_use_on=system.in_use_on if system else None,
            construction_began_on=system.construction_began_on if system else None,
            house_profiles=tuple(unit.house_profiles),
            facts={
                "counter_terror_target": "yes" if unit.counter_terror_target else "no",
                **({"system_kind": system.kind} if system else {}),
                **(facts or {}),
            },
        )
    )


def must_be_accepted_before_use(rules: EffectiveRules) -> bool:
    """Whether the system may not be in use before it passed acceptance (Anyang 2007 art. 10 and its like)."""
    return rules.flag(RuleKey.ACCEPTANCE_BEFORE_USE)


def must_be_filed(rules: EffectiveRules) -> bool:
    """Whether the regime asks for a filing at all."""
    return rules.flag(RuleKey.FILING_REQUIRED)


def filing_deadline(
    rules: EffectiveRules, *, kind: FilingKind, changed_on: date, calendar: WorkCalendar
) -> Deadline | None:
    """When the filing is due, with its working; None where no rule counts or the event has no day yet."""
    if kind in CHANGES:
        return rules.deadline(RuleKey.FILING_CHANGE_DUE, start=changed_on, calendar=calendar)
    return rules.filing_deadline(calendar=calendar)


def working_of(counted: Deadline | None) -> dict[str, Any] | None:
    """A deadline with every step of its count, as JSON to keep beside the filing."""
    if counted is None:
        return None
    return {
        "due": counted.due and counted.due.isoformat(),
        "steps": [
            {
                "code": str(step.code),
                "day": step.day.isoformat(),
                "number": step.number,
                **({"note": step.note} if step.note else {}),
                "days": [[day.isoformat(), str(kind)] for day, kind in step.days],
            }
            for step in counted.steps
        ],
        "citations": [[cited.instrument, cited.article] for cited in counted.citations],
    }


def deadline_of(kept: Mapping[str, Any] | None) -> Deadline | None:
    """The deadline again, as it was counted then, whatever the rules and the calendar say today."""
    if not kept:
        return None
    steps = tuple(
        Step(
            StepCode(step["code"]),
            date.fromisoformat(step["day"]),
            step["number"],
            tuple((date.fromisoformat(day), DayKind(kind)) for day, kind in step["days"]),
            step.get("note", ""),
        )
        for step in kept["steps"]
    )
    due = date.fromisoformat(kept["due"]) if kept["due"] else None
    return Deadline(due, steps, tuple(Citation.of(*pair) for pair in kept["citations"]))


def shortfalls(
    rules: EffectiveRules, *, system: "System", cameras: int, uncovered: int, documents: Collection[str], on: date
) -> list[Shortfall]:
    """Everything a filing still lacks before it can be submitted, each with the text that asks for it.

    `cameras` counts the system's cameras, `uncovered` those without a position type or direction; `documents` are the
    slots that hold a paper.
    """
    short = short_retention(rules, system.retention_days)
    found = [*_particulars(rules, system, cameras), *([short] if short else [])]
    if must_be_filed(rules):
        found += [*_parties(rules, system, on), *_papers(rules, documents)]
    if uncovered:
        found.append(Shortfall(code="cameras_incomplete", where="cameras", data={"count": uncovered}, blocking=False))
    if system.in_use_on is not None and system.in_use_on > on:
        found.append(Shortfall(code="in_use_in_future", where="system", blocking=True))
    return found


def _particulars(rules: EffectiveRules, system: "System", cameras: int) -> list[Shortfall]:
    cited = rules.citations(RuleKey.FILING_REQUIRED_FIELDS)
    found = []
    if not cameras and not sum((system.declared_devices or {}).values()):
        found.append(Shortfall(code="no_cameras", where="cameras", citations=cited))
    asked = rules.terms(RuleKey.FILING_REQUIRED_FIELDS)
    if system.retention_days is None and "storage_period" in asked:
        found.append(Shortfall(code="retention_missing", where="system", citations=cited))
    if not system.address.strip():
        found.append(Shortfall(code="address_missing", where="system", citations=cited))
    if "construction_account" in asked and system.construction_began_on is None and system.in_use_on is None:
        found.append(Shortfall(code="construction_missing", where="system", citations=cited))
    return found


def _parties(rules: EffectiveRules, system: "System", on: date) -> list[Shortfall]:
    """Roles that nobody holds today. Who manages a system must be plain even where no text names the four."""
    present = holders(system.parties, on=on)
    asked = [role for role in rules.terms(RuleKey.SYSTEM_PARTIES_REQUIRED) if role in set(PartyRole)]
    cited = rules.citations(RuleKey.SYSTEM_PARTIES_REQUIRED)
    found = [
        Shortfall(code="party_missing", where="parties", data={"party": role}, citations=cited)
        for role in asked
        if role not in present
    ]
    if PartyRole.MANAGER not in {*asked, *present}:
        found.append(
            Shortfall(code="party_missing", where="parties", data={"party": PartyRole.MANAGER}, blocking=False)
        )
    return found


def short_retention(rules: EffectiveRules, days: int | None) -> Shortfall | None:
    """Footage that is kept for less than the rules ask. It bars no filing: what is filed is how things are."""
    least = rules.integer(RuleKey.RETENTION_MIN_DAYS)
    if least is None or days is None or days >= least:
        return None
    return Shortfall(
        code="retention_short",
        where="system",
        data={"days": days, "least": least},
        citations=rules.citations(RuleKey.RETENTION_MIN_DAYS),
        blocking=False,
    )


def tidy_national(text: str) -> str:
    """A number of the national platform as it is kept: half-width, raised, one kind of dash, no blanks."""
    plain = re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).upper()
    return re.sub("[\u2010-\u2015\u2212\u30fc]", "-", plain)


def national_problem(number: str) -> Problem | None:
    """What a tidied number of the national platform cannot be. Its exact form is not published: the characters that
    printed numbers consist of, a sensible length, and some digits are asked, so that a sentence or a slip is told."""
    if not NATIONAL_LENGTH[0] <= len(number) <= NATIONAL_LENGTH[1]:
        low, high = NATIONAL_LENGTH
        return Problem("national_number", "national_length", {"low": low, "high": high, "length": len(number)})
    if not re.fullmatch(r"[0-9A-Z]+(-[0-9A-Z]+)*", number) or sum(sign.isdigit() for sign in number) < _FEWEST_DIGITS:
        return Problem("national_number", "national_form")
    return None


def _papers(rules: EffectiveRules, documents: Collection[str]) -> list[Shortfall]:
    return [
        Shortfall(
            code="document_missing",
            where="documents",
            data={"document": slot.text, "slot": slot.document},
            citations=slot.citations,
            blocking=slot.required,
        )
        for slot in rules.documents("filing")
        if slot.document not in documents and slot.document not in PRINTED_HERE | UNASKED
    ]
