"""What became of the model units' cameras, systems and units after they were filed: changes, each with its reason."""

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

from portal.accounts.values import Role
from portal.demo.stage import Stage
from portal.demo.timeline import Story
from portal.registry.models import Camera, Unit
from portal.registry.operations import assign_code, edit_camera, edit_system, edit_unit, particulars_of
from portal.registry.rules import CodeParts, direction_of, usual_industry
from portal.registry.states import CameraStatus
from portal.registry.values import Encoding, FillLight, PartyRole, SystemParticulars, UnitParticulars

Change = Callable[[Camera], dict[str, Any]]

_SCHOOL, _BANK, _HOSPITAL, _MALL = "school_campus", "bank_branch", "hospital_main", "mall_main"


def stories(stage: Stage) -> list[Story]:
    """One camera each, so that its History tab reads like a life."""
    return [
        _camera(
            stage,
            _SCHOOL,
            0,
            (210, "校门改造后监控立杆移位，重新调整朝向", _turned(40)),
            (96, "例行巡检发现主板故障，送修", lambda _: {"status": CameraStatus.REPAIR}),
            (88, "维修完毕，恢复使用", lambda _: {"status": CameraStatus.IN_USE}),
            (31, "更换为四百万像素设备", _replaced("IPC-440")),
        ),
        _camera(stage, _SCHOOL, 1, (57, "一机一档年度核查：补录编码格式和补光属性", _completed)),
        _camera(stage, _SCHOOL, 3, (17, "夜间画面模糊，现场调整分辨率", lambda _: {"resolution": "3072x2048"})),
        _camera(stage, _BANK, 0, (140, "柜台调整，更正安装地址", _beside)),
        _camera(stage, _HOSPITAL, 0, (180, "急诊通道扩建，扩大视场", lambda _: {"view_angle": 95})),
        _camera(stage, _HOSPITAL, 1, (45, "设备老化，整机更换", _replaced("IPC-620"))),
        _camera(stage, _MALL, 0, (64, "扶梯口商户调整，改名", lambda row: {"name": f"{row.name}（改造后）"})),
        _coded(stage, _SCHOOL, 2, 22, "按2022版标准重新编码"),
        _unit(stage, "school", 150, "安全负责人岗位调整"),
        _unit(stage, "bank", 83, "单位负责人变更"),
        _software(stage, _HOSPITAL, "hospital", 8, "管理平台升级"),
        _software(stage, _SCHOOL, "school", 120, "管理平台升级，录像调阅改由新平台办理"),
    ]


def _camera(stage: Stage, system: str, which: int, *changes: tuple[int, str, Change]) -> Story:
    for days, reason, change in changes:
        yield (now := stage.ago(days, 10, 15 + which))
        camera = _row(stage, system, which)
        edit_camera(
            stage.session,
            actor=stage.who(_filer(stage, camera), now),
            camera_id=camera.id,
            seen_version=camera.version,
            particulars=replace(particulars_of(camera), **change(camera)),
            reason=reason,
            now=now,
        )


def _coded(stage: Stage, system: str, which: int, days: int, reason: str) -> Story:
    yield (now := stage.ago(days, 15, 40))
    camera = _row(stage, system, which)
    unit = stage.session.get_one(Unit, camera.unit_id)
    assign_code(
        stage.session,
        actor=stage.who(_filer(stage, camera), now),
        camera_id=camera.id,
        seen_version=camera.version,
        parts=CodeParts(division=camera.district, industry=usual_industry(unit.unit_type), network="8"),
        reason=reason,
        now=now,
    )


def _unit(stage: Stage, key: str, days: int, reason: str) -> Story:
    yield (now := stage.ago(days, 9, 20))
    unit = stage.session.get_one(Unit, stage.units[key])
    stage.session.refresh(unit)
    known = {each.name: getattr(unit, each.name) for each in fields(UnitParticulars) if hasattr(unit, each.name)}
    edit_unit(
        stage.session,
        actor=stage.who(stage.cast.holder(key, Role.UNIT_FILER).login, now),
        unit_id=unit.id,
        seen_version=unit.version,
        particulars=UnitParticulars(**known | {"security_head_name": stage.plans[key].custodian.name}),
        reason=reason,
        now=now,
    )


def _software(stage: Stage, system: str, unit: str, days: int, reason: str) -> Story:
    yield (now := stage.ago(days, 16, 25))
    found = stage.system(system)
    known = {each.name: getattr(found, each.name) for each in fields(SystemParticulars) if hasattr(found, each.name)}
    known |= {"parties": {PartyRole(role): name for role, name in found.party_names.items()}}
    edit_system(
        stage.session,
        actor=stage.who(stage.cast.holder(unit, Role.UNIT_FILER).login, now),
        system_id=found.id,
        seen_version=found.version,
        particulars=SystemParticulars(**known | {"software": f"{found.software}（V4.2）"[:80]}),
        reason=reason,
        now=now,
    )


def _row(stage: Stage, system: str, which: int) -> Camera:
    """A camera of a system with everything written; a dismantled one is passed over."""
    stage.session.flush()
    standing = [stage.session.get_one(Camera, key) for key in stage.cameras[system][: which + 12]]
    return [camera for camera in standing if camera.status != CameraStatus.DISMANTLED][which]


def _filer(stage: Stage, camera: Camera) -> str:
    unit = next(key for key, found in stage.units.items() if found == camera.unit_id)
    return stage.cast.holder(unit, Role.UNIT_FILER).login


def _turned(by: int) -> Change:
    def change(camera: Camera) -> dict[str, Any]:
        azimuth = ((camera.azimuth or 0) + by) % 360
        return {"azimuth": azimuth, "direction": direction_of(azimuth)}

    return change


def _replaced(model: str) -> Change:
    return lambda _: {"model": model, "resolution": "2560x1440", "encoding": Encoding.H265}


def _completed(_camera: Camera) -> dict[str, Any]:
    return {"fill_light": FillLight.WHITE, "encoding": Encoding.H265, "install_height_m": 4}


def _beside(camera: Camera) -> dict[str, Any]:
    return {"address": f"{camera.address}（东侧）"}
