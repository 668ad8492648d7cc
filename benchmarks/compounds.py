"""What walls do to coverage: Las Palmas cut into walled cells whose gates are few, and the real compounds of two cities.

python -m benchmarks.compounds ../shared/data
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely

from livingcircle.kernel.anchor import join_areas, join_points
from livingcircle.kernel.compound import Walled, walled
from livingcircle.kernel.graph import build_network
from livingcircle.kernel.impedance import impedance
from livingcircle.kernel.lanes import with_lanes
from livingcircle.kernel.reach import reach_nearest
from livingcircle.model.compound import Compounds, Gates, Passage
from livingcircle.model.network import StreetEdges
from livingcircle.sources.compounds import compounds_from_osm, no_gates
from livingcircle.sources.layers import inner_points
from livingcircle.sources.osm import read_buildings, read_tagged, reprojected
from livingcircle.sources.streets import streets_from_osm

LAS_PALMAS = "laspalmas/las_palmas_20230221.osm.pbf"
NANJING = "nanjing/nanjing_core_20210612.osm"
MINUTES = (5, 10, 15)
NOON = 720.0


@dataclass(frozen=True)
class City:
    """The streets of a city, its buildings (weighted by footprint) and its pharmacies."""

    streets: StreetEdges
    home_xy: np.ndarray
    weight: np.ndarray
    pharmacies: np.ndarray

    def coverage(self, found: Walled) -> tuple[float, ...]:
        """Return the percentage of footprint within 5, 10 and 15 minutes of a pharmacy at 1.25 m/s."""
        network, _ = build_network(with_lanes(found.streets), 2000)
        homes = join_points(self.home_xy, network, 300, walls=found.walls)
        places = join_areas(self.pharmacies, network, 300, walls=found.walls)
        reach = reach_nearest(
            network, impedance(network, 1.25), homes, places, np.ones((len(self.pharmacies), 1), bool)
        )
        return tuple(
            round(100 * float(self.weight[reach.seconds[0] <= 60 * minutes].sum() / self.weight.sum()), 1)
            for minutes in MINUTES
        )


def city(path: Path) -> City:
    """Read a city."""
    streets = streets_from_osm(path, None).value
    buildings = reprojected(read_buildings(path).geometry, streets.crs)
    pharmacies = reprojected(read_tagged(path, [{"amenity": "pharmacy"}]).geometry, streets.crs)
    return City(streets, inner_points(buildings), shapely.area(buildings), pharmacies)


def cells(streets: StreetEdges, side_metres: float) -> Compounds:
    """Divide the whole city into square cells that may be walked through."""
    low, high = streets.node_xy.min(axis=0), streets.node_xy.max(axis=0)
    columns, rows = np.ceil((high - low) / side_metres).astype(int)
    x, y = (axis.ravel() for axis in np.meshgrid(np.arange(columns), np.arange(rows)))
    west, south = low[0] + x * side_metres, low[1] + y * side_metres
    names = np.arange(len(x)).astype(str).astype(object)
    squares = np.asarray(shapely.box(west, south, west + side_metres, south + side_metres), object)
    return Compounds(names, names.copy(), squares, np.ones(len(x), bool))


def gates_per_cell(streets: StreetEdges, compounds: Compounds, count: int) -> Gates:
    """Open `count` of the places where streets pass the border of each cell, chosen by lot; neighbours share them."""
    lot = np.random.default_rng(1)
    borders = shapely.boundary(compounds.geometry)
    cell, street = shapely.STRtree(streets.lines).query(borders, predicate="intersects")
    passed = shapely.extract_unique_points(shapely.intersection(streets.lines[street], borders[cell]))
    xy, owner = shapely.get_coordinates(passed, return_index=True)
    order = np.lexsort((lot.random(len(xy)), cell[owner]))
    of_cell = cell[owner][order]
    rank = np.arange(len(order)) - np.searchsorted(of_cell, of_cell)
    chosen = xy[order][rank < count]
    always = np.full(len(chosen), np.nan)
    return Gates(
        chosen,
        np.full(len(chosen), Passage.EVERYONE, np.int8),
        always,
        always.copy(),
        np.full(len(chosen), -1, np.int32),
    )


def main(data: Path) -> None:
    """Print every measurement."""
    las_palmas = city(data / LAS_PALMAS)
    nothing = cells(las_palmas.streets, 1e6).take(np.zeros(0, np.intp))
    print("Las Palmas, no walls:", las_palmas.coverage(walled(las_palmas.streets, nothing, no_gates(), "open", NOON)))
    for side in (200.0, 400.0):
        squares = cells(las_palmas.streets, side)
        for count in (1, 2, 4):
            gates = gates_per_cell(las_palmas.streets, squares, count)
            found = walled(las_palmas.streets, squares, gates, "one_gate", NOON)
            print(f"cells of {side:g} m, {count} gates each:", las_palmas.coverage(found))
    for name, path, every in (
        ("Las Palmas", LAS_PALMAS, False),
        ("Las Palmas", LAS_PALMAS, True),
        ("Nanjing", NANJING, True),
    ):
        town = las_palmas if path == LAS_PALMAS else city(data / path)
        compounds, gates = compounds_from_osm(data / path, town.streets.crs, every_residential_area=every).value
        for unknown in ("open", "one_gate"):
            found = walled(town.streets, compounds, gates, unknown, NOON, frontage_metres=15)
            known = int((found.enclosures.gates > 0).sum())
            print(
                f"{name}, {len(compounds)} areas, {len(gates)} gates, {known} areas with one, {unknown}:",
                town.coverage(found),
            )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
