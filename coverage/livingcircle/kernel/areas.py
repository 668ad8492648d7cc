"""From times on a grid to polygons: borders traced, thinned and put together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from livingcircle.kernel.graph import TICKS_PER_SECOND
from livingcircle.kernel.impedance import Impedance
from livingcircle.kernel.street_cells import StreetCells
from livingcircle.kernel.time_field import Window
from livingcircle.model.columns import Columns, FloatArray, GeometryArray, IntArray

THINNING_CELLS = 1 / 6
"""How far, in cells, thinning may move a border.

Borders keep a quarter of a cell from every node (see `tracing.classify`), so reached streets are `√2 / 8` cells away from them, and pieces
of border that do not follow one another twice as far apart. Thinned by less, no street is cut off and no two borders come to cross.
"""


@dataclass(frozen=True, slots=True, eq=False)
class Areas(Columns):
    """Multipolygons (a rows) by `origin`, number of the `limit` and `label`, in that order; what is not reached is not listed."""

    origin: IntArray
    limit: IntArray
    label: IntArray
    geometry: GeometryArray


class _Rings(NamedTuple):
    """Closed borders within one limit of one origin, see `tracing.trace`; points of ring `i` begin at `first_point[i]`."""

    origin: int
    limit: int
    xy: FloatArray
    first_point: NDArray[np.int64]
    owner: IntArray
    outline: IntArray


def areas_within(
    cells: StreetCells,
    walk: Impedance,
    times: Iterable[Window | None],
    limits: Sequence[int],
    smallest_hole_m2: float,
    *,
    thinned: bool = True,
) -> Areas:
    """Draw the areas of each origin's times within each limit, in ticks; without `thinned`, borders that areas share stay the same."""
    found = [
        rings
        for origin, window in enumerate(times)
        if window is not None
        for rings in _traced(cells, walk, origin, window, limits, smallest_hole_m2, thinned=thinned)
    ]
    drawn = [rings for rings in found if len(rings.owner)]
    if not drawn:
        none = np.empty(0, np.int32)
        return Areas(none, none.copy(), none.copy(), np.empty(0, object))
    return _assembled(cells, drawn)


def _traced(
    cells: StreetCells,
    walk: Impedance,
    origin: int,
    window: Window,
    limits: Sequence[int],
    smallest_hole_m2: float,
    *,
    thinned: bool,
) -> Iterable[_Rings]:
    from livingcircle.kernel import tracing

    whose, lead = np.empty_like(window.ticks), np.empty_like(window.beyond)
    beside_west, beside_east = np.empty_like(whose), np.empty_like(whose)
    earliest = window.ticks.reshape(-1, window.width).min(axis=1)
    metres_per_tick = walk.speed_metres_per_second / TICKS_PER_SECOND
    for number, limit in enumerate(limits):
        within = np.flatnonzero(earliest <= limit)
        if not len(within):
            continue
        # Only the rows reached, and one of nobody's on either side.
        first, last = within[0] - 1, within[-1] + 2
        here = slice(first * window.width, last * window.width)
        south = window.south + int(first)
        rows = cells.junction_row[np.clip(np.arange(south, window.south + last + 1), 0, cells.rows)]
        junctions = slice(rows[0], rows[-1])
        times = window.ticks[here], window.label[here], window.beyond[here]
        owners, leads = whose[here], lead[here]
        borders = tracing.classify(*times, window.width, limit, metres_per_tick, cells.cell_metres, owners, leads)
        # Every border between two nodes is a point of one ring or two, and may be followed by a middle of its cell; rings close.
        x, y, room = np.empty(5 * borders), np.empty(5 * borders), borders // 2 + 1
        first_point, owner, outline = np.empty(room + 1, np.int64), np.empty(room, np.int32), np.empty(room, np.int32)
        count = tracing.trace(
            owners,
            leads,
            window.width,
            smallest_hole_m2 / cells.cell_metres**2,
            beside_west[here],
            beside_east[here],
            x,
            y,
            rows - rows[0],
            cells.junction_x[junctions] - window.west,
            cells.junction_y[junctions] - south,
            first_point,
            owner,
            outline,
        )
        if thinned:
            tracing.thin(x, y, first_point[: count + 1], THINNING_CELLS)
        size = first_point[count]
        xy = np.column_stack([x[:size] + window.west, y[:size] + south])
        yield _Rings(origin, number, xy, first_point[:count], owner[:count], outline[:count])


def _assembled(cells: StreetCells, drawn: list[_Rings]) -> Areas:
    """Make one multipolygon of the rings of each origin, limit and label."""
    counts = np.array([len(rings.owner) for rings in drawn])
    sizes = np.array([len(rings.xy) for rings in drawn])
    points = np.concatenate([rings.xy for rings in drawn])
    start = np.concatenate([rings.first_point for rings in drawn]) + np.repeat(np.cumsum(sizes) - sizes, counts)
    length = np.diff(start, append=len(points))
    outline = np.concatenate([rings.outline for rings in drawn]) + np.repeat(np.cumsum(counts) - counts, counts)
    origin, limit = (np.repeat([rings[column] for rings in drawn], counts) for column in (0, 1))
    owner = np.concatenate([rings.owner for rings in drawn])

    order = np.lexsort((outline != np.arange(len(outline)), outline, owner, limit, origin))
    order = order[(length > 0)[order] & (owner >= 0)[order] & (owner[outline] >= 0)[order]]
    first = np.concatenate([[0], np.cumsum(length[order])])
    within = np.arange(first[-1]) - np.repeat(first[:-1], length[order])
    xy = points[np.repeat(start[order], length[order]) + within] * cells.cell_metres + (cells.west, cells.south)
    outlines = np.flatnonzero(outline[order] == order)
    key = np.stack([origin, limit, owner])[:, order[outlines]]
    areas = np.flatnonzero(np.append(True, (np.diff(key) != 0).any(axis=0)))
    parts = np.append(outlines, len(order)), np.append(areas, len(outlines))
    geometry = shapely.from_ragged_array(shapely.GeometryType.MULTIPOLYGON, xy, (first, *parts))
    origin, limit, owner = key[:, areas].astype(np.int32)
    return Areas(origin, limit, owner, np.asarray(geometry, object))
