"""Where searches begin and what they write down: junctions, ticks and places as plain numbers."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from livingcircle.kernel.graph import TICKS_PER_SECOND
from livingcircle.kernel.joints import Joints
from livingcircle.model.columns import FloatArray, IntArray

LABEL = np.uint64(32)
"""A key holds ticks above this many bits and the place below, so that comparing keys compares times and then places: of equally near
places the first wins, whatever the order of the search."""
UNREACHED = np.uint64(2**62)
"""Key of what no place reaches: past every limit, and small enough that adding a walk to it cannot overflow."""


class Seeds(NamedTuple):
    """Where searches of `labels` places begin: at `ticks` from `node`, (q,) rows sorted by label; a place may have several."""

    node: NDArray[np.uint32]
    ticks: NDArray[np.uint32]
    label: NDArray[np.uint32]
    labels: int


class JunctionRows(NamedTuple):
    """The junctions each place reaches: `node[indptr[i]:indptr[i + 1]]` after `ticks`, the nearest first, then by number."""

    indptr: NDArray[np.int64]
    node: NDArray[np.uint32]
    ticks: NDArray[np.uint32]


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


def key_seconds(keys: NDArray[np.uint64]) -> FloatArray:
    """Return the seconds of keys, `inf` where nothing was reached."""
    return np.where(keys < UNREACHED, (keys >> LABEL) / TICKS_PER_SECOND, np.inf)


def key_labels(keys: NDArray[np.uint64]) -> IntArray:
    """Return the place of keys, -1 where nothing was reached."""
    return np.where(keys < UNREACHED, (keys & np.uint64(2**32 - 1)).astype(np.int64), -1).astype(np.int32)
