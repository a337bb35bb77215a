"""The home page of each role, notices, search, and the public pages."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import Notice
from portal.accounts.operations import notify_people
from portal.accounts.values import UNIT_ROLES, Role
from portal.core.clock import CITY_TZ
from portal.core.ids import new_id
from portal.desk.queries import todos
from portal.inspection.models import Visit
from portal.registry import operations
from portal.registry.tasks import remind_organs
from portal.registry.values import CameraParticulars, FilingKind
from portal.regulation.calendar import WorkCalendar
from tests.inspection.test_acceptance import scheduled
from tests.people import BEIGUAN, NOW, TODAY, World, make_world, post, sign_in
from tests.registry.test_filing import a_system, papers, submit
from tests.registry.test_filing_duties import a_shop, accept, file, filed


@pytest.fixture
def world(session: Session) -> World:
    return make_world(session)


@pytest.mark.parametrize("role", list(Role))
def test_every_role_has_a_home(client: FlaskClient, session: Session, world: World, role: Role) -> None:
    unit = world.unit()
    person = world.person(role, unit_id=unit.id) if role in UNIT_ROLES else world.person(role)
    sign_in(client, world.login_of(person))
    assert client.get("/").status_code == 200
    assert client.get("/search?q=小学").status_code in {200, 302}  # a single hit is opened at once


def accepted(session: Session, world: World):
    filer, system = a_system(session, world)
    papers(session, world, filer, system)
    registrar = world.person(Role.REGISTRAR)
    filing = operations.open_filing(
        session, actor=filer, system_id=system.id, kind=FilingKind.NEW, calendar=WorkCalendar(), now=NOW
    )
    submit(session, filer, filing)
    return filer, system, registrar, filing


def test_home_lists_what_waits_and_search_stays_in_reach(client: FlaskClient, session: Session, world: World) -> None:
    _, system, registrar, filing = accepted(session, world)
    stranger = world.person(Role.UNIT_FILER, unit_id=world.unit().id)
    sign_in(client, world.login_of(registrar))
    page = client.get("/")
    assert f"/filings/{filing.id}" in page.text
    assert {str(system.id), str(filing.id)} <= set(re.findall(r"[0-9a-f-]{36}", client.get("/search?q=教学区").text))
    post(client, "/sign-out")
    sign_in(client, world.login_of(stranger))
    assert f"/filings/{filing.id}" not in client.get("/").text
    assert str(system.id) not in client.get("/search?q=教学区").text


def test_a_notice_is_read_once_and_only_by_its_person(client: FlaskClient, session: Session, world: World) -> None:
    filer, _, _, filing = accepted(session, world)
    other = world.person(Role.REGISTRAR)
    for _ in range(2):
        notify_people(
            session, people=[filer.person_id], kind="registry.filing", subject_id=filing.id, occasion="x", now=NOW
        )
    sign_in(client, world.login_of(filer))
    page = client.get("/").text
    assert page.count("/notices/") == 1
    assert filing.system.name in page.split("/notices/")[1].split("</li>")[0]
    address = "/notices/" + page.split("/notices/")[1].split('"')[0]
    post(client, "/sign-out")
    sign_in(client, world.login_of(other))
    assert post(client, address).status_code == 404
    post(client, "/sign-out")
    sign_in(client, world.login_of(filer))
    assert post(client, address).headers["Location"].endswith(str(filing.id))
    assert "/notices/" not in client.get("/").text


def test_a_receipt_is_checked_without_signing_in(client: FlaskClient, session: Session, world: World) -> None:
    _, system, registrar, filing = accepted(session, world)
    operations.accept_filing(
        session, actor=registrar, filing_id=filing.id, seen_version=filing.version, national_number="", now=NOW
    )
    session.flush()
    page = client.get(f"/public/receipts/{filing.receipt_code}")
    assert page.status_code == 200
    assert filing.number in page.text
    assert system.address not in page.text
    code = filing.receipt_code
    for pasted in (
        f"{code[:4]} {code[4:8]}-{code[8:]}",
        f" {code[:6]}\u2013{code[6:].lower()} ",
        f"https://x/public/receipts/{code}",
    ):
        assert filing.number in client.get("/public/receipts", query_string={"code": pasted}).text
    assert 'maxlength="12"' not in client.get("/public/receipts").text
    assert client.get(f"/public/receipts/{new_id().hex[-12:]}").status_code == 404
    assert client.get("/public/receipts/x'--").status_code == 404
    assert client.get("/public/results").status_code == 200


def test_a_registrar_is_told_what_was_missed_and_the_list_opens(
    client: FlaskClient, session: Session, world: World
) -> None:
    _, late = a_shop(session, world, in_use_on=date(2026, 10, 1))
    owner, system, *_ = filed(session, world)
    given = CameraParticulars(name="店门口", lon=114.3924, lat=36.0976, azimuth=0)
    operations.add_camera(session, actor=owner, system_id=system.id, particulars=given, now=NOW - timedelta(days=40))
    registrar, away = world.person(Role.REGISTRAR), world.person(Role.REGISTRAR, organ=world.branches[BEIGUAN])
    for _ in range(2):  # however often the job runs, one line a week
        remind_organs(session, today=TODAY, now=NOW)
    told = session.scalars(select(Notice).where(Notice.kind == "registry.overdue", Notice.person_id.is_not(None))).all()
    assert registrar.person_id in {one.person_id for one in told}
    assert away.person_id not in {one.person_id for one in told}
    assert len(told) == len({one.person_id for one in told})
    sign_in(client, world.login_of(registrar))
    page = client.get("/").text
    assert "辖区备案逾期情况" in page
    for words, lapse, name in (("逾期未备案的系统", "filing", late.name), ("变动未报备", "change", system.name)):
        assert words in page
        (address,) = set(re.findall(rf'href="(/filings/deadlines\?organ=[^"]*lapse={lapse})"', page))
        listed = client.get(address.replace("&amp;", "&")).text
        assert len(re.findall(r"<tr><t[hd][^>]*><a", listed)) == 1
        assert name in listed
    post(client, "/sign-out")
    sign_in(client, world.login_of(away))
    assert "&amp;lapse=" not in client.get("/").text


def test_a_visit_is_due_on_the_day_it_begins_in_the_city(session: Session, world: World) -> None:
    """A morning's visit is still yesterday's where the database counts."""
    _filer, _system, inspectors, _acceptance = scheduled(session, world)
    visit = session.scalars(select(Visit)).one()
    visit.starts_at = datetime(2026, 12, 2, 7, tzinfo=CITY_TZ).astimezone(UTC)
    visit.ends_at = visit.starts_at + timedelta(hours=2)
    session.flush()
    [todo] = [each for each in todos(session, inspectors[0], today=TODAY) if each.kind == "visit"]
    assert todo.due == date(2026, 12, 2)


def test_the_desk_of_a_unit_shows_what_it_owes_and_by_when(client: FlaskClient, session: Session, world: World) -> None:
    owner, system = a_shop(session, world)
    custodian = world.person(Role.UNIT_CUSTODIAN, unit_id=system.unit_id)
    stranger = world.person(Role.UNIT_FILER, unit_id=world.unit().id)

    def desk_of(who) -> str:
        sign_in(client, world.login_of(who))
        page = client.get("/").text
        post(client, "/sign-out")
        return page

    for who in (owner, custodian):
        page = desk_of(who)
        assert all(told in page for told in ("办理备案", "2026-12-02 · ", "设置并登记提示标识"))
        assert f'href="/systems/{system.id}"' in page
    assert str(system.id) not in desk_of(stranger)
    filing = accept(session, world.person(Role.REGISTRAR), file(session, owner, system))
    page = desk_of(owner)
    assert "年度确认备案内容" in page
    assert f'href="/filings/{filing.id}"' in page
    assert "2026-12-02" not in page
