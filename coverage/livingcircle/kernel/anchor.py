"""Join places to the streets: where they meet a street, and how far the walk to it is.

A place joins the nearest *street*, not the nearest junction (which misjudges a twentieth of homes at five minutes), and the walk to it is
kept and timed at the walker's own speed.
"""

from __future__ import annotations

from functools import cached_property
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from livingcircle.kernel.compound import area_around
from livingcircle.kernel.sides import on_side
from livingcircle.model.columns import FloatArray, GeometryArray, IntArray, SmallArray
from livingcircle.model.compound import Walls
from livingcircle.model.network import Anchors, Lane, StreetEdges, WalkNetwork
from livingcircle.model.places import Entrances

EQUALLY_NEAR_METRES = 0.01
"""Streets this close to being equally near are all joined, so that neither rounding nor the order of the input decides."""
ENTRANCE_SPACING_METRES = 10.0
"""How densely the boundary of an area is looked at for places to enter."""
ABOUT_AS_NEAR_METRES = 5.0
"""Boundary this much farther from a street than its nearest point is entered as well."""


class _Doorsteps(NamedTuple):
    """The `lines` and lanes of all streets (e,) and, in a tree, those at positions `joinable` that doors may open onto."""

    lines: GeometryArray
    lane: SmallArray
    joinable: NDArray[np.intp]
    tree: shapely.STRtree


class Sheets:
    """Streets laid out for places behind walls, as long as neither streets nor walled areas change: made when first asked for, and kept.

    Every walled area is laid out on a sheet of its own, east of all others: what is nearest there is never behind a wall.
    """

    def __init__(self, streets: StreetEdges, areas: GeometryArray) -> None:
        self.streets, self.areas = streets, areas
        self._kept: dict[bool, tuple[float, _Doorsteps]] = {}

    @cached_property
    def street_area(self) -> IntArray:
        """The area each street lies in (e,), -1 for none."""
        middles = shapely.line_interpolate_point(self.streets.lines, 0.5, normalized=True)
        return area_around(middles, self.areas)

    @cached_property
    def _sides(self) -> tuple[float, float]:
        left, _, right, _ = shapely.total_bounds(np.concatenate([self.streets.lines, self.areas]))
        return float(left), float(right)

    def width_metres(self, geometry: GeometryArray, cap_metres: float) -> float:
        """Return how far the sheets are apart, so that nothing on one is within the cap of anything on another."""
        bounds = shapely.bounds(geometry).reshape(-1, 4)
        left = np.fmin.reduce(bounds[:, 0], initial=self._sides[0])
        right = np.fmax.reduce(bounds[:, 2], initial=self._sides[1])
        return float(right - left) + 3 * cap_metres

    def doorsteps(self, joinable: NDArray[np.intp], sheet_metres: float, *, arrives: bool) -> _Doorsteps:
        """Return the streets on their sheets."""
        if arrives not in self._kept or self._kept[arrives][0] != sheet_metres:
            lines = _moved_east(self.streets.lines, (self.street_area + 1) * sheet_metres)
            laid_out = _Doorsteps(lines, self.streets.lane, joinable, shapely.STRtree(lines[joinable]))
            self._kept[arrives] = (sheet_metres, laid_out)
        return self._kept[arrives][1]


def join_points(
    xy: FloatArray,
    network: WalkNetwork,
    cap_metres: float,
    *,
    arrives: bool = False,
    walls: Walls | None = None,
    sheets: Sheets | None = None,
) -> Anchors:
    """Join points (p, 2) to their nearest street, or to each of several that are equally near; of a road with two sides, to their own.

    Where their own side is no part of the network, being an island or closed, the other takes its place. Walks begin at the points, or end
    there if the place `arrives`: private streets have a copy for each (`livingcircle.kernel.lanes`). A point behind one of the `walls`
    joins streets behind the same wall and, straight across its compound, the streets outside those gates that no street leads through, or
    outside any gate if no street within the wall is near; one that is part of the wall (`Walls.frontage_metres`) joins the streets before
    it as well. A point farther than `cap_metres` from every street gets no joint; its distance is kept in `nearest_metres` (for one that
    joins through a gate: the distance of the gate). `sheets` are those of these streets and walls, where they were laid out before.
    """
    return _joined(np.asarray(shapely.points(xy), object), network, cap_metres, walls, sheets, arrives=arrives)


