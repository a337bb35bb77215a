"""Somebody asks a camera's device at once: the answer comes onto the page by itself, and list and map follow."""

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Locator, Page, expect

from portal.demo.plan import Behaviour, DevicePlan, device_plan
from tests.support.browser import PHONE, assert_accessible
from tests.support.live import LivePortal

pytestmark = pytest.mark.journey

Enter = Callable[..., Page]
# The first devices of the fleet that the live portal runs, one of each behaviour.
FLEET = {device.behaviour: device for device in reversed(device_plan(1, 30))}
OF_THE_SCHOOL = (
    "select c.id, c.name from camera c join unit u on u.id = c.unit_id left join camera_access a on a.camera_id = c.id"
    " where u.name like '%%洹水实验小学' and "
)


def unprobed(portal: LivePortal, number: int) -> list[tuple[str, str]]:
    """Cameras of the school whose device nobody has registered."""
    return [tuple(map(str, row)) for row in portal.sql(OF_THE_SCHOOL + "a.host is null order by c.id limit %s", number)]  # type: ignore[misc]


def behind(portal: LivePortal, behaviour: Behaviour) -> tuple[str, str]:
    """The school's camera on the device that behaves so."""
    camera, name = portal.sql(OF_THE_SCHOOL + "a.host = %s limit 1", FLEET[behaviour].address)[0]
    return str(camera), str(name)


def register(page: Page, camera: str, device: DevicePlan) -> None:
    """Enter where and with which login the camera is reached."""
    page.goto(f"/reachability/cameras/{camera}")
    page.locator("#now .empty a.button").click()
    page.fill("#host", device.address)
    page.fill("#rtsp_port", str(device.rtsp_port))
    page.fill("#onvif_port", str(device.onvif_port))
    page.fill("#user", device.username)
    page.fill("#password", device.registered_password)
    page.locator("main .action-bar .primary").click()
    page.wait_for_url(lambda url: not url.endswith("/access"))
    page.goto(f"/reachability/cameras/{camera}")


def press(page: Page) -> None:
    """Press the button; the page it leads to is marked, to know later that it was never loaded again."""
    with page.expect_navigation():
        page.locator(".page-head button.primary").click()
    page.evaluate("window.marked = true")


@contextmanager
def held(worker: subprocess.Popen[bytes]) -> Iterator[None]:
    """The workers stand still, so that what a page shows meanwhile can be seen however fast they are."""
    os.killpg(worker.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.killpg(worker.pid, signal.SIGCONT)


def result(page: Page) -> Locator:
    """The notice with the result, which came without a reload."""
    notice = page.locator("#now .notice[role=status]")
    expect(notice).to_be_visible(timeout=30_000)
    assert page.evaluate("window.marked") is True
    return notice


def fact(page: Page, name: str) -> Locator:
    """One fact of the present state."""
    return page.locator("#now .facts > div", has=page.get_by_text(name, exact=True)).locator("dd")


def stands(page: Page, camera: tuple[str, str], state: str) -> None:
    """The list of devices and the map show the state."""
    page.goto(f"/reachability/?q={camera[1]}")
    row = page.locator("tr", has=page.locator(f"a[href$='{camera[0]}']"))
    expect(row.locator(".status")).to_have_text(state)
    page.goto(f"/map?camera={camera[0]}")
    expect(page.locator(".map-card .status")).to_have_text(state)


def test_up_and_wrong_login_and_wrong_clock(signed_in: Enter, live_portal: LivePortal) -> None:
    head = signed_in("securityhead")
    ((camera, name),) = unprobed(live_portal, 1)
    register(head, camera, FLEET[Behaviour.SLOW])
    with held(live_portal.children["worker"]):
        press(head)
        expect(head.locator("#now progress")).to_be_visible()
    expect(result(head)).to_have_class("notice ok")
    expect(fact(head, "状态")).to_have_text("在线")
    assert_accessible(head)
    stands(head, (camera, name), "在线")

    login, _ = behind(live_portal, Behaviour.BAD_LOGIN)
    head.goto(f"/reachability/cameras/{login}")
    press(head)
    expect(result(head)).to_contain_text("账号被拒绝")
    expect(fact(head, "状态")).to_have_text("异常")

    clock, _ = behind(live_portal, Behaviour.WRONG_CLOCK)
    head.goto(f"/reachability/cameras/{clock}")
    press(head)
    expect(result(head)).to_contain_text("时钟")
    expect(fact(head, "设备时钟")).to_contain_text("40")


def test_down_only_after_three_failures_in_a_row(signed_in: Enter, live_portal: LivePortal) -> None:
    head = signed_in("securityhead", viewport=PHONE)
    ((camera, name),) = unprobed(live_portal, 1)
    register(head, camera, FLEET[Behaviour.DOWN])
    for _ in range(3):
        press(head)
        expect(result(head)).to_contain_text("连接被拒绝")
    expect(fact(head, "状态")).to_have_text("设备离线")
    expect(fact(head, "状态起始时间")).to_contain_text(":")
    assert head.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    # A fourth within the minute is refused: asking must not become a scan.
    press(head)
    expect(head.locator(".notice.warn").first).to_contain_text("过于频繁")
    stands(head, (camera, name), "设备离线")
