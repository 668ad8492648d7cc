"""Join places to the streets: where they meet a street, and how far the walk to it is.

A place joins the nearest *street*, not the nearest junction (which misjudges a twentieth of homes at five minutes), and the walk to it is
kept and timed at the walker's own speed.
"""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from livingcircle.model.columns import FloatArray, GeometryArray
from livingcircle.model.network import Anchors, WalkNetwork

EQUALLY_NEAR_METRES = 0.01
"""Streets this close to being equally near are all joined, so that neither rounding nor the order of the input decides."""


def join_points(xy: FloatArray, network: WalkNetwork, cap_metres: float) -> Anchors:
    """Join points (p, 2) to their nearest street, or to each of several that are equally near.

    A point farther than `cap_metres` from every street gets no joint; its distance is kept in `nearest_metres`.
    """
    points = np.asarray(shapely.points(xy), object)
    lines = network.streets.lines
    joinable = np.flatnonzero(network.streets.at_ground)
    streets = shapely.STRtree(lines[joinable])
    nearest = np.full(len(points), np.inf)
    if len(points) and len(joinable):
        (place, _), metres = streets.query_nearest(points, return_distance=True, all_matches=False)
        nearest[place] = metres
    near = np.flatnonzero(nearest <= cap_metres)
    place, edge = streets.query(points[near], predicate="dwithin", distance=nearest[near] + EQUALLY_NEAR_METRES)
    place, edge = near[place], joinable[edge]
    return _anchors(
        place=place,
        edge=edge,
        fraction=shapely.line_locate_point(lines[edge], points[place], normalized=True),
        access_metres=shapely.distance(lines[edge], points[place]),
        nearest=nearest,
        cap_metres=cap_metres,
    )


def join_areas(geometry: GeometryArray, network: WalkNetwork, cap_metres: float) -> Anchors:
    """Join facilities of any shape: points as `join_points`; areas at every place where a street crosses their boundary.

    An area that no street crosses is joined from the point of its boundary nearest to a street. So a park is entered at its gates and
    never at its centre.
    """
    lines = network.streets.lines
    joinable = np.flatnonzero(network.streets.at_ground)
    areas = np.flatnonzero(shapely.get_dimensions(geometry) == 2)
    boundaries = shapely.boundary(geometry[areas])
    area, edge = shapely.STRtree(lines[joinable]).query(boundaries, predicate="intersects")
    edge = joinable[edge]
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
        place=np.concatenate([areas[area[crossing]], others[joined.place]]),
        edge=np.concatenate([edge[crossing], joined.edge]),
        fraction=np.concatenate([fraction, joined.fraction]),
        access_metres=np.concatenate([np.zeros(len(crossing)), joined.access_metres]),
        nearest=nearest,
        cap_metres=cap_metres,
    )


def _points_nearest_streets(geometry: GeometryArray, network: WalkNetwork) -> FloatArray:
    """Return the point of each geometry that is nearest to a street (the point itself for points)."""
    if not len(geometry):
        return np.empty((0, 2))
    lines = network.streets.lines[network.streets.at_ground]
    if not len(lines):
        return np.asarray(shapely.get_coordinates(shapely.centroid(geometry)), np.float64)
    place, street = shapely.STRtree(lines).query_nearest(geometry, all_matches=False)
    nearest_line = np.empty(len(geometry), object)
    nearest_line[place] = lines[street]
    return np.asarray(shapely.get_coordinates(shapely.shortest_line(geometry, nearest_line))[::2], np.float64)


def _anchors(
    *,
    place: NDArray[np.intp],
    edge: NDArray[np.intp],
    fraction: FloatArray,
    access_metres: FloatArray,
    nearest: FloatArray,
    cap_metres: float,
) -> Anchors:
    order = np.lexsort((fraction, edge, place))
    return Anchors(
        place=place[order].astype(np.int32),
        edge=edge[order].astype(np.int32),
        fraction=fraction[order],
        access_metres=access_metres[order],
        nearest_metres=nearest,
        cap_metres=cap_metres,
    )
