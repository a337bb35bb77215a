"""The arithmetic of a checklist: scores with a floor, three rates, conclusion and grade. Pure.

Everything it counts with (points, bands, thresholds) comes frozen out of the regulation profiles.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from portal.core.errors import Problem
from portal.inspection.rules.applying import LIST_OF
from portal.inspection.states import AcceptanceKind, Verdict
from portal.inspection.values import GroupResult, ItemAnswer, Outcome
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
    chosen, scored = rules.checklists(LIST_OF[kind]), LIST_OF[kind] is ChecklistKind.SCORED
    if not chosen or (scored and bands is None):
        raise LookupError(f"no checklist governs {kind} here")
    checklist = chosen[0].model_copy(update={"items": rules.items(chosen[0])})
    profile = next(
        entry.profile.key for entry in rules.governing if any(c.key == checklist.key for c in entry.profile.checklists)
    )
    return FrozenList(profile, checklist, bands if scored else None, None if scored else rates)


def answer_problems(item: ChecklistItem, answer: ItemAnswer) -> list[Problem]:
    """What is wrong with one answer: a deduction out of bounds, or a shortfall nobody explained."""
    problems = []
    if item.points is not None and not 0 <= answer.deduction <= item.points:
        problems.append(Problem(f"{item.key}-deduction", "out_of_range", {"low": 0, "high": item.points}))
    failed = answer.verdict in {Verdict.NOT_MET, Verdict.PARTLY}
    if failed and item.points is not None and answer.deduction == 0:
        problems.append(Problem(f"{item.key}-deduction", "deduction_needed"))
    short = failed or answer.deduction > 0
    if short and not answer.note.strip():
        problems.append(Problem(f"{item.key}-note", "note_needed"))
    return problems


def judge(frozen: FrozenList, answers: Mapping[str, ItemAnswer]) -> Outcome:
    """The result of the answers given so far; `unanswered` names what is still open."""
    items = frozen.checklist.items
    unanswered = tuple(item.key for item in items if item.key not in answers)
    if frozen.checklist.kind is ChecklistKind.SCORED:
        return _scored(frozen, answers, unanswered)
    return _rated(frozen, answers, unanswered)


def _scored(frozen: FrozenList, answers: Mapping[str, ItemAnswer], unanswered: tuple[str, ...]) -> Outcome:
    reached: dict[str, Decimal] = {}
    groups: dict[str, list[Decimal]] = {group.key: [Decimal(0), Decimal(0)] for group in frozen.checklist.groups}
    for item in frozen.checklist.items:
        possible = item.points or Decimal(0)
        groups[item.group][1] += possible
        if item.key in answers:
            reached[item.key] = item.score((answers[item.key].deduction,))
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
        verdicts = [answers[i.key].verdict for i in frozen.checklist.items if i.group == group.key and i.key in answers]
        judged = [verdict for verdict in verdicts if verdict is not Verdict.NOT_APPLICABLE]
        if not judged:
            continue
        rate = frozen.rates.rate(
            passed=judged.count(Verdict.MET), basic=judged.count(Verdict.PARTLY), judged=len(judged)
        )
        results.append(GroupResult(key=group.key, rate=rate))
    rates = tuple(result.rate for result in results if result.rate is not None)
    return Outcome(
        conclusion=frozen.rates.conclusion(rates) if rates else "fail", groups=tuple(results), unanswered=unanswered
    )


def answers_out(answers: Mapping[str, ItemAnswer]) -> dict[str, Any]:
    """Answers as JSON, to keep in a row."""
    return {
        key: {"verdict": str(answer.verdict), "deduction": str(answer.deduction), "note": answer.note.strip()}
        for key, answer in answers.items()
    }


def answers_in(kept: Mapping[str, Any]) -> dict[str, ItemAnswer]:
    """Answers back from a row."""
    return {
        key: ItemAnswer(verdict=Verdict(one["verdict"]), deduction=Decimal(one["deduction"]), note=one["note"])
        for key, one in kept.items()
    }
