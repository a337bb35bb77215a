"""The model units file their systems: accepted, returned, waiting, overdue, changed, superseded, withdrawn."""

from collections.abc import Callable, Mapping
from datetime import datetime

from portal.demo.stage import Stage
from portal.demo.stories.paperwork import Build, Paperwork
from portal.demo.timeline import Story
from portal.registry.states import UseAction
from portal.registry.values import FilingKind, Handler

BUILDS = (
    Build(key="school_campus", unit="school", name="校园视频监控系统", cameras=48, begun=390, wired=True),
    Build(key="school_dormitory", unit="school", name="宿舍楼扩建视频监控系统", cameras=12, begun=60),
    Build(key="school_gate", unit="school", name="校门周边视频监控系统", cameras=9, begun=48),
    Build(key="bank_branch", unit="bank", name="营业场所视频监控系统", cameras=32, begun=380, wired=True),
    Build(key="bank_atm", unit="bank", name="自助银行视频监控系统", cameras=8, begun=40),
    Build(key="hospital_main", unit="hospital", name="院区视频监控系统", cameras=90, begun=370, wired=True),
    Build(key="hospital_emergency", unit="hospital", name="急诊楼视频监控系统", cameras=26, begun=75),
    Build(key="mall_main", unit="mall", name="营业区视频监控系统", cameras=76, begun=360, wired=True),
    Build(key="mall_garage", unit="mall", name="地下车库视频监控系统", cameras=20, begun=90),
    Build(key="hotel_main", unit="hotel", name="公共区域视频监控系统", cameras=28, begun=200),
    Build(key="college_campus", unit="college", name="校园视频监控系统", cameras=120, begun=385, wired=True),
    Build(key="university_campus", unit="university", name="校园视频监控系统", cameras=180, begun=383, wired=True),
    Build(key="shop_floor", unit="shop", name="经营区视频监控系统", cameras=4, begun=402),
    Build(key="shop_door", unit="shop", name="门前公共区域视频监控系统", cameras=1, begun=150, regime="a9"),
    Build(key="bank_counter", unit="bank", name="自助服务网点视频监控系统", cameras=6, begun=150),
    Build(key="shop_store", unit="shop", name="仓储区视频监控系统", cameras=8, begun=415),
    Build(key="centre_building", unit="centre", name="办公楼视频监控系统", cameras=96, begun=388, wired=True),
)
# Filed and accepted long ago, each about three months after it was begun.
_SETTLED = frozenset(
    [
        "school_campus",
        "bank_branch",
        "hospital_main",
        "mall_main",
        "college_campus",
        "university_campus",
        "centre_building",
    ]
)
_UNCLEAR = "经办人身份证明不清晰；系统地址请填写到门牌号。请补正后重新提交。"


def stories(stage: Stage) -> list[Story]:
    """Every system is built; each filing then goes its own way."""
    work = {build.key: Paperwork(stage, build) for build in BUILDS}
    return [
        *(_built(stage, one) for one in work.values()),
        *(_accepted(stage, one) for key, one in work.items() if key in _SETTLED),
        _left_as_draft(stage, work["school_dormitory"], 6),
        _waiting(stage, work["school_gate"]),
        _returned(stage, work["bank_atm"]),
        _returned_and_accepted(stage, work["hospital_emergency"]),
        _taken_back(stage, work["mall_garage"]),
        _left_as_draft(stage, work["hotel_main"], 45),
        _changed(stage, work["bank_branch"]),
        _change_waiting(stage, work["hospital_main"]),
        _changed_and_untold(stage, work["mall_main"]),
        _about_to_be_confirmed(stage, work["shop_floor"]),
        _taken_out(stage, work["shop_door"]),
        _moved(stage, work["bank_counter"]),
        _forgotten(stage, work["shop_store"]),
        _contradicted(stage, work),
        *(_equipped(stage, work[key]) for key in ("school_campus", "bank_branch", "shop_floor")),
    ]


def _built(stage: Stage, work: Paperwork) -> Story:
    """From the first entry to the trial run, which must come before anybody inspects."""
    begun = work.build.begun
    yield (now := stage.ago(begun, 9, 35))
    work.enter(now)
    yield (now := stage.ago(begun - 3, 10, 10))
    work.use(UseAction.START_BUILDING, now)
    yield (now := stage.ago(begun - 22, 10, 10))
    work.hang(now)
    work.use(UseAction.START_TRIAL, now)


def _steps(*steps: tuple[datetime, Callable[[datetime], None]]) -> Story:
    for now, act in steps:
        yield now
        act(now)


def _accepted(stage: Stage, work: Paperwork) -> Story:
    opened = work.build.begun - 92
    return _steps(
        (stage.ago(opened, 9, 15), work.open),
        (stage.ago(opened - 2, 14, 5), work.hand_in),
        (stage.ago(opened - 5, 10, 30), lambda now: work.accept(now, f"4105{opened:04d}{len(work.build.key):04d}")),
    )


def _left_as_draft(stage: Stage, work: Paperwork, days: int) -> Story:
    return _steps((stage.ago(days, 16, 20), lambda now: work.open(now, papers=())))


