"""How cameras are reached, by sheet: read of whoever may set it, sealed on its way, given back by an undoing."""

import csv
import io
import json

import openpyxl
import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from portal.accounts.values import Identity, Role
from portal.core.crypto import row_context
from portal.core.db import Database, narrow
from portal.core.scope import EVERYTHING
from portal.core.services import services
from portal.registry import operations
from portal.registry.files import Export, write_list
from portal.registry.models import Camera, CameraAccess, CameraImport
from portal.registry.queries.imports import in_the_way
from portal.registry.queries.lists import CAMERAS, Asked
from portal.registry.states import ImportStatus
from portal.registry.values import AccessParticulars
from portal.registry.values.lists import ExportFormat, ExportLayout, Wanted
from tests.people import NOW, TODAY, World, make_world, sign_in
from tests.registry.sheets.ground import cameras, checked, drain, report, stocked
from tests.registry.sheets.library import HOME, ON_RECORD, as_csv, as_xlsx, code

HEADER = ["名称", "编码", "经度", "纬度", "IPv4地址", "IPv6地址", "MAC地址", "存储设备IP", "行政区域"]
OLD, NEW, RECORDER, MAC = "127.64.3.9", "127.64.3.10", "127.64.9.1", "3C:1A:CC:02:7F:10"
EAST = ["东门-向东-枪机", ON_RECORD, str(HOME[0]), str(HOME[1])]


@pytest.fixture
def ground(session: Session):
    """A filer, their system, and the world; the camera at the east gate has an address and a login."""
    world = make_world(session)
    filer, system = stocked(session, world)
    east = session.scalars(select(Camera).where(Camera.gb_code == ON_RECORD)).one()
    access = AccessParticulars(host=OLD, user="admin", password="pw-1", storage_address=RECORDER)
    operations.set_access(session, actor=filer, camera_id=east.id, access=access, now=NOW)
    session.flush()
    return world, filer, system


def reached(session: Session, gb_code: str) -> CameraAccess | None:
    session.expire_all()
    of_camera = CameraAccess.camera_id == select(Camera.id).where(Camera.gb_code == gb_code).scalar_subquery()
    return session.scalars(select(CameraAccess).where(of_camera)).one_or_none()


def recorder_of(session: Session, access: CameraAccess) -> str:
    context = row_context("camera_access", "storage_address_sealed", access.camera_id)
    return services(session).envelope.open(access.storage_address_sealed or "", context=context).decode()


def staged(session: Session, run: CameraImport) -> str:
    """Everything that is kept of an import's rows and faults, as it lies in the database."""
    rows = session.execute(text("select r::text from camera_import_row r where import_id = :id"), {"id": run.id})
    faults = session.execute(text("select f::text from camera_import_fault f where import_id = :id"), {"id": run.id})
    return "\n".join([*rows.scalars(), *faults.scalars(), json.dumps([run.head, run.preview])])


