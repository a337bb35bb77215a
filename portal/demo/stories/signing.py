"""Footage requests that wait for a signature: one at every step of the four unit regulations' chains, posts that are lent,
and approvals that a return or a recall has made void.
"""

from datetime import datetime, timedelta

from portal.accounts.models import PostDelegation
from portal.accounts.operations import Appointment, appoint_stand_in, revoke_stand_in
from portal.accounts.values import Home, Post
from portal.core.clock import city_day
from portal.demo.stage import Stage
from portal.demo.stories.footage import Ask, Footage
from portal.demo.timeline import Story
from portal.evidence.operations import recall_request
from portal.evidence.values import ActKind, InstrumentKind, Paper, Purpose, RequesterKind
from portal.workflow.states import Verdict

# An identity number printed as an example in the standard itself (GB 11643-1999), so nobody's own.
_EXAMPLE_ID = "11010519491231002X"
_CENTRE = ("resident", "centrelogistics", "centredirector", "centredeputy")


def stories(stage: Stage) -> list[Story]:
    """Every signature that somebody of the cast can be asked for."""
    return [
        _signed(stage, _school(), 3),
        _signed(stage, _school(cameras=12, necessity="学生走失，进校路线不明，须逐路核查。"), 2, "schoolleader"),
        _signed(stage, _outside(), 2),
        _signed(stage, _campus("财务处", "核查票据室进出人员。"), 6, "collegedept", "collegepublic"),
        _sent_back(stage),
        _signed_by_a_stand_in(stage),
        _signed(stage, _university(ActKind.PLAYBACK), 1),
        _lent_now(stage),
        _signed(stage, _centre("hall", "保卫科", "大厅物品遗失，核查经过人员。"), 1),
        _signed(stage, _centre("dining", "膳食科", "餐具回收区卫生检查。", purpose=Purpose.FOOD_SAFETY), 1),
        *(_signed(stage, _resident("corridor"), 5 - len(names), *names) for names in _so_far(_CENTRE)),
        _signed(stage, _resident("key_floor"), 2, *_CENTRE),
        _taken_back(stage),
        _lent_later(stage),
        _no_longer_lent(stage),
    ]


