"""Where the uncovered homes lie together: gap areas, to be named, ranked and closed."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt

from livingcircle.kernel.gauge import covered
from livingcircle.kernel.raster import grid_over
from livingcircle.model.columns import BoolArray, FloatArray, GeometryArray
from livingcircle.model.diagnosis import GapMembers
from livingcircle.model.outcome import NO_GAPS, GapAreas
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

    def looked_for(position: int) -> GapAreas:
        service = services.index(requirements[position].service)
        beyond = np.flatnonzero(~covered(seconds[service], requirements[position].limit_seconds))
        if not present[service] or not len(beyond):
            return NO_GAPS
        areas, area = _grouped(homes.xy[beyond])
        count = np.bincount(area)
        walks = np.where(np.isnan(seconds[service, beyond]), np.inf, seconds[service, beyond])
        by_walk = np.lexsort((walks, area))
        median = walks[by_walk][np.cumsum(count) - count + (count - 1) // 2]
        residents = np.bincount(area, homes.residents[beyond]).astype(float)
        households = np.bincount(area, homes.households[beyond]).astype(float)
        most_first = np.argsort(-residents, kind="stable")
        return GapAreas(
            requirement=np.full(len(areas), position, np.int32),
            geometry=areas[most_first],
            residents=residents[most_first],
            households=households[most_first],
            homes=count[most_first].astype(float),
            median_seconds=median[most_first],
            district=np.full(len(areas), -1, np.int32),
        )

    found = [NO_GAPS, *map(looked_for, range(len(requirements)))]
    return GapAreas(*(np.concatenate([getattr(gaps, column.name) for gaps in found]) for column in fields(GapAreas)))


def divided(
    gaps: GapAreas,
    seconds: FloatArray,
    homes: Homes,
    requirements: tuple[Requirement, ...],
    services: tuple[str, ...],
    districts: GeometryArray,
) -> GapAreas:
    """Divide gap areas at the borders of districts (d,), so that each is somebody's to close; the most residents first as before.

    Homes are told apart by the district they are counted in. Those in none are left together.
    """
    if not len(gaps) or not len(districts):
        return gaps
    members = gap_members(gaps, seconds, homes, requirements, services)
    area = np.repeat(np.arange(len(gaps)), np.diff(members.indptr))
    pairs, part = np.unique(np.column_stack([area, homes.district[members.home]]), axis=0, return_inverse=True)
    part = part.ravel()
    whole, district = pairs.T
    walks = seconds[[services.index(rule.service) for rule in requirements]][gaps.requirement[area], members.home]
    walks = np.where(np.isnan(walks), np.inf, walks)
    count = np.bincount(part)
    by_walk = np.lexsort((walks, part))
    residents = np.bincount(part, homes.residents[members.home]).astype(float)
    alone = np.bincount(whole, minlength=len(gaps))[whole] == 1
    shapes = [
        gaps.geometry[one] if only or unit < 0 else _within(gaps.geometry[one], districts[unit])
        for one, unit, only in zip(whole.tolist(), district.tolist(), alone.tolist(), strict=True)
    ]
    geometry = np.empty(len(shapes), object)
    geometry[:] = shapes
    parts = GapAreas(
        requirement=gaps.requirement[whole],
        geometry=geometry,
        residents=residents,
        households=np.bincount(part, homes.households[members.home]).astype(float),
        homes=count.astype(float),
        median_seconds=walks[by_walk][np.cumsum(count) - count + (count - 1) // 2],
        district=district.astype(np.int32),
    )
    return parts.take(np.lexsort((-residents, parts.requirement)))


def _within(shape: shapely.Geometry, district: shapely.Geometry) -> shapely.Geometry:
    """Return the polygons of a shape that lie in a district; all of it where there is none, as for a home on the very border."""
    found = shapely.get_parts(shapely.intersection(shape, district))
    found = found[shapely.get_dimensions(found) == 2]
    return shape if not len(found) else found[0] if len(found) == 1 else shapely.multipolygons(found)


def gap_members(
    gaps: GapAreas, seconds: FloatArray, homes: Homes, requirements: tuple[Requirement, ...], services: tuple[str, ...]
) -> GapMembers:
    """Return the homes of every gap area, in the order of the homes; the areas are those drawn from the same walks, divided or not.

    Every home beyond the limit of a requirement that has areas is in one of them: the one it lies in or, on a border, one beside it. Of
    divided areas only those of its own district come into question: a home is counted where most of its footprint is, and the point that
    stands for it may lie across the border.
    """
    areas, members = [np.empty(0, np.intp)], [np.empty(0, np.intp)]
    for position in np.unique(gaps.requirement):
        rows = np.flatnonzero(gaps.requirement == position)
        walks = seconds[services.index(requirements[position].service)]
        beyond = np.flatnonzero(~covered(walks, requirements[position].limit_seconds))
        own = gaps.district[rows]
        known = np.where(np.isin(homes.district[beyond], own), homes.district[beyond], -1)
        for district in np.unique(known):
            there, here = beyond[known == district], rows[own == district] if district in own else rows
            areas.append(here[_holding(gaps.geometry[here], homes.xy[there])])
            members.append(there)
    area, home = np.concatenate(areas), np.concatenate(members)
    order = np.lexsort((home, area))
    count = np.bincount(area, minlength=len(gaps))
    return GapMembers(np.concatenate([[0], np.cumsum(count)]).astype(np.int32), home[order].astype(np.int32))


def _holding(areas: GeometryArray, xy: FloatArray) -> NDArray[np.intp]:
    """Return the area each point lies in (q,); of points in none or on a border, the nearest."""
    points = np.asarray(shapely.points(xy), object)
    area, point = shapely.STRtree(points).query(areas, predicate="intersects")
    found = np.full(len(points), -1, np.intp)
    found[point] = area
    unsure = np.flatnonzero(np.bincount(point, minlength=len(points)) != 1)
    if len(unsure):
        found[unsure] = shapely.STRtree(areas).query_nearest(points[unsure], all_matches=False)[1]
    return found


def outline_around(xy: FloatArray) -> shapely.Geometry:
    """Return the areas around some homes as one shape."""
    return shapely.union_all(_grouped(xy)[0])


def _grouped(xy: FloatArray) -> tuple[GeometryArray, NDArray[np.intp]]:
    """Return the areas around points and the area each point lies in; areas come in the order of their first point."""
    grid = grid_over(xy, CELL_METRES, margin_metres=2 * AROUND_HOME_METRES)
    # Not through the cells' centres: distances are roots of whole numbers of cells, and an outline that meets itself there is not valid.
    around = max(AROUND_HOME_METRES, 2 * grid.cell_metres) + grid.cell_metres / 20
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
