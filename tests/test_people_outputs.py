"""Homes and people from the study file to every output: ages, rows for review, a population raster, people not placed."""

from __future__ import annotations

import json

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
from rasterio.transform import Affine

import written_town as w
from livingcircle import cases
from livingcircle.errors import InputError, SettingsError
from livingcircle.settings import read_study

SENIORS = (1, 1, 0, 4, 0, 8)


@pytest.fixture
def study_file(tmp_path):
    """The town with a name and seniors for every home, and a seventh row that cannot be right."""
    study = w.write_town(tmp_path)
    homes = [
        (f"H{i}", *w.lonlat(metres), f"{i}号楼", people, old)
        for i, (metres, people, old) in enumerate(zip(w.HOME_METRES, w.RESIDENTS, SENIORS, strict=True), 1)
    ]
    homes.append(("H7", *w.lonlat(1200), "=宏大家园", 123_695, 9))
    w.write_table(tmp_path / "homes.csv", ("id", "lon", "lat", "小区名称", "居民数", "60岁以上"), homes)
    return study


def test_ages_and_rows_for_review_are_in_every_output(study_file):
    done = cases.run(read_study(study_file))
    table = pd.read_csv(done.files["csv"] / "coverage_by_age.csv", encoding="utf-8-sig")
    whole = table[(table["scope"] == "study") & (table["service_id"] == "pharmacy")]
    # 5, 10 and 15 minutes reach the first two, four and five homes.
    assert whole["residents_covered"].tolist() == [2, 6, 6]
    assert set(whole["residents"]) == {14}
    assert set(whole["age_group"]) == {"60+"}
    assert whole["residents_share"].tolist() == [2 / 14, 6 / 14, 6 / 14]
    west = table[
        (table["district_name"] == "西社区") & (table["limit_minutes"] == 5) & (table["service_id"] == "pharmacy")
    ]
    assert (west["residents"].tolist(), west["residents_covered"].tolist()) == ([6], [2])
    unknown = table[table["service_id"] == "kindergarten"]
    assert unknown["residents_covered"].isna().all()

    homes = pd.read_csv(done.files["csv"] / "homes.csv", encoding="utf-8-sig")
    assert homes["residents_aged_60+"].tolist() == list(SENIORS)
    assert homes["residents"].sum() == w.TOTAL
    review = pd.read_csv(done.files["csv"] / "quarantined.csv", encoding="utf-8-sig")
    assert review[["home_id", "row", "residents", "counted"]].values.tolist() == [["H7", 8, 123_695, False]]
    assert review["home_name"].tolist() == ["'=宏大家园"], "no spreadsheet may take it for a formula"
    assert review["reasons_zh"].tolist() == ["人数过多"]

    sheets = pd.read_excel(done.files["tables"], sheet_name=None, engine="calamine")
    assert sheets["存疑住宅"]["住宅编号"].tolist() == ["H7"]
    assert sheets["分年龄覆盖率"]["年龄组"].unique().tolist() == ["60 岁及以上"]
    assert "未落位人口" not in sheets
    assert "60 岁及以上居民数（人）" in sheets["住宅"].columns
    assert gpd.read_file(done.files["geopackage"], layer="quarantined")["home_id"].tolist() == ["H7"]
    record = json.loads(done.files["record"].read_text(encoding="utf-8"))
    assert [entry["residents_covered"] for entry in record["coverage_by_age"][:1]] == [2]
    assert record["quarantined"][0]["reasons"]["zh"] == "人数过多"
    assert any(warning["kind"] == "homes_quarantined" for warning in record["warnings"])


def test_a_confirmed_row_is_part_of_the_figures(study_file):
    w.change(study_file, "residents_per_household: 2}", "residents_per_household: 2, confirmed: [H7]}")
    study = cases.load(read_study(study_file))
    assert study.homes.residents.sum() == w.TOTAL + 123_695
    assert study.quarantined.kept.tolist() == [True]


def raster(path, value, nodata=-99999):
    """One row of cells of 0.01° around the street, the first without data, each other with `value` people."""
    west, south = w.lonlat(-200)
    cells = np.full((1, 4), value, "float32")
    cells[0, 3] = nodata
    options = {"driver": "GTiff", "width": 4, "height": 1, "count": 1, "dtype": "float32", "crs": "EPSG:4326"}
    place = Affine(0.01, 0, west, 0, -0.01, south + 0.005)
    with rasterio.open(path, "w", transform=place, nodata=nodata, **options) as file:
        file.write(cells, 1)


def test_a_raster_is_spread_over_homes_with_its_ages(study_file):
    raster(study_file.parent / "people.tif", 60)
    raster(study_file.parent / "old.tif", 15)
    w.change(
        study_file,
        "residents_per_household: 2}",
        "residents_per_household: 2, population: {kind: raster, path: people.tif, unit: count, "
        'age_groups: {"60+": old.tif}, attribution: WorldPop}}',
    )
    done = cases.run(read_study(study_file))
    homes = done.results.study.homes
    # 0.01° are 945 m: the first cell ends 745 m east of the pharmacy; four homes share it, three the second.
    assert homes.residents == pytest.approx([15] * 4 + [20] * 3)
    assert homes.residents_by_age[:, 0] == pytest.approx([3.75] * 4 + [5] * 3)
    assert "WorldPop" in done.results.study.attribution
    roles = [entry.path for entry in done.results.study.inputs if entry.role == "population"]
    assert roles == ["people.tif", "old.tif"]


