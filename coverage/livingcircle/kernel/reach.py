"""Who can walk where: shortest walks from every home to the nearest facility, and from every place to all homes around it.

Both searches start at the facilities and walk the network backwards, so that one search serves every home; both are Dijkstra's algorithm
on whole ticks and equal it exactly. Coverage is decided from these times home by home, never by counting inside polygons.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from livingcircle.kernel.compiled import compiled
from livingcircle.kernel.graph import LONGEST_SEARCH_SECONDS, NO_WALK, TICKS_PER_SECOND, limit_ticks, offsets
from livingcircle.kernel.impedance import Impedance
from livingcircle.kernel.joints import Joints, JointsByStreet, by_street, timed
from livingcircle.model.columns import BoolArray, FloatArray, IntArray
from livingcircle.model.network import Anchors, WalkNetwork
from livingcircle.model.outcome import Reach, ReachTable

UNREACHED = 2**61
"""Key of what no facility reaches: past every limit, and small enough that adding a barred street to it cannot overflow."""
_LABEL_BITS = 32
_PLACES_PER_BLOCK = 4096


class _ReverseArcs(NamedTuple):
    """Arcs by the junction they lead to: `tails` are where one comes from."""

    indptr: IntArray
    tails: IntArray
    ticks: IntArray


class _HomesByJunction(NamedTuple):
    """Homes whose street ends at a junction, with their walk to it: those of junction `i` are `indptr[i]:indptr[i + 1]`."""

    indptr: IntArray
    home: IntArray
    ticks: NDArray[np.int64]


def reach_nearest(
    network: WalkNetwork,
    walk: Impedance,
    home_anchors: Anchors,
    facility_anchors: Anchors,
    serves: BoolArray,
    limit_seconds: float = LONGEST_SEARCH_SECONDS,
) -> Reach:
    """Find the nearest facility of every service for every home.

    `serves` (f, s) says what each facility offers. Of equally near facilities the first is named. Walks longer than `limit_seconds` count
    as unreachable.
    """
    arcs, limit = _reverse_arcs(network, walk), limit_ticks(limit_seconds)
    homes, facilities = timed(home_anchors, network, walk), timed(facility_anchors, network, walk)
    services = serves.shape[1]
    seconds = np.empty((services, home_anchors.places))
    facility = np.empty((services, home_anchors.places), np.int32)
    node_seconds = np.empty((services, network.nodes))
    for service in range(services):
        offering = facilities.rows(np.flatnonzero(serves[facilities.place, service]))
        node_keys = _nearest_to_junctions(arcs, offering, limit)
        home_keys = _nearest_to_homes(
            node_keys, homes, by_street(offering, len(network.streets)), home_anchors.places, limit
        )
        node_seconds[service], _ = _unpacked(node_keys)
        seconds[service], facility[service] = _unpacked(home_keys)
    seconds[:, ~home_anchors.joined] = np.nan
    return Reach(seconds=seconds, facility=facility, node_seconds=node_seconds)


def reach_table(
    network: WalkNetwork, walk: Impedance, place_anchors: Anchors, home_anchors: Anchors, limit_seconds: float
) -> ReachTable:
    """List the homes within `limit_seconds` of every place, with the walk from home to place; rows are sorted by home."""
    blocks = list(reach_blocks(network, walk, place_anchors, home_anchors, limit_seconds))
    counts = [np.diff(indptr) for indptr, _, _ in blocks]
    return ReachTable(
        indptr=np.concatenate([[0], *counts]).cumsum().astype(np.int32),
        home=np.concatenate([np.empty(0, np.int32), *(home for _, home, _ in blocks)]),
        seconds=np.concatenate([np.empty(0), *(ticks / TICKS_PER_SECOND for _, _, ticks in blocks)]),
        homes=home_anchors.places,
        limit_seconds=limit_seconds,
    )


def reach_blocks(
    network: WalkNetwork, walk: Impedance, place_anchors: Anchors, home_anchors: Anchors, limit_seconds: float
) -> Iterator[tuple[NDArray[np.int64], IntArray, IntArray]]:
    """Yield the rows of `reach_table` for a few thousand places at a time: (indptr, home, ticks), so that memory stays bounded."""
    arcs, limit = _reverse_arcs(network, walk), limit_ticks(limit_seconds)
    homes, places = timed(home_anchors, network, walk), timed(place_anchors, network, walk)
    at_junction, on_street = _by_junction(homes, network.nodes), by_street(homes, len(network.streets))
    first_joint = offsets(places.place, place_anchors.places)
    for first in range(0, place_anchors.places, _PLACES_PER_BLOCK):
        rows = first_joint[first : first + _PLACES_PER_BLOCK + 1].copy()
        yield _reach_rows(arcs, rows, places, at_junction, on_street, home_anchors.places, limit)


def _reverse_arcs(network: WalkNetwork, walk: Impedance) -> _ReverseArcs:
    ticks = np.where(network.along, walk.forward[network.edge], walk.backward[network.edge])
    tails = np.repeat(np.arange(network.nodes, dtype=np.int32), np.diff(network.indptr))
    order = np.argsort(network.heads, kind="stable")
    return _ReverseArcs(offsets(network.heads, network.nodes), tails[order], ticks[order])


def _by_junction(homes: Joints, junctions: int) -> _HomesByJunction:
    junction = np.concatenate([homes.start, homes.end])
    ticks = np.concatenate([homes.to_start, homes.to_end]).astype(np.int64) + np.tile(homes.access, 2)
    order = np.argsort(junction, kind="stable")
    return _HomesByJunction(offsets(junction, junctions), np.tile(homes.place, 2)[order], ticks[order])


def _unpacked(keys: NDArray[np.int64]) -> tuple[FloatArray, IntArray]:
    reached = keys < UNREACHED
    seconds = np.where(reached, (keys >> _LABEL_BITS) / TICKS_PER_SECOND, np.inf)
    label = np.where(reached, keys & (2**_LABEL_BITS - 1), -1).astype(np.int32)
    return seconds, label


# A key holds ticks in its upper and the facility in its lower half, so that comparing keys compares times and then facilities: of equally
# near facilities the first wins, whatever the order of the search.


@compiled
def _push(keys: NDArray[np.int64], nodes: IntArray, size: int, key: int, node: int) -> int:
    """Add an entry to a heap of four branches and return its new size."""
    place = size
    while place > 0:
        parent = (place - 1) >> 2
        if keys[parent] <= key:
            break
        keys[place], nodes[place] = keys[parent], nodes[parent]
        place = parent
    keys[place], nodes[place] = key, node
    return size + 1


@compiled
def _pop(keys: NDArray[np.int64], nodes: IntArray, size: int) -> int:
    """Remove the first entry, which the caller has read, and return the new size."""
    size -= 1
    key, node = keys[size], nodes[size]
    place = 0
    while True:
        child = 4 * place + 1
        if child >= size:
            break
        least = child
        for other in range(child + 1, min(child + 4, size)):
            if keys[other] < keys[least]:
                least = other
        if keys[least] >= key:
            break
        keys[place], nodes[place] = keys[least], nodes[least]
        place = least
    keys[place], nodes[place] = key, node
    return size


@compiled
def _nearest_to_junctions(arcs: _ReverseArcs, facilities: Joints, limit: int) -> NDArray[np.int64]:
    """Return for every junction the key of its nearest facility: Dijkstra's algorithm from all facilities at once."""
    best = np.full(len(arcs.indptr) - 1, UNREACHED, np.int64)
    keys = np.empty(len(arcs.tails) + 2 * len(facilities.place) + 1, np.int64)
    nodes = np.empty(len(keys), np.int32)
    size = 0
    for joint in range(len(facilities.place)):
        access, label = np.int64(facilities.access[joint]), np.int64(facilities.place[joint])
        for side in range(2):
            node = facilities.start[joint] if side == 0 else facilities.end[joint]
            ticks = access + (facilities.from_start[joint] if side == 0 else facilities.from_end[joint])
            key = (ticks << 32) | label
            if ticks <= limit and key < best[node]:
                best[node] = key
                size = _push(keys, nodes, size, key, node)
    while size > 0:
        key, node = keys[0], nodes[0]
        size = _pop(keys, nodes, size)
        if key > best[node]:
            continue
        for arc in range(arcs.indptr[node], arcs.indptr[node + 1]):
            further = key + (np.int64(arcs.ticks[arc]) << 32)
            tail = arcs.tails[arc]
            if further < best[tail] and further >> 32 <= limit:
                best[tail] = further
                size = _push(keys, nodes, size, further, tail)
    return best