def join_areas(
    geometry: GeometryArray,
    network: WalkNetwork,
    cap_metres: float,
    *,
    walls: Walls | None = None,
    entrances: Entrances | None = None,
    sheets: Sheets | None = None,
) -> Anchors:
    """Join places of any shape that walks lead to: points as `join_points`; areas at every place where a street crosses their boundary.

    An area that no street crosses is joined from all of its boundary that is about as near to a street as its nearest point. So a park is
    entered at its gates, or along the street it lies on, and never at its centre.

    An area with `entrances` near enough to a street is joined at these, as points are, and where streets cross its boundary unless the
    entrances are all there are (`Entrances.alone`); never along its boundary.
    """
    joined = _joined(geometry, network, cap_metres, walls, sheets, arrives=True)
    if entrances is None or not len(entrances):
        return joined
    points = np.asarray(shapely.points(entrances.xy), object)
    doors = _joined(points, network, cap_metres, walls, sheets, arrives=True)
    owner = entrances.place[doors.place]
    by_doors, alone = np.zeros(len(geometry), bool), np.zeros(len(geometry), bool)
    by_doors[owner] = True
    alone[owner[entrances.alone[doors.place]]] = True
    kept = ~by_doors[joined.place] | ((joined.access_metres == 0) & ~alone[joined.place])
    nearest = joined.nearest_metres.copy()
    nearest[by_doors & (nearest > 0)] = np.inf
    np.minimum.at(nearest, owner, doors.nearest_metres[doors.place])
    return _anchors(
        place=np.concatenate([joined.place[kept], owner]),
        edge=np.concatenate([joined.edge[kept], doors.edge]),
        fraction=np.concatenate([joined.fraction[kept], doors.fraction]),
        access_metres=np.concatenate([joined.access_metres[kept], doors.access_metres]),
        nearest=nearest,
        cap_metres=cap_metres,
    )


def _joined(
    geometry: GeometryArray,
    network: WalkNetwork,
    cap_metres: float,
    walls: Walls | None,
    sheets: Sheets | None,
    *,
    arrives: bool,
) -> Anchors:
    streets = network.streets
    barred = (Lane.LINK,) if arrives else (Lane.LINK, Lane.ARRIVING)
    joinable = np.flatnonzero(streets.at_ground & ~np.isin(streets.lane, barred))
    if walls is None or not len(walls.areas):
        tree = shapely.STRtree(streets.lines[joinable])
        return _join(geometry, _Doorsteps(streets.lines, streets.lane, joinable, tree), cap_metres)

    sheets = sheets or Sheets(streets, walls.areas)
    inner_points = shapely.point_on_surface(geometry)
    place_area = area_around(inner_points, walls.areas)
    facing = _facing_the_street(inner_points, place_area, walls) if arrives else np.empty(0, np.intp)
    geometry = np.concatenate([geometry, geometry[facing]])
    place_area = np.concatenate([place_area, np.full(len(facing), -1, np.int32)])
    sheet_metres = sheets.width_metres(geometry, cap_metres)
    doorsteps = sheets.doorsteps(joinable, sheet_metres, arrives=arrives)
    joined = _join(_moved_east(geometry, (place_area + 1) * sheet_metres), doorsteps, cap_metres)
    gates = walls.take(walls.arriving | (not arrives))
    outside = _moved_east(np.asarray(shapely.points(gates.gate_xy), object), (gates.outside + 1) * sheet_metres)
    both = _through_gates(joined, geometry, place_area, gates, _join_points(outside, doorsteps, cap_metres))
    places = len(geometry) - len(facing)
    owner = np.concatenate([np.arange(places), facing])
    nearest = both.nearest_metres[:places].copy()
    np.minimum.at(nearest, facing, both.nearest_metres[places:])
    return _anchors(
        place=owner[both.place],
        edge=both.edge,
        fraction=both.fraction,
        access_metres=both.access_metres,
        nearest=nearest,
        cap_metres=cap_metres,
    )


