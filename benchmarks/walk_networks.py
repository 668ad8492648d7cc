"""The same extract as two walking networks: ours, and the ways that OSMnx's `walk` filter takes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import coo_array, csr_array

from benchmarks.walk_filter import FILTER_TAGS, left_out, verdict, walk_filter
from livingcircle.sources.extract import TaggedWays, read_extract
from livingcircle.sources.pbf import read_pbf
from livingcircle.sources.pedestrian_areas import with_squares_crossed
from livingcircle.sources.projection import ground_metres
from livingcircle.sources.roads import NODE_KEYS, NODE_TAGS
from livingcircle.sources.street_pieces import Outlines, Ways, street_pieces
from livingcircle.sources.street_traits import WAY_KEYS, WAY_TAGS
from livingcircle.sources.walked_ways import walked_ways

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from livingcircle.model.network import StreetEdges


def read(path: Path) -> TaggedWays:
    """Read an extract with all tags either rule asks for."""
    reader = read_pbf if path.suffix == ".pbf" else read_extract
    return reader(str(path), WAY_KEYS, NODE_KEYS, {*WAY_TAGS, *NODE_TAGS, *FILTER_TAGS, "footway"})


def way_metres(extract: TaggedWays) -> NDArray[np.float64]:
    """Return the length of every way between its known nodes, (w,)."""
    way = np.repeat(np.arange(len(extract)), np.diff(extract.first))
    step = ground_metres(extract.lon[:-1], extract.lat[:-1], extract.lon[1:], extract.lat[1:])
    step[(way[1:] != way[:-1]) | np.isnan(step)] = 0
    return np.bincount(way[1:], weights=step, minlength=len(extract))


def verdicts(extract: TaggedWays) -> NDArray[np.object_]:
    """Return for every way who walks it and why the other does not, (w,)."""
    clauses = walk_filter()
    return np.array([verdict(tags, clauses) for tags in extract.tag_sets], object)[extract.tag_set]


def taken(extract: TaggedWays) -> NDArray[np.bool_]:
    """Return the ways that the filter takes, (w,)."""
    clauses = walk_filter()
    return np.array([left_out(tags, clauses) is None for tags in extract.tag_sets])[extract.tag_set]


def ours(extract: TaggedWays) -> StreetEdges:
    """Return our streets."""
    ways = walked_ways(extract)
    return with_squares_crossed(street_pieces(ways, crs=None, file="").value, ways)


def theirs(extract: TaggedWays) -> StreetEdges:
    """Return the ways the filter takes, cut by our reader: gates, squares and directions play no part."""
    return street_pieces(_plain_ways(extract, np.flatnonzero(taken(extract))), crs=None, file="").value


def _plain_ways(extract: TaggedWays, kept: NDArray[np.intp]) -> Ways:
    """Return some ways as open streets without any particulars."""
    ways = walked_ways(extract)
    reference = np.concatenate([np.arange(extract.first[row], extract.first[row + 1]) for row in kept.tolist()])
    anything = np.flatnonzero(ways.traits.walked & ways.traits.forward & ways.traits.backward & ~ways.traits.private)[
        :1
    ]
    return replace(
        ways,
        ids=extract.ids[kept],
        trait=np.repeat(anything, len(kept)).astype(np.int32),
        first=np.concatenate([[0], np.cumsum(np.diff(extract.first)[kept])]),
        node=extract.node[reference],
        lon=extract.lon[reference],
        lat=extract.lat[reference],
        marked=np.empty(0, np.int64),
        crossing=np.empty(0, np.int8),
        closed=np.empty(0, bool),
        squares=Outlines(np.empty(0, np.int32), np.zeros(1, np.int64), np.empty(0, np.intp)),
    )


def matrix_of(streets: StreetEdges) -> csr_array:
    """Return the shortest street between each two junctions, both ways where it is walked both ways."""
    tails = np.concatenate([streets.start[streets.forward], streets.end[streets.backward]])
    heads = np.concatenate([streets.end[streets.forward], streets.start[streets.backward]])
    metres = np.concatenate([streets.metres[streets.forward], streets.metres[streets.backward]])
    order = np.lexsort((metres, heads, tails))
    tails, heads, metres = tails[order], heads[order], metres[order]
    first = np.ones(len(tails), bool)
    first[1:] = (tails[1:] != tails[:-1]) | (heads[1:] != heads[:-1])
    count = len(streets.node_xy)
    return coo_array((metres[first], (tails[first], heads[first])), shape=(count, count)).tocsr()
