"""Targets, rounds and settling over the real database."""

import itertools
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from portal.core.outbox import OutboxRow, TaskName
from portal.core.scope import DataScope
from portal.reachability import operations
from portal.reachability.models import DeviceStateChange, DeviceStatus, ProbeChunk, ProbeRound, ProbeTarget
from portal.reachability.probes.base import DeepResult, Reason
from portal.reachability.rules import Level, Observation
from portal.registry.models import Camera, CameraAccess
from portal.registry.states import LIVE_CODES, LiveState
from tests.reachability.world import DOWN, Site

LATE = Observation(Level.IMPAIRED, Reason.CLOCK_DRIFT, 40.0)


@pytest.fixture
def site(session: Session) -> Site:
    return Site(session)


def addresses(count: int, net: str = "127.70.1"):
    return [f"{net}.{number}" for number in range(1, count + 1)]


def cameras(site: Site, count: int, net: str = "127.70.1") -> list[Camera]:
    return [site.camera(f"{net} {n}", host=host) for n, host in enumerate(addresses(count, net), 1)]


def test_targets_follow_the_registry_and_a_second_run_changes_nothing(site: Site):
    one, two = cameras(site, 2)
    assert site.reconcile().added == 2
    assert site.reconcile() == operations.Reconciled(0, 0, 0)
    assert site.status(one).state == "unknown"
    assert site.status(one).segment == "127.70.1"

    site.session.execute(update(CameraAccess).where(CameraAccess.camera_id == one.id).values(host="127.70.2.9"))
    assert site.reconcile().changed == 0, "without a new time the registry has said nothing"
    site.session.execute(
        update(CameraAccess).where(CameraAccess.camera_id == one.id).values(updated_at=site.later(minutes=1))
    )
    assert site.reconcile().changed == 1
    assert (site.target(one).host, site.status(one).segment) == ("127.70.2.9", "127.70.2")

    site.session.execute(text("delete from camera_access where camera_id = :id"), {"id": two.id})
    assert site.reconcile().removed == 1
    assert site.session.scalar(select(DeviceStatus).where(DeviceStatus.camera_id == two.id)) is None


def test_the_comparison_is_made_when_something_stirred_else_every_five_minutes(site: Site):
    on_the_fifth = site.now.replace(minute=15)
    between = site.now.replace(minute=16)
    (one,) = cameras(site, 1)
    assert operations.is_due(site.session, now=between)
    site.reconcile()
    assert not operations.is_due(site.session, now=between)
    assert operations.is_due(site.session, now=on_the_fifth)
    site.session.execute(
        update(CameraAccess).where(CameraAccess.camera_id == one.id).values(updated_at=site.later(seconds=5))
    )
    assert operations.is_due(site.session, now=between)
    site.reconcile()
    site.session.execute(text("delete from camera_access where camera_id = :id"), {"id": one.id})
    assert operations.is_due(site.session, now=between)


@pytest.mark.parametrize(
    ("host", "denial"),
    [
        ("10.1.2.3", "not_allowed"),
        ("127.0.0.2", "always_denied"),
        ("169.254.169.254", "always_denied"),
        ("camera.local", "not_an_address"),
        ("127.1", "not_an_address"),
    ],
)
def test_an_address_outside_the_allowed_networks_is_never_claimed(site: Site, host: str, denial: str):
    camera = site.camera("门口", host=host)
    site.reconcile()
    assert site.target(camera).denied == denial
    assert (site.status(camera).state, site.status(camera).reason) == ("unknown", "denied_address")
    assert operations.start_rounds(site.session, now=site.later(hours=1)) == list(
        site.session.scalars(select(ProbeRound.id))
    )
    assert site.session.scalars(select(ProbeChunk)).all() == []


def test_a_network_withdrawn_after_the_address_was_saved_stops_the_probe_too(site: Site):
    (camera,) = cameras(site, 1)
    site.reconcile()
    (number,) = [n for n in operations.start_rounds(site.session, now=site.now) if _chunks(site, n)]
    # What a smuggled row or a narrower setting looks like at claim time.
    site.session.execute(
        update(ProbeTarget).where(ProbeTarget.camera_id == camera.id).values(host="127.0.0.2", denied=None)
    )
    claim = operations.claim_chunk(site.session, round_id=number, number=0, now=site.now)
    assert claim.endpoints == {}
    assert site.target(camera).denied == "always_denied"


def _chunks(site: Site, number: int) -> list[ProbeChunk]:
    return list(site.session.scalars(select(ProbeChunk).where(ProbeChunk.round_id == number)))


