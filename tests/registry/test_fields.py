"""One table of fields: the form, the sheet, the model, the labels and the check all walk it."""

import dataclasses
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.core.codes import INDUSTRY_CODES, TYPE_CODES, device_code_problem
from portal.core.errors import Invalid
from portal.core.geometry import Datum
from portal.registry.forms import CameraForm
from portal.registry.labels.camera import CAMERA_FIELD, CAMERA_OPTION, CAMERA_PART, FAULT, fault_text, shown
from portal.registry.labels.codes import INDUSTRY
from portal.registry.models import Camera
from portal.registry.rules import (
    BY_KEY,
    CAMERA_FIELDS,
    COLUMNS,
    TYPED,
    Around,
    CodeParts,
    build_code,
    faults_of,
    parts_of,
    rate,
)
from portal.registry.rules.codes import NETWORKS, SERIALS, contradictions, suggested_parts
from portal.registry.rules.fields import Part, column_value
from portal.registry.rules.sheets import Words, find_header, parse_row
from portal.registry.rules.words import WORDS, number_of
from portal.registry.values import (
    CameraParticulars,
    CameraType,
    CodeEdition,
    Direction,
    FunctionType,
    Maker,
    PositionType,
    Sector,
    SystemKind,
    UnitType,
)

AROUND = Around(
    regime="a7_2",
    system_kind="unit_internal",
    system_records_audio=True,
    unit_type="school",
    unit_has_phone=True,
    today=date(2026, 11, 20),
)
ABBREVIATIONS = [
    "sbbm",
    "sbmc",
    "sbcs",
    "xzqy",
    "jkdwlx",
    "sbxh",
    "dwsc",
    "ipv4",
    "ipv6",
    "macdz",
    "sxjlx",
    "sxjgnlx",
    "bgsx",
    "sxjbmgs",
    "azdz",
    "jd",
    "wd",
    "sxjwzlx",
    "jsfw",
    "lwsx",
    "ssxqgajg",
    "azsj",
    "gldw",
    "gldwlxfs",
    "lxbcts",
    "sbzt",
    "ssbmhy",
    "sjzp",
]


def whole_file(**changed: object) -> dict[str, object]:
    """A camera's file that lacks nothing, as columns."""
    file: dict[str, object] = {each.key: None for each in COLUMNS}
    file |= {
        each.key: column_value(each, getattr(CameraParticulars(name="", lon=0, lat=0), each.key)) for each in COLUMNS
    }
    file |= {
        "name": "南门入口-向北-枪机",
        "gb_code": "41050200111327000001",
        "camera_type": "fixed_bullet",
        "function_types": [5],
        "point_type": 2,
        "position_types": [8],
        "popular_name": "南门",
        "district": "410502",
        "address": "文峰区文峰大道1号南门",
        "police_organ": "410502000000",
        "declared_lon": "114.392483",
        "declared_lat": "36.097577",
        "direction": 4,
        "azimuth": 10,
        "maker": 1,
        "model": "DS-2CD",
        "encoding": 4,
        "installed_on": date(2025, 3, 1),
        "retention_days": 90,
        "networked": 1,
        "managing_unit": "第一实验小学",
        "managing_phone_masked": "139****2207",
        "host": "10.1.2.3",
        "ipv6": "",
        "mac": "",
    }
    return file | changed


def test_the_28_fields_of_the_police_sheet_stand_there_once_by_number_and_abbreviation() -> None:
    numbered = sorted((each for each in CAMERA_FIELDS if each.number), key=lambda each: int(each.number))
    assert [each.abbreviation for each in numbered] == ABBREVIATIONS
    assert len({each.key for each in CAMERA_FIELDS}) == len(CAMERA_FIELDS)


def test_every_field_has_its_label_its_column_its_place_in_the_form_and_in_the_particulars() -> None:
    assert set(CAMERA_FIELD) == set(BY_KEY)
    assert set(CAMERA_PART) == set(Part)
    named = {one.name for one in dataclasses.fields(CameraParticulars)}
    assert named == {each.key for each in TYPED}
    assert {each.key for each in COLUMNS} <= set(Camera.__table__.columns.keys())
    assert {each.key for each in TYPED} <= set(dir(CameraForm))
    for each in CAMERA_FIELDS:
        if each.kind is not None:
            assert set(CAMERA_OPTION[each.kind]) == set(each.kind)
            assert each.kind is Datum or set(WORDS[each.kind]) == set(each.kind)


def test_no_two_fields_answer_to_one_header() -> None:
    headers = [header for each in TYPED for header in each.headers]
    assert len(headers) == len(set(headers))


