"""Pages of the online state: who sees what, in which words, and the probe on demand."""

import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, text
from sqlalchemy.orm import Session

from portal.accounts.values import Role
from portal.core.clock import utcnow
from portal.core.db import Database
from portal.jobs import Runner
from portal.reachability import queries, tasks
from portal.reachability.labels import LAYER, REASON, STEP
from portal.reachability.models import ProbeRun
from portal.reachability.probes.base import Reason
from portal.registry.states import LiveState
from tests.people import post, sign_in
from tests.reachability.world import DOWN, Site
from tests.stubs.devices import Devices
from tests.support.world import PASSWORD


@pytest.fixture
def site(session: Session) -> Site:
    return Site(session, now=utcnow() - timedelta(hours=2))


def enter(client: FlaskClient, login: str) -> FlaskClient:
    assert sign_in(client, login, PASSWORD).status_code == 303
    return client


@pytest.fixture
def filer(client: FlaskClient, site: Site) -> FlaskClient:
    site.commit()
    return enter(client, site.filer.name)


def page(client: FlaskClient, url: str, *, lang: str = "zh", status: int = 200) -> str:
    answer = client.get(f"{url}{'&' if '?' in url else '?'}lang={lang}", follow_redirects=True)
    assert answer.status_code == status, answer.get_data(as_text=True)[:500]
    return answer.get_data(as_text=True)


def test_every_reason_and_step_has_words():
    assert set(REASON) == set(Reason)
    assert set(STEP) - {""} == set(LAYER)


def test_the_overview_tallies_lists_and_filters(site: Site, filer: FlaskClient):
    up, down = site.camera("南门", host="127.70.3.1"), site.camera("北门", host="127.70.3.2")
    site.world.camera(site.system, "没有接入信息的摄像机")
    site.bring_up(up, down)
    for wait in ({"minutes": 11}, {"seconds": 20}, {"seconds": 60}):
        site.later(**wait)
        site.round({down: DOWN})
    site.commit()
    whole = page(filer, "/reachability/")
    assert "南门" in whole
    assert "无应答" in whole
    assert "50.0%" in whole
    offline = page(filer, "/reachability/?state=offline")
    assert "北门" in offline
    assert "南门" not in offline
    assert "南门" not in page(filer, "/reachability/?reason=timeout")
    assert "南门" in page(filer, "/reachability/?q=南")
    english = page(filer, "/reachability/?state=offline", lang="en")
    assert "No answer" in english
    assert "Without device access data" in english


@pytest.mark.parametrize(
    "query",
    [
        "state=nonsense",
        "reason=%27",
        "unit=x",
        "district=%00",
        "q=%00",
        "after=garbage",
        "q=" + "x" * 500,
        "flapping=7",
    ],
)
def test_no_address_line_breaks_the_overview(site: Site, filer: FlaskClient, query: str):
    answer = filer.get(f"/reachability/?{query}")
    assert answer.status_code in {200, 422}


def test_an_empty_portal_says_what_is_missing(filer: FlaskClient):
    assert "尚无巡检设备" in page(filer, "/reachability/")
    assert "No device is probed yet" in page(filer, "/reachability/", lang="en")


def test_a_camera_page_tells_why_and_what_to_do_and_its_history(site: Site, filer: FlaskClient):
    camera = site.camera("东门", host="127.70.3.1")
    site.bring_up(camera)
    for wait in ({"minutes": 11}, {"seconds": 20}, {"seconds": 60}):
        site.later(**wait)
        site.round({camera: DOWN})
    site.commit()
    shown = page(filer, f"/reachability/cameras/{camera.id}")
    for words in ("离线", "设备在登记地址上完全没有应答", "处置建议", "状态变化记录", "仍在持续", "立即巡检"):
        assert words in shown, words
    english = page(filer, f"/reachability/cameras/{camera.id}", lang="en")
    for words in ("does not answer at its address", "What to do", "still lasting", "Probe now"):
        assert words in english, words
    status = site.status(camera)
    camera.resolution, status.picture_at = "1920x1080", site.now
    status.picture_width, status.picture_height = 1280, 720
    site.commit()
    shown = page(filer, f"/reachability/cameras/{camera.id}")
    assert "1280×720" in shown
    assert "实测画面小于登记" in shown
    assert "127.70.3.1" not in shown, "the page says nothing an outsider could map the network with"


def test_a_camera_without_access_data_says_so_and_offers_no_probe(site: Site, filer: FlaskClient):
    camera = site.world.camera(site.system, "没有接入信息")
    site.commit()
    shown = page(filer, f"/reachability/cameras/{camera.id}")
    assert "该摄像机未纳入巡检" in shown
    assert "立即巡检</button>" not in shown
    refused = post(filer, f"/reachability/cameras/{camera.id}/probe")
    assert refused.status_code == 303
    assert "未登记设备接入信息，无法巡检" in page(filer, refused.location)


