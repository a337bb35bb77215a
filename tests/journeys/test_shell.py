"""The shell in a real browser: its own rules hold, and the watch that every journey relies on does see a breach."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from portal.web.style import PAGES
from tests.support.browser import PHONE, Watch, assert_accessible

pytestmark = pytest.mark.journey


@pytest.mark.parametrize("name", PAGES)
def test_style_guide_is_clean_and_accessible(new_page: Callable[..., Page], name: str) -> None:
    page = new_page()
    page.goto(f"/style/{name}")
    assert_accessible(page)


def test_phone_page_does_not_scroll_sideways(new_page: Callable[..., Page]) -> None:
    page = new_page(viewport=PHONE)
    page.goto("/style/list")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_a_refused_page_is_a_fair_answer(page: Page) -> None:
    answer = page.goto("/no-such-page")
    assert answer is not None
    assert answer.status == 404
    assert_accessible(page)


@pytest.mark.parametrize(
    ("breach", "told"),
    [
        ("document.body.append(Object.assign(document.createElement('script'), {textContent: 'window.x = 1'}))", "CSP"),
        ("fetch('http://192.0.2.1/').catch(() => 0)", "CSP"),
        ("setTimeout(() => { location.href = 'http://192.0.2.1/' })", "another host"),
        ("console.error('oops')", "oops"),
        ("setTimeout(() => { throw new Error('broken') })", "broken"),
        ("document.body.append(Object.assign(new Image(), {src: '/static/no-such.png'}))", "404"),
    ],
)
def test_the_watch_sees(browser: object, live_server: str, breach: str, told: str) -> None:
    context = browser.new_context(base_url=live_server)  # type: ignore[attr-defined]
    watch = Watch(context, live_server)
    page = context.new_page()
    page.goto("/no-such-page")
    page.evaluate(f"() => {{ {breach} }}")
    page.wait_for_timeout(300)
    context.close()
    assert any(told in problem for problem in watch.problems), watch.problems
