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
"""Times part of a network for one walker: called with new streets and those around them, and with the numbers these have in the whole."""


def timed_again(old: Impedance, network: WalkNetwork, timing: Timing, rows: _Rows) -> tuple[Impedance, _Rows]:
    """Time the streets of a network of which `rows` were closed, or added to those of `old`.

    What is waited at a junction depends on the streets that meet there and at those next to it (`kernel.crossing`); so streets beside
    `rows` may wait longer or less, as may links, which are all wait. The walk along a street stays. Returns the impedance of all streets
    and the rows, new ones included, whose ticks are not what they were.
    """
    streets = network.streets
    known, count = len(old.forward), len(streets)
    beside = _rows_around(network, rows)
    if not len(beside):
        return timed_streets(
            network, old.forward, old.backward, old.wait_at_start, old.wait_at_end, old.speed_metres_per_second
        ), beside
    part_rows = _rows_around(network, beside)
    local = timing(_part(network, part_rows), part_rows.astype(np.int32))
    position = np.searchsorted(part_rows, beside)
    afresh = (beside >= known) | (streets.lane[beside] == Lane.LINK)

    def lengthened(column: IntArray) -> IntArray:
        return np.concatenate([column, np.zeros(count - known, np.int32)])

    first, last = lengthened(old.wait_at_start), lengthened(old.wait_at_end)
    more = local.wait_at_start[position] - first[beside] + local.wait_at_end[position] - last[beside]
    changed = (beside >= known) | (local.wait_at_start[position] != first[beside]) | (more != 0)
    first[beside], last[beside] = local.wait_at_start[position], local.wait_at_end[position]
    ways = []
    for before, fresh in ((old.forward, local.forward), (old.backward, local.backward)):
        way = lengthened(before)
        waited = np.where(way[beside] < NO_WALK, way[beside] + more, NO_WALK)
        now = np.where(afresh, fresh[position], waited)
        changed |= now != way[beside]
        way[beside] = now
        ways.append(way)
    walk = timed_streets(network, ways[0], ways[1], first, last, old.speed_metres_per_second)
    return walk, beside[changed]


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


def _rows_around(network: WalkNetwork, rows: _Rows) -> _Rows:
    """Return the rows that meet any of `rows`, and those that meet these."""
    for _ in range(2):
        rows = _rows_at(network, rows)
    return rows


def _rows_at(network: WalkNetwork, rows: _Rows) -> _Rows:
    """Return the rows that are walked from or to an end of any of `rows` or, by links, a copy of it."""
    streets = network.streets
    known = np.unique(np.concatenate([streets.start[rows], streets.end[rows]]))
    while True:
        leaving = _slices(network.indptr, known)
        entering = network.by_head[_slices(network.head_indptr, known)]
        found = np.unique(network.edge[np.concatenate([leaving, entering])]).astype(np.intp)
        links = found[streets.lane[found] == Lane.LINK]
        wider = np.unique(np.concatenate([known, streets.start[links], streets.end[links]]))
        if len(wider) == len(known):
            return found
        known = wider


def _slices(indptr: IntArray, groups: NDArray[np.integer]) -> _Rows:
    """Return all positions of the groups: `indptr[i]:indptr[i + 1]` for each."""
    first, count = indptr[groups].astype(np.intp), np.diff(indptr)[groups]
    return np.asarray(np.arange(count.sum()) + np.repeat(first - np.cumsum(count) + count, count), np.intp)
