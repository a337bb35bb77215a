"""Many cameras changed at once: what is shown is what happens, to all of them or to none, each with its reason."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from portal.accounts.values import Identity, Role
from portal.audit.models import AuditStage
from portal.core.crypto import row_context
from portal.core.db import Database, narrow
from portal.core.errors import Invalid, NotAllowed, Stale
from portal.core.outbox import OutboxRow
from portal.core.scope import EVERYTHING
from portal.core.services import services
from portal.registry import operations
from portal.registry.models import Camera, Filing, FilingClock, ListRun, PlaceReview, RowHistory
from portal.registry.operations import Selection
from portal.registry.rules import CAMERA_FIELDS
from portal.registry.rules.bulk import BULK, NEVER_EMPTY, changes_problems
from portal.registry.states import CameraStatus
from portal.registry.values import CameraParticulars, ClockKind, PlaceType, PowerSource
from portal.registry.values.lists import Wanted
from portal.regulation.loader import rulebook
from tests.people import BEIGUAN, NOW, TODAY, World, make_world, post, sign_in
from tests.registry.test_filing import a_system
from tests.registry.test_filing import particulars as system_particulars
from tests.support.dying import killed_behind_each_commit

PHONE = "13800001111"
LATER = NOW.replace(hour=5)
EVERY = Selection(wanted=Wanted())


@pytest.fixture
def world(session: Session) -> World:
    return make_world(session)


@pytest.fixture
def filer(session: Session, world: World) -> Identity:
    """A unit with four cameras."""
    filer, system = a_system(session, world)
    for number in range(3):
        particulars = CameraParticulars(name=f"走廊{number}", lon=114.3924, lat=36.0976, retention_days=30 + number)
        operations.add_camera(session, actor=filer, system_id=system.id, particulars=particulars, now=NOW)
    return filer


def planned(session: Session, actor: Identity, changes: dict, selection: Selection = EVERY):
    return operations.plan_bulk(session, actor=actor, selection=selection, changes=changes, now=LATER)


def made(session: Session, actor: Identity, changes: dict, selection: Selection = EVERY, **more) -> int:
    order = {"seen": planned(session, actor, changes, selection).seal, "reason": "", "leave_out": False, **more}
    return operations.bulk_edit(session, actor=actor, selection=selection, changes=changes, now=LATER, **order)


def values(session: Session, name: str) -> list:
    session.expire_all()
    return list(session.scalars(select(getattr(Camera, name)).order_by(Camera.id)))


def file_it(session: Session) -> None:
    """The unit's system is on file."""
    session.execute(
        text(
            "insert into filing (id, system_id, unit_id, district, organ_id, kind, status, number, created_at, version) "
            "select gen_random_uuid(), id, unit_id, district, organ_id, 'new', 'accepted', 'X-1', created_at, 1 from system"
        )
    )


def test_what_is_shown_is_what_happens_and_stands_in_every_history(session: Session, filer: Identity) -> None:
    changes = {"power_source": PowerSource.POE, "retention_days": 31, "maintenance_phone": PHONE, "sectors": ()}
    plan = planned(session, filer, changes)
    assert [row.changes["retention_days"] for row in plan.rows if "retention_days" in row.changes] == [
        (None, 31), (30, 31), (32, 31),
    ]  # fmt: skip
    assert all(row.changes["maintenance_phone"] == (None, "138****1111") for row in plan.rows)
    assert made(session, filer, changes, reason="统一改造") == 4
    assert values(session, "retention_days") == [31] * 4
    assert values(session, "power_source") == ["poe"] * 4
    for camera in session.scalars(select(Camera)):
        context = row_context("camera", "maintenance_phone_sealed", camera.id)
        assert services(session).envelope.open(camera.maintenance_phone_sealed, context=context) == PHONE.encode()
        assert camera.updated_at == LATER
    past = session.scalars(select(RowHistory).where(RowHistory.reason == "统一改造")).all()
    assert len({one.row_id for one in past}) == 4
    told = session.scalars(select(AuditStage).where(AuditStage.tag == "registry:camera:change")).all()
    assert [one.reason for one in told] == ["统一改造"] * 4
    assert PHONE not in str([one.changes for one in told])
    whole = session.scalars(select(AuditStage).where(AuditStage.tag == "registry:camera:change_many")).one()
    assert [change["new"] for change in whole.changes or () if change["field"] == "cameras"] == [4]


def test_files_are_judged_again(session: Session, filer: Identity) -> None:
    assert all("direction:missing" in (keys or ()) for keys in values(session, "fault_keys"))
    made(session, filer, {"direction": 4})
    assert not any("direction:missing" in keys for keys in values(session, "fault_keys"))


