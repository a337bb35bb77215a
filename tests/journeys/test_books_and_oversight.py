"""A school keeps its books: two signatures, a ticket from hand to hand, nobody off the list; oversight asks, and is told."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from portal.core.clock import CITY_TZ, utcnow
from portal.demo.cast import DEMO, cast_of
from tests.support.browser import assert_accessible
from tests.support.live import LivePortal

pytestmark = pytest.mark.journey


def act(page: Page, name: str, fields: dict[str, str] | None = None) -> None:
    """Open the dialog of an act, fill it in by the names of its fields and send it."""
    page.locator(f"[data-opens={name}]").click()
    dialog = page.locator("dialog[open]")
    for field, text in (fields or {}).items():
        dialog.locator(f"[name={field}]").fill(text)
    send(page)


def send(page: Page) -> None:
    """Send the dialog that is open."""
    with page.expect_navigation():
        page.locator("dialog[open] button.primary, dialog[open] button.danger").first.click()
    expect(page.locator(".error-summary")).to_have_count(0)


def save(page: Page) -> None:
    """Press the main button of the form."""
    with page.expect_navigation():
        page.locator("main .action-bar .primary").click()


def in_hours(hours: float) -> str:
    """A moment as it is typed."""
    return f"{(utcnow() + timedelta(hours=hours)).astimezone(CITY_TZ):%Y-%m-%d %H:%M}"


@pytest.mark.requirement("DPW-01", "DPW-06", "DPW-09")
def test_the_books_of_a_school(signed_in: Callable[..., Page], live_portal: LivePortal) -> None:
    keeper, head, taker = signed_in("custodian"), signed_in("securityhead"), signed_in("filer")
    hand_over(keeper, head, taker)
    ticket = change(keeper, head, signed_in("schoolleader"))
    head.goto("/books/changes/without-ticket")
    expect(head.locator("main table tbody tr").first).to_be_visible()
    assert_accessible(head)
    assert ticket not in head.content()
    not_on_the_list(keeper, head, live_portal)


def hand_over(keeper: Page, head: Page, taker: Page) -> None:
    """One gives, another takes; the custody passes with the second signature and not before."""
    keeper.goto("/books/custody?status=held")
    keeper.get_by_role("link", name="录像机管理员账号").first.click()
    keeper.locator("[data-opens=offer]").click()
    keeper.locator("dialog[open] [name=keeper][value=first]").check()
    keeper.locator("dialog[open] [name=taker_id]").select_option(label="周雅宁")
    keeper.locator("dialog[open] [name=offer_reason]").fill("轮岗")
    send(keeper)
    expect(keeper.get_by_text("待周雅宁签名接收").first).to_be_visible()
    head.goto(keeper.url)
    expect(head.locator("[data-opens=take]")).to_have_count(0)
    taker.goto(keeper.url)
    taker.locator("[data-opens=take]").click()
    taker.locator("dialog[open] [name=changed]").check()
    taker.locator("dialog[open] [name=taken_envelope]").fill("财务室保险柜")
    send(taker)
    expect(taker.get_by_text("财务室保险柜").first).to_be_visible()
    assert_accessible(taker)


def change(keeper: Page, head: Page, other: Page) -> str:
    """Asked for, approved by another, carried out and signed for by a professional, verified; its number."""
    keeper.goto("/books/changes")
    with keeper.expect_navigation():
        keeper.locator("main a.button.primary").first.click()
    texts = {
        "device": "3号录像机", "what": "录像码率", "old_value": "4 Mbps", "new_value": "6 Mbps", "reason": "夜间画面模糊",
        "starts_at": in_hours(-1), "ends_at": in_hours(3),
    }  # fmt: skip
    for name, text in texts.items():
        keeper.fill(f"#{name}", text)
    save(keeper)
    head.goto(keeper.url)
    act(head, "approve", {"opinion": "同意"})
    keeper.goto(head.url)
    keeper.locator("[data-opens=do]").click()
    keeper.locator("dialog[open] [name=signer]").select_option(index=1)
    keeper.locator("dialog[open] [name=done_note]").fill("已改并试录")
    send(keeper)
    expect(keeper.locator("[data-opens=verify]")).to_have_count(0)
    other.goto(keeper.url)
    act(other, "verify", {"verification": "画面清晰"})
    expect(other.get_by_text("画面清晰").first).to_be_visible()
    assert_accessible(other)
    return other.locator("h1").inner_text().split()[0]


def not_on_the_list(keeper: Page, head: Page, portal: LivePortal) -> None:
    """Somebody struck off the list holds no second key."""
    [(request,)] = portal.sql(
        "select r.id from footage_request r join unit u on u.id = r.unit_id "
        "where r.status = 'approved' and u.name like '%%实验小学%%' order by r.number limit 1"
    )
    head.goto(f"/evidence/requests/{request}/assign")
    head.select_option("#custodian", label="孟晓帆")
    save(head)
    keeper.goto(f"/evidence/requests/{request}/execution")
    keeper.fill("#second_login", "schoolleader")
    keeper.fill("#second_password", portal.logins["schoolleader"])
    keeper.check("#no_phone_notice")
    with keeper.expect_navigation():
        keeper.locator("form[action$=unlock] button").click()
    expect(keeper.locator(".error-summary")).to_contain_text("名册")
    assert portal.sql("select count(*) from footage_unlock where request_id = %s", request) == [(0,)]


def test_oversight_asks_and_the_person_explains(signed_in: Callable[..., Page], live_portal: LivePortal) -> None:
    auditor = signed_in("auditor")
    auditor.goto("/evidence/oversight?kind=off_hours")
    assert_accessible(auditor)
    with auditor.expect_navigation():
        auditor.get_by_role("link", name="要求说明").first.click()
    auditor.fill("#question", "深夜办理，请说明是否经值班领导同意。")
    save(auditor)
    address = auditor.url
    [(name,)] = live_portal.sql("select person_name from oversight_question order by asked_at desc limit 1")
    officer = signed_in(next(one.login for one in cast_of(DEMO).people if one.name == name))
    officer.goto("/evidence/oversight/questions?status=asked")
    assert officer.locator(f"a[href='{address.removeprefix(live_portal.url)}']").count()
    officer.goto(address)
    officer.fill("#answer", "接警后连夜核查，已报值班领导。")
    save(officer)
    expect(officer.locator("#answer")).to_have_count(0)
    auditor.goto(address)
    auditor.select_option("#verdict", "escalate")
    save(auditor)
    expect(auditor.locator(".error-summary")).to_be_visible()  # taken further without a word why
    auditor.fill("#note", "未按规定填写，移送督察。")
    save(auditor)
    assert_accessible(auditor)
    [(asked, further)] = live_portal.sql(
        "select count(*), count(*) filter (where status = 'escalated') from oversight_question "
        "where asked_at >= date_trunc('year', now() at time zone 'Asia/Shanghai') at time zone 'Asia/Shanghai'"
    )
    auditor.goto("/evidence/statistics")
    figures = auditor.locator("tr", has_text="要求说明情况").locator("td")
    assert figures.nth(1).inner_text() == str(asked)
    assert auditor.locator("tr", has_text="未予采信").locator("td").nth(1).inner_text() == str(further)
    assert_accessible(auditor)
