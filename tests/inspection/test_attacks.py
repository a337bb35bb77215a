"""What somebody hostile tries at an acceptance: on the telephone, at the calendar's address, with what the form never asked."""

from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from portal.accounts.models import AddressThrottle
from portal.accounts.permissions import Permission
from portal.accounts.values import Identity, Role
from portal.core.db import Database
from portal.core.errors import Invalid, NotAllowed
from portal.inspection import operations, queries
from portal.inspection.models import Acceptance, InspectorConflict, SealedEntry, Visit
from portal.inspection.rules import FrozenList
from portal.inspection.rules.sealing import record_digest
from portal.inspection.states import AcceptanceKind, Verdict
from portal.inspection.values import ItemAnswer
from tests.inspection.test_acceptance import apply, scheduled
from tests.inspection.test_booking import CALENDAR, inspector, offered
from tests.inspection.test_booking import checked as ready
from tests.inspection.test_field import send
from tests.inspection.test_findings import concluded
from tests.inspection.test_sealing import codes, out, standing
from tests.inspection.test_standard import assess, school
from tests.people import NOW, TODAY, WENFENG, World, make_world, post, sign_in
from tests.support.telephone import Telephone
from tests.support.visits import full_marks, photograph

NOBODY = ["0" * 64]


@pytest.fixture
def world(session: Session) -> World:
    return make_world(session)


def test_an_entry_of_no_time_is_refused_before_it_can_never_be_read_again(session: Session, world: World) -> None:
    _, visit, phone, _, items = out(session, world)
    for captured in ("9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+14:00"):
        assert codes(phone.send(session, phone.judge(items[0], captured_at=captured))) == ["malformed"], captured
    assert queries.entries_of(session, visit.id) == []


def test_what_cannot_be_seen_is_sealed_and_never_shown(session: Session, world: World) -> None:
    """A control character stops no chain, and a mark that turns the text round deceives nobody."""
    _, visit, phone, _, items = out(session, world)
    seals = [
        phone.judge(items[0], "partly", note="支架\x00松\u202e动"),
        phone.judge("no\x00item"),
        phone.write("王\x00\u200b校长", NOBODY, capacity="unit"),
    ]
    assert codes(phone.send(session, *seals)) == ["taken"] * 3
    assert standing(session, visit, items[0]).note == "支架松动"
    (signed,) = queries.signatures_of(queries.entries_of(session, visit.id))
    assert signed[1].name == "王校长"
    rows = {row.seq: row for row in session.scalars(select(SealedEntry).where(SealedEntry.visit_id == visit.id))}
    assert rows[1].body == seals[0].body, "what was sealed stays word for word"
    assert rows[2].fault == "unknown_item"


def test_nobody_signs_with_a_name_that_cannot_be_read_nor_with_anything_but_strokes(
    session: Session, world: World
) -> None:
    _, visit, phone, _, _ = out(session, world)
    for name in ("\u200b", "\u00ad\u3000", "\x00"):
        assert codes(phone.send(session, phone.write(name, NOBODY))) == ["malformed"], name
    said = {"kind": "signature", "capacity": "inspector", "name": "王", "refused": "", "entries": NOBODY}
    for path in ("M١٠ ١٠L40 30", "M10 10L40 30z", "M10 10\n", 'M10 10"/><script/>'):
        drawn = phone.seal(path=path, record=record_digest(visit.id, NOBODY), **said)
        assert codes(phone.send(session, drawn)) == ["malformed"], path


def test_a_drawn_signature_is_no_refusal(session: Session, world: World) -> None:
    """A blank where the reason of a refusal stands would print the unit's own signature as one."""
    _, visit, phone, _, _ = out(session, world)
    said = {"kind": "signature", "capacity": "unit", "name": "周校长", "refused": " ", "entries": NOBODY}
    phone.send(session, phone.seal(path="M10 10L40 30", record=record_digest(visit.id, NOBODY), **said))
    (signed,) = queries.signatures_of(queries.entries_of(session, visit.id))
    assert not signed[1].refused


