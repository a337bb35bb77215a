"""An import from the first fault to its undoing: cures, parked rows, own exports, a worker that dies, a registry that moves."""

import io
from datetime import timedelta
from decimal import Decimal

import openpyxl
import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from portal.core.db import Database, narrow
from portal.core.errors import IllegalTransition, Invalid, NotFound
from portal.core.geometry import lonlat
from portal.core.scope import EVERYTHING
from portal.registry import operations
from portal.registry.labels.sheets import sheet_words
from portal.registry.models import Camera, CameraAccess, CameraImport, Filing, FilingClock, RowHistory, System
from portal.registry.operations import Kind
from portal.registry.operations.imports import load as loading
from portal.registry.queries.imports import in_the_way
from portal.registry.states import ImportStatus
from portal.registry.tasks import tidy_imports
from portal.registry.values import ClockKind, FilingKind
from portal.registry.values.rows import FaultDecision
from tests.people import NOW, make_world, sign_in
from tests.registry.sheets.ground import brought, cameras, checked, drain, report, stocked
from tests.registry.sheets.library import HOME, NAMED, NAMED_AT, ON_RECORD, as_csv, as_xlsx, code
from tests.support.dying import killed_behind_each_commit
from tests.support.reading import header_cells, row_cells

HEADER = ["名称", "编码", "经度", "纬度", "摄像机类型", "安装时间"]
SWAPPED = ["西门", code(61), "36.0979", "114.3921", "球机", "2026.3"]
DAMAGED = ["南门", "4.10502E+19", "114.3922", "36.0975", "枪机", ""]
LOST = ["后门", code(63), "不详", "36.0975", "枪机", ""]
GOOD = ["前门", code(64), "114.3926", "36.0978", "枪机", "2026年3月1日"]


@pytest.fixture
def ground(session: Session, database: Database):
    """A filer, their system, and the world they live in."""
    world = make_world(session)
    filer, system = stocked(session, world)
    return world, filer, system


def file_it(session: Session, system: System) -> None:
    session.add(
        Filing(
            system_id=system.id, unit_id=system.unit_id, district=system.district, organ_id=system.organ_id,
            kind=FilingKind.NEW, status="accepted", number="备-1", created_at=NOW,
        )
    )  # fmt: skip
    session.flush()


def confirmed(database: Database, session: Session, filer, run: CameraImport, **more) -> CameraImport:
    operations.confirm_import(session, actor=filer, import_id=run.id, now=NOW, **more)
    return drain(database, session, run)


def decide(session: Session, filer, run: CameraImport, *kind: str, decision=FaultDecision.CURED) -> int:
    field, fault, cure = kind
    return operations.decide_kind(
        session,
        actor=filer,
        import_id=run.id,
        kind=Kind(field=field, code=fault, cure=cure),
        decision=decision,
        now=NOW,
    )


def test_cures_are_taken_by_kind_good_rows_go_in_and_the_parked_workbook_comes_back(
    session: Session, database: Database, client: FlaskClient, ground
) -> None:
    world, filer, system = ground
    sheet = as_xlsx([["点位台账", "", "", "", "", ""], HEADER, SWAPPED, DAMAGED, LOST, GOOD], ["A1:F1"])
    run = checked(database, session, filer, system, "台账.xlsx", sheet)
    assert (run.rows_good, run.rows_bad) == (1, 3)
    assert decide(session, filer, run, "lon", "lonlat_swapped", "swap") == 1
    assert decide(session, filer, run, "gb_code", "sheet_code_damaged", "leave_empty") == 1
    with pytest.raises(NotFound):
        decide(session, filer, run, "lon", "sheet_not_a_number", "")  # nothing safe is proposed
    assert (run.rows_good, run.rows_bad) == (3, 1)
    assert report(session, run) == ["C5 lon sheet_not_a_number -"]
    run = confirmed(database, session, filer, run)
    assert (run.status, run.rows_in) == (ImportStatus.DONE, 3)
    west = session.scalars(select(Camera).where(Camera.gb_code == code(61))).one()
    assert (west.declared_lon, west.declared_lat, west.camera_type) == ("114.3921", "36.0979", "ptz_dome")
    assert lonlat(west.position) == (114.3921, 36.0979)

    sign_in(client, world.login_of(filer))
    parked = client.get(f"/imports/{run.id}/parked.xlsx")
    book = openpyxl.load_workbook(io.BytesIO(parked.data))
    page = book.active
    assert page["A1"].value == "点位台账"
    assert [cell.value for cell in page[2]][:7] == [*HEADER, "原行号"]
    assert [cell.value for cell in page[3]][:4] == LOST[:4]
    assert page.max_row == 3
    assert page["G3"].value == "5"
    assert page["C3"].comment is not None
    assert "“不详”" in page["C3"].comment.text
    assert page["C3"].fill.fgColor.rgb == "FFFFD9D6"
    page["C3"] = "114.3923"
    fixed = io.BytesIO()
    book.save(fixed)
    again = checked(database, session, filer, system, "更正.xlsx", fixed.getvalue(), preview_first=False)
    assert (again.status, again.rows_in, again.rows_bad) == (ImportStatus.DONE, 1, 0)
    assert len(cameras(session, system)) == 2 + 4


