"""Walled compounds: streets are cut at the walls, joined again at the gates, and private inside.

A wall stands wherever a street inside meets any other. It is open where a known gate is near. Where no gate of a compound is known, an
assumption decides: that there is no wall at all (`open`), or a single gate, towards the largest street (`one_gate`). The truth lies
in between, so figures are given for both.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from livingcircle.kernel.lanes import with_links, with_node_copies
from livingcircle.kernel.lines import cut_lines
from livingcircle.model.columns import BoolArray, FloatArray, GeometryArray, IntArray, SmallArray
from livingcircle.model.compound import Compounds, Enclosures, Gates, Passage, Walls
from livingcircle.model.network import Lane, Road, StreetEdges

Unknown = Literal["open", "one_gate"]

WALL_METRES = 3.0
"""How far inside its outline a compound begins: streets drawn along the outline, give or take, are outside."""
GATE_METRES = 15.0
"""How far a gate may be drawn from the place where a street passes the wall, and from the outline of its compound."""
NAMED_GATE_METRES = 100.0
"""How far a gate that names its compound may lie from the outline: farther, one of the two is wrong."""
STREET_METRES = 50.0
"""How far from the wall the largest street is looked for, where no street leads in."""
PUBLIC_ROAD = Road.TERTIARY
"""Roads of this class and above are the city's: where one crosses a compound, it is not the compound's."""


@dataclass(frozen=True, slots=True, eq=False)
class Walled:
    """Streets with walls in them, the walls that places are kept behind, and what was known and assumed of each compound.

    `gates_nowhere` counts the gates that are not near the outline of the compound they name, or of any if they name none.
    """

    streets: StreetEdges
    walls: Walls
    enclosures: Enclosures
    gates_nowhere: int


class _Crossings(NamedTuple):
    """Where inner streets of an area meet others: the junction and the area, each pair once, sorted by junction and area."""

    node: NDArray[np.int64]
    area: NDArray[np.int64]


class _Ways(NamedTuple):
    """Known gates in the wall of an area: a row for each gate and area."""

    gate: NDArray[np.intp]
    area: NDArray[np.intp]


def walled(
    streets: StreetEdges,
    compounds: Compounds,
    gates: Gates,
    unknown: Unknown,
    at_minute: float,
    frontage_metres: float = 0.0,
) -> Walled:
    """Put up the walls of compounds, with those gates that can be passed `at_minute` of the day.

    Inner streets become private unless strangers may walk through. A crossing within `GATE_METRES` of a gate is open; a gate for residents
    lets out those who set out inside and nobody in; every other crossing is a wall. Compounds none of whose gates is known are left
    out of the picture (`unknown` "open"), or have one gate: the crossing towards the largest street, among equal ones the most central.
    Compounds with known gates that are all shut at this hour have that one gate, too, for nobody is locked in.
    """
    at_wall = _gates_at_walls(gates, compounds)
    passable = (gates.who > Passage.NOBODY) & open_at(gates, at_minute)
    known = np.bincount(at_wall.area, minlength=len(compounds))
    usable = np.bincount(at_wall.area[passable[at_wall.gate]], minlength=len(compounds))
    areas = np.asarray(shapely.buffer(compounds.geometry, -WALL_METRES), object)
    has_wall = ((known > 0) | (unknown == "one_gate")) & ~shapely.is_empty(areas)  # a few metres across enclose nothing
    enclosed = np.flatnonzero(has_wall)
    areas = areas[enclosed]

    streets = _cut_at(areas, streets)
    inner = _inner_area(streets, areas)
    crossings = _crossings(streets, inner, areas)
    position = np.full(len(compounds), -1)
    position[enclosed] = np.arange(len(enclosed))
    open_ways = passable[at_wall.gate] & (position[at_wall.area] >= 0)
    ways = at_wall.gate[open_ways], position[at_wall.area[open_ways]]
    passage, off_street = _passages(streets, crossings, gates, _Ways(*ways))
    assumed = np.flatnonzero(usable[enclosed] == 0)
    chosen = _towards_largest_street(streets, inner, crossings, areas, assumed)
    passage[chosen] = Passage.EVERYONE
    without = np.setdiff1d(assumed, crossings.area[chosen])
    passed = np.flatnonzero(passage != Passage.NOBODY)
    beside = len(off_street.gate) + len(without)
    walls = _walls(
        areas,
        xy=np.concatenate(
            [
                gates.xy[off_street.gate],
                _on_outline(streets, inner, areas[without]),
                streets.node_xy[crossings.node[passed]],
            ]
        ),
        inside=np.concatenate([off_street.area, without, crossings.area[passed]]),
        who=np.concatenate([gates.who[off_street.gate], np.full(len(without), Passage.EVERYONE), passage[passed]]),
        on_street=np.arange(beside + len(passed)) >= beside,
    )
    private = streets.private.copy()
    private[inner >= 0] |= ~compounds.through[enclosed[inner[inner >= 0]]]
    counted = np.zeros(len(compounds), np.int32)
    counted[enclosed] = np.bincount(crossings.area, minlength=len(enclosed))
    return Walled(
        streets=_split(replace(streets, private=private), inner, crossings, passage),
        walls=replace(walls, frontage_metres=frontage_metres),
        gates_nowhere=len(gates) - len(np.unique(at_wall.gate)),
        enclosures=Enclosures(
            crossings=counted,
            gates=usable.astype(np.int32),
            shut=(known - usable).astype(np.int32),
            assumed=usable == 0,
        ),
    )


def open_at(gates: Gates, minute: float) -> BoolArray:
    """Return which gates (g,) are open at a minute of the day; one that closes before it opens is open over midnight."""
    by_day = (gates.opens <= minute) & (minute <= gates.closes)
    by_night = (gates.closes < gates.opens) & ((gates.opens <= minute) | (minute <= gates.closes))
    open_: BoolArray = np.isnan(gates.opens) | np.isnan(gates.closes) | by_day | by_night
    return open_


def area_around(points: GeometryArray, areas: GeometryArray, other_than: IntArray | None = None) -> IntArray:
    """Return the position of the smallest area that each point (p,) lies in, -1 for none; the point's `other_than` does not count."""
    found = np.full(len(points), -1, np.int32)
    area, point = shapely.STRtree(points).query(areas, predicate="intersects")
    if other_than is not None:
        others = area != other_than[point]
        area, point = area[others], point[others]
    smallest_last = np.argsort(-shapely.area(areas[area]), kind="stable")
    found[point[smallest_last]] = area[smallest_last]
    return found


