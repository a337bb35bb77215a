"""How a chain is walked. Pure: the same chain, facts and decisions always give the same answer.

Steps are walked strictly in order. A step that the facts make unnecessary is skipped but still shown ("not required").
A return voids every approval before it; a refusal ends the run. No person counts twice at one step, and in a chain of
distinct people no person counts at two steps.
"""

import json
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from portal.accounts.values import ActingPost
from portal.core.digest import sha256_hex
from portal.regulation.schema import ApprovalChain, ApprovalStep, Facts
from portal.workflow.states import PASSING, RunAction, Verdict
from portal.workflow.values import Barrier, DecisionFact, StepState


def live_decisions(decisions: Sequence[DecisionFact]) -> list[DecisionFact]:
    """What still counts: a return voids all approvals given before it, and itself approves nothing."""
    live: list[DecisionFact] = []
    for decision in decisions:
        if decision.verdict is Verdict.RETURN:
            live = []
        else:
            live.append(decision)
    return live


def approvers_of(step: ApprovalStep, decisions: Sequence[DecisionFact]) -> frozenset[UUID]:
    """The different people whose approval of this step still counts."""
    return frozenset(
        decision.person_id
        for decision in live_decisions(decisions)
        if decision.step_key == step.key and decision.verdict in PASSING
    )


def step_is_met(step: ApprovalStep, decisions: Sequence[DecisionFact]) -> bool:
    """Whether enough different people have approved the step since the last return."""
    return len(approvers_of(step, decisions)) >= step.approvals


def is_refused(decisions: Sequence[DecisionFact]) -> bool:
    """Whether somebody has refused: nothing after that counts."""
    return any(decision.verdict is Verdict.REFUSE for decision in decisions)


def current_step(chain: ApprovalChain, facts: Facts, decisions: Sequence[DecisionFact]) -> ApprovalStep | None:
    """The step that waits for somebody, or None when the run is refused or every step is met."""
    if is_refused(decisions):
        return None
    return next((step for step in chain.steps_for(facts) if not step_is_met(step, decisions)), None)


def is_cleared(chain: ApprovalChain, facts: Facts, decisions: Sequence[DecisionFact]) -> bool:
    """Whether everybody needed has agreed."""
    return not is_refused(decisions) and current_step(chain, facts, decisions) is None


def outcome(chain: ApprovalChain, facts: Facts, decisions: Sequence[DecisionFact]) -> RunAction | None:
    """What the newest decision does to the run, or None when the run goes on."""
    if not decisions:
        return RunAction.CLEAR if is_cleared(chain, facts, decisions) else None
    match decisions[-1].verdict:
        case Verdict.REFUSE:
            return RunAction.REFUSE
        case Verdict.RETURN:
            return RunAction.RETURN
        case _:
            return RunAction.CLEAR if is_cleared(chain, facts, decisions) else None


def barriers(
    chain: ApprovalChain,
    facts: Facts,
    decisions: Sequence[DecisionFact],
    *,
    person_id: UUID,
    barred: frozenset[UUID],
    holds: Callable[[ApprovalStep], bool],
    verdict: Verdict | None = None,
    acting: ActingPost | None = None,
) -> list[Barrier]:
    """Every reason why this person may not decide now; empty when they may.

    `holds` answers whether the person has the step's permission and post at the unit or organ the run is bound to;
    `acting` is the appointment by which they hold the post for somebody else. Then two voices speak at once: neither
    may have spoken before, and neither the holder nor whoever chose the stand-in may be among the requesters.
    """
    step = current_step(chain, facts, decisions)
    if step is None:
        return [Barrier.ENDED]
    found = []
    if person_id in barred:
        found.append(Barrier.REQUESTER)
    elif acting is not None and acting.behind & barred:
        found.append(Barrier.REQUESTER_BEHIND)
    voices = frozenset({person_id} | ({acting.holder_id} if acting else set()))
    if voices & _voices(decisions, step):
        found.append(Barrier.SIGNED_THIS_STEP)
    elif chain.distinct_people and voices & _voices(decisions):
        found.append(Barrier.SIGNED_EARLIER_STEP)
    if not holds(step):
        found.append(Barrier.NOT_HOLDER)
    if verdict is not None and verdict not in step.verdicts:
        found.append(Barrier.VERDICT_NOT_OFFERED)
    return found


def may_decide(
    chain: ApprovalChain,
    facts: Facts,
    decisions: Sequence[DecisionFact],
    *,
    person_id: UUID,
    barred: frozenset[UUID],
    holds: Callable[[ApprovalStep], bool],
    verdict: Verdict | None = None,
    acting: ActingPost | None = None,
) -> bool:
    """Whether nothing stands in this person's way; `barriers` says what does."""
    found = barriers(
        chain, facts, decisions, person_id=person_id, barred=barred, holds=holds, verdict=verdict, acting=acting
    )
    return not found


def step_states(
    chain: ApprovalChain, facts: Facts, decisions: Sequence[DecisionFact], *, running: bool
) -> dict[str, StepState]:
    """How each step of the chain stands, for the page and the printed form."""
    current = current_step(chain, facts, decisions)
    states = {}
    for step in chain.steps:
        if not step.applies(facts):
            states[step.key] = StepState.NOT_REQUIRED
        elif step_is_met(step, decisions):
            states[step.key] = StepState.MET
        elif any(d.step_key == step.key and d.verdict not in PASSING for d in decisions) and not running:
            states[step.key] = StepState.STOPPED
        elif running and current is not None and step.key == current.key:
            states[step.key] = StepState.CURRENT
        else:
            states[step.key] = StepState.WAITING
    return states


def step_due(step: ApprovalStep, *, since: datetime) -> datetime | None:
    """When a step that became current at `since` lapses; None for a step without a limit."""
    return since + timedelta(days=step.lapse_days) if step.lapse_days else None


def chain_digest(chain: ApprovalChain) -> str:
    """SHA-256 of the chain's canonical text: two runs under one digest were asked for the same signatures."""
    text = json.dumps(chain.model_dump(mode="json"), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return sha256_hex(text.encode())


def _voices(decisions: Sequence[DecisionFact], step: ApprovalStep | None = None) -> frozenset[UUID]:
    """Everybody whose word still counts, at one step or at all, be it by a stand-in."""
    passed = [d for d in live_decisions(decisions) if d.verdict in PASSING]
    return frozenset(voice for d in passed if step is None or d.step_key == step.key for voice in d.voices)
