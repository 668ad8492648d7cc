"""Draw the areas within 5, 10, 15 … minutes: of a service, of each facility, or of whichever facility is nearest.

The times come from the network; the polygons are drawn *from* them and decide nothing. Streets are cut exactly where the limit is reached
(`kernel.stretches`), the earliest time within a cell is put on its four corners (`kernel.time_field`), and borders are traced between them
(`kernel.tracing`). The land beside a street is as far as the street plus the walk to it, up to `OFF_STREET_METRES`. Declared, and tested:

- every reached piece of street lies inside, all of it;
- no junction beyond the limit lies inside, unless a reached piece passes within `TOLERANCE_CELLS` cells of it;
- holes of `SMALLEST_HOLE_M2` and more are kept, and smaller ones that hold a junction;
- polygons are valid; one lies within that of any longer limit, to within the sixth of a cell by which borders are thinned;
- where nothing is reached the polygon is empty, or the land straight around the place.

Cells measure `CELL_METRES`, and more only where an extract is so wide that a grid of it would not fit in memory.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import shapely
from numpy.typing import NDArray

from livingcircle.kernel import search
from livingcircle.kernel.areas import Areas, areas_within
from livingcircle.kernel.graph import LONGEST_SEARCH_SECONDS, TICKS_PER_SECOND, limit_ticks
from livingcircle.kernel.impedance import Impedance
from livingcircle.kernel.joints import timed
from livingcircle.kernel.search import Progress
from livingcircle.kernel.seeds import ending_at, setting_out
from livingcircle.kernel.street_cells import StreetCells, lay_out
from livingcircle.kernel.stretches import Stretches, rows_of_nearest, stretches
from livingcircle.kernel.time_field import FAR, windows
from livingcircle.model.columns import BoolArray, FloatArray, GeometryArray, IntArray
from livingcircle.model.network import Anchors, WalkNetwork
from livingcircle.model.outcome import Catchments, Isochrones, ServiceAreas, TravelTimes

CELL_METRES = 10.0
OFF_STREET_METRES = 40.0
"""How far beside a street an isochrone is drawn."""
SMALLEST_HOLE_M2 = 5_000.0
"""Holes below this are closed: courtyards, not places beyond reach."""
TOLERANCE_CELLS = 3.0
"""How near a reached street must pass, in cells, for a junction beyond the limit to be drawn inside."""
SMOOTHING_CELLS = 0.5
"""How coarsely borders that neighbours share are smoothed: no corner whose triangle is smaller than this, squared, is kept."""
_PLACES_AT_ONCE = 256


@lru_cache(maxsize=1)
def street_cells(network: WalkNetwork, cell_metres: float = CELL_METRES) -> StreetCells:
    """Lay the streets out for drawing. The last network's are kept, for one is drawn on many times."""
    return lay_out(network, cell_metres, OFF_STREET_METRES)


def isochrones(
    network: WalkNetwork,
    walk: Impedance,
    node_seconds: FloatArray,
    facility_anchors: Anchors,
    serves: BoolArray,
    limits_seconds: tuple[float, ...],
    cells: StreetCells | None = None,
) -> Isochrones:
    """Draw, for every service and limit, the area from which some facility of the service is within the limit.

    `node_seconds` (s, n) comes from `reach_nearest`, `serves` (f, s) says which facilities offer what. A service nobody offers has an
    empty polygon.
    """
    cells = cells or street_cells(network)
    limits = [limit_ticks(seconds) for seconds in limits_seconds]
    services = np.arange(len(node_seconds), dtype=np.int32)
    geometry = np.full(len(services) * len(limits), shapely.MultiPolygon(), object)
    for service in services if limits else ():
        reached = _of_service(network, walk, node_seconds[service], facility_anchors, serves[:, service], max(limits))
        areas = areas_within(cells, walk, windows(cells, walk, reached, 1), limits, SMALLEST_HOLE_M2)
        geometry[service * len(limits) + areas.limit] = areas.geometry
    return Isochrones(
        service=np.repeat(services, len(limits)),
        limit_seconds=np.tile(np.array(limits_seconds, float), len(services)),
        geometry=geometry,
    )


