"""Somebody comes in, sees what is theirs, and goes."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import PHONE, assert_accessible

pytestmark = pytest.mark.journey


@pytest.mark.parametrize("login", ["filer", "registrar", "auditor", "sysadmin"])
def test_every_kind_of_person_reaches_a_clean_home(signed_in: Callable[..., Page], login: str) -> None:
    page = signed_in(login)
    expect(page.locator("main h1").first).to_be_visible()
    assert_accessible(page)


def test_home_fits_a_phone(signed_in: Callable[..., Page]) -> None:
    page = signed_in("filer", viewport=PHONE)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_a_wrong_password_says_so_and_keeps_the_name(page: Page) -> None:
    page.goto("/sign-in")
    page.locator("input[name=login]").fill("registrar")
    page.locator("input[name=password]").fill("not the password")
    page.locator("main button.primary").click()
    expect(page.locator("input[name=login]")).to_have_value("registrar")
    assert_accessible(page)
