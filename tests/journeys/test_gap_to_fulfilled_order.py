"""A bureau leader goes from the gap to one place, orders it to install and closes the order by its filing; an owner sees
a use of its footage and complains past the branch."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.support.live import LivePortal

PLACE = "永明路加油站"


@pytest.mark.requirement("CAT-01", "REG-06")
def test_from_the_gap_to_a_fulfilled_order_and_from_a_use_to_a_complaint(
    signed_in: Callable[..., Page], live_portal: LivePortal
) -> None:
    leader = signed_in("leader")
    leader.goto("/mandates/gaps")
    row = leader.get_by_role("row").filter(has_text="大型能源水利设施")
    row.locator("a.gap.open").first.click()
    leader.get_by_role("link", name=PLACE).click()
    leader.get_by_role("link", name="责令安装", exact=True).click()
    expect(leader.get_by_text("安阳市办法第八条第（五）项")).to_be_visible()
    leader.get_by_role("button", name="制发责令通知书").click()
    expect(leader.get_by_text("尚未送达").first).to_be_visible()
    leader.get_by_label("送达方式").select_option("direct")
    leader.get_by_label("收件人").fill("站长周某")
    leader.get_by_role("button", name="登记送达").click()
    expect(leader.get_by_text("平台口径第二十一条")).to_be_visible()
    order = leader.url
    with leader.expect_download() as paper:
        leader.get_by_role("link", name="通知书（PDF）").click()
    assert paper.value.path().read_bytes().startswith(b"%PDF")

    # It files, and the registrar finds it to be that very unit.
    ((uscc, number),) = live_portal.sql(
        "select u.uscc, f.number from unit u join filing f on f.unit_id = u.id join system s on s.id = f.system_id "
        "where u.district = '410502' and u.unit_type <> 'police' and f.status = 'accepted' and s.use_status = 'in_use' "
        "order by u.name limit 1"
    )
    registrar = signed_in("registrar")
    registrar.goto("/mandates")
    registrar.get_by_label("关键词").fill(PLACE)
    registrar.get_by_role("button", name="筛选").click()
    registrar.get_by_role("link", name=PLACE).click()
    registrar.get_by_label("单位统一社会信用代码").fill(uscc)
    registrar.get_by_role("button", name="对应到该单位").click()
    expect(registrar.get_by_text("对应关系已确认")).to_be_visible()
    leader.goto(order)
    leader.get_by_role("button", name="登记完成").click()
    expect(leader.get_by_text("备案编号")).to_be_visible()
    assert live_portal.sql("select status, filing_number <> '' from install_order where addressee = %s", PLACE) == [
        ("fulfilled", True)
    ]
    assert number

    owner = signed_in("securityhead")
    owner.goto("/uses")
    expect(owner.get_by_text("历次调用均已载入登记")).to_be_visible()
    owner.get_by_role("link", name="的使用行为").first.click()
    owner.get_by_label("超出通知书范围调取、查看").check()
    owner.get_by_label("事实经过").fill("通知书写明一小时，实际拷贝三小时。")
    owner.get_by_role("button", name="提交投诉").click()
    expect(owner.get_by_text("被投诉的机关和人员不参与办理")).to_be_visible()
    expect(owner.get_by_text("待受理").first).to_be_visible()
    leader.goto(owner.url)
    expect(leader.get_by_role("heading", level=1)).not_to_contain_text("权诉")
    auditor = signed_in("auditor")
    auditor.goto(owner.url)
    auditor.get_by_role("button", name="受理").click()
    expect(auditor.get_by_text("调查处理中").first).to_be_visible()
