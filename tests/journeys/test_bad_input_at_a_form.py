"""What cannot be accepted is said at its field, in the reader's language, and nothing that was typed is lost."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import PHONE, assert_accessible

pytestmark = pytest.mark.journey

TYPED = {
    "name": "<b>南门</b>入口-向北-球机 & 岗亭",
    "gb_code": "4105020000132000001",
    "lon": "36.0977",
    "lat": "114.3924",
    "azimuth": "400",
    "installed_on": "2026-02-30",
}
WRONG = ("gb_code", "lat", "camera_type", "azimuth", "installed_on")


def open_form(page: Page) -> None:
    """A new camera of the unit's only system, in Chinese."""
    page.goto("/units?lang=zh")
    page.locator(".lead a").first.click()
    page.locator(".lead a").first.click()
    page.get_by_role("link", name="登记摄像机", exact=True).click()


def send(page: Page) -> None:
    """Press the form's own button and wait for the answer."""
    page.locator("main .action-bar .primary").click()
    expect(page.locator(".error-summary")).to_be_focused()


def faults(page: Page) -> dict[str, str]:
    """The message at each field; the summary says the same and leads there."""
    found = {
        one.get_attribute("id").removeprefix("f-"): one.locator(".error").inner_text()  # type: ignore[union-attr]
        for one in page.locator(".field.invalid").all()
    }
    links = page.locator(".error-summary a")
    assert {link.get_attribute("href") for link in links.all()} == {f"#{name}" for name in found}
    return found


def expect_typed(page: Page) -> None:
    """Every field holds what was typed into it, the wrong ones above all."""
    for name, text in TYPED.items():
        expect(page.locator(f"#{name}")).to_have_value(text)
    expect(page.locator("#point_type option:checked")).to_have_attribute("value", "9")


@pytest.mark.parametrize("viewport", [None, PHONE], ids=["desk", "phone"])
def test_each_fault_is_said_at_its_field_in_either_language(
    signed_in: Callable[..., Page], viewport: dict[str, int] | None
) -> None:
    # The language is kept with the account: this one belongs to no other journey.
    page = signed_in("hotelfiler", **({"viewport": viewport} if viewport else {}))
    open_form(page)
    for name, text in TYPED.items():
        page.fill(f"#{name}", text)
    page.select_option("#point_type", value="9")
    page.select_option("#datum", value="wgs84")
    send(page)
    assert page.title().startswith("错误：")
    chinese = faults(page)
    assert set(WRONG) <= set(chinese)
    assert "19" in chinese["gb_code"]  # how many characters were given
    assert all(re.search(r"[\u4e00-\u9fff]", text) for text in chinese.values())
    expect_typed(page)
    page.locator(".error-summary a").first.click()
    expect(page.locator("#gb_code")).to_be_focused()
    assert_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")

    if viewport:
        page.locator("details.menu summary").click()
    page.get_by_role("link", name="English").locator("visible=true").first.click()
    page.get_by_role("button", name="Restore").click()
    expect_typed(page)
    send(page)
    english = faults(page)
    assert set(english) == set(chinese)
    assert not any(re.search(r"[\u4e00-\u9fff]", text) for text in english.values())
    expect_typed(page)
    assert_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")

    # Put right, it is taken; the draft is forgotten, so that the next camera starts empty.
    for name, text in {"gb_code": "", "lon": "114.3924", "lat": "36.0977", "azimuth": "0", "installed_on": ""}.items():
        page.fill(f"#{name}", text)
    page.select_option("#camera_type", index=1)
    page.get_by_role("button", name="Save and enter another").click()
    expect(page.locator(".notice.ok")).to_be_visible()
    expect(page.locator("#name")).to_have_value("")
    expect(page.locator("[data-draft-bar]")).to_be_hidden()