def test_probe_now_shows_its_way_and_its_end(
    site: Site, filer: FlaskClient, devices: Devices, database: Database, session: Session
):
    device = devices.add(serial="CANARY-SERIAL")
    camera = site.camera("西门", device)
    site.reconcile()
    site.commit()
    asked = post(filer, f"/reachability/cameras/{camera.id}/probe")
    assert asked.status_code == 303
    waiting = page(filer, f"/reachability/cameras/{camera.id}")
    polled = re.search(r'hx-get="(/reachability/runs/[0-9a-f-]+)"', waiting)
    assert polled
    assert filer.get(polled[1]).status_code == 200
    assert "等待执行" in filer.get(polled[1]).get_data(as_text=True)
    assert tasks.probe_now, "its module declares the job"
    Runner(database).drain("probe.now")
    session.expire_all()
    ended = filer.get(polled[1])
    assert ended.status_code == 286
    fragment = ended.get_data(as_text=True)
    assert "应答正常" in fragment
    assert "hx-get" not in fragment
    for secret in (device.serial, device.model, device.manufacturer, device.password, device.address):
        assert secret not in fragment


def test_while_it_runs_the_page_shows_which_layer_is_being_asked(site: Site, filer: FlaskClient, devices: Devices):
    camera = site.camera("西门", devices.add())
    site.reconcile()
    run = ProbeRun(
        camera_id=camera.id,
        unit_id=camera.unit_id,
        district=camera.district,
        asked_by=site.filer.person_id,
        asked_at=utcnow(),
        status="running",
        step="clock",
        layers={"rtsp": {"reason": "ok", "rtt_ms": 4}},
    )
    site.session.add(run)
    site.commit()
    fragment = page(filer, f"/reachability/runs/{run.id}")
    current = re.search(r'<li aria-current="step">.*?</li>', fragment)
    assert current
    assert "正在查询" in current[0]
    assert fragment.count('aria-current="step"') == 1


def test_too_many_probes_are_refused_in_words_not_with_an_error_page(site: Site, filer: FlaskClient, devices: Devices):
    camera = site.camera("西门", devices.add())
    site.reconcile()
    for _ in range(3):
        site.session.add(
            ProbeRun(
                camera_id=camera.id,
                unit_id=camera.unit_id,
                district=camera.district,
                asked_by=site.filer.person_id,
                asked_at=utcnow(),
                status="done",
            )
        )
    site.commit()
    refused = post(filer, f"/reachability/cameras/{camera.id}/probe")
    assert refused.status_code == 303
    assert "短时间内巡检过于频繁" in page(filer, refused.location)


def test_another_units_camera_run_and_probe_do_not_exist_for_me(site: Site, filer: FlaskClient, devices: Devices):
    elsewhere = Site(site.session, name="第二中学", world=site.world)
    camera = elsewhere.camera("东门", devices.add())
    site.reconcile()
    run = ProbeRun(
        camera_id=camera.id, unit_id=camera.unit_id, district=camera.district, asked_at=utcnow(), status="done"
    )
    site.session.add(run)
    site.commit()
    assert filer.get(f"/reachability/cameras/{camera.id}").status_code == 404
    assert filer.get(f"/reachability/runs/{run.id}").status_code == 404
    assert post(filer, f"/reachability/cameras/{camera.id}/probe").status_code == 404
    assert camera.name not in page(filer, "/reachability/")


def test_who_may_look_may_not_always_probe(client: FlaskClient, site: Site, devices: Devices):
    camera = site.camera("东门", devices.add())
    site.reconcile()
    investigator = site.world.person("investigator", Role.INVESTIGATOR, organ=site.organ)
    site.commit()
    enter(client, investigator.name)
    assert "立即巡检</button>" not in page(client, f"/reachability/cameras/{camera.id}")
    assert post(client, f"/reachability/cameras/{camera.id}/probe").status_code == 403


def test_a_secret_camera_shows_to_its_own_unit_only(client: FlaskClient, site: Site):
    secret = site.camera("机要室门口", host="127.70.3.1")
    secret.secret = True
    plain = site.camera("大门", host="127.70.3.2")
    site.bring_up(secret, plain)
    site.commit()
    registrar, filer = site.registrar, site.filer
    assert sum(queries.device_tally(site.session, registrar, _all()).values()) == 1
    assert sum(queries.device_tally(site.session, filer, _all()).values()) == 2
    enter(client, registrar.name)
    shown = page(client, "/reachability/")
    assert "大门" in shown
    assert "机要室门口" not in shown


