"""REG-06: the owner sees every use, a secret case only as a number; a use past the register shows; complaints."""

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal.accounts.values import OrganKind, Role
from portal.audit.operations import record
from portal.audit.values import SubjectRef
from portal.core.errors import IllegalTransition, Invalid, NotFound
from portal.core.ids import new_id
from portal.evidence.models import CustodyEntry, UnlockSession
from portal.evidence.values import CaseContent
from portal.mandates.operations import complaints
from portal.mandates.operations.complaints import Grievance
from portal.mandates.queries import uses
from portal.mandates.queries.complaints import complaints_visible_to
from portal.mandates.values import ComplaintAbout
from portal.maps.values import CAMERA_LOOKED_UP
from portal.regulation.calendar import WorkCalendar
from tests.evidence.city import EvidenceCity
from tests.support.world import NOW

CALENDAR = WorkCalendar()
SECRET = CaseContent("密-1", "密案", "密", "密", "密")


@pytest.fixture
def city(session: Session) -> EvidenceCity:
    return EvidenceCity(session)


@pytest.mark.requirement("REG-06")
def test_every_line_of_the_register_stands_before_the_owner_and_a_secret_case_is_a_number(
    session: Session, city: EvidenceCity
) -> None:
    city.sealed()
    hidden = city.assigned(content=SECRET, secret=True, readers=(city.head.person_id,))
    city.unlock(hidden)
    session.flush()
    unit_id = city.college.id
    booked = session.scalars(select(CustodyEntry).where(CustodyEntry.unit_id == unit_id)).all()
    shown = uses.use_page(session, unit_id).items
    assert {entry.id for entry in shown} == {entry.id for entry in booked if not entry.secret}
    assert len(shown) < len(booked)
    assert not any(entry.secret for entry in shown)
    summary = uses.use_summary(session, unit_id)
    assert (summary.calls, summary.copies, summary.secret, summary.unbooked) == (1, 1, {2026: 1}, 0)
    assert uses.use_summary(session, city.school.id).calls == 0
    # One line of a secret case is not to be had by its key either.
    secret = next(entry for entry in booked if entry.secret)
    assert uses.use_entry(session, unit_id, secret.id) is None
    assert uses.use_entry(session, city.school.id, shown[0].id) is None
    # Nobody takes a line away again.
    with pytest.raises(DBAPIError), session.begin_nested():
        session.execute(text("delete from custody_entry"))


def test_what_the_police_still_decide_among_themselves_is_not_told_to_the_owner(
    session: Session, city: EvidenceCity
) -> None:
    city.draft(), city.submitted()
    session.flush()
    assert uses.use_summary(session, city.college.id).pending == 0
    city.approved()
    session.flush()
    assert uses.use_summary(session, city.college.id).pending == 1


@pytest.mark.requirement("REG-06")
def test_an_opening_that_left_no_line_is_told_to_the_owner(session: Session, city: EvidenceCity) -> None:
    request = city.assigned()
    session.flush()
    assert uses.unbooked_openings(session, city.college.id) == 0
    silent = UnlockSession(
        id=new_id(), request_id=request.id, requester_id=request.requester_id, executor_id=city.custodian.person_id,
        executor_name="陈工", second_id=city.second.person_id, second_name="李工", no_phone_notice=True, opened_at=NOW,
    )  # fmt: skip
    session.add(silent)
    session.flush()
    assert uses.use_summary(session, city.college.id).unbooked == 1
    assert uses.use_summary(session, city.school.id).unbooked == 0


@pytest.mark.requirement("REG-06")
def test_looks_by_the_police_are_told_by_organ_and_not_by_hand(session: Session, city: EvidenceCity) -> None:
    camera = SubjectRef("camera", city.gate.id, city.gate.name)
    for who in (city.officer, city.filer):
        record(session, actor=who.actor, tag=CAMERA_LOOKED_UP, subject=camera, unit_id=city.college.id, now=NOW)
    session.flush()
    (look,) = uses.looks_at_unit(session, city.college.id, [str(CAMERA_LOOKED_UP)], now=NOW + timedelta(days=1))
    assert (look.organ, look.label) == ("文峰分局", "东门")
    assert "王磊" not in repr(look)
    assert not uses.looks_at_unit(session, city.college.id, [str(CAMERA_LOOKED_UP)], now=NOW + timedelta(days=200))


