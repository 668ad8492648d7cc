"""Where the lines of a street layer meet: at the node numbers they carry, else where their ends are drawn.

Lines that merely cross on the map are never joined: one may be a bridge. What joins is stated here once:

- ends with the same node number, where a layer has them (`u` and `v` of OSMnx);
- else ends drawn at one place, or within a small tolerance of each other;
- an end drawn on another line, or within the tolerance of it;
- on request, inner points that two lines share, as ways of OpenStreetMap do where they have lost the numbers of their nodes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from livingcircle.model.columns import BoolArray, Columns, FloatArray, GeometryArray

_PER_METRE = 1000
"""Points less than a millimetre apart are one."""


@dataclass(frozen=True, slots=True, eq=False)
class JoinedLines(Columns):
    """Lines (l rows) as references to nodes (k in all), and how they were joined.

    The references of line `i` are `first[i]:first[i + 1]`; `node` numbers them, and `point` is the position of each among the points of
    the lines as given, whose place it takes. Of lines drawn twice, in whichever direction, the first is kept: `line` are their positions.
    `ends_moved` counts ends that were drawn apart and joined, `ends_on_lines` those that meet another line between its ends,
    `inner_points_shared` the places where lines share an inner point and were not joined, `twice` the lines left out.
    """

    unaligned: ClassVar[frozenset[str]] = frozenset({"first", "node", "point"})

    line: NDArray[np.intp]
    first: NDArray[np.int64]
    node: NDArray[np.int64]
    point: NDArray[np.intp]
    ends_moved: int
    ends_on_lines: int
    inner_points_shared: int
    twice: int


def join_lines(
    lines: GeometryArray,
    *,
    snap_metres: float,
    at_inner_points: bool = False,
    numbers: NDArray[np.int64] | None = None,
) -> JoinedLines:
    """Join lines (l,) in metres; `numbers` (l, 2) are those of the nodes they begin and end at, None where they carry none."""
    xy, owner = shapely.get_coordinates(lines, return_index=True)
    place = np.unique(np.rint(xy * _PER_METRE).astype(np.int64), axis=0, return_inverse=True)[1].reshape(-1)
    kept = _drawn_once(lines, place)
    chosen = np.isin(owner, kept)
    given, lines, points = len(lines), lines[kept], np.flatnonzero(chosen)
    xy, place = xy[chosen], place[chosen]
    owner = np.searchsorted(kept, owner[chosen])
    counts = np.bincount(owner, minlength=len(lines))
    last = np.cumsum(counts) - 1
    ends = np.concatenate([last - counts + 1, last])
    is_end = np.zeros(len(xy), bool)
    is_end[ends] = True
    own = int(place.max(initial=-1)) + 1 + np.arange(len(xy))  # a number of its own for every point
    moved = on_lines = shared = 0
    if numbers is not None:
        node = np.where(is_end, 0, own)
        node[ends] = np.unique(numbers[kept].T.reshape(-1), return_inverse=True)[1]
        order, added = np.arange(len(xy)), np.empty(0, np.intp)
    else:
        inner = ~is_end
        if not at_inner_points:
            inner_place, lines_there = np.unique(
                np.unique(np.column_stack([place[inner], owner[inner]]), axis=0)[:, 0], return_counts=True
            )
            shared = int((lines_there[~np.isin(inner_place, place[ends])] > 1).sum())
        node = np.where(is_end | at_inner_points, place, own)
        end_points = ends[np.unique(place[ends], return_index=True)[1]]
        pairs = _near(xy[end_points], snap_metres)
        links = [node[end_points[pairs]]]
        moved = len(pairs)
        onto, at_point, added, along = _ends_on_lines(xy, lines, owner, end_points, snap_metres)
        links.append(node[np.column_stack([end_points[onto], at_point])])
        on_lines = len(np.unique(onto)) + len(np.unique(added))
        node = _united(node, np.concatenate(links))
        order = np.arange(len(xy) + len(added))
        if len(added):
            measured = np.concatenate([_metres_along(xy, owner), along[1]])
            owner = np.concatenate([owner, along[0].astype(owner.dtype)])
            order = np.lexsort((measured, owner))
            node = np.concatenate([node, node[end_points[added]]])
            counts = np.bincount(owner, minlength=len(lines))
            points = np.concatenate([points, points[end_points[added]]])
    node, points = node[order], points[order]
    # One place for every visit of a node: that of its first point.
    _, first_visit, of_node = np.unique(node, return_index=True, return_inverse=True)
    return JoinedLines(
        line=kept,
        first=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        node=node.astype(np.int64),
        point=points[first_visit[of_node]],
        ends_moved=moved,
        ends_on_lines=on_lines,
        inner_points_shared=shared,
        twice=given - len(kept),
    )


def numbers_of_ends(lines: GeometryArray, numbers: NDArray[np.int64], metres: float) -> NDArray[np.int64] | None:
    """Return the node numbers (l, 2) of the first and the last point of each line; None where they do not fit what is drawn.

    An undirected graph names the ends of its edges in any order: the place that most lines of a node have in common is the node's, and
    tells which end is which. Ends of one number farther than `metres` apart are no junction.
    """
    tips = np.stack([shapely.get_coordinates(shapely.get_point(lines, end)) for end in (0, -1)], axis=1)
    place = np.unique(np.rint(tips.reshape(-1, 2) * _PER_METRE).astype(np.int64), axis=0, return_inverse=True)[1]
    place = place.reshape(-1, 2)
    names, node = np.unique(numbers.reshape(-1), return_inverse=True)
    node = node.reshape(-1, 2)
    at = _place_of_nodes(node, place)
    as_named, swapped = (at[node] == place).sum(axis=1), (at[node] == place[:, ::-1]).sum(axis=1)
    node = np.where((swapped > as_named)[:, None], node[:, ::-1], node)
    low, high = np.full((len(names), 2), np.inf), np.full((len(names), 2), -np.inf)
    np.minimum.at(low, node.reshape(-1), tips.reshape(-1, 2))
    np.maximum.at(high, node.reshape(-1), tips.reshape(-1, 2))
    return names[node] if (high - low <= metres).all() else None


def _place_of_nodes(node: NDArray[np.intp], place: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return the place that most lines of each node end at, -1 where two are equally frequent."""
    both = np.concatenate(
        [
            np.column_stack([node.reshape(-1), place.reshape(-1)]),
            np.column_stack([node.reshape(-1), place[:, ::-1].reshape(-1)]),
        ]
    )
    pairs, times = np.unique(both, axis=0, return_counts=True)
    order = np.lexsort((-times, pairs[:, 0]))
    pairs, times = pairs[order], times[order]
    first = np.flatnonzero(np.r_[True, pairs[1:, 0] != pairs[:-1, 0]])
    second = np.minimum(first + 1, len(pairs) - 1)
    tied = (second > first) & (pairs[second, 0] == pairs[first, 0]) & (times[second] == times[first])
    return np.where(tied, -1, pairs[first, 1])


