"""Who is sent by hand and in spite of what; the calendar of an inspector; what his organ keeps of him."""

import html
import json
import re
from datetime import datetime, timedelta

import pytest
from flask.testing import FlaskClient
from icalendar import Calendar
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.values import Identity, Role
from portal.core.clock import CITY_TZ
from portal.core.errors import Invalid, TooMany
from portal.inspection import operations
from portal.inspection.models import Acceptance, CalendarFeed, InspectorConflict, InspectorProfile, Visit
from tests.inspection.test_booking import HERE, book, checked, inspector, offered, setting
from tests.people import NOW, WENFENG, World, make_world, post, sign_in

# A Monday: the world's today is a Friday.
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=CITY_TZ)
HOURS = timedelta(hours=2)


@pytest.fixture
def world(session: Session) -> World:
    return make_world(session)


def send(
    session: Session,
    actor: Identity,
    acceptance: Acceptance,
    people: list[Identity],
    at: datetime = MONDAY,
    **more: str,
) -> Visit:
    return operations.schedule_visit(
        session,
        actor=actor,
        acceptance_id=acceptance.id,
        starts_at=at,
        ends_at=at + HOURS,
        inspectors=[one.person_id for one in people if one.person_id],
        now=NOW,
        **more,
    )


def codes(refused: pytest.ExceptionInfo[Invalid]) -> set[str]:
    return {problem.code for problem in refused.value.problems}


def test_what_speaks_against_a_visit_by_hand_needs_a_reason_that_is_kept(session: Session, world: World) -> None:
    _, people, acceptance = setting(world)
    leader = world.person(Role.BUREAU_LEADER)
    for team, at, expected in (
        ([people[1], people[2]], MONDAY, {"group_missing"}),
        (people[:2], MONDAY - timedelta(hours=3), {"inspector_off_hours"}),
        (people[:2], MONDAY - timedelta(days=1), {"no_working_day"}),
    ):
        with pytest.raises(Invalid) as refused:
            send(session, leader, acceptance, team, at)
        assert codes(refused) == expected | {"override_needed"}
    visit = send(session, leader, acceptance, people[1:], override="人员另有任务，已向市局报备")
    assert visit.overridden == ["group_missing"]
    assert visit.override_reason == "人员另有任务，已向市局报备"


def test_a_team_that_fits_needs_no_reason_and_keeps_none(session: Session, world: World) -> None:
    _, people, acceptance = setting(world)
    visit = send(session, people[0], acceptance, people[:2], override="不需要")
    assert (visit.overridden, visit.override_reason) == ([], "")


def test_an_interest_and_a_second_visit_are_refused_whatever_the_reason(session: Session, world: World) -> None:
    _, people, acceptance = setting(world)
    leader = world.person(Role.BUREAU_LEADER)
    send(session, leader, acceptance, people[:2])
    unit = world.unit()
    second = checked(world, world.person(Role.UNIT_FILER, unit_id=unit.id), unit.id, people[0])
    with pytest.raises(Invalid) as refused:
        send(session, leader, second, people[:2], MONDAY + timedelta(hours=1), override="急")
    assert codes(refused) == {"double_booked_by"}
    operations.enter_conflict(
        session,
        actor=leader,
        person_id=people[0].person_id,
        organ_id=world.branches[WENFENG].id,
        unit_id=unit.id,
        since=NOW.date(),
        until=None,
        reason="亲属任职",
        now=NOW,
    )
    with pytest.raises(Invalid) as barred:
        send(session, leader, second, people[:2], MONDAY + timedelta(days=1), override="急")
    assert codes(barred) == {"inspector_barred"}


def test_a_visit_against_the_advance_check_needs_a_reason_too(session: Session, world: World) -> None:
    unit = world.unit()
    filer, people = world.person(Role.UNIT_FILER, unit_id=unit.id), [inspector(world), inspector(world)]
    acceptance = checked(world, filer, unit.id, people[0])
    report = operations.Readiness(
        facts={}, checks=[{"key": "zones", "blocking": True, "verdict": "not_met"}], proposals={}, outlook={}
    )
    operations.record_readiness(session, acceptance=acceptance, found=report, cause="night", made_by=None, now=NOW)
    with pytest.raises(Invalid) as refused:
        send(session, people[0], acceptance, people)
    assert codes(refused) == {"readiness_fails", "override_needed"}
    assert send(session, people[0], acceptance, people, override="督办").overridden == ["readiness_fails"]


def read(session: Session, secret: str, *, at: timedelta = timedelta()) -> Calendar:
    from portal.inspection.files import calendar_file

    diary = operations.read_calendar(session, secret=secret, address="192.0.2.7", now=NOW + at)
    assert diary is not None
    file = calendar_file(diary, address_of=lambda key: f"https://portal/acceptances/{key}", now=NOW)
    return Calendar.from_ical(file)


