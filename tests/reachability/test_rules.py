"""Hysteresis, flapping, back-off, believing a round, uptime: all pure."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.reachability.probes.base import DeepResult, LayerResult, QuickResult, Reason
from portal.reachability.rules import (
    Level,
    Observation,
    Outage,
    Standing,
    Tally,
    advance,
    after_deep,
    decode_chunk,
    encode_chunk,
    group_is_down,
    mark_unreachable,
    next_deep_at,
    observe,
    outages,
    round_is_believable,
    uptime,
)
from portal.registry.states import LiveState

T0 = datetime(2026, 3, 1, 8, tzinfo=UTC)
EVERY = timedelta(minutes=10)
UP = Observation(Level.UP, Reason.OK)
DOWN = Observation(Level.DOWN, Reason.TIMEOUT)
LATE = Observation(Level.IMPAIRED, Reason.CLOCK_DRIFT, 40.0)
FRESH = Standing(since=T0)


def run(*seen, start=FRESH, step=EVERY, begin=T0):
    standing, now = start, begin
    for one in seen:
        now += step
        standing = advance(standing, one, now=now, interval=EVERY)
    return standing


ONLINE = run(UP, UP)


def test_two_successes_make_a_device_online_and_three_failures_take_it_off():
    assert run(UP).state is LiveState.UNKNOWN
    assert ONLINE.state is LiveState.ONLINE
    assert run(DOWN, DOWN, start=ONLINE).state is LiveState.ONLINE
    gone = run(DOWN, DOWN, DOWN, start=ONLINE)
    assert (gone.state, gone.reason) == (LiveState.OFFLINE, Reason.TIMEOUT)
    assert run(UP, start=gone).state is LiveState.OFFLINE
    assert run(UP, UP, start=gone).state is LiveState.ONLINE


def test_one_blip_between_successes_changes_nothing_that_is_shown():
    blip = run(DOWN, UP, DOWN, UP, UP, start=ONLINE)
    assert (blip.state, blip.since, blip.reason) == (ONLINE.state, ONLINE.since, Reason.OK)


def test_a_device_that_answers_wrongly_is_degraded_with_the_reason():
    late = run(LATE, LATE, LATE, start=ONLINE)
    assert (late.state, late.reason) == (LiveState.DEGRADED, Reason.CLOCK_DRIFT)
    assert run(UP, UP, start=late).state is LiveState.ONLINE
    assert run(DOWN, DOWN, DOWN, start=late).state is LiveState.OFFLINE
    assert run(LATE, LATE).state is LiveState.DEGRADED


def test_failing_now_this_way_now_that_is_not_being_online():
    assert run(DOWN, LATE, DOWN, start=ONLINE).state is LiveState.DEGRADED


def test_the_moment_of_a_change_is_kept_and_the_first_time_live_for_ever():
    gone = run(DOWN, DOWN, DOWN, start=ONLINE, begin=T0 + timedelta(days=1))
    assert gone.since == T0 + timedelta(days=1, minutes=30)
    assert gone.first_live_at == ONLINE.first_live_at == T0 + timedelta(minutes=20)
    assert run(DOWN, DOWN, DOWN).first_live_at is None


def test_a_suspected_failure_is_looked_at_again_after_15_then_45_seconds():
    once = run(DOWN, start=ONLINE)
    assert once.recheck_at - (T0 + EVERY) == timedelta(seconds=15)
    twice = run(DOWN, DOWN, start=ONLINE)
    assert twice.recheck_at - (T0 + 2 * EVERY) == timedelta(seconds=45)
    assert ONLINE.recheck_at is None


@pytest.mark.parametrize(
    ("down_for", "wait"),
    [(timedelta(minutes=30), EVERY), (timedelta(hours=2), EVERY * 3), (timedelta(days=2), timedelta(hours=1))],
)
def test_the_longer_it_is_down_the_rarer_it_is_asked(down_for, wait):
    gone = run(DOWN, DOWN, DOWN, start=ONLINE)
    later = gone.since + down_for
    again = advance(gone, DOWN, now=later, interval=EVERY)
    assert again.recheck_at == later + wait
    assert advance(gone, DOWN, now=later, interval=EVERY, spread=1.0).recheck_at == later + wait * 1.2


def test_a_device_coming_back_is_confirmed_quickly():
    gone = run(DOWN, DOWN, DOWN, start=ONLINE)
    back = run(UP, start=gone, begin=gone.since)
    assert back.recheck_at == gone.since + EVERY + timedelta(seconds=15)


def test_six_changes_in_21_results_are_flapping_until_the_window_has_passed():
    unsteady = run(DOWN, UP, DOWN, UP, DOWN, UP, start=ONLINE)
    assert unsteady.flapping
    assert unsteady.state is LiveState.ONLINE
    calm = run(*[UP] * 22, start=unsteady, begin=T0 + 6 * EVERY)
    assert not calm.flapping
    assert not run(DOWN, UP, DOWN, UP, start=ONLINE).flapping


def test_a_fault_only_the_login_shows_is_not_healed_by_the_quick_layers():
    refused = after_deep(ONLINE, DeepResult(reason=Reason.AUTH_FAILED, drift_s=0.1), now=T0, interval=EVERY)
    assert (refused.state, refused.reason) == (LiveState.DEGRADED, Reason.AUTH_FAILED)
    still = run(UP, UP, UP, start=refused)
    assert (still.state, still.reason) == (LiveState.DEGRADED, Reason.AUTH_FAILED)
    healed = after_deep(still, DeepResult(reason=Reason.OK, drift_s=0.1), now=T0, interval=EVERY)
    assert healed.state is LiveState.ONLINE


def test_a_wrong_clock_found_with_a_login_degrades_and_is_healed_by_the_clock_alone():
    drifted = after_deep(ONLINE, DeepResult(reason=Reason.OK, drift_s=3600.0), now=T0, interval=EVERY)
    assert (drifted.state, drifted.reason) == (LiveState.DEGRADED, Reason.CLOCK_DRIFT)
    assert run(UP, UP, start=drifted).state is LiveState.ONLINE


@pytest.mark.parametrize("reason", [Reason.TIMEOUT, Reason.REFUSED, Reason.TOO_SLOW])
def test_a_login_that_could_not_be_tried_proves_nothing(reason):
    assert after_deep(ONLINE, DeepResult(reason=reason), now=T0, interval=EVERY) == ONLINE


def test_a_refused_login_is_not_tried_again_by_itself():
    assert next_deep_at(DeepResult(reason=Reason.AUTH_FAILED), now=T0, spread=0.5) is None
    assert next_deep_at(DeepResult(reason=Reason.NO_STREAM), now=T0, spread=0.0) == T0 + timedelta(hours=1)
    assert next_deep_at(DeepResult(reason=Reason.OK), now=T0, spread=0.0) == T0 + timedelta(days=1)


def test_cameras_that_fell_with_their_site_are_told_apart_from_those_that_fell_alone():
    gone = run(DOWN, DOWN, DOWN, start=ONLINE)
    with_site = mark_unreachable(gone, True, now=T0)
    assert (with_site.state, with_site.reason) == (LiveState.UNREACHABLE, Reason.PARENT_DOWN)
    assert run(DOWN, DOWN, start=with_site).state is LiveState.UNREACHABLE
    assert mark_unreachable(with_site, False, now=T0).state is LiveState.OFFLINE
    assert mark_unreachable(ONLINE, True, now=T0) is ONLINE
    assert group_is_down(members=10, failing=6)
    assert not group_is_down(members=10, failing=5)
    assert not group_is_down(members=3, failing=3)


def test_a_round_in_which_a_fifth_of_the_city_falls_is_not_believed_twice_but_the_third_time():
    sick = Tally(checked=1000, newly_down=201)
    assert not round_is_believable(sick, discarded_before=0)
    assert not round_is_believable(sick, discarded_before=1)
    assert round_is_believable(sick, discarded_before=2)
    assert round_is_believable(Tally(checked=1000, newly_down=200), discarded_before=0)
    assert round_is_believable(Tally(checked=10, newly_down=10), discarded_before=0)


def layer(reason, connected=True):
    return LayerResult(reason=reason, connected=connected, rtt_ms=5)


@pytest.mark.parametrize(
    ("rtsp", "clock", "drift", "level", "reason"),
    [
        (layer(Reason.OK), layer(Reason.OK), 0.2, Level.UP, Reason.OK),
        (layer(Reason.OK), layer(Reason.OK), None, Level.UP, Reason.OK),
        (layer(Reason.OK), layer(Reason.OK), 5.1, Level.IMPAIRED, Reason.CLOCK_DRIFT),
        (layer(Reason.OK), layer(Reason.OK), -9.0, Level.IMPAIRED, Reason.CLOCK_DRIFT),
        (layer(Reason.OK), None, None, Level.UP, Reason.OK),
        (layer(Reason.OK), layer(Reason.NOT_ONVIF), None, Level.IMPAIRED, Reason.NOT_ONVIF),
        (layer(Reason.REFUSED, False), layer(Reason.OK), 0.0, Level.IMPAIRED, Reason.REFUSED),
        (layer(Reason.TIMEOUT, False), layer(Reason.REFUSED, False), None, Level.DOWN, Reason.TIMEOUT),
        (layer(Reason.TOO_SLOW), layer(Reason.TOO_SLOW), None, Level.IMPAIRED, Reason.TOO_SLOW),
    ],
)
def test_down_means_that_nothing_accepts_a_connection(rtsp, clock, drift, level, reason):
    seen = observe(QuickResult(rtsp=rtsp, clock=clock, drift_s=drift))
    assert (seen.level, seen.reason) == (level, reason)


answers = st.sampled_from([UP, DOWN, LATE, Observation(Level.IMPAIRED, Reason.NOT_ONVIF)])


@given(st.lists(answers, max_size=60))
def test_whatever_comes_the_standing_keeps_its_promises(seen):
    standing, now = FRESH, T0
    for position, one in enumerate(seen):
        now += EVERY
        before, standing = standing, advance(standing, one, now=now, interval=EVERY)
        recent = [each.level for each in seen[: position + 1]]
        if standing.state is LiveState.ONLINE and before.state is not LiveState.ONLINE:
            assert recent[-2:] == [Level.UP, Level.UP]
        if standing.state is LiveState.OFFLINE and before.state is not LiveState.OFFLINE:
            assert recent[-3:] == [Level.DOWN] * 3
        if recent[-3:] == [Level.DOWN] * 3:
            assert standing.state is LiveState.OFFLINE
        if recent[-2:] == [Level.UP] * 2:
            assert (standing.state, standing.reason) == (LiveState.ONLINE, Reason.OK)
        if before.state is LiveState.ONLINE and standing.state is not LiveState.ONLINE:
            assert Level.UP not in recent[-3:]
        assert (standing.since == now) == (standing.state is not before.state)
        assert standing.recheck_at is None or standing.recheck_at > now


@given(st.lists(answers, max_size=40))
def test_a_device_that_stays_well_stops_changing_its_row(seen):
    standing = run(*seen, *[UP] * 30)
    later = T0 + 200 * EVERY
    settled = advance(standing, UP, now=later, interval=EVERY)
    assert advance(settled, UP, now=later + EVERY, interval=EVERY) == settled


@given(
    st.dictionaries(
        st.integers(100, 163),
        st.tuples(
            st.builds(
                Observation,
                st.sampled_from(Level),
                st.sampled_from(Reason),
                st.none() | st.integers(-32_767, 32_767).map(float),
            ),
            st.none() | st.integers(1, 10_000),
        ),
    )
)
def test_a_chunk_of_results_comes_back_as_it_went_in(results):
    states, details = encode_chunk(results, low=100, high=164)
    found = {number: (seen, rtt) for number, seen, rtt in decode_chunk(states, details, low=100)}
    assert {number: seen for number, (seen, _) in found.items()} == {n: s for n, (s, _) in results.items()}
    for number, (_, rtt) in results.items():
        back = found[number][1]
        assert (back is None) == (rtt is None)
        assert rtt is None or rtt > 9_000 or abs(back - rtt) <= max(3, 200 if rtt >= 800 else 3)


def test_uptime_counts_known_time_only_and_outages_are_whole():
    hours = [T0 + timedelta(hours=n) for n in range(24)]
    changes = [
        (hours[0], LiveState.UNKNOWN),
        (hours[2], LiveState.ONLINE),
        (hours[8], LiveState.OFFLINE),
        (hours[9], LiveState.UNREACHABLE),
        (hours[10], LiveState.DEGRADED),
        (hours[20], LiveState.OFFLINE),
    ]
    assert uptime(changes, start=hours[0], end=hours[22]) == pytest.approx(16 / 20)
    assert uptime(changes[:1], start=hours[0], end=hours[1]) is None
    assert outages(changes, start=hours[0], end=hours[22]) == [
        Outage(hours[20], None),
        Outage(hours[8], hours[10]),
    ]
    assert uptime([], start=hours[0], end=hours[1]) is None
