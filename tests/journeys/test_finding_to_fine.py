"""From a failed acceptance over its overdue findings up the ladder; and an order to correct that had to be refused before a fine."""

from collections.abc import Callable
from datetime import datetime

import pytest
from playwright.sync_api import Page, expect

from portal.core.clock import CITY_TZ
from tests.journeys.test_acceptance_to_publication import picture, press
from tests.support.browser import assert_accessible
from tests.support.live import LivePortal

pytestmark = pytest.mark.journey

Enter = Callable[..., Page]
SHORT = "宿舍东门一路图像不清。"


def fail(page: Page, portal: LivePortal) -> str:
    """On site: a whole group falls short, so that the rule says no; the address of the acceptance."""
    ((acceptance,),) = portal.sql(
        "select a.id from acceptance a join visit v on v.acceptance_id = a.id and v.status = 'planned'"
        " join system s on s.id = a.system_id where a.status = 'scheduled' and s.name like %s",
        "%洹水实验小学宿舍楼扩建%",
    )
    page.goto(f"/acceptances/{acceptance}/checklist")
    first = page.locator("fieldset.checklist").first
    for item in page.locator(".check-item:visible").all():
        item.locator("input[value=met]").check()
    for item in first.locator(".check-item:visible").all():
        item.locator("input[value=not_met]").check()
        item.locator("input[id$=-note]").fill(SHORT)
    # What an answer has raised is a question, too.
    while (raised := page.locator(".check-item:visible:not(:has(input[type=radio]:checked))")).count():
        raised.first.locator("input[value=met]").check()
    for item in page.locator(".check-item:visible", has_text="记明所查资料").all():
        note = item.locator("input[id$=-note]")
        if not note.input_value():
            note.fill("已查阅原件。")
    for item in page.locator(".check-item:visible", has_text="须拍照").all():
        if item.locator(".photos .tag a").count() == 0:
            item.locator("input[type=file]").set_input_files(
                {"name": "现场.jpg", "mimeType": "image/jpeg", "buffer": picture()}
            )
            expect(item.locator(".photos .tag a")).to_have_count(1)
    press(page, "保存并返回")
    page.fill("#opinion", "前端采集未达到要求，不予通过。")
    page.fill("#rectification", "更换宿舍东门摄像机后复验。")
    press(page, "作出验收结论")
    expect(page.locator(".page-head .status").first).to_have_text("不通过")
    return f"/acceptances/{acceptance}"


def lapse(portal: LivePortal, table: str, key: str) -> None:
    """The last day of a matter passes."""
    portal.sql(f"update {table} set due_on = current_date - 2 where id = %s returning id", key)


def today() -> str:
    """The city's day, as it is typed."""
    return f"{datetime.now(CITY_TZ):%Y-%m-%d}"


def key_of(page: Page) -> str:
    return page.url.split("?")[0].rsplit("/", 1)[-1]


def dialog(page: Page, name: str, fields: dict[str, str], submit: str) -> None:
    """Open a dialog of the page, fill it and send it."""
    page.locator(".page-head").get_by_role("button", name=name, exact=True).click()
    shown = page.locator("dialog[open]")
    for field, text in fields.items():
        shown.locator(f"[name={field}]").fill(text)
    if shown.locator("input[name=how]").count():
        shown.locator("input[name=how]").first.check()
    elif shown.locator("select[name=how]").count():
        shown.locator("select[name=how]").select_option(index=1)
    with page.expect_navigation():
        shown.get_by_role("button", name=submit, exact=True).click()
    assert page.locator(".error-summary").count() == 0, page.locator(".error-summary").inner_text()


def take_step(inspector: Page, leader: Page, portal: LivePortal, fields: dict[str, str]) -> str:
    """Draft what is proposed; the leader signs, the paper is served, and the unit lets its day pass."""
    for field, text in fields.items():
        inspector.fill(f"#{field}", text)
    press(inspector, "提交签发")
    leader.goto(inspector.url)
    press(leader, "签发")
    inspector.reload()
    dialog(inspector, "登记送达", {"served_to": "李主任"}, "登记送达")
    return inspector.url


