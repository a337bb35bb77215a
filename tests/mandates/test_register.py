"""CAT-01, CAT-02, CAT-03: the dictionary, the register with its sources and matches, the gap, orders, parts."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.accounts.values import OrganKind, Role, system_identity
from portal.core.errors import IllegalTransition, Invalid, NotAllowed, NotFound
from portal.mandates.models import InstallOrder, MandatedUnit, MandateMatch, MandateSource, PartCover
from portal.mandates.operations import entries, lists, orders
from portal.mandates.operations.dictionary import add_provision, end_provision
from portal.mandates.operations.parts import save_part
from portal.mandates.queries import register as queries
from portal.mandates.queries.dictionary import dictionary
from portal.mandates.queries.orders import OrderFilter, order_page
from portal.mandates.queries.parts import parts_of
from portal.mandates.rules.dictionary import categories_on, category_of_industry
from portal.mandates.rules.parts import Coverage
from portal.mandates.rules.sheet import Words, find_header, read_rows
from portal.mandates.states import Stage
from portal.mandates.values import EntryDraft, EscalationKind, Provision, ServiceMethod
from portal.registry.models import Filing, System, SystemZone, ZoneCamera
from portal.regulation.calendar import WorkCalendar
from tests.evidence.city import EvidenceCity
from tests.support.world import NOW

TODAY = date(2026, 11, 20)
KTV = EntryDraft(
    name="夜色歌厅",
    category="entertainment_hotels",
    district="410502",
    address="红旗路 8 号",
    unit_type="entertainment",
)


@pytest.fixture
def city(session: Session) -> EvidenceCity:
    return EvidenceCity(session)


@pytest.fixture
def police(city: EvidenceCity) -> dict[str, Any]:
    bureau = city.organ("安阳市公安局", OrganKind.POLICE_CITY, "410502", citywide=True)
    return {
        "registrar": city.person("registrar", Role.REGISTRAR, organ=city.bureau),
        "leader": city.person("bureauleader", Role.BUREAU_LEADER, organ=city.bureau),
        "far": city.person("farleader", Role.BUREAU_LEADER, organ=city.far_bureau),
        "admin": city.person("admin", Role.SYSTEM_ADMIN, organ=bureau),
    }


def filed(city: EvidenceCity, system: System, number: str = "410502-2026-000001") -> Filing:
    filing = Filing(
        system_id=system.id, unit_id=system.unit_id, district=system.district, organ_id=system.organ_id,
        kind="new", status="accepted", number=number, decided_at=NOW, created_at=NOW,
    )  # fmt: skip
    city.session.add(filing)
    city.session.flush()
    return filing


# ---- the dictionary ----


@pytest.mark.requirement("CAT-01")
def test_the_dictionary_has_the_eleven_categories_with_every_law_that_names_them() -> None:
    categories = categories_on(TODAY)
    eleven = [one for one in categories.values() if one.of_anyang]
    assert len(eleven) == 11
    assert list(categories.values())[:11] == eleven
    hotels = categories["entertainment_hotels"]
    assert [part.key for part in hotels.parts] == ["lobby", "entrances_and_exits", "main_passages"]
    assert {cited.instrument for cited in hotels.citations} == {
        "decree-799-2025", "henan-2016", "anyang-2007", "entertainment-venues-2020",
    }  # fmt: skip
    assert "hotel" in hotels.unit_types
    assert category_of_industry("9011", categories) == "entertainment_hotels"
    assert category_of_industry("9013", categories) == "buses_internet_cafes"
    assert category_of_industry("0111", categories) is None
    assert category_of_industry("5442", categories) is None  # a freight hub (GB/T 4754-2017) is no car park
    assert category_of_industry("6121", categories) == "hotels_garages"  # a budget chain has no stars
    assert category_of_industry("5413", categories) is None  # nor is a taxi a station
    assert "entertainment_hotels" not in categories_on(date(1999, 1, 1))


@pytest.mark.requirement("CAT-03")
def test_what_the_government_adds_holds_from_its_day_on_its_paper_and_takes_nothing_away(
    session: Session, city: EvidenceCity, police: dict[str, Any]
) -> None:
    added = Provision(
        key="entertainment_hotels", zh="娱乐场所与星级宾馆酒店", en="Entertainment venues and star hotels",
        parts=(("car_park", "停车场", "car park"),), basis_title="关于增加重点部位的通知", basis_number="安政办〔2026〕30号",
        valid_from=date(2026, 12, 1),
    )  # fmt: skip
    with pytest.raises(NotAllowed):
        add_provision(session, actor=police["registrar"], provision=added, stored_file_id=None, now=NOW)
    row = add_provision(session, actor=police["admin"], provision=added, stored_file_id=None, now=NOW)
    before, after = (dictionary(session, on=day)["entertainment_hotels"] for day in (TODAY, date(2026, 12, 1)))
    assert len(before.parts) == 3
    assert [part.key for part in after.parts] == ["lobby", "entrances_and_exits", "main_passages", "car_park"]
    assert after.provision is not None
    assert after.provision.basis_number == "安政办〔2026〕30号"
    assert after.citations == before.citations
    # A new category of its own, then a newer text of it: the older one ends the day the newer begins.
    camp = Provision(
        key="summer_camps", zh="夏令营", en="Summer camps", basis_title="通知", basis_number="1号", valid_from=TODAY
    )
    add_provision(session, actor=police["admin"], provision=camp, stored_file_id=None, now=NOW)
    newer = Provision(**{**camp.__dict__, "zh": "各类营地", "valid_from": date(2027, 1, 1)})
    add_provision(session, actor=police["admin"], provision=newer, stored_file_id=None, now=NOW)
    assert dictionary(session, on=date(2026, 12, 31))["summer_camps"].zh == "夏令营"
    assert dictionary(session, on=date(2027, 1, 1))["summer_camps"].zh == "各类营地"
    bare = Provision(**{**camp.__dict__, "basis_number": " "})
    with pytest.raises(Invalid, match="basis_needed"):
        add_provision(session, actor=police["admin"], provision=bare, stored_file_id=None, now=NOW)
    end_provision(
        session, actor=police["admin"], provision_id=row.id, last_day=date(2026, 12, 31), basis="废止通知", now=NOW
    )
    assert len(dictionary(session, on=date(2027, 1, 1))["entertainment_hotels"].parts) == 3


# ---- a source list ----


def test_who_has_no_district_takes_in_no_list_for_the_whole_city(
    session: Session, city: EvidenceCity, police: dict[str, Any]
) -> None:
    """A list without districts would be read as one for all of them."""
    registrar = police["registrar"]
    nowhere = replace(registrar, memberships=[replace(one, districts=frozenset()) for one in registrar.memberships])
    source = {"name": "名单", "origin": "文旅局", "dated_on": TODAY, "stored_file_id": None, "now": NOW}
    with pytest.raises(NotAllowed):
        lists.take_list(session, actor=nowhere, **source)


SHEET = [
    (1, ("市场主体名单（2026 年 10 月）", "", "", "", "", "")),
    (2, ("序号", "企业名称", "统一社会信用代码*", "住所", "行业代码", "所属区县")),
    (3, ("1", "安阳市金色年华歌厅", "91410500MA3X1A2B0", "文峰大道 1 号", "9011", "文峰区")),
    (4, ("2", "红旗宾馆(有限公司)", "", "红旗路 3 号", "H6110", "文峰区")),
    (5, ("3", "红旗宾馆（有限公司）", "", "红旗路 3 号", "6110", "文峰区")),
    (6, ("4", "面条铺", "", "某街", "6210", "文峰区")),
    (7, ("5", "林州大酒店", "", "林州", "6110", "林州市")),
    (8, ("6", "", "", "无名", "6110", "文峰区")),
    (9, ("7", "某地酒店", "", "外省", "6110", "郑州市")),
]


@pytest.mark.requirement("CAT-01")
def test_a_list_is_read_as_it_comes_and_every_fault_is_told_at_its_cell() -> None:
    header = find_header(SHEET)
    assert header is not None
    assert header.row == 2
    found = read_rows(SHEET, header, Words(categories_on(TODAY), frozenset({"410502"})))
    assert [(number, draft.name, draft.category) for number, draft in found.rows] == [
        (3, "安阳市金色年华歌厅", "entertainment_hotels"),
        (4, "红旗宾馆（有限公司）", "entertainment_hotels"),
    ]
    assert [(fault.row, fault.column, fault.code) for fault in found.faults] == [
        (3, "C", "list_bad_code"),
        (5, "", "twice_in_list"),
        (6, "E", "list_no_category"),
        (7, "F", "list_other_district"),
        (8, "B", "list_no_name"),
        (9, "F", "list_no_district"),
    ]
    assert found.read == 7


def loaded(session: Session, rows: list[EntryDraft]) -> MandateSource:
    from portal.mandates.values import ReadList

    source = MandateSource(name="名单", origin="市场监管局", dated_on=TODAY, created_at=NOW)
    session.add(source)
    session.flush()
    found = ReadList(rows=list(enumerate(rows, start=2)), faults=(), read=len(rows))
    lists.load_list(session, source, found, now=NOW)
    return source


@pytest.mark.requirement("CAT-01")
def test_units_are_suggested_by_code_and_by_name_nearby_and_a_person_decides(
    session: Session, city: EvidenceCity, police: dict[str, Any]
) -> None:
    same = city.unit("蓝天娱乐有限公司", unit_type="entertainment", uscc="91410502MA3X8T4C5D")
    near = city.unit("安阳市金色年华歌舞厅", unit_type="entertainment", position="SRID=4326;POINT(114.35 36.1)")
    city.unit("安阳市金色年华歌舞厅二店", unit_type="entertainment", position="SRID=4326;POINT(114.5 36.3)")
    place = {"district": "410502", "category": "entertainment_hotels"}
    rows = [
        EntryDraft(name="蓝天歌厅", uscc=same.uscc, **place),
        EntryDraft(name="金色年华歌舞厅", position=(114.351, 36.1), **place),
        EntryDraft(name="无名小店", **place),
    ]
    source = loaded(session, rows)
    assert (source.rows_new, source.rows_known) == (3, 0)
    assert loaded(session, rows).rows_known == 3
    lists.suggest_matches(session, source_id=source.id, now=NOW)
    found = session.scalars(select(MandateMatch)).all()
    assert {(match.unit_id, match.by_code) for match in found} == {(same.id, True), (near.id, False)}
    assert all(entry.unit_id is None for entry in session.scalars(select(MandatedUnit)))
    with pytest.raises(NotFound):
        entries.decide_match(session, actor=police["far"], match_id=found[0].id, confirmed=True, now=NOW)
    assert entries.confirm_equal_codes(session, actor=police["registrar"], limit=10, now=NOW) == 1
    by_name = next(match for match in found if not match.by_code)
    entries.decide_match(session, actor=police["registrar"], match_id=by_name.id, confirmed=True, now=NOW)
    session.expire_all()
    matched = {entry.name: entry for entry in session.scalars(select(MandatedUnit))}
    assert matched["蓝天歌厅"].matched_how == "code"
    assert (matched["金色年华歌舞厅"].unit_id, matched["金色年华歌舞厅"].matched_how) == (near.id, "name")
    assert matched["无名小店"].unit_id is None
    # A match that was wrong is undone, and not suggested once more.
    entries.undo_match(
        session, actor=police["registrar"], mandated_id=matched["金色年华歌舞厅"].id, reason="是分店", now=NOW
    )
    lists.suggest_matches(session, now=NOW)
    rows_now = queries.open_matches(session, police["registrar"], limit=10)[0]
    assert near.id not in {match.unit_id for match in rows_now}


def test_a_place_put_right_drops_what_was_suggested_for_it_and_takes_its_order_along(
    session: Session, city: EvidenceCity, police: dict[str, Any]
) -> None:
    other = city.unit("蓝天娱乐有限公司", unit_type="entertainment", uscc="91410502MA3X8T4C5D")
    coded = replace(KTV, uscc=other.uscc)
    entry = entries.add_entry(session, actor=police["registrar"], draft=coded, now=NOW)
    order = orders.issue_order(session, actor=police["registrar"], mandated_id=entry.id, demand="限期安装", now=NOW)
    lists.suggest_matches(session, mandated_id=entry.id, now=NOW)
    assert queries.open_matches(session, police["registrar"], limit=5)[1] == 1
    right = replace(KTV, district="410581")
    clerk = system_identity("tests")
    entries.edit_entry(session, actor=clerk, mandated_id=entry.id, seen_version=entry.version, draft=right, now=NOW)
    assert queries.open_matches(session, clerk, limit=5)[1] == 0
    assert entries.confirm_equal_codes(session, actor=police["registrar"], limit=5, now=NOW) == 0
    session.refresh(order)
    assert order.district == "410581"


@pytest.mark.requirement("CAT-01")
def test_the_gap_counts_each_place_once_where_it_stands(
    session: Session, city: EvidenceCity, police: dict[str, Any]
) -> None:
    hotel = city.unit("迎宾馆", unit_type="hotel")
    for name in ("甲", "乙"):
        entries.add_entry(
            session, actor=police["registrar"], draft=EntryDraft(**{**KTV.__dict__, "name": name}), now=NOW
        )
    entry = entries.add_entry(
        session, actor=police["registrar"], draft=EntryDraft(**{**KTV.__dict__, "name": "迎宾馆"}), now=NOW
    )
    key = ("410502", "entertainment_hotels")
    assert queries.gap_table(session, police["leader"]) == {key: queries.Cell(3, 3, 0)}
    assert queries.gap_table(session, police["far"]) == {}
    entry.unit_id, entry.matched_at, entry.matched_how = hotel.id, NOW, "person"
    system = city.system(hotel, city.bureau)
    system.use_status = "under_construction"
    session.flush()
    assert queries.gap_table(session, police["leader"])[key] == queries.Cell(3, 3, 0)
    for status, stage in (("trial", Stage.INSTALLED), ("dismantled", Stage.IDENTIFIED), ("in_use", Stage.INSTALLED)):
        session.execute(update(System).where(System.id == system.id).values(use_status=status))
        assert queries.stage_of(session, entry.id) == stage
    assert queries.gap_table(session, police["leader"])[key] == queries.Cell(3, 2, 1)
    filed(city, system)
    assert queries.stage_of(session, entry.id) == Stage.FILED
    wanted = queries.EntryFilter(missing=True, district="410502", category="entertainment_hotels")
    listed = queries.entry_page(session, police["leader"], wanted)
    assert {row.entry.name for row in listed.items} == {"甲", "乙"}
    tally = queries.entry_tally(session, police["leader"], wanted)
    assert (tally[Stage.IDENTIFIED], tally[Stage.FILED]) == (2, 1)


# ---- orders ----


def ordered(session: Session, city: EvidenceCity, police: dict[str, Any]) -> tuple[MandatedUnit, InstallOrder]:
    unit = city.unit("夜色歌厅", unit_type="entertainment")
    entry = entries.add_entry(session, actor=police["registrar"], draft=KTV, now=NOW)
    entry.unit_id, entry.matched_at, entry.matched_how = unit.id, NOW, "person"
    session.flush()
    order = orders.issue_order(
        session, actor=police["leader"], mandated_id=entry.id, demand="限期安装", parts=["lobby"], now=NOW
    )
    return entry, order


@pytest.mark.requirement("CAT-01")
def test_an_order_cites_its_basis_runs_from_service_and_is_fulfilled_by_a_filing_alone(
    session: Session, city: EvidenceCity, police: dict[str, Any]
) -> None:
    entry, order = ordered(session, city, police)
    owner = city.person("ktvhead", Role.UNIT_SECURITY_HEAD, unit=session.get(type(city.college), entry.unit_id))
    assert queries.stage_of(session, entry.id) == Stage.ORDERED
    assert ["anyang-2007", "8 i10"] in order.basis
    assert order.due_on is None
    with pytest.raises(Invalid, match="order_open"):
        orders.issue_order(session, actor=police["leader"], mandated_id=entry.id, demand="再责令", now=NOW)
    orders.serve_order(
        session, actor=police["leader"], order_id=order.id, seen_version=order.version, served_on=TODAY,
        how=ServiceMethod.DIRECT, to="经理李某", calendar=WorkCalendar(), now=NOW,
    )  # fmt: skip
    # Sixty days of the portal's practice from the day of service; the working stands beside it.
    assert order.due_on == TODAY + timedelta(days=60)
    assert order.due_why is not None
    assert order.due_why["citations"] == [["portal-practice", "21"]]
    assert [one.id for one in order_page(session, owner, OrderFilter()).items] == [order.id]
    orders.reply_to_order(session, actor=owner, order_id=order.id, text="已签合同，下月施工", now=NOW)
    session.flush()
    with pytest.raises(IllegalTransition, match="order_not_overdue"):
        orders.escalate_order(
            session, actor=police["leader"], order_id=order.id, seen_version=order.version,
            to=EscalationKind.INTERVIEW, reason="未安装", now=NOW,
        )  # fmt: skip
    with pytest.raises(IllegalTransition, match="order_not_obeyed"):
        orders.fulfil_order(session, actor=police["leader"], order_id=order.id, now=NOW)
    late = NOW + timedelta(days=61)
    assert order_page(session, owner, OrderFilter(overdue_on=late.date())).items[0].id == order.id
    orders.escalate_order(
        session, actor=police["leader"], order_id=order.id, seen_version=order.version,
        to=EscalationKind.PENALTY_CASE, reason="逾期未安装", now=late,
    )  # fmt: skip
    assert queries.stage_of(session, entry.id) == Stage.ESCALATED
    unit = session.get(type(city.college), entry.unit_id)
    assert unit is not None
    system = city.system(unit, city.bureau)
    filed(city, system)
    # A paper about a system that is still to be built proves nothing.
    standing, system.use_status = system.use_status, "planned"
    session.flush()
    assert orders.settle_orders(session, actor=police["leader"], now=late) == 0
    system.use_status = standing
    session.flush()
    assert orders.settle_orders(session, actor=police["leader"], now=late) == 1
    assert (order.status, order.filing_number) == ("fulfilled", "410502-2026-000001")
    assert queries.stage_of(session, entry.id) == Stage.FILED
    with pytest.raises(IllegalTransition, match="nothing_to_order"):
        orders.issue_order(session, actor=police["leader"], mandated_id=entry.id, demand="再责令", now=late)


def test_orders_are_numbered_without_gap_and_kept_from_other_districts(
    session: Session, city: EvidenceCity, police: dict[str, Any]
) -> None:
    entry, first = ordered(session, city, police)
    orders.withdraw_order(
        session, actor=police["leader"], order_id=first.id, seen_version=first.version, reason="误发", now=NOW
    )
    second = orders.issue_order(session, actor=police["leader"], mandated_id=entry.id, demand="责令", now=NOW)
    assert [one.number for one in (first, second)] == ["安公文峰责装〔2026〕1号", "安公文峰责装〔2026〕2号"]
    with pytest.raises(NotFound):
        orders.issue_order(session, actor=police["far"], mandated_id=entry.id, demand="越区", now=NOW)
    with pytest.raises(IllegalTransition, match="strike_under_order"):
        entries.strike_entry(
            session, actor=police["registrar"], mandated_id=entry.id, seen_version=entry.version, reason="停业", now=NOW
        )


# ---- parts ----


@pytest.mark.requirement("CAT-02")
def test_each_important_part_is_covered_by_a_working_camera_or_flagged(
    session: Session, city: EvidenceCity, police: dict[str, Any]
) -> None:
    unit = city.unit("夜色歌厅", unit_type="entertainment")
    entry = entries.add_entry(session, actor=police["registrar"], draft=KTV, now=NOW)
    with pytest.raises(IllegalTransition, match="part_without_unit"):
        save_part(session, actor=police["registrar"], mandated_id=entry.id, part="lobby", camera_ids=[], now=NOW)
    entry.unit_id, entry.matched_at, entry.matched_how = unit.id, NOW, "person"
    system = city.system(unit, city.bureau)
    lobby, gate = city.camera(system, "大堂", zone="hall"), city.camera(system, "大门", zone="gate")
    owner = city.person("ktvowner", Role.UNIT_SECURITY_HEAD, unit=unit)

    def found() -> dict[str, Coverage]:
        return {check.part.key: check.coverage for check in parts_of(session, entry, on=TODAY)}

    # Cameras of the right zone are a hint, not yet a word of anybody.
    assert found() == {
        "lobby": Coverage.SUGGESTED,
        "entrances_and_exits": Coverage.SUGGESTED,
        "main_passages": Coverage.UNCOVERED,
    }
    # The coverage matrix counts, not the principal zone alone: the lobby's camera sees the corridor, too.
    place = {"unit_id": unit.id, "district": system.district}
    corridor = SystemZone(system_id=system.id, key="corridor", name="走廊", created_at=NOW, updated_at=NOW, **place)
    session.add(corridor)
    session.flush()
    session.add(ZoneCamera(zone_id=corridor.id, camera_id=lobby.id, **place))
    session.flush()
    assert found()["main_passages"] == Coverage.SUGGESTED
    save_part(session, actor=owner, mandated_id=entry.id, part="lobby", camera_ids=[lobby.id], now=NOW)
    save_part(session, actor=owner, mandated_id=entry.id, part="entrances_and_exits", camera_ids=[gate.id], now=NOW)
    save_part(
        session, actor=police["registrar"], mandated_id=entry.id, part="main_passages", camera_ids=[],
        absent_reason="仅一间大厅", now=NOW,
    )  # fmt: skip
    assert set(found().values()) == {Coverage.COVERED, Coverage.ABSENT}
    lobby.status = "repair"
    session.flush()
    assert found()["lobby"] == Coverage.DOWN
    with pytest.raises(Invalid, match="camera_of_another"):
        save_part(session, actor=owner, mandated_id=entry.id, part="lobby", camera_ids=[city.gate.id], now=NOW)
    with pytest.raises(Invalid, match="part_unknown"):
        save_part(session, actor=owner, mandated_id=entry.id, part="roof", camera_ids=[], now=NOW)
    with pytest.raises(NotFound):
        save_part(session, actor=city.school_head, mandated_id=entry.id, part="lobby", camera_ids=[], now=NOW)
    # It was another unit after all: what was said of its cameras says nothing of the place.
    entries.undo_match(session, actor=police["registrar"], mandated_id=entry.id, reason="认错", now=NOW)
    assert session.scalars(select(PartCover)).all() == []
