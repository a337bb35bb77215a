"""Those who must install and have not: the register with its source, the dictionary, orders in every state, parts."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from portal.core.clock import city_day
from portal.core.geometry import lonlat
from portal.demo.codes import credit_code
from portal.demo.stage import Stage
from portal.demo.timeline import Story
from portal.mandates.models import MandatedUnit, MandateSource
from portal.mandates.operations import entries, lists, orders, parts
from portal.mandates.operations.dictionary import add_provision, end_provision
from portal.mandates.queries.dictionary import dictionary
from portal.mandates.rules.dictionary import category_of_kind
from portal.mandates.values import (
    EntryDraft,
    EscalationKind,
    Provision,
    ReadList,
    RowFault,
    ServiceMethod,
)
from portal.registry.models import Camera, Filing, Unit
from portal.registry.states import FilingStatus

_BEGUN = 400
# Places that a business register knows and the portal does not; numbers beyond every invented unit's.
_UNKNOWN = (
    ("金海岸歌舞厅", "410502", "entertainment_hotels", "entertainment"),
    ("星光大道量贩式歌厅", "410502", "entertainment_hotels", "entertainment"),
    ("文峰塔快捷酒店", "410502", "entertainment_hotels", "hotel"),
    ("老城根客栈", "410502", "entertainment_hotels", "hotel"),
    ("相州宾馆", "410502", "entertainment_hotels", "hotel"),
    ("高新区口腔医院", "410502", "education_research_medical", "hospital"),
    ("启明星幼儿园", "410502", "education_research_medical", "kindergarten"),
    ("永明路加油站", "410502", "energy_utilities", "fuel"),
    ("宏达烟花爆竹批发部", "410502", "dangerous_goods_pathogens", "other"),
    ("夜上海歌城", "410503", "entertainment_hotels", "entertainment"),
    ("灯塔路民办小学", "410503", "education_research_medical", "school"),
    ("洹滨物流仓储中心", "410503", "depots_malls", "depot"),
    ("红旗渠山庄", "410581", "entertainment_hotels", "hotel"),
)
_FIRST_NUMBER = 900_000
_DEMAND = "在大堂、出入口、主要通道等重要部位安装视频图像信息系统，投入使用后依法备案并申请检查验收。"


def stories(stage: Stage) -> list[Story]:
    """Everything of this feature; the register comes first."""
    return [
        _register(stage),
        _dictionary(stage),
        *_orders(stage),
        _fulfilled(stage),
        _parts(stage),
    ]


# ---- the register ----


def _register(stage: Stage) -> Story:
    yield (now := stage.ago(_BEGUN, 9, 0))
    session = stage.session
    rows = [*_known_rows(session, city_day(now)), *_unknown_rows()]
    source = MandateSource(
        name="市场主体登记名单（应装行业）", origin="安阳市市场监督管理局", dated_on=city_day(now), taken_by_name="城市备案专员",
        created_at=now,
    )  # fmt: skip
    session.add(source)
    session.flush()
    faults = (
        RowFault(row=len(rows) + 2, code="list_no_category", column="E", text="5190"),
        RowFault(row=len(rows) + 3, code="list_no_district", column="D", text="郑州市金水区"),
        RowFault(row=len(rows) + 4, code="list_bad_code", column="B", text="9141050000000000X"),
    )
    found = ReadList(rows=list(enumerate(rows, start=2)), faults=faults, read=len(rows) + len(faults))
    lists.load_list(session, source, found, now=now)
    lists.suggest_matches(session, source_id=source.id, now=now)
    _confirm(session, now)
    yield (now := stage.ago(60, 14, 0))
    for name, status, failure in (
        ("星级饭店名录", "done", None),
        ("歌舞娱乐场所许可名单（扫描件）", "failed", "list_no_header"),
    ):
        district = MandateSource(
            name=name, origin="文峰区文化广电体育旅游局", dated_on=city_day(now), districts=["410502"], status=status,
            failure=failure, taken_by_name=stage.who("registrar", now).name, created_at=now, finished_at=now,
        )  # fmt: skip
        session.add(district)
        session.flush()
        if status == "done":
            hotel = EntryDraft(
                name="洹水湾温泉酒店", category="entertainment_hotels", district="410502", address="文明大道与德隆街交叉口", unit_type="hotel"
            )  # fmt: skip
            fault = RowFault(row=3, code="list_other_district", column="C", text="北关区")
            lists.load_list(session, district, ReadList(rows=[(2, hotel)], faults=(fault,), read=2), now=now)


def _known_rows(session: Session, on: date) -> list[EntryDraft]:
    """What the register of businesses says of units that the portal knows, too."""
    categories = dictionary(session, on=on)
    units = session.execute(
        select(Unit.name, Unit.uscc, Unit.address, Unit.district, Unit.category, Unit.unit_type, Unit.position)
        .where(Unit.unit_type != "police")
        .order_by(Unit.id)
    )
    rows = []
    for name, uscc, address, district, category, unit_type, position in units:
        key = category if category in categories else category_of_kind(unit_type, categories)
        if key is not None:
            place = lonlat(position) if position is not None else None
            rows.append(
                EntryDraft(
                    name=name, uscc=uscc, address=address, district=district, category=key, unit_type=unit_type, position=place
                )
            )  # fmt: skip
    return rows


def _unknown_rows() -> list[EntryDraft]:
    return [
        EntryDraft(
            name=name, uscc=credit_code("91", district, _FIRST_NUMBER + i), address="以登记机关登记的住所为准", district=district,
            category=category, unit_type=kind,
        )
        for i, (name, district, category, kind) in enumerate(_UNKNOWN)
    ]  # fmt: skip


def _confirm(session: Session, now: datetime) -> None:
    """A clerk has confirmed nearly all of the same code; a few still wait. In bulk: one by one would take the load long."""
    session.execute(
        text(
            "update mandated_unit m set unit_id = k.unit_id, matched_how = 'code', matched_by_name = :who, matched_at = :now "
            "from mandate_match k where k.mandated_id = m.id and k.by_code and hashtext(m.uscc) % 12 <> 0"
        ),
        {"who": "城市备案专员", "now": now},
    )
    session.execute(
        text(
            "update mandate_match k set status = case when m.unit_id = k.unit_id then 'confirmed' else 'dismissed' end, "
            "decided_by_name = :who, decided_at = :now from mandated_unit m where m.id = k.mandated_id and m.unit_id is not null"
        ),
        {"who": "城市备案专员", "now": now},
    )


def _dictionary(stage: Stage) -> Story:
    """A paper of the city government in force, one that has ended, one to come."""
    yield (now := stage.ago(390, 15, 0))
    admin, today = stage.who("sysadmin", now), stage.today
    school = Provision(
        key="education_research_medical", zh="教育、科研、医疗单位和大型文化体育场所",
        en="Education, research, medical units; large culture and sports venues",
        parts=(("entrances_and_exits", "出入口", "entrances and exits"), ("main_passages", "主要通道", "main passages"),
               ("dangerous_goods_store", "危险品储存室", "dangerous-goods store")),
        basis_title="关于明确学校、医院技术防范重点部位的通知", basis_number="安政办〔2025〕41号", basis_article="第三条",
        valid_from=today - timedelta(days=380),
    )  # fmt: skip
    market = Provision(
        key="livestock_markets", zh="活禽交易市场", en="Live-poultry markets", unit_types=(), industries=("5124",),
        basis_title="关于加强活禽交易场所防范工作的通知", basis_number="安政办〔2025〕9号", valid_from=today - timedelta(days=600),
    )  # fmt: skip
    camps = Provision(
        key="campsites", zh="露营基地", en="Campsites", unit_types=(), industries=("6140",),
        basis_title="关于将露营基地纳入应当安装范围的决定", basis_number="安政〔2026〕18号", valid_from=today + timedelta(days=42),
    )  # fmt: skip
    for provision in (school, market, camps):
        row = add_provision(stage.session, actor=admin, provision=provision, stored_file_id=None, now=now)
        if provision is market:
            ended = today - timedelta(days=120)
            end_provision(
                stage.session,
                actor=admin,
                provision_id=row.id,
                last_day=ended,
                basis="安政办〔2025〕9号已废止",
                now=now,
            )


# ---- orders ----


def _entry(stage: Stage, name: str) -> MandatedUnit:
    return stage.session.scalars(select(MandatedUnit).where(MandatedUnit.name == name)).one()


def _orders(stage: Stage) -> Sequence[Story]:
    """One order in each state; the days it has stood in it."""
    return [
        _order(stage, "相州宾馆", 2),
        _order(stage, "高新区口腔医院", 20, served=18),
        _order(stage, "启明星幼儿园", 40, served=38, reply="已与施工单位签订合同，计划本月底完成安装并申请备案。"),
        _order(stage, "文峰塔快捷酒店", 90, served=88),
        _order(stage, "金海岸歌舞厅", 130, served=128, reply="经营困难，请求延期。", escalated=20),
        _order(stage, "老城根客栈", 60, withdrawn="核查发现该店已注销营业执照。"),
    ]


def _order(
    stage: Stage, name: str, days: int, *, served: int = 0, reply: str = "", escalated: int = 0, withdrawn: str = ""
) -> Story:
    session = stage.session
    yield (now := stage.ago(days, 10, 0))
    leader = stage.who("leader", now)
    order = orders.issue_order(session, actor=leader, mandated_id=_entry(stage, name).id, demand=_DEMAND, now=now)
    if withdrawn:
        yield (now := stage.ago(days - 3, 10, 0))
        orders.withdraw_order(
            session, actor=leader, order_id=order.id, seen_version=order.version, reason=withdrawn, now=now
        )
        yield (now := stage.ago(days - 4, 10, 0))
        entry = _entry(stage, name)
        registrar = stage.who("registrar", now)
        entries.strike_entry(
            session, actor=registrar, mandated_id=entry.id, seen_version=entry.version, reason=withdrawn, now=now
        )
    if served:
        yield (now := stage.ago(served, 16, 0))
        orders.serve_order(
            session, actor=leader, order_id=order.id, seen_version=order.version, served_on=city_day(now),
            how=ServiceMethod.DIRECT, to="经营负责人", calendar=stage.calendar, now=now,
        )  # fmt: skip
    if reply:
        yield (now := stage.ago(served - 10, 11, 0))
        # Not a unit of the portal yet: its letter came by post and is entered for it.
        session.execute(
            update(type(order)).where(type(order).id == order.id).values(reply=reply, replied_at=now, status="replied", version=order.version + 1)
        )  # fmt: skip
        session.refresh(order)
    if escalated:
        yield (now := stage.ago(escalated, 9, 0))
        orders.escalate_order(
            session, actor=leader, order_id=order.id, seen_version=order.version, to=EscalationKind.PENALTY_CASE,
            reason="逾期仍未安装，两次电话督促无果。", now=now,
        )  # fmt: skip


def _fulfilled(stage: Stage) -> Story:
    """Ordered as a place nobody knew; it turned out to be a unit that has filed."""
    yield (now := stage.ago(200, 10, 0))
    session, entry = stage.session, _entry(stage, "星光大道量贩式歌厅")
    leader = stage.who("leader", now)
    order = orders.issue_order(session, actor=leader, mandated_id=entry.id, demand=_DEMAND, now=now)
    yield (now := stage.ago(198, 10, 0))
    orders.serve_order(
        session, actor=leader, order_id=order.id, seen_version=order.version, served_on=city_day(now),
        how=ServiceMethod.PORTAL, to="经营负责人", calendar=stage.calendar, now=now,
    )  # fmt: skip
    yield (now := stage.ago(150, 9, 0))
    filed = select(Filing.unit_id).where(Filing.status == FilingStatus.ACCEPTED, Filing.district == "410502")
    own = select(Unit.uscc).where(Unit.id.in_(filed), Unit.unit_type != "police", Unit.uscc.is_not(None))
    uscc = session.scalar(own.order_by(Unit.name).limit(1))
    if uscc is not None:
        registrar = stage.who("registrar", now)
        entries.match_by_code(session, actor=registrar, mandated_id=entry.id, uscc=uscc, now=now)
        orders.fulfil_order(session, actor=leader, order_id=order.id, now=now)


def _of_unit(stage: Stage, unit_id: UUID) -> MandatedUnit:
    """The entry of a model unit, matched whatever the draw of the others."""
    unit = stage.session.get_one(Unit, unit_id)
    entry = stage.session.scalars(select(MandatedUnit).where(MandatedUnit.uscc == unit.uscc)).one()
    if entry.unit_id is None:
        entry.unit_id, entry.matched_how, entry.matched_by_name = unit.id, "code", "城市备案专员"
        entry.matched_at = entry.created_at
        stage.session.flush()
    return entry


def _parts(stage: Stage) -> Story:
    """The hotel has named the cameras of its lobby; its passages nobody has."""
    yield (now := stage.ago(25, 10, 0))
    entry = _of_unit(stage, stage.units["hotel"])
    hall = stage.session.scalars(
        select(Camera.id).where(Camera.unit_id == entry.unit_id, Camera.zone == "hall", ~Camera.secret).limit(3)
    ).all()
    owner = stage.who("hotelhead", now)
    named: dict[str, Any] = {"mandated_id": entry.id, "actor": owner, "now": now}
    if hall:
        parts.save_part(stage.session, part="lobby", camera_ids=hall, **named)
