"""Squares, platforms and other areas that are walked all over: ways across them, from every entrance to every other.

The outline of an area is a street like any other, since that is where ways join it. What is added here are straight walks inside: between
all entrances that see each other where there are few, else from every entrance to one point in the middle. Entrances are shared nodes of
OpenStreetMap, never places where lines happen to cross on the map, so what passes over or under a square is not joined to it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

import numpy as np
import shapely

from livingcircle.model.columns import BoolArray, Columns, FloatArray, GeometryArray, IntArray
from livingcircle.model.network import StreetEdges
from livingcircle.sources.projection import ground_metres, projected, unprojected
from livingcircle.sources.street_pieces import Ways

if TYPE_CHECKING:
    from numpy.typing import NDArray

FEW_ENTRANCES = 40
"""Up to so many, all pairs that see each other are joined: 780 walks at most. Beyond, walks lead through the middle, which costs a detour:
on squares of Porto, Las Palmas and Helsinki with 9 to 40 entrances 1.2 to 2.7 times the straight walks. Five of 2,400 areas have more."""
_NO_DETOUR = 1.02
"""Where the outline, or the way by a third entrance, is at most so many times as long as the straight walk, it serves."""
_ON_RING_METRES = 0.01

_Walks: TypeAlias = "tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]"


@dataclass(frozen=True, slots=True, eq=False)
class _Areas(Columns):
    """Polygons in metres (a rows) and what bounds them: area `i` the ways numbered `outline[first[i]:first[i + 1]]`."""

    unaligned: ClassVar[frozenset[str]] = frozenset({"first", "outline"})

    polygon: GeometryArray
    trait: IntArray
    first: NDArray[np.int64]
    outline: NDArray[np.int64]


def with_squares_crossed(streets: StreetEdges, ways: Ways) -> StreetEdges:
    """Append the walks across squares to the streets cut from the same ways.

    They carry the number of the first way of the outline. The middle of a square with many entrances is a new node. A square of which the
    source lacks a node, or whose outline crosses itself, keeps its outline only.
    """
    areas = _areas(ways, streets.crs)
    area, node = _entrances(streets, areas)
    few = np.bincount(area, minlength=len(areas))[area] <= FEW_ENTRANCES
    across = _sightlines(area[few], node[few], streets.node_xy, areas)
    through, middles = _spokes(area[~few], node[~few], streets.node_xy, areas)
    start, end, of_area = (np.concatenate(parts) for parts in zip(across, through, strict=True))
    if not len(start):
        return streets
    node_xy = np.concatenate([streets.node_xy, middles])
    trait = areas.trait[of_area]
    walks = StreetEdges.plain(
        start=start.astype(np.int32),
        end=end.astype(np.int32),
        lines=_segments(node_xy[start], node_xy[end]),
        node_xy=node_xy,
        crs=streets.crs,
        metres=ground_metres(*unprojected(node_xy[start], streets.crs), *unprojected(node_xy[end], streets.crs)),
        at_ground=ways.traits.at_ground[trait],
        private=ways.traits.private[trait],
        steps=ways.traits.steps[trait],
        way=areas.outline[areas.first[of_area]],
        name=ways.traits.name[trait],
    )
    return replace(
        streets.followed_by(walks),
        node_xy=node_xy,
        node_crossing=np.concatenate([streets.node_crossing, np.zeros(len(middles), np.int8)]),
        node_cut=np.concatenate([streets.node_cut, np.zeros(len(middles), bool)]),
    )


def _areas(ways: Ways, crs: str) -> _Areas:
    squares = ways.squares
    gaps = np.diff(_sums(np.isnan(ways.lon))[ways.first]) + (np.diff(ways.first) < 2)
    whole = np.flatnonzero(np.diff(_sums(gaps[squares.way])[squares.first]) == 0)
    way = squares.way[_listed(squares.first, whole)]
    square = np.repeat(np.arange(len(whole)), np.diff(squares.first)[whole])
    reference = _listed(ways.first, way)
    xy = projected(ways.lon[reference], ways.lat[reference], crs)
    lines = np.asarray(shapely.linestrings(xy, indices=np.repeat(np.arange(len(way)), np.diff(ways.first)[way])))
    filled = shapely.build_area(shapely.multilinestrings(lines, indices=square))
    # Of an outline in several pieces every piece is an area.
    polygon, piece_of = shapely.get_parts(filled, return_index=True)
    first = np.searchsorted(square, np.arange(len(whole) + 1))
    return _Areas(
        polygon=polygon,
        trait=squares.trait[whole[piece_of]],
        first=_sums(np.diff(first)[piece_of]),
        outline=ways.ids[way[_listed(first, piece_of)]],
    )


def _entrances(streets: StreetEdges, areas: _Areas) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return pairs of area and node: the nodes of its outline at which other streets end."""
    order = np.argsort(areas.outline, kind="stable")
    area_of = np.repeat(np.arange(len(areas)), np.diff(areas.first))[order]
    left = np.searchsorted(areas.outline[order], streets.way, side="left")
    sides = (
        np.searchsorted(areas.outline[order], streets.way, side="right") - left
    )  # areas on either side of a shared outline
    row = np.repeat(np.arange(len(streets)), sides)
    area = area_of[np.repeat(left, sides) + np.arange(len(row)) - np.repeat(np.cumsum(sides) - sides, sides)]
    pair = np.concatenate([area, area]) * len(streets.node_xy) + np.concatenate([streets.start[row], streets.end[row]])
    pairs, own = np.unique(pair, return_counts=True)
    area, node = np.divmod(pairs, max(len(streets.node_xy), 1))
    met = np.bincount(np.concatenate([streets.start, streets.end]), minlength=len(streets.node_xy))
    entrance = met[node] > own
    # Several areas may have one outline in pieces.
    entrance &= shapely.dwithin(areas.polygon[area], shapely.points(streets.node_xy[node]), _ON_RING_METRES)
    return area[entrance], node[entrance]