def service_areas(
    network: WalkNetwork,
    walk: Impedance,
    node_seconds: FloatArray,
    node_facility: IntArray,
    facility_anchors: Anchors,
    serves: BoolArray,
    limits_seconds: tuple[float, ...],
    cells: StreetCells | None = None,
) -> ServiceAreas:
    """Divide the isochrones of every service among its facilities: each has the land from which it is the nearest.

    `node_seconds` and `node_facility` (s, n) come from `reach_nearest`. Of equally near facilities the first has the land, as everywhere.
    Areas of one service and limit do not overlap, and together are its isochrone to within a cell along their borders. Facilities with no
    land of their own are not listed.
    """
    cells = cells or street_cells(network)
    limits = [limit_ticks(seconds) for seconds in limits_seconds]
    found: list[tuple[int, Areas]] = []
    for service in range(len(node_seconds) if limits else 0):
        offered = serves[:, service]
        reached = _of_service(
            network, walk, node_seconds[service], facility_anchors, offered, max(limits), node_facility[service]
        )
        times = windows(cells, walk, reached, 1)
        found.append((service, areas_within(cells, walk, times, limits, SMALLEST_HOLE_M2, thinned=False)))
    geometry = [
        shapely.coverage_simplify(areas.geometry[areas.limit == limit], SMOOTHING_CELLS * cells.cell_metres)
        for _, areas in found
        for limit in range(len(limits))
    ]
    return ServiceAreas(
        service=np.repeat(np.arange(len(found), dtype=np.int32), [len(areas.label) for _, areas in found]),
        facility=np.concatenate([np.empty(0, np.int32), *(areas.label for _, areas in found)]),
        limit_seconds=_seconds(limits_seconds, [areas for _, areas in found]),
        geometry=_multi(np.concatenate([np.empty(0, object), *geometry])),
    )


