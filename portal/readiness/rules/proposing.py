"""Which items of a list the checks answer, and how the visit would end if everything else were in order. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from portal.core.clock import CITY_TZ
from portal.inspection.rules import FrozenList, judge
from portal.inspection.states import Verdict
from portal.inspection.values import Deduction, ItemAnswer
from portal.readiness.states import CheckKey, CheckVerdict
from portal.readiness.values import Check, Facts
from portal.registry.values.archive import Validity
from portal.regulation.loader import rulebook
from portal.regulation.schema.checklist import ChecklistItem

_HELD = frozenset({Validity.VALID, Validity.EXPIRING})


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """An answer the portal proposes for one item, with what it rests on; without a verdict it only says what is known."""

    item: str
    verdict: Verdict | None
    checks: tuple[CheckKey, ...] = ()
    missing: tuple[str, ...] = ()
    papers: tuple[str, ...] = ()
    note: str = ""

    def as_json(self) -> dict[str, Any]:
        """As it is kept in a report."""
        return {
            "verdict": str(self.verdict) if self.verdict else None,
            "checks": [str(key) for key in self.checks],
            "missing": list(self.missing),
            "papers": list(self.papers),
            "note": self.note,
        }


@dataclass(frozen=True, kw_only=True)
class Outlook:
    """How the visit would end with the proposals as they are and all other items met."""

    conclusion: str
    score: Decimal | None
    possible: Decimal | None
    failing: tuple[str, ...]
    filled: int
    items: int

    def as_json(self) -> dict[str, Any]:
        """As it is kept in a report."""
        return {
            "conclusion": self.conclusion,
            "score": None if self.score is None else str(self.score),
            "possible": None if self.possible is None else str(self.possible),
            "failing": list(self.failing),
            "filled": self.filled,
            "items": self.items,
        }


def proposals_of(frozen: FrozenList, checks: Sequence[Check], facts: Facts) -> tuple[Proposal, ...]:
    """A proposal for every item that names a check that was made, or a paper."""
    made = {check.key: check for check in checks}
    return tuple(proposal for item in frozen.checklist.items for proposal in _proposed(item, made, facts))


def _proposed(item: ChecklistItem, made: Mapping[CheckKey, Check], facts: Facts) -> Iterator[Proposal]:
    named = [made[CheckKey(key)] for key in item.checks if CheckKey(key) in made]
    missing = [paper for paper in item.papers if facts.papers.get(paper) not in _HELD]
    told = [check.verdict for check in named]
    told += [CheckVerdict.NOT_MET if paper in missing else CheckVerdict.MET for paper in item.papers]
    if not told:
        return
    verdict = None
    if CheckVerdict.NOT_MET in told:
        verdict = Verdict.NOT_MET
    elif all(each is CheckVerdict.MET for each in told):
        verdict = Verdict.MET
    yield Proposal(
        item=item.key,
        verdict=verdict,
        checks=tuple(check.key for check in named),
        missing=tuple(missing),
        papers=tuple(item.papers),
        note=_note(named, item, missing, facts),
    )


def _note(checks: Sequence[Check], item: ChecklistItem, missing: Sequence[str], facts: Facts) -> str:
    """What the record says when an inspector takes the proposal over: in Chinese, as every record is kept."""
    words = rulebook().vocabulary
    told = [
        words.text("readiness_check", check.key).zh
        + (f" {check.found}" if check.found else "")
        + (f"（应达 {check.wanted}）" if check.wanted else "")
        for check in checks
    ]
    there = [words.text("document", paper).zh for paper in item.papers if paper not in missing]
    lacking = [words.text("document", paper).zh for paper in missing]
    told += [f"已有{'、'.join(there)}"] if there else []
    told += [f"缺{'、'.join(lacking)}"] if lacking else []
    return f"平台预检（{facts.at.astimezone(CITY_TZ):%Y-%m-%d %H:%M}）：{'；'.join(told)}"


def filled_by(checks: Sequence[Check], proposals: Sequence[Proposal]) -> tuple[Check, ...]:
    """The checks, each with the items it answers."""
    return tuple(
        replace(
            check,
            fills=tuple(
                one.item
                for one in proposals
                if check.key in one.checks or (check.key is CheckKey.DOCUMENTS and one.papers)
            ),
        )
        for check in checks
    )


def outlook_of(frozen: FrozenList, proposals: Sequence[Proposal]) -> Outlook:
    """What the arithmetic of the list gives when what fails now still fails and all the rest is met."""
    failing = {one.item for one in proposals if one.verdict is Verdict.NOT_MET}
    answers = {item.key: _answer(item, failing) for item in frozen.checklist.items}
    outcome = judge(frozen, answers)
    return Outlook(
        conclusion=outcome.conclusion,
        score=outcome.score,
        possible=outcome.possible,
        failing=tuple(item.key for item in frozen.checklist.items if item.key in failing),
        filled=sum(one.verdict is not None for one in proposals),
        items=len(frozen.checklist.items),
    )


def _answer(item: ChecklistItem, failing: set[str]) -> ItemAnswer:
    if item.key not in failing:
        return ItemAnswer(verdict=Verdict.MET)
    deductions = (Deduction(item.points, item.key),) if item.points is not None else ()
    return ItemAnswer(verdict=Verdict.NOT_MET, deductions=deductions, note=item.key)
