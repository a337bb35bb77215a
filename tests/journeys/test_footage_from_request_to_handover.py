"""An investigator asks for footage; the request walks through its chain to a recorded handover, by real clicks."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from portal.core.clock import CITY_TZ
from tests.support.browser import PHONE, assert_accessible
from tests.support.live import LivePortal

pytestmark = pytest.mark.journey

SchoolOf = Callable[..., Page]
UNIT = "洹水实验小学"
SHA = "5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef"
# The smallest PDF that every reader opens; the vault examines it like any other.
NOTICE = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>endobj\nxref\n0 4\n0000000000 65535 f \n"
    b"0000000009 00000 n \n0000000052 00000 n \n0000000101 00000 n \ntrailer<</Size 4/Root 1 0 R>>\nstartxref\n164\n%%EOF\n"
)


def days_ago(days: float, hour: int) -> str:
    """A full hour some days ago, as it is typed."""
    moment = (datetime.now(UTC) - timedelta(days=days)).astimezone(CITY_TZ)
    return f"{moment:%Y-%m-%d} {hour:02d}:00"


def fill_cameras(page: Page, *, days: float = 2) -> None:
    """First step: one camera of the school, one hour."""
    page.goto("/evidence/requests/new")
    page.locator("input[name=act][value=copy]").check()
    page.fill("#span_from", days_ago(days, 8))
    page.fill("#span_to", days_ago(days, 9))
    page.fill("#picker-q", UNIT)
    page.locator("#results button").first.click()
    expect(page.locator("#chosen li")).to_have_count(1)
    page.locator("button[value=details]").click()


def fill_case(page: Page, *, number: str) -> None:
    """Second step: a criminal retrieval by two officers."""
    page.select_option("#requester_kind", "police_criminal")
    page.select_option("#instrument_kind", "retrieval_notice")
    page.fill("#instrument_number", number)
    page.select_option("#purpose", "criminal_case")
    for place, (name, police) in enumerate((("雷鹏", "052208"), ("易婷", "052216"))):
        page.fill(f"#officers-{place}-name", name)
        page.select_option(f"#officers-{place}-id_kind", "police_number")
        page.fill(f"#officers-{place}-number", police)
    page.fill("#case_number", "A4105020000202611999")
    page.fill("#reason", "核查嫌疑人进出现场的时间。")
    page.check("#undertaking")
    page.locator("main .action-bar .primary").click()


def submitted(page: Page, tmp_path: Path, *, number: str) -> str:
    """Both steps, the notice attached, submitted; the address of the request."""
    fill_cameras(page)
    fill_case(page, number=number)
    page.wait_for_url(re.compile(r"/papers$"))
    notice = tmp_path / "notice.pdf"
    notice.write_bytes(NOTICE)
    page.select_option("#kind", "retrieval_notice")
    page.set_input_files("#file", str(notice))
    page.locator("form[enctype] button").click()
    expect(page.locator(".files li")).to_have_count(1)
    page.locator("aside button.primary").click()
    page.wait_for_url(re.compile(r"/evidence/requests/[0-9a-f-]{36}$"))
    return page.url


def decide(page: Page, address: str, verdict: str, comment: str = "") -> None:
    """One verdict."""
    page.goto(f"{address}/decide")
    page.locator(f"input[name=verdict][value={verdict}]").check()
    page.fill("#comment", comment)
    page.locator("main .action-bar .primary").click()
    page.wait_for_url(address)


def test_from_request_to_handover(signed_in: SchoolOf, live_portal: LivePortal, tmp_path: Path) -> None:
    officer = signed_in("investigator")
    address = submitted(officer, tmp_path, number="文公（刑）调证字〔2026〕0999号")
    assert_accessible(officer)

    decide(signed_in("casehead"), address, "approve", "同意调取")
    head = signed_in("securityhead")
    head.goto(address)
    head.locator(".clock button").click()
    decide(head, address, "acknowledge")
    head.goto(f"{address}/assign")
    head.locator("#custodian option").nth(1).wait_for(state="attached")
    head.select_option("#custodian", index=1)
    head.locator("main .action-bar .primary").click()
    head.wait_for_url(address)

    custodian = signed_in("custodian")
    custodian.goto(f"{address}/execution")
    custodian.fill("#second_login", "securityhead")
    custodian.fill("#second_password", live_portal.logins["securityhead"])
    custodian.check("#no_phone_notice")
    custodian.locator("form[action$=unlock] button").click()
    custodian.fill("#sha256", SHA)
    custodian.select_option("form[action$=files] #camera", index=1)
    custodian.locator("form[action$=files] #name").fill("gate-0800.dav")
    custodian.fill("#size", "73400320")
    custodian.fill("#format", "dav")
    custodian.fill("#clock_offset_seconds", "-37")
    custodian.locator("form[action$=files] button").click()
    expect(custodian.locator(".files li")).to_have_count(1)
    custodian.locator("form[action$=seal] button").click()
    custodian.locator("[data-confirm-yes]").click()
    custodian.wait_for_url(address)
    digest = custodian.locator(".copyable code").last.get_attribute("title")
    assert digest
    custodian.goto(f"{address}/handover")
    custodian.select_option("#receiver", index=1)
    custodian.select_option("#medium", "disc")
    custodian.fill("#medium_serial", "BD-0999-01")
    custodian.fill("#destination", "办案部门物证保管室")
    custodian.fill("#second_login", "securityhead")
    custodian.fill("#second_password", live_portal.logins["securityhead"])
    custodian.locator("main .action-bar .primary").click()
    custodian.wait_for_url(address)

    officer.goto(address)
    officer.locator(".page-head .primary").click()
    officer.fill("#manifest_digest", "0" * 64)
    officer.locator("main .action-bar .primary").click()
    expect(officer.locator(".error-summary")).to_be_visible()
    officer.fill("#manifest_digest", digest)
    officer.locator("main .action-bar .primary").click()
    officer.wait_for_url(address)
    assert_accessible(officer)

    head.goto("/evidence/ledger")
    number = officer.locator("h1").inner_text().split()[-1]
    assert head.locator(f"td.lead:has-text('{number}')").count() >= 5
    assert_accessible(head)
    assert "OK" in live_portal.command("audit", "verify").upper()


def test_an_expired_span_is_refused_with_the_day_it_was_lost(signed_in: SchoolOf) -> None:
    page = signed_in("investigator", viewport=PHONE)
    fill_cameras(page, days=400)
    fill_case(page, number="文公（刑）调证字〔2026〕0998号")
    summary = page.locator(".error-summary")
    expect(summary).to_be_visible()
    assert re.search(r"\d{4}-\d{2}-\d{2}", summary.inner_text())
    # What was typed is kept: going on leads to the filled second page.
    page.fill("#span_from", days_ago(2, 8))
    page.fill("#span_to", days_ago(2, 9))
    page.locator("button[value=details]").click()
    expect(page.locator("#case_number")).to_have_value("A4105020000202611999")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_who_must_not_decide_cannot(signed_in: SchoolOf, tmp_path: Path) -> None:
    officer = signed_in("investigator")
    address = submitted(officer, tmp_path, number="文公（刑）调证字〔2026〕0997号")
    assert officer.goto(f"{address}/decide").status == 403  # type: ignore[union-attr]
    assert signed_in("filer2").goto(address).status == 404  # type: ignore[union-attr]
    assert signed_in("investigator3").goto(address).status == 404  # type: ignore[union-attr]
    head = signed_in("casehead")
    decide(head, address, "approve")
    # The same person cannot take the unit's step as well, nor decide a second time.
    assert head.goto(f"{address}/decide").status == 403  # type: ignore[union-attr]
