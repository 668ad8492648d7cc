"""The searches of `kernel.search` by SciPy, for machines without numba and as a second opinion in tests: the same answers, slower.

A key, ticks × 2³² + label, is a whole number below 2⁵³, which floats hold exactly; so SciPy's Dijkstra on keys finds the nearest label and
breaks ties as the kernels do.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from livingcircle.kernel.graph import offsets
from livingcircle.kernel.impedance import Arcs
from livingcircle.kernel.seeds import LABEL, UNREACHED, HomesMet, JunctionRows, Seeds, Stops
from livingcircle.model.columns import FloatArray

_SOURCES_AT_ONCE = 50
"""SciPy returns a full row for each source: 50 rows of 800,000 junctions are 320 MB."""


def nearest(arcs: Arcs, seeds: Seeds, limit: int) -> NDArray[np.uint64]:
    """See `kernel.search.nearest`."""
    start = arcs.nodes
    keys = seeds.ticks.astype(np.uint64) << LABEL | seeds.label.astype(np.uint64)
    within = seeds.ticks <= limit
    graph = _with_sources(arcs, np.zeros(within.sum(), np.intp), seeds.node[within], keys[within], 1, shift=LABEL)
    found = dijkstra(graph, indices=start, limit=float(limit * 2**32 + 2**32 - 1))[: arcs.nodes]
    return _as_keys(found)


def rows(arcs: Arcs, seeds: Seeds, limit: int) -> JunctionRows:
    """See `kernel.search.rows`."""
    node: list[NDArray[np.uint32]] = []
    ticks: list[NDArray[np.uint32]] = []
    counts = [np.zeros(1, np.int64)]
    for first in range(0, seeds.labels, _SOURCES_AT_ONCE):
        last = min(first + _SOURCES_AT_ONCE, seeds.labels)
        mine = (seeds.label >= first) & (seeds.label < last) & (seeds.ticks <= limit)
        graph = _with_sources(
            arcs, seeds.label[mine] - first, seeds.node[mine], seeds.ticks[mine].astype(np.uint64), last - first, 0
        )
        found = dijkstra(graph, indices=np.arange(arcs.nodes, arcs.nodes + last - first), limit=float(limit))
        place, reached = np.nonzero(found[:, : arcs.nodes] <= limit)
        took = found[place, reached].astype(np.uint32)
        order = np.lexsort((reached, took, place))
        node.append(reached[order].astype(np.uint32))
        ticks.append(took[order])
        counts.append(np.bincount(place, minlength=last - first))
    empty = np.empty(0, np.uint32)
    return JunctionRows(
        np.cumsum(np.concatenate(counts)), np.concatenate([empty, *node]), np.concatenate([empty, *ticks])
    )


def nearest_few(arcs: Arcs, seeds: Seeds, k: int, limit: int) -> NDArray[np.uint64]:
    """See `kernel.search.nearest_few`."""
    found = rows(arcs, seeds, limit)
    label = np.repeat(np.arange(seeds.labels, dtype=np.uint64), np.diff(found.indptr))
    keys = found.ticks.astype(np.uint64) << LABEL | label
    order = np.lexsort((keys, found.node))
    node, key = found.node[order], keys[order]
    rank = np.arange(len(node)) - np.searchsorted(node, node)
    few = np.full((arcs.nodes, k), UNREACHED, np.uint64)
    few[node[rank < k], rank[rank < k]] = key[rank < k]
    return few


def add_rows(row: NDArray[np.int64], node: NDArray[np.uint32], weights: FloatArray, total: FloatArray) -> None:
    """Add the weights (s, rows) of rows to the totals (s, n) of the junctions in them."""
    for kind, own in enumerate(weights):
        total[kind] += np.bincount(node, np.repeat(own, np.diff(row)), total.shape[1])


def homes_met(rows: JunctionRows, at_junction: HomesMet, direct: HomesMet, homes: int, limit: int) -> HomesMet:
    """See `kernel.search.homes_met`."""
    count = np.diff(at_junction.indptr)[rows.node]
    entry = np.repeat(np.arange(len(rows.node)), count)
    met = np.arange(len(entry)) + np.repeat(at_junction.indptr[rows.node] - np.cumsum(count) + count, count)
    places = len(rows.indptr) - 1
    place = np.concatenate(
        [
            np.repeat(np.arange(places), np.diff(rows.indptr))[entry],
            np.repeat(np.arange(places), np.diff(direct.indptr)),
        ]
    )
    home = np.concatenate([at_junction.home[met], direct.home])
    ticks = np.concatenate([rows.ticks[entry].astype(np.int64) + at_junction.ticks[met], direct.ticks])
    within = ticks <= limit
    place, home, ticks = place[within], home[within], ticks[within]
    order = np.lexsort((ticks, home, place))
    pair = (place * homes + home)[order]
    order = order[np.diff(pair, prepend=-1) > 0]
    return HomesMet(offsets(place[order], places), home[order], ticks[order].astype(np.int32))


def sums_at_every_junction(arcs: Arcs, node_weight: FloatArray, limit: int, stops: Stops) -> FloatArray:
    """See `kernel.search.sums_at_every_junction`."""
    sums = np.zeros(arcs.nodes)
    led = stops.leads
    for first in range(0, arcs.nodes, _SOURCES_AT_ONCE):
        origins = np.arange(first, min(first + _SOURCES_AT_ONCE, arcs.nodes), dtype=np.uint32)
        label = np.arange(len(origins), dtype=np.uint32)
        found = rows(arcs, Seeds(origins, np.zeros_like(origins), label, len(origins)), limit)
        for position, origin in enumerate(origins):
            mine = slice(found.indptr[position], found.indptr[position + 1])
            ticks = np.full(arcs.nodes, np.inf)
            ticks[found.node[mine]] = found.ticks[mine]
            took = np.minimum(
                ticks[stops.node[led]] + stops.ticks[led], ticks[stops.other[led]] + stops.other_ticks[led]
            )
            sums[origin] = node_weight[ticks <= limit].sum() + stops.weight[led][took <= limit].sum()
    return sums


def _with_sources(
    arcs: Arcs,
    source: NDArray[np.integer],
    node: NDArray[np.integer],
    weight: NDArray[np.uint64],
    sources: int,
    shift: int | np.uint64,
) -> csr_array:
    """Return the arcs with a node for every source, from which the walks to its junctions begin.

    Of parallel arcs only the shortest is kept, since sparse matrices would add them up.
    """
    tails = np.repeat(np.arange(arcs.nodes), np.diff(arcs.indptr).astype(np.intp))
    tail = np.concatenate([tails, arcs.nodes + source])
    head = np.concatenate([(arcs.arc >> np.uint64(32)).astype(np.intp), node.astype(np.intp)])
    ticks = arcs.arc & np.uint64(2**32 - 1)
    cost: FloatArray = np.concatenate([(ticks << np.uint64(shift)).astype(float), weight.astype(float)])
    order = np.lexsort((cost, head, tail))
    tail, head, cost = tail[order], head[order], cost[order]
    first = np.ones(len(tail), bool)
    first[1:] = (tail[1:] != tail[:-1]) | (head[1:] != head[:-1])
    size = arcs.nodes + sources
    indptr = np.concatenate([[0], np.cumsum(np.bincount(tail[first], minlength=size))])
    return csr_array((cost[first], head[first].astype(np.int32), indptr.astype(np.int32)), shape=(size, size))


def _as_keys(found: FloatArray) -> NDArray[np.uint64]:
    keys = np.full(len(found), UNREACHED, np.uint64)
    reached = np.isfinite(found)
    keys[reached] = found[reached].astype(np.uint64)
    return keys
