"""Broken rasters: population and heights."""

from __future__ import annotations

import warnings
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from rasterio.transform import Affine

import written_town as w
from broken.corpus import Changes, broken, cut, readable
from livingcircle.model.study import Study

_WEST, _SOUTH = w.lonlat(-200)
_DEGREES = 0.001
_CELLS = Affine(_DEGREES, 0, _WEST, 0, -_DEGREES, _SOUTH + 0.01)


def _raster(path: Path, values: np.ndarray | None = None, **profile: Any) -> Path:
    """Write a raster of 20 × 20 cells around the street, ten people or metres in each."""
    values = np.full((20, 20), 10.0, np.float32) if values is None else values
    bands = values[None] if values.ndim == 2 else values
    given = {"crs": "EPSG:4326", "transform": _CELLS, "nodata": -99999.0, **profile}
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        height=bands.shape[1],
        width=bands.shape[2],
        count=len(bands),
        dtype=bands.dtype,
        **given,
    ) as raster:
        raster.write(bands)
    return path


def _people(path: Path | str, **more: object) -> Changes:
    return {"homes": {"population": {"kind": "raster", "path": str(path), "unit": "count", **more}}}


def _with(value: float, at: tuple[int, int] = (9, 3)) -> np.ndarray:
    values = np.full((20, 20), 10.0, np.float32)
    values[at] = value
    return values


def somebody(study: Study) -> None:
    assert study.homes.residents.sum() > 0
    assert np.isfinite(study.homes.residents).all()


def ten_for_each_cell(study: Study) -> None:
    """Of 20 columns of a thousandth of a degree, 94 m, homes stand in six."""
    assert study.homes.residents.sum() == 60


@readable("population", "residents_spread_from_raster", reads=ten_for_each_cell)
def raster(folder: Path) -> Changes:
    return _people(_raster(folder / "people.tif"))


@readable("population", "population_no_nodata", reads=ten_for_each_cell)
def raster_without_nodata(folder: Path) -> Changes:
    return _people(_raster(folder / "people.tif", nodata=None))


@broken("population", "population_negative")
def raster_whose_nodata_nobody_declared(folder: Path) -> Changes:
    return _people(_raster(folder / "people.tif", _with(-99999), nodata=None))


@readable("population", "residents_spread_from_raster", reads=somebody)
def raster_of_cells_that_are_no_number(folder: Path) -> Changes:
    values = _with(np.nan)
    values[:, 6:] = np.nan
    return _people(_raster(folder / "people.tif", values))


@broken("population", "population_elsewhere")
def raster_of_no_number_at_all(folder: Path) -> Changes:
    return _people(_raster(folder / "people.tif", np.full((20, 20), np.nan, np.float32)))


@broken("population", "population_impossible")
def raster_with_infinite_people(folder: Path) -> Changes:
    return _people(_raster(folder / "people.tif", _with(np.inf)))


@broken("population", "no_crs")
def raster_without_system(folder: Path) -> Changes:
    return _people(_raster(folder / "people.tif", crs=None))


@readable("population", "residents_spread_from_raster", reads=somebody)
def raster_turned(folder: Path) -> Changes:
    turned = Affine.translation(_WEST, _SOUTH - 0.01) @ Affine.rotation(30) @ Affine.scale(_DEGREES)
    return _people(_raster(folder / "people.tif", np.full((30, 30), 10.0, np.float32), transform=turned))


@broken("population", "population_elsewhere")
def raster_without_place(folder: Path) -> Changes:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return _people(_raster(folder / "people.tif", transform=Affine.identity()))


@broken("population", "no_such_band")
def raster_without_the_band_asked_for(folder: Path) -> Changes:
    return _people(_raster(folder / "people.tif"), band=2)


@readable("population", "residents_spread_from_raster", reads=ten_for_each_cell)
def raster_of_several_bands(folder: Path) -> Changes:
    values = np.stack([_with(0), np.full((20, 20), 10.0, np.float32)])
    return _people(_raster(folder / "people.tif", values), band=2)


