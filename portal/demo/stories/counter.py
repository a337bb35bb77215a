"""Footage asked for at a unit's own counter: by individuals, by a campus, by a court with a letter."""

from portal.demo.stage import Stage
from portal.demo.stories.footage import Ask, Footage
from portal.demo.timeline import Story
from portal.evidence.values import ActKind, InstrumentKind, Paper, Purpose, Relation, RequesterKind
from portal.workflow.states import Verdict

# Identity numbers printed as examples in the standard itself (GB 11643-1999), so nobody's own.
_EXAMPLE_ID = "11010519491231002X"
_SECOND_EXAMPLE_ID = "440524188001010014"


def stories(stage: Stage) -> list[Story]:
    """Every request that was not brought by the police."""
    return [
        _lost_child(stage),
        _waiting_individual(stage),
        _by_telephone(stage),
        _campus_slip(stage),
        _court_at_the_college(stage),
        _campus_viewing(stage),
        _at_the_centre(stage),
    ]


def _lost_child(stage: Stage) -> Story:
    """Decree 799 art. 21: a guardian views, nothing is copied."""
    ask = Ask(
        asker="hospitalfiler",
        system="hospital_main",
        kind=RequesterKind.INDIVIDUAL,
        instrument=InstrumentKind.PERSONAL_APPLICATION,
        requester="袁晓梅",
        visitor=("袁晓梅", _EXAMPLE_ID),
        purpose=Purpose.LIFE_OR_PROPERTY,
        act=ActKind.PLAYBACK,
        relation=Relation.GUARDIAN,
        reason="孩子在门诊大厅走失，查看其去向。",
        span=(12, 9, 10),
        papers=(Paper.HANDLER_ID, Paper.RELATION_PROOF),
    )
    one = Footage(stage, ask)
    yield (now := stage.ago(12, 10, 20))
    one.draft(now)
    one.submit(now)
    yield (now := stage.ago(12, 10, 28))
    one.decide("hospitalhead", now, comment="情况紧急，同意查阅。")
    one.assign("hospitalhead", "hospitalcustodian", now)


def _waiting_individual(stage: Stage) -> Story:
    ask = Ask(
        asker="mallfiler",
        system="mall_main",
        kind=RequesterKind.INDIVIDUAL,
        instrument=InstrumentKind.PERSONAL_APPLICATION,
        requester="汪玉平",
        visitor=("汪玉平", _SECOND_EXAMPLE_ID),
        purpose=Purpose.LIFE_OR_PROPERTY,
        act=ActKind.PLAYBACK,
        relation=Relation.SELF,
        reason="钱包遗失，查看结账时段。",
        span=(2, 17, 18),
        papers=(Paper.HANDLER_ID, Paper.RELATION_PROOF),
    )
    one = Footage(stage, ask)
    yield (now := stage.ago(1, 10, 30))
    one.draft(now)
    one.submit(now)


def _by_telephone(stage: Stage) -> Story:
    """MPS administrative rules art. 28: asked by telephone, called back, the notice itself still owed."""
    ask = Ask(
        asker="investigator3",
        officers=("investigator4",),
        system="mall_main",
        kind=RequesterKind.POLICE_ADMINISTRATIVE,
        instrument=InstrumentKind.ADMINISTRATIVE_NOTICE,
        case="B4105030000202600291",
        name="走失老人查找",
        purpose=Purpose.EMERGENCY,
        act=ActKind.PLAYBACK,
        reason="走失老人最后出现在商场，紧急查看其去向。",
        span=(4, 15, 16),
        urgent=True,
    )
    one = Footage(stage, ask)
    yield (now := stage.ago(4, 16, 20))
    one.draft(now)
    one.submit(now)
    one.decide("casehead2", now)
    yield (now := stage.ago(4, 16, 30))
    one.verify("mallhead", now)
    one.decide("mallhead", now, Verdict.ACKNOWLEDGE, "收到，已回拨核实。")


