"""The queue of all searches from junction to junction: buckets of 6.4 seconds of walking, each a chain of junctions.

Adding and taking touch two numbers, whatever the length of the queue, where a heap moves entries about; a third faster, measured. Within a
bucket junctions come in no order, so one may be gone on from before its time is final, and again once it is: rare, and what is written down
at the end is exact all the same. An entry whose junction was reached in an earlier bucket meanwhile is passed over.

A search goes through the buckets from the first to the last but one; the last holds what lies beyond the limit and is never looked at, so
that a step can be taken without asking whether it leads too far. A loop that may replace `links` by a longer array counts its references
anew for every junction, which takes longer than the search itself. So each search goes on in a function of its own, which returns when
`links` are full, and is called again with more:

```
bucket, used = settle(…, links, NONE)
while bucket < last_bucket(chains):
    links = with_room(links, len(links))
    bucket, used = settle(…, links, bucket)
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
WIDTH = np.uint64(7)
"""A bucket holds 2⁷ ticks: of 2⁵ to 2⁹ the fastest."""
NOTHING = np.uint32(2**32 - 1)
"""Where a chain ends."""


@compiled
def empty_chains(limit: int) -> NDArray[np.uint32]:
    """Return a chain for every bucket and one for what is beyond the limit, holding the position in `links` of its latest junction."""
    return np.full((limit >> 7) + 2, NOTHING, np.uint32)


@compiled
def last_bucket(chains: NDArray[np.uint32]) -> np.uint64:
    """Return the bucket of what lies beyond the limit."""
    return np.uint64(len(chains)) - ONE


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
