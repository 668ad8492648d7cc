from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyproj
import pytest
import rasterio
import shapely
from hypothesis import given
from hypothesis import strategies as st
from rasterio.transform import Affine

from livingcircle.errors import InputError
from livingcircle.model.people import no_ages
from livingcircle.sources.homes import homes_from_layer
from livingcircle.sources.layers import Layer, LayerSource
from livingcircle.sources.population import OpenedCells, PopulationCells, open_cells, spread_over_homes
from livingcircle.sources.population_raster import PopulationRaster, open_raster

CRS = "EPSG:32650"
DEGREES = "EPSG:4326"
EAST, NORTH = 500_000.0, 3_540_000.0
ONTO_STUDY = Affine(100, 0, EAST, 0, -100, NORTH)  # the first cell's upper left corner; rows run southwards


def block(x: float, y: float, width: float, height: float | None = None) -> shapely.Polygon:
    """A rectangle in metres, counted eastwards and southwards from the corner of the raster."""
    return shapely.box(EAST + x, NORTH - y - (width if height is None else height), EAST + x + width, NORTH - y)


def raster(path: Path, values, *, transform=ONTO_STUDY, crs=CRS, dtype="float32", nodata=None, unit="count", **stated):
    cells = np.atleast_2d(np.asarray(values, float)).astype(dtype)
    options = {"driver": "GTiff", "dtype": dtype, "count": 1, "crs": crs, "transform": transform, "nodata": nodata}
    with rasterio.open(path, "w", height=cells.shape[0], width=cells.shape[1], **options) as file:
        file.write(cells, 1)
    return PopulationRaster(path, unit, **stated)


def spread(population, homes, floor_m2=None, crs=CRS):
    places = np.empty(len(homes), object)
    places[:] = list(homes)
    opened = open_raster(population)
    if opened.faults:
        raise InputError(opened.faults)
    floor = np.full(len(places), np.nan) if floor_m2 is None else np.array(floor_m2, float)
    return opened.over_homes(places, floor, crs)


def fault_kinds(population, homes=None):
    with pytest.raises(InputError) as raised:
        spread(population, homes or [block(10, 10, 10)])
    assert raised.value.report("zh") != raised.value.report("en")
    return [fault.kind for fault in raised.value.faults]


def test_a_cell_is_shared_by_its_homes(tmp_path):
    found = spread(
        raster(tmp_path / "a.tif", [[48, 64]], nodata=-1), [block(10, 10, 10), block(40, 40, 10, 20), block(150, 50, 9)]
    )
    assert found.residents == pytest.approx([16, 32, 64])
    told = found.warnings[-1].details
    assert (told["cells"], told["placed"], told["unplaced"], told["empty"]) == (2, 112, 0, 0)


def test_a_home_on_a_border_receives_from_both_cells(tmp_path):
    homes = [block(90, 0, 20, 10), block(10, 0, 10)]  # half of the first, 100 m², lies in each cell
    assert spread(raster(tmp_path / "a.tif", [[32, 64]]), homes).residents == pytest.approx([16 + 64, 16])


def test_floor_area_weighs_where_it_is_known(tmp_path):
    homes = [block(10, 10, 10), block(40, 40, 10, 20)]
    found = spread(raster(tmp_path / "a.tif", [[64]]), homes, floor_m2=[300, 100])
    assert found.residents == pytest.approx([48, 16])


def test_a_home_over_many_cells_takes_from_all(tmp_path):
    everywhere = block(0, 0, 300, 200)
    found = spread(raster(tmp_path / "a.tif", [[1, 2, 4], [8, 16, 32]]), [everywhere])
    assert found.residents == pytest.approx([63])


def test_points_lie_in_one_cell(tmp_path):
    homes = [shapely.Point(EAST + x, NORTH - 50) for x in (50, 150, 160)]
    assert spread(raster(tmp_path / "a.tif", [[32, 64]]), homes).residents == pytest.approx([32, 32, 32])