@pytest.mark.parametrize("locale", ["zh_Hans_CN", "en"])
def test_an_own_export_changes_nothing_and_an_edited_one_what_was_edited(
    session: Session, database: Database, ground, locale: str
) -> None:
    _world, filer, system = ground
    words = sheet_words(locale)
    rows = [
        row_cells({each.name: getattr(one, each.name) for each in Camera.__table__.columns}, words)
        for one in cameras(session, system)
    ]
    head = header_cells(words)
    unchanged = checked(database, session, filer, system, "导出.xlsx", as_xlsx([head, *rows]))
    assert report(session, unchanged) == []
    assert {key: count for key, count in unchanged.counts.items() if count} == {"same": 2}
    assert confirmed(database, session, filer, unchanged).rows_in == 0

    [east] = [row for row in rows if row[head.index(words.headers["gb_code"])] == ON_RECORD]
    east[head.index(words.headers["model"])] = ""
    east[head.index(words.headers["azimuth"])] = "91"
    east[head.index(words.headers["lon"])] = "114.392488"
    east[head.index(words.headers["managing_phone"])] = "0372-5912345"
    edited = checked(database, session, filer, system, "导出.csv", as_csv([head, *rows], "utf-8-sig"))
    assert {key: count for key, count in edited.counts.items() if count} == {"same": 1, "changed": 1}
    confirmed(database, session, filer, edited)
    camera = session.scalars(select(Camera).where(Camera.gb_code == ON_RECORD)).one()
    assert (camera.model, camera.azimuth, camera.declared_lon) == ("", 91, "114.392488")
    assert camera.managing_phone_masked == "037****2345"
    assert lonlat(camera.position) == (114.392488, HOME[1])
    assert camera.version == 2
    past = session.scalars(select(RowHistory).where(RowHistory.row_id == camera.id)).one()
    assert past.content["model"] == "IPC-1"
    assert filer.name in past.actor_name


def test_the_real_run_does_what_the_dry_run_told(session: Session, database: Database, ground) -> None:
    _world, filer, system = ground
    rows = [[f"{n}号", code(70 + n), f"114.39{n:02d}", "36.0977", "枪机", ""] for n in range(1, 8)]
    rows += [["改", ON_RECORD, str(HOME[0]), str(HOME[1]), "球机", ""], ["坏", "", "", "", "枪机", ""]]
    before = len(cameras(session, system))
    run = checked(database, session, filer, system, "表.csv", as_csv([HEADER, *rows]))
    told = dict(run.counts)
    staged = session.execute(
        text(
            "select camera_id, label, gb_code from camera_import_row where outcome in ('new', 'changed') and import_id = :id"
        ),
        {"id": run.id},
    ).all()
    assert len(cameras(session, system)) == before
    run = confirmed(database, session, filer, run)
    assert run.counts == told == {"new": 7, "changed": 1, "same": 0, "parked": 1, "left_out": 0}
    assert run.rows_in == told["new"] + told["changed"]
    there = {one.id: one for one in cameras(session, system)}
    for key, name, gb_code in staged:
        assert there[key].name == (name or there[key].name)
        assert gb_code in (None, there[key].gb_code)
    with pytest.raises(IllegalTransition):
        operations.confirm_import(session, actor=filer, import_id=run.id, now=NOW)