@pytest.mark.parametrize("each", [each for each in TYPED if each.kind not in (None, Datum)], ids=lambda each: each.key)
def test_a_sheet_may_say_a_value_by_its_word_or_its_number(each) -> None:
    columns = find_header([(1, ["名称", "经度", "纬度", each.headers[0]])])
    for value, words in WORDS[each.kind].items():
        for told in (words[0], number_of(value)):
            read = parse_row(2, ["门", "114.392483", "36.097577", told], columns, Words(Datum.WGS84)).read
            found = getattr(read, each.key)
            assert found == ((value,) if isinstance(found, tuple) else value), told


def test_several_values_and_a_makers_own_name() -> None:
    columns = find_header([(1, ["名称", "经度", "纬度", "功能类型", "位置类型", "设备厂商"])])
    row = parse_row(
        2, ["门", "114.392483", "36.097577", "1/普通", "党政机关、8", "洹河智能"], columns, Words(Datum.WGS84)
    )
    assert row.sound()
    assert row.read.function_types == (FunctionType.VEHICLE_CHECKPOINT, FunctionType.ORDINARY)
    assert row.read.position_types == (PositionType.GOVERNMENT, PositionType.CAMPUS)
    assert (row.read.maker, row.read.manufacturer) == (Maker.OTHER, "洹河智能")


@pytest.mark.requirement("REG-12")
@pytest.mark.parametrize(
    ("changed", "around", "fault"),
    [
        ({"audio_pickup": True}, {}, "records_audio:undeclared"),
        ({"audio_pickup": True, "records_audio": True}, {}, None),
        ({"records_audio": True}, {"system_records_audio": False}, "records_audio:system"),
    ],
)
def test_sound_that_nobody_declared_is_found(changed, around, fault) -> None:
    found = faults_of(whole_file(**changed), dataclasses.replace(AROUND, **around))
    assert found == ([fault] if fault else [])


@pytest.mark.requirement("REG-17")
def test_a_key_point_must_say_what_is_watched_when_and_how() -> None:
    assert faults_of(whole_file(), AROUND) == []
    asked = ["coverage", "key_sections", "key_hours", "main_content", "patrol_mode"]
    assert faults_of(whole_file(key_point=True), AROUND) == [f"{key}:missing" for key in asked]
    told = dict.fromkeys(asked, "校门内外三十米") | {"patrol_mode": "timed"}
    assert faults_of(whole_file(key_point=True, **told), AROUND) == []


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"name": ""}, "name:missing"),
        ({"gb_code": None}, "gb_code:missing"),
        ({"camera_type": "unknown"}, "camera_type:missing"),
        ({"function_types": []}, "function_types:missing"),
        ({"position_types": []}, "position_types:missing"),
        ({"popular_name": ""}, "popular_name:missing"),
        ({"police_organ": ""}, "police_organ:missing"),
        ({"police_organ": "4105"}, "police_organ:malformed"),
        ({"maker": None}, "maker:missing"),
        ({"maker": 99}, "manufacturer:missing"),
        ({"networked": None}, "networked:missing"),
        ({"host": ""}, "host:missing"),
        ({"host": "", "mac": "3C:1A:CC:02:7F:10"}, None),
        ({"host": "", "networked": 0}, None),
        ({"retention_days": None}, "retention_days:missing"),
        ({"declared_lon": "114.39"}, "lon:coarse"),
        ({"direction": 1}, "direction:azimuth"),
        ({"direction": 9, "azimuth": None, "view_angle": 60}, "direction:view_angle"),
        ({"fill_light": 4, "code_edition": "2016"}, "fill_light:edition"),
        ({"camera_type": "checkpoint_bullet"}, "function_types:camera_type"),
        ({"installed_on": date(2027, 1, 1)}, "installed_on:future"),
        ({"point_type": 1}, "point_type:system_kind"),
        ({"point_type": 4}, "point_type:unit_type"),
        ({"gb_code": "41050300111327000001"}, "gb_code:division"),
        ({"gb_code": "41050200111187000001"}, "gb_code:type"),
        ({"gb_code": "41050200091327000001"}, "gb_code:industry"),
        ({"gb_code": "41050200111329000001"}, "gb_code:network"),
        ({"gb_code": "41050200881327000001"}, "gb_code:malformed"),
        ({"status": "dismantled", "name": ""}, None),
    ],
)
def test_each_fault_of_a_file_is_found_alone(changed, fault) -> None:
    assert faults_of(whole_file(**changed), AROUND) == ([fault] if fault else [])
    if fault:
        assert fault_text(fault)


