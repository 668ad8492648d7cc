"""The product itself, through the same door as its peers. See `benchmarks.contest` for what a contestant is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from benchmarks.town import FEW, LIMIT_TICKS, Town
from livingcircle import __version__ as VERSION  # noqa: N812
from livingcircle.kernel import search
from livingcircle.kernel.impedance import Arcs
from livingcircle.kernel.seeds import LABEL, UNREACHED, Seeds

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from livingcircle.kernel.seeds import JunctionRows

__all__ = ["VERSION"]


def prepare(town: Town) -> Arcs:
    """Pack the arcs as `kernel.impedance` does."""
    tail, head, ticks = town.both_ways()
    indptr = np.concatenate([[0], np.cumsum(np.bincount(tail, minlength=town.nodes))])
    return Arcs(indptr.astype(np.uint32), head.astype(np.uint64) << LABEL | ticks.astype(np.uint64))


def seeds(junctions: NDArray[np.int64]) -> Seeds:
    """Begin at junctions, each of them a place of its own."""
    none = np.zeros(len(junctions), np.uint32)
    return Seeds(junctions.astype(np.uint32), none, np.arange(len(junctions), dtype=np.uint32), len(junctions))


def warm() -> None:
    """Run every search once on four junctions, so that its machine code is there."""
    ring = np.arange(4)
    town = Town(
        xy=np.zeros((4, 2)),
        tail=ring,
        head=(ring + 1) % 4,
        ticks=ring + 1,
        facility=ring[None, :],
        origins=ring,
        people=ring,
        asked=ring,
    )
    arcs = prepare(town)
    for task in TASKS.values():
        task(arcs, town)


def nearest(arcs: Arcs, town: Town) -> Callable[[], NDArray[np.int32]]:
    """Search from all facilities of a service at once, service by service."""
    keys = [search.nearest(arcs, seeds(places), LIMIT_TICKS) for places in town.facility]
    return lambda: np.stack([_ticks(key) for key in keys])


def few(arcs: Arcs, town: Town) -> Callable[[], NDArray[np.int32]]:
    """The same for the five nearest."""
    keys = np.empty((len(town.facility), town.nodes, FEW), np.uint64)
    for places, own in zip(town.facility, keys, strict=True):
        search.nearest_few(arcs, seeds(places), FEW, LIMIT_TICKS, own)
    return lambda: _ticks(keys)


def rows(arcs: Arcs, town: Town) -> Callable[[], tuple[NDArray[np.int64], ...]]:
    """What each origin reaches."""
    found = search.rows(arcs, seeds(town.origins), LIMIT_TICKS)
    return lambda: _columns(found)


def rows_one(arcs: Arcs, town: Town) -> None:
    """The same block by block, as long tables are streamed, on one thread."""
    _stream(arcs, town, threads=1)


def rows_two(arcs: Arcs, town: Town) -> None:
    """The same on two threads."""
    _stream(arcs, town, threads=2)


def counts(arcs: Arcs, town: Town) -> Callable[[], NDArray[np.float64]]:
    """Facilities of every service around every junction, in one call."""
    services, each = town.facility.shape
    weights = np.repeat(np.eye(services), each, axis=1)
    found = search.sums(arcs, seeds(town.facility.ravel()), weights, LIMIT_TICKS)
    return lambda: found


def people(arcs: Arcs, town: Town) -> Callable[[], NDArray[np.float64]]:
    """People around every junction."""
    found = search.sums_at_every_junction(arcs, town.people.astype(float), LIMIT_TICKS)
    return lambda: found


TASKS = {
    "nearest": nearest,
    "few": few,
    "rows": rows,
    "rows_one": rows_one,
    "counts": counts,
    "people": people,
}


def _ticks(keys: NDArray[np.uint64]) -> NDArray[np.int32]:
    return np.where(keys < UNREACHED, keys >> LABEL, np.uint64(2**32 - 1)).astype(np.uint32).view(np.int32)


def _stream(arcs: Arcs, town: Town, threads: int) -> None:
    blocks = search.row_blocks(arcs, seeds(town.origins), LIMIT_TICKS, threads=threads)
    assert sum(len(block.node) for block in blocks) > 0


def _columns(found: JunctionRows) -> tuple[NDArray[np.int64], ...]:
    origin = np.repeat(np.arange(len(found.indptr) - 1), np.diff(found.indptr))
    return origin, found.node.astype(np.int64), found.ticks.astype(np.int64)
