"""Where searches begin and what they write down: junctions, ticks and places as plain numbers."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from livingcircle.kernel.graph import TICKS_PER_SECOND
from livingcircle.kernel.joints import Joints
from livingcircle.model.columns import BoolArray, FloatArray, IntArray

LABEL = np.uint64(32)
"""A key holds ticks above this many bits and the place below, so that comparing keys compares times and then places: of equally near
places the first wins, whatever the order of the search."""
UNREACHED = np.uint64(2**62)
"""Key of what no place reaches: past every limit, and small enough that adding a walk to it cannot overflow."""


LANES = 16
"""How many neighbouring junctions are searched from at once when sums are taken at every junction."""
LONGEST_LANE_TICKS = 2**15 - 1
"""Longest limit of a search in lanes (27 minutes): two walks within it add up to sixteen bits."""


class Seeds(NamedTuple):
    """Where searches of `labels` places begin: at `ticks` from `node`, (q,) rows sorted by label; a place may have several."""

    node: NDArray[np.uint32]
    ticks: NDArray[np.uint32]
    label: NDArray[np.uint32]
    labels: int


class JunctionRows(NamedTuple):
    """The junctions each place reaches: `node[indptr[i]:indptr[i + 1]]` after `ticks`, in no order."""

    indptr: NDArray[np.int64]
    node: NDArray[np.uint32]
    ticks: NDArray[np.uint32]


class HomesMet(NamedTuple):
    """Homes by row: those of row `i` are `home[indptr[i]:indptr[i + 1]]`, met after `ticks`. A row is a place, or a junction."""

    indptr: IntArray
    home: IntArray
    ticks: IntArray


class Stops(NamedTuple):
    """Places of a weight along streets, each seen from both junctions of its street, (t,) rows sorted by the junction they are seen from.

    The walk ends after `ticks` from that junction, or after `other_ticks` from the `other` one. Each place has one row that `leads`; the
    other is asked only when the first junction is out of reach, so that no place counts twice.
    """

    node: NDArray[np.uint32]
    ticks: IntArray
    other: NDArray[np.uint32]
    other_ticks: IntArray
    leads: BoolArray
    weight: FloatArray


NO_STOPS = Stops(
    np.empty(0, np.uint32),
    np.empty(0, np.int32),
    np.empty(0, np.uint32),
    np.empty(0, np.int32),
    np.empty(0, bool),
    np.empty(0),
)
"""No places along streets."""


def ending_at(places: Joints, count: int) -> Seeds:
    """Seeds of searches along `Impedance.toward`: walks that end at these joints of `count` places."""
    return _seeds(places, places.from_start, places.from_end, count)


def setting_out(places: Joints, count: int) -> Seeds:
    """Seeds of searches along `Impedance.away`: walks that begin at these joints of `count` places."""
    return _seeds(places, places.to_start, places.to_end, count)


def _seeds(places: Joints, at_start: IntArray, at_end: IntArray, count: int) -> Seeds:
    label = np.concatenate([places.place, places.place])
    ticks = np.concatenate([at_start, at_end]) + np.concatenate([places.access, places.access])
    order = np.argsort(label, kind="stable")
    node = np.concatenate([places.start, places.end])[order]
    return Seeds(node.astype(np.uint32), ticks[order].astype(np.uint32), label[order].astype(np.uint32), count)


def stops(places: Joints, weight: FloatArray) -> Stops:
    """See joints, each the only one of its place, as stops of walks that end there; `weight` (places,)."""
    to_start = places.access + places.from_start
    to_end = places.access + places.from_end
    order = np.argsort(np.concatenate([places.start, places.end]), kind="stable")

    def both(at_start: NDArray[np.generic], at_end: NDArray[np.generic]) -> NDArray[Any]:
        return np.concatenate([at_start, at_end])[order]

    leads = np.ones(len(places.place), bool)
    return Stops(
        node=both(places.start, places.end).astype(np.uint32),
        ticks=both(to_start, to_end),
        other=both(places.end, places.start).astype(np.uint32),
        other_ticks=both(to_end, to_start),
        leads=both(leads, ~leads),
        weight=both(weight[places.place], weight[places.place]),
    )


def key_seconds(keys: NDArray[np.uint64]) -> FloatArray:
    """Return the seconds of keys, `inf` where nothing was reached."""
    return np.where(keys < UNREACHED, (keys >> LABEL) / TICKS_PER_SECOND, np.inf)


def key_labels(keys: NDArray[np.uint64]) -> IntArray:
    """Return the place of keys, -1 where nothing was reached."""
    return np.where(keys < UNREACHED, (keys & np.uint64(2**32 - 1)).astype(np.int64), -1).astype(np.int32)
