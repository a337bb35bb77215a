"""The pages: a list goes in through the form and the job, the gap goes out as a sheet, wrong entries come back."""

import io
import re

import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import select
from sqlalchemy.orm import Session

import portal.mandates.tasks
import portal.registry.tasks  # noqa: F401 - the jobs of both
from portal.accounts.values import Role
from portal.audit.models import AuditStage
from portal.jobs import Runner
from portal.mandates.models import MandatedUnit, MandateMatch, MandateSource, PublicProject
from portal.mandates.operations.dictionary import add_provision
from portal.mandates.operations.entries import add_entry
from portal.mandates.values import EntryDraft, Provision
from tests.people import NOW, TODAY, World, make_world, post, sign_in

SHEET = (
    "市场主体名单,,,,\r\n"
    "企业名称,统一社会信用代码,住所,行业代码,所属区县\r\n"
    "金色年华歌厅,,文峰大道1号,9011,文峰区\r\n"
    "=HYPERLINK(1)宾馆,,红旗路,6110,文峰区\r\n"
    "北关大酒店,,彰德路,6110,北关区\r\n"
)


@pytest.fixture
def world(session: Session) -> World:
    return make_world(session)


@pytest.mark.requirement("CAT-01")
def test_a_list_comes_in_by_sheet_and_the_gap_goes_out_as_one(
    session: Session, world: World, client: FlaskClient
) -> None:
    unit = world.unit("文峰区金色年华歌厅", unit_type="entertainment")
    registrar = world.person(Role.REGISTRAR)
    sign_in(client, world.login_of(registrar))
    given = {"name": "歌舞娱乐名单", "origin": "市场监管局", "dated_on": "2026-11-01"}
    assert post(client, "/mandates/lists", given).status_code == 422
    taken = post(client, "/mandates/lists", {**given, "file": (io.BytesIO(SHEET.encode("gb18030")), "名单.csv")})
    assert taken.status_code == 303
    runner = Runner(client.application.extensions["portal_database"])
    runner.drain("import")
    runner.drain("default")
    session.expire_all()
    source = session.scalars(select(MandateSource)).one()
    assert (source.status, source.rows_read, source.rows_new, len(source.faults)) == ("done", 3, 2, 1)
    told = client.get(taken.location).text
    assert "E5" in told
    assert "所属区县不在管辖范围内" in told
    match = session.scalars(select(MandateMatch)).one()
    assert match.unit_id == unit.id
    bare = post(client, "/mandates/lists", {**given, "file": (io.BytesIO("甲,乙\r\n".encode("gb18030")), "空.csv")})
    runner.drain("import")
    told = client.get(bare.location).text
    assert "未能读取" in told
    assert 'class="tally' not in told  # what was not read has no counts, not even zeros
    listed = client.get("/mandates/lists").text.split("未能读取")[1].split("</tr>")[0]
    assert listed.count(">—<") == 3
    assert "文峰区金色年华歌厅" in client.get("/mandates/matches").text
    gap = re.search(r'href="(/lists/mandated/export[^"]*)"', client.get("/mandates/gaps").text)
    assert gap
    asked = client.get(gap[1]).text
    assert "未安装（合计）" in asked
    assert 'href="/mandates?stage=missing"' in asked
    order = {"format": "xlsx", "layout": "shown", "query": "stage=missing&district=410502"}
    assert post(client, "/lists/mandated/export", order).status_code == 422  # nobody takes it out without a reason
    answer = post(client, "/lists/mandated/export", {**order, "reason": "催办"})
    rows = list(load_workbook(io.BytesIO(answer.data)).active.iter_rows(values_only=True))
    assert {row[0] for row in rows[1:]} == {"金色年华歌厅", "=HYPERLINK（1）宾馆"}
    assert rows[1][2:4] == ("娱乐场所与星级宾馆酒店", "文峰区")
    exported = session.scalars(select(AuditStage).where(AuditStage.tag == "registry:list:export")).one()
    told = {change["field"]: change["new"] for change in exported.changes or ()}
    assert (exported.reason, told["list"], told["rows"]) == ("催办", "mandated", 2)


