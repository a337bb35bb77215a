"""The generated city is plausible: real districts, checkable numbers, the same in every run."""

from collections import Counter
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
import shapely

from portal.core.divisions import division_named
from portal.demo.cameras import CameraMaker, direction_word
from portal.demo.codes import DeviceCodes, credit_code, organ_code, stable_id
from portal.demo.streets import street_map
from portal.demo.units import Condition, UnitPlan, plan_units, public_cameras, unit_count, unit_kinds

TODAY = date(2025, 11, 20)
SEED = 11
CAMERAS = 3_000

_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


@pytest.fixture(scope="module")
def units() -> list[UnitPlan]:
    return plan_units(SEED, CAMERAS, TODAY)


@pytest.fixture(scope="module")
def cameras(units):
    maker = CameraMaker(SEED, street_map(SEED))
    return [(unit, list(maker.of_unit(unit))) for unit in units]


def _credit_code_is_good(text: str) -> bool:
    """GB 32100 and GB 11714, written a second time."""
    if len(text) != 18 or any(c not in _ALPHABET for c in text):
        return False
    organisation = text[8:17]
    total = sum(int(c, 36) * w for c, w in zip(organisation, (3, 7, 9, 10, 5, 8, 4, 2), strict=False))
    check = (11 - total % 11) % 11
    weights = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
    whole = sum(_ALPHABET.index(c) * w for c, w in zip(text, weights, strict=False))
    return organisation[8] == ("X" if check == 10 else str(check)) and text[17] == _ALPHABET[-whole % 31]


@pytest.mark.parametrize("code", ["91350100M000100Y43", "91110000802100433B", "9144030071526726XG"])
def test_the_second_check_knows_real_codes(code):
    assert _credit_code_is_good(code)


def test_credit_codes_check_and_name_the_units_own_district(units):
    for unit in units:
        assert _credit_code_is_good(unit.uscc), unit.uscc
        assert unit.uscc[2:8] == unit.place.district
    assert len({unit.uscc for unit in units}) == len(units)
    assert _credit_code_is_good(credit_code("91", "410502", 10_000))


def test_units_stand_in_their_district_and_their_address_says_so(units):
    for unit in units:
        division = division_named(unit.place.district)
        assert division.geometry.contains(shapely.Point(unit.place.lon, unit.place.lat))
        assert division.name in unit.place.address
        assert unit.place.road.name in unit.place.address


def test_names_are_unique_and_every_kind_and_condition_occurs(units):
    assert len({unit.name for unit in units}) == len(units)
    assert {unit.kind.key for unit in units} == {kind.key for kind in unit_kinds()}
    assert {unit.condition for unit in plan_units(SEED, 20_000, TODAY)} == set(Condition)


def test_telephones_use_a_prefix_nobody_has(units):
    for unit in units:
        for person in (unit.principal, unit.security_head, unit.filer, unit.custodian):
            assert person.phone.startswith("154")
            assert len(person.phone) == 11
            assert person.phone_masked == f"154****{person.phone[-4:]}"


def test_some_names_are_hard_to_store_and_draw():
    names = {u.principal.name for u in plan_units(SEED, 20_000, TODAY)}
    assert any(ord(c) > 0xFFFF for name in names for c in name)
    assert any("·" in name or "䶮" in name or "㛃" in name for name in names)


def test_the_camera_number_asked_for_is_met_exactly(cameras):
    streets = street_map(SEED)
    on_streets = sum(1 for _ in CameraMaker(SEED, streets).of_streets("410502", 200, TODAY))
    assert on_streets == 200
    assert sum(len(drawn) for _, drawn in cameras) == CAMERAS - public_cameras(CAMERAS)


def test_cameras_hang_on_their_units_premises_inside_the_district(cameras):
    for unit, drawn in cameras:
        outline = division_named(unit.place.district).geometry
        for camera in drawn:
            assert outline.contains(shapely.Point(camera.lon, camera.lat))
            assert abs(camera.lon - unit.place.lon) < 0.005
            assert abs(camera.lat - unit.place.lat) < 0.004


