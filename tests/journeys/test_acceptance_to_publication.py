"""From a unit's application through two inspectors' visit, judged on a telephone, to the result anybody may read."""

import io
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from portal.core.clock import CITY_TZ
from tests.journeys.test_footage_from_request_to_handover import NOTICE
from tests.support.browser import PHONE, assert_accessible
from tests.support.live import LivePortal

pytestmark = pytest.mark.journey

Enter = Callable[..., Page]
SYSTEM = "安阳市文峰区洹水实验小学校门周边视频监控系统"
OPINION = "系统建设符合设计要求，运行正常，同意通过验收。"


def picture() -> bytes:
    """A photo as a telephone takes it."""
    made = io.BytesIO()
    Image.new("RGB", (320, 240), "grey").save(made, "JPEG")
    return made.getvalue()


def at_hour(hour: int) -> str:
    """An hour of the day after tomorrow, as it is typed."""
    moment = (datetime.now(UTC) + timedelta(days=2)).astimezone(CITY_TZ)
    return f"{moment:%Y-%m-%d} {hour:02d}:00"


def press(page: Page, name: str, *, sure: bool = False) -> None:
    """Press a button by its words, and confirm where it asks."""
    with page.expect_navigation():
        page.get_by_role("button", name=name, exact=True).first.click()
        if sure:
            page.locator("[data-confirm-yes]").click()


def apply(page: Page, system: str) -> str:
    """The unit takes an unfinished application back, adds a paper and applies again; the address."""
    page.goto(f"/systems/{system}")
    page.get_by_role("link", name="查看验收").click()
    press(page, "撤回", sure=True)
    page.goto(f"/systems/{system}/acceptance")
    page.locator("aside a").first.click()
    page.set_input_files("#file", {"name": "报告.pdf", "mimeType": "application/pdf", "buffer": NOTICE})
    page.locator("main .action-bar .primary").click()
    page.goto(f"/systems/{system}/acceptance")
    expect(page.locator("aside .tag", has_text="已提交")).to_have_count(1)
    page.fill("#statement", "校门周边九路摄像机已完成安装并试运行三十日。")
    expect(page.locator("#kind input")).to_have_count(1)  # before its use a system asks for its first acceptance alone
    page.locator("main .action-bar .primary").click()
    page.wait_for_url(re.compile(r"/acceptances/[0-9a-f-]{36}$"))
    return page.url


def plan(page: Page, hour: int) -> None:
    """Fill the plan of the visit for both inspectors of the district."""
    page.fill("#starts_at", at_hour(hour))
    page.fill("#ends_at", at_hour(hour + 2))
    for name in ("韩志远", "乔雪"):
        page.get_by_label(name).check()
    press(page, "安排现场检查")
    if page.locator("#override").count():  # what speaks against it is shown; the organ goes on with a reason
        page.fill("#override", "经与单位协商一致，按约定时间验收。")
        press(page, "安排现场检查")


def schedule(page: Page, portal: LivePortal, address: str) -> None:
    """The papers are looked at, the visit is planned; a time at which both are elsewhere is refused."""
    page.goto(address)
    page.locator("input[name=verdict][value=complete]").check()
    page.fill("#note", "其余材料已现场核对原件。")
    press(page, "提交核对结果")
    ((other,),) = portal.sql(
        "select a.id from acceptance a join system s on s.id = a.system_id"
        " where a.status = 'checked' and a.district = '410502' and a.id <> %s limit 1",
        address.rsplit("/", 1)[-1],
    )
    page.goto(f"/acceptances/{other}")
    plan(page, 9)
    page.goto(address)
    plan(page, 10)
    expect(page.locator("#inspectors-error")).to_contain_text("乔雪")
    expect(page.locator("#inspectors-error")).to_contain_text("09:00")
    expect(page.locator("#starts_at")).to_have_value(at_hour(10))
    plan(page, 14)
    expect(page.locator(".page-head a.primary")).to_be_visible()


