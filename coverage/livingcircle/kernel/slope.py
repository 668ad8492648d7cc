"""Slope: from heights along streets to gradients, and from gradients to time."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array, eye_array
from scipy.sparse.csgraph import laplacian

from livingcircle.model.columns import BoolArray, FloatArray, IntArray
from livingcircle.model.network import StreetEdges
from livingcircle.model.terrain import Grades

STEEPEST = 0.35
"""Gradients beyond this, up or down, count as this: that of the steepest street there is (Baldwin Street, Dunedin). What a height model
shows beyond is a retaining wall, a cutting or a house, or a path too steep for Tobler's figures to be of use."""

NO_PULL = 1e-9
"""Per metre: against the 1/length of a bridge, nothing."""


class Samples(NamedTuple):
    """Points along streets at which heights are wanted: those of street `i` are `xy[indptr[i]:indptr[i + 1]]`, from start to end."""

    indptr: IntArray
    xy: FloatArray


def samples_along(streets: StreetEdges, spacing_metres: float) -> Samples:
    """Divide each street into equal runs of at most `spacing_metres` and return where they begin and end.

    Streets above or below ground are one run: what lies between their ends is not theirs.
    """
    length = shapely.length(streets.lines)
    runs = np.where(streets.at_ground, np.maximum(np.ceil(length / spacing_metres), 1), 1).astype(np.int64)
    indptr = np.concatenate([[0], np.cumsum(runs + 1)])
    street = np.repeat(np.arange(len(streets)), runs + 1)
    fraction = (np.arange(indptr[-1]) - indptr[street]) / runs[street]
    # The lines one after the other, a metre apart: a city has too many samples for an object each.
    corners, line = shapely.get_coordinates(streets.lines, return_index=True)
    first, last = (np.searchsorted(line, np.arange(len(streets)), side) for side in ("left", "right"))
    steps = np.hypot(*np.diff(corners, axis=0, prepend=corners[:1]).T)
    steps[first] = 1.0
    run = np.cumsum(steps)
    begin, finish = run[first][street], run[last - 1][street]
    along = np.minimum(begin + fraction * (finish - begin), finish)
    return Samples(indptr.astype(np.int32), np.column_stack([np.interp(along, run, axis) for axis in corners.T]))


def grades_from(streets: StreetEdges, samples: Samples, heights: FloatArray) -> Grades:
    """Return the gradients of streets from the height of the ground in metres at each sample; NaN where it is not known.

    A run without a height at either end is level. A bridge or tunnel rises evenly between its ends, and so does one of several pieces: a
    junction that meets no street at ground takes the height the ends of its bridge give it, in proportion to the way to each.
    """
    heights = _above_ground(streets, samples, heights)
    counts = np.diff(samples.indptr)
    last = np.zeros(len(heights), bool)
    last[samples.indptr[1:] - 1] = True
    begin = np.flatnonzero(~last)
    indptr = samples.indptr - np.arange(len(counts) + 1, dtype=np.int32)
    run_metres = np.repeat(shapely.length(streets.lines) / np.maximum(counts - 1, 1), counts - 1)
    rise = heights[begin + 1] - heights[begin]
    gradient = np.zeros(len(rise))
    np.divide(rise, run_metres, out=gradient, where=np.isfinite(rise) & (run_metres > 0))
    return Grades(indptr=indptr.astype(np.int32), run_metres=run_metres, gradient=gradient)


def unknown_share(streets: StreetEdges, samples: Samples, heights: FloatArray) -> float:
    """Return the share of the length of streets at ground that has no height."""
    counts = np.diff(samples.indptr)
    known = np.add.reduceat(np.isfinite(heights), samples.indptr[:-1]) / counts
    metres = np.where(streets.at_ground, shapely.length(streets.lines), 0.0)
    return float(1 - (known * metres).sum() / metres.sum()) if metres.sum() > 0 else 0.0


def tobler_factor(gradient: FloatArray) -> FloatArray:
    """Return the time of walking at gradients over that of walking on the level.

    Tobler's hiking function, 6·exp(−3.5·|s + 0.05|) km/h (W. Tobler, Three presentations on geographical analysis and modeling, NCGIA
    Technical Report 93-1, 1993), divided into its value on the level, 5.04 km/h: a group keeps its own speed there. Fastest at −5 %.
    """
    return np.exp(3.5 * (np.abs(np.clip(gradient, -STEEPEST, STEEPEST) + 0.05) - 0.05))


def slope_factors(grades: Grades) -> tuple[FloatArray, FloatArray]:
    """Return the time of each street (e,) over its time on the level, along its line and against it."""
    if not grades.streets:
        return np.empty(0), np.empty(0)
    street = np.repeat(np.arange(grades.streets), np.diff(grades.indptr))
    metres = np.bincount(street, weights=grades.run_metres, minlength=grades.streets)
    weight = np.ones(len(street))
    np.divide(grades.run_metres, metres[street], out=weight, where=metres[street] > 0)

    def factor(gradient: FloatArray) -> FloatArray:
        return np.bincount(street, weights=weight * tobler_factor(gradient), minlength=grades.streets).astype(float)

    return factor(grades.gradient), factor(-grades.gradient)


def _above_ground(streets: StreetEdges, samples: Samples, heights: FloatArray) -> FloatArray:
    """Give the ends of bridges and tunnels the height of the junction they meet, which may itself hang between other ends."""
    raised = np.flatnonzero(~streets.at_ground)
    if not len(raised):
        return heights
    nodes = len(streets.node_xy)
    first, last = samples.indptr[:-1], samples.indptr[1:] - 1
    ground = np.zeros(nodes, bool)
    height = np.full(nodes, np.nan)
    for end, sample in ((streets.start, first), (streets.end, last)):
        height[end] = heights[sample]
        ground[end[streets.at_ground]] = True
    # A dead end of a bridge stands on the ground as well as the data can tell.
    ends = np.bincount(np.concatenate([streets.start, streets.end]), minlength=nodes)
    hanging = ~ground & (ends > 1)
    if hanging.any():
        height[hanging] = _between(streets, raised, hanging, height)
    heights = heights.copy()
    heights[first[raised]] = height[streets.start[raised]]
    heights[last[raised]] = height[streets.end[raised]]
    return heights


def _between(streets: StreetEdges, raised: NDArray[np.intp], hanging: BoolArray, height: FloatArray) -> FloatArray:
    """Return the heights of `hanging` junctions: the mean of their neighbours' along `raised` streets, each over the way to it."""
    from scipy.sparse.linalg import spsolve  # a quarter of a second that few walkers need

    tail = np.concatenate([streets.start[raised], streets.end[raised]])
    head = np.concatenate([streets.end[raised], streets.start[raised]])
    pull = np.tile(1 / np.maximum(streets.metres[raised], 0.1), 2)
    holds = hanging | np.isfinite(height)
    used = holds[tail] & holds[head]
    pulls = laplacian(coo_array((pull[used], (tail[used], head[used])), shape=(len(height), len(height))).tocsr())
    inner, outer = np.flatnonzero(hanging), np.flatnonzero(~hanging)
    # Where no end of a bridge has a known height nothing holds it up but this: a faint pull towards the ground.
    own = NO_PULL * np.nan_to_num(height[inner])
    known = own - pulls[inner][:, outer] @ np.nan_to_num(height[outer])
    return np.atleast_1d(spsolve((pulls[inner][:, inner] + NO_PULL * eye_array(len(inner))).tocsc(), known))
