"""The city's units: who they are, where they stand, how many cameras they run and where their filing has got to."""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cache
from typing import Any

from portal.demo.codes import credit_code
from portal.demo.people import Contact, contact
from portal.demo.streets import Place, StreetMap, street_map
from portal.demo.vocabulary import read

DEFAULT_CAMERAS = 20_000
_DEFAULT_UNITS = 1_500
_FEWEST_UNITS = 60
_GROWTH = 0.65
# What is left of all cameras for the systems the police run themselves.
PUBLIC_SHARE = 0.2


class Condition(StrEnum):
    """How far a unit has got with its filing; the stories and the bulk rows both follow it."""

    IN_USE = "in_use"
    AWAITING_ACCEPTANCE = "awaiting_acceptance"
    TRIAL = "trial"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    DRAFT = "draft"
    OVERDUE = "overdue"
    NO_SYSTEM = "no_system"
    CHANGING = "changing"
    WITHDRAWN = "withdrawn"
    SUSPENDED = "suspended"
    DISMANTLED = "dismantled"


_CONDITIONS: Sequence[tuple[Condition, int]] = (
    (Condition.IN_USE, 440),
    (Condition.AWAITING_ACCEPTANCE, 60),
    (Condition.TRIAL, 40),
    (Condition.SUBMITTED, 50),
    (Condition.RETURNED, 30),
    (Condition.DRAFT, 40),
    (Condition.OVERDUE, 70),
    (Condition.NO_SYSTEM, 220),
    (Condition.CHANGING, 20),
    (Condition.WITHDRAWN, 10),
    (Condition.SUSPENDED, 12),
    (Condition.DISMANTLED, 8),
)
# Those whose cameras are entered already, and so share the number asked for.
WITH_CAMERAS = frozenset(Condition) - {Condition.NO_SYSTEM, Condition.OVERDUE, Condition.WITHDRAWN}


@dataclass(frozen=True, kw_only=True)
class UnitKind:
    """One kind of unit, as the word list describes it."""

    key: str
    type: str
    regime: str
    per_mille: int
    cameras: tuple[int, int]
    radius: tuple[int, int]
    industry: str
    category: str
    register: str
    names: tuple[str, ...]
    spots: str
    security: str
    head: str


@dataclass(frozen=True, kw_only=True)
class UnitPlan:
    """One unit of the demonstration city."""

    number: int
    kind: UnitKind
    name: str
    uscc: str
    place: Place
    radius_m: int
    principal: Contact
    security_head: Contact
    filer: Contact
    custodian: Contact
    duty_phone: str
    condition: Condition
    cameras: int
    in_use_on: date
    retention_days: int
    storage: str
    counter_terror: bool
    software: str


@cache
def unit_kinds() -> tuple[UnitKind, ...]:
    """Every kind, in the order of the word list."""
    return tuple(_kind(row) for row in read("units")["kind"])


def unit_count(cameras: int) -> int:
    """How many units a city of so many cameras has: proportional below the default, slower above it, because a
    larger registry means more cameras a unit as well as more units."""
    share = cameras / DEFAULT_CAMERAS
    scaled = _DEFAULT_UNITS * (share if share < 1 else share**_GROWTH)
    return max(_FEWEST_UNITS, round(scaled))


def plan_units(seed: int, cameras: int, today: date) -> list[UnitPlan]:
    """All units of a city. Their cameras together are exactly what the public systems leave over."""
    count = unit_count(cameras)
    maker = _UnitMaker(seed, today)
    drafts = [maker.draft(number) for number in range(count)]
    wanted = [draft["natural"] if draft["condition"] in WITH_CAMERAS else 0 for draft in drafts]
    shares = _shares(wanted, cameras - public_cameras(cameras))
    return [maker.finish(draft, share) for draft, share in zip(drafts, shares, strict=True)]


def public_cameras(cameras: int) -> int:
    """How many of all cameras hang over streets, run by the police."""
    return round(cameras * PUBLIC_SHARE)


