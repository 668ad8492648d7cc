"""Shapes of districts: overlaps, holes, slivers, parts, and a study area that is not theirs; homes beside all of them."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as some

import town as t
from livingcircle.model.places import Districts
from livingcircle.sources.district_shapes import boundary_findings
from livingcircle.sources.districts import DistrictSource, districts_from_layers
from livingcircle.sources.home_districts import assign_districts
from livingcircle.sources.layers import LayerSource

CRS = "EPSG:32650"
EAST, NORTH = 668_000.0, 3_548_000.0  # in Nanjing


def box(x0, y0, x1, y1):
    return shapely.box(EAST + x0, NORTH + y0, EAST + x1, NORTH + y1)


def districts_of(*shapes, parent=None, level=None):
    count = len(shapes)
    names = np.array([f"D{number}" for number in range(count)], object)
    levels = np.array(level or [""] * count, object)
    return Districts(names, names.copy(), np.array(shapes, object), levels, np.array(parent or [-1] * count, np.int32))


def said_of(tmp_path, *shapes):
    names = [f"D{number}" for number in range(len(shapes))]
    gpd.GeoDataFrame({"name": names}, geometry=list(shapes), crs=CRS).to_file(tmp_path / "d.gpkg")
    source = DistrictSource(LayerSource(tmp_path / "d.gpkg"), {"name": "name"})
    return {said.kind: said.details for said in districts_from_layers([source], CRS).warnings}


def ring(inner, outer=(0, 0, 300, 300)):
    return shapely.difference(box(*outer), box(*inner))


def test_a_hole_is_told_with_its_size_place_and_neighbours(tmp_path):
    left = shapely.difference(box(0, 0, 150, 300), box(100, 100, 200, 200))
    right = shapely.difference(box(150, 0, 300, 300), box(100, 100, 200, 200))
    found = said_of(tmp_path, left, right)["holes_between_districts"]
    assert (found["count"], found["hectares"]) == (1, pytest.approx(1.0))
    lon, lat = (float(number) for number in found["examples"].split(":")[0].split(","))
    at = gpd.GeoSeries([shapely.Point(lon, lat)], crs="EPSG:4326").to_crs(CRS).iloc[0]
    assert box(100, 100, 200, 200).contains(at)
    assert found["examples"].endswith("1.00 ha, D0; D1")


def test_slivers_are_counted_and_not_called_holes(tmp_path):
    found = said_of(tmp_path, ring((100, 100, 101, 250)))  # 1 m by 150 m
    assert found["slivers_between_districts"] == {"count": 1, "square_metres": pytest.approx(150), "metres": 2}
    assert "holes_between_districts" not in found
    assert said_of(tmp_path, ring((100, 100, 109, 109)))["slivers_between_districts"]["count"] == 1
    assert "holes_between_districts" in said_of(tmp_path, ring((100, 100, 112, 112)))


def test_a_district_in_a_district_fills_its_hole(tmp_path):
    assert said_of(tmp_path, ring((100, 100, 200, 200)), box(100, 100, 200, 200)) == {}


def test_separate_parts_are_noted(tmp_path):
    parts = shapely.union(box(0, 0, 100, 100), box(200, 0, 300, 100))
    assert said_of(tmp_path, parts, box(100, 0, 200, 100))["districts_in_parts"] == {"count": 1, "examples": "D0"}


def test_a_study_area_that_is_not_that_of_the_districts():
    found = list(
        boundary_findings(box(0, 0, 400, 100), districts_of(box(0, 0, 100, 100), box(100, -50, 200, 100)), "b")
    )
    assert [(one.kind, one.details.get("share"), one.details["hectares"]) for one in found] == [
        ("boundary_without_district", 0.5, pytest.approx(2.0)),
        ("districts_beyond_boundary", None, pytest.approx(0.5)),
    ]
    assert found[1].details["examples"] == "D1"
    assert list(boundary_findings(box(0, 0, 100, 100), districts_of(box(0, 0, 100, 100.5)), "b")) == []


# ── Homes ───────────────────────────────────────────────────────────────────


def homes_of(*shapes):
    geometry = np.array(shapes, object)
    xy = shapely.get_coordinates(shapely.centroid(geometry))
    return replace(t.homes(xy), geometry=geometry)


def assigned(homes, districts):
    reading = assign_districts(homes, districts)
    return reading.value.district.tolist(), {said.kind: said.details["count"] for said in reading.warnings}


def test_a_footprint_belongs_where_most_of_it_is():
    districts = districts_of(box(0, 0, 100, 100), box(100, 0, 200, 100))
    homes = homes_of(
        box(70, 0, 110, 10), box(90, 20, 130, 30), box(80, 40, 120, 50), box(150, 0, 160, 10),
        box(190, 60, 205, 70), box(195, 80, 225, 90),
    )  # fmt: skip
    positions, said = assigned(homes, districts)
    # three quarters left; three quarters right; half and half: the first; whole; most inside; most outside
    assert positions == [0, 1, 0, 1, 1, -1]
    assert said == {"homes_without_district": 1, "homes_across_districts": 3}


def test_where_districts_overlap_the_larger_share_wins_and_the_first_if_equal():
    districts = districts_of(box(0, 0, 120, 100), box(100, 0, 200, 100))
    positions, _ = assigned(homes_of(box(105, 0, 115, 10), box(110, 0, 130, 10)), districts)
    assert positions == [0, 1]


def test_homes_in_a_sliver_belong_to_the_nearest_district():
    districts = districts_of(box(0, 0, 100, 100), box(103, 0, 200, 100))
    points = [shapely.Point(EAST + x, NORTH + 50) for x in (101, 102.5, 202.5)]
    positions, said = assigned(homes_of(*points), districts)
    assert positions == [0, 1, -1]
    assert said == {"homes_without_district": 1, "homes_in_nearest_district": 2}


def test_homes_the_smaller_districts_leave_over_go_to_the_larger():
    districts = districts_of(
        box(0, 0, 50, 100), box(0, 0, 100, 100), parent=[1, -1], level=["community", "subdistrict"]
    )
    points = [shapely.Point(EAST + x, NORTH + 50) for x in (10, 51, 80, 150)]
    positions, said = assigned(homes_of(*points), districts)
    assert positions == [0, 0, 1, -1]
    assert said == {
        "homes_without_district": 1,
        "homes_in_larger_district_only": 1,
        "homes_in_nearest_district": 1,
    }


corners = some.integers(0, 20)


@given(
    some.lists(some.tuples(corners, corners, some.integers(1, 9), some.integers(1, 9)), max_size=12),
    some.lists(some.tuples(corners, corners, some.integers(1, 12), some.integers(1, 12)), min_size=1, max_size=5),
)
def test_every_home_is_where_no_district_holds_more_of_it(homes, shapes):
    rectangles = [box(x, y, x + w, y + h) for x, y, w, h in homes]
    districts = districts_of(*(box(x, y, x + w, y + h) for x, y, w, h in shapes))
    if not rectangles:
        return
    found = assign_districts(homes_of(*rectangles), districts).value.district
    for rectangle, position in zip(rectangles, found.tolist(), strict=True):
        shares = shapely.area(shapely.intersection(districts.geometry, rectangle)) / shapely.area(rectangle)
        if position >= 0 and shares[position] > 0:
            assert shares[position] == pytest.approx(shares.max())
            assert position <= np.flatnonzero(shares > shares.max() - 1e-6)[0]
        elif position < 0:
            assert shares.sum() < 0.5
