"""An investigator asks for footage; the request walks through its chain to a recorded handover, by real clicks."""

import re
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from portal.core.clock import CITY_TZ
from portal.demo.cast import DEMO, cast_of
from portal.evidence.rules.packing import PROGRAM
from tests.support.browser import PHONE, assert_accessible
from tests.support.live import LivePortal

pytestmark = pytest.mark.journey

Enter = Callable[..., Page]
SCHOOL, COLLEGE = "安阳市文峰区洹水实验小学", "豫北工程职业学院"
SHA = "5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef"
# The smallest PDF that every reader opens; the vault examines it like any other.
NOTICE = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>endobj\nxref\n0 4\n0000000000 65535 f \n"
    b"0000000009 00000 n \n0000000052 00000 n \n0000000101 00000 n \ntrailer<</Size 4/Root 1 0 R>>\nstartxref\n164\n%%EOF\n"
)
ONE_REQUEST = re.compile(r"/evidence/requests/[0-9a-f-]{36}$")


def days_ago(days: float, hour: int) -> str:
    """A full hour some days ago, as it is typed."""
    moment = (datetime.now(UTC) - timedelta(days=days)).astimezone(CITY_TZ)
    return f"{moment:%Y-%m-%d} {hour:02d}:00"


def fill_span(page: Page, *, act: str, days: float = 2) -> None:
    """What is to be done with which hour."""
    page.locator(f"input[name=act][value={act}]").check()
    page.fill("#span_from", days_ago(days, 8))
    page.fill("#span_to", days_ago(days, 9))


def fill_cameras(page: Page, *, unit: str = SCHOOL, act: str = "copy", days: float = 2) -> None:
    """First step: one camera of the unit from the list, one hour."""
    page.goto("/evidence/requests/new")
    fill_span(page, act=act, days=days)
    page.fill("#picker-q", unit)
    page.locator("#results button").first.click()
    expect(page.locator("#chosen li")).to_have_count(1)
    page.locator("button[value=details]").click()


def fill_cameras_from_the_map(page: Page) -> None:
    """First step with the cameras of the school that stand within a rectangle drawn on the map."""
    page.goto("/units?q=" + SCHOOL)
    unit = page.get_by_role("link", name=SCHOOL).first.get_attribute("href")
    page.goto(f"/map?unit={str(unit).rsplit('/', 1)[-1]}")
    page.locator(".leaflet-draw-draw-rectangle").click()
    box = page.locator("#map").bounding_box()
    assert box
    page.mouse.move(box["x"] + 60, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 90, box["y"] + box["height"] - 60, steps=4)
    page.mouse.up()
    found = page.locator("#found li")
    expect(found.first).to_be_visible()
    assert found.count() > 1
    mine = found.filter(has_text=SCHOOL).first.locator("input").get_attribute("value")
    page.evaluate(
        "mine => document.querySelectorAll('#found input[name=camera]').forEach(box => { box.checked = box.value === mine; })",
        mine,
    )
    page.locator("#found button.primary").click()
    expect(page.locator(".notice.info")).to_contain_text("地图")
    expect(page.locator("#chosen li")).to_have_count(1)
    fill_span(page, act="copy")
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
    save(page)
    page.wait_for_url(re.compile(r"/papers$"))


def save(page: Page) -> None:
    """Press the main button of the form."""
    page.locator("main .action-bar .primary").click()


def submit(page: Page, tmp_path: Path, *, paper: str) -> str:
    """Attach the paper the rules ask for and submit; the address of the request."""
    scan = tmp_path / "paper.pdf"
    scan.write_bytes(NOTICE)
    page.select_option("#kind", paper)
    page.set_input_files("#file", str(scan))
    page.locator("form[enctype] button").click()
    expect(page.locator(".files li")).to_have_count(1)
    page.locator("aside button.primary").click()
    page.wait_for_url(ONE_REQUEST)
    return page.url


def decide(page: Page, address: str, verdict: str, comment: str = "") -> None:
    """One verdict."""
    page.goto(f"{address}/decide")
    page.locator(f"input[name=verdict][value={verdict}]").check()
    page.fill("#comment", comment)
    page.fill("#own_password", cast_of(DEMO).password)
    save(page)
    page.wait_for_url(address)


def with_second_person(page: Page, portal: LivePortal, login: str) -> None:
    """The second key: somebody else signs in on the form of the first."""
    page.fill("#second_login", login)
    page.fill("#second_password", portal.logins[login])


def assign(page: Page, address: str) -> None:
    """The unit names who carries the request out."""
    page.goto(f"{address}/assign")
    page.select_option("#custodian", label="孟晓帆")
    save(page)
    page.wait_for_url(address)


