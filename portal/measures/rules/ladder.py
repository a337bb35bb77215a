"""The order of the steps (003 §4.4), and what may not be passed over in silence."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from portal.core.errors import Problem
from portal.measures.states import AWAITING_REPLY, BEING_MADE, STANDING, MeasureStatus
from portal.measures.values import MeasureDraft, MeasureKind

_STEPS = tuple(MeasureKind)


def next_kind(kind: MeasureKind) -> MeasureKind | None:
    """The step after this one; after the circular the law's own measures begin."""
    place = _STEPS.index(kind) + 1
    return _STEPS[place] if place < len(_STEPS) else None


def follows_on(kind: MeasureKind, previous: MeasureKind | None) -> bool:
    """Whether a step is the ladder's first, or comes right after the one it follows."""
    return kind is _STEPS[0] if previous is None else next_kind(previous) is kind


@dataclass(frozen=True, kw_only=True)
class Step:
    """A step that was taken for a finding, as it stands; `late`: the unit owes its reply past the day."""

    id: UUID
    kind: MeasureKind
    status: MeasureStatus
    late: bool


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """What comes next for a finding that is overdue: the ladder's first step, the one after `after`, or, past the
    circular, the law's own order to correct (`kind` is empty)."""

    kind: MeasureKind | None
    after: UUID | None = None


def step_for(taken: Iterable[Step]) -> Proposal | None:
    """The step that an overdue finding calls for, seen what was taken for it. Nothing while a step is being made out, or
    the unit still has time to answer one."""
    steps = list(taken)
    if any(step.status in BEING_MADE or (step.status in AWAITING_REPLY and not step.late) for step in steps):
        return None
    standing = [step for step in steps if step.status in STANDING]
    if not standing:
        return Proposal(kind=_STEPS[0])
    last = max(standing, key=lambda step: _STEPS.index(step.kind))
    return Proposal(kind=next_kind(last.kind), after=last.id)


def faults_of(draft: MeasureDraft, previous: MeasureKind | None) -> list[Problem]:
    """What a draft lacks, by field. A step that passes over another says why."""
    found = [Problem(name, "required") for name in ("facts", "demands") if not getattr(draft, name).strip()]
    if not follows_on(draft.kind, previous) and not draft.skip_reason.strip():
        found.append(Problem("skip_reason", "step_skipped"))
    if draft.kind is MeasureKind.INTERVIEW:
        found += [Problem("place", "required")] if not draft.place.strip() else []
        found += [Problem("meets_at", "required")] if draft.meets_at is None else []
    if draft.kind is MeasureKind.CIRCULAR and not [one for one in draft.recipients if one.strip()]:
        found.append(Problem("recipients", "required"))
    return found
