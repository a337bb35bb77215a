"""INV-01 to INV-03: investigators at a unit's own equipment, from the asking to the hand-back; and its owner's view of it."""

import re
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from portal.accounts.models import Notice
from portal.accounts.values import Identity, Role
from portal.audit.models import AuditStage
from portal.core.clock import CITY_TZ, city_day, utcnow
from portal.core.errors import IllegalTransition, Invalid, NotAllowed, NotFound
from portal.core.outbox import OutboxRow, TaskName
from portal.desk.queries import todos
from portal.evidence.models import EquipmentDeed, EquipmentUse
from portal.evidence.operations import equipment as acts
from portal.evidence.operations.backups import end_backup, make_backup
from portal.evidence.queries import equipment as queries
from portal.evidence.queries.ledger import LedgerFilter, ledger_page
from portal.evidence.tasks import notify_use
from portal.evidence.values.backups import BackupDraft, BackupKind, BackupMedium
from portal.evidence.values.equipment import Condition, DeedKind, Investigator
from portal.mandates.queries import uses as owner
from portal.registry.rules import rules_for
from portal.regulation.schema.keys import RuleKey
from tests.evidence.city import HOUR, SHA, EvidenceCity
from tests.evidence.test_views import at
from tests.people import post
from tests.support.on_site import deed, draft, obstructed, use
from tests.support.world import NOW

MARK = "鹊桥十一号"
BACKUP = BackupDraft(
    camera="东门", kind=BackupKind.KEY, span_from=NOW - 2 * HOUR, span_to=NOW - HOUR, what="校门口聚集",
    medium=BackupMedium.DISC, medium_serial="BD-7", shelf="值班室柜 1", sha256="",
)  # fmt: skip
HOUR_BEFORE: dict[str, Any] = {"span_from": NOW - 2 * HOUR, "span_to": NOW - HOUR}
EXPORTED: dict[str, Any] = {"kind": DeedKind.EXPORT, "medium": "光盘 1 号", "sha256": "a" * 64, **HOUR_BEFORE}


def waiting(city: EvidenceCity, who: Identity, now: Any = NOW) -> set[str]:
    return {one.kind for one in todos(city.session, who, today=city_day(now), now=now)}


def faults(city: EvidenceCity, **changes: Any) -> list[str]:
    with pytest.raises(Invalid) as refused:
        acts.ask_use(
            city.session, actor=city.officer, system_id=city.gate.system_id, draft=draft(city.gate, **changes), now=NOW
        )
    return [one.field for one in refused.value.problems]


@pytest.mark.requirement("INV-01", "INV-03")
def test_there_is_no_use_without_reason_officers_and_undertaking(city: EvidenceCity) -> None:
    assert faults(city, reason=" ") == ["reason"]
    assert faults(city, officers=(Investigator("王磊", "051234"), Investigator("王磊", " 051234 "))) == ["officers"]
    assert faults(city, undertaking=False) == ["undertaking"]
    assert faults(city, camera_ids=(city.yard.id,)) == ["camera_ids"]
    assert faults(city, planned_to=NOW + 13 * HOUR) == ["planned_to"]
    made = use(city)
    for statement in ("reason = ''", "status = 'approved'", "decided_by = applicant_id", "status = 'in_use'"):
        with pytest.raises(IntegrityError), city.session.begin_nested():
            city.session.execute(text(f"update equipment_use set {statement}"))
    assert [(one.name, one.person_id, one.pledged_at) for one in queries.get_use(city.session, city.head, made.id).officers] == [
        ("王磊", city.officer.person_id, NOW), ("赵敏", city.partner.person_id, NOW)
    ]  # fmt: skip
    assert made.undertaking == "2026-1"


@pytest.mark.requirement("INV-01")
def test_the_head_of_the_department_decides_and_nobody_who_comes(city: EvidenceCity) -> None:
    made = use(city)
    assert "use_decide" in waiting(city, city.head)
    for who in (city.officer, city.custodian):
        with pytest.raises(NotAllowed):
            acts.decide_use(
                city.session, actor=who, use_id=made.id, seen_version=made.version, approved=True, opinion="", now=NOW
            )
    chief = city.person("chief", Role.CASE_HEAD, organ=city.bureau, police_number="059999")
    comes = use(city, officers=(Investigator("王磊", "051234"), Investigator("队长", "059999")))
    with pytest.raises(NotAllowed, match="approver_comes"):
        acts.decide_use(
            city.session,
            actor=chief,
            use_id=comes.id,
            seen_version=comes.version,
            approved=True,
            opinion="",
            now=NOW,
        )


