"""The compiled loops of `kernel.search`: Dijkstra's algorithm on whole ticks, bounded by a limit.

What makes them fast, each measured: one unsigned number per arc (`Arcs`), so that a step reads one place in memory; a queue of buckets
(`kernel.buckets`); junctions in Hilbert order, so that a search stays in the cache; and times that are never cleared between searches,
because each search counts from a base below all times of the one before. Where most steps lead to junctions that few other steps lead to, a
step writes what it finds without asking whether that is an improvement, and counts it only if it is: a wrong guess of the processor costs
more than the writing. The loop over a junction's arcs stands in each function again, since a call there would cost a quarter of the speed.

A key holds ticks in its upper 32 bits and the place below (`kernel.seeds`). Importing this module imports numba.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from livingcircle.kernel.buckets import HALF, LOW, NONE, NOTHING, ONE, WIDTH, add, empty_chains, last_bucket, with_room
from livingcircle.kernel.compiled import compiled
from livingcircle.kernel.graph import LONGEST_SEARCH_SECONDS, TICKS_PER_SECOND
from livingcircle.kernel.seeds import LANES, HomesMet, Stops

_Numbers = NDArray[np.uint64]
_Small = NDArray[np.uint32]

_TOP = np.uint64(2**32 - 1)
_LANES = np.uint64(LANES)
_UNMET = np.uint16(2**16 - 1)

assert 2 * LONGEST_SEARCH_SECONDS * TICKS_PER_SECOND < 2**31  # noqa: S101 - the bound all additions of ticks rest on


@compiled
def nearest_keys(
    indptr: _Small,
    arc: _Numbers,
    first_seed: NDArray[np.int64],
    node: _Small,
    ticks: _Small,
    label: _Small,
    limit: int,
    keys: _Numbers,
) -> None:
    """Lower `keys` (n,) to the nearest place of every junction.

    The seeds of group `g` are rows `first_seed[g]:first_seed[g + 1]`; each group is one search, which stops where an earlier group is
    nearer.
    """
    chains, links = empty_chains(limit), np.empty(1024, np.uint64)
    bound = (np.uint64(limit) << HALF) | LOW
    for group in range(len(first_seed) - 1):
        used = NONE
        begin, end = np.uint64(first_seed[group]), np.uint64(first_seed[group + 1])
        if end - begin > np.uint64(len(links)):
            links = with_room(links, end - begin)
        for seed in range(begin, end):
            key = (np.uint64(ticks[seed]) << HALF) | np.uint64(label[seed])
            start = np.uint64(node[seed])
            if key <= bound and key < keys[start]:
                keys[start] = key
                used = add(chains, links, used, key >> HALF, start)
        bucket, used = _settle_nearest(indptr, arc, keys, bound, chains, links, used, NONE)
        while bucket < last_bucket(chains):
            links = with_room(links, np.uint64(len(links)))
            bucket, used = _settle_nearest(indptr, arc, keys, bound, chains, links, used, bucket)


@compiled
def _settle_nearest(
    indptr: _Small,
    arc: _Numbers,
    keys: _Numbers,
    bound: np.uint64,
    chains: _Small,
    links: _Numbers,
    used: np.uint64,
    bucket: np.uint64,
) -> tuple[np.uint64, np.uint64]:
    """Go on from a bucket to the last, or until the links are full; return where, and how many links are used."""
    room = np.uint64(len(links))
    for current in range(bucket, last_bucket(chains)):
        while chains[current] != NOTHING:
            link = links[chains[current]]
            here = link & LOW
            first, last = np.uint64(indptr[here]), np.uint64(indptr[here + ONE])
            if used + (last - first) > room:
                return np.uint64(current), used
            chains[current] = link >> HALF
            key = keys[here]
            if key >> (HALF + WIDTH) < current:
                continue  # it has been reached sooner meanwhile
            for step in range(first, last):
                packed = arc[step]
                further = key + (packed << HALF)
                head = packed >> HALF
                if further < keys[head] and further <= bound:
                    keys[head] = further
                    used = add(chains, links, used, further >> HALF, head)
    return last_bucket(chains), used


@compiled
def _forget(reached: _Small) -> None:
    for place in range(len(reached)):  # a slice would take half a second to compile
        reached[place] = _TOP


@compiled
def _longer(column: _Small, needed: np.uint64) -> _Small:
    longer = np.empty(np.int64(needed + needed), np.uint32)
    for place in range(len(column)):
        longer[place] = column[place]
    return longer


@compiled
def few_keys(
    indptr: _Small,
    arc: _Numbers,
    first_seed: NDArray[np.int64],
    node: _Small,
    ticks: _Small,
    label: _Small,
    limit: int,
    keys: NDArray[np.uint64],
) -> None:
    """Lower `keys` (n, k), ascending in each row, to the k nearest places of every junction.

    The seeds of one place are a group; its search stops where k other places are nearer, since they are nearer behind that point as well.
    """
    k = np.uint64(keys.shape[1])
    few = keys.ravel()
    reached = np.full(len(indptr) - 1, _TOP, np.uint32)
    chains, links = empty_chains(limit), np.empty(1024, np.uint64)
    span = np.uint64(limit) + ONE
    base = _TOP
    for group in range(len(first_seed) - 1):
        begin, end = np.uint64(first_seed[group]), np.uint64(first_seed[group + 1])
        if base < span + span:
            _forget(reached)
            base = _TOP
        base -= span
        used, bound = NONE, base + span
        name = np.uint64(label[begin])
        if end - begin > np.uint64(len(links)):
            links = with_room(links, end - begin)
        for seed in range(begin, end):
            so_far, start = base + np.uint64(ticks[seed]), np.uint64(node[seed])
            if so_far < bound and so_far < np.uint64(reached[start]):
                reached[start] = so_far
                used = add(chains, links, used, so_far - base, start)
        bucket, used = _settle_few(indptr, arc, reached, base, bound, few, k, name, chains, links, used, NONE)
        while bucket < last_bucket(chains):
            links = with_room(links, np.uint64(len(links)))
            bucket, used = _settle_few(indptr, arc, reached, base, bound, few, k, name, chains, links, used, bucket)


@compiled
def _settle_few(
    indptr: _Small,
    arc: _Numbers,
    reached: _Small,
    base: np.uint64,
    bound: np.uint64,
    few: _Numbers,
    k: np.uint64,
    name: np.uint64,
    chains: _Small,
    links: _Numbers,
    used: np.uint64,
    bucket: np.uint64,
) -> tuple[np.uint64, np.uint64]:
    """Go on from a bucket to the last, or until the links may be full; return where, and how many links are used."""
    room = np.uint64(len(links))
    for current in range(bucket, last_bucket(chains)):
        while chains[current] != NOTHING:
            link = links[chains[current]]
            here = link & LOW
            first, last = np.uint64(indptr[here]), np.uint64(indptr[here + ONE])
            if used + (last - first) >= room:
                return np.uint64(current), used
            chains[current] = link >> HALF
            so_far = np.uint64(reached[here])
            if (so_far - base) >> WIDTH < current:
                continue  # it has been reached sooner meanwhile
            key = ((so_far - base) << HALF) | name
            row, place = here * k, here * k + k - ONE
            if key >= few[place]:
                continue
            # The place may stand here already, with a time that was not final.
            at = row
            while at < place and few[at] & LOW != name:
                at += ONE
            place = at
            if key >= few[place]:
                continue
            while place > row and few[place - ONE] > key:
                few[place] = few[place - ONE]
                place -= ONE
            few[place] = key
            for step in range(first, last):
                packed = arc[step]
                head = packed >> HALF
                known = np.uint64(reached[head])
                further = min(so_far + (packed & LOW), bound)
                sooner = further < min(known, bound)
                reached[head] = further if sooner else known
                chain = chains[(further - base) >> WIDTH]
                links[used] = (np.uint64(chain) << HALF) | head
                chains[(further - base) >> WIDTH] = used if sooner else np.uint64(chain)
                used += np.uint64(sooner)
    return last_bucket(chains), used


@compiled
def reach_rows(
    indptr: _Small,
    arc: _Numbers,
    first_seed: NDArray[np.int64],
    node: _Small,
    ticks: _Small,
    limit: int,
) -> tuple[NDArray[np.int64], _Small, _Small]:
    """Write down the junctions each group of seeds reaches, in no order."""
    groups = len(first_seed) - 1
    row = np.zeros(groups + 1, np.int64)
    reached = np.full(len(indptr) - 1, _TOP, np.uint32)
    met, took = np.empty(4096, np.uint32), np.empty(4096, np.uint32)
    chains, links = empty_chains(limit), np.empty(1024, np.uint64)
    span = np.uint64(limit) + ONE
    base = _TOP
    count = NONE
    for group in range(groups):
        begin, end = np.uint64(first_seed[group]), np.uint64(first_seed[group + 1])
        if base < span + span:
            _forget(reached)
            base = _TOP
        base -= span
        used, bound, before = NONE, base + span, count
        if end - begin > np.uint64(len(links)):
            links = with_room(links, end - begin)
        if count + (end - begin) > np.uint64(len(met)):
            met = _longer(met, count + (end - begin))
        for seed in range(begin, end):
            so_far, start = base + np.uint64(ticks[seed]), np.uint64(node[seed])
            if so_far < bound and so_far < np.uint64(reached[start]):
                if np.uint64(reached[start]) >= bound:
                    met[count] = start
                    count += ONE
                reached[start] = so_far
                used = add(chains, links, used, so_far - base, start)
        bucket, used, count = _settle_rows(indptr, arc, reached, base, bound, chains, links, used, met, count, NONE)
        while bucket < last_bucket(chains):
            here = links[chains[bucket]] & LOW
            steps = np.uint64(indptr[here + ONE]) - np.uint64(indptr[here])
            if used + steps >= np.uint64(len(links)):
                links = with_room(links, used + steps)
            if count + steps >= np.uint64(len(met)):
                met = _longer(met, count + steps)
            bucket, used, count = _settle_rows(
                indptr, arc, reached, base, bound, chains, links, used, met, count, bucket
            )
        if count > np.uint64(len(took)):
            took = _longer(took, np.uint64(len(met)) >> ONE)
        for at in range(before, count):
            took[at] = np.uint64(reached[np.uint64(met[at])]) - base
        row[group + 1] = count
    return row, met[:count].copy(), took[:count].copy()


@compiled
def _settle_rows(
    indptr: _Small,
    arc: _Numbers,
    reached: _Small,
    base: np.uint64,
    bound: np.uint64,
    chains: _Small,
    links: _Numbers,
    used: np.uint64,
    met: _Small,
    count: np.uint64,
    bucket: np.uint64,
) -> tuple[np.uint64, np.uint64, np.uint64]:
    """Go on from a bucket to the last, or until links or junctions met may be full; return where, and how many there are of both."""
    room, space = np.uint64(len(links)), np.uint64(len(met))
    for current in range(bucket, last_bucket(chains)):
        while chains[current] != NOTHING:
            link = links[chains[current]]
            here = link & LOW
            first, last = np.uint64(indptr[here]), np.uint64(indptr[here + ONE])
            if used + (last - first) >= room or count + (last - first) >= space:
                return np.uint64(current), used, count
            chains[current] = link >> HALF
            so_far = np.uint64(reached[here])
            if (so_far - base) >> WIDTH < current:
                continue  # it has been reached sooner meanwhile
            for step in range(first, last):
                packed = arc[step]
                head = packed >> HALF
                known = np.uint64(reached[head])
                further = min(so_far + (packed & LOW), bound)
                sooner = further < min(known, bound)
                reached[head] = further if sooner else known
                met[count] = head
                count += np.uint64(sooner & (known >= bound))
                chain = chains[(further - base) >> WIDTH]
                links[used] = (np.uint64(chain) << HALF) | head
                chains[(further - base) >> WIDTH] = used if sooner else np.uint64(chain)
                used += np.uint64(sooner)
    return last_bucket(chains), used, count


@compiled
def add_rows(row: NDArray[np.int64], node: _Small, weights: NDArray[np.float64], total: NDArray[np.float64]) -> None:
    """Add the weights (s, rows) of rows to the totals (s, n) of the junctions in them."""
    for kind in range(len(weights)):
        for place in range(len(row) - 1):
            own = weights[kind, place]
            if own != 0:
                for at in range(np.uint64(row[place]), np.uint64(row[place + 1])):
                    total[kind, np.uint64(node[at])] += own


@compiled
def _doubled(column: NDArray[np.int32]) -> NDArray[np.int32]:
    longer = np.empty(2 * len(column), np.int32)
    for place in range(len(column)):
        longer[place] = column[place]
    return longer


@compiled
def homes_met(
    row: NDArray[np.int64],
    node: _Small,
    ticks: _Small,
    at_junction: HomesMet,
    direct: HomesMet,
    homes: int,
    limit: int,
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]]:
    """Carry the rows of places on to the homes around the junctions they reach."""
    places = len(row) - 1
    out_row = np.zeros(places + 1, np.int32)
    out_home, out_ticks = np.empty(4096, np.int32), np.empty(4096, np.int32)
    shortest = np.full(homes, limit + 1, np.int32)
    met = np.empty(homes, np.int32)
    written = 0
    for place in range(places):
        count = 0
        for step in range(np.uint64(row[place]), np.uint64(row[place + 1])):
            here, so_far = np.uint64(node[step]), np.int32(ticks[step])
            for at in range(np.uint64(at_junction.indptr[here]), np.uint64(at_junction.indptr[here + ONE])):
                took, home = so_far + at_junction.ticks[at], np.uint64(at_junction.home[at])
                if took < shortest[home]:
                    if shortest[home] > limit:
                        met[count] = home
                        count += 1
                    shortest[home] = took
        for at in range(direct.indptr[place], direct.indptr[place + 1]):
            took, home = direct.ticks[at], np.uint64(direct.home[at])
            if took < shortest[home]:
                if shortest[home] > limit:
                    met[count] = home
                    count += 1
                shortest[home] = took
        while written + count > len(out_home):
            out_home, out_ticks = _doubled(out_home), _doubled(out_ticks)
        for at in range(count):
            home = np.uint64(met[at])
            out_home[written], out_ticks[written] = home, shortest[home]
            shortest[home] = limit + 1
            written += 1
        out_row[place + 1] = written
    return out_row, out_home[:written].copy(), out_ticks[:written].copy()


@compiled
def lane_sums(
    indptr: _Small,
    arc: _Numbers,
    weight: NDArray[np.float64],
    first_stop: NDArray[np.int64],
    stop: Stops,
    limit: int,
    begin: int,
    end: int,
) -> NDArray[np.float64]:
    """Sum the weights within the limit of each junction `begin` to `end`.

    Sixteen neighbouring junctions are searched from at once: their times stand side by side in sixteen lanes of sixteen bits, which one
    instruction compares. A junction is gone on from whenever any lane has become shorter, until none does.
    """
    nodes = len(indptr) - 1
    met = np.full((nodes, LANES), _UNMET, np.uint16)
    pending = np.full(nodes, _UNMET, np.uint16)
    seen = np.zeros(nodes, np.bool_)
    touched = np.empty(nodes, np.uint32)
    here_lanes = np.empty(LANES, np.uint16)
    sums = np.zeros(LANES)
    out = np.empty(end - begin)
    chains, links = empty_chains(limit), np.empty(1024, np.uint64)
    for block in range(begin, end, LANES):
        count = used = NONE
        width = min(LANES, end - block)
        for lane in range(np.uint64(width)):
            start = np.uint64(block) + lane
            met[start, lane] = np.uint16(0)
            pending[start] = np.uint16(0)
            seen[start] = True
            touched[count] = start
            count += ONE
            used = add(chains, links, used, NONE, start)
        bucket, used, count = _settle_lanes(
            indptr, arc, met, pending, seen, touched, here_lanes, limit, chains, links, used, count, NONE
        )
        while bucket < last_bucket(chains):
            links = with_room(links, np.uint64(len(links)))
            bucket, used, count = _settle_lanes(
                indptr, arc, met, pending, seen, touched, here_lanes, limit, chains, links, used, count, bucket
            )
        for lane in range(LANES):
            sums[lane] = 0.0
        for place in range(count):
            here = np.uint64(touched[place])
            own = weight[here]
            for lane in range(_LANES):
                sums[lane] += own if met[here, lane] != _UNMET else 0.0
            for one in range(first_stop[here], first_stop[here + ONE]):
                other, own = np.uint64(stop.other[one]), stop.weight[one]
                if stop.leads[one]:
                    for lane in range(_LANES):
                        near, far = np.int32(met[here, lane]), np.int32(met[other, lane])
                        took = min(near + stop.ticks[one], far + stop.other_ticks[one])
                        sums[lane] += own if (near <= limit) & (took <= limit) else 0.0
                else:
                    for lane in range(_LANES):
                        near, far = np.int32(met[here, lane]), np.int32(met[other, lane])
                        sums[lane] += own if (far > limit) & (near + stop.ticks[one] <= limit) else 0.0
        for place in range(count):
            here = np.uint64(touched[place])
            seen[here] = False
            for lane in range(_LANES):
                met[here, lane] = _UNMET
        for lane in range(width):
            out[block - begin + lane] = sums[lane]
    return out


@compiled
def _settle_lanes(
    indptr: _Small,
    arc: _Numbers,
    met: NDArray[np.uint16],
    pending: NDArray[np.uint16],
    seen: NDArray[np.bool_],
    touched: _Small,
    here_lanes: NDArray[np.uint16],
    limit: int,
    chains: _Small,
    links: _Numbers,
    used: np.uint64,
    count: np.uint64,
    bucket: np.uint64,
) -> tuple[np.uint64, np.uint64, np.uint64]:
    """Go on from a bucket to the last, or until the links are full; return where, how many links are used and junctions touched."""
    room = np.uint64(len(links))
    span, longest = np.uint64(limit) + ONE, np.uint16(limit)
    for current in range(bucket, last_bucket(chains)):
        while chains[current] != NOTHING:
            link = links[chains[current]]
            here = link & LOW
            first, last = np.uint64(indptr[here]), np.uint64(indptr[here + ONE])
            if used + (last - first) > room:
                return np.uint64(current), used, count
            chains[current] = link >> HALF
            if pending[here] == _UNMET:
                continue
            pending[here] = _UNMET
            for lane in range(_LANES):
                here_lanes[lane] = met[here, lane]
            for step in range(first, last):
                packed = arc[step]
                if (packed & LOW) >= span:
                    continue
                ticks, head = np.uint16(packed & LOW), packed >> HALF
                least = _UNMET
                for lane in range(_LANES):
                    before = here_lanes[lane]
                    further = np.uint16(before + ticks)
                    further = further if (before <= longest) & (further <= longest) else _UNMET
                    known = met[head, lane]
                    better = further < known
                    met[head, lane] = further if better else known
                    gained = further if better else _UNMET
                    least = min(least, gained)
                if least < pending[head]:
                    pending[head] = least
                    used = add(chains, links, used, np.uint64(least), head)
                    if not seen[head]:
                        seen[head] = True
                        touched[count] = head
                        count += ONE
    return last_bucket(chains), used, count
