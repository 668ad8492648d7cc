"""Elevation: heights of the ground under the streets, from any raster that GDAL reads."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyproj
from numpy.typing import NDArray

from livingcircle.errors import InputError
from livingcircle.faults import Fault
from livingcircle.kernel.slope import grades_from, samples_along, unknown_share
from livingcircle.model.columns import FloatArray
from livingcircle.model.network import StreetEdges
from livingcircle.model.terrain import Grades
from livingcircle.sources.raster_files import opened_raster
from livingcircle.sources.reading import Reading

if TYPE_CHECKING:
    from rasterio.io import DatasetReader

FINEST_SPACING_METRES = 10.0
"""Heights are taken no closer together: nearer than that a fine raster shows kerbs, walls and parked cars, not slopes."""
SMALLEST_TOLD_SHARE = 0.001
"""Gaps under less of the streets than this are not worth a warning."""
METRE = "metre"
TILE_CELLS = 2048
"""Cells per side of what is read at once: a national height model is never read whole."""


def check_elevation(path: Path) -> Reading[Path]:
    """Open an elevation raster and close it again, to find its faults before anything is made of it; see `elevation_along`."""
    with _opened(path):
        return Reading(path)


def elevation_along(path: Path, streets: StreetEdges, *, spacing: float | None = None) -> Reading[Grades]:
    """Read the heights along streets and return their gradients.

    `path` is a GeoTIFF, an SRTM tile (`.hgt`), one of them alone in a `.zip`, or a `.vrt` that joins several; heights in metres, in any
    coordinate reference system the file names. Heights are taken along the lines about as often as the raster has cells, between cell
    centres by bilinear interpolation: closer together they would show the noise of the raster as slope (`spacing`, in metres, has it
    otherwise). Where there is none (no data, or
    beyond the raster) a street is level; a warning says for how much.

    Raises
    ------
    InputError
        When the file cannot be read, does not say where it is, is not in metres, or holds no height under any street.
    """
    with _opened(path) as raster:
        samples = samples_along(streets, spacing or spacing_metres(raster, streets))
        heights = _heights(raster, samples.xy, streets.crs)
    if not np.isfinite(heights).any():
        raise InputError(Fault("elevation_elsewhere", file=str(path)))
    share = unknown_share(streets, samples, heights)
    told = share >= SMALLEST_TOLD_SHARE
    warnings = (Fault("elevation_gaps", file=str(path), details={"share": share}),) if told else ()
    return Reading(grades_from(streets, samples, heights), warnings)


def spacing_metres(raster: DatasetReader, streets: StreetEdges) -> float:
    """Return how far apart heights are worth taking: the size of a cell at the streets, or `FINEST_SPACING_METRES`."""
    there = pyproj.Transformer.from_crs(streets.crs, raster.crs, always_xy=True)
    x, y = there.transform(*streets.node_xy.mean(axis=0))
    cell = raster.transform
    xy = there.transform([x, x + cell.a, x + cell.b], [y, y + cell.d, y + cell.e], direction="INVERSE")
    origin, right, down = np.column_stack(xy)
    metres = np.nan_to_num([np.hypot(*(right - origin)), np.hypot(*(down - origin))], posinf=0.0)
    return max(float(metres.max()), FINEST_SPACING_METRES)


@contextmanager
def _opened(path: Path) -> Iterator[DatasetReader]:
    with opened_raster(path) as raster:
        unit = (raster.units[0] or METRE).lower()
        if raster.crs is None:
            raise InputError(Fault("no_crs", file=str(path)))
        if unit not in {METRE, "m", "meter", "metres", "meters"}:
            raise InputError(Fault("elevation_unit", file=str(path), value=unit))
        yield raster


def _heights(raster: DatasetReader, xy: FloatArray, crs: str) -> FloatArray:
    """Return the height at points (p, 2) of `crs`, NaN where the raster has none."""
    x, y = pyproj.Transformer.from_crs(crs, raster.crs, always_xy=True).transform(xy[:, 0], xy[:, 1])
    cell = ~raster.transform
    column, row = cell.a * x + cell.b * y + cell.c, cell.d * x + cell.e * y + cell.f
    heights = np.full(len(xy), np.nan)
    inside = np.flatnonzero((column >= 0) & (column <= raster.width) & (row >= 0) & (row <= raster.height))
    # From here on positions count from the centre of the first cell; the outer half of edge cells has the height of their centres.
    column = np.clip(column[inside] - 0.5, 0, raster.width - 1)
    row = np.clip(row[inside] - 0.5, 0, raster.height - 1)
    tile = (row // TILE_CELLS).astype(np.int64) * (raster.width // TILE_CELLS + 1) + (column // TILE_CELLS).astype(int)
    order = np.argsort(tile, kind="stable")
    for mine in np.split(order, np.flatnonzero(np.diff(tile[order])) + 1):
        if len(mine):
            heights[inside[mine]] = _bilinear(raster, column[mine], row[mine])
    return heights


def _bilinear(raster: DatasetReader, column: FloatArray, row: FloatArray) -> FloatArray:
    """Return heights between the centres of the cells around; cells without data take no part, all four of them give NaN."""
    from rasterio.windows import Window

    left, top = np.floor(column).astype(np.int64), np.floor(row).astype(np.int64)
    first_column, first_row = int(left.min()), int(top.min())
    width = min(int(left.max()) + 2, raster.width) - first_column
    height = min(int(top.max()) + 2, raster.height) - first_row
    cells = raster.read(1, window=Window(first_column, first_row, width, height), masked=True)
    values: NDArray[np.float64] = np.ma.filled(cells.astype(np.float64), np.nan)
    values = values * raster.scales[0] + raster.offsets[0]
    total, weight = np.zeros(len(column)), np.zeros(len(column))
    for down in (0, 1):
        for right in (0, 1):
            value = values[
                np.minimum(top + down - first_row, height - 1), np.minimum(left + right - first_column, width - 1)
            ]
            share = np.abs(1 - right - (column - left)) * np.abs(1 - down - (row - top))
            known = np.isfinite(value) & (share > 0)
            total[known] += share[known] * value[known]
            weight[known] += share[known]
    heights = np.full(len(column), np.nan)
    np.divide(total, weight, out=heights, where=weight > 0)
    return heights