def test_a_calendar_follows_a_visit_until_it_is_called_off(client: FlaskClient, session: Session, world: World) -> None:
    filer, people, acceptance = setting(world)
    slots = offered(session, acceptance)
    visit = book(session, filer, acceptance, slots[0].begins)
    going = {place.person_id for place in visit.inspectors}
    one = next(each for each in people if each.person_id in going)
    _, secret = operations.open_calendar(session, actor=one, now=NOW)
    with client.application.test_request_context():
        (event,) = read(session, secret).walk("VEVENT")
        assert event["UID"] == f"visit-{visit.id}"
        assert (event["STATUS"], event["SEQUENCE"]) == ("CONFIRMED", 0)
        assert event.decoded("DTSTART") == visit.starts_at
        assert event["DTSTART"].params["TZID"] == "Asia/Shanghai"
        assert acceptance.unit.name in event["SUMMARY"]
        assert [each["TZID"] for each in read(session, secret, at=HOURS).walk("VTIMEZONE")] == ["Asia/Shanghai"]
        acceptance.system.secret = True
        session.flush()
        (hidden,) = read(session, secret, at=2 * HOURS).walk("VEVENT")
        assert acceptance.unit.name not in hidden.to_ical().decode()
        assert acceptance.system.address not in hidden.to_ical().decode()
        operations.cancel_slot(session, actor=filer, acceptance_id=acceptance.id, reason="停电", now=NOW)
        (off,) = read(session, secret, at=3 * HOURS).walk("VEVENT")
        assert (off["UID"], off["STATUS"], off["SEQUENCE"]) == (event["UID"], "CANCELLED", 1)


def test_an_address_ends_when_revoked_replaced_or_guessed(session: Session, world: World) -> None:
    one = inspector(world)
    _, first = operations.open_calendar(session, actor=one, now=NOW)
    feed, second = operations.open_calendar(session, actor=one, now=NOW)
    assert second.encode() not in feed.secret_sha256

    def asked(secret: str, at: timedelta) -> bool:
        return operations.read_calendar(session, secret=secret, address="192.0.2.7", now=NOW + at) is not None

    assert not asked(first, timedelta())
    assert asked(second, timedelta())
    with pytest.raises(TooMany):
        asked(second, timedelta(seconds=1))
    operations.revoke_calendar(session, actor=one, now=NOW)
    assert not asked(second, timedelta(minutes=1))
    guesses = (asked("wrong", timedelta(minutes=1)) for _ in range(100))
    with pytest.raises(TooMany):
        any(guesses)


def test_the_pages_of_an_inspector_and_of_his_calendar(client: FlaskClient, session: Session, world: World) -> None:
    filer, people, acceptance = setting(world)
    leader, one, unit = world.person(Role.BUREAU_LEADER), people[0], acceptance.unit.name
    send(session, leader, acceptance, people[:2])
    session.commit()
    address = f"/visits/inspectors/{one.person_id}"
    sign_in(client, world.login_of(leader))
    assert address in client.get("/visits").text
    day = client.get(f"/visits/day?day={MONDAY.date()}").text
    assert day.count(unit) == 2  # one sheet an inspector
    assert "现有顺序路途最短" not in day  # one stop has no order
    routes = json.loads(html.unescape(re.search(r'data-routes="([^"]*)"', day)[1]))
    assert [(route["letter"], [stop["number"] for stop in route["stops"]]) for route in routes] == [
        ("A", [1]),
        ("B", [1]),
    ]
    assert routes[0]["stops"][0]["at"] == [HERE[1], HERE[0]]
    assert routes[0]["line"] == [routes[0]["base"], routes[0]["stops"][0]["at"], routes[0]["base"]]
    assert unit not in html.unescape(re.search(r"<script nonce.*?</script>", day, re.DOTALL)[0])
    assert unit not in client.get("/visits/day?day=2026-11-24").text
    assert client.get("/visits/day?day=gestern").status_code == 200
    typed = {"groups": ["technical"], "expert": "y", "day0": "8:30-12:00 14：00—17:30", "most_per_day": "3"}
    version = session.scalars(select(InspectorProfile.version).where(InspectorProfile.person_id == one.person_id)).one()
    assert post(client, address, typed | {"version": str(version), "day1": "整天"}).status_code == 422
    assert post(client, address, typed | {"version": str(version)}).status_code == 303
    session.expire_all()
    kept = session.get_one(InspectorProfile, one.person_id)
    assert kept.weekly_hours == {"0": [["08:30", "12:00"], ["14:00", "17:30"]]}
    assert (kept.groups, kept.most_per_day) == (["technical"], 3)
    interest = {"unit": unit, "since": "2026-11-01", "reason": "亲属任职"}
    assert post(client, f"{address}/interests", interest | {"unit": "无此单位"}).status_code == 422
    assert post(client, f"{address}/interests", interest).status_code == 303
    held = session.scalars(select(InspectorConflict)).one()
    assert post(client, f"/visits/interests/{held.id}/end").status_code == 303
    post(client, "/sign-out")
    sign_in(client, world.login_of(one))
    assert "亲属任职" in client.get(address).text
    assert post(client, address, typed).status_code == 403
    told = post(client, "/visits/calendar").text
    found = re.search(r"/calendar/[\w-]+\.ics", told)
    assert found
    assert found[0] not in client.get("/visits/calendar").text
    post(client, "/sign-out")
    fetched = client.get(found[0])
    assert (fetched.status_code, fetched.content_type) == (200, "text/calendar; charset=utf-8")
    assert client.get("/calendar/" + "0" * 43 + ".ics").status_code == 404
    assert session.scalars(select(CalendarFeed.fetched_at)).one() is not None
    sign_in(client, world.login_of(filer))
    assert client.get(address).status_code == 403