def test_two_rounds_bring_a_new_camera_up_on_the_map_too(site: Site):
    (camera,) = cameras(site, 1)
    site.bring_up(camera)
    site.session.refresh(camera)
    assert camera.live == LIVE_CODES[LiveState.ONLINE]
    assert camera.version == 1, "probing is not an edit: nobody's open form may go stale"
    assert site.history(camera) == [("unknown", "online", "ok")]
    assert site.status(camera).first_live_at == site.now


def test_three_failures_take_it_down_with_rechecks_between_and_two_bring_it_back(site: Site):
    camera, other = cameras(site, 2)
    site.bring_up(camera)
    site.later(minutes=10)
    site.round({camera: DOWN})
    assert site.status(camera).state == "online"
    assert site.status(camera).recheck_at - site.now < timedelta(seconds=20)
    assert site.round({camera: DOWN}) == [], "nothing is due before the re-check"
    site.later(seconds=20)
    (recheck,) = site.round({camera: DOWN})
    assert (recheck.lane, recheck.checked) == ("down", 1)
    site.later(seconds=60)
    site.round({camera: DOWN})
    assert (site.status(camera).state, site.status(camera).reason) == ("offline", "timeout")
    site.session.refresh(camera)
    assert camera.live == LIVE_CODES[LiveState.OFFLINE]
    for _ in range(2):
        site.later(minutes=12)
        site.round()
    assert site.status(camera).state == "online"
    assert [new for _, new, _ in site.history(camera)] == ["online", "offline", "online"]
    assert [new for _, new, _ in site.history(other)] == ["online"]


def test_a_quiet_round_writes_no_device_row(site: Site):
    several = cameras(site, 5)
    site.bring_up(*several)
    before = site.session.execute(text("select xmin::text, ctid::text from device_status order by target_id")).all()
    site.later(minutes=11)
    (quiet,) = site.round()
    assert (quiet.status, quiet.checked, quiet.changed) == ("settled", 5, 0)
    after = site.session.execute(text("select xmin::text, ctid::text from device_status order by target_id")).all()
    assert after == before


def test_a_drifting_clock_degrades_and_is_kept_in_seconds(site: Site):
    (camera,) = cameras(site, 1)
    site.bring_up(camera)
    for _ in range(3):
        site.later(minutes=12)
        site.round({camera: LATE})
        site.later(seconds=20)
        site.round({camera: LATE})
        site.later(seconds=60)
        site.round({camera: LATE})
    status = site.status(camera)
    assert (status.state, status.reason, status.drift_s) == ("degraded", "clock_drift", 40)


def test_a_round_in_which_a_third_of_the_city_fails_at_once_is_thrown_away(site: Site):
    several = cameras(site, 60)
    site.bring_up(*several)
    site.later(minutes=11)
    (sick,) = site.round(dict.fromkeys(several[:21], DOWN))
    assert (sick.status, sick.newly_down, sick.changed) == ("discarded", 21, 0)
    assert {site.status(one).downs for one in several[:21]} == {0}
    for expected in ("discarded", "settled"):
        site.later(minutes=11)
        (again,) = site.round(dict.fromkeys(several[:21], DOWN))
        assert again.status == expected


def test_a_chunk_from_a_prober_too_busy_to_be_trusted_does_not_count(site: Site):
    (camera,) = cameras(site, 1)
    site.bring_up(camera)
    site.later(minutes=11)
    (number,) = operations.start_rounds(site.session, now=site.now)
    site.answer(number, 0, {camera.id: DOWN}, DOWN, lag_ms=1500)
    operations.settle_round(site.session, round_id=number, now=site.now)
    assert site.session.get(ProbeRound, number).status == "discarded"
    assert site.status(camera).downs == 0


def test_a_site_that_falls_as_a_whole_is_unreachable_and_one_camera_alone_is_offline(site: Site):
    several = cameras(site, 6)
    elsewhere = Site(site.session, name="第二中学", world=site.world)
    others = cameras(elsewhere, 6, net="127.71.1")
    elsewhere.now = site.now
    site.bring_up(*several, *others)
    answers = dict.fromkeys([*several, others[0]], DOWN)
    for wait in ({"minutes": 11}, {"seconds": 20}, {"seconds": 60}):
        site.later(**wait)
        site.round(answers)
    assert {site.status(one).state for one in several} == {"unreachable"}
    assert {site.status(one).reason for one in several} == {"parent_down"}
    assert site.status(others[0]).state == "offline"
    assert site.history(several[0])[-1] == ("online", "unreachable", "parent_down")

    back = dict.fromkeys([several[0], others[0]], DOWN)
    for _ in range(2):
        site.later(minutes=13)
        site.round(back)
        site.later(seconds=20)
        site.round(back)
    assert {site.status(one).state for one in several[1:]} == {"online"}
    assert site.status(several[0]).state == "offline", "the site is back, this camera is not"


