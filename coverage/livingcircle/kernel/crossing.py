"""What crossing roads costs a walker, without turn costs: half of each crossing is paid on either side of it.

Streets are drawn as one line along the middle of the carriageway, so the network does not say on which side of it anybody walks. Where a
side street or a footpath meets a larger road, each of its pieces that end there costs half the wait for crossing that road. So walking
along the road costs nothing; turning onto it, or off it, costs half, for every second walker has to change sides; and crossing it, from
one side street to the other, costs one whole wait. A footway across the carriageway between two junctions shares a node with it and falls
under the same rule. Bridges and underpasses share none, and cost nothing here.
"""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from livingcircle.model.columns import FloatArray, IntArray, SmallArray
from livingcircle.model.network import Crossing, Lane, Road, StreetEdges
from livingcircle.model.walker import CrossingSeconds

SMALLEST_WAITED_FOR = Road.TERTIARY
"""Smaller roads are crossed without waiting, whatever helps across them."""
PIECES_OF_A_CROSSROADS = 4
"""Where this many pieces of the same class meet, walking straight on crosses a road of that class."""


def waits_at_ends(streets: StreetEdges, seconds: CrossingSeconds) -> tuple[FloatArray, FloatArray]:
    """Return the seconds (e,) waited at the start and at the end of each street: half of a crossing each, or nothing.

    Copies of one junction made for restricted streets count as one. The two sides of a road that is crossed at crossings only are walked
    along without crossing it; their crossings are links, which cost all of the wait (`link_waits`).
    """
    junction = _junctions(streets)
    count = int(junction.max(initial=-1)) + 1
    ends = np.concatenate([junction[streets.start], junction[streets.end]])
    beside = np.isin(streets.lane, (Lane.LEFT, Lane.RIGHT, Lane.LINK))
    road = np.tile(np.where(beside, Road.NONE, streets.road).astype(np.int8), 2)
    once = np.tile(streets.lane != Lane.ARRIVING, 2)

    largest = np.zeros(count, np.int8)
    np.maximum.at(largest, ends, road)
    helped = np.zeros(count, np.int8)
    np.maximum.at(helped, junction, streets.node_crossing)
    whole = crossing_seconds(largest, helped, seconds)
    pieces_of_largest = np.bincount(ends[once & (road == largest[ends])], minlength=count)
    crossroads = pieces_of_largest >= PIECES_OF_A_CROSSROADS
    pays = ((road < largest[ends]) | crossroads[ends]) & ~np.tile(beside, 2)
    halves = np.where(pays, whole[ends] / 2, 0.0)
    return halves[: len(streets)], halves[len(streets) :]


def link_waits(streets: StreetEdges, seconds: CrossingSeconds) -> FloatArray:
    """Return the seconds (e,) that links across wide roads take: all of the wait; 0 for everything else."""
    crossing = streets.node_crossing[streets.start]
    across = (streets.lane == Lane.LINK) & (streets.road > Road.NONE)
    return np.where(across, crossing_seconds(streets.road, crossing, seconds), 0.0)


def crossing_seconds(road: SmallArray, crossing: SmallArray, seconds: CrossingSeconds) -> FloatArray:
    """Return the mean wait for crossing roads of a class (`Road`) with what helps across them (`Crossing`)."""
    by_class = np.array([0.0, 0.0, seconds.tertiary, seconds.secondary, seconds.primary, seconds.primary])
    waits = np.select(
        [crossing == Crossing.SIGNAL, crossing == Crossing.ZEBRA], [seconds.signal, seconds.zebra], by_class[road]
    )
    return np.where(road >= SMALLEST_WAITED_FOR, waits, 0.0)


def _junctions(streets: StreetEdges) -> IntArray:
    """Return the junction (n,) of each node: copies joined by a link that crosses no road are one."""
    nodes = len(streets.node_xy)
    links = (streets.lane == Lane.LINK) & (streets.road == Road.NONE)
    if not links.any():
        return np.arange(nodes, dtype=np.int32)
    joined = coo_array((np.ones(int(links.sum()), np.int8), (streets.start[links], streets.end[links])), (nodes, nodes))
    return np.asarray(connected_components(joined, directed=False)[1], np.int32)
