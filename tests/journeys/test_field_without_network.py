"""Two inspectors on site without network: judged, photographed, signed, sent, an altered photo found, a difference settled."""

import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.journeys.test_acceptance_to_publication import plan
from tests.support.browser import PHONE, WIDE, assert_accessible
from tests.support.live import LivePortal

pytestmark = pytest.mark.journey

Enter = Callable[..., Page]
HERE = {"permissions": ["geolocation"], "geolocation": {"longitude": 114.35312, "latitude": 36.1, "accuracy": 12}}
# A person taps thirty times; the page is told to.
JUDGE_THE_REST = """
async () => {
  const until = async (ready) => { while (!ready()) await new Promise((go) => setTimeout(go, 5)); };
  const blob = await new Promise((made) => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 64, height: 48 });
    canvas.toBlob(made, 'image/jpeg');
  });
  for (let next; (next = [...document.querySelectorAll('.field-item')].find((one) => one.querySelector('.status.idle')));) {
    const form = next.querySelector('form');
    next.open = true;
    await until(() => form.querySelector('input[value=met]'));
    await new Promise((go) => setTimeout(go, 20));
    form.querySelector('input[value=met]').checked = true;
    form.querySelector('textarea').value = '已查阅原件';
    if (form.querySelector('[data-of=hints]').textContent.includes('须附照片')) {
      const files = new DataTransfer();
      files.items.add(new File([blob, next.id], '现场.jpg', { type: 'image/jpeg' }));
      const box = form.querySelector('input[type=file]');
      box.files = files.files;
      box.dispatchEvent(new Event('change', { bubbles: true }));
      await until(() => form.querySelector('.photos img'));
    }
    form.requestSubmit();
    await until(() => !next.isConnected);
  }
}
"""
ALTER_A_PHOTO = """
(item) => new Promise((done, failed) => {
  const asked = indexedDB.open('portal-field-' + localStorage.getItem('field-owner'));
  asked.onerror = failed;
  asked.onsuccess = () => {
    const store = asked.result.transaction('photos', 'readwrite').objectStore('photos');
    store.openCursor().onsuccess = ({ target: { result: cursor } }) => {
      if (!cursor) { asked.result.close(); done(); return; }
      if (cursor.value.item === item) {
        const longer = new Uint8Array([...new Uint8Array(cursor.value.bytes), 0]);
        cursor.update({ ...cursor.value, bytes: longer.buffer });
      }
      cursor.continue();
    };
  };
})
"""

HELD = """
() => new Promise((done) => {
  const asked = indexedDB.open('portal-field-' + localStorage.getItem('field-owner'));
  // Asked too early there is no database yet: one without stores must not be left in its place.
  asked.onupgradeneeded = () => asked.transaction.abort();
  asked.onerror = () => done(-1);
  asked.onsuccess = () => {
    const counted = asked.result.transaction('entries').objectStore('entries').count();
    counted.onsuccess = () => { asked.result.close(); done(counted.result); };
  };
})
"""


def picture(shade: str) -> dict[str, Any]:
    """A photo as a telephone takes it."""
    made = io.BytesIO()
    Image.new("RGB", (320, 240), shade).save(made, "JPEG")
    return {"name": "现场.jpg", "mimeType": "image/jpeg", "buffer": made.getvalue()}


def take_along(page: Page, system: str) -> None:
    """Open the page in the field and take the visit along."""
    page.goto("/field/")
    row = page.locator(".field-visit", has_text=system)
    row.get_by_role("button", name="带走").click()
    expect(page.locator("#visit h1")).to_have_text(system)
    expect(page.locator("body")).to_have_attribute("data-ready", "yes")
    page.evaluate("navigator.serviceWorker.ready.then(() => undefined)")


def judge(page: Page, key: str, verdict: str, note: str, photo: dict[str, Any] | None = None) -> None:
    """Judge one item by hand. What comes next does not wait for the photo: the page does."""
    item = page.locator(f"#item-{key}")
    if item.get_attribute("open") is None:
        item.locator("summary").click()
    item.locator(f"input[value={verdict}]").check()
    item.locator("textarea").fill(note)
    if photo:
        item.locator("input[type=file]").set_input_files(photo)


def seal(page: Page, key: str) -> None:
    """Seal what was judged; the page goes on to another item."""
    form = page.locator(f"#item-{key} form").element_handle()
    page.locator(f"#item-{key}").get_by_role("button", name="封存").click()
    assert form is not None
    form.wait_for_element_state("hidden")