def judge(page: Page, address: str) -> None:
    """On the telephone: one item falls short, with what was found and a photo; the rest is in order."""
    page.goto(f"{address}/checklist")
    for box in page.locator("input[value=met]").all():
        box.check()
    for paper in page.locator(".check-item:visible", has_text="记明所查资料").locator("input[id$=-note]").all():
        paper.fill("已查阅原件，与现场相符。")
    item = page.locator(".check-item").first
    item.locator("input[value=partly]").check()
    page.locator("main .action-bar .primary").click()
    expect(page.locator(".error-summary a")).to_have_count(1)  # what was found must be said
    item.locator("input[id$=-note]").fill("西门一路摄像机支架松动。")
    item.locator("input[type=file]").set_input_files(
        {"name": "监控室.jpg", "mimeType": "image/jpeg", "buffer": picture()}
    )
    expect(item.locator(".photos .tag a")).to_have_count(1)
    # The photo went in by itself: what was typed is still there.
    expect(item.locator("input[id$=-note]")).to_have_value("西门一路摄像机支架松动。")
    for other in page.locator(".check-item", has_text="须拍照").all()[1:]:
        other.locator("input[type=file]").set_input_files(
            {"name": "现场.jpg", "mimeType": "image/jpeg", "buffer": picture()}
        )
        expect(other.locator(".photos .tag a")).to_have_count(1)
    # Whoever finds no way to connect is not asked for the consent to it.
    consent, network = page.locator("#consent"), page.locator("#network")
    expect(consent).to_be_visible()
    network.locator("input[value=not_met]").check()
    expect(consent).to_be_hidden()
    network.locator("input[value=met]").check()
    expect(consent).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert_accessible(page)
    press(page, "保存并返回")


def conclude(page: Page) -> None:
    """The arithmetic gives the rates and the conclusion; the inspector adds the opinion."""
    expect(page.locator("main")).to_contain_text("100.0%")
    page.fill("#opinion", OPINION)
    press(page, "作出验收结论")
    expect(page.locator(".page-head")).to_contain_text("通过")
    for link in page.locator(".page-head a[href$='.pdf']").all():
        answer = page.request.get(str(link.get_attribute("href")))
        assert answer.body().startswith(b"%PDF-")
    assert page.locator(".page-head a[href$='.pdf']").count() == 2
    photo = page.request.get(str(page.get_by_role("link", name="照片1").first.get_attribute("href")))
    assert photo.headers["content-type"] == "image/jpeg"


def cure(unit: Page, inspector: Page, address: str) -> None:
    """What fell short is on the unit's desk; it is cured with a photo, and the inspector has a look."""
    unit.goto("/")
    unit.get_by_role("link", name="待整改的问题").first.click()
    unit.goto(address)
    unit.locator("td.lead a[href^='/findings/']").first.click()
    expect(unit.locator("main")).to_contain_text("西门一路摄像机支架松动。")
    unit.fill("#words", "支架已加固，画面已复核。")
    unit.set_input_files("#proof1", {"name": "整改后.jpg", "mimeType": "image/jpeg", "buffer": picture()})
    press(unit, "报告整改")
    assert_accessible(unit)
    inspector.goto(unit.url)
    inspector.locator("input[name=verdict][value=verify]").check()
    press(inspector, "提交审批意见")
    expect(inspector.locator(".page-head")).to_contain_text("已销号")


@pytest.mark.requirement("ACC-01", "ACC-02")
def test_from_application_to_the_public_result(signed_in: Enter, new_page: Enter, live_portal: LivePortal) -> None:
    ((system,),) = live_portal.sql("select id from system where name = %s", SYSTEM)
    unit = signed_in("filer")
    address = apply(unit, str(system))
    schedule(signed_in("inspector"), live_portal, address)
    onsite = signed_in("inspector2", viewport=PHONE)
    judge(onsite, address)
    conclude(onsite)
    cure(unit, onsite, address)

    leader = signed_in("leader")
    leader.goto(address)
    press(leader, "公示结果", sure=True)
    expect(leader.get_by_role("button", name="公示结果")).to_have_count(0)
    leader.goto(f"/systems/{system}")
    expect(leader.locator(".page-head .status").first).to_have_text("使用中")

    anybody = new_page()
    anybody.goto("/public/results?q=洹水实验小学")
    row = anybody.locator("tbody tr", has_text=SYSTEM)
    for told in ("安阳市文峰区洹水实验小学", "通过", f"{datetime.now(CITY_TZ):%Y-%m-%d}"):
        expect(row).to_contain_text(told)
    # Neither position nor address of any camera.
    assert not re.search(r"1[0-9]{2}\.\d{3}|3[0-9]\.\d{3}|永明路", anybody.locator("main").inner_text())
    assert_accessible(anybody)
    ((code,),) = live_portal.sql("select certificate_code from acceptance where id = %s", address.rsplit("/", 1)[-1])
    anybody.goto("/public/certificates")
    anybody.fill("#code", code)
    press(anybody, "核验")
    expect(anybody.locator(".card h2")).to_have_text("该证书真实")
    expect(anybody.locator("main")).to_contain_text(SYSTEM)
    assert_accessible(anybody)