def test_device_codes_are_unique_and_built_to_structure(cameras):
    codes = [camera.gb_code for _, drawn in cameras for camera in drawn]
    assert len(set(codes)) == len(codes)
    for unit, drawn in cameras:
        for camera in drawn:
            assert len(camera.gb_code) == 20
            assert camera.gb_code.isdigit()
            assert camera.gb_code.startswith(unit.place.district)
            assert camera.gb_code[8:10] == unit.kind.industry
            assert camera.gb_code[10:13] == "132"


def test_camera_names_are_unique_in_a_unit_and_say_where_it_looks(cameras):
    for _, drawn in cameras:
        assert max(Counter(camera.name for camera in drawn).values(), default=1) == 1
        for camera in drawn:
            assert f"{direction_word(camera.azimuth)}向" in camera.name
            assert 0 <= camera.azimuth < 360
            assert 1 <= camera.view_angle <= 360
            assert 1 <= camera.range_m <= 5000
            assert camera.installed_on < TODAY


def test_public_cameras_line_the_streets_of_their_district():
    drawn = list(CameraMaker(SEED, street_map(SEED)).of_streets("410581", 400, TODAY))
    outline = division_named("410581").geometry
    assert all(outline.contains(shapely.Point(camera.lon, camera.lat)) for camera in drawn)
    assert any("交叉口" in camera.name for camera in drawn)
    assert all(camera.point_type == 1 for camera in drawn)


def test_a_few_retention_periods_are_too_short(units):
    short = [unit for unit in plan_units(SEED, 20_000, TODAY) if unit.retention_days < 30]
    assert 0 < len(short) < 150


def test_same_seed_same_city_other_seed_another(units):
    assert plan_units(SEED, CAMERAS, TODAY) == units
    other = plan_units(SEED + 1, CAMERAS, TODAY)
    assert [u.name for u in other] != [u.name for u in units]
    streets = street_map(SEED)
    again = [list(CameraMaker(SEED, streets).of_unit(unit)) for unit in units[:20]]
    assert again == [list(CameraMaker(SEED, streets).of_unit(unit)) for unit in units[:20]]


@pytest.mark.parametrize(("cameras", "units"), [(20_000, 1_500), (2_000, 150), (10, 60)])
def test_units_grow_with_the_city(cameras, units):
    assert unit_count(cameras) == units


def test_a_million_cameras_do_not_mean_a_million_each():
    assert 10_000 < unit_count(1_000_000) < 30_000


def test_quarters_cut_the_district_without_gap_or_overlap():
    streets = street_map(SEED)
    for code, quarters in streets.quarters.items():
        whole = streets.divisions[code].geometry
        assert sum(q.area.area for q in quarters) == pytest.approx(whole.area, rel=1e-6)
        assert len({q.code8 for q in quarters}) == len(quarters)
        for quarter in quarters:
            assert quarter.area.contains(shapely.Point(quarter.centre))


def test_stable_identifiers_are_version_seven_and_repeat():
    at = datetime(2025, 1, 2, 3, 4, tzinfo=ZoneInfo("Asia/Shanghai"))
    one = stable_id(1, "unit", 5, at)
    assert one == stable_id(1, "unit", 5, at)
    assert one != stable_id(1, "unit", 6, at)
    assert (one.version, one.variant) == (7, "specified in RFC 4122")
    assert one.int >> 80 == int(at.timestamp() * 1000)


def test_serials_run_out_loudly():
    codes = DeviceCodes()
    codes._last["41050200001320"] = 999_999
    with pytest.raises(ValueError, match="used up"):
        codes.next(division8="41050200", industry="00", kind="132", network="0")


def test_organ_codes_have_twelve_digits():
    assert organ_code("410502", station=3) == "410502000300"
