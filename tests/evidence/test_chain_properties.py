"""Every chain of every profile, under every order of acts Hypothesis can think of: nobody needed is ever missing.

Pure: the rules and tables that the operations ask, without a database. People hold posts, lend them, ask, sign, return,
take back, withdraw and carry out in any order; what is not allowed is refused and changes nothing.
"""

from itertools import product
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from portal.accounts.values import ActingPost, Post
from portal.core.errors import IllegalTransition
from portal.evidence.operations.deciding import AFTER_RUN
from portal.evidence.states import RequestAction, RequestStatus, next_status
from portal.regulation.loader import rulebook
from portal.regulation.schema import ApprovalChain, ApprovalStep
from portal.regulation.schema.vocabulary import Regime
from portal.workflow import states
from portal.workflow.rules import approvers_of, barriers, current_step, live_decisions, may_decide, outcome
from portal.workflow.states import PASSING, RunStatus, Verdict
from portal.workflow.values import Barrier, DecisionFact

CHAINS = [chain for profile in rulebook().by_key.values() for chain in profile.chains]
PEOPLE = [UUID(int=number) for number in range(1, 7)]
AFTERWARDS = [
    RequestAction.ASSIGN,
    RequestAction.UNLOCK,
    RequestAction.CONCLUDE_VIEWING,
    RequestAction.SEAL,
    RequestAction.HAND_OVER,
    RequestAction.CANNOT_SUPPLY,
]
APPROVED = {
    RequestStatus.APPROVED,
    RequestStatus.ASSIGNED,
    RequestStatus.EXECUTING,
    RequestStatus.VIEWED,
    RequestStatus.SEALED,
    RequestStatus.HANDED_OVER,
    RequestStatus.NOT_SUPPLIED,
}


def cases(chain: ApprovalChain) -> list[dict[str, str]]:
    """Every combination of facts the chain or its steps ask about, within its own conditions."""
    book = rulebook()
    known = {fact.key: tuple(term.key for term in fact.values) for fact in book.vocabulary.fact}
    known |= {"regime": tuple(one.value for one in Regime)}
    asked = sorted(set(chain.applies_when).union(*(step.applies_when for step in chain.steps)) & known.keys())
    choices = [chain.applies_when.get(fact, known[fact]) for fact in asked]
    return [dict(zip(asked, values, strict=True)) for values in product(*choices)]


