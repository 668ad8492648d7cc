"""Where the uncovered homes lie together: gap areas, to be named, ranked and closed."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt

from livingcircle.kernel.gauge import covered
from livingcircle.kernel.raster import grid_over
from livingcircle.model.columns import BoolArray, FloatArray, GeometryArray
from livingcircle.model.outcome import GapAreas
from livingcircle.model.places import Homes
from livingcircle.model.standard import Requirement

CELL_METRES = 20.0
AROUND_HOME_METRES = 60.0
"""Uncovered homes less than twice this apart belong to one area."""


def gap_areas(
    seconds: FloatArray,
    homes: Homes,
    requirements: tuple[Requirement, ...],
    services: tuple[str, ...],
    present: BoolArray,
) -> GapAreas:
    """Group the homes beyond each requirement's limit into areas, those with the most residents first.

    A requirement whose service is nowhere in the input has no gaps: nothing is known of it. Every uncovered home lies in exactly one area,
    so residents add up to the residents not covered. `median_seconds` is that of the homes' walks, `inf` when most cannot walk there.
    """
    requirement, shapes, sums, medians = [], [], [], []
    for position, rule in enumerate(requirements):
        service = services.index(rule.service)
        beyond = np.flatnonzero(~covered(seconds[service], rule.limit_seconds))
        if not present[service] or not len(beyond):
            continue
        areas, area_of_home = _grouped(homes.xy[beyond])
        weights = np.column_stack([homes.residents[beyond], homes.households[beyond], np.ones(len(beyond))])
        per_area = np.column_stack(
            [np.bincount(area_of_home, weights=weight, minlength=len(areas)) for weight in weights.T]
        )
        walks = np.where(np.isnan(seconds[service, beyond]), np.inf, seconds[service, beyond])
        for area in np.argsort(-per_area[:, 0], kind="stable"):
            requirement.append(position)
            shapes.append(areas[area])
            sums.append(per_area[area])
            medians.append(np.quantile(walks[area_of_home == area], 0.5, method="lower"))
    table = np.array(sums, float).reshape(-1, 3)
    return GapAreas(
        requirement=np.array(requirement, np.int32),
        geometry=np.array(shapes, object),
        residents=table[:, 0].copy(),
        households=table[:, 1].copy(),
        homes=table[:, 2].copy(),
        median_seconds=np.array(medians, float),
    )


def _grouped(xy: FloatArray) -> tuple[GeometryArray, NDArray[np.intp]]:
    """Return the areas around points and the area each point lies in; areas come in the order of their first point."""
    grid = grid_over(xy, CELL_METRES, margin_metres=2 * AROUND_HOME_METRES)
    around = max(AROUND_HOME_METRES, 2 * grid.cell_metres)
    empty = np.ones(grid.cells, bool)
    empty[grid.cell_of(xy)] = False
    metres = distance_transform_edt(empty.reshape(grid.rows, grid.columns)) * grid.cell_metres
    areas = grid.at_or_below(metres, around)
    area, point = shapely.STRtree(np.asarray(shapely.points(xy), object)).query(areas, predicate="intersects")
    area_of_point = np.empty(len(xy), np.intp)
    area_of_point[point] = area
    used, first, position = np.unique(area_of_point, return_index=True, return_inverse=True)
    rank = np.argsort(np.argsort(first))
    return areas[used[np.argsort(first)]], rank[position]
