"""A leak is traced to a copy and closed by somebody else; what has served its purpose goes, and each holder says so."""

import json
from dataclasses import asdict
from datetime import date, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal.accounts.models import Notice
from portal.audit.models import AuditStage
from portal.core.clock import city_day
from portal.core.errors import IllegalTransition, Invalid, NotAllowed, NotFound
from portal.core.services import services
from portal.desk.queries.copies import copies_waiting
from portal.evidence.models import DeletionDuty, FootageCopy, FootageRequest, LeakCase
from portal.evidence.operations import (
    archive_request,
    close_leak,
    contain_leak,
    move_medium,
    open_leak,
    report_leak,
    state_purpose_met,
)
from portal.evidence.operations.reminding import remind_copies, tell_leak
from portal.evidence.queries.copies import copies_of
from portal.evidence.queries.leaks import get_leak, leak_context, leak_page, measures_of, texts_of
from portal.evidence.rules.copies import to_be_deleted
from portal.evidence.states import CopyAction, CopyStatus, LeakStatus, RequestStatus
from portal.evidence.values import CaseContent
from portal.evidence.values.leaks import LeakTexts
from tests.evidence.city import EvidenceCity
from tests.evidence.test_copies import LATER, ended, given, kept, problems, received
from tests.evidence.test_views import at
from tests.people import post
from tests.support.world import NOW

TODAY = city_day(LATER)
SEEN = "网上流传东门监控片段，水印可辨"
MARK = "鹊桥九号"


def out(city: EvidenceCity, **changes: Any) -> tuple[FootageRequest, FootageCopy]:
    """A copy with its receiver and the master on its shelf."""
    request = city.sealed(**changes)
    kept(city, request)
    received(city, request, given(city, request))
    _, copy = copies_of(city.session, request.id)
    return request, copy


def reported(city: EvidenceCity, copy: FootageCopy, **changes: Any) -> LeakCase:
    """A leak reported by the unit's head."""
    whole = {"actor": city.security, "serial": copy.serial.lower(), "found_on": TODAY, "found": SEEN, "now": LATER}
    return report_leak(city.session, **{**whole, **changes})


@pytest.mark.requirement("EVI-04")
def test_a_leak_is_traced_by_the_serial_to_the_copy_and_to_who_undertook_for_it(
    session: Session, city: EvidenceCity
) -> None:
    _, copy = out(city)
    with pytest.raises(Invalid) as unknown:
        reported(city, copy, serial="DY2026-999999-01")
    assert problems(unknown) == {("serial", "evidence.no_such_copy")}
    with pytest.raises(Invalid) as far:  # of a copy out of reach nobody is told that it exists
        reported(city, copy, actor=city.far_officer)
    assert problems(far) == problems(unknown)
    leak = reported(city, copy)
    assert (leak.copy_id, leak.number, leak.status) == (copy.id, f"{copy.serial}-L1", LeakStatus.REPORTED)
    assert (copy.receiver_name, bool(copy.undertaking)) == ("王磊", True)
    assert leak.due_on == date(2026, 11, 24)  # the next working day
    tell_leak(session, leak_id=leak.id, now=LATER)
    told = set(session.scalars(select(Notice.person_id).where(Notice.kind == "evidence.leak")))
    assert {one.person_id for one in (city.officer, city.security, city.custodian, city.head, city.auditor)} <= told
    assert city.school_head.person_id not in told
    assert ("leak", leak.due_on) in {
        (one.kind, one.due) for one in copies_waiting(session, city.head, today=TODAY, most=9)
    }


@pytest.mark.requirement("EVI-04")
def test_measures_first_then_a_second_person_closes(session: Session, city: EvidenceCity) -> None:
    _, copy = out(city)
    leak = reported(city, copy)
    named = {"leak_id": leak.id, "now": LATER}
    with pytest.raises(NotAllowed):
        contain_leak(session, actor=city.officer, measures="删除", liable="", **named)  # received the copy
    with pytest.raises(IllegalTransition):
        close_leak(session, actor=city.auditor, outcome="处分", **named)
    contain_leak(session, actor=city.head, measures="已责令平台删除并固定证据", liable="", **named)
    with pytest.raises(Invalid) as nobody:
        close_leak(session, actor=city.auditor, outcome="处分", **named)
    assert problems(nobody) == {("outcome", "evidence.liable_first")}
    contain_leak(session, actor=city.head, measures="已责令平台删除并固定证据", liable="王磊", **named)
    with pytest.raises(NotAllowed):
        close_leak(session, actor=city.security, outcome="处分", **named)  # reported it
    close_leak(session, actor=city.auditor, outcome="移送督察处理", **named)
    assert leak.status == LeakStatus.CLOSED
    assert copies_waiting(session, city.head, today=TODAY, most=9) == []


