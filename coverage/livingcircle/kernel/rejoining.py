"""Joints of the places a change touches: the rules of `kernel.anchor`, asked of the streets nearby only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from livingcircle.kernel.anchor import ABOUT_AS_NEAR_METRES, EQUALLY_NEAR_METRES, Sheets, join_areas, join_points
from livingcircle.model.columns import BoolArray, FloatArray, GeometryArray
from livingcircle.model.compound import Walls
from livingcircle.model.network import Anchors, WalkNetwork

_Rows = NDArray[np.intp]


class Ground(NamedTuple):
    """What places are joined to: the streets, the bounds (e, 4) of each, the walls between, and the streets laid out by these."""

    network: WalkNetwork
    boxes: FloatArray
    walls: Walls
    sheets: Sheets


def to_rejoin(
    anchors: Anchors, shapes: GeometryArray, lines: GeometryArray, walls: Walls, margin_metres: float
) -> _Rows:
    """Return the places one of the changed `lines` is, or was, as near as the nearest street; joints reach `margin_metres` beyond that.

    Behind a wall the nearest street need not be the one that is joined: there it is all places of areas within the cap of the lines.
    """
    within = (anchors.nearest_metres + margin_metres + EQUALLY_NEAR_METRES)[:, None]
    changed, bounds = bounds_of(lines), shapely.bounds(shapes).reshape(-1, 4)
    beside = (bounds[:, :2] <= changed[2:] + within) & (bounds[:, 2:] >= changed[:2] - within)
    near = np.flatnonzero(beside.all(axis=1))
    drawing = shapely.multilinestrings(lines)
    near = near[shapely.distance(shapes[near], drawing) <= within[near, 0]]
    areas = walls.areas[shapely.distance(walls.areas, drawing) <= anchors.cap_metres + margin_metres]
    behind, _ = shapely.STRtree(areas).query(shapes, predicate="intersects")
    return np.union1d(near, behind)


def rejoined_points(anchors: Anchors, places: _Rows, points: GeometryArray, ground: Ground) -> Anchors:
    """Return the anchors of points (p,) with those of `places` joined again."""
    again = points[places]
    xy = np.stack([shapely.get_x(again), shapely.get_y(again)], axis=1)

    def join(network: WalkNetwork) -> Anchors:
        return join_points(xy, network, anchors.cap_metres, walls=ground.walls, sheets=ground.sheets)

    return _replaced(anchors, places, _nearby(ground, again, anchors.cap_metres, join)) if len(places) else anchors


def rejoined_areas(anchors: Anchors, places: _Rows, shapes: GeometryArray, ground: Ground) -> Anchors:
    """Return the anchors of facilities (f,) with those of `places` joined again, or for the first time."""
    again = shapes[places]

    def join(network: WalkNetwork) -> Anchors:
        return join_areas(again, network, anchors.cap_metres, walls=ground.walls, sheets=ground.sheets)

    return _replaced(anchors, places, _nearby(ground, again, anchors.cap_metres, join)) if len(places) else anchors


def recapped(
    anchors: Anchors, cap_metres: float, join: Callable[[_Rows], Anchors], always: BoolArray | None = None
) -> Anchors:
    """Return the anchors as they are under another cap.

    Joined again are places about as far from the nearest street as lies between the caps, and those that `always` (p,) names: behind walls
    and where areas have entrances, other distances count than that of the nearest street. `join` joins some places under the new cap.
    """
    low, high = sorted((anchors.cap_metres, cap_metres))
    concerned = (anchors.nearest_metres > low - ABOUT_AS_NEAR_METRES - EQUALLY_NEAR_METRES) & (
        anchors.nearest_metres <= high
    )
    if always is not None:
        concerned |= always
    places = np.flatnonzero(concerned)
    under = replace(anchors, cap_metres=cap_metres)
    return _replaced(under, places, join(places)) if len(places) else under


def _nearby(
    ground: Ground, shapes: GeometryArray, cap_metres: float, join: Callable[[WalkNetwork], Anchors]
) -> Anchors:
    """Join places to the streets within reach of their bounds; to all if a place then has none, for its distance is told all the same."""
    network, boxes, walls, _ = ground
    if not len(walls.areas):
        rows = rows_near(boxes, bounds_of(shapes), cap_metres + ABOUT_AS_NEAR_METRES)
        anchors = join(replace(network, streets=network.streets.take(rows)))
        if anchors.joined.all():
            return replace(anchors, edge=rows[anchors.edge].astype(np.int32))
    return join(network)


def _replaced(anchors: Anchors, places: _Rows, fresh: Anchors) -> Anchors:
    """Return the anchors with the joints of `places` replaced by `fresh`, whose place `i` is `places[i]`; numbers past the last are new."""
    count = max(anchors.places, int(places.max()) + 1)
    gone = np.zeros(count, bool)
    gone[places] = True
    both = anchors.take(~gone[anchors.place]).followed_by(replace(fresh, place=places[fresh.place].astype(np.int32)))
    nearest = np.full(count, np.inf)
    nearest[: anchors.places] = anchors.nearest_metres
    nearest[places] = fresh.nearest_metres
    return replace(both.take(np.argsort(both.place, kind="stable")), nearest_metres=nearest)


def bounds_of(shapes: GeometryArray) -> FloatArray:
    """Return the lowest and highest coordinates (4,) of all shapes together; bounds near which nothing lies if there is none."""
    each = shapely.bounds(shapes).reshape(-1, 4)
    return np.concatenate([each[:, :2].min(axis=0, initial=np.inf), each[:, 2:].max(axis=0, initial=-np.inf)])


def rows_near(boxes: FloatArray, bounds: FloatArray, metres: float) -> _Rows:
    """Return the rows of `boxes` (e, 4) within some metres of bounds, along either axis."""
    low, high = bounds[:2] - metres, bounds[2:] + metres
    return np.flatnonzero(
        (boxes[:, 0] <= high[0]) & (boxes[:, 2] >= low[0]) & (boxes[:, 1] <= high[1]) & (boxes[:, 3] >= low[1])
    )
