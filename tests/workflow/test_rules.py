"""The walk through a chain: small cases by name, then every order of acts by Hypothesis."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.core.errors import IllegalTransition
from portal.regulation.schema import ApprovalChain, ApprovalStep
from portal.workflow.rules import (
    approvers_of,
    barriers,
    current_step,
    is_cleared,
    live_decisions,
    may_decide,
    outcome,
    step_due,
    step_is_met,
    step_states,
)
from portal.workflow.states import PASSING, RunAction, RunStatus, Verdict, next_status
from portal.workflow.values import Barrier, DecisionFact, StepState
from tests.workflow.chains import chain_of, person, step

CHIEF, DIRECTOR, LEADER, ASKER, OTHER = (person(n) for n in range(1, 6))
HOLDERS = {"chief": {CHIEF}, "director": {DIRECTOR, CHIEF}, "leader": {LEADER, CHIEF, ASKER}}
SCHOOL = chain_of(
    step("chief"),
    step("director", applies_when={"act": ("copy",)}),
    step("leader"),
)
COPY, VIEW = {"act": "copy"}, {"act": "view"}


def holds_for(who: UUID) -> Callable[[ApprovalStep], bool]:
    return lambda wanted: who in HOLDERS[wanted.key]


def ok(step_key: str, who: UUID) -> DecisionFact:
    return DecisionFact(step_key, who, Verdict.APPROVE)


def test_steps_the_facts_do_not_call_for_are_skipped() -> None:
    assert [s.key for s in SCHOOL.steps_for(COPY)] == ["chief", "director", "leader"]
    assert [s.key for s in SCHOOL.steps_for(VIEW)] == ["chief", "leader"]


def test_the_walk_is_in_order() -> None:
    assert current_step(SCHOOL, COPY, []).key == "chief"
    assert current_step(SCHOOL, COPY, [ok("chief", CHIEF)]).key == "director"
    done = [ok("chief", CHIEF), ok("director", DIRECTOR), ok("leader", LEADER)]
    assert current_step(SCHOOL, COPY, done) is None
    assert is_cleared(SCHOOL, COPY, done)


def test_a_step_may_need_several_people() -> None:
    two = step("chief", approvals=2)
    assert not step_is_met(two, [ok("chief", CHIEF), ok("chief", CHIEF)])
    assert step_is_met(two, [ok("chief", CHIEF), ok("chief", OTHER)])


@pytest.mark.requirement("APR-01")
def test_the_requester_never_approves() -> None:
    found = barriers(
        SCHOOL, VIEW, [ok("chief", CHIEF)], person_id=ASKER, barred=frozenset({ASKER}), holds=holds_for(ASKER)
    )
    assert found == [Barrier.REQUESTER]


def test_nobody_counts_at_two_steps() -> None:
    found = barriers(SCHOOL, COPY, [ok("chief", CHIEF)], person_id=CHIEF, barred=frozenset(), holds=holds_for(CHIEF))
    assert found == [Barrier.SIGNED_EARLIER_STEP]


def test_nobody_counts_twice_at_one_step_even_where_people_may_repeat() -> None:
    chain = chain_of(step("chief", approvals=2), distinct_people=False)
    found = barriers(chain, {}, [ok("chief", CHIEF)], person_id=CHIEF, barred=frozenset(), holds=holds_for(CHIEF))
    assert found == [Barrier.SIGNED_THIS_STEP]


def test_a_person_without_the_post_is_told_so() -> None:
    assert barriers(SCHOOL, VIEW, [], person_id=OTHER, barred=frozenset(), holds=holds_for(OTHER)) == [
        Barrier.NOT_HOLDER
    ]


def test_a_verdict_the_step_does_not_offer() -> None:
    chain = chain_of(step("chief", verdicts=("approve",)))
    found = barriers(chain, {}, [], person_id=CHIEF, barred=frozenset(), holds=holds_for(CHIEF), verdict=Verdict.REFUSE)
    assert found == [Barrier.VERDICT_NOT_OFFERED]


def test_a_return_voids_what_was_approved_before() -> None:
    decisions = [ok("chief", CHIEF), DecisionFact("leader", LEADER, Verdict.RETURN)]
    assert live_decisions(decisions) == []
    assert current_step(SCHOOL, VIEW, decisions).key == "chief"
    assert outcome(SCHOOL, VIEW, decisions) is RunAction.RETURN


def test_a_refusal_ends_it() -> None:
    decisions = [ok("chief", CHIEF), DecisionFact("leader", LEADER, Verdict.REFUSE)]
    assert current_step(SCHOOL, VIEW, decisions) is None
    assert not is_cleared(SCHOOL, VIEW, decisions)
    assert outcome(SCHOOL, VIEW, decisions) is RunAction.REFUSE
    assert barriers(SCHOOL, VIEW, decisions, person_id=CHIEF, barred=frozenset(), holds=holds_for(CHIEF)) == [
        Barrier.ENDED
    ]


def test_every_step_is_shown_also_the_unneeded() -> None:
    states = step_states(SCHOOL, VIEW, [ok("chief", CHIEF)], running=True)
    assert states == {"chief": StepState.MET, "director": StepState.NOT_REQUIRED, "leader": StepState.CURRENT}


def test_the_step_that_stopped_a_run_is_shown_as_such() -> None:
    stopped = [ok("chief", CHIEF), DecisionFact("leader", LEADER, Verdict.REFUSE)]
    assert step_states(SCHOOL, VIEW, stopped, running=False)["leader"] is StepState.STOPPED


def test_a_step_lapses_after_its_days_or_never() -> None:
    since = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
    assert step_due(step("chief", lapse_days=3), since=since) == since + timedelta(days=3)
    assert step_due(step("chief", lapse_days=None), since=since) is None


def test_every_status_but_running_is_final() -> None:
    assert next_status(RunStatus.RUNNING, RunAction.CLEAR) is RunStatus.CLEARED
    for status in set(RunStatus) - {RunStatus.RUNNING}:
        for action in RunAction:
            with pytest.raises(IllegalTransition):
                next_status(status, action)


people = st.integers(1, 6).map(person)
verdicts = st.sampled_from(list(Verdict))


@st.composite
def chains(draw: st.DrawFn) -> ApprovalChain:
    count = draw(st.integers(1, 4))
    steps: list[ApprovalStep] = []
    for n in range(count):
        condition = draw(st.sampled_from([{}, {"act": ("copy",)}, {"act": ("view",)}, {"act": ("copy", "view")}]))
        steps.append(step(f"s{n}", approvals=draw(st.integers(1, 2)), applies_when=condition))
    return chain_of(*steps, distinct_people=draw(st.booleans()))


# On a loaded machine drawing a chain may take long; the property matters, not the clock.
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    chain=chains(),
    facts=st.sampled_from([COPY, VIEW]),
    acts=st.lists(st.tuples(people, verdicts), max_size=40),
    holders=st.dictionaries(st.sampled_from(["s0", "s1", "s2", "s3"]), st.sets(people), max_size=4),
    requester=people,
)
def test_no_order_of_acts_clears_a_run_without_every_needed_person(
    chain: ApprovalChain, facts: dict[str, str], acts: list, holders: dict, requester: UUID
) -> None:
    decisions: list[DecisionFact] = []
    barred = frozenset({requester})
    for who, verdict in acts:
        at = current_step(chain, facts, decisions)
        allowed = may_decide(
            chain,
            facts,
            decisions,
            person_id=who,
            barred=barred,
            holds=lambda wanted, who=who: who in holders.get(wanted.key, set()),
            verdict=verdict,
        )
        if not allowed:
            continue
        assert at is not None
        decisions.append(DecisionFact(at.key, who, verdict))
        if outcome(chain, facts, decisions) is not None and verdict is not Verdict.RETURN:
            break
    needed = chain.steps_for(facts)
    if not is_cleared(chain, facts, decisions):
        assert (
            not needed or any(not step_is_met(s, decisions) for s in needed) or decisions[-1].verdict is Verdict.REFUSE
        )
        return
    signatures: list[UUID] = []
    since_return = live_decisions(decisions)
    for wanted in needed:
        signed = approvers_of(wanted, decisions)
        assert len(signed) >= wanted.approvals
        assert signed <= holders.get(wanted.key, set())
        assert requester not in signed
        signatures.extend(signed)
    if chain.distinct_people:
        assert len(signatures) == len(set(signatures))
    assert all(d.verdict in PASSING for d in since_return)