def test_addresses_come_in_sealed_and_are_given_back(session: Session, database: Database, ground) -> None:
    _world, filer, system = ground
    rows = [
        [*EAST, NEW, "2001:DB8::1", "3c-1a-cc-02-7f-10", "", ""],
        ["前门", code(64), "114.3926", "36.0978", "１２７.64.3.11", "", "3c1acc027f11", RECORDER, "文峰区"],
        ["坏一", code(65), "114.3927", "36.0978", "10.9.8.7", "", "", "", ""],
        ["坏二", code(66), "114.3928", "36.0978", "host.local", "1.2.3.4", "3C:1A", "http://x", ""],
        ["坏三", code(67), "114.3929", "36.0978", "", "", MAC, "", ""],
    ]
    run = checked(database, session, filer, system, "表.csv", as_csv([HEADER, *rows]))
    assert report(session, run) == [
        "E4 host address_not_allowed -",
        "H5 storage_address address_not_an_address -",
        "E5 host address_not_an_address -",
        "F5 ipv6 address_not_ipv6 -",
        "G5 mac mac_shape -",
        "G6 mac access_needs_host -",
    ]
    for secret in (NEW, "127.64.3.11", "10.9.8.7", "host.local", RECORDER, "7f:10", MAC, "db8", "http://x"):
        assert secret.lower() not in staged(session, run).lower(), secret
    operations.confirm_import(session, actor=filer, import_id=run.id, now=NOW)
    run = drain(database, session, run)
    assert (run.status, run.rows_in) == (ImportStatus.DONE, 2)
    front, east = reached(session, code(64)), reached(session, ON_RECORD)
    assert front is not None
    assert east is not None
    assert (front.host, front.mac, recorder_of(session, front)) == ("127.64.3.11", "3C:1A:CC:02:7F:11", RECORDER)
    assert (east.host, east.ipv6, east.mac) == (NEW, "2001:db8::1", MAC)
    assert east.credentials_sealed is None, "a login for one address is never sent to another"
    assert recorder_of(session, east) == RECORDER

    assert in_the_way(session, run)[0] == {}
    operations.undo_import(session, actor=filer, import_id=run.id, reason="传错表", now=NOW)
    run = drain(database, session, run)
    assert (run.status, len(cameras(session, system))) == (ImportStatus.UNDONE, 2)
    east = reached(session, ON_RECORD)
    assert east is not None
    assert (east.host, east.ipv6, east.mac, east.credentials_sealed is None) == (OLD, "", "", False)


def test_what_was_set_meanwhile_or_since_is_spared(session: Session, database: Database, ground) -> None:
    _world, filer, system = ground
    east = session.scalars(select(Camera).where(Camera.gb_code == ON_RECORD)).one()
    run = checked(database, session, filer, system, "表.csv", as_csv([HEADER, [*EAST, NEW, "", "", "", ""]]))
    other = AccessParticulars(host="127.64.3.12")
    operations.set_access(session, actor=filer, camera_id=east.id, access=other, now=NOW)
    operations.confirm_import(session, actor=filer, import_id=run.id, now=NOW)
    run = drain(database, session, run)
    assert (run.rows_in, report(session, run)) == (0, ["2 id sheet_changed_meanwhile -"])
    again = checked(
        database, session, filer, system, "表.csv", as_csv([HEADER, [*EAST, NEW, "", "", "", ""]]), preview_first=False
    )
    assert again.rows_in == 1
    session.execute(text("update camera_access set updated_at = :at"), {"at": again.finished_at.replace(year=2027)})
    assert in_the_way(session, again)[0] == {"camera_access": 1}


def test_who_may_not_set_them_has_the_columns_unread(
    session: Session, database: Database, client: FlaskClient, ground
) -> None:
    world, filer, system = ground
    registrar = world.person(Role.REGISTRAR)
    rows = [[*EAST, NEW, "", "", "", ""], ["坏", "", "不详", "36.0978", "10.9.8.7", "", MAC, "", ""]]
    run = checked(database, session, registrar, system, "表.csv", as_csv([HEADER, *rows]))
    assert (run.may_access, run.head["unread"]) == (False, HEADER[4:8])
    assert report(session, run) == ["C3 lon sheet_not_a_number -"]
    operations.confirm_import(session, actor=registrar, import_id=run.id, now=NOW)
    run = drain(database, session, run)
    east = reached(session, ON_RECORD)
    assert east is not None
    assert (east.host, run.counts["same"], run.rows_in) == (OLD, 1, 0)

    mine = checked(database, session, filer, system, "表.csv", as_csv([HEADER, *rows]))
    for run_of, reader, shown in ((run, registrar, None), (mine, filer, "10.9.8.7"), (mine, registrar, None)):
        sign_in(client, world.login_of(reader))
        page = openpyxl.load_workbook(io.BytesIO(client.get(f"/imports/{run_of.id}/parked.xlsx").data)).active
        assert (page["C2"].value, page["E2"].value, page["G2"].value) == ("不详", shown, MAC if shown else None)
        client.get("/sign-out")


def exported(session: Session, reader: Identity, tmp_path, format_: ExportFormat, locale: str) -> bytes:
    """The camera list as this person takes it out, in the layout of the whole file."""
    narrow(session, reader.data_scope)
    export = Export(spec=CAMERAS, wanted=Wanted(), format=format_, layout=ExportLayout.FILE, locale=locale)
    write_list(Asked(session=session, identity=reader, today=TODAY), export, tmp_path / "out")
    narrow(session, EVERYTHING)
    return (tmp_path / "out").read_bytes()


