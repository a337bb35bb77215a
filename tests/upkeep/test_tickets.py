"""DPW-06, DPW-08, DPW-10: nothing is changed without a ticket, who asks does not decide, the highest post ends disputes."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.accounts.values import Identity, Role
from portal.core.errors import IllegalTransition, Invalid, NotAllowed, NotFound
from portal.desk.queries import todos
from portal.registry.models import Contractor, Engagement, EngagementTechnician, Qualification, Technician
from portal.upkeep.models import WorkTicket
from portal.upkeep.operations import tickets as acts
from portal.upkeep.queries import tickets as queries
from portal.upkeep.queries.places import highest_post
from portal.upkeep.queries.signers import signers_for
from portal.upkeep.values import TicketKind
from tests.evidence.city import HOUR, EvidenceCity
from tests.support import booked
from tests.support.booked import DAY, TODAY
from tests.support.world import NOW


@pytest.fixture
def city(session: Session) -> EvidenceCity:
    return EvidenceCity(session)


def do(city: EvidenceCity, act: Any, row: WorkTicket, who: Identity, **more: Any) -> Any:
    more.setdefault("now", NOW)
    return act(city.session, actor=who, ticket_id=row.id, seen_version=row.version, **more)


def technician(city: EvidenceCity, *, until: date, certificate_to: date | None = None) -> Technician:
    """A technician of a firm engaged at the college's system, the firm qualified until a day."""
    firm = Contractor(
        uscc=f"91410500MA{city.counter:08d}", name="河南安视智能科技有限公司", kinds=["maintenance"], created_at=NOW
    )
    city.session.add(firm)
    city.session.flush()
    place = {"unit_id": city.college.id, "district": city.college.district}
    work = Engagement(system_id=city.gate.system_id, contractor_id=firm.id, kind="maintenance", **place)
    person = Technician(
        contractor_id=firm.id, name="赵技师", id_number_sealed="x", id_number_masked="41**", id_number_index="i",
        certificate_to=certificate_to, **place,
    )  # fmt: skip
    certificate = Qualification(contractor_id=firm.id, kind="maintenance", number="AF-2024-118", valid_to=until)
    city.session.add_all([work, person, certificate])
    city.session.flush()
    city.session.add(EngagementTechnician(engagement_id=work.id, technician_id=person.id, role="maintainer", **place))
    city.session.flush()
    return person


@pytest.mark.requirement("DPW-06")
def test_a_parameter_is_changed_by_ticket_from_hand_to_hand(city: EvidenceCity) -> None:
    able = technician(city, until=TODAY + DAY)
    row = booked.ticket(city, camera_id=city.gate.id)
    with pytest.raises(IllegalTransition):
        do(city, acts.carry_out, row, city.custodian, signer="", note="先做了")
    assert "ticket_decide" in {one.kind for one in todos(city.session, city.security, today=TODAY)}
    do(city, acts.decide, row, city.security, approve=True, note="同意")
    with pytest.raises(IllegalTransition):
        do(city, acts.carry_out, row, city.custodian, signer="", note="早了", now=NOW - HOUR)
    for signer in ("", "technician:0", "赵技师"):
        with pytest.raises(Invalid) as refusal:
            do(city, acts.carry_out, row, city.custodian, signer=signer, note="已改")
        assert refusal.value.problems[0].code == "upkeep.signer_needed"
    do(city, acts.carry_out, row, city.custodian, signer=f"technician:{able.id}", note="已改并试录")
    assert (row.signer_name, row.signer_firm) == ("赵技师", "河南安视智能科技有限公司")
    assert "AF-2024-118" in row.signer_entitled
    do(city, acts.verify, row, city.leader, note="画面清晰")
    assert row.status == "verified"


@pytest.mark.requirement("DPW-06")
def test_nobody_signs_with_a_certificate_that_ran_out(city: EvidenceCity) -> None:
    technician(city, until=TODAY - DAY)
    row = booked.ticket(city, camera_id=city.gate.id, state="approved")
    assert signers_for(city.session, row, on=TODAY) == []
    assert len(signers_for(city.session, row, on=TODAY - DAY)) == 1
    with pytest.raises(IntegrityError, match="signed"), city.session.begin_nested():
        city.session.execute(text("update work_ticket set status = 'done', done_at = now()"))


@pytest.mark.requirement("DPW-06")
def test_nobody_signs_whose_own_certificate_ran_out(city: EvidenceCity) -> None:
    technician(city, until=TODAY + DAY, certificate_to=TODAY - DAY)
    assert signers_for(city.session, booked.ticket(city, camera_id=city.gate.id), on=TODAY) == []


