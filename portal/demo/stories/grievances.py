"""Owners complain about what the police did with their footage: one complaint in each state."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from portal.core.clock import city_day
from portal.demo.stage import Stage
from portal.demo.timeline import Story
from portal.evidence.models import CustodyEntry
from portal.mandates.operations import complaints
from portal.mandates.values import ComplaintAbout

Case = tuple[str, str, ComplaintAbout, str, int, str]

_CASES: tuple[Case, ...] = (
    (
        "securityhead",
        "school",
        ComplaintAbout.UNRECORDED_USE,
        "某派出所民警口头要求拷走校门录像，未出具文书，也未登记。",
        2,
        "raised",
    ),
    (
        "hospitalhead",
        "hospital",
        ComplaintAbout.BEYOND_PURPOSE,
        "通知书写明调取一小时，实际拷贝三小时。",
        20,
        "acknowledged",
    ),
    ("mallhead", "mall", ComplaintAbout.NOT_RETURNED, "借用的移动硬盘逾期未归还。", 60, "answered"),
    ("securityhead", "school", ComplaintAbout.DAMAGE, "调取后录像机无法正常回放。", 83, "contested"),
    ("collegehead", "college", ComplaintAbout.NO_PAPERS, "仅一名人员到场，未出示工作证件。", 140, "closed"),
    ("hotelhead", "hotel", ComplaintAbout.OTHER, "误以为资料外传，经核实为本单位内部使用。", 30, "withdrawn"),
)


def stories(stage: Stage) -> list[Story]:
    """One complaint in each state."""
    return [_complaint(stage, case) for case in _CASES]


def _complaint(stage: Stage, case: Case) -> Story:
    login, unit, about, told, days, until = case
    session = stage.session
    yield (now := stage.ago(days, 10, 30))
    owner = stage.who(login, now)
    use = session.scalars(
        select(CustodyEntry)
        .where(CustodyEntry.unit_id == stage.units[unit], ~CustodyEntry.secret, CustodyEntry.at < now)
        .order_by(CustodyEntry.at.desc())
        .limit(1)
    ).one_or_none()
    grievance = complaints.Grievance(
        about=about,
        about_organ=use.requester_unit if use else "文峰分局",
        text=told,
        happened_on=city_day(now - timedelta(days=1)),
        entry_id=use.id if use and about is not ComplaintAbout.UNRECORDED_USE else None,
    )
    made = complaints.raise_complaint(
        session, actor=owner, unit_id=stage.units[unit], grievance=grievance, calendar=stage.calendar, now=now
    )
    handler = stage.who("auditor", now)
    own: dict[str, Any] = {"actor": owner, "complaint_id": made.id}
    if until == "withdrawn":
        yield (now := stage.ago(days - 1, 9, 0))
        complaints.withdraw_complaint(session, now=now, **own)
    if until in {"raised", "withdrawn"}:
        return
    yield (now := stage.ago(days - 1, 9, 0))
    handled: dict[str, Any] = {"actor": handler, "complaint_id": made.id}
    complaints.acknowledge_complaint(session, seen_version=made.version, now=now, **handled)
    if until == "acknowledged":
        return
    yield (now := stage.ago(days - 15, 16, 0))
    answer = "经核查情况属实，已责令当事人纠正，并对有关人员批评教育。"
    session.flush()
    complaints.answer_complaint(session, seen_version=made.version, upheld=True, answer=answer, now=now, **handled)
    yield (now := stage.ago(days - 20, 9, 30))
    if until == "contested":
        complaints.contest_answer(session, reason="设备至今未修复，请明确修复责任和时限。", now=now, **own)
    if until == "closed":
        complaints.close_complaint(session, now=now, **own)
