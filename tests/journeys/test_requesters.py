"""Each kind of requester fills in the real form and sees what comes of it; and each path that must fail, fails there."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from portal.core.clock import CITY_TZ
from tests.journeys.test_footage_from_request_to_handover import NOTICE, ONE_REQUEST, fill_span, save
from tests.support.browser import PHONE, assert_accessible
from tests.support.live import LivePortal

pytestmark = pytest.mark.journey

Enter = Callable[..., Page]
POLICE = (("雷鹏", "police_number", "052208"), ("易婷", "police_number", "052216"))
CLERKS = (("钱进", "work_id", "G-0017"), ("周敏", "work_id", "G-0018"))
CARD = (("李文静", "identity_card", "410502199003071224"),)
CASE = {"case_number": "A4105020000202611777"}
LETTER = {"instrument_number": "介字〔2026〕17号", "issued_on": "2026-01-05"}

# kind: (who types it, paper, purpose, further entries, people, papers to attach)
ASKS: dict[str, tuple[str, str, str, dict[str, str], Any, tuple[str, ...]]] = {
    "police_criminal": (
        "investigator", "retrieval_notice", "criminal_case",
        {"instrument_number": "文公（刑）调证字〔2026〕0777号", "items": "校门口监控录像一份", **CASE}, POLICE, ("retrieval_notice",),
    ),
    "police_administrative": (
        "investigator", "administrative_notice", "public_order",
        {"instrument_number": "文公（治）调证字〔2026〕0778号", **CASE}, POLICE, ("retrieval_notice",),
    ),
    "procuratorate": (
        "securityhead", "procuratorate_notice", "judicial",
        {"instrument_number": "文检调〔2026〕7号", "approver": "检察长 林岚", **CASE}, CLERKS, (),
    ),
    "court": (
        "securityhead", "court_order", "judicial",
        {"instrument_number": "（2026）豫0502民初118号", "approver": "审判长 何川", **CASE}, CLERKS, (),
    ),
    "state_security": (
        "securityhead", "state_security_notice", "stability",
        {"instrument_number": "安国调〔2026〕3号", "approver": "处长 沈青", **CASE}, CLERKS, ("retrieval_notice",),
    ),
    "other_organ": (
        "collegehead", "certificate", "law_enforcement", {**LETTER, **CASE}, CLERKS,
        ("psb_certificate", "introduction_letter", "handler_id"),
    ),
    "outside_unit": (
        "collegehead", "introduction_letter", "fire", LETTER, CLERKS, ("introduction_letter", "handler_id"),
    ),
    "resident_unit": (
        "residentclerk", "internal_slip", "public_order", {}, CLERKS, ("unit_application", "unit_certificate"),
    ),
    "own_department": ("collegehead", "internal_slip", "public_order", {}, CLERKS, ("department_stamp",)),
    "individual": (
        "securityhead", "personal_application", "life_or_property",
        {"relation": "self", "interest": "property", "proof": "police_receipt"}, CARD, ("handler_id", "relation_proof"),
    ),
}  # fmt: skip
# What the page says of each once it is submitted.
SAID = {
    "police_criminal": "办案部门负责人批准",
    "police_administrative": "办案部门负责人批准",
    "procuratorate": "如实提供义务",
    "court": "如实提供义务",
    "state_security": "如实提供义务",
    "other_organ": "保卫处处长签字",
    "outside_unit": "保卫处处长签字",
    "resident_unit": "入驻单位提出",
    "own_department": "所在部门负责人签字盖章",
    "individual": "前答复个人",
}


def camera_of(portal: LivePortal, login: str) -> str:
    """A camera of the unit somebody belongs to."""
    ((found,),) = portal.sql(
        "select c.id from camera c join membership m on m.unit_id = c.unit_id join account a on a.person_id = m.person_id"
        " where a.login = %s and c.status = 'in_use' and not c.secret order by c.name limit 1",
        login,
    )
    return str(found)


def begin(page: Page, camera: str, *, act: str, days: float = 2) -> None:
    """First step, the camera brought along as from the map."""
    page.goto(f"/evidence/requests/new?camera={camera}&from=map")
    fill_span(page, act=act, days=days)
    page.locator("button[value=details]").click()
    expect(page.locator("#requester_kind")).to_be_visible()


def fill(page: Page, kind: str, *, people: int = 2, **changes: str) -> None:
    """Second step as this kind of requester fills it in."""
    _login, instrument, purpose, entries, officers, _papers = ASKS[kind]
    page.select_option("#requester_kind", kind)
    page.fill("#requester_name", "李文静" if kind == "individual" else "申请单位")
    for name, value in ({"instrument_kind": instrument, "purpose": purpose} | entries | changes).items():
        field = page.locator(f"#{name}")
        (field.select_option if field.evaluate("one => one.tagName") == "SELECT" else field.fill)(value)
    for place, (name, id_kind, number) in enumerate(officers[:people]):
        page.fill(f"#officers-{place}-name", name)
        page.select_option(f"#officers-{place}-id_kind", id_kind)
        page.fill(f"#officers-{place}-number", number)
    page.fill("#reason", "核查进出人员。")
    page.fill("#copy_reason", "需固定证据。")
    page.check("#undertaking")


def attach(page: Page, papers: tuple[str, ...], tmp_path: Path) -> None:
    """The scans, one by one."""
    scan = tmp_path / "paper.pdf"
    scan.write_bytes(NOTICE)
    for number, paper in enumerate(papers, start=1):
        page.select_option("#kind", paper)
        page.set_input_files("#file", str(scan))
        page.locator("form[enctype] button").click()
        expect(page.locator(".files li")).to_have_count(number)


def submitted(page: Page, kind: str, tmp_path: Path) -> str:
    """Save, attach what is asked, submit; the address of the request."""
    save(page)
    page.wait_for_url(re.compile(r"/papers$"))
    attach(page, ASKS[kind][5], tmp_path)
    page.locator("aside button.primary").click()
    page.wait_for_url(ONE_REQUEST)
    return page.url


def unit_of(kind: str) -> str:
    """Whose camera this kind asks for: the school's, of the college those who need its leave, a resident's the centre's."""
    return {"collegehead": "collegehead", "residentclerk": "centrehead"}.get(ASKS[kind][0], "securityhead")


