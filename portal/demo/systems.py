"""The systems behind the cameras: one for each unit that has begun, several for the police of each district."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from portal.demo.codes import credit_code
from portal.demo.streets import StreetMap
from portal.demo.units import Condition, UnitPlan, public_cameras

# Public systems grew in building campaigns, each a share of the district's cameras and so many years ago.
_PHASES = (("天网工程一期", 0.3, 9), ("雪亮工程", 0.4, 6), ("城市视频监控提升工程", 0.3, 2))


class FilingStep(StrEnum):
    """Where the newest filing of a system stands; the registry's own words, and none at all."""

    NONE = "none"
    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    ACCEPTED = "accepted"
    WITHDRAWN = "withdrawn"


HANDED_IN = frozenset({FilingStep.SUBMITTED, FilingStep.RETURNED, FilingStep.ACCEPTED})

_STEPS: dict[Condition, tuple[str, FilingStep]] = {
    Condition.IN_USE: ("in_use", FilingStep.ACCEPTED),
    Condition.CHANGING: ("in_use", FilingStep.ACCEPTED),
    Condition.AWAITING_ACCEPTANCE: ("awaiting_acceptance", FilingStep.ACCEPTED),
    Condition.TRIAL: ("trial", FilingStep.NONE),
    Condition.SUBMITTED: ("trial", FilingStep.SUBMITTED),
    Condition.RETURNED: ("trial", FilingStep.RETURNED),
    Condition.DRAFT: ("trial", FilingStep.DRAFT),
    Condition.OVERDUE: ("in_use", FilingStep.NONE),
    Condition.WITHDRAWN: ("planned", FilingStep.WITHDRAWN),
    Condition.SUSPENDED: ("suspended", FilingStep.ACCEPTED),
    Condition.DISMANTLED: ("dismantled", FilingStep.ACCEPTED),
}


# Those overdue have not begun, have not handed in, or have let a correction lie.
_LATE = (FilingStep.NONE, FilingStep.DRAFT, FilingStep.RETURNED)
# The clock of a filing runs from the day of use, so some must be in use while theirs is still open.
_USED_ALREADY = 0.6


@dataclass(frozen=True, kw_only=True)
class SystemPlan:
    """One system. `unit` is the number of its unit; public systems belong to units after the last private one."""

    number: int
    unit: int
    name: str
    kind: str
    regime: str
    district: str
    address: str
    purpose: str
    department: str
    use_status: str
    filing: FilingStep
    changing: bool
    in_use_on: date
    retention_days: int
    storage: str
    networked: bool
    analytics: bool
    software: str
    cameras: int

    @property
    def used_since(self) -> date | None:
        """The day it entered use, when it has."""
        return None if self.use_status in ("planned", "trial", "awaiting_acceptance") else self.in_use_on


@dataclass(frozen=True, kw_only=True)
class PoliceUnit:
    """A police bureau as the owner of public systems."""

    number: int
    district: str
    name: str
    uscc: str
    address: str
    lon: float
    lat: float


def unit_systems(seed: int, units: Sequence[UnitPlan]) -> Iterator[SystemPlan]:
    """The system of every unit that has one."""
    for unit in units:
        if unit.condition is Condition.NO_SYSTEM:
            continue
        rng = random.Random(f"system:{seed}:{unit.number}")
        use_status, step = _STEPS[unit.condition]
        if use_status == "trial" and step is not FilingStep.NONE and rng.random() < _USED_ALREADY:
            use_status = "in_use"
        yield SystemPlan(
            number=unit.number,
            unit=unit.number,
            name=f"{unit.name}视频监控系统",
            kind="unit_internal",
            regime=unit.kind.regime,
            district=unit.place.district,
            address=unit.place.address,
            purpose="维护公共安全，预防和处置案（事）件",
            department=unit.kind.security,
            use_status=use_status,
            filing=rng.choice(_LATE) if unit.condition is Condition.OVERDUE else step,
            changing=unit.condition is Condition.CHANGING,
            in_use_on=unit.in_use_on,
            retention_days=unit.retention_days,
            storage=unit.storage,
            networked=rng.random() < 0.25,
            analytics=rng.random() < 0.15,
            software=unit.software,
            cameras=unit.cameras,
        )


def police_units(streets: StreetMap, first: int) -> list[PoliceUnit]:
    """The bureau of every district, numbered on from the private units."""
    found = []
    for i, code in enumerate(sorted(streets.divisions)):
        name = streets.district_name(code)
        title = f"安阳市公安局{name.removesuffix('区')}分局" if name.endswith("区") else f"{name}公安局"
        road = max(streets.roads[code], key=lambda road: (road.length_m, road.name))
        lon, lat = streets.settings[code]["centre"]
        found.append(
            PoliceUnit(
                number=first + i,
                district=code,
                name=title,
                uscc=credit_code("11", code, 90_000 + i),
                address=f"{streets.address_head(code)}{road.name}{100 + 6 * i}号",
                lon=lon,
                lat=lat,
            )
        )
    return found


def public_systems(
    streets: StreetMap, police: Sequence[PoliceUnit], cameras: int, *, first: int, today: date
) -> Iterator[SystemPlan]:
    """The public systems: of each bureau one for every building campaign."""
    left = public_cameras(cameras)
    number = first
    for i, bureau in enumerate(police):
        share = streets.settings[bureau.district]["share"]
        own = left if i == len(police) - 1 else min(left, round(public_cameras(cameras) * share))
        left -= own
        for j, (phase, part, years) in enumerate(_PHASES):
            count = own - sum(int(own * p) for _, p, _ in _PHASES[:j]) if j == len(_PHASES) - 1 else int(own * part)
            yield SystemPlan(
                number=number,
                unit=bureau.number,
                name=f"{streets.district_name(bureau.district)}公共安全视频图像系统（{phase}）",
                kind="public",
                regime="a7_1",
                district=bureau.district,
                address=bureau.address,
                purpose="城乡主要路段、重要场所及治安保卫重点单位周边的公共安全",
                department="科技信息化大队",
                use_status="in_use",
                filing=FilingStep.ACCEPTED,
                changing=False,
                in_use_on=today - timedelta(days=365 * years + 40),
                retention_days=90 if j == len(_PHASES) - 1 else 30,
                storage="platform",
                networked=True,
                analytics=j == len(_PHASES) - 1,
                software="安阳市公安视频图像共享平台 V3.2",
                cameras=count,
            )
            number += 1
