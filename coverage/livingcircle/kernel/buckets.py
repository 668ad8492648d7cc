"""The queue of all searches from junction to junction: buckets of 12.8 seconds of walking, each a chain of junctions.

Adding and taking touch two numbers, whatever the length of the queue, where a heap moves entries about; a third faster, measured. Within a
bucket junctions come in no order, so one may be gone on from before its time is final, and again once it is: rare, and what is written down
at the end is exact all the same. An entry whose junction was reached in an earlier bucket meanwhile is passed over.

A search goes through the buckets from the first to the last:

```
for bucket in range(len(chains)):
    while chains[bucket] != NOTHING:
        here = ...   # link = links[chains[bucket]]; chains[bucket] = link >> HALF; here = link & LOW
```

Compiled code must not mix signed and unsigned numbers: indices and constants are unsigned throughout, which also spares every index the
check for being negative. Importing this module imports numba.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from livingcircle.kernel.compiled import compiled

NONE, ONE = np.uint64(0), np.uint64(1)
HALF, LOW = np.uint64(32), np.uint64(2**32 - 1)
WIDTH = np.uint64(8)
"""A bucket holds 2⁸ ticks: of 2⁶ to 2⁹ the fastest."""
NOTHING = np.uint32(2**32 - 1)
"""Where a chain ends."""


@compiled
def empty_chains(limit: int) -> NDArray[np.uint32]:
    """Return a chain for every bucket up to the limit, each holding the position in `links` of its latest junction."""
    return np.full((limit >> 8) + 1, NOTHING, np.uint32)


@compiled
def add(
    chains: NDArray[np.uint32], links: NDArray[np.uint64], used: np.uint64, ticks: np.uint64, node: np.uint64
) -> np.uint64:
    """Add a junction to the chain of its bucket; a link is the one before it in its upper and the junction in its lower half.

    Links are used up one by one: return how many are. The caller sees to it that there is room.
    """
    bucket = ticks >> WIDTH
    links[used] = (np.uint64(chains[bucket]) << HALF) | node
    chains[bucket] = used
    return used + ONE


@compiled
def with_room(links: NDArray[np.uint64], needed: np.uint64) -> NDArray[np.uint64]:
    """Return the links in an array with room for twice as many as are needed."""
    larger = np.empty(np.int64(needed + needed), np.uint64)
    for place in range(len(links)):  # a slice would take two seconds to compile
        larger[place] = links[place]
    return larger