def cells_of(content: bytes, format_: ExportFormat) -> list[list[str]]:
    if format_ is ExportFormat.XLSX:
        rows = openpyxl.load_workbook(io.BytesIO(content)).active.values
        return [["" if cell is None else str(cell) for cell in row] for row in rows]
    text_ = content.decode("gb18030" if format_ is ExportFormat.CSV_GB else "utf-8-sig")
    return list(csv.reader(io.StringIO(text_)))


@pytest.mark.parametrize(
    "what",
    [
        (ExportFormat.XLSX, "zh_Hans_CN", Role.UNIT_FILER),
        (ExportFormat.CSV, "en", Role.UNIT_FILER),
        (ExportFormat.CSV_GB, "zh_Hans_CN", Role.REGISTRAR),
    ],
)
def test_a_list_taken_out_changes_nothing_and_an_edited_cell_one_camera(
    session: Session, database: Database, ground, tmp_path, what: tuple[ExportFormat, str, Role]
) -> None:
    """Nothing new, nothing changed, no fault and no column that nobody reads; the operator's networks may have changed."""
    (world, filer, system), (format_, locale, role) = ground, what
    reader = filer if role is Role.UNIT_FILER else world.person(role)
    fill(session, world, filer, system)
    content = exported(session, reader, tmp_path, format_, locale)
    rows = cells_of(content, format_)
    assert (OLD in str(rows)) == (reader is filer)
    mine = {str(one.id) for one in cameras(session, system)}
    if role is not Role.UNIT_FILER:  # a district's registrar takes out the cameras of others too
        content = as_csv([row for row in rows if row[0] in {rows[0][0], *mine}], "gb18030")
    name = "导出.xlsx" if format_ is ExportFormat.XLSX else "导出.csv"
    run = checked(database, session, reader, system, name, content)
    assert (report(session, run), run.head["unread"]) == ([], [])
    assert {key: count for key, count in run.counts.items() if count} == {"same": 3}

    edited = [row for row in rows if row[0] in {rows[0][0], *mine}]
    [east] = [row for row in edited if ON_RECORD in row]
    east[edited[0].index("方位角" if "方位角" in edited[0] else azimuth_of(edited[0]))] = "91"
    again = checked(database, session, reader, system, "改.xlsx", as_xlsx(edited), preview_first=False)
    assert {key: count for key, count in again.counts.items() if count} == {"same": 2, "changed": 1}
    assert session.scalar(select(Camera.azimuth).where(Camera.gb_code == ON_RECORD)) == 91


def azimuth_of(header: list[str]) -> str:
    from portal.registry.labels.sheets import sheet_words

    [name] = {sheet_words(locale).headers["azimuth"] for locale in ("zh_Hans_CN", "en")} & set(header)
    return name


def fill(session: Session, world: World, filer: Identity, system) -> None:
    """A third camera with every kind of value; and an address that nobody may enter any more."""
    from portal.registry.rules import TYPED
    from portal.registry.rules.fields import Shape
    from portal.registry.values import CameraParticulars

    plain = {Shape.TEXT: "甲", Shape.LONG: "乙，丙", Shape.WHOLE: 12, Shape.DECIMAL: 1.5, Shape.FLAG: True}
    given = {
        each.key: (tuple(each.kind)[:2] if each.shape is Shape.MANY else tuple(each.kind)[1])
        if each.kind
        else plain[each.shape]
        for each in TYPED
        if (each.kind or each.shape in plain)
        and each.key not in ("place_type", "datum", "code_edition", "police_organ")
    }
    particulars = CameraParticulars(
        **{**given, "lon": 114.3931, "lat": 36.0981, "installed_on": TODAY, "maintenance_phone": "13900001111"}
    )
    operations.add_camera(session, actor=filer, system_id=system.id, particulars=particulars, now=NOW)
    session.flush()
    session.execute(text("update camera_access set mac = :mac"), {"mac": MAC})
