"""The books of two units as they would have been kept for half a year, with what is due, what waits and what went wrong."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from portal.core.clock import city_day
from portal.demo.stage import Stage
from portal.demo.stories.footage import WORKSTATIONS
from portal.demo.timeline import Story
from portal.registry.models import Camera
from portal.upkeep.models import PasswordCustody, WorkTicket
from portal.upkeep.operations import custody, operators, tickets, workstations
from portal.upkeep.queries.signers import signers_for
from portal.upkeep.values import (
    BY_EXPERTS,
    CustodyDraft,
    DeviceGroup,
    OperatorDraft,
    TicketDraft,
    TicketKind,
    WorkstationDraft,
)

SCHOOL, BANK, UNIVERSITY = "school", "bank", "university"
HEADS = {SCHOOL: "securityhead", BANK: "securityhead2", UNIVERSITY: "unihead"}
KEEPERS = {SCHOOL: "custodian", BANK: "custodian2", UNIVERSITY: "uniadmin"}


def stories(stage: Stage) -> list[Story]:
    """Operators first: from the day a unit keeps a list, nobody else opens footage there."""
    return [
        _operators(stage, SCHOOL, former="schoolleader", untrained="filer"),
        _operators(stage, BANK),
        *_passwords(stage),
        *_computers(stage),
        *_changes(stage),
        *_permissions(stage),
    ]


def _person(stage: Stage, login: str) -> UUID:
    return stage.residents.accounts[login].person_id


def _operators(stage: Stage, unit: str, former: str = "", untrained: str = "") -> Story:
    head, keeper = HEADS[unit], KEEPERS[unit]
    yield (now := stage.ago(200, 9, 0))
    listed = {}
    for login in filter(None, (head, keeper, former, untrained)):
        day, done = city_day(now), login != untrained
        listed[login] = operators.appoint(
            stage.session, actor=stage.who(head, now), unit_id=stage.units[unit], now=now,
            draft=OperatorDraft(
                person_id=_person(stage, login), professional=login == keeper, appointed_on=day,
                trained_on=day if done else None, pledged_on=day if done else None,
            ),
        )  # fmt: skip
    if former:
        yield (now := stage.ago(40, 16, 20))
        row = listed[former]
        operators.strike_off(
            stage.session, actor=stage.who(head, now), operator_id=row.id, seen_version=row.version,
            reason="工作调整，不再参与监控系统操作。", now=now,
        )  # fmt: skip


def _passwords(stage: Stage) -> list[Story]:
    handed = ("孟晓帆外出培训一个月，由周雅宁代为保管。", "filer")
    return [
        _password(stage, SCHOOL, DeviceGroup.RECORDER, "1至2号录像机管理员账号", 190, changed=(102, 18)),
        _password(stage, SCHOOL, DeviceGroup.PLATFORM, "视频管理平台超级管理员账号", 190, changed=(98,)),
        _password(
            stage, SCHOOL, DeviceGroup.CAMERA, "校门及围墙摄像机管理口令", 150, changed=(65,), given=(21, *handed)
        ),
        _password(
            stage, SCHOOL, DeviceGroup.WORKSTATION, "监控中心工作站系统账号", 120, changed=(40,),
            given=(1, "岗位轮换，移交保管。", "filer"), taken=False,
        ),
        _password(stage, SCHOOL, DeviceGroup.SERVER, "旧存储服务器管理员账号", 180, ended=30),
        _password(stage, BANK, DeviceGroup.RECORDER, "营业大厅录像机管理员账号", 170, changed=(85, 2)),
        _password(stage, BANK, DeviceGroup.NETWORK, "监控专网交换机管理口令", 160, changed=(74,)),
    ]  # fmt: skip


def _password(
    stage: Stage,
    unit: str,
    group: DeviceGroup,
    scope: str,
    begun: int,
    *,
    changed: tuple[int, ...] = (),
    given: tuple[int, str, str] | None = None,
    taken: bool = True,
    ended: int = 0,
) -> Story:
    """Entered, changed so many days ago, given away and taken over or not yet, ended."""
    head, keeper, place = HEADS[unit], KEEPERS[unit], "保卫室保险柜"
    yield (now := stage.ago(begun, 9, 30))
    day = city_day(now)
    row = custody.enter_custody(
        stage.session, actor=stage.who(head, now), unit_id=stage.units[unit], now=now,
        draft=CustodyDraft(
            group=group, scope=scope, system_id=None, custodian_id=_person(stage, keeper),
            second_id=_person(stage, head), since=day, rotated_on=day, envelope_place=place, envelope_on=day,
        ),
    )  # fmt: skip
    for days in changed:
        yield (now := stage.ago(days, 10, 10))
        _keep(stage, custody.rotate, row, keeper, now, on=city_day(now), envelope_place=place)
    if given:
        days, reason, taker = given
        yield (now := stage.ago(days, 9, 20))
        _keep(stage, custody.offer, row, keeper, now, second=False, taker_id=_person(stage, taker), reason=reason)
        if taken:
            yield (now := stage.ago(days, 9, 55))
            _keep(stage, custody.take, row, taker, now, changed=True, envelope_place=place)
    if ended:
        yield (now := stage.ago(ended, 15, 0))
        _keep(stage, custody.end_custody, row, head, now, reason="设备报废，硬盘已消磁。")


def _keep(stage: Stage, act: Callable[..., Any], row: PasswordCustody, login: str, now: datetime, **more: Any) -> None:
    act(
        stage.session, actor=stage.who(login, now), custody_id=row.id, seen_version=row.version, **more, now=now
    )  # fmt: skip


def _computers(stage: Stage) -> list[Story]:
    return [
        _computer(stage, SCHOOL, WORKSTATIONS[SCHOOL], "监控中心", looked=((70, True), (9, True))),
        _computer(stage, SCHOOL, "SX-JK-0003", "门卫值班室", looked=((66, True), (44, True))),
        _computer(stage, SCHOOL, "SX-JK-0004", "德育处", looked=((12, False),)),
        _computer(stage, SCHOOL, "SX-JK-0001", "旧监控室", retired=90),
        _computer(stage, BANK, WORKSTATIONS[BANK], "监控室", looked=((31, True), (3, True))),
    ]


def _computer(
    stage: Stage, unit: str, number: str, room: str, *, looked: tuple[tuple[int, bool], ...] = (), retired: int = 0
) -> Story:
    head, keeper = HEADS[unit], KEEPERS[unit]
    yield (now := stage.ago(180, 14, int(number[-1])))
    row = workstations.register(
        stage.session, actor=stage.who(head, now), unit_id=stage.units[unit], now=now,
        draft=WorkstationDraft(
            asset_number=number, room=room, client="iVMS-4200 监控客户端", client_version="V3.11.1",
            address=f"10.8.{len(unit)}.{int(number[-2:]) + 10}", responsible_id=_person(stage, keeper),
        ),
    )  # fmt: skip
    seen: dict[str, Any] = {"workstation_id": row.id}
    for days, locked in looked:
        yield (now := stage.ago(days, 15, 30))
        workstations.check(
            stage.session, actor=stage.who(keeper, now), seen_version=row.version, on=city_day(now), locked_down=locked,
            client_version="V3.11.1", note="" if locked else "装有办公软件，可随意插接移动存储，已要求当日清理。", now=now, **seen,
        )  # fmt: skip
    if retired:
        yield (now := stage.ago(retired, 11, 0))
        workstations.retire(
            stage.session, actor=stage.who(head, now), seen_version=row.version, reason="客户端已卸载，计算机调拨他用。",
            now=now, **seen,
        )  # fmt: skip


def _changes(stage: Stage) -> list[Story]:
    """Of the school's first camera the exchange was asked for; other cameras changed without anybody asking."""
    clock = {
        "device": "1号录像机",
        "what": "校时服务器地址",
        "old_value": "未启用",
        "new_value": "10.8.0.1",
        "reason": "时钟偏差超过十秒，须统一校时。",
    }
    exchanged = {
        "device": "校门摄像机",
        "what": "整机更换，录像分辨率",
        "old_value": "1920x1080",
        "new_value": "2560x1440",
        "reason": "原设备老化，夜间无法辨认车牌。",
    }
    longer = {
        "device": "2号录像机",
        "what": "录像保存天数",
        "old_value": "60 天",
        "new_value": "90 天",
        "reason": "按主管部门要求延长保存期限。",
    }
    frames = {
        "device": "操场摄像机",
        "what": "编码帧率",
        "old_value": "25 帧/秒",
        "new_value": "8 帧/秒",
        "reason": "节省存储空间。",
    }
    return [
        _ticket(stage, SCHOOL, 33, clock, hours=(31, 8, 31, 18), until="verify", camera=False),
        _ticket(stage, SCHOOL, 32, exchanged, hours=(31, 9, 31, 18), until="verify"),
        _ticket(stage, SCHOOL, 2, longer, hours=(-1, 9, -2, 18), until="ask", camera=False),
        _ticket(stage, SCHOOL, 26, frames, hours=(24, 9, 24, 18), until="refuse", camera=False),
        _ticket(stage, SCHOOL, 6, clock, hours=(3, 9, 1, 18), until="ask", camera=False),
        _ticket(stage, BANK, 9, longer, hours=(7, 8, 7, 20), until="do", camera=False),
        _ticket(stage, BANK, 4, clock, hours=(3, 8, 2, 20), until="decide", camera=False),
    ]  # fmt: skip


