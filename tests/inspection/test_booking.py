"""The unit's own visit: offered, chosen, moved, called off; and five hundred who choose at once."""

import random
import re
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

from portal.accounts.values import Identity, Role
from portal.core.clock import CITY_TZ, city_day
from portal.core.db import Database
from portal.core.errors import Invalid, NotAllowed, NotFound
from portal.core.geometry import point, to_element
from portal.core.ids import new_id
from portal.inspection import operations
from portal.inspection.models import Acceptance, InspectorProfile, ReadinessReport, Visit, VisitInspector
from portal.inspection.operations import Particulars
from portal.inspection.queries import get_acceptance, planned_visit
from portal.inspection.states import AcceptanceKind, AcceptanceStatus, ReadinessCause
from portal.registry.models import System
from portal.registry.values import SystemKind
from portal.regulation.calendar import WorkCalendar
from portal.regulation.schema.vocabulary import Regime
from tests.people import NOW, WENFENG, World, make_world, post, sign_in

CALENDAR = WorkCalendar()
GROUPS = ("construction", "technical", "documents")
HERE = (114.35, 36.10)


@pytest.fixture
def world(session: Session) -> World:
    return make_world(session)


def a_system(world: World, unit_id: UUID) -> System:
    system = System(
        unit_id=unit_id,
        district=WENFENG,
        organ_id=world.branches[WENFENG].id,
        name="教学区视频监控系统",
        kind=SystemKind.UNIT_INTERNAL,
        regime=Regime.PUBLIC_UNIT,
        address="文峰大道1号",
        position=to_element(point(*HERE)),
        created_at=NOW,
        updated_at=NOW,
    )
    world.session.add(system)
    world.session.flush()
    return system


def inspector(world: World, *groups: str, expert: bool = True, base: tuple[float, float] | None = HERE) -> Identity:
    person = world.person(Role.INSPECTOR)
    world.session.add(
        InspectorProfile(
            person_id=person.person_id,
            organ_id=world.branches[WENFENG].id,
            groups=list(groups or GROUPS),
            expert=expert,
            base=to_element(point(*base)) if base else None,
            updated_at=NOW,
        )
    )
    world.session.flush()
    return person


def checked(world: World, filer: Identity, unit_id: UUID, police: Identity, *, ready: bool = True) -> Acceptance:
    """An application whose papers are complete and, unless told otherwise, which the advance check found in order."""
    found = operations.request_acceptance(
        world.session,
        actor=filer,
        system_id=a_system(world, unit_id).id,
        kind=AcceptanceKind.NEW,
        statement="请予验收",
        calendar=CALENDAR,
        now=NOW,
    )
    operations.check_documents(
        world.session,
        actor=police,
        acceptance_id=found.id,
        complete=True,
        note="",
        missing=(),
        calendar=CALENDAR,
        now=NOW,
    )
    if ready:
        in_order = operations.Readiness(facts={}, checks=(), proposals={}, outlook={})
        operations.record_readiness(
            world.session,
            acceptance=found,
            found=in_order,
            cause=ReadinessCause.APPLICATION,
            made_by=None,
            now=NOW,
        )
    return found


def setting(world: World) -> tuple[Identity, list[Identity], Acceptance]:
    unit = world.unit()
    filer = world.person(Role.UNIT_FILER, unit_id=unit.id)
    people = [inspector(world), inspector(world, "technical"), inspector(world, "documents", expert=False)]
    return filer, people, checked(world, filer, unit.id, people[0])


def offered(session: Session, acceptance: Acceptance, *, now: datetime = NOW, moving: UUID | None = None):
    return operations.offer_slots(session, acceptance=acceptance, moving=moving, calendar=CALENDAR, now=now)


def book(session: Session, actor: Identity, acceptance: Acceptance, begins: datetime, *, now: datetime = NOW) -> Visit:
    return operations.book_slot(
        session, actor=actor, acceptance_id=acceptance.id, begins=begins, calendar=CALENDAR, now=now
    )


def move(session: Session, actor: Identity, acceptance: Acceptance, begins: datetime, *, now: datetime = NOW) -> Visit:
    return operations.move_slot(
        session, actor=actor, acceptance_id=acceptance.id, begins=begins, calendar=CALENDAR, now=now
    )


def code_of(refused: pytest.ExceptionInfo[Invalid]) -> str:
    return refused.value.problems[0].code


