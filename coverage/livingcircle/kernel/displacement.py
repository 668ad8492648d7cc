"""Places handed out by shortest chains of displacements, in compiled loops.

Everyone begins at the nearest facility. From one that is overfull the cheapest chain is sought along which each one moves on to another
facility in reach, until there is room, or somebody is left without: that costs more than any chain. Facilities are few, so that a chain
is a shortest path among them; potentials keep all costs at 0 or above (successive shortest paths: Ahuja, Magnanti & Orlin 1993, Network
Flows, section 9.7). Costs are whole ticks: what comes out is a minimum, not close to one.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from livingcircle.kernel.compiled import compiled
from livingcircle.model.columns import FloatArray, IntArray

FAR = np.int64(2**62)


@compiled
def displaced(
    indptr: NDArray[np.int64],
    facility: IntArray,
    ticks: NDArray[np.int64],
    needed: FloatArray,
    room: FloatArray,
    without: np.int64,
    dust: float,
) -> FloatArray:
    """Return how much of each home goes to each facility (p,): of `needed` (h,) as much as there is `room` (f,) for, walking least.

    Pairs (p,) come home by home, `indptr` (h + 1,), the nearest facility first. `without` is what it costs to leave somebody out, more than
    any chain. Amounts up to `dust` are nothing.
    """
    homes, facilities, pairs = len(needed), len(room), len(facility)
    out = facilities  # the place of those left without
    home = np.empty(pairs, np.int64)
    flow, left = np.zeros(pairs), np.zeros(homes)
    load, begin = np.zeros(facilities), np.zeros(facilities + 1, np.int64)
    for h in range(homes):
        flow[indptr[h]] = needed[h]
        load[facility[indptr[h]]] += needed[h]
        for p in range(indptr[h], indptr[h + 1]):
            home[p] = h
            begin[facility[p] + 1] += 1
    for f in range(facilities):
        begin[f + 1] += begin[f]
    of, filled = np.empty(pairs, np.int64), begin.copy()
    for p in range(pairs):
        of[filled[facility[p]]] = p
        filled[facility[p]] += 1
    nodes = facilities + 1
    cost, mover, goal = (
        np.full((nodes, nodes), FAR),
        np.full((nodes, nodes), -1, np.int64),
        np.full((nodes, nodes), -1, np.int64),
    )
    stale = np.ones(nodes, np.bool_)
    price = np.zeros(nodes, np.int64)
    far, before, done = np.empty(nodes, np.int64), np.empty(nodes, np.int64), np.empty(nodes, np.bool_)
    for source in range(facilities):
        while load[source] - room[source] > dust:
            far[:], before[:], done[:] = FAR, -1, False
            far[source] = 0
            at = -1
            while True:
                at = -1
                for f in range(nodes):
                    if not done[f] and far[f] < FAR and (at < 0 or far[f] < far[at]):
                        at = f
                done[at] = True
                if at == out or room[at] - load[at] > dust:
                    break
                if stale[at]:
                    _moves(at, out, indptr, facility, ticks, begin, of, home, flow, left, without, cost, mover, goal)
                    stale[at] = False
                for f in range(nodes):
                    if cost[at, f] < FAR and not done[f]:
                        further = far[at] + cost[at, f] + price[at] - price[f]
                        if further < far[f]:
                            far[f], before[f] = further, at
            for f in range(nodes):
                price[f] += min(far[f], far[at])
            amount = load[source] - room[source]
            if at != out:
                amount = min(amount, room[at] - load[at])
            f = at
            while f != source:
                amount = min(amount, flow[mover[before[f], f]] if before[f] != out else left[mover[out, f]])
                f = before[f]
            f = at
            while f != source:
                back = before[f]
                p, q = mover[back, f], goal[back, f]
                if back == out:
                    left[p] -= amount
                    if left[p] <= dust:
                        left[p], stale[out] = 0.0, True
                else:
                    flow[p] -= amount
                    if flow[p] <= dust:
                        flow[p], stale[back] = 0.0, True
                if f == out:
                    if left[home[p]] <= 0:
                        stale[out] = True
                    left[home[p]] += amount
                else:
                    if flow[q] <= 0:
                        stale[f] = True
                    flow[q] += amount
                f = back
            load[source] -= amount
            if at != out:
                load[at] += amount
    return flow


@compiled
def _moves(
    at: int,
    out: int,
    indptr: NDArray[np.int64],
    facility: IntArray,
    ticks: NDArray[np.int64],
    begin: NDArray[np.int64],
    of: NDArray[np.int64],
    home: NDArray[np.int64],
    flow: FloatArray,
    left: FloatArray,
    without: np.int64,
    cost: NDArray[np.int64],
    mover: NDArray[np.int64],
    goal: NDArray[np.int64],
) -> None:
    """Find for each other facility who moves there from `at` at the least cost: the pair left, or the home, and the pair taken up."""
    cost[at, :] = FAR
    if at == out:
        for h in range(len(left)):
            if left[h] > 0:
                for q in range(indptr[h], indptr[h + 1]):
                    more = ticks[q] - without
                    if more < cost[at, facility[q]]:
                        cost[at, facility[q]], mover[at, facility[q]], goal[at, facility[q]] = more, h, q
        return
    for place in range(begin[at], begin[at + 1]):
        p = of[place]
        if flow[p] <= 0:
            continue
        if without - ticks[p] < cost[at, out]:
            cost[at, out], mover[at, out] = without - ticks[p], p
        for q in range(indptr[home[p]], indptr[home[p] + 1]):
            more = ticks[q] - ticks[p]
            if q != p and more < cost[at, facility[q]]:
                cost[at, facility[q]], mover[at, facility[q]], goal[at, facility[q]] = more, p, q
