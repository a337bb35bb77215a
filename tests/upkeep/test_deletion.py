"""RET-04: nothing is deleted before its time but by ticket: a law, two people, no hold, and a witness."""

from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.core.errors import IllegalTransition, Invalid
from portal.core.tickets import spend_ticket
from portal.evidence.models import PreservationHold
from portal.upkeep.models import WorkTicket
from portal.upkeep.operations import tickets as acts
from portal.upkeep.values import TicketKind
from tests.evidence.city import HOUR, EvidenceCity
from tests.evidence.test_copies import kept
from tests.support import booked
from tests.support.world import NOW

pytestmark = pytest.mark.requirement("RET-04")


@pytest.fixture
def city(session: Session) -> EvidenceCity:
    return EvidenceCity(session)


def release(city: EvidenceCity) -> None:
    for hold in city.session.query(PreservationHold):
        hold.status, hold.release_asked_by = "released", city.officer.person_id
        hold.release_confirmed_by, hold.released_at = city.head.person_id, NOW
    city.session.flush()


def asked(city: EvidenceCity, **changes: Any) -> WorkTicket:
    changes = {"kind": TicketKind.DELETION, "basis": "个人信息保护法第四十七条", "what": "删除录像", **changes}
    return booked.ticket(city, **changes)


def do(city: EvidenceCity, act: Any, row: WorkTicket, who: Any, **more: Any) -> Any:
    return act(city.session, actor=who, ticket_id=row.id, seen_version=row.version, **more, now=NOW)


def test_recordings_on_a_device_go_by_a_law_two_people_and_a_witness(city: EvidenceCity) -> None:
    for changes, field in (({"basis": "", "camera_id": city.gate.id}, "basis"), ({"device": "不存在"}, "device")):
        with pytest.raises(Invalid) as refusal:
            asked(city, **changes)
        assert refusal.value.problems[0].field == field
    row = asked(city, camera_id=city.gate.id)
    with pytest.raises(IllegalTransition):
        do(city, acts.carry_out, row, city.custodian, signer="", note="删了")
    do(city, acts.decide, row, city.security, approve=True, note="同意")
    for signer in ("", f"person:{city.custodian.person_id}", f"person:{city.school_head.person_id}"):
        with pytest.raises(Invalid) as refusal:
            do(city, acts.carry_out, row, city.custodian, signer=signer, note="删了")
        assert refusal.value.problems[0].code == "upkeep.witness_needed"
    with pytest.raises(IntegrityError, match="witnessed"), city.session.begin_nested():
        city.session.execute(text("update work_ticket set status = 'done', done_at = now()"))
    do(city, acts.carry_out, row, city.custodian, signer=f"person:{city.second.person_id}", note="已删除一日录像")
    assert (row.status, row.signer_name) == ("done", city.second.name)


def test_a_hold_forbids_it_at_every_step(city: EvidenceCity) -> None:
    row = asked(city, camera_id=city.gate.id)
    city.approved()  # places a hold on the gate camera
    with pytest.raises(IllegalTransition, match="footage_held"):
        asked(city, camera_id=city.gate.id)
    with pytest.raises(IllegalTransition, match="footage_held"):
        asked(city, system_id=city.gate.system_id)
    with pytest.raises(IllegalTransition, match="footage_held"):
        do(city, acts.decide, row, city.security, approve=True, note="同意")
    release(city)
    do(city, acts.decide, row, city.security, approve=True, note="同意")


def test_a_master_is_spent_with_its_own_ticket_once(city: EvidenceCity) -> None:
    master = kept(city, city.sealed())
    with pytest.raises(IllegalTransition, match="footage_held"):
        asked(city, device=master.serial)
    release(city)
    row = asked(city, device=master.serial)
    assert row.copy_id == master.id

    def spent(number: str = row.number, **more: Any) -> bool:
        given: dict[str, Any] = {
            "unit_id": city.college.id, "subject_kind": "footage_copy", "subject_id": master.id, "now": NOW,
        }  # fmt: skip
        return spend_ticket(city.session, number=number, **{**given, **more})

    assert not spent()  # asked for is not granted
    do(city, acts.decide, row, city.security, approve=True, note="同意")
    with pytest.raises(IllegalTransition, match="at_the_medium"):
        do(city, acts.carry_out, row, city.custodian, signer=f"person:{city.second.person_id}", note="x")
    for wrong in ({"unit_id": city.school.id}, {"subject_id": row.id}, {"now": NOW + 5 * HOUR}, {"number": "T-1"}):
        assert not spent(**wrong)
    assert spent()
    assert row.status == "done"
    assert not spent()
