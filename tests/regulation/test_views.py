"""The pages of the law, asked over HTTP."""

import re
from html import unescape
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient
from markupsafe import escape
from sqlalchemy.orm import Session

from portal.accounts.values import Role
from portal.registry.models import System
from portal.regulation.forms import link_arguments
from portal.regulation.loader import rulebook
from portal.regulation.schema.vocabulary import Regime
from portal.regulation.values import RuleContext
from tests.people import NOW, make_world, sign_in
from tests.regulation.contexts import TODAY, WENFENG


@pytest.fixture
def reader(client: FlaskClient, session: Session) -> FlaskClient:
    """Somebody who may read the rules: here a unit's filer."""
    world = make_world(session)
    who = world.person(Role.UNIT_FILER, unit_id=world.unit().id)
    session.flush()
    sign_in(client, world.login_of(who))
    return client


def page(client: FlaskClient, url: str, *, lang: str = "zh", status: int = 200) -> str:
    client.set_cookie("lang", "zh_Hans_CN" if lang == "zh" else "en")
    answer = client.get(url)
    assert answer.status_code == status
    return answer.get_data(as_text=True)


def ask(client: FlaskClient, *, status: int = 200, lang: str = "zh", **question: object) -> str:
    return page(client, "/rules/effective?" + urlencode(question, doseq=True), status=status, lang=lang)


def test_the_list_names_every_text(reader: FlaskClient) -> None:
    text = page(reader, "/rules")
    for profile in rulebook().profiles:
        assert f'href="/rules/{profile.key}"' in text
    assert "安阳市视频图像监控系统管理办法" in text


def test_the_list_says_what_was_in_force_on_a_day(reader: FlaskClient) -> None:
    assert "尚未施行" in page(reader, "/rules?on=2010-01-01")
    english = page(reader, "/rules?on=2010-01-01&level=nation", lang="en")
    assert "Not yet in force" in english
    assert 'href="/rules/anyang-2007"' not in english
    assert "Counter-Terrorism Law" in english


def test_every_text_has_its_page_in_both_languages(reader: FlaskClient) -> None:
    for profile in rulebook().profiles:
        assert profile.title.zh in page(reader, f"/rules/{profile.key}")
        assert str(escape(profile.title.en)) in page(reader, f"/rules/{profile.key}", lang="en")


def test_an_unknown_text_is_not_found(reader: FlaskClient) -> None:
    page(reader, "/rules/nothing-1999", status=404)


def test_what_holds_shows_value_source_and_what_was_overridden(reader: FlaskClient) -> None:
    text = ask(
        reader, on="2026-11-20", division=WENFENG, unit_type="college", regime="a7_2",
        house="petroleum-university", fact_counter_terror_target="yes",
    )  # fmt: skip
    assert "90 日" in text
    assert "第三十二条" in text
    assert "原为：30 日" in text
    assert "国务院令第799号" in text
    assert "第二十一条" in text
    assert rulebook().precedence[0].reason.zh in text


def test_what_holds_in_english(reader: FlaskClient) -> None:
    text = ask(reader, on="2026-11-20", division=WENFENG, regime="a7_2", fact_counter_terror_target="yes", lang="en")
    assert "90 days" in text
    assert "art. 32" in text
    assert "would say: 30 days" in text


def test_the_filing_deadline_shows_its_count(reader: FlaskClient) -> None:
    text = ask(reader, division=WENFENG, regime="a7_2", in_use_on="2026-10-09")
    assert "2026-11-08" in text
    assert "当日不计入" in text


def test_the_chain_of_a_request_is_shown_or_its_refusal(reader: FlaskClient) -> None:
    facts = {"fact_requester_kind": "police", "fact_act": "copy"}
    shown = ask(reader, division=WENFENG, regime="a7_2", house="mianyang-college", **facts)
    assert "分管安全校领导批准" in shown
    refused = ask(reader, division=WENFENG, regime="a7_2", fact_requester_kind="individual", fact_act="copy")
    assert "个人只能查阅" in refused


WRONG = [
    ({"on": "yesterday"}, "yesterday"),
    ({"division": "999999"}, "县（市、区）"),
    ({"regime": "a8"}, "法律地位"),
    ({"house": "nobody"}, "制度"),
    ({"fact_act": "steal"}, "行为"),
]


def test_a_wrong_question_is_told_at_its_field(reader: FlaskClient) -> None:
    for wrong, told in WRONG:
        text = ask(reader, status=422, **wrong)
        assert 'class="error-summary"' in text
        assert told in text


def test_a_wrong_day_on_the_list_is_told(reader: FlaskClient) -> None:
    assert "2026-02-31" in page(reader, "/rules?on=2026-02-31", status=422)


def test_the_regime_is_found_by_answering(reader: FlaskClient) -> None:
    assert "公共场所" in page(reader, "/rules/regime")
    asked = page(reader, "/rules/regime?public_place=yes&place=venues")
    assert 'name="public_place" value="yes"' in asked
    found = page(reader, "/rules/regime?public_place=yes&place=venues&responsible=yes")
    assert "/rules/effective?regime=a7_2" in found
    barred = page(reader, "/rules/regime?public_place=yes&place=venues&responsible=no")
    assert "不得安装" in barred


def test_the_rules_are_not_for_strangers(client: FlaskClient) -> None:
    assert client.get("/rules").status_code == 302


def test_a_link_asks_the_same_question_again(reader: FlaskClient) -> None:
    context = RuleContext(
        on=TODAY, division_code=WENFENG, unit_type="bank", regime=Regime.PUBLIC_UNIT, in_use_on=TODAY,
        house_profiles=("mianyang-college",), facts={"counter_terror_target": "yes", "construction": "existing"},
    )  # fmt: skip
    arguments = link_arguments(context)
    assert "fact_construction" not in arguments
    text = ask(reader, **arguments)
    assert "90 日" in text
    assert 'value="bank" selected' in text


def test_unit_and_system_pages_lead_to_what_holds_for_them(client: FlaskClient, session: Session) -> None:
    """The link carries the facts of the unit and the system, so the page answers for exactly that one."""
    world = make_world(session)
    unit = world.unit(unit_type="bank", category="telecom_post_finance", counter_terror_target=True)
    unit.house_profiles = ["mianyang-college"]
    who = world.person(Role.UNIT_FILER, unit_id=unit.id)
    system = System(
        unit_id=unit.id, organ_id=world.branches[WENFENG].id, district=WENFENG, name="营业厅系统", address="红旗路",
        kind="unit_internal", regime="a7_2", use_status="in_use", in_use_on=TODAY, created_at=NOW, updated_at=NOW,
    )  # fmt: skip
    session.add(system)
    session.flush()
    sign_in(client, world.login_of(who))
    for url in (f"/units/{unit.id}", f"/systems/{system.id}"):
        found = re.search(r'href="(/rules/effective[^"]+)"', page(client, url))
        assert found is not None, url
        text = page(client, unescape(found.group(1)))
        assert "90 日" in text
        assert "绵阳职院办法" in text
    assert "2026-12-20" in text  # filing due: 30 days after entering use today
