"""What crossing roads costs a walker, without turn costs: half of each crossing is paid on either side of it.

Streets are drawn as one line along the middle of the carriageway, so the network does not say on which side of it anybody walks. Where a
side street or a footpath meets a larger road, each of its pieces that end there costs half the wait for crossing that road. So walking
along the road costs nothing; turning onto it, or off it, costs half, for every second walker has to change sides; and crossing it, from
one side street to the other, costs one whole wait. A footway across the carriageway between two junctions shares a node with it and falls
under the same rule. Bridges and underpasses share none, and cost nothing here.

A road costs the same whether it is drawn as one line or, divided, as two: each carriageway of a divided road is half of it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from livingcircle.model.columns import BoolArray, FloatArray, IntArray, SmallArray
from livingcircle.model.network import Crossing, Lane, Road, StreetEdges
from livingcircle.model.walker import CrossingSeconds

PIECES_OF_A_ROAD = 2
"""A road that leads through a junction has two pieces there."""
PIECES_OF_A_CROSSROADS = 4
"""Where this many pieces of its class meet, walking straight on crosses a road of that class."""
ARM_METRES = 40.0
"""What helps across a road this near a junction, on a single piece of the road, serves those who cross it at the junction."""
MEDIAN_METRES = 40.0
"""A smaller street or path no longer than this between two roads of the same class lies between the carriageways of one."""


class Waits(NamedTuple):
    """Seconds (e,) waited at the start and at the end of each street, and on it: on links across wide roads."""

    at_start: FloatArray
    at_end: FloatArray
    on_link: FloatArray


def waits(streets: StreetEdges, seconds: CrossingSeconds) -> Waits:
    """Return what each street costs in waits: half of a crossing at each end that meets a larger road, or nothing.

    All copies of a junction count as one. The two sides of a road that is crossed at crossings only are walked along without crossing
    it; the links between them take all of the wait.
    """
    if seconds == CrossingSeconds():
        nothing = np.zeros(len(streets))
        return Waits(nothing, nothing, nothing)
    junction = _junctions(streets)
    count = int(junction.max(initial=-1)) + 1
    start, end = junction[streets.start], junction[streets.end]
    ends, road = np.concatenate([start, end]), np.tile(streets.road, 2)
    sides = np.isin(streets.lane, (Lane.LEFT, Lane.RIGHT, Lane.LINK))
    counted = np.tile(streets.drawn, 2)
    through, _ = _through(ends[counted], road[counted], count)
    free = counted & ~np.tile(sides, 2)
    crossed, crossroads = _through(ends[free], road[free], count)

    walked = streets.forward | streets.backward  # streets that were closed keep their rows (`kernel.change`)
    same = (through[start] == through[end]) & (through[start] >= Road.TERTIARY) & (streets.road < through[start])
    median = same & walked & (streets.metres <= MEDIAN_METRES) & (streets.lane != Lane.LINK)
    carriageways = np.ones(count)
    carriageways[start[median]] = carriageways[end[median]] = 2.0

    at_hand = np.zeros(count, np.int8)
    np.maximum.at(at_hand, junction, streets.node_crossing)
    # Signals and zebras are often mapped where they are, on the arms of a junction, and not at its centre.
    helped = at_hand.copy()
    for here, there in ((start, end), (end, start)):
        arm = walked & (streets.metres <= ARM_METRES) & (streets.road == through[here])
        near = arm & (at_hand[here] == Crossing.NONE)
        np.maximum.at(helped, here[near], at_hand[there[near]])
    whole = crossing_seconds(crossed, helped, seconds) / carriageways
    pays = ((road < crossed[ends]) | crossroads[ends]) & ~np.tile(sides, 2)
    halves = np.where(pays, whole[ends] / 2, 0.0)
    across = (streets.lane == Lane.LINK) & (streets.road > Road.NONE)
    on_link = np.where(across, crossing_seconds(streets.road, helped[start], seconds) / carriageways[start], 0.0)
    return Waits(halves[: len(streets)], halves[len(streets) :], on_link)


def crossing_seconds(road: SmallArray, crossing: SmallArray, seconds: CrossingSeconds) -> FloatArray:
    """Return the mean wait for crossing roads of a class (`Road`) with what helps across them (`Crossing`).

    Small roads are crossed at once, except at their signals and zebras. What is no road costs nothing.
    """
    by_class = np.array([0.0, 0.0, seconds.tertiary, seconds.secondary, seconds.primary, seconds.primary])
    found = np.select(
        [crossing == Crossing.SIGNAL, crossing == Crossing.ZEBRA], [seconds.signal, seconds.zebra], by_class[road]
    )
    return np.where(road > Road.NONE, found, 0.0)


def _through(ends: NDArray[np.integer], road: SmallArray, count: int) -> tuple[SmallArray, BoolArray]:
    """Return the class of the road that leads through each junction, and whether it meets another of its like there.

    It is as large as the second largest piece at the junction: a road that ends is crossed by nobody.
    """
    through, crossroads = np.zeros(count, np.int8), np.zeros(count, bool)
    for size in Road:
        pieces = np.bincount(ends[road >= size], minlength=count)
        found = pieces >= PIECES_OF_A_ROAD
        through[found] = size
        crossroads[found] = pieces[found] >= PIECES_OF_A_CROSSROADS
    return through, crossroads


def _junctions(streets: StreetEdges) -> IntArray:
    """Return the junction (n,) of each node: copies joined by links are one."""
    nodes = len(streets.node_xy)
    links = streets.lane == Lane.LINK
    if not links.any():
        return np.arange(nodes, dtype=np.int32)
    joined = coo_array((np.ones(int(links.sum()), np.int8), (streets.start[links], streets.end[links])), (nodes, nodes))
    return np.asarray(connected_components(joined, directed=False)[1], np.int32)
