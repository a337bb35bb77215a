"""An investigator chooses cameras by area, route and list, and learns beforehand when a second approver will be asked."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.journeys.test_footage_from_request_to_handover import fill_span
from tests.support.browser import PHONE, assert_accessible
from tests.support.live import LivePortal

pytestmark = pytest.mark.journey

CODES = """select gb_code, st_x(position), st_y(position) from camera where district = '410502' and not secret
  and status = 'in_use' and gb_code is not null order by position limit 60"""


def drawn(page: Page, tool: str) -> None:
    """Drag one of the tools over the middle of the map; the page comes back with what was found."""
    page.locator(f".leaflet-draw-draw-{tool}").click()
    box = page.locator("#map").bounding_box()
    assert box
    page.mouse.move(box["x"] + 70, box["y"] + 70)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 90, box["y"] + box["height"] - 60, steps=4)
    with page.expect_navigation():
        page.mouse.up()


def test_by_area_route_and_list_on_a_phone(signed_in: Callable[..., Page], live_portal: LivePortal) -> None:
    codes = live_portal.sql(CODES)
    (_first, lon, lat), *_rest = codes
    page = signed_in("investigator", viewport=PHONE)
    page.goto("/evidence/requests/new")
    fill_span(page, act="copy")
    page.locator("button[value=map]").click()
    expect(page.locator("#map[data-ready]")).to_be_visible()
    drawn(page, "rectangle")
    # A district holds far more than one ask may name: it is told how many, and nothing is taken.
    expect(page.locator(".finders .notice.bad")).to_contain_text("未添加")
    expect(page.locator("#chosen li")).to_have_count(0)
    assert page.locator("#span_from").input_value()
    assert_accessible(page)

    page.get_by_text("按地点周边选取").click()
    page.fill("#place", f"{lon}, {lat}")
    page.fill("#radius", "15")
    page.locator("button[value=place]").click()
    expect(page.locator(".finders .notice.ok")).to_contain_text("已添加")
    near = page.locator("#chosen input").count()
    assert near
    expect(page.locator(".shapes li")).to_have_count(1)

    page.get_by_text("按路线选取").click()
    page.fill("#line", f"{lon}, {lat}\n{lon + 0.0004}, {lat + 0.0002}")
    page.fill("#either_side", "15")
    page.locator("button[value=route]").click()
    expect(page.locator(".shapes li")).to_have_count(2)
    assert page.locator("#chosen input").count() >= near

    page.get_by_text("按清单选取").click()
    page.fill("#codes", "\n".join([code for code, _lon, _lat in codes] + ["41050200001310009999"]))
    page.locator("button[value=list]").click()
    expect(page.locator(".finders .notice.bad")).to_contain_text("41050200001310009999")
    expect(page.locator("#breadth .notice")).to_contain_text("上一级领导")
    assert_accessible(page)
    page.locator("button[value=details]").click()
    expect(page.locator("#necessity")).to_be_visible()
    # What is typed while the meter measures stays as it is typed, and so does the cursor in it.
    page.fill("#necessity", "嫌疑人沿途换乘")
    with page.expect_response("**/evidence/breadth"):
        page.select_option("#purpose", "public_order")
        page.locator("#necessity").press_sequentially("，须逐段核查")
    expect(page.locator("#breadth")).to_have_class("breadth")
    expect(page.locator("#necessity")).to_be_focused()
    expect(page.locator("#necessity")).to_have_value("嫌疑人沿途换乘，须逐段核查")
    # Called grave, the same ask lies within its limits, and the form is small again.
    # The second change comes while the first is still being measured: the meter shows what was chosen last.
    held: list[Route] = []
    page.route("**/evidence/breadth", lambda route: route.continue_() if held else held.append(route))
    with page.expect_request("**/evidence/breadth"):
        page.select_option("#requester_kind", "police_criminal")
    page.check("#grave")
    held[0].continue_()
    expect(page.locator("#breadth")).to_contain_text("重大刑事案件")
    assert_accessible(page)
