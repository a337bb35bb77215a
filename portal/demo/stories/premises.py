"""Zones, signs, masks, points in review, a protected site, and what the public reports: each in every state."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from portal.accounts.values import Role
from portal.core.geometry import lonlat
from portal.demo.pictures import CORRIDOR, MASKED, SIGN, Box
from portal.demo.stage import Stage
from portal.demo.stories.registry import BUILDS
from portal.demo.timeline import Story
from portal.registry.models import Camera, PlaceReview, System, SystemZone, TipOff
from portal.registry.operations import (
    add_camera,
    add_zone,
    assign_cameras,
    close_tip,
    decide_review,
    edit_camera,
    edit_zone,
    enter_site,
    forward_tip,
    lay_zones,
    look_over,
    name_camera,
    name_standards,
    receive_tip,
    record_mask,
    record_sign,
    take_tip,
)
from portal.registry.states import ReviewAction
from portal.registry.values import CameraParticulars, PlaceType
from portal.registry.values.zones import (
    ReviewSource,
    SignParticulars,
    SiteKind,
    SiteParticulars,
    TipCategory,
    TipOutcome,
    TipParticulars,
    ZoneParticulars,
)

HUNG = 6  # cameras these stories enter one by one
CLEARED = "经查看画面，视场止于门外走廊，不及室内。"
BARRED = "开门时可拍摄室内，禁止设置，请移至扶梯口。"


def stories(stage: Stage) -> list[Story]:
    """Everything of the premises."""
    return [
        _zones_of_the_school(stage),
        _signs_and_standards(stage),
        _doors_of_the_hotel(stage),
        _homes_beside_the_mall(stage),
        _beside_a_protected_site(stage),
        _reports(stage),
        _a_report_that_names_a_camera(stage),
    ]


def _photo(stage: Stage, login: str, system: System, boxes: Sequence[Box], now: datetime) -> UUID:
    """A picture of a system's premises."""
    return stage.photo(stage.who(login, now), boxes, system.unit_id, system.district, now).id


def _zone(stage: Stage, system: System, key: str) -> SystemZone:
    return stage.session.scalars(
        select(SystemZone).where(SystemZone.system_id == system.id, SystemZone.key == key)
    ).one()


def _zones_of_the_school(stage: Stage) -> Story:
    """The twelve zones: one is not here, one has a blind spot, one camera looks at two, and the school adds its own."""
    yield (now := stage.ago(20, 10, 0))
    system, filer = stage.system("school_campus"), stage.who("filer", now)
    lay_zones(stage.session, actor=filer, system_id=system.id, now=now)
    cameras = list(stage.session.scalars(select(Camera).where(Camera.system_id == system.id).order_by(Camera.id)))
    store = _zone(stage, system, "dangerous_store")
    absent = ZoneParticulars(absent=True, absent_reason="本校不储存易燃易爆危险品，实验药品由教育局统一管理。")
    edit_zone(
        stage.session,
        actor=filer,
        system_id=system.id,
        zone_id=store.id,
        seen_version=store.version,
        particulars=absent,
        photo_file_id=None,
        now=now,
    )
    edge = _zone(stage, system, "perimeter")
    edit_zone(
        stage.session,
        actor=filer,
        system_id=system.id,
        zone_id=edge.id,
        seen_version=edge.version,
        particulars=ZoneParticulars(blind_spots="北围墙东段绿化带遮挡约 12 米"),
        photo_file_id=_photo(stage, "filer", system, CORRIDOR, now),
        now=now,
    )
    gate_house = _zone(stage, system, "gate_house")
    gates = [camera for camera in cameras if camera.zone == "gate"][:2]
    assign_cameras(
        stage.session,
        actor=filer,
        system_id=system.id,
        zone_id=gate_house.id,
        shown=[camera.id for camera in gates],
        ticked=[camera.id for camera in gates],
        reason="校门摄像机视场兼顾门卫室",
        now=now,
    )
    pool = ZoneParticulars(name="体育馆入口", required=True)
    add_zone(stage.session, actor=filer, system_id=system.id, particulars=pool, now=now)