@compiled
def _straight_along(home: Joints, joint: int, place: Joints, other: int) -> np.int64:
    """Return the ticks from door to door of two joints on one street without passing a junction; past every limit if barred."""
    best = np.int64(UNREACHED)
    access = np.int64(home.access[joint]) + place.access[other]
    along = np.int64(place.from_start[other]) - home.from_start[joint]
    against = np.int64(place.from_end[other]) - home.from_end[joint]
    if along >= 0 and home.from_start[joint] < NO_WALK:
        best = access + along
    if against >= 0 and home.from_end[joint] < NO_WALK:
        best = min(best, access + against)
    return best


@compiled
def _nearest_to_homes(
    node_keys: NDArray[np.int64], homes: Joints, on_street: JointsByStreet, count: int, limit: int
) -> NDArray[np.int64]:
    """Return each home's best key: over either junction of its street, or straight along it to a facility there."""
    best = np.full(count, UNREACHED, np.int64)
    facilities = on_street.joints
    for joint in range(len(homes.place)):
        out = np.int64(homes.access[joint])
        key = min(
            node_keys[homes.start[joint]] + ((out + homes.to_start[joint]) << 32),
            node_keys[homes.end[joint]] + ((out + homes.to_end[joint]) << 32),
        )
        edge = homes.edge[joint]
        for other in range(on_street.indptr[edge], on_street.indptr[edge + 1]):
            ticks = _straight_along(homes, joint, facilities, other)
            if ticks <= limit:
                key = min(key, (ticks << 32) | np.int64(facilities.place[other]))
        home = homes.place[joint]
        if key >> 32 <= limit and key < best[home]:
            best[home] = key
    return best


