"""Join places to the streets: where they meet a street, and how far the walk to it is.

A place joins the nearest *street*, not the nearest junction (which misjudges a twentieth of homes at five minutes), and the walk to it is
kept and timed at the walker's own speed.
"""

from __future__ import annotations

import numpy as np
import shapely

from livingcircle.model.columns import FloatArray, GeometryArray
from livingcircle.model.network import Anchors, WalkNetwork

EQUALLY_NEAR_METRES = 1e-6
"""Streets this close to being equally near are all joined, so that the order of the input cannot decide."""


def join_points(xy: FloatArray, network: WalkNetwork, cap_metres: float) -> Anchors:
    """Join points (p, 2) to their nearest street, or to each of several that are equally near.

    A point farther than `cap_metres` from every street gets no joint; its distance is kept in `nearest_metres`.
    """
    points = shapely.points(xy)
    lines = network.streets.lines
    if not len(points):
        return _anchors([], [], [], [], np.empty(0), cap_metres)
    pairs, metres = shapely.STRtree(lines).query_nearest(points, return_distance=True, all_matches=True)
    nearest = np.full(len(points), np.inf)
    np.minimum.at(nearest, pairs[0], metres)
    near = metres <= np.minimum(nearest[pairs[0]] + EQUALLY_NEAR_METRES, cap_metres)
    place, edge = pairs[0][near], pairs[1][near]
    fraction = shapely.line_locate_point(lines[edge], points[place], normalized=True)
    return _anchors(place, edge, fraction, metres[near], nearest, cap_metres)


def join_areas(geometry: GeometryArray, network: WalkNetwork, cap_metres: float) -> Anchors:
    """Join facilities of any shape: points as `join_points`; areas at every place where a street crosses their boundary.

    An area that no street crosses is joined from the point of its boundary nearest to a street. So a park is entered at its gates and
    never at its centre.
    """
    lines = network.streets.lines
    areas = np.flatnonzero(shapely.get_dimensions(geometry) == 2)  # noqa: PLR2004 - areas have two dimensions
    boundaries = shapely.boundary(geometry[areas])
    area, edge = shapely.STRtree(lines).query(boundaries, predicate="intersects") if len(areas) else np.empty((2, 0), np.intp)
    crossings = shapely.intersection(lines[edge], boundaries[area])
    points, crossing = shapely.get_coordinates(shapely.extract_unique_points(crossings), return_index=True)
    crossed = np.zeros(len(geometry), bool)
    crossed[areas[area[crossing]]] = True

    outline = geometry.copy()
    outline[areas] = boundaries
    others = np.flatnonzero(~crossed)
    start_points = _points_nearest_streets(outline[others], network)
    joined = join_points(start_points, network, cap_metres)
    nearest = np.zeros(len(geometry))
    nearest[others] = joined.nearest_metres
    fraction = shapely.line_locate_point(lines[edge[crossing]], shapely.points(points), normalized=True)
    return _anchors(
        np.concatenate([areas[area[crossing]], others[joined.place]]),
        np.concatenate([edge[crossing], joined.edge]),
        np.concatenate([fraction, joined.fraction]),
        np.concatenate([np.zeros(len(crossing)), joined.access_metres]),
        nearest,
        cap_metres,
    )


def _points_nearest_streets(geometry: GeometryArray, network: WalkNetwork) -> FloatArray:
    """Return the point of each geometry that is nearest to a street (the point itself for points)."""
    if not len(geometry):
        return np.empty((0, 2))
    lines = network.streets.lines
    pairs = shapely.STRtree(lines).query_nearest(geometry, all_matches=False)
    nearest_line = np.empty(len(geometry), object)
    nearest_line[pairs[0]] = lines[pairs[1]]
    return shapely.get_coordinates(shapely.shortest_line(geometry, nearest_line))[::2]


def _anchors(place: object, edge: object, fraction: object, access_metres: object, nearest: FloatArray, cap_metres: float) -> Anchors:
    order = np.lexsort((np.asarray(fraction, np.float64), np.asarray(edge, np.int32), np.asarray(place, np.int32)))
    return Anchors(
        place=np.asarray(place, np.int32)[order],
        edge=np.asarray(edge, np.int32)[order],
        fraction=np.asarray(fraction, np.float64)[order],
        access_metres=np.asarray(access_metres, np.float64)[order],
        nearest_metres=nearest,
        cap_metres=cap_metres,
    )
