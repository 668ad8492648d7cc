"""Population cells spread over homes: which home lies in which cell, and with how much of its floor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import shapely

from livingcircle.faults import Fault
from livingcircle.kernel.spread import spread
from livingcircle.model.columns import FloatArray, GeometryArray, IntArray, TextArray
from livingcircle.model.people import AgeCounts, UnplacedPeople
from livingcircle.sources.column_names import match_columns
from livingcircle.sources.columns import number_column
from livingcircle.sources.layers import Layer, LayerSource, open_layer, raise_faults


@dataclass(frozen=True, slots=True)
class PopulationCells:
    """A layer of polygons with the residents of each, such as a population grid; `age_columns` name those of age groups."""

    source: LayerSource
    residents_column: str | None = None
    age_columns: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class SpreadPeople:
    """What spreading gives: residents of each home (r,), in all and by age, who could not be placed, and what must be known of it."""

    residents: FloatArray
    ages: AgeCounts
    unplaced: UnplacedPeople
    warnings: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class OpenedCells:
    """Population cells that were read: the layer with what was found in it, (c,) residents, and (c, g) residents by age."""

    layer: Layer
    residents: FloatArray
    ages: AgeCounts

    @property
    def faults(self) -> tuple[Fault, ...]:
        """What keeps the cells from being used."""
        return self.layer.faults

    @property
    def warnings(self) -> tuple[Fault, ...]:
        """What must be known of the cells."""
        return self.layer.warnings

    def over_homes(self, homes: GeometryArray, floor_m2: FloatArray, crs: str) -> SpreadPeople:
        """Spread the residents of the cells over homes; see `spread_over_homes`."""
        return spread_over_homes(self, homes, floor_m2, crs)


def open_cells(cells: PopulationCells) -> OpenedCells:
    """Read cells and note what is wrong with them: no polygon, or residents that are empty, negative or no number."""
    stated = {"residents": cells.residents_column}
    layer = open_layer(cells.source, needed="areas", columns=stated)
    residents = _counted(layer, match_columns(layer, stated)["residents"] or "residents")
    by_age = [_counted(layer, column) for column in cells.age_columns.values()]
    ages = AgeCounts(tuple(cells.age_columns), np.column_stack(by_age) if by_age else np.empty((len(residents), 0)))
    return OpenedCells(layer, residents, ages)


def _counted(layer: Layer, column: str) -> FloatArray:
    """Return a column of people in which no cell may be empty."""
    people = number_column(layer, column, "residents")
    noted = {finding.row for finding in layer.findings if finding.column == column}
    if layer.readable and column in layer.frame.columns:
        for index in np.flatnonzero(np.isnan(people)):
            if layer.row(index) not in noted:
                layer.note("missing_value", index=index, column=column)
    return people


def spread_over_homes(cells: OpenedCells, homes: GeometryArray, floor_m2: FloatArray, crs: str) -> SpreadPeople:
    """Share the residents of cells among homes (r,), and say how many people could not be placed.

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
    weights, basis = weights_of(homes, floor_m2)

    def shared(totals: FloatArray) -> tuple[FloatArray, FloatArray]:
        return spread(totals, pair_cell, pair_home, weights[pair_home] * pair_share, home_count=len(homes))

    residents, unplaced = shared(cells.residents)
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
    names = np.array([str(cells.layer.row(index)) for index in range(len(polygons))], object)
    left = [unplaced_people(names, polygons, np.where(within, unplaced, 0.0), "")]
    by_age = np.empty((len(homes), len(cells.ages.groups)))
    for number, group in enumerate(cells.ages.groups):
        by_age[:, number], unplaced = shared(cells.ages.residents[:, number])
        left.append(unplaced_people(names, polygons, np.where(within, unplaced, 0.0), group))
    return SpreadPeople(residents, AgeCounts(cells.ages.groups, by_age), joined_people(left), cells.layer.warnings)


def unplaced_people(cells: TextArray, geometry: GeometryArray, residents: FloatArray, group: str) -> UnplacedPeople:
    """Return the cells (c,) in which somebody was not placed."""
    some = np.flatnonzero(residents > 0)
    return UnplacedPeople(cells[some], geometry[some], residents[some], np.full(len(some), group, object))


def joined_people(parts: list[UnplacedPeople]) -> UnplacedPeople:
    """Return the rows of all parts, of which there must be one."""
    first, *others = parts
    for other in others:
        first = first.followed_by(other)
    return first


def weights_of(homes: GeometryArray, floor_m2: FloatArray) -> tuple[FloatArray, dict[str, str]]:
    """Return the weight of each home (r,), and what it is in words."""
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
    shares = shares_inside(homes[area_home], cells[area_cell])

    point_cell, point_home = found_cell[~is_area], found_home[~is_area]
    order = np.lexsort((point_cell, point_home))
    _, first = np.unique(point_home[order], return_index=True)
    point_cell, point_home = point_cell[order][first], point_home[order][first]
    return (
        np.concatenate([area_cell, point_cell]),
        np.concatenate([area_home, point_home]),
        np.concatenate([shares, np.ones(len(point_cell))]),
    )


def shares_inside(homes: GeometryArray, cells: GeometryArray) -> FloatArray:
    """Return the share of each home's footprint (p,) inside its cell."""
    return np.asarray(shapely.area(shapely.intersection(homes, cells)) / shapely.area(homes))