@compiled
def _reach_rows(
    arcs: _ReverseArcs,
    first_joint: IntArray,
    places: Joints,
    at_junction: _HomesByJunction,
    on_street: JointsByStreet,
    count: int,
    limit: int,
) -> tuple[NDArray[np.int64], IntArray, IntArray]:
    """Search backwards from each place up to the limit and write down the homes met, (indptr, home, ticks)."""
    distance = np.full(len(arcs.indptr) - 1, UNREACHED, np.int64)
    touched = np.empty(len(arcs.indptr) - 1, np.int32)
    keys = np.empty(len(arcs.tails) + 2 * len(places.place) + 1, np.int64)
    nodes = np.empty(len(keys), np.int32)
    home_ticks = np.full(count, UNREACHED, np.int64)
    met = np.empty(count, np.int32)
    homes = on_street.joints
    row_indptr = np.zeros(len(first_joint), np.int64)
    out_home, out_ticks = np.empty(1024, np.int32), np.empty(1024, np.int32)
    written = 0
    for row in range(len(first_joint) - 1):
        size = touched_count = met_count = 0
        for joint in range(first_joint[row], first_joint[row + 1]):
            for side in range(2):
                node = places.start[joint] if side == 0 else places.end[joint]
                ticks = np.int64(places.access[joint]) + (
                    places.from_start[joint] if side == 0 else places.from_end[joint]
                )
                if ticks <= limit and ticks < distance[node]:
                    if distance[node] == UNREACHED:
                        touched[touched_count] = node
                        touched_count += 1
                    distance[node] = ticks
                    size = _push(keys, nodes, size, ticks, node)
            edge = places.edge[joint]
            for other in range(on_street.indptr[edge], on_street.indptr[edge + 1]):
                ticks = _straight_along(homes, other, places, joint)
                home = homes.place[other]
                if ticks <= limit and ticks < home_ticks[home]:
                    if home_ticks[home] == UNREACHED:
                        met[met_count] = home
                        met_count += 1
                    home_ticks[home] = ticks
        while size > 0:
            reached, node = keys[0], nodes[0]
            size = _pop(keys, nodes, size)
            if reached > distance[node]:
                continue
            for other in range(at_junction.indptr[node], at_junction.indptr[node + 1]):
                ticks = reached + at_junction.ticks[other]
                home = at_junction.home[other]
                if ticks <= limit and ticks < home_ticks[home]:
                    if home_ticks[home] == UNREACHED:
                        met[met_count] = home
                        met_count += 1
                    home_ticks[home] = ticks
            for arc in range(arcs.indptr[node], arcs.indptr[node + 1]):
                ticks = reached + arcs.ticks[arc]
                tail = arcs.tails[arc]
                if ticks <= limit and ticks < distance[tail]:
                    if distance[tail] == UNREACHED:
                        touched[touched_count] = tail
                        touched_count += 1
                    distance[tail] = ticks
                    size = _push(keys, nodes, size, ticks, tail)
        for index in range(touched_count):
            distance[touched[index]] = UNREACHED
        while written + met_count > len(out_home):
            out_home = np.concatenate((out_home, np.empty_like(out_home)))
            out_ticks = np.concatenate((out_ticks, np.empty_like(out_ticks)))
        for home in np.sort(met[:met_count]):
            out_home[written] = home
            out_ticks[written] = home_ticks[home]
            home_ticks[home] = UNREACHED
            written += 1
        row_indptr[row + 1] = written
    return row_indptr, out_home[:written].copy(), out_ticks[:written].copy()