def catchments(
    network: WalkNetwork,
    walk: Impedance,
    anchors: Anchors,
    limits_seconds: tuple[float, ...],
    *,
    toward: bool = True,
    xy: FloatArray | None = None,
    cells: StreetCells | None = None,
    threads: int = 1,
    progress: Progress | None = None,
) -> Catchments:
    """Draw the area of every place on its own, for every limit: from where one walks to it in time, or where from it if not `toward`.

    Areas of different places overlap. `xy` (places, 2) are the places themselves, NaN where a place has no single point: the land straight
    around them belongs to the area, so that a place far from every street has at least that. One without either has an empty polygon.
    `progress` is called with the number of places done and their number; what it raises stops the drawing.
    """
    cells = cells or street_cells(network)
    limits = [limit_ticks(seconds) for seconds in limits_seconds]
    geometry = np.full(anchors.places * len(limits), shapely.MultiPolygon(), object)

    def drawn(block: int) -> tuple[int, Areas]:
        first = block * _PLACES_AT_ONCE
        some = _places(anchors, first, min(first + _PLACES_AT_ONCE, anchors.places))
        reached = catchment_stretches(network, walk, some, max(limits), toward=toward)
        here = None if xy is None else xy[first : first + some.places]
        times = windows(cells, walk, reached, some.places, here)
        return first, areas_within(cells, walk, times, limits, SMALLEST_HOLE_M2)

    blocks = -(-anchors.places // _PLACES_AT_ONCE) if limits else 0
    for first, areas in search.in_turn(drawn, blocks, threads, progress):
        geometry[(first + areas.origin) * len(limits) + areas.limit] = areas.geometry
    return Catchments(
        place=np.repeat(np.arange(anchors.places, dtype=np.int32), len(limits)),
        limit_seconds=np.tile(np.array(limits_seconds, float), anchors.places),
        geometry=geometry,
    )


def catchment_stretches(
    network: WalkNetwork, walk: Impedance, anchors: Anchors, limit: int, *, toward: bool = True
) -> Stretches:
    """Return the stretches of street from which each place is reached within `limit` ticks, or which are reached from it."""
    joints = timed(anchors, network, walk)
    seeds = (ending_at if toward else setting_out)(joints, anchors.places)
    junctions = search.rows(walk.toward if toward else walk.away, seeds, limit)
    return stretches(network, walk, junctions, anchors, limit, toward=toward)


def travel_times(
    network: WalkNetwork,
    walk: Impedance,
    node_seconds: FloatArray,
    facility_anchors: Anchors,
    offered: BoolArray,
    cells: StreetCells | None = None,
) -> TravelTimes:
    """Return the seconds from every cell of land near a street to the nearest of the facilities `offered` (f,), as a raster.

    A cell has the earliest time of the streets within a cell of its centre, or where there is none the time of the nearest street plus the
    walk to it.
    """
    cells = cells or street_cells(network)
    limit = limit_ticks(LONGEST_SEARCH_SECONDS)
    reached = _of_service(network, walk, node_seconds, facility_anchors, offered, limit)
    seconds = np.full((cells.rows, cells.columns), np.nan, np.float32)
    for window in windows(cells, walk, reached, 1):
        if window is not None:
            known = np.flatnonzero((window.ticks < FAR) & (window.beyond <= 0))
            row, column = np.divmod(known, window.width)
            seconds[row + window.south, column + window.west] = window.ticks[known] / TICKS_PER_SECOND
    return TravelTimes(seconds, cells.west, cells.south, cells.cell_metres)


def _of_service(
    network: WalkNetwork,
    walk: Impedance,
    node_seconds: FloatArray,
    anchors: Anchors,
    offered: BoolArray,
    limit: int,
    node_facility: IntArray | None = None,
) -> Stretches:
    """Return the stretches from which the nearest of the facilities `offered` is within the limit, labelled by it if asked."""
    ticks = np.rint(np.minimum(node_seconds, 2 * LONGEST_SEARCH_SECONDS) * TICKS_PER_SECOND).astype(np.int64)
    row = rows_of_nearest(ticks, limit)
    mine = anchors.take(np.flatnonzero(offered[anchors.place]))
    labels = None if node_facility is None else (node_facility[row.node], mine.place)
    return stretches(network, walk, row, _as_one(mine), limit, toward=True, labels=labels)


def _as_one(anchors: Anchors) -> Anchors:
    """Return the joints of many places as those of a single one."""
    nearest = anchors.nearest_metres.min(initial=np.inf, keepdims=True)
    return Anchors(
        np.zeros(len(anchors), np.int32),
        anchors.edge.copy(),
        anchors.fraction.copy(),
        anchors.access_metres.copy(),
        nearest,
        anchors.cap_metres,
    )


def _places(anchors: Anchors, first: int, last: int) -> Anchors:
    """Return the joints of places `first:last`, numbered from 0."""
    mine = anchors.take((anchors.place >= first) & (anchors.place < last))
    return Anchors(
        mine.place - np.int32(first),
        mine.edge,
        mine.fraction,
        mine.access_metres,
        anchors.nearest_metres[first:last],
        anchors.cap_metres,
    )


def _seconds(limits_seconds: tuple[float, ...], areas: list[Areas]) -> FloatArray:
    number: NDArray[np.int32] = np.concatenate([np.empty(0, np.int32), *(some.limit for some in areas)])
    return np.array(limits_seconds, float)[number]


def _multi(areas: GeometryArray) -> GeometryArray:
    """Return polygons as multipolygons, as all areas here are."""
    parts, area = shapely.get_parts(areas, return_index=True)
    return np.asarray(shapely.multipolygons(parts, indices=area, out=np.full(len(areas), shapely.MultiPolygon())))
