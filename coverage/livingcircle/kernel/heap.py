"""A queue for work that must go strictly in order of time (`kernel.repair`): a heap of four branches, for compiled code.

An entry holds ticks in its upper 32 bits and the junction below, so that the least entry is the junction reached soonest. Searches that
need no strict order use the faster `kernel.buckets`. Numbers are unsigned throughout, as there. Importing this module imports numba.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from livingcircle.kernel.buckets import NONE, ONE
from livingcircle.kernel.compiled import compiled

TWO, THREE = np.uint64(2), np.uint64(3)
PAST_ALL = np.uint64(2**64 - 1)
SPARE = np.uint64(8)
"""Places kept free behind the last entry: `pop` looks at four branches without asking how many there are."""

_Numbers = NDArray[np.uint64]


@compiled
def push(heap: _Numbers, size: np.uint64, entry: np.uint64) -> np.uint64:
    """Add an entry to a heap of four branches and return its new size."""
    place = size
    while place > NONE:
        parent = (place - ONE) >> TWO
        above = heap[parent]
        if above <= entry:
            break
        heap[place] = above
        place = parent
    heap[place] = entry
    return size + ONE


@compiled
def pop(heap: _Numbers, size: np.uint64) -> np.uint64:
    """Remove the first entry, which the caller has read, and return the new size; places past the end hold `PAST_ALL`."""
    size -= ONE
    entry = heap[size]
    heap[size] = PAST_ALL
    place = NONE
    while True:
        child = (place << TWO) + ONE
        if child >= size:
            break
        at, least = child, heap[child]
        if heap[child + ONE] < least:
            at, least = child + ONE, heap[child + ONE]
        if heap[child + TWO] < least:
            at, least = child + TWO, heap[child + TWO]
        if heap[child + THREE] < least:
            at, least = child + THREE, heap[child + THREE]
        if least >= entry:
            break
        heap[place] = least
        place = at
    if size > NONE:
        heap[place] = entry
    return size


@compiled
def empty_heap() -> _Numbers:
    """Make a heap with room to begin with."""
    return np.full(1024, PAST_ALL, np.uint64)


@compiled
def with_room(heap: _Numbers, entries: np.uint64) -> _Numbers:
    """Return the heap in an array twice as large as `entries` need, with the spare places that `_pop` looks at."""
    larger = np.full(np.int64(TWO * entries + SPARE), PAST_ALL, np.uint64)
    for place in range(len(heap)):
        larger[place] = heap[place]
    return larger
