"""A unit brings its cameras in a sheet and comes to terms with it: faults, cures by kind, parked rows, undoing."""

import os
import re
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import PHONE, assert_accessible

pytestmark = pytest.mark.journey

MARK = uuid4().hex[:4]  # the portal is shared: what this run enters must be told from everything else
HEADER = ["设备名称*", "国标编码", "经度*", "纬度*", "摄像机类型", "方位角", "监控区域", "安装时间"]
ZONE = "学生宿舍主要出入口和值班室"
EAST = [f"宿舍{MARK}东侧-向东-枪机", "", "114.3925", "36.0977", "枪机", "90", ZONE, "2026年3月1日"]


def but(name: str, **cells: str) -> list[str]:
    """A row like EAST with another name and some cells changed, by their letters."""
    row = [cells.get("ABCDEFGH"[place], cell) for place, cell in enumerate(EAST)]
    return [f"宿舍{MARK}{name}", *row[1:]]


SHEET = [
    ["摄像机台账"],
    HEADER,
    EAST,
    but("西侧", C="36.0976", D="１１４.３９２４"),
    but("南侧", C="36.0975", D="114.3923"),
    but("北侧", B="4.10502E+19", C="114.3926"),
    but("楼顶", C="114.3927", E="球型摄像机"),
    but("门厅", C="不详"),
]


def own_system(page: Page) -> str:
    """The unit's system that has not been filed yet."""
    page.goto("/units")
    page.locator(".lead a").first.click()
    page.locator(".lead a", has_text="宿舍楼扩建").click()
    page.wait_for_url(re.compile(r"/systems/"))
    return page.url


def cameras_of(page: Page, system: str) -> int:
    """How many cameras the system's page counts."""
    page.goto(system)
    found = re.search(r"(\d+) 路摄像机", page.locator("main .subtitle").inner_text())
    assert found
    return int(found[1])


def upload(page: Page, system: str, sheet: Path) -> None:
    """Through the form, by the button on the system's page."""
    page.goto(system)
    page.get_by_role("link", name="表格导入", exact=True).first.click()
    page.set_input_files("#file", str(sheet))
    page.select_option("#datum", value="wgs84")
    page.locator("main .action-bar .primary").click()


def shot(page: Page, name: str) -> None:
    """A picture for whoever wants to look (PORTAL_SHOTS names a directory), wide and narrow, in both languages."""
    if place := os.environ.get("PORTAL_SHOTS"):
        url = page.url
        for width in (1440, 390):
            for language in ("zh", "en"):
                page.set_viewport_size({"width": width, "height": 900})
                page.goto(f"{url.split('?')[0]}?lang={language}")
                page.screenshot(path=f"{place}/{name}-{width}-{language}.png", full_page=True)
        page.set_viewport_size({"width": 1440, "height": 900})
        page.goto(f"{url.split('?')[0]}?lang=zh")


def test_a_unit_comes_to_terms_with_its_sheet(signed_in: Callable[..., Page], tmp_path: Path) -> None:
    unit = signed_in("filer")
    system = own_system(unit)
    before = cameras_of(unit, system)
    sheet = tmp_path / "摄像机.csv"
    sheet.write_bytes("\r\n".join(",".join(row) for row in SHEET).encode("gbk"))
    upload(unit, system, sheet)
    expect(unit.locator("main .negotiate")).to_contain_text("5 行存在问题")
    assert_accessible(unit)
    shot(unit, "faults")
    kinds = unit.get_by_role("region", name="问题分类")
    kinds.locator("tr", has_text="经度").first.get_by_role("button", name="全部采纳").click()
    expect(unit.locator("main")).to_contain_text("已处理 2 处问题")
    kinds.locator("tr", has_text="编码").get_by_role("button", name="全部采纳").click()
    unit.get_by_role("region", name="逐项问题").locator("tr", has_text="球型摄像机").get_by_role(
        "button", name="采纳", exact=True
    ).click()
    expect(unit.locator("main .negotiate")).to_contain_text("1 行存在问题")
    assert unit.locator("main").get_by_text("须在表格中更正").count() == 1
    checked = unit.url
    assert cameras_of(unit, system) == before
    unit.goto(checked)
    unit.get_by_role("button", name="导入 5 行").click()
    expect(unit.locator("main .notice.ok")).to_contain_text("新增摄像机 5 路")
    shot(unit, "loaded")

    with unit.expect_download() as taken:
        unit.get_by_role("link", name="下载待更正行").click()
    parked = tmp_path / "待更正.xlsx"
    taken.value.save_as(parked)
    book = openpyxl.load_workbook(parked)
    page = book.active
    assert [page["A3"].value, page["C3"].value, page["C3"].comment is not None] == [f"宿舍{MARK}门厅", "不详", True]
    page["C3"] = "114.3928"
    book.save(parked)
    upload(unit, system, parked)
    unit.get_by_role("button", name="导入 1 行").click()
    expect(unit.locator("main .notice.ok")).to_contain_text("新增摄像机 1 路")
    assert cameras_of(unit, system) == before + 6

    unit.goto(checked)
    unit.get_by_role("link", name="撤销导入").click()
    expect(unit.locator("main")).to_contain_text("移除新增的 5 路摄像机")
    assert_accessible(unit)
    shot(unit, "undo")
    unit.fill("#reason", "台账版本有误")
    unit.get_by_role("button", name="撤销导入").click()
    expect(unit.locator("main")).to_contain_text("已撤销 5 路")
    assert cameras_of(unit, system) == before + 1
    if os.environ.get("PORTAL_SHOTS"):
        unit.goto(f"{checked}/rows")
        shot(unit, "rows")
        unit.goto(f"{system}/imports")
        shot(unit, "list")
        unit.goto(f"{system}/imports/new")
        shot(unit, "form")


def test_a_file_that_is_no_sheet_or_too_big_is_refused_in_words(signed_in: Callable[..., Page], tmp_path: Path) -> None:
    unit = signed_in("filer", viewport=PHONE)
    system = own_system(unit)
    picture = tmp_path / "摄像机.csv"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 300)
    upload(unit, system, picture)
    expect(unit.locator("#file-error")).to_be_visible()
    expect(unit.locator("#datum")).to_have_value("wgs84")
    assert_accessible(unit)
    assert unit.evaluate("document.documentElement.scrollWidth <= window.innerWidth")

    program = tmp_path / "摄像机.exe"
    program.write_bytes(b"MZ")
    unit.set_input_files("#file", str(program))
    unit.locator("main .action-bar .primary").click()
    expect(unit.locator("#file-error")).to_contain_text("CSV")

    heavy = tmp_path / "大.csv"
    heavy.write_bytes(b"a,1,2\n" * 6_000_000)
    unit.set_input_files("#file", str(heavy))
    unit.locator("main .action-bar .primary").click()
    expect(unit.locator("main")).to_contain_text("上限")