def test_results_that_come_twice_or_after_the_round_are_not_taken(site: Site):
    (camera,) = cameras(site, 1)
    site.bring_up(camera)
    site.later(minutes=11)
    (number,) = operations.start_rounds(site.session, now=site.now)
    claim = operations.claim_chunk(site.session, round_id=number, number=0, now=site.now)
    asked = {"round_id": number, "number": 0, "claim": claim, "lag_ms": 0, "now": site.now}
    failed = {site.target(camera).id: (DOWN, None)}
    assert operations.record_chunk(site.session, results=failed, **asked)
    assert not operations.record_chunk(site.session, results={}, **asked)
    assert operations.claim_chunk(site.session, round_id=number, number=0, now=site.now) is None
    assert operations.settle_round(site.session, round_id=number, now=site.now) == 1
    assert operations.settle_round(site.session, round_id=number, now=site.now) == 0
    assert site.status(camera).downs == 1, "one failure counts once, however often the job runs"


def test_rounds_of_one_lane_never_overlap_and_a_lost_one_does_not_block_for_ever(site: Site):
    (camera,) = cameras(site, 1)
    site.bring_up(camera)
    site.later(minutes=11)
    (lost,) = operations.start_rounds(site.session, now=site.now)
    site.later(minutes=9)
    assert operations.start_rounds(site.session, now=site.now) == []
    site.later(minutes=2)
    operations.start_rounds(site.session, now=site.now)
    site.session.expire_all()
    assert site.session.get(ProbeRound, lost).status == "expired"
    assert operations.claim_chunk(site.session, round_id=lost, number=0, now=site.now) is None


