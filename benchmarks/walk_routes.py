"""Shortest routes on our streets beside those that networkx finds on the graph OSMnx makes of the same extract, and why they differ."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from benchmarks.walk_networks import matrix_of, taken, theirs
from livingcircle.sources.projection import ground_metres, projected

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from livingcircle.model.network import StreetEdges
    from livingcircle.sources.extract import TaggedWays

ORIGINS, TARGETS, FARTHEST_METRES = 40, 25, 2000.0
AT_ONE_PLACE_METRES = 0.02
SAME_METRES, SAME_SHARE = 0.5, 0.001
_STRETCH = 10**12


def routes(
    path: Path, extract: TaggedWays, verdict_of_way: NDArray[np.object_], streets: StreetEdges
) -> dict[str, Any]:
    """Compare shortest routes on our streets with those on the graph OSMnx makes of the ways its filter takes."""
    import networkx as nx

    graph = _osmnx_graph(path, extract)
    plain = theirs(extract)
    open_streets = streets.take(~streets.private)
    numbers = np.array(list(graph.nodes))
    lon, lat = (np.array([graph.nodes[node][axis] for node in numbers.tolist()]) for axis in ("x", "y"))
    xy = projected(lon, lat, streets.crs)
    shared = [_junctions_at(side, xy) for side in (open_streets, plain)]
    alone = (
        cKDTree(xy).query(xy, k=2)[0][:, 1] > AT_ONE_PLACE_METRES
    )  # of two nodes above each other nobody could tell which is which
    met = np.all([junction >= 0 for junction in shared], axis=0)
    common = np.flatnonzero(alone & met & _in_largest(graph, numbers))
    chosen = np.random.default_rng(1)
    origins = chosen.choice(common, min(ORIGINS, len(common)), replace=False)
    matrices = [matrix_of(side) for side in (open_streets, plain)]
    rows = []
    for origin in origins.tolist():
        near = common[np.hypot(*(xy[common] - xy[origin]).T) < FARTHEST_METRES]
        targets = chosen.choice(near[near != origin], min(TARGETS, len(near) - 1), replace=False)
        on_graph = nx.single_source_dijkstra_path_length(graph, numbers[origin], weight="length")
        searched = [
            dijkstra(matrix, indices=side[origin], return_predecessors=True)
            for matrix, side in zip(matrices, shared, strict=True)
        ]
        for target in targets.tolist():
            metres = [distance[side[target]] for (distance, _), side in zip(searched, shared, strict=True)]
            truth = on_graph.get(int(numbers[target]), np.inf)
            reasons = set()
            if not _same(metres[0], truth):
                shorter = int(metres[0] > truth)  # whose route is the shorter one, and walks what the other lacks
                side, reach = (open_streets, plain)[shorter], shared[shorter]
                walked = _rows_walked(side, searched[shorter][1], reach[origin], reach[target])
                reasons = _reasons(side, walked, extract, verdict_of_way, ours_shorter=not shorter)
            rows.append((metres[0], metres[1], truth, sorted(reasons)))
    return _agreement(rows)


def _osmnx_graph(path: Path, extract: TaggedWays) -> Any:
    """Make the graph with OSMnx from the ways that its filter takes; lengths on the ellipsoid instead of its sphere."""
    import osmium
    import osmnx

    ids = set(extract.ids[taken(extract)].tolist())
    with tempfile.TemporaryDirectory() as folder:
        chosen = Path(folder, "walk.osm")
        known = set(extract.node[~np.isnan(extract.lon)].tolist())
        with osmium.SimpleWriter(str(chosen)) as writer:
            for item in osmium.FileProcessor(str(path), osmium.osm.NODE | osmium.osm.WAY):
                if item.is_node():
                    if item.id in known:
                        writer.add(item)
                elif item.id in ids:
                    # OSMnx refuses ways with nodes that a clipped extract lacks: each stretch between them becomes a way.
                    stretches = groupby((node.ref for node in item.nodes), known.__contains__)
                    for number, nodes in enumerate([list(nodes) for there, nodes in stretches if there]):
                        writer.add_way(item.replace(id=item.id + number * _STRETCH, nodes=nodes))
        graph = osmnx.graph_from_xml(chosen, bidirectional=True, simplify=False, retain_all=True)
    tails, heads, keys = zip(*graph.edges(keys=True), strict=True)
    at = {node: (data["x"], data["y"]) for node, data in graph.nodes(data=True)}
    start, end = (np.array([at[node] for node in nodes]) for nodes in (tails, heads))
    for edge, metres in zip(
        zip(tails, heads, keys, strict=True), ground_metres(*start.T, *end.T).tolist(), strict=True
    ):
        graph.edges[edge]["length"] = metres
    return graph


def _junctions_at(streets: StreetEdges, xy: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return the junction at each point, -1 where there is none or more than one."""
    tree = cKDTree(streets.node_xy)
    distance, junction = tree.query(xy, k=2)
    only = (distance[:, 0] < AT_ONE_PLACE_METRES) & (distance[:, 1] > AT_ONE_PLACE_METRES)
    return np.where(only, junction[:, 0], -1)


