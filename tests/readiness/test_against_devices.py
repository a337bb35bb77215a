"""The robot against devices that speak ONVIF and RTSP: each is asked over real sockets, and each lapse fails its check."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from portal.core.clock import utcnow
from portal.core.db import Database
from portal.core.scope import EVERYTHING
from portal.demo.plan import Behaviour
from portal.inspection.operations import request_acceptance
from portal.inspection.states import AcceptanceKind, ReadinessCause
from portal.jobs import Runner
from portal.readiness import operations
from portal.readiness.states import CheckKey, CheckVerdict
from portal.readiness.values import Check
from portal.registry.states import UseStatus
from portal.regulation.calendar import WorkCalendar
from tests.reachability.test_tasks import settle_down
from tests.reachability.world import Site
from tests.stubs.devices import Devices
from tests.support.database import rolled_back
from tests.support.world import World

# What a probe can tell of a system; the rest is a matter of files and papers.
PROBED = frozenset(
    {
        CheckKey.ONLINE, CheckKey.CLOCK, CheckKey.PASSWORDS, CheckKey.RECORDING, CheckKey.RETENTION_MEASURED,
        CheckKey.RESOLUTION_MEASURED, CheckKey.RESOLUTION_AGREES,
    }
)  # fmt: skip
HEALTHY: Mapping[str, object] = {"channels": 8, "recording_days": 91, "width": 1920, "height": 1080}
SYSTEMS: Mapping[str, tuple[Behaviour, Mapping[str, object]]] = {
    "in_order": (Behaviour.HEALTHY, {}),
    "wrong_clock": (Behaviour.WRONG_CLOCK, {"clock_offset_s": 3_600}),
    "below_the_floor": (Behaviour.HEALTHY, {"width": 320, "height": 240}),
    "less_than_filed": (Behaviour.DIGEST, {"width": 1280, "height": 720}),
    "not_recording": (Behaviour.NOT_RECORDING, {}),
    "open_to_all": (Behaviour.OPEN, {}),
    "down": (Behaviour.DOWN, {}),
}
ALL_BUT = {
    "in_order": set(),
    "wrong_clock": {CheckKey.CLOCK},
    "below_the_floor": {CheckKey.RESOLUTION_MEASURED},
    "less_than_filed": {CheckKey.RESOLUTION_AGREES},
    "not_recording": {CheckKey.RECORDING},
    "open_to_all": {CheckKey.PASSWORDS},
    "down": {CheckKey.ONLINE},
}


# How far back a recorder that stopped keeps its footage says nothing; of a device that is gone nothing is known.
UNTOLD = {"not_recording": {CheckKey.RETENTION_MEASURED}, "down": PROBED - {CheckKey.ONLINE}}


@dataclass(frozen=True)
class Found:
    """What the robot reports of one system, and when the probes began."""

    checks: Mapping[CheckKey, Check]
    since: datetime


def a_system(session: Session, world: World, name: str, devices: Devices) -> Site:
    behaviour, changes = SYSTEMS[name]
    site = Site(session, name=name, now=utcnow(), world=world)
    site.unit.unit_type = "school"
    site.system.use_status, site.system.in_use_on = UseStatus.UNDER_CONSTRUCTION, None
    site.system.retention_days = 90
    device = devices.add(behaviour, **{**HEALTHY, **changes})
    camera = site.camera("一号机", device)
    camera.resolution, camera.storage_channel = "1920x1080", 8
    session.flush()
    return site


@pytest.fixture(scope="module")
def devices() -> Iterator[Devices]:
    """A fleet of this file's own."""
    fleet = Devices()
    yield fleet
    fleet.stop()


@pytest.fixture(scope="module")
def reports(database: Database, devices: Devices) -> Iterator[Mapping[str, Found]]:
    """Every system probed by the regular rounds and their logins, then checked for its application."""
    began = utcnow() - timedelta(seconds=5)
    with rolled_back(database), database.session(EVERYTHING) as session:
        world = World(session)
        sites = {name: a_system(session, world, name, devices) for name in SYSTEMS}
        first = next(iter(sites.values()))
        first.reconcile()
        settle_down(first, Runner(database))
        yield {name: Found(_report(session, site), began) for name, site in sites.items()}


def _report(session: Session, site: Site) -> Mapping[CheckKey, Check]:
    acceptance = request_acceptance(
        session,
        actor=site.filer,
        system_id=site.system.id,
        kind=AcceptanceKind.NEW,
        statement="请予验收",
        calendar=WorkCalendar(),
        now=utcnow(),
    )
    report = operations.run_checks(session, acceptance_id=acceptance.id, cause=ReadinessCause.NIGHT, now=utcnow())
    return {CheckKey(each["key"]): Check.from_json(each) for each in report.checks}


@pytest.mark.parametrize("name", SYSTEMS)
def test_each_lapse_of_a_device_fails_its_check_and_no_other(reports: Mapping[str, Found], name: str) -> None:
    found = reports[name].checks
    failed = {key for key in PROBED if found[key].verdict is CheckVerdict.NOT_MET}
    assert failed == ALL_BUT[name]
    untold = {key for key in PROBED - failed if found[key].verdict is CheckVerdict.UNKNOWN}
    assert untold == UNTOLD.get(name, set())


def test_what_a_probe_tells_is_dated_by_the_probe(reports: Mapping[str, Found]) -> None:
    found = reports["in_order"]
    for key in PROBED:
        at = found.checks[key].measured_at
        assert at is not None, key
        assert found.since < at <= utcnow(), key
    told = found.checks[CheckKey.RESOLUTION_MEASURED]
    assert (told.found, told.wanted) == ("1920×1080", "352×288")


def test_what_falls_short_is_named_with_what_was_measured(reports: Mapping[str, Found]) -> None:
    low = reports["below_the_floor"].checks[CheckKey.RESOLUTION_MEASURED]
    assert [(one.zh, one.value) for one in low.short] == [("一号机", "320×240")]
    less = reports["less_than_filed"].checks[CheckKey.RESOLUTION_AGREES]
    assert [(one.zh, one.value) for one in less.short] == [("一号机", "1280×720 < 1920×1080")]
    late = reports["wrong_clock"].checks[CheckKey.CLOCK]
    assert abs(int(late.found) - 3_600) <= 2


def test_of_a_device_that_is_down_nothing_is_claimed(reports: Mapping[str, Found]) -> None:
    found = reports["down"].checks
    told = {key: found[key].measured_at for key in PROBED - {CheckKey.ONLINE}}
    assert set(told.values()) == {None}
