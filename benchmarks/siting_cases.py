"""Maximal covering cases to measure on: homes and candidates on the streets of a real city, and points in the plane."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely
from scipy.spatial import cKDTree

from benchmarks import cities
from livingcircle.kernel.anchor import join_points
from livingcircle.kernel.graph import build_network
from livingcircle.kernel.impedance import impedance
from livingcircle.kernel.reach import reach_table
from livingcircle.kernel.siting.covering import CoveringProblem, plain_covering
from livingcircle.sources.streets import streets_from_osm

if TYPE_CHECKING:
    from pathlib import Path

LIMIT_SECONDS = 900.0
METRES_PER_SECOND = 4 / 3
"""1,200 m in fifteen minutes."""
OFF_STREET_METRES = 20.0
JOIN_CAP_METRES = 100.0
SIDE_METRES = 9000.0
MOST_PEOPLE = 100
"""A home has 1 to 99 people, every number as likely."""


def city(
    data: Path, name: str, homes: int, candidates: int, sites: int, *, side_metres: float = SIDE_METRES, seed: int = 1
) -> CoveringProblem:
    """Lay homes and candidates anywhere along the streets in the middle of an extract; a candidate covers what is within 15 minutes' walk.

    The middle is the square around the junction in the middle of all, by either coordinate.
    """
    network, _ = build_network(streets_from_osm(data / cities.EXTRACTS[name], None).value, cities.MINIMUM_ISLAND_METRES)
    streets = network.streets
    random = np.random.default_rng(seed)
    apart = np.abs(streets.node_xy - np.median(streets.node_xy, axis=0)).max(axis=1) <= side_metres / 2
    metres = streets.metres * (apart[streets.start] & apart[streets.end])

    def anywhere(count: int) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
        chosen = random.choice(len(streets), count, p=metres / metres.sum())
        on_street = shapely.line_interpolate_point(streets.lines[chosen], random.uniform(0, 1, count), normalized=True)
        off = random.uniform(-OFF_STREET_METRES, OFF_STREET_METRES, (count, 2))
        return shapely.get_coordinates(on_street) + off

    lived_at, offered = (join_points(anywhere(count), network, JOIN_CAP_METRES) for count in (homes, candidates))
    walk = impedance(network, METRES_PER_SECOND)
    table = reach_table(network, walk, offered, lived_at, LIMIT_SECONDS)
    people = random.integers(1, MOST_PEOPLE, homes).astype(np.float64)
    return plain_covering(people, table.indptr, table.home, sites)


def plane(points: int, candidates: int, radius: float, sites: int, *, seed: int = 1) -> CoveringProblem:
    """Lay demands evenly into the unit square, candidates on some of them; weights are whole and from 1 to 99."""
    random = np.random.default_rng(seed)
    xy = random.uniform(0, 1, (points, 2))
    at = xy if candidates == points else xy[np.sort(random.choice(points, candidates, replace=False))]
    rows = cKDTree(xy).query_ball_point(at, radius, return_sorted=True)
    indptr = np.concatenate([[0], np.cumsum([len(row) for row in rows])]).astype(np.int32)
    people = random.integers(1, MOST_PEOPLE, points).astype(np.float64)
    return plain_covering(people, indptr, np.concatenate(rows).astype(np.int32), sites)