@pytest.mark.requirement("APR-18")
@pytest.mark.parametrize("kind", ASKS)
def test_a_requester_brings_its_paper_and_sees_who_decides(
    kind: str, signed_in: Enter, live_portal: LivePortal, tmp_path: Path
) -> None:
    page = signed_in(ASKS[kind][0])
    begin(page, camera_of(live_portal, unit_of(kind)), act="view" if kind == "individual" else "copy")
    fill(page, kind)
    submitted(page, kind, tmp_path)
    expect(page.locator(".page-head .status")).to_have_text("审批中")
    expect(page.locator("main")).to_contain_text(SAID[kind])
    if kind in ("court", "individual"):
        assert_accessible(page)


def test_an_urgent_call_is_called_back_and_its_notice_follows(
    signed_in: Enter, live_portal: LivePortal, tmp_path: Path
) -> None:
    page = signed_in("investigator")
    begin(page, camera_of(live_portal, "securityhead"), act="view")
    page.check("#urgent_by_phone")
    call = {"caller": "治安大队 雷鹏", "call_back": "0372-5900110", "done_at_once": "已告知值班员保全录像。"}
    fill(page, "police_administrative", instrument_number="", **call)
    save(page)
    page.wait_for_url(re.compile(r"/papers$"))
    page.locator("aside button.primary").click()  # without a paper
    page.wait_for_url(ONE_REQUEST)
    expect(page.locator("main")).to_contain_text("前补送通知书")

    unit = signed_in("securityhead", viewport=PHONE)
    unit.goto(page.url)
    unit.locator("[data-opens=verify]").click()
    unit.locator("#verify .primary").click()
    expect(unit.locator("#verify .error-summary")).to_be_visible()  # how, is asked
    unit.fill("#how", "回拨分局公开电话，指挥室核实。")
    unit.locator("#verify .primary").click()
    expect(unit.locator("main")).to_contain_text("回拨分局公开电话")

    page.reload()
    page.locator("[data-opens=paper]").click()
    page.fill("#number", "文公（治）调证字〔2026〕0779号")
    page.fill("#paper_on", f"{datetime.now(UTC).astimezone(CITY_TZ) - timedelta(days=1):%Y-%m-%d}")
    scan = tmp_path / "notice.pdf"
    scan.write_bytes(NOTICE)
    page.set_input_files("#paper #file", str(scan))
    page.locator("#paper .action-bar .primary").click()
    expect(page.locator("main")).to_contain_text("待与来电内容核对")
    page.goto("/evidence/owed?part=paper")
    expect(page.locator("table")).to_contain_text("文书已到，待核对")
    assert_accessible(page)