def test_people_without_a_home_are_listed_by_cell(tmp_path):
    homes = [block(10, 10, 10), block(210, 110, 10)]  # beyond them, the third row is not read
    found = spread(raster(tmp_path / "a.tif", [[1, 2, 4], [8, 16, 32], [64, 128, 256]]), homes)
    assert found.residents == pytest.approx([1, 32])
    assert dict(zip(found.unplaced.cells, found.unplaced.residents, strict=True)) == {
        "1 / 2": 2,
        "1 / 3": 4,
        "2 / 1": 8,
        "2 / 2": 16,
    }
    assert found.unplaced.geometry[0].equals(block(100, 0, 100))
    assert found.warnings[-1].details["unplaced"] == 30


def test_a_density_is_taken_by_the_area_on_the_ground(tmp_path):
    scale = pyproj.Proj(CRS).get_factors(117, 32).areal_scale  # 0.9992 in the middle of a UTM zone
    found = spread(raster(tmp_path / "a.tif", [[5000]], unit="per_km2"), [block(10, 10, 10)])
    assert found.residents.sum() == pytest.approx(5000 * 0.01 / scale, rel=1e-6)
    assert 50.03 < found.residents.sum() < 50.05


def test_degrees_become_the_area_between_their_parallels(tmp_path):
    # One cell of 0.01° at 32° N: the exact area of its zone on the ellipsoid.
    transform = Affine(0.01, 0, 117.0, 0, -0.01, 32.0)
    population = raster(tmp_path / "a.tif", [[1000]], transform=transform, crs=DEGREES, unit="per_km2")
    home = shapely.Point(500_400, 3_540_000)
    ring = [(117, 32), (117.01, 32), (117.01, 31.99), (117, 31.99)]
    km2 = abs(pyproj.Geod(ellps="WGS84").polygon_area_perimeter(*zip(*ring, strict=True))[0]) / 1e6
    assert spread(population, [home]).residents.sum() == pytest.approx(1000 * km2, rel=1e-5)


def test_a_raster_that_is_turned_is_read_where_its_cells_are(tmp_path):
    # Columns run to the north-east, rows to the south-east, 100 m each (a triangle of 3, 4, 5).
    transform = Affine(80, 60, EAST, 60, -80, NORTH)
    middle = shapely.Point(EAST + 1.5 * 80 + 0.5 * 60, NORTH + 1.5 * 60 - 0.5 * 80)  # of the second cell
    found = spread(raster(tmp_path / "a.tif", [[32, 64]], transform=transform), [middle.buffer(5)])
    assert found.residents == pytest.approx([64])


@pytest.mark.parametrize(
    ("values", "options"),
    [
        ([[32, -99999]], {"nodata": -99999}),
        ([[32, np.nan]], {}),
        ([[32, np.nan]], {"nodata": np.nan}),
    ],
)
def test_cells_without_data_hold_nobody(tmp_path, values, options):
    found = spread(raster(tmp_path / "a.tif", values, **options), [block(10, 10, 10), block(110, 10, 10)])
    assert found.residents == pytest.approx([32, 0])
    assert found.warnings[-1].details["empty"] == 1


def test_what_means_no_data_can_be_stated(tmp_path):
    homes = [block(10, 10, 10), block(110, 10, 10)]
    lowest = float(np.finfo(np.float32).min)
    assert fault_kinds(raster(tmp_path / "a.tif", [[32, lowest]]), homes) == ["population_negative"]
    stated = raster(tmp_path / "a.tif", [[32, lowest]], unit="count").path
    # As a person writes it, with fewer digits than single precision has.
    found = spread(PopulationRaster(stated, "count", nodata=-3.4028234663852886e38), homes)
    assert found.residents == pytest.approx([32, 0])
    found = spread(
        PopulationRaster(raster(tmp_path / "b.tif", [[32, 255]], dtype="uint8").path, "count", nodata=255), homes
    )
    assert found.residents == pytest.approx([32, 0])
    found = spread(PopulationRaster(tmp_path / "b.tif", "count", nodata=-99999), homes)
    assert found.residents == pytest.approx([32, 255])