def test_a_worker_that_dies_leaves_no_row_half_in_and_none_twice(
    session: Session, database: Database, ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    _world, filer, system = ground
    rows = [[f"{n}号", code(80 + n), f"114.39{n:02d}", "36.0977", "枪机", ""] for n in range(1, 8)]
    run = checked(database, session, filer, system, "表.csv", as_csv([HEADER, *rows]))
    operations.confirm_import(session, actor=filer, import_id=run.id, now=NOW)
    session.flush()
    monkeypatch.setattr(loading, "BATCH", 3)
    batches = iter(range(9))

    def die(_point: str) -> None:
        if next(batches) == 1:
            raise KeyboardInterrupt

    monkeypatch.setattr(loading, "crash_point", die)
    with pytest.raises(KeyboardInterrupt):
        operations.run_import(database, import_id=run.id, actor_name="甲", now=NOW)
    session.expire_all()
    run = session.get_one(CameraImport, run.id)
    assert (run.status, run.rows_in, len(cameras(session, system))) == (ImportStatus.LOADING, 3, 2 + 3)
    operations.run_import(database, import_id=run.id, actor_name="甲", now=NOW)
    session.expire_all()
    assert (session.get_one(CameraImport, run.id).rows_in, len(cameras(session, system))) == (7, 2 + 7)


def test_what_is_cancelled_half_way_can_be_undone(
    session: Session, database: Database, ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    _world, filer, system = ground
    rows = [[f"{n}号", code(90 + n), f"114.39{n:02d}", "36.0977", "枪机", ""] for n in range(1, 6)]
    run = checked(database, session, filer, system, "表.csv", as_csv([HEADER, *rows]))
    operations.confirm_import(session, actor=filer, import_id=run.id, now=NOW)
    session.flush()
    monkeypatch.setattr(loading, "BATCH", 2)

    def cancel(_point: str) -> None:
        operations.cancel_import(session, actor=filer, import_id=run.id, now=NOW)
        session.flush()

    monkeypatch.setattr(loading, "crash_point", cancel)
    operations.run_import(database, import_id=run.id, actor_name="甲", now=NOW)
    session.expire_all()
    run = session.get_one(CameraImport, run.id)
    assert (run.status, run.rows_in, len(cameras(session, system))) == (ImportStatus.CANCELLED, 2, 2 + 2)
    operations.undo_import(session, actor=filer, import_id=run.id, reason="传错表", now=NOW)
    run = drain(database, session, run)
    assert (run.status, run.rows_out, len(cameras(session, system))) == (ImportStatus.UNDONE, 2, 2)


def test_undoing_spares_what_somebody_has_built_upon(session: Session, database: Database, ground) -> None:
    _world, filer, system = ground
    rows = [[f"{n}号", code(100 + n), f"114.39{n:02d}", "36.0977", "枪机", ""] for n in range(1, 5)]
    rows.append(["东门改名", ON_RECORD, str(HOME[0]), str(HOME[1]), "球机", ""])
    run = checked(database, session, filer, system, "表.csv", as_csv([HEADER, *rows]), preview_first=False)
    assert (run.status, run.rows_in) == (ImportStatus.DONE, 5)
    edited, addressed, *_ = sorted(
        (one for one in cameras(session, system) if one.name.endswith("号")), key=lambda one: one.name
    )
    edited.model, edited.version = "IPC-9", edited.version + 1
    session.add(
        CameraAccess(
            camera_id=addressed.id,
            unit_id=addressed.unit_id,
            district=addressed.district,
            host="10.1.1.1",
            updated_at=NOW,
        )
    )
    session.flush()
    counts, ways = in_the_way(session, run)
    assert dict(counts) == {"edited": 1, "camera_access": 1}
    assert sorted(ways) == [2, 3]
    with pytest.raises(Invalid):
        operations.undo_import(session, actor=filer, import_id=run.id, reason=" ", now=NOW)
    operations.undo_import(session, actor=filer, import_id=run.id, reason="传错表", now=NOW)
    run = drain(database, session, run)
    assert (run.status, run.rows_in, run.rows_out) == (ImportStatus.DONE, 5, 3)  # the rest can be undone later
    names = [one.name for one in cameras(session, system)]
    assert names == sorted(["1号", "2号", "东门-向东-枪机", NAMED])
    east = session.scalars(select(Camera).where(Camera.gb_code == ON_RECORD)).one()
    assert east.camera_type == "unknown"


def test_of_what_is_long_over_only_what_it_came_to_is_left(
    session: Session, database: Database, client: FlaskClient, ground
) -> None:
    world, filer, system = ground
    run = checked(database, session, filer, system, "表.csv", as_csv([HEADER, GOOD, LOST]))
    confirmed(database, session, filer, run)
    waiting = checked(database, session, filer, system, "表.csv", as_csv([HEADER, LOST]))
    sign_in(client, world.login_of(filer))
    session.flush()
    tables = ("camera_import_row", "camera_import_fault")
    left = {}
    for days in (89, 91):
        tidy_imports(database, now=run.finished_at + timedelta(days=days))
        narrow(session, EVERYTHING)
        session.expire_all()
        counts = [
            session.scalar(text(f"select count(*) from {one} where import_id = :id"), {"id": run.id}) for one in tables
        ]
        left[days] = (counts, client.get(f"/imports/{run.id}/parked.xlsx").status_code)
    assert left == {89: ([2, 1], 200), 91: ([0, 0], 404)}
    assert (run.rows_in, run.rows_bad, run.counts["new"]) == (1, 1, 1)
    page = client.get(f"/imports/{run.id}").text
    assert f"/imports/{run.id}/undo" not in page
    with pytest.raises(IllegalTransition):
        operations.undo_import(session, actor=filer, import_id=run.id, reason="传错表", now=NOW)
    assert client.get(f"/imports/{waiting.id}/parked.xlsx").status_code == 200  # whoever waits for an answer keeps it


def test_what_the_registry_has_taken_meanwhile_is_parked_not_forced(
    session: Session, database: Database, ground, monkeypatch
) -> None:
    _world, filer, system = ground
    rows = [
        ["甲", code(111), "114.3931", "36.0977", "枪机", ""],
        ["东门", ON_RECORD, str(HOME[0]), str(HOME[1]), "球机", ""],
    ]
    run = checked(database, session, filer, system, "表.csv", as_csv([HEADER, *rows]))
    assert run.rows_good == 2
    first = checked(database, session, filer, system, "先.csv", as_csv([HEADER, *rows]), preview_first=False)
    assert first.rows_in == 2
    inside, opened = [], []
    load, opens = loading._load, loading.open_stored_sheet

    def loads(*given, **named) -> None:
        inside.append(1)
        load(*given, **named)
        inside.pop()

    monkeypatch.setattr(loading, "_load", loads)
    monkeypatch.setattr(loading, "open_stored_sheet", lambda *given: opened.append(len(inside)) or opens(*given))
    run = confirmed(database, session, filer, run)
    assert opened == [0]  # the sheet is read once, and not while the system is held
    assert (run.status, run.rows_in, run.rows_bad) == (ImportStatus.DONE, 0, 2)
    assert report(session, run) == ["B2 gb_code gb_code_taken -", "3 id sheet_changed_meanwhile -"]
    sealed = session.scalars(
        text("select cells_sealed from camera_import_row where import_id = :id").bindparams(id=run.id)
    )
    assert all(sealed)


def test_filed_cameras_change_only_with_a_reason(session: Session, database: Database, ground) -> None:
    _world, filer, system = ground
    file_it(session, system)
    sheet = as_csv([HEADER, ["东门", ON_RECORD, str(HOME[0]), str(HOME[1]), "球机", ""]])
    run = checked(database, session, filer, system, "表.csv", sheet, preview_first=False)
    assert run.status == ImportStatus.CHECKED  # it waits, although nobody wanted to look first
    with pytest.raises(Invalid) as refused:
        operations.confirm_import(session, actor=filer, import_id=run.id, now=NOW)
    assert [one.code for one in refused.value.problems] == ["change_reason_needed"]
    confirmed(database, session, filer, run, reason="更换设备")
    past = session.scalars(select(RowHistory).where(RowHistory.kind == "camera")).one()
    assert past.reason == "更换设备"


def test_what_is_filed_and_changes_by_sheet_is_to_be_reported(session: Session, database: Database, ground) -> None:
    """The clock of a change begins as it does for one camera entered in the form, and for filed items alone."""
    _world, filer, system = ground
    east = ["东门", ON_RECORD, str(HOME[0]), str(HOME[1])]

    def brought_in(header: list[str], row: list[str], reason: str) -> list[FilingClock]:
        sheet = as_csv([header, row])
        run = checked(database, session, filer, system, "表.csv", sheet, preview_first=False, reason=reason)
        assert run.rows_in == 1
        running = (FilingClock.kind == ClockKind.CHANGE) & FilingClock.ended_on.is_(None)
        return list(session.scalars(select(FilingClock).where(running)))

    assert not brought_in(HEADER, [*east, "球机", ""], "")  # nothing is filed yet
    file_it(session, system)
    assert not brought_in([*HEADER, "字符叠加"], [*east, "球机", "", "东门"], "改字符")
    [clock] = brought_in(HEADER, [*east, "枪机", ""], "更换设备")
    assert (clock.system_id, clock.organ_id) == (system.id, system.organ_id)
    assert [(one["fact"], one["count"]) for one in clock.why["changes"]] == [("camera.camera_type", 1)]
    clock.ended_on = clock.started_on
    [again] = brought_in(HEADER, [*GOOD], "")  # one camera more
    assert again.id != clock.id
    assert [one.id for one in brought_in(HEADER, ["又一", code(65), *GOOD[2:]], "")] == [again.id]


def test_a_kept_fault_lets_the_row_in_and_a_same_camera_is_none_anew(
    session: Session, database: Database, ground
) -> None:
    _world, filer, system = ground
    rows = [
        [NAMED, "", *NAMED_AT, "球机", ""],
        ["双", "", "114.3941", "36.0977", "枪机", ""],
        ["双", "", "114.3941", "36.0977", "枪机", ""],
    ]
    run = checked(database, session, filer, system, "表.csv", as_csv([HEADER, *rows]))
    assert report(session, run) == ["A2 name camera_on_record same_camera", "A4 name sheet_same_camera leave_out"]
    decide(session, filer, run, "name", "camera_on_record", "same_camera")
    decide(session, filer, run, "name", "sheet_same_camera", "leave_out", decision=FaultDecision.KEPT)
    assert {key: count for key, count in run.counts.items() if count} == {"new": 2, "changed": 1}
    confirmed(database, session, filer, run)
    assert [one.name for one in cameras(session, system)].count("双") == 2
    north = [one for one in cameras(session, system) if one.name == NAMED]
    assert [one.camera_type for one in north] == ["ptz_dome"]


def test_many_decisions_are_the_workers_and_come_to_the_same(
    session: Session, database: Database, ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    from portal.registry.operations.imports import decide as deciding

    _world, filer, system = ground
    monkeypatch.setattr(deciding, "AT_ONCE", 1)
    rows = [[f"{n}号", "", "36.0977", f"114.39{n:02d}", "枪机", ""] for n in range(1, 4)]
    run = checked(database, session, filer, system, "表.csv", as_csv([HEADER, *rows]))
    decide(session, filer, run, "lon", "lonlat_swapped", "swap")
    assert run.status == ImportStatus.QUEUED
    run = drain(database, session, run)
    assert (run.status, run.rows_good, run.rows_bad) == (ImportStatus.CHECKED, 3, 0)
    assert report(session, run) == []


def test_a_sheet_is_read_again_from_the_start_by_whoever_takes_over(
    session: Session, database: Database, ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    from portal.registry.operations.imports import run as reading

    _world, filer, system = ground
    monkeypatch.setattr(reading, "BATCH", 2)
    rows = [[f"{n}号", "", f"114.39{n:02d}", "36.0977", "枪机", ""] for n in range(1, 6)]
    run = brought(session, filer, system, "表.csv", as_csv([HEADER, *rows]))
    batches = iter(range(99))

    def die(_point: str) -> None:
        if next(batches) == 1:
            raise KeyboardInterrupt

    monkeypatch.setattr(reading, "crash_point", die)
    with pytest.raises(KeyboardInterrupt):
        operations.run_import(database, import_id=run.id, actor_name="甲", now=NOW)
    operations.run_import(database, import_id=run.id, actor_name="甲", now=NOW)
    session.expire_all()
    run = session.get_one(CameraImport, run.id)
    assert (run.status, run.rows_read, run.counts["new"]) == (ImportStatus.CHECKED, 5, 5)
    assert Decimal(run.rows_total) == 5


def test_a_worker_that_dies_behind_any_commit_leaves_nothing_that_waits_for_nobody(
    session: Session, database: Database, ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sheet without faults loads unasked: whatever was committed last, the same job run again brings it in."""
    _world, filer, system = ground

    def case(died: int) -> CameraImport:
        rows = [[f"{died}-{n}号", "", f"114.39{n:02d}", "36.0977", "枪机", ""] for n in range(1, 4)]
        return brought(session, filer, system, "表.csv", as_csv([HEADER, *rows]), preview_first=False)

    def check(run: CameraImport, died: int) -> None:
        session.expire_all()
        run = session.get_one(CameraImport, run.id)
        assert (died, run.status, run.rows_in) == (died, ImportStatus.DONE, 3)

    died = killed_behind_each_commit(
        monkeypatch,
        case=case,
        job=lambda run: operations.run_import(database, import_id=run.id, actor_name="甲", now=NOW),
        check=check,
    )
    assert died > 5