def _gates_at_walls(gates: Gates, compounds: Compounds) -> _Ways:
    """Pair gates with their compounds: the one that is named, unless that is `NAMED_GATE_METRES` away, or all whose outline is near."""
    named = np.flatnonzero(gates.compound >= 0)
    walls = shapely.boundary(compounds.geometry[gates.compound[named]])
    named = named[shapely.distance(shapely.points(gates.xy[named]), walls) <= NAMED_GATE_METRES]
    free = np.flatnonzero(gates.compound < 0)
    outlines = shapely.STRtree(shapely.boundary(compounds.geometry))
    gate, area = outlines.query(shapely.points(gates.xy[free]), predicate="dwithin", distance=GATE_METRES)
    return _Ways(np.concatenate([named, free[gate]]), np.concatenate([gates.compound[named], area]))


def _cut_at(areas: GeometryArray, streets: StreetEdges) -> StreetEdges:
    """Cut streets where they pass the outline of an area."""
    may_be_inner = np.flatnonzero(_may_be_inner(streets))
    outlines = shapely.boundary(areas)
    area, street = shapely.STRtree(streets.lines[may_be_inner]).query(outlines, predicate="intersects")
    street = may_be_inner[street]
    shared = shapely.extract_unique_points(shapely.intersection(streets.lines[street], outlines[area]))
    points, owner = shapely.get_coordinates(shared, return_index=True)
    street = street[owner]
    cuts = cut_lines(streets.lines, street, shapely.line_locate_point(streets.lines[street], shapely.points(points)))

    nodes = len(streets.node_xy)
    new = nodes + np.arange(len(cuts.xy), dtype=np.int32)
    first, last = cuts.begins < 0, cuts.stops < 0
    pieces = streets.take(cuts.line)
    pieces = replace(
        pieces,
        start=np.where(first, pieces.start, new[cuts.begins] if len(new) else 0).astype(np.int32),
        end=np.where(last, pieces.end, new[cuts.stops] if len(new) else 0).astype(np.int32),
        metres=pieces.metres * cuts.share,
        lines=cuts.pieces,
    )
    whole = np.setdiff1d(np.arange(len(streets)), cuts.line)
    return replace(
        streets.take(whole).followed_by(pieces),
        node_xy=np.concatenate([streets.node_xy, cuts.xy]),
        node_crossing=np.concatenate([streets.node_crossing, np.zeros(len(new), np.int8)]),
        node_cut=np.concatenate([streets.node_cut, np.zeros(len(new), bool)]),
    )