def _in_largest(graph: Any, numbers: NDArray[np.int64]) -> NDArray[np.bool_]:
    import networkx as nx

    largest = max(nx.weakly_connected_components(graph), key=len)
    return np.array([node in largest for node in numbers.tolist()])


def _rows_walked(streets: StreetEdges, before: NDArray[np.int32], origin: int, target: int) -> list[int]:
    """Return the streets of the route that a search found."""
    rows = []
    node = target
    while node != origin and before[node] >= 0:
        ends = {node, int(before[node])}
        touching = np.flatnonzero((streets.start == node) | (streets.end == node))
        between = [row for row in touching.tolist() if {int(streets.start[row]), int(streets.end[row])} == ends]
        rows.append(min(between, key=lambda row: float(streets.metres[row])))
        node = int(before[node])
    return rows


def _reasons(
    side: StreetEdges,
    walked: Sequence[int],
    extract: TaggedWays,
    verdict_of_way: NDArray[np.object_],
    *,
    ours_shorter: bool,
) -> set[str]:
    """Return why the other side cannot walk this route."""
    said_of = dict(zip(extract.ids.tolist(), verdict_of_way.tolist(), strict=True))
    found = set()
    for row in walked:
        said = said_of.get(int(side.way[row]), "")
        if ours_shorter and said != "walked by both":
            found.add(said if said.startswith("only ours") else "only ours: squares of several ways")
        if not ours_shorter and said != "walked by both":
            found.add(said)
    return found or ({"gates shut on foot, ways walked in one direction"} if not ours_shorter else {"unexplained"})


def _same(one: float, other: float) -> bool:
    return bool(np.isinf(one) and np.isinf(other)) or abs(one - other) <= max(SAME_METRES, SAME_SHARE * other)


def _agreement(rows: list[tuple[float, float, float, list[str]]]) -> dict[str, Any]:
    reasons: dict[str, int] = defaultdict(int)
    for *_, found in rows:
        for reason in found:
            reasons[reason] += 1
    differing = [(mine, truth) for mine, _, truth, _ in rows if not _same(mine, truth)]
    return {
        "pairs": len(rows),
        "same_filter_same_length": int(sum(_same(plain, truth) for _, plain, truth, _ in rows)),
        "same": len(rows) - len(differing),
        "ours_shorter": int(sum(mine < truth for mine, truth in differing)),
        "ours_longer": int(sum(mine > truth for mine, truth in differing)),
        "median_ratio_of_differing": float(np.median([mine / truth for mine, truth in differing]))
        if differing
        else 1.0,
        "reasons": dict(sorted(reasons.items(), key=lambda item: -item[1])),
    }
