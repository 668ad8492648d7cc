from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pytest
import shapely

from livingcircle.errors import InputError
from livingcircle.model.places import Homes
from livingcircle.sources.districts import DistrictSource, districts_from_layers, no_districts
from livingcircle.sources.home_districts import assign_districts, districts_without_people
from livingcircle.sources.layers import LayerSource

CRS = "EPSG:32650"
ORIGIN = np.array([668_000.0, 3_548_000.0])
"""In Nanjing: small numbers would be taken for degrees."""
LEFT, RIGHT = shapely.box(0, 0, 10, 10), shapely.box(10, 0, 20, 10)


def districts_from_layer(source, columns, crs, level=None):
    return districts_from_layers([DistrictSource(source, columns, level)], crs)


def homes_at(*places: tuple[float, float]) -> Homes:
    count = len(places)
    unknown = np.full(count, np.nan)
    return Homes(
        ids=np.array([str(row) for row in range(count)], dtype=object),
        xy=ORIGIN + np.array(places, dtype=float).reshape(-1, 2),
        geometry=np.array([shapely.Point(ORIGIN + place) for place in places], dtype=object),
        residents=np.ones(count),
        households=np.ones(count),
        floor_m2=unknown,
        footprint_m2=unknown.copy(),
        district=np.full(count, -1, dtype=np.int32),
    )


def layer(tmp_path, shapes, **columns) -> LayerSource:
    path = tmp_path / "districts.gpkg"
    gpd.GeoDataFrame(columns, geometry=shapely.transform(shapes, lambda xy: xy + ORIGIN), crs=CRS).to_file(path)
    return LayerSource(path)


def test_names_default_to_ids_and_ids_to_row_numbers(tmp_path):
    source = layer(tmp_path, [LEFT, RIGHT], code=["320106001", "320106002"], 名称=["宁海路街道", None])
    districts = districts_from_layer(source, {"id": "code", "name": "名称"}, CRS).value
    assert districts.ids.tolist() == ["320106001", "320106002"]
    assert districts.names.tolist() == ["宁海路街道", "320106002"]
    unnamed = districts_from_layer(source, {}, CRS).value
    assert unnamed.ids.tolist() == unnamed.names.tolist() == ["1", "2"]


def test_repeated_codes_points_and_missing_columns_are_one_report(tmp_path):
    source = layer(tmp_path, [LEFT, shapely.Point(3, 4), RIGHT], code=["A", "B", "A"])
    with pytest.raises(InputError) as raised:
        districts_from_layer(source, {"id": "code", "name": "name"}, CRS)
    assert [(fault.kind, fault.row) for fault in raised.value.faults] == [
        ("wrong_geometry", 2),
        ("duplicate_id", 3),
        ("missing_column", None),
    ]


@pytest.mark.parametrize(("first", "second"), [(LEFT, RIGHT), (RIGHT, LEFT)])
def test_a_home_on_a_border_lies_in_exactly_one_district_the_first(tmp_path, first, second):
    districts = districts_from_layer(layer(tmp_path, [first, second]), {}, CRS).value
    reading = assign_districts(homes_at((10, 5), (10, 0), (5, 5), (15, 5)), districts)
    left = 0 if first is LEFT else 1
    assert reading.value.district.tolist() == [0, 0, left, 1 - left]
    assert reading.value.district.dtype == np.int32
    assert reading.warnings == ()


def test_where_districts_overlap_the_first_holds_the_home(tmp_path):
    districts = districts_from_layer(layer(tmp_path, [RIGHT, shapely.box(0, 0, 20, 10)]), {}, CRS).value
    assert assign_districts(homes_at((15, 5), (5, 5)), districts).value.district.tolist() == [0, 1]


def test_homes_outside_are_counted(tmp_path):
    districts = districts_from_layer(layer(tmp_path, [LEFT]), {}, CRS).value
    homes = homes_at((5, 5), (15, 5), (25, 5))
    reading = assign_districts(homes, districts)
    assert reading.value.district.tolist() == [0, -1, -1]
    assert [(warning.kind, warning.details["count"]) for warning in reading.warnings] == [("homes_without_district", 2)]
    assert homes.district.tolist() == [-1, -1, -1]


def test_districts_without_people_or_households_are_named(tmp_path):
    districts = districts_from_layer(layer(tmp_path, [LEFT, RIGHT], name=["左", "右"]), {"name": "name"}, CRS).value
    homes = assign_districts(homes_at((5, 5), (15, 5)), districts).value

    def told(**columns):
        found = districts_without_people(replace(homes, **columns), districts)
        return [(one.kind, one.details["count"], one.details["examples"]) for one in found]

    assert told() == []
    assert told(residents=np.array([1.0, 0.0])) == [("districts_without_residents", 1, ("右",))]
    assert told(households=np.array([0.0, 1.0])) == [("districts_without_households", 1, ("左",))]
    assert told(households=np.array([1.0, np.nan])) == [("districts_without_households", 1, ("右",))]
    assert list(districts_without_people(homes, no_districts())) == []


def test_a_study_without_districts_has_no_homes_outside_of_them():
    reading = assign_districts(homes_at((5, 5)), no_districts())
    assert len(no_districts()) == 0
    assert reading.value.district.tolist() == [-1]
    assert reading.warnings == ()


def test_the_order_of_districts_changes_positions_only(tmp_path):
    random = np.random.default_rng(7)
    shapes = [shapely.box(x, y, x + 10, y + 10) for x in range(0, 50, 10) for y in range(0, 50, 10)]
    homes = homes_at(*random.uniform(0, 50, (200, 2)))
    names = [f"D{number}" for number in range(25)]
    districts = districts_from_layer(layer(tmp_path, shapes, id=names), {"id": "id"}, CRS).value
    order = random.permutation(25)
    mixed = districts_from_layer(
        layer(tmp_path, [shapes[i] for i in order], id=[names[i] for i in order]), {"id": "id"}, CRS
    ).value
    one, other = assign_districts(homes, districts).value.district, assign_districts(homes, mixed).value.district
    assert (one >= 0).all()
    assert districts.ids[one].tolist() == mixed.ids[other].tolist()


def test_overlaps_are_named_with_their_size_and_shared_borders_are_not(tmp_path):
    boxes = [shapely.box(0, 0, 100, 100), shapely.box(100, 0, 200, 100), shapely.box(180, 0, 300, 100)]
    frame = gpd.GeoDataFrame(
        {"name": ["甲", "乙", "丙"]}, geometry=shapely.transform(boxes, lambda xy: xy + ORIGIN), crs=CRS
    )
    frame.to_file(tmp_path / "districts.gpkg")
    reading = districts_from_layer(LayerSource(tmp_path / "districts.gpkg"), {"name": "name"}, CRS)
    (warning,) = (said for said in reading.warnings if said.severity == "warning")
    assert warning.kind == "overlapping_districts"
    assert (warning.details["count"], warning.details["examples"]) == (1, "乙 / 丙")
    assert warning.details["hectares"] == pytest.approx(20 * 100 / 10_000)