@pytest.mark.requirement("EVI-04")
def test_each_measure_stays_as_it_was_taken(session: Session, city: EvidenceCity, client: FlaskClient) -> None:
    _, copy = out(city)
    leak = reported(city, copy)
    for who, text_, hour in (
        (city.head, "责令平台删除", 1),
        (city.security, "收回介质", 2),
        (city.head, "约谈责任人", 3),
    ):
        contain_leak(session, actor=who, leak_id=leak.id, measures=text_, liable="", now=LATER + timedelta(hours=hour))
    taken = measures_of(session, leak, texts_of(session, leak))
    assert [(one.name, one.text) for one in taken] == [
        (city.head.name, "责令平台删除"),
        (city.security.name, "收回介质"),
        (city.head.name, "约谈责任人"),
    ]
    assert (leak.measures_name, leak.measures_at) == (city.head.name, LATER + timedelta(hours=1))
    jobs = text("select count(*) from outbox where kind = 'evidence.notify_leak'")
    assert session.scalar(jobs) == 4, "of each measure both sides are told"
    for change in ("update footage_leak_measure set text = 'x'", "delete from footage_leak_measure"):
        with pytest.raises(DBAPIError), session.begin_nested():
            session.execute(text(change))
    shown = at(client, "security").get(f"/evidence/leaks/{leak.id}").text
    assert shown.index("约谈责任人") < shown.index("收回介质") < shown.index("责令平台删除")
    assert "<textarea" in shown
    assert "约谈责任人</textarea>" not in shown, "the next measure is a new one"


def test_a_secret_case_from_before_keeps_the_measures_it_had(session: Session, city: EvidenceCity) -> None:
    """They were sealed with its other texts, which no migration opens."""
    hidden = CaseContent(MARK, MARK, MARK, MARK, MARK)
    _, copy = out(city, content=hidden, secret=True, readers=(city.head.person_id,))
    leak = reported(city, copy, actor=city.officer, found=MARK)
    before = LeakTexts(found=MARK, measures="旧措施", liable="王磊")
    leak.sealed = services(session).envelope.seal(
        json.dumps(asdict(before), ensure_ascii=False).encode(), context=leak_context(leak.id)
    )
    leak.status, leak.measures_name, leak.measures_at = LeakStatus.CONTAINED, "郑国强", LATER
    session.flush()
    contain_leak(
        session, actor=city.head, leak_id=leak.id, measures="新措施", liable="", now=LATER + timedelta(hours=1)
    )
    texts = texts_of(session, leak)
    assert [(one.name, one.text) for one in measures_of(session, leak, texts)] == [
        ("郑国强", "旧措施"),
        (city.head.name, "新措施"),
    ]
    assert texts.liable == "王磊"
    assert {one.text for one in measures_of(session, leak, None)} == {None}


@pytest.mark.requirement("EVI-20")
def test_the_leak_of_a_secret_case_is_sealed_and_told_to_its_own_people(session: Session, city: EvidenceCity) -> None:
    hidden = CaseContent(MARK, MARK, MARK, MARK, MARK)
    _, copy = out(city, content=hidden, secret=True, readers=(city.head.person_id,))
    with pytest.raises(NotAllowed):
        reported(city, copy, found=MARK)  # the unit's head has a part, but may not know the content
    leak = reported(city, copy, actor=city.officer, found=MARK)
    contain_leak(session, actor=city.head, leak_id=leak.id, measures=MARK, liable=MARK, now=LATER)
    tell_leak(session, leak_id=leak.id, now=LATER)
    for table in ("footage_leak", "footage_leak_measure", "audit_stage", "outbox", "notice"):
        found = session.scalar(text(f"select count(*) from {table} t where t::text like :mark"), {"mark": f"%{MARK}%"})
        assert found == 0, table
    assert leak_page(session, city.auditor, None).items == []
    with pytest.raises(NotFound):
        get_leak(session, city.auditor, leak.id)
    shown = get_leak(session, city.security, leak.id)
    assert open_leak(session, actor=city.security, leak=shown, now=LATER) is None
    opened = open_leak(session, actor=city.head, leak=shown, now=LATER)
    assert opened.liable == MARK
    assert [one.text for one in measures_of(session, shown, opened)] == [MARK]
    assert [one.text for one in measures_of(session, shown, None)] == [None]
    told = set(session.scalars(select(Notice.person_id).where(Notice.kind == "evidence.leak")))
    assert city.auditor.person_id not in told


