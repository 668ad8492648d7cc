"""The searches of `kernel.search` by SciPy, for machines without numba and as a second opinion in tests: the same answers, slower.

A key, ticks × 2³² + label, is a whole number below 2⁵³, which floats hold exactly; so SciPy's Dijkstra on keys finds the nearest label and
breaks ties as the kernels do.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from livingcircle.kernel.impedance import Arcs
from livingcircle.kernel.seeds import LABEL, UNREACHED, JunctionRows, Seeds
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