def test_a_time_that_is_offered_can_be_had_and_then_is_gone(session: Session, world: World) -> None:
    filer, people, acceptance = setting(world)
    slots = offered(session, acceptance)
    assert slots
    assert all(CALENDAR.works(city_day(slot.begins)) for slot in slots)
    assert min(slot.begins for slot in slots) >= NOW + timedelta(hours=24)
    assert acceptance.due_on is not None
    assert max(city_day(slot.begins) for slot in slots) <= acceptance.due_on
    visit = book(session, filer, acceptance, slots[0].begins)
    assert acceptance.status == AcceptanceStatus.SCHEDULED
    assert acceptance.checklist
    assert {group for place in visit.inspectors for group in place.groups} == set(GROUPS)
    assert {place.person_id for place in visit.inspectors} <= {one.person_id for one in people}
    # A second unit at the same time: of three inspectors one is left, and one is no team.
    other = world.unit()
    rival = world.person(Role.UNIT_FILER, unit_id=other.id)
    second = checked(world, rival, other.id, people[0])
    assert slots[0].begins not in {slot.begins for slot in offered(session, second)}
    with pytest.raises(Invalid) as refused:
        book(session, rival, second, slots[0].begins)
    assert code_of(refused) == "slot_taken"
    assert planned_visit(session, second.id) is None
    assert second.status == AcceptanceStatus.CHECKED


def test_the_unit_moves_and_calls_off_within_limits(session: Session, world: World) -> None:
    filer, _, acceptance = setting(world)
    slots = offered(session, acceptance)
    visit = book(session, filer, acceptance, slots[0].begins)
    # Half an hour later overlaps the old time: the visit's own team stands not in its way.
    move(session, filer, acceptance, slots[1].begins)
    assert (visit.starts_at, visit.unit_moves) == (slots[1].begins, 1)
    with pytest.raises(Invalid) as late:
        move(session, filer, acceptance, slots[-1].begins, now=visit.starts_at - timedelta(hours=23))
    assert code_of(late) == "moved_too_late"
    with pytest.raises(Invalid) as same:
        move(session, filer, acceptance, slots[1].begins)
    assert code_of(same) == "slot_unchanged"
    operations.cancel_slot(session, actor=filer, acceptance_id=acceptance.id, reason="设备检修", now=NOW)
    assert acceptance.status == AcceptanceStatus.CHECKED
    assert all(place.cancelled for place in visit.inspectors)
    again = book(session, filer, acceptance, slots[0].begins)
    for attempt in (
        lambda: move(session, filer, acceptance, slots[-1].begins),
        lambda: operations.cancel_slot(session, actor=filer, acceptance_id=acceptance.id, reason="再改", now=NOW),
    ):
        with pytest.raises(Invalid) as often:
            attempt()
        assert code_of(often) == "moves_used_up"
    assert again.starts_at == slots[0].begins


def test_no_time_with_who_is_away_or_has_an_interest(session: Session, world: World) -> None:
    filer, people, acceptance = setting(world)
    leader = world.person(Role.BUREAU_LEADER)
    organ = world.branches[WENFENG].id
    day = city_day(offered(session, acceptance)[0].begins)
    begins = datetime.combine(day, datetime.min.time(), CITY_TZ)
    for one in people[:2]:
        operations.enter_absence(
            session,
            actor=one,
            person_id=one.person_id,
            organ_id=organ,
            begins=begins,
            ends=begins + timedelta(days=1),
            reason="培训",
            now=NOW,
        )
    assert day not in {city_day(slot.begins) for slot in offered(session, acceptance)}
    with pytest.raises(Invalid) as refused:
        book(session, filer, acceptance, begins + timedelta(hours=9))
    assert code_of(refused) == "slot_taken"
    # Only the first stands for construction; with an interest in the unit nobody is left to.
    operations.enter_conflict(
        session,
        actor=leader,
        person_id=people[0].person_id,
        organ_id=organ,
        unit_id=acceptance.unit_id,
        since=date(2026, 1, 1),
        until=None,
        reason="亲属任职",
        now=NOW,
    )
    assert not offered(session, acceptance)
    # Nor can the organ send whoever is away or has an interest.
    for sent, code in ((people[:2], "inspector_barred"), (people[1:], "inspector_away")):
        with pytest.raises(Invalid) as unfit:
            operations.schedule_visit(
                session,
                actor=leader,
                acceptance_id=acceptance.id,
                starts_at=begins + timedelta(hours=9),
                ends_at=begins + timedelta(hours=11),
                inspectors=[one.person_id for one in sent],
                now=NOW,
            )
        assert code in {problem.code for problem in unfit.value.problems}


