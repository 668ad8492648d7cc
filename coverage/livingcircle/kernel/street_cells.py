"""The streets on a grid, laid out once for all isochrones of a network.

A street is cut where it passes from one cell to the next. The four nodes of each cell with street are street nodes; other nodes near a
street are the land of the nearest street node, so that between two streets each has the land on its side.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from livingcircle.model.columns import FloatArray, IntArray
from livingcircle.model.network import WalkNetwork

NODES_AT_MOST = 40_000_000
"""Cells grow beyond the wished size rather than the grid beyond this number: 240 MB while it is laid out, whatever the extract."""


@dataclass(frozen=True, slots=True, eq=False)
class StreetCells:
    """A grid of `rows` × `columns` nodes, the first at `west` and `south`, and the streets of a network in its cells.

    Parts of street `e` are `first_part[e]:first_part[e + 1]`: each lies in one cell, from fraction `begin` to `finish`, and `around` (p, 4)
    are the street nodes at its corners. Street node `i` lies at `node_row[i]` and `node_column[i]` and owns the land
    `first_land[i]:first_land[i + 1]`, nodes at `land_row` and `land_column` that are `land_metres` away. Land reaches a cell and a half
    beyond `off_street_metres`, so that borders can be drawn at exactly that distance. Junctions of row `i` of cells are
    `junction_row[i]:junction_row[i + 1]`, at `junction_x` and `junction_y` counted in cells.
    """

    west: float
    south: float
    cell_metres: float
    rows: int
    columns: int
    off_street_metres: float
    first_part: NDArray[np.int64]
    begin: FloatArray
    finish: FloatArray
    around: IntArray
    node_row: IntArray
    node_column: IntArray
    first_land: NDArray[np.int64]
    land_row: IntArray
    land_column: IntArray
    land_metres: NDArray[np.float32]
    junction_row: NDArray[np.int64]
    junction_x: FloatArray
    junction_y: FloatArray

    def in_cells(self, xy: FloatArray) -> FloatArray:
        """Return points (p, 2) counted in cells from the first node."""
        return (xy - (self.west, self.south)) / self.cell_metres


def lay_out(network: WalkNetwork, cell_metres: float, off_street_metres: float) -> StreetCells:
    """Cut the streets into cells and give the land beside them to the nearest."""
    from livingcircle.kernel.tracing import cut_into_cells, settle_land

    streets = network.streets
    corners, line = shapely.get_coordinates(streets.lines, return_index=True)
    low, high = corners.min(axis=0), corners.max(axis=0)
    cell = max(cell_metres, float(np.sqrt(np.prod(high - low) / NODES_AT_MOST)))
    reach = int(off_street_metres / cell) + 3
    # On round coordinates, so that equal places get equal cells whatever lies around them.
    west, south = (np.floor(low / cell) - reach) * cell
    columns, rows = (np.ceil((high - (west, south)) / cell).astype(int) + reach + 1).tolist()
    corners = (corners - (west, south)) / cell
    crossed = np.abs(np.diff(np.floor(corners), axis=0)).sum(axis=1)[np.diff(line) == 0]
    first_corner = np.searchsorted(line, np.arange(len(streets) + 1))
    room = int(crossed.sum()) + len(streets)
    first_part, part_cell, begin, finish = cut_into_cells(corners, first_corner, columns, room)
    level = np.repeat(streets.at_ground, np.diff(first_part))
    disc = _disc(off_street_metres, cell)
    around, street, first_land, land, by_step = settle_land(part_cell, level, columns, disc, rows * columns)
    node_row, node_column = np.divmod(street, columns)
    land_row, land_column = np.divmod(land, columns)
    metres = cell * np.hypot(*disc.T)[by_step]
    junctions = (streets.node_xy - (west, south)) / cell
    junctions = junctions[np.argsort(np.floor(junctions[:, 1]), kind="stable")]
    return StreetCells(
        west=float(west),
        south=float(south),
        cell_metres=cell,
        rows=rows,
        columns=columns,
        off_street_metres=off_street_metres,
        first_part=first_part,
        begin=begin,
        finish=finish,
        around=around,
        node_row=node_row.astype(np.int32),
        node_column=node_column.astype(np.int32),
        first_land=first_land,
        land_row=land_row.astype(np.int32),
        land_column=land_column.astype(np.int32),
        land_metres=metres.astype(np.float32),
        junction_row=np.searchsorted(np.floor(junctions[:, 1]), np.arange(rows + 1)),
        junction_x=junctions[:, 0].copy(),
        junction_y=junctions[:, 1].copy(),
    )


def _disc(metres: float, cell_metres: float) -> NDArray[np.int64]:
    """Return the steps (d, 2), in columns and rows, to the nodes around one up to a cell and a half beyond `metres`, nearest first."""
    reach = int(metres / cell_metres) + 2
    row, column = np.mgrid[-reach : reach + 1, -reach : reach + 1].reshape(2, -1)
    length = np.hypot(row, column) * cell_metres
    order = np.lexsort((column, row, length))
    order = order[1 : np.searchsorted(length[order], metres + 1.5 * cell_metres, side="right")]
    return np.column_stack([column[order], row[order]]).astype(np.int64)
