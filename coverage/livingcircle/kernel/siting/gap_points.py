"""Candidates where the city lists none: points along streets near the homes that nobody serves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from scipy.spatial import cKDTree

from livingcircle.model.columns import FloatArray, IntArray
from livingcircle.model.network import WalkNetwork


@dataclass(frozen=True, slots=True, eq=False)
class StreetPoints:
    """Points on streets (k): `edge` is the street each lies on, `home` the nearest of the homes asked about, `metres` how far that is."""

    xy: FloatArray
    edge: IntArray
    home: IntArray
    metres: FloatArray


def points_in_gaps(
    network: WalkNetwork, home_xy: FloatArray, near_metres: FloatArray, spacing_metres: float
) -> StreetPoints:
    """Return points of streets near homes, at most one per square of `spacing_metres`: the one nearest to the square's centre.

    `near_metres` (h,) is how far from each of the homes (h, 2) a point may lie. Only streets at ground level, open to all and without
    stairs come into question: a door opens onto them.
    """
    streets = network.streets
    usable = np.flatnonzero(streets.drawn & streets.at_ground & ~streets.private & ~streets.steps)
    if not len(home_xy) or not len(usable):
        return StreetPoints(np.empty((0, 2)), np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0))
    lines = streets.lines[usable]
    lengths = shapely.length(lines)
    many = np.maximum(1, np.ceil(2 * lengths / spacing_metres)).astype(int)  # two in each square it crosses
    edge = np.repeat(np.arange(len(usable)), many)
    place = np.arange(len(edge)) - np.repeat(np.cumsum(many) - many, many)
    points = shapely.line_interpolate_point(lines[edge], (place + 0.5) / many[edge], normalized=True)
    xy = shapely.get_coordinates(points)
    metres, home = cKDTree(home_xy).query(xy)
    near = metres <= near_metres[home]
    xy, edge, home, metres = xy[near], usable[edge[near]], home[near], metres[near]
    square = np.floor(xy / spacing_metres)
    off_centre = np.hypot(*(xy - (square + 0.5) * spacing_metres).T)
    order = np.lexsort((edge, off_centre, square[:, 0], square[:, 1]))
    _, first = np.unique(square[order], axis=0, return_index=True)
    kept = np.sort(order[first])
    return StreetPoints(xy[kept], edge[kept].astype(np.int32), home[kept].astype(np.int32), metres[kept])
