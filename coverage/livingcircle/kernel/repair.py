"""The compiled loop of `kernel.change`: mend the keys of junctions after a change instead of searching the whole network again.

Dynamic shortest paths in the way of G. Ramalingam and T. Reps (An incremental algorithm for a generalization of the shortest-path problem,
Journal of Algorithms 21, 1996): the work grows with the number of junctions whose key changes, not with the network. Importing this module
imports numba.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from livingcircle.kernel.buckets import HALF, LOW, NONE, ONE
from livingcircle.kernel.compiled import compiled
from livingcircle.kernel.heap import SPARE, empty_heap, pop, push, with_room
from livingcircle.kernel.seeds import UNREACHED

_Numbers = NDArray[np.uint64]
_Small = NDArray[np.uint32]


@compiled
def mend_keys(
    toward_indptr: _Small,
    toward_arc: _Numbers,
    away_indptr: _Small,
    away_arc: _Numbers,
    seed_node: _Small,
    seed_key: _Numbers,
    touched: _Small,
    limit: int,
    before: _Numbers,
    keys: _Numbers,
) -> _Small:
    """Turn `keys`, a copy of the keys `before` (n,) the change, into those after it; return the junctions that were looked at again.

    `toward`, `away` and the seeds, sorted by junction, are those after the change. `touched` are all junctions where a seed came, went or
    moved, or whose way on over a street did.

    1. In order of time, a junction whose key nothing upholds any longer loses it: neither a seed there, nor a junction nearer to a place
       from which it is reached as soon. An arc of no length upholds nothing, for it could lead round in a circle of lost junctions.
    2. What lost its key, and what was touched, is reached anew from its neighbours; what that makes cheaper is searched on from.
    """
    heap = empty_heap()
    size = count = NONE
    looked_at = np.empty(1024, np.uint32)
    bound = (np.uint64(limit) << HALF) | LOW

    for index in range(len(touched)):
        here = np.uint64(touched[index])
        if before[here] < UNREACHED:
            if size >= np.uint64(len(heap)) - SPARE:
                heap = with_room(heap, size + ONE)
            size = push(heap, size, (before[here] & ~LOW) | here)
    while size > NONE:
        here = heap[NONE] & LOW
        size = pop(heap, size)
        key = keys[here]
        if key == UNREACHED or _best(away_indptr, away_arc, seed_node, seed_key, keys, here, ONE) <= key:
            continue
        keys[here] = UNREACHED
        looked_at = _noted(looked_at, count, here)
        count += ONE
        first, last = np.uint64(toward_indptr[here]), np.uint64(toward_indptr[here + ONE])
        if size + (last - first) > np.uint64(len(heap)) - SPARE:
            heap = with_room(heap, size + (last - first))
        for step in range(first, last):
            packed = toward_arc[step]
            head = packed >> HALF
            if keys[head] != UNREACHED and keys[head] == key + (packed << HALF):
                size = push(heap, size, (keys[head] & ~LOW) | head)

    lost = count
    for index in range(lost + np.uint64(len(touched))):
        here = np.uint64(looked_at[index]) if index < lost else np.uint64(touched[index - lost])
        key = _best(away_indptr, away_arc, seed_node, seed_key, keys, here, NONE)
        if key < keys[here] and key <= bound:
            if keys[here] == before[here]:
                looked_at = _noted(looked_at, count, here)
                count += ONE
            keys[here] = key
            if size >= np.uint64(len(heap)) - SPARE:
                heap = with_room(heap, size + ONE)
            size = push(heap, size, (key & ~LOW) | here)
    while size > NONE:
        entry = heap[NONE]
        size = pop(heap, size)
        here = entry & LOW
        key = keys[here]
        if key < (entry & ~LOW):
            continue  # it has been reached sooner meanwhile
        first, last = np.uint64(toward_indptr[here]), np.uint64(toward_indptr[here + ONE])
        if size + (last - first) > np.uint64(len(heap)) - SPARE:
            heap = with_room(heap, size + (last - first))
        for step in range(first, last):
            packed = toward_arc[step]
            head = packed >> HALF
            further = key + (packed << HALF)
            if further < keys[head] and further <= bound:
                if keys[head] == before[head]:
                    looked_at = _noted(looked_at, count, head)
                    count += ONE
                keys[head] = further
                size = push(heap, size, (further & ~LOW) | head)
    return looked_at[:count].copy()


@compiled
def _best(
    away_indptr: _Small,
    away_arc: _Numbers,
    seed_node: _Small,
    seed_key: _Numbers,
    keys: _Numbers,
    here: np.uint64,
    shortest: np.uint64,
) -> np.uint64:
    """Return the best key a junction has from its seeds and, over arcs of at least `shortest` ticks, from its neighbours."""
    best = UNREACHED
    low, high = NONE, np.uint64(len(seed_node))
    while low < high:
        middle = (low + high) >> ONE
        if np.uint64(seed_node[middle]) < here:
            low = middle + ONE
        else:
            high = middle
    while low < np.uint64(len(seed_node)) and np.uint64(seed_node[low]) == here:
        best = min(best, seed_key[low])
        low += ONE
    for step in range(np.uint64(away_indptr[here]), np.uint64(away_indptr[here + ONE])):
        packed = away_arc[step]
        if (packed & LOW) >= shortest:
            best = min(best, keys[packed >> HALF] + (packed << HALF))
    return best


@compiled
def _noted(junctions: _Small, count: np.uint64, here: np.uint64) -> _Small:
    """Return the list of `count` junctions with one more, in a longer array if need be."""
    if count >= np.uint64(len(junctions)):
        junctions = np.concatenate((junctions, np.empty_like(junctions)))
    junctions[count] = here
    return junctions
