"""Investigators at a unit's own equipment: asked for, approved and refused at the door, in use too long, back with damage."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from portal.demo.stage import Stage
from portal.demo.timeline import Story
from portal.evidence.models import EquipmentUse
from portal.evidence.operations import deeds
from portal.evidence.operations import equipment as acts
from portal.evidence.values.equipment import (
    Condition,
    DeedDraft,
    DeedKind,
    Investigator,
    ObstructionDraft,
    UseDraft,
)
from portal.registry.models import Camera

HOURS = timedelta(hours=12)
SHA = "5d41402abc4b2a76b9719d911017c592ae7e25f1b0c3a4d5e6f708192a3b4c5d"


def stories(stage: Stage) -> list[Story]:
    """One use in every state that the pages tell apart, and a secret one."""
    return [
        _use(
            stage, "school_campus", "custodian", 40, until="closed", reason="嫌疑人在校门附近徘徊，须现场转动球机跟踪。"
        ),
        _use(
            stage,
            "bank_branch",
            "custodian2",
            25,
            until="damaged",
            reason="自助区连续被盗，须现场逐路回放比对。",
            case=False,
        ),
        _use(
            stage,
            "school_campus",
            "custodian",
            2,
            until="in_use",
            reason="走失儿童最后出现在校门，须现场回放查找去向。",
        ),
        _use(
            stage,
            "school_campus",
            "custodian",
            1,
            until="obstructed",
            reason="群体性纠纷正在处置，须现场实时查看操场。",
        ),
        _use(stage, "bank_branch", "custodian2", 1, until="asked", reason="须现场核对营业场所录像机时钟。"),
        _use(stage, "bank_branch", "custodian2", 8, until="closed", reason="侦查需要。", secret=True),
    ]


def _draft(stage: Stage, key: str, begins: datetime, reason: str, *, secret: bool, case: bool) -> UseDraft:
    hung = (
        select(Camera.id).where(Camera.system_id == stage.systems[key], ~Camera.secret).order_by(Camera.name).limit(4)
    )
    return UseDraft(
        case_number="" if secret or not case else "A4105020000202611052", reason=reason, secret=secret, planned_from=begins,
        planned_to=begins + HOURS, camera_ids=tuple(stage.session.scalars(hung)),
        officers=tuple(_investigator(stage, login) for login in ("investigator", "investigator2")), undertaking=True,
    )  # fmt: skip


def _investigator(stage: Stage, login: str) -> Investigator:
    person = stage.cast.person(login)
    return Investigator(person.name, person.police or "")


def _evening(stage: Stage, ago: int, first: int, last: int) -> dict[str, Any]:
    """Hours of the day before."""
    return {"span_from": stage.ago(ago + 1, first), "span_to": stage.ago(ago + 1, last)}


def _do(stage: Stage, act: Any, use: EquipmentUse, login: str, now: Any, **more: Any) -> None:
    stage.session.flush()
    act(stage.session, actor=stage.who(login, now), use_id=use.id, seen_version=use.version, **more, now=now)
    stage.session.flush()


def _use(
    stage: Stage, key: str, keeper: str, ago: int, *, until: str, reason: str, secret: bool = False, case: bool = True
) -> Story:
    yield (now := stage.ago(ago, 9, 10))
    # What nobody has decided yet is for whoever tries the city: from now on, as long as a use may last.
    begins = stage.moment if until == "asked" else now
    draft = _draft(stage, key, begins, reason, secret=secret, case=case)
    asked = stage.who("investigator", now)
    use = acts.ask_use(stage.session, actor=asked, system_id=stage.systems[key], draft=draft, now=now)
    if until == "asked":
        return
    yield (now := stage.ago(ago, 9, 25))
    _do(stage, acts.decide_use, use, "casehead", now, approved=True, opinion="确有必要，同意。")
    if until == "obstructed":
        yield (now := stage.ago(ago, 9, 50))
        told = ObstructionDraft(
            person_name="值班员刘某", at=now, place="监控中心门口", facts="出示人民警察证和批准文书后，值班员拒不开门，约二十分钟后经校方负责人到场方才配合。",
            evidence="执法记录仪 03 号，录像 09:31 至 09:50",
        )  # fmt: skip
        deeds.record_obstruction(stage.session, actor=asked, use_id=use.id, draft=told, now=now)
        return
    yield (now := stage.ago(ago, 10, 0))
    _do(
        stage,
        acts.hand_over,
        use,
        keeper,
        now,
        received_by=1,
        equipment="监控中心 2 号工作站、键盘控制器各一，完好",
        ids_seen=True,
    )
    yield from _deeds(stage, ago, use, draft)
    if until == "in_use":
        return
    yield (now := stage.ago(ago, 11, 30))
    _do(stage, acts.give_back, use, "investigator", now, summary="转动球机一次，回放、导出各一段。")
    yield (now := stage.ago(ago, 11, 45))
    broken = until == "damaged"
    _do(
        stage, acts.take_back, use, keeper, now, condition=Condition.DAMAGED if broken else Condition.GOOD,
        damage="键盘控制器操作杆松动，需更换。" if broken else "",
    )  # fmt: skip


def _deeds(stage: Stage, ago: int, use: EquipmentUse, draft: UseDraft) -> Story:
    for minute, kind, more in (
        (15, DeedKind.PTZ, {"note": "转向校门东侧"}),
        (40, DeedKind.PLAYBACK, {"note": "逐秒回放", **_evening(stage, ago, 18, 19)}),
        (
            55,
            DeedKind.EXPORT,
            {"note": "导出一段", **_evening(stage, ago, 18, 19), "medium": "光盘 GP-2026-031", "sha256": SHA},
        ),
    ):
        yield (now := stage.ago(ago, 10, minute))
        deed = DeedDraft(kind=kind, at=now, camera_id=draft.camera_ids[0], **more)
        deeds.book_deed(stage.session, actor=stage.who("investigator", now), use_id=use.id, draft=deed, now=now)