def test_whoever_shares_a_view_with_what_was_changed_is_marked_by_the_worker(
    session: Session, database: Database, world: World, filer: Identity
) -> None:
    from portal.registry.tasks import recheck_cameras

    far = world.unit("北关一中", district=BEIGUAN)
    far_filer = world.person(Role.UNIT_FILER, unit_id=far.id)
    system = operations.create_system(
        session, actor=far_filer, unit_id=far.id, particulars=system_particulars(), now=NOW
    )
    given = CameraParticulars(name="隔壁", lon=114.3924, lat=36.0976, azimuth=77)
    other = operations.add_camera(session, actor=far_filer, system_id=system.id, particulars=given, now=NOW)
    session.flush()
    assert "lon:duplicate" not in other.fault_keys
    made(session, filer, {"azimuth": 77})
    asked = select(OutboxRow.payload).where(OutboxRow.dedupe.like("twins:%"))
    recheck_cameras(database, now=LATER, **session.scalars(asked).one())
    session.expire_all()
    assert "lon:duplicate" in other.fault_keys


def test_one_that_is_refused_stops_all_unless_it_is_left_out(session: Session, world: World, filer: Identity) -> None:
    """A zone that the rules of one system name and those of another do not."""
    _other, system = a_system(session, world)
    session.execute(text("update unit set unit_type = 'bank' where id = :id"), {"id": system.unit_id})
    session.expire_all()
    registrar = world.person(Role.REGISTRAR)
    plan = planned(session, registrar, {"zone": "gate_house"})
    refused = [row for row in plan.rows if row.refusal]
    assert [row.refusal.code for row in refused] == ["bulk_zone_unknown"] * len(refused)
    assert 0 < len(refused) < len(plan.rows), "one of the two kinds of unit must know the zone"
    with pytest.raises(Invalid):
        made(session, registrar, {"zone": "gate_house"})
    assert set(values(session, "zone")) == {None}
    assert made(session, registrar, {"zone": "gate_house"}, leave_out=True) == len(plan.changed)


def test_who_reads_but_may_not_change_is_refused_and_out_of_reach_does_not_exist(
    session: Session, world: World, filer: Identity
) -> None:
    keys = tuple(session.scalars(select(Camera.id)))
    with pytest.raises(NotAllowed):
        planned(session, world.person(Role.INSPECTOR), {"direction": 1})
    far = world.person(Role.REGISTRAR, organ=world.branches[BEIGUAN])
    with pytest.raises(Invalid) as none:
        planned(session, far, {"direction": 1}, Selection(keys=keys))
    assert none.value.code == "bulk_none"
    session.execute(text("update camera set secret = true where name = '走廊1'"))
    assert len(planned(session, world.person(Role.REGISTRAR), {"direction": 1}).rows) == 3


def test_a_filed_system_asks_why_and_what_changed_meanwhile_is_shown_first(session: Session, filer: Identity) -> None:
    file_it(session)
    assert planned(session, filer, {"direction": 1}).needs_reason
    with pytest.raises(Invalid) as why:
        made(session, filer, {"direction": 1})
    assert [problem.field for problem in why.value.problems] == ["reason"]
    seen = planned(session, filer, {"direction": 1}).seal
    session.execute(text("update camera set version = version + 1 where name = '走廊1'"))
    with pytest.raises(Stale):
        made(session, filer, {"direction": 1}, reason="x", seen=seen)
    assert set(values(session, "direction")) == {None}
    assert session.scalar(select(Filing.number)) == "X-1"


def test_a_filed_item_changed_in_bulk_is_to_be_reported(session: Session, filer: Identity) -> None:
    """The time for it begins as it does for one camera, once; what no filing tells needs no report."""
    file_it(session)

    def clocks() -> list[FilingClock]:
        return list(session.scalars(select(FilingClock).where(FilingClock.kind == ClockKind.CHANGE)))

    made(session, filer, {"power_source": PowerSource.POE}, reason="改造")
    assert not clocks()
    made(session, filer, {"retention_days": 60}, reason="扩容")
    made(session, filer, {"retention_days": 90}, reason="扩容")
    [clock] = clocks()
    assert (clock.started_on, clock.ended_on) == (TODAY, None)
    assert [one["fact"] for one in clock.why["changes"]] == ["camera.retention_days"]


def test_no_bulk_change_leads_past_forbidden_ground(session: Session, filer: Identity) -> None:
    """What is refused of one camera is refused of many, and what is in doubt is put before a person at once."""
    spot = rulebook().reference.place[0]
    with pytest.raises(Invalid, match="forbidden_spot"):
        made(session, filer, {"place_type": PlaceType(spot.key)})
    assert not session.scalars(select(PlaceReview)).all()
    assert made(session, filer, {"address": f"北关街 8 号{spot.words[0]}"}) == 4
    assert {(row.kind, row.status) for row in session.scalars(select(PlaceReview))} == {("interior", "open")}
    made(session, filer, {"status": CameraStatus.DISMANTLED})
    assert {row.status for row in session.scalars(select(PlaceReview))} == {"lapsed"}


