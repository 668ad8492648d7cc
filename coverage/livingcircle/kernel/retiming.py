"""Time on the streets a change touches, in a part of the network as small as the rules of waiting allow."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from livingcircle.kernel.graph import NO_WALK, with_arcs
from livingcircle.kernel.impedance import Impedance, timed_streets
from livingcircle.model.columns import IntArray
from livingcircle.model.network import Lane, WalkNetwork

_Rows = NDArray[np.intp]

Timing = Callable[[WalkNetwork, IntArray], Impedance]
"""Times part of a network for one walker: called with new streets, those they meet and all that meet those, and with the numbers these
streets have in the whole."""


def timed_again(old: Impedance, network: WalkNetwork, timing: Timing, rows: _Rows) -> tuple[Impedance, _Rows]:
    """Time the streets of a network of which `rows` were closed, or added to those of `old`.

    Waits depend on the roads that meet at a junction, so streets beside `rows` may wait longer or less; the walk along them stays. Returns
    the impedance of all streets and the rows, new ones included, whose ticks are not what they were.
    """
    streets = network.streets
    known, count = len(old.forward), len(streets)
    beside = _rows_at(network, streets.start[rows], streets.end[rows])
    if not len(beside):
        return timed_streets(
            network, old.forward, old.backward, old.wait_at_start, old.wait_at_end, old.speed_metres_per_second
        ), beside
    part_rows = _rows_at(network, streets.start[beside], streets.end[beside])
    local = timing(_part(network, part_rows), part_rows.astype(np.int32))
    position, new = np.searchsorted(part_rows, beside), beside >= known

    def lengthened(column: IntArray) -> IntArray:
        return np.concatenate([column, np.zeros(count - known, np.int32)])

    first, last = lengthened(old.wait_at_start), lengthened(old.wait_at_end)
    more_first, more_last = local.wait_at_start[position] - first[beside], local.wait_at_end[position] - last[beside]
    first[beside] += more_first
    last[beside] += more_last
    ways = []
    for before, fresh in ((old.forward, local.forward), (old.backward, local.backward)):
        way = lengthened(before)
        waited = np.where(way[beside] < NO_WALK, way[beside] + more_first + more_last, NO_WALK)
        way[beside] = np.where(new, fresh[position], waited)
        ways.append(way)
    walk = timed_streets(network, ways[0], ways[1], first, last, old.speed_metres_per_second)
    return walk, beside[new | (more_first != 0) | (more_last != 0)]


def _part(network: WalkNetwork, rows: _Rows) -> WalkNetwork:
    streets = network.streets
    nodes, ends = np.unique(np.concatenate([streets.start[rows], streets.end[rows]]), return_inverse=True)
    start, end = np.split(ends.astype(np.int32), 2)
    return with_arcs(
        replace(
            streets.take(rows),
            start=start,
            end=end,
            node_xy=streets.node_xy[nodes],
            node_crossing=streets.node_crossing[nodes],
            node_cut=streets.node_cut[nodes],
        )
    )


def _rows_at(network: WalkNetwork, *nodes: NDArray[np.integer]) -> _Rows:
    """Return the rows that meet any of the nodes or, by a link, a copy of it."""
    streets = network.streets
    known = np.unique(np.concatenate(nodes))
    while True:
        leaving = _slices(network.indptr, known)
        entering = network.by_head[_slices(network.head_indptr, known)]
        rows = np.unique(network.edge[np.concatenate([leaving, entering])]).astype(np.intp)
        links = rows[streets.lane[rows] == Lane.LINK]
        wider = np.unique(np.concatenate([known, streets.start[links], streets.end[links]]))
        if len(wider) == len(known):
            return rows
        known = wider


def _slices(indptr: IntArray, groups: NDArray[np.integer]) -> _Rows:
    """Return all positions of the groups: `indptr[i]:indptr[i + 1]` for each."""
    first, count = indptr[groups].astype(np.intp), np.diff(indptr)[groups]
    return np.asarray(np.arange(count.sum()) + np.repeat(first - np.cumsum(count) + count, count), np.intp)
