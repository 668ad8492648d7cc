"""Homes gathered into squares, where there are too many to draw one by one. Squares are drawings; every figure is counted home by home."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from livingcircle.kernel.gauge import covered
from livingcircle.model.columns import Columns, FloatArray, GeometryArray, IntArray
from livingcircle.model.places import Homes

MOST_HOMES = 5000
_FIRST_SIDE_METRES = 100
_STEP_METRES = 50


@dataclass(frozen=True, slots=True, eq=False)
class Squares(Columns):
    """Squares of `side_metres` that hold homes (c rows); `square_of` (r,) is the square of each home."""

    unaligned = frozenset({"square_of"})

    geometry: GeometryArray
    residents: FloatArray
    homes: FloatArray
    square_of: IntArray
    side_metres: float


def gather(homes: Homes, most: int = MOST_HOMES) -> Squares:
    """Gather homes into squares, 100 m wide or as much wider as it takes to have at most `most` of them."""
    side = _FIRST_SIDE_METRES
    while True:
        corner, square_of = np.unique(np.floor(homes.xy / side), axis=0, return_inverse=True)
        if len(corner) <= most:
            break
        side += _STEP_METRES
    low, high = corner * side, (corner + 1) * side
    return Squares(
        geometry=shapely.box(low[:, 0], low[:, 1], high[:, 0], high[:, 1]),
        residents=np.bincount(square_of.reshape(-1), homes.residents, len(corner)).astype(float),
        homes=np.bincount(square_of.reshape(-1), minlength=len(corner)).astype(float),
        square_of=square_of.reshape(-1).astype(np.int32),
        side_metres=float(side),
    )


def weights(homes: Homes, squares: Squares) -> FloatArray:
    """(r,) what each home counts for in its square: its residents, or 1 in a square where nobody is known to live."""
    return np.where(squares.residents[squares.square_of] > 0, homes.residents, 1.0)


def median_seconds(seconds: FloatArray, weight: FloatArray, squares: Squares) -> FloatArray:
    """(c,) the weighted median walk of each square.

    Homes without a way (`inf`) and homes not joined (NaN) are the farthest, in this order; where they are most of a square, so is it.
    """
    ranked = np.where(
        np.isnan(seconds), np.finfo(float).max, np.where(np.isinf(seconds), np.finfo(float).max / 2, seconds)
    )
    order = np.lexsort((ranked, squares.square_of))
    square = squares.square_of[order]
    running = np.cumsum(weight[order])
    total = np.bincount(square, weight[order], len(squares))
    before = np.cumsum(total) - total
    half = before + total / 2
    # The first home of the square whose running weight reaches half; rounding in the sums must not lead past its last home.
    first = np.searchsorted(running, half * (1 - 1e-12))
    ends = np.cumsum(np.bincount(square, minlength=len(squares)))
    starts = ends - np.bincount(square, minlength=len(squares))
    chosen: FloatArray = seconds[order[np.clip(first, starts, ends - 1)]]
    return chosen


def percent_covered(seconds: FloatArray, limit_seconds: float, weight: FloatArray, squares: Squares) -> IntArray:
    """(c,) whole percent of each square that is covered; 100 and 0 only where it is all or nothing."""
    within = covered(seconds, limit_seconds)
    total = np.bincount(squares.square_of, weight, len(squares))
    share = np.bincount(squares.square_of, weight * within, len(squares)) / total
    every = np.bincount(squares.square_of, ~within, len(squares)) == 0
    some = np.bincount(squares.square_of, within, len(squares)) > 0
    percent = np.clip(np.rint(100 * share), 1, 99)
    return np.where(every, 100, np.where(some, percent, 0)).astype(np.int32)
