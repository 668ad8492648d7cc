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
from scipy.spatial import cKDTree

from livingcircle.kernel.compound import GATE_METRES, PUBLIC_ROAD, WALL_METRES
from livingcircle.model.columns import BoolArray, FloatArray, GeometryArray, IntArray, TextArray
from livingcircle.model.completeness import GRADES, LEAST, MOST, NetworkCompleteness
from livingcircle.model.compound import Compounds, Gates
from livingcircle.model.network import Road, StreetEdges
from livingcircle.model.places import Districts, Homes

FAR_METRES = 50.0
"""A home farther than this from every walked street has no mapped way to its door."""
SAMPLE_METRES = 20.0
"""How densely lines are sampled before distances to them are measured."""
LEAST_METRES = 1000.0
"""Dead ends are not counted per kilometre where there is less: a corner of a district that the data just reach has nothing but ends."""
LEAST_COMPOUND_M2 = (2 * FAR_METRES) ** 2
"""In a smaller compound no home is that far from the streets around it, so it needs no path of its own."""


class _Placed(NamedTuple):
    """Where things lie: thing `thing[i]` counts in row `row[i]`, 0 for the whole study, 1 + d for district d and for all it is part of."""

    thing: NDArray[np.intp]
    row: NDArray[np.intp]
    rows: int

    def sums(self, weights: FloatArray | BoolArray) -> FloatArray:
        """Add up the weights of the things in each row."""
        return np.asarray(np.bincount(self.row, np.asarray(weights, float)[self.thing], minlength=self.rows), float)

    def distinct(self, kinds: NDArray[np.intp]) -> FloatArray:
        """Count the different kinds of the things in each row."""
        pairs = np.unique(np.column_stack([self.row, kinds[self.thing]]), axis=0)
        return np.bincount(pairs[:, 0], minlength=self.rows).astype(float)

    def medians(self, values: FloatArray) -> FloatArray:
        """Return the median of each row, NaN where it has no thing."""
        of_row = [values[self.thing[self.row == row]] for row in range(self.rows)]
        return np.array([np.median(row) if len(row) else np.nan for row in of_row])


def network_completeness(
    streets: StreetEdges,
    homes: Homes,
    districts: Districts,
    area: shapely.Geometry | None,
    compounds: Compounds | None,
    gates: Gates | None,
) -> NetworkCompleteness:
    """Measure streets as read, before islands are pruned and walls put up, and grade them for the whole study and each district.

    Streets belong where their middle lies: to the study within `area` (everywhere without one), and to the smallest district around it.
    """
    walked = np.flatnonzero(streets.forward | streets.backward)
    start, end, metres = streets.start[walked], streets.end[walked], streets.metres[walked]
    street = _placed((streets.node_xy[start] + streets.node_xy[end]) / 2, districts, area)
    length = street.sums(metres)
    part, apart = _parts(streets, start, end, metres)
    dead = streets.node_xy[_dead_ends(streets, start, end, gates)]
    closed = _placed(streets.closed_xy, districts, area).sums(streets.closed_metres)
    home = _rows(np.ones(len(homes), bool), homes.district, districts)
    far = _far(homes.xy, streets.lines[walked])
    measures = {
        "homes_far_share": _ratio(home.sums(far), home.sums(np.ones(len(homes)))),
        "residents_far_share": _ratio(home.sums(homes.residents * far), home.sums(homes.residents)),
        **_compound_paths(streets, walked, districts, area, compounds),
        "parts": street.distinct(part),
        "apart_share": _ratio(street.sums(metres * apart), length),
        "dead_ends_per_km": _ratio(
            _placed(dead, districts, area).sums(np.ones(len(dead))), np.where(length >= LEAST_METRES, length / 1000, 0)
        ),
        "dropped_share": _ratio(closed, closed + length),
        "private_share": _ratio(street.sums(metres * streets.private[walked]), length),
        "paths_share": _ratio(street.sums(metres * (streets.road[walked] == Road.NONE)), length),
    }
    grade, weakest = graded(measures)
    return NetworkCompleteness(
        district=np.arange(-1, len(districts), dtype=np.int32),
        kilometres=length / 1000,
        grade=grade,
        weakest=weakest,
        **measures,
    )


