"""Build the walking network and put time on it.

All searches run on whole *ticks*: 1/20 of a second (or of a metre, when a rule is given in metres: walk at 1 m/s). One unit for every
kernel makes answers exact, independent of the number of threads, and equal to any other shortest-path code on the same integers; 1/20 s is
about 6 cm of walking and keeps fifteen minutes within sixteen bits.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from livingcircle.errors import NetworkError, SettingsError
from livingcircle.faults import Fault
from livingcircle.model.columns import BoolArray, FloatArray, IntArray
from livingcircle.model.network import StreetEdges, WalkNetwork

TICKS_PER_SECOND = 20
LONGEST_SEARCH_SECONDS = 24 * 3600.0
"""No walk is followed longer than this: what is a day away counts as unreachable, and no sum of ticks can overflow."""
NO_WALK = np.int32(2**30)
"""Ticks of a direction that may not be walked: past every limit."""
LONGEST_STREET_TICKS = 4 * int(LONGEST_SEARCH_SECONDS) * TICKS_PER_SECOND
"""Most ticks of a street: the walk along it, a link and a wait at either end, each at most a day (`as_ticks`).

Why nothing overflows. A day is 1,728,000 ticks, less than 2²¹, so a street takes less than 2²³ (`checked_ticks`). Searches go on only from
what lies within a limit of a day at most: no sum they make exceeds 2²¹ + 2²³, and with an access leg and a barred direction
2³⁰ + 2²³ + 2²² < 2³¹, which fits int32. Keys hold such sums above 32 bits, beside `UNREACHED`, 2⁶²: 2⁶² + 2⁶³ < 2⁶⁴.
"""


@dataclass(frozen=True, slots=True)
class Islands:
    """What pruning removed: how many separate parts and how many metres of street."""

    count: int
    metres: float


def as_ticks(seconds: FloatArray) -> IntArray:
    """Round seconds to whole ticks.

    Raises
    ------
    NetworkError
        When a value is not finite, negative or longer than a day: it could overflow a sum.
    """
    if not (np.isfinite(seconds).all() and (seconds >= 0).all()):
        raise NetworkError(Fault("bad_length"))
    if (seconds > LONGEST_SEARCH_SECONDS).any():
        raise NetworkError(Fault("endless_street"))
    return np.rint(seconds * TICKS_PER_SECOND).astype(np.int32)


def checked_ticks(ticks: NDArray[np.integer]) -> IntArray:
    """Return the ticks of streets, `NO_WALK` where barred, as searches add them up.

    Raises
    ------
    NetworkError
        When a street takes more than `LONGEST_STREET_TICKS`, or less than none.
    """
    if ((ticks < 0) | ((ticks > LONGEST_STREET_TICKS) & (ticks != NO_WALK))).any():
        raise NetworkError(Fault("endless_street"))
    return ticks.astype(np.int32)


def walk_seconds(metres: FloatArray, speed_metres_per_second: float) -> FloatArray:
    """Return how long it takes to walk `metres` on level ground.

    Raises
    ------
    SettingsError
        When the speed is not a finite number above 0.
    """
    if not 0 < speed_metres_per_second < np.inf:
        raise SettingsError(Fault("bad_speed"))
    return metres / speed_metres_per_second


def limit_ticks(limit_seconds: float) -> int:
    """Return the largest number of ticks that is still within a limit; a walk of exactly the limit is within it.

    Raises
    ------
    SettingsError
        When the limit is negative or not a number. An infinite one is a day.
    """
    if not limit_seconds >= 0:
        raise SettingsError(Fault("bad_limit"))
    return int(np.floor(min(limit_seconds, LONGEST_SEARCH_SECONDS) * TICKS_PER_SECOND + 1e-6))


def build_network(streets: StreetEdges, minimum_island_metres: float) -> tuple[WalkNetwork, Islands]:
    """Drop islands, order the junctions along a Hilbert curve and list the arcs.

    The longest part is always kept, and every other part of at least `minimum_island_metres`. So is a part where a street was cut off: it
    is no island, for beyond the data it goes on; places there must not be joined to streets they may not be able to walk to. Two-way,
    parallel and self-closing streets are all kept as they are.

    Raises
    ------
    NetworkError
        When there is no street at all, a coordinate or length is not a finite number, or a length is negative.
    """
    if not (
        np.isfinite(streets.node_xy).all()
        and np.isfinite(streets.metres).all()
        and (streets.metres >= 0).all()
        and np.isfinite(shapely.length(streets.lines)).all()
        and not shapely.is_empty(streets.lines).any()
    ):
        raise NetworkError(Fault("bad_length"))
    walked = streets.forward | streets.backward
    if not walked.any():
        raise NetworkError(Fault("no_network"))
    kept, islands = _without_islands(streets, walked, minimum_island_metres)
    ordered = _hilbert_ordered(streets, kept)
    return with_arcs(ordered), islands


def _without_islands(
    streets: StreetEdges, walked: BoolArray, minimum_island_metres: float
) -> tuple[NDArray[np.intp], Islands]:
    nodes = len(streets.node_xy)
    start, end = streets.start[walked], streets.end[walked]
    links = coo_array((np.ones(len(start), np.int8), (start, end)), shape=(nodes, nodes))
    _, part_of_node = connected_components(links, directed=False)
    part = part_of_node[start]
    once = streets.drawn[walked]  # copies of a street add nothing to its island
    length = np.bincount(part, weights=streets.metres[walked] * once)
    parts_with_streets = np.unique(part[once])
    kept = length >= minimum_island_metres
    kept[np.argmax(length)] = True
    cut = streets.node_cut
    kept[part[cut[start] | cut[end]]] = True
    dropped = parts_with_streets[~kept[parts_with_streets]]
    return np.flatnonzero(walked)[kept[part]], Islands(count=len(dropped), metres=float(length[dropped].sum()))


def _hilbert_ordered(streets: StreetEdges, kept: NDArray[np.intp]) -> StreetEdges:
    used, ends = np.unique(np.concatenate([streets.start[kept], streets.end[kept]]), return_inverse=True)
    xy = streets.node_xy[used]
    order = np.argsort(hilbert_index(xy), kind="stable")
    position = np.empty(len(used), np.int32)
    position[order] = np.arange(len(used), dtype=np.int32)
    start, end = position[ends[: len(kept)]], position[ends[len(kept) :]]
    by_start = np.lexsort((end, start))
    return replace(
        streets.take(kept[by_start]),
        start=start[by_start],
        end=end[by_start],
        node_xy=xy[order],
        node_crossing=streets.node_crossing[used[order]],
        node_cut=streets.node_cut[used[order]],
    )


def with_arcs(streets: StreetEdges) -> WalkNetwork:
    """List the arcs of streets as they are numbered."""
    edges = np.arange(len(streets), dtype=np.int32)
    tails = np.concatenate([streets.start[streets.forward], streets.end[streets.backward]])
    heads = np.concatenate([streets.end[streets.forward], streets.start[streets.backward]])
    edge = np.concatenate([edges[streets.forward], edges[streets.backward]])
    along = np.zeros(len(edge), bool)
    along[: int(streets.forward.sum())] = True
    order = np.lexsort((edge, tails))
    heads = heads[order]
    shapely.prepare(streets.lines)
    return WalkNetwork(
        streets=streets,
        indptr=offsets(tails, len(streets.node_xy)),
        heads=heads,
        edge=edge[order],
        along=along[order],
        head_indptr=offsets(heads, len(streets.node_xy)),
        by_head=np.argsort(heads, kind="stable"),
    )


def offsets(groups: IntArray, count: int) -> IntArray:
    """Return where each of `count` groups begins and ends once rows are sorted by group, (count + 1,)."""
    return np.concatenate([[0], np.cumsum(np.bincount(groups, minlength=count))]).astype(np.int32)


def hilbert_index(xy: FloatArray, bits: int = 16) -> NDArray[np.int64]:
    """Return each point's position along a Hilbert curve over the points' square extent: neighbours on it are neighbours on the ground.

    The classical construction (D. Hilbert, 1891) bit by bit from the top: which quarter of the square, then that quarter turned upright.
    """
    low = xy.min(axis=0)
    side = max(float((xy.max(axis=0) - low).max()), 1e-9)
    x, y = ((xy - low) * ((2**bits - 1) / side)).astype(np.int64).T
    index = np.zeros(len(xy), np.int64)
    for level in range(bits - 1, -1, -1):
        half = np.int64(1) << level
        right, up = (x & half) > 0, (y & half) > 0
        index += half * half * ((3 * right) ^ up)
        flip = right & ~up
        x, y = (
            np.where(flip, half - 1 - (x & (half - 1)), x & (half - 1)),
            np.where(flip, half - 1 - (y & (half - 1)), y & (half - 1)),
        )
        x, y = np.where(up, x, y), np.where(up, y, x)
    return index
