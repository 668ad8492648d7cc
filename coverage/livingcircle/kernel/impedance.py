"""How long every street takes one walker, in either direction, on the clock all searches run on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from livingcircle.kernel.crossing import waits
from livingcircle.kernel.graph import NO_WALK, as_ticks, checked_ticks, walk_seconds
from livingcircle.kernel.slope import slope_factors
from livingcircle.model.columns import BoolArray, FloatArray, IntArray
from livingcircle.model.network import WalkNetwork
from livingcircle.model.terrain import Grades
from livingcircle.model.walker import Walker


class Arcs(NamedTuple):
    """The arcs one searches along: from junction `i` to those of `indptr[i]:indptr[i + 1]`.

    Each arc is one number, the junction it leads to in its upper and the ticks in its lower 32 bits, so that a search reads one place in
    memory for both. Barred arcs are not listed.
    """

    indptr: NDArray[np.uint32]
    arc: NDArray[np.uint64]

    @property
    def nodes(self) -> int:
        """Number of junctions."""
        return len(self.indptr) - 1


@dataclass(frozen=True, slots=True, eq=False)
class Impedance:
    """Ticks to walk each street in its own direction (`forward`) and against it (`backward`), (e,) each; `NO_WALK` where barred.

    Both include the ticks waited at either end of the street, `wait_at_start` and `wait_at_end` (e,). `toward` are the arcs walked
    backwards, for searches that begin where walks end (facilities); `away` those in walking direction.
    """

    forward: IntArray
    backward: IntArray
    wait_at_start: IntArray
    wait_at_end: IntArray
    speed_metres_per_second: float
    toward: Arcs
    away: Arcs

    def ticks(self, metres: FloatArray) -> IntArray:
        """Return the ticks of walks off the street, at the same speed."""
        return as_ticks(walk_seconds(metres, self.speed_metres_per_second))


def impedance(network: WalkNetwork, speed_metres_per_second: float) -> Impedance:
    """Return the ticks of every street at a constant speed."""
    streets = network.streets
    ticks = as_ticks(walk_seconds(streets.metres, speed_metres_per_second))
    none = np.zeros(len(streets), np.int32)
    return timed_streets(network, ticks, ticks, none, none, speed_metres_per_second)


def walker_impedance(network: WalkNetwork, walker: Walker, grades: Grades | None) -> Impedance:
    """Return the ticks of every street for one walker: slopes, stairs and waits at crossings.

    Without `grades`, or for a walker whose `slope` is level, all ground is level. Stairs take `stairs_factor` in place of the slope, whose
    function was made for paths; a walker who cannot use them finds them barred.
    """
    streets = network.streets
    level = walk_seconds(streets.metres, walker.speed_metres_per_second)
    along, against = level.copy(), level.copy()
    if grades is not None and walker.slope == "tobler":
        factors = slope_factors(grades)
        along, against = level * factors[0], level * factors[1]
    along[streets.steps] = against[streets.steps] = level[streets.steps] * (walker.stairs_factor or 1.0)
    first, last, links = (as_ticks(wait) for wait in waits(streets, walker.crossing))
    barred = streets.steps & (walker.stairs_factor is None)
    forward, backward = (np.where(barred, NO_WALK, as_ticks(walk) + links + first + last) for walk in (along, against))
    return timed_streets(network, forward, backward, first, last, walker.speed_metres_per_second)


def timed_streets(
    network: WalkNetwork,
    forward: IntArray,
    backward: IntArray,
    wait_at_start: IntArray,
    wait_at_end: IntArray,
    speed_metres_per_second: float,
) -> Impedance:
    """Put ticks on every street, and on the arcs both ways; directions in which a street may not be walked are barred here."""
    streets = network.streets
    forward = checked_ticks(np.where(streets.forward, forward, NO_WALK))
    backward = checked_ticks(np.where(streets.backward, backward, NO_WALK))
    ticks = np.where(network.along, forward[network.edge], backward[network.edge])
    tails = np.repeat(np.arange(network.nodes), np.diff(network.indptr))
    order = network.by_head
    return Impedance(
        forward=forward,
        backward=backward,
        wait_at_start=wait_at_start,
        wait_at_end=wait_at_end,
        speed_metres_per_second=speed_metres_per_second,
        toward=_packed(network.head_indptr, tails[order], ticks[order]),
        away=_packed(network.indptr, network.heads, ticks),
    )


def _packed(indptr: IntArray, heads: NDArray[np.integer], ticks: IntArray) -> Arcs:
    arcs = (heads.astype(np.uint64) << np.uint64(32)) | ticks.astype(np.uint64)
    open_: BoolArray = ticks < NO_WALK
    if open_.all():
        return Arcs(indptr.astype(np.uint32), arcs)
    before = np.concatenate([[0], np.cumsum(open_)])
    return Arcs(before[indptr].astype(np.uint32), arcs[open_])
