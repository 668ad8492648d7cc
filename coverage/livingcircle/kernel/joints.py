"""Anchors on the clock: the ticks from a place to the junctions around it, and from them to the place."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from livingcircle.kernel.graph import NO_WALK
from livingcircle.kernel.impedance import Impedance
from livingcircle.model.columns import IntArray
from livingcircle.model.network import Anchors, WalkNetwork


class Joints(NamedTuple):
    """Each anchor's (k rows) position on its street and its access leg, in whole ticks; a named tuple, for compiled code can read it.

    `start` and `end` are the junctions of the street; `from_start` and `from_end` the walks from them to the joint, `to_start` and `to_end`
    the walks back. The two parts of a street always add up to its own ticks; a direction that is barred takes `NO_WALK`.
    """

    place: IntArray
    edge: IntArray
    start: IntArray
    end: IntArray
    access: IntArray
    from_start: IntArray
    from_end: IntArray
    to_start: IntArray
    to_end: IntArray

    def rows(self, index: NDArray[np.intp]) -> Joints:
        """Return the joints at `index`, in that order."""
        return Joints(*(column[index] for column in self))


class Pairs(NamedTuple):
    """Walks from a joint to another on the same street, straight along it: rows of two lists of joints, and the ticks from door to door."""

    home: NDArray[np.intp]
    place: NDArray[np.intp]
    ticks: NDArray[np.int64]


def timed(anchors: Anchors, network: WalkNetwork, walk: Impedance) -> Joints:
    """Put anchors on the clock of one walker.

    What is waited at an end of a street is waited before its joints are reached from there, or after they are left towards it.
    """
    edge = anchors.edge
    forward, backward = walk.forward[edge], walk.backward[edge]
    first, last = walk.wait_at_start[edge], walk.wait_at_end[edge]
    ahead = first + np.rint(anchors.fraction * (forward - first - last))
    behind = first + np.rint(anchors.fraction * (backward - first - last))
    with_street = np.where(forward < NO_WALK, ahead, NO_WALK).astype(np.int32)
    against = np.where(backward < NO_WALK, behind, NO_WALK).astype(np.int32)
    return Joints(
        place=anchors.place.copy(),
        edge=edge.copy(),
        start=network.streets.start[edge],
        end=network.streets.end[edge],
        access=walk.ticks(anchors.access_metres),
        from_start=with_street,
        from_end=np.where(backward < NO_WALK, backward - against, NO_WALK),
        to_start=against,
        to_end=np.where(forward < NO_WALK, forward - with_street, NO_WALK),
    )


def along_streets(homes: Joints, places: Joints, limit: int) -> Pairs:
    """List the walks within the limit from homes to places on the same street that pass no junction."""
    order = np.argsort(places.edge, kind="stable")
    edge = places.edge[order]
    first = np.searchsorted(edge, homes.edge)
    count = np.searchsorted(edge, homes.edge, side="right") - first
    home = np.repeat(np.arange(len(homes.edge)), count)
    place = order[np.arange(len(home)) + np.repeat(first - np.cumsum(count) + count, count)]
    along = places.from_start[place].astype(np.int64) - homes.from_start[home]
    against = places.from_end[place].astype(np.int64) - homes.from_end[home]
    along[(along < 0) | (homes.from_start[home] >= NO_WALK)] = NO_WALK
    against[(against < 0) | (homes.from_end[home] >= NO_WALK)] = NO_WALK
    ticks = np.minimum(along, against) + homes.access[home] + places.access[place]
    within = ticks <= limit
    return Pairs(home[within], place[within], ticks[within])
