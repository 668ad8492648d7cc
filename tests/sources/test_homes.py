from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from livingcircle.errors import InputError
from livingcircle.model.people import no_ages
from livingcircle.sources.homes import homes_from_layer, homes_from_osm_buildings
from livingcircle.sources.layers import Layer, LayerSource
from livingcircle.sources.population import OpenedCells, PopulationCells, spread_over_homes

CRS = "EPSG:32650"
DEGREES = "EPSG:4326"
ASSUMPTIONS = {
    "residential_buildings": ("apartments", "yes"),
    "minimum_footprint_m2": 30,
    "default_levels": 2,
    "floor_m2_per_resident": 40,
    "residents_per_household": 2.5,
}
EAST, NORTH = 500_000, 3_540_000


def block(x: float, y: float, width: float, height: float | None = None) -> shapely.Polygon:
    """A rectangle in metres of the study, counted from a corner of the town."""
    return shapely.box(EAST + x, NORTH + y, EAST + x + width, NORTH + y + (width if height is None else height))


def corners(shape: shapely.Polygon) -> list[tuple[float, float]]:
    (moved,) = gpd.GeoSeries([shape], crs=CRS).to_crs(DEGREES)
    return list(moved.exterior.coords)[:-1]


def layer(path: Path, shapes, **columns) -> LayerSource:
    gpd.GeoDataFrame(columns, geometry=list(shapes), crs=CRS).to_file(path)
    return LayerSource(path)


def cells(path: Path, shapes, residents) -> PopulationCells:
    return PopulationCells(layer(path, shapes, residents=residents), "residents")


def kinds(reading) -> list[str]:
    return [warning.kind for warning in reading.warnings]


def faults_of(read, *args, **options):
    with pytest.raises(InputError) as raised:
        read(*args, **options)
    assert raised.value.report("zh") != raised.value.report("en")
    return raised.value.faults


# ── OpenStreetMap buildings ─────────────────────────────────────────────────


def test_residents_follow_from_floor_area(write_osm):
    path = write_osm(
        areas={
            1: (corners(block(0, 0, 20, 10)), {"building": "apartments", "building:levels": "6"}),
            2: (corners(block(50, 0, 10)), {"building": "yes"}),
            3: (corners(block(100, 0, 5)), {"building": "yes"}),  # 25 m²: a shed
            4: (corners(block(150, 0, 50)), {"building": "yes", "amenity": "school"}),
            5: (corners(block(250, 0, 50)), {"building": "office"}),
        }
    )
    reading = homes_from_osm_buildings(path, CRS, **ASSUMPTIONS)
    homes = reading.value.homes
    assert homes.ids.tolist() == ["way/1", "way/2"]
    # OSM keeps 7 decimals of a degree: about a centimetre.
    assert homes.footprint_m2 == pytest.approx([200, 100], rel=3e-3)
    assert homes.floor_m2 == pytest.approx(homes.footprint_m2 * [6, 2])
    assert homes.residents == pytest.approx(homes.floor_m2 / 40)
    assert homes.households == pytest.approx(homes.residents / 2.5)
    assert homes.xy[0] == pytest.approx([EAST + 10, NORTH + 5], abs=0.02)
    assert homes.district.tolist() == [-1, -1]
    assert kinds(reading) == ["residents_estimated", "households_estimated"]
    assert reading.warnings[0].details == {"floor_m2_per_resident": 40, "share": 0.5, "default_levels": 2}


def test_a_footprint_of_exactly_the_minimum_is_a_home(write_osm):
    path = write_osm(areas={1: (corners(block(0, 0, 10)), {"building": "yes"})})
    footprint_m2 = homes_from_osm_buildings(path, CRS, **ASSUMPTIONS).value.homes.footprint_m2[0]
    exactly = {**ASSUMPTIONS, "minimum_footprint_m2": footprint_m2}
    assert len(homes_from_osm_buildings(path, CRS, **exactly).value.homes) == 1
    above = {**ASSUMPTIONS, "minimum_footprint_m2": np.nextafter(footprint_m2, np.inf)}
    assert [fault.kind for fault in faults_of(homes_from_osm_buildings, path, CRS, **above)] == ["no_homes"]


def test_no_home_and_broken_cells_are_one_report(write_osm, tmp_path):
    path = write_osm(areas={1: (corners(block(0, 0, 50)), {"building": "office"})})
    grid = cells(tmp_path / "grid.gpkg", [block(0, 0, 100), block(100, 0, 100)], [-5.0, np.nan])
    faults = faults_of(homes_from_osm_buildings, path, CRS, **ASSUMPTIONS, population=grid)
    assert [(fault.kind, fault.row) for fault in faults] == [
        ("no_homes", None),
        ("negative_number", 1),
        ("missing_value", 2),
    ]
    faults = faults_of(homes_from_osm_buildings, tmp_path / "none.osm", CRS, **ASSUMPTIONS, population=grid)
    assert [fault.kind for fault in faults] == ["missing_file", "negative_number", "missing_value"]


