"""Decree 799 art. 14: whatever was filed and is another now is to be reported, whoever changed it and by which door."""

from datetime import date, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.values import Identity, Role
from portal.registry import operations, queries
from portal.registry.models import Camera, Filing, FilingClock, System
from portal.registry.operations.changes import settle_if_as_filed
from portal.registry.operations.parties import add_party
from portal.registry.rules.changes import (
    camera_changes,
    cameras_changes,
    noted,
    system_changes,
    unit_changes,
    unreported,
)
from portal.registry.states import CameraStatus, FilingStatus, UseAction
from portal.registry.values import (
    CameraParticulars,
    ComponentPart,
    ComponentParticulars,
    FilingKind,
    PartyRole,
    UnitParticulars,
    UnitType,
)
from portal.registry.values.archive import PartyParticulars
from portal.regulation.schema.vocabulary import Regime
from tests.people import BEIGUAN, NOW, TODAY, WENFENG, World, make_world, post, sign_in
from tests.registry.test_filing import CALENDAR, particulars
from tests.registry.test_filing_duties import HERE, THERE, accept, clocks, file, filed

LATER = NOW + timedelta(days=3)


@pytest.fixture
def world(session: Session) -> World:
    return make_world(session)


def changes(session: Session, system: System) -> dict[str, tuple[str, int]]:
    """What the running change clock says changed."""
    session.flush()
    running = FilingClock.ended_on.is_(None)
    clock = session.scalar(
        select(FilingClock).where(FilingClock.system_id == system.id, FilingClock.kind == "change", running)
    )
    return {one["fact"]: (one["subject"], one["count"]) for one in clock.why["changes"]} if clock else {}


def settled(session: Session, system: System) -> None:
    """The clock back to nothing, for the next case."""
    operations.end_clocks(session, system.id, ("change",), on=TODAY)
    session.flush()


def test_which_facts_are_filed() -> None:
    def facts(**pairs: tuple[object, object]) -> list[str]:
        return [one.fact for one in camera_changes(pairs, subject="南门")]

    assert facts(azimuth=(0, 90), lon=(1, 2), declared_lat=(1, 2)) == ["camera.azimuth", "camera.position"]
    assert facts(camera_type=("ptz_dome", "fixed_bullet"), retention_days=(30, 90)) == [
        "camera.camera_type",
        "camera.retention_days",
    ]
    # Not stated when it was filed, or not by the unit: nothing to report.
    assert not facts(popular_name=("", "南门"), model=("", "X"), gb_code=(None, "4105"), main_content=("", "人员"))
    # Under repair it is still there; taken down it is not.
    assert not facts(status=(CameraStatus.IN_USE, CameraStatus.REPAIR))
    assert facts(status=(CameraStatus.REPAIR, CameraStatus.DISMANTLED)) == ["camera.went"]
    assert facts(status=("dismantled", "in_use")) == ["camera.came"]
    many = cameras_changes([{"azimuth": (0, 1)}, {"azimuth": (2, 3), "zone": ("", "gate")}, {"model": ("", "X")}])
    assert [(one.fact, one.count) for one in many] == [("camera.azimuth", 2), ("camera.zone", 1)]
    told = system_changes({"retention_days": (30, 90), "party_manager": ("甲", "乙"), "funding": ("", "self")})
    assert [one.fact for one in told] == ["system.retention_days", "party.manager"]
    assert not system_changes({"software": (None, "")})
    assert [one.fact for one in unit_changes({"name": ("甲", "乙"), "category": ("", "x")})] == ["unit.name"]


def test_a_limit_names_each_change_once_and_what_came_after_the_submission_stays() -> None:
    first = noted((), camera_changes({"azimuth": (0, 1)}, subject="南门"), now=NOW)
    again = noted(first, camera_changes({"azimuth": (1, 2)}, subject="南门"), now=LATER)
    assert [(one["fact"], one["subject"], one["at"]) for one in again] == [
        ("camera.azimuth", "南门", LATER.isoformat())
    ]
    both = noted(first, camera_changes({"zone": ("", "gate")}, subject="南门"), now=LATER)
    assert [one["fact"] for one in unreported(both, submitted_at=NOW)] == ["camera.zone"]
    assert not unreported(both, submitted_at=LATER)