def _may_be_inner(streets: StreetEdges) -> BoolArray:
    """Return which streets a wall can enclose: not the city's roads, and none that passes above or below."""
    small: BoolArray = (streets.road < PUBLIC_ROAD) & (streets.lane == Lane.STREET)
    return streets.at_ground & small


def _inner_area(streets: StreetEdges, areas: GeometryArray) -> IntArray:
    """Return the area each street (e,) is enclosed by, -1 for none; streets have been cut, so their middles decide."""
    inner = area_around(shapely.line_interpolate_point(streets.lines, 0.5, normalized=True), areas)
    inner[~_may_be_inner(streets)] = -1
    return inner


def _crossings(streets: StreetEdges, inner: IntArray, areas: GeometryArray) -> _Crossings:
    """Find where streets of an area meet others; those of areas that lie within it are behind its wall as well."""
    ends, area = np.concatenate([streets.start, streets.end]).astype(np.int64), np.tile(inner, 2).astype(np.int64)
    within = area >= 0
    # A junction and an area make one number.
    pairs = np.unique(ends[within] * len(areas) + area[within])
    around, nested = shapely.STRtree(areas).query(areas, predicate="contains")  # every area is around itself, too
    order = np.argsort(nested, kind="stable")
    first, last = (np.searchsorted(nested[order], area[within], side) for side in ("left", "right"))
    count = last - first
    position = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count - first, count)
    behind = np.repeat(ends[within], count) * len(areas) + around[order][position]
    streets_behind = np.bincount(np.searchsorted(pairs, behind[np.isin(behind, pairs)]), minlength=len(pairs))
    node, area = np.divmod(pairs, max(len(areas), 1))
    meets_others = np.bincount(ends, minlength=len(streets.node_xy))[node] > streets_behind
    return _Crossings(node[meets_others], area[meets_others])


def _passages(streets: StreetEdges, crossings: _Crossings, gates: Gates, ways: _Ways) -> tuple[SmallArray, _Ways]:
    """Return who passes each crossing, by the gates near it, and the gates that are near no crossing of their area."""
    passage = np.zeros(len(crossings.node), np.int8)
    tree = shapely.STRtree(np.asarray(shapely.points(streets.node_xy[crossings.node]), object))
    way, crossing = tree.query(shapely.points(gates.xy[ways.gate]), predicate="dwithin", distance=GATE_METRES)
    own = ways.area[way] == crossings.area[crossing]
    np.maximum.at(passage, crossing[own], gates.who[ways.gate[way[own]]])
    rest = np.setdiff1d(np.arange(len(ways.gate)), way[own])
    return passage, _Ways(ways.gate[rest], ways.area[rest])


