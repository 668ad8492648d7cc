"""Draw the areas within 5, 10, 15 … minutes of a service.

The times come from the network; the polygons are drawn *from* them and decide nothing. Streets are sampled every half cell; the land
beside a street is as far as the street plus the walk to it, up to `OFF_STREET_METRES`. The border follows the time at which the limit is
reached along each street, to within one cell.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt

from livingcircle.kernel.graph import NO_WALK, TICKS_PER_SECOND
from livingcircle.kernel.impedance import Impedance
from livingcircle.kernel.raster import Grid, grid_over
from livingcircle.model.columns import BoolArray, FloatArray, GeometryArray
from livingcircle.model.network import Anchors, WalkNetwork
from livingcircle.model.outcome import Isochrones

CELL_METRES = 10.0
OFF_STREET_METRES = 40.0
"""How far beside a street an isochrone is drawn."""
SMALLEST_HOLE_M2 = 5_000.0
"""Holes below this are closed: courtyards, not places beyond reach."""
_STEEPEST_SECONDS = 60.0
"""Times are clipped to this around a limit, so that what is far beyond it does not pull the border inwards."""


@dataclass(frozen=True, slots=True, eq=False)
class StreetField:
    """The streets of a network on a grid, laid out once for all services.

    Samples (n rows, sorted by street) have a street, a fraction along it and a cell; `cell_order` and `cell_starts` group them by cell.
    `street_cell` (cells,) is the nearest cell with a street, `off_street_metres` (cells,) the distance to it.
    """

    grid: Grid
    edge: NDArray[np.intp]
    fraction: FloatArray
    first_sample: NDArray[np.intp]
    cell_order: NDArray[np.intp]
    cell_starts: NDArray[np.intp]
    cells: NDArray[np.intp]
    street_cell: NDArray[np.intp]
    off_street_metres: FloatArray


def lay_out(network: WalkNetwork, cell_metres: float = CELL_METRES) -> StreetField:
    """Sample the streets and find, for every cell, the street cell it belongs to."""
    lines, metres = network.streets.lines, network.streets.metres
    grid = grid_over(shapely.get_coordinates(lines), cell_metres, margin_metres=2 * OFF_STREET_METRES)
    samples = np.ceil(metres / (grid.cell_metres / 2)).astype(np.intp) + 1
    first_sample = np.concatenate([[0], np.cumsum(samples)])
    edge = np.repeat(np.arange(len(lines)), samples)
    fraction = (np.arange(len(edge)) - first_sample[edge]) / np.maximum(samples[edge] - 1, 1)
    cell = grid.cell_of(_points_along(lines, edge, fraction))
    cell_order = np.argsort(cell, kind="stable")
    cells, cell_starts = np.unique(cell[cell_order], return_index=True)
    empty = np.ones(grid.cells, bool)
    empty[cells] = False
    distance, (rows, columns) = distance_transform_edt(empty.reshape(grid.rows, grid.columns), return_indices=True)
    return StreetField(
        grid=grid,
        edge=edge,
        fraction=fraction,
        first_sample=first_sample,
        cell_order=cell_order,
        cell_starts=cell_starts,
        cells=cells,
        street_cell=(rows.astype(np.intp) * grid.columns + columns).ravel(),
        off_street_metres=(distance * grid.cell_metres).ravel(),
    )


def _points_along(lines: GeometryArray, line: NDArray[np.intp], fraction: FloatArray) -> FloatArray:
    """Return the points (n, 2) at a fraction of the length of lines: all lines laid end to end and looked up at once."""
    corners, owner = shapely.get_coordinates(lines, return_index=True)
    steps = np.hypot(*np.diff(corners, axis=0).T)
    steps[np.diff(owner) > 0] = 1.0  # from one line to the next, so that no two corners share a place
    along = np.concatenate([[0.0], np.cumsum(steps)])
    first = np.searchsorted(owner, np.arange(len(lines)))
    last = np.searchsorted(owner, np.arange(len(lines)), side="right") - 1
    wanted = along[first[line]] + fraction * (along[last[line]] - along[first[line]])
    return np.column_stack([np.interp(wanted, along, axis) for axis in corners.T])


def isochrones(
    network: WalkNetwork,
    walk: Impedance,
    node_seconds: FloatArray,
    facility_anchors: Anchors,
    serves: BoolArray,
    limits_seconds: tuple[float, ...],
) -> Isochrones:
    """Draw, for every service and limit, the area from which some facility of the service is within the limit.

    `node_seconds` (s, n) comes from `reach_nearest`, `serves` (f, s) says which facilities offer what. Areas of a smaller limit lie
    within those of a larger one. A service nobody offers has an empty polygon.
    """
    field = lay_out(network)

    def drawn(position: int) -> list[shapely.MultiPolygon]:
        offered = np.flatnonzero(serves[facility_anchors.place, position])
        times = time_field(network, walk, field, node_seconds[position], facility_anchors, offered)
        return [area_within(field.grid, times, limit) for limit in limits_seconds]

    services = np.arange(len(node_seconds), dtype=np.int32)
    areas = [area for position in services.tolist() for area in drawn(position)]
    geometry = np.empty(len(areas), object)
    geometry[:] = areas
    return Isochrones(
        service=np.repeat(services, len(limits_seconds)),
        limit_seconds=np.tile(np.array(limits_seconds, float), len(services)),
        geometry=geometry,
    )


def time_field(
    network: WalkNetwork,
    walk: Impedance,
    field: StreetField,
    node_seconds: FloatArray,
    facility_anchors: Anchors,
    offered: NDArray[np.intp],
) -> FloatArray:
    """Return the seconds from every cell (rows, columns) to the nearest of the facilities joined at anchors `offered`."""
    streets, edge = network.streets, field.edge
    forward, backward = walk.forward / TICKS_PER_SECOND, walk.backward / TICKS_PER_SECOND
    seconds = np.minimum(
        node_seconds[streets.start[edge]] + field.fraction * backward[edge],
        node_seconds[streets.end[edge]] + (1 - field.fraction) * forward[edge],
    )
    access = walk.ticks(facility_anchors.access_metres) / TICKS_PER_SECOND
    for anchor in offered:
        street = facility_anchors.edge[anchor]
        here = slice(field.first_sample[street], field.first_sample[street + 1])
        ahead = facility_anchors.fraction[anchor] - field.fraction[here]
        direct = np.where(ahead >= 0, ahead * forward[street], -ahead * backward[street])
        barred = np.where(ahead >= 0, walk.forward[street], walk.backward[street]) >= NO_WALK
        seconds[here] = np.minimum(seconds[here], np.where(barred, np.inf, direct + access[anchor]))
    on_street = np.full(field.grid.cells, np.inf)
    on_street[field.cells] = np.minimum.reduceat(seconds[field.cell_order], field.cell_starts)
    off_street = field.off_street_metres
    beside = on_street[field.street_cell] + off_street / walk.speed_metres_per_second
    beside[off_street > OFF_STREET_METRES] = np.inf
    return beside.reshape(field.grid.rows, field.grid.columns)


def area_within(grid: Grid, times: FloatArray, limit_seconds: float) -> shapely.MultiPolygon:
    """Return the area of a time field within a limit, its small holes closed and its outline thinned to a quarter of a cell."""
    lead = np.clip(times - limit_seconds, -_STEEPEST_SECONDS, _STEEPEST_SECONDS)
    whole = _without_small_holes(grid.at_or_below(lead, 0.0))
    thinned = shapely.simplify(whole, grid.cell_metres / 4, preserve_topology=False)
    area = _polygons(thinned)
    # Thinning is fast because it looks at one line at a time; where two have come to cross, they are put right.
    return area if shapely.is_valid(area) else _polygons(shapely.union_all(shapely.make_valid(thinned)))


def _polygons(geometry: shapely.Geometry | GeometryArray) -> shapely.MultiPolygon:
    parts = shapely.get_parts(geometry)
    return shapely.MultiPolygon(list(parts[shapely.area(parts) > 0]))


def _without_small_holes(polygons: GeometryArray) -> GeometryArray:
    rings, polygon = shapely.get_rings(polygons, return_index=True)
    outline = np.diff(polygon, prepend=-1) > 0
    kept = outline | (shapely.area(shapely.polygons(rings)) >= SMALLEST_HOLE_M2)
    return np.asarray(shapely.polygons(rings[kept], indices=polygon[kept]), object)