def with_camera(session: Session, world: World) -> tuple[Identity, System, Filing, Identity, Camera]:
    owner, system, filing, registrar = filed(session, world)
    camera = operations.add_camera(session, actor=owner, system_id=system.id, particulars=a_camera(), now=NOW)
    assert changes(session, system) == {"camera.came": ("南门入口", 1)}
    settled(session, system)
    return owner, system, filing, registrar, camera


def a_camera(**more: object) -> CameraParticulars:
    given = {"name": "南门入口", "lon": HERE[0], "lat": HERE[1], "azimuth": 0}
    return CameraParticulars(**(given | more))  # type: ignore[arg-type]


def edit(session: Session, owner: Identity, camera: Camera, **more: object) -> None:
    session.flush()
    operations.edit_camera(
        session,
        actor=owner,
        camera_id=camera.id,
        seen_version=camera.version,
        particulars=a_camera(**more),
        reason="现场核对",
        now=NOW,
    )


def test_every_change_of_a_filed_camera_or_system_starts_the_clock(session: Session, world: World) -> None:
    owner, system, _, _, camera = with_camera(session, world)

    def starts(*facts: str) -> None:
        assert set(changes(session, system)) == set(facts)
        settled(session, system)

    edit(session, owner, camera, model="DS-2CD")
    starts()  # not among what was filed
    edit(session, owner, camera, model="DS-2CD", azimuth=90)
    starts("camera.azimuth")
    edit(session, owner, camera, model="DS-2CD", azimuth=90, lon=HERE[0] + 0.0001)
    starts("camera.position")
    edit(session, owner, camera, azimuth=90, lon=HERE[0] + 0.0001, status=CameraStatus.DISMANTLED)
    starts("camera.went")

    def change(**more: object) -> None:
        session.flush()
        kept = {"declared_devices": system.declared_devices, "retention_days": system.retention_days}
        operations.edit_system(
            session,
            actor=owner,
            system_id=system.id,
            seen_version=system.version,
            particulars=particulars(**(kept | more)),
            reason="设备更新",
            now=NOW,
        )

    change(department="保卫科")
    starts()
    change(retention_days=60, declared_devices={"fixed_bullet": 2})
    starts("system.retention_days", "system.declared_devices")
    add_party(
        session,
        actor=owner,
        system_id=system.id,
        role=PartyRole.MANAGER,
        particulars=PartyParticulars(name="安阳安居物业有限公司", valid_from=TODAY),
        reason="委托管理",
        now=NOW,
    )
    starts("party.manager")
    piece = ComponentParticulars(part=ComponentPart.STORAGE, name="网络录像机", count=1)
    operations.add_component(session, actor=owner, system_id=system.id, particulars=piece, now=NOW)
    starts("component")
    unit = queries.lock_unit(session, system.unit_id)
    named = UnitParticulars(name="洹滨生活超市", unit_type=UnitType.SHOP, district=WENFENG, address=unit.address)
    manager = world.person(Role.REGISTRAR)
    operations.edit_unit(
        session, actor=manager, unit_id=unit.id, seen_version=unit.version, particulars=named, reason="更名", now=NOW
    )
    starts("unit.name")


def test_a_secret_camera_is_counted_in_the_limit_and_not_named(session: Session, world: World) -> None:
    owner, system, _, _, camera = with_camera(session, world)
    camera.secret = True
    edit(session, owner, camera, azimuth=90)
    assert changes(session, system) == {"camera.azimuth": ("", 1)}


def test_no_text_no_clock_and_nothing_filed_no_clock(session: Session, world: World) -> None:
    owner, system, *_ = filed(
        session, world, regime=Regime.OTHER_PUBLIC, in_use_on=None, retention_days=None, parties={}
    )
    operations.add_camera(session, actor=owner, system_id=system.id, particulars=a_camera(), now=NOW)
    assert "change" not in clocks(session, system)
    unit = world.unit("未备案商店", unit_type="shop")
    owner = world.person(Role.UNIT_FILER, unit_id=unit.id)
    given = particulars(lon=HERE[0], lat=HERE[1])
    system = operations.create_system(session, actor=owner, unit_id=unit.id, particulars=given, now=NOW)
    operations.add_camera(session, actor=owner, system_id=system.id, particulars=a_camera(), now=NOW)
    assert "change" not in clocks(session, system)


