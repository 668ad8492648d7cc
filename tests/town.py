"""A synthetic town whose answers follow from arithmetic.

Streets form a grid of 100 m blocks; the walker makes 1 m/s, so a metre is a second. Residents are distinct powers of two, so that a sum of
residents names exactly who was reached.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from livingcircle.kernel.anchor import join_areas, join_points
from livingcircle.kernel.graph import build_network
from livingcircle.kernel.impedance import Impedance, impedance
from livingcircle.model.network import Anchors, StreetEdges, WalkNetwork
from livingcircle.model.outcome import Reach, ReachTable
from livingcircle.model.places import Homes

BLOCK_METRES = 100.0
CRS = "EPSG:32650"


def streets(
    pieces: Sequence[tuple[tuple[float, float], tuple[float, float]]],
    one_way: Sequence[int] = (),
    below: Sequence[int] = (),
) -> StreetEdges:
    """Make straight streets; ends at the same coordinates are the same junction. Those in `one_way` go from first to second end only,
    those `below` are tunnels."""
    corners = sorted({corner for piece in pieces for corner in piece})
    index = {corner: position for position, corner in enumerate(corners)}
    start = np.array([index[a] for a, _ in pieces], np.int32)
    end = np.array([index[b] for _, b in pieces], np.int32)
    lines = shapely.linestrings(np.array(pieces, float))
    backward = np.ones(len(pieces), bool)
    backward[list(one_way)] = False
    return StreetEdges.plain(
        start=start,
        end=end,
        at_ground=~np.isin(np.arange(len(pieces)), below),
        backward=backward,
        lines=lines,
        node_xy=np.array(corners, float),
        crs=CRS,
    )


def grid_streets(columns: int, rows: int) -> StreetEdges:
    """Make the streets of `columns` × `rows` junctions."""
    at = [[(x * BLOCK_METRES, y * BLOCK_METRES) for x in range(columns)] for y in range(rows)]
    across = [(at[y][x], at[y][x + 1]) for y in range(rows) for x in range(columns - 1)]
    up = [(at[y][x], at[y + 1][x]) for y in range(rows - 1) for x in range(columns)]
    return streets(across + up)


def homes(
    xy: Sequence[tuple[float, float]], residents: Sequence[float] | None = None, district: Sequence[int] | None = None
) -> Homes:
    """Make homes at points; residents are 1, 2, 4, 8 … unless given."""
    count = len(xy)
    points = np.array(xy, float).reshape(-1, 2)
    people = 2.0 ** np.arange(count) if residents is None else np.array(residents, float)
    return Homes(
        ids=np.array([f"home/{number}" for number in range(count)], object),
        xy=points,
        geometry=shapely.points(points),
        residents=people,
        households=people / 2,
        floor_m2=np.full(count, np.nan),
        footprint_m2=np.full(count, np.nan),
        district=np.full(count, -1, np.int32) if district is None else np.array(district, np.int32),
    )


@dataclass(frozen=True)
class Town:
    """A network with its walker, and places joined to it."""

    network: WalkNetwork
    walk: Impedance

    def join(self, xy: Sequence[tuple[float, float]], cap_metres: float = 300) -> Anchors:
        """Join points to the streets."""
        return join_points(np.array(xy, float).reshape(-1, 2), self.network, cap_metres)

    def reach(self, home_xy: Sequence[tuple[float, float]], facility_xy: Sequence[tuple[float, float]]) -> Reach:
        """Walk from homes to the nearest of facilities of a single service."""
        from livingcircle.kernel.reach import reach_nearest

        places = join_areas(shapely.points(np.array(facility_xy, float).reshape(-1, 2)), self.network, 300)
        return reach_nearest(self.network, self.walk, self.join(home_xy), places, np.ones((len(facility_xy), 1), bool))


def town(edges: StreetEdges, speed_metres_per_second: float = 1.0, minimum_island_metres: float = 1.0) -> Town:
    """Build a town from its streets."""
    network, _ = build_network(edges, minimum_island_metres)
    return Town(network, impedance(network, speed_metres_per_second))


def reach_rows(walks: Sequence[Sequence[float]] | np.ndarray, limit: float) -> ReachTable:
    """Make the sparse table of a matrix (facilities, homes) of seconds; inf is out of reach."""
    walks = np.array(walks, float)
    within = walks <= limit
    return ReachTable(
        indptr=np.concatenate([[0], within.sum(axis=1).cumsum()]).astype(np.int32),
        home=np.nonzero(within)[1].astype(np.int32),
        seconds=walks[within],
        homes=walks.shape[1],
        limit_seconds=limit,
    )