def _all():
    from portal.reachability.values import DeviceFilter

    return DeviceFilter()


def test_the_list_goes_by_keyset_and_loses_and_doubles_nothing(site: Site):
    many = [site.camera(f"{n}号", host=f"127.70.4.{n + 1}") for n in range(60)]
    site.reconcile()
    site.session.execute(text("update device_status set since = since + (target_id % 7) * interval '1 minute'"))
    site.session.expire_all()
    seen, after = [], None
    while True:
        found = queries.device_page(site.session, site.filer, _all(), after=after)
        seen += [row.camera.id for row in found.items]
        after = found.next_cursor
        if after is None:
            break
    assert len(seen) == len(set(seen)) == 60
    assert set(seen) == {camera.id for camera in many}
    assert found.total == 60


def test_the_overview_asks_as_many_questions_for_sixty_devices_as_for_six(
    site: Site, filer: FlaskClient, database: Database
):
    def questions() -> int:
        counted = []
        listener = lambda *_: counted.append(1)  # noqa: E731
        event.listen(database.engine, "before_cursor_execute", listener)
        page(filer, "/reachability/")
        event.remove(database.engine, "before_cursor_execute", listener)
        return len(counted)

    for n in range(6):
        site.camera(f"{n}号", host=f"127.70.4.{n + 1}")
    site.reconcile()
    site.commit()
    page(filer, "/reachability/")
    few = questions()
    for n in range(6, 60):
        site.camera(f"{n}号", host=f"127.70.4.{n + 1}")
    site.reconcile()
    site.commit()
    assert questions() == few


def test_what_other_features_ask(site: Site):
    up, down = site.camera("南门", host="127.70.3.1"), site.camera("北门", host="127.70.3.2")
    unprobed = site.world.camera(site.system, "没有接入信息")
    site.bring_up(up, down)
    for wait in ({"minutes": 11}, {"seconds": 20}, {"seconds": 60}):
        site.later(**wait)
        site.round({down: DOWN})
    summary = queries.live_summary(site.session, system_id=site.system.id)
    assert (summary.online, summary.offline, summary.unknown, summary.total) == (1, 1, 1, 3)
    assert summary.online_rate == 0.5
    assert queries.live_summary(site.session, unit_id=site.unit.id) == summary
    since = queries.state_since(site.session, down.id)
    assert (since.state, since.reason, since.since) == (LiveState.OFFLINE, Reason.TIMEOUT, site.now)
    assert queries.state_since(site.session, unprobed.id) is None
    first = queries.first_seen_live(site.session, site.system.id)
    assert first is not None
    assert first < site.now
    checked = queries.last_check(site.session, site.status(up), now=site.now)
    assert checked.seen.reason is Reason.OK
    assert checked.rtt_ms is not None


def test_uptime_and_outages_of_a_camera(site: Site):
    camera = site.camera("南门", host="127.70.3.1")
    site.bring_up(camera)
    site.session.execute(
        text(
            "insert into device_state_change (at, camera_id, unit_id, district, old_state, new_state, reason) values "
            "(:a, :c, :u, '410502', 'online', 'offline', 'timeout'), (:b, :c, :u, '410502', 'offline', 'online', 'ok')"
        ),
        {
            "a": site.now + timedelta(hours=3),
            "b": site.now + timedelta(hours=4),
            "c": camera.id,
            "u": camera.unit_id,
        },
    )
    now = site.now + timedelta(hours=10)
    assert queries.uptime_of(site.session, camera.id, days=1, now=now) == pytest.approx(0.9, abs=0.01)
    (outage,) = queries.outages_of(site.session, camera.id, days=30, now=now)
    assert outage.end - outage.start == timedelta(hours=1)
    days = queries.daily_uptime(site.session, camera.id, days=3, now=now)
    assert len(days) == 3
    assert days[0][1] is None


def test_a_stale_round_and_a_discarded_one_are_said_on_the_page(site: Site, filer: FlaskClient):
    camera = site.camera("南门", host="127.70.3.1")
    site.bring_up(camera)
    site.later(minutes=11)
    site.round()
    site.session.execute(text("update probe_round set settled_at = settled_at - interval '3 hours'"))
    site.commit()
    assert "已有一段时间未完成常规巡检" in page(filer, "/reachability/")
    site.session.execute(
        text(
            "insert into probe_round (lane, status, started_at, deadline_at, settled_at, chunks) "
            "values ('live', 'discarded', now(), now(), now(), 1)"
        )
    )
    site.commit()
    assert "上一轮巡检结果未予采信" in page(filer, "/reachability/")
