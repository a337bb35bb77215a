"""Acceptances in every state: waiting, returned, visited, passed, failed and passed at the second try."""

from datetime import timedelta

from portal.demo.stage import Stage
from portal.demo.stories.registry import BUILDS
from portal.demo.stories.visiting import Visiting
from portal.demo.timeline import Story
from portal.inspection.states import AcceptanceKind

_PUT_RIGHT = "部分点位存在遮挡、录像回放不清晰，应于三十日内整改完毕并申请复验。"
# How far below perfect each settled system was found.
_SETTLED = {
    "school_campus": 0.0,
    "bank_branch": 0.0,
    "college_campus": 0.1,
    "university_campus": 0.0,
}


def stories(stage: Stage) -> list[Story]:
    """Every acceptance of the model units."""
    visiting = {build.key: Visiting(stage, build.key, build.unit) for build in BUILDS}
    begun = {build.key: build.begun for build in BUILDS}
    return [
        *(_passed(stage, visiting[key], begun[key] - 55, short=short) for key, short in _SETTLED.items()),
        _graded(stage, Visiting(stage, "school_campus", "school", kind=AcceptanceKind.STANDARD)),
        _overridden(stage, visiting["hospital_main"], begun["hospital_main"] - 55),
        _basically_passed(stage, visiting["centre_building"], begun["centre_building"] - 55),
        _failed_then_passed(stage, visiting["mall_main"], begun["mall_main"] - 55),
        _failed(stage, visiting["hotel_main"]),
        _half_judged(stage, visiting["school_dormitory"]),
        _called_off(stage, visiting["school_gate"]),
        _returned(stage, visiting["bank_atm"]),
        _withdrawn_and_asked_again(stage, visiting["mall_garage"]),
        _planned(stage, visiting["hospital_emergency"]),
    ]


def _visited(stage: Stage, one: Visiting, days: int, *, short: float) -> Story:
    """Applied for, checked, planned and judged within a fortnight."""
    yield (now := stage.ago(days, 9, 30))
    one.apply(now)
    yield (now := stage.ago(days - 3, 14, 0))
    one.check(now)
    yield (now := stage.ago(days - 4, 9, 20))
    one.schedule(now, stage.ago(days - 9, 9, 0) + timedelta(minutes=10 * len(one.system)))
    yield (now := stage.ago(days - 9, 11, 40))
    one.judge(now, short=short)


def _passed(stage: Stage, one: Visiting, days: int, *, short: float) -> Story:
    yield from _visited(stage, one, days, short=short)
    yield (now := stage.ago(days - 9, 16, 30))
    one.conclude(now)
    yield (now := stage.ago(days - 13, 10, 0))
    one.publish(now)


def _graded(stage: Stage, one: Visiting) -> Story:
    """The school, its system long in use, applies for its grade."""
    yield (now := stage.ago(60, 9, 30))
    one.assess(now)
    one.apply(now)
    yield (now := stage.ago(56, 14, 0))
    one.check(now)
    yield (now := stage.ago(55, 9, 20))
    one.schedule(now, stage.ago(50, 9, 20))
    yield (now := stage.ago(50, 11, 40))
    one.judge(now, short=0.1)
    yield (now := stage.ago(50, 16, 30))
    one.conclude(now)
    yield (now := stage.ago(46, 10, 0))
    one.publish(now)


def _basically_passed(stage: Stage, one: Visiting, days: int) -> Story:
    yield from _visited(stage, one, days, short=0.3)
    yield (now := stage.ago(days - 9, 16, 30))
    one.conclude(now, rectification=_PUT_RIGHT)
    yield (now := stage.ago(days - 20, 10, 0))
    one.cure(now, range(2))
    yield (now := stage.ago(days - 22, 15, 0))
    one.judge_cure(now, range(2))
    # Waits for the leader, on whose desk it lies.
    yield (now := stage.ago(1, 15, 20))
    one.ask_override(now, "pass", "所列问题均已当场改正，复核材料齐全，建议按通过办理。")


