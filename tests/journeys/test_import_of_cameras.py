"""A unit brings its cameras in a sheet: every fault at its cell and nothing saved, then a look, then all of them."""

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
HEADER = ["设备名称", "国标编码", "经度", "纬度", "摄像机类型", "方位角", "监控区域", "安装时间"]
EAST = [
    f"宿舍{MARK}东侧-向东-枪机",
    "",
    "114.3925",
    "36.0977",
    "枪机",
    "90",
    "学生宿舍主要出入口和值班室",
    "2026年3月1日",
]
WEST = [f"宿舍{MARK}西侧-向西-球机", "", "１１４.３９２４", "36.0976°", "球机", "270", "", "2026.3"]


def as_csv(place: Path, rows: list[list[str]]) -> Path:
    """What a Chinese spreadsheet saves as CSV."""
    place.write_bytes("\r\n".join(",".join(row) for row in rows).encode("gbk"))
    return place


def as_xlsx(place: Path, rows: list[list[str]]) -> Path:
    """The same as a workbook."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(place)
    return place


def but(row: list[str], **cells: str) -> list[str]:
    """A row with some cells changed, named by their letters."""
    return [cells.get("ABCDEFGH"[place], cell) for place, cell in enumerate(row)]


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


def faults(page: Page) -> dict[str, str]:
    """Every fault by its cell, once the sheet is read."""
    expect(page.locator("main .notice.bad")).to_contain_text("未导入")
    rows = page.locator("main tbody tr")
    return {row.locator("td").nth(0).inner_text(): row.locator("td").nth(2).inner_text() for row in rows.all()}


def test_a_faulty_sheet_names_every_fault_and_saves_nothing(signed_in: Callable[..., Page], tmp_path: Path) -> None:
    unit = signed_in("filer")
    system = own_system(unit)
    before = cameras_of(unit, system)
    bad = [
        but(EAST, B="4.10502E+19", D="北纬三十六度"),
        EAST,
        but(EAST, A="", F="400"),
        but(EAST, E="飞碟", G="某个地方", H="去年"),
        but(EAST, A="", C="116.4"),  # far outside the city, in a row with another fault
    ]
    upload(unit, system, as_csv(tmp_path / "摄像机.csv", [["摄像机台账"], HEADER, *bad]))
    found = faults(unit)
    assert set(found) == {"B3", "D3", "A5", "F5", "E6", "G6", "H6", "A7", "C7"}
    assert "“飞碟”" in found["E6"]
    assert_accessible(unit)

    code = "41050200001320000088"
    upload(unit, system, as_xlsx(tmp_path / "摄像机.xlsx", [HEADER, but(EAST, B=code), but(WEST, B=code, C="116.4")]))
    assert set(faults(unit)) == {"B3", "C3"}
    assert cameras_of(unit, system) == before


def test_a_right_sheet_is_shown_then_loaded_and_stands_on_the_map(
    signed_in: Callable[..., Page], tmp_path: Path
) -> None:
    unit = signed_in("filer")
    system = own_system(unit)
    before = cameras_of(unit, system)
    upload(unit, system, as_xlsx(tmp_path / "摄像机.xlsx", [HEADER, EAST, WEST]))
    confirm = unit.get_by_role("button", name="导入 2 路摄像机")
    expect(confirm).to_be_visible()
    expect(unit.locator("main tbody")).to_contain_text("114.392400, 36.097600")  # full-width digits, read
    expect(unit.locator("main tbody")).to_contain_text("学生宿舍主要出入口和值班室")
    assert_accessible(unit)
    checked = unit.url
    assert cameras_of(unit, system) == before
    unit.goto(checked)
    confirm.click()
    expect(unit.locator("main .notice.ok")).to_contain_text("2")
    assert cameras_of(unit, system) == before + 2

    unit.goto("/cameras")
    unit.fill("input[name=q] >> nth=1", EAST[0])
    unit.locator(".filters button").click()
    unit.locator(".lead a", has_text=EAST[0]).click()
    expect(unit.locator("main")).to_contain_text("学生宿舍主要出入口和值班室")
    unit.get_by_role("link", name="在地图上查看").click()
    expect(unit.locator(".map-card")).to_contain_text(EAST[0])


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
