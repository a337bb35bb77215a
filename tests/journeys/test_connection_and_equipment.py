"""A school consents to a direct connection and stops it; investigators use a bank's equipment and bring it back damaged."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from portal.core.clock import CITY_TZ, utcnow
from tests.support.browser import assert_accessible
from tests.support.live import LivePortal

pytestmark = pytest.mark.journey


def act(page: Page, name: str, fields: dict[str, str] | None = None) -> None:
    """Open the dialog of an act, fill it in and send it."""
    page.locator(f"[data-opens={name}]").click()
    dialog = page.locator("dialog[open]")
    for label, text in (fields or {}).items():
        dialog.get_by_label(label).fill(text)
    send(page)


def opened(page: Page, number: str) -> str:
    """Open the first paper of a list by how its number begins; its address."""
    with page.expect_navigation():
        page.get_by_role("link", name=number).first.click()
    return page.url


def send(page: Page) -> None:
    """Send the dialog that is open."""
    with page.expect_navigation():
        page.locator("dialog[open] button.primary, dialog[open] button.danger").first.click()


def ask_for_equipment(page: Page, portal: LivePortal) -> str:
    """Ask for the bank's equipment for the next two hours, since it is handed over only then; the address of the use."""
    [(system,)] = portal.sql("select system_id from equipment_use where status = 'asked'")
    page.goto(f"/systems/{system}/equipment-uses/new")
    page.fill("#reason", "须现场核对录像机时钟并回放。")
    now = utcnow().astimezone(CITY_TZ)
    page.fill("#planned_from", f"{now:%Y-%m-%d %H:%M}")
    page.fill("#planned_to", f"{now + timedelta(hours=2):%Y-%m-%d %H:%M}")
    page.locator("input[name=camera_ids]").first.check()
    for place, (name, number) in enumerate((("王磊", "051234"), ("赵敏", "051235"))):
        page.fill(f"#officers-{place}-name", name)
        page.fill(f"#officers-{place}-number", number)
    page.check("#undertaking")
    with page.expect_navigation():
        page.locator("main .action-bar .primary").click()
    expect(page.locator(".error-summary")).to_have_count(0)
    return page.url


@pytest.mark.requirement("LNK-01", "INV-01", "REG-06")
def test_a_connection_is_stopped_and_equipment_comes_back(
    signed_in: Callable[..., Page], live_portal: LivePortal
) -> None:
    owner = signed_in("securityhead")
    owner.goto("/connections?status=proposed")
    order = opened(owner, "安公接")
    act(owner, "consent", {"同意的条件": "限早晚高峰时段"})
    expect(owner.get_by_text("单位同意，待批准").first).to_be_visible()
    assert_accessible(owner)
    leader = signed_in("leader")
    leader.goto(order)
    expect(leader.get_by_text("限早晚高峰时段").first).to_be_visible()
    act(leader, "approve")
    registrar = signed_in("registrar")
    registrar.goto(order)
    act(registrar, "connect")
    expect(registrar.get_by_text("已接入").first).to_be_visible()
    owner.goto(order)
    act(owner, "withdraw", {"撤回同意的理由": "平台在非高峰时段调看"})
    expect(owner.get_by_text("已停止").first).to_be_visible()
    registrar.goto(order)
    expect(registrar.get_by_text("已停止，线路未核实切断")).to_be_visible()
    expect(registrar.locator("[data-opens=resume]")).to_have_count(0)
    with registrar.expect_download() as paper:
        registrar.get_by_role("link", name="通知书（PDF）").click()
    assert paper.value.path().read_bytes().startswith(b"%PDF")

    officer = signed_in("investigator")
    use = ask_for_equipment(officer, live_portal)
    head = signed_in("casehead")
    head.goto("/evidence/equipment?status=asked")
    expect(head.get_by_role("link", name="安公用")).to_have_count(2)
    head.goto(use)
    head.locator("[data-opens=decide]").click()
    head.get_by_label("批准", exact=True).check()
    send(head)
    expect(head.get_by_text("已批准，待交付").first).to_be_visible()
    keeper = signed_in("custodian2")
    keeper.goto(use)
    keeper.locator("[data-opens=hand]").click()
    keeper.get_by_label("接收人员").select_option(index=1)
    keeper.get_by_label("交付的设备及状况").fill("2 号工作站，完好")
    keeper.get_by_label("到场人员已出示人民警察证").check()
    send(keeper)
    expect(keeper.get_by_text("使用中").first).to_be_visible()
    assert_accessible(keeper)
    officer.goto(use)
    act(officer, "give", {"使用情况概述": "回放一段"})
    keeper.goto(use)
    keeper.locator("[data-opens=take]").click()
    keeper.get_by_label("损坏", exact=True).check()
    keeper.get_by_label("损坏情况").fill("键盘按键脱落")
    send(keeper)
    expect(keeper.get_by_text("已收回").first).to_be_visible()
    keeper.goto("/uses")
    expect(keeper.get_by_text("键盘按键脱落").first).to_be_visible()
    assert live_portal.sql("select count(*) from equipment_use where damage = '键盘按键脱落'") == [(1,)]