def _drawn_once(lines: GeometryArray, place: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return the positions of lines without those that run through the same points as one before, in either direction."""
    counts = shapely.get_num_coordinates(lines)
    first = np.cumsum(counts) - counts
    start, end = place[first], place[first + counts - 1]
    # The sum of the numbers of the points, and of their squares, do not depend on the direction.
    sums, squares = (np.add.reduceat(term, first) for term in (place.astype(np.int64), place.astype(np.int64) ** 2))
    alike = np.column_stack([np.minimum(start, end), np.maximum(start, end), counts, sums, squares])
    return np.sort(np.unique(alike, axis=0, return_index=True)[1])


def _near(xy: FloatArray, metres: float) -> NDArray[np.intp]:
    """Return pairs (p, 2) of points that lie within `metres` of each other."""
    if metres <= 0 or len(xy) < 2:
        return np.empty((0, 2), np.intp)
    return np.asarray(cKDTree(xy).query_pairs(metres, output_type="ndarray"), np.intp).reshape(-1, 2)


def _ends_on_lines(
    xy: FloatArray,
    lines: GeometryArray,
    owner: NDArray[np.intp],
    end_points: NDArray[np.intp],
    metres: float,
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp], tuple[NDArray[np.intp], FloatArray]]:
    """Find ends that meet a line between its ends.

    Returns
    -------
    Which of `end_points` meet a line at a point it has, and that point; which meet one where it has none, and there the line and the metres
    along it.
    """
    tolerance = max(metres, 1 / _PER_METRE)
    last = np.cumsum(np.bincount(owner, minlength=len(lines))) - 1
    first = np.concatenate([[0], last[:-1] + 1]) if len(last) else last
    end, line = shapely.STRtree(lines).query(shapely.points(xy[end_points]), predicate="dwithin", distance=tolerance)
    tips = np.stack([xy[first[line]], xy[last[line]]])
    between: BoolArray = (np.hypot(*(tips - xy[end_points[end]]).transpose(2, 0, 1)) > tolerance).all(axis=0)
    end, line = end[between], line[between]
    # The nearest point of each line, if one is within the tolerance.
    near = cKDTree(xy).query_ball_point(xy[end_points[end]], tolerance) if len(end) else []
    at = np.full(len(end), -1, np.intp)
    for row, found in enumerate(near):
        own = [point for point in found if owner[point] == line[row]]
        if own:
            at[row] = min(own, key=lambda point: (float(np.hypot(*(xy[point] - xy[end_points[end[row]]]))), point))
    along = shapely.line_locate_point(lines[line], shapely.points(xy[end_points[end]]))
    has = at >= 0
    return end[has], at[has], end[~has], (line[~has], along[~has])


def _metres_along(xy: FloatArray, owner: NDArray[np.intp]) -> FloatArray:
    """Return how far along its line each point lies."""
    steps = np.hypot(*np.diff(xy, axis=0, prepend=xy[:1]).T)
    first = np.r_[True, owner[1:] != owner[:-1]]
    steps[first] = 0
    run = np.cumsum(steps)
    return np.asarray(run - run[np.flatnonzero(first)][np.cumsum(first) - 1], float)


def _united(node: NDArray[np.int64], links: NDArray[np.int64]) -> NDArray[np.int64]:
    """Give one number to nodes that are linked."""
    if not len(links):
        return node
    known, position = np.unique(np.concatenate([node, links.reshape(-1)]), return_inverse=True)
    pairs = position[len(node) :].reshape(-1, 2)
    graph = coo_array((np.ones(len(pairs), np.int8), (pairs[:, 0], pairs[:, 1])), shape=(len(known), len(known)))
    together = connected_components(graph, directed=False)[1]
    return np.asarray(together[position[: len(node)]], np.int64)