@pytest.mark.requirement("INV-01")
def test_from_the_hand_over_to_the_condition_it_came_back_in(city: EvidenceCity) -> None:
    made = use(city, state="approved")
    assert "use_hand_over" in waiting(city, city.custodian)
    given: dict[str, Any] = {"use_id": made.id, "received_by": 1, "equipment": "2号工作站，完好", "now": NOW + HOUR}
    with pytest.raises(Invalid) as refused:
        acts.hand_over(city.session, actor=city.custodian, seen_version=made.version, ids_seen=False, **given)
    assert [one.field for one in refused.value.problems] == ["ids_seen"]
    with pytest.raises(IllegalTransition):
        deed(city, made)
    acts.hand_over(city.session, actor=city.custodian, seen_version=made.version, ids_seen=True, **given)
    hours = rules_for(city.college, None, on=city_day(NOW)).integer(RuleKey.EQUIPMENT_USE_HOURS)
    assert (made.handed_name, made.received_name, made.due_at) == (
        "陈工",
        "王磊",
        NOW + HOUR + timedelta(hours=hours or 0),
    )
    booked = {"at": NOW + HOUR, "camera_id": city.gate.id}
    for changes in ({"at": NOW}, {"camera_id": city.yard.id}, {"kind": DeedKind.EXPORT}):
        with pytest.raises(Invalid):
            deed(city, made, **{**booked, **changes})
    deed(city, made, **booked)
    deed(city, made, **booked, kind=DeedKind.EXPORT, medium="U盘 007", sha256=SHA, **HOUR_BEFORE)
    for statement in ("update equipment_deed set note = ''", "delete from equipment_deed"):
        with pytest.raises(DBAPIError), city.session.begin_nested():
            city.session.execute(text(statement))
    acts.give_back(
        city.session,
        actor=city.partner,
        use_id=made.id,
        seen_version=made.version,
        summary="回放三段",
        now=NOW + 2 * HOUR,
    )
    city.session.flush()
    assert "use_take_back" in waiting(city, city.custodian, NOW + 2 * HOUR)
    back: dict[str, Any] = {"use_id": made.id, "seen_version": made.version, "condition": Condition.DAMAGED}
    with pytest.raises(Invalid):
        acts.take_back(city.session, actor=city.custodian, **back, damage=" ", now=NOW + 3 * HOUR)
    with pytest.raises(NotAllowed):
        acts.take_back(city.session, actor=city.officer, **back, damage="无", now=NOW + 3 * HOUR)
    acts.take_back(city.session, actor=city.custodian, **back, damage="操作杆折断", now=NOW + 3 * HOUR)
    assert (made.status, made.condition, made.ended_at) == ("closed", "damaged", NOW + 3 * HOUR)


def test_a_use_whose_time_is_over_is_refused_and_not_approved(city: EvidenceCity) -> None:
    made = use(city)
    said: dict[str, Any] = {"use_id": made.id, "seen_version": made.version, "opinion": "时间已过"}
    late = made.planned_to + HOUR
    with pytest.raises(IllegalTransition, match="equipment_over"):
        acts.decide_use(city.session, actor=city.head, **said, approved=True, now=late)
    acts.decide_use(city.session, actor=city.head, **said, approved=False, now=late)
    assert made.status == "refused"


@pytest.mark.requirement("INV-01")
def test_what_was_approved_for_a_time_is_not_handed_over_at_another(city: EvidenceCity) -> None:
    made = use(city, state="approved", planned_from=NOW + HOUR)
    given: dict[str, Any] = {
        "use_id": made.id,
        "seen_version": made.version,
        "received_by": 1,
        "equipment": "2号工作站",
    }
    for now in (NOW + HOUR / 2, NOW + 3 * HOUR):
        with pytest.raises(IllegalTransition, match="equipment_not_now"):
            acts.hand_over(city.session, actor=city.custodian, ids_seen=True, **given, now=now)
    acts.hand_over(city.session, actor=city.custodian, ids_seen=True, **given, now=NOW + HOUR)
    assert made.status == "in_use"


@pytest.mark.requirement("INV-01")
def test_a_use_without_end_is_on_the_desks_of_both_sides(city: EvidenceCity) -> None:
    made = use(city, state="in_use")
    assert made.due_at is not None
    before, after = made.due_at, made.due_at + timedelta(seconds=1)
    for who in (city.officer, city.head, city.custodian, city.security):
        assert "use_late" not in waiting(city, who, before)
        assert "use_late" in waiting(city, who, after)
    late = queries.equipment_page(city.session, city.auditor, queries.UseFilter(late_at=after)).items
    assert late == [made]