def test_a_refused_form_of_a_secret_leak_comes_back_with_what_was_typed(
    session: Session, city: EvidenceCity, client: FlaskClient
) -> None:
    hidden = CaseContent(MARK, MARK, MARK, MARK, MARK)
    _, copy = out(city, content=hidden, secret=True, readers=(city.head.person_id,))
    leak = reported(city, copy, actor=city.officer, found=MARK)
    session.flush()
    at(client, "head")
    refused = post(client, f"/evidence/leaks/{leak.id}/contain", {"measures": "", "liable": "王某"})
    assert refused.status_code == 422
    assert 'value="王某"' in refused.text
    assert MARK not in refused.text


def test_what_has_served_its_purpose_goes_and_each_holder_says_so(session: Session, city: EvidenceCity) -> None:
    request, copy = out(city)
    master = copies_of(session, request.id)[0]
    for who in (city.security, city.custodian):  # whose purpose it was, they cannot know
        with pytest.raises(NotAllowed):
            state_purpose_met(session, actor=who, request_id=request.id, met_on=TODAY, now=LATER)
    with pytest.raises(Invalid):
        state_purpose_met(session, actor=city.officer, request_id=request.id, met_on=TODAY + timedelta(1), now=LATER)
    duty = state_purpose_met(session, actor=city.officer, request_id=request.id, met_on=TODAY, now=LATER)
    assert (duty.due_on, duty.due_why["citations"]) == (TODAY + timedelta(days=15), [["portal-practice", "82"]])
    with pytest.raises(IllegalTransition):
        given(city, request)  # no further copy
    late = duty.due_on + timedelta(days=1)
    for who in (city.officer, city.custodian):
        assert [(one.kind, one.late) for one in copies_waiting(session, who, today=late, most=9)] == [
            ("deletion", True)
        ]
    remind_copies(session, now=LATER)
    remind_copies(session, now=LATER)
    told = session.scalars(select(Notice.person_id).where(Notice.kind == "evidence.deletion")).all()
    assert sorted(told, key=str) == sorted([city.officer.person_id, city.custodian.person_id], key=str)
    ended(city, copy, CopyAction.DESTROY, city.officer)
    assert copies_waiting(session, city.officer, today=late, most=9) == []
    assert duty.done_at is None
    ended(city, master, CopyAction.DESTROY, city.security)
    assert duty.done_at == LATER
    # The master went because it had to: the file is not held open for want of it.
    archive_request(
        session, actor=city.security, request_id=request.id, place="内勤档案柜", second_place="监控中心", now=LATER
    )
    assert request.status == RequestStatus.CLOSED


def test_a_case_file_and_an_archived_master_stay(session: Session, city: EvidenceCity) -> None:
    request, copy = out(city)
    master = copies_of(session, request.id)[0]
    ended(city, copy, CopyAction.FILE, city.officer)
    duty = state_purpose_met(session, actor=city.officer, request_id=request.id, met_on=TODAY, now=LATER)
    assert duty.done_at is None
    place = {"shelf": master.shelf, "keeper_name": master.keeper_name, "archive_reason": "重大案件资料"}
    moved = {"actor": city.security, "request_id": request.id, "copy_id": master.id, "now": LATER}
    move_medium(session, **moved, **place)
    assert session.get(DeletionDuty, request.id).done_at == LATER
    move_medium(session, **moved, **{**place, "archive_reason": ""})
    assert duty.done_at is None, "archived no longer, it is to go after all"
    told = session.scalars(select(AuditStage.changes).where(AuditStage.tag == "evidence:copy:move")).all()
    assert sum("重大案件资料" in str(each) for each in told) == 2, (
        "that it is exempt, and is no more, stands in the log"
    )


def test_a_returned_copy_is_still_there() -> None:
    assert to_be_deleted([("working", CopyStatus.RETURNED, "")])
    assert not to_be_deleted([("working", CopyStatus.DESTROYED, ""), ("working", CopyStatus.IN_CASE_FILE, "")])
    assert to_be_deleted([("master", CopyStatus.KEPT, "")])
    assert not to_be_deleted([("master", CopyStatus.KEPT, "重大案件")])


def test_an_overdue_copy_is_on_both_desks_and_told_once(session: Session, city: EvidenceCity) -> None:
    _, copy = out(city)
    after = copy.due_back + timedelta(days=1)
    for who in (city.officer, city.custodian):
        assert [(one.kind, one.text) for one in copies_waiting(session, who, today=after, most=9)] == [
            ("copy_due", copy.serial)
        ]
    assert copies_waiting(session, city.partner, today=after, most=9) == []
    for _ in range(2):
        remind_copies(session, now=NOW + timedelta(days=100))
    assert len(session.scalars(select(Notice).where(Notice.kind == "evidence.copy")).all()) == 2
    ended(city, copy, CopyAction.RETURN, city.security)
    assert copies_waiting(session, city.officer, today=after, most=9) == []