class _UnitMaker:
    """Draws units one after the other, keeping names unique."""

    def __init__(self, seed: int, today: date) -> None:
        self.seed = seed
        self.today = today
        self.map: StreetMap = street_map(seed)
        self.names: Counter[str] = Counter()
        self.districts = list(self.map.settings)
        self.weights = [self.map.settings[code]["share"] for code in self.districts]

    def draft(self, number: int) -> dict[str, Any]:
        rng = random.Random(f"unit:{self.seed}:{number}")
        kinds = unit_kinds()
        # The first units go once through all kinds, so that the smallest city has each.
        kind = kinds[number] if number < len(kinds) else rng.choices(kinds, [k.per_mille for k in kinds])[0]
        district = rng.choices(self.districts, self.weights)[0]
        low, high = kind.cameras
        place = self.map.place(rng, district)
        conditions, weights = zip(*_CONDITIONS, strict=True)
        return {
            "number": number,
            "rng": rng,
            "kind": kind,
            "place": place,
            "name": self._name(rng, kind, place),
            "natural": round(low + (high - low) * rng.betavariate(1.3, 2.6)),
            "condition": _early_condition(number) or rng.choices(conditions, weights)[0],
        }

    def finish(self, draft: dict[str, Any], cameras: int) -> UnitPlan:
        rng: random.Random = draft["rng"]
        kind: UnitKind = draft["kind"]
        condition: Condition = draft["condition"]
        place: Place = draft["place"]
        return UnitPlan(
            number=draft["number"],
            kind=kind,
            name=draft["name"],
            uscc=credit_code(kind.register, place.district, draft["number"]),
            place=place,
            radius_m=rng.randint(*kind.radius),
            principal=contact(rng),
            security_head=contact(rng),
            filer=contact(rng),
            custodian=contact(rng),
            duty_phone=contact(rng).phone,
            condition=condition,
            cameras=cameras,
            in_use_on=self._in_use_on(rng, condition),
            retention_days=_retention(rng, kind),
            storage=rng.choices(("nvr", "platform", "cloud", "dvr"), (70, 18, 7, 5))[0],
            counter_terror=kind.key in ("station", "utility") and rng.random() < 0.3,
            software=rng.choice(("安视云平台", "洹河视频管理平台", "中原视联管理系统"))
            + f" V{rng.randint(2, 5)}.{rng.randint(0, 9)}",
        )

    def _name(self, rng: random.Random, kind: UnitKind, place: Place) -> str:
        words: list[str] = read("units")["words"]
        for _ in range(60):
            name = rng.choice(kind.names).format(
                road=place.road.name,
                town=place.quarter.name.removesuffix("街道"),
                word=rng.choice(words),
                area=self.map.area_name(place.district),
                number=_chinese(rng.randint(2, 29)),
            )
            if not self.names[name]:
                break
        self.names[name] += 1
        if self.names[name] > 1:
            name = f"{name}（{_chinese(self.names[name])}部）"
            self.names[name] += 1
        return name

    def _in_use_on(self, rng: random.Random, condition: Condition) -> date:
        """Recent for those still inside their time limit, long past for those overdue."""
        match condition:
            case Condition.DRAFT | Condition.SUBMITTED | Condition.RETURNED:
                days = rng.randint(2, 26)
            case Condition.OVERDUE:
                days = rng.randint(34, 160)
            case Condition.TRIAL | Condition.AWAITING_ACCEPTANCE:
                days = rng.randint(10, 90)
            case _:
                days = rng.randint(200, 3_600)
        return self.today - timedelta(days=days)


def _early_condition(number: int) -> Condition | None:
    """After the first of each kind comes the first of each condition, so that the smallest city shows them all."""
    place = number - len(unit_kinds())
    return list(Condition)[place] if 0 <= place < len(Condition) else None


def _kind(row: dict[str, Any]) -> UnitKind:
    low, high = row["cameras"]
    near, far = row["radius"]
    return UnitKind(**{**row, "names": tuple(row["names"]), "cameras": (low, high), "radius": (near, far)})


def _retention(rng: random.Random, kind: UnitKind) -> int:
    """Mostly the usual thirty days; banks and hazardous places longer; a few below the minimum."""
    if rng.random() < 0.045:
        return rng.choice((7, 10, 15, 20, 25))
    if kind.key in ("bank", "dangerous_goods", "museum", "station"):
        return rng.choice((30, 60, 90, 90, 90))
    return rng.choice((30, 30, 30, 30, 31, 45, 60, 90))


def _shares(wanted: Sequence[int], total: int) -> list[int]:
    """Whole numbers in the proportion of ``wanted`` that add up to ``total``, at least one where any is wanted."""
    asked = sum(wanted)
    exact = [want * total / asked for want in wanted]
    floors = [max(1, int(share)) if want else 0 for share, want in zip(exact, wanted, strict=True)]
    rest = total - sum(floors)
    order = sorted(range(len(exact)), key=lambda i: (int(exact[i]) - exact[i], i))
    chosen = [i for i in order if wanted[i]]
    step = 1 if rest > 0 else -1
    at = 0
    while rest:
        i = chosen[at % len(chosen)]
        if step > 0 or floors[i] > 1:
            floors[i] += step
            rest -= step
        at += 1
    return floors


def _chinese(number: int) -> str:
    """One to ninety-nine in Chinese numerals."""
    digits = "零一二三四五六七八九"
    tens, ones = divmod(number, 10)
    if tens == 0:
        return digits[ones]
    head = "" if tens == 1 else digits[tens]
    return f"{head}十{digits[ones] if ones else ''}"