def test_only_what_cameras_share_can_be_changed_so() -> None:
    alone = {each.key for each in CAMERA_FIELDS} - {each.key for each in BULK}
    assert {"name", "gb_code", "lon", "lat", "host", "district"} <= alone
    assert [problem.code for problem in changes_problems({})] == ["bulk_nothing_chosen"]
    for key in alone:
        assert changes_problems({key: "x"})[0].field == "change"
    for key in NEVER_EMPTY:
        assert changes_problems({key: ""})[0].code == "required"
    assert changes_problems({"range_m": 0})[0].code == "out_of_range"
    assert changes_problems({"model": "x" * 61})[0].code == "sheet_long"


def test_by_hand(session: Session, world: World, client: FlaskClient, filer: Identity) -> None:
    sign_in(client, world.login_of(filer))
    assert client.get("/cameras/bulk").status_code == 422
    ticked = {"id": str(session.scalars(select(Camera.id)).first()), "query": "q=走廊&sort=name", "reason": "核对"}
    assert 'href="/cameras?q=%E8%B5%B0%E5%BB%8A&amp;sort=name"' in client.get("/cameras/bulk", query_string=ticked).text
    ticked |= {"change": "department", "department": "保卫处"}
    shown = post(client, "/cameras/bulk/preview", ticked).text
    assert 'href="/cameras?q=%E8%B5%B0%E5%BB%8A&amp;sort=name"' in shown
    ticked["seen"] = shown.split('name="seen" value="')[1].split('"')[0]
    assert post(client, "/cameras/bulk", ticked).headers["Location"] == "/cameras?q=%E8%B5%B0%E5%BB%8A&sort=name"
    page = client.get("/cameras/bulk?all=1&q=走廊").text
    assert "已选摄像机 3 路" in page
    order = {"all": "1", "query": "q=走廊", "change": "model", "model": "DS-2", "retention_days": "错"}
    assert post(client, "/cameras/bulk/preview", {"all": "1", "query": "q=走廊"}).status_code == 422
    preview = post(client, "/cameras/bulk/preview", order).text
    assert preview.count("<ins>DS-2</ins>") == 3
    seen = preview.split('name="seen" value="')[1].split('"')[0]
    assert "DS-2" in post(client, "/cameras/bulk/back", order).text
    stale = post(client, "/cameras/bulk", {**order, "seen": "0" * 64})
    assert "查看之后有摄像机发生变更" in stale.text
    answer = post(client, "/cameras/bulk", {**order, "seen": seen})
    assert answer.location == "/cameras?q=%E8%B5%B0%E5%BB%8A"
    assert values(session, "model") == ["", "DS-2", "DS-2", "DS-2"]


@pytest.fixture
def two_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """What goes beyond one camera is left to the worker."""
    monkeypatch.setattr("portal.registry.views.bulk.NOW_EDITS", 1)


@pytest.mark.usefixtures("two_are_many")
def test_a_large_change_is_made_by_a_worker_and_keeps_its_secret(
    session: Session, database: Database, world: World, client: FlaskClient, filer: Identity
) -> None:
    from portal.registry.tasks import edit_cameras

    sign_in(client, world.login_of(filer))
    order = {"all": "1", "query": "", "change": ["maintenance_phone", "installed_on"], "maintenance_phone": PHONE}
    order |= {"installed_on": "2026-01-02", "reason": "换维保"}
    seen = post(client, "/cameras/bulk/preview", order).text.split('name="seen" value="')[1].split('"')[0]
    answer = post(client, "/cameras/bulk", {**order, "seen": seen})
    assert "/lists/runs/" in answer.location
    run = session.scalars(select(ListRun)).one()
    assert PHONE not in str(run.wanted)
    assert set(values(session, "installed_on")) == {None}
    session.flush()
    edit_cameras(database, now=LATER, run_id=str(run.id))
    narrow(session, EVERYTHING)
    session.expire_all()
    assert (run.status, run.rows_done) == ("done", 4)
    assert values(session, "maintenance_phone_masked") == ["138****1111"] * 4
    assert "已变更摄像机 4 路" in client.get(answer.location).text


@pytest.mark.usefixtures("two_are_many")
def test_a_change_whose_worker_dies_behind_any_commit_is_made_once(
    session: Session, database: Database, filer: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    from portal.registry.tasks import edit_cameras

    kept = select(func.count()).select_from(RowHistory)
    before = session.scalar(kept) or 0

    def case(died: int) -> ListRun:
        changes = {"model": f"型号{died}"}
        return operations.start_bulk_edit(
            session, actor=filer, selection=EVERY, changes=changes, reason="换型",
            seen=planned(session, filer, changes).seal, leave_out=False, now=LATER.replace(day=LATER.day + died),
        )  # fmt: skip

    def job(run: ListRun) -> None:
        session.flush()
        edit_cameras(database, now=run.created_at, run_id=str(run.id))
        narrow(session, EVERYTHING)
        session.expire_all()

    def check(run: ListRun, died: int) -> None:
        assert (run.status, run.rows_done, set(values(session, "model"))) == ("done", 4, {f"型号{died}"})
        assert session.scalar(kept) == before + 4 * (died + 1), "each camera's former state is kept once"

    assert killed_behind_each_commit(monkeypatch, case=case, job=job, check=check) > 1