def test_an_absence_is_not_entered_over_a_visit(session: Session, world: World) -> None:
    filer, _, acceptance = setting(world)
    visit = book(session, filer, acceptance, offered(session, acceptance)[0].begins)
    leader = world.person(Role.BUREAU_LEADER)
    away = {
        "actor": leader,
        "person_id": visit.inspectors[0].person_id,
        "organ_id": world.branches[WENFENG].id,
        "reason": "年休假",
        "now": NOW,
    }
    with pytest.raises(Invalid) as refused:
        operations.enter_absence(session, begins=visit.starts_at, ends=visit.ends_at, **away)
    assert code_of(refused) == "absence_over_visit"
    later = visit.ends_at + timedelta(days=2)
    entered = operations.enter_absence(session, begins=later, ends=later + timedelta(days=1), **away)
    with pytest.raises(Invalid) as twice:
        operations.enter_absence(session, begins=later, ends=later + timedelta(hours=1), **away)
    assert code_of(twice) == "absence_twice"
    operations.withdraw_absence(session, actor=leader, absence_id=entered.id, now=NOW)
    operations.enter_absence(session, begins=later, ends=later + timedelta(hours=1), **away)


def test_who_may_book_and_who_may_keep(session: Session, world: World) -> None:
    filer, people, acceptance = setting(world)
    begins = offered(session, acceptance)[0].begins
    with pytest.raises(NotAllowed):
        book(session, people[0], acceptance, begins)
    with pytest.raises(NotFound):
        book(session, world.person(Role.UNIT_FILER, unit_id=world.unit().id), acceptance, begins)
    keep = {
        "person_id": people[0].person_id,
        "organ_id": world.branches[WENFENG].id,
        "particulars": Particulars(groups={"technical"}, expert=True, most_per_day=2),
        "seen_version": None,
        "now": NOW,
    }
    with pytest.raises(NotAllowed):
        operations.keep_inspector(session, actor=people[1], **keep)
    with pytest.raises(NotFound):
        operations.keep_inspector(session, actor=filer, **keep)
    operations.keep_inspector(session, actor=world.person(Role.BUREAU_LEADER), **keep)
    # Nobody else stands for construction: no team any more.
    assert not offered(session, acceptance)


def test_the_unit_chooses_moves_and_calls_off_on_its_page(client: FlaskClient, session: Session, world: World) -> None:
    filer, people, acceptance = setting(world)
    address = f"/acceptances/{acceptance.id}"
    sign_in(client, world.login_of(people[0]))
    assert client.get(f"{address}/visit-time").status_code == 403
    post(client, "/sign-out")
    sign_in(client, world.login_of(filer))
    assert f"{address}/visit-time" in client.get(address).text
    times = re.findall(r'name="begins" value="([^"]+)"', client.get(f"{address}/visit-time").text)
    assert len(times) > 20
    assert post(client, f"{address}/visit-time").status_code == 422
    odd = post(client, f"{address}/visit-time", {"begins": "2026-11-22 03:10"})
    assert odd.status_code == 422
    assert 'id="begins-error"' in odd.text
    assert post(client, f"{address}/visit-time", {"begins": times[0]}).status_code == 303
    again = client.get(f"{address}/visit-time").text
    assert f'value="{times[0]}"' not in again
    assert post(client, f"{address}/visit-time", {"begins": times[1]}).status_code == 303
    assert post(client, f"{address}/visit-time/cancel").status_code == 422
    assert post(client, f"{address}/visit-time/cancel", {"reason": "设备检修"}).status_code == 303
    assert client.get(address).status_code == 200


def test_the_week_shows_who_is_where_and_takes_absences(client: FlaskClient, session: Session, world: World) -> None:
    filer, people, acceptance = setting(world)
    visit = book(session, filer, acceptance, offered(session, acceptance)[0].begins)
    week = f"/visits?week={city_day(visit.starts_at)}"
    elsewhere = world.person(Role.BUREAU_LEADER, organ=world.city)
    sign_in(client, world.login_of(elsewhere))
    assert people[0].name not in client.get(week).text
    post(client, "/sign-out")
    sign_in(client, world.login_of(people[0]))
    shown = client.get(week).text
    assert f"/acceptances/{acceptance.id}" in shown
    assert all(one.name in shown for one in people)
    day = city_day(visit.starts_at)
    times = {"starts_at": f"{day} 08:00", "ends_at": f"{day} 18:00", "reason": "培训"}
    # Only for oneself, and not over a visit.
    assert post(client, "/visits/absences", times | {"person": str(people[1].person_id)}).status_code == 422
    later = day + timedelta(days=14)
    times = {"starts_at": f"{later} 08:00", "ends_at": f"{later} 18:00", "reason": "培训"}
    assert post(client, "/visits/absences", times | {"person": str(people[0].person_id)}).status_code == 303
    found = re.search(r'action="(/visits/absences/[^"]+/withdraw)"', client.get(f"/visits?week={later}").text)
    assert found is not None
    assert post(client, found[1]).status_code == 303
    assert "/withdraw" not in client.get(f"/visits?week={later}").text


