"""What a request rests on: the chain it was given and the rules that held when it was submitted, with their articles."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from portal.evidence.models import FootageRequest
from portal.regulation import labels
from portal.regulation.loader import rulebook
from portal.regulation.schema import ApprovalChain, Citation
from portal.regulation.schema.values import Period, RuleType
from portal.regulation.schema.vocabulary import RuleKind
from portal.workflow.models import ApprovalRun


@dataclass(frozen=True, slots=True)
class BasisLine:
    """One rule as it read at submission; what it comes to is empty where the text of today knows the rule no more."""

    title: str
    value: str
    sources: Sequence[Citation]


@dataclass(frozen=True, slots=True)
class Basis:
    """Why this chain and no other, and what else bound the request."""

    chain: str
    source: Citation
    because: Sequence[str]
    rules: Sequence[BasisLine]


def basis_of(request: FootageRequest, run: ApprovalRun | None) -> Basis | None:
    """The frozen chain and rules of a submitted request; nothing before its submission."""
    if run is None:
        return None
    chain: ApprovalChain = run.frozen_chain
    return Basis(
        chain=labels.said(chain.title),
        source=chain.citation,
        because=labels.conditions(chain.applies_when),
        rules=[_line(held) for held in request.rules_used],
    )


def _line(held: dict[str, Any]) -> BasisLine:
    kind = rulebook().kinds.get(held["key"])
    sources = [
        Citation(instrument=key, article=article) for key, _, article in (s.partition(" ") for s in held["from"])
    ]
    if kind is None:
        return BasisLine(title=held["key"], value="", sources=sources)
    return BasisLine(title=labels.said(kind.text), value=_told(kind, held["value"]), sources=sources)


def _told(kind: RuleKind, frozen: Any) -> str:
    """A value as the row keeps it, in words."""
    if kind.type is RuleType.PERIOD:
        return labels.rule_value(kind, Period.model_validate(frozen))
    return labels.rule_value(kind, tuple(frozen) if isinstance(frozen, list) else frozen)
