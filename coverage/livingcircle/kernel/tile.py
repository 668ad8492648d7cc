"""A part of a city cut out so that walks up to a limit are the same in it as in the whole.

A tile is some homes, and every street that has an end which they reach within the limit. Nothing is lost: each junction on a walk within
the limit is itself within it, so all its streets are there, and so is the street on which the walk ends. Nothing is gained: a tile has no
street that the whole has not. So the walks are equal to the tick; what lies beyond the limit is unreachable in a tile. How far the streets
of a tile reach beyond its homes follows from the network, not from a distance that somebody chose.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from livingcircle.kernel import search
from livingcircle.kernel.graph import hilbert_index, limit_ticks, with_arcs
from livingcircle.kernel.impedance import Impedance, timed_streets
from livingcircle.kernel.joints import timed
from livingcircle.kernel.reach import nearest_seconds
from livingcircle.kernel.seeds import UNREACHED, setting_out
from livingcircle.model.columns import BoolArray, FloatArray
from livingcircle.model.network import Anchors, StreetEdges, WalkNetwork


@dataclass(frozen=True, slots=True, eq=False)
class Tile:
    """Some homes (r), the streets around them, and the facilities (f) on these; `serves` (f, s) says what each offers."""

    network: WalkNetwork
    walk: Impedance
    home_anchors: Anchors
    facility_anchors: Anchors
    serves: BoolArray
    limit_seconds: float

    def seconds(self, *, threads: int = 1) -> FloatArray:
        """Return the walks (s, r) to the nearest facilities: `inf` beyond the limit, NaN for homes that are not joined to the streets."""
        asked = (self.network, self.walk, self.home_anchors, self.facility_anchors, self.serves, self.limit_seconds)
        return nearest_seconds(*asked, threads=threads)


def groups_of_homes(xy: FloatArray, tiles: int) -> list[NDArray[np.intp]]:
    """Divide homes (r, 2) into at most `tiles` groups of neighbours, equally many in each: pieces of a Hilbert curve."""
    order = np.argsort(hilbert_index(xy), kind="stable") if len(xy) else np.empty(0, np.intp)
    return [np.sort(group) for group in np.array_split(order, tiles) if len(group)]


def tile(
    network: WalkNetwork,
    walk: Impedance,
    home_anchors: Anchors,
    facility_anchors: Anchors,
    serves: BoolArray,
    homes: NDArray[np.intp],
    limit_seconds: float,
) -> Tile:
    """Cut out the tile of the homes at these positions, in ascending order; islands stay as they are in the whole."""
    own = _of_places(home_anchors, homes)
    seeds = setting_out(timed(own, network, walk), own.places)
    seeds = seeds._replace(label=np.zeros_like(seeds.label), labels=1)  # who gets there does not matter
    reached = search.nearest(walk.away, seeds, limit_ticks(limit_seconds)) < UNREACHED
    streets = network.streets
    kept = reached[streets.start] | reached[streets.end]
    kept[own.edge] = True
    edge = np.cumsum(kept, dtype=np.int64) - 1
    here = np.unique(facility_anchors.place[kept[facility_anchors.edge]]).astype(np.intp)
    facilities = _of_places(facility_anchors, here)
    facilities = facilities.take(kept[facilities.edge])
    part = with_arcs(_streets(streets, np.flatnonzero(kept)))
    timed_part = timed_streets(
        part,
        walk.forward[kept],
        walk.backward[kept],
        walk.wait_at_start[kept],
        walk.wait_at_end[kept],
        walk.speed_metres_per_second,
    )
    return Tile(
        network=part,
        walk=timed_part,
        home_anchors=replace(own, edge=edge[own.edge].astype(np.int32)),
        facility_anchors=replace(facilities, edge=edge[facilities.edge].astype(np.int32)),
        serves=serves[here],
        limit_seconds=limit_seconds,
    )


def _of_places(anchors: Anchors, places: NDArray[np.intp]) -> Anchors:
    """Return the anchors of some places, in ascending order, which are numbered anew."""
    here = np.isin(anchors.place, places)
    own = anchors.take(here)
    number = np.searchsorted(places, own.place).astype(np.int32)
    return replace(own, place=number, nearest_metres=anchors.nearest_metres[places])


def _streets(streets: StreetEdges, kept: NDArray[np.intp]) -> StreetEdges:
    """Return some streets with the junctions they have, in the order of the whole; without what only a map would show."""
    own = streets.take(kept)
    used, ends = np.unique(np.concatenate([own.start, own.end]), return_inverse=True)
    return replace(
        own,
        start=ends[: len(kept)].astype(np.int32),
        end=ends[len(kept) :].astype(np.int32),
        lines=np.full(len(kept), None, object),
        name=np.full(len(kept), -1, np.int32),
        names=np.empty(0, object),
        node_xy=streets.node_xy[used],
        node_crossing=streets.node_crossing[used],
        node_cut=streets.node_cut[used],
        closed_xy=np.empty((0, 2)),
        closed_metres=np.empty(0),
    )
