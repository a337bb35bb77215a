"""Jobs from the outbox to the device and back, against simulated devices over real sockets."""

import json
import logging
from datetime import timedelta

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from portal.core.clock import utcnow
from portal.core.db import Database
from portal.core.errors import Invalid, NotAllowed, NotFound, TooMany
from portal.core.outbox import OutboxRow
from portal.demo.plan import Behaviour
from portal.jobs import Runner
from portal.reachability import operations, tasks
from portal.reachability.models import DeviceStatus, ProbeRun
from portal.reachability.operations.asked import PER_CAMERA, PER_PERSON
from portal.registry.models import Camera, CameraAccess
from tests.reachability.world import Site
from tests.stubs.devices import Devices
from tests.support.world import World


@pytest.fixture
def site(session: Session) -> Site:
    return Site(session, now=utcnow())


@pytest.fixture
def runner(database: Database) -> Runner:
    return Runner(database)


def work(site: Site, runner: Runner) -> None:
    """Begin what is due and run every queue dry."""
    site.commit()
    tasks.start_cycle(site.session, now=utcnow())
    site.commit()
    for queue in ("probe.live", "probe.down", "probe.auth", "default"):
        while runner.drain(queue):
            pass
    site.session.expire_all()


def sooner(site: Site) -> None:
    """Let what is scheduled for later be due now."""
    site.session.execute(
        update(DeviceStatus)
        .where(DeviceStatus.recheck_at.is_not(None))
        .values(recheck_at=utcnow() - timedelta(seconds=1))
    )
    site.session.execute(
        update(DeviceStatus)
        .where(DeviceStatus.deep_due_at.is_not(None))
        .values(deep_due_at=utcnow() - timedelta(seconds=1))
    )
    # One range is asked for once a minute; here a minute passes between two rounds.
    site.session.execute(text("update outbox set dedupe = id::text where dedupe like 'reach:deep:%'"))
    site.session.execute(text("update probe_round set started_at = started_at - interval '1 hour'"))
    site.commit()


def settle_down(site: Site, runner: Runner, times: int = 4) -> None:
    for _ in range(times):
        sooner(site)
        work(site, runner)


def test_a_city_in_small_finds_its_states(site: Site, runner: Runner, devices: Devices):
    """Every kind of device ends in the state and with the reason that a person would give it."""
    expected = {
        Behaviour.HEALTHY: ("online", "ok"),
        Behaviour.DIGEST: ("online", "ok"),
        Behaviour.STRICT: ("online", "ok"),
        Behaviour.LEGACY: ("online", "ok"),
        Behaviour.DOWN: ("offline", "refused"),
        Behaviour.RTSP_ONLY: ("degraded", "refused"),
        Behaviour.WRONG_CLOCK: ("degraded", "clock_drift"),
        Behaviour.NOT_ONVIF: ("degraded", "not_onvif"),
        Behaviour.NO_PROFILE: ("degraded", "no_profile"),
        Behaviour.NO_STREAM: ("degraded", "no_stream"),
        Behaviour.FOREIGN_XADDR: ("degraded", "foreign_xaddr"),
        Behaviour.NOT_RECORDING: ("degraded", "not_recording"),
        Behaviour.REDIRECT: ("degraded", "redirect"),
    }
    made: dict[Behaviour, Camera] = {}
    for behaviour in expected:
        changes = {"clock_offset_s": 3600} if behaviour is Behaviour.WRONG_CLOCK else {}
        if behaviour is Behaviour.NOT_RECORDING:
            changes["channels"] = 8
        made[behaviour] = site.camera(behaviour, devices.add(behaviour, **changes))
    wrong = site.camera("wrong login", devices.add(), login="wrong")
    none = site.camera("no login", devices.add(), login="")
    site.reconcile()
    settle_down(site, runner)
    found = {behaviour: (site.status(camera).state, site.status(camera).reason) for behaviour, camera in made.items()}
    assert found == expected
    assert (site.status(wrong).state, site.status(wrong).reason) == ("degraded", "auth_failed")
    assert (site.status(none).state, site.status(none).reason) == ("degraded", "auth_required")
    healthy = site.status(made[Behaviour.HEALTHY])
    assert (healthy.profiles, healthy.streams, healthy.open_access) == (1, True, False)
    assert (healthy.deep_reason, healthy.drift_s) == ("ok", 0)


def test_a_refused_login_is_tried_once_and_not_again_until_it_changes(site: Site, runner: Runner, devices: Devices):
    device = devices.add()
    camera = site.camera("校门", device, login="wrong")
    site.reconcile()
    settle_down(site, runner, times=6)
    assert _attempts(devices, device) == 1
    assert site.status(camera).deep_due_at is None

    access = site.session.get(CameraAccess, camera.id)
    site.seal(access, device, "right")
    access.updated_at = utcnow()
    site.commit()
    site.reconcile()
    settle_down(site, runner)
    assert (site.status(camera).state, site.status(camera).reason) == ("online", "ok")