def test_a_raster_that_declares_no_nodata_is_noted(tmp_path):
    kinds = [said.kind for said in open_raster(raster(tmp_path / "a.tif", [[1]])).warnings]
    assert kinds == ["population_no_nodata"]
    assert open_raster(raster(tmp_path / "a.tif", [[1]], nodata=-1)).warnings == ()


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([[32, -5]], "population_negative"),
        ([[32, np.inf]], "population_impossible"),
        ([[32, 3e38]], "population_impossible"),
        ([[32, 10_100]], "population_impossible"),  # on a hectare: more than a million per km²
    ],
)
def test_values_that_are_no_people_are_refused(tmp_path, values, kind):
    with pytest.raises(InputError) as raised:
        spread(raster(tmp_path / "a.tif", values, nodata=-1), [block(10, 10, 10), block(110, 10, 10)])
    (fault,) = raised.value.faults
    assert (fault.kind, fault.details["count"], fault.details["declared"]) == (kind, 1, "-1")


def test_files_that_cannot_be_used(tmp_path):
    good = raster(tmp_path / "a.tif", [[32]])
    assert fault_kinds(PopulationRaster(tmp_path / "none.tif", "count")) == ["missing_file"]
    (tmp_path / "text.tif").write_text("no raster")
    assert fault_kinds(PopulationRaster(tmp_path / "text.tif", "count")) == ["unreadable_file"]
    assert fault_kinds(PopulationRaster(good.path, "count", band=2)) == ["no_such_band"]
    assert fault_kinds(PopulationRaster(good.path, "count", crs="EPSG:4326")) == ["crs_conflict"]
    assert fault_kinds(PopulationRaster(good.path, "count", crs="nowhere")) == ["unknown_crs"]
    assert fault_kinds(PopulationRaster(good.path, "count", age_groups={"60+": tmp_path / "x.tif"})) == ["missing_file"]
    assert fault_kinds(good, [block(900, 900, 10)]) == ["population_elsewhere"]
    assert fault_kinds(raster(tmp_path / "zero.tif", [[0]])) == ["population_elsewhere"]


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
def test_a_raster_that_does_not_say_where_it_is_needs_a_crs(tmp_path):
    nowhere = raster(tmp_path / "a.tif", [[32]], crs=None)
    assert fault_kinds(nowhere) == ["no_crs"]
    found = spread(PopulationRaster(nowhere.path, "count", crs=CRS), [block(10, 10, 10)])
    assert found.residents == pytest.approx([32])


