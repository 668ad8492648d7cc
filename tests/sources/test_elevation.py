"""Elevation: rasters of any kind read under the streets, between cells, in pieces, and what is wrong with them."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import rasterio
from rasterio import Affine

from livingcircle.errors import InputError
from livingcircle.kernel.graph import build_network
from livingcircle.kernel.impedance import walker_impedance
from livingcircle.kernel.slope import tobler_factor
from livingcircle.model.standard import Words
from livingcircle.model.walker import Walker
from livingcircle.sources import elevation
from livingcircle.sources.elevation import check_elevation, elevation_along
from livingcircle.sources.projection import projected
from livingcircle.sources.streets import streets_from_osm
from town import Town, streets

CRS = "EPSG:32650"  # that of the towns
WEST, NORTH = 0.0, 1000.0
HIKER = Walker("w", Words("", ""), 1.0, slope="tobler")
UP = streets([((100, 500), (900, 500))])  # from west to east


def raster(
    path: Path,
    cells: np.ndarray,
    *,
    cell: float = 10.0,
    crs: str | None = CRS,
    units: str | None = None,
    **profile: object,
) -> Path:
    """Write heights, the north-west corner at (0, 1000)."""
    rows, columns = cells.shape
    kind = {"driver": "GTiff", "height": rows, "width": columns, "count": 1, "dtype": cells.dtype, "crs": crs}
    with rasterio.open(path, "w", transform=Affine(cell, 0, WEST, 0, -cell, NORTH), **kind, **profile) as made:
        made.write(cells, 1)
        if units:
            made.units = [units]
    return path


def plane(gradient: float, cell: float = 10.0, metres: float = 1000.0) -> np.ndarray:
    """Heights that rise eastward, as they are at the centre of each cell."""
    count = int(metres / cell)
    return np.tile(((np.arange(count) + 0.5) * cell * gradient).astype(np.float32), (count, 1))


@pytest.mark.parametrize("cell", [10.0, 50.0])
def test_a_slope_is_read_exactly_whatever_the_cells(tmp_path, cell):
    grades = elevation_along(raster(tmp_path / "dem.tif", plane(0.08, cell), cell=cell), UP).value
    assert grades.gradient == pytest.approx(0.08, abs=1e-4)
    assert grades.climb_metres == pytest.approx([64], rel=1e-4)
    assert len(grades.gradient) == 800 / cell


def test_fine_rasters_are_sampled_no_closer_than_ten_metres(tmp_path):
    cells = plane(0.0, 2.0)
    cells[:, ::2] += 0.3  # kerbs
    grades = elevation_along(raster(tmp_path / "dem.tif", cells, cell=2.0), UP).value
    assert grades.run_metres == pytest.approx(10)
    assert np.abs(grades.gradient).max() < 0.04


def test_reading_in_tiles_changes_nothing(tmp_path, monkeypatch):
    cells = np.random.default_rng(3).normal(100, 5, (100, 100)).astype(np.float32)
    path = raster(tmp_path / "dem.tif", cells)
    many = streets([((5.0 * i, 30.0), (900.0, 10.0 * i + 2)) for i in range(1, 90)])
    whole = elevation_along(path, many).value
    monkeypatch.setattr(elevation, "TILE_CELLS", 7)
    assert (elevation_along(path, many).value.gradient == whole.gradient).all()


def test_no_data_is_level_and_told(tmp_path):
    cells = plane(0.1)
    cells[:, 50:] = -9999
    reading = elevation_along(raster(tmp_path / "dem.tif", cells, nodata=-9999), UP)
    assert [warning.kind for warning in reading.warnings] == ["elevation_gaps"]
    assert reading.warnings[0].details["share"] == pytest.approx(0.5, abs=0.02)
    assert reading.value.gradient[:39] == pytest.approx(0.1, abs=1e-4)
    assert (reading.value.gradient[41:] == 0).all()


def test_streets_beyond_the_raster_are_level_and_told(tmp_path):
    reading = elevation_along(raster(tmp_path / "dem.tif", plane(0.1)), streets([((600, 500), (1400, 500))]))
    assert reading.warnings[0].details["share"] == pytest.approx(0.5, abs=0.02)
    assert np.nanmax(reading.value.gradient) == pytest.approx(0.1, abs=1e-3)


def test_scale_and_offset_of_a_raster_are_heeded(tmp_path):
    path = raster(tmp_path / "dem.tif", (plane(0.08) * 10).astype(np.float32))
    with rasterio.open(path, "r+") as made:
        made.scales, made.offsets = (0.1,), (-400.0,)
    assert elevation_along(path, UP).value.gradient == pytest.approx(0.08, abs=1e-4)


def test_a_raster_in_degrees_is_read_where_it_is(tmp_path):
    lon, lat = 117.0, 40.0
    x, y = projected(np.array([lon, lon + 0.01]), np.array([lat, lat]), CRS).T
    street = streets([((x[0], y[0]), (x[1], y[1]))])
    cells = np.tile(np.arange(40, dtype=np.float32) * 5, (40, 1))  # 5 m per 0.0005°, that is 42.7 m
    path = tmp_path / "dem.tif"
    kind = {"driver": "GTiff", "height": 40, "width": 40, "count": 1, "dtype": "float32", "crs": "EPSG:4326"}
    with rasterio.open(path, "w", transform=Affine(0.0005, 0, lon - 0.005, 0, -0.0005, lat + 0.01), **kind) as made:
        made.write(cells, 1)
    grades = elevation_along(path, street).value
    assert grades.climb_metres == pytest.approx([100], abs=0.5)
    assert grades.run_metres[0] == pytest.approx(55, abs=5)  # a cell is 55 m from north to south


@pytest.mark.parametrize(
    ("kind", "make"),
    [
        ("missing_file", lambda folder: folder / "nowhere.tif"),
        ("no_crs", lambda folder: raster(folder / "dem.tif", plane(0.1), crs=None)),
        ("elevation_unit", lambda folder: raster(folder / "dem.tif", plane(0.1), units="ft")),
    ],
)
def test_what_is_wrong_with_a_raster_is_found_before_streets_are_read(tmp_path, kind, make):
    with pytest.raises(InputError) as raised:
        check_elevation(make(tmp_path))
    assert [fault.kind for fault in raised.value.faults] == [kind]


def test_text_is_no_raster(tmp_path):
    (tmp_path / "dem.tif").write_text("heights")
    (tmp_path / "dem.zip").write_text("heights")
    for name in ("dem.tif", "dem.zip"):
        with pytest.raises(InputError) as raised:
            check_elevation(tmp_path / name)
        assert raised.value.faults[0].kind == "unreadable_file"


def test_an_archive_holds_one_raster(tmp_path):
    dem = raster(tmp_path / "dem.tif", plane(0.08))
    for count in (0, 1, 2):
        with zipfile.ZipFile(tmp_path / f"{count}.zip", "w") as archive:
            for number in range(count):
                archive.write(dem, f"{number}.tif")
    assert elevation_along(tmp_path / "1.zip", UP).value.gradient == pytest.approx(0.08, abs=1e-4)
    for count in (0, 2):
        with pytest.raises(InputError) as raised:
            check_elevation(tmp_path / f"{count}.zip")
        assert raised.value.faults[0].kind == "archive_rasters"


def test_heights_of_another_place_are_refused(tmp_path):
    with pytest.raises(InputError) as raised:
        elevation_along(raster(tmp_path / "dem.tif", plane(0.1)), streets([((5000, 5000), (6000, 5000))]))
    assert raised.value.faults[0].kind == "elevation_elsewhere"


@pytest.mark.real_city
def test_heights_beside_helsinki_are_refused(shared_data):
    """The sample of Helsinki's height model lies west of the sample of its streets."""
    read = streets_from_osm(shared_data / "helsinki" / "Helsinki.osm.pbf", None).value
    with pytest.raises(InputError) as raised:
        elevation_along(shared_data / "helsinki" / "elevation_model_2021_lapinlahti.tif", read)
    assert raised.value.faults[0].kind == "elevation_elsewhere"


