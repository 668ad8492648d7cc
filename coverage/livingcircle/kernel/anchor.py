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


ENTRANCE_SPACING_METRES = 10.0
"""How densely the boundary of an area is looked at for places to enter."""
ABOUT_AS_NEAR_METRES = 5.0
"""Boundary this much farther from a street than its nearest point is entered as well."""


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

    An area that no street crosses is joined from all of its boundary that is about as near to a street as its nearest point. So a park is
    entered at its gates, or along the street it lies on, and never at its centre.
    """
    lines = network.streets.lines
    joinable = np.flatnonzero(network.streets.at_ground)
    areas = np.flatnonzero(shapely.get_dimensions(geometry) == 2)
    boundaries = shapely.boundary(geometry[areas])
    area, edge = shapely.STRtree(lines[joinable]).query(boundaries, predicate="intersects")
    edge = joinable[edge]
    # Where a boundary runs along a street they share a line, which is entered all along.
    shared = shapely.segmentize(shapely.intersection(lines[edge], boundaries[area]), ENTRANCE_SPACING_METRES)
    points, crossing = shapely.get_coordinates(shapely.extract_unique_points(shared), return_index=True)
    crossed = np.zeros(len(geometry), bool)
    crossed[areas[area[crossing]]] = True

    outline = geometry.copy()
    outline[areas] = boundaries
    others = np.flatnonzero(~crossed)
    starts, owner = shapely.get_coordinates(
        shapely.segmentize(outline[others], ENTRANCE_SPACING_METRES), return_index=True
    )
    joined = join_points(starts, network, cap_metres)
    nearest = np.zeros(len(geometry))
    nearest[others] = np.inf
    np.minimum.at(nearest, others[owner], joined.nearest_metres)
    place = others[owner[joined.place]]
    near = joined.access_metres <= nearest[place] + ABOUT_AS_NEAR_METRES
    fraction = shapely.line_locate_point(lines[edge[crossing]], shapely.points(points), normalized=True)
    return _anchors(
        place=np.concatenate([areas[area[crossing]], place[near]]),
        edge=np.concatenate([edge[crossing], joined.edge[near]]),
        fraction=np.concatenate([fraction, joined.fraction[near]]),
        access_metres=np.concatenate([np.zeros(len(crossing)), joined.access_metres[near]]),
        nearest=nearest,
        cap_metres=cap_metres,
    )


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