def test_cells_replace_the_estimate(write_osm, tmp_path):
    path = write_osm(
        areas={
            1: (corners(block(10, 10, 10)), {"building": "yes", "building:levels": "1"}),
            2: (corners(block(30, 10, 10)), {"building": "yes", "building:levels": "3"}),
            3: (corners(block(160, 10, 10)), {"building": "yes"}),
        }
    )
    grid = cells(tmp_path / "grid.gpkg", [block(0, 0, 100), block(100, 100, 100), block(900, 0, 100)], [64, 8, 1024])
    reading = homes_from_osm_buildings(path, CRS, **ASSUMPTIONS, population=grid)
    assert reading.value.homes.residents == pytest.approx([16, 48, 0], rel=3e-3)
    assert kinds(reading) == ["residents_spread", "households_estimated"]
    expected = {"basis_zh": "按住宅建筑面积", "basis_en": "by residential floor area"}
    assert reading.warnings[0].details == {"cells": 1, "unplaced": 0, "outside": 8 + 1024, **expected}


def test_helsinki_keeps_the_total_of_its_grid(helsinki_pbf, shared_data):
    grid = shared_data / "helsinki" / "helsinki_population_grid_2020.gpkg"
    total = gpd.read_file(grid)["population"].sum()
    reading = homes_from_osm_buildings(
        helsinki_pbf, "EPSG:32635", **ASSUMPTIONS, population=PopulationCells(LayerSource(grid), "population")
    )
    spread = reading.warnings[0].details
    assert reading.value.homes.residents.sum() > 0
    assert reading.value.homes.residents.sum() + spread["unplaced"] + spread["outside"] == pytest.approx(total)
    by_household = reading.value.homes.households * ASSUMPTIONS["residents_per_household"]
    assert by_household == pytest.approx(reading.value.homes.residents)


@pytest.mark.real_city
@pytest.mark.parametrize(
    ("name", "crs", "number"),
    [
        ("nanjing/nanjing_core_20210612.osm", "EPSG:32650", 1098),
        ("laspalmas/las_palmas_20230221.osm.pbf", "EPSG:32628", 20471),
    ],
)
def test_cities(shared_data, name, crs, number):
    buildings = ("yes", "apartments", "residential", "house", "detached", "terrace", "dormitory", "semidetached_house")
    homes = homes_from_osm_buildings(
        shared_data / name, crs, **{**ASSUMPTIONS, "residential_buildings": buildings}
    ).value.homes
    assert len(homes) == pytest.approx(number, rel=0.02)
    assert (homes.footprint_m2 >= 30).all()
    assert (homes.residents > 0).all()
    assert shapely.intersects(homes.geometry, shapely.points(homes.xy)).all()


# ── Layers ──────────────────────────────────────────────────────────────────


def test_a_layer_with_people_is_taken_as_it_is(tmp_path):
    source = layer(
        tmp_path / "a.gpkg", [block(0, 0, 10), block(20, 0, 30)], code=["A", "B"], people=[4, 8], flats=[2, 3]
    )
    reading = homes_from_layer(
        source, {"id": "code", "residents": "people", "households": "flats"}, CRS, residents_per_household=9
    )
    homes = reading.value.homes
    assert homes.ids.tolist() == ["A", "B"]
    assert homes.residents.tolist() == [4, 8]
    assert homes.households.tolist() == [2, 3]
    assert homes.footprint_m2.tolist() == [100, 900]
    assert np.isnan(homes.floor_m2).all()
    assert reading.warnings == ()


@pytest.mark.parametrize(
    ("columns", "residents", "households", "warned"),
    [
        ({"residents": "people"}, [5, 10], [2, 4], ["households_estimated"]),
        ({"households": "flats"}, [7.5, 15], [3, 6], ["residents_from_households"]),
    ],
)
def test_what_is_missing_is_estimated_from_the_other(tmp_path, columns, residents, households, warned):
    source = layer(tmp_path / "a.gpkg", [block(0, 0, 10)] * 2, people=[5, 10], flats=[3, 6])
    reading = homes_from_layer(source, columns, CRS, residents_per_household=2.5)
    assert reading.value.homes.residents.tolist() == residents
    assert reading.value.homes.households.tolist() == households
    assert kinds(reading) == warned


