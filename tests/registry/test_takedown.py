"""A system leaves the register or its place: its cameras stand no more, nobody probes them, and their history stays."""

from collections.abc import Callable
from uuid import UUID

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

from portal.accounts.values import Identity
from portal.maps.queries import camera_bounds
from portal.reachability.operations.targets import reconcile_targets
from portal.registry import operations, queries
from portal.registry.models import Camera, CameraAccess, Filing, System
from portal.registry.states import CameraStatus, FilingStatus, UseAction, UseStatus
from portal.registry.values import CameraParticulars, HistoryKind
from portal.regulation.schema.vocabulary import Regime
from tests.people import NOW, TODAY, World, make_world
from tests.registry.test_filing import CALENDAR
from tests.registry.test_filing_duties import HERE, THERE, a_shop, file, filed

VOLUNTARY = {"regime": Regime.OTHER_PUBLIC, "in_use_on": None, "retention_days": None, "parties": {}}


def dismantle(session: Session, owner: Identity, system: System, _filing: Filing) -> None:
    operations.change_use(
        session, actor=owner, system_id=system.id, action=UseAction.DISMANTLE, on=TODAY, reason="门店关闭", now=NOW
    )


def remove(session: Session, owner: Identity, _system: System, filing: Filing) -> None:
    operations.remove_filing(session, actor=owner, filing_id=filing.id, reason="门店关闭", now=NOW)


def move(session: Session, owner: Identity, system: System, _filing: Filing) -> None:
    operations.move_system(
        session,
        actor=owner,
        system_id=system.id,
        seen_version=system.version,
        address="洹滨北路8号",
        lon=THERE[0],
        lat=THERE[1],
        reason="门店关闭",
        calendar=CALENDAR,
        now=NOW,
    )


@pytest.fixture
def world(session: Session) -> World:
    return make_world(session)


def a_probed_camera(session: Session, owner: Identity, system: System) -> UUID:
    given = CameraParticulars(name="店门口", lon=HERE[0], lat=HERE[1], azimuth=0)
    camera = operations.add_camera(session, actor=owner, system_id=system.id, particulars=given, now=NOW)
    session.flush()
    access = {"host": "192.0.2.9", "unit_id": camera.unit_id, "district": camera.district, "updated_at": NOW}
    session.execute(insert(CameraAccess).values(camera_id=camera.id, **access))
    reconcile_targets(session, now=NOW)
    return camera.id


def is_probed(session: Session, camera_id: UUID) -> bool:
    reconcile_targets(session, now=NOW)
    asked = text("select enabled from probe_target where camera_id = :id")
    return bool(session.scalar(asked, {"id": camera_id}))


def test_what_was_given_up_is_decided_by_nobody(session: Session, world: World) -> None:
    """A filing under way goes with its system, and works that were begun and left end as well."""
    owner, system = a_shop(session, world)
    filing = file(session, owner, system)
    system.use_status = UseStatus.UNDER_CONSTRUCTION
    session.flush()
    dismantle(session, owner, system, filing)
    assert (system.use_status, filing.status) == (UseStatus.DISMANTLED, FilingStatus.WITHDRAWN)
    assert filing.decision_reason == "门店关闭"
    assert not queries.running_clocks(session, system.id)


@pytest.mark.parametrize(
    ("act", "more", "ends"),
    [
        (dismantle, {}, FilingStatus.CANCELLED),
        (remove, VOLUNTARY, FilingStatus.REMOVED),
        (move, {}, FilingStatus.MOVED),
    ],
)
def test_cameras_leave_with_their_system(
    session: Session, world: World, act: Callable[..., None], more: dict[str, object], ends: FilingStatus
) -> None:
    owner, system, filing, _ = filed(session, world, **more)
    key = a_probed_camera(session, owner, system)
    assert is_probed(session, key)
    assert camera_bounds(session, owner, system_id=system.id)
    act(session, owner, system, filing)
    session.flush()
    assert filing.status == ends
    assert session.scalar(select(Camera.status).where(Camera.id == key)) == CameraStatus.DISMANTLED
    assert not is_probed(session, key)
    assert camera_bounds(session, owner, system_id=system.id) is None  # the map shows it no more
    (newest, *_) = queries.changes_of(session, HistoryKind.CAMERA, key).items
    assert (newest.before["status"], newest.after["status"]) == ("in_use", "dismantled")
    assert (newest.actor_name, newest.reason) == ("李建国", "门店关闭")