@pytest.mark.requirement("INV-02")
def test_an_obstruction_is_recorded_with_what_proves_it(city: EvidenceCity) -> None:
    asked = use(city)
    with pytest.raises(IllegalTransition):
        obstructed(city, asked)
    made = use(city, state="approved")
    for changes, field in (
        ({"evidence": " "}, "evidence"),
        ({"person_name": ""}, "person_name"),
        ({"at": NOW}, "obstructed_at"),
    ):
        with pytest.raises(Invalid) as refused:
            obstructed(city, made, **changes)
        assert [one.field for one in refused.value.problems] == [field]
    obstructed(city, made)
    (found,) = queries.lock_use(city.session, city.custodian, made.id).obstructions
    assert (found.person_name, found.place, found.officers) == ("刘某", "监控中心门口", "王磊 051234、赵敏 051235")
    with pytest.raises(DBAPIError), city.session.begin_nested():
        city.session.execute(text("update equipment_obstruction set facts = '无'"))
    obstructed(city, made)
    sent = city.session.scalars(select(OutboxRow.payload).where(OutboxRow.kind == TaskName.EVIDENCE_NOTIFY_USE)).all()
    told = [one for one in sent if one["occasion"].startswith("obstruction")]
    assert len(told) == 2, "of a second obstruction both sides hear, too"
    for payload in told:
        notify_use(city.session, now=NOW, **payload)
    people = set(city.session.scalars(select(Notice.person_id).where(Notice.subject_id == made.id)))
    assert people >= {city.security.person_id, city.custodian.person_id, city.head.person_id}


@pytest.mark.requirement("REG-06")
def test_the_owner_sees_every_use_of_its_equipment(city: EvidenceCity) -> None:
    made = use(city, state="in_use")
    deed(city, made)
    use(city, state="in_use", secret=True)
    assert [(one.id, count) for one, count in queries.uses_of_unit(city.session, city.college.id)] == [(made.id, 1)]
    assert owner.use_summary(city.session, city.college.id).secret == {2026: 1}


@pytest.mark.requirement("REG-06", "INV-01", "EVI-06", "EVI-14")
def test_what_is_seen_or_taken_on_site_stands_in_the_call_register(city: EvidenceCity) -> None:
    """Live, playback and export each with a line; turning a camera shows nothing recorded."""
    made = use(city, state="in_use")
    for changes in ({}, {"kind": DeedKind.LIVE}, {"kind": DeedKind.PLAYBACK, **HOUR_BEFORE}, EXPORTED):
        deed(city, made, **changes)
    hidden = use(city, state="in_use", secret=True, reason=MARK)
    deed(city, hidden, **EXPORTED, note=MARK)
    lines = {one.act: one for one in owner.use_page(city.session, city.college.id).items}
    assert set(lines) == {"live_viewed", "played_back", "copied"}
    taken = lines["copied"]
    assert (taken.request_number, taken.requester_people, taken.destination) == (made.number, "王磊、赵敏", "光盘 1 号")
    assert (taken.span_from, taken.span_to, taken.reason) == (NOW - 2 * HOUR, NOW - HOUR, made.reason)
    summary = owner.use_summary(city.session, city.college.id)
    assert (summary.calls, summary.copies, summary.secret, summary.unbooked) == (3, 1, {2026: 1}, 0)
    page = ledger_page(city.session, city.auditor, LedgerFilter(text=hidden.number)).items
    assert [(one.secret, one.reason, one.content, one.destination) for one in page] == [(True, "", "", "")]


@pytest.mark.requirement("INV-01")
def test_playback_and_export_say_of_which_time(city: EvidenceCity) -> None:
    made = use(city, state="in_use")
    for changes, field in (
        ({"span_from": None}, "span_from"),
        ({"span_to": NOW - 2 * HOUR}, "span_to"),
        ({"span_from": NOW + HOUR, "span_to": NOW + 2 * HOUR}, "span_from"),
        ({"medium": ""}, "medium"),
    ):
        with pytest.raises(Invalid) as refusal:
            deed(city, made, **{**EXPORTED, **changes})
        assert [one.field for one in refusal.value.problems] == [field]


