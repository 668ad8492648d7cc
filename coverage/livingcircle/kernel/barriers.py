"""The same streets with one kind of barrier out of the way: what second searches walk on.

Walls, private streets and the sides of wide roads all part a junction into copies at one place (`kernel.compound`, `kernel.lanes`,
`kernel.sides`). A step between copies takes the barrier away there, and no street is renumbered.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import shapely
from numpy.typing import NDArray

from livingcircle.kernel.anchor import join_areas, join_points
from livingcircle.kernel.compound import area_around
from livingcircle.kernel.graph import with_arcs
from livingcircle.kernel.lanes import with_links
from livingcircle.model.columns import BoolArray, FloatArray, GeometryArray, IntArray
from livingcircle.model.compound import Walls
from livingcircle.model.network import Anchors, Lane, StreetEdges, WalkNetwork
from livingcircle.model.terrain import Grades

_Nodes = NDArray[np.intp]
GATE_SPACING_METRES = 50.0
"""How far apart gates are put into a wall that is as good as none."""


def walled_area(streets: StreetEdges, walls: Walls) -> IntArray:
    """Return the walled area each street (e,) lies in, -1 for the open city."""
    return area_around(shapely.line_interpolate_point(streets.lines, 0.5, normalized=True), walls.areas)


def ways_out(streets: StreetEdges, walls: Walls) -> tuple[_Nodes, _Nodes, IntArray]:
    """Return the junctions inside walls at which a street goes on outside: tails, heads at the same place, and the wall passed.

    Copies for those who arrive are left alone, so a step from tail to head lets people out and nobody in.
    """
    area = walled_area(streets, walls)
    walked = ~np.isin(streets.lane, (Lane.LINK, Lane.ARRIVING))
    nodes, inside = _ends(streets, walked, area)
    copies, place = _copies(streets, nodes[inside >= 0])
    area_of = np.full(len(streets.node_xy), -2)
    area_of[nodes] = inside  # a junction of several areas is in one of them, which is enough: it is no wall there
    copies, place = copies[area_of[copies] > -2], place[area_of[copies] > -2]
    one, other = _pairs(place)
    tail, head = copies[one], copies[other]
    out = (area_of[tail] >= 0) & (area_of[head] != area_of[tail])
    return tail[out], head[out], area_of[tail[out]].astype(np.int32)


def without_own_wall(network: WalkNetwork, walls: Walls) -> WalkNetwork:
    """Let people leave their own compound wherever a street meets its wall."""
    tails, heads, _ = ways_out(network.streets, walls)
    return _linked(network, tails, heads)


def without_private(network: WalkNetwork, walls: Walls | None = None) -> WalkNetwork:
    """Let everyone walk into private streets and through them; only into those within `walls` where they are given."""
    streets = network.streets
    private = np.isin(streets.lane, (Lane.LEAVING, Lane.ARRIVING))
    if walls is not None:
        private = (streets.lane != Lane.LINK) & (walled_area(streets, walls) >= 0)
    copies, place = _copies(streets, np.unique(np.concatenate([streets.start[private], streets.end[private]])))
    one, other = _pairs(place)
    return _linked(network, copies[one], copies[other])


def wide_junctions(streets: StreetEdges) -> tuple[_Nodes, _Nodes, NDArray[np.intp]]:
    """Return the copies of junctions on wide roads, neighbour to neighbour, that no step joins, and a wide piece at each."""
    wide = np.flatnonzero(np.isin(streets.lane, (Lane.LEFT, Lane.RIGHT)))
    piece = np.full(len(streets.node_xy), -1, np.intp)
    by_road = wide[np.argsort(streets.road[wide], kind="stable")]
    piece[streets.start[by_road]] = piece[streets.end[by_road]] = by_road
    copies, place = _copies(streets, np.flatnonzero(piece >= 0))
    same = np.flatnonzero(place[1:] == place[:-1])
    tails, heads = copies[same], copies[same + 1]
    links = streets.lane == Lane.LINK
    nodes = np.int64(len(streets.node_xy))
    low, high = np.minimum(streets.start, streets.end)[links], np.maximum(streets.start, streets.end)[links]
    joined = np.isin(np.minimum(tails, heads) * nodes + np.maximum(tails, heads), low.astype(np.int64) * nodes + high)
    return tails[~joined], heads[~joined], np.maximum(piece[tails], piece[heads])[~joined]


def with_crossings(streets: StreetEdges, tails: _Nodes, heads: _Nodes, piece: NDArray[np.intp]) -> StreetEdges:
    """Return the streets and steps both ways across wide roads, of the class of `piece`; one waits there as without signal or zebra."""
    first = len(streets)
    linked = with_links(streets, tails, heads)
    added = np.arange(len(linked)) >= first
    road = linked.road.copy()
    road[added] = streets.road[piece]
    return replace(linked, road=road, backward=linked.backward | added)


def without_wide_roads(network: WalkNetwork) -> WalkNetwork:
    """Let people cross wide roads at every junction."""
    return with_arcs(with_crossings(network.streets, *wide_junctions(network.streets)))


def flat_beyond(grades: Grades | None, streets: int) -> Grades | None:
    """Return the grades of as many streets, those that were added being level."""
    if grades is None or streets == grades.streets:
        return grades
    more = streets - grades.streets
    last = grades.indptr[-1]
    return Grades(
        indptr=np.concatenate([grades.indptr, last + 1 + np.arange(more)]).astype(np.int32),
        run_metres=np.concatenate([grades.run_metres, np.zeros(more)]),
        gradient=np.concatenate([grades.gradient, np.zeros(more)]),
    )


def with_gates_all_along(walls: Walls) -> Walls:
    """Return the walls with gates open to everyone at their corners and every `GATE_SPACING_METRES` between."""
    outlines = shapely.segmentize(shapely.boundary(walls.areas), GATE_SPACING_METRES)
    xy, area = shapely.get_coordinates(outlines, return_index=True)
    inside = area.astype(np.int32)
    outside = area_around(np.asarray(shapely.points(xy), object), walls.areas, other_than=inside)
    return walls.followed_by(Walls(walls.areas, xy, inside, outside, np.ones(len(xy), bool), np.zeros(len(xy), bool)))


def homes_without_walls(anchors: Anchors, xy: FloatArray, network: WalkNetwork, walls: Walls) -> Anchors:
    """Add the joints homes would have if they could be left straight to the streets outside, over any point of their wall."""
    return _both(anchors, join_points(xy, network, anchors.cap_metres, walls=with_gates_all_along(walls)))


def areas_without_walls(anchors: Anchors, geometry: GeometryArray, network: WalkNetwork, walls: Walls) -> Anchors:
    """Add the joints facilities would have if they could be entered straight over any point of their wall."""
    return _both(anchors, join_areas(geometry, network, anchors.cap_metres, walls=with_gates_all_along(walls)))


def _both(anchors: Anchors, more: Anchors) -> Anchors:
    both = anchors.followed_by(more)
    nearest = np.minimum(anchors.nearest_metres, more.nearest_metres)
    return replace(both.take(np.argsort(both.place, kind="stable")), nearest_metres=nearest)


def _ends(streets: StreetEdges, rows: BoolArray, value: IntArray) -> tuple[_Nodes, IntArray]:
    """Return the nodes some rows end at, each with the value of one of its rows."""
    nodes = np.concatenate([streets.start[rows], streets.end[rows]]).astype(np.intp)
    return nodes, np.tile(value[rows], 2)


def _copies(streets: StreetEdges, nodes: _Nodes) -> tuple[_Nodes, NDArray[np.intp]]:
    """Return all nodes at the places of `nodes`, sorted by place, and the place of each; places with a single node are left out."""
    at = streets.node_xy[:, 0] + 1j * streets.node_xy[:, 1]
    here = np.flatnonzero(np.isin(at, at[np.unique(nodes)]))
    _, place = np.unique(at[here], return_inverse=True)
    several = np.bincount(place, minlength=1)[place] > 1
    order = np.argsort(place[several], kind="stable")
    return here[several][order], place[several][order]


def _pairs(place: NDArray[np.intp]) -> tuple[_Nodes, _Nodes]:
    """Return all ordered pairs of positions with the same place; `place` is sorted."""
    first, last = np.searchsorted(place, place, "left"), np.searchsorted(place, place, "right")
    count = last - first
    one = np.repeat(np.arange(len(place)), count)
    other = np.arange(len(one)) - np.repeat(np.cumsum(count) - count - first, count)
    different = one != other
    return one[different], other[different]


def _linked(network: WalkNetwork, tails: _Nodes, heads: _Nodes) -> WalkNetwork:
    return with_arcs(with_links(network.streets, tails, heads)) if len(tails) else network