def climb(inspector: Page, leader: Page, unit: Page, portal: LivePortal, finding: str) -> None:
    """Letter, interview and circular, each proposed by the finding that is overdue; reply and closure at the end."""
    inspector.goto(finding)
    assert_accessible(inspector)
    inspector.get_by_role("link", name="起草：函告").click()
    expect(inspector.locator("#findings input:checked")).to_have_count(1)
    assert SHORT in inspector.input_value("#facts")
    assert_accessible(inspector)
    letter = take_step(inspector, leader, portal, {"demands": "十日内更换摄像机并报告。"})
    expect(inspector.locator(f"a[href$='{finding}']")).to_be_visible()
    assert_accessible(inspector)
    lapse(portal, "measure", key_of(inspector))
    inspector.goto(finding)
    inspector.get_by_role("link", name="起草：约谈").click()
    assert letter.rsplit("/", 1)[-1] in inspector.url
    day = today()
    take_step(inspector, leader, portal, {"place": "文峰分局二楼会议室", "meets_at": f"{day} 00:01"})
    fields = {"held_at": f"{day} 00:01", "attendance": "张校长|校长", "minutes": "承诺十日内更换。"}
    dialog(inspector, "登记约谈", fields, "登记")
    lapse(portal, "measure", key_of(inspector))
    inspector.goto("/measures/proposed")
    assert_accessible(inspector)
    inspector.locator("tr", has_text="洹水实验小学").get_by_role("link", name="通报批评").click()
    circular = take_step(inspector, leader, portal, {"recipients": "文峰区各中小学"})
    unit.goto(circular)
    unit.fill("#reply", "摄像机已更换，图像清晰。")
    assert_accessible(unit)
    press(unit, "提交答复")
    unit.goto("/")
    inspector.reload()
    dialog(inspector, "办结", {"finding": "现场复核属实。"}, "办结")
    expect(inspector.locator(".page-head .status")).to_have_text("已办结")


def fine(inspector: Page, leader: Page, portal: LivePortal, finding: str) -> None:
    """An order is served and lapses; a fine is offered only once a second person has confirmed that it was refused."""
    inspector.goto(finding)
    inspector.get_by_role("link", name="责令改正", exact=True).click()
    inspector.select_option("#violation", "decree-799-2025:not_filed")
    inspector.fill("#demand", "限期备案。")
    press(inspector, "制发责令通知书")
    address = inspector.url
    dialog(inspector, "登记送达", {"served_to": "李主任"}, "登记送达")
    lapse(portal, "correction_order", key_of(inspector))
    inspector.reload()
    offer = inspector.locator(".page-head").get_by_role("button", name="提出罚款建议", exact=True)
    expect(offer).to_have_count(0)
    dialog(inspector, "认定拒不改正", {"facts": "期满复查，仍未改正。"}, "登记认定")
    expect(offer).to_have_count(0)
    leader.goto(address)
    leader.locator("input[name=verdict][value=confirm]").check()
    leader.fill("#opinion", "情况属实，同意认定。")
    press(leader, "审批")
    inspector.reload()
    dialog(inspector, "提出罚款建议", {"amount": "5000", "reasons": "经函告、约谈、通报仍不改正。"}, "提出建议")
    expect(inspector.locator("main")).to_contain_text("人民币 5,000 元")
    assert_accessible(inspector)


@pytest.mark.requirement("PEN-08")
def test_from_a_failed_acceptance_up_the_ladder_to_a_fine(signed_in: Enter, live_portal: LivePortal) -> None:
    inspector, leader = signed_in("inspector2"), signed_in("leader")
    address = fail(inspector, live_portal)
    expect(inspector.locator("main")).to_contain_text("复验")
    ((again,),) = live_portal.sql(
        "select id from acceptance where previous_id = %s and reinspection", address.rsplit("/", 1)[-1]
    )
    expect(inspector.locator(f"a[href$='/acceptances/{again}']").first).to_be_visible()
    ((key,), *_more) = live_portal.sql(
        "update inspection_finding set due_on = current_date - 2 where acceptance_id = %s returning id",
        address.rsplit("/", 1)[-1],
    )
    finding = f"/findings/{key}"
    climb(inspector, leader, signed_in("filer"), live_portal, finding)
    fine(inspector, leader, live_portal, finding)
