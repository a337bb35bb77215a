"""What of a judged list fell short, and how grave that is. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from portal.inspection.rules.judging import FrozenList, judge, shown_items
from portal.inspection.states import Severity, Verdict
from portal.inspection.values import ItemAnswer
from portal.regulation.schema.checklist import ChecklistItem
from portal.regulation.schema.keys import RuleKey

CURE_WITHIN: Mapping[Severity, RuleKey] = {
    Severity.MINOR: RuleKey.FINDING_CURE_MINOR_WITHIN,
    Severity.MAJOR: RuleKey.FINDING_CURE_MAJOR_WITHIN,
    Severity.CRITICAL: RuleKey.FINDING_CURE_CRITICAL_WITHIN,
}


@dataclass(frozen=True, kw_only=True)
class Shortfall:
    """An item that fell short, with what was said of it and how grave the list takes it to be."""

    item: ChecklistItem
    answer: ItemAnswer
    severity: Severity


def shortfalls(frozen: FrozenList, answers: Mapping[str, ItemAnswer]) -> Iterator[Shortfall]:
    """Every judged item that is not met in full, in the order of the list."""
    reached = judge(frozen, answers).items
    for item in shown_items(frozen.checklist, answers):
        answer = answers.get(item.key)
        if answer is None:
            continue
        lost = (item.points or Decimal(0)) - reached.get(item.key, item.points or Decimal(0))
        if answer.short:
            yield Shortfall(item=item, answer=answer, severity=severity_of(item, answer, lost=lost))


def severity_of(item: ChecklistItem, answer: ItemAnswer, *, lost: Decimal) -> Severity:
    """As the list says; else what is not met, or lost all its points, is major and the rest minor."""
    if item.severity is not None:
        return Severity(item.severity)
    whole = answer.verdict is Verdict.NOT_MET or (item.points is not None and lost >= item.points)
    return Severity.MAJOR if whole else Severity.MINOR