def _attempts(devices: Devices, device) -> int:
    return sum("+credential" in asked for asked in devices.asked(device))


def test_another_device_behind_the_same_address_is_noticed(site: Site, runner: Runner, devices: Devices):
    device = devices.add()
    camera = site.camera("东门", device)
    site.reconcile()
    settle_down(site, runner)
    before = site.status(camera).identity
    assert site.status(camera).identity_changed_at is None
    devices.change(device, Behaviour.HEALTHY, serial="ANOTHER")
    site.session.execute(update(DeviceStatus).values(deep_due_at=utcnow()))
    settle_down(site, runner, times=1)
    assert site.status(camera).deep_due_at > utcnow() + timedelta(hours=20)
    assert site.status(camera).identity != before
    assert site.status(camera).identity_changed_at is not None


def test_pulling_the_plug_and_putting_it_back(site: Site, runner: Runner, devices: Devices):
    device = devices.add()
    camera = site.camera("食堂", device)
    site.reconcile()
    settle_down(site, runner)
    assert site.status(camera).state == "online"
    devices.change(device, Behaviour.DOWN)
    settle_down(site, runner, times=3)
    assert (site.status(camera).state, site.status(camera).reason) == ("offline", "refused")
    devices.change(device, Behaviour.HEALTHY)
    settle_down(site, runner, times=2)
    assert site.status(camera).state == "online"
    assert [new for _, new, _ in site.history(camera)] == ["online", "offline", "online"]


def test_no_transaction_is_open_while_devices_are_asked(
    site: Site, runner: Runner, devices: Devices, database: Database, monkeypatch: pytest.MonkeyPatch
):
    site.camera("操场", devices.add())
    site.reconcile()
    open_ones = []
    sweep = tasks.quick.sweep
    began, ended = [], []
    original = Database.transaction

    def counted(self, *args, **kwargs):
        manager = original(self, *args, **kwargs)

        class Counted:
            def __enter__(self):
                began.append(1)
                return manager.__enter__()

            def __exit__(self, *fault):
                ended.append(1)
                return manager.__exit__(*fault)

        return Counted()

    async def watched(*args, **kwargs):
        open_ones.append(len(began) - len(ended))
        return await sweep(*args, **kwargs)

    monkeypatch.setattr(Database, "transaction", counted)
    monkeypatch.setattr(tasks.quick, "sweep", watched)
    settle_down(site, runner, times=1)
    assert open_ones == [0]


def test_neither_tasks_nor_logs_carry_a_login(
    site: Site, runner: Runner, devices: Devices, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.DEBUG)
    device = devices.add()
    camera = site.camera("大厅", device)
    broken = site.camera("后门", devices.add())
    site.session.get(CameraAccess, broken.id).credentials_sealed = site.session.get(
        CameraAccess, camera.id
    ).credentials_sealed
    site.session.flush()
    site.reconcile()
    settle_down(site, runner)
    payloads = json.dumps([row.payload for row in site.session.scalars(select(OutboxRow))])
    assert device.password not in payloads + caplog.text
    assert device.username not in payloads
    assert site.status(broken).reason == "auth_required", "a login copied from another camera's row does not open"


def ask(site: Site, camera: Camera, actor=None) -> ProbeRun:
    run = operations.ask_probe(site.session, actor=actor or site.filer, camera_id=camera.id, now=utcnow())
    site.commit()
    return run


def test_probe_now_walks_the_layers_and_tells_the_reason(site: Site, runner: Runner, devices: Devices):
    device = devices.add(Behaviour.NO_STREAM)
    camera = site.camera("西门", device)
    site.reconcile()
    run = ask(site, camera)
    assert run.status == "queued"
    assert ask(site, camera).id == run.id, "a second press while it runs is the same probe"
    runner.drain("probe.now")
    site.session.expire_all()
    assert (run.status, run.reason) == ("done", "no_stream")
    assert run.layers["rtsp"]["reason"] == "ok"
    assert run.layers["clock"]["reason"] == "ok"
    assert run.layers["login"]["reason"] == "no_stream"
    assert (site.status(camera).state, site.status(camera).reason) == ("degraded", "no_stream")
    text_of_run = json.dumps(run.layers)
    assert device.serial not in text_of_run
    assert device.model not in text_of_run