def graded(measures: dict[str, FloatArray]) -> tuple[TextArray, TextArray]:
    """Return the grade of each row and the measure that decided it: the worst, among equally bad ones the first listed.

    Measures that are unknown are passed over.
    """
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


def _placed(xy: FloatArray, districts: Districts, area: shapely.Geometry | None) -> _Placed:
    """Place points (k, 2)."""
    inside = np.ones(len(xy), bool)
    if area is not None:
        shapely.prepare(area)
        inside = shapely.intersects_xy(area, xy[:, 0], xy[:, 1])
    smallest = np.full(len(xy), -1, np.int32)
    for number in range(len(districts) - 1, -1, -1):
        shape = districts.geometry[number]
        west, south, east, north = shapely.bounds(shape)
        near = np.flatnonzero((xy[:, 0] >= west) & (xy[:, 0] <= east) & (xy[:, 1] >= south) & (xy[:, 1] <= north))
        shapely.prepare(shape)
        smallest[near[shapely.intersects_xy(shape, xy[near, 0], xy[near, 1])]] = number
    return _rows(inside, smallest, districts)


def _rows(inside: BoolArray, district: IntArray, districts: Districts) -> _Placed:
    """Place things by whether they are in the study, and by the smallest district each is in, -1 for none."""
    things, rows = [np.flatnonzero(inside)], [np.zeros(int(inside.sum()), np.intp)]
    climbing = district
    while (climbing >= 0).any():
        placed = np.flatnonzero(climbing >= 0)
        things.append(placed)
        rows.append(climbing[placed].astype(np.intp) + 1)
        climbing = np.append(districts.parent, np.int32(-1))[climbing]
    return _Placed(np.concatenate(things), np.concatenate(rows), len(districts) + 1)


def _far(xy: FloatArray, lines: GeometryArray) -> BoolArray:
    """Return which points (p,) are farther than `FAR_METRES` from every line.

    Points along the lines decide nearly all; only a home that is a little too far from every one of them is measured to the lines.
    """
    along = cKDTree(shapely.get_coordinates(shapely.segmentize(lines, SAMPLE_METRES)))
    metres, _ = along.query(xy, distance_upper_bound=FAR_METRES + SAMPLE_METRES / 2)
    far: BoolArray = metres > FAR_METRES
    unsure = np.flatnonzero(far & np.isfinite(metres))
    near, _ = shapely.STRtree(lines).query_nearest(
        shapely.points(xy[unsure]), max_distance=FAR_METRES, all_matches=False
    )
    far[unsure[near]] = False
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
    streets: StreetEdges,
    walked: NDArray[np.intp],
    districts: Districts,
    area: shapely.Geometry | None,
    compounds: Compounds | None,
) -> dict[str, FloatArray]:
    """Return how many compounds need paths of their own, the median of their density, and how many have none."""
    large = None if compounds is None else compounds.take(shapely.area(compounds.geometry) >= LEAST_COMPOUND_M2)
    if large is None or not len(large):
        unknown = np.full(len(districts) + 1, np.nan)
        return dict.fromkeys(("compounds", "compound_km_per_km2", "compounds_without_path"), unknown)
    own = walked[(streets.road[walked] < PUBLIC_ROAD) & streets.at_ground[walked]]
    # Streets drawn along the outline are outside, as for walls.
    inner = np.asarray(shapely.buffer(large.geometry, -WALL_METRES), object)
    shapely.prepare(inner)
    compound, street = shapely.STRtree(streets.lines[own]).query(inner, predicate="intersects")
    within = shapely.length(streets.lines[own[street]])
    crossing = np.flatnonzero(~shapely.covers(inner[compound], streets.lines[own[street]]))
    within[crossing] = shapely.length(
        shapely.intersection(streets.lines[own[street[crossing]]], inner[compound[crossing]])
    )
    metres = np.bincount(compound, within, minlength=len(large))
    placed = _placed(shapely.get_coordinates(shapely.point_on_surface(large.geometry)), districts, area)
    return {
        "compounds": placed.sums(np.ones(len(large))),
        "compound_km_per_km2": placed.medians(1000 * metres / shapely.area(large.geometry)),
        "compounds_without_path": placed.sums(metres == 0),
    }


def _ratio(part: FloatArray, whole: FloatArray) -> FloatArray:
    ratio = np.full(len(part), np.nan)
    np.divide(part, whole, out=ratio, where=whole > 0)
    return ratio
