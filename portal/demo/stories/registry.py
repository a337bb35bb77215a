"""The model units file their systems: accepted, returned, waiting, overdue, changed, superseded, withdrawn."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from portal.core.clock import city_day
from portal.demo.stage import Stage
from portal.demo.timeline import Story
from portal.registry.models import Filing
from portal.registry.operations import (
    accept_filing,
    change_use,
    create_system,
    open_filing,
    return_filing,
    submit_filing,
    withdraw_filing,
)
from portal.registry.states import UseAction
from portal.registry.values import FilingKind, PartyRole, StorageKind, SystemKind, SystemParticulars
from portal.regulation.schema.vocabulary import Regime

_PAPERS = ("filing_form", "authorisation_letter", "handler_identity")
FILERS = {
    "school": "filer",
    "bank": "filer2",
    "hospital": "hospitalfiler",
    "mall": "mallfiler",
    "hotel": "hotelfiler",
    "college": "collegefiler",
    "university": "unifiler",
    "centre": "centrefiler",
}
_REGISTRARS = {"410502": "registrar", "410503": "registrar2"}


@dataclass(frozen=True, kw_only=True)
class Build:
    """A system a model unit builds."""

    key: str
    unit: str
    name: str
    cameras: int
    begun: int  # days ago
    wired: bool = False
    department: str = "安全保卫部门"


BUILDS = (
    Build(key="school_campus", unit="school", name="校园视频监控系统", cameras=48, begun=390, wired=True),
    Build(key="school_dormitory", unit="school", name="宿舍楼扩建视频监控系统", cameras=12, begun=60),
    Build(key="school_gate", unit="school", name="校门周边视频监控系统", cameras=9, begun=48),
    Build(key="bank_branch", unit="bank", name="营业场所视频监控系统", cameras=32, begun=380, wired=True),
    Build(key="bank_atm", unit="bank", name="自助银行视频监控系统", cameras=8, begun=40),
    Build(key="hospital_main", unit="hospital", name="院区视频监控系统", cameras=90, begun=370, wired=True),
    Build(key="hospital_emergency", unit="hospital", name="急诊楼视频监控系统", cameras=26, begun=75),
    Build(key="mall_main", unit="mall", name="商业广场视频监控系统", cameras=76, begun=360, wired=True),
    Build(key="mall_garage", unit="mall", name="地下车库视频监控系统", cameras=20, begun=90),
    Build(key="hotel_main", unit="hotel", name="酒店视频监控系统", cameras=28, begun=200),
    Build(key="college_campus", unit="college", name="校园视频监控系统", cameras=120, begun=385, wired=True),
    Build(key="university_campus", unit="university", name="校园视频监控系统", cameras=180, begun=383, wired=True),
    Build(key="centre_building", unit="centre", name="办公楼视频监控系统", cameras=96, begun=388, wired=True),
)


def stories(stage: Stage) -> list[Story]:
    """Every system is built; each filing then goes its own way."""
    built: list[Story] = [_build(stage, build) for build in BUILDS]
    settled = [
        _file_and_accept(stage, build, opened=build.begun - 92)
        for build in BUILDS
        if build.key.endswith(("_campus", "_building", "_branch", "_main")) and build.unit != "hotel"
    ]
    return [
        *built,
        *settled,
        _left_as_draft(stage, "school_dormitory", opened=6),
        _waiting(stage, "school_gate", opened=4, handed_in=2),
        _returned(stage, "bank_atm", opened=9, handed_in=7, returned=3),
        _returned_and_accepted(stage, "hospital_emergency"),
        _taken_back(stage, "mall_garage"),
        _left_as_draft(stage, "hotel_main", opened=45),
        _changed(stage, "bank_branch", opened=70, accepted=64),
        _change_waiting(stage, "hospital_main"),
    ]


def regime_of(stage: Stage, unit: str) -> Regime:
    """The legal regime of a model unit's systems."""
    return Regime(stage.plans[unit].kind.regime)


def registrar_for(stage: Stage, unit: str) -> str:
    """Who decides on a unit's filings."""
    return _REGISTRARS.get(stage.plans[unit].place.district, "cityregistrar")


def _build(stage: Stage, build: Build) -> Story:
    """From the first entry to the trial run, which must come before anybody inspects."""
    filer = FILERS[build.unit]
    plan = stage.plans[build.unit]
    yield (now := stage.ago(build.begun, 9, 35))
    full = f"{plan.name}{build.name}"
    particulars = SystemParticulars(
        name=full,
        kind=SystemKind.UNIT_INTERNAL,
        regime=regime_of(stage, build.unit),
        district=plan.place.district,
        address=plan.place.address,
        purpose="维护公共安全，预防和处置案（事）件",
        department=build.department,
        retention_days=plan.retention_days,
        storage_kind=StorageKind.NVR,
        software=plan.software,
        networked=build.wired,
        parties={
            PartyRole.INVESTOR: plan.name,
            PartyRole.BUILDER: "河南安视智能科技有限公司",
            PartyRole.USER: plan.name,
            PartyRole.MANAGER: plan.name,
        },
    )
    entered = create_system(
        stage.session, actor=stage.who(filer, now), unit_id=stage.units[build.unit], particulars=particulars, now=now
    )
    stage.systems[build.key] = entered.id
    for days, action in ((3, UseAction.START_BUILDING), (22, UseAction.START_TRIAL)):
        yield (now := stage.ago(build.begun - days, 10, 10))
        if action is UseAction.START_TRIAL:
            stage.hang_cameras(build.key, build.unit, build.cameras, wired=build.wired, now=now)
        _use(stage, build.key, filer, action, now)


