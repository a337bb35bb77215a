"""Footage the police ask for, with a notice or by letter: one request in every state."""

from collections.abc import Callable, Generator
from datetime import datetime, timedelta

from portal.core.clock import city_day
from portal.demo.stage import Stage
from portal.demo.stories.footage import Ask, Footage
from portal.demo.timeline import Story
from portal.evidence.values import ActKind, InstrumentKind, Outcome, Paper, Purpose, RequesterKind
from portal.workflow.states import Verdict


def stories(stage: Stage) -> list[Story]:
    """Every request of the city."""
    return [
        _to_the_archive(stage),
        _out_too_long(stage),
        _came_back(stage),
        _up_to(
            stage, "bank_branch", 5, "received", number="文公（刑）调证字〔2026〕0341号", case="A4105020000202610019"
        ),
        _up_to(
            stage, "bank_branch", 4, "handed_over", number="文公（刑）调证字〔2026〕0352号", case="A4105020000202610023"
        ),
        _up_to(
            stage, "school_campus", 4, "sealed", number="文公（刑）调证字〔2026〕0357号", case="A4105020000202610027"
        ),
        _up_to(
            stage, "school_campus", 3, "executing", number="文公（刑）调证字〔2026〕0361号", case="A4105020000202610031"
        ),
        _up_to(
            stage, "bank_branch", 3, "assigned", number="文公（刑）调证字〔2026〕0363号", case="A4105020000202610033"
        ),
        _up_to(
            stage, "school_campus", 2, "approved", number="文公（刑）调证字〔2026〕0366号", case="A4105020000202610036"
        ),
        _up_to(
            stage,
            "bank_branch",
            2,
            "acknowledging",
            number="文公（刑）调证字〔2026〕0368号",
            case="A4105020000202610038",
        ),
        _up_to(
            stage, "school_campus", 1, "submitted", number="文公（刑）调证字〔2026〕0370号", case="A4105020000202610040"
        ),
        _up_to(stage, "bank_branch", 1, "draft", number="文公（刑）调证字〔2026〕0371号", case="A4105020000202610041"),
        _sent_back(stage),
        _refused_by_the_unit(stage),
        _withdrawn(stage),
        _device_was_down(stage),
        _viewed_at_the_mall(stage),
        _secret(stage),
    ]


_STAFF = {"bank": ("securityhead2", "custodian2"), "school": ("securityhead", "custodian")}


def _notice(system: str, number: str, case: str, *, days: int) -> Ask:
    """What investigators of the Wenfeng branch bring: a retrieval notice in a criminal case."""
    return Ask(
        asker="investigator",
        officers=("investigator2",),
        system=system,
        kind=RequesterKind.POLICE_CRIMINAL,
        instrument=InstrumentKind.RETRIEVAL_NOTICE,
        number=number,
        case=case,
        name="盗窃案",
        purpose=Purpose.CRIMINAL_CASE,
        papers=(Paper.RETRIEVAL_NOTICE,),
        span=(days + 6, 19, 22),
        reason="核查嫌疑人进出现场的时间、衣着及去向。",
    )


def _to_the_archive(stage: Stage) -> Story:
    """From the draft to the closed file, hold lifted: the whole job once."""
    head, custodian = _STAFF["bank"]
    one = Footage(stage, _notice("bank_branch", "文公（刑）调证字〔2026〕0312号", "A4105020000202609977", days=20))
    yield (now := stage.ago(20, 9, 5))
    one.draft(now)
    yield (now := stage.ago(20, 9, 30))
    one.submit(now)
    yield (now := stage.ago(20, 10, 5))
    one.decide("casehead", now)
    yield (now := stage.ago(20, 10, 40))
    one.take_up(head, now)
    yield (now := stage.ago(20, 10, 55))
    one.assign(head, custodian, now)
    yield (now := stage.ago(20, 14, 10))
    one.unlock(custodian, head, now)
    yield (now := stage.ago(20, 14, 25))
    one.register(custodian, now)
    yield (now := stage.ago(20, 15, 20))
    one.seal(custodian, now)
    one.shelve(custodian, now)
    yield (now := stage.ago(20, 16, 0))
    one.hand_over(custodian, head, now)
    yield (now := stage.ago(20, 16, 25))
    one.receive("investigator", now)
    yield (now := stage.ago(19, 11, 5))
    one.file_copy("investigator", now)
    yield (now := stage.ago(18, 9, 40))
    one.archive(head, now)
    yield (now := stage.ago(8, 10, 0))
    one.let_go("investigator", "casehead", now)


