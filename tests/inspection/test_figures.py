"""Each figure counts what its list shows, within the reader's own reach."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.accounts.values import Role
from portal.inspection import queries
from portal.inspection.queries import figures
from portal.inspection.queries.lists import AcceptanceFilter
from portal.inspection.states import ClockKind
from tests.inspection.test_findings import concluded
from tests.people import BEIGUAN, TODAY, WENFENG, World, make_world, sign_in

PERIOD = figures.Period(since=TODAY - timedelta(days=30), until=TODAY)
SPAN = {"concluded_from": PERIOD.since, "concluded_until": PERIOD.until}


@pytest.fixture
def world(session: Session) -> World:
    return make_world(session)


def listed(session: Session, who, **more) -> int:
    return len(queries.acceptance_page(session, who, AcceptanceFilter(**SPAN, **more)).items)


def test_every_figure_counts_the_rows_of_its_list(session: Session, world: World) -> None:
    *_, inspectors, passed = concluded(session, world, "clock")
    concluded(session, world, "clock", "front_end", "control_room", "cabling")
    clock = next(row for row in queries.clocks_of(session, passed.id) if row.kind == ClockKind.DECISION)
    clock.late_days = 2
    session.flush()
    leader = world.person(Role.BUREAU_LEADER)
    first, later = figures.passes(session, leader, PERIOD)
    assert (first.count, first.rate, later.count, later.rate) == (2, 0.5, 0, None)
    for status, count in first.by_status.items():
        assert count == listed(session, leader, first_try=True, status=status)
    waits = {row.kind: row for row in figures.waits(session, leader, PERIOD)}
    assert (waits[ClockKind.DECISION].count, waits[ClockKind.DECISION].late) == (2, 1)
    for kind, row in waits.items():
        assert row.count == listed(session, leader, clock=kind)
        assert row.late == listed(session, leader, clock=kind, late=True)
    (most, *_) = figures.missed_items(session, leader, PERIOD)
    assert (most.item, most.count) == ("clock", 2)
    shown = queries.FindingFilter(list_key=most.list_key, item=most.item, stated_from=PERIOD.since)
    assert len(queries.finding_page(session, leader, shown).items) == 2
    loads = {
        row.person_id: row
        for row in figures.loads(session, leader, figures.Period(since=TODAY, until=TODAY + timedelta(days=2)))
    }
    mine = loads[inspectors[0].person_id]
    assert (mine.visits, mine.hours) == (1, 2.0)
    (district,) = figures.by_district(session, leader, PERIOD)
    assert (district.district, district.concluded, district.first_passed, district.late) == (WENFENG, 2, 1, 1)
    # Out of reach, out of the period: nothing is counted.
    elsewhere = world.person(Role.BUREAU_LEADER, organ=world.branches[BEIGUAN])
    assert [one.count for one in figures.passes(session, elsewhere, PERIOD)] == [0, 0]
    before = figures.Period(since=TODAY - timedelta(days=60), until=TODAY - timedelta(days=31))
    assert not figures.waits(session, leader, before)
    assert not figures.missed_items(session, leader, before)


def test_the_page_says_so_where_nothing_was_inspected_and_shows_a_sector_its_own(
    client: FlaskClient, session: Session, world: World
) -> None:
    concluded(session, world, "clock")
    education = world.person(Role.SECTOR_SUPERVISOR)
    (first, _) = figures.passes(session, education, PERIOD)
    assert first.count == 1, "the system of a school in its district"
    other = world.person(Role.SECTOR_SUPERVISOR, organ=world.education(sectors=["hospital"]))
    assert figures.passes(session, other, PERIOD)[0].count == 0
    sign_in(client, world.login_of(education))
    page = client.get(f"/acceptances/figures?from={PERIOD.since}&until={PERIOD.until}")
    assert (page.status_code, "一次通过率" in page.text) == (200, True)
    assert "本时段没有验收" in client.get("/acceptances/figures?from=2020-01-01&until=2020-02-01").text
    assert client.get("/acceptances/figures?from=nonsense&until=9999-12-31&district=1&kind=x").status_code == 200
