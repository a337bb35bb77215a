"""The life of a filing, through operations and pages."""

import re
from datetime import date

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event
from sqlalchemy.orm import Session

from portal.accounts.values import Role
from portal.core.errors import IllegalTransition, Invalid, NotAllowed, NotFound, Stale, Unavailable
from portal.papers.values import FilingReceipt
from portal.registry import operations, queries
from portal.registry.papers import Print, receipt_pdf
from portal.registry.states import FilingStatus
from portal.registry.values import (
    CameraParticulars,
    FilingKind,
    PartyRole,
    StorageKind,
    SystemKind,
    SystemParticulars,
    UnitParticulars,
    UnitType,
)
from portal.regulation.calendar import WorkCalendar
from portal.regulation.schema.vocabulary import Regime
from tests.people import BEIGUAN, NOW, WENFENG, World, make_world, post, sign_in

CALENDAR = WorkCalendar()


@pytest.fixture
def world(session: Session) -> World:
    return make_world(session)


def particulars(**more) -> SystemParticulars:
    values = {
        "name": "教学区视频监控系统",
        "kind": SystemKind.UNIT_INTERNAL,
        "regime": Regime.PUBLIC_UNIT,
        "district": WENFENG,
        "address": "文峰大道1号",
        "in_use_on": date(2026, 11, 2),
        "retention_days": 90,
        "storage_kind": StorageKind.NVR,
        "parties": dict.fromkeys(PartyRole, "第一实验小学"),
    }
    return SystemParticulars(**(values | more))


def a_system(session: Session, world: World):
    unit = world.unit()
    filer = world.person(Role.UNIT_FILER, unit_id=unit.id)
    system = operations.create_system(session, actor=filer, unit_id=unit.id, particulars=particulars(), now=NOW)
    operations.add_camera(
        session,
        actor=filer,
        system_id=system.id,
        particulars=CameraParticulars(name="南门入口-向北-球机", lon=114.3924, lat=36.0976, azimuth=0),
        now=NOW,
    )
    return filer, system


def papers(session: Session, world: World, filer, system) -> None:
    for slot in ("authorisation_letter", "handler_identity"):
        operations.attach_document(
            session,
            actor=filer,
            system_id=system.id,
            slot=slot,
            title=slot,
            stored_file_id=world.stored_file(),
            now=NOW,
        )


def submit(session: Session, filer, filing) -> None:
    operations.submit_filing(
        session,
        actor=filer,
        filing_id=filing.id,
        seen_version=filing.version,
        declared_by="李建国",
        calendar=CALENDAR,
        now=NOW,
    )


def test_a_filing_goes_from_draft_to_number(session: Session, world: World) -> None:
    filer, system = a_system(session, world)
    registrar = world.person(Role.REGISTRAR)
    filing = operations.open_filing(
        session, actor=filer, system_id=system.id, kind=FilingKind.NEW, calendar=CALENDAR, now=NOW
    )
    assert filing.due_on == date(2026, 12, 2)
    with pytest.raises(NotFound):  # a draft is the unit's own business
        queries.get_filing(session, registrar, filing.id)
    with pytest.raises(operations.FilingIncomplete) as incomplete:
        submit(session, filer, filing)
    blocking = incomplete.value.shortfalls
    assert [item.code for item in blocking] == ["document_missing", "document_missing"]
    assert all(item.citations for item in blocking)
    papers(session, world, filer, system)
    submit(session, filer, filing)
    with pytest.raises(NotAllowed):
        operations.accept_filing(
            session, actor=filer, filing_id=filing.id, seen_version=filing.version, national_number="", now=NOW
        )
    with pytest.raises(Stale):
        operations.accept_filing(
            session, actor=registrar, filing_id=filing.id, seen_version=filing.version - 1, national_number="", now=NOW
        )
    operations.accept_filing(
        session, actor=registrar, filing_id=filing.id, seen_version=filing.version, national_number="", now=NOW
    )
    assert filing.status == FilingStatus.ACCEPTED
    assert filing.number == "410502-2026-000001"
    with pytest.raises(IllegalTransition):
        operations.withdraw_filing(session, actor=filer, filing_id=filing.id, reason="", now=NOW)
    assert len(queries.revisions_of(session, filing.id)) == 1


def test_every_step_holds_the_system_before_its_filing(session: Session, world: World) -> None:
    """The order of locks is one: moving a system and deciding on its filing wait for each other, and neither is refused."""
    filer, system = a_system(session, world)
    registrar = world.person(Role.REGISTRAR)
    filing = operations.open_filing(session, actor=filer, system_id=system.id, calendar=CALENDAR, now=NOW)
    papers(session, world, filer, system)
    held: list[str] = []

    def watch(_connection, _cursor, statement: str, *_rest) -> None:
        if "FOR UPDATE" in statement and (found := re.search(r"FOR UPDATE OF (system|filing)\b", statement)):
            held.append(found[1])

    engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", watch)
    try:
        submit(session, filer, filing)
        decided = {"actor": registrar, "filing_id": filing.id, "now": NOW}
        operations.return_filing(session, seen_version=filing.version, reason="补正", field_comments={}, **decided)
        submit(session, filer, filing)
        operations.accept_filing(session, seen_version=filing.version, national_number="", **decided)
    finally:
        event.remove(engine, "before_cursor_execute", watch)
    assert held.count("filing") == 4
    firsts = [held[place - 1] for place, name in enumerate(held) if name == "filing"]
    assert firsts == ["system"] * 4