def _campus_slip(stage: Stage) -> Story:
    """Mianyang art. 9: the department signs, the leader for public order has yet to."""
    ask = Ask(
        asker="collegefiler",
        system="college_campus",
        kind=RequesterKind.OWN_DEPARTMENT,
        instrument=InstrumentKind.INTERNAL_SLIP,
        number="学工调〔2026〕12号",
        requester="学生工作处",
        purpose=Purpose.PUBLIC_ORDER,
        act=ActKind.PLAYBACK,
        reason="宿舍区电动自行车被盗，核查时段内进出人员。",
        zone="dormitory_entrance",
        span=(5, 18, 21),
        papers=(Paper.DEPARTMENT_STAMP,),
    )
    one = Footage(stage, ask)
    yield (now := stage.ago(3, 9, 0))
    one.draft(now)
    one.submit(now)
    yield (now := stage.ago(3, 14, 0))
    one.decide("collegedept", now)


def _court_at_the_college(stage: Stage) -> Story:
    """Mianyang art. 10: director, then school leader; a court comes to the counter with its letter."""
    ask = Ask(
        asker="collegefiler",
        system="college_campus",
        kind=RequesterKind.COURT,
        instrument=InstrumentKind.INTRODUCTION_LETTER,
        number="安中法介〔2026〕031号",
        case="（2026）豫05民终1120号",
        requester="安阳市中级人民法院",
        visitor=("司马立", _SECOND_EXAMPLE_ID),
        purpose=Purpose.JUDICIAL,
        act=ActKind.PLAYBACK,
        zone="gate",
        span=(14, 7, 9),
        papers=(Paper.INTRODUCTION_LETTER, Paper.HANDLER_ID),
    )
    one = Footage(stage, ask)
    yield (now := stage.ago(10, 9, 30))
    one.draft(now)
    one.submit(now)
    yield (now := stage.ago(10, 15, 0))
    one.decide("collegedirector", now)


def _campus_viewing(stage: Stage) -> Story:
    """The 2013 rules: the public-order section consents to viewing."""
    ask = Ask(
        asker="unifiler",
        system="university_campus",
        kind=RequesterKind.OWN_DEPARTMENT,
        instrument=InstrumentKind.INTERNAL_SLIP,
        number="资产调〔2026〕5号",
        requester="国有资产管理处",
        purpose=Purpose.PUBLIC_ORDER,
        act=ActKind.PLAYBACK,
        zone="gate",
        reason="核查实验设备外运车辆。",
        span=(7, 13, 15),
    )
    one = Footage(stage, ask)
    yield (now := stage.ago(5, 9, 0))
    one.draft(now)
    one.submit(now)
    yield (now := stage.ago(5, 10, 30))
    one.decide("uniorder", now)
    one.assign("unihead", "uniadmin", now)
    yield (now := stage.ago(5, 15, 0))
    one.unlock("uniadmin", "unihead", now)
    yield (now := stage.ago(5, 16, 0))
    one.conclude("uniadmin", now)
    yield (now := stage.ago(4, 9, 0))
    one.archive("unihead", now)


def _at_the_centre(stage: Stage) -> Story:
    """Shaoxing art. 12: a public-safety point, so the deputy for security decides alone."""
    ask = Ask(
        asker="centrefiler",
        system="centre_building",
        kind=RequesterKind.OWN_DEPARTMENT,
        instrument=InstrumentKind.INTERNAL_SLIP,
        number="后勤调〔2026〕8号",
        requester="车辆管理科",
        purpose=Purpose.TRAFFIC,
        act=ActKind.PLAYBACK,
        zone="gate",
        reason="车辆剐蹭，核查责任。",
        span=(4, 8, 9),
    )
    one = Footage(stage, ask)
    yield (now := stage.ago(2, 9, 0))
    one.draft(now)
    one.submit(now)
    yield (now := stage.ago(2, 11, 0))
    one.decide("centresecurity", now)