def execute(page: Page, address: str, portal: LivePortal) -> str:
    """Open under two keys, register a file, seal the set; the digest of the set."""
    page.goto(f"{address}/execution")
    unlock = page.locator("form[action$=unlock] button")
    with_second_person(page, portal, "custodian")
    page.check("#no_phone_notice")
    unlock.click()
    expect(page.locator(".error-summary")).to_be_visible()  # one person is not two
    with_second_person(page, portal, "securityhead")
    unlock.click()
    page.fill("#sha256", SHA)
    page.select_option("form[action$=files] #camera", index=1)
    page.locator("form[action$=files] #name").fill("gate-0800.dav")
    page.fill("#size", "73400320")
    page.fill("#format", "dav")
    page.fill("#clock_offset_seconds", "-37")
    page.locator("form[action$=files] button").click()
    expect(page.locator(".files li")).to_have_count(1)
    page.locator("form[action$=seal] button").click()
    page.locator("[data-confirm-yes]").click()
    page.wait_for_url(address)
    return str(page.locator(f".copyable code:not([title='{SHA}'])").get_attribute("title"))


def hand_over(page: Page, address: str, portal: LivePortal) -> None:
    """Give the sealed copy out before a witness, on a telephone at the counter."""
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    page.goto(f"{address}/handover")
    page.select_option("#receiver", index=1)
    page.select_option("#medium", "disc")
    page.fill("#medium_serial", "BD-0999-01")
    page.fill("#destination", "办案部门物证保管室")
    page.check("#id_seen")
    assert_accessible(page)
    with_second_person(page, portal, "securityhead")
    save(page)
    page.wait_for_url(address)


def acknowledge(page: Page, address: str, digest: str) -> None:
    """The receiver compares the digest of the copy; another one is refused."""
    page.goto(address)
    page.locator(".page-head .primary").click()
    page.fill("#manifest_digest", "0" * 64)
    save(page)
    expect(page.locator(".error-summary")).to_be_visible()
    page.fill("#manifest_digest", digest)
    save(page)
    page.wait_for_url(address)


def papers_print(page: Page, address: str) -> None:
    """The slip, the retrieval sheet, the record and the receipt are PDFs; they open through the page's own links."""
    links = page.locator(".page-head a[href$='.pdf']")
    expect(links).to_have_count(4)
    for place in range(4):
        answer = page.request.get(str(links.nth(place).get_attribute("href")))
        assert answer.status == 200
        assert answer.body().startswith(b"%PDF-")


def correct(page: Page, address: str) -> None:
    """The returned request comes back with the reason; what was typed is there, and it goes in again."""
    page.goto(address)
    expect(page.locator(".chain .note")).to_have_text("请写明需要核查的具体时间段。")
    page.goto(f"{address}/edit")
    expect(page.locator("#instrument_number")).to_have_value("文公（刑）调证字〔2026〕0999号")
    page.fill("#reason", "核查嫌疑人八时十分前后进出现场的时间。")
    save(page)
    page.locator("aside button.primary").click()
    page.wait_for_url(address)


