"""The archives of the model units' systems: sites, parties in turn, firms well and badly qualified, technicians,
compliance, connections in every state, a plan half fulfilled, papers of every level."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from portal.accounts.values import Identity, Role
from portal.core.errors import NotFound
from portal.demo.codes import credit_code
from portal.demo.stage import Stage
from portal.demo.timeline import Story
from portal.registry.models import Camera, SystemConnection
from portal.registry.operations import compliance, connections, contractors, engagements, parties, plans, sites
from portal.registry.operations.documents import open_document, verify_document
from portal.registry.states import ConnectionAction
from portal.registry.values import PartyRole
from portal.registry.values.archive import (
    CertificateKind,
    CertificateParticulars,
    ComplianceParticulars,
    ConnectionParticulars,
    ContactParticulars,
    ContractorKind,
    ContractorParticulars,
    DispatchMeans,
    EngagementParticulars,
    MlpsLevel,
    PartyParticulars,
    PlanParticulars,
    PlanStatus,
    QualificationParticulars,
    SiteKind,
    SiteParticulars,
    Standard,
    TargetPlatform,
    TechnicianParticulars,
    TechnicianRole,
)
from portal.vault.values import Secrecy

DESIGN, BUILD, WATCH, KEEP = (
    ContractorKind.DESIGN,
    ContractorKind.CONSTRUCTION,
    ContractorKind.SUPERVISION,
    ContractorKind.MAINTENANCE,
)
# A firm, its kinds of work, and for each certificate the days from and until today; None: without end.
_FIRMS: tuple[tuple[str, str, tuple[tuple[ContractorKind, str, int, int | None], ...]], ...] = (
    ("design", "河南省建安设计研究院有限公司", ((DESIGN, "甲级", 1500, 600),)),
    ("build", "河南安视智能科技有限公司", ((BUILD, "壹级", 1400, -60), (KEEP, "壹级", 1400, 21))),
    ("watch", "安阳正信工程监理有限公司", ((WATCH, "乙级", 1200, None),)),
    ("lapsed", "洹河安防技术有限公司", ((KEEP, "贰级", 1300, -35),)),
    ("bare", "豫北系统集成有限公司", ()),
)
_STEPS = {
    "bank_branch": (),
    "university_campus": (ConnectionAction.CONSENT,),
    "centre_building": (ConnectionAction.CONSENT, ConnectionAction.APPROVE),
    "school_campus": (ConnectionAction.CONSENT, ConnectionAction.APPROVE, ConnectionAction.CONNECT),
    "hospital_main": (
        *(ConnectionAction.CONSENT, ConnectionAction.APPROVE, ConnectionAction.CONNECT, ConnectionAction.SUSPEND),
    ),
    "mall_main": (ConnectionAction.REFUSE,),
    "college_campus": (ConnectionAction.CONSENT, ConnectionAction.APPROVE, ConnectionAction.END),
}
_OF_THE_UNIT = frozenset({ConnectionAction.CONSENT, ConnectionAction.REFUSE, ConnectionAction.END})
_WHY = {
    ConnectionAction.SUSPEND: "传输线路改造，暂停接入",
    ConnectionAction.REFUSE: "内部经营区域画面暂不接入",
    ConnectionAction.END: "单位撤回同意",
}


def stories(stage: Stage) -> list[Story]:
    """The archives, filled over the last months."""
    return [_sites(stage), _school(stage), _firms(stage), *(_connection(stage, key) for key in _STEPS)]


def _filer(stage: Stage, unit: str, now: datetime, role: Role = Role.UNIT_FILER) -> Identity:
    return stage.who(stage.cast.holder(unit, role).login, now)


def _registrar(stage: Stage, unit: str, now: datetime) -> Identity:
    return stage.who(stage.cast.officer(Role.REGISTRAR, stage.plans[unit].place.district).login, now)


def _sites(stage: Stage) -> Story:
    """Before the systems are entered, which name them."""
    yield (now := stage.ago(398, 9, 10))
    for unit, name, kind, systems in (
        ("school", "本部", SiteKind.MAIN, ("school_campus", "school_gate")),
        ("school", "东校区", SiteKind.CAMPUS, ("school_dormitory",)),
        ("hospital", "南院区", SiteKind.CAMPUS, ("hospital_main", "hospital_emergency")),
        ("hospital", "康复分院", SiteKind.BRANCH, ()),
    ):
        place = stage.plans[unit].place
        at = SiteParticulars(name=name, kind=kind, district=place.district, address=place.address)
        unit_id = stage.units[unit]
        made = sites.save_site(stage.session, actor=_filer(stage, unit, now), unit_id=unit_id, particulars=at, now=now)
        stage.sites |= dict.fromkeys(systems, made.id)


def _school(stage: Stage) -> Story:
    """One archive in full: who managed it in turn, whom to ring, its compliance, its plan, its papers."""
    key, unit = "school_campus", "school"
    yield (now := stage.ago(210, 10, 5))
    filer = _filer(stage, unit, now)
    _party(stage, key, filer, name="安阳安居物业服务有限公司", start=stage.ago(200).date(), now=now)
    _contacts(stage, key, filer, now)
    yield (now := stage.ago(120, 9, 40))
    _state(stage, key, filer, level=MlpsLevel.TWO, evaluated=340, until=-25, now=now)
    _state(
        stage, "hospital_main", _filer(stage, "hospital", now), level=MlpsLevel.THREE, evaluated=420, until=55, now=now
    )
    _state(stage, "bank_branch", _filer(stage, "bank", now), level=MlpsLevel.THREE, evaluated=130, until=-235, now=now)
    for product, kind, until in (
        ("网络高清摄像机", CertificateKind.CCC, -500),
        ("网络视频录像机", CertificateKind.GA, 12),
        ("出入口控制设备", CertificateKind.TYPE_TEST, -14),
    ):
        _certificate(stage, key, filer, product=product, kind=kind, until=until, now=now)
    yield (now := stage.ago(95, 15, 20))
    _plan(stage, unit, key, filer, now)
    yield (now := stage.ago(80, 9, 25))
    _papers(stage, unit, key, now)
    yield (now := stage.ago(12, 16, 30))
    mall = _filer(stage, "mall", now)
    _party(stage, "mall_main", mall, name="洹上商业管理有限公司", start=now.date(), now=now, days=9)


def _party(stage: Stage, key: str, actor: Identity, *, name: str, start: date, now: datetime, days: int = 0) -> None:
    """Who manages a system from a day on; with `days`, no longer than that, and nobody follows."""
    end = start + timedelta(days=days) if days else None
    given = PartyParticulars(name=name, responsible="韩志远", valid_from=start, valid_to=end)
    parties.add_party(
        stage.session, actor=actor, system_id=stage.systems[key], role=PartyRole.MANAGER, particulars=given,
        reason="物业服务合同变更", now=now,
    )  # fmt: skip


def _contacts(stage: Stage, key: str, actor: Identity, now: datetime) -> None:
    given = [
        ContactParticulars(name="监控室", post="值班岗", phone="03725912300", round_the_clock=True),
        ContactParticulars(name="陈立新", post="保卫科长", phone="13903720156"),
    ]
    parties.set_contacts(stage.session, actor=actor, system_id=stage.systems[key], contacts=given, now=now)


def _state(
    stage: Stage, key: str, actor: Identity, *, level: MlpsLevel, evaluated: int, until: int, now: datetime
) -> None:
    """Graded protection, evaluated so many days ago and good until so many days ago."""
    stated = ComplianceParticulars(
        mlps_level=level,
        mlps_number=f"41050{int(level)}43001-{20240 + evaluated:05d}",
        mlps_filed_on=stage.ago(evaluated + 30).date(),
        mlps_evaluator="河南金盾信息安全等级技术测评中心",
        mlps_evaluated_on=stage.ago(evaluated).date(),
        mlps_evaluation_to=stage.ago(until).date(),
        standards=(Standard.GB_50348, Standard.GB_37300, Standard.GB_28181_2022, Standard.GB_22239),
    )
    compliance.state_compliance(
        stage.session, actor=actor, system_id=stage.systems[key], seen_version=0, particulars=stated, now=now
    )


def _certificate(
    stage: Stage, key: str, actor: Identity, *, product: str, kind: CertificateKind, until: int, now: datetime
) -> None:
    given = CertificateParticulars(
        kind=kind,
        product=product,
        model="AS-2400",
        maker="安视科技",
        number=f"20240{until % 1000:03d}",
        valid_from=stage.ago(900).date(),
        valid_to=stage.ago(until).date(),
    )
    system_id = stage.systems[key]
    compliance.save_certificate(stage.session, actor=actor, system_id=system_id, particulars=given, now=now)


def _plan(stage: Stage, unit: str, key: str, actor: Identity, now: datetime) -> None:
    """Built, more than planned, partly, overdue, not begun, given up; the other cameras nobody planned."""
    free = list(
        stage.session.scalars(select(Camera.id).where(Camera.system_id == stage.systems[key]).order_by(Camera.name))
    )
    for place, count, built, due, status in (
        ("校门及周界", 6, 6, 60, PlanStatus.BUILDING),
        ("教学楼走廊", 8, 9, 60, PlanStatus.BUILDING),
        ("食堂后厨及就餐区", 5, 2, -40, PlanStatus.BUILDING),
        ("实验室危险品库", 4, 1, 20, PlanStatus.PLANNED),
        ("东校区运动场", 6, 0, -120, PlanStatus.PLANNED),
        ("旧礼堂", 2, 0, 30, PlanStatus.DROPPED),
    ):
        wanted = PlanParticulars(
            place=place,
            count=count,
            phase="2026年校园技防补充建设",
            due_on=stage.ago(due).date(),
            status=status,
            site_id=stage.sites.get("school_dormitory" if "东校区" in place else key),
        )
        common: dict[str, Any] = {"actor": actor, "unit_id": stage.units[unit], "now": now}
        item = plans.save_plan_item(stage.session, particulars=wanted, **common)
        chosen, free = free[:built], free[built:]
        plans.match_cameras(stage.session, item_id=item.id, camera_ids=chosen, **common)


def _papers(stage: Stage, unit: str, key: str, now: datetime) -> None:
    """Papers of every level, one about to expire, one expired; opened, and refused to who may not."""
    filer, head = (stage.cast.holder(unit, role).login for role in (Role.UNIT_FILER, Role.UNIT_SECURITY_HEAD))
    rooms = {"place": "保卫处档案室3号柜"}
    stage.attach(key, filer, ("duty_rules", "training_record"), now=now, secrecy=Secrecy.OPEN, **rooms)
    drawings = stage.attach(key, filer, ("formal_design", "as_built"), now=now, secrecy=Secrecy.SENSITIVE, **rooms)
    secret = stage.attach(key, head, ("coverage_plan",), now=now, secrecy=Secrecy.SECRET, place="保密柜")
    stage.attach(key, filer, ("test_report",), now=now, expires_on=stage.ago(-18).date(), **rooms)
    stage.attach(key, filer, ("confidentiality",), now=now, expires_on=stage.ago(6).date(), **rooms)
    stage.attach(key, filer, ("trial_run_report", "equipment_list"), now=now, **rooms)
    registrar, later = _registrar(stage, unit, now), now + timedelta(hours=5)
    open_document(stage.session, actor=registrar, document_id=drawings[0], now=later)
    verify_document(stage.session, actor=stage.who(filer, now), document_id=drawings[0], now=later)
    try:
        open_document(stage.session, actor=registrar, document_id=secret[0], now=later)
    except NotFound:
        return
    raise LookupError("a registrar was shown a paper of the unit's own")


def _firms(stage: Stage) -> Story:
    """The register, and who works where: qualified, expiring, expired, without a certificate, and long done."""
    yield (now := stage.ago(205, 11, 15))
    firms = {key: _firm(stage, number, key, now) for number, (key, _, _) in enumerate(_FIRMS)}
    for system, unit, firm, kind, since, until, names in (
        ("school_campus", "school", "design", DESIGN, 520, 430, ("孙丽华",)),
        ("school_campus", "school", "build", BUILD, 430, 300, ("赵海涛", "冯小军")),
        ("school_campus", "school", "watch", WATCH, 430, 300, ("田志刚",)),
        ("school_campus", "school", "build", KEEP, 300, None, ("赵海涛",)),
        ("hospital_main", "hospital", "lapsed", KEEP, 280, None, ("苗永强",)),
        ("bank_branch", "bank", "bare", KEEP, 260, None, ()),
        ("college_campus", "college", "build", KEEP, 240, None, ("冯小军",)),
    ):
        actor = _filer(stage, unit, now)
        days = {
            "valid_from": stage.ago(since).date(),
            "valid_to": stage.ago(until).date() if until is not None else None,
        }
        engaged = engagements.save_engagement(
            stage.session,
            actor=actor,
            system_id=stage.systems[system],
            contractor_id=firms[firm],
            particulars=EngagementParticulars(
                kind=kind,
                contract_number=f"HT-{since}",
                valid_from=days["valid_from"],
                valid_to=days["valid_to"],
            ),
            now=now,
        )
        for name in names:
            _technician(stage, system, engaged.id, actor, name=name, kind=kind, days=days, now=now)


def _firm(stage: Stage, number: int, key: str, now: datetime) -> UUID:
    _, name, certificates = _FIRMS[number]
    actor = _filer(stage, "school", now)
    kinds = tuple(kind for kind, *_ in certificates) or (KEEP,)
    given = ContractorParticulars(
        name=name, uscc=credit_code("91", "410502", 1_500_000 + number), kinds=kinds, address="安阳市文峰区弦歌大道"
    )
    firm = contractors.save_contractor(stage.session, actor=actor, particulars=given, now=now)
    for kind, grade, since, until in certificates:
        stated = QualificationParticulars(
            kind=kind,
            number=f"YAF-{key.upper()}-{since}",
            grade=grade,
            issuer="河南省安全技术防范行业协会",
            valid_from=stage.ago(since).date(),
            valid_to=stage.ago(-until).date() if until is not None else None,
        )
        contractors.save_qualification(stage.session, actor=actor, contractor_id=firm.id, particulars=stated, now=now)
    return firm.id


def _technician(
    stage: Stage,
    system: str,
    engagement_id: UUID,
    actor: Identity,
    *,
    name: str,
    kind: ContractorKind,
    days: dict[str, date | None],
    now: datetime,
) -> None:
    part = {
        DESIGN: TechnicianRole.DESIGNER,
        BUILD: TechnicianRole.LEAD if name == "赵海涛" else TechnicianRole.INSTALLER,
        WATCH: TechnicianRole.SUPERVISOR,
        KEEP: TechnicianRole.MAINTAINER,
    }[kind]
    given = TechnicianParticulars(
        name=name,
        role=part,
        id_number=_identity_number(name),
        certificate="安全防范系统安装维护员",
        certificate_number=f"S{sum(map(ord, name)):08d}",
        # One of them has let it run out.
        certificate_to=stage.ago(50 if name == "冯小军" else -400).date(),
        valid_from=days["valid_from"],
        valid_to=days["valid_to"],
    )
    engagements.save_technician(
        stage.session,
        actor=actor,
        system_id=stage.systems[system],
        engagement_id=engagement_id,
        particulars=given,
        now=now,
    )


def _identity_number(name: str) -> str:
    """An invented number that checks: the division is none that issues any."""
    total = sum(map(ord, name))
    body = f"410599{1975 + total % 20}{1 + total % 12:02d}{1 + total % 28:02d}{total % 1000:03d}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return body + "10X98765432"[sum(w * int(c) for w, c in zip(weights, body, strict=True)) % 11]


def _connection(stage: Stage, key: str) -> Story:
    """A connection from its proposal as far as it has come."""
    unit = key.partition("_")[0]
    yield (now := stage.ago(150, 10, 50))
    wanted = ConnectionParticulars(
        platform=TargetPlatform.POLICE_VIDEO,
        platform_name="安阳市公安视频图像共享平台",
        purpose="public_order",
        path="视频专网，GB/T 28181-2016",
        dispatch=DispatchMeans.LINE if unit in ("school", "hospital") else None,
        dispatch_centre="属地公安分局指挥室" if unit in ("school", "hospital") else "",
        dispatch_tested_on=stage.ago(160).date() if unit == "school" else None,
    )
    common: dict[str, Any] = {"system_id": stage.systems[key]}
    actor = _registrar(stage, unit, now)
    row = connections.save_connection(stage.session, actor=actor, particulars=wanted, now=now, **common)
    for number, action in enumerate(_STEPS[key], 1):
        yield (now := stage.ago(150 - 9 * number, 11, 20))
        actor = _filer(stage, unit, now) if action in _OF_THE_UNIT else _registrar(stage, unit, now)
        connections.move_connection(
            stage.session,
            actor=actor,
            connection_id=row.id,
            seen_version=stage.session.get_one(SystemConnection, row.id).version,
            action=action,
            reason=_WHY.get(action, ""),
            now=now,
            **common,
        )
