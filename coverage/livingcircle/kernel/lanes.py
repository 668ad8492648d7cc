"""Copies of restricted streets, so that a walk may begin or end on them but not pass through.

A private street becomes two: one that is walked *leaving*, by those who set out from behind its gate, and one that is walked *arriving*, by
those who end their walk there. Where it meets an open street, a step of no length leads from the leaving copy to the open street, and one
from there to the arriving copy. There is none back, so private → public → private is possible and public → private → public is not. Every
search stays a plain shortest path, and no kernel needs to know of gates.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import shapely
from numpy.typing import NDArray

from livingcircle.model.network import Lane, StreetEdges


def with_lanes(streets: StreetEdges) -> StreetEdges:
    """Return the streets with private ones in two copies, LEAVING (in place of the street itself) and ARRIVING (added at the end).

    Streets without a private one are returned as they are. Only junctions of private streets are copied. Where no open street meets them
    nothing needs to be told apart: such a junction itself serves those who leave, and needs no links. Private streets must be whole:
    `kernel.sides` divides open roads only.
    """
    private = np.flatnonzero(streets.private)
    if not len(private):
        return streets
    nodes = np.arange(len(streets.node_xy))
    behind = np.unique([streets.start[private], streets.end[private]])
    meets_open = np.zeros(len(nodes), bool)
    meets_open[streets.start[~streets.private]] = meets_open[streets.end[~streets.private]] = True
    gates = behind[meets_open[behind]]
    leaving, arriving = nodes.copy(), nodes.copy()
    leaving[gates] = len(nodes) + np.arange(len(gates))
    arriving[behind] = len(nodes) + len(gates) + np.arange(len(behind))

    lane = streets.lane.copy()
    lane[private] = Lane.LEAVING
    start, end = streets.start.copy(), streets.end.copy()
    start[private], end[private] = leaving[start[private]], leaving[end[private]]
    leaves = replace(
        with_node_copies(streets, np.concatenate([gates, behind])),
        start=start.astype(np.int32),
        end=end.astype(np.int32),
        lane=lane,
    )
    arrives = replace(
        streets.take(private),
        start=arriving[streets.start[private]].astype(np.int32),
        end=arriving[streets.end[private]].astype(np.int32),
        lane=np.full(len(private), Lane.ARRIVING, np.int8),
    )
    tails, heads = np.concatenate([leaving[gates], gates]), np.concatenate([gates, arriving[gates]])
    return with_links(leaves.followed_by(arrives), tails, heads)


def with_node_copies(streets: StreetEdges, originals: NDArray[np.integer]) -> StreetEdges:
    """Return the streets with further nodes, numbered on from the last: one at the place of each of `originals`."""
    nodes = np.concatenate([np.arange(len(streets.node_xy)), originals])
    return replace(
        streets,
        node_xy=streets.node_xy[nodes],
        node_crossing=streets.node_crossing[nodes],
        node_cut=streets.node_cut[nodes],
    )


def with_links(streets: StreetEdges, tails: NDArray[np.integer], heads: NDArray[np.integer]) -> StreetEdges:
    """Return the streets and one-way steps of no length (LINK) from nodes `tails` to nodes `heads` at the same places."""
    count = len(tails)
    steps = np.stack([streets.node_xy[tails], streets.node_xy[heads]], axis=1)
    links = StreetEdges.plain(
        start=np.asarray(tails, np.int32),
        end=np.asarray(heads, np.int32),
        lines=np.asarray(shapely.linestrings(steps), object),
        node_xy=streets.node_xy,
        crs=streets.crs,
        at_ground=np.zeros(count, bool),
        backward=np.zeros(count, bool),
        lane=np.full(count, Lane.LINK, np.int8),
    )
    return streets.followed_by(links)