def _waiting(stage: Stage, work: Paperwork) -> Story:
    return _steps((stage.ago(4, 15, 40), work.open), (stage.ago(2, 11, 5), work.hand_in))


def _returned(stage: Stage, work: Paperwork) -> Story:
    return _steps(
        (stage.ago(9, 9, 50), work.open),
        (stage.ago(7, 10, 25), work.hand_in),
        (stage.ago(3, 15, 10), lambda now: work.send_back(now, _UNCLEAR)),
    )


def _returned_and_accepted(stage: Stage, work: Paperwork) -> Story:
    """The common case: sent back once, corrected within the day, accepted."""
    return _steps(
        (stage.ago(40, 9, 5), work.open),
        (stage.ago(39, 10, 15), work.hand_in),
        (stage.ago(37, 16, 30), lambda now: work.send_back(now, _UNCLEAR)),
        (stage.ago(36, 9, 40), lambda now: work.attach(("handler_identity",), now)),
        (stage.ago(36, 9, 55), work.hand_in),
        (stage.ago(34, 11, 20), work.accept),
    )


def _taken_back(stage: Stage, work: Paperwork) -> Story:
    return _steps(
        (stage.ago(30, 14, 0), lambda now: work.open(now, papers=())),
        (stage.ago(28, 9, 30), lambda now: work.take_back(now, "车库改造方案调整，待施工完成后重新备案。")),
    )


def _changed(stage: Stage, work: Paperwork) -> Story:
    """A change of particulars: the first filing is superseded by the second."""
    return _steps(
        (stage.ago(70, 10, 0), lambda now: work.open(now, FilingKind.CHANGE, papers=())),
        (stage.ago(69, 9, 30), work.hand_in),
        (stage.ago(64, 15, 0), work.accept),
    )


def _changed_and_untold(stage: Stage, work: Paperwork) -> Story:
    """Recorders were replaced, and nobody reported it: the registrar finds it on the desk."""
    return _steps((stage.ago(45, 16, 10), lambda now: work.keep_longer(now, by=30)))


def _change_waiting(stage: Stage, work: Paperwork) -> Story:
    return _steps(
        (stage.ago(5, 10, 45), lambda now: work.open(now, FilingKind.CHANGE, papers=())),
        (stage.ago(1, 16, 5), work.hand_in),
    )


def _about_to_be_confirmed(stage: Stage, work: Paperwork) -> Story:
    """A small shop whose owner files himself; its yearly confirmation falls due within days."""
    return _steps(
        (stage.ago(364, 19, 40), lambda now: work.open(now, papers=(), handler=Handler.PRINCIPAL)),
        (stage.ago(364, 19, 43), work.hand_in),
        (stage.ago(361, 10, 10), lambda now: work.accept(now, "410502010361")),
    )


def _taken_out(stage: Stage, work: Paperwork) -> Story:
    """Registered though no text asks for it, and taken out again when the owner wanted so."""
    return _steps(
        (stage.ago(100, 15, 5), lambda now: work.open(now, papers=(), handler=Handler.PRINCIPAL)),
        (stage.ago(100, 15, 8), work.hand_in),
        (stage.ago(98, 9, 30), work.accept),
        (stage.ago(20, 17, 30), work.remove),
    )


def _moved(stage: Stage, work: Paperwork) -> Story:
    """Moved across the river: the filing ends with one organ and is handed in to the other."""
    return _steps(
        (stage.ago(120, 9, 30), work.open),
        (stage.ago(119, 10, 0), work.hand_in),
        (stage.ago(115, 11, 0), work.accept),
        (
            stage.ago(7, 10, 40),
            lambda now: work.move(now, address="河南省安阳市北关区洹滨北路26号", lon=114.3533, lat=36.1182),
        ),
        (stage.ago(6, 9, 30), lambda now: work.hang_again(now, lon=114.3533, lat=36.1182)),
        (stage.ago(6, 14, 20), work.hand_in),
    )


def _forgotten(stage: Stage, work: Paperwork) -> Story:
    """Nobody confirmed it when its year was over."""
    return _steps(
        (stage.ago(390, 9, 30), work.open),
        (stage.ago(389, 10, 0), work.hand_in),
        (stage.ago(386, 11, 0), work.accept),
        (stage.ago(20, 2, 0), work.lapse),
    )


def _contradicted(stage: Stage, work: Mapping[str, Paperwork]) -> Story:
    """What inspectors found against three filings: one open, one upheld, one dismissed."""
    yield (now := stage.ago(25, 15, 30))
    kept = {"item": "图像信息存储期限", "declared": "申报保存 30 日", "found": "抽查 3 路，实际保存 19 日"}
    work["mall_main"].find(now, **kept, upheld=True)
    yield (now := stage.ago(18, 16, 0))
    work["hospital_emergency"].find(
        now, item="采集设备数量", declared="申报 26 台", found="现场 24 台在线", upheld=False
    )
    yield (now := stage.ago(2, 9, 50))
    work["college_campus"].find(now, item="采集设备数量", declared="申报 120 台", found="现场另有 6 台未申报")


def _equipped(stage: Stage, work: Paperwork) -> Story:
    return _steps((stage.ago(work.build.begun - 30, 16, 30), work.equip))