def test_single_gaps_are_filled_and_counted(tmp_path):
    nan = np.nan
    source = layer(tmp_path / "a.gpkg", [block(0, 0, 10)] * 3, people=[5, nan, 0], flats=[nan, 4, 1])
    reading = homes_from_layer(source, {"residents": "people", "households": "flats"}, CRS, residents_per_household=2.5)
    assert reading.value.homes.residents.tolist() == [5, 10, 0]
    assert reading.value.homes.households.tolist() == [2, 4, 1]
    assert reading.warnings[0].details["count"] == 1
    assert kinds(reading) == ["residents_from_households", "households_estimated"]


def test_a_row_without_any_people_is_a_fault(tmp_path):
    (tmp_path / "a.csv").write_text("lon,lat,people,flats\n117,32,,\n117,32,3,\n117,32,,x\n117,32,,\n")
    faults = faults_of(
        homes_from_layer,
        LayerSource(tmp_path / "a.csv"),
        {"residents": "people", "households": "flats"},
        CRS,
        residents_per_household=2,
    )
    assert [(fault.kind, fault.row, fault.column) for fault in faults] == [
        ("not_a_number", 4, "flats"),
        ("missing_value", 2, "people / flats"),
        ("missing_value", 5, "people / flats"),
    ]


@pytest.mark.parametrize("columns", [{"residents": None, "households": None}, {"residents": "people"}])
def test_nobody_at_all_is_a_fault(tmp_path, columns):
    source = layer(tmp_path / "a.gpkg", [block(0, 0, 10)], people=[np.nan])
    faults = faults_of(homes_from_layer, source, columns, CRS, residents_per_household=2)
    assert [fault.kind for fault in faults] == ["no_people"]


def test_a_column_of_noughts_is_called_so(tmp_path):
    source = layer(tmp_path / "a.gpkg", [block(0, 0, 10), block(20, 0, 10)], people=[0, 0])
    faults = faults_of(homes_from_layer, source, {"residents": "people"}, CRS, residents_per_household=2)
    assert [(fault.kind, fault.column) for fault in faults] == [("people_all_zero", "people")]
    assert "0 people" in faults[0].problem("en")


def test_every_fault_of_both_files_is_in_one_report(tmp_path):
    (tmp_path / "homes.csv").write_text("编号,lon,lat,户数\nA,117,32,3\nB,32,117,若干\nA,117,,-1\n", encoding="gbk")
    grid = cells(tmp_path / "grid.gpkg", [shapely.LineString([(EAST, NORTH), (EAST + 1, NORTH)])], [1.0])
    faults = faults_of(
        homes_from_layer,
        LayerSource(tmp_path / "homes.csv"),
        {"id": "编号", "households": "户数", "floor_m2": "面积"},
        CRS,
        residents_per_household=2,
        population=grid,
    )
    assert {(fault.kind, fault.row, fault.column) for fault in faults} == {
        ("swapped_coordinates", 3, "lon, lat"),
        ("empty_geometry", 4, "lat"),
        ("duplicate_id", 4, "编号"),
        ("not_a_number", 3, "户数"),
        ("negative_number", 4, "户数"),
        ("missing_column", None, "面积"),
        ("wrong_geometry", None, ""),
    }


def test_points_have_no_areas(tmp_path):
    (tmp_path / "a.csv").write_text("lon,lat,people,floor\n117,32,3,90\n")
    columns = {"residents": "people", "floor_m2": "floor"}
    homes = homes_from_layer(LayerSource(tmp_path / "a.csv"), columns, CRS, residents_per_household=2).value.homes
    assert homes.floor_m2.tolist() == [90]
    assert np.isnan(homes.footprint_m2).all()


# ── Population cells ────────────────────────────────────────────────────────


def spread(tmp_path, homes, grid, residents, **columns):
    source = layer(tmp_path / "homes.gpkg", homes, **columns)
    named = {name: name for name in columns}
    population = cells(tmp_path / "grid.gpkg", grid, residents)
    return homes_from_layer(source, named, CRS, residents_per_household=2, population=population)


def test_a_home_cut_by_a_border_receives_from_both_cells(tmp_path):
    homes = [block(90, 0, 20, 10), block(10, 0, 10)]  # half of the first, 100 m², lies in each cell
    reading = spread(tmp_path, homes, [block(0, 0, 100), block(100, 0, 100)], [32, 64])
    assert reading.value.homes.residents == pytest.approx([16 + 64, 16])
    assert reading.value.homes.households == pytest.approx([40, 8])


