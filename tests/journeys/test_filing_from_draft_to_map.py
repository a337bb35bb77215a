"""A unit files a system; police return it, accept it, and find its camera on the map. Another unit finds nothing."""

import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import PHONE, assert_accessible

pytestmark = pytest.mark.journey

MARK = uuid4().hex[:4]  # the portal is shared: what this run enters must be told from everything else
SYSTEM = f"体育馆{MARK}视频监控系统"
CAMERA = f"体育馆{MARK}东门-向南-枪机"
# The smallest PDF that every reader opens; the vault examines it like any other.
PAPER = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>endobj\nxref\n0 4\n0000000000 65535 f \n"
    b"0000000009 00000 n \n0000000052 00000 n \n0000000101 00000 n \ntrailer<</Size 4/Root 1 0 R>>\nstartxref\n164\n%%EOF\n"
)


def save(page: Page) -> None:
    """Press the form's own button."""
    page.locator("main .action-bar .primary").click()


def enter_system(page: Page) -> str:
    """The few plain questions about a new system; its address."""
    page.goto("/units")
    page.locator(".lead a").first.click()
    page.get_by_role("link", name="登记系统").click()
    save(page)
    expect(page.locator("#name-error")).to_be_visible()
    expect(page.locator("#address")).not_to_have_value("")
    page.fill("#name", SYSTEM)
    page.select_option("#kind", label="单位内部系统")
    page.select_option("#regime", label="公共场所，责任单位建设")
    page.fill("#in_use_on", "2026-11-02")
    for role in ("investor", "builder", "user"):  # asked once; later each party has its time, on a page of its own
        page.fill(f"#{role}", "安阳市文峰区洹水实验小学")
    save(page)
    expect(page.locator("h1")).to_have_text(SYSTEM)
    return page.url


def fill_in_system(page: Page, system: str) -> None:
    """Come to the form from what is missing, and answer it."""
    page.get_by_role("link", name="填写 请填写录像保存天数。").click()
    page.fill("#retention_days", "90")
    save(page)
    page.wait_for_url(system)


def enter_camera(page: Page, system: str) -> str:
    """One camera, its place clicked on the map after its name was typed; its address."""
    page.goto(system)
    page.get_by_role("link", name="登记摄像机", exact=True).click()
    page.fill("#name", CAMERA)
    page.get_by_role("link", name="在地图上选取点位").click()
    page.locator("#map[data-ready] image").first.wait_for()
    page.locator("#map").click(position={"x": 260, "y": 300})
    expect(page.locator("#picked")).to_have_text(re.compile(r"^114\.\d{6}, 36\.\d{6}$"))
    page.locator("#pick-go").click()
    expect(page.locator("#name")).to_have_value(CAMERA)  # typed before the step aside to the map
    expect(page.locator("#lon")).to_have_value(re.compile(r"^114\."))
    page.select_option("#camera_type", label="固定枪机")
    page.select_option("#point_type", label="其他点位")
    page.locator("details", has=page.locator("#zone")).locator("summary").click()
    page.select_option("#zone", index=1)
    page.fill("#azimuth", "180")
    save(page)
    expect(page.locator("h1")).to_have_text(CAMERA)
    return page.url


def upload(page: Page, system: str, name: str, tmp_path: Path) -> None:
    """One paper into the slot that asks for it."""
    page.goto(system)
    page.locator(".points li", has_text=name).get_by_role("link", name="上传").click()
    expect(page.locator("#slot option:checked")).to_have_text(name)
    paper = tmp_path / "材料.pdf"
    paper.write_bytes(PAPER)
    page.set_input_files("#file", str(paper))
    save(page)
    page.wait_for_url(f"{system}/**")
    page.goto(system)
    expect(page.locator(".files li").filter(has_text=name)).to_contain_text(re.compile(r"\d+ B|字节"))


def submit(page: Page, *, twice: bool = False) -> None:
    """Declare and hand in, by an impatient hand perhaps."""
    page.check("#truth")
    button = page.get_by_role("button", name="提交备案")
    button.dblclick() if twice else button.click()


def receipt_code(pdf: Path) -> str:
    """The code printed on a receipt."""
    said = subprocess.run(["pdftotext", "-layout", str(pdf), "-"], capture_output=True, text=True, check=True).stdout
    assert SYSTEM in re.sub(r"\s", "", said)
    found = re.search(r"校验码：\s*([0-9A-F]{12})", said)
    assert found, said
    return found[1]


def check_receipt(visitor: Page, code: str, number: str) -> None:
    """Anybody may check a receipt by its code; nothing tells where a camera stands."""
    visitor.goto("/public/receipts")
    visitor.fill("#code", code)
    visitor.get_by_role("button", name="核验").click()
    expect(visitor.locator("main")).to_contain_text(number)
    expect(visitor.locator("main .status.ok")).to_be_visible()
    assert not re.search(r"114\.\d{3}|36\.\d{3}", visitor.content())
    assert CAMERA not in visitor.content()
    assert_accessible(visitor)
    visitor.fill("#code", "0" * 12)
    visitor.get_by_role("button", name="核验").click()
    expect(visitor.locator("main [role=alert]")).to_be_visible()