@pytest.mark.requirement("DPW-06", "DPW-08")
def test_who_asks_does_not_decide_and_who_did_it_does_not_verify(city: EvidenceCity) -> None:
    own = acts.ask(
        city.session, actor=city.security, unit_id=city.college.id,
        draft=booked.ticket_draft(kind=TicketKind.SWITCH_OFF), now=NOW,
    )  # fmt: skip
    with pytest.raises(IllegalTransition, match="decides_own"):
        do(city, acts.decide, own, city.security, approve=True, note="")
    with pytest.raises(NotAllowed):
        do(city, acts.decide, own, city.custodian, approve=True, note="")
    with pytest.raises(NotFound):
        do(city, acts.decide, own, city.school_head, approve=True, note="")
    do(city, acts.decide, own, city.leader, approve=True, note="")
    do(city, acts.carry_out, own, city.security, signer="", note="已恢复供电")
    with pytest.raises(IllegalTransition, match="verifies_own"):
        do(city, acts.verify, own, city.security, note="好")
    for wrong in ("decided_by = asked_by", "verified_by = done_by"):
        with pytest.raises(IntegrityError), city.session.begin_nested():
            city.session.execute(text(f"update work_ticket set {wrong}"))
    do(city, acts.verify, own, city.leader, note="画面正常")


@pytest.mark.requirement("DPW-08")
def test_a_permission_that_is_not_restored_in_time_is_told(city: EvidenceCity) -> None:
    row = booked.ticket(city, kind=TicketKind.POWER, state="approved")
    later = NOW + 5 * HOUR
    wanted = queries.TicketFilter(changes=False, overdue=True)
    assert queries.late_tickets(city.session, city.auditor, wanted, now=NOW) == 0
    assert [one.id for one in queries.ticket_page(city.session, city.auditor, wanted, now=later).items] == [row.id]
    for who in (city.custodian, city.security):
        kinds = {one.kind for one in todos(city.session, who, today=TODAY, now=later)}
        assert "ticket_late" in kinds
        assert "ticket_late" not in {one.kind for one in todos(city.session, who, today=TODAY, now=NOW)}
    do(city, acts.carry_out, row, city.custodian, signer="", note="负载已撤除", now=later)
    assert queries.late_tickets(city.session, city.auditor, wanted, now=later) == 0
    assert "ticket_verify" in {one.kind for one in todos(city.session, city.leader, today=TODAY, now=later)}


@pytest.mark.requirement("DPW-08")
def test_a_ticket_is_asked_for_before_the_work(city: EvidenceCity) -> None:
    for changes, field in (
        ({"starts_at": NOW - 3 * HOUR, "ends_at": NOW - HOUR}, "ends_at"),
        ({"ends_at": NOW - timedelta(minutes=1)}, "ends_at"),
        ({"camera_id": city.yard.id}, "camera_id"),
        ({"reason": ""}, "reason"),
        ({"new_value": ""}, "new_value"),
    ):
        with pytest.raises(Invalid) as refusal:
            booked.ticket(city, **changes)
        assert refusal.value.problems[0].field == field
    with pytest.raises(NotFound):
        acts.ask(city.session, actor=city.school_head, unit_id=city.college.id, draft=booked.ticket_draft(), now=NOW)


@pytest.mark.requirement("DPW-06", "DPW-08")
def test_nobody_allows_what_was_to_be_done_in_hours_that_are_past(city: EvidenceCity) -> None:
    """At the decision and at the last word alike; both may still say no."""
    office = city.person("office", Role.UNIT_APPROVER, unit=city.college, post="unit_principal")
    later = NOW + 4 * HOUR
    for state, act, who, yes, no in (
        ("asked", acts.decide, city.security, {"approve": True}, {"approve": False}),
        ("disputed", acts.settle, office, {"overrule": True}, {"overrule": False}),
    ):
        row = booked.ticket(city, kind=TicketKind.SETTING, state=state)
        with pytest.raises(IllegalTransition, match="hours_over"):
            do(city, act, row, who, **yes, note="同意", now=later)
        do(city, act, row, who, **no, note="时段已过", now=later)
    in_time = booked.ticket(city)
    do(city, acts.decide, in_time, city.security, approve=True, note="", now=later - timedelta(seconds=1))


