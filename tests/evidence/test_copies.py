"""Every copy is numbered, bound to its receiver, and followed until it is returned, destroyed or in a case file."""

import io
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal.accounts.values import Identity
from portal.audit.models import AuditStage
from portal.core.clock import city_day
from portal.core.errors import IllegalTransition, Invalid, NotAllowed, NotFound
from portal.core.ids import new_id
from portal.evidence.models import CustodyEntry, FootageCopy, FootageRequest, Handover
from portal.evidence.operations import (
    acknowledge_receipt,
    archive_request,
    end_copy,
    hand_over,
    make_copy,
    move_medium,
    put_off,
    register_file,
    seal_set,
    state_purpose_met,
)
from portal.evidence.queries.copies import (
    CopyFilter,
    copies_of,
    copy_page,
    count_overdue,
    dossier_of,
    get_copy,
    lines_of_copy,
)
from portal.evidence.queries.ledger import LedgerFilter, ledger_page
from portal.evidence.rules.copies import Dossier, Piece, missing, reminder_round
from portal.evidence.states import CopyAction, CopyStatus, RequestStatus
from portal.evidence.values import (
    CaseContent,
    CustodyAct,
    IdKind,
    InstrumentKind,
    MediumKind,
    OfficerDraft,
    Paper,
    Purpose,
    RequesterKind,
)
from portal.evidence.values.copies import UNDERTAKING, CopyDraft, CopyRole, Ending
from portal.vault.operations import keep_footage
from portal.vault.queries import part_store
from tests.evidence.city import HOUR, EvidenceCity
from tests.evidence.test_views import at
from tests.people import post
from tests.support.world import NOW, PASSWORD

MASTER = CopyDraft(CopyRole.MASTER, "disc", "BD-M-1", shelf="监控中心介质柜 2-3", keeper_name="陈工")
LATER = NOW + timedelta(days=3)
HIDDEN = CaseContent("密", "密", "密", "密", "密")


def problems(caught: Any) -> set[tuple[str, str]]:
    """Field and code of each fault."""
    return {(one.field, one.code) for one in caught.value.problems}


def given(city: EvidenceCity, request: FootageRequest, **changes: Any) -> Handover:
    """A copy handed to the first officer."""
    whole = {
        "actor": city.custodian,
        "request_id": request.id,
        "receiver_place": 1,
        "second_login": "security",
        "second_password": PASSWORD,
        "second_totp": "",
        "medium": MediumKind.DISC,
        "medium_serial": "DVD-1",
        "destination": "文峰分局刑警大队案卷",
        "now": NOW + 5 * HOUR,
    }
    return hand_over(city.session, **{**whole, **changes})


def received(city: EvidenceCity, request: FootageRequest, handover: Handover, who: Identity | None = None) -> None:
    """The receiver's digest."""
    acknowledge_receipt(
        city.session,
        actor=who or city.officer,
        request_id=request.id,
        handover_id=handover.id,
        manifest_digest=handover.manifest_digest,
        now=NOW + 6 * HOUR,
    )


def kept(city: EvidenceCity, request: FootageRequest, **changes: Any) -> FootageCopy:
    """The master on its shelf."""
    return make_copy(
        city.session,
        actor=city.custodian,
        request_id=request.id,
        draft=replace(MASTER, **changes),
        now=NOW + 4 * HOUR,
    )


def ended(
    city: EvidenceCity, copy: FootageCopy, action: CopyAction, who: Identity, *, paper: bool = True, **changes: Any
) -> FootageCopy:
    """One ending, faultless unless changed."""
    ending = Ending(city_day(LATER), "物理粉碎", "钱监销", city.stored_file() if paper else None)
    return end_copy(
        city.session,
        actor=who,
        request_id=copy.request_id,
        copy_id=copy.id,
        action=action,
        ending=replace(ending, **changes),
        now=LATER,
    )


