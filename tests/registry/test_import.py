"""Importing cameras by page: every fault in one pass at its cell, cures, loading, undoing. See sheets/ for the sheets."""

import io
import re

import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_babel import force_locale
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.core.geometry import Datum
from portal.core.outbox import OutboxRow
from portal.jobs import Runner
from portal.registry.labels import CAMERA_FIELD
from portal.registry.models import Camera, CameraImport, ImportFault
from portal.registry.rules import TYPED
from portal.registry.rules.sheets import Words, find_header, parse_row
from portal.registry.states import ImportStatus
from portal.registry.values import CameraType
from tests.people import World, make_world, post, sign_in
from tests.registry.test_filing import a_system

HEADER = ["设备名称*", "国标编码", "经度", "纬度", "摄像机类型", "方位角", "保存天数", "安装时间"]
GOOD = ["东门-向东-枪机", "41050200001320000011", "114.3925", "36.0977", "枪机", "90", "90天", "2026年3月1日"]


def sheet(rows: list[list[object]]) -> io.BytesIO:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    out.seek(0)
    return out


@pytest.fixture
def world(session: Session) -> World:
    return make_world(session)


def test_a_header_is_found_under_a_title_and_by_synonym() -> None:
    rows = [(1, ["摄像机台账"]), (2, HEADER)]
    columns = find_header(rows)
    assert columns is not None
    assert columns.header_row == 2
    assert columns.letter("gb_code") == "B"
    assert find_header([(1, ["a", "b"])]) is None


@pytest.mark.parametrize("language", ["zh_Hans_CN", "en"])
def test_every_column_is_known_by_the_name_the_page_gives_it(app: Flask, language: str) -> None:
    with app.test_request_context(), force_locale(language):
        names = {each.key: str(CAMERA_FIELD[each.key]) for each in TYPED}
    columns = find_header([(1, list(names.values()))])
    assert columns is not None
    assert set(columns.places) == set(names)


@pytest.mark.parametrize(
    ("column", "text", "code"),
    [
        (0, "", "sheet_empty"),
        (1, "4.10502E+19", "sheet_code_damaged"),
        (1, "123", "code_length"),
        (2, "东经一百", "sheet_not_a_number"),
        (2, "0", "sheet_zero"),
        (4, "飞碟", "sheet_unknown_word"),
        (5, "400", "out_of_range"),
        (7, "去年", "sheet_not_a_date"),
    ],
)
def test_each_fault_is_named_at_its_cell(column: int, text: str, code: str) -> None:
    columns = find_header([(1, HEADER)])
    cells = [*GOOD]
    cells[column] = text
    parsed = parse_row(7, cells, columns, Words(Datum.WGS84))
    assert [fault.column for fault in parsed.faults] == ["ABCDEFGH"[column]]
    if code != "code_length":
        assert parsed.faults[0].code == code


def test_a_fault_hides_no_other_of_its_row() -> None:
    cells = ["", "123", "", "x", "飞碟", "400", "30天", "去年"]
    parsed = parse_row(7, cells, find_header([(1, HEADER)]), Words(Datum.WGS84))
    assert [fault.column for fault in sorted(parsed.faults, key=lambda fault: fault.column)] == [*"ABCDEFH"]


def test_full_width_digits_and_units_are_understood() -> None:
    columns = find_header([(1, HEADER)])
    cells = ["东门", "", "１１４.３９２５", "36.0977", "1", "90°", "30天", "2019.3"]
    parsed = parse_row(2, cells, columns, Words(Datum.WGS84))
    assert parsed.sound()
    assert (float(parsed.read.lon), parsed.read.retention_days) == (114.3925, 30)
    assert parsed.read.camera_type is CameraType.PTZ_DOME
    assert str(parsed.read.installed_on) == "2019-03-01"