def test_floor_area_weighs_where_all_of_it_is_known_and_footprints_otherwise(tmp_path):
    homes, grid = [block(0, 0, 10), block(20, 0, 10, 20)], [block(-50, -50, 100)]
    by_floor = spread(tmp_path, homes, grid, [64], floor_m2=[300.0, 100.0])
    assert by_floor.value.homes.residents == pytest.approx([48, 16])
    by_footprint = spread(tmp_path, homes, grid, [48], floor_m2=[300.0, np.nan])
    assert by_footprint.value.homes.residents == pytest.approx([16, 32])


def test_points_weigh_alike_and_lie_in_one_cell(tmp_path):
    homes = [shapely.Point(EAST + x, NORTH + 50) for x in (50, 100, 150)]  # the second on the border
    reading = spread(tmp_path, homes, [block(0, 0, 100), block(100, 0, 100)], [32, 64])
    assert reading.value.homes.residents == pytest.approx([16, 16, 64])


def test_overlapping_homes_share_like_any_others(tmp_path):
    homes = [block(0, 0, 10), block(0, 0, 10), block(5, 5, 10)]
    reading = spread(tmp_path, homes, [block(0, 0, 100)], [48])
    assert reading.value.homes.residents == pytest.approx([16, 16, 16])


def test_people_without_a_home_in_their_cell_are_counted(tmp_path):
    homes = [block(0, 0, 10), block(250, 0, 10)]
    reading = spread(tmp_path, homes, [block(100 * column, 0, 100) for column in range(5)], [1, 2, 4, 8, 16])
    assert reading.value.homes.residents == pytest.approx([1, 4])
    expected = {"basis_zh": "按住宅占地面积", "basis_en": "by the footprint of homes"}
    assert reading.warnings[0].details == {"cells": 3, "unplaced": 2, "outside": 24, **expected}
    assert "24" in reading.warnings[0].sentence("zh")


def test_cells_somewhere_else_are_a_fault(tmp_path):
    with pytest.raises(InputError) as raised:
        spread(tmp_path, [block(0, 0, 10)], [block(5000, 0, 100)], [64])
    assert [fault.kind for fault in raised.value.faults] == ["population_elsewhere"]


def test_the_register_of_households_stays_when_residents_are_spread(tmp_path):
    homes = [block(0, 0, 10), block(20, 0, 10)]
    reading = spread(tmp_path, homes, [block(0, 0, 100)], [64], households=[7, 9])
    assert reading.value.homes.households.tolist() == [7, 9]
    assert kinds(reading) == ["residents_spread"]


@given(
    st.lists(
        st.tuples(st.integers(-50, 320), st.integers(-50, 220), st.integers(4, 60), st.integers(4, 60)), max_size=12
    ),
    st.lists(st.integers(0, 5000), min_size=6, max_size=6),
)
def test_totals_are_kept_whatever_the_homes(rectangles, residents):
    homes = [block(50, 50, 10), *(block(*rectangle) for rectangle in rectangles)]
    grid = [block(100 * (cell % 3), 100 * (cell // 3), 100) for cell in range(6)]
    residents[0] += 1
    layer = Layer(gpd.GeoDataFrame(geometry=grid, crs=CRS), "grid")
    floor_m2 = np.full(len(homes), np.nan)
    opened = OpenedCells(layer, np.array(residents, dtype=float), no_ages(len(grid)))
    people = spread_over_homes(opened, np.array(homes, dtype=object), floor_m2, CRS)
    placed = people.residents
    told = layer.warnings[0].details
    assert placed.sum() + told["unplaced"] + told["outside"] == pytest.approx(sum(residents))
    assert (placed >= 0).all()


def test_a_workbook_of_homes(tmp_path):
    table = pd.DataFrame(
        {"小区编号": ["0101", "0102"], "经度": [117.0, 117.01], "纬度": [32.0, 32.0], "户数": [120, 80]}
    )
    table.to_excel(tmp_path / "住宅.xlsx", index=False)
    columns = {"id": "小区编号", "lon": "经度", "lat": "纬度", "households": "户数"}
    homes = homes_from_layer(LayerSource(tmp_path / "住宅.xlsx"), columns, CRS, residents_per_household=2.5).value.homes
    assert homes.ids.tolist() == ["0101", "0102"]
    assert homes.residents.tolist() == [300, 200]


def test_an_id_given_twice_hides_no_place_that_cannot_be(tmp_path):
    # 90° of longitude from its zone's middle, UTM has no place for the second row; the first id comes again in the third.
    (tmp_path / "a.csv").write_text("id,lon,lat,people\nA,117,32,3\nB,-153,0,4\nA,117,32,5\n")
    columns = {"id": "id", "residents": "people"}
    faults = faults_of(homes_from_layer, LayerSource(tmp_path / "a.csv"), columns, CRS, residents_per_household=2)
    assert {(fault.kind, fault.row) for fault in faults} == {("duplicate_id", 4), ("coordinate_range", 3)}
