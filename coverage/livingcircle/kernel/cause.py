"""Why a home is not within a requirement's limit: exactly one main cause, by tests in a declared order, with the numbers behind it.

The order is that of `model.diagnosis.Cause`. First what is not known: a home without a street, no facility in the data, none that is open,
none that met a street. Then what can be shown to be in the way: a second search without it (`kernel.barriers`) is in time. Each barrier is
taken away on its own, the most easily removed first; at last all are together, for homes that only several keep away. Then the edge
of the data, within the limit of which more facilities may lie. What is left is distance: `TOO_FAR` where even the straight line is longer
than the limit, or the way is an ordinary one; `DETOUR` where the way is at least `DETOUR_RATIO` times the straight line.

A second search is made only for barriers that are there, and for services which some home not covered has within the limit by a straight
line; it ends at the longest limit asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from livingcircle.kernel.barriers import (
    areas_without_walls,
    flat_beyond,
    homes_without_walls,
    without_own_wall,
    without_private,
    without_wide_roads,
)
from livingcircle.kernel.compound import area_around
from livingcircle.kernel.gauge import covered
from livingcircle.kernel.impedance import walker_impedance
from livingcircle.kernel.reach import reach_nearest
from livingcircle.model.columns import BoolArray, FloatArray, IntArray
from livingcircle.model.diagnosis import NO_CAUSES, Cause, Causes
from livingcircle.model.network import Anchors, Lane, WalkNetwork
from livingcircle.model.study import Study
from livingcircle.model.walker import CrossingSeconds, Walker

DETOUR_RATIO = 1.5
"""Walks this many times the straight line are detours: ordinary street grids stay below 1.4 (a square one has 1.27 on average, 1.41 at
most along its diagonal), and walkers' guides call more than 1.5 poor."""


class Freed(NamedTuple):
    """A study with one barrier out of the way, and whom (r,) it may be laid to: nobody blames a wall who is not behind it."""

    cause: Cause
    who: BoolArray
    network: WalkNetwork
    walker: Walker
    home_anchors: Anchors
    facility_anchors: Anchors


@dataclass(frozen=True, slots=True, eq=False)
class _Left:
    """The rows (c) not covered, and which of them still have no cause."""

    home: IntArray
    requirement: IntArray
    service: IntArray
    limit: FloatArray


def causes(study: Study, seconds: FloatArray, cut_seconds: FloatArray, *, threads: int = 1) -> Causes:
    """Find the main cause for every home and requirement that is not met.

    `seconds` (s, r) are the walks as `Reach` has them, `cut_seconds` (r,) those to the end of the data (`kernel.edge.seconds_to_cut`).
    Rows come by requirement, then by home.
    """
    rows = _uncovered(study, seconds)
    if not len(rows.home):
        return NO_CAUSES
    walks = seconds[rows.service, rows.home]
    facility, straight = nearest_straight(study, rows.home, rows.service)
    speed = study.walker.speed_metres_per_second
    cause, freed = np.full(len(rows.home), -1, np.int8), np.full(len(rows.home), np.nan)

    def settle(as_cause: Cause, found: BoolArray) -> None:
        cause[(cause < 0) & found] = as_cause

    serves = study.facilities.serves
    offered, joined = (np.asarray(some.any(axis=0)) for some in (serves, serves[study.facility_anchors.joined]))
    listed = np.zeros(len(offered), bool) if study.not_open is None else np.asarray(study.not_open.serves.any(axis=0))
    settle(Cause.HOME_UNJOINED, ~study.home_anchors.joined[rows.home])
    settle(Cause.NO_FACILITY, ~(offered | listed)[rows.service])
    settle(Cause.NONE_OPEN, ~offered[rows.service])
    settle(Cause.FACILITY_UNJOINED, ~joined[rows.service])
    within = straight <= rows.limit * speed
    if (within & (cause < 0)).any():
        for one in barriers(study):
            unsettled = np.flatnonzero(within & (cause < 0) & one.who[rows.home])
            if not len(unsettled):
                continue
            again = _walked_again(study, one, rows.service[unsettled], rows.limit.max(), threads=threads)
            without = again[rows.service[unsettled], rows.home[unsettled]]
            in_time = without <= rows.limit[unsettled]
            cause[unsettled[in_time]] = one.cause
            freed[unsettled[in_time]] = without[in_time]
    settle(Cause.EDGE_OF_DATA, cut_seconds[rows.home] <= rows.limit)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(straight > 0, walks * speed / straight, np.inf)
    settle(Cause.DETOUR, within & (ratio >= DETOUR_RATIO))
    settle(Cause.TOO_FAR, cause < 0)
    return Causes(
        home=rows.home,
        requirement=rows.requirement,
        cause=cause,
        facility=facility,
        straight_metres=straight,
        walk_seconds=walks,
        walk_to_straight=np.where(np.isfinite(walks), ratio, np.nan),
        freed_seconds=freed,
    )