def _signs_and_standards(stage: Stage) -> Story:
    yield (now := stage.ago(18, 15, 0))
    system, filer = stage.system("school_campus"), stage.who("filer", now)
    record_sign(
        stage.session,
        actor=filer,
        system_id=system.id,
        particulars=SignParticulars(zone_key="gate", place="南大门右侧立柱，距地 1.8 米", put_up_on=now.date()),
        photo_file_id=_photo(stage, "filer", system, SIGN, now),
        now=now,
    )
    keys = ("gb-50348-2018", "gb-t-28181-2016", "gb-t-29315-2022")
    name_standards(stage.session, actor=filer, system_id=system.id, keys=keys, now=now)
    yield (now := stage.ago(17, 9, 30))
    hospital = stage.system("hospital_main")
    keys = ("gb-50348-2018", "gb-37300-2018", "gb-t-28181-2022")
    name_standards(stage.session, actor=stage.who("hospitalfiler", now), system_id=hospital.id, keys=keys, now=now)


def _hang(stage: Stage, key: str, login: str, name: str, now: datetime, **given: object) -> Camera:
    """One more camera by form, beside the system's first."""
    system = stage.system(key)
    first = stage.session.scalars(select(Camera).where(Camera.system_id == system.id).limit(1)).one()
    lon, lat = lonlat(first.position)
    particulars = CameraParticulars(
        name=name, lon=lon + 0.00004, lat=lat, address=f"{system.address}{name[:6]}", azimuth=0
    )
    particulars = replace(particulars, **given)  # type: ignore[arg-type]
    plan = stage.plans[next(build.unit for build in BUILDS if build.key == key)]
    code = stage.maker.codes.next(
        division8=plan.place.quarter.code8, industry=plan.kind.industry, kind="132", network="8"
    )
    particulars = replace(particulars, gb_code=code)
    return add_camera(stage.session, actor=stage.who(login, now), system_id=system.id, particulars=particulars, now=now)


def _review_of(stage: Stage, camera_id: UUID) -> PlaceReview:
    return stage.session.scalars(
        select(PlaceReview).where(PlaceReview.camera_id == camera_id, PlaceReview.status != "lapsed")
    ).one()


def _decide(
    stage: Stage, review: PlaceReview, action: ReviewAction, *, reason: str, photo: UUID | None = None, now: datetime
) -> None:
    officer = stage.cast.officer(Role.REGISTRAR, review.district).login
    decide_review(
        stage.session,
        actor=stage.who(officer, now),
        review_id=review.id,
        seen_version=review.version,
        action=action,
        reason=reason,
        photo_file_id=photo,
        now=now,
    )


def _doors_of_the_hotel(stage: Stage) -> Story:
    """Points before private places: one waits, one is cleared with a picture, one is forbidden, one moved away."""
    yield (now := stage.ago(12, 9, 0))
    _hang(stage, "hotel_main", "hotelfiler", "二层卫生间外走廊-向北-半球", now, place_type=PlaceType.PASSAGE)
    gym = _hang(stage, "hotel_main", "hotelfiler", "健身区更衣室门口-向南-半球", now)
    baby = _hang(stage, "mall_main", "mallfiler", "三层母婴室门口-向东-半球", now)
    trade = _hang(stage, "mall_main", "mallfiler", "卫生间用品专柜-向西-半球", now)
    yield (now := stage.ago(10, 10, 30))
    hotel = stage.system("hotel_main")
    photo = _photo(stage, "hotelfiler", hotel, CORRIDOR, now)
    _decide(stage, _review_of(stage, gym.id), ReviewAction.CLEAR, reason=CLEARED, photo=photo, now=now)
    _decide(stage, _review_of(stage, baby.id), ReviewAction.FORBID, reason=BARRED, now=now)
    yield (now := stage.ago(9, 9, 20))
    stage.session.refresh(trade)
    lon, lat = lonlat(trade.position)
    edit_camera(
        stage.session,
        actor=stage.who("mallfiler", now),
        camera_id=trade.id,
        seen_version=trade.version,
        particulars=CameraParticulars(name="一层百货专柜-向西-半球", lon=lon, lat=lat, address="一层百货区", azimuth=0),
        reason="更正点位名称",
        now=now,
    )


def _homes_beside_the_mall(stage: Stage) -> Story:
    """One view into homes with its mask on record, one without."""
    yield (now := stage.ago(11, 14, 0))
    masked = _hang(stage, "mall_main", "mallfiler", "北门外-向北-球机", now, faces_homes=True)
    _hang(stage, "mall_main", "mallfiler", "东侧卸货区-向东-枪机", now, faces_homes=True)
    system = stage.system("mall_main")
    record_mask(
        stage.session,
        actor=stage.who("mallfiler", now),
        camera_id=masked.id,
        masked="北侧 3 号住宅楼二至六层窗户",
        photo_file_id=_photo(stage, "mallfiler", system, MASKED, now),
        now=now,
    )


