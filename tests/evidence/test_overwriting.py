"""When footage is lost and where it lies on a camera's own clock: the rule, and the rule at work in every act."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from portal.accounts.values import Identity, system_identity
from portal.core.db import Database
from portal.core.errors import IllegalTransition, NotAllowed, PortalError
from portal.core.scope import EVERYTHING
from portal.desk.queries.footage import footage_going
from portal.evidence.models import PreservationHold, RecordingSetting
from portal.evidence.operations import (
    acknowledge_hold,
    ask_release,
    book_outcome,
    confirm_release,
    draft_requests,
    expire_lapsed,
    place_hold_early,
    register_file,
    send_notices,
    withdraw_request,
)
from portal.evidence.operations.overwriting import reckon_clocks
from portal.evidence.queries import ListFilter, cameras_near, get_request, request_page
from portal.evidence.rules.overwriting import (
    all_said,
    camera_clock,
    deciding,
    expired,
    gaps_within,
    margin_at,
    measured_days,
    offset_of,
    short_of,
    valid_days,
    window_on_clock,
)
from portal.evidence.states import HoldStatus, RequestStatus
from portal.evidence.values import Outcome, Purpose
from portal.evidence.values.overwriting import CLOCKS_RECKONED, KeptBy, Said, said_from
from portal.reachability.models import DeviceStatus, ProbeTarget
from tests.evidence.city import HOUR, EvidenceCity
from tests.support.world import NOW

DAY = timedelta(days=1)
SPAN = (NOW - 2 * DAY, NOW - 2 * DAY + HOUR)

SOURCES = [one for one in KeptBy if one is not KeptBy.REQUIRED]
saids = st.tuples(*(st.none() | st.integers(0, 400) for _ in SOURCES)).map(
    lambda days: [Said(source, number, NOW) for source, number in zip(SOURCES, days, strict=True) if number is not None]
)


# ---- the rule ----


@pytest.mark.requirement("RET-01")
@settings(max_examples=150)
@given(saids, st.integers(0, 120))
def test_the_least_of_all_that_is_said_decides(said: list[Said], required: int) -> None:
    whole = all_said(said, required=required)
    decided = deciding(whole)
    assert all(decided.days <= one.days for one in whole if one.counts)
    stated = [one.days for one in said if one.source is not KeptBy.MEASURED]
    # Nobody's silence makes a camera keep for ever, and what the law asks never lengthens what somebody keeps.
    assert valid_days(whole) == (min(stated) if stated else required)
    assert decided.days <= valid_days(whole)
    clock = camera_clock(*SPAN, whole)
    assert clock.first <= clock.last
    assert clock.last - clock.first == SPAN[1] - SPAN[0]
    assert {one.source for one in short_of(whole)} == {one.source for one in said if one.days < required}
    assert said_from([one.as_json() for one in whole]) == whole


@given(st.integers(1, 200), st.integers(0, 200), st.integers(-7200, 7200))
def test_a_recorder_that_is_still_filling_decides_nothing(kept: int, spare: int, drift: int) -> None:
    oldest = NOW - timedelta(days=kept)
    young = measured_days(oldest, measured_at=NOW, alive_since=oldest, drift_s=0)
    assert (young.days, young.counts) == (kept, False)
    full = measured_days(oldest, measured_at=NOW, alive_since=oldest - timedelta(days=1 + spare), drift_s=0)
    assert (full.days, full.counts) == (kept, True)
    # A device that is ahead tells its own time: what it calls ten o'clock was earlier here.
    ahead = measured_days(
        oldest + timedelta(seconds=drift), measured_at=NOW, alive_since=oldest - 3 * DAY, drift_s=drift
    )
    assert ahead.days == kept


@settings(max_examples=150)
@given(st.integers(-40_000, 40_000), st.integers(0, 5000), st.integers(0, 60), st.integers(-12, 12))
def test_what_was_recorded_in_the_span_lies_in_the_window(drift: int, rtt: int, ago: int, strays: int) -> None:
    """Whatever the clock did within what a quartz does, the moment is found where the sheet says to search."""
    offset = offset_of(drift, rtt, at=NOW - timedelta(days=ago))
    begins, ends, margin = window_on_clock(*SPAN, offset)
    assert ends - begins == SPAN[1] - SPAN[0] + 2 * timedelta(seconds=margin)
    true = timedelta(seconds=drift + 0.5 + strays / 12 * (margin_at(offset, SPAN[0]) - 1.5))
    for moment in SPAN:
        assert begins <= moment + true <= ends
    assert margin_at(offset, offset.at) == offset.margin <= margin


@pytest.mark.requirement("RET-03")
@given(st.integers(0, 90), st.integers(-100, 100))
def test_nothing_past_its_period_is_opened_and_a_hold_knows_no_period(days: int, past: int) -> None:
    now = SPAN[1] + timedelta(days=days) + timedelta(hours=past)
    assert expired(SPAN[1], days, held=False, now=now) == (past >= 0)
    assert not expired(SPAN[1], days, held=True, now=now)


@pytest.mark.requirement("EVI-17")
@settings(max_examples=150)
@given(st.lists(st.tuples(st.integers(-30, 90), st.integers(1, 40)), max_size=6))
def test_gaps_and_pieces_make_up_the_whole_span(cuts: list[tuple[int, int]]) -> None:
    minute = timedelta(minutes=1)
    begins, ends = NOW, NOW + 60 * minute
    pieces = [(begins + at * minute, begins + (at + long) * minute) for at, long in cuts]
    gaps = gaps_within(begins, ends, pieces, least=minute)
    covered = {n for at, long in cuts for n in range(at, at + long)}
    missing = {n for a, b in gaps for n in range((a - begins) // minute, (b - begins) // minute)}
    assert missing == set(range(60)) - covered


# ---- at work ----


def probed(session: Session, city: EvidenceCity, *, days: int, alive: int = 90, drift: int | None = 37) -> DeviceStatus:
    """The gate camera as its probe found it: footage so many days back."""
    target = ProbeTarget(
        camera_id=city.gate.id,
        unit_id=city.gate.unit_id,
        district=city.gate.district,
        host="10.0.0.8",
        has_login=True,
        enabled=True,
        access_seen_at=NOW,
    )
    session.add(target)
    session.flush()
    status = DeviceStatus(
        target_id=target.id,
        camera_id=city.gate.id,
        system_id=city.gate.system_id,
        unit_id=city.gate.unit_id,
        district=city.gate.district,
        state="online",
        since=NOW - DAY,
        first_live_at=NOW - timedelta(days=alive),
        drift_s=drift,
        deep_at=NOW - HOUR,
        recorded_from=NOW - HOUR - timedelta(days=days),
        recorded_until=NOW - HOUR,
    )
    session.add(status)
    session.flush()
    return status


def old(days: float) -> dict[str, datetime]:
    """A span of an hour, so many days ago."""
    return {"span_from": NOW - timedelta(days=days), "span_to": NOW - timedelta(days=days) + HOUR}


@pytest.mark.requirement("RET-01")
def test_each_camera_says_by_whose_word_it_is_lost(session: Session, city: EvidenceCity) -> None:
    probed(session, city, days=12)
    session.add(
        RecordingSetting(
            camera_id=city.gate.id,
            unit_id=city.gate.unit_id,
            district=city.gate.district,
            mode="continuous",
            retention_days=20,
            read_at=NOW - 3 * DAY,
            read_by=city.custodian.person_id,
            read_name="陈工",
        )
    )
    request = city.submitted(**old(5))
    (camera,) = request.cameras
    said = {one.source: one for one in said_from(camera.kept_said)}
    assert (said[KeptBy.MEASURED].days, said[KeptBy.MEASURED].at) == (12, NOW - HOUR)
    assert (said[KeptBy.CONFIGURED].days, said[KeptBy.CONFIGURED].at) == (20, NOW - 3 * DAY)
    assert said[KeptBy.REQUIRED].days == 30
    assert said[KeptBy.DECLARED].days >= 30
    # The measurement decides the clock; the valid period is what the unit itself says.
    assert (camera.retention_days, camera.valid_days) == (12, 20)
    assert camera.lost_at == request.lost_at == request.span_from + timedelta(days=12)
    assert camera.lost_to == request.span_to + timedelta(days=12)
    assert (camera.offset_s, camera.offset_at) == (37, NOW - DAY)
    assert short_of(said_from(camera.kept_said)) == [said[KeptBy.MEASURED], said[KeptBy.CONFIGURED]]


def test_a_measurement_that_grows_worse_is_heard_at_night(session: Session, city: EvidenceCity) -> None:
    status = probed(session, city, days=29)
    request = city.submitted(**old(5))
    assert request.retention_days == 29
    status.recorded_from = NOW - HOUR - timedelta(days=6)
    session.flush()
    assert reckon_clocks(session, actor=system_identity("evidence"), now=NOW + DAY) == 1
    assert request.retention_days == 6
    assert request.lost_at == request.span_from + timedelta(days=6)
    heard = "select count(*) from audit_stage where tag = :tag"
    assert session.scalar(text(heard), {"tag": str(CLOCKS_RECKONED)}) == 1
    for quiet in (1, 2):
        assert reckon_clocks(session, actor=system_identity("evidence"), now=NOW + quiet * DAY) == 1
        lines = session.scalar(text(heard), {"tag": str(CLOCKS_RECKONED)})
        assert lines == 1 + quiet, (
            "a night on which nothing moved is one line: its rows change, and no change goes unsaid"
        )
    city.decide(request, city.head)
    request.status = RequestStatus.CLOSED
    session.flush()
    assert reckon_clocks(session, actor=system_identity("evidence"), now=NOW + DAY) == 0


@pytest.mark.requirement("EVI-03")
def test_a_hold_is_offered_before_the_papers_are_complete(session: Session, city: EvidenceCity) -> None:
    calm = city.draft(**old(5))
    with pytest.raises(IllegalTransition):
        place_hold_early(session, actor=city.officer, request_id=calm.id, now=NOW)
    going = city.draft(**old(28))
    assert [row.id for row in request_page(session, city.security, ListFilter()).items] == []
    with pytest.raises((NotAllowed, PortalError)):
        place_hold_early(session, actor=city.partner, request_id=going.id, now=NOW)
    place_hold_early(session, actor=city.officer, request_id=going.id, now=NOW)
    # The unit sees what it is to keep, though nothing is submitted yet, and is told; a second call places no second.
    assert get_request(session, city.security, going.id).status == RequestStatus.DRAFT
    assert send_notices(session, request_id=going.id, now=NOW) == 3
    place_hold_early(session, actor=city.officer, request_id=going.id, now=NOW)
    assert len(session.scalars(select(PreservationHold)).all()) == 1
    acknowledge_hold(session, actor=city.security, request_id=going.id, now=NOW)
    withdraw_request(session, actor=city.officer, request_id=going.id, reason="", now=NOW)
    assert session.scalars(select(PreservationHold.status)).one() == HoldStatus.ACKNOWLEDGED


@pytest.mark.requirement("RET-03")
def test_footage_past_its_period_is_opened_only_under_a_hold(session: Session, city: EvidenceCity) -> None:
    request = city.assigned(**old(25))
    late = NOW + timedelta(days=9)
    with session.begin_nested() as trial:
        city.unlock(request, now=late)  # nobody confirmed the hold, and no clock ends it
        trial.rollback()
    session.expire_all()
    two = {"first": city.officer.person_id, "second": city.head.person_id}
    session.execute(
        text(
            "update preservation_hold set status = 'released', release_asked_by = :first, release_confirmed_by = :second"
        ),
        two,
    )
    session.expire_all()
    with pytest.raises(IllegalTransition, match="span_expired"):
        city.unlock(request, now=late)
    city.unlock(request, now=NOW + 3 * HOUR)
    given = {"actor": city.custodian, "request_id": request.id, "now": late}
    with pytest.raises(IllegalTransition, match="span_expired"):
        register_file(session, file=city.file(**old(25)), **given)
    with pytest.raises(IllegalTransition, match="span_expired"):
        book_outcome(session, camera_id=city.gate.id, outcome=Outcome.SUPPLIED, note="", **given)
    gone = book_outcome(session, camera_id=city.gate.id, outcome=Outcome.OVERWRITTEN, note="录像机循环覆盖", **given)
    assert gone.outcome == Outcome.OVERWRITTEN


def test_what_is_lost_first_comes_first_and_the_desk_says_so(session: Session, city: EvidenceCity) -> None:
    calm, soon, sooner = (city.submitted(**old(days)) for days in (5, 28, 28.5))
    kept = city.submitted(**old(29))
    acknowledge_hold(session, actor=city.security, request_id=kept.id, now=NOW)
    wanted = ListFilter(lost=True)
    first = request_page(session, city.officer, wanted, size=2)
    rest = request_page(session, city.officer, wanted, size=2, after=first.next_cursor or "")
    assert [row.id for row in (*first.items, *rest.items)] == [sooner.id, soon.id, calm.id]
    for who in (city.officer, city.custodian):
        (line,) = footage_going(session, who, now=NOW)
        assert (line.count, line.late, line.query) == (2, False, {"lost": "1"})
    (late,) = footage_going(session, city.custodian, now=NOW + timedelta(days=2))
    assert late.late
    assert footage_going(session, city.school_head, now=NOW) == []


@pytest.mark.requirement("EVI-18")
def test_an_emergency_has_the_footage_around_it_kept_at_once(session: Session, city: EvidenceCity) -> None:
    """Incident → hold on the cameras nearby, before any paper: each unit is told, and none beyond the place."""
    system = city.system(city.college, city.bureau)
    around, away = city.camera(system, "东门岗亭"), city.camera(system, "远处")
    session.execute(text("update camera set position = st_setsrid(st_makepoint(114.35, 36.10), 4326)"))
    moved = "update camera set position = st_setsrid(st_makepoint(:lon, 36.10), 4326) where id = :id"
    # 0.002° of longitude are 180 m there; 0.0024° are 216 m, though the map draws 180 m longer than that.
    session.execute(text(moved), {"id": around.id, "lon": 114.352})
    session.execute(text(moved), {"id": away.id, "lon": 114.3524})
    near = cameras_near(session, city.officer, city.gate.id, metres=200, limit=50)
    assert near[0].id in {city.gate.id, city.yard.id}
    assert {one.id for one in near} == {city.gate.id, city.yard.id, around.id}
    assert cameras_near(session, city.far_officer, city.gate.id, metres=200, limit=50) == []
    drafts = draft_requests(
        session,
        actor=city.officer,
        asked=city.asked(camera_ids=tuple(one.id for one in near), purpose=Purpose.EMERGENCY),
        now=NOW,
    )
    assert {draft.unit_id for draft in drafts} == {city.college.id, city.school.id}
    held = session.scalars(select(PreservationHold)).all()
    assert {(hold.unit_id, hold.status) for hold in held} == {
        (city.college.id, HoldStatus.PLACED),
        (city.school.id, HoldStatus.PLACED),
    }
    assert {(hold.span_from, hold.span_to) for hold in held} == {(drafts[0].span_from, drafts[0].span_to)}
    mine = next(draft for draft in drafts if draft.unit_id == city.school.id)
    acknowledge_hold(session, actor=city.school_head, request_id=mine.id, now=NOW)
    calm = city.draft()
    assert all(hold.request_id != calm.id for hold in session.scalars(select(PreservationHold)))


# ---- at once ----


def at_once(database: Database, *acts: Callable[[Session], Any]) -> list[str]:
    """Each act in its own session and thread, all let go at the same moment: how each ended, in order."""
    gate, ended = threading.Barrier(len(acts)), [""] * len(acts)

    def run(place: int, act: Callable[[Session], Any]) -> None:
        with database.session(EVERYTHING) as mine:
            gate.wait(20)
            try:
                act(mine)
                mine.commit()
                ended[place] = "done"
            except PortalError as refusal:
                mine.rollback()
                ended[place] = refusal.code

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return ended


def second_head(city: EvidenceCity) -> Identity:
    """Another head who may decide."""
    return city.person("head2", city.head.memberships[0].role, organ=city.bureau, post="case_department_head")


@pytest.mark.slow
@pytest.mark.requirement("RET-05")
def test_no_race_ends_a_hold_by_one_person_or_by_a_clock(own_database: Database) -> None:
    """Hold against expiry, confirmation against lifting, two releasers at once: on real PostGIS, in threads."""
    with own_database.transaction() as session:
        city = EvidenceCity(session)
        head2, waiting, sealed = second_head(city), city.submitted(**old(28)), city.sealed()
        waiting_id, sealed_id, run_id = waiting.id, sealed.id, waiting.run_id
    much_later = NOW + timedelta(days=90)
    # The chain ran out of time, and so did the recorder's days, in the moment in which the unit confirms.
    with own_database.transaction() as session:
        session.execute(
            text("update approval_run set status = 'lapsed', awaits_step = null, ended_at = :now where id = :id"),
            {"id": run_id, "now": NOW},
        )
    ended = at_once(
        own_database,
        lambda mine: expire_lapsed(mine, actor=system_identity("evidence"), now=much_later),
        lambda mine: acknowledge_hold(mine, actor=city.security, request_id=waiting_id, now=much_later),
        lambda mine: reckon_clocks(mine, actor=system_identity("evidence"), now=much_later),
    )
    assert ended == ["done", "done", "done"]
    with own_database.transaction() as session:
        expire_lapsed(session, actor=system_identity("evidence"), now=much_later)  # what was held was left for this one
        assert _stands(session, waiting_id) == ("lapsed", "acknowledged", None)

    acknowledged, asked = at_once(
        own_database,
        lambda mine: acknowledge_hold(mine, actor=city.security, request_id=sealed_id, now=much_later),
        lambda mine: ask_release(mine, actor=city.officer, request_id=sealed_id, reason="已固定", now=much_later),
    )
    assert asked == "done"
    assert acknowledged in {"done", "evidence.hold.illegal"}
    with own_database.transaction() as session:
        assert _stands(session, sealed_id) == ("sealed", "release_asked", None)

    ended = at_once(
        own_database,
        lambda mine: confirm_release(mine, actor=city.head, request_id=sealed_id, now=much_later),
        lambda mine: confirm_release(mine, actor=head2, request_id=sealed_id, now=much_later),
    )
    assert sorted(ended) == ["done", "evidence.hold.illegal"]
    with own_database.transaction() as session:
        status, hold, confirmed = _stands(session, sealed_id)
        assert (status, hold) == ("sealed", "released")
        assert confirmed == (city.head, head2)[ended.index("done")].person_id


def _stands(session: Session, request_id: Any) -> tuple[Any, ...]:
    row = session.execute(
        text(
            "select r.status, h.status, h.release_confirmed_by from footage_request r "
            "join preservation_hold h on h.request_id = r.id where r.id = :id"
        ),
        {"id": request_id},
    ).one()
    return tuple(row)
