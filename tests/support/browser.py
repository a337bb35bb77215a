"""A real Chromium. A page that logs an error, breaks the CSP or asks another host for anything fails its test."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    Response,
    expect,
    sync_playwright,
)

from tests.support.live import LivePortal

ROOT = Path(__file__).resolve().parents[2]
# The same engine without a window of its own to draw: journeys take half the time.
CHROMIUM = "/usr/bin/chromium-headless-shell"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WIDE = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
# What a page loads by itself; a page that is refused (403, 404, 409, 422) is a fair answer, a missing script is not.
PARTS = {"stylesheet", "script", "image", "font", "media", "manifest"}
REPORT_VIOLATIONS = """
document.addEventListener('securitypolicyviolation', event =>
  console.error('CSP: ' + event.violatedDirective + ' ' + event.blockedURI + ' ' + event.sourceFile));
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser a module: while Playwright runs, its event loop counts as running and nothing else may have one."""
    # What a job does for a page takes as long as a busy machine needs; a fault costs this once, success nothing.
    expect.set_options(timeout=30_000)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=CHROMIUM, headless=True, args=FLAGS, env={**os.environ, "LANGUAGE": "zh_CN"}
        )
        yield launched
        launched.close()


# The browser's own line about a refused page says less than the response did. A page left while htmx asks for a part of
# it aborts the question, and htmx says so; an answer that failed it would call htmx:responseError or htmx:sendError.
NO_FAULT = ("Failed to load resource", "htmx:sendAbort", "htmx:afterRequest")


class Watch:
    """Collects what a page must never do."""

    def __init__(self, context: BrowserContext, origin: str) -> None:
        self.problems: list[str] = []
        self._origin = urlsplit(origin).netloc
        context.add_init_script(REPORT_VIOLATIONS)
        context.on("request", self._request)
        context.on("response", self._response)
        context.on("console", self._console)
        context.on("weberror", lambda error: self.problems.append(f"script error: {error.error}"))

    def _request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in {"data", "blob", "about"} and parts.netloc != self._origin:
            self.problems.append(f"request to another host: {request.url}")

    def _response(self, response: Response) -> None:
        missing_part = response.status >= 400 and response.request.resource_type in PARTS
        if missing_part or response.status >= 500:
            self.problems.append(f"{response.status} for {response.url}")

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith(NO_FAULT):
            self.problems.append(f"console: {message.text}")


@pytest.fixture
def new_page(browser: Browser, live_server: str) -> Iterator[Callable[..., Page]]:
    """Makes pages with separate cookies: one for each person of a journey. All are watched."""
    opened: list[tuple[BrowserContext, Watch]] = []

    def make(*, viewport: dict[str, int] = WIDE, locale: str = "zh-CN", **options: Any) -> Page:
        context = browser.new_context(
            base_url=live_server,
            viewport=viewport,  # type: ignore[arg-type]
            locale=locale,
            timezone_id="Asia/Shanghai",
            reduced_motion="reduce",
            **options,
        )
        context.set_default_timeout(15_000)
        opened.append((context, Watch(context, live_server)))
        return context.new_page()

    yield make
    problems = [problem for _, watch in opened for problem in watch.problems]
    for context, _ in opened:
        context.close()
    assert problems == []


@pytest.fixture(scope="session")
def known_sessions() -> dict[str, Any]:
    """The cookies of everybody who has signed in during this run: a password is slow to check on purpose."""
    return {}


@pytest.fixture
def signed_in(
    new_page: Callable[..., Page], live_portal: LivePortal, known_sessions: dict[str, Any]
) -> Callable[..., Page]:
    """`signed_in("registrar")` is a page of that person of the demonstration, on the home page.

    Somebody who came in earlier in the run comes back with the same session; one that has ended is begun anew.
    """

    def enter(login: str, **options: Any) -> Page:
        if login in known_sessions:
            page = new_page(storage_state=known_sessions[login], **options)
            page.goto("/")
            if "/sign-in" not in page.url:
                return page
        else:
            page = new_page(**options)
        page.goto("/sign-in")
        page.locator("input[name=login]").fill(login)
        page.locator("input[name=password]").fill(live_portal.logins[login])
        page.locator("main button.primary").click()
        page.wait_for_url(lambda url: "/sign-in" not in url)
        known_sessions[login] = page.context.storage_state()
        return page

    return enter


@pytest.fixture
def page(new_page: Callable[..., Page]) -> Page:
    """One wide page in Chinese."""
    return new_page()


RUN_AXE = """
async () => {
  // At its end, a page's bar of buttons stands in its place and covers no target.
  const seen = window.scrollY;
  window.scrollTo(0, document.documentElement.scrollHeight);
  const found = await axe.run(document, {
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'],
    resultTypes: ['violations'],
  });
  window.scrollTo(0, seen);
  return found.violations.map(v => `${v.id}: ${v.help}: ` + v.nodes.slice(0, 3).map(n => n.html.slice(0, 160)).join(' | '));
}
"""


def assert_accessible(page: Page) -> None:
    """No violation of WCAG 2.2 AA that axe can see. It is evaluated, not loaded, so the page's own CSP stays in force."""
    page.evaluate((ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text())
    assert page.evaluate(RUN_AXE) == []