@pytest.mark.requirement("EVI-06")
def test_a_copy_is_bound_to_its_receiver_and_followed_to_its_end(session: Session, city: EvidenceCity) -> None:
    request = city.sealed()
    handover = given(city, request)
    (copy,) = copies_of(session, request.id)
    assert (copy.serial, copy.role, copy.status) == (handover.copy_serial, "working", "with_recipient")
    assert (copy.receiver_name, copy.destination, copy.medium_serial) == ("王磊", "文峰分局刑警大队案卷", "DVD-1")
    assert copy.due_back == date(2027, 2, 18)  # ninety days after the handover, by the portal's practice
    assert copy.due_why["citations"] == [["portal-practice", "81"]]
    assert copy.undertaking == ""
    received(city, request, handover)
    assert copy.undertaking == UNDERTAKING
    assert request.status == RequestStatus.RECEIVED
    ended(
        city, copy, CopyAction.FILE, city.partner, note="刑事卷第2卷 光盘袋"
    )  # a colleague who receives for the organ
    line = session.scalars(select(CustodyEntry).order_by(CustodyEntry.seq.desc())).first()
    assert (line.act, line.destination, line.note) == (CustodyAct.IN_CASE_FILE, "刑事卷第2卷 光盘袋", copy.serial)
    with pytest.raises(IllegalTransition):
        ended(city, copy, CopyAction.DESTROY, city.security)
    with pytest.raises(DBAPIError), session.begin_nested():
        session.execute(text("update footage_copy set destination = '别处'"))


def test_a_copy_that_is_in_the_case_file_already_is_acknowledged_still(session: Session, city: EvidenceCity) -> None:
    request = city.sealed()
    handover = given(city, request)
    (copy,) = copies_of(session, request.id)
    ended(city, copy, CopyAction.FILE, city.officer)
    received(city, request, handover)
    session.flush()
    assert (request.status, copy.status) == (RequestStatus.RECEIVED, CopyStatus.IN_CASE_FILE)


def test_of_two_officers_of_one_name_each_has_his_own_copy(session: Session, city: EvidenceCity) -> None:
    """Names are borne by more than one: what counts is the paper that identifies him, seen at the counter."""
    first, second = city.asked().officers
    request = city.sealed(officers=(first, replace(second, name=first.name)))
    draft = CopyDraft(CopyRole.WORKING, "usb_drive", "U-7", receiver_place=2)
    ready = make_copy(session, actor=city.custodian, request_id=request.id, draft=draft, now=NOW + 4 * HOUR)
    with pytest.raises(Invalid) as another:
        given(city, request, copy_id=ready.id, medium_serial="U-7")
    assert problems(another) == {("copy", "evidence.copy_of_another")}
    ready.receiver_place = None  # made before the place was kept: then the person or the name must do
    session.flush()
    with pytest.raises(Invalid):
        given(city, request, copy_id=ready.id, medium_serial="U-7")
    ready.receiver_place = 2
    given(city, request, copy_id=ready.id, receiver_place=2, medium_serial="U-7")