def take_package(page: Page, address: str, tmp_path: Path) -> None:
    """The court package, sealed by the portal's own log, proves itself to the program that needs no portal."""
    page.goto(f"{address}/package")
    assert_accessible(page)
    page.fill("#recipient", "文峰区人民法院")
    with page.expect_download() as coming:
        page.get_by_role("button", name="制作材料包").click()
    package, altered = tmp_path / "package.zip", tmp_path / "altered.zip"
    coming.value.save_as(package)
    content = bytearray(package.read_bytes())
    content[len(content) // 2] ^= 1
    altered.write_bytes(content)
    for archive, code in ((package, 0), (altered, 1)):
        checked = subprocess.run(
            [sys.executable, "-I", "-S", PROGRAM, archive], capture_output=True, text=True, check=False
        )
        assert checked.returncode == code, checked.stdout
    page.reload()
    expect(page.locator("main")).to_contain_text("-P01")


@pytest.mark.requirement("EVI-17")
def test_from_request_to_handover(signed_in: Enter, live_portal: LivePortal, tmp_path: Path) -> None:
    officer = signed_in("investigator")
    fill_cameras_from_the_map(officer)
    fill_case(officer, number="文公（刑）调证字〔2026〕0999号")
    address = submit(officer, tmp_path, paper="retrieval_notice")
    # Why this chain and no other: the rules that held, each with its article.
    officer.locator("details summary", has_text="规则").click()
    rule = officer.locator("details tr", has_text="图像信息最短保存期限")
    expect(rule).to_contain_text("河南省技防条例第二十一条")

    approver = signed_in("casehead")
    approver.goto(f"{address}/decide")
    expect(approver.get_by_role("link", name="paper.pdf")).to_be_visible()
    decide(approver, address, "return", "请写明需要核查的具体时间段。")
    correct(officer, address)
    decide(approver, address, "approve", "同意调取")
    head = signed_in("securityhead")
    head.goto(address)
    head.locator(".clock button").click()
    decide(head, address, "acknowledge")
    assign(head, address)
    custodian = signed_in("custodian")
    digest = execute(custodian, address, live_portal)
    hand_over(custodian, address, live_portal)
    acknowledge(officer, address, digest)
    papers_print(officer, address)
    assert_accessible(officer)
    take_package(officer, address, tmp_path)
    officer.goto(address)

    head.goto("/evidence/ledger")
    number = officer.locator("h1").inner_text().split()[-1]
    assert head.locator(f"td.lead:has-text('{number}')").count() >= 5
    assert_accessible(head)


def also_holds(portal: LivePortal, login: str, post: str) -> None:
    """Give somebody a second post in their unit, as happens in small units."""
    added = portal.sql(
        "insert into membership (id, person_id, role, post, unit_id, valid_from)"
        " select gen_random_uuid(), m.person_id, 'unit_approver', %s, m.unit_id, m.valid_from"
        " from membership m join account a on a.person_id = m.person_id where a.login = %s limit 1 returning id",
        post,
        login,
    )
    assert added


def test_a_refusal_needs_its_reason_and_ends_the_request(signed_in: Enter) -> None:
    head = signed_in("casehead")
    head.goto("/evidence/requests?mine=1")
    head.locator("td.lead a").first.click()
    address = head.url
    head.goto(f"{address}/decide")
    head.locator("input[name=verdict][value=refuse]").check()
    head.fill("#own_password", "Huanshui-2026")
    save(head)
    expect(head.locator("#own_password-error")).to_be_visible()
    head.fill("#own_password", cast_of(DEMO).password)
    save(head)
    expect(head.locator("#comment-error")).to_be_visible()
    head.fill("#comment", "与案件无关，不予调取。")
    head.fill("#own_password", cast_of(DEMO).password)
    save(head)
    head.wait_for_url(address)
    expect(head.locator(".page-head .status")).to_have_text("不予同意")
    expect(head.locator(".chain .note")).to_have_text("与案件无关，不予调取。")
    assert head.request.get(f"{address}/decide").url == address  # nothing is left to decide
    for stranger in ("filer2", "investigator3"):
        assert signed_in(stranger).goto(address).status == 404  # type: ignore[union-attr]


@pytest.mark.requirement("APR-01")
def test_nobody_decides_their_own_request_nor_two_steps(
    signed_in: Enter, live_portal: LivePortal, tmp_path: Path
) -> None:
    also_holds(live_portal, "collegehead", "department_head")
    also_holds(live_portal, "collegepublic", "department_head")
    asker = signed_in("collegehead")
    fill_cameras(asker, unit=COLLEGE, act="view")
    asker.select_option("#requester_kind", "own_department")
    asker.fill("#requester_name", "学生工作处")
    asker.select_option("#instrument_kind", "internal_slip")
    asker.select_option("#purpose", "public_order")
    asker.fill("#officers-0-name", "毕永军")
    asker.select_option("#officers-0-id_kind", "work_id")
    asker.fill("#officers-0-number", "G-017")
    asker.fill("#reason", "核查校门口的一起纠纷。")
    asker.check("#undertaking")
    save(asker)
    asker.wait_for_url(re.compile(r"/papers$"))
    address = submit(asker, tmp_path, paper="department_stamp")
    assert asker.goto(f"{address}/decide").status == 403  # type: ignore[union-attr]
    expect(asker.locator("main")).to_contain_text("须由他人")

    both = signed_in("collegepublic")
    decide(both, address, "approve")
    expect(both.locator(".chain [aria-current]")).to_contain_text("分管治安")
    assert both.goto(f"{address}/decide").status == 403  # type: ignore[union-attr]
    expect(both.locator("main")).to_contain_text("各环节须由不同人员")


@pytest.mark.requirement("RET-03")
def test_an_expired_span_is_refused_with_the_day_it_was_lost(signed_in: Enter) -> None:
    page = signed_in("investigator", viewport=PHONE)
    fill_cameras(page, days=400)
    page.select_option("#requester_kind", "police_criminal")
    page.select_option("#instrument_kind", "retrieval_notice")
    page.fill("#instrument_number", "文公（刑）调证字〔2026〕0998号")
    page.select_option("#purpose", "criminal_case")
    page.fill("#case_number", "A4105020000202611999")
    page.check("#undertaking")
    save(page)
    summary = page.locator(".error-summary")
    expect(summary).to_be_visible()
    assert re.search(r"\d{4}-\d{2}-\d{2}", summary.inner_text())
    # What was typed is kept: going on leads to the filled second page.
    fill_span(page, act="copy")
    page.locator("button[value=details]").click()
    expect(page.locator("#case_number")).to_have_value("A4105020000202611999")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.requirement("APR-19")
def test_an_individual_views_and_takes_no_copy(signed_in: Enter) -> None:
    page = signed_in("securityhead")
    fill_cameras(page, act="copy")
    page.select_option("#requester_kind", "individual")
    page.fill("#requester_name", "李文静")
    page.select_option("#instrument_kind", "personal_application")
    page.select_option("#purpose", "life_or_property")
    page.select_option("#relation", "self")
    page.select_option("#interest", "property")
    page.select_option("#proof", "police_receipt")
    page.fill("#officers-0-name", "李文静")
    page.select_option("#officers-0-id_kind", "identity_card")
    page.fill("#officers-0-number", "410502199003071224")
    page.fill("#reason", "在校门口遗失提包。")
    page.check("#undertaking")
    save(page)
    expect(page.locator(".error-summary")).to_contain_text("第二十一条")
    page.locator("input[name=act][value=view]").check()
    page.locator("button[value=details]").click()
    save(page)
    page.wait_for_url(re.compile(r"/papers$"))
