"""The option that wide roads are crossed at crossings only: each becomes two streets, one along either side.

Around a junction on a wide road the streets that meet there fall into sectors between its wide pieces. Each sector becomes a junction of
its own, where the left side of one wide piece and the right side of the next meet. Neighbouring sectors are joined where there is a way
across the road between them, by a link of no length that takes the wait for crossing it (`kernel.crossing`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from livingcircle.model.columns import BoolArray, FloatArray, IntArray
from livingcircle.model.network import Crossing, Lane, StreetEdges

BEARING_METRES = 5.0
"""A street leaves a junction towards its point this far along: nearer, a line may still turn."""
ON_LINE_METRES = 0.01
"""A point this close to the line of a road is on neither side of it."""
WIDE_PIECES_OF_A_JUNCTION = 3
"""Where this many wide pieces meet, roads meet, and there is a way across them whether anybody has mapped it or not."""


class _Ends(NamedTuple):
    """Ends of streets (k,) at the nodes of wide roads, counter-clockwise around each node.

    `at_end` tells the end of `street` from its start. `after` is the sector counter-clockwise of a wide piece, or the one another street
    lies in; `before` that clockwise of it. Sectors are numbered over all nodes of the network; a node off wide roads is one of its own.
    """

    street: NDArray[np.intp]
    at_end: BoolArray
    node: IntArray
    wide: BoolArray
    before: IntArray
    after: IntArray


def with_sides(streets: StreetEdges) -> StreetEdges:
    """Replace wide roads by their two sides, LEFT and RIGHT rows with the same line, and LINK rows across them.

    A wide road is crossed where a crossing is known (`node_crossing`), where at least three of its like meet, and where another street
    leads on from one side of it to the other; it is walked round where it ends. Private wide roads stay as they are.
    """
    wide = streets.wide & ~streets.private & (streets.lane == Lane.STREET)
    if not wide.any():
        return streets
    ends, node_of_sector, first_sector = _ends(streets, wide)
    left = [first_sector[streets.start], first_sector[streets.end]]
    right = [left[0].copy(), left[1].copy()]
    for at_end in (False, True):
        mine = ends.at_end == at_end
        # Who leaves a junction has the sector after the piece on the left; who comes in, the one before it.
        left[at_end][ends.street[mine]] = (ends.before if at_end else ends.after)[mine]
        right[at_end][ends.street[mine]] = (ends.after if at_end else ends.before)[mine]
    sides = replace(
        streets,
        start=left[0],
        end=left[1],
        lane=np.where(wide, Lane.LEFT, streets.lane).astype(np.int8),
        node_xy=streets.node_xy[node_of_sector],
        node_crossing=streets.node_crossing[node_of_sector],
        node_cut=streets.node_cut[node_of_sector],
    )
    other = replace(sides, start=right[0], end=right[1], lane=np.full(len(streets), Lane.RIGHT, np.int8)).take(wide)
    return sides.followed_by(other).followed_by(_links(sides, streets, ends))


def on_side(lane: NDArray[np.integer], lines: NDArray[np.object_], fraction: FloatArray, xy: FloatArray) -> BoolArray:
    """Return whether points (k, 2), each nearest to its line at `fraction`, belong to the row: all, but those across a side's road.

    A point on the line itself belongs to both sides.
    """
    length = shapely.length(lines)
    here = fraction * length
    behind, ahead = (
        shapely.get_coordinates(shapely.line_interpolate_point(lines, np.clip(metres, 0, length)))
        for metres in (here - ON_LINE_METRES, here + ON_LINE_METRES)
    )
    along, off = ahead - behind, xy - (behind + ahead) / 2
    leftward = along[:, 0] * off[:, 1] - along[:, 1] * off[:, 0]
    clear = np.abs(leftward) > ON_LINE_METRES * np.hypot(*along.T)
    side = np.where(leftward > 0, Lane.LEFT, Lane.RIGHT)
    mine: BoolArray = ~clear | ~np.isin(lane, (Lane.LEFT, Lane.RIGHT)) | (lane == side)
    return mine


def _ends(streets: StreetEdges, wide: BoolArray) -> tuple[_Ends, IntArray, IntArray]:
    """Return the ends at wide roads, the node (s,) of each sector and the first sector (n,) of each node."""
    node = np.concatenate([streets.start, streets.end])
    wide_ends = np.tile(wide, 2)
    wide_pieces = np.bincount(node[wide_ends], minlength=len(streets.node_xy))
    sectors = np.maximum(wide_pieces, 1)
    first_sector = (np.cumsum(sectors) - sectors).astype(np.int32)
    found = np.flatnonzero(wide_pieces[node] > 0)
    street, at_end = found % len(streets), found >= len(streets)
    order = np.lexsort((_bearing(streets, street, at_end), node[found]))
    found, street, at_end = found[order], street[order], at_end[order]
    mine = node[found]
    # Wide pieces passed on the way round the node, this one included.
    here = wide_ends[found].astype(np.int32)
    begins = np.searchsorted(mine, mine)
    passed = np.cumsum(here)
    passed = passed - passed[begins] + here[begins]
    after = first_sector[mine] + passed % wide_pieces[mine]
    before = np.where(wide_ends[found], first_sector[mine] + passed - 1, after)
    ends = _Ends(street, at_end, mine, wide_ends[found], before.astype(np.int32), after.astype(np.int32))
    return ends, np.repeat(np.arange(len(sectors), dtype=np.int32), sectors), first_sector


def _bearing(streets: StreetEdges, street: NDArray[np.intp], at_end: BoolArray) -> FloatArray:
    """Return the direction (radians) in which streets leave the junction at one of their ends."""
    street, at_end = _behind_links(streets, street, at_end)
    lines = streets.lines[street]
    length = shapely.length(lines)
    away = np.minimum(BEARING_METRES, length)
    junction = shapely.get_coordinates(shapely.line_interpolate_point(lines, np.where(at_end, length, 0.0)))
    point = shapely.get_coordinates(shapely.line_interpolate_point(lines, np.where(at_end, length - away, away)))
    bearing: FloatArray = np.arctan2(*(point - junction).T[::-1])
    return bearing


def _behind_links(
    streets: StreetEdges, street: NDArray[np.intp], at_end: BoolArray
) -> tuple[NDArray[np.intp], BoolArray]:
    """Return the ends with each link through a wall, which has no direction, replaced by a street behind the wall."""
    links = np.flatnonzero(streets.lane[street] == Lane.LINK)
    if not len(links):
        return street, at_end
    rows = np.flatnonzero(streets.lane != Lane.LINK)
    ends = np.concatenate([streets.start[rows], streets.end[rows]])
    behind = np.where(at_end[links], streets.start[street[links]], streets.end[street[links]])
    order = np.argsort(ends, kind="stable")
    found = order[np.searchsorted(ends, behind, sorter=order)]
    street, at_end = street.copy(), at_end.copy()
    street[links], at_end[links] = rows[found % len(rows)], found >= len(rows)
    return street, at_end


def _links(sides: StreetEdges, streets: StreetEdges, ends: _Ends) -> StreetEdges:
    """Return the rows across wide roads, one for each pair of neighbouring sectors that a way across joins."""
    crossable = _crossable(streets, ends)
    across = np.flatnonzero(ends.wide & (ends.before != ends.after) & crossable[ends.node])
    low = np.minimum(ends.before[across], ends.after[across])
    high = np.maximum(ends.before[across], ends.after[across])
    # A road that runs through a node parts the same two sectors twice, and is crossed once; the larger piece decides.
    order = np.lexsort((-streets.road[ends.street[across]], high, low))
    _, first = np.unique(np.column_stack([low, high])[order], axis=0, return_index=True)
    chosen = order[first]
    xy = sides.node_xy[low[chosen]]
    count = len(chosen)
    return StreetEdges.plain(
        start=low[chosen],
        end=high[chosen],
        lines=np.asarray(shapely.linestrings(np.stack([xy, xy], axis=1)), object),
        node_xy=sides.node_xy,
        crs=streets.crs,
        at_ground=np.zeros(count, bool),
        road=streets.road[ends.street[across[chosen]]],
        lane=np.full(count, Lane.LINK, np.int8),
        names=sides.names,
        node_crossing=sides.node_crossing,
        node_cut=sides.node_cut,
    )


def _crossable(streets: StreetEdges, ends: _Ends) -> BoolArray:
    """Return the nodes (n,) at which walkers get across the wide roads that meet there."""
    nodes = len(streets.node_xy)
    junction = np.bincount(ends.node[ends.wide], minlength=nodes) >= WIDE_PIECES_OF_A_JUNCTION
    through = np.zeros(nodes, bool)
    other = ends.node[~ends.wide], ends.after[~ends.wide]
    through[np.unique(other[0][1:][(other[0][1:] == other[0][:-1]) & (other[1][1:] != other[1][:-1])])] = True
    return (streets.node_crossing > Crossing.NONE) | junction | through