@pytest.mark.requirement("EVI-13")
@pytest.mark.usefixtures("reveals_pass")
def test_a_file_leaves_the_vault_for_a_numbered_copy_alone(
    session: Session, city: EvidenceCity, client: FlaskClient
) -> None:
    clip = b"DHAV" + bytes(range(256)) * 400
    request = city.assigned()
    city.unlock(request)
    parts, upload = part_store(session), new_id()
    parts.keep(parts.take(upload, 0, io.BytesIO(clip), most=len(clip)))
    stored = keep_footage(
        session, actor=city.custodian.actor, upload_id=upload, size=len(clip), filename="东门.dav",
        unit_id=request.unit_id, organ_id=request.requester_organ_id, now=NOW,
    )  # fmt: skip
    known = {"sha256": stored.sha256, "sm3": stored.sm3, "size": stored.size, "stored_file_id": stored.id}
    named = {"actor": city.custodian, "request_id": request.id}
    item = register_file(session, **named, file=replace(city.file(), **known), now=NOW + 3 * HOUR)
    seal_set(session, **named, now=NOW + 4 * HOUR)
    master = kept(city, request)
    draft = CopyDraft(CopyRole.WORKING, "intranet", "NET-1", receiver_place=1)
    copy = make_copy(session, **named, draft=draft, now=NOW + 4 * HOUR)
    session.flush()

    def asked(login: str, of: FootageCopy, file: object = item.id) -> int:
        return at(client, login).get(f"/evidence/copies/{of.id}/files/{file}").status_code

    answer = at(client, "custodian").get(f"/evidence/copies/{copy.id}/files/{item.id}")
    assert (answer.status_code, answer.data, answer.mimetype) == (200, clip, "application/octet-stream")
    assert "attachment" in answer.headers["Content-Disposition"]
    assert f"/files/{item.id}" in client.get(f"/evidence/copies/{copy.id}").text
    assert asked("custodian", master) == 200
    assert asked("custodian", copy, new_id()) == 404
    # The unit's head sees the copy and writes none; its receiver has it once it was handed over to him.
    assert [asked(login, copy) for login in ("security", "officer", "head")] == [403, 403, 403]
    handover = given(city, request, copy_id=copy.id, medium="intranet", medium_serial="NET-1")
    assert [asked(login, copy) for login in ("officer", "head", "custodian")] == [200, 403, 403]
    received(city, request, handover)
    rows = session.scalars(select(AuditStage.subject_label).where(AuditStage.tag == "evidence:copy:write")).all()
    assert sorted(rows) == sorted([copy.serial, copy.serial, master.serial])
    state_purpose_met(session, actor=city.officer, request_id=request.id, met_on=city_day(LATER), now=LATER)
    assert asked("officer", copy) == 409
    assert "/files/" not in client.get(f"/evidence/copies/{copy.id}").text


@pytest.mark.requirement("EVI-06")
def test_the_register_of_copies_leaves_as_a_file_with_its_reason(
    session: Session, city: EvidenceCity, client: FlaskClient
) -> None:
    open_, hidden = city.sealed(), city.sealed(secret=True, readers=(city.head.person_id,), content=HIDDEN)
    for request, place in ((open_, "案卷甲"), (hidden, "专案组保险柜")):
        received(city, request, given(city, request, destination=place))
    session.flush()
    at(client, "security")
    order = {"format": "csv", "layout": "shown", "query": "role=working"}
    assert post(client, "/lists/copies/export", {**order, "reason": ""}).status_code == 422
    answer = post(client, "/lists/copies/export", {**order, "reason": "年度检查"})
    assert answer.status_code == 200
    said = answer.get_data().decode("utf-8-sig")
    assert [f"{one.number}-01" in said for one in (open_, hidden)] == [True, True]
    assert "案卷甲" in said
    assert "专案组保险柜" not in said
    assert "接收人持有" in said
    (row,) = session.scalars(select(AuditStage).where(AuditStage.tag == "registry:list:export")).all()
    assert (row.subject_label, row.reason) == ("copies", "年度检查")
    for login in ("custodian", "officer"):  # they see copies; the register is not theirs to take out
        assert post(at(client, login), "/lists/copies/export", {**order, "reason": "x"}).status_code == 403
    shown = at(client, "security").get("/evidence/copies?role=working&status=with_recipient").text
    assert "/lists/copies/export?role=working&amp;status=with_recipient" in shown


def test_a_further_copy_has_its_own_number_and_receipt(session: Session, city: EvidenceCity) -> None:
    request = city.sealed()
    draft = CopyDraft(CopyRole.WORKING, "usb_drive", "U-7", receiver_place=2)
    ready = make_copy(session, actor=city.custodian, request_id=request.id, draft=draft, now=NOW + 4 * HOUR)
    assert (ready.serial[-3:], ready.receiver_name, ready.status) == ("-01", "赵敏", CopyStatus.MADE)
    first = given(city, request)
    assert first.copy_serial[-3:] == "-02"
    with pytest.raises(Invalid) as another:
        given(city, request, copy_id=ready.id, medium_serial="U-7")
    assert problems(another) == {("copy", "evidence.copy_of_another")}
    with pytest.raises(Invalid) as medium:
        given(city, request, copy_id=ready.id, receiver_place=2, medium_serial="U-8")
    assert problems(medium) == {("medium_serial", "evidence.medium_differs")}
    second = given(city, request, copy_id=ready.id, receiver_place=2, medium_serial="U-7")
    assert (second.copy_serial, second.medium) == (ready.serial, "usb_drive")
    received(city, request, first)
    assert request.status == RequestStatus.HANDED_OVER  # one receiver has yet to answer
    received(city, request, second, city.partner)
    assert request.status == RequestStatus.RECEIVED


