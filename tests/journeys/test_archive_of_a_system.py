"""A unit enters the firm that maintains its system, a technician, who follows as manager, and a paper that runs out."""

from collections.abc import Callable
from datetime import date, timedelta
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from portal.core.codes import uscc_check_digit
from tests.support.browser import assert_accessible

pytestmark = pytest.mark.journey

RUN = uuid4().hex[:6].upper()  # the portal is shared: what this run enters must be told from everything else
FIRM = f"安阳豫安维护有限公司{RUN}"
FOLLOWS = f"商场安全管理部{RUN}"
TODAY = date.today()
# The smallest PDF that every reader opens; the vault examines it like any other.
PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>endobj\nxref\n0 4\n0000000000 65535 f \n"
    b"0000000009 00000 n \n0000000052 00000 n \n0000000101 00000 n \ntrailer<</Size 4/Root 1 0 R>>\nstartxref\n164\n%%EOF\n"
)
SOON = (TODAY + timedelta(days=20)).isoformat()


def save(page: Page) -> None:
    """Press the form's own button; the page that follows shows no fault."""
    page.locator("main .action-bar .primary").click()
    expect(page.locator(".error-summary")).to_have_count(0)


def enter_the_firm(page: Page) -> None:
    """Into the register that all units share, with a certificate that runs out within the month."""
    page.goto("/contractors")
    page.get_by_role("link", name="登记单位").click()
    stem = f"91410502{int(RUN, 16) % 10**9:09d}"
    page.fill("#name", FIRM)
    page.fill("#uscc", stem + uscc_check_digit(stem))
    page.get_by_label("维护", exact=True).check()
    save(page)
    expect(page.locator("main .empty")).to_contain_text("未登记资质证书")
    page.locator("main .empty").get_by_role("link").click()
    page.select_option("#kind", label="维护")
    page.fill("#number", f"YAF-{RUN}")
    page.fill("#valid_to", SOON)
    save(page)
    expect(page.locator("main")).to_contain_text("即将到期")


def put_it_to_work(page: Page, system: str) -> None:
    """The firm at the system, with the person it sends; the identity number is shown masked."""
    page.goto(f"{system}/contractors/new?q={RUN}")
    page.select_option("#contractor", index=1)
    page.select_option("#kind", label="维护")
    page.fill("#valid_from", TODAY.isoformat())
    save(page)
    card = page.locator(".card", has_text=FIRM)
    expect(card).to_contain_text("未登记技术人员")
    card.get_by_role("link", name="登记技术人员").click()
    page.fill("#name", "周工程")
    page.fill("#id_number", "11010519491231002X")
    page.select_option("#role", index=1)
    save(page)
    expect(card).to_contain_text("周工程")
    expect(card).to_contain_text("1101**********002X")
    expect(card).to_contain_text("即将到期")
    assert_accessible(page)


def hand_over_the_management(page: Page, system: str) -> None:
    """Whoever held the role gives it up the day before."""
    page.goto(f"{system}/parties/new/manager")
    page.fill("#name", FOLLOWS)
    page.fill("#valid_from", TODAY.isoformat())
    page.fill("#reason", "管理部门调整")
    save(page)
    role = page.locator(".card", has=page.get_by_role("heading", name="管理单位"))
    expect(role).to_contain_text(FOLLOWS)
    role.locator("summary").click()
    expect(role).to_contain_text((TODAY - timedelta(days=1)).isoformat())
    assert_accessible(page)


def deposit_a_paper(page: Page, system: str) -> None:
    """A paper with a custodian and the day it runs out."""
    page.goto(f"{system}/documents/new")
    page.select_option("#slot", label="保密协议")
    page.set_input_files("#file", {"name": "保密协议.pdf", "mimeType": "application/pdf", "buffer": PDF})
    page.fill("#custodian", "秦保管")
    page.fill("#expires_on", SOON)
    save(page)
    page.goto(f"{system}/papers")
    row = page.locator("tr", has_text="秦保管")
    expect(row).to_contain_text("即将到期")
    assert_accessible(page)


@pytest.mark.requirement("REG-05")
@pytest.mark.requirement("REG-10")
def test_a_unit_keeps_the_archive_of_its_system(signed_in: Callable[..., Page]) -> None:
    page = signed_in("mallfiler")
    enter_the_firm(page)
    page.goto("/systems")
    page.locator(".lead a").first.click()
    system = page.url
    put_it_to_work(page, system)
    hand_over_the_management(page, system)
    deposit_a_paper(page, system)
    page.goto(system)
    expect(page.locator(".facts")).to_contain_text(FOLLOWS)
    expect(page.locator('nav.rail [aria-current="page"]')).to_contain_text("单位与系统")
    assert_accessible(page)
    page.goto("/expiries")
    expect(page.locator("main table")).to_contain_text(FIRM)
    expect(page.locator("main table")).to_contain_text("保密协议")
