"""The divisions of China as read from the boundary package."""

import pytest
import shapely

from portal.core.divisions import (
    DivisionLevel,
    UnknownDivision,
    division_at,
    division_named,
    is_division_code,
    load_divisions,
)

# GB/T 2260, Anyang.
ANYANG = {
    "410502": "文峰区",
    "410503": "北关区",
    "410505": "殷都区",
    "410506": "龙安区",
    "410522": "安阳县",
    "410523": "汤阴县",
    "410526": "滑县",
    "410527": "内黄县",
    "410581": "林州市",
}


def test_anyang_has_its_nine_districts_and_a_point_finds_its_own():
    assert {d.code: d.name for d in load_divisions("4105")} == ANYANG
    for division in load_divisions("4105"):
        inside = division.geometry.representative_point()
        found = division_at(inside.x, inside.y)
        assert found is not None
        assert found.code == division.code
    assert division_at(116.4, 39.9) is None


def test_outlines_are_valid_lie_in_anyang_and_do_not_overlap():
    divisions = load_divisions("4105")
    for division in divisions:
        assert division.geometry.is_valid
        assert shapely.box(113.6, 35.2, 115.0, 36.4).contains(division.geometry)
    for one in divisions:
        for other in divisions:
            if one.code < other.code:
                assert one.geometry.intersection(other.geometry).area < one.geometry.area * 1e-4


def test_the_whole_country_can_be_read():
    everything = load_divisions("")
    assert len(everything) > 2800
    assert all(d.geometry.is_valid for d in everything)
    assert division_named("410500", DivisionLevel.CITY).name == "安阳市"
    assert division_named("410000", DivisionLevel.PROVINCE).name == "河南省"


def test_an_unknown_code_is_an_error():
    with pytest.raises(UnknownDivision):
        division_named("410504")


@pytest.mark.parametrize(
    ("text", "ok"),
    [
        ("410502", True),
        ("410500", True),
        ("410000", True),
        ("4105", False),
        ("41０502", False),
        ("410002", False),
        ("000000", False),
        ("41050a", False),
    ],
)
def test_form_of_a_division_code(text, ok):
    assert is_division_code(text) is ok
