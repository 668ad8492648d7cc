"""Where the data end, and what that leaves unsure; and what crosses the lines between districts.

A facility beyond the edge of the data can only be reached over a place where a street was cut off. So the walk to the nearest such place is
a lower bound of every walk that the data do not show: who reaches it later than a limit is judged rightly, whatever lies beyond. No
distance from an outline is needed, and a coast, where streets end by themselves, leaves nobody unsure.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from livingcircle.kernel import search
from livingcircle.kernel.gauge import ServiceLimits, covered
from livingcircle.kernel.graph import LONGEST_SEARCH_SECONDS, TICKS_PER_SECOND, limit_ticks
from livingcircle.kernel.impedance import Impedance
from livingcircle.kernel.joints import timed
from livingcircle.kernel.reach import nearest_to_homes, reach_blocks
from livingcircle.kernel.seeds import Seeds, key_seconds
from livingcircle.model.columns import BoolArray, FloatArray, GeometryArray, IntArray
from livingcircle.model.network import Anchors, StreetEdges, WalkNetwork
from livingcircle.model.outcome import ExchangeTable
from livingcircle.model.places import Homes

NEAR_HULL_METRES = 250.0
"""Where a source does not say where it was cut, dead ends this close to the convex hull of the network are taken for cut streets."""
NATURAL_BORDER_METRES = 100.0
"""Streets cut within this of a natural border end there: nobody walks on."""
SAMPLE_METRES = 50.0
EXPECTED_OUTSIDE = 3.0
"""Where this many facilities would be expected outside the study area, finding none is no accident: of a Poisson variable it has a chance
of 5 %."""


class Margin(NamedTuple):
    """How far the streets reach beyond a study area: at the worst place, and the share of its outline where that is too little."""

    reached_metres: float
    short_share: float


# ── Where the data end ──────────────────────────────────────────────────────


def cut_nodes(streets: StreetEdges, natural_border: shapely.Geometry | None = None) -> tuple[BoolArray, bool]:
    """Return where streets were cut off (n,), without those at a natural border, and whether that had to be guessed.

    A source that marks no cut at all cannot tell: then dead ends of the largest part of the network that lie near its convex hull are taken
    for cuts.
    """
    cut = streets.node_cut.copy()
    guessed = not cut.any()
    points = np.asarray(shapely.points(streets.node_xy), object)
    if guessed and len(streets):
        pieces = np.bincount(np.concatenate([streets.start, streets.end]), minlength=len(points))
        links = coo_array((np.ones(len(streets), np.int8), (streets.start, streets.end)), (len(points), len(points)))
        part = connected_components(links, directed=False)[1]
        largest = part == np.bincount(part).argmax()
        hull = shapely.boundary(shapely.convex_hull(shapely.multipoints(points[largest])))
        cut = (pieces == 1) & largest & (shapely.distance(points, hull) <= NEAR_HULL_METRES)
    if natural_border is not None and cut.any():
        shapely.prepare(natural_border)
        cut &= ~shapely.dwithin(points, natural_border, NATURAL_BORDER_METRES)
    return cut, guessed


def seconds_to_cut(network: WalkNetwork, walk: Impedance, home_anchors: Anchors, home_xy: FloatArray) -> FloatArray:
    """Return the seconds (r,) from every home to the nearest place where a street was cut off, `inf` where there is none.

    Of a home that is not joined to the streets nobody knows where it meets those that are missing: its walk goes straight there.
    """
    limit = limit_ticks(LONGEST_SEARCH_SECONDS)
    cut = np.flatnonzero(network.streets.node_cut).astype(np.uint32)
    none = np.zeros(len(cut), np.uint32)
    keys = search.nearest(walk.toward, Seeds(cut, none, none, 1), limit)
    homes = timed(home_anchors, network, walk)
    no_place = homes.rows(np.empty(0, np.intp))
    seconds = key_seconds(nearest_to_homes(keys, homes, no_place, home_anchors.places, limit))
    apart = np.flatnonzero(~home_anchors.joined)
    if len(cut) and len(apart):
        ends = shapely.STRtree(np.asarray(shapely.points(network.streets.node_xy[cut]), object))
        (home, _), metres = ends.query_nearest(shapely.points(home_xy[apart]), return_distance=True, all_matches=False)
        seconds[apart[home]] = metres / walk.speed_metres_per_second
    return seconds


# ── The margin around a study area ──────────────────────────────────────────


def margin_of(area: shapely.Geometry, streets: StreetEdges, needed_metres: float) -> Margin:
    """Measure how far streets reach beyond an area before they were cut off; `inf` and 0 where none was cut within `needed_metres`.

    `short_share` is the share of the area's outline that has a cut street within `needed_metres`.
    """
    cut = np.asarray(shapely.points(streets.node_xy[streets.node_cut]), object)
    shapely.prepare(area)
    near = cut[shapely.dwithin(cut, area, needed_metres)]
    if not len(near):
        return Margin(np.inf, 0.0)
    outline = shapely.segmentize(shapely.boundary(area), SAMPLE_METRES)
    along = np.asarray(shapely.points(shapely.get_coordinates(outline)), object)
    short, _ = shapely.STRtree(near).query_nearest(along, max_distance=needed_metres, all_matches=False)
    return Margin(float(shapely.distance(near, area).min()), len(short) / len(along))


def absent_outside(
    area: shapely.Geometry, streets: StreetEdges, facility_xy: FloatArray, serves: BoolArray, needed_metres: float
) -> NDArray[np.intp]:
    """Return the services whose facilities stop at the edge of an area although its streets go on.

    Were they as dense along the streets outside, within `needed_metres`, as inside, at least `EXPECTED_OUTSIDE` would be there.
    """
    around = shapely.buffer(area, needed_metres)
    for shape in (area, around):
        shapely.prepare(shape)
    metres = streets.metres * streets.drawn
    middle = (streets.node_xy[streets.start] + streets.node_xy[streets.end]) / 2
    inside = shapely.contains_xy(area, *middle.T)
    beside = shapely.contains_xy(around, *middle.T) & ~inside
    offered_inside = serves[shapely.intersects_xy(area, *facility_xy.T)].sum(axis=0)
    offered = serves[shapely.intersects_xy(around, *facility_xy.T)].sum(axis=0)
    expected = offered_inside * metres[beside].sum() / max(metres[inside].sum(), 1.0)
    return np.flatnonzero((offered == offered_inside) & (expected >= EXPECTED_OUTSIDE))


# ── Across the lines between districts ──────────────────────────────────────


def district_of(xy: FloatArray, districts: GeometryArray) -> IntArray:
    """Return the district (k,) that holds each point: the first of several, -1 for none."""
    point, district = shapely.STRtree(districts).query(shapely.points(xy), predicate="intersects")
    position = np.full(len(xy), len(districts), np.int32)
    np.minimum.at(position, point, district.astype(np.int32))
    position[position == len(districts)] = -1
    return position


def own_seconds(
    network: WalkNetwork,
    walk: Impedance,
    home_anchors: Anchors,
    facility_anchors: Anchors,
    serves: BoolArray,
    home_district: IntArray,
    facility_district: IntArray,
    limit_seconds: float,
) -> FloatArray:
    """Return the seconds (s, r) to the nearest facility in each home's own district; `inf` beyond the limit and for homes in none."""
    ticks = np.full((serves.shape[1], home_anchors.places), np.inf)
    first = 0
    for indptr, met, took in reach_blocks(network, walk, facility_anchors, home_anchors, limit_seconds):
        serving = np.repeat(np.arange(first, first + len(indptr) - 1), np.diff(indptr))
        first += len(indptr) - 1
        own = (home_district[met] == facility_district[serving]) & (home_district[met] >= 0)
        facility, home, near = serving[own], met[own], took[own]
        for service in range(serves.shape[1]):
            offering = serves[facility, service]
            np.minimum.at(ticks[service], home[offering], near[offering])
    return ticks / TICKS_PER_SECOND


