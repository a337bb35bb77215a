"""The order of the steps (003 §4.4), and what may not be passed over in silence."""

from portal.core.errors import Problem
from portal.measures.values import MeasureDraft, MeasureKind

_STEPS = tuple(MeasureKind)


def next_kind(kind: MeasureKind) -> MeasureKind | None:
    """The step after this one; after the circular the law's own measures begin."""
    place = _STEPS.index(kind) + 1
    return _STEPS[place] if place < len(_STEPS) else None


def follows_on(kind: MeasureKind, previous: MeasureKind | None) -> bool:
    """Whether a step is the ladder's first, or comes right after the one it follows."""
    return kind is _STEPS[0] if previous is None else next_kind(previous) is kind


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