@pytest.mark.requirement("REG-06", "EVI-19")
def test_the_owner_is_told_of_a_deed_without_a_line_and_of_every_backup(city: EvidenceCity) -> None:
    made = use(city, state="in_use")
    silent = EquipmentDeed(
        use_id=made.id, kind="live", at=NOW, camera_id=city.gate.id, booked_by=city.officer.person_id, booked_name="王磊",
        booked_at=NOW,
    )  # fmt: skip
    city.session.add(silent)
    city.session.flush()
    assert owner.use_summary(city.session, city.college.id).unbooked == 1
    assert owner.use_summary(city.session, city.school.id).unbooked == 0
    kept = make_backup(city.session, actor=city.custodian, draft=BACKUP, now=NOW)
    city.session.flush()
    assert owner.use_summary(city.session, city.college.id).backups == 1
    end_backup(city.session, actor=city.security, backup_id=kept.id, reason="已并入案件", now=NOW)
    city.session.flush()
    assert owner.use_summary(city.session, city.college.id).backups == 0
    assert [one.id for one in owner.backups_at_unit(city.session, city.college.id)] == [kept.id]
    assert not owner.backups_at_unit(city.session, city.school.id)


@pytest.mark.requirement("INV-01", "INV-03")
def test_a_secret_use_says_nothing_of_its_case(city: EvidenceCity) -> None:
    made = use(city, state="in_use", secret=True, reason=MARK, case_number=MARK)
    for who in (city.auditor, city.far_officer, city.filer):
        with pytest.raises(NotFound):
            queries.get_use(city.session, who, made.id)
    assert not queries.may_read_texts(city.custodian, queries.get_use(city.session, city.custodian, made.id))
    for who in (city.officer, city.partner, city.head):
        seen = queries.get_use(city.session, who, made.id)
        assert acts.open_texts(city.session, actor=who, use=seen, now=NOW).reason == MARK
    with pytest.raises(NotAllowed):
        acts.open_texts(city.session, actor=city.security, use=made, now=NOW)
    city.session.flush()
    for table in ("equipment_use", "audit_stage", "outbox", "notice"):
        rows = city.session.execute(text(f"select t::text from {table} t")).scalars()
        assert not [row for row in rows if MARK in row], table
    tags = set(city.session.scalars(select(AuditStage.tag).where(AuditStage.subject_id == str(made.id))))
    assert "evidence:use:read_secret" in tags


def moment(hours: float) -> str:
    return f"{(utcnow() + timedelta(hours=hours)).astimezone(CITY_TZ):%Y-%m-%d %H:%M}"


@pytest.mark.requirement("INV-01", "INV-02", "REG-06")
def test_the_pages_of_a_use(session: Session, city: EvidenceCity, client: FlaskClient) -> None:
    def act(page: str, action: str, **fields: Any) -> int:
        found = re.search(r'name="version"[^>]*value="(\d+)"', client.get(page).text)
        return int(post(client, f"{page}/{action}", {"version": found.group(1) if found else "", **fields}).status_code)

    at(client, "officer")
    form = f"/systems/{city.gate.system_id}/equipment-uses/new"
    assert "申请现场使用设备" in client.get(f"/systems/{city.gate.system_id}").text
    filled: dict[str, Any] = {
        "reason": "须现场转动球机", "planned_from": moment(0), "planned_to": moment(2), "camera_ids": [str(city.gate.id)],
        "officers-0-name": "王磊", "officers-0-number": "051234", "officers-1-name": "赵敏", "officers-1-number": "051235",
    }  # fmt: skip
    refused = post(client, form, filled)
    assert refused.status_code == 422
    assert "须现场转动球机" in refused.text
    page = post(client, form, {**filled, "undertaking": "y"}).location
    assert act(page, "decide", verdict="approve") == 403
    at(client, "head")
    assert act(page, "decide", verdict="approve") == 303
    at(client, "officer")
    body = {"person_name": "刘某", "obstructed_at": moment(0), "place": "门口", "facts": "不开门"}
    assert post(client, f"{page}/obstructions", body).status_code == 422
    assert post(client, f"{page}/obstructions", {**body, "evidence": "执法记录仪"}).status_code == 303
    at(client, "custodian")
    assert act(page, "hand", received_by="1", equipment="2号工作站") == 422
    assert act(page, "hand", received_by="1", equipment="2号工作站", ids_seen="y") == 303
    at(client, "officer")
    assert act(page, "deed", kind="ptz", at=moment(0), camera=str(city.gate.id)) == 303
    assert act(page, "give", summary="转动球机") == 303
    at(client, "custodian")
    assert act(page, "take", condition="damaged", damage="操作杆折断") == 303
    assert session.scalars(select(EquipmentUse.status)).one() == "closed"
    assert client.get(f"{page}/use.pdf").data.startswith(b"%PDF-")
    shown = client.get(f"/units/{city.college.id}/uses").text
    assert "操作杆折断" in shown
    assert "安公用〔" in client.get("/evidence/equipment?status=closed").text
    at(client, "far")
    assert client.get(page).status_code == 404