class Walk(RuleBasedStateMachine):
    """One request on its way; `holders` says who holds what each step asks for, `lent` who fills a post for whom."""

    chain: ApprovalChain
    facts: dict[str, str]

    @initialize(data=st.data())
    def begin(self, data: st.DataObject) -> None:
        """A chain, a case, a requester with somebody beside them, holders and appointments."""
        # The longer a chain, the more there is to go wrong: every chain as often as it has steps.
        self.chain = data.draw(st.sampled_from([chain for chain in CHAINS for _step in chain.steps]))
        self.facts = data.draw(st.sampled_from(cases(self.chain)))
        people = st.sampled_from(PEOPLE)
        self.barred = frozenset({PEOPLE[0]})
        needed = self.chain.steps_for(self.facts)
        # Whoever holds every post and has lent them all is whom a second voice would be borrowed from.
        everywhere, deputy = data.draw(st.permutations(PEOPLE[1:]))[:2]
        shared = {everywhere} if data.draw(st.booleans()) else set()
        self.holders = {step.key: data.draw(st.sets(people, min_size=1, max_size=2)) | shared for step in needed}
        self.lent = {(step.key, deputy): _lent(everywhere, by=PEOPLE[5]) for step in needed if shared}
        self.status = RequestStatus.IN_APPROVAL
        self.run: list[DecisionFact] = []
        self.behind: frozenset[UUID] = frozenset()

    @rule(step=st.integers(0, 6), to=st.sampled_from(PEOPLE), by=st.sampled_from(PEOPLE), which=st.integers(0, 2))
    def lend(self, step: int, to: UUID, by: UUID, which: int) -> None:
        """Somebody appoints a stand-in for a holder of a step's post."""
        steps = self.chain.steps_for(self.facts)
        wanted = steps[step % len(steps)]
        holders = sorted(self.holders[wanted.key])
        holder = holders[which % len(holders)]
        if to not in {holder, by}:
            self.lent[wanted.key, to] = _lent(holder, by=by)

    @rule(who=st.sampled_from(PEOPLE), to=st.integers(0, 9))
    def revoke(self, who: UUID, to: int) -> None:
        """An appointment ends."""
        steps = self.chain.steps_for(self.facts)
        self.lent.pop((steps[to % len(steps)].key, who), None)

    @rule(
        whose=st.lists(st.integers(0, 20), min_size=1, max_size=8),
        stops=st.sampled_from([None] * 5 + [Verdict.RETURN, Verdict.REFUSE]),
    )
    def decide(self, whose: list[int], stops: Verdict | None) -> None:
        """One after the other gives a verdict; the last of them perhaps stops it all."""
        for one in whose[:-1]:
            self.say(one, None)
        self.say(whose[-1], stops)

    def say(self, whose: int, stops: Verdict | None) -> None:
        """A verdict at whatever step waits, as `decide_request` takes it; by its people more often than by others."""
        step = current_step(self.chain, self.facts, self.run)
        if self.status is not RequestStatus.IN_APPROVAL or step is None:
            return
        stand_ins = [to for key, to in self.lent if key == step.key]
        likely = [*sorted(self.holders[step.key]), *stand_ins, *stand_ins, *PEOPLE]
        who = likely[whose % len(likely)]
        passing = Verdict.APPROVE if "approve" in step.verdicts else Verdict.ACKNOWLEDGE
        verdict = stops or passing
        own = who in self.holders[step.key]
        acting = None if own else self.lent.get((step.key, who))
        allowed = may_decide(
            self.chain,
            self.facts,
            self.run,
            person_id=who,
            barred=self.barred,
            holds=lambda _step: own or acting is not None,
            verdict=verdict,
            acting=acting,
        )
        if not allowed:
            return
        self.run.append(DecisionFact(step.key, who, verdict, acting.holder_id if acting else None))
        self.behind |= acting.behind if acting else frozenset()
        end = outcome(self.chain, self.facts, self.run)
        if end is not None:
            self.move(AFTER_RUN[states.next_status(RunStatus.RUNNING, end)])

    @rule()
    def submit(self) -> None:
        """Submitted, or submitted again: a new run, in which nothing of an earlier one counts."""
        if self.move(RequestAction.SUBMIT):
            self.run, self.behind = [], frozenset()

    @precondition(lambda self: self.status not in {RequestStatus.IN_APPROVAL, RequestStatus.RETURNED})
    @rule()
    def ask_another(self) -> None:
        """The same people with the same posts, lent and own, before the next request."""
        self.status, self.run, self.behind = RequestStatus.IN_APPROVAL, [], frozenset()

    @rule(action=st.sampled_from([RequestAction.RECALL, RequestAction.LAPSE]))
    def stop(self, action: RequestAction) -> None:
        """Taken back to be changed, or not decided in time."""
        self.move(action)

    @rule(action=st.sampled_from(AFTERWARDS))
    def carry_out(self, action: RequestAction) -> None:
        """Whatever follows an approval, tried at any moment."""
        self.move(action)

    def move(self, action: RequestAction) -> bool:
        """Take the action where the table has it."""
        try:
            self.status = next_status(self.status, action)
        except IllegalTransition:
            return False
        return True

    @invariant()
    def nothing_before_a_return_counts(self) -> None:
        """Sent back: whoever signed before has signed nothing, and the first needed step waits again."""
        if any(one.verdict is Verdict.RETURN for one in self.run):
            needed = self.chain.steps_for(self.facts)
            assert not any(approvers_of(step, self.run) for step in needed)
            assert current_step(self.chain, self.facts, self.run) == needed[0]
            assert self.status is not RequestStatus.IN_APPROVAL

    @invariant()
    def no_voice_counts_twice(self) -> None:
        """At no moment, be it alone or through a stand-in."""
        voices = [voice for one in live_decisions(self.run) if one.verdict in PASSING for voice in one.voices]
        assert len(voices) == len(set(voices))

    @invariant()
    def everybody_needed_has_signed(self) -> None:
        """From the approval on: every needed step, by its holder or their stand-in, each voice once, no requester's."""
        if self.status not in APPROVED:
            return
        voices: list[UUID] = []
        for step in self.chain.steps_for(self.facts):
            signed = [one for one in self.run if one.step_key == step.key and one.verdict in PASSING]
            assert len({one.person_id for one in signed}) >= step.approvals
            assert all((one.behalf_id or one.person_id) in self.holders[step.key] for one in signed)
            voices += [voice for one in signed for voice in one.voices]
        assert not (set(voices) | self.behind) & self.barred
        assert all(one.verdict in PASSING for one in self.run)


