"""Lists as files: what is in them, what never is, at once and by a worker, recorded, kept for a while."""

import csv
import io
import json
from datetime import timedelta
from itertools import product
from uuid import uuid4

import openpyxl
import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from portal.accounts.values import Identity, Role
from portal.audit.models import AuditStage
from portal.core.db import Database, narrow
from portal.core.errors import Invalid, NotFound
from portal.core.scope import EVERYTHING
from portal.registry import operations
from portal.registry.files import Export, write_list
from portal.registry.labels.sheets import sheet_words
from portal.registry.models import Camera, CameraAccess, ListRun, System
from portal.registry.operations import exports
from portal.registry.queries.lists import CAMERAS, LISTS, Asked
from portal.registry.rules import CAMERA_FIELDS
from portal.registry.values import CameraParticulars
from portal.registry.values.lists import ExportFormat, ExportLayout, Wanted
from portal.vault.models import StoredFile
from tests.people import NOW, TODAY, World, make_world, post, sign_in
from tests.registry.test_filing import a_system
from tests.support.dying import killed_behind_each_commit
from tests.support.reading import header_cells

DANGEROUS = "=HYPERLINK(1)"
PHONE = "13812345678"


@pytest.fixture
def world(session: Session) -> World:
    return make_world(session)


@pytest.fixture
def filer(session: Session, world: World) -> Identity:
    """A unit with three cameras: one with everything that must not get out, one of a secret system."""
    filer, system = a_system(session, world)
    particulars = CameraParticulars(
        name=DANGEROUS, lon=114.3924, lat=36.0976, managing_phone=PHONE, model="@x", retention_days=30
    )
    camera = operations.add_camera(session, actor=filer, system_id=system.id, particulars=particulars, now=NOW)
    place = {"camera_id": camera.id, "unit_id": camera.unit_id, "district": camera.district}
    session.add(CameraAccess(host="127.0.0.9", mac="3C:1A:CC:02:7F:10", updated_at=NOW, **place))
    hidden = session.get_one(System, system.id)
    secret = System(
        unit_id=hidden.unit_id, district=hidden.district, organ_id=hidden.organ_id, name="涉密系统", kind=hidden.kind,
        regime=hidden.regime, address="x", secret=True, created_at=NOW, updated_at=NOW,
    )  # fmt: skip
    session.add(secret)
    session.flush()
    particulars = CameraParticulars(name="密室门", lon=114.3925, lat=36.0976)
    operations.add_camera(session, actor=filer, system_id=secret.id, particulars=particulars, now=NOW)
    return filer


def written(session: Session, reader: Identity, tmp_path, what: tuple[ExportFormat, ExportLayout, str]) -> bytes:
    """The file as this person gets it, under their own row scope."""
    format_, layout, key = what
    narrow(session, reader.data_scope)
    wanted = Wanted(
        columns=("name", "host", "mac", "managing_phone", "model", "lon", "lat") if key == "cameras" else ()
    )
    export = Export(spec=LISTS[key], wanted=wanted, format=format_, layout=layout, locale="zh_Hans_CN")
    asked = Asked(session=session, identity=reader, today=TODAY)
    rows = write_list(asked, export, tmp_path / "out")
    narrow(session, EVERYTHING)
    assert rows >= 1
    return (tmp_path / "out").read_bytes()


@pytest.mark.parametrize("what", list(product(ExportFormat, ExportLayout)), ids="-".join)
def test_nothing_leaves_that_its_reader_may_not_see(
    session: Session, world: World, filer: Identity, tmp_path, what: tuple[ExportFormat, ExportLayout]
) -> None:
    """Numbers masked for everybody; device addresses to the unit alone; records of a secret system to nobody else."""

    format_ = what[0]

    def text_of(reader: Identity) -> str:
        content = written(session, reader, tmp_path, (*what, "cameras"))
        if format_ is not ExportFormat.XLSX:
            return content.decode("gb18030" if format_ is ExportFormat.CSV_GB else "utf-8-sig")
        rows = openpyxl.load_workbook(io.BytesIO(content)).active.values
        return "\n".join("|".join(str(cell) for cell in row) for row in rows)

    own, registrar = text_of(filer), text_of(world.person(Role.REGISTRAR))
    for content in (own, registrar):
        assert PHONE not in content
        assert "138****5678" in content
    assert ("127.0.0.9" in own, "127.0.0.9" in registrar) == (True, False)
    assert ("IPv4" in own or format_ is ExportFormat.GEOJSON, "IPv4" in registrar) == (True, False)
    assert ("密室门" in own, "密室门" in registrar) == (True, False)