@pytest.mark.requirement("EVI-06")
def test_what_is_out_too_long_is_found(session: Session, city: EvidenceCity) -> None:
    request = city.sealed()
    with pytest.raises(Invalid) as past:
        given(city, request, due_back=city_day(NOW))
    assert problems(past) == {("due_back", "evidence.day_is_past")}
    given(city, request, due_back=city_day(NOW) + timedelta(days=5))
    (copy,) = copies_of(session, request.id)
    on, after = copy.due_back, copy.due_back + timedelta(days=1)
    assert [count_overdue(session, city.officer, today=day) for day in (on, after)] == [0, 1]
    assert copy_page(session, city.security, CopyFilter(overdue_on=after)).items == [copy]
    assert copy_page(session, city.school_head, CopyFilter(overdue_on=after)).items == []
    more = {"request_id": request.id, "copy_id": copy.id, "until": after + timedelta(days=30), "now": LATER}
    with pytest.raises(Invalid) as far:
        put_off(
            session, actor=city.security, reason="办案需要", **{**more, "until": city_day(LATER) + timedelta(days=91)}
        )
    assert problems(far) == {("until", "evidence.extended_too_far")}
    with pytest.raises(NotAllowed):
        put_off(session, actor=city.officer, reason="办案需要", **more)
    with pytest.raises(Invalid):
        put_off(session, actor=city.security, reason=" ", **more)
    put_off(session, actor=city.security, reason="案件移送审查起诉", **more)
    assert count_overdue(session, city.officer, today=after) == 0
    ended(city, copy, CopyAction.RETURN, city.security)
    assert copy.status == CopyStatus.RETURNED


def test_who_may_end_a_copy_and_with_what_proof(session: Session, city: EvidenceCity) -> None:
    request = city.sealed()
    given(city, request)
    (copy,) = copies_of(session, request.id)
    for who, action in (
        (city.security, CopyAction.DESTROY),  # it lies not here
        (city.custodian, CopyAction.FILE),
        (city.officer, CopyAction.RETURN),  # that it came back is the unit's to say
    ):
        with pytest.raises(NotAllowed):
            ended(city, copy, action, who)
    with pytest.raises(NotFound):
        ended(city, copy, CopyAction.DESTROY, city.far_officer)
    with pytest.raises(Invalid) as bare:
        ended(city, copy, CopyAction.DESTROY, city.officer, paper=False, witness="王磊")
    assert problems(bare) == {("witness", "evidence.witness_needed"), ("file", "evidence.ending_paper_needed")}
    with pytest.raises(Invalid) as early:
        ended(city, copy, CopyAction.FILE, city.officer, on=city_day(NOW) - timedelta(days=1))
    assert problems(early) == {("on", "evidence.day_out_of_range")}
    ended(city, copy, CopyAction.DESTROY, city.officer)
    assert (copy.status, copy.ended_witness) == (CopyStatus.DESTROYED, "钱监销")


