"""The arithmetic of a checklist: scores with a floor, three rates, conclusion and grade. Pure.

Everything it counts with (points, bands, thresholds) comes frozen out of the regulation profiles.
"""

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256
from typing import Any

from portal.audit.rules.canonical import canonical_bytes
from portal.core.errors import Problem
from portal.inspection.rules.applying import LIST_OF
from portal.inspection.states import AcceptanceKind, Verdict
from portal.inspection.values import MOST_DEDUCTIONS, Deduction, GroupResult, ItemAnswer, Outcome
from portal.regulation.effective import EffectiveRules
from portal.regulation.schema.checklist import Checklist, ChecklistItem, ChecklistKind
from portal.regulation.schema.keys import RuleKey
from portal.regulation.schema.values import Bands, Rates


@dataclass(frozen=True)
class FrozenList:
    """A checklist with what judges it, as it stood when the visit was planned."""

    profile: str
    checklist: Checklist
    bands: Bands | None
    rates: Rates | None

    def as_json(self) -> dict[str, Any]:
        """The whole of it, to keep in the visit's row."""
        return {
            "profile": self.profile,
            "checklist": self.checklist.model_dump(mode="json"),
            "bands": self.bands.model_dump(mode="json") if self.bands else None,
            "rates": self.rates.model_dump(mode="json") if self.rates else None,
        }

    @property
    def edition(self) -> str:
        """What tells this wording and these numbers from every other: a digest of all that the list says, 12
        hexadecimals. What a later release adds and this list leaves unsaid does not change it."""
        said = [
            part.model_dump(mode="json", exclude_defaults=True)
            for part in (self.checklist, self.bands, self.rates)
            if part
        ]
        return sha256(canonical_bytes([self.profile, *said])).hexdigest()[:12]

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "FrozenList":
        """Back from a row."""
        return cls(
            data["profile"],
            Checklist.model_validate(data["checklist"]),
            Bands.model_validate(data["bands"]) if data["bands"] else None,
            Rates.model_validate(data["rates"]) if data["rates"] else None,
        )


def checklist_for(rules: EffectiveRules, kind: AcceptanceKind) -> FrozenList:
    """The list an acceptance of this kind is judged by: the scored standard of a sector with its grades, or the three
    rates. Raises LookupError where no text has one."""
    bands, rates = rules.bands(RuleKey.GRADE_BANDS), rules.rates(RuleKey.ACCEPTANCE_RATES)
    scored = LIST_OF[kind] is ChecklistKind.SCORED
    if scored and bands is None:
        raise LookupError(f"no grades govern {kind} here")
    return _frozen(rules, LIST_OF[kind], bands if scored else None, None if scored else rates)


def routine_list(rules: EffectiveRules) -> FrozenList:
    """The list a routine visit is judged by. Raises LookupError where no text has one."""
    return _frozen(rules, ChecklistKind.ROUTINE, None, None)


def _frozen(rules: EffectiveRules, kind: ChecklistKind, bands: Bands | None, rates: Rates | None) -> FrozenList:
    chosen = rules.checklists(kind)
    if not chosen:
        raise LookupError(f"no {kind} checklist governs here")
    checklist = chosen[0].model_copy(update={"items": rules.items(chosen[0])})
    profile = next(
        entry.profile.key for entry in rules.governing if any(c.key == checklist.key for c in entry.profile.checklists)
    )
    return FrozenList(profile, checklist, bands, rates)


def shown_items(checklist: Checklist, answers: Mapping[str, ItemAnswer]) -> tuple[ChecklistItem, ...]:
    """The items that are a question now: those without a condition, and those whose condition the answers meet."""
    shown: set[str] = set()
    for item in sorted(checklist.items, key=lambda item: item.number):
        asked = item.shown_when
        if asked is None or (
            asked.item in shown and asked.item in answers and answers[asked.item].verdict in asked.verdicts
        ):
            shown.add(item.key)
    return tuple(item for item in checklist.items if item.key in shown)


def answer_problems(item: ChecklistItem, answer: ItemAnswer) -> list[Problem]:
    """What is wrong with one answer: a deduction out of bounds or without its reason, a shortfall nobody explained."""
    problems = []
    if item.points is None and answer.deductions:
        problems.append(Problem(item.key, "no_points"))
    if len(answer.deductions) > MOST_DEDUCTIONS:
        problems.append(Problem(item.key, "too_many_deductions", {"most": MOST_DEDUCTIONS}))
    for number, each in enumerate(answer.deductions, 1):
        if item.points is not None and not 0 < each.points <= item.points:
            problems.append(Problem(f"{item.key}-deduction-{number}", "deduction_bounds", {"high": item.points}))
        if not each.reason.strip():
            problems.append(Problem(f"{item.key}-reason-{number}", "reason_needed"))
    if item.points is not None:
        if answer.verdict in {Verdict.PARTLY, Verdict.NOT_MET} and not answer.deductions:
            problems.append(Problem(f"{item.key}-deduction-1", "deduction_needed"))
    elif answer.short and not answer.note.strip():
        problems.append(Problem(f"{item.key}-note", "note_needed"))
    return problems


def answers_problems(
    checklist: Checklist, kept: Mapping[str, ItemAnswer], given: Mapping[str, ItemAnswer]
) -> list[Problem]:
    """What is wrong with new answers beside those kept already; answers to items that are no question are let be."""
    items = {item.key: item for item in checklist.items}
    shown = {item.key for item in shown_items(checklist, {**kept, **given})}
    problems = [Problem(key, "unknown_item") for key in given if key not in items]
    for key, answer in given.items():
        problems += answer_problems(items[key], answer) if key in shown else []
    return problems