def test_a_round_is_cut_into_ranges_and_each_is_one_outbox_row(site: Site, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(operations.rounds, "CHUNK", dict.fromkeys(operations.rounds.CHUNK, 4))
    several = cameras(site, 10)
    site.bring_up(*several)
    site.later(minutes=11)
    (number,) = operations.start_rounds(site.session, now=site.now)
    chunks = sorted(_chunks(site, number), key=lambda chunk: chunk.low)
    assert len(chunks) == 3
    assert all(left.high <= right.low for left, right in itertools.pairwise(chunks))
    payloads = site.session.scalars(select(OutboxRow.payload).where(OutboxRow.kind == TaskName.REACH_PROBE_RANGE)).all()
    mine = [payload for payload in payloads if payload["round_id"] == number]
    assert sorted(payload["number"] for payload in mine) == [0, 1, 2]
    assert {frozenset(payload) for payload in mine} == {frozenset({"round_id", "number"})}
    for chunk in chunks[:2]:
        site.answer(number, chunk.number, {}, DOWN)
    settle = select(OutboxRow).where(OutboxRow.dedupe == f"reach:settle:{number}")
    assert site.session.scalars(settle).all() == []
    site.answer(number, chunks[2].number, {}, DOWN)
    assert len(site.session.scalars(settle).all()) == 1


def test_a_camera_declared_out_of_use_is_not_probed_and_starts_anew_when_back(site: Site):
    (camera,) = cameras(site, 1)
    site.bring_up(camera)
    camera.status = "repair"
    site.session.flush()
    site.later(minutes=11)
    site.reconcile()
    assert site.status(camera).state == "disabled"
    (empty,) = site.round()
    assert empty.checked == 0
    site.session.refresh(camera)
    assert camera.live == LIVE_CODES[LiveState.DISABLED]
    camera.status = "in_use"
    site.session.flush()
    site.later(minutes=1)
    site.reconcile()
    assert site.status(camera).state == "unknown"


def test_a_new_login_makes_the_old_refusal_void(site: Site):
    (camera,) = cameras(site, 1)
    site.bring_up(camera)
    site.session.execute(
        update(DeviceStatus)
        .where(DeviceStatus.camera_id == camera.id)
        .values(deep_reason="auth_failed", deep_due_at=None, state="degraded", reason="auth_failed")
    )
    site.session.execute(
        update(CameraAccess).where(CameraAccess.camera_id == camera.id).values(updated_at=site.later(minutes=1))
    )
    site.reconcile()
    status = site.status(camera)
    assert (status.deep_reason, status.deep_due_at) == (None, site.now)


def test_history_lies_in_the_month_it_belongs_to_and_old_rounds_go(site: Site):
    (camera,) = cameras(site, 1)
    operations.tidy(site.session, now=site.now)
    operations.tidy(site.session, now=site.now)
    site.bring_up(camera)
    table = site.session.scalar(
        text("select tableoid::regclass::text from device_state_change where camera_id = :id"), {"id": camera.id}
    )
    assert table == "portal_history.device_state_change_202611"
    site.later(days=8)
    operations.tidy(site.session, now=site.now)
    assert site.session.scalars(select(ProbeRound)).all() == []


def test_months_of_history_older_than_kept_are_dropped_whole(site: Site, session: Session):
    still, lively = cameras(site, 2)
    operations.tidy(site.session, now=site.now)

    def change(camera, at: str, old: str, new: str) -> None:
        row = DeviceStateChange(
            at=datetime.fromisoformat(at), camera_id=camera.id, unit_id=site.unit.id, district="410502",
            old_state=old, new_state=new, reason="ok",
        )  # fmt: skip
        site.session.add(row)
        site.session.flush()

    def months() -> list[str]:
        found = text("select relname from pg_class where relname like 'device_state_change_2%' and relkind = 'r'")
        return sorted(site.session.scalars(found))

    for month in ("2023-09-15", "2023-10-15", "2023-11-15"):
        site.session.execute(text("select portal_ensure_history_month(:at)"), {"at": datetime.fromisoformat(month)})
    change(still, "2022-05-01T00:00+08:00", "unknown", "offline")  # no month was made for it: in the rest
    change(still, "2023-10-31T23:59+08:00", "offline", "online")
    change(lively, "2023-09-20T00:00+08:00", "unknown", "online")
    change(lively, "2023-11-01T00:00+08:00", "online", "offline")
    kept = months()
    assert {"device_state_change_202309", "device_state_change_202310", "device_state_change_202311"} <= set(kept)

    operations.tidy(site.session, now=site.now)  # November 2026: 36 months reach back to November 2023
    assert [month for month in kept if month not in months()] == [
        "device_state_change_202309",
        "device_state_change_202310",
    ]
    left = site.session.execute(
        select(
            DeviceStateChange.camera_id, DeviceStateChange.at, DeviceStateChange.old_state, DeviceStateChange.new_state
        )
        .where(DeviceStateChange.at < datetime.fromisoformat("2024-01-01T00:00+08:00"))
        .order_by(DeviceStateChange.id)
    ).all()
    edge = datetime.fromisoformat("2023-11-01T00:00+08:00")
    assert [tuple(row) for row in left] == [
        (lively.id, edge, "online", "offline"),
        (still.id, edge, "online", "online"),  # unchanged since: its last word is carried over
    ]
    # Whatever the application asks for, the last year stays.
    assert site.session.scalar(text("select portal_drop_history_before(now() + interval '9 years')")) >= 0
    assert "device_state_change_202611" in months()


def test_row_level_security_hides_another_units_devices(site: Site, database):
    (camera,) = cameras(site, 1)
    site.bring_up(camera)
    stranger = DataScope(units=frozenset({site.world.unit("别的单位").id}))
    owner = DataScope(units=frozenset({site.unit.id}))
    site.session.commit()
    for scope, seen in ((stranger, 0), (owner, 1)):
        with database.session(scope) as other:
            for table in ("probe_target", "device_status", "device_state_change"):
                count = other.scalar(text(f"select count(*) from {table} where camera_id = :id"), {"id": camera.id})
                assert count == seen


def test_the_login_is_tried_at_the_cameras_own_channel(site: Site):
    first, fifth = cameras(site, 2)
    fifth.storage_channel = 5
    site.bring_up(first, fifth)
    claimed = operations.claim_deep(site.session, low=0, high=1_000_000_000, now=site.later(days=2))
    channels = {one.target_id: one.endpoint.channel for one in claimed}
    assert channels == {site.target(first).id: 1, site.target(fifth).id: 5}


def test_a_picture_keeps_its_date_until_it_is_measured_again_or_the_device_changes(site: Site):
    (one,) = cameras(site, 1)
    site.bring_up(one)

    def examined(**found: object) -> tuple[object, ...]:
        operations.record_deep(
            site.session, results={site.target(one).id: DeepResult(reason=Reason.OK, **found)}, now=site.later(days=1)
        )
        status = site.status(one)
        return status.picture_width, status.picture_height, status.picture_at

    measured = examined(identity="a" * 64, picture=(1920, 1080))
    assert measured == (1920, 1080, site.now)
    assert examined(identity="a" * 64) == measured
    assert examined(identity="a" * 64, picture=(1280, 720)) == (1280, 720, site.now)
    assert examined(identity="b" * 64) == (None, None, None)