def test_a_file_cut_short_is_refused(tmp_path):
    values = np.random.default_rng(1).uniform(0, 9, (600, 600))
    whole = raster(tmp_path / "a.tif", values).path.read_bytes()
    (tmp_path / "b.tif").write_bytes(whole[: len(whole) // 2])
    assert fault_kinds(
        PopulationRaster(tmp_path / "b.tif", "count"), [block(10, 10, 10), block(59_000, 59_000, 10)]
    ) == ["unreadable_file"]


def test_a_density_taken_for_people_is_doubted(tmp_path):
    found = open_raster(raster(tmp_path / "chn_pd_2020_1km.tif", [[1]], nodata=-1))
    assert [said.kind for said in found.warnings] == ["population_unit_doubtful"]
    assert open_raster(raster(tmp_path / "chn_pd_2020_1km.tif", [[1]], nodata=-1, unit="per_km2")).warnings == ()


def test_age_groups_are_rasters_of_their_own(tmp_path):
    old = raster(tmp_path / "old.tif", [[8, 0]], nodata=-1).path
    population = raster(tmp_path / "all.tif", [[32, 64]], nodata=-1, age_groups={"60+": old})
    found = spread(population, [block(10, 10, 10), block(110, 10, 10)])
    assert found.residents == pytest.approx([32, 64])
    assert found.ages.groups == ("60+",)
    assert found.ages.residents[:, 0] == pytest.approx([8, 0])
    assert [said.details["group_en"] for said in found.warnings] == ["", " (60+)"]


def test_ages_of_a_register_stay_unless_the_population_has_its_own(tmp_path):
    homes = tmp_path / "homes.gpkg"
    table = {"60岁以上": [3, 70]}
    gpd.GeoDataFrame(table, geometry=[block(10, 10, 10), block(110, 10, 10)], crs=CRS).to_file(homes)
    population = raster(tmp_path / "all.tif", [[32, 64]], nodata=-1)
    options = {"residents_per_household": 2, "population": population}
    reading = homes_from_layer(LayerSource(homes), {}, CRS, **options)
    assert reading.value.homes.residents == pytest.approx([32, 64])
    assert reading.value.homes.residents_by_age.tolist() == [[3], [70]]
    assert [said.details["count"] for said in reading.warnings if said.kind == "age_exceeds_residents"] == [1]
    own = PopulationRaster(population.path, "count", age_groups={"65+": population.path})
    found = homes_from_layer(LayerSource(homes), {}, CRS, **{**options, "population": own}).value.homes
    assert found.age_groups == ("65+",)
    assert found.residents_by_age[:, 0] == pytest.approx([32, 64])


boxes = st.lists(
    st.tuples(st.integers(-80, 420), st.integers(-80, 320), st.integers(3, 150), st.integers(3, 150)),
    min_size=1,
    max_size=8,
)
counts = st.lists(st.integers(0, 900), min_size=12, max_size=12)


@given(boxes, counts, st.booleans())
def test_every_cell_keeps_its_total_and_polygons_say_the_same(tmp_path_factory, rectangles, people, in_degrees):
    """A raster is its cells: the same people given as polygons between their corners land in the same homes."""
    people = [*people[:5], people[5] + 1, *people[6:]]
    homes = np.array([block(150, 150, 30), *(block(*rectangle) for rectangle in rectangles)], object)
    path = tmp_path_factory.mktemp("raster") / "a.tif"
    if in_degrees:
        # About 100 m a cell.
        transform, crs = Affine(0.00105, 0, 117.0001, 0, -0.0009, 31.9957), DEGREES
        west, north = pyproj.Transformer.from_crs(DEGREES, CRS, always_xy=True).transform(117.0001, 31.9957)
        homes = shapely.transform(homes, lambda xy: xy - [EAST, NORTH] + [west, north])
    else:
        transform, crs = ONTO_STUDY, CRS
    found = spread(raster(path, np.reshape(people, (3, 4)), transform=transform, crs=crs), homes)

    corners = [
        shapely.box(
            transform.c + c * transform.a,
            transform.f + (r + 1) * transform.e,
            transform.c + (c + 1) * transform.a,
            transform.f + r * transform.e,
        )
        for r in range(3)
        for c in range(4)
    ]
    polygons = gpd.GeoSeries(corners, crs=crs).to_crs(CRS)
    layer = Layer(gpd.GeoDataFrame(geometry=polygons), "cells")
    expected = spread_over_homes(
        OpenedCells(layer, np.array(people, float), no_ages(12)), homes, np.full(len(homes), np.nan), CRS
    )
    assert found.residents == pytest.approx(expected.residents, rel=1e-6, abs=1e-6)
    told = found.warnings[-1].details
    assert found.residents.sum() == pytest.approx(told["placed"])
    assert found.unplaced.residents.sum() == pytest.approx(told["unplaced"])
    # What was not read lies beyond the homes' extent; nothing within it is lost.
    assert found.residents.sum() + told["unplaced"] <= sum(people) * (1 + 1e-9)
    by_cell = {
        position: people[position]
        for position in range(12)
        if shapely.intersects(polygons[position], shapely.union_all(homes))
        and shapely.area(shapely.intersection(polygons[position], shapely.union_all(homes))) > 1e-6
    }
    assert found.residents.sum() == pytest.approx(sum(by_cell.values()))


# ── Size ────────────────────────────────────────────────────────────────────

NATIONAL = """
import re, sys
import numpy as np, rasterio, shapely
from pathlib import Path
from rasterio.transform import Affine
from rasterio.windows import Window
from livingcircle.sources.population_raster import PopulationRaster, open_raster
path = Path(sys.argv[1])
options = dict(driver="GTiff", width=100_000, height=50_000, count=1, dtype="float32", nodata=-99999, crs="EPSG:4326",
               transform=Affine(1 / 1200, 0, 73, 0, -1 / 1200, 54), tiled=True, blockxsize=512, blockysize=512,
               compress="deflate", SPARSE_OK="TRUE", BIGTIFF="YES")
with rasterio.open(path, "w", **options) as file:
    file.write(np.full((512, 512), 2, "float32"), 1, window=Window(52_736, 26_112, 512, 512))
east, north = 500_000, 3_540_000  # near 117° E, 32° N: column 52,800, row 26,400
homes = np.array([shapely.box(east + x, north + y, east + x + 20, north + y + 10) for x in range(0, 9000, 60)
                  for y in range(0, 9000, 60)], object)
found = open_raster(PopulationRaster(path, "count")).over_homes(homes, np.full(len(homes), np.nan), "EPSG:32650")
most = int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])  # its own, not its parent's
print(len(homes), found.residents.sum(), most / 1024)
"""


def test_a_national_raster_is_read_by_window(tmp_path):
    """5 billion cells, 20 GB if they were read: a city takes what its window takes, within 1 GiB."""
    gibibyte = 2**30

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_DATA, (gibibyte, gibibyte))

    done = subprocess.run(
        [sys.executable, "-c", NATIONAL, str(tmp_path / "national.tif")],
        check=True,
        capture_output=True,
        text=True,
        preexec_fn=limited,
    )
    homes, residents, megabytes = (float(part) for part in done.stdout.split())
    assert homes == 22_500
    # 9 km by 9 km of cells of 1/1200° (78.7 m by 92.4 m) with two people each, every one of which holds homes.
    assert residents == pytest.approx(2 * (9000 / 78.7) * (9000 / 92.4), rel=0.05)
    assert megabytes < 1024


# ── Cities ──────────────────────────────────────────────────────────────────


@pytest.mark.real_city
def test_worldpop_keeps_its_total(shared_data):
    path = shared_data / "worldpop_ahr" / "wpop_ahrvalley.tif"
    chance = np.random.default_rng(7)
    lonlat = np.column_stack([chance.uniform(6.9, 7.1, 4000), chance.uniform(50.45, 50.55, 4000)])
    xy = np.column_stack(pyproj.Transformer.from_crs(DEGREES, "EPSG:32632", always_xy=True).transform(*lonlat.T))
    homes = shapely.box(xy[:, 0], xy[:, 1], xy[:, 0] + chance.uniform(5, 60, 4000), xy[:, 1] + 12)
    found = spread(PopulationRaster(path, "count"), homes, crs="EPSG:32632")
    with rasterio.open(path) as file:
        every = np.ma.filled(file.read(1, masked=True).astype(float), 0)
        corners = shapely.get_coordinates(homes)
        lon, lat = pyproj.Transformer.from_crs("EPSG:32632", DEGREES, always_xy=True).transform(*corners.T)
        place = file.transform
        columns, rows = (np.array(lon) - place.c) / place.a, (np.array(lat) - place.f) / place.e
        window = every[int(rows.min()) : int(rows.max()) + 1, int(columns.min()) : int(columns.max()) + 1]
    told = found.warnings[-1].details
    assert found.residents.sum() + told["unplaced"] == pytest.approx(window.sum(), rel=1e-9)
    assert found.unplaced.residents.sum() == pytest.approx(told["unplaced"], rel=1e-9)
    assert found.residents.sum() > 0.1 * window.sum()


@pytest.mark.real_city
def test_the_population_of_las_palmas_is_placed_whole(shared_data):
    source = LayerSource(shared_data / "laspalmas" / "las_palmas_ghs_ucdb.gpkg")
    opened = open_cells(PopulationCells(source, "P15"))
    whole = opened.layer.projected("EPSG:32628")[0]
    inside = shapely.point_on_surface(whole)
    homes = np.array([inside.buffer(20), shapely.Point(inside.x + 60, inside.y).buffer(10)], object)
    found = opened.over_homes(homes, np.array([900.0, 100.0]), "EPSG:32628")
    assert found.residents == pytest.approx(opened.residents[0] * np.array([0.9, 0.1]))
    assert opened.residents[0] > 300_000