def upload(client: FlaskClient, system, rows: list[list[object]], name: str = "摄像机.xlsx"):
    body = (
        sheet(rows)
        if name.endswith("xlsx")
        else io.BytesIO("\n".join(",".join(map(str, row)) for row in rows).encode("gb18030"))
    )
    return post(client, f"/systems/{system.id}/imports/new", {"file": (body, name), "datum": "wgs84"})


def drain(client: FlaskClient) -> None:
    import portal.registry.tasks  # noqa: F401 - registers the job

    Runner(client.application.extensions["portal_database"]).drain("import")


def test_import_by_page_names_every_fault_and_loads_the_rest_when_asked(
    client: FlaskClient, session: Session, world: World
) -> None:
    filer, system = a_system(session, world)
    sign_in(client, world.login_of(filer))
    before = session.scalar(select(func.count()).select_from(Camera))

    faulty = upload(client, system, [HEADER, GOOD, ["西门", GOOD[1], "1", "x", "枪机", "", "", ""]])
    assert faulty.status_code == 303
    drain(client)
    page = client.get(faulty.headers["Location"])
    assert "D3" in page.text
    assert "B3" in page.text  # the code of the row above, in a row with a fault of its own
    assert session.scalar(select(func.count()).select_from(Camera)) == before
    assert post(client, f"{faulty.headers['Location']}/cancel").status_code == 303

    done = upload(client, system, [["台账"], HEADER, GOOD, ["西门", "", 114.3926, 36.0978, "球机", 180, 30, ""]])
    drain(client)
    page = client.get(done.headers["Location"])
    assert session.scalar(select(func.count()).select_from(Camera)) == before + 2
    run = session.scalars(select(CameraImport).order_by(CameraImport.id.desc()).limit(1)).one()
    assert run.status == ImportStatus.DONE
    for row in session.scalars(select(OutboxRow).where(OutboxRow.queue == "import")):
        row.state, row.lease_until = "waiting", None
    session.flush()
    drain(client)  # the same work again changes nothing
    assert session.scalar(select(func.count()).select_from(Camera)) == before + 2

    again = upload(client, system, [HEADER, GOOD], name="again.csv")
    drain(client)
    assert session.scalar(select(func.count()).select_from(Camera)) == before + 2  # the code is on record: nothing new
    assert "无变化" in client.get(again.headers["Location"]).text


def test_faults_are_decided_by_page_and_an_import_is_undone_there(
    client: FlaskClient, session: Session, world: World
) -> None:
    filer, system = a_system(session, world)
    sign_in(client, world.login_of(filer))
    west = ["西门", "", "36.0978", "114.3926", "枪式摄像机", "", "", ""]
    asked = {"file": (sheet([HEADER, GOOD, west]), "摄像机.xlsx"), "datum": "wgs84", "preview_first": "y"}
    address = post(client, f"/systems/{system.id}/imports/new", asked).headers["Location"]
    drain(client)
    run = session.scalars(select(CameraImport).order_by(CameraImport.id.desc()).limit(1)).one()
    page = client.get(address).text
    assert "经度、纬度互换" in page or "36.0978" in page
    kind = {"field": "lon", "code": "lonlat_swapped", "cure": "swap", "decision": "cured"}
    assert post(client, f"{address}/faults", kind).status_code == 303
    assert post(client, f"{address}/faults", kind).status_code == 404
    [word] = session.scalars(select(ImportFault).where(ImportFault.import_id == run.id, ImportFault.decision.is_(None)))
    assert "摄像机类型" in client.get(f"{address}?kind=camera_type|sheet_unknown_word|nearest_word").text
    assert post(client, f"{address}/faults/{word.id}", {"decision": "cured"}).status_code == 303
    assert post(client, f"{address}/faults/{word.id}", {"decision": "x"}).status_code == 404
    assert client.get(f"{address}/rows?outcome=new").text.count("data-label=") >= 2
    assert post(client, f"{address}/recheck").status_code == 303
    drain(client)
    assert post(client, f"{address}/confirm").status_code == 303
    drain(client)
    session.expire_all()
    assert (run.status, run.rows_in) == (ImportStatus.DONE, 2)
    assert client.get(f"{address}/parked.xlsx").status_code == 404
    assert "2" in client.get(f"{address}/undo").text
    assert post(client, f"{address}/undo", {"reason": ""}).status_code == 422
    assert post(client, f"{address}/undo", {"reason": "传错表"}).status_code == 303
    drain(client)
    session.expire_all()
    assert (run.status, run.rows_out) == (ImportStatus.UNDONE, 2)
    assert str(run.id) in client.get(f"/systems/{system.id}/imports").text


