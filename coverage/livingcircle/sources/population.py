"""Population cells spread over homes: which home lies in which cell, and with how much of its floor."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from livingcircle.kernel.spread import spread
from livingcircle.model.columns import FloatArray, GeometryArray, IntArray
from livingcircle.sources.columns import number_column
from livingcircle.sources.layers import Layer, LayerSource, open_layer, raise_faults


@dataclass(frozen=True, slots=True)
class PopulationCells:
    """A layer of polygons with the residents of each, such as a population grid."""

    source: LayerSource
    residents_column: str = "residents"


@dataclass(frozen=True, slots=True)
class OpenedCells:
    """Population cells that were read: the layer with what was found in it, and (c,) residents."""

    layer: Layer
    residents: FloatArray


def open_cells(cells: PopulationCells) -> OpenedCells:
    """Read cells and note what is wrong with them: no polygon, or residents that are empty, negative or no number."""
    layer = open_layer(cells.source, needed="areas")
    column = cells.residents_column
    residents = number_column(layer, column)
    noted = {finding.row for finding in layer.findings if finding.column == column}
    if layer.readable and column in layer.frame.columns:
        for index in np.flatnonzero(np.isnan(residents)):
            if layer.row(index) not in noted:
                layer.note("missing_value", index=index, column=column)
    return OpenedCells(layer, residents)


def spread_over_homes(cells: OpenedCells, homes: GeometryArray, floor_m2: FloatArray, crs: str) -> FloatArray:
    """Return the residents of each home (r,), and note with the cells how many people could not be placed.

    A cell's residents are shared by the floor area its homes have inside it: of a home that several cells cut, each takes the share of
    the footprint in it. Where the floor area of some home is unknown (NaN), footprints weigh instead; where some home is a point without
    floor area, all homes weigh alike, which is the best that such data allow. A point on the border of two cells lies in the first.
    People in cells beyond the bounding box of the homes are counted apart. A cell that the box cuts is spread in full over the homes
    it holds, so homes should reach beyond the study where their residents matter.

    Raises
    ------
    InputError
        With the faults of the cells, or when no home lies in a cell with residents.
    """
    polygons = cells.layer.projected(crs)
    pair_cell, pair_home, pair_share = _overlay(polygons, homes)
    weights, basis = _weights(homes, floor_m2)
    residents, unplaced = spread(
        cells.residents, pair_cell, pair_home, weights[pair_home] * pair_share, home_count=len(homes)
    )
    if not residents.any():
        cells.layer.note("population_elsewhere")
        raise_faults(cells.layer)
    # A grid of the whole country is no gap in the data of one city.
    within = shapely.intersects(polygons, shapely.box(*shapely.total_bounds(homes)))
    cells.layer.note(
        "residents_spread",
        basis_zh=basis["basis_zh"],
        basis_en=basis["basis_en"],
        cells=int(within.sum()),
        unplaced=float(unplaced[within].sum()),
        outside=float(unplaced[~within].sum()),
    )
    return residents


def _weights(homes: GeometryArray, floor_m2: FloatArray) -> tuple[FloatArray, dict[str, str]]:
    """Return the weight of each home, and what it is in words."""
    if not np.isnan(floor_m2).any():
        return floor_m2, {"basis_zh": "按住宅建筑面积", "basis_en": "by residential floor area"}
    footprints_m2: FloatArray = shapely.area(homes)
    if (footprints_m2 > 0).all():
        return footprints_m2, {"basis_zh": "按住宅占地面积", "basis_en": "by the footprint of homes"}
    return np.ones(len(homes)), {"basis_zh": "按住宅处数平均", "basis_en": "equally, home by home,"}


def _overlay(cells: GeometryArray, homes: GeometryArray) -> tuple[IntArray, IntArray, FloatArray]:
    """Return (p,) positions of cells and homes that meet, and the share of the home inside the cell, 1 for a point."""
    tree = shapely.STRtree(homes)
    found_cell, found_home = tree.query(cells, predicate="intersects").astype(np.int32)
    is_area = shapely.get_dimensions(homes[found_home]) == 2

    area_cell, area_home = found_cell[is_area], found_home[is_area]
    inside_m2 = shapely.area(shapely.intersection(homes[area_home], cells[area_cell]))
    shares = inside_m2 / shapely.area(homes[area_home])

    point_cell, point_home = found_cell[~is_area], found_home[~is_area]
    order = np.lexsort((point_cell, point_home))
    _, first = np.unique(point_home[order], return_index=True)
    point_cell, point_home = point_cell[order][first], point_home[order][first]
    return (
        np.concatenate([area_cell, point_cell]),
        np.concatenate([area_home, point_home]),
        np.concatenate([shares, np.ones(len(point_cell))]),
    )