def _beside_a_protected_site(stage: Stage) -> Story:
    """A site of the branch; of the cameras around it one waits and one needs the site's consent."""
    yield (now := stage.ago(8, 9, 0))
    officer = stage.who("registrar", now)
    system = stage.system("centre_building")
    cameras = stage.session.scalars(
        select(Camera).where(Camera.system_id == system.id).order_by(Camera.id).limit(2)
    ).all()
    for number, camera in enumerate(cameras):
        lon, lat = lonlat(camera.position)
        enter_site(
            stage.session,
            actor=officer,
            particulars=SiteParticulars(
                kind=(SiteKind.SECRET_ORGAN, SiteKind.MILITARY)[number],
                name=("涉密单位甲（演示）", "军事管理区乙（演示）")[number],
                lon=lon,
                lat=lat,
                radius_m=2,
                contact="保密办，联系电话见内部通讯录",
            ),
            now=now,
        )
    opened = look_over(stage.session, cameras, actor=officer.actor, source=ReviewSource.CHECK, now=now)
    yield (now := stage.ago(6, 16, 0))
    _decide(stage, opened[0], ReviewAction.ASK_CONSENT, reason="点位毗邻特定单位，请取得同意书后上传。", now=now)


def _reports(stage: Stage) -> Story:
    """What the public reports: waiting, in hand, closed either way, and handed to another district."""
    told = (
        (TipCategory.FORBIDDEN_PLACE, "某洗浴中心二楼", "更衣柜上方疑似装有摄像头。", "13803720011"),
        (TipCategory.INTRUSION, "紫薇大道某小区 5 号楼", "对面商铺的摄像头正对居民阳台。", ""),
        (TipCategory.MISSING_SIGN, "文峰大道某酒店大堂", "大堂装有多个摄像头，未见提示标识。", ""),
        (TipCategory.UNFILED, "相州路某停车场", "物业自行安装的摄像头，问及备案情况未作答复。", "03725912345"),
    )
    tips: list[TipOff] = []
    for number, (category, place, text, contact) in enumerate(told):
        yield (now := stage.ago(9 - number, 18, 10 + number))
        particulars = TipParticulars(category=category, district="410502", place=place, told=text, contact=contact)
        tips.append(
            receive_tip(stage.session, particulars=particulars, sender=f"demo{number}", photo_file_id=None, now=now)
        )
    yield (now := stage.ago(4, 9, 0))
    officer = stage.who("registrar", now)
    for tip in tips[2:4]:
        take_tip(stage.session, actor=officer, tip_off_id=tip.id, seen_version=tip.version, now=now)
        stage.session.flush()
    yield (now := stage.ago(3, 11, 0))
    answer = "经现场核查，该酒店已补设提示标识。感谢您的监督。"
    close_tip(
        stage.session,
        actor=officer,
        tip_off_id=tips[2].id,
        seen_version=tips[2].version,
        outcome=TipOutcome.CORRECTED,
        answer=answer,
        now=now,
    )
    yield (now := stage.ago(2, 15, 0))
    forward_tip(
        stage.session,
        actor=officer,
        tip_off_id=tips[1].id,
        seen_version=tips[1].version,
        district="410503",
        now=now,
    )


def _a_report_that_names_a_camera(stage: Stage) -> Story:
    """A report whose camera is found: from then on its unit knows of the review, never of the report."""
    yield (now := stage.ago(7, 19, 30))
    mall = stage.system("mall_main")
    particulars = TipParticulars(
        category=TipCategory.FORBIDDEN_PLACE,
        district=mall.district,
        place="某商场三层母婴室门口",
        told="开门时摄像头能拍到室内。",
    )
    tip = receive_tip(stage.session, particulars=particulars, sender="demo-mall", photo_file_id=None, now=now)
    yield (now := stage.ago(5, 10, 0))
    officer = stage.who(stage.cast.officer(Role.REGISTRAR, mall.district).login, now)
    take_tip(stage.session, actor=officer, tip_off_id=tip.id, seen_version=tip.version, now=now)
    found = stage.session.scalars(select(PlaceReview).where(PlaceReview.tip_off_id == tip.id)).one()
    baby = stage.session.scalars(select(Camera).where(Camera.name == "三层母婴室门口-向东-半球")).one()
    name_camera(stage.session, actor=officer, review_id=found.id, camera_id=baby.id, now=now)