@pytest.mark.real_city
def test_heights_of_lapinlahti_are_read_in_another_projection(shared_data):
    """Across the hill of the former hospital, in the national grid: up from the shore, eleven metres at most."""
    ends = projected(np.array([24.9110, 24.9140]), np.array([60.1680, 60.1680]), "EPSG:3067")
    street = streets([(tuple(ends[0]), tuple(ends[1]))])
    reading = elevation_along(
        shared_data / "helsinki" / "elevation_model_2021_lapinlahti.tif", replace(street, crs="EPSG:3067")
    )
    assert not reading.warnings
    assert 1 < reading.value.climb_metres[0] + reading.value.descent_metres[0] < 40
    assert np.abs(reading.value.gradient).max() < 0.5


@pytest.mark.real_city
def test_in_andorra_up_takes_longer_than_down_and_there_and_back_longer_than_level(shared_data):
    folder = shared_data / "andorra"
    read = streets_from_osm(folder / "andorra_20260403.osm.pbf", None).value
    network, _ = build_network(read, 2000.0)
    reading = elevation_along(folder / "N42E001.hgt.zip", network.streets)
    assert not reading.warnings
    slope, level = (
        Town(network, walker_impedance(network, walker, reading.value))
        for walker in (HIKER, Walker("w", Words("", ""), 1.0))
    )
    # From the capital, at 1,020 m, to La Massana (1,230 m), Ordino (1,300 m), Encamp (1,240 m) and Canillo (1,530 m).
    capital = projected(np.array([1.5218]), np.array([42.5063]), read.crs)[0]
    lon, lat = np.array([1.5148, 1.5331, 1.5800, 1.5976]), np.array([42.5449, 42.5562, 42.5361, 42.5676])
    for climb, village in zip((210, 280, 220, 510), projected(lon, lat, read.crs), strict=True):
        up, down = (
            float(slope.reach([tuple(a)], [tuple(b)]).seconds[0, 0])
            for a, b in ((capital, village), (village, capital))
        )
        flat = float(level.reach([tuple(capital)], [tuple(village)]).seconds[0, 0])
        assert down < up
        assert up + down > 2 * flat
        # No faster than the same climb spread evenly over the shortest way.
        assert up > flat * tobler_factor(np.array([0.8 * climb / flat]))[0]
        assert up < 3 * flat