def _handed_out(
    stage: Stage, system: str, number: str, case: str, *, days: int, stays: int
) -> Generator[datetime, None, Footage]:
    """A notice carried out on one day, the copy due back some days later; the story's file goes on with it."""
    head, custodian = _STAFF[system.partition("_")[0]]
    one = Footage(stage, _notice(system, number, case, days=days))
    yield (now := stage.ago(days, 8, 40))
    one.draft(now)
    one.submit(now)
    yield (now := stage.ago(days, 9, 20))
    one.decide("casehead", now)
    yield (now := stage.ago(days, 10, 5))
    one.take_up(head, now)
    one.assign(head, custodian, now)
    yield (now := stage.ago(days, 14, 0))
    one.unlock(custodian, head, now)
    one.register(custodian, now)
    yield (now := stage.ago(days, 15, 10))
    one.seal(custodian, now)
    one.shelve(custodian, now)
    yield (now := stage.ago(days, 15, 40))
    one.hand_over(custodian, head, now, city_day(now) + timedelta(days=stays))
    yield (now := stage.ago(days, 16, 20))
    one.receive("investigator", now)
    return one


def _out_too_long(stage: Stage) -> Story:
    """Nobody has said where the copy is, and its day has passed."""
    yield from _handed_out(
        stage, "bank_branch", "文公（刑）调证字〔2026〕0305号", "A4105020000202609961", days=17, stays=10
    )


def _came_back(stage: Stage) -> Story:
    one = yield from _handed_out(
        stage, "school_campus", "文公（刑）调证字〔2026〕0309号", "A4105020000202609969", days=14, stays=10
    )
    yield (now := stage.ago(6, 10, 15))
    one.take_back("securityhead", now)


def _up_to(stage: Stage, system: str, days: int, last: str, *, number: str, case: str) -> Story:
    """A notice that has got as far as `last`."""
    head, custodian = _STAFF[system.partition("_")[0]]
    one = Footage(stage, _notice(system, number, case, days=days))
    steps: dict[str, Callable[[datetime], None]] = {
        "draft": one.draft,
        "submitted": one.submit,
        "acknowledging": lambda now: one.decide("casehead", now),
        "approved": lambda now: one.take_up(head, now),
        "assigned": lambda now: one.assign(head, custodian, now),
        "executing": lambda now: one.unlock(custodian, head, now),
        "registered": lambda now: one.register(custodian, now),
        "sealed": lambda now: one.seal(custodian, now),
        "handed_over": lambda now: one.hand_over(custodian, head, now),
        "received": lambda now: one.receive("investigator", now),
    }
    for place, (reached, step) in enumerate(steps.items()):
        yield (now := stage.ago(days, 8 + place, 10 + 3 * place))
        step(now)
        if reached == last:
            return


def _sent_back(stage: Stage) -> Story:
    one = Footage(stage, _notice("school_campus", "文公（刑）调证字〔2026〕0359号", "A4105020000202610029", days=6))
    yield (now := stage.ago(6, 10, 20))
    one.draft(now)
    one.submit(now)
    yield (now := stage.ago(5, 9, 10))
    one.decide("casehead", now, Verdict.RETURN, "调取时段过宽，请按案情缩小范围后重新提交。")