def test_people_without_a_home_are_a_layer(study_file):
    (west, south), (east, _) = w.lonlat(50), w.lonlat(1450)
    cells = gpd.GeoDataFrame(
        {"people": [630.0, 7.0]},
        geometry=gpd.GeoSeries.from_wkt(
            [
                f"POLYGON(({west} {y} , {east} {y}, {east} {y + d}, {west} {y + d}, {west} {y}))"
                for y, d in ((south - 0.01, 0.0101), (south + 0.0001, 0.01))
            ]
        ),
        crs="EPSG:4326",
    )
    cells.to_file(study_file.parent / "cells.gpkg")
    # A home off the street stretches the homes' extent into the second cell, whose people it does not hold.
    w.write_table(
        study_file.parent / "homes.csv",
        ("id", "lon", "lat", "居民数"),
        [("A", *w.lonlat(100), 1), ("B", west + 0.001, south + 0.0001, 1), ("C", west - 0.001, south + 0.0004, 1)],
    )
    w.change(
        study_file,
        "residents_per_household: 2}",
        "residents_per_household: 2, population: {path: cells.gpkg, residents: people}}",
    )
    done = cases.run(read_study(study_file, {"siting": []}))
    table = pd.read_csv(done.files["csv"] / "population_unplaced.csv", encoding="utf-8-sig")
    assert table[["cell", "residents"]].values.tolist() == [[2, 7]]
    layer = gpd.read_file(done.files["geopackage"], layer="population_unplaced")
    assert layer["residents"].tolist() == [7]
    assert (layer.geometry.geom_type == "Polygon").all()


@pytest.mark.parametrize(
    ("population", "key"),
    [
        ("{kind: raster, path: a.tif}", "homes.population.unit"),
        ("{kind: raster, path: a.tif, unit: km}", "homes.population.unit"),
        ("{kind: grid, path: a.tif}", "homes.population.kind"),
        ("{path: a.gpkg, residens: x}", "homes.population.residens"),
    ],
)
def test_what_is_wrong_in_the_settings_of_a_population_is_named(study_file, population, key):
    w.change(study_file, "residents_per_household: 2}", f"residents_per_household: 2, population: {population}}}")
    with pytest.raises(SettingsError) as raised:
        read_study(study_file)
    assert [fault.column for fault in raised.value.faults] == [key]
    assert raised.value.faults[0].row is not None


def test_a_missing_raster_is_told_with_the_faults_of_the_homes(study_file):
    w.change(
        study_file,
        "residents_per_household: 2}",
        "residents_per_household: 2, population: {kind: raster, path: none.tif, unit: count}}",
    )
    with pytest.raises(InputError) as raised:
        cases.load(read_study(study_file))
    assert [fault.kind for fault in raised.value.faults] == ["missing_file"]


def test_one_layer_of_estates_is_homes_and_compounds_with_its_gates(study_file):
    """Gates belong to compounds; a layer of estates serves as both, and its people walk through the gate that names them."""
    (west, south), (east, _) = w.lonlat(700), w.lonlat(800)
    estate = f"POLYGON(({west} {south + 1e-4}, {east} {south + 1e-4}, {east} {south + 5e-4}, {west} {south + 5e-4}, {west} {south + 1e-4}))"
    estates = gpd.GeoDataFrame(
        {"code": ["S1"], "people": [10]}, geometry=gpd.GeoSeries.from_wkt([estate]), crs="EPSG:4326"
    )
    estates.to_file(study_file.parent / "estates.gpkg")
    gate_lon, gate_lat = east, south + 3e-4  # in the middle of the eastern wall
    w.write_table(study_file.parent / "gates.csv", ("lon", "lat", "小区编号"), [(gate_lon, gate_lat, "S1")])
    w.change(
        study_file,
        "homes: {kind: layer, path: homes.csv, columns: {id: id, residents: 居民数}, residents_per_household: 2}",
        "homes: {kind: layer, path: estates.gpkg, columns: {id: code, residents: people}, residents_per_household: 2}\n"
        "compounds: {kind: layer, path: estates.gpkg, columns: {id: code}, gates: {path: gates.csv, columns: {compound: 小区编号}}}",
    )
    walled = cases.answer(read_study(study_file, {"siting": []})).assessment.reach.seconds[0, 0]
    w.change(study_file, "compounds: {kind", "# compounds: {kind")
    free = cases.answer(read_study(study_file, {"siting": []})).assessment.reach.seconds[0, 0]
    # Straight to the street 33 m south and 750 m along it; or 50 m east to the gate first, 33 m to the street and 800 m along.
    assert free == pytest.approx((33 + 750) / 1.25, abs=3)
    assert walled == pytest.approx((50 + 33 + 800) / 1.25, abs=3)
