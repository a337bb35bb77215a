"""The shell in a real browser: keys, dialogs, drafts, double presses, phone and paper, in both languages and schemes."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from portal.web.style import PAGES
from tests.support.browser import PHONE, WIDE, assert_accessible
from tests.web.conftest import SENT

pytestmark = pytest.mark.journey

LOOKS = [(WIDE, "zh-CN", "light"), (PHONE, "en", "dark")]


@pytest.mark.parametrize(("viewport", "locale", "scheme"), LOOKS, ids=str)
@pytest.mark.parametrize("name", PAGES)
def test_each_sample_is_accessible_and_fits(
    new_page: Callable[..., Page], viewport: dict[str, int], locale: str, scheme: str, name: str
) -> None:
    page = new_page(viewport=viewport, locale=locale, color_scheme=scheme)
    page.goto(f"/style/{name}")
    assert_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("viewport", [WIDE, PHONE])
def test_a_refused_form_is_accessible_and_keeps_what_was_typed(
    new_page: Callable[..., Page], viewport: dict[str, int]
) -> None:
    page = new_page(viewport=viewport)
    page.goto("/style/form")
    page.fill("#uscc", "12330100MB0A12345B")
    page.fill("#retention", "十五")
    page.check("#zones-2")
    page.click(".action-bar .primary")
    page.wait_for_selector(".error-summary")
    assert page.title().startswith("错误：")
    assert page.evaluate("document.activeElement.className") == "error-summary"
    assert page.input_value("#retention") == "十五"
    assert page.is_checked("#zones-2")
    assert "统一社会信用代码校验位不正确" in page.inner_text("#uscc-error")
    page.click(".error-summary a >> nth=0")
    assert page.evaluate("document.activeElement.id") == "uscc"
    assert_accessible(page)


def test_keys_search_and_walk_the_rows(page: Page) -> None:
    page.goto("/style/list")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "search"
    page.keyboard.type("j")
    assert page.input_value("#search") == "j"
    page.evaluate("document.activeElement.blur()")
    for key in "jjk":
        page.keyboard.press(key)
    assert page.evaluate("document.activeElement.textContent") == "1 号门诊楼大厅"


def test_bulk_actions_come_with_a_selection(page: Page) -> None:
    page.goto("/style/list")
    assert page.is_hidden("[data-bulk]")
    page.check("tbody tr:nth-child(4) input")
    assert page.inner_text("[data-bulk-count]") == "1"
    page.check("[data-all]")
    assert page.inner_text("[data-bulk-count]") == "15"
    page.uncheck("[data-all]")
    assert page.is_hidden("[data-bulk]")


def test_a_dialog_holds_the_focus_and_gives_it_back(page: Page) -> None:
    page.goto("/style/detail")
    page.click("[data-opens=return]")
    page.wait_for_selector("#return[open]")
    assert_accessible(page)
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.dataset.opens") == "return"


def test_a_grave_step_is_confirmed_in_the_readers_language(page: Page) -> None:
    page.goto("/style/detail")
    page.click("form[data-confirm] button")
    page.wait_for_selector("#confirm[open]")
    assert "确认通过该项备案" in page.inner_text("#confirm")
    page.click("#confirm [data-closes]")
    assert page.url.endswith("/style/detail")


def test_a_second_press_is_swallowed_and_the_button_is_still_named(page: Page) -> None:
    SENT.clear()
    page.goto("/style/form")
    page.evaluate("document.querySelector('form.form').action = '/slow'")
    page.evaluate("document.querySelector('[name=then]').click(); document.querySelector('[name=then]').click()")
    page.wait_for_url("**/slow")
    assert SENT == ["draft"]


def test_a_draft_stays_in_the_window_until_it_is_taken_or_dropped(page: Page) -> None:
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto("/style/form")
    assert page.is_hidden("[data-draft-bar]")
    page.fill("#address", "解放大道 88 号")
    page.wait_for_selector("[data-draft-saved]:not([hidden])")
    page.goto("/style/list")
    page.goto("/style/form")
    page.click("[data-draft-take]")
    assert page.input_value("#address") == "解放大道 88 号"
    page.goto("/style/form")
    page.click("[data-draft-drop]")
    page.goto("/style/form")
    assert page.is_hidden("[data-draft-bar]")


def test_a_draft_is_not_shown_to_the_next_reader_of_the_window(page: Page) -> None:
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto("/style/form")
    page.fill("#address", "解放大道 88 号")
    page.wait_for_selector("[data-draft-saved]:not([hidden])")
    page.evaluate("sessionStorage.setItem('reader', 'somebody else')")
    page.goto("/style/form")
    assert page.is_hidden("[data-draft-bar]")
    assert "解放大道" not in str(page.evaluate("JSON.stringify(sessionStorage)"))


def test_a_chosen_file_is_named(page: Page) -> None:
    page.goto("/style/form")
    page.set_input_files("#plan", {"name": "布点图.pdf", "mimeType": "application/pdf", "buffer": b"%PDF"})
    assert page.inner_text("[data-file-name]") == "布点图.pdf"


def test_the_menu_of_a_phone_opens_without_a_script(new_page: Callable[..., Page]) -> None:
    page = new_page(viewport=PHONE, java_script_enabled=False)
    page.goto("/style/home")
    assert page.is_hidden("#nav")
    page.click(".nav-open")
    assert page.is_visible("#nav")
    page.click(".nav-close")
    assert page.is_hidden("#nav")


def test_paper_shows_no_chrome_and_tells_who_printed(page: Page) -> None:
    page.goto("/style/list")
    page.emulate_media(media="print")
    for chrome in (".topbar", ".rail", ".filters", ".page-head .actions", ".foot"):
        assert page.is_hidden(chrome), chrome
    assert "陈海涛" in page.inner_text(".print-only")
    assert "仅限内部使用" in page.inner_text(".print-only")
    assert page.evaluate("getComputedStyle(document.querySelector('.table thead')).display") == "table-header-group"


def test_a_head_sticks_to_the_page_when_its_table_fits_and_to_its_frame_when_not(new_page: Callable[..., Page]) -> None:
    page = new_page(viewport={"width": 1440, "height": 500})
    page.goto("/style/list")
    page.wait_for_selector(".table-scroll.fits")
    page.mouse.wheel(0, 420)
    page.wait_for_timeout(200)
    assert page.evaluate("document.querySelector('.table th').getBoundingClientRect().top") == 48
    page.set_viewport_size({"width": 1000, "height": 500})
    page.wait_for_selector(".table-scroll.wide")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_pin_without_a_map_is_not_shown_and_a_date_is_picked_into_its_field(page: Page) -> None:
    page.goto("/style/form")
    assert page.is_hidden("[data-pick-point]")
    page.click("[data-pick-date]")
    picker = page.locator(".control input[type=date]")
    picker.evaluate("box => { box.value = '2026-11-02'; box.dispatchEvent(new Event('change')); }")
    assert page.input_value("#since") == "2026-11-02"
    assert picker.count() == 0
