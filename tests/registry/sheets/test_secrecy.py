"""What a unit brings of its secret cameras, or beside the portal's own columns, is nobody else's to read."""

import io

import openpyxl
import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.values import Role
from portal.core.db import Database
from portal.core.errors import NotFound
from portal.registry import operations
from portal.registry.models import Camera
from tests.people import NOW, make_world, post, sign_in
from tests.registry.sheets.ground import checked, stocked
from tests.registry.sheets.library import HOME, ON_RECORD, as_csv, code

HEADER = ["名称", "编码", "经度", "纬度", "用户名", "登录口令"]
CHANGED = ["机要室门口", ON_RECORD, str(HOME[0]), str(HOME[1]), "root", "Geheim-77"]
FAULTY = ["东门二号", code(71), "x", "36.0978", "root", "Geheim-77"]


def test_an_import_of_secret_cameras_is_its_units_own(
    client: FlaskClient, session: Session, database: Database
) -> None:
    """The police who may import there see neither names nor places in it, and cannot load or undo it."""
    world = make_world(session)
    filer, system = stocked(session, world)
    session.scalars(select(Camera).where(Camera.gb_code == ON_RECORD)).one().secret = True
    run = checked(database, session, filer, system, "表.csv", as_csv([HEADER, CHANGED]))
    assert run.preview[0]["name"] == "机要室门口"
    registrar = world.person(Role.REGISTRAR)
    for reader, status in ((registrar, 404), (filer, 200)):
        sign_in(client, world.login_of(reader))
        for page in ("", "/rows", "/undo"):
            assert client.get(f"/imports/{run.id}{page}").status_code == status, page
        assert (str(run.id) in client.get(f"/systems/{system.id}/imports").text) == (status == 200)
        post(client, "/sign-out")
    with pytest.raises(NotFound):
        operations.confirm_import(session, actor=registrar, import_id=run.id, now=NOW)
    operations.confirm_import(session, actor=filer, import_id=run.id, now=NOW)


def test_columns_that_were_not_read_go_back_to_those_alone_who_may_set_logins(
    client: FlaskClient, session: Session, database: Database
) -> None:
    """A maker's list has a column of passwords beside those the portal asks for."""
    world = make_world(session)
    filer, system = stocked(session, world)
    run = checked(database, session, filer, system, "表.csv", as_csv([HEADER, FAULTY]))
    for reader, seen in ((world.person(Role.REGISTRAR), False), (filer, True)):
        sign_in(client, world.login_of(reader))
        book = openpyxl.load_workbook(io.BytesIO(client.get(f"/imports/{run.id}/parked.xlsx").data))
        cells = [cell for row in book.active.iter_rows(values_only=True) for cell in row]
        assert "东门二号" in cells
        assert ("Geheim-77" in cells) == seen
        post(client, "/sign-out")
