"""The approval chains of the four unit regulations, each walked on the pages by its own people, each with their password.

Whoever is asked to sign finds the request, signs, and the printed form names them with the hour; a line that the case
does not need prints as such. What must fail, fails on the page where somebody would try it.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from portal.core.clock import CITY_TZ
from portal.demo.cast import DEMO, cast_of
from tests.journeys.test_footage_from_request_to_handover import decide, fill_span, save
from tests.journeys.test_requesters import begin, camera_of, fill, submitted
from tests.support.browser import PHONE, assert_accessible
from tests.support.live import LivePortal
from tests.support.reading import text_of

pytestmark = pytest.mark.journey

Enter = Callable[..., Page]
NAMES = {person.login: person.name for person in cast_of(DEMO).people}
UNNEEDED = "无需"
# A step of a request of the demonstration that waits for a post, by the zone of its points.
WAITING = """select r.id from footage_request r join approval_run a on a.id = r.run_id
  where a.status = 'running' and a.awaits_post = %s and (%s = '' or not exists (
    select from footage_request_camera c join camera k on k.id = c.camera_id where c.request_id = r.id and k.zone <> %s))
  order by r.id limit 1"""


def waiting(portal: LivePortal, post: str, zone: str = "") -> str:
    """The address of a request of the demonstration city that waits for whoever holds a post."""
    ((found,),) = portal.sql(WAITING, post, zone, zone)
    return f"{portal.url}/evidence/requests/{found}"


def signs(enter: Enter, address: str, *logins: str) -> Page:
    """Each of these signs with their own password; the page of the last."""
    for login in logins:
        page = enter(login)
        decide(page, address, "approve")
        # Whoever has signed does not sign again, here or at a later step.
        answer = page.request.get(f"{address}/decide")
        assert answer.status == 403 or answer.url == address
    return page


def refused(enter: Enter, address: str, login: str, why: str) -> None:
    """This person may not sign, and is told why."""
    page = enter(login)
    assert page.goto(f"{address}/decide").status == 403  # type: ignore[union-attr]
    expect(page.locator("main")).to_contain_text(why)


def paper(page: Page, address: str, key: str = "slip") -> str:
    """What the printed form says, without its spaces."""
    answer = page.request.get(f"{address}/forms/{key}.pdf")
    assert answer.status == 200
    return text_of(answer.body())


def signed_on_paper(said: str, *logins: str) -> None:
    """These have signed today, each name with its hour beside it."""
    day = f"{datetime.now(UTC).astimezone(CITY_TZ):%Y年%-m月%-d日}"
    for login in logins:
        assert re.search(f"{NAMES[login]}[^年]{{0,40}}{day}", said), (NAMES[login], said)


def asked(page: Page, portal: LivePortal, kind: str, tmp_path: Path, *, of: str, act: str, **changes: Any) -> str:
    """A request of one camera of somebody's unit, submitted; its address."""
    begin(page, camera_of(portal, of), act=act)
    fill(page, kind, **changes)
    return submitted(page, kind, tmp_path)


@pytest.mark.requirement("APR-01", "APR-02", "APR-03")
def test_mianyang_a_return_voids_what_the_department_signed(
    signed_in: Enter, live_portal: LivePortal, tmp_path: Path
) -> None:
    """Department head and stamp, leader for public order, section chief names the operator; a return asks all anew."""
    asker = signed_in("collegefiler")
    address = asked(asker, live_portal, "own_department", tmp_path, of="collegefiler", act="copy")
    refused(signed_in, address, "collegefiler", "")
    refused(signed_in, address, "collegedirector", "其他岗位")
    signs(signed_in, address, "collegedept")
    signed_on_paper(paper(asker, address), "collegedept")

    order = signed_in("collegepublic")
    order.goto(f"{address}/decide")
    order.locator("input[name=verdict][value=return]").check()
    order.fill("#comment", "请写明纠纷发生的时间。")
    order.fill("#own_password", "Huanshui-2026")
    save(order)
    expect(order.locator("#own_password-error")).to_be_visible()
    expect(order.locator("#comment")).to_have_value("请写明纠纷发生的时间。")
    order.fill("#own_password", live_portal.logins["collegepublic"])
    save(order)
    order.wait_for_url(address)
    assert NAMES["collegedept"] not in paper(asker, address)

    asker.goto(f"{address}/edit")
    save(asker)
    asker.locator("aside button.primary").click()
    asker.wait_for_url(address)
    refused(signed_in, address, "collegedirector", "其他岗位")
    last = signs(signed_in, address, "collegedept", "collegepublic")
    expect(last.locator("main details:has(.chain)")).to_contain_text("失效")
    said = paper(last, address)
    signed_on_paper(said, "collegedept", "collegepublic")
    # The three lines that the college's form shows to everybody, and that this case does not need.
    assert said.count(UNNEEDED) >= 3
    chief = signed_in("collegeorder")
    chief.goto(f"{address}/assign")
    chief.select_option("#custodian", label=NAMES["collegecustodian"])
    save(chief)
    chief.wait_for_url(address)