def test_no_cell_runs_and_every_one_comes_back(session: Session, filer: Identity, tmp_path) -> None:
    content = written(session, filer, tmp_path, (ExportFormat.CSV, ExportLayout.SHOWN, "cameras"))
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    assert content.startswith(b"\xef\xbb\xbf")
    assert f"'{DANGEROUS}" in [row[0] for row in rows]
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    book = openpyxl.load_workbook(
        io.BytesIO(written(session, filer, tmp_path, (ExportFormat.XLSX, ExportLayout.SHOWN, "cameras")))
    ).active
    assert {cell.data_type for row in book.iter_rows() for cell in row if cell.value is not None} == {"s"}


def test_the_whole_file_has_the_layout_the_import_knows(session: Session, filer: Identity, tmp_path) -> None:
    content = written(session, filer, tmp_path, (ExportFormat.CSV, ExportLayout.FILE, "cameras"))
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    # The unit's own people see every field but the recorder's address, which is sealed.
    fields = [each for each in CAMERA_FIELDS if each.key != "storage_address"]
    assert rows[0] == header_cells(sheet_words("zh_Hans_CN"), fields)
    assert rows[1][0] in {str(key) for key in session.scalars(select(Camera.id))}


def test_positions_are_where_the_camera_stands(session: Session, filer: Identity, tmp_path) -> None:
    found = json.loads(written(session, filer, tmp_path, (ExportFormat.GEOJSON, ExportLayout.SHOWN, "cameras")))
    assert found["type"] == "FeatureCollection"
    place = {feature["properties"]["name"]: feature["geometry"]["coordinates"] for feature in found["features"]}
    assert place[DANGEROUS] == [114.3924, 36.0976]
    units = json.loads(written(session, filer, tmp_path, (ExportFormat.GEOJSON, ExportLayout.SHOWN, "units")))
    assert [feature["geometry"] for feature in units["features"]] == [None]


def acts(session: Session, tag: str) -> list[AuditStage]:
    return list(session.scalars(select(AuditStage).where(AuditStage.tag == tag)))


def test_a_small_file_comes_at_once_with_its_reason_on_record(
    session: Session, world: World, client: FlaskClient, filer: Identity
) -> None:
    sign_in(client, world.login_of(filer))
    order = {"format": "csv_gb", "layout": "shown", "query": "point_type=9&cols=name,model"}
    assert post(client, "/lists/cameras/export", order).status_code == 422
    assert acts(session, "registry:list:export") == []
    answer = post(client, "/lists/cameras/export", {**order, "reason": "核对"})
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=cameras-")
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.data.decode("gb18030").splitlines()[0] == "摄像机名称,设备型号"
    (act,) = acts(session, "registry:list:export")
    told = {change["field"]: change["new"] for change in act.changes or ()}
    assert (act.reason, told["conditions"], told["format"], told["columns"]) == ("核对", "point_type=9", "csv_gb", 2)
    assert told["rows"] == 3
    page = client.get("/lists/filings/export?status=draft").text
    assert "GeoJSON" not in page
    client.get("/sign-out")
    sign_in(client, world.login_of(world.person(Role.INVESTIGATOR)))
    assert client.get("/lists/cameras/export").status_code == 403


@pytest.fixture
def by_worker(monkeypatch: pytest.MonkeyPatch, world: World, client: FlaskClient, filer: Identity) -> FlaskClient:
    """The unit's filer, to whom everything is large."""
    sign_in(client, world.login_of(filer))
    monkeypatch.setattr("portal.registry.views.exports.NOW_ROWS", 0)
    return client