def test_for_a_court_without_an_account_the_unit_books_on_signed_paper(session: Session, city: EvidenceCity) -> None:
    request = city.submitted(
        Paper.OTHER,
        who=city.filer,
        requester_kind=RequesterKind.COURT,
        requester_name="文峰区人民法院",
        instrument_kind=InstrumentKind.COURT_ORDER,
        instrument_number="（2026）豫0502民初118号",
        purpose=Purpose.JUDICIAL,
        officers=(
            OfficerDraft("吴法官", IdKind.WORK_ID, "F-101"),
            OfficerDraft("郑书记", IdKind.WORK_ID, "F-102"),
        ),
    )
    from portal.workflow.states import Verdict

    city.decide(request, city.security, Verdict.ACKNOWLEDGE)
    from portal.evidence.operations import assign_custodian

    custodian = city.custodian.person_id
    assert custodian
    assign_custodian(session, actor=city.security, request_id=request.id, custodian_id=custodian, now=NOW + 2 * HOUR)
    city.unlock(request)
    register_file(session, actor=city.custodian, request_id=request.id, file=city.file(), now=NOW + 3 * HOUR)
    seal_set(session, actor=city.custodian, request_id=request.id, now=NOW + 4 * HOUR)
    given(city, request)
    (copy,) = copies_of(session, request.id)
    with pytest.raises(Invalid) as bare:
        ended(city, copy, CopyAction.FILE, city.security, paper=False)
    assert problems(bare) == {("file", "evidence.ending_paper_needed")}
    ended(city, copy, CopyAction.FILE, city.security)
    assert copy.status == CopyStatus.IN_CASE_FILE


@pytest.mark.requirement("EVI-13", "RET-07")
def test_the_medium_register_holds_shelf_keeper_and_the_text_record(session: Session, city: EvidenceCity) -> None:
    request = city.sealed()
    with pytest.raises(Invalid) as bare:
        kept(city, request, shelf=" ", keeper_name="", medium_serial="")
    assert problems(bare) == {(name, "required") for name in ("shelf", "keeper_name", "medium_serial")}
    master = kept(city, request)
    assert (master.serial, master.status) == (f"{request.number}-M", CopyStatus.KEPT)
    line = session.get(CustodyEntry, master.entry_id)
    assert (line.act, line.destination, line.note) == (CustodyAct.MASTER_KEPT, MASTER.shelf, master.serial)
    with pytest.raises(Invalid) as twice:
        kept(city, request)
    assert problems(twice) == {("role", "evidence.master_there")}
    place = {"request_id": request.id, "copy_id": master.id, "archive_reason": "重大案件资料", "now": LATER}
    move_medium(session, actor=city.security, shelf="档案室 1-1", keeper_name="周档案", **place)
    assert [row.shelf for row in copy_page(session, city.security, CopyFilter(role=CopyRole.MASTER)).items] == [
        "档案室 1-1"
    ]
    # No medium without the sealed set and the line that it rests on, whoever writes to the table.
    for column in ("entry_id", "manifest_id"):
        with pytest.raises(DBAPIError), session.begin_nested():
            session.execute(
                text(
                    "insert into footage_copy (id, request_id, manifest_id, entry_id, serial, role, medium, medium_serial,"
                    " made_name, made_at, version, receiver_name) select gen_random_uuid(), request_id, "
                    f"{'null' if column == 'manifest_id' else 'manifest_id'}, {'null' if column == 'entry_id' else 'entry_id'},"
                    " serial || 'x', 'working', medium, medium_serial, made_name, made_at, 1, 'x' from footage_copy"
                )
            )


@pytest.mark.requirement("RET-04")
def test_a_master_goes_before_its_time_on_a_granted_ticket_only(
    session: Session, city: EvidenceCity, monkeypatch: pytest.MonkeyPatch
) -> None:
    master = kept(city, city.sealed())
    granted = {("T-1", city.college.id, master.id)}

    def holder(session: Session, *, unit_id: Any, number: str, subject_kind: str, subject_id: Any, now: Any) -> bool:
        one = (number, unit_id, subject_id)
        if subject_kind != "footage_copy" or one not in granted:
            return False
        granted.remove(one)
        return True

    monkeypatch.setattr("portal.core.tickets._offered", [])
    refused = {("ticket", "evidence.ticket_needed")}
    with pytest.raises(Invalid) as nobody:  # who holds tickets is not there: nothing goes
        ended(city, master, CopyAction.DESTROY, city.security, ticket="T-1")
    monkeypatch.setattr("portal.core.tickets._offered", [holder])
    with pytest.raises(Invalid) as none:
        ended(city, master, CopyAction.DESTROY, city.security)
    with pytest.raises(Invalid) as another:
        ended(city, master, CopyAction.DESTROY, city.security, ticket="T-2")
    assert problems(nobody) == problems(none) == problems(another) == refused
    assert (master.status, len(granted)) == (CopyStatus.KEPT, 1)
    ended(city, master, CopyAction.DESTROY, city.security, ticket=" T-1 ")
    assert (master.status, granted) == (CopyStatus.DESTROYED, set())
    lines = {(one.act, one.ticket) for one in lines_of_copy(session, master)}
    assert lines == {(CustodyAct.MASTER_KEPT, ""), (CustodyAct.DESTROYED, "T-1")}
    page = ledger_page(session, city.auditor, LedgerFilter(act=CustodyAct.DESTROYED)).items
    assert [one.ticket for one in page] == ["T-1"]


