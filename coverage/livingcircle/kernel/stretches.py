"""The stretches of street within a limit, cut exactly where it is reached.

A junction, or the joint of a place, is reached after some ticks; from there every street is walked on until the limit. So a street may be
reached from both of its ends, and from a joint in between; `reached_pieces` joins what overlaps.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from livingcircle.kernel.graph import NO_WALK
from livingcircle.kernel.impedance import Impedance
from livingcircle.kernel.seeds import JunctionRows
from livingcircle.model.columns import Columns, FloatArray, IntArray
from livingcircle.model.network import Anchors, Lane, WalkNetwork


@dataclass(frozen=True, slots=True, eq=False)
class Stretches(Columns):
    """Stretches of street (k rows) of one or more origins, sorted by origin.

    A stretch begins at fraction `begin` of street `edge` after `ticks`, and is walked on to `finish`, which is smaller where it leads
    against the street; each whole length of the street would take `ticks_per_street`. `label` tells what it belongs to.
    """

    origin: IntArray
    edge: IntArray
    begin: FloatArray
    finish: FloatArray
    ticks: FloatArray
    ticks_per_street: FloatArray
    label: IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Pieces(Columns):
    """Pieces of street (k rows), sorted by origin, street and fraction; those of one origin do not overlap."""

    origin: IntArray
    edge: IntArray
    begin: FloatArray
    finish: FloatArray


def stretches(
    network: WalkNetwork,
    walk: Impedance,
    junctions: JunctionRows,
    anchors: Anchors,
    limit: int,
    *,
    toward: bool,
    labels: tuple[IntArray, IntArray] | None = None,
) -> Stretches:
    """Return what is reached from each row of `junctions` and from the joints of the place with that number, within `limit` ticks.

    `toward` says that walks end at the origin and not begin there: streets are then walked against their direction. `labels` gives those of
    the junction entries and of the joints; all are 0 without.
    """
    streets = network.streets
    first, last = walk.wait_at_start, walk.wait_at_end
    indptr = network.head_indptr if toward else network.indptr
    node = junctions.node.astype(np.intp)
    count = np.diff(indptr)[node]
    entry = np.repeat(np.arange(len(node)), count)
    arc = np.arange(len(entry)) - np.repeat(np.cumsum(count) - count, count) + indptr[node][entry]
    arc = network.by_head[arc] if toward else arc
    edge, along = network.edge[arc], network.along[arc]
    at_start = along ^ toward
    origin = np.repeat(np.arange(len(junctions.indptr) - 1), np.diff(junctions.indptr))[entry]
    ticks = junctions.ticks[entry].astype(np.int64) + np.where(at_start, first[edge], last[edge])
    joint = np.arange(len(anchors))
    onward = np.repeat([True, False], len(anchors))  # towards the end of the street, then towards its start
    joints = np.concatenate([joint, joint])
    fraction, access = anchors.fraction[joints], walk.ticks(anchors.access_metres)[joints]
    label = (np.zeros(len(node), np.int32), np.zeros(len(anchors), np.int32)) if labels is None else labels
    edge = np.concatenate([edge, anchors.edge[joints]])
    with_street = np.concatenate([along, onward ^ toward])
    begin = np.concatenate([np.where(at_start, 0.0, 1.0), fraction])
    room = np.concatenate([np.ones(len(entry)), np.where(onward, 1 - fraction, fraction)])
    sign = np.where(np.concatenate([at_start, onward]), 1.0, -1.0)
    ticks = np.concatenate([ticks, access])
    whole = np.where(with_street, walk.forward[edge], walk.backward[edge])
    moving = np.maximum(whole - first[edge] - last[edge], 0)
    kept = np.flatnonzero((whole < NO_WALK) & (ticks <= limit) & (streets.lane[edge] != Lane.LINK))
    by_origin = np.concatenate([origin, anchors.place[joints]])[kept]
    kept = kept[np.argsort(by_origin, kind="stable")]
    left, per_street = limit - ticks[kept], moving[kept]
    length = np.minimum(room[kept], left / np.maximum(per_street, 1e-9))
    return Stretches(
        origin=np.sort(by_origin, kind="stable").astype(np.int32),
        edge=edge[kept],
        begin=begin[kept],
        finish=np.clip(begin[kept] + sign[kept] * length, 0.0, 1.0),
        ticks=ticks[kept].astype(float),
        ticks_per_street=per_street.astype(float),
        label=np.concatenate([label[0][entry], label[1][joints]])[kept].astype(np.int32),
    )


def reached_pieces(reached: Stretches, limit: float | None = None) -> Pieces:
    """Join the stretches that overlap, cut at a smaller `limit` in ticks if one is given."""
    length = np.abs(reached.finish - reached.begin)
    kept = np.arange(len(reached))
    if limit is not None:
        length = np.minimum(length, (limit - reached.ticks) / np.maximum(reached.ticks_per_street, 1e-9))
        kept = np.flatnonzero(reached.ticks <= limit)
    finish = reached.begin + np.where(reached.finish < reached.begin, -length, length)
    low, high = np.minimum(reached.begin, finish)[kept], np.maximum(reached.begin, finish)[kept]
    origin, edge = reached.origin[kept].astype(np.int64), reached.edge[kept].astype(np.int64)
    order = np.lexsort((low, edge, origin))
    street = (origin << 32 | edge)[order]
    low, high = low[order], high[order]
    group = np.cumsum(np.diff(street, prepend=-1) != 0)
    # Fractions lie between 0 and 1, so twice the group sets the streets apart and one running maximum serves all of them.
    furthest = np.maximum.accumulate(high + 2.0 * group)
    new = np.ones(len(low), bool)
    new[1:] = low[1:] + 2.0 * group[1:] > furthest[:-1]
    begins = np.flatnonzero(new)
    return Pieces(
        origin=(street[begins] >> 32).astype(np.int32),
        edge=(street[begins] & (2**32 - 1)).astype(np.int32),
        begin=low[begins],
        finish=np.maximum.reduceat(high, begins) if len(begins) else np.empty(0),
    )


def rows_of_nearest(node_ticks: NDArray[np.integer], limit: int) -> JunctionRows:
    """Return the junctions within `limit` of whatever is nearest as the row of a single origin."""
    node = np.flatnonzero(node_ticks <= limit)
    return JunctionRows(np.array([0, len(node)], np.int64), node.astype(np.uint32), node_ticks[node].astype(np.uint32))