def sign(page: Page, capacity: str, name: str) -> None:
    """Draw a signature."""
    before = page.locator("#signatures li").count()
    page.locator(f"#sign input[value={capacity}]").check()
    page.fill("#sign-name", name)
    pad = page.locator("#pad")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 40, box["y"] + 60)
    page.mouse.down()
    for step in range(1, 8):
        page.mouse.move(box["x"] + 40 + 20 * step, box["y"] + 60 + 25 * (step % 2))
    page.mouse.up()
    page.get_by_role("button", name="签名并封存").click()
    expect(page.locator("#signatures li")).to_have_count(before + 1)


def seal_unsent(page: Page, key: str) -> None:
    """Judge an item while the portal takes no entry: there is a network, yet something waits."""
    page.route("**/entries", lambda route: route.abort())
    judge(page, key, "met", "现场复核无误")
    seal(page, key)
    expect(page.locator("#waiting")).to_contain_text("1条待上传")


def come_back(page: Page, portal: LivePortal, login: str, visit: str) -> None:
    """Sign in by hand on the same device and open the visit."""
    page.unroute("**/entries")
    # An answer still on its way to the page would bring the former person's cookie back.
    page.goto("about:blank")
    page.context.clear_cookies()
    page.goto("/sign-in")
    page.fill("input[name=login]", login)
    page.fill("input[name=password]", portal.logins[login])
    page.locator("main button.primary").click()
    page.wait_for_url(lambda url: "/sign-in" not in url)
    page.goto(f"/field/#{visit}")


def sign_out_with_unsent_work(page: Page, portal: LivePortal, visit: str, keys: list[str]) -> None:
    """Kept by choice it is closed to whoever signs in next and goes on with its person; discarded it is gone."""
    count = "select count(*) from sealed_entry where visit_id = %s"
    before = portal.sql(count, visit)
    seal_unsent(page, keys[0])
    page.goto("/")
    page.locator("header details.menu summary").last.click()
    page.get_by_role("button", name="退出登录").click()
    expect(page.locator("#leave-told")).to_contain_text("1条封存记录尚未上传")
    assert_accessible(page)
    page.get_by_role("button", name="保留并退出登录").click()
    page.wait_for_url("**/sign-in*")

    come_back(page, portal, "inspector", "")
    expect(page.locator("#who")).to_have_text("韩志远")
    expect(page.locator("#others")).to_contain_text("本机留有其他1人未上传")
    assert page.evaluate(HELD) == 0
    page.get_by_role("button", name="立即上传").click()
    expect(page.locator("#waiting")).to_contain_text("已全部上传")
    assert portal.sql(count, visit) == before
    come_back(page, portal, "inspector2", visit)
    expect(page.locator("#who")).to_have_text("乔雪")
    expect(page.locator("#waiting")).to_contain_text("已全部上传")
    assert portal.sql(count, visit) == [(before[0][0] + 1,)]

    seal_unsent(page, keys[1])
    page.get_by_role("link", name="退出登录").click()
    page.get_by_role("button", name="清除并退出登录").click()
    expect(page.locator("#leave-error")).to_be_visible()
    page.locator("#leave-sure").check()
    page.get_by_role("button", name="清除并退出登录").click()
    page.wait_for_url("**/sign-in*")
    come_back(page, portal, "inspector2", "")
    expect(page.locator("#who")).to_have_text("乔雪")
    expect(page.locator("#others")).to_be_hidden()
    assert page.evaluate(HELD) == 0
    assert portal.sql(count, visit) == [(before[0][0] + 1,)]


def conclude(page: Page, address: str) -> None:
    """Ask for the conclusion."""
    page.goto(address)
    page.fill("#opinion", "系统建设符合设计要求，同意通过验收。")
    page.get_by_role("button", name="作出验收结论").click()


def a_visit(page: Page, portal: LivePortal) -> tuple[str, str, str, list[str], str]:
    """Plan a visit of both inspectors: acceptance, visit, system, items that are always asked, one that needs a photo."""
    ((acceptance, system),) = portal.sql(
        "select a.id, s.name from acceptance a join system s on s.id = a.system_id where a.status = 'checked'"
        " and a.district = '410502' and a.kind = 'new' and not s.secret order by a.id desc limit 1"
    )
    page.goto(f"/acceptances/{acceptance}")
    plan(page, 18)
    ((visit, checklist),) = portal.sql(
        "select v.id, a.checklist from visit v join acceptance a on a.id = v.acceptance_id"
        " where a.id = %s and v.status = 'planned'",
        acceptance,
    )
    asked = [item for item in checklist["checklist"]["items"] if not item.get("shown_when")]
    pictured = next(item["key"] for item in asked if item.get("proof") == "photo")
    return str(acceptance), str(visit), system, [item["key"] for item in asked], pictured


