"""The recorder's operator sends footage by a secret address over a line that breaks; the custodian enters and seals it."""

import hashlib
import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from portal.evidence.values.uploads import GIGABYTE, PART_BYTES
from tests.support.browser import PHONE, assert_accessible
from tests.support.live import LivePortal

pytestmark = pytest.mark.journey

Enter = Callable[..., Page]
EXECUTING = """select r.id from footage_request r join account a on a.person_id = r.custodian_id
  where r.status = 'executing' and r.act = 'copy' and a.login = 'custodian' order by r.number desc limit 1"""


def open_window(custodian: Page, address: str, *, operator: str, files: int) -> str:
    """A window for somebody else; the secret address as the page shows it this once."""
    custodian.goto(f"{address}/uploads")
    custodian.fill("#operator_name", operator)
    custodian.fill("#files_most", str(files))
    custodian.locator("form[action$=window] button").click()
    return str(custodian.locator(".copyable code").first.get_attribute("title"))


def cut_at(page: Page, part: int) -> list[int]:
    """The line is dead from that part on; where the parts begin that reach the portal, in the order of their coming."""
    sent: list[int] = []

    def on_the_way(route: Route) -> None:
        if route.request.method == "PATCH":
            if len(sent) == part:
                page.context.set_offline(True)
                route.abort("connectionfailed")
                return
            sent.append(int(route.request.headers["upload-offset"]))
        route.continue_()

    page.route("**/receive/**", on_the_way)
    return sent


def enter(custodian: Page, address: str, name: str, *, camera: int) -> None:
    """Say what a file shows; its name, size and digests are not typed."""
    custodian.goto(f"{address}/uploads")
    custodian.locator("#arriving li", has_text=name).get_by_role("link", name="登记文件").click()
    custodian.select_option("#camera", index=camera)
    custodian.fill("#clock_offset_seconds", "-12")
    custodian.locator("main .action-bar .primary").click()
    custodian.wait_for_url(re.compile(r"/execution$"))


@pytest.mark.requirement("EVI-13")
def test_what_is_sent_over_a_cut_line_arrives_whole_and_is_sealed(
    signed_in: Enter, new_page: Enter, live_portal: LivePortal, tmp_path: Path
) -> None:
    ((request_id,),) = live_portal.sql(EXECUTING)
    address = f"/evidence/requests/{request_id}"
    long, short, huge = tmp_path / "东门.dav", tmp_path / "西门.dav", tmp_path / "整月.dav"
    long.write_bytes(os.urandom(PART_BYTES + 4_000_000))
    short.write_bytes(os.urandom(90_000))
    with huge.open("wb") as sparse:
        sparse.truncate(5 * GIGABYTE)

    custodian = signed_in("custodian")
    secret = open_window(custodian, address, operator="录像机技术员", files=2)
    operator = new_page(viewport=PHONE)
    operator.goto(secret)
    assert_accessible(operator)
    operator.set_input_files("#footage-file", [str(one) for one in (long, huge, short)])
    expect(operator.locator("[data-file-name]")).to_contain_text("整月.dav")
    sent = cut_at(operator, 1)
    operator.locator("form[data-upload] > button").click()
    rows = operator.locator("[data-upload-list] li")
    expect(rows.nth(0)).to_contain_text("连接中断")
    expect(rows.nth(1)).to_contain_text("排队等候")
    assert sent == [0]
    operator.unroute("**/receive/**")
    starts: list[str] = []
    operator.on("request", lambda one: starts.append(one.headers.get("upload-offset", "")))
    operator.context.set_offline(False)
    # It goes on by itself: what had come is not sent again, and what is too large is refused with the way out.
    expect(rows.nth(2)).to_contain_text("已收到")
    expect(rows.nth(0)).to_contain_text("已收到")
    expect(rows.nth(1)).to_contain_text("刻录到介质")
    assert [start for start in starts if start] == [str(PART_BYTES), "0"]
    operator.goto(secret)
    expect(operator.locator("form[data-upload]")).to_have_count(0)
    for file in (long, short):
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        expect(operator.locator(f"code[title='{digest}']")).to_be_visible()
    assert_accessible(operator)

    enter(custodian, address, long.name, camera=1)
    enter(custodian, address, short.name, camera=2)
    custodian.locator("form[action$=seal] button").click()
    custodian.locator("[data-confirm-yes]").click()
    custodian.wait_for_url(re.compile(rf"{address}$"))
    expect(custodian.locator(".page-head .status")).to_contain_text("已封存")
    assert operator.goto(secret).status == 404  # type: ignore[union-attr]

    custodian.goto(f"{address}/copies/new")
    custodian.select_option("#medium", "disc")
    custodian.fill("#medium_serial", "BD-0777-M")
    custodian.fill("#shelf", "监控中心介质柜 2-7")
    custodian.locator("main .action-bar .primary").click()
    custodian.wait_for_url(re.compile(r"/evidence/copies/[0-9a-f-]{36}$"))
    assert_accessible(custodian)
    with custodian.expect_download() as coming:
        custodian.get_by_role("link", name=long.name).click()
    coming.value.save_as(tmp_path / "written.dav")
    assert (tmp_path / "written.dav").read_bytes() == long.read_bytes()