def test_a_long_register_leaves_through_a_worker_in_the_readers_language(
    session: Session, world: World, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also with nothing matched and everything narrowed; no view is kept of a list that only leaves."""
    registrar, whole_city = world.person(Role.REGISTRAR), world.person(Role.REGISTRAR, organ=world.city)
    for name, code in (("甲宾馆", "410502"), ("+乙宾馆", "410502"), ("丙宾馆", "410503")):
        draft = EntryDraft(name=name, category="entertainment_hotels", district=code, address="红旗路")
        add_entry(session, actor=whole_city, draft=draft, now=NOW)
    session.flush()
    monkeypatch.setattr("portal.registry.views.exports.NOW_ROWS", 0)
    sign_in(client, world.login_of(registrar))
    client.get("/mandates?lang=en", follow_redirects=True)
    order = {
        "format": "csv",
        "layout": "shown",
        "query": "matched=0&q=宾馆&category=entertainment_hotels",
        "reason": "check",
    }
    run = post(client, "/lists/mandated/export", order)
    assert run.status_code == 303
    page = client.get(run.location).text
    assert 'href="/mandates"' in page
    assert "Match" in page
    Runner(client.application.extensions["portal_database"]).drain("import")
    session.expire_all()
    said = client.get(f"{run.location}/file").data.decode("utf-8-sig").splitlines()
    assert said[0].startswith("Name of the place,")
    assert sorted(line.split(",")[0] for line in said[1:]) == ["'+乙宾馆", "甲宾馆"]  # none of another district
    assert client.get("/lists/mandated/views").status_code == 404
    assert post(client, "/lists/mandated/columns", {"col": "name"}).status_code == 404
    client.get("/sign-out")
    sign_in(client, world.login_of(world.person(Role.INSPECTOR)))  # reads the register, takes it nowhere
    assert client.get("/lists/mandated/export").status_code == 403


def test_what_was_typed_wrong_comes_back_with_its_reason(session: Session, world: World, client: FlaskClient) -> None:
    sign_in(client, world.login_of(world.person(Role.REGISTRAR)))
    wrong = post(client, "/mandates/new", {"name": "某宾馆", "uscc": "91410500MA3X1A2B0", "district": "410503"})
    assert wrong.status_code == 422
    assert 'value="某宾馆"' in wrong.text
    assert session.scalars(select(MandatedUnit)).all() == []
    assert post(client, "/projects/new", {"number": "X", "amount": "-1"}).status_code == 422
    assert session.scalars(select(PublicProject)).all() == []


def test_the_dictionary_shows_what_the_government_added(session: Session, world: World, client: FlaskClient) -> None:
    admin = world.person(Role.SYSTEM_ADMIN, organ=world.city)
    added = Provision(
        key="summer_camps", zh="夏令营", en="Summer camps", basis_title="通知", basis_number="1号", valid_from=TODAY
    )
    add_provision(session, actor=admin, provision=added, stored_file_id=None, now=NOW)
    sign_in(client, world.login_of(admin))
    page = client.get("/mandates/dictionary")
    assert page.status_code == 200
    assert page.text.count("夏令营") >= 2  # among the categories, and among what was added
    assert "/mandates/orders" not in page.text  # the register is none of a system administrator's business
    assert "/account/webhooks" not in page.text  # nor is a webhook: the menu leads nowhere shut
    post(client, "/sign-out")
    sign_in(client, world.login_of(world.person(Role.REGISTRAR)))
    for address in ("/mandates/gaps", "/mandates/orders", "/mandates/dictionary"):
        page = client.get(address)
        assert all(f'href="/mandates/{part}"' in page.text for part in ("gaps", "orders", "lists", "dictionary"))
        assert "/account/webhooks" in page.text
    post(client, "/sign-out")
    sign_in(client, world.login_of(world.person(Role.INSPECTOR)))
    for address in ("/mandates", "/mandates/gaps", "/mandates/dictionary"):  # who enters places reads the gap they make
        page = client.get(address)
        assert page.status_code == 200
        assert all(f'href="/mandates{part}"' in page.text for part in ("", "/gaps", "/orders", "/lists"))
        assert 'href="/lists/mandated/export' not in page.text