def _facing_the_street(points: GeometryArray, area: IntArray, walls: Walls) -> NDArray[np.intp]:
    """Return which places behind a wall are so near to it that they are part of it."""
    inside = np.flatnonzero(area >= 0)
    to_wall = shapely.distance(points[inside], shapely.boundary(walls.areas)[area[inside]])
    return inside[to_wall < walls.frontage_metres]


def _moved_east(geometry: GeometryArray, metres: NDArray[np.floating]) -> GeometryArray:
    xy, owner = shapely.get_coordinates(geometry, return_index=True)
    xy[:, 0] += metres[owner]
    return np.asarray(shapely.set_coordinates(geometry.copy(), xy), object)


def _through_gates(
    joined: Anchors, geometry: GeometryArray, place_area: IntArray, gates: Walls, at_gates: Anchors
) -> Anchors:
    """Add the joints outside the gates of each place's area: the walk to them leads straight to the gate, and on from there.

    Gates that a street leads through are for those places only that have no street of their area near enough.
    """
    by_area = np.argsort(place_area, kind="stable")
    area = gates.inside[at_gates.place]
    first, last = (np.searchsorted(place_area[by_area], area, side) for side in ("left", "right"))
    row = np.repeat(np.arange(len(at_gates)), last - first)
    place = by_area[
        first[row] + np.arange(len(row)) - np.repeat(np.cumsum(last - first) - (last - first), last - first)
    ]
    own_way = ~gates.on_street[at_gates.place[row]] | ~joined.joined[place]
    row, place = row[own_way], place[own_way]
    gate = at_gates.place[row]
    nearest = joined.nearest_metres.copy()
    np.minimum.at(nearest, place, at_gates.nearest_metres[gate])
    across = shapely.distance(geometry[place], shapely.points(gates.gate_xy[gate]))
    return _anchors(
        place=np.concatenate([joined.place, place]),
        edge=np.concatenate([joined.edge, at_gates.edge[row]]),
        fraction=np.concatenate([joined.fraction, at_gates.fraction[row]]),
        access_metres=np.concatenate([joined.access_metres, across + at_gates.access_metres[row]]),
        nearest=nearest,
        cap_metres=joined.cap_metres,
    )


def _join_points(points: GeometryArray, doorsteps: _Doorsteps, cap_metres: float) -> Anchors:
    lines, joinable, streets = doorsteps.lines, doorsteps.joinable, doorsteps.tree
    nearest = np.full(len(points), np.inf)
    if len(points) and len(joinable):
        (place, _), metres = streets.query_nearest(points, return_distance=True, all_matches=False)
        nearest[place] = metres
    near = np.flatnonzero(nearest <= cap_metres)
    place, edge = streets.query(points[near], predicate="dwithin", distance=nearest[near] + EQUALLY_NEAR_METRES)
    place, edge = near[place], joinable[edge]
    fraction = shapely.line_locate_point(lines[edge], points[place], normalized=True)
    mine = on_side(doorsteps.lane[edge], lines[edge], fraction, shapely.get_coordinates(points[place]))
    mine |= ~np.isin(place, place[mine])
    place, edge, fraction = place[mine], edge[mine], fraction[mine]
    return _anchors(
        place=place,
        edge=edge,
        fraction=fraction,
        access_metres=shapely.distance(lines[edge], points[place]),
        nearest=nearest,
        cap_metres=cap_metres,
    )


def _join(geometry: GeometryArray, doorsteps: _Doorsteps, cap_metres: float) -> Anchors:
    lines = doorsteps.lines
    areas = np.flatnonzero(shapely.get_dimensions(geometry) == 2)
    if not len(areas):
        return _join_points(geometry, doorsteps, cap_metres)
    boundaries = shapely.boundary(geometry[areas])
    area, edge = doorsteps.tree.query(boundaries, predicate="intersects")
    edge = doorsteps.joinable[edge]
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
    joined = _join_points(np.asarray(shapely.points(starts), object), doorsteps, cap_metres)
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
    edge: NDArray[np.integer],
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
