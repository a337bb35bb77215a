"""Forbidden ground, zones and signs as rules: pure, and held against anything a person may type."""

from collections.abc import Mapping
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.core.errors import Problem
from portal.registry.labels.lists import zones_told
from portal.registry.rules import rules_for
from portal.registry.rules.fields import camera_problems
from portal.registry.rules.interiors import READ, hits_in, private_pattern
from portal.registry.rules.zones import (
    assignment,
    coverage_rate,
    every_zone_name,
    sign_places,
    state_of,
    template_of,
    unsigned,
    zone_shortfalls,
)
from portal.registry.values import CameraParticulars, PlaceType
from portal.registry.values.zones import ZoneFacts, ZoneState
from portal.regulation.loader import rulebook
from portal.regulation.schema.base import Text
from portal.web.i18n import LOCALES
from tests.people import NOW

PLACES = rulebook().reference.place
WORDS = [(word, place) for place in PLACES for word in place.words]
TODAY = NOW.date()


class AUnit:
    """A unit as the rules ask about it."""

    district = "410502"
    category = None
    counter_terror_target = False

    def __init__(self, unit_type: str, *house: str) -> None:
        self.unit_type, self.house_profiles = unit_type, house


class ASystem:
    """A system as the rules ask about it."""

    district = "410502"
    kind = "unit_internal"
    in_use_on = None
    construction_began_on = None

    def __init__(self, regime: str = "a7_2") -> None:
        self.regime = regime


def rules(unit_type: str, *house: str, regime: str = "a7_2"):
    return rules_for(AUnit(unit_type, *house), ASystem(regime), on=TODAY)


def verdict(text: str, field: str = "name") -> str:
    hits = hits_in({field: text})
    return "free" if not hits else "closed" if hits[0].clear else "look"


# -- forbidden ground --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("女更衣室北向半球", "closed"),
        ("一层卫生间-向东-半球", "closed"),
        ("卫生间门内侧", "closed"),
        ("2号宿舍楼302室", "closed"),
        ("寝室", "closed"),
        ("KTV三层V8包厢", "closed"),
        ("教师休息室", "closed"),
        ("母婴室", "closed"),
        ("Changing room, north", "closed"),
        ("卫生间门口-向南-枪机", "look"),
        ("通往浴室通道", "look"),
        ("对着试衣间", "look"),
        ("卫生间用品专柜", "look"),
        ("客房部办公室", "look"),
        ("旅客休息室", "look"),
        ("宿舍302", "look"),
        ("corridor outside toilet", "look"),
        ("2号宿舍楼门厅", "free"),
        ("3号宿舍楼值班室", "free"),
        ("学生公寓3号楼东门", "free"),
        ("5层客房走廊东端", "free"),
        ("南大门-向北-球机", "free"),
        ("食堂操作间", "free"),
        ("", "free"),
    ],
)
@pytest.mark.requirement("CAT-07")
def test_what_a_name_says_of_a_point(name: str, said: str) -> None:
    """Inside a private place: refused. Before one, or in doubt: a person looks. The doors a text asks for: free."""
    assert verdict(name) == said


def test_an_address_names_the_house_and_settles_nothing_by_itself() -> None:
    assert verdict("文峰区清华浴池", "address") == "look"
    assert verdict("清华浴池淋浴间内", "address") == "closed"
    assert verdict("育才路1号3号宿舍楼", "address") == "free"


@given(
    st.sampled_from(WORDS),
    st.text(alphabet="一二三东西南北A1 ", max_size=8),
    st.text(alphabet="-向东西南北枪球机12", max_size=6),
)
def test_every_word_is_caught_whatever_stands_around_it(pair, before: str, behind: str) -> None:
    """A number before it, a direction and a device behind it, as camera names have them, open no way past the words."""
    word, place = pair
    found = hits_in({"name": f"{before}{word}{behind}"})
    assert found
    assert {hit.place for hit in found} & {place.key}


@given(st.sampled_from(WORDS), st.sampled_from(READ))
def test_a_refusal_names_the_field_the_place_and_its_article(pair, field: str) -> None:
    word, place = pair
    if field == "address":
        word += "室内"
    given_ = {"name": "东门", field: word}
    problems = camera_problems(CameraParticulars(lon=114.35, lat=36.1, **given_))
    (problem,) = problems
    assert (problem.field, problem.code) == (field, "forbidden_word")
    assert problem.data["private_place"] in {one.key for one in PLACES}
    cited = {(cite.instrument, cite.article) for cite in place.cites}
    assert any(instrument == "decree-799-2025" and article.startswith("8 p1 i") for instrument, article in cited)


def test_every_private_spot_can_be_declared_and_is_refused() -> None:
    assert {place.key for place in PLACES} <= set(PlaceType)
    for place in PlaceType:
        problems = camera_problems(CameraParticulars(name="东门", lon=114.35, lat=36.1, place_type=place))
        closed = place in {one.key for one in PLACES}
        data = {"word": "", "private_place": place, "private_cites": place}
        assert problems == ([Problem("place_type", "forbidden_spot", data)] if closed else [])


def test_the_databases_pattern_misses_nothing_the_rules_find() -> None:
    import re

    pattern = re.compile(private_pattern(), re.IGNORECASE)
    for place in PLACES:
        for word in (*place.words, *place.doubtful, place.key):
            assert pattern.search(word)


# -- zones -------------------------------------------------------------------------------------------------------------