def _use(stage: Stage, key: str, login: str, action: UseAction, now: datetime) -> None:
    change_use(
        stage.session,
        actor=stage.who(login, now),
        system_id=stage.systems[key],
        action=action,
        on=city_day(now),
        now=now,
    )


def _open(stage: Stage, key: str, kind: FilingKind, now: datetime) -> Filing:
    return open_filing(
        stage.session,
        actor=stage.who(_filer(key), now),
        system_id=stage.systems[key],
        kind=kind,
        calendar=stage.calendar,
        now=now,
    )


def _hand_in(stage: Stage, key: str, filing: Filing, now: datetime) -> None:
    stage.session.flush()
    actor = stage.who(_filer(key), now)
    submit_filing(
        stage.session,
        actor=actor,
        filing_id=filing.id,
        seen_version=filing.version,
        declared_by=actor.name,
        calendar=stage.calendar,
        now=now,
    )


def _accept(stage: Stage, key: str, filing: Filing, now: datetime, national: str = "") -> None:
    stage.session.flush()
    accept_filing(
        stage.session,
        actor=stage.who(registrar_for(stage, _unit(key)), now),
        filing_id=filing.id,
        seen_version=filing.version,
        national_number=national,
        now=now,
    )


def _send_back(stage: Stage, key: str, filing: Filing, now: datetime) -> None:
    stage.session.flush()
    return_filing(
        stage.session,
        actor=stage.who(registrar_for(stage, _unit(key)), now),
        filing_id=filing.id,
        seen_version=filing.version,
        reason="经办人身份证明不清晰；系统地址请填写到门牌号。请补正后重新提交。",
        field_comments={"address": "请填写到门牌号", "documents": "身份证明无法辨认"},
        now=now,
    )


def _file_and_accept(stage: Stage, build: Build, *, opened: int) -> Story:
    yield (now := stage.ago(opened, 9, 15))
    filing = _open(stage, build.key, FilingKind.NEW, now)
    stage.attach(build.key, _filer(build.key), _PAPERS, now=now + timedelta(minutes=20))
    yield (now := stage.ago(opened - 2, 14, 5))
    _hand_in(stage, build.key, filing, now)
    yield (now := stage.ago(opened - 5, 10, 30))
    _accept(stage, build.key, filing, now, national=f"4105{opened:04d}{len(build.key):04d}")


def _left_as_draft(stage: Stage, key: str, *, opened: int) -> Story:
    yield (now := stage.ago(opened, 16, 20))
    _open(stage, key, FilingKind.NEW, now)


def _waiting(stage: Stage, key: str, *, opened: int, handed_in: int) -> Story:
    yield (now := stage.ago(opened, 15, 40))
    filing = _open(stage, key, FilingKind.NEW, now)
    stage.attach(key, _filer(key), _PAPERS, now=now + timedelta(minutes=15))
    yield (now := stage.ago(handed_in, 11, 5))
    _hand_in(stage, key, filing, now)


def _returned(stage: Stage, key: str, *, opened: int, handed_in: int, returned: int) -> Iterator[datetime]:
    yield (now := stage.ago(opened, 9, 50))
    filing = _open(stage, key, FilingKind.NEW, now)
    stage.attach(key, _filer(key), _PAPERS, now=now + timedelta(minutes=12))
    yield (now := stage.ago(handed_in, 10, 25))
    _hand_in(stage, key, filing, now)
    yield (now := stage.ago(returned, 15, 10))
    _send_back(stage, key, filing, now)


def _returned_and_accepted(stage: Stage, key: str) -> Story:
    """The common case: sent back once, corrected within the day, accepted."""
    yield (now := stage.ago(40, 9, 5))
    filing = _open(stage, key, FilingKind.NEW, now)
    stage.attach(key, _filer(key), _PAPERS, now=now + timedelta(minutes=18))
    steps: list[tuple[datetime, Callable[[datetime], None]]] = [
        (stage.ago(39, 10, 15), lambda now: _hand_in(stage, key, filing, now)),
        (stage.ago(37, 16, 30), lambda now: _send_back(stage, key, filing, now)),
        (stage.ago(36, 9, 40), lambda now: stage.attach(key, _filer(key), ("handler_identity",), now=now)),
        (stage.ago(36, 9, 55), lambda now: _hand_in(stage, key, filing, now)),
        (stage.ago(34, 11, 20), lambda now: _accept(stage, key, filing, now)),
    ]
    for now, act in steps:
        yield now
        act(now)


def _taken_back(stage: Stage, key: str) -> Story:
    yield (now := stage.ago(30, 14, 0))
    filing = _open(stage, key, FilingKind.NEW, now)
    yield (now := stage.ago(28, 9, 30))
    withdraw_filing(
        stage.session,
        actor=stage.who(_filer(key), now),
        filing_id=filing.id,
        reason="车库改造方案调整，待施工完成后重新备案。",
        now=now,
    )


def _changed(stage: Stage, key: str, *, opened: int, accepted: int) -> Story:
    """A change of particulars: the first filing is superseded by the second."""
    yield (now := stage.ago(opened, 10, 0))
    filing = _open(stage, key, FilingKind.CHANGE, now)
    yield (now := stage.ago(opened - 1, 9, 30))
    _hand_in(stage, key, filing, now)
    yield (now := stage.ago(accepted, 15, 0))
    _accept(stage, key, filing, now)


def _change_waiting(stage: Stage, key: str) -> Story:
    yield (now := stage.ago(5, 10, 45))
    filing = _open(stage, key, FilingKind.CHANGE, now)
    yield (now := stage.ago(1, 16, 5))
    _hand_in(stage, key, filing, now)


def _unit(key: str) -> str:
    return key.partition("_")[0]


def _filer(key: str) -> str:
    return FILERS[_unit(key)]
