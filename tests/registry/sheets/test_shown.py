"""What people see of an import: the parked workbook with what they accepted, the preview with what a row changes."""

import io
from uuid import RFC_4122, UUID

import openpyxl
import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.core.db import Database
from portal.core.geometry import wgs84_to_gcj02
from portal.core.ids import new_id, new_id_texts
from portal.registry.models import Camera
from tests.people import make_world, sign_in
from tests.registry.sheets.ground import checked, report, stocked
from tests.registry.sheets.library import HOME, ON_RECORD, as_csv
from tests.registry.sheets.test_negotiation import GOOD, HEADER, decide


@pytest.fixture
def ground(session: Session):
    """A filer, their system, and the world they live in."""
    world = make_world(session)
    return world, *stocked(session, world)


def test_an_accepted_cure_stands_in_the_parked_workbook_of_a_row_that_has_another_fault(
    session: Session, database: Database, client: FlaskClient, ground
) -> None:
    world, filer, system = ground
    lon, lat = (f"{degrees:.6f}" for degrees in wgs84_to_gcj02(*HOME))
    damaged = ["南门", "4.10502E+19", "不详", "36.0975", "枪机", ""]
    shifted = ["塔楼", "", lon, lat, "飞碟", ""]
    run = checked(database, session, filer, system, "表.csv", as_csv([HEADER, damaged, shifted]))
    assert decide(session, filer, run, "gb_code", "sheet_code_damaged", "leave_empty") == 1
    assert decide(session, filer, run, "lon", "position_shifted", "other_datum") == 1
    assert report(session, run) == ["C2 lon sheet_not_a_number -", "E3 camera_type sheet_unknown_word -"]
    sign_in(client, world.login_of(filer))
    page = openpyxl.load_workbook(io.BytesIO(client.get(f"/imports/{run.id}/parked.xlsx").data)).active
    assert not page["B2"].value
    assert page["B2"].comment.text.startswith("已改正：")
    assert page["B2"].fill.fgColor.rgb == "FFDDF2E0"
    assert page["C2"].fill.fgColor.rgb == "FFFFD9D6"
    assert (page["G1"].value, page["G3"].value) == ("坐标系", "GCJ-02")  # the sheet had no column for it
    page["C2"], page["E3"] = "114.3922", "枪机"
    fixed = io.BytesIO()
    page.parent.save(fixed)
    again = checked(database, session, filer, system, "更正.xlsx", fixed.getvalue())
    assert (report(session, again), again.rows_good) == ([], 2)


def test_the_preview_tells_which_camera_a_row_changes_and_how_and_where_it_looks(
    session: Session, database: Database, client: FlaskClient, ground
) -> None:
    world, filer, system = ground
    rows = [
        [*HEADER, "监视方位", "型号"],
        ["东门", ON_RECORD, str(HOME[0]), str(HOME[1]), "", "", "", "IPC-2"],
        [*GOOD, "西", ""],
    ]
    run = checked(database, session, filer, system, "表.csv", as_csv(rows))
    assert report(session, run) == []
    kept = session.scalars(select(Camera).where(Camera.gb_code == ON_RECORD)).one()
    sign_in(client, world.login_of(filer))
    _, _, table = client.get(f"/imports/{run.id}").text.rpartition("<caption")
    assert f'/cameras/{kept.id}"' in table
    assert "<del>IPC-1</del> <ins>IPC-2</ins>" in table
    assert "西（由东向西）" in table


def test_many_ids_at_once_are_ids_in_order_like_single_ones() -> None:
    many = [new_id(), *map(UUID, new_id_texts(5_000)), new_id()]
    assert many == sorted(many)
    assert len(set(many)) == 5_002
    assert {(one.version, one.variant) for one in many} == {(7, RFC_4122)}
