"""Who can walk where: shortest walks from every home to the nearest facilities, and from every place to all homes around it.

All searches start at the facilities and walk the network backwards, so that one search serves every home; what they find at the junctions
(`kernel.search`) is carried on to the doors here. Times are exact in whole ticks. Coverage is decided from them home by home, never by
counting inside polygons.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from livingcircle.kernel import search
from livingcircle.kernel.graph import LONGEST_SEARCH_SECONDS, TICKS_PER_SECOND, limit_ticks, offsets
from livingcircle.kernel.impedance import Impedance
from livingcircle.kernel.joints import Joints, along_streets, timed
from livingcircle.kernel.search import Progress, in_turn
from livingcircle.kernel.seeds import (
    LABEL,
    LONGEST_LANE_TICKS,
    UNREACHED,
    HomesMet,
    ending_at,
    key_labels,
    key_seconds,
    stops,
)
from livingcircle.model.columns import BoolArray, FloatArray, IntArray
from livingcircle.model.network import Anchors, WalkNetwork
from livingcircle.model.outcome import Reach, ReachFew, ReachTable

_Keys = NDArray[np.uint64]


def reach_nearest(
    network: WalkNetwork,
    walk: Impedance,
    home_anchors: Anchors,
    facility_anchors: Anchors,
    serves: BoolArray,
    limit_seconds: float = LONGEST_SEARCH_SECONDS,
    *,
    threads: int = 1,
    progress: Progress | None = None,
) -> Reach:
    """Find the nearest facility of every service for every home.

    `serves` (f, s) says what each facility offers. Of equally near facilities the first is named. Walks longer than `limit_seconds` count
    as unreachable. `progress` is called with the number of services done and their number; what it raises stops the search.
    """
    shape = serves.shape[1], home_anchors.places
    seconds, facility = np.empty(shape), np.empty(shape, np.int32)
    node_seconds = np.empty((serves.shape[1], network.nodes))
    node_facility = np.empty(node_seconds.shape, np.int32)
    keys_of = _nearest_keys(network, walk, home_anchors, facility_anchors, serves, limit_seconds)
    for service, (node_keys, home_keys) in enumerate(in_turn(keys_of, serves.shape[1], threads, progress)):
        seconds[service], facility[service] = key_seconds(home_keys), key_labels(home_keys)
        node_seconds[service], node_facility[service] = key_seconds(node_keys), key_labels(node_keys)
    seconds[:, ~home_anchors.joined] = np.nan
    return Reach(seconds=seconds, facility=facility, node_seconds=node_seconds, node_facility=node_facility)


def nearest_seconds(
    network: WalkNetwork,
    walk: Impedance,
    home_anchors: Anchors,
    facility_anchors: Anchors,
    serves: BoolArray,
    limit_seconds: float = LONGEST_SEARCH_SECONDS,
    *,
    threads: int = 1,
) -> FloatArray:
    """Return the walking times (s, r) of `reach_nearest`, and nothing of the junctions on the way: for who compares many walkers."""
    keys_of = _nearest_keys(network, walk, home_anchors, facility_anchors, serves, limit_seconds)
    seconds = np.empty((serves.shape[1], home_anchors.places))

    def seconds_of(service: int) -> FloatArray:
        return key_seconds(keys_of(service)[1])

    for service, to_service in enumerate(in_turn(seconds_of, len(seconds), threads, None)):
        seconds[service] = to_service
    seconds[:, ~home_anchors.joined] = np.nan
    return seconds


def _nearest_keys(
    network: WalkNetwork,
    walk: Impedance,
    home_anchors: Anchors,
    facility_anchors: Anchors,
    serves: BoolArray,
    limit_seconds: float,
) -> Callable[[int], tuple[_Keys, _Keys]]:
    """Return what finds, for one service, the nearest facility of every junction and of every home."""
    limit = limit_ticks(limit_seconds)
    homes, facilities = timed(home_anchors, network, walk), timed(facility_anchors, network, walk)

    def keys_of(service: int) -> tuple[_Keys, _Keys]:
        offering = facilities.rows(np.flatnonzero(serves[facilities.place, service]))
        node_keys = search.nearest(walk.toward, ending_at(offering, facility_anchors.places), limit)
        return node_keys, nearest_to_homes(node_keys, homes, offering, home_anchors.places, limit)

    return keys_of


def reach_few(
    network: WalkNetwork,
    walk: Impedance,
    home_anchors: Anchors,
    facility_anchors: Anchors,
    serves: BoolArray,
    k: int,
    limit_seconds: float,
    *,
    threads: int = 1,
    progress: Progress | None = None,
) -> ReachFew:
    """Find the `k` nearest facilities of every service for every home: whether people have a choice, and what they do if one closes."""
    limit = limit_ticks(limit_seconds)
    homes, facilities = timed(home_anchors, network, walk), timed(facility_anchors, network, walk)

    def keys_of(service: int) -> _Keys:
        offering = facilities.rows(np.flatnonzero(serves[facilities.place, service]))
        node_keys = search.nearest_few(walk.toward, ending_at(offering, facility_anchors.places), k, limit)
        return _few_to_homes(node_keys, homes, offering, home_anchors.places, limit)

    keys = np.stack(list(in_turn(keys_of, serves.shape[1], threads, progress)) or [np.empty((k, 0), np.uint64)])
    seconds = key_seconds(keys)
    seconds[:, :, ~home_anchors.joined] = np.nan
    return ReachFew(seconds=seconds, facility=key_labels(keys))


def reach_table(
    network: WalkNetwork,
    walk: Impedance,
    place_anchors: Anchors,
    home_anchors: Anchors,
    limit_seconds: float,
    *,
    threads: int = 1,
) -> ReachTable:
    """List the homes within `limit_seconds` of every place, with the walk from home to place; rows are sorted by home."""
    blocks = list(reach_blocks(network, walk, place_anchors, home_anchors, limit_seconds, threads=threads))
    counts = [np.diff(block.indptr) for block in blocks]
    return ReachTable(
        indptr=np.concatenate([[0], *counts]).cumsum().astype(np.int32),
        home=np.concatenate([np.empty(0, np.int32), *(block.home for block in blocks)]),
        seconds=np.concatenate([np.empty(0), *(block.ticks / TICKS_PER_SECOND for block in blocks)]),
        homes=home_anchors.places,
        limit_seconds=limit_seconds,
    )


def reach_blocks(
    network: WalkNetwork,
    walk: Impedance,
    place_anchors: Anchors,
    home_anchors: Anchors,
    limit_seconds: float,
    *,
    places_per_block: int = search.PLACES_PER_BLOCK,
    threads: int = 1,
    progress: Progress | None = None,
) -> Iterator[HomesMet]:
    """Yield the rows of `reach_table` for some places at a time, so that memory stays bounded."""
    limit = limit_ticks(limit_seconds)
    homes, places = timed(home_anchors, network, walk), timed(place_anchors, network, walk)
    junction = np.concatenate([homes.start, homes.end])
    order = np.argsort(junction, kind="stable")
    leg = (np.concatenate([homes.to_start, homes.to_end]) + np.tile(homes.access, 2))[order]
    met_at = HomesMet(offsets(junction, network.nodes), np.tile(homes.place, 2)[order], leg)
    straight = along_streets(homes, places, limit)
    by_place = np.argsort(places.place[straight.place], kind="stable")
    direct = HomesMet(
        offsets(places.place[straight.place], place_anchors.places),
        homes.place[straight.home][by_place],
        straight.ticks[by_place].astype(np.int32),
    )
    first = 0
    for rows in search.row_blocks(
        walk.toward,
        ending_at(places, place_anchors.places),
        limit,
        places_per_block=places_per_block,
        threads=threads,
        progress=progress,
    ):
        last = first + len(rows.indptr) - 1
        here = slice(direct.indptr[first], direct.indptr[last])
        block = HomesMet(direct.indptr[first : last + 1] - direct.indptr[first], direct.home[here], direct.ticks[here])
        found = search.homes_met(rows, met_at, block, home_anchors.places, limit)
        table = csr_array((found.ticks, found.home, found.indptr), shape=(last - first, home_anchors.places))
        table.sort_indices()
        yield HomesMet(table.indptr, table.indices, table.data)
        first = last


def facilities_within(
    network: WalkNetwork,
    walk: Impedance,
    facility_anchors: Anchors,
    serves: BoolArray,
    limit_seconds: float,
    *,
    threads: int = 1,
    progress: Progress | None = None,
) -> FloatArray:
    """Count the facilities of every service within the limit of every junction: (s, n)."""
    seeds = ending_at(timed(facility_anchors, network, walk), facility_anchors.places)
    limit = limit_ticks(limit_seconds)
    return search.sums(walk.toward, seeds, serves.T.astype(float), limit, threads=threads, progress=progress)


def residents_within(
    network: WalkNetwork,
    walk: Impedance,
    home_anchors: Anchors,
    residents: FloatArray,
    limit_seconds: float,
    *,
    threads: int = 1,
    progress: Progress | None = None,
) -> FloatArray:
    """Sum the residents (homes,) within the limit of every junction (n,), walking from there to their doors; everyone counts once."""
    limit = limit_ticks(limit_seconds)
    homes = timed(home_anchors, network, walk)
    single = np.bincount(homes.place, minlength=home_anchors.places)[homes.place] == 1
    if limit > LONGEST_LANE_TICKS:
        single[:] = False
    total = np.zeros(network.nodes)
    if single.any():
        total += search.sums_at_every_junction(
            walk.away,
            np.zeros(network.nodes),
            limit,
            stops=stops(homes.rows(np.flatnonzero(single)), residents),
            threads=threads,
            progress=progress,
        )
    # Homes with several gates are searched from one by one: their residents must not count once for each.
    several = homes.rows(np.flatnonzero(~single))
    if len(several.place):
        own, place = np.unique(several.place, return_inverse=True)
        seeds = ending_at(several._replace(place=place.astype(np.int32)), len(own))
        total += search.sums(walk.toward, seeds, residents[own][np.newaxis], limit, threads=threads)[0]
    return total


def nearest_to_homes(node_keys: _Keys, homes: Joints, facilities: Joints, count: int, limit: int) -> _Keys:
    """Return the best key of `count` homes: over either junction of their street, or straight along it to a facility there."""
    best = np.full(count, UNREACHED, np.uint64)
    over_start, over_end = _over_junctions(node_keys, homes)
    np.minimum.at(best, homes.place, np.minimum(over_start, over_end))
    home, keys = _straight_keys(homes, facilities, limit)
    np.minimum.at(best, home, keys)
    best[(best >> LABEL) > np.uint64(limit)] = UNREACHED
    return best


def _few_to_homes(node_keys: _Keys, homes: Joints, facilities: Joints, count: int, limit: int) -> _Keys:
    """Return the best keys (k, count) of homes, each facility once."""
    k = node_keys.shape[1]
    straight_home, straight_keys = _straight_keys(homes, facilities, limit)
    key = np.concatenate([*(part for column in node_keys.T for part in _over_junctions(column, homes)), straight_keys])
    home = np.concatenate([np.tile(homes.place, 2 * k), straight_home])
    within = (key >> LABEL) <= np.uint64(limit)
    key, home = key[within], home[within]
    order = np.lexsort((key, key & np.uint64(2**32 - 1), home))
    key, home = key[order], home[order]
    first = np.ones(len(key), bool)  # of the ways to one facility, the shortest
    label = key & np.uint64(2**32 - 1)
    first[1:] = (label[1:] != label[:-1]) | (home[1:] != home[:-1])
    key, home = key[first], home[first]
    order = np.lexsort((key, home))
    key, home = key[order], home[order]
    rank = np.arange(len(home)) - np.searchsorted(home, home)
    few = np.full((k, count), UNREACHED, np.uint64)
    few[rank[rank < k], home[rank < k]] = key[rank < k]
    return few


def _over_junctions(node_keys: _Keys, homes: Joints) -> tuple[_Keys, _Keys]:
    to_start = (homes.access.astype(np.uint64) + homes.to_start.astype(np.uint64)) << LABEL
    to_end = (homes.access.astype(np.uint64) + homes.to_end.astype(np.uint64)) << LABEL
    return node_keys[homes.start] + to_start, node_keys[homes.end] + to_end


def _straight_keys(homes: Joints, facilities: Joints, limit: int) -> tuple[IntArray, _Keys]:
    pairs = along_streets(homes, facilities, limit)
    keys = pairs.ticks.astype(np.uint64) << LABEL | facilities.place[pairs.place].astype(np.uint64)
    return homes.place[pairs.home], keys
