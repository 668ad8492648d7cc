"""Shortest walks from junction to junction; `kernel.reach` turns them into walks from door to door.

All functions search `arcs` from `seeds` up to a limit in whole ticks and equal Dijkstra's algorithm exactly. Where numba is not installed
SciPy gives the same answers (`kernel.fallback`). Searches let other threads run; with `threads` they use several themselves, which changes
no answer.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from importlib.util import find_spec
from types import ModuleType
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from livingcircle.kernel import fallback
from livingcircle.kernel.graph import TICKS_PER_SECOND
from livingcircle.kernel.impedance import Arcs
from livingcircle.kernel.seeds import LONGEST_LANE_TICKS, NO_STOPS, UNREACHED, HomesMet, JunctionRows, Seeds, Stops
from livingcircle.model.columns import FloatArray

T = TypeVar("T")
Progress = Callable[[int, int], None]

PLACES_PER_BLOCK = 1024
_JUNCTIONS_PER_BLOCK = 16_384
_FEW_TOGETHER = 4
_JUNCTIONS_WITHIN_QUARTER_HOUR = 400
"""About how many junctions of a city lie within 15 minutes of a place: 210 to 630 in the cities measured."""


@cache
def _compiled() -> ModuleType | None:
    """Import the compiled loops, which takes half a second, or find that numba is missing."""
    if find_spec("numba") is None:
        return None
    from livingcircle.kernel import dijkstra

    return dijkstra


def nearest(arcs: Arcs, seeds: Seeds, limit: int) -> NDArray[np.uint64]:
    """Return the key (n,) of the nearest place of every junction, `UNREACHED` beyond the limit; of equally near places the first."""
    loops = _compiled()
    if loops is None:
        return fallback.nearest(arcs, seeds, limit)
    keys = np.full(arcs.nodes, UNREACHED, np.uint64)
    order = np.argsort(
        seeds.node, kind="stable"
    )  # junctions are numbered along a Hilbert curve: neighbours come together
    groups = np.append(np.arange(0, len(order), _searched_together(arcs.nodes, len(order), limit)), len(order))
    loops.nearest_keys(*arcs, groups, seeds.node[order], seeds.ticks[order], seeds.label[order], limit, keys)
    return keys


def _searched_together(nodes: int, seeds: int, limit: int) -> int:
    """Return from how many neighbouring seeds one search for the nearest begins.

    A few where catchments seldom meet, which keeps the search in the cache; all where they overlap and the same ground would be walked
    again and again.
    """
    catchment = _JUNCTIONS_WITHIN_QUARTER_HOUR * (limit / (900 * TICKS_PER_SECOND)) ** 2
    return _FEW_TOGETHER if seeds * catchment < 2 * nodes else max(seeds, 1)


def nearest_few(
    arcs: Arcs, seeds: Seeds, k: int, limit: int, out: NDArray[np.uint64] | None = None
) -> NDArray[np.uint64]:
    """Return the keys (n, k) of the k nearest places of every junction, the nearest first, `UNREACHED` where there are fewer.

    They are written to `out` where it is given: for many services, slices of one array, which the system hands out in larger pieces.
    """
    keys = np.empty((arcs.nodes, k), np.uint64) if out is None else out
    loops = _compiled()
    if loops is None:
        keys[:] = fallback.nearest_few(arcs, seeds, k, limit)
        return keys
    keys.fill(UNREACHED)
    first_node = np.full(seeds.labels, arcs.nodes, np.uint32)
    np.minimum.at(first_node, seeds.label, seeds.node)
    order = np.argsort(first_node[seeds.label], kind="stable")
    label = seeds.label[order]
    begin = np.flatnonzero(np.diff(label.astype(np.int64), prepend=-1))
    loops.few_keys(*arcs, np.append(begin, len(label)), seeds.node[order], seeds.ticks[order], label, limit, keys)
    return keys


def rows(arcs: Arcs, seeds: Seeds, limit: int) -> JunctionRows:
    """Return the junctions each place reaches within the limit, all at once; `row_blocks` where they would not fit in memory."""
    loops = _compiled()
    if loops is None:
        return fallback.rows(arcs, seeds, limit)
    first = np.searchsorted(seeds.label, np.arange(seeds.labels + 1))
    return JunctionRows(*loops.reach_rows(*arcs, first, seeds.node, seeds.ticks, limit))


def row_blocks(
    arcs: Arcs,
    seeds: Seeds,
    limit: int,
    *,
    places_per_block: int = PLACES_PER_BLOCK,
    threads: int = 1,
    progress: Progress | None = None,
) -> Iterator[JunctionRows]:
    """Yield the rows of the first places, then of the next ones: memory stays that of a few blocks."""
    first = np.searchsorted(seeds.label, np.arange(0, seeds.labels + places_per_block, places_per_block))

    def block(number: int) -> JunctionRows:
        mine = slice(first[number], first[number + 1])
        begin = number * places_per_block
        labels = min(places_per_block, seeds.labels - begin)
        return rows(
            arcs, Seeds(seeds.node[mine], seeds.ticks[mine], seeds.label[mine] - np.uint32(begin), labels), limit
        )

    return in_turn(block, len(first) - 1, threads, progress)


def homes_met(rows: JunctionRows, at_junction: HomesMet, direct: HomesMet, homes: int, limit: int) -> HomesMet:
    """Return the homes each place reaches, in no order within a row, each once with its shortest walk.

    `at_junction` lists the homes on the streets of every junction with the ticks between, `direct` those each place reaches without passing
    a junction.
    """
    loops = _compiled()
    if loops is None:
        return fallback.homes_met(rows, at_junction, direct, homes, limit)
    return HomesMet(*loops.homes_met(*rows, at_junction, direct, homes, limit))


def sums(
    arcs: Arcs,
    seeds: Seeds,
    weights: FloatArray,
    limit: int,
    *,
    threads: int = 1,
    progress: Progress | None = None,
) -> FloatArray:
    """Sum, for every junction, the weights of all places within the limit: weights (s, labels) → sums (s, n).

    With weights of one this counts the places. Each place is searched from once, and is the cheaper the fewer places there are;
    `sums_at_every_junction` is for weights that lie nearly everywhere.
    """
    total = np.zeros((len(weights), arcs.nodes))
    loops, first = _compiled(), 0
    for block in row_blocks(arcs, seeds, limit, threads=threads, progress=progress):
        last = first + len(block.indptr) - 1
        add = fallback.add_rows if loops is None else loops.add_rows
        add(block.indptr, block.node, np.ascontiguousarray(weights[:, first:last]), total)
        first = last
    return total


def sums_at_every_junction(
    arcs: Arcs,
    node_weight: FloatArray,
    limit: int,
    *,
    stops: Stops | None = None,
    threads: int = 1,
    progress: Progress | None = None,
) -> FloatArray:
    """Sum, for every junction, the weights of all junctions (n,) and stops within the limit; a search from every junction.

    Neighbouring junctions are searched from together, so `arcs` should be numbered along a curve, as `build_network` does. Limits above
    `LONGEST_LANE_TICKS` are refused.

    Raises
    ------
    ValueError
        When the limit is too long.
    """
    if limit > LONGEST_LANE_TICKS:
        message = f"a limit of {limit} ticks does not fit a lane"
        raise ValueError(message)
    stops = NO_STOPS if stops is None else stops
    loops = _compiled()
    if loops is None:
        return fallback.sums_at_every_junction(arcs, node_weight, limit, stops)
    first_stop = np.searchsorted(stops.node, np.arange(arcs.nodes + 1))

    def block(number: int) -> FloatArray:
        begin = number * _JUNCTIONS_PER_BLOCK
        end = min(begin + _JUNCTIONS_PER_BLOCK, arcs.nodes)
        found: FloatArray = loops.lane_sums(*arcs, node_weight, first_stop, stops, limit, begin, end)
        return found

    blocks = -(-arcs.nodes // _JUNCTIONS_PER_BLOCK)
    return np.concatenate([np.empty(0), *in_turn(block, blocks, threads, progress)])


def in_turn(work: Callable[[int], T], count: int, threads: int, progress: Progress | None) -> Iterator[T]:
    """Yield `work(0)`, `work(1)` … in order, done by several threads that keep only a few results ahead.

    `progress` is told how many of how many are done; whatever it raises stops the work, and so does closing the iterator.
    """
    if threads <= 1:
        for number in range(count):
            yield work(number)
            if progress is not None:
                progress(number + 1, count)
        return
    pool = ThreadPoolExecutor(threads)
    try:
        ahead = deque(pool.submit(work, number) for number in range(min(2 * threads, count)))
        for number in range(count):
            result = ahead.popleft().result()
            if number + 2 * threads < count:
                ahead.append(pool.submit(work, number + 2 * threads))
            yield result
            if progress is not None:
                progress(number + 1, count)
    finally:
        pool.shutdown(cancel_futures=True)


def threads_available() -> int:
    """Return how many threads searches should use: LIVING_CIRCLE_THREADS, or the processors this process may run on."""
    asked = os.environ.get("LIVING_CIRCLE_THREADS", "")
    if asked.isdigit() and int(asked) > 0:
        return int(asked)
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
