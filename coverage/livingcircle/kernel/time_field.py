"""Times on a grid: what is reached along the streets put on the nodes around it, and carried on to the land beside."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from livingcircle.kernel.graph import TICKS_PER_SECOND, offsets
from livingcircle.kernel.impedance import Impedance
from livingcircle.kernel.street_cells import StreetCells
from livingcircle.kernel.stretches import Stretches
from livingcircle.model.columns import FloatArray

FAR = np.int32(2**30)
"""Ticks to what is not reached at all."""


class Window(NamedTuple):
    """Times on the part of a grid of `width` columns that begins at row `south` and column `west`, row by row.

    `ticks` to every node (`FAR` where none), whose they are (`label`), and how many metres it lies `beyond` the land that is drawn.
    """

    width: int
    south: int
    west: int
    ticks: NDArray[np.int32]
    label: NDArray[np.int32]
    beyond: NDArray[np.float32]


def windows(
    cells: StreetCells, walk: Impedance, reached: Stretches, origins: int, xy: FloatArray | None = None
) -> Iterator[Window | None]:
    """Yield the times of each of `origins`, None where nothing is reached.

    `xy` (origins, 2) are the places themselves, NaN where there is none: from them the land is walked straight, whether or not the street
    is reached.
    """
    from livingcircle.kernel import tracing

    keys = np.full(len(cells.node_row), tracing.UNSET)
    touched = np.empty(len(keys), np.int32)
    metres_per_tick = walk.speed_metres_per_second / TICKS_PER_SECOND
    span = int(cells.off_street_metres / cells.cell_metres) + 4  # land, and a node of nobody's so that borders close
    indptr = offsets(reached.origin, origins).astype(np.int64)
    places = np.full((origins, 2), np.nan) if xy is None else cells.in_cells(xy)
    for origin in range(origins):
        count = tracing.walk_along(
            indptr[origin : origin + 2],
            reached.edge,
            reached.begin,
            reached.finish,
            reached.ticks,
            reached.ticks_per_street,
            reached.label,
            cells.first_part,
            cells.begin,
            cells.finish,
            cells.around,
            keys,
            touched,
        )
        mine = touched[:count]
        place = places[origin : origin + 1][np.isfinite(places[origin : origin + 1]).all(axis=1)]
        if not count and not len(place):
            yield None
            continue
        row = np.append(cells.node_row[mine], np.floor(place[:, 1]).astype(np.int32))
        column = np.append(cells.node_column[mine], np.floor(place[:, 0]).astype(np.int32))
        south, west = int(row.min()) - span, int(column.min()) - span
        height, width = int(row.max()) - south + span + 2, int(column.max()) - west + span + 2
        size = height * width
        window = Window(
            width, south, west, np.full(size, FAR), np.full(size, -1, np.int32), np.full(size, FAR, np.float32)
        )
        tracing.spread_over_land(
            keys,
            mine,
            cells.node_row,
            cells.node_column,
            cells.first_land,
            cells.land_row,
            cells.land_column,
            cells.land_metres,
            cells.off_street_metres - cells.cell_metres / 2,  # street nodes lie up to a cell beside their street
            1 / metres_per_tick,
            *window,
        )
        if len(place):
            _walk_straight(window, place[0], cells, metres_per_tick)
        yield window


def _walk_straight(window: Window, place: FloatArray, cells: StreetCells, metres_per_tick: float) -> None:
    """Walk straight from a place, in cells, to the nodes around it."""
    row, column = np.divmod(np.arange(len(window.ticks)), window.width)
    metres = np.hypot(row + window.south - place[1], column + window.west - place[0]) * cells.cell_metres
    near = np.flatnonzero(metres <= cells.off_street_metres + 1.5 * cells.cell_metres)
    window.label[near] = np.maximum(window.label[near], 0)
    window.ticks[near] = np.minimum(window.ticks[near], (metres[near] / metres_per_tick).astype(np.int32))
    window.beyond[near] = np.minimum(window.beyond[near], metres[near] - cells.off_street_metres)