def test_what_is_asked_hangs_on_the_place_and_the_class_of_the_point() -> None:
    bare = whole_file(model="", popular_name="", encoding=None)
    assert {fault.split(":")[0] for fault in faults_of(bare, AROUND)} == {"model", "popular_name", "encoding"}
    assert faults_of(bare | {"point_type": 3}, AROUND) == []
    shop = bare | {"gb_code": None, "police_organ": "", "managing_unit": "", "maker": None, "networked": None}
    assert faults_of(shop, dataclasses.replace(AROUND, regime="a33")) != []
    assert faults_of(shop | {"point_type": 3}, dataclasses.replace(AROUND, regime="a33")) == []


def test_every_kind_of_fault_has_its_sentence() -> None:
    assert all(str(text) for text in FAULT.values())
    assert shown(BY_KEY["direction"], Direction.EAST)


def test_a_rate_reads_full_only_when_it_is() -> None:
    assert rate(9999, 10000) == 0.999
    assert rate(1, 1) == 1.0
    assert rate(0, 0) is None


NETWORK = st.sampled_from(
    [(edition, digit) for edition in CodeEdition for digit, told in NETWORKS[edition].items() if told != "reserved"]
)
PARTS = st.builds(
    lambda division, grassroots, industry, kind, network: CodeParts(
        division=f"{division:06d}",
        grassroots=f"{grassroots:02d}",
        industry=industry,
        type=kind,
        edition=network[0],
        network=network[1],
    ),
    st.integers(110000, 659999),
    st.integers(0, 99),
    st.sampled_from(sorted(INDUSTRY_CODES)),
    st.sampled_from(sorted(TYPE_CODES)),
    NETWORK,
)


@given(PARTS, st.integers(1, SERIALS))
def test_a_code_built_from_parts_gives_the_same_parts_again(parts: CodeParts, serial: int) -> None:
    code = build_code(parts, serial)
    assert len(code) == 20
    assert parts_of(code, parts.edition) == (parts, serial)
    assert code.startswith(parts.prefix)


@given(st.text(alphabet="0123456789", min_size=20, max_size=20))
def test_any_good_code_is_built_again_from_what_it_says(code: str) -> None:
    try:
        parts, serial = parts_of(code, CodeEdition.Y2022)
    except ValueError:
        return
    if serial == 0 or parts.network == "9":
        with pytest.raises(Invalid):
            build_code(parts, serial)
    else:
        assert build_code(parts, serial) == code


def test_the_editions_read_the_network_digit_differently() -> None:
    assert NETWORKS[CodeEdition.Y2016]["2"] != NETWORKS[CodeEdition.Y2022]["2"]
    assert set(INDUSTRY) == set(INDUSTRY_CODES)
    clashes = contradictions(
        "41050200111329000001", edition="2016", district="410502", camera_type="ptz_dome", unit_type="school"
    )
    assert clashes == ["network"]


@given(
    st.sampled_from(UnitType),
    st.sampled_from(SystemKind),
    st.sampled_from(CodeEdition),
    st.lists(st.sampled_from(Sector), max_size=4),
    st.integers(1, SERIALS),
)
def test_a_suggested_code_never_contradicts_what_it_was_suggested_for(unit, system, edition, sectors, serial):
    for camera in CameraType:
        parts = suggested_parts(district="410502", unit_type=unit, system_kind=system, edition=edition, sectors=sectors)
        code = build_code(parts, serial)
        assert device_code_problem(code, city_code="410500") is None
        clashes = contradictions(code, edition=edition, district="410502", camera_type=camera, unit_type=unit)
        assert clashes == []


def test_a_sector_counts_as_far_as_it_fits_the_unit():
    def industry(unit, *sectors):
        return suggested_parts(
            district="410502",
            unit_type=unit,
            system_kind=SystemKind.UNIT_INTERNAL,
            edition=CodeEdition.Y2022,
            sectors=sectors,
        ).industry

    assert industry(UnitType.OTHER, Sector.EDUCATION) == "11"
    assert industry(UnitType.BANK, Sector.EDUCATION, Sector.FINANCE) == "45"
    assert industry(UnitType.HOSPITAL) == "09"


def test_degrees_keep_every_decimal_they_were_given_with() -> None:
    from portal.registry.operations.cameras import raw_degrees

    assert raw_degrees(Decimal("114.39240000")) == "114.39240000"
    assert raw_degrees(114.3924) == "114.3924"


def test_the_glossary_has_every_field_with_its_source() -> None:
    rows = (Path(__file__).parents[2] / "docs/glossary.md").read_text("utf-8").splitlines()
    for each in CAMERA_FIELDS:
        (row,) = [row for row in rows if f"| `{each.key}` |" in row and "|" in row]
        assert (f"no. {each.number} `{each.abbreviation}`" in row) == bool(each.number), row
