"""Posts lent for some days: made, used, ended; and that no voice is heard twice through them."""

import threading
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from portal.accounts.models import Membership, PostDelegation
from portal.accounts.operations import Appointment, appoint_stand_in, revoke_stand_in
from portal.accounts.queries import identity_of
from portal.accounts.queries.delegations import acting_now, delegation_page, get_delegation, homes_with_posts
from portal.accounts.values import Home, Identity, OrganKind, Post, Role
from portal.audit.values import SubjectRef
from portal.core.clock import city_day
from portal.core.db import Database
from portal.core.errors import IllegalTransition, Invalid, NotAllowed, NotFound
from portal.core.ids import new_id
from portal.core.scope import EVERYTHING
from portal.desk.queries.delegations import delegations_held
from portal.workflow.models import ApprovalDecision, ApprovalRun
from portal.workflow.operations import AlreadyDecided, start_chain
from portal.workflow.queries import awaits, barriers_for, get_run
from portal.workflow.values import Barrier, Party
from tests.support.world import NOW
from tests.workflow.test_operations import CHAIN, School

TODAY = city_day(NOW)
HOUR = timedelta(hours=1)


class Staff(School):
    """The school with somebody who keeps delegations and somebody without a post."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.session = session
        self.keeper = self.world.person("keeper", Role.UNIT_SECURITY_HEAD, unit=self.unit)
        self.deputy = self.world.person("deputy", Role.UNIT_APPROVER, unit=self.unit, name="副职")

    def lend(
        self, holder: Identity, to: Identity, post: str, *, by: Identity | None = None, **more: Any
    ) -> PostDelegation:
        """A post lent from today for a week."""
        whole: dict[str, Any] = {
            "home": Home(unit_id=self.unit.id),
            "post": Post(post),
            "holder_id": holder.person_id,
            "delegate_id": to.person_id,
            "from_day": TODAY,
            "to_day": TODAY + timedelta(days=7),
            "reason": "外出学习",
        }
        wanted = Appointment(**{**whole, **more})
        return appoint_stand_in(self.session, actor=by or self.keeper, wanted=wanted, now=NOW)

    def who(self, login: str, **later: Any) -> Identity:
        """Somebody as the gate would know them at that moment."""
        return identity_of(self.session, self.world.accounts[login], now=NOW + timedelta(**later))

    def now_standing(self, *people: str) -> list[Identity]:
        """These people with what is lent to them now."""
        return [self.who(login) for login in people]


def put(session: Session, row: object) -> None:
    """Write a row past the operations."""
    session.add(row)
    session.flush()


@pytest.fixture
def staff(session: Session) -> Staff:
    return Staff(session)


def test_a_stand_in_decides_on_behalf_and_the_record_names_both(session: Session, staff: Staff) -> None:
    run = staff.start(session, act="view")
    assert barriers_for(run, staff.deputy) == [Barrier.NOT_HOLDER]
    row = staff.lend(staff.chief, staff.deputy, "public_order_section_chief")
    staff.say(session, run.id, staff.who("deputy"), "chief")
    (decision,) = run.decisions
    assert (decision.person_name, decision.behalf_name, decision.delegation_id) == ("副职", "chief", row.id)
    assert run.awaits_step == "leader"
    said = session.execute(
        text("select changes::text from audit_stage where tag = 'workflow:run:approve'")
    ).scalar_one()
    assert "on_behalf_of" in said
    made = session.execute(text("select reason from audit_stage where tag = 'accounts:delegation:make'")).scalar_one()
    assert made == "外出学习"


@pytest.mark.parametrize(
    ("days", "acts"), [(-1, False), (0, True), (7, True), (8, False)], ids=["before", "first", "last", "after"]
)
def test_it_holds_from_its_first_day_to_its_last(session: Session, staff: Staff, days: int, acts: bool) -> None:
    staff.lend(staff.chief, staff.deputy, "public_order_section_chief")
    then = identity_of(session, staff.world.accounts["deputy"], now=NOW + timedelta(days=days))
    assert bool(then.acts_as("public_order_section_chief", unit_id=staff.unit.id)) is acts
    assert not then.acts_as("public_order_section_chief", unit_id=staff.other.id)
    assert not then.acts_as("school_leader_safety", unit_id=staff.unit.id)


def test_revoked_it_ends_at_once_and_so_it_does_with_the_holders_post(session: Session, staff: Staff) -> None:
    run = staff.start(session, act="view")
    row = staff.lend(staff.chief, staff.deputy, "public_order_section_chief")
    late = staff.who("deputy")
    assert barriers_for(run, late) == []
    with pytest.raises(Invalid):
        revoke_stand_in(session, actor=staff.keeper, delegation_id=row.id, reason=" ", now=NOW)
    with pytest.raises(NotAllowed):
        revoke_stand_in(session, actor=staff.leader, delegation_id=row.id, reason="不需要", now=NOW)
    revoke_stand_in(session, actor=staff.keeper, delegation_id=row.id, reason="提前返岗", now=NOW + HOUR)
    assert barriers_for(run, staff.who("deputy")) == [Barrier.NOT_HOLDER]
    # Somebody whose page was open since before is stopped by the database.
    with pytest.raises(DBAPIError, match="no appointment in force"), session.begin_nested():
        staff.say(session, run.id, late, "chief")
    with pytest.raises(IllegalTransition):
        revoke_stand_in(session, actor=staff.keeper, delegation_id=row.id, reason="再次", now=NOW + HOUR)
    again = staff.lend(staff.chief, staff.deputy, "public_order_section_chief")
    assert again.state(TODAY) == "running"
    session.execute(
        Membership.__table__.update()
        .where(Membership.person_id == staff.chief.person_id)
        .values(valid_to=TODAY - timedelta(days=1))
    )
    assert staff.who("deputy").acts_as("public_order_section_chief") == ()


def test_who_may_not_be_made_a_stand_in(session: Session, staff: Staff) -> None:
    chief = "public_order_section_chief"
    custodian = staff.world.person("custodian", Role.UNIT_CUSTODIAN, unit=staff.unit)
    faults: dict[str, tuple[Any, ...]] = {
        "delegation_to_oneself": (staff.chief, staff.chief, chief),
        "delegation_by_oneself": (staff.chief, staff.keeper, chief),
        "delegation_not_open": (staff.chief, staff.stranger, chief),
        "delegation_not_holder": (staff.leader, staff.deputy, chief),
    }
    for code, (holder, to, post) in faults.items():
        with pytest.raises(Invalid) as caught:
            staff.lend(holder, to, post)
        assert code in {problem.code for problem in caught.value.problems}, code
    with pytest.raises(Invalid) as caught:  # somebody of the unit who may not decide there
        staff.lend(staff.chief, custodian, chief)
    assert [problem.code for problem in caught.value.problems] == ["delegation_not_open"]
    periods = {
        "delegation_backward": {"to_day": TODAY - timedelta(days=1)},
        "delegation_past": {"from_day": TODAY - timedelta(days=1)},
        "required": {"reason": " "},
    }
    for code, change in periods.items():
        with pytest.raises(Invalid) as caught:
            staff.lend(staff.chief, staff.deputy, chief, **change)
        assert [problem.code for problem in caught.value.problems] == [code]
    staff.lend(staff.chief, staff.deputy, chief)
    with pytest.raises(Invalid) as caught:
        staff.lend(
            staff.chief, staff.director, chief, from_day=TODAY + timedelta(days=7), to_day=TODAY + timedelta(days=9)
        )
    assert caught.value.problems[0].data == {"name": "副职"}
    for stranger in (staff.leader, staff.stranger):
        with pytest.raises((NotAllowed, NotFound)):
            staff.lend(staff.leader, staff.deputy, "school_leader_safety", by=stranger)


def test_a_stand_in_of_two_posts_does_not_take_both_steps(session: Session, staff: Staff) -> None:
    staff.lend(staff.chief, staff.deputy, "public_order_section_chief")
    staff.lend(staff.leader, staff.deputy, "school_leader_safety")
    run = staff.start(session, act="view")
    deputy = staff.who("deputy")
    staff.say(session, run.id, deputy, "chief")
    assert barriers_for(run, deputy) == [Barrier.SIGNED_EARLIER_STEP]
    with pytest.raises(NotAllowed):
        staff.say(session, run.id, deputy, "leader")


def test_nobody_speaks_twice_by_way_of_a_stand_in(session: Session, staff: Staff) -> None:
    """Somebody with two posts signs the one and lends the other; or lends the one and signs the other."""
    staff.lend(staff.both, staff.deputy, "school_leader_safety")
    run = staff.start(session, act="view")
    staff.say(session, run.id, staff.both, "chief")
    deputy = staff.who("deputy")
    assert barriers_for(run, deputy) == [Barrier.SIGNED_EARLIER_STEP]
    acting = deputy.acts_as("school_leader_safety")[0]
    second = {"seq": 2, "step_key": "leader", "slot": 1, "post": "school_leader_safety", "verdict": "approve"}
    forged = ApprovalDecision(
        run_id=run.id, requester_id=run.requester_id, distinct_people=True, decided_at=NOW, **second,
        person_id=deputy.person_id, person_name="副职", delegation_id=acting.delegation_id, behalf_id=acting.holder_id,
    )  # fmt: skip
    with pytest.raises(IntegrityError, match="heard before"), session.begin_nested():
        put(session, forged)
    staff.say(session, run.id, staff.leader, "leader")

    staff.lend(staff.both, staff.deputy, "public_order_section_chief")
    other = _asked_by(session, staff, staff.asker)
    staff.say(session, other.id, staff.who("deputy"), "chief")
    assert barriers_for(other, staff.who("both")) == [Barrier.SIGNED_EARLIER_STEP]


def test_nobody_stands_in_for_a_requester_nor_for_whom_a_requester_chose(session: Session, staff: Staff) -> None:
    staff.lend(staff.chief, staff.deputy, "public_order_section_chief")
    for asker in (staff.chief, staff.keeper):
        run = _asked_by(session, staff, asker)
        assert barriers_for(run, staff.who("deputy")) == [Barrier.REQUESTER_BEHIND]
        with pytest.raises(NotAllowed) as refused:
            staff.say(session, run.id, staff.who("deputy"), "chief")
        assert refused.value.data["barriers"] == ["requester_behind"]
        assert barriers_for(run, staff.both) == []
    run = _asked_by(session, staff, staff.deputy)
    assert barriers_for(run, staff.who("deputy")) == [Barrier.REQUESTER]


def test_the_queue_and_the_rule_agree_about_stand_ins(session: Session, staff: Staff) -> None:
    staff.lend(staff.chief, staff.deputy, "public_order_section_chief")
    staff.lend(staff.leader, staff.deputy, "school_leader_safety")
    staff.lend(staff.both, staff.director, "school_leader_safety")
    logins = ("asker", "chief", "director", "leader", "both", "stranger", "keeper", "deputy")
    people = staff.now_standing(*logins)
    own = [staff.start(session, act="view"), *(_asked_by(session, staff, who) for who in (staff.chief, staff.keeper))]
    acts = [None, (own[0], staff.who("deputy"), "chief"), (own[1], staff.both, "chief")]
    for act in acts:
        if act is not None:
            run, who, step = act
            staff.say(session, run.id, who, step)
        session.flush()
        for run in own:
            for who in people:
                listed = session.scalars(select(ApprovalRun.id).where(awaits(who))).all()
                assert (run.id in listed) == (barriers_for(get_run(session, run.id), who) == []), (who.name, act)


def test_everybody_sees_those_of_their_own_unit(session: Session, staff: Staff) -> None:
    row = staff.lend(staff.chief, staff.deputy, "public_order_section_chief")
    organ = staff.world.organ("市局", OrganKind.POLICE_CITY, citywide=True)
    admin = staff.world.person("secadmin", Role.SECURITY_ADMIN, organ=organ)
    head = staff.world.person("head", Role.CASE_HEAD, organ=organ, post="case_department_head")
    seen = {
        who.name: [one.id for one in delegation_page(session, who).items] == [row.id]
        for who in (staff.asker, staff.deputy, staff.stranger, admin, head)
    }
    assert seen == {"asker": True, "副职": True, "stranger": False, "secadmin": True, "head": False}
    with pytest.raises(NotFound):
        get_delegation(session, staff.stranger, row.id)
    homes = {
        who.name: {home.key for home, _ in homes_with_posts(session, who, today=TODAY)}
        for who in (staff.keeper, head, admin)
    }
    assert homes == {
        "keeper": {staff.unit.id},
        "head": {organ.id},
        "secadmin": {staff.unit.id, staff.other.id, organ.id},
    }
    # The desk of the stand-in says so until the last day, and nobody else's does.
    (line,) = delegations_held(session, staff.deputy, today=TODAY, most=9)
    assert (line.kind, line.text, line.due) == ("acting", "chief", TODAY + timedelta(days=7))
    assert delegations_held(session, staff.chief, today=TODAY, most=9) == []
    assert acting_now(session, row.delegate_id, today=TODAY + timedelta(days=8)) == []


def test_holder_and_stand_in_at_once_one_of_them_speaks(own_database: Database) -> None:
    """The second waits for the first's word, reads it, and is told; whoever it is, the post has spoken once."""
    with own_database.transaction() as session:
        staff = Staff(session)
        staff.lend(staff.chief, staff.deputy, "public_order_section_chief")
        people = {"holder": staff.chief, "stand-in": staff.who("deputy")}
        runs = [_asked_by(session, staff, staff.asker).id for _ in people]
    for run_id, first in zip(runs, people, strict=True):
        spoken, told = threading.Event(), {}

        def second(run_id: UUID, first: str, spoken: threading.Event, told: dict[str, str]) -> None:
            (name,) = people.keys() - {first}
            with own_database.session(EVERYTHING) as mine:
                spoken.wait(10)
                try:
                    staff.say(mine, run_id, people[name], "chief")
                    told[name] = "decided"
                except AlreadyDecided:
                    told[name] = "late"

        other = threading.Thread(target=second, args=(run_id, first, spoken, told))
        other.start()
        with own_database.session(EVERYTHING) as mine:
            staff.say(mine, run_id, people[first], "chief")
            spoken.set()
            other.join(0.3)
            assert other.is_alive(), "the second did not wait for the first"
            mine.commit()
        other.join(20)
        assert list(told.values()) == ["late"]
        with own_database.transaction() as session:
            run = get_run(session, run_id)
            assert [one.person_id for one in run.decisions] == [people[first].person_id]
            assert run.awaits_step == "leader"


def _asked_by(session: Session, staff: Staff, asker: Identity) -> ApprovalRun:
    """A run of its own about something that somebody else asks for."""
    assert asker.person_id is not None
    return start_chain(
        session,
        actor=asker,
        subject=SubjectRef("test_subject", new_id(), "T-3"),
        chain=CHAIN,
        facts={"act": "view"},
        party=Party(requester_id=asker.person_id, unit_id=staff.unit.id, requester_organ_id=None),
        now=NOW,
    )
