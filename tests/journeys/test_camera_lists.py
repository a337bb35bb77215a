"""The registrar finds cameras, keeps the view, corrects many at once and takes the list out."""

from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import assert_accessible

pytestmark = pytest.mark.journey


def test_found_kept_corrected_and_taken_out(signed_in: Callable[..., Page], tmp_path: Path) -> None:
    page = signed_in("registrar", accept_downloads=True)
    page.goto("/cameras")
    page.locator("#flt-point_type").select_option("3")
    page.locator("#flt-quality").select_option("pass")
    page.get_by_role("button", name="筛选", exact=True).click()
    expect(page.locator(".chips")).to_contain_text("点位类别：三类点位")
    # A chip leads to the list without its condition; the other one stays.
    page.locator(".chips a", has_text="点位类别").click()
    expect(page.locator(".chips")).not_to_contain_text("点位类别")
    expect(page.locator(".chips")).to_contain_text("档案质量：合格")

    # The columns chosen are in the address; the view keeps them.
    page.locator(".list-menu summary", has_text="显示列").click()
    page.locator(".pick input[value=maintenance_unit]").check()
    page.get_by_role("button", name="应用").click()
    expect(page.get_by_role("columnheader", name="维护单位", exact=True)).to_be_visible()
    assert "maintenance_unit" in page.url
    page.locator(".list-menu summary", has_text="视图").click()
    page.get_by_role("link", name="保存、管理视图").click()
    assert_accessible(page)
    page.locator("#name").fill("合格点位维护")
    page.locator("main button.primary").click()
    page.locator(".list-menu summary", has_text="视图").click()
    expect(page.get_by_role("link", name="合格点位维护")).to_have_attribute("aria-current", "true")
    page.keyboard.press("Escape")

    correct_two(page)
    expect(page.locator("tbody tr", has_text="安阳市殷安维保有限公司").first).to_be_visible()

    page.get_by_role("link", name="导出", exact=True).click()
    page.get_by_role("button", name="生成文件").click()
    expect(page.locator(".error-summary")).to_be_visible()
    assert_accessible(page)
    page.locator("#reason").fill("季度维护核对")
    with page.expect_download() as taken:
        page.get_by_role("button", name="生成文件").click()
    # The page stays when its answer is a file; what was wrong before is not told beside it.
    expect(page.locator(".error-summary, .invalid, .error, [aria-invalid]")).to_have_count(0)
    assert not page.title().startswith("错误")
    target = tmp_path / "cameras.xlsx"
    taken.value.save_as(target)
    rows = list(openpyxl.load_workbook(target).active.values)
    assert rows[0][0] == "摄像机名称"
    assert sum("安阳市殷安维保有限公司" in row for row in rows) == 2


def correct_two(page: Page) -> None:
    """Two cameras get another maintenance unit: chosen, shown, explained, made."""
    ticks = page.locator("tbody .tick input")
    ticks.nth(0).check()
    ticks.nth(1).check()
    page.get_by_role("button", name="变更所选").click()
    page.locator("details", has=page.locator("#change-maintenance_unit")).locator("summary").click()
    page.locator("#maintenance_unit").fill("安阳市殷安维保有限公司")
    expect(page.locator("#change-maintenance_unit")).to_be_checked()
    assert_accessible(page)
    page.get_by_role("button", name="预览变更").click()
    expect(page.locator("tbody ins").first).to_contain_text("安阳市殷安维保有限公司")
    assert_accessible(page)
    page.locator("#reason").fill("更换维保单位")
    page.get_by_role("button", name="变更 2 路摄像机").click()
    expect(page.locator(".notice.ok")).to_contain_text("已变更摄像机 2 路")