def begun(client: FlaskClient, format_: str = "csv") -> str:
    order = {"format": format_, "layout": "shown", "query": "", "reason": "年度核对"}
    answer = post(client, "/lists/cameras/export", order)
    assert answer.status_code == 303
    return str(answer.location)


def test_a_large_file_is_written_by_a_worker_and_expires(
    session: Session, database: Database, world: World, filer: Identity, by_worker: FlaskClient
) -> None:
    client = by_worker
    page = begun(client)
    assert "排队等候" in client.get(page).text
    assert client.get(page, headers={"HX-Request": "true"}).status_code == 200
    run = session.scalars(select(ListRun)).one()
    work(session, database, run)
    assert (run.status, run.failure) == ("done", None)
    assert (run.status, run.rows_done, run.expires_at) == ("done", 3, run.finished_at + exports.FILES_KEPT)
    assert client.get(page, headers={"HX-Request": "true"}).status_code == 286
    answer = client.get(f"{page}/file")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert "南门入口" in answer.data.decode("utf-8-sig")
    assert len(acts(session, "registry:list:fetch")) == 1
    with pytest.raises(NotFound):
        exports.fetch_file(session, actor=world.person(Role.REGISTRAR), run_id=run.id, now=NOW)
    with pytest.raises(NotFound):
        exports.fetch_file(session, actor=filer, run_id=run.id, now=NOW + timedelta(days=30))
    assert operations.expire_files(session, now=NOW) == 0
    assert operations.expire_files(session, now=run.expires_at) == 1
    assert session.get_one(StoredFile, run.stored_file_id).state == "erased"
    assert client.get(f"{page}/file").status_code == 404
    assert "已过期" in client.get(page).text


def work(session: Session, database: Database, run: ListRun) -> None:
    """What the worker does for a run, now."""
    from portal.registry.tasks import export_list

    session.flush()
    export_list(database, now=NOW, run_id=str(run.id))
    narrow(session, EVERYTHING)
    session.expire_all()


def test_a_worker_asks_again_what_may_be_read_and_can_be_stopped(
    session: Session, database: Database, world: World, filer: Identity, by_worker: FlaskClient
) -> None:
    client = by_worker
    stopped = begun(client)
    assert post(client, f"{stopped}/cancel").status_code == 303
    assert post(client, f"{stopped}/cancel").status_code == 409
    run = session.scalars(select(ListRun)).one()
    work(session, database, run)
    assert (run.status, run.stored_file_id) == ("cancelled", None)
    begun(client)
    later = session.scalars(select(ListRun).where(ListRun.id != run.id)).one()
    session.execute(
        text("update membership set valid_from = '2020-01-01', valid_to = '2020-01-02' where person_id = :who"),
        {"who": filer.person_id},
    )
    work(session, database, later)
    assert (later.status, later.failure) == ("failed", "permission")


def test_an_export_whose_worker_dies_behind_any_commit_is_written_by_the_next(
    session: Session, database: Database, filer: Identity, by_worker: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def case(_died: int) -> ListRun:
        begun(by_worker)
        return session.scalars(select(ListRun).order_by(ListRun.id.desc()).limit(1)).one()

    def check(run: ListRun, died: int) -> None:
        assert (died, run.status, run.rows_done) == (died, "done", run.rows_total)
        assert session.get_one(StoredFile, run.stored_file_id).state == "kept"

    died = killed_behind_each_commit(monkeypatch, case=case, job=lambda run: work(session, database, run), check=check)
    assert died > 2
    files = session.scalars(select(StoredFile.id).where(StoredFile.kind == "export")).all()
    assert len(files) == died + 1, "one file a run, however often it was written"
    assert filer


def test_too_many_rows_are_refused_with_the_way_out(
    session: Session, database: Database, filer: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    from portal.registry import tasks

    monkeypatch.setattr(operations, "MOST_ROWS", dict.fromkeys(ExportFormat, 1))
    export = Export(spec=CAMERAS, wanted=Wanted(), format=ExportFormat.XLSX, layout=ExportLayout.SHOWN, locale="en")
    with pytest.raises(Invalid) as refused:
        tasks._write_out(database, filer, export, uuid4(), now=NOW)
    assert refused.value.code == "export_too_long"