@pytest.mark.requirement("ACC-01")
def test_two_inspectors_without_network(signed_in: Enter, live_portal: LivePortal) -> None:
    first = signed_in("inspector", viewport=PHONE, **HERE)
    acceptance, visit, system, items, pictured = a_visit(first, live_portal)
    address = f"/acceptances/{acceptance}"
    plain = next(key for key in items if key != pictured)
    take_along(first, system)

    assert first.evaluate("caches.match('/field/').then(Boolean)")

    first.context.set_offline(True)
    first.reload()
    expect(first.locator("#net")).to_contain_text("无网络")
    judge(first, pictured, "met", "设备安装牢固", picture("grey"))
    seal(first, pictured)
    first.evaluate(JUDGE_THE_REST)
    first.evaluate(ALTER_A_PHOTO, pictured)
    # The browser is closed and opened again, still without network: everything is there.
    first.goto("about:blank")
    first.goto(f"/field/#{visit}")
    expect(first.locator("#progress-text")).to_contain_text("已判定")
    assert first.locator(".field-item .status.idle").count() == 0
    sign(first, "unit", "周建国")
    sign(first, "inspector", "韩志远")
    assert first.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert_accessible(first)
    assert live_portal.sql("select count(*) from sealed_entry where visit_id = %s", visit) == [(0,)]

    first.context.set_offline(False)
    first.evaluate("document.activeElement.blur()")
    expect(first.locator("#waiting")).to_contain_text("已全部上传")
    rows = live_portal.sql("select body, fault from sealed_entry where visit_id = %s order by seq", visit)
    assert {fault for _, fault in rows} == {""}
    assert json.loads(rows[0][0])["position"] == {"lon": "114.3531200", "lat": "36.1000000", "accuracy_m": 12}
    assert live_portal.sql("select count(*) from visit_photo where visit_id = %s and altered", visit) == [(1,)]
    first.locator(f"#item-{pictured} summary").click()
    expect(first.locator(f"#item-{pictured} .photos")).to_contain_text("与封存值不符")

    second = signed_in("inspector2", viewport=WIDE, **HERE)
    take_along(second, system)
    judge(second, plain, "partly", "另一名检查人员看法不同")
    seal(second, plain)
    expect(second.locator(f"#item-{plain}")).to_contain_text("判定不一致")
    expect(second.locator("#waiting")).to_contain_text("已全部上传")
    others = [key for key in items if key not in (plain, pictured)]
    sign_out_with_unsent_work(second, live_portal, visit, others)
    take_along(second, system)
    sign(second, "inspector", "乔雪")
    expect(second.locator("#waiting")).to_contain_text("已全部上传")
    assert_accessible(second)
    second.goto(address)
    expect(second.locator("#opinion")).to_have_count(0)
    expect(second.locator("main")).to_contain_text("1项检查人员判定不一致")
    expect(second.locator("main")).to_contain_text("1张照片与封存值不符")
    assert_accessible(second)

    first.get_by_role("button", name="立即上传").click()
    expect(first.locator(f"#item-{plain}")).to_contain_text("判定不一致")
    judge(first, plain, "met", "双方复看后一致认为符合")
    first.locator(f"#item-{plain} [data-of=settle]").check()
    seal(first, plain)
    judge(first, pictured, "met", "设备安装牢固", picture("white"))
    seal(first, pictured)
    sign(first, "unit", "周建国")
    sign(first, "inspector", "韩志远")
    expect(first.locator("#waiting")).to_contain_text("已全部上传")
    conclude(first, address)
    expect(first.locator(".page-head")).to_contain_text("通过")
    record = first.request.get(f"{address}/inspection-record.pdf")
    assert record.body().startswith(b"%PDF-")

    # Handed in, nothing is left; in a device that somebody else signs in to, nothing either.
    first.goto(f"/field/#{visit}")
    first.get_by_role("button", name="交回并从本机清除").click()
    expect(first.locator("#home")).to_be_visible()
    assert first.evaluate(HELD) == 0
    assert second.evaluate(HELD) > 0
    second.context.clear_cookies()
    second.context.add_cookies(first.context.cookies())  # type: ignore[arg-type]
    second.goto("/field/")
    expect(second.locator("#who")).to_have_text("韩志远")
    assert second.evaluate(HELD) == 0