@pytest.mark.requirement("APR-04", "APR-05", "APR-06")
def test_mianyang_a_stand_in_signs_within_its_days_and_not_after(
    signed_in: Enter, live_portal: LivePortal, tmp_path: Path
) -> None:
    """The director is away: the section chief signs in the director's stead, then the school leader; later it is over."""
    asker = signed_in("collegefiler")
    address = asked(asker, live_portal, "other_organ", tmp_path, of="collegefiler", act="view")
    refused(signed_in, address, "collegeorder", "其他岗位")
    keeper = signed_in("collegehead", viewport=PHONE)
    keeper.goto("/approvals/delegations/new")
    keeper.select_option("#holder", label=f"保卫处处长 · {NAMES['collegedirector']}")
    keeper.select_option("#delegate", label=NAMES["collegeorder"])
    save(keeper)
    expect(keeper.locator(".error-summary")).to_be_visible()  # until when, and why
    assert_accessible(keeper)
    today = f"{datetime.now(UTC).astimezone(CITY_TZ):%Y-%m-%d}"
    keeper.fill("#to_day", today)
    keeper.fill("#reason", "因公出差。")
    save(keeper)
    expect(keeper.locator("main")).to_contain_text(f"{NAMES['collegeorder']}代{NAMES['collegedirector']}")

    stand_in = signed_in("collegeorder")
    stand_in.goto(f"{address}/decide")
    expect(stand_in.locator("main")).to_contain_text(f"您正在代{NAMES['collegedirector']}行使职务")
    assert_accessible(stand_in)
    other = waiting(live_portal, "security_director", "gate")
    assert stand_in.request.get(f"{other}/decide").status == 200
    decide(stand_in, address, "approve")
    # A stand-in's word is the holder's too.
    refused(signed_in, address, "collegedirector", "各环节须由不同人员")
    # The day is over: what was signed stays signed, and nothing more is.
    live_portal.sql(
        "update post_delegation set from_day = from_day - 1, to_day = to_day - 1"
        " where delegate_name = %s and holder_name = %s and to_day = %s returning id",
        NAMES["collegeorder"], NAMES["collegedirector"], today,
    )  # fmt: skip
    refused(signed_in, other, "collegeorder", "其他岗位")
    last = signs(signed_in, address, "collegeleader")
    said = paper(last, address)
    assert f"{NAMES['collegeorder']}（代{NAMES['collegedirector']}）" in said
    signed_on_paper(said, "collegeorder", "collegeleader")


@pytest.mark.requirement("APR-07", "APR-08")
def test_petroleum_the_section_lets_view_and_the_office_lets_copy(signed_in: Enter, live_portal: LivePortal) -> None:
    """Both wait in the demonstration city; a consent to view is no line of the slip of a copy."""
    view = waiting(live_portal, "public_order_section_chief")
    copy = waiting(live_portal, "police_office_head")
    refused(signed_in, copy, "unihead", "其他岗位")
    for address, login in ((view, "uniorder"), (copy, "unioffice")):
        last = signs(signed_in, address, login)
        said = paper(last, address)
        signed_on_paper(said, login)
        assert UNNEEDED in said
    assert NAMES["uniorder"] not in said
    expect(last.locator(".chain li", has_text="治安科同意")).to_contain_text("无需")


@pytest.mark.requirement("APR-09", "APR-10", "APR-11", "APR-12", "APR-15")
def test_shaoxing_the_strictest_zone_decides_and_copies_ask_for_more(
    signed_in: Enter, live_portal: LivePortal, tmp_path: Path
) -> None:
    """A hall, a dining room, and a resident's copy of a hall, a corridor and a key floor at once: five signatures."""
    for post, zone, login in (
        ("logistics_deputy_security", "hall", "centresecurity"),
        ("logistics_deputy_canteen", "dining", "centrecanteen"),
    ):
        address = waiting(live_portal, post, zone)
        last = signs(signed_in, address, login)
        said = paper(last, address, "approval")
        signed_on_paper(said, login)
        assert said.count(UNNEEDED) >= 4

    clerk = signed_in("residentclerk")
    cameras = live_portal.sql(
        "select distinct on (zone) id from camera where zone in ('hall', 'corridor', 'key_floor') and status = 'in_use'"
        " and unit_id = (select m.unit_id from membership m join account a on a.person_id = m.person_id"
        " where a.login = 'centrefiler') order by zone, name"
    )
    clerk.goto("/evidence/requests/new?" + "&".join(f"camera={one}" for (one,) in cameras) + "&from=map")
    expect(clerk.locator("#chosen li")).to_have_count(3)
    fill_span(clerk, act="copy")
    clerk.locator("button[value=details]").click()
    fill(clerk, "resident_unit", people=1)
    save(clerk)
    expect(clerk.locator(".error-summary")).to_contain_text("须由不少于 2 名")
    fill(clerk, "resident_unit")
    address = submitted(clerk, "resident_unit", tmp_path)
    refused(signed_in, address, "centresecurity", "其他岗位")
    signers = ("resident", "centrelogistics", "centredirector", "centredeputy", "centreleader")
    last = signs(signed_in, address, *signers)
    expect(last.locator(".page-head .status")).to_have_text("已批准，待指派")
    said = paper(last, address, "approval")
    signed_on_paper(said, *signers)
    assert_accessible(last)


@pytest.mark.requirement("APR-17")
def test_guannan_the_school_leader_in_charge_and_nobody_else(
    signed_in: Enter, live_portal: LivePortal, tmp_path: Path
) -> None:
    asker = signed_in("filer")
    address = asked(asker, live_portal, "own_department", tmp_path, of="filer", act="copy")
    refused(signed_in, address, "securityhead", "其他岗位")
    leader = signs(signed_in, address, "schoolleader")
    expect(leader.locator(".page-head .status")).to_have_text("已批准，待指派")
    signed_on_paper(paper(leader, address), "schoolleader")
