"""Towns to measure on: real extracts, and a metropolis laid out with tiles of a real city's core.

No open walking network of 800,000 junctions was small enough to carry around, so the metropolis repeats the densest square of Porto.
Every tile's lengths are stretched by up to a twentieth, differently in each, so that no two are alike; where tiles meet, junctions that are
each other's nearest across the seam are joined.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from benchmarks.town import METRES_PER_TICK, Town
from livingcircle.kernel.graph import build_network, hilbert_index
from livingcircle.sources.streets import streets_from_osm

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from numpy.typing import NDArray

    Edges = tuple[NDArray[Any], NDArray[Any], NDArray[Any]]  # tails, heads, metres

EXTRACTS = {"porto": "porto/porto_portugal.osm.pbf", "las palmas": "laspalmas/las_palmas_20230221.osm.pbf"}
MINIMUM_ISLAND_METRES = 1000.0
TILE_METRES = 8000
SEAM_METRES = 200
STRETCH = 0.05
SERVICES, FACILITIES, ORIGINS = 20, 200, 10_000


def extract(data: Path, name: str) -> Town:
    """Return the walking network of an extract as our own reader sees it."""
    return _town(*_streets(data, name))


def core(data: Path, side_metres: float) -> Town:
    """Return the square of Porto that holds the most junctions."""
    return _town(*_densest(*_streets(data, "porto"), side_metres))


def metropolis(data: Path, tiles: int) -> Town:
    """Lay out `tiles` × `tiles` copies of Porto's core."""
    xy, (tail, head, metres) = _densest(*_streets(data, "porto"), TILE_METRES)
    xy = xy - xy.min(axis=0)
    places = np.array([(column, row) for row in range(tiles) for column in range(tiles)], float) * TILE_METRES
    spread = (xy + places[:, None]).reshape(-1, 2)
    first = np.repeat(np.arange(len(places)) * len(xy), len(tail))
    stretch = np.random.default_rng(1).uniform(1, 1 + STRETCH, len(first))
    inner = (
        np.tile(tail, len(places)) + first,
        np.tile(head, len(places)) + first,
        np.tile(metres, len(places)) * stretch,
    )
    seams = [_seam(spread, axis, line * TILE_METRES) for axis in (0, 1) for line in range(1, tiles)]
    joined = [np.concatenate(column) for column in zip(inner, *seams, strict=True)]
    return _town(spread, (joined[0], joined[1], joined[2]))


def _streets(data: Path, name: str) -> tuple[NDArray[np.float64], Edges]:
    network, _ = build_network(streets_from_osm(data / EXTRACTS[name], None).value, MINIMUM_ISLAND_METRES)
    streets = network.streets
    return _largest_part(streets.node_xy, (streets.start.astype(int), streets.end.astype(int), streets.metres))


def _densest(xy: NDArray[np.float64], edges: Edges, side_metres: float) -> tuple[NDArray[np.float64], Edges]:
    """Cut out the square with the most junctions, placed to half a kilometre."""
    low, step = xy.min(axis=0), 500
    cell = ((xy - low) // step).astype(int)
    counts = np.zeros(cell.max(axis=0) + 2, int)
    np.add.at(counts, tuple((cell + 1).T), 1)
    sums = counts.cumsum(axis=0).cumsum(axis=1)
    wide = int(side_metres // step)
    inside = sums[wide:, wide:] - sums[:-wide, wide:] - sums[wide:, :-wide] + sums[:-wide, :-wide]
    corner = low + step * np.array(np.unravel_index(inside.argmax(), inside.shape))
    kept = ((xy >= corner) & (xy < corner + side_metres)).all(axis=1)
    tail, head, metres = edges
    both = kept[tail] & kept[head]
    return _largest_part(xy - corner, (tail[both], head[both], metres[both]))


def _largest_part(xy: NDArray[np.float64], edges: Edges) -> tuple[NDArray[np.float64], Edges]:
    tail, head, metres = edges
    links = coo_array((np.ones(len(tail)), (tail, head)), shape=(len(xy), len(xy)))
    _, part = connected_components(links, directed=False)
    kept = part == np.bincount(part).argmax()
    position = np.cumsum(kept) - 1
    both = kept[tail] & kept[head]
    return xy[kept], (position[tail[both]], position[head[both]], metres[both])


def _seam(xy: NDArray[np.float64], axis: int, line: float) -> Edges:
    """Join the junctions on either side of a straight seam that are each other's nearest across it."""
    before = np.flatnonzero((xy[:, axis] < line) & (xy[:, axis] >= line - SEAM_METRES))
    behind = np.flatnonzero((xy[:, axis] >= line) & (xy[:, axis] < line + SEAM_METRES))
    apart, there = cKDTree(xy[behind]).query(xy[before])
    _, back = cKDTree(xy[before]).query(xy[behind])
    mutual = back[there] == np.arange(len(before))
    return before[mutual], behind[there[mutual]], apart[mutual] * 1.2


def _town(xy: NDArray[np.float64], edges: Edges) -> Town:
    """Number the junctions along a Hilbert curve, keep the shortest of parallel edges and draw the places."""
    order = np.argsort(hilbert_index(xy), kind="stable")
    position = np.empty(len(xy), int)
    position[order] = np.arange(len(xy))
    tail, head = np.sort(np.stack([position[edges[0]], position[edges[1]]]), axis=0)
    ticks = np.maximum(np.rint(edges[2] / METRES_PER_TICK), 1).astype(np.int64)
    by_pair = np.lexsort((ticks, head, tail))
    tail, head, ticks = tail[by_pair], head[by_pair], ticks[by_pair]
    kept = tail != head
    kept[1:] &= (tail[1:] != tail[:-1]) | (head[1:] != head[:-1])
    chance = np.random.default_rng(2)
    nodes = len(xy)
    return Town(
        xy=xy[order],
        tail=tail[kept],
        head=head[kept],
        ticks=ticks[kept],
        facility=np.stack([chance.choice(nodes, FACILITIES, replace=False) for _ in range(SERVICES)]),
        origins=chance.choice(nodes, min(ORIGINS, nodes), replace=False),
        people=chance.integers(0, 50, nodes),
        asked=np.arange(nodes),
    )
