"""Runs in the database: order, distinct people, frozen chains, lapse, and two approvers at the same moment."""

import threading
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from portal.accounts.values import Identity, Role, system_identity
from portal.audit.values import SubjectRef
from portal.core.db import Database
from portal.core.errors import IllegalTransition, Invalid, NotAllowed
from portal.core.ids import new_id
from portal.core.scope import EVERYTHING
from portal.workflow.models import ApprovalDecision, ApprovalRun
from portal.workflow.operations import AlreadyDecided, decide, lapse_overdue, start_chain, withdraw_run
from portal.workflow.queries import awaits, barriers_for, comment_of, get_run, runs_of, states_of
from portal.workflow.states import RunStatus, Verdict
from portal.workflow.values import Barrier, Party, StepState
from tests.support.world import NOW, World
from tests.workflow.chains import chain_of, step

CHAIN = chain_of(
    step("chief", post="public_order_section_chief", permission="evidence:request:decide"),
    step("director", post="security_director", permission="evidence:request:decide", applies_when={"act": ["copy"]}),
    step("leader", post="school_leader_safety", permission="evidence:request:decide", lapse_days=3),
)


class School:
    """A college with its three signatories, a requester, and somebody who holds two posts."""

    def __init__(self, session: Session) -> None:
        world = World(session)
        self.world = world
        self.unit = world.unit("安阳某学院")
        self.other = world.unit("另一学院")
        self.asker = world.person("asker", Role.UNIT_FILER, unit=self.unit)
        self.chief = world.person("chief", Role.UNIT_APPROVER, unit=self.unit, post="public_order_section_chief")
        self.director = world.person("director", Role.UNIT_SECURITY_HEAD, unit=self.unit, post="security_director")
        self.leader = world.person("leader", Role.UNIT_APPROVER, unit=self.unit, post="school_leader_safety")
        world.person("both", Role.UNIT_APPROVER, unit=self.unit, post="public_order_section_chief")
        world.join(world.who("both").person_id, Role.UNIT_APPROVER, unit=self.unit, post="school_leader_safety")
        self.both = world.who("both")
        self.stranger = world.person("stranger", Role.UNIT_APPROVER, unit=self.other, post="public_order_section_chief")
        self.subject = SubjectRef("test_subject", new_id(), "T-1")

    def start(self, session: Session, *, act: str = "copy", asker: Identity | None = None, **more: Any) -> ApprovalRun:
        """A run of the school's chain."""
        who = asker or self.asker
        assert who.person_id is not None
        party = Party(requester_id=who.person_id, unit_id=self.unit.id, requester_organ_id=None)
        return start_chain(
            session, actor=who, subject=self.subject, chain=CHAIN, facts={"act": act}, party=party, now=NOW, **more
        )

    def say(self, session: Session, run_id: UUID, who: Identity, step_key: str, **more: Any) -> ApprovalRun:
        """A verdict, approval unless told otherwise."""
        given = {"verdict": Verdict.APPROVE, "comment": "", "now": NOW + timedelta(hours=1), **more}
        return decide(session, actor=who, run_id=run_id, step_key=step_key, subject=self.subject, **given)


@pytest.fixture
def school(session: Session) -> School:
    return School(session)


def test_a_run_is_cleared_by_every_needed_person_in_order(session: Session, school: School) -> None:
    run = school.start(session)
    assert run.awaits_post == "public_order_section_chief"
    school.say(session, run.id, school.chief, "chief")
    school.say(session, run.id, school.director, "director")
    assert run.awaits_step == "leader"
    school.say(session, run.id, school.leader, "leader", comment="同意")
    assert run.status == RunStatus.CLEARED
    assert [(d.step_key, d.person_name, d.post) for d in run.decisions] == [
        ("chief", "chief", "public_order_section_chief"),
        ("director", "director", "security_director"),
        ("leader", "leader", "school_leader_safety"),
    ]
    session.commit()


def test_a_step_the_facts_do_not_need_is_shown_as_not_required(session: Session, school: School) -> None:
    run = school.start(session, act="view")
    school.say(session, run.id, school.chief, "chief")
    assert run.awaits_step == "leader"
    assert states_of(run)["director"] is StepState.NOT_REQUIRED


@pytest.mark.requirement("APR-01")
def test_the_requester_cannot_approve_even_with_the_post(session: Session, school: School) -> None:
    run = school.start(session, asker=school.chief)
    assert barriers_for(run, school.chief) == [Barrier.REQUESTER]
    with pytest.raises(NotAllowed) as refused:
        school.say(session, run.id, school.chief, "chief")
    assert refused.value.data["barriers"] == ["requester"]


def test_the_database_itself_refuses_the_requester(session: Session, school: School) -> None:
    run = school.start(session)
    session.add(_decision(run, person_id=run.requester_id, person_name="asker"))
    with pytest.raises(IntegrityError, match="not_the_requester"):
        session.flush()


def test_one_person_with_two_posts_counts_once(session: Session, school: School) -> None:
    run = school.start(session, act="view")
    school.say(session, run.id, school.both, "chief")
    assert barriers_for(run, school.both) == [Barrier.SIGNED_EARLIER_STEP]
    with pytest.raises(NotAllowed):
        school.say(session, run.id, school.both, "leader")
    session.add(_decision(run, step_key="leader", person_id=school.both.person_id, person_name="both", seq=2))
    with pytest.raises(IntegrityError, match="uq_approval_decision_distinct"):
        session.flush()