# No deadline: on a loaded machine the clock says nothing about the property.
Walk.TestCase.settings = settings(
    max_examples=60, stateful_step_count=20, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
TestEveryOrderOfActs = Walk.TestCase


@pytest.mark.parametrize("chain", CHAINS, ids=lambda chain: chain.key)
def test_every_chain_can_be_walked_and_skips_nobody(chain: ApprovalChain) -> None:
    """In every case: exactly the needed steps, in order, each by its own person; one missing, and it is not cleared."""
    assert chain.requester_excluded
    assert chain.distinct_people
    for facts in cases(chain):
        needed = chain.steps_for(facts)
        assert needed
        decisions: list[DecisionFact] = []
        for number, step in enumerate(needed):
            assert current_step(chain, facts, decisions) == step
            assert outcome(chain, facts, decisions) is None
            decisions += [_signature(step, number * 10 + more) for more in range(step.approvals)]
        assert current_step(chain, facts, decisions) is None
        for left_out in range(len(decisions)):
            rest = decisions[:left_out] + decisions[left_out + 1 :]
            assert current_step(chain, facts, rest) is not None


@pytest.mark.parametrize("chain", CHAINS, ids=lambda chain: chain.key)
def test_no_voice_is_heard_twice_through_a_stand_in(chain: ApprovalChain) -> None:
    """Whoever speaks at one step, alone or through a stand-in, speaks at no later one, alone or through another."""
    holder, other, deputy, second = PEOPLE[1:5]
    speakers = {"holder": (holder, None), "deputy": (deputy, holder), "second": (second, holder)}
    heard = [(first, later) for first in speakers for later in speakers] + [("deputy", "for another")]
    speakers["for another"] = (deputy, other)
    for facts in cases(chain):
        needed = chain.steps_for(facts)
        for at, step in enumerate(needed[1:], start=1):
            for first, later in heard:
                signed = [_signature(one, 100 + number) for number, one in enumerate(needed[:at])]
                signed[0] = DecisionFact(needed[0].key, speakers[first][0], signed[0].verdict, speakers[first][1])
                who, behalf = speakers[later]
                found = barriers(
                    chain, facts, signed, person_id=who, barred=frozenset(), holds=lambda _step: True,
                    acting=_lent(behalf, by=PEOPLE[5]) if behalf else None,
                )  # fmt: skip
                assert found == [Barrier.SIGNED_EARLIER_STEP], (step.key, first, later)


def _lent(holder: UUID, *, by: UUID) -> ActingPost:
    return ActingPost(
        delegation_id=UUID(int=99), post=Post.DEPARTMENT_HEAD, holder_id=holder, holder_name="", appointed_by=by
    )


def _signature(step: ApprovalStep, number: int) -> DecisionFact:
    verdict = Verdict.APPROVE if "approve" in step.verdicts else Verdict.ACKNOWLEDGE
    return DecisionFact(step.key, UUID(int=number + 1), verdict)