@pytest.mark.requirement("DPW-10")
def test_the_highest_post_ends_a_dispute_and_nobody_else(city: EvidenceCity) -> None:
    """Under the petroleum university's rules the head of the police office; elsewhere the unit's principal."""
    assert highest_post(city.college, on=TODAY) == "unit_principal"
    city.college.house_profiles = ["petroleum-university"]
    city.session.flush()
    assert highest_post(city.college, on=TODAY) == "police_office_head"
    principal = city.person("principal", Role.UNIT_APPROVER, unit=city.college, post="unit_principal")
    elsewhere = city.person("elsewhere", Role.UNIT_APPROVER, unit=city.school, post="police_office_head")
    office = city.person("office", Role.UNIT_APPROVER, unit=city.college, post="police_office_head")
    row = booked.ticket(city, kind=TicketKind.REWIRE, state="refused")
    with pytest.raises(IllegalTransition):
        do(city, acts.settle, row, office, overrule=True, note="先决定")
    with pytest.raises(NotAllowed):
        do(city, acts.take_higher, row, city.second, reason="我也不同意")
    do(city, acts.take_higher, row, city.custodian, reason="影响值守")
    assert "ticket_settle" in {one.kind for one in todos(city.session, office, today=TODAY)}
    assert "ticket_settle" not in {one.kind for one in todos(city.session, principal, today=TODAY)}
    for who in (city.security, city.leader, principal):
        with pytest.raises(NotAllowed):
            do(city, acts.settle, row, who, overrule=True, note="准许")
    with pytest.raises(NotFound):
        do(city, acts.settle, row, elsewhere, overrule=True, note="准许")
    do(city, acts.settle, row, office, overrule=False, note="维持")
    assert row.status == "settled"
    for act, who, more in (
        (acts.take_higher, city.custodian, {"reason": "再来"}),
        (acts.decide, city.leader, {"approve": True, "note": ""}),
        (acts.settle, office, {"overrule": True, "note": "改变主意"}),
    ):
        with pytest.raises(IllegalTransition):
            do(city, act, row, who, **more)


@pytest.mark.requirement("DPW-10")
def test_an_overruled_refusal_is_an_approval_but_not_ones_own(city: EvidenceCity) -> None:
    office = city.person("office", Role.UNIT_SECURITY_HEAD, unit=city.college, post="unit_principal")
    own = acts.ask(
        city.session, actor=office, unit_id=city.college.id, draft=booked.ticket_draft(kind=TicketKind.SETTING), now=NOW
    )
    do(city, acts.decide, own, city.security, approve=False, note="不必")
    do(city, acts.take_higher, own, office, reason="有必要")
    with pytest.raises(IllegalTransition, match="settles_own"):
        do(city, acts.settle, own, office, overrule=True, note="我说可以")
    row = booked.ticket(city, kind=TicketKind.REWIRE, state="disputed")
    do(city, acts.settle, row, office, overrule=True, note="准许")
    assert row.status == "approved"
    # The highest authority of the unit reads every book of it.
    assert queries.get_ticket(city.session, office, row.id).id == row.id


@pytest.mark.requirement("DPW-06")
def test_a_parameter_that_changed_without_a_ticket_is_found(city: EvidenceCity) -> None:
    def found() -> list[tuple[str, bool]]:
        seen = queries.untold_changes(city.session, city.security, now=NOW + DAY)
        return [(one.camera, one.probed) for one in seen]

    assert found() == []
    city.gate.name = "东门（改名）"  # no technical parameter
    city.session.flush()
    assert found() == []
    city.session.execute(text("select set_config('portal.now', '', true)"))
    city.gate.resolution, city.gate.retention_days = "1920x1080", 15
    city.session.flush()
    (one,) = queries.untold_changes(city.session, city.security, now=NOW + DAY)
    assert one.camera_id == city.gate.id
    assert {name: new for name, _old, new in one.parameters} == {"resolution": "1920x1080", "retention_days": "15"}
    assert queries.untold_changes(city.session, city.school_head, now=NOW + DAY) == []
    assert "untold_change" in {each.kind for each in todos(city.session, city.security, today=TODAY, now=NOW + DAY)}
    asked = booked.ticket(city, camera_id=city.gate.id)
    asked.starts_at, asked.ends_at = one.at - HOUR, one.at + HOUR
    city.session.flush()
    assert len(found()) == 1  # asked for is not approved
    do(city, acts.decide, asked, city.security, approve=True, note="")
    assert found() == []
    asked.decided_at = one.at + HOUR
    city.session.flush()
    assert len(found()) == 1  # nor is what was approved afterwards