def _sightlines(area: NDArray[np.intp], node: NDArray[np.intp], node_xy: FloatArray, areas: _Areas) -> _Walks:
    """Return start, end and area of the straight walks between entrances that see each other and gain by it.

    Nothing is gained where the outline, or the way by a third entrance, is hardly longer.
    """
    position, around = _on_outer_ring(areas.polygon[area], node_xy[node])
    first, second = _pairs(area)
    apart = np.abs(position[first] - position[second])
    along = np.minimum(apart, around[first] - apart)  # NaN on rings apart
    straight = np.hypot(*(node_xy[node[first]] - node_xy[node[second]]).T)
    seen = (straight > 0) & ~(along <= _NO_DETOUR * straight)
    seen[seen] = _inside(areas.polygon[area[first[seen]]], node_xy[node[first[seen]]], node_xy[node[second[seen]]])
    by_third = _by_a_third(area, np.fmin(along, np.where(seen, straight, np.inf)))
    gain = seen & (by_third > _NO_DETOUR * straight)
    return node[first[gain]], node[second[gain]], area[first[gain]]


def _by_a_third(area: NDArray[np.intp], metres: FloatArray) -> FloatArray:
    """Return for all pairs (`_pairs`) the shortest way by another entrance of the same area, from the metres between each two."""
    shortest = np.full(len(metres), np.inf)
    done = 0
    for count in np.unique(area, return_counts=True)[1].tolist():
        upper = np.triu_indices(count, 1)
        pairs = slice(done, done + len(upper[0]))
        between = np.full((count, count), np.inf)
        between[upper] = metres[pairs]
        between = np.minimum(between, between.T)
        shortest[pairs] = (between[:, :, None] + between[None]).min(axis=1)[upper]
        done = pairs.stop
    return shortest


def _spokes(
    area: NDArray[np.intp], node: NDArray[np.intp], node_xy: FloatArray, areas: _Areas
) -> tuple[_Walks, FloatArray]:
    """Return the walks from a point in the middle of each area to the entrances it sees, and these points (new nodes, in metres).

    The middle is the centre of the largest circle that fits in: the point farthest from the outline and from every hole.
    """
    wanted, hub = np.unique(area, return_inverse=True)
    circles = shapely.maximum_inscribed_circle(areas.polygon[wanted], tolerance=1.0)
    middles = shapely.get_coordinates(shapely.get_point(circles, 0)).reshape(-1, 2)
    seen = _inside(areas.polygon[area], middles[hub], node_xy[node])
    useful = seen & (np.bincount(hub[seen], minlength=len(wanted)) > 1)[hub]
    used, number = np.unique(hub[useful], return_inverse=True)
    return (len(node_xy) + number, node[useful], area[useful]), middles[used]


def _pairs(group: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the positions of all pairs of rows that share a group; equal groups lie together."""
    rows = np.arange(len(group))
    later = np.searchsorted(group, group, side="right") - rows - 1
    first = np.repeat(rows, later)
    return first, first + 1 + np.arange(len(first)) - np.repeat(np.cumsum(later) - later, later)


def _on_outer_ring(polygons: GeometryArray, xy: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return how far along the outer ring each point lies, NaN for points of other rings, and the length of the ring."""
    rings, points = shapely.get_exterior_ring(polygons), shapely.points(xy)
    position = shapely.line_locate_point(rings, points)
    return np.where(shapely.dwithin(rings, points, _ON_RING_METRES), position, np.nan), shapely.length(rings)


def _inside(polygons: GeometryArray, start: FloatArray, end: FloatArray) -> BoolArray:
    """Return whether the straight walks stay inside; they begin and end on corners of the outline, or in the middle."""
    shapely.prepare(polygons)
    inside: BoolArray = shapely.covers(polygons, _segments(start, end))
    return inside


def _segments(start: FloatArray, end: FloatArray) -> GeometryArray:
    return np.asarray(shapely.linestrings(np.stack([start, end], axis=1)), object)


def _listed(first: NDArray[np.integer], rows: NDArray[np.integer]) -> NDArray[np.int64]:
    """Return the positions `first[i]:first[i + 1]` of some rows `i`, row after row."""
    counts = np.diff(first)[rows]
    return np.repeat(first[rows] - _sums(counts)[:-1], counts) + np.arange(counts.sum())


def _sums(values: NDArray[Any]) -> NDArray[np.int64]:
    """Return the sum of all values before each, and of all."""
    return np.concatenate([[0], np.cumsum(values)]).astype(np.int64)
