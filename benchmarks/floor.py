"""What no queue can beat: a search that is told beforehand in which order junctions are settled.

Whatever keeps junctions in order of time, a label-setting search reads every settled junction, looks at the arcs that leave it and lowers
the times of their heads. This does that and nothing else, with the order taken from a search done before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from benchmarks import ours
from benchmarks.town import LIMIT_TICKS, ROWS, Town
from livingcircle.kernel import search
from livingcircle.kernel.compiled import compiled
from livingcircle.kernel.seeds import UNREACHED

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from livingcircle.kernel.impedance import Arcs


def prepare(town: Town) -> tuple[Arcs, dict[str, NDArray[np.int64]]]:
    """Search once, to know the order."""
    arcs = ours.prepare(town)
    rows = search.rows(arcs, ours.seeds(town.origins[:ROWS]), LIMIT_TICKS)
    settled = np.lexsort((rows.ticks, np.repeat(np.arange(len(rows.indptr) - 1), np.diff(rows.indptr))))
    reached = []
    for places in town.facility:
        keys = search.nearest(arcs, ours.seeds(places), LIMIT_TICKS)
        reached.append(np.argsort(keys, kind="stable")[: np.count_nonzero(keys < UNREACHED)])
    return arcs, {
        "origin": town.origins[:ROWS, None],
        "row": rows.node[settled].astype(np.int64),
        "row_begin": rows.indptr,
        "nearest": np.concatenate(reached),
        "nearest_begin": np.concatenate([[0], np.cumsum([len(order) for order in reached])]),
    }


def warm() -> None:
    """Compile."""
    arcs = ours.prepare(_pair())
    _replay(*arcs, np.zeros((1, 1), np.int64), np.arange(2), np.array([0, 2]), LIMIT_TICKS)


def rows(known: tuple[Arcs, dict[str, NDArray[np.int64]]], _town: Town) -> Callable[[], tuple[NDArray[np.int64], ...]]:
    """Replay the rows of all origins."""
    arcs, order = known
    ticks = _replay(*arcs, order["origin"], order["row"], order["row_begin"], LIMIT_TICKS)
    begin = order["row_begin"]
    return lambda: (np.repeat(np.arange(len(begin) - 1), np.diff(begin)), order["row"], ticks)


def nearest(known: tuple[Arcs, dict[str, NDArray[np.int64]]], town: Town) -> Callable[[], NDArray[np.int32]]:
    """Replay one search per service from all its facilities."""
    arcs, order = known
    begin = order["nearest_begin"]
    ticks = _replay(*arcs, town.facility, order["nearest"], begin, LIMIT_TICKS)

    def tell() -> NDArray[np.int32]:
        found = np.full((len(town.facility), town.nodes), -1, np.int32)
        found[np.repeat(np.arange(len(begin) - 1), np.diff(begin)), order["nearest"]] = ticks
        return found

    return tell


@compiled
def _replay(
    indptr: NDArray[np.uint32],
    arc: NDArray[np.uint64],
    start: NDArray[np.int64],
    order: NDArray[np.int64],
    begin: NDArray[np.int64],
    limit: int,
) -> NDArray[np.int64]:
    """Settle junctions in a given order; times of earlier searches are larger than all of the present one, so none is ever erased."""
    ticks = np.empty(len(order), np.int64)
    late = np.int64(len(begin)) * 4 * limit
    time = np.full(len(indptr) - 1, late, np.int64)
    for one in range(len(begin) - 1):
        late -= 4 * limit
        for junction in start[one]:
            time[np.uintp(junction)] = late
        for step in range(np.uintp(begin[one]), np.uintp(begin[one + 1])):
            junction = np.uintp(order[step])
            now = time[junction]
            ticks[step] = now - late
            for leaving in range(np.uintp(indptr[junction]), np.uintp(indptr[junction + np.uintp(1)])):
                packed = arc[leaving]
                there = np.uintp(packed >> np.uint64(32))
                then = now + np.int64(packed & np.uint64(0xFFFFFFFF))
                time[there] = min(time[there], then)
    return ticks


def _pair() -> Town:
    one = np.ones(1, np.int64)
    none = np.zeros(1, np.int64)
    return Town(np.zeros((2, 2)), none, one, one, none[None, :], none, np.ones(2, np.int64), np.arange(2))