@broken("population", "crs_conflict")
def raster_of_another_system_than_stated(folder: Path) -> Changes:
    return _people(_raster(folder / "people.tif"), crs="EPSG:4549")


@broken("population", "unreadable_file")
def raster_cut(folder: Path) -> Changes:
    cut(_raster(folder / "people.tif", np.random.default_rng(1).random((200, 200)).astype(np.float32)), 0.1)
    return _people(folder / "people.tif")


@broken("population", "unreadable_file")
def raster_that_is_text(folder: Path) -> Changes:
    (folder / "people.tif").write_text("ncols 3", encoding="utf-8")
    return _people(folder / "people.tif")


@broken("population", "unreadable_file")
def raster_of_complex_numbers(folder: Path) -> Changes:
    return _people(_raster(folder / "people.tif", np.full((20, 20), 10 + 1j, np.complex64), nodata=None))


_VRT = """<VRTDataset rasterXSize="{size}" rasterYSize="{size}"><SRS>EPSG:4326</SRS>
<GeoTransform>{west}, {step}, 0, {north}, 0, -{step}</GeoTransform>
<VRTRasterBand dataType="Float32" band="1"><NoDataValue>-1</NoDataValue>
<SimpleSource><SourceFilename relativeToVRT="1">{source}</SourceFilename><SourceBand>1</SourceBand></SimpleSource>
</VRTRasterBand></VRTDataset>
"""


def _vrt(folder: Path, source: str, size: int = 20) -> Changes:
    text = _VRT.format(source=source, size=size, west=_WEST, north=_SOUTH + 0.01, step=_DEGREES)
    (folder / "people.vrt").write_text(text, encoding="utf-8")
    return _people(folder / "people.vrt")


@broken("population", "unreadable_file")
def vrt_of_nothing(folder: Path) -> Changes:
    return _vrt(folder, "gone.tif")


@broken("population", "unreadable_file")
def vrt_of_itself(folder: Path) -> Changes:
    return _vrt(folder, "people.vrt")


@readable("population", "residents_spread_from_raster", reads=somebody)
def vrt_of_two_thousand_million_rows(folder: Path) -> Changes:
    _raster(folder / "people.tif")
    return _vrt(folder, "people.tif", 2_000_000_000)


@broken("population", "archive_rasters")
def archive_of_two_rasters(folder: Path) -> Changes:
    with zipfile.ZipFile(folder / "people.zip", "w") as archive:
        for name in ("a.tif", "b.tif"):
            archive.write(_raster(folder / name), name)
    return _people(folder / "people.zip")


@broken("population", "unreadable_file")
def archive_that_is_no_raster(folder: Path) -> Changes:
    (folder / "people.zip").write_bytes(b"PK\x03\x04")
    return _people(folder / "people.zip")


# ── Heights ─────────────────────────────────────────────────────────────────


def _heights(path: Path) -> Changes:
    return {"elevation": {"path": path.name}, "walker": {"slope": "tobler"}}


@readable("elevation")
def heights(folder: Path) -> Changes:
    return _heights(_raster(folder / "heights.tif"))


@broken("elevation", "no_crs")
def heights_without_system(folder: Path) -> Changes:
    return _heights(_raster(folder / "heights.tif", crs=None))


@broken("elevation", "elevation_elsewhere")
def heights_of_nodata(folder: Path) -> Changes:
    return _heights(_raster(folder / "heights.tif", np.full((20, 20), -99999, np.float32)))


@broken("elevation", "unreadable_file")
def heights_cut(folder: Path) -> Changes:
    changes = _heights(_raster(folder / "heights.tif"))
    cut(folder / "heights.tif")
    return changes


@broken("elevation", "unreadable_file")
def heights_that_are_text(folder: Path) -> Changes:
    (folder / "heights.tif").write_text("heights", encoding="utf-8")
    return _heights(folder / "heights.tif")
