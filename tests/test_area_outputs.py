"""Areas of single facilities and rasters of walking time: asked for in the study file, found in the run folder."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from rasterio.warp import transform

import written_town as w
from livingcircle import cases
from livingcircle.settings import read_study

SECOND_PHARMACY = 1000
"""Metres along the street."""


@pytest.fixture
def study_file(tmp_path, monkeypatch):
    monkeypatch.setenv("LIVING_CIRCLE_CACHE", str(tmp_path / "cache"))
    file = w.write_town(tmp_path)
    rows = [("P1", *w.lonlat(0), "西药房"), ("P2", *w.lonlat(SECOND_PHARMACY), "东药房")]
    w.write_table(tmp_path / "pharmacies.csv", ("id", "lon", "lat", "名称"), rows)
    return file


def ran(study_file, **outputs):
    settings = read_study(study_file)
    return cases.run(settings.model_copy(update={"outputs": settings.outputs.model_copy(update=outputs), "siting": ()}))


def test_nothing_is_added_unless_asked_for(study_file):
    run = ran(study_file)
    assert {"catchments", "service_areas"}.isdisjoint(gpd.list_layers(run.files["geopackage"])["name"])
    assert not (run.folder / "rasters").exists()


@pytest.mark.parametrize(
    ("asked", "layers"),
    [("each", {"catchments"}), ("nearest", {"service_areas"}), ("both", {"catchments", "service_areas"})],
)
def test_areas_of_facilities_are_layers(study_file, asked, layers):
    run = ran(study_file, catchments=asked)
    found = set(gpd.list_layers(run.files["geopackage"])["name"])
    assert found & {"catchments", "service_areas"} == layers


def test_service_areas_divide_what_catchments_share(study_file):
    run = ran(study_file, catchments="both")
    own, divided, whole = (
        gpd.read_file(run.files["geopackage"], layer=layer) for layer in ("catchments", "service_areas", "isochrones")
    )
    assert own["facility_id"].tolist() == [facility for facility in ("P1", "P2") for _ in range(3)]
    assert set(divided["service_id"]) == {"pharmacy"}
    assert divided["area_km2"].to_numpy() == pytest.approx(divided.area / 1e6)
    for minutes in (5, 10, 15):
        both = shapely.union_all(own.geometry[own["limit_minutes"] == minutes])
        shares = divided.geometry[divided["limit_minutes"] == minutes]
        isochrone = whole.geometry[(whole["service_id"] == "pharmacy") & (whole["limit_minutes"] == minutes)].iloc[0]
        assert both.area == pytest.approx(isochrone.area, rel=0.02)
        assert shares.area.sum() == pytest.approx(isochrone.area, rel=0.05)
    middle = divided[divided["limit_minutes"] == 10]
    assert middle.area.iloc[1] > 1.1 * middle.area.iloc[0]  # the street goes on beyond P2 only


def test_walking_times_are_a_cloud_optimized_raster(study_file):
    run = ran(study_file, rasters=True, language="zh")
    file = run.folder / "rasters" / "travel_time_pharmacy.tif"
    with rasterio.open(file) as raster:
        assert raster.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        assert raster.crs == run.results.study.crs
        assert raster.dtypes == ("float32",)
        assert raster.units == ("s",)
        assert raster.descriptions == ("步行至最近的药店所需时间（秒）",)
        assert "OpenStreetMap" in raster.tags()["ATTRIBUTION"]
        metres = np.array([100, 300, 700, 1300])
        x, y = transform("EPSG:4326", raster.crs, *zip(*(w.lonlat(at) for at in metres), strict=True))
        west, _, _, north = raster.bounds
        column, row = ((np.array(x) - west) / 10).astype(int), ((north - np.array(y)) / 10).astype(int)
        seconds = raster.read(1)[row, column]
        expected = np.minimum(metres, np.abs(metres - SECOND_PHARMACY)) / 1.25
        assert seconds == pytest.approx(expected, abs=20 / 1.25)
        assert np.isnan(raster.nodata)
        assert np.isnan(raster.read(1)[0, 0])
    content = file.read_bytes()
    ran(study_file, rasters=True)
    assert file.read_bytes() == content


def at_metres(file, metres) -> np.ndarray:
    """Return what a raster says of places along the street, after checking that any GIS can read it."""
    with rasterio.open(file) as raster:
        assert raster.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        assert raster.overviews(1) or max(raster.shape) <= 512
        assert np.isnan(raster.nodata)
        assert raster.crs.is_projected
        assert "OpenStreetMap" in raster.tags()["TIFFTAG_COPYRIGHT"]
        assert raster.units[0]
        x, y = transform("EPSG:4326", raster.crs, *zip(*(w.lonlat(at) for at in metres), strict=True))
        return np.array([value for (value,) in raster.sample(zip(x, y, strict=True))])


def test_accessibility_of_the_ground_is_that_of_the_homes_on_it(study_file):
    """Pharmacies within 5 minutes (375 m) of 0 and 1,000 m are required, and scored; 4 and 6 places are shared by all in reach."""
    rows = [("P1", *w.lonlat(0), "西药房", 4), ("P2", *w.lonlat(SECOND_PHARMACY), "东药房", 6)]
    w.write_table(study_file.parent / "pharmacies.csv", ("id", "lon", "lat", "名称", "班位"), rows)
    w.change(
        study_file,
        "columns: {id: id, name: 名称}}\ndistricts",
        "columns: {id: id, name: 名称, capacity: 班位}}\ndistricts",
    )
    w.change(study_file, "outputs:", "capacity: [{service: pharmacy, limit_minutes: 5}]\noutputs:")
    run = ran(study_file, rasters=True)
    folder = run.folder / "rasters"
    assert {file.name for file in folder.iterdir()} == {
        "travel_time_pharmacy.tif",
        "services_within.tif",
        "living_circle_score.tif",
        "places_per_1000_pharmacy.tif",
    }
    homes = run.results.access
    assert at_metres(folder / "services_within.tif", w.HOME_METRES).tolist() == [1, 1, 0, 1, 1, 0]
    assert at_metres(folder / "living_circle_score.tif", w.HOME_METRES) == pytest.approx(homes.score.score, abs=0.03)
    (capacity,) = homes.capacity
    west, east = 4 / (1 + 2), 6 / (8 + 16)
    expected = 1000 * np.array([west, west, 0, east, east, 0])
    assert 1000 * capacity.catchment.access == pytest.approx(expected)
    assert at_metres(folder / "places_per_1000_pharmacy.tif", w.HOME_METRES) == pytest.approx(expected, rel=1e-6)
