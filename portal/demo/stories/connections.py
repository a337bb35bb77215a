"""Direct connections of units' systems: asked for, running, past its end, stopped by its owner, rested on a law."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from portal.connections.models import ConnectionOrder
from portal.connections.operations import proposing, running
from portal.connections.values import ConnectionPurpose, OrderDraft
from portal.core.clock import city_day
from portal.demo.stage import Stage
from portal.demo.timeline import Story
from portal.registry.models import Camera
from portal.registry.values.archive import TargetPlatform

_PLATFORMS = {
    ConnectionPurpose.PUBLIC_ORDER: (TargetPlatform.POLICE_VIDEO, "安阳市公安视频图像共享平台"),
    ConnectionPurpose.ROAD_TRAFFIC: (TargetPlatform.TRAFFIC, "安阳市公安交通管理指挥平台"),
    ConnectionPurpose.FIRE: (TargetPlatform.FIRE, "安阳市消防物联网监督平台"),
}
_NEED = {
    ConnectionPurpose.PUBLIC_ORDER: "门前及周边道路为治安防控重点部位，高峰时段需与巡逻警力联动，仅接入室外公共区域点位。",
    ConnectionPurpose.ROAD_TRAFFIC: "门前路段早晚高峰拥堵，需实时掌握车辆排队情况并疏导交通。",
    ConnectionPurpose.FIRE: "消防通道占用多发，需远程查看疏散通道和消防车道是否畅通。",
}


def stories(stage: Stage) -> list[Story]:
    """One order in every state that the pages tell apart."""
    order, traffic, fire = ConnectionPurpose
    return [
        _order(stage, "school_campus", "securityhead", order, ago=130, days=360, steps=5),
        _order(stage, "bank_branch", "securityhead2", order, ago=200, days=190, steps=5),
        _stopped(stage),
        _order(stage, "bank_branch", "securityhead2", fire, ago=6, days=180, steps=1),
        _order(stage, "school_gate", "securityhead", traffic, ago=3, days=90, steps=0),
        _without_consent(stage),
    ]


def _draft(stage: Stage, key: str, purpose: ConnectionPurpose, now: datetime, days: int) -> OrderDraft:
    hung = (
        select(Camera.id).where(Camera.system_id == stage.systems[key], ~Camera.secret).order_by(Camera.name).limit(8)
    )
    platform, name = _PLATFORMS[purpose]
    today = city_day(now)
    return OrderDraft(
        purpose=purpose, platform=platform, platform_name=name, need=_NEED[purpose], path="视频专网，GB/T 28181-2022",
        officer_name="周建国", officer_number="051207", starts_on=today, ends_on=today + timedelta(days=days),
        camera_ids=tuple(stage.session.scalars(hung)),
    )  # fmt: skip


def _propose(stage: Stage, key: str, purpose: ConnectionPurpose, now: datetime, days: int) -> ConnectionOrder:
    return proposing.propose_order(
        stage.session, actor=stage.who("registrar", now), system_id=stage.systems[key],
        draft=_draft(stage, key, purpose, now, days), now=now,
    )  # fmt: skip


def _do(stage: Stage, act: Any, order: ConnectionOrder, login: str, now: datetime, **more: Any) -> None:
    stage.session.flush()
    act(
        stage.session, actor=stage.who(login, now), connection_order_id=order.id, seen_version=order.version, **more, now=now
    )  # fmt: skip
    stage.session.flush()


def _order(stage: Stage, key: str, head: str, purpose: ConnectionPurpose, *, ago: int, days: int, steps: int) -> Story:
    """Proposed (0), consented to (1), or further as far as connected."""
    yield (now := stage.ago(ago, 9, 30))
    order = _propose(stage, key, purpose, now, days)
    if steps:
        yield (now := stage.ago(ago - 1, 15, 0))
        _do(stage, proposing.consent, order, head, now, terms="仅限室外公共区域点位，不得用于其他目的。")
    if steps > 1:
        yield (now := stage.ago(ago - 2, 10, 0))
        _do(stage, proposing.approve, order, "leader", now, reason="符合规定，同意接入。")
        yield (now := stage.ago(ago - 4, 16, 0))
        _do(stage, running.connect, order, "registrar", now, on=city_day(now))


def _stopped(stage: Stage) -> Story:
    """A school that took its consent back yesterday; the line is not cut yet."""
    yield (now := stage.ago(60, 10, 0))
    order = _propose(stage, "school_campus", ConnectionPurpose.FIRE, now, 180)
    yield (now := stage.ago(58, 10, 0))
    _do(stage, proposing.consent, order, "schoolleader", now, terms="限消防检查期间。")
    yield (now := stage.ago(57, 10, 0))
    _do(stage, proposing.approve, order, "leader", now, reason="同意。")
    yield (now := stage.ago(55, 10, 0))
    _do(stage, running.connect, order, "registrar", now, on=city_day(now))
    yield (now := stage.ago(1, 17, 20))
    _do(
        stage,
        proposing.withdraw_consent,
        order,
        "schoolleader",
        now,
        reason="消防检查已结束，平台仍在非约定时段调看画面。",
    )


def _without_consent(stage: Stage) -> Story:
    """A bank that refused; the organ rests the order on a law, one leader has approved, another is to second."""
    yield (now := stage.ago(20, 9, 0))
    order = _propose(stage, "bank_branch", ConnectionPurpose.ROAD_TRAFFIC, now, 60)
    yield (now := stage.ago(18, 9, 0))
    _do(stage, proposing.refuse, order, "securityhead2", now, reason="营业场所涉及客户隐私，且已有报警联网。")
    yield (now := stage.ago(15, 9, 0))
    _do(
        stage, proposing.claim_law, order, "registrar", now, article="《中华人民共和国反恐怖主义法》第二十七条",
        reason="该网点位于已公告的防范恐怖袭击重点目标警戒范围内。",
    )  # fmt: skip
    yield (now := stage.ago(12, 9, 0))
    _do(stage, proposing.approve, order, "leader", now, reason="依据充分，同意，报市局复核。")