MANY = 500


@pytest.fixture
def rush(own_database: Database) -> tuple[Identity, list[UUID]]:
    """Five hundred applications and seven inspectors."""
    with own_database.transaction() as session:
        world = make_world(session)
        unit = world.unit()
        filer = world.person(Role.UNIT_FILER, unit_id=unit.id)
        for number in range(7):
            inspector(world, GROUPS[number % 3], GROUPS[(number + 1) % 3], expert=number % 3 != 2)
        model = a_system(world, unit.id)
        place = {"unit_id": unit.id, "district": WENFENG, "organ_id": model.organ_id}
        same = {"kind": model.kind, "regime": model.regime, "address": model.address, "name": model.name}
        times = {"created_at": NOW, "updated_at": NOW, "version": 1}
        systems = [{"id": new_id(), **place, **same, **times} for _ in range(MANY)]
        session.execute(insert(System), systems)
        rows = [
            {"id": new_id(), "system_id": row["id"], **place, "status": "checked", "requested_at": NOW, "version": 1}
            for row in systems
        ]
        session.execute(insert(Acceptance), rows)
        in_order = {"unit_id": unit.id, "district": WENFENG, "cause": "night", "made_at": NOW}
        blank = {"facts": {}, "checks": [], "proposals": {}, "outlook": {}}
        reports = [{"id": new_id(), "acceptance_id": row["id"], **in_order, **blank} for row in rows]
        session.execute(insert(ReadinessReport), reports)
    return filer, [row["id"] for row in rows]


@pytest.mark.requirement("ACC-01")
def test_five_hundred_at_once_none_lost_none_overlapping(
    own_database: Database, rush: tuple[Identity, list[UUID]]
) -> None:
    filer, keys = rush
    with own_database.session(filer.data_scope) as session:
        times = [slot.begins for slot in offered(session, get_acceptance(session, filer, keys[0]))]
    # Many more applications than room.
    wanted = random.Random(20).choices(times, k=MANY)

    def one(key: UUID, begins: datetime) -> str:
        try:
            with own_database.transaction(filer.data_scope) as session:
                operations.book_slot(session, actor=filer, acceptance_id=key, begins=begins, calendar=CALENDAR, now=NOW)
        except Invalid as refused:
            return refused.problems[0].code
        return "booked"

    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(one, keys, wanted))
    with own_database.transaction() as session:
        check(session, filer, keys, wanted, told)


def check(
    session: Session, filer: Identity, keys: Sequence[UUID], wanted: Sequence[datetime], told: Sequence[str]
) -> None:
    """Every answer is true, and nobody is in two places or without time to go from one to the other."""
    counted = Counter(told)
    assert set(counted) == {"booked", "slot_taken"}, counted
    visits = {row.acceptance_id: row for row in session.scalars(select(Visit))}
    assert {key for key, answer in zip(keys, told, strict=True) if answer == "booked"} == set(visits)
    assert all(visits[key].starts_at == begins for key, begins in zip(keys, wanted, strict=True) if key in visits)
    states = {row.id: row.status for row in session.execute(select(Acceptance.id, Acceptance.status))}
    assert all((states[key] == "scheduled") == (key in visits) for key in keys)
    seats = Counter(session.scalars(select(VisitInspector.visit_id)))
    assert set(seats) == {visit.id for visit in visits.values()}
    assert min(seats.values()) >= 2
    # Ways between two visits at one place take their fixed time.
    near = session.scalar(
        text(
            "select count(*) from visit_inspector a join visit_inspector b on a.person_id = b.person_id "
            "and a.visit_id < b.visit_id and tstzrange(lower(a.period) - interval '10 minutes', upper(a.period) "
            "+ interval '10 minutes') && b.period"
        )
    )
    assert near == 0
    # Nobody was refused whom a team could have been found for: with what is booked now, the time is still full.
    refused = [(key, begins) for key, begins, answer in zip(keys, wanted, told, strict=True) if answer == "slot_taken"]
    acceptance = get_acceptance(session, filer, refused[0][0])
    free = {slot.begins for slot in offered(session, acceptance)}
    assert not free & {begins for _, begins in refused}