def test_what_changed_after_it_was_handed_in_is_still_to_be_reported(session: Session, world: World) -> None:
    owner, system, _, registrar, camera = with_camera(session, world)
    edit(session, owner, camera, azimuth=90)
    second = file(session, owner, system)
    assert second.kind == FilingKind.CHANGE
    session.flush()
    operations.edit_camera(
        session,
        actor=owner,
        camera_id=camera.id,
        seen_version=camera.version,
        particulars=a_camera(azimuth=90, retention_days=60),
        reason="扩容",
        now=LATER,
    )
    accept(session, registrar, second, now=LATER)
    assert changes(session, system) == {"camera.retention_days": ("南门入口", 1)}
    running = [one for one in queries.running_clocks(session, system.id) if one.kind == "change"]
    assert [one.started_on for one in running] == [TODAY + timedelta(days=3)]


def test_what_changed_is_not_confirmed_as_still_true(client: FlaskClient, session: Session, world: World) -> None:
    owner, _, filing, _, camera = with_camera(session, world)
    edit(session, owner, camera, azimuth=90)
    session.flush()
    sign_in(client, world.login_of(owner))
    page = client.get(f"/filings/{filing.id}").text
    assert "备案事项已有变动" in page
    assert "确认仍然属实" not in page
    refused = post(client, f"/filings/{filing.id}/confirm", {"version": filing.version})
    assert refused.status_code == 409
    session.expire_all()
    assert not queries.confirmations_of(session, filing.id)


def test_what_was_put_back_is_no_change(session: Session, world: World) -> None:
    owner, system, _, registrar, camera = with_camera(session, world)
    accept(session, registrar, file(session, owner, system))
    edit(session, owner, camera, azimuth=90)
    settle_if_as_filed(session, system, now=NOW)
    assert changes(session, system) == {"camera.azimuth": ("南门入口", 1)}
    edit(session, owner, camera)
    settle_if_as_filed(session, system, now=NOW)
    assert not changes(session, system)


def test_a_moved_system_owes_a_change_at_its_new_place_and_no_first_filing(session: Session, world: World) -> None:
    owner, system, filing, _ = filed(session, world, in_use_on=date(2020, 1, 1))
    begun = operations.move_system(
        session,
        actor=owner,
        system_id=system.id,
        seen_version=system.version,
        address="洹滨北路8号",
        lon=THERE[0],
        lat=THERE[1],
        reason="门店搬迁",
        calendar=CALENDAR,
        now=NOW,
    )
    assert filing.status == FilingStatus.MOVED
    assert (begun.due_on, begun.due_why["citations"]) == (None, [["decree-799-2025", "14"]])
    assert changes(session, system) == {"system.position": ("", 1)}
    (clock,) = queries.running_clocks(session, system.id)
    assert (clock.kind, clock.district) == ("change", BEIGUAN)
    operations.settle_clocks(session, [queries.lock_system(session, system.id)], calendar=CALENDAR, now=NOW)
    assert [one.kind for one in queries.running_clocks(session, system.id)] == ["change"]
    operations.change_use(
        session, actor=owner, system_id=system.id, action=UseAction.DISMANTLE, on=TODAY, reason="关闭", now=NOW
    )
    assert not queries.running_clocks(session, system.id)


def test_the_limit_shows_what_changed(client: FlaskClient, session: Session, world: World) -> None:
    owner, system, _, _, camera = with_camera(session, world)
    edit(session, owner, camera, azimuth=90)
    session.flush()
    sign_in(client, world.login_of(owner))
    page = client.get(f"/systems/{system.id}").text
    assert "备案后变动事项" in page
    assert "2026-11-20 · 南门入口：方位角" in page
    listed = client.get("/filings/deadlines").text
    assert "1 项变动" in listed
    assert listed.count("长期未报备") == 1  # the count only
    still = FilingClock.ended_on.is_(None)
    clock = session.scalars(select(FilingClock).where(FilingClock.kind == "change", still)).one()
    clock.started_on -= timedelta(days=400)
    session.flush()
    assert client.get("/filings/deadlines").text.count("长期未报备") == 2  # the row is named as it is counted