def test_probe_now_means_the_access_data_entered_a_moment_ago(site: Site, runner: Runner, devices: Devices):
    good, dead = devices.add(), devices.add(Behaviour.DOWN)
    camera = site.camera("西门", good)
    run = ask(site, camera)  # the schedule has not come round to it yet
    runner.drain("probe.now")
    site.session.expire_all()
    assert (run.status, run.reason) == ("done", "ok")
    assert site.status(camera).state == "online"

    access = site.session.get(CameraAccess, camera.id)
    access.host, access.rtsp_port, access.onvif_port = dead.address, dead.rtsp_port, dead.onvif_port
    access.updated_at = utcnow()
    site.commit()
    run = ask(site, camera)
    runner.drain("probe.now")
    site.session.expire_all()
    assert (run.status, run.reason) == ("done", "refused")


def test_an_asked_probe_does_not_queue_behind_the_daily_logins(site: Site, runner: Runner, devices: Devices):
    cameras = [site.camera(f"{n}号", devices.add()) for n in range(3)]
    site.reconcile()
    settle_down(site, runner, times=2)
    sooner(site)
    tasks.start_cycle(site.session, now=utcnow())
    waiting = select(OutboxRow).where(OutboxRow.queue == "probe.auth", OutboxRow.state == "waiting")
    assert [row.kind for row in site.session.scalars(waiting)] == ["reachability.probe_deep"]
    run = ask(site, cameras[0])
    assert runner.drain("probe.now") == 1
    site.session.expire_all()
    assert run.status == "done"
    assert len(site.session.scalars(waiting).all()) == 1


def test_probe_now_of_a_dead_camera_counts_as_one_failure_only(site: Site, runner: Runner, devices: Devices):
    camera = site.camera("西门", devices.add(Behaviour.DOWN))
    site.reconcile()
    run = ask(site, camera)
    runner.drain("probe.now")
    site.session.expire_all()
    assert (run.status, run.reason) == ("done", "refused")
    assert site.status(camera).state == "unknown"
    assert site.status(camera).downs == 1


def test_probe_now_does_not_hammer_a_refused_login(site: Site, runner: Runner, devices: Devices):
    device = devices.add()
    camera = site.camera("西门", device, login="wrong")
    site.reconcile()
    for _ in range(3):
        run = ask(site, camera)
        runner.drain("probe.now")
    site.session.expire_all()
    assert (run.status, run.reason) == ("done", "auth_failed")
    assert run.layers["login"]["not_tried"] is True
    assert _attempts(devices, device) == 1


def test_probe_now_of_an_address_outside_the_networks_asks_nothing(site: Site, runner: Runner):
    camera = site.camera("西门", host="10.9.8.7")
    site.reconcile()
    run = ask(site, camera)
    runner.drain("probe.now")
    site.session.expire_all()
    assert (run.status, run.reason) == ("done", "denied_address")


def test_probe_now_is_rationed_by_camera_and_by_person(site: Site, devices: Devices):
    camera = site.camera("西门", devices.add())
    others = [site.camera(f"{n}号", devices.add()) for n in range(PER_PERSON)]
    site.reconcile()

    def finished(one: Camera) -> None:
        run = ask(site, one)
        run.status = "done"
        site.commit()

    for _ in range(PER_CAMERA):
        finished(camera)
    with pytest.raises(TooMany) as refused:
        ask(site, camera)
    assert 0 < refused.value.data["retry_after"] <= 60
    for other in others[: PER_PERSON - PER_CAMERA]:
        finished(other)
    with pytest.raises(TooMany):
        ask(site, others[-1])


def test_probe_now_belongs_to_those_who_may(site: Site, devices: Devices):
    camera = site.camera("西门", devices.add())
    bare = site.world.camera(site.system, "没有接入信息")
    site.reconcile()
    elsewhere = Site(site.session, name="第二中学", world=World(site.session, counter=50))
    with pytest.raises(NotFound):
        ask(site, camera, actor=elsewhere.filer)
    from portal.accounts.values import Role

    custodian = site.world.person("custodian", Role.UNIT_CUSTODIAN, unit=site.unit)
    with pytest.raises(NotAllowed):
        ask(site, camera, actor=custodian)
    with pytest.raises(Invalid) as refused:
        ask(site, bare)
    assert refused.value.code == "no_access_data"
    assert ask(site, camera, actor=site.registrar).status == "queued"


def test_a_probe_whose_worker_died_gives_way_to_a_new_one(site: Site, devices: Devices):
    camera = site.camera("西门", devices.add())
    site.reconcile()
    lost = ask(site, camera)
    lost.asked_at = utcnow() - timedelta(minutes=10)
    site.commit()
    fresh = ask(site, camera)
    assert fresh.id != lost.id
    assert lost.status == "failed"


def test_probe_now_leaves_an_audit_record(site: Site, devices: Devices):
    camera = site.camera("西门", devices.add())
    site.reconcile()
    ask(site, camera)
    rows = site.session.execute(
        text("select actor_name, subject_id from audit_stage where tag = 'reachability:probe:ask'")
    ).all()
    assert (site.filer.name, str(camera.id)) in [tuple(row) for row in rows]