def test_reminders_come_again_by_the_rule() -> None:
    due = date(2026, 11, 1)
    days = [reminder_round(due, due + timedelta(days=days), every=7) for days in (-3, 0, 6, 7, 20, 21)]
    assert days == [0, 0, 0, 1, 2, 3]
    assert reminder_round(None, due, every=7) == reminder_round(due, due + timedelta(days=90), every=0) == 0


@pytest.mark.requirement("EVI-05")
def test_only_the_assigned_custodian_backs_up_and_archives(session: Session, city: EvidenceCity) -> None:
    request = city.sealed()
    for who in (city.second, city.security, city.officer):
        with pytest.raises(NotAllowed):
            make_copy(session, actor=who, request_id=request.id, draft=MASTER, now=NOW + 4 * HOUR)
        with pytest.raises(NotAllowed):
            given(city, request, actor=who)
    executing = city.assigned()
    with pytest.raises(NotAllowed):
        city.unlock(executing, actor=city.second, login="custodian")
    with pytest.raises(IllegalTransition):
        make_copy(session, actor=city.custodian, request_id=executing.id, draft=MASTER, now=NOW + 4 * HOUR)


@pytest.mark.requirement("EVI-21", "EVI-02")
def test_a_file_is_not_closed_while_a_dossier_lacks_a_piece(session: Session, city: EvidenceCity) -> None:
    request = city.sealed()
    where = {"place": "保卫处内勤档案柜", "second_place": "监控中心", "now": LATER}

    def lacking() -> set[tuple[Dossier, Piece]]:
        session.refresh(request, ["documents"])
        return {(item.dossier, item.piece) for item in missing(dossier_of(session, request))}

    places = {(Dossier.OFFICE, Piece.PLACE), (Dossier.CENTRE, Piece.PLACE)}
    assert lacking() == places | {(Dossier.CENTRE, Piece.RECEIPT), (Dossier.CENTRE, Piece.MASTER)}
    handover = given(city, request)
    received(city, request, handover)
    with pytest.raises(Invalid) as no_backup:
        archive_request(session, actor=city.security, request_id=request.id, **where)
    assert problems(no_backup) == {("archive_place", "evidence.dossier_lacks_master")}
    kept(city, request)
    with pytest.raises(Invalid) as one_place:  # this college's slip lies in two places
        archive_request(session, actor=city.security, request_id=request.id, **{**where, "second_place": ""})
    assert problems(one_place) == {("archive_place_b", "evidence.dossier_lacks_place")}
    archive_request(session, actor=city.security, request_id=request.id, **where)
    assert lacking() == set()
    assert request.status == RequestStatus.CLOSED


def test_the_copies_of_a_secret_case_show_to_those_with_a_part(session: Session, city: EvidenceCity) -> None:
    hidden = CaseContent("密", "密", "密", "密", "密")
    request = city.sealed(content=hidden, secret=True, readers=(city.head.person_id,))
    given(city, request)
    (copy,) = copies_of(session, request.id)
    for who in (city.auditor, city.filer):
        assert copy_page(session, who, CopyFilter()).items == []
        with pytest.raises(NotFound):
            get_copy(session, who, copy.id)
    for who in (city.officer, city.head, city.security, city.custodian):
        assert get_copy(session, who, copy.id).serial == copy.serial