def find_on_map(page: Page, system: str) -> None:
    """From the system's page to the map, and a click on the shape."""
    page.goto(system)
    page.get_by_role("link", name="在地图上查看").click()
    page.locator("#map[data-ready] image").first.wait_for()
    tile = page.locator("#map .leaflet-tile-pane svg").first
    assert tile.evaluate("tile => getComputedStyle(tile).overflow") == "visible"  # no mark is cut at a tile's edge
    box = page.locator("#map").bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page.locator(".map-card")).to_contain_text(CAMERA)
    page.locator(".map-card a").click()
    expect(page.locator("h1")).to_have_text(CAMERA)


def looks_for(page: Page, word: str) -> None:
    """Type into the search of the whole portal."""
    page.locator("#search").fill(word)
    page.locator("#search").press("Enter")


def open_news(page: Page, filing: str) -> None:
    """The one line of news on the desk; a worker brings it within moments."""
    news = page.locator("aside li", has_text=SYSTEM)
    for _ in range(20):
        page.goto("/")
        if news.count():
            break
        page.wait_for_timeout(300)
    expect(news).to_have_count(1)
    news.get_by_role("button").click()
    page.wait_for_url(filing)


def nothing_there(stranger: Page, addresses: list[str]) -> None:
    """Another unit's things and things that never were answer alike."""
    for address in addresses:
        answer, unknown = (
            stranger.request.get(one) for one in (address, re.sub(r"[0-9a-f-]{36}", str(uuid4()), address))
        )
        assert answer.status == unknown.status == 404, address
        assert answer.text() == unknown.text(), address
    looks_for(stranger, CAMERA)
    expect(stranger.locator("main .empty")).to_be_visible()
    assert stranger.locator("main a[href*='/cameras/']").count() == 0


def test_a_filing_from_draft_to_map(
    signed_in: Callable[..., Page], new_page: Callable[..., Page], tmp_path: Path
) -> None:
    unit = signed_in("filer")
    system = enter_system(unit)
    assert_accessible(unit)
    unit.get_by_role("button", name="发起备案").click()
    expect(unit.locator("h1")).to_have_text(SYSTEM)
    filing = unit.url
    submit(unit)
    refused = unit.locator(".error-summary")
    for lacks in ("尚未登记摄像机", "请填写录像保存天数", "经办人身份证明"):
        expect(refused).to_contain_text(lacks)
    expect(refused).to_contain_text("国务院令第799号第十四条")
    assert_accessible(unit)

    fill_in_system(unit, system)
    camera = enter_camera(unit, system)
    for slot in ("委托办理备案授权书", "经办人身份证明"):
        upload(unit, system, slot, tmp_path)
    document = unit.locator(".files li a").first.get_attribute("href")
    unit.goto(filing)
    submit(unit, twice=True)
    expect(unit.locator("main .subtitle")).to_contain_text("审核中")
    assert unit.locator("a[href*='/revisions/']").count() == 1
    assert_accessible(unit)

    police = signed_in("registrar")
    looks_for(police, SYSTEM)
    police.goto(filing)
    police.get_by_role("button", name="退回补正", exact=True).click()
    dialog = police.locator("#return")
    dialog.get_by_role("button", name="退回补正").click()
    expect(dialog.locator("#reason-error")).to_be_visible()  # a reason is owed
    dialog.locator("#reason").fill("安装位置请填写到楼层。")
    dialog.locator("#on_system").fill("安装位置未写明楼层")
    assert_accessible(police)
    dialog.get_by_role("button", name="退回补正").click()
    expect(police.locator("main .subtitle")).to_contain_text("退回补正")

    open_news(unit, filing)
    expect(unit.locator("main")).to_contain_text("安装位置请填写到楼层。")
    unit.get_by_role("link", name=SYSTEM).click()
    unit.get_by_role("link", name="修改").click()
    expect(unit.locator("aside.aside")).to_contain_text("安装位置未写明楼层")
    unit.fill("#address", "河南省安阳市文峰区永明路649号体育馆一层")
    save(unit)
    unit.goto(filing)
    submit(unit)
    expect(unit.locator("main .subtitle")).to_contain_text("审核中")

    police.goto(filing)
    expect(police.locator("main")).to_contain_text("体育馆一层")
    police.get_by_role("button", name="审核通过", exact=True).click()
    police.locator("#accept").get_by_role("button", name="审核通过").click()
    expect(police.locator("main .subtitle")).to_contain_text("已备案")
    number = police.locator("main .subtitle b").inner_text()
    assert re.fullmatch(r"410502-\d{4}-\d{6}", number)
    find_on_map(police, system)
    looks_for(police, CAMERA)
    police.wait_for_url(camera)

    open_news(unit, filing)
    with unit.expect_download() as coming:
        unit.get_by_role("link", name="备案回执（PDF）").click()
    receipt = tmp_path / "receipt.pdf"
    coming.value.save_as(receipt)
    check_receipt(new_page(viewport=PHONE), receipt_code(receipt), number)

    assert document
    nothing_there(
        signed_in("filer2"), [system, filing, camera, document, f"{filing}/receipt.pdf", f"{filing}/revisions/1"]
    )