def _permissions(stage: Stage) -> list[Story]:
    off = {
        "kind": TicketKind.SWITCH_OFF,
        "device": "监控中心配电箱",
        "what": "停电检修，停录约两小时",
        "reason": "配电箱接头发热，须断电更换。",
    }
    power = {"kind": TicketKind.POWER, "device": "监控中心插座", "what": "临时接入检测设备", "reason": "消防联动检测。"}
    soft = {
        "kind": TicketKind.SOFTWARE,
        "device": "监控中心工作站",
        "what": "安装考务软件",
        "reason": "期中考试巡考使用。",
    }
    wire = {
        "kind": TicketKind.REWIRE,
        "device": "食堂后厨监控线路",
        "what": "线路改道",
        "reason": "后厨改造，避开明火作业区。",
    }
    erase = {
        "kind": TicketKind.DELETION,
        "device": "1号录像机",
        "what": "删除误录的教师更衣室门口画面",
        "basis": "《公共安全视频图像信息系统管理条例》第八条",
        "reason": "安装角度有误，误录私密部位，已调整。",
    }
    return [
        _ticket(stage, SCHOOL, 50, off, hours=(48, 18, 48, 21), until="verify", camera=False),
        _ticket(stage, SCHOOL, 5, power, hours=(4, 8, 2, 18), until="decide", camera=False),
        _ticket(stage, SCHOOL, 3, off, hours=(-1, 18, -1, 21), until="decide", camera=False),
        _ticket(stage, UNIVERSITY, 20, soft, hours=(18, 8, 17, 18), until="settle", camera=False),
        _ticket(stage, SCHOOL, 1, wire, hours=(-3, 8, -4, 18), until="dispute", camera=False),
        _ticket(stage, SCHOOL, 12, wire, hours=(11, 8, 11, 18), until="withdraw", camera=False),
        _ticket(stage, BANK, 1, soft, hours=(0, 20, -1, 18), until="ask", camera=False),
        _ticket(stage, SCHOOL, 14, erase, hours=(12, 8, 12, 18), until="verify", camera=False, last=True),
    ]  # fmt: skip