def test_what_was_read_is_shown_first_and_loads_when_it_is_confirmed(
    client: FlaskClient, session: Session, world: World
) -> None:
    filer, system = a_system(session, world)
    sign_in(client, world.login_of(filer))
    before = session.scalar(select(func.count()).select_from(Camera))
    asked = {"file": (sheet([HEADER, GOOD]), "摄像机.xlsx"), "datum": "gcj02", "preview_first": "y"}
    address = post(client, f"/systems/{system.id}/imports/new", asked).headers["Location"]
    drain(client)
    page = client.get(address)
    assert "东门-向东-枪机" in page.text
    assert "114.386" in page.text  # the position as it will stand on the map, no longer as the sheet has it
    assert session.scalar(select(func.count()).select_from(Camera)) == before
    assert post(client, f"{address}/confirm").status_code == 303
    assert post(client, f"{address}/confirm").status_code == 409
    drain(client)
    assert session.scalar(select(func.count()).select_from(Camera)) == before + 1
    assert post(client, f"{address}/cancel").status_code == 409
    camera = session.scalars(select(Camera).where(Camera.name == GOOD[0])).one()
    changes = [["系统标识", "方位角", "监视方位"], [str(camera.id), "180", "南"]]
    asked = {"file": (sheet(changes), "改.xlsx"), "datum": "gcj02", "preview_first": "y"}
    address = post(client, f"/systems/{system.id}/imports/new", asked).headers["Location"]
    drain(client)
    (read,) = re.findall(r"<tbody><tr>(.*?)</tr></tbody>", client.get(address).text, re.DOTALL)
    cells = [re.sub(r"<[^>]+>", "", cell).strip() for cell in re.findall(r"<td.*?</td>", read, re.DOTALL)]
    assert cells[1] == GOOD[0]  # by its name on record, where the sheet has none
    assert "90° 180°" in cells[2]


def test_a_zone_goes_by_its_name_and_an_unknown_one_is_a_fault(
    client: FlaskClient, session: Session, world: World
) -> None:
    filer, system = a_system(session, world)
    sign_in(client, world.login_of(filer))
    header = [*HEADER, "监控区域"]
    zones = dict(zone_choices_of(client, system))
    key, label = next(iter(zones.items()))
    faulty = upload(client, system, [header, [*GOOD, "某个地方"]])
    drain(client)
    assert "I2" in client.get(faulty.headers["Location"]).text
    upload(client, system, [header, [*GOOD, label]])
    drain(client)
    assert session.scalar(select(Camera.zone).where(Camera.gb_code == GOOD[1])) == key


def zone_choices_of(client: FlaskClient, system) -> list[tuple[str, str]]:
    """What the camera form offers."""
    page = client.get(f"/systems/{system.id}/cameras/new").text
    options = page.split('name="zone"')[1].split("</select>")[0]
    return re.findall(r'<option value="([a-z_]+)"[^>]*>([^<]+)<', options)


def test_a_picture_named_csv_is_refused_at_the_field(client: FlaskClient, session: Session, world: World) -> None:
    filer, system = a_system(session, world)
    sign_in(client, world.login_of(filer))
    png = b"\x89PNG\r\n\x1a\n" + b"\0" * 200
    answer = post(client, f"/systems/{system.id}/imports/new", {"file": (io.BytesIO(png), "x.csv"), "datum": "wgs84"})
    assert answer.status_code == 422
