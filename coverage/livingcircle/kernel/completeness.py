"""How complete a street network is: how far homes are from it, where it breaks off, what was left out; by district.

What is missing cannot be seen, only what it leaves behind: homes without a way to their door, paths that end in the middle of a block,
compounds with a wall and nothing inside. Every measure is one such trace, and the worst of them grades the network
(`livingcircle.model.completeness`).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from livingcircle.kernel.compound import GATE_METRES, PUBLIC_ROAD, WALL_METRES
from livingcircle.model.columns import BoolArray, FloatArray, GeometryArray, IntArray, TextArray
from livingcircle.model.completeness import GRADES, LEAST, MOST, NetworkCompleteness
from livingcircle.model.compound import Compounds, Gates
from livingcircle.model.network import StreetEdges
from livingcircle.model.places import Homes

FAR_METRES = 50.0
"""A home farther than this from every walked street has no mapped way to its door."""
LEAST_COMPOUND_M2 = (2 * FAR_METRES) ** 2
"""In a smaller compound no home is that far from the streets around it, so it needs no path of its own."""


class _Units(NamedTuple):
    """What figures are given for: the whole study, then `count` districts. A thing lies in the study (`inside`), a district, or neither."""

    count: int

    def sums(self, inside: BoolArray, district: IntArray, weights: FloatArray | BoolArray) -> FloatArray:
        """Add up the weights of things in the study, then in each district."""
        placed = district >= 0
        each = np.bincount(district[placed], np.asarray(weights, float)[placed], minlength=self.count)
        return np.concatenate([[np.asarray(weights, float)[inside].sum()], each])


def network_completeness(
    streets: StreetEdges,
    homes: Homes,
    districts: GeometryArray,
    area: shapely.Geometry | None,
    compounds: Compounds | None,
    gates: Gates | None,
) -> NetworkCompleteness:
    """Measure streets as read, before islands are pruned and walls put up, and grade them for the whole study and each district.

    Streets belong where their middle lies: to the study within `area` (everywhere without one), and to the first district around it.
    """
    units = _Units(len(districts))
    walked = np.flatnonzero(streets.forward | streets.backward)
    start, end, metres = streets.start[walked], streets.end[walked], streets.metres[walked]
    middle = (streets.node_xy[start] + streets.node_xy[end]) / 2
    here, district = _inside(middle, area), _first_around(middle, districts)
    length = units.sums(here, district, metres)

    everyone = np.ones(len(homes), bool)
    far = _far(homes.xy, streets.lines[walked])
    part, apart = _parts(streets, start, end, metres)
    dead = _dead_ends(streets, start, end, gates)
    dead_xy = streets.node_xy[dead]
    dead_ends = units.sums(_inside(dead_xy, area), _first_around(dead_xy, districts), np.ones(len(dead)))
    closed_here, closed_district = _inside(streets.closed_xy, area), _first_around(streets.closed_xy, districts)
    closed = units.sums(closed_here, closed_district, streets.closed_metres)
    measures = {
        "homes_far_share": _ratio(
            units.sums(everyone, homes.district, far), units.sums(everyone, homes.district, everyone)
        ),
        "residents_far_share": _ratio(
            units.sums(everyone, homes.district, homes.residents * far),
            units.sums(everyone, homes.district, homes.residents),
        ),
        **_compound_paths(units, streets, walked, districts, compounds),
        "parts": _distinct(part, here, district, units),
        "apart_share": _ratio(units.sums(here, district, metres * apart), length),
        "dead_ends_per_km": _ratio(dead_ends, length / 1000),
        "dropped_share": _ratio(closed, closed + length),
        "private_share": _ratio(units.sums(here, district, metres * streets.private[walked]), length),
    }
    grade, weakest = graded(measures)
    return NetworkCompleteness(
        district=np.arange(-1, units.count, dtype=np.int32),
        kilometres=length / 1000,
        grade=grade,
        weakest=weakest,
        **measures,
    )


def graded(measures: dict[str, FloatArray]) -> tuple[TextArray, TextArray]:
    """Return the grade of each row and the measure that decided it: the worst, among equally bad ones the first listed; unknown ones pass."""
    names = [*MOST, *LEAST]
    worst = np.array(
        [np.searchsorted(MOST[name], measures[name], side="left") for name in MOST]
        + [np.searchsorted(-np.array(LEAST[name]), -measures[name], side="left") for name in LEAST]
    )
    known = np.array([np.isfinite(measures[name]) for name in names])
    worst = np.where(known, worst, -1)
    rows = np.arange(worst.shape[1])
    weakest = worst.argmax(axis=0)
    found = worst[weakest, rows]
    grade = np.array([*GRADES, ""], object)[found]
    return grade, np.where(found >= 0, np.array(names, object)[weakest], "")


def _inside(xy: FloatArray, area: shapely.Geometry | None) -> BoolArray:
    if area is None:
        return np.ones(len(xy), bool)
    shapely.prepare(area)
    inside: BoolArray = shapely.intersects_xy(area, xy[:, 0], xy[:, 1])
    return inside


def _first_around(xy: FloatArray, districts: GeometryArray) -> IntArray:
    """Return the first district (k,) around each point, -1 for none."""
    first = np.full(len(xy), -1, np.int32)
    for number in range(len(districts) - 1, -1, -1):
        west, south, east, north = shapely.bounds(districts[number])
        near = np.flatnonzero((xy[:, 0] >= west) & (xy[:, 0] <= east) & (xy[:, 1] >= south) & (xy[:, 1] <= north))
        shapely.prepare(districts[number])
        first[near[shapely.intersects_xy(districts[number], xy[near, 0], xy[near, 1])]] = number
    return first


def _far(xy: FloatArray, lines: GeometryArray) -> BoolArray:
    """Return which points (p,) are farther than `FAR_METRES` from every line."""
    far = np.ones(len(xy), bool)
    near, _ = shapely.STRtree(lines).query_nearest(shapely.points(xy), max_distance=FAR_METRES, all_matches=False)
    far[near] = False
    return far


def _parts(
    streets: StreetEdges, start: IntArray, end: IntArray, metres: FloatArray
) -> tuple[NDArray[np.intp], BoolArray]:
    """Return the part each walked street belongs to, and whether nothing joins it to the main one, within the data or beyond."""
    nodes = len(streets.node_xy)
    links = coo_array((np.ones(len(start), np.int8), (start, end)), shape=(nodes, nodes))
    of_node = connected_components(links, directed=False)[1]
    part = np.asarray(of_node[start], np.intp)
    cut = np.zeros(nodes, bool)
    cut[of_node[streets.node_cut]] = True
    main = np.bincount(part, metres, minlength=1).argmax()
    return np.where(cut[part], main, part), (part != main) & ~cut[part]


def _dead_ends(streets: StreetEdges, start: IntArray, end: IntArray, gates: Gates | None) -> NDArray[np.intp]:
    """Return the junctions where a single street ends, neither at the edge of the data nor at a gate."""
    pieces = np.bincount(np.concatenate([start, end]), minlength=len(streets.node_xy))
    dead = np.flatnonzero((pieces == 1) & ~streets.node_cut)
    if gates is None or not len(gates):
        return dead
    gate = shapely.STRtree(np.asarray(shapely.points(gates.xy), object))
    at_gate, _ = gate.query(shapely.points(streets.node_xy[dead]), predicate="dwithin", distance=GATE_METRES)
    return np.delete(dead, np.unique(at_gate))


def _compound_paths(
    units: _Units,
    streets: StreetEdges,
    walked: NDArray[np.intp],
    districts: GeometryArray,
    compounds: Compounds | None,
) -> dict[str, FloatArray]:
    """Return how many compounds need paths of their own, the median of their density, and how many have none."""
    unknown = np.full(units.count + 1, np.nan)
    large = None if compounds is None else compounds.take(shapely.area(compounds.geometry) >= LEAST_COMPOUND_M2)
    if large is None or not len(large):
        return dict.fromkeys(("compounds", "compound_km_per_km2", "compounds_without_path"), unknown)
    own = walked[(streets.road[walked] < PUBLIC_ROAD) & streets.at_ground[walked]]
    # Streets drawn along the outline are outside, as for walls.
    areas = np.asarray(shapely.buffer(large.geometry, -WALL_METRES), object)
    compound, street = shapely.STRtree(streets.lines[own]).query(areas, predicate="intersects")
    within = shapely.length(shapely.intersection(streets.lines[own[street]], areas[compound]))
    metres = np.bincount(compound, within, minlength=len(areas))
    m2 = shapely.area(areas)
    some = m2 > 0
    density = np.divide(1000 * metres, m2, out=np.full(len(areas), np.nan), where=some)
    xy = shapely.get_coordinates(shapely.point_on_surface(large.geometry))
    district = _first_around(xy, districts)
    rows = [some, *(some & (district == number) for number in range(units.count))]
    return {
        "compounds": np.array([float(row.sum()) for row in rows]),
        "compound_km_per_km2": np.array([np.median(density[row]) if row.any() else np.nan for row in rows]),
        "compounds_without_path": np.array([float((metres[row] == 0).sum()) for row in rows]),
    }


def _distinct(part: NDArray[np.intp], here: BoolArray, district: IntArray, units: _Units) -> FloatArray:
    """Count the different parts in the study and in each district."""
    placed = district >= 0
    pairs = np.unique(np.column_stack([district[placed], part[placed]]), axis=0)
    each = np.bincount(pairs[:, 0], minlength=units.count)
    return np.concatenate([[len(np.unique(part[here]))], each]).astype(float)


def _ratio(part: FloatArray, whole: FloatArray) -> FloatArray:
    return np.divide(part, whole, out=np.full(len(part), np.nan), where=whole > 0)