def _towards_largest_street(
    streets: StreetEdges, inner: IntArray, crossings: _Crossings, areas: GeometryArray, wanted: NDArray[np.intp]
) -> NDArray[np.intp]:
    """Return one crossing of each wanted area that has any.

    The one whose street leads to a junction with the largest road; among equals the nearest to the area's centroid, then the first from
    west to east and south to north.
    """
    open_ = np.flatnonzero((inner < 0) & streets.at_ground)
    ends = np.concatenate([streets.start[open_], streets.end[open_]])
    far_ends = np.concatenate([streets.end[open_], streets.start[open_]])
    largest, beyond = (np.full(len(streets.node_xy), -1) for _ in range(2))
    np.maximum.at(largest, ends, np.tile(streets.road[open_], 2))
    np.maximum.at(beyond, ends, np.maximum(largest[ends], largest[far_ends]))

    candidates = np.flatnonzero(np.isin(crossings.area, wanted))
    node, area = crossings.node[candidates], crossings.area[candidates]
    xy = streets.node_xy[node]
    centre = shapely.get_coordinates(shapely.centroid(areas))[area]
    off_centre = np.round(np.hypot(*(xy - centre).T), 3)
    order = np.lexsort((xy[:, 1], xy[:, 0], off_centre, -beyond[node], area))
    _, first = np.unique(area[order], return_index=True)
    return candidates[order[first]]


def _on_outline(streets: StreetEdges, inner: IntArray, areas: GeometryArray) -> FloatArray:
    """Return a point on each area's outline (a, 2): towards the largest street near it, where that passes the middle of the area."""
    open_ = np.flatnonzero((inner < 0) & streets.at_ground)
    tree, outlines = shapely.STRtree(streets.lines[open_]), shapely.boundary(areas)
    near, nearest = (
        tree.query(outlines, predicate="dwithin", distance=STREET_METRES),
        tree.query_nearest(outlines, all_matches=False),
    )
    area, street = np.concatenate([near, nearest], axis=1)
    street = open_[street]
    far = np.repeat([False, True], [near.shape[1], nearest.shape[1]])
    metres = np.round(shapely.distance(outlines[area], streets.lines[street]), 3)
    order = np.lexsort((street, metres, -streets.road[street], far, area))
    _, first = np.unique(area[order], return_index=True)
    best = order[first]
    chosen = areas[area[best]]
    towards = shapely.get_point(shapely.shortest_line(shapely.centroid(chosen), streets.lines[street[best]]), -1)
    return shapely.get_coordinates(shapely.get_point(shapely.shortest_line(shapely.boundary(chosen), towards), 0))


def _walls(
    areas: GeometryArray, *, xy: FloatArray, inside: NDArray[np.integer], who: NDArray[np.integer], on_street: BoolArray
) -> Walls:
    outside = area_around(np.asarray(shapely.points(xy), object), areas, other_than=inside.astype(np.int32))
    return Walls(
        areas=areas,
        gate_xy=xy,
        inside=inside.astype(np.int32),
        outside=outside,
        arriving=who == Passage.EVERYONE,
        on_street=on_street,
    )


def _split(streets: StreetEdges, inner: IntArray, crossings: _Crossings, passage: SmallArray) -> StreetEdges:
    """Give inner streets a junction of their own wherever a crossing is not open to everyone, with a step out for residents."""
    shut = np.flatnonzero(passage != Passage.EVERYONE)
    own = len(streets.node_xy) + np.arange(len(shut))
    pairs = int(inner.max(initial=-1)) + 2  # so that a junction and an area make one number, the open city included
    keys = crossings.node[shut] * pairs + crossings.area[shut]

    def behind(ends: IntArray) -> IntArray:
        key = ends.astype(np.int64) * pairs + inner
        found = np.searchsorted(keys, key)
        matches = (inner >= 0) & np.isin(key, keys)
        moved = ends.copy()
        moved[matches] = own[found[matches]]
        return moved

    split = replace(
        with_node_copies(streets, crossings.node[shut]), start=behind(streets.start), end=behind(streets.end)
    )
    residents = passage[shut] == Passage.RESIDENTS
    return with_links(split, own[residents], crossings.node[shut][residents])