def nearest_straight(study: Study, home: IntArray, service: IntArray) -> tuple[IntArray, FloatArray]:
    """Return the facility of each row's service nearest by a straight line among those that met a street, and its distance in metres."""
    facility, metres = np.full(len(home), -1, np.int32), np.full(len(home), np.inf)
    points = np.asarray(shapely.points(study.homes.xy), object)
    for number in np.unique(service):
        offering = np.flatnonzero(study.facilities.serves[:, number] & study.facility_anchors.joined)
        if not len(offering):
            continue
        mine = np.flatnonzero(service == number)
        asked, back = np.unique(home[mine], return_inverse=True)
        tree = shapely.STRtree(study.facilities.geometry[offering])
        (_, found), far = tree.query_nearest(points[asked], return_distance=True, all_matches=False)
        facility[mine], metres[mine] = offering[found][back], far[back]
    return facility, metres


def barriers(study: Study) -> Iterator[Freed]:
    """Yield the study without each barrier that it has, in the order they are tried."""
    network, walker, streets = study.network, study.walker, study.network.streets
    homes, facilities = study.home_anchors, study.facility_anchors
    all_of_them = np.ones(len(study.homes), bool)
    if len(study.walls.areas):
        behind = home_walls(study) >= 0
        own = homes_without_walls(homes, study.homes.xy, network, study.walls)
        yield Freed(Cause.OWN_WALL, behind, without_own_wall(network, study.walls), walker, own, facilities)
        entered = areas_without_walls(facilities, study.facilities.geometry, network, study.walls)
        within = without_private(network, study.walls)
        yield Freed(Cause.OTHER_WALL, all_of_them, within, walker, own, entered)
    if (streets.lane == Lane.LEAVING).any():
        yield Freed(Cause.PRIVATE_STREET, all_of_them, without_private(network), walker, homes, facilities)
    if _has_sides(network):
        yield Freed(Cause.WIDE_ROAD, all_of_them, without_wide_roads(network), walker, homes, facilities)
    stairs = streets.steps.any() and walker.stairs_factor != 1.0
    if stairs or (walker.slope != "level" and study.grades is not None):
        level = replace(walker, slope="level", stairs_factor=1.0)
        yield Freed(Cause.SLOPE_OR_STAIRS, all_of_them, network, level, homes, facilities)
    if walker.crossing != CrossingSeconds():
        at_once = replace(walker, crossing=CrossingSeconds())
        yield Freed(Cause.CROSSING_WAIT, all_of_them, network, at_once, homes, facilities)
    yield from _all_at_once(study)


def _all_at_once(study: Study) -> Iterator[Freed]:
    """Yield the study without any barrier, if it has any."""
    network, walker, streets = study.network, study.walker, study.network.streets
    homes, facilities = study.home_anchors, study.facility_anchors
    walled, private, wide = len(study.walls.areas) > 0, bool((streets.lane == Lane.LEAVING).any()), _has_sides(network)
    free = replace(walker, slope="level", stairs_factor=1.0, crossing=CrossingSeconds())
    if not (walled or private or wide or free != walker):
        return
    if walled:
        homes = homes_without_walls(homes, study.homes.xy, network, study.walls)
        facilities = areas_without_walls(facilities, study.facilities.geometry, network, study.walls)
    if wide:
        network = without_wide_roads(network)
    if walled:
        network = without_private(network, study.walls)
    if private:
        network = without_private(network)
    yield Freed(Cause.SEVERAL_BARRIERS, np.ones(len(study.homes), bool), network, free, homes, facilities)


def _has_sides(network: WalkNetwork) -> bool:
    return bool((network.streets.lane == Lane.LEFT).any())


def home_walls(study: Study) -> IntArray:
    """Return the walled area each home (r,) is in, -1 for the open city."""
    return area_around(np.asarray(shapely.points(study.homes.xy), object), study.walls.areas)


def _uncovered(study: Study, seconds: FloatArray) -> _Left:
    ids = [service.id for service in study.standard.services]
    requirements = study.standard.requirements
    numbers = [ids.index(rule.service) for rule in requirements]
    far = [
        np.flatnonzero(~covered(seconds[number], rule.limit_seconds)).astype(np.int32)
        for rule, number in zip(requirements, numbers, strict=True)
    ]
    requirement = np.repeat(np.arange(len(far), dtype=np.int32), [len(homes) for homes in far])
    return _Left(
        home=np.concatenate([np.empty(0, np.int32), *far]),
        requirement=requirement,
        service=np.array(numbers, np.int32)[requirement],
        limit=np.array([rule.limit_seconds for rule in requirements], float)[requirement],
    )


def _walked_again(
    study: Study, freed: Freed, services: NDArray[np.integer], limit_seconds: float, *, threads: int
) -> FloatArray:
    """Return the walks (s, r) without a barrier, `inf` for services not asked for."""
    asked = np.unique(services)
    grades = flat_beyond(study.grades, len(freed.network.streets))
    walk = walker_impedance(freed.network, freed.walker, grades)
    reach = reach_nearest(
        freed.network,
        walk,
        freed.home_anchors,
        freed.facility_anchors,
        study.facilities.serves[:, asked],
        limit_seconds,
        threads=threads,
    )
    seconds = np.full((study.facilities.serves.shape[1], len(study.homes)), np.inf)
    seconds[asked] = reach.seconds
    return seconds
