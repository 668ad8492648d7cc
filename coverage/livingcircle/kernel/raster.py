"""A grid over the study and the polygons of a field on it: the drawing board of isochrones and gap areas."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import cast

import contourpy
import numpy as np
import shapely
from numpy.typing import NDArray

from livingcircle.model.columns import FloatArray, GeometryArray

_OneChunk = tuple[list[FloatArray | None], list[NDArray[np.uint32] | None], list[NDArray[np.uint32] | None]]

CELLS_AT_MOST = 800_000
"""Cells grow beyond the wished size rather than the grid beyond this number: 6 MB a field, whatever the city."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Square cells of `cell_metres`; `west` and `south` are the centre of the first cell, `rows` run northwards."""

    west: float
    south: float
    cell_metres: float
    rows: int
    columns: int

    @property
    def cells(self) -> int:
        """Number of cells."""
        return self.rows * self.columns

    def cell_of(self, xy: FloatArray) -> NDArray[np.intp]:
        """Return the flat position of the cell each point (p, 2) lies in; points must lie on the grid."""
        place = np.rint((xy - (self.west, self.south)) / self.cell_metres).astype(np.intp)
        return np.asarray(place[:, 1] * self.columns + place[:, 0], np.intp)

    def at_or_below(self, field: FloatArray, level: float) -> GeometryArray:
        """Return the polygons (with holes) in which a field (rows, columns) interpolates to `level` or less."""
        x, y = _centres(self)
        lines = contourpy.contour_generator(
            x=x,
            y=y,
            z=field,
            fill_type=contourpy.FillType.ChunkCombinedOffsetOffset,
        )
        # One chunk: corners of all rings, where each ring starts, and where the rings of each polygon start, its outline first.
        (corners,), (rings,), (polygons,) = cast("_OneChunk", lines.filled(-np.inf, level))
        if corners is None or rings is None or polygons is None:
            return np.empty(0, object)
        return shapely.from_ragged_array(shapely.GeometryType.POLYGON, corners, (rings, polygons))


@lru_cache(maxsize=2)
def _centres(grid: Grid) -> tuple[FloatArray, FloatArray]:
    """Return x and y of every cell's centre (rows, columns); one grid is drawn on many times."""
    x, y = np.meshgrid(
        grid.west + np.arange(grid.columns) * grid.cell_metres, grid.south + np.arange(grid.rows) * grid.cell_metres
    )
    return x, y


def grid_over(xy: FloatArray, cell_metres: float, margin_metres: float) -> Grid:
    """Lay a grid over points (p, 2) and a margin around them, on round coordinates so that equal places get equal cells."""
    low, high = xy.min(axis=0) - margin_metres, xy.max(axis=0) + margin_metres
    cell = max(cell_metres, float(np.sqrt(np.prod(high - low) / CELLS_AT_MOST)))
    west, south = np.floor(low / cell) * cell
    columns, rows = np.ceil((high - (west, south)) / cell).astype(int) + 1
    return Grid(west=float(west), south=float(south), cell_metres=cell, rows=int(rows), columns=int(columns))
