"""What people cost: homes of Las Palmas from buildings with a grid or a raster, a register of a million rows, a national raster by window.

python -m benchmarks.people ../shared/data

Each measurement is a process of its own; seconds are processor seconds of all its threads, imports included, memory the most it held.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import rasterio
import shapely
from rasterio.transform import Affine
from rasterio.windows import Window

from livingcircle.sources.homes import homes_from_layer, homes_from_osm_buildings
from livingcircle.sources.layers import LayerSource
from livingcircle.sources.population import PopulationCells
from livingcircle.sources.population_raster import PopulationRaster, open_raster

EXTRACT = "laspalmas/las_palmas_20230221.osm.pbf"
CRS = "EPSG:32628"
CORNERS = (453_000, 3_097_000, 462_000, 3_119_000)
"""West, south, east and north of the homes of the extract, in metres."""
BUILDINGS = ("yes", "apartments", "residential", "house", "detached", "terrace", "dormitory", "semidetached_house")
ROWS = 1_000_000


def las_palmas(data: Path, folder: Path, population: PopulationCells | PopulationRaster) -> str:
    """Read the homes with their people, spread from cells of 100 m; buildings are kept from the run before."""
    found = homes_from_osm_buildings(
        data / EXTRACT,
        CRS,
        residential_buildings=BUILDINGS,
        minimum_footprint_m2=30,
        default_levels=2,
        floor_m2_per_resident=40,
        residents_per_household=2.6,
        population=population,
        cache_folder=folder / "kept",
    ).value
    return f"{len(found.homes):,} homes, {found.homes.residents.sum():,.0f} residents"


def grid(data: Path, folder: Path) -> str:
    """Cells as polygons of a GeoPackage."""
    return las_palmas(data, folder, PopulationCells(LayerSource(folder / "cells.gpkg"), "residents"))


def raster(data: Path, folder: Path) -> str:
    """Cells as a raster."""
    return las_palmas(data, folder, PopulationRaster(folder / "cells.tif", "count"))


def national(data: Path, folder: Path) -> str:
    """A city's window of a raster of 5 billion cells."""
    del data
    x, y = np.meshgrid(np.arange(500_000, 509_000, 60.0), np.arange(3_540_000, 3_549_000, 60.0))
    homes = np.asarray(shapely.box(x.ravel(), y.ravel(), x.ravel() + 20, y.ravel() + 10), object)
    opened = open_raster(PopulationRaster(folder / "national.tif", "count"))
    found = opened.over_homes(homes, np.full(len(homes), np.nan), "EPSG:32650")
    return f"{len(homes):,} homes, {found.residents.sum():,.0f} residents"


def register(data: Path, folder: Path) -> str:
    """A register with ages, floor areas and rows for review."""
    del data
    found = homes_from_layer(LayerSource(folder / "register.csv"), {}, "EPSG:32650", residents_per_household=2.6).value
    return f"{ROWS:,} rows, {len(found.quarantined):,} for review"


MEASURED = {"grid": grid, "raster": raster, "national": national, "register": register}


def write_inputs(folder: Path) -> None:
    """Write what is read: people drawn by lot, the same in every run."""
    chance = np.random.default_rng(1)
    west, south, east, north = CORNERS
    columns, rows = (east - west) // 100, (north - south) // 100
    people = chance.integers(0, 90, (rows, columns)).astype("float32")
    options = {"driver": "GTiff", "count": 1, "dtype": "float32", "nodata": -99999}
    place = Affine(100, 0, west, 0, -100, north)
    with rasterio.open(
        folder / "cells.tif", "w", width=columns, height=rows, crs=CRS, transform=place, **options
    ) as file:
        file.write(people, 1)
    x, y = np.meshgrid(west + 100.0 * np.arange(columns), north - 100.0 * np.arange(1, rows + 1))
    cells = shapely.box(x.ravel(), y.ravel(), x.ravel() + 100, y.ravel() + 100)
    gpd.GeoDataFrame({"residents": people.ravel()}, geometry=cells, crs=CRS).to_file(folder / "cells.gpkg")
    sparse = {"tiled": True, "blockxsize": 512, "blockysize": 512, "compress": "deflate", "SPARSE_OK": "TRUE"}
    place = Affine(1 / 1200, 0, 73, 0, -1 / 1200, 54)
    with rasterio.open(
        folder / "national.tif",
        "w",
        width=100_000,
        height=50_000,
        crs="EPSG:4326",
        transform=place,
        **options,
        **sparse,
    ) as file:
        file.write(np.full((512, 512), 2, "float32"), 1, window=Window(52_736, 26_112, 512, 512))
    pd.DataFrame(
        {
            "编号": np.arange(ROWS),
            "小区名称": np.char.add("小区", chance.integers(0, 300_000, ROWS).astype(str)),
            "经度": 117 + chance.uniform(0, 1, ROWS),
            "纬度": 32 + chance.uniform(0, 1, ROWS),
            "户数": chance.integers(1, 500, ROWS),
            "建筑面积": chance.uniform(5_000, 50_000, ROWS),
            "60岁以上": chance.integers(0, 50, ROWS),
            "0-3岁": chance.integers(0, 9, ROWS),
        }
    ).to_csv(folder / "register.csv", index=False)


def told(*words: str) -> str:
    """Return what a part says in a process of its own, whose memory is not that of the one before."""
    call = [sys.executable, "-m", "benchmarks.people", *words]
    return subprocess.run(call, check=True, capture_output=True, text=True).stdout.strip()  # noqa: S603 - ourselves


def main(data: Path) -> None:
    """Print a table."""
    print("| | processor s | memory MiB | |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory() as name:
        told(str(data), "inputs", name)
        for part, again in (("grid", "buildings read"), ("grid", "buildings kept"), ("raster", "buildings kept"),
                            ("national", "100,000 × 50,000 cells"), ("register", "CSV")):  # fmt: skip
            print(f"| {part}, {again} |", told(str(data), part, name))


if __name__ == "__main__":
    if len(sys.argv) == 2:
        main(Path(sys.argv[1]))
    elif sys.argv[2] == "inputs":
        write_inputs(Path(sys.argv[3]))
    else:
        found = MEASURED[sys.argv[2]](Path(sys.argv[1]), Path(sys.argv[3]))
        megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"{time.process_time():.1f} | {megabytes:,.0f} | {found} |")