def _refused_by_the_unit(stage: Stage) -> Story:
    """By letter only: the head of the department agrees, the unit does not."""
    ask = Ask(
        asker="investigator2",
        officers=("investigator",),
        system="bank_branch",
        kind=RequesterKind.POLICE_ADMINISTRATIVE,
        instrument=InstrumentKind.INTRODUCTION_LETTER,
        number="文公治介字〔2026〕0086号",
        case="B4105020000202600412",
        name="纠纷调解",
        purpose=Purpose.PUBLIC_ORDER,
        act=ActKind.PLAYBACK,
        span=(16, 10, 12),
        papers=(Paper.INTRODUCTION_LETTER,),
    )
    one = Footage(stage, ask)
    yield (now := stage.ago(11, 9, 30))
    one.draft(now)
    one.submit(now)
    yield (now := stage.ago(11, 11, 0))
    one.decide("casehead", now)
    yield (now := stage.ago(10, 15, 30))
    one.decide("securityhead2", now, Verdict.REFUSE, "柜台区域涉及客户金融信息，请出具法定调取文书。")


def _withdrawn(stage: Stage) -> Story:
    one = Footage(stage, _notice("school_campus", "文公（刑）调证字〔2026〕0338号", "A4105020000202610011", days=9))
    yield (now := stage.ago(9, 9, 15))
    one.draft(now)
    one.submit(now)
    yield (now := stage.ago(9, 16, 45))
    one.withdraw(now)


def _device_was_down(stage: Stage) -> Story:
    head, custodian = _STAFF["school"]
    one = Footage(stage, _notice("school_campus", "文公（刑）调证字〔2026〕0327号", "A4105020000202609991", days=13))
    yield (now := stage.ago(13, 9, 20))
    one.draft(now)
    one.submit(now)
    yield (now := stage.ago(13, 11, 0))
    one.decide("casehead", now)
    yield (now := stage.ago(13, 14, 0))
    one.decide(head, now, Verdict.ACKNOWLEDGE, "收到，立即核查。")
    one.assign(head, custodian, now)
    yield (now := stage.ago(12, 9, 30))
    one.cannot(head, Outcome.DEVICE_DOWN, "该时段设备因供电故障停录，已附维修记录。", now)


def _viewed_at_the_mall(stage: Stage) -> Story:
    ask = Ask(
        asker="investigator3",
        officers=("investigator4",),
        system="mall_main",
        kind=RequesterKind.POLICE_ADMINISTRATIVE,
        instrument=InstrumentKind.ADMINISTRATIVE_NOTICE,
        number="北公（治）调证字〔2026〕0118号",
        case="B4105030000202600277",
        name="寻衅滋事案",
        purpose=Purpose.PUBLIC_ORDER,
        act=ActKind.PLAYBACK,
        cameras=4,
        span=(18, 20, 22),
        papers=(Paper.RETRIEVAL_NOTICE,),
    )
    one = Footage(stage, ask)
    yield (now := stage.ago(15, 9, 0))
    one.draft(now)
    one.submit(now)
    yield (now := stage.ago(15, 10, 0))
    one.decide("casehead2", now)
    yield (now := stage.ago(15, 11, 0))
    one.decide("mallhead", now, Verdict.ACKNOWLEDGE, "收到。")
    one.assign("mallhead", "mallcustodian", now)
    yield (now := stage.ago(15, 15, 0))
    one.unlock("mallcustodian", "mallhead", now)
    yield (now := stage.ago(15, 16, 10))
    one.conclude("mallcustodian", now)


def _secret(stage: Stage) -> Story:
    """A secret case: the unit's people see that footage is wanted, never what for."""
    ask = Ask(
        asker="investigator3",
        officers=("investigator4",),
        system="hospital_main",
        kind=RequesterKind.POLICE_CRIMINAL,
        instrument=InstrumentKind.RETRIEVAL_NOTICE,
        number="北公（刑）调证字〔2026〕0207号",
        case="A4105030000202610102",
        name="涉密案件",
        purpose=Purpose.CRIMINAL_CASE,
        cameras=3,
        span=(9, 8, 12),
        papers=(Paper.RETRIEVAL_NOTICE,),
        secret=True,
        readers=("casehead2",),
    )
    one = Footage(stage, ask)
    yield (now := stage.ago(7, 8, 40))
    one.draft(now)
    one.submit(now)
    yield (now := stage.ago(7, 9, 20))
    one.decide("casehead2", now)
    yield (now := stage.ago(7, 10, 0))
    one.decide("hospitalhead", now, Verdict.ACKNOWLEDGE, "收到。")
    one.assign("hospitalhead", "hospitalcustodian", now)
