"""Datum conversion against published vectors, and the shapes drawn on the ground."""

import math

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import MultiPolygon, Point

from portal.core import geometry as geo
from portal.core.geometry import BadGeometry, Datum

LON_IN_ANYANG = st.floats(113.63, 114.98)
LAT_IN_ANYANG = st.floats(35.21, 36.37)


@pytest.mark.parametrize(
    ("convert", "given_point", "expected"),
    [
        (geo.wgs84_to_gcj02, (116.404, 39.915), (116.410244, 39.916404)),
        (geo.gcj02_to_bd09, (116.404, 39.915), (116.410369, 39.921337)),
        (geo.bd09_to_gcj02, (116.404, 39.915), (116.397627, 39.908657)),
    ],
)
def test_published_vectors(convert, given_point, expected):
    assert convert(*given_point) == pytest.approx(expected, abs=1.5e-6)


@given(LON_IN_ANYANG, LAT_IN_ANYANG, st.sampled_from(list(Datum)))
def test_there_and_back_is_under_a_millimetre(lon, lat, datum):
    back = geo.to_wgs84(*geo.from_wgs84(lon, lat, datum), datum)
    assert geo.distance_m((lon, lat), back) < 0.001


@given(LON_IN_ANYANG, LAT_IN_ANYANG)
def test_a_wrong_label_moves_a_camera_half_a_kilometre_east(lon, lat):
    shifted = geo.wgs84_to_gcj02(lon, lat)
    assert 480 < geo.distance_m((lon, lat), shifted) < 580
    assert shifted[0] > lon


def test_abroad_gcj02_is_wgs84():
    assert geo.wgs84_to_gcj02(2.35, 48.85) == (2.35, 48.85)


@pytest.mark.parametrize(
    ("azimuth", "east", "north"),
    [(0, 0, 1), (90, 1, 0), (180, 0, -1), (270, -1, 0)],
)
def test_azimuth_runs_clockwise_from_north(azimuth, east, north):
    lon, lat = geo.offset(114.35, 36.1, azimuth, 500)
    moved_east = geo.distance_m((114.35, 36.1), (lon, 36.1)) * (1 if lon > 114.35 else -1)
    moved_north = geo.distance_m((114.35, 36.1), (114.35, lat)) * (1 if lat > 36.1 else -1)
    assert (moved_east, moved_north) == pytest.approx((500 * east, 500 * north), abs=0.1)


@given(LON_IN_ANYANG, LAT_IN_ANYANG, st.floats(0, 360), st.floats(1, 20_000))
def test_offset_lies_at_the_distance_asked(lon, lat, azimuth, metres):
    there = geo.offset(lon, lat, azimuth, metres)
    assert geo.distance_m((lon, lat), there) == pytest.approx(metres, rel=1e-3, abs=1e-3)


def test_circle_has_its_radius_everywhere():
    ring = geo.circle(114.35, 36.1, 300)
    assert {round(geo.distance_m((114.35, 36.1), xy)) for xy in ring.exterior.coords} == {300}
    assert ring.is_valid


def test_sector_covers_what_lies_ahead_and_nothing_behind():
    view = geo.sector(114.35, 36.1, azimuth=45, angle=90, range_m=100)
    assert view.contains(Point(geo.offset(114.35, 36.1, 45, 60)))
    assert view.contains(Point(geo.offset(114.35, 36.1, 2, 60)))
    assert not view.contains(Point(geo.offset(114.35, 36.1, 180, 5)))
    assert not view.contains(Point(geo.offset(114.35, 36.1, 45, 110)))


@given(st.floats(0, 360), st.floats(1, 360), st.floats(1, 2000))
def test_every_field_of_view_is_a_valid_polygon(azimuth, angle, range_m):
    view = geo.sector(114.35, 36.1, azimuth=azimuth, angle=angle, range_m=range_m)
    assert view.is_valid
    assert view.area > 0


@pytest.mark.parametrize(
    ("lon", "lat", "code"),
    [
        (36.1, 114.35, "lonlat_swapped"),
        (0, 0, "outside_china"),
        (114.35, math.nan, "not_a_number"),
        (math.inf, 36.1, "not_a_number"),
        (-114.35, 36.1, "outside_china"),
    ],
)
def test_impossible_positions_say_why(lon, lat, code):
    with pytest.raises(BadGeometry) as caught:
        geo.point(lon, lat)
    assert caught.value.code == code


def test_column_value_keeps_the_point_and_its_srid():
    element = geo.to_element(geo.point(114.35, 36.1))
    assert element.srid == 4326
    assert geo.lonlat(element) == (114.35, 36.1)
    assert shapely.get_srid(shapely.from_wkb(geo.hex_ewkb(Point(114.35, 36.1)))) == 4326


SQUARE = [[[114.3, 36.0], [114.4, 36.0], [114.4, 36.1], [114.3, 36.1], [114.3, 36.0]]]


def test_area_comes_back_as_it_was_drawn():
    area = geo.area_from_geojson({"type": "Polygon", "coordinates": SQUARE})
    assert isinstance(area, MultiPolygon)
    assert geo.area_from_geojson(geo.to_geojson(area)).equals(area)
    feature = {
        "type": "Feature",
        "properties": {},
        "geometry": {"type": "Polygon", "coordinates": SQUARE},
    }
    assert geo.area_from_geojson(feature).equals(area)


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (None, "not_an_area"),
        ([], "not_an_area"),
        ({"type": "Point", "coordinates": [114, 36]}, "not_an_area"),
        ({"type": "Polygon"}, "not_an_area"),
        ({"type": "Polygon", "coordinates": "x"}, "not_an_area"),
        ({"type": "Polygon", "coordinates": [[]]}, "not_an_area"),
        ({"type": "Polygon", "coordinates": [[[114.3, 36.0], [114.4, 36.0]]]}, "not_an_area"),
        ({"type": "Polygon", "coordinates": [[["114", "36"]] * 4]}, "not_a_number"),
        ({"type": "Polygon", "coordinates": [[[True, 36]] * 4]}, "not_a_number"),
        ({"type": "Polygon", "coordinates": [[[36.0, 114.3]] * 4]}, "lonlat_swapped"),
        ({"type": "Polygon", "coordinates": [[[114.3, 36.0]] * 4]}, "empty_area"),
        ({"type": "Polygon", "coordinates": [[[114.3, 36.0]] * 20_001]}, "too_many_corners"),
        (
            {
                "type": "Polygon",
                "coordinates": [[[114.3, 36], [114.4, 36.1], [114.4, 36], [114.3, 36.3], [114.3, 36]]],
            },
            "outline_crosses_itself",
        ),
    ],
)
def test_bad_areas_are_refused_by_name(value, code):
    with pytest.raises(BadGeometry) as caught:
        geo.area_from_geojson(value)
    assert caught.value.code == code