def test_a_visit_holds_so_many_entries_and_no_more(
    session: Session, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.inspection.operations.sealing.MOST_OF_VISIT", 3)
    _, visit, phone, other, items = out(session, world)
    assert codes(phone.send(session, *(phone.judge(item) for item in items[:2]))) == ["taken"] * 2
    seals = [other.judge(item) for item in items[:3]]
    assert codes(other.send(session, *seals)) == ["taken", "visit_full", "visit_full"]
    assert len(queries.entries_of(session, visit.id)) == 3


def test_what_a_telephone_sends_askew_is_a_refusal_and_no_fault(
    client: FlaskClient, session: Session, world: World
) -> None:
    _, _, inspectors, acceptance = scheduled(session, world)
    visit = queries.planned_visit(session, acceptance.id)
    sign_in(client, world.login_of(inspectors[0]))
    token = client.get("/field/visits").json["token"]
    phone = Telephone(inspectors[0], visit.id)
    enrolled = send(client, "/field/devices", {"public_key": phone.public_key, "label": "手\x00机\u202e"}, token).json
    assert enrolled["label"] == "手机"
    for moment in ("9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59"):
        batch = {"device": enrolled["id"], "now": moment, "entries": []}
        assert send(client, f"/field/visits/{visit.id}/entries", batch, token).status_code == 200
    for named in ("%00", "a" * 65, "A" * 64):
        sent = client.post(f"/field/visits/{visit.id}/photos/{named}", headers={"X-CSRFToken": token})
        assert sent.status_code == 404, named


def test_points_are_numbers(client: FlaskClient, session: Session, world: World) -> None:
    """Also at an item that is no question now and may become one: nobody looks at it again."""
    _, _, inspectors, acceptance = scheduled(session, world)
    sign_in(client, world.login_of(inspectors[0]))
    frozen = FrozenList.from_json(acceptance.checklist)
    hidden = next(item.key for item in frozen.checklist.items if item.shown_when)
    for points in ("NaN", "-NaN", "Infinity", "-5", "1E+9", "١"):
        typed = {f"{hidden}-verdict": "partly", f"{hidden}-deduction-1": points, f"{hidden}-reason-1": "x"}
        assert post(client, f"/acceptances/{acceptance.id}/checklist", typed).status_code == 422, points


def test_wrong_guesses_at_a_calendar_are_counted_by_the_page_too(client: FlaskClient, session: Session) -> None:
    for number in range(2):
        assert client.get(f"/calendar/{number:043d}.ics").status_code == 404
    assert session.scalar(select(func.sum(AddressThrottle.failures))) == 2


def test_figures_of_days_at_the_end_of_time(client: FlaskClient, session: Session, world: World) -> None:
    sign_in(client, world.login_of(world.person(Role.BUREAU_LEADER)))
    for day in ("9999-12-31", "0001-01-01"):
        assert client.get(f"/acceptances/figures?from={day}&until={day}").status_code == 200


def test_what_became_secret_is_published_no_more(client: FlaskClient, session: Session, world: World) -> None:
    _, system, _, acceptance = concluded(session, world)
    leader = world.person(Role.BUREAU_LEADER)
    operations.publish_result(session, actor=leader, acceptance_id=acceptance.id, now=NOW)
    session.commit()
    assert system.name in client.get("/public/results").text
    session.execute(text("update system set secret = true"))
    hidden = client.get(f"/public/results?q={acceptance.unit.name}").text
    assert system.name not in hidden


def test_no_name_of_a_secret_system_lies_on_a_telephone(client: FlaskClient, session: Session, world: World) -> None:
    _, system, inspectors, acceptance = scheduled(session, world)
    system.secret = True
    session.flush()
    sign_in(client, world.login_of(inspectors[0]))
    listed = client.get("/field/visits")
    (line,) = listed.json["visits"]
    assert (line["stays"], line["unit"], line["system"], line["address"]) == (True, "", "", "")
    assert acceptance.unit.name not in listed.text


def test_who_merely_supervises_is_told_no_cameras(client: FlaskClient, session: Session, world: World) -> None:
    _, _, inspectors, acceptance = scheduled(session, world)
    short = [{"key": str(acceptance.id), "zh": "女生宿舍走廊球机", "en": "dormitory", "value": ""}]
    check = {"key": "passwords", "verdict": "not_met", "blocking": False, "found": "1", "wanted": "", "code": "",
             "source": "probe", "measured_at": None, "short": short, "more": 0, "citations": [], "fills": []}  # fmt: skip
    report = operations.Readiness(facts={}, checks=[check], proposals={}, outlook={})
    operations.record_readiness(session, acceptance=acceptance, found=report, cause="night", made_by=None, now=NOW)
    for who, told in ((world.person(Role.SECTOR_SUPERVISOR), False), (inspectors[0], True)):
        sign_in(client, world.login_of(who))
        page = client.get(f"/acceptances/{acceptance.id}/readiness")
        assert (page.status_code, short[0]["zh"] in page.text) == (200, told)
        post(client, "/sign-out")


def interest(session: Session, world: World, who: Identity, unit_id: UUID) -> None:
    of = {"person_id": who.person_id, "organ_id": world.branches[WENFENG].id, "unit_id": unit_id}
    session.add(InspectorConflict(since=TODAY, reason="亲属任职", entered_by=who.person_id, entered_at=NOW, **of))
    session.flush()


def test_an_interest_entered_after_the_planning_still_keeps_away(session: Session, world: World) -> None:
    _, _, inspectors, acceptance = scheduled(session, world)
    interest(session, world, inspectors[1], acceptance.unit_id)
    answers = full_marks(FrozenList.from_json(acceptance.checklist))
    operations.save_answers(session, actor=inspectors[0], acceptance_id=acceptance.id, answers=answers, now=NOW)
    photograph(session, inspectors[0], acceptance, now=NOW)
    held = {"acceptance_id": acceptance.id, "seen_version": acceptance.version, "opinion": "", "rectification": ""}
    with pytest.raises(Invalid) as refused:
        operations.conclude(session, actor=inspectors[0], **held, now=NOW)
    assert [problem.code for problem in refused.value.problems] == ["inspector_barred"]


def test_who_has_an_interest_verifies_no_cure_and_decides_on_no_conclusion(session: Session, world: World) -> None:
    _, _, inspectors, acceptance = concluded(session, world, "clock")
    leader = world.person(Role.BUREAU_LEADER)
    for who in (inspectors[1], leader):
        interest(session, world, who, acceptance.unit_id)
    (finding,) = queries.findings_of(session, acceptance.id)
    held = {"finding_id": finding.id, "seen_version": finding.version}
    with pytest.raises(NotAllowed, match="own_interest"):
        operations.decide_cure(session, actor=inspectors[1], **held, accepted=True, reason="", now=NOW)
    asked = {"acceptance_id": acceptance.id, "now": NOW}
    operations.ask_override(session, actor=inspectors[0], result="fail", reason="盲区", **asked)
    with pytest.raises(NotAllowed, match="own_interest"):
        operations.decide_override(session, actor=leader, approved=True, note="", **asked)


def test_a_long_note_does_not_keep_the_conclusion_from_being_printed(
    client: FlaskClient, session: Session, world: World
) -> None:
    _, _, inspectors, acceptance = scheduled(session, world)
    frozen = FrozenList.from_json(acceptance.checklist)
    answers = full_marks(frozen) | {frozen.checklist.items[0].key: ItemAnswer(verdict=Verdict.PARTLY, note="长" * 1000)}
    operations.save_answers(session, actor=inspectors[0], acceptance_id=acceptance.id, answers=answers, now=NOW)
    photograph(session, inspectors[0], acceptance, now=NOW)
    operations.conclude(
        session, actor=inspectors[0], acceptance_id=acceptance.id, seen_version=acceptance.version,
        opinion="意" * 2000, rectification="改" * 2000, now=NOW,
    )  # fmt: skip
    sign_in(client, world.login_of(inspectors[0]))
    assert client.get(f"/acceptances/{acceptance.id}/record.pdf").data.startswith(b"%PDF-")


def test_moves_made_at_once_are_counted_one_by_one(own_database: Database) -> None:
    """Two windows that both saw the visit unmoved: the second, having waited, counts from what the first left."""
    with own_database.transaction() as session:
        world = make_world(session)
        unit = world.unit()
        filer = world.person(Role.UNIT_FILER, unit_id=unit.id)
        people = [inspector(world), inspector(world)]
        key = ready(world, filer, unit.id, people[0]).id
    with own_database.transaction(filer.data_scope) as session:
        found = queries.get_acceptance(session, filer, key)
        times = [slot.begins for slot in offered(session, found)]
        operations.book_slot(session, actor=filer, acceptance_id=key, begins=times[-1], calendar=CALENDAR, now=NOW)

    def move(session: Session, to: int) -> None:
        operations.move_slot(session, actor=filer, acceptance_id=key, begins=times[to], calendar=CALENDAR, now=NOW)

    with own_database.transaction(filer.data_scope) as first, own_database.transaction(filer.data_scope) as second:
        seen = [queries.planned_visit(window, key) for window in (first, second)]
        move(first, -2)
        first.commit()
        move(second, -3)
        assert all(seen)
    with own_database.transaction() as session:
        assert session.scalar(select(Visit.unit_moves)) == 2


def test_the_police_of_the_whole_city_handle_no_standard_creation_of_a_school(session: Session, world: World) -> None:
    filer, system = school(session, world)
    bureau = world.person(Role.SECTOR_SUPERVISOR)
    assess(session, filer, system)
    acceptance = apply(session, filer, system, AcceptanceKind.STANDARD)
    acceptance.organ_id = bureau.organ_id
    session.flush()
    kept = select(func.count(Acceptance.id))
    for who in (world.person(Role.INSPECTOR, organ=world.city), world.person(Role.BUREAU_LEADER, organ=world.city)):
        assert queries.get_acceptance(session, who, acceptance.id) is acceptance
        for permission in (Permission.VISIT_SCHEDULE, Permission.READINESS_WAIVE):
            with pytest.raises(NotAllowed):
                queries.require_handling(who, permission, acceptance)
        assert session.scalar(kept.where(queries.handled_by(who, Permission.VISIT_SCHEDULE))) == 0
    queries.require_handling(bureau, Permission.VISIT_SCHEDULE, acceptance)
    assert session.scalar(kept.where(queries.handled_by(bureau, Permission.VISIT_SCHEDULE))) == 1


def test_who_merely_supervises_sees_no_picture_from_within(client: FlaskClient, session: Session, world: World) -> None:
    _, _, inspectors, acceptance = concluded(session, world)
    visit = queries.done_visit(session, acceptance.id)
    photo = next(iter(queries.photos_of(session, visit.id).values()))[0]
    address = f"/acceptances/{acceptance.id}"
    look = {"acceptance_id": acceptance.id, "photo_id": photo.id, "now": NOW}
    assert operations.photo_to_show(session, actor=inspectors[1], **look) == photo.stored_file_id
    for who in (world.person(Role.SECTOR_SUPERVISOR), world.person(Role.AUDITOR, organ=world.city)):
        with pytest.raises(NotAllowed):
            operations.photo_to_show(session, actor=who, **look)
        sign_in(client, world.login_of(who))
        page = client.get(address)
        assert (page.status_code, "/photos/" in page.text) == (200, False)
        post(client, "/sign-out")
    sign_in(client, world.login_of(inspectors[1]))
    assert f"{address}/photos/{photo.id}" in client.get(address).text


def test_a_name_begins_no_event_of_its_own(client: FlaskClient, session: Session, world: World) -> None:
    _, system, inspectors, _ = scheduled(session, world)
    system.name, system.address = "甲\r\nEND:VEVENT\r\nBEGIN:VEVENT", "乙\rATTACH:http://x\nUID:y"
    _, secret = operations.open_calendar(session, actor=inspectors[0], now=NOW)
    session.flush()
    lines = client.get(f"/calendar/{secret}.ics").text.split("\r\n")
    assert lines.count("BEGIN:VEVENT") == 1
    assert not any(line.startswith(("ATTACH", "UID:y")) or "\r" in line or "\n" in line for line in lines)