def test_a_receipt_says_what_was_accepted_and_not_what_came_after(
    session: Session, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    filer, system = a_system(session, world)
    registrar = world.person(Role.REGISTRAR)
    filing = operations.open_filing(
        session, actor=filer, system_id=system.id, kind=FilingKind.NEW, calendar=CALENDAR, now=NOW
    )
    papers(session, world, filer, system)
    submit(session, filer, filing)
    operations.accept_filing(
        session, actor=registrar, filing_id=filing.id, seen_version=filing.version, national_number="", now=NOW
    )
    another = CameraParticulars(name="北门-向南-枪机", lon=114.3925, lat=36.0977)
    operations.add_camera(session, actor=filer, system_id=system.id, particulars=another, now=NOW)
    system.address, system.retention_days = "文峰大道2号", 30
    printed: list[FilingReceipt] = []
    monkeypatch.setattr("portal.registry.papers.render", lambda _form, paper, **_: printed.append(paper) or b"%PDF")
    how = Print(printed_by="李建国", base_url="http://x", now=NOW, lang="zh")
    receipt_pdf(session, filing, officer="王敏", how=how)
    receipt = printed[0]
    assert (receipt.camera_count, receipt.address, receipt.retention_days) == (1, "文峰大道1号", 90)


def test_building_ends_no_sooner_than_it_begins(session: Session, world: World) -> None:
    unit = world.unit()
    filer = world.person(Role.UNIT_FILER, unit_id=unit.id)
    days = {"construction_began_on": date(2026, 9, 1), "construction_finished_on": date(2026, 8, 1)}
    with pytest.raises(Invalid) as refused:
        operations.create_system(session, actor=filer, unit_id=unit.id, particulars=particulars(**days), now=NOW)
    assert refused.value.problems[0].field == "construction_finished_on"


def test_another_units_rows_are_not_found(session: Session, world: World) -> None:
    _, system = a_system(session, world)
    other = world.unit()
    stranger = world.person(Role.UNIT_FILER, unit_id=other.id)
    with pytest.raises(NotFound):
        queries.get_system(session, stranger, system.id)
    with pytest.raises(NotFound):
        operations.open_filing(
            session, actor=stranger, system_id=system.id, kind=FilingKind.NEW, calendar=CALENDAR, now=NOW
        )
    registrar_elsewhere = world.person(Role.REGISTRAR, organ=world.branches[BEIGUAN])
    with pytest.raises(NotFound):
        queries.get_system(session, registrar_elsewhere, system.id)


def test_phone_numbers_are_sealed_and_the_look_is_recorded(
    session: Session, world: World, reveals_pass: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    registrar = world.person(Role.REGISTRAR)
    unit = operations.create_unit(
        session,
        actor=registrar,
        particulars=UnitParticulars(
            name="安阳市人民医院",
            unit_type=UnitType.HOSPITAL,
            district=WENFENG,
            address="解放大道1号",
            contact_name="李建国",
            contact_phone="13900002207",
        ),
        now=NOW,
    )
    session.flush()
    assert unit.contact_phone_masked == "139****2207"
    assert "13900002207" not in (unit.contact_phone_sealed or "")
    assert unit.initials == "aysrmyy"
    shown = operations.reveal_phone(session, actor=registrar, unit_id=unit.id, which="contact_phone", now=NOW)
    assert shown == "13900002207"

    def unsealed(*_args: object, **_more: object) -> int:
        raise Unavailable("audit_unavailable")

    monkeypatch.setattr("portal.audit.operations.gate.wait_until_sealed", unsealed)
    with pytest.raises(Unavailable):
        operations.reveal_phone(session, actor=registrar, unit_id=unit.id, which="contact_phone", now=NOW)


def test_pages_from_unit_to_accepted_filing(client: FlaskClient, session: Session, world: World) -> None:
    filer, system = a_system(session, world)
    papers(session, world, filer, system)
    registrar = world.person(Role.REGISTRAR)
    assert sign_in(client, world.login_of(filer)).status_code == 303
    for url in ("/units", f"/units/{system.unit_id}", f"/systems/{system.id}", "/cameras", "/filings"):
        assert client.get(url).status_code == 200, url
    opened = post(client, f"/systems/{system.id}/filings", {"handled_by": "agent"})
    assert opened.status_code == 303
    address = opened.headers["Location"]
    page = client.get(address)
    assert "2026-12-02" in page.text
    version = queries.latest_filing(session, system.id).version
    refused = post(client, f"{address}/submit", {"version": version, "declared_by": "李建国"})
    assert refused.status_code == 422
    done = post(client, f"{address}/submit", {"version": version, "declared_by": "李建国", "truth": "y"})
    assert done.status_code == 303
    post(client, "/sign-out")
    sign_in(client, world.login_of(registrar))
    session.expire_all()
    assert "尚缺事项" in client.get(address).text
    version = queries.latest_filing(session, system.id).version
    assert post(client, f"{address}/return", {"version": version}).status_code == 422
    assert post(client, f"{address}/accept", {"version": version}).status_code == 303
    assert "410502-2026-" in client.get(address).text
    assert client.get(f"{address}/revisions/1").status_code == 200