def _failed_then_passed(stage: Stage, one: Visiting, days: int) -> Story:
    yield from _visited(stage, one, days, short=0.6)
    yield (now := stage.ago(days - 9, 17, 0))
    one.conclude(now, rectification=_PUT_RIGHT)
    yield (now := stage.ago(days - 12, 9, 0))
    one.publish(now)
    yield (now := stage.ago(days - 16, 10, 0))
    one.cure(now, range(40))
    yield (now := stage.ago(days - 18, 15, 0))
    one.judge_cure(now, range(40))
    yield (now := stage.ago(days - 20, 9, 20))
    one.again(now)
    one.schedule(now, stage.ago(days - 25, 15, 0))
    yield (now := stage.ago(days - 25, 16, 10))
    one.judge_again(now)
    yield (now := stage.ago(days - 25, 17, 0))
    one.conclude(now)
    yield (now := stage.ago(days - 29, 10, 0))
    one.publish(now)


def _failed(stage: Stage, one: Visiting) -> Story:
    yield from _visited(stage, one, 40, short=0.6)
    yield (now := stage.ago(31, 17, 10))
    one.conclude(now, rectification=_PUT_RIGHT)
    # Findings in every state: verified, returned, reported, and the rest still owed or overdue.
    yield (now := stage.ago(24, 10, 0))
    one.cure(now, range(4))
    yield (now := stage.ago(22, 15, 0))
    one.judge_cure(now, range(2))
    one.judge_cure(now, [2], reason="照片未能反映整改后的画面，请补充整改前后对比。")
    yield (now := stage.ago(2, 16, 0))
    one.cure(now, [4], words="已更换电源模块并校准时钟，测试记录附后。")


def _overridden(stage: Stage, one: Visiting, days: int) -> Story:
    """A pass by the arithmetic that two people set lower before it was published."""
    yield from _visited(stage, one, days, short=0.1)
    yield (now := stage.ago(days - 9, 16, 30))
    one.conclude(now)
    yield (now := stage.ago(days - 10, 9, 0))
    one.ask_override(now, "basic", "急诊通道摄像机夜间画面不能辨认人员，属重点部位，不宜直接通过。")
    yield (now := stage.ago(days - 11, 9, 30))
    one.decide_override(now, approved=True, note="情况属实，同意按基本通过办理，整改后复验。")
    yield (now := stage.ago(days - 13, 10, 0))
    one.publish(now)


def _half_judged(stage: Stage, one: Visiting) -> Story:
    """The visit was yesterday; half of the list is filled in."""
    yield (now := stage.ago(9, 10, 0))
    one.apply(now)
    yield (now := stage.ago(7, 9, 0))
    one.check(now)
    yield (now := stage.ago(6, 15, 0))
    one.schedule(now, stage.ago(1, 9, 0))
    yield (now := stage.ago(1, 10, 50))
    one.judge(now, done=0.5)


def _called_off(stage: Stage, one: Visiting) -> Story:
    yield (now := stage.ago(12, 9, 10))
    one.apply(now)
    yield (now := stage.ago(10, 11, 0))
    one.check(now)
    yield (now := stage.ago(9, 9, 30))
    one.schedule(now, stage.ago(3, 14, 0))
    yield (now := stage.ago(4, 16, 0))
    one.cancel(now)


def _returned(stage: Stage, one: Visiting) -> Story:
    yield (now := stage.ago(8, 9, 45))
    one.apply(now)
    yield (now := stage.ago(6, 10, 15))
    one.check(now, complete=False)


def _withdrawn_and_asked_again(stage: Stage, one: Visiting) -> Story:
    yield (now := stage.ago(33, 9, 0))
    one.apply(now)
    yield (now := stage.ago(29, 9, 0))
    one.withdraw(now)
    yield (now := stage.ago(3, 15, 30))
    one.apply(now)


def _planned(stage: Stage, one: Visiting) -> Story:
    """The visit lies ahead."""
    yield (now := stage.ago(5, 9, 30))
    one.apply(now)
    yield (now := stage.ago(3, 9, 30))
    one.check(now)
    yield (now := stage.ago(2, 10, 30))
    one.schedule(now, stage.ago(-2, 9, 0))