def _ticket(
    stage: Stage,
    unit: str,
    asked: int,
    what: dict[str, Any],
    *,
    hours: tuple[int, int, int, int],
    until: str,
    camera: bool = True,
    last: bool = False,
) -> Story:
    """A ticket asked for so many days ago, for hours from a day to a day, as far as told; of the first camera, of the last
    one (no request holds its footage), or of none."""
    head, keeper = HEADS[unit], KEEPERS[unit]
    from_day, from_hour, to_day, to_hour = hours
    yield (now := stage.ago(asked, 9, 15))
    draft = TicketDraft(
        **{"kind": TicketKind.PARAMETER, "system_id": None, "old_value": "", "new_value": "", **what},
        camera_id=stage.cameras["school_campus"][0] if camera else _last_camera(stage) if last else None,
        starts_at=stage.ago(from_day, from_hour), ends_at=stage.ago(to_day, to_hour),
    )  # fmt: skip
    row = tickets.ask(
        stage.session, actor=stage.who(keeper, now), unit_id=stage.units[unit], draft=draft, now=now
    )  # fmt: skip
    for moment, act, login, more in _course(stage.ago(asked, 15, 40), draft.ends_at, until, head=head, keeper=keeper):
        yield moment
        if act is tickets.carry_out:
            more["signer"] = _signer(stage, row, head, city_day(moment))
        act(
            stage.session, actor=stage.who(login, moment), ticket_id=row.id, seen_version=row.version, **more, now=moment
        )  # fmt: skip


Act = tuple[datetime, Callable[..., Any], str, dict[str, Any]]


def _signer(stage: Stage, row: WorkTicket, head: str, day: date) -> str:
    """The professional who signs for a change; who stands by at a deletion."""
    if row.kind == TicketKind.DELETION:
        return f"person:{_person(stage, head)}"
    return next((one.key for one in signers_for(stage.session, row, on=day)), "") if row.kind in BY_EXPERTS else ""


def _last_camera(stage: Stage) -> UUID | None:
    of_school = select(Camera.id).where(Camera.system_id == stage.systems["school_campus"])
    return stage.session.scalar(of_school.order_by(Camera.name.desc()).limit(1))


def _course(answered: datetime, ends: datetime, until: str, *, head: str, keeper: str) -> list[Act]:
    if until == "ask":
        return []
    if until == "withdraw":
        return [(answered, tickets.withdraw, keeper, {"reason": "施工改期，届时另行提出。"})]
    if until in ("refuse", "dispute", "settle"):
        why = {"approve": False, "note": "理由不充分，会影响取证质量。"}
        course: list[Act] = [(answered, tickets.decide, head, why)]
        later = answered + timedelta(hours=1)
        if until != "refuse":
            course.append((later, tickets.take_higher, keeper, {"reason": "施工期已定，无法避让。"}))
        if until == "settle":
            last = {"overrule": False, "note": "维持原意见，巡考使用专用计算机。"}
            course.append((later + timedelta(hours=1), tickets.settle, "unioffice", last))
        return course
    yes = {"approve": True, "note": "同意，按时恢复。"}
    done = ends - timedelta(hours=1)
    course = [(answered, tickets.decide, head, yes)]
    if until in ("do", "verify"):
        course.append((done, tickets.carry_out, keeper, {"note": "已按单办理，画面和录像正常。"}))
    if until == "verify":
        course.append((done + timedelta(hours=17), tickets.verify, head, {"note": "现场核对，与单上一致。"}))
    return course  # fmt: skip