@pytest.mark.requirement("CAT-06")
def test_the_template_of_schools_is_the_twelve_zones_all_in_full() -> None:
    zones = template_of(rules("school"))
    assert [zone.number for zone in zones] == list(range(1, 13))
    assert all(zone.required and zone.full for zone in zones)
    assert [zone.key for zone in zones if not zone.if_present] == [
        "perimeter",
        "gate",
        "gate_house",
        "teaching",
        "plant",
        "control_room",
    ]
    assert {zone.profile for zone in zones} == {"guannan-schools-2018"}
    assert template_of(rules("hotel")) == []


@pytest.mark.requirement("CAT-05")
def test_the_template_of_the_centre_is_its_eight_zones() -> None:
    zones = [zone for zone in template_of(rules("government", "shaoxing-centre")) if zone.required]
    assert [zone.number for zone in zones] == list(range(1, 9))
    assert not any(zone.full for zone in zones)
    assert {zone.key for zone in zones if zone.if_present} == {"road", "canteen", "garage", "other"}


def a_zone(**facts) -> ZoneFacts:
    return ZoneFacts(**{"key": "gate", "required": True, "full": False, "absent": False, **facts})


@pytest.mark.parametrize(
    ("facts", "state"),
    [
        ({}, ZoneState.GAP),
        ({"required": False}, ZoneState.OPTIONAL),
        ({"absent": True}, ZoneState.ABSENT),
        ({"cameras": 2}, ZoneState.DARK),
        ({"cameras": 2, "working": 1}, ZoneState.COVERED),
        ({"cameras": 1, "working": 1, "blind_spots": "东北角"}, ZoneState.COVERED),
        ({"cameras": 1, "working": 1, "blind_spots": "东北角", "full": True}, ZoneState.PARTIAL),
    ],
)
def test_the_state_of_a_zone(facts, state: ZoneState) -> None:
    assert state_of(a_zone(**facts)) is state


@pytest.mark.requirement("CAT-05")
@given(
    st.lists(
        st.builds(
            ZoneFacts,
            key=st.sampled_from(["gate", "hall", "other"]),
            required=st.booleans(),
            full=st.booleans(),
            absent=st.booleans(),
            blind_spots=st.sampled_from(["", "死角"]),
            cameras=st.integers(0, 3),
            working=st.just(0) | st.just(1),
        ),
        max_size=12,
    )
)
def test_the_rate_is_whole_only_when_no_zone_asked_for_is_short(zones: list[ZoneFacts]) -> None:
    asked = [zone for zone in zones if zone.required and not zone.absent]
    rate = coverage_rate(zones)
    if not asked:
        assert rate is None
        return
    short = [zone for zone in asked if not zone.cameras or not zone.working or (zone.full and zone.blind_spots)]
    assert rate is not None
    assert (rate == 1) == (not short)
    told = zone_shortfalls(rules("school"), [(zone, Text(zh=zone.key, en=zone.key)) for zone in zones])
    assert sum(item.data["count"] for item in told) == sum(not zone.cameras or not zone.working for zone in asked)
    assert not any(item.blocking for item in told)


CAMERAS = [UUID(int=number) for number in range(1, 6)]
KEYS = ["gate", "hall", "corridor"]


@given(
    st.dictionaries(st.sampled_from(CAMERAS), st.none() | st.sampled_from(KEYS), min_size=1),
    st.dictionaries(st.sampled_from(CAMERAS), st.lists(st.sampled_from(KEYS), unique=True)),
    st.sets(st.sampled_from(CAMERAS)),
    st.sampled_from(KEYS),
)
def test_after_an_assignment_exactly_the_ticked_cameras_cover_the_zone(
    principal: Mapping[UUID, str | None], further: Mapping[UUID, list[str]], ticked: set[UUID], zone: str
) -> None:
    """Other zones keep every camera they had, and a camera that covers anything has a principal zone."""
    further = {key: [one for one in zones if one != principal.get(key)] for key, zones in further.items()}
    # A camera without a principal zone has no further ones: that is what every assignment before this one left.
    further = {key: zones for key, zones in further.items() if principal.get(key)}
    change = assignment(zone=zone, principal=principal, further=further, ticked=ticked)
    for camera in principal:
        first = change.principal.get(camera, principal[camera])
        others = set(further.get(camera, ()))
        others |= {zone} if camera in change.added else set()
        others -= {zone} if camera in change.removed else set()
        others -= {first}
        before = {principal[camera], *further.get(camera, ())} - {None}
        after = ({first} | others) - {None}
        assert (zone in after) == (camera in ticked)
        assert after - {zone} == before - {zone}
        assert first is not None or not after


# -- signs -------------------------------------------------------------------------------------------------------------


def test_where_a_sign_must_hang() -> None:
    zones = [a_zone(), a_zone(key="hall", required=False), a_zone(key="garage", absent=True), a_zone(key="plant")]
    places = sign_places(rules("school"), zones)
    assert places == ["gate"]
    assert unsigned(places, set()) == ["gate"]
    assert unsigned(places, {"gate"}) == []
    assert unsigned(sign_places(rules("hotel"), []), set()) == [""]
    assert unsigned(sign_places(rules("hotel"), []), {""}) == []
    assert sign_places(rules("school", regime="a33"), zones) is None


@pytest.mark.parametrize("locale", LOCALES)
def test_a_zone_is_written_by_a_name_that_is_read_back(locale: str) -> None:
    """A key stands in no file: whatever a text calls a zone, its name means that zone and no other."""
    meant = {name: key for key, name in every_zone_name()}
    told = zones_told(locale)
    assert {key for key, _ in every_zone_name()} == set(told)
    assert {key: meant[name] for key, name in told.items()} == {key: key for key in told}
