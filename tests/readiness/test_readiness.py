"""The advance check of an application: run, kept, in the way of a visit until cured, waived by the organ alone."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal.accounts.values import Identity, Role
from portal.core.errors import IllegalTransition, Invalid, NotAllowed, NotFound
from portal.core.geometry import point, to_element
from portal.core.outbox import OutboxRow, TaskName
from portal.inspection import operations as inspecting
from portal.inspection.models import Acceptance, ReadinessReport
from portal.inspection.queries import bar_to_visit, last_readiness, planned_visit
from portal.inspection.states import AcceptanceStatus, ReadinessCause
from portal.reachability.models import DeviceStatus, ProbeRound, ProbeTarget
from portal.reachability.states import Lane, RoundStatus
from portal.readiness import operations, tasks
from portal.readiness.states import CheckKey, CheckVerdict
from portal.readiness.values import Check, Facts
from portal.registry.models import Camera, Document, System
from portal.registry.rules import PRINTED_HERE, rules_for
from portal.registry.rules.zones import template_of
from portal.registry.states import LIVE_CODES, LiveState
from tests.inspection.test_booking import CALENDAR, HERE, checked, inspector
from tests.people import NOW, World, make_world, post, sign_in
from tests.support.premises import a_zone
from tests.support.telephone import Telephone

DAY = timedelta(days=1)


@pytest.fixture
def world(session: Session) -> World:
    return make_world(session)


def applied(world: World) -> tuple[Identity, Identity, Acceptance]:
    unit = world.unit()
    filer = world.person(Role.UNIT_FILER, unit_id=unit.id)
    police = inspector(world)
    inspector(world)
    return filer, police, checked(world, filer, unit.id, police, ready=False)


def a_camera(world: World, system: System, **changes: object) -> Camera:
    values = {"declared_lon": "114.350000", "declared_lat": "36.100000", "resolution": "1920x1080", "fault_keys": []}
    camera = Camera(
        system_id=system.id,
        unit_id=system.unit_id,
        district=system.district,
        name="南门",
        position=to_element(point(*HERE)),
        created_at=NOW,
        updated_at=NOW,
        **{**values, **changes},
    )
    world.session.add(camera)
    world.session.flush()
    return camera


def a_probe(world: World, camera: Camera, **found: object) -> DeviceStatus:
    place = {"camera_id": camera.id, "unit_id": camera.unit_id, "district": camera.district}
    target = ProbeTarget(host="127.0.0.1", has_login=True, enabled=True, access_seen_at=NOW, **place)
    world.session.add(target)
    world.session.flush()
    values = {
        "state": LiveState.ONLINE, "drift_s": 0, "first_live_at": NOW - 90 * DAY, "deep_at": NOW - DAY / 2,
        "recorded_from": NOW - 95 * DAY, "recorded_until": NOW - DAY / 2, "identity": "a" * 64,
    }  # fmt: skip
    status = DeviceStatus(target_id=target.id, system_id=camera.system_id, since=NOW, **place, **{**values, **found})
    round_ = ProbeRound(
        lane=Lane.LIVE, status=RoundStatus.SETTLED, started_at=NOW, deadline_at=NOW, settled_at=NOW, chunks=1
    )
    world.session.add_all([status, round_])
    world.session.flush()
    return status


def put_right(world: World, acceptance: Acceptance) -> None:
    """Everything that bars a visit, cured: zones, retention, papers, a camera that answers."""
    system = acceptance.system
    system.retention_days = 90
    a_probe(world, a_camera(world, system, zone="gate", status="in_use", live=LIVE_CODES[LiveState.ONLINE]))
    rules = rules_for(acceptance.unit, system, on=NOW.date())
    a_zone(world, system, "gate")
    for zone in template_of(rules):
        if zone.key != "gate":
            a_zone(world, system, zone.key, absent=True, absent_reason="无此部位")
    for paper in rules.documents("acceptance"):
        if paper.required and paper.document not in PRINTED_HERE:
            world.session.add(
                Document(
                    system_id=system.id,
                    unit_id=system.unit_id,
                    district=system.district,
                    slot=paper.document,
                    version_no=1,
                    title="附件",
                    stored_file_id=world.stored_file(),
                    uploaded_at=NOW,
                )
            )
    world.session.flush()


def offered(session: Session, acceptance: Acceptance) -> int:
    return len(inspecting.offer_slots(session, acceptance=acceptance, calendar=CALENDAR, now=NOW))


def verdict_of(report: ReadinessReport, key: CheckKey) -> CheckVerdict:
    return next(Check.from_json(each).verdict for each in report.checks if each["key"] == key)


def test_no_visit_is_offered_before_what_bars_it_is_put_right(session: Session, world: World) -> None:
    filer, _, acceptance = applied(world)
    barred = bar_to_visit(session, acceptance.id)
    assert barred is not None
    assert barred.code == "readiness_unchecked"
    assert offered(session, acceptance) == 0
    first = operations.run_checks(session, acceptance_id=acceptance.id, cause=ReadinessCause.APPLICATION, now=NOW)
    assert set(first.failing) == {"zones", "retention_declared", "documents"}
    assert offered(session, acceptance) == 0
    begins = NOW + 4 * DAY
    with pytest.raises(Invalid) as refused:
        inspecting.book_slot(
            session, actor=filer, acceptance_id=acceptance.id, begins=begins, calendar=CALENDAR, now=NOW
        )
    assert refused.value.problems[0].code == "readiness_fails"
    put_right(world, acceptance)
    again = operations.check_again(session, actor=filer, acceptance_id=acceptance.id, now=NOW)
    assert again.failing == []
    assert verdict_of(again, CheckKey.RETENTION_MEASURED) is CheckVerdict.MET
    slots = inspecting.offer_slots(session, acceptance=acceptance, calendar=CALENDAR, now=NOW)
    assert slots
    inspecting.book_slot(
        session, actor=filer, acceptance_id=acceptance.id, begins=slots[0].begins, calendar=CALENDAR, now=NOW
    )
    assert acceptance.status == AcceptanceStatus.SCHEDULED


def test_the_organ_may_go_on_with_a_reason_and_only_in_spite_of_what_failed_then(
    session: Session, world: World
) -> None:
    filer, police, acceptance = applied(world)
    operations.run_checks(session, acceptance_id=acceptance.id, cause=ReadinessCause.NIGHT, now=NOW)
    waive = {"acceptance_id": acceptance.id, "now": NOW}
    with pytest.raises(NotAllowed):
        inspecting.waive_readiness(session, actor=filer, reason="急", **waive)
    with pytest.raises(NotFound):
        inspecting.waive_readiness(
            session, actor=world.person(Role.UNIT_FILER, unit_id=world.unit().id), reason="急", **waive
        )
    with pytest.raises(Invalid):
        inspecting.waive_readiness(session, actor=police, reason=" ", **waive)
    waiver = inspecting.waive_readiness(session, actor=police, reason="省厅督办，先行验收", **waive)
    assert set(waiver.checks) == {"zones", "retention_declared", "documents"}
    assert offered(session, acceptance) > 0
    with pytest.raises(IllegalTransition):
        inspecting.waive_readiness(session, actor=police, reason="再次", **waive)
    a_probe(world, a_camera(world, acceptance.system), state=LiveState.OFFLINE)
    operations.run_checks(session, acceptance_id=acceptance.id, cause=ReadinessCause.NIGHT, now=NOW)
    assert offered(session, acceptance) == 0


def test_a_unit_asks_again_only_after_a_while_and_the_organ_whenever(session: Session, world: World) -> None:
    filer, police, acceptance = applied(world)
    ask = {"acceptance_id": acceptance.id}
    operations.check_again(session, actor=filer, now=NOW, **ask)
    with pytest.raises(Invalid) as refused:
        operations.check_again(session, actor=filer, now=NOW + timedelta(minutes=9), **ask)
    assert refused.value.problems[0].code == "readiness_too_soon"
    operations.check_again(session, actor=police, now=NOW + timedelta(minutes=9), **ask)
    operations.check_again(session, actor=filer, now=NOW + timedelta(minutes=10), **ask)
    causes = session.scalars(select(ReadinessReport.cause).order_by(ReadinessReport.id)).all()
    assert causes == ["unit", "organ", "unit"]
    inspecting.withdraw(session, actor=filer, now=NOW, **ask)
    with pytest.raises(IllegalTransition):
        operations.check_again(session, actor=police, now=NOW, **ask)


def test_an_application_and_every_night_have_it_run(session: Session, world: World) -> None:
    _, _, acceptance = applied(world)
    payload = session.scalars(select(OutboxRow.payload).where(OutboxRow.kind == TaskName.READINESS_RUN)).one()
    assert payload == {"acceptance_id": str(acceptance.id), "cause": "application"}
    tasks.run(session, now=NOW, **payload)
    tasks.run_open(session, now=NOW)
    tasks.run_open(session, now=NOW)
    kept = session.scalars(select(OutboxRow.payload).where(OutboxRow.kind == TaskName.READINESS_RUN)).all()
    assert [each["cause"] for each in kept] == ["application", "night"]
    report = last_readiness(session, acceptance.id)
    assert report is not None
    assert report.cause == ReadinessCause.APPLICATION
    assert Facts.model_validate(report.facts).at == NOW


def test_a_report_is_never_changed(session: Session, world: World) -> None:
    _, _, acceptance = applied(world)
    operations.run_checks(session, acceptance_id=acceptance.id, cause=ReadinessCause.NIGHT, now=NOW)
    with pytest.raises(DBAPIError), session.begin_nested():
        session.execute(text("update readiness_report set failing = '{}'"))


def test_what_is_measured_counts_against_what_is_declared(session: Session, world: World) -> None:
    _, _, acceptance = applied(world)
    acceptance.system.retention_days = 90
    camera = a_camera(world, acceptance.system)
    a_probe(world, camera, recorded_from=NOW - 22 * DAY, drift_s=2220)
    report = operations.run_checks(session, acceptance_id=acceptance.id, cause=ReadinessCause.NIGHT, now=NOW)
    checks = {each["key"]: Check.from_json(each) for each in report.checks}
    measured = checks["retention_measured"]
    assert (measured.verdict, measured.found, measured.wanted) == (CheckVerdict.NOT_MET, "21", "30")
    assert [one.key for one in measured.short] == [str(camera.id)]
    assert checks["clock"].verdict is CheckVerdict.NOT_MET
    assert "retention_measured" in report.failing
    assert "clock" not in report.failing
    assert report.proposals["clock"]["verdict"] == "not_met"
    assert report.outlook["conclusion"] == "fail"


def test_the_pages_say_what_falls_short_and_where_to_cure_it(
    client: FlaskClient, session: Session, world: World
) -> None:
    filer, police, acceptance = applied(world)
    operations.run_checks(session, acceptance_id=acceptance.id, cause=ReadinessCause.NIGHT, now=NOW)
    session.commit()
    address = f"/acceptances/{acceptance.id}"
    sign_in(client, world.login_of(filer))
    page = client.get(f"{address}/readiness").text
    assert f"/systems/{acceptance.system_id}/papers" in page
    assert "readiness/waive" not in page
    assert f"{address}/readiness" in client.get(address).text
    assert "整改后方可安排现场验收" in client.get(f"{address}/visit-time").text
    assert post(client, f"{address}/readiness/check").status_code == 303
    sign_in(client, world.login_of(police))
    assert "readiness/waive" in client.get(f"{address}/readiness").text
    assert post(client, f"{address}/readiness/waive", {"reason": ""}).status_code == 422
    assert post(client, f"{address}/readiness/waive", {"reason": "督办"}).status_code == 303
    sign_in(client, world.login_of(filer))
    assert "整改后方可安排现场验收" not in client.get(f"{address}/visit-time").text


def test_what_was_found_goes_along_to_the_field(
    client: FlaskClient, session: Session, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, police, acceptance = applied(world)
    put_right(world, acceptance)
    second = inspector(world)
    a_probe(world, a_camera(world, acceptance.system), drift_s=2220)
    operations.run_checks(session, acceptance_id=acceptance.id, cause=ReadinessCause.NIGHT, now=NOW)
    visit = inspecting.schedule_visit(
        session,
        actor=police,
        acceptance_id=acceptance.id,
        starts_at=NOW + DAY,
        ends_at=NOW + DAY + timedelta(hours=2),
        inspectors=[one.person_id for one in (police, second) if one.person_id],
        override="已与单位商定",
        now=NOW,
    )
    device = Telephone(police, visit.id).enrol(session)
    session.commit()
    sign_in(client, world.login_of(police))
    packed = client.get(f"/field/visits/{visit.id}?device={device.id}").json["advance"]
    assert "front_end" not in packed
    clock = packed["clock"]
    assert (clock["verdict"], clock["made_at"]) == ("not_met", "2026-11-20T02:00:00.000Z")
    assert clock["note"].startswith("平台预检（2026-11-20 10:00）")
    (seen,) = clock["evidence"]
    assert (seen["kind"], seen["at"], seen["short"]) == ("warn", "2026-11-20T02:00:00.000Z", ["南门 +2220 秒"])
    assert "2220" in seen["text"]
    paper = packed["test_papers"]["evidence"][0]
    assert (paper["kind"], paper["at"], paper["short"]) == ("ok", "", [])
    # Who merely supervises is told how many cameras fall short, not which: on the page as on the telephone.
    monkeypatch.setattr("portal.readiness.views.blueprint.allows", lambda *_: False)
    bare = client.get(f"/field/visits/{visit.id}?device={device.id}").json["advance"]["clock"]["evidence"]
    assert [(one["text"], one["short"]) for one in bare] == [(seen["text"], [])]


def test_the_inspector_takes_over_what_was_found_or_judges_otherwise(
    client: FlaskClient, session: Session, world: World
) -> None:
    _, police, acceptance = applied(world)
    put_right(world, acceptance)
    second = inspector(world)
    operations.run_checks(session, acceptance_id=acceptance.id, cause=ReadinessCause.NIGHT, now=NOW)
    inspecting.schedule_visit(
        session,
        actor=police,
        acceptance_id=acceptance.id,
        starts_at=NOW + DAY,
        ends_at=NOW + DAY + timedelta(hours=2),
        inspectors=[one.person_id for one in (police, second) if one.person_id],
        override="已与单位商定",
        now=NOW,
    )
    visit = acceptance.id
    session.commit()
    sign_in(client, world.login_of(police))
    address = f"/acceptances/{visit}/checklist"
    page = client.get(address).text
    assert "预检结果（" in page
    own = {"clock-verdict": "not_met", "clock-note": "现场校时不准"}
    assert post(client, address, {"then": "accept", **own}).status_code == 303
    planned = planned_visit(session, visit)
    assert planned is not None
    given = inspecting.given_answers(session, planned.id)
    assert given["clock"].note == "现场校时不准"
    assert given["coverage"].verdict == "met"
    assert given["test_papers"].note.startswith("平台预检（")
    assert "front_end" not in given