def _so_far(names: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Nobody has signed, the first has, the first two have, and so on; never all."""
    return [names[:count] for count in range(len(names))]


def _signed(stage: Stage, ask: Ask, ago: int, *logins: str) -> Story:
    """Handed in, and signed by these."""
    yield from _walked(stage, Footage(stage, ask), ago, *logins)


def _walked(stage: Stage, one: Footage, ago: int, *logins: str) -> Story:
    yield (now := stage.ago(ago, 8, 30))
    one.draft(now)
    one.submit(now)
    for place, login in enumerate(logins):
        yield (now := stage.ago(ago, 9 + 2 * place, 10))
        one.decide(login, now)


def _own(asker: str, system: str, requester: str, reason: str, **more: object) -> Ask:
    """A department asks for its unit's own footage."""
    whole: dict[str, object] = {
        "asker": asker, "system": system, "kind": RequesterKind.OWN_DEPARTMENT,
        "instrument": InstrumentKind.INTERNAL_SLIP, "requester": requester, "purpose": Purpose.PUBLIC_ORDER,
        "act": ActKind.PLAYBACK, "reason": reason, "span": (9, 10, 11),
    }  # fmt: skip
    return Ask(**{**whole, **more})  # type: ignore[arg-type]


def _school(**more: object) -> Ask:
    """Guannan no. 7: the school leader in charge consents."""
    return _own("filer", "school_campus", "德育处", "核查校园内一起学生纠纷的经过。", **more)


def _campus(requester: str, reason: str) -> Ask:
    """Mianyang art. 9: the department's leader and stamp, then the leader for public order."""
    return _own("collegefiler", "college_campus", requester, reason, papers=(Paper.DEPARTMENT_STAMP,))


def _outside() -> Ask:
    """Mianyang art. 10: an outside unit's letter, director and school leader."""
    return Ask(
        asker="collegefiler", system="college_campus", kind=RequesterKind.OUTSIDE_UNIT,
        instrument=InstrumentKind.INTRODUCTION_LETTER, number="豫安建介〔2026〕12号", requester="豫北安装工程有限公司",
        visitor=("裘正平", _EXAMPLE_ID), purpose=Purpose.TRAFFIC, act=ActKind.PLAYBACK, zone="gate",
        reason="施工车辆在校门口刮擦，核查责任。", span=(6, 7, 9),
        papers=(Paper.INTRODUCTION_LETTER, Paper.HANDLER_ID),
    )  # fmt: skip


def _university(act: ActKind) -> Ask:
    """Petroleum university art. 10: the section consents to viewing, the police office to copying."""
    more = {"officers": ("uniadmin",), "papers": (Paper.UNIT_CERTIFICATE,)} if act is ActKind.COPY else {}
    return _own("unifiler", "university_campus", "资产处", "核查实验楼设备外运情况。", act=act, **more)


def _centre(zone: str, requester: str, reason: str, **more: object) -> Ask:
    """Shaoxing art. 12: the zone of the points decides."""
    return _own("centrefiler", "centre_building", requester, reason, zone=zone, **more)


def _resident(zone: str) -> Ask:
    """Shaoxing art. 12 (3): a resident unit asks through its own head."""
    return _own(
        "residentclerk", "centre_building", "", "办公区文件柜被撬，核查进出人员。", zone=zone,
        kind=RequesterKind.RESIDENT_UNIT, papers=(Paper.UNIT_APPLICATION,),
    )  # fmt: skip


def _sent_back(stage: Stage) -> Story:
    """The department signed, the leader for public order sent it back: the signature is void and is asked for again."""
    one = Footage(stage, _campus("学生工作处", "核查图书馆门口一起纠纷。"))
    yield from _walked(stage, one, 4, "collegedept")
    yield (now := stage.ago(3, 10, 20))
    one.decide("collegepublic", now, Verdict.RETURN, "时段过宽，请写明纠纷发生的时间。")
    yield (now := stage.ago(3, 16, 0))
    one.submit(now)


def _taken_back(stage: Stage) -> Story:
    """Taken back by whoever asked, after two had signed."""
    one = Footage(stage, _resident("garage"))
    yield from _walked(stage, one, 4, "resident", "centrelogistics")
    yield (now := stage.ago(3, 9, 40))
    actor = stage.who("residentclerk", now)
    recall_request(
        stage.session, actor=actor, request_id=one.ids[0], reason="时间段填写有误，更正后重新提交。", now=now
    )


def _lend(
    stage: Stage,
    *,
    unit: str,
    post: Post,
    holder: str,
    to: str,
    by: str,
    days: tuple[int, int],
    why: str,
    now: datetime,
) -> PostDelegation:
    """A post lent to a colleague, from and to so many days from `now` on."""
    people, today = stage.residents.accounts, city_day(now)
    wanted = Appointment(
        home=Home(unit_id=stage.units[unit]), post=post, holder_id=people[holder].person_id,
        delegate_id=people[to].person_id, from_day=today + timedelta(days=days[0]),
        to_day=today + timedelta(days=days[1]), reason=why,
    )  # fmt: skip
    row = appoint_stand_in(stage.session, actor=stage.who(by, now), wanted=wanted, now=now)
    stage.forget(to)
    return row


def _lent_now(stage: Stage) -> Story:
    """The head of the police office is away: the section chief signs for them what is to be copied, and has more to sign."""
    yield (now := stage.ago(2, 8, 0))
    _lend(
        stage, unit="university", post=Post.POLICE_OFFICE_HEAD, holder="unioffice", to="uniorder", by="unihead",
        days=(0, 9), why="赴郑州参加培训，期间由治安科科长代行审批。", now=now,
    )  # fmt: skip
    yield from _signed(stage, _university(ActKind.COPY), 2, "uniorder")
    yield from _signed(stage, _university(ActKind.COPY), 1)


def _signed_by_a_stand_in(stage: Stage) -> Story:
    """An appointment that is over; what was signed under it stays signed, and the school leader has yet to."""
    yield (now := stage.ago(12, 8, 0))
    _lend(
        stage, unit="college", post=Post.SECURITY_DIRECTOR, holder="collegedirector", to="collegeorder",
        by="collegehead", days=(0, 2), why="因公出差。", now=now,
    )  # fmt: skip
    yield from _signed(stage, _outside_earlier(), 11, "collegeorder")
    stage.forget("collegeorder")


def _outside_earlier() -> Ask:
    return Ask(
        asker="collegefiler", system="college_campus", kind=RequesterKind.OUTSIDE_UNIT,
        instrument=InstrumentKind.INTRODUCTION_LETTER, number="安龙物介〔2026〕7号", requester="龙安区某物业公司",
        visitor=("舒明月", _EXAMPLE_ID), purpose=Purpose.PUBLIC_ORDER, act=ActKind.PLAYBACK, zone="gate",
        reason="校门外路段电动车被盗，核查去向。", span=(14, 18, 20),
        papers=(Paper.INTRODUCTION_LETTER, Paper.HANDLER_ID),
    )  # fmt: skip


def _lent_later(stage: Stage) -> Story:
    yield (now := stage.ago(1, 15, 0))
    _lend(
        stage, unit="school", post=Post.SCHOOL_LEADER_SAFETY, holder="schoolleader", to="schoolprincipal",
        by="securityhead", days=(4, 8), why="参加校长任职资格培训。", now=now,
    )  # fmt: skip


def _no_longer_lent(stage: Stage) -> Story:
    yield (now := stage.ago(6, 9, 0))
    row = _lend(
        stage, unit="centre", post=Post.LOGISTICS_DEPUTY_CANTEEN, holder="centrecanteen", to="centrelogistics",
        by="centrehead", days=(0, 20), why="病假。", now=now,
    )  # fmt: skip
    yield (now := stage.ago(4, 9, 0))
    actor = stage.who("centrehead", now)
    revoke_stand_in(stage.session, actor=actor, delegation_id=row.id, reason="提前返岗。", now=now)
    stage.forget("centrelogistics")