FAULTS: dict[str, tuple[str, dict[str, Any], dict[str, str], str]] = {
    "one officer": ("police_criminal", {"people": 1}, {}, "须由不少于 2 名不同人员"),
    "a copy for an individual": ("individual", {"act": "copy"}, {}, "第二十一条"),
    "nobody in their own name": (
        "own_department", {"unit": "centrehead", "kind": "own_member"}, {}, "不受理该类申请主体"
    ),
    "another purpose": ("own_department", {}, {"purpose": "criminal_case"}, "不允许该用途"),
    "an expired span": ("police_criminal", {"days": 400}, {}, "覆盖"),
    "a letter without its date": ("outside_unit", {}, {"issued_on": ""}, "文书日期"),
    "a proof that proves another relation": ("individual", {}, {"proof": "marriage_certificate"}, "不能证明"),
}  # fmt: skip


@pytest.mark.requirement("EVI-01")
@pytest.mark.requirement("EVI-07")
@pytest.mark.requirement("APR-13")
@pytest.mark.parametrize("fault", FAULTS)
def test_a_faulty_request_is_refused_where_it_is_typed(fault: str, signed_in: Enter, live_portal: LivePortal) -> None:
    kind, more, changes, said = FAULTS[fault]
    unit = more.get("unit", unit_of(kind))
    page = signed_in(unit if "unit" in more else ASKS[kind][0])
    act = more.get("act", "view" if kind == "individual" else "copy")
    begin(page, camera_of(live_portal, unit), act=act, days=more.get("days", 2))
    fill(page, kind, people=more.get("people", 2), **changes)
    if "kind" in more:
        page.select_option("#requester_kind", more["kind"])
    save(page)
    expect(page.locator(".error-summary")).to_contain_text(said)


@pytest.mark.requirement("APR-05")
@pytest.mark.requirement("APR-06")
@pytest.mark.parametrize(("kind", "missing"), [("other_organ", "公安或司法机关证明"), ("outside_unit", "介绍信")])
def test_without_its_paper_nothing_is_submitted(
    kind: str, missing: str, signed_in: Enter, live_portal: LivePortal
) -> None:
    page = signed_in("collegehead")
    begin(page, camera_of(live_portal, "collegehead"), act="copy")
    fill(page, kind)
    save(page)
    page.wait_for_url(re.compile(r"/papers$"))
    page.locator("aside button.primary").click()
    expect(page.locator(".error-summary")).to_contain_text(missing)
    assert page.url.endswith("/submit")


def test_whoever_asks_does_not_decide(signed_in: Enter, live_portal: LivePortal, tmp_path: Path) -> None:
    page = signed_in("mallhead")  # where one person's leave is enough, it is not the requester's
    begin(page, camera_of(live_portal, "mallhead"), act="copy")
    fill(page, "outside_unit")
    address = submitted(page, "outside_unit", tmp_path)
    assert page.goto(f"{address}/decide").status == 403  # type: ignore[union-attr]
    expect(page.locator("main")).to_contain_text("须由他人")