def complain(session: Session, city: EvidenceCity, **changes: object) -> Grievance:
    given = {
        "about": ComplaintAbout.BEYOND_PURPOSE, "about_organ": "文峰分局", "text": "多拷贝两小时", "happened_on": date(2026, 11, 19),
    }  # fmt: skip
    return Grievance(**{**given, **changes})  # type: ignore[arg-type]


@pytest.mark.requirement("REG-06")
def test_a_complaint_goes_past_the_branch_it_is_about_and_is_answered_in_time(
    session: Session, city: EvidenceCity
) -> None:
    bureau = city.organ("安阳市公安局", OrganKind.POLICE_CITY, "410502", citywide=True)
    inspector = city.person("dudu", Role.AUDITOR, organ=bureau)
    leader = city.person("branchleader", Role.BUREAU_LEADER, organ=city.bureau)
    city.sealed()
    session.flush()
    entry = uses.use_page(session, city.college.id).items[0]
    made = complaints.raise_complaint(
        session, actor=city.security, unit_id=city.college.id, grievance=complain(session, city, entry_id=entry.id),
        calendar=CALENDAR, now=NOW,
    )  # fmt: skip
    # Three working days, thirty days; 20 November 2026 is a Friday.
    assert (made.acknowledge_by, made.answer_by) == (date(2026, 11, 25), date(2026, 12, 20))
    assert made.organ_id != city.bureau.id
    for outsider in (leader, city.head, city.school_head):
        assert session.scalars(complaints_visible_to(outsider)).all() == []
    assert session.scalars(complaints_visible_to(inspector)).all() == [made]
    with pytest.raises(NotFound):
        complaints.acknowledge_complaint(session, actor=leader, complaint_id=made.id, seen_version=1, now=NOW)
    complaints.acknowledge_complaint(session, actor=inspector, complaint_id=made.id, seen_version=made.version, now=NOW)
    with pytest.raises(Invalid, match="answer_needed"):
        complaints.answer_complaint(
            session, actor=inspector, complaint_id=made.id, seen_version=made.version, upheld=True, answer=" ", now=NOW
        )
    for expected in ("answered", "contested", "answered"):
        if expected == "contested":
            complaints.contest_answer(session, actor=city.security, complaint_id=made.id, reason="仍未删除", now=NOW)
        else:
            complaints.answer_complaint(
                session, actor=inspector, complaint_id=made.id, seen_version=made.version, upheld=True,
                answer="已责令删除超出部分", now=NOW,
            )  # fmt: skip
        session.flush()
        assert made.status == expected
    complaints.close_complaint(session, actor=city.security, complaint_id=made.id, now=NOW)
    with pytest.raises(IllegalTransition):
        complaints.withdraw_complaint(session, actor=city.security, complaint_id=made.id, now=NOW)
    logged = select(func.count()).select_from(text("audit_stage")).where(text("tag like 'mandates:complaint:%'"))
    assert session.scalar(logged) == 6


def test_a_complaint_names_a_use_of_its_own_unit_only(session: Session, city: EvidenceCity) -> None:
    city.sealed()
    session.flush()
    entry = uses.use_page(session, city.college.id).items[0]
    with pytest.raises(Invalid, match="entry_unknown"):
        complaints.raise_complaint(
            session, actor=city.school_head, unit_id=city.school.id,
            grievance=complain(session, city, entry_id=entry.id), calendar=CALENDAR, now=NOW,
        )  # fmt: skip
    with pytest.raises(NotFound):
        complaints.raise_complaint(
            session, actor=city.school_head, unit_id=city.college.id, grievance=complain(session, city),
            calendar=CALENDAR, now=NOW,
        )  # fmt: skip
    # A use that stands nowhere is complained of without a line.
    silent = complain(session, city, about=ComplaintAbout.UNRECORDED_USE)
    made = complaints.raise_complaint(
        session, actor=city.school_head, unit_id=city.school.id, grievance=silent, calendar=CALENDAR, now=NOW
    )
    assert (made.entry_id, made.status) == (None, "raised")