def test_a_person_of_another_unit_does_not_hold_the_step(session: Session, school: School) -> None:
    run = school.start(session)
    with pytest.raises(NotAllowed) as refused:
        school.say(session, run.id, school.stranger, "chief")
    assert refused.value.data["barriers"] == ["not_holder"]


def test_a_return_ends_the_run_and_keeps_its_approvals_in_the_history(session: Session, school: School) -> None:
    run = school.start(session)
    school.say(session, run.id, school.chief, "chief")
    with pytest.raises(Invalid) as refused:
        school.say(session, run.id, school.director, "director", verdict=Verdict.RETURN, comment=" ")
    assert refused.value.problems[0].code == "workflow.reason_required"
    school.say(session, run.id, school.director, "director", verdict=Verdict.RETURN, comment="补充介绍信")
    assert run.status == RunStatus.RETURNED
    again = school.start(session)
    assert again.awaits_step == "chief"
    history = runs_of(session, subject_kind="test_subject", subject_id=school.subject.id)
    assert [len(one.decisions) for one in history] == [0, 2]


def test_a_refusal_is_final(session: Session, school: School) -> None:
    run = school.start(session)
    school.say(session, run.id, school.chief, "chief", verdict=Verdict.REFUSE, comment="与公共安全无关")
    assert run.status == RunStatus.REFUSED
    with pytest.raises(AlreadyDecided):
        school.say(session, run.id, school.director, "director")


def test_the_chain_is_frozen_into_the_run(session: Session, school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    run = school.start(session)
    before = run.chain_digest
    session.flush()
    session.expire_all()
    monkeypatch.setattr("tests.workflow.test_operations.CHAIN", chain_of(step("nobody_asks")))
    again = get_run(session, run.id)
    assert [s.key for s in again.frozen_chain.steps] == ["chief", "director", "leader"]
    school.say(session, run.id, school.chief, "chief")
    assert again.chain_digest == before
    assert again.awaits_step == "director"


def test_one_running_run_a_subject(session: Session, school: School) -> None:
    school.start(session)
    with pytest.raises(IntegrityError, match="uq_approval_run_running"):
        school.start(session)


def test_a_step_lapses_after_its_days(session: Session, school: School) -> None:
    run = school.start(session, act="view")
    school.say(session, run.id, school.chief, "chief")
    late = NOW + timedelta(days=3, hours=2)
    with pytest.raises(IllegalTransition):
        school.say(session, run.id, school.leader, "leader", now=late)
    clock = system_identity("workflow")
    assert [one.id for one in lapse_overdue(session, actor=clock, now=NOW + timedelta(days=1))] == []
    assert [one.id for one in lapse_overdue(session, actor=clock, now=late)] == [run.id]
    assert run.status == RunStatus.LAPSED
    session.commit()


def test_withdrawal(session: Session, school: School) -> None:
    run = school.start(session)
    withdraw_run(session, actor=school.asker, run_id=run.id, subject=school.subject, now=NOW)
    assert run.status == RunStatus.WITHDRAWN
    with pytest.raises(AlreadyDecided):
        school.say(session, run.id, school.chief, "chief")


def test_a_confidential_comment_is_sealed(session: Session, school: School) -> None:
    run = school.start(session, confidential=True)
    school.say(session, run.id, school.chief, "chief", comment="机密词")
    decision = run.decisions[0]
    assert decision.comment is None
    assert "机密词" not in (decision.comment_sealed or "")
    assert comment_of(session, decision) == "机密词"
    staged = session.execute(text("select * from audit_stage")).mappings().all()
    assert "机密词" not in str([dict(row) for row in staged])


def test_decisions_are_never_changed(session: Session, school: School) -> None:
    run = school.start(session)
    school.say(session, run.id, school.chief, "chief")
    session.flush()
    for statement in ("update approval_decision set comment = 'x'", "delete from approval_decision"):
        with pytest.raises(DBAPIError), session.begin_nested():
            session.execute(text(statement))


def test_the_queue_and_the_rule_agree(session: Session, school: School) -> None:
    run = school.start(session, act="view")
    people = [school.asker, school.chief, school.director, school.leader, school.both, school.stranger]
    for act in (None, (school.both, "chief"), (school.leader, "leader")):
        if act is not None:
            school.say(session, run.id, *act)
        session.flush()
        for who in people:
            listed = session.scalars(select(ApprovalRun.id).where(awaits(who))).all()
            assert (run.id in listed) == (barriers_for(run, who) == []), (who.name, act)


@pytest.mark.requirement("APR-04")
def test_two_approvers_at_once_exactly_one_wins(own_database: Database) -> None:
    with own_database.transaction() as session:
        school = School(session)
        run_id = school.start(session).id
    gate, results = threading.Barrier(2), []

    def approve(who: Identity) -> None:
        with own_database.session(EVERYTHING) as mine:
            gate.wait()
            try:
                school.say(mine, run_id, who, "chief")
                mine.commit()
                results.append("won")
            except AlreadyDecided:
                results.append("late")

    threads = [threading.Thread(target=approve, args=(who,)) for who in (school.chief, school.both)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(results) == ["late", "won"]
    with own_database.transaction() as session:
        assert len(get_run(session, run_id).decisions) == 1


def _decision(run: ApprovalRun, **columns: Any) -> ApprovalDecision:
    whole = {
        "run_id": run.id,
        "requester_id": run.requester_id,
        "seq": 1,
        "step_key": "chief",
        "slot": 1,
        "distinct_people": True,
        "verdict": "approve",
        "decided_at": NOW,
    }
    return ApprovalDecision(**{**whole, **columns})