def proof_problems(
    frozen: FrozenList, answers: Mapping[str, ItemAnswer], photographed: Set[str]
) -> tuple[Problem, ...]:
    """What the list asks to be brought back and nobody did, at the field that takes it: a photo, or the paper seen by
    name (or photographed). `photographed` are the items with a photo that counts."""
    problems = []
    for item in shown_items(frozen.checklist, answers):
        answer = answers.get(item.key)
        if answer is None or answer.verdict is Verdict.NOT_APPLICABLE or item.key in photographed:
            continue
        if item.proof == "photo":
            problems.append(Problem(f"{item.key}-photo", "photo_needed"))
        elif item.proof == "document" and not (answer.note.strip() or answer.deductions):
            problems.append(Problem(f"{item.key}-note", "document_needed"))
    return tuple(problems)


def judge(frozen: FrozenList, answers: Mapping[str, ItemAnswer]) -> Outcome:
    """The result of the answers given so far; `unanswered` names what is still open. Answers to items that are no
    question (any more) do not count."""
    shown = shown_items(frozen.checklist, answers)
    counted = {item.key: answers[item.key] for item in shown if item.key in answers}
    unanswered = tuple(item.key for item in shown if item.key not in counted)
    match frozen.checklist.kind:
        case ChecklistKind.SCORED:
            return _scored(frozen, counted, unanswered)
        case ChecklistKind.RATED:
            return _rated(frozen, counted, unanswered)
        case ChecklistKind.ROUTINE:
            return _routine(shown, counted, unanswered)


def _scored(frozen: FrozenList, answers: Mapping[str, ItemAnswer], unanswered: tuple[str, ...]) -> Outcome:
    reached: dict[str, Decimal] = {}
    groups: dict[str, list[Decimal]] = {group.key: [Decimal(0), Decimal(0)] for group in frozen.checklist.groups}
    for item in frozen.checklist.items:
        possible = item.points or Decimal(0)
        groups[item.group][1] += possible
        if item.key in answers:
            reached[item.key] = item.score(tuple(each.points for each in answers[item.key].deductions))
            groups[item.group][0] += reached[item.key]
    total = sum(reached.values(), Decimal(0))
    band = frozen.bands.grade(total) if frozen.bands else None
    return Outcome(
        conclusion="pass" if band is None or band.passes else "fail",
        score=total,
        possible=sum((pair[1] for pair in groups.values()), Decimal(0)),
        grade=band.key if band else None,
        groups=tuple(GroupResult(key=key, points=pair[0], possible=pair[1]) for key, pair in groups.items()),
        unanswered=unanswered,
        items=reached,
    )


def _rated(frozen: FrozenList, answers: Mapping[str, ItemAnswer], unanswered: tuple[str, ...]) -> Outcome:
    if frozen.rates is None:
        raise LookupError("a rated checklist needs its thresholds")
    results = []
    for group in frozen.checklist.groups:
        weights = dict.fromkeys(Verdict, Decimal(0))
        for item in frozen.checklist.items:
            if item.group == group.key and item.key in answers:
                weights[answers[item.key].verdict] += item.weight
        judged = sum(weights.values()) - weights[Verdict.NOT_APPLICABLE]
        if judged:
            rate = frozen.rates.rate(passed=weights[Verdict.MET], basic=weights[Verdict.PARTLY], judged=judged)
            results.append(GroupResult(key=group.key, rate=rate))
    rates = tuple(result.rate for result in results if result.rate is not None)
    return Outcome(
        conclusion=frozen.rates.conclusion(rates) if rates else "fail", groups=tuple(results), unanswered=unanswered
    )


def _routine(
    shown: tuple[ChecklistItem, ...], answers: Mapping[str, ItemAnswer], unanswered: tuple[str, ...]
) -> Outcome:
    """A supervisory inspection passes without a shortfall; one that is not minor fails it."""
    judged = [(item, answers[item.key]) for item in shown if item.key in answers]
    grave = any(answer.verdict is Verdict.NOT_MET and item.severity != "minor" for item, answer in judged)
    short = any(answer.short for _item, answer in judged)
    return Outcome(conclusion="fail" if grave else "basic" if short else "pass", unanswered=unanswered)


def answers_out(answers: Mapping[str, ItemAnswer]) -> dict[str, Any]:
    """Answers as JSON, to keep in a row."""
    return {
        key: {
            "verdict": str(answer.verdict),
            "deductions": deductions_out(answer.deductions),
            "note": answer.note.strip(),
        }
        for key, answer in answers.items()
    }


def answers_in(kept: Mapping[str, Any]) -> dict[str, ItemAnswer]:
    """Answers back from a row."""
    return {
        key: ItemAnswer(verdict=Verdict(one["verdict"]), deductions=deductions_in(one["deductions"]), note=one["note"])
        for key, one in kept.items()
    }


def deductions_out(deductions: Iterable[Deduction]) -> list[dict[str, str]]:
    """Deductions as JSON, to keep in a row."""
    return [{"points": str(each.points), "reason": each.reason.strip()} for each in deductions]


def deductions_in(kept: Iterable[Mapping[str, str]]) -> tuple[Deduction, ...]:
    """Deductions back from a row."""
    return tuple(Deduction(Decimal(each["points"]), each["reason"]) for each in kept)
