"""The blank sheet of cameras: what it offers is what the import takes, in either language."""

import io

import openpyxl
import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.values import Role
from portal.registry.models import Camera, CameraImport, ImportFault
from portal.registry.rules import TYPED
from portal.registry.rules.fields import REACHED
from tests.people import make_world, post, sign_in
from tests.registry.test_filing import a_system
from tests.registry.test_import import drain


@pytest.mark.parametrize(
    ("language", "empty", "direction"),
    [
        ("zh", "表头下没有摄像机数据", "东（由西向东）"),
        ("en", "Below the header stands no camera", "East (from west to east)"),
    ],
)
def test_a_blank_sheet_says_how_it_is_filled_in_and_is_taken_when_it_is(
    session: Session, client: FlaskClient, language: str, empty: str, direction: str
) -> None:
    world = make_world(session)
    filer, system = a_system(session, world)
    sign_in(client, world.login_of(filer))
    start = client.get(f"/systems/{system.id}/imports/new?lang={language}", follow_redirects=True).text
    blank = f"/systems/{system.id}/imports/blank"
    assert f'href="{blank}.xlsx"' in start
    assert f'href="{blank}.csv"' in start
    content = client.get(f"{blank}.xlsx").data
    book = openpyxl.load_workbook(io.BytesIO(content))
    sheet, choices, notes = book.worksheets
    header = [cell.value for cell in sheet[1]]
    assert sheet.max_row == 1
    assert len(header) == len(TYPED) + len(REACHED)
    assert sum(text.endswith("*") for text in header) == 3
    line = client.get(f"{blank}.csv").data
    assert line.startswith(b"\xef\xbb\xbf")
    assert line.decode("utf-8-sig").rstrip("\r\n").split(",") == header

    def brought(made: bytes) -> CameraImport:
        answer = post(
            client, f"/systems/{system.id}/imports/new", {"file": (io.BytesIO(made), "a.xlsx"), "datum": "wgs84"}
        )
        assert answer.status_code == 303, answer.text
        drain(client)
        session.expire_all()
        return session.scalars(select(CameraImport).order_by(CameraImport.id.desc()).limit(1)).one()

    run = brought(content)
    assert (run.status, run.failure) == ("failed", "sheet_no_rows")
    assert empty in client.get(f"/imports/{run.id}").text

    offered = {column[0].value: [cell.value for cell in column[1:] if cell.value] for column in choices.iter_cols()}
    refused = {str(one.sqref): one for one in sheet.data_validations.dataValidation}
    assert len(refused) == len(offered)
    for where, one in refused.items():
        name = sheet[where.split(":")[0].replace("2", "1")].value
        column, last = one.formula1.split("!")[1].split(":")[0].strip("$").split("$")[0], one.formula1.rsplit("$", 1)[1]
        assert choices[f"{column}1"].value == name
        assert int(last) == len(offered[name]) + 1
    assert direction in next(values for name, values in offered.items() if values and direction in values)

    explained = {row[0]: row for row in notes.iter_rows(min_row=2, values_only=True)}
    assert list(explained) == header
    assert all(row[2] and row[3] and row[4] for row in explained.values())
    here = {"10.41.2.15": "127.64.3.9", "10.41.2.2": "127.64.9.1"}  # which networks have cameras is each city's own
    sheet.append([here.get(explained[name][5], explained[name][5]) for name in header])
    filled = io.BytesIO()
    book.save(filled)
    run = brought(filled.getvalue())
    assert client.get(f"/imports/{run.id}").status_code == 200
    faults = [
        (one.field, one.code, one.data)
        for one in session.scalars(select(ImportFault).where(ImportFault.import_id == run.id))
    ]
    assert (run.status, run.rows_in, faults) == ("done", 1, [])
    assert run.head["unread"] == []
    camera = session.scalars(select(Camera).where(Camera.gb_code == "41050200001320000011")).one()
    assert (camera.retention_days, camera.azimuth, camera.point_type, camera.key_point) == (90, 90, 3, False)

    client.get("/sign-out")
    sign_in(client, world.login_of(world.person(Role.REGISTRAR)))
    of_the_police = client.get(f"{blank}.csv").data.decode("utf-8-sig").rstrip("\r\n").split(",")
    assert len(of_the_police) == len(TYPED)  # how cameras are reached is not theirs to fill
    assert client.get(f"{blank}.pdf").status_code == 404