def exchange_table(
    seconds: FloatArray,
    own: FloatArray,
    facility: IntArray,
    homes: Homes,
    facility_district: IntArray,
    limits: ServiceLimits,
    districts: int,
) -> ExchangeTable:
    """Tell apart, at the `limits` of every service and in each district, who is covered by its own facilities, and whom else those serve.

    `seconds` and `facility` (s, r) are the nearest anywhere, `own` (s, r) the nearest within the home's district.
    """

    def summed(district: IntArray, chosen: BoolArray) -> FloatArray:
        return np.bincount(district[chosen], homes.residents[chosen], minlength=districts).astype(float)

    rows = []
    inhabited = homes.district >= 0
    for service, limit in limits:
        serving = np.append(facility_district, -1)[facility[service]]  # -1, no facility, is in no district
        here = covered(seconds[service], limit)
        at_home = covered(own[service], limit)
        abroad = here & (serving >= 0) & (serving != homes.district)
        rows.append((
            summed(homes.district, at_home & inhabited),
            summed(homes.district, here & ~at_home & inhabited),
            summed(serving, abroad),
        ))  # fmt: skip
    by_own, from_outside, outsiders = (np.concatenate([np.zeros(0), *(row[kind] for row in rows)]) for kind in range(3))
    return ExchangeTable(
        service=np.repeat([service for service, _ in limits], districts).astype(np.int32),
        limit_seconds=np.repeat([limit for _, limit in limits], districts).astype(float),
        district=np.tile(np.arange(districts, dtype=np.int32), len(limits)),
        residents_by_own=by_own,
        residents_from_outside=from_outside,
        outsiders_served=outsiders,
    )
