"""Our walking network beside that of OSMnx's `walk` filter, from the same extracts: `python -m benchmarks.network [--json] [--write]`.

Kilometres of each, by reason; shortest routes on the graph that OSMnx makes; coverage of the pharmacies of Las Palmas on both; and what
becomes of a town whose roads with a drawn pavement are left out. `--write` puts the tables into docs/network.md. The extracts come from
LIVING_CIRCLE_DATA or ../shared/data.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
import tempfile
from collections import defaultdict
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components, dijkstra
from scipy.spatial import cKDTree

from benchmarks.walk_filter import FILTER_TAGS, left_out, verdict, walk_filter
from livingcircle.kernel.anchor import join_areas, join_points
from livingcircle.kernel.graph import build_network
from livingcircle.kernel.impedance import impedance
from livingcircle.kernel.reach import reach_nearest
from livingcircle.sources.extract import TaggedWays, read_extract
from livingcircle.sources.osm import read_buildings, read_tagged
from livingcircle.sources.pbf import read_pbf
from livingcircle.sources.pedestrian_areas import with_squares_crossed
from livingcircle.sources.projection import ground_metres, projected
from livingcircle.sources.roads import NODE_KEYS, NODE_TAGS
from livingcircle.sources.street_pieces import Outlines, Ways, street_pieces
from livingcircle.sources.street_traits import WAY_KEYS, WAY_TAGS
from livingcircle.sources.walked_ways import walked_ways

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from livingcircle.model.network import StreetEdges

ROOT = Path(__file__).resolve().parents[1]
DATA = Path(os.environ.get("LIVING_CIRCLE_DATA") or ROOT.parent / "shared" / "data")
REPORT = ROOT / "docs" / "network.md"
CITIES = {
    "Las Palmas": "laspalmas/las_palmas_20230221.osm.pbf",
    "Helsinki": "helsinki/Helsinki.osm.pbf",
    "Porto": "porto/porto_portugal.osm.pbf",
    "Nanjing": "nanjing/nanjing_core_20210612.osm",
}
PAVED = {"Helsinki": CITIES["Helsinki"], "Andorra": "andorra/andorra_20260403.osm.pbf"}
"""Where many pavements are drawn as ways of their own."""
ROUTED = ("Las Palmas", "Helsinki", "Nanjing")
WALK_METRES_PER_SECOND = 1.25
ISLAND_METRES, CAP_METRES = 1000.0, 500.0
LIMITS_SECONDS = (300, 600, 900)
ORIGINS, TARGETS, FARTHEST_METRES = 40, 25, 2000.0
AT_ONE_PLACE_METRES = 0.02
SAME_METRES, SAME_SHARE = 0.5, 0.001
_STRETCH = 10**12
PAVEMENT_METRES, BESIDE_SHARE = 15.0, 0.8
"""A pavement runs beside a road if it covers this share of it at no more than this distance."""


def read(path: Path) -> TaggedWays:
    """Read an extract with all tags either rule asks for."""
    reader = read_pbf if path.suffix == ".pbf" else read_extract
    return reader(str(path), WAY_KEYS, NODE_KEYS, {*WAY_TAGS, *NODE_TAGS, *FILTER_TAGS, "footway"})


def way_metres(extract: TaggedWays) -> NDArray[np.float64]:
    """Return the length of every way between its known nodes, (w,)."""
    way = np.repeat(np.arange(len(extract)), np.diff(extract.first))
    step = ground_metres(extract.lon[:-1], extract.lat[:-1], extract.lon[1:], extract.lat[1:])
    step[(way[1:] != way[:-1]) | np.isnan(step)] = 0
    return np.bincount(way[1:], weights=step, minlength=len(extract))


def verdicts(extract: TaggedWays) -> NDArray[np.object_]:
    """Return for every way who walks it and why the other does not, (w,)."""
    clauses = walk_filter()
    return np.array([verdict(tags, clauses) for tags in extract.tag_sets], object)[extract.tag_set]


def taken(extract: TaggedWays) -> NDArray[np.bool_]:
    """Return the ways that the filter takes, (w,)."""
    clauses = walk_filter()
    return np.array([left_out(tags, clauses) is None for tags in extract.tag_sets])[extract.tag_set]


def ours(extract: TaggedWays) -> StreetEdges:
    """Return our streets."""
    ways = walked_ways(extract)
    return with_squares_crossed(street_pieces(ways, crs=None, file="").value, ways)


def theirs(extract: TaggedWays) -> StreetEdges:
    """Return the ways the filter takes, cut by our reader: gates, squares and directions play no part."""
    return street_pieces(plain_ways(extract, np.flatnonzero(taken(extract))), crs=None, file="").value


def plain_ways(extract: TaggedWays, kept: NDArray[np.intp]) -> Ways:
    """Return some ways as open streets without any particulars."""
    ways = walked_ways(extract)
    reference = np.concatenate([np.arange(extract.first[row], extract.first[row + 1]) for row in kept.tolist()])
    anything = np.flatnonzero(ways.traits.walked & ways.traits.forward & ways.traits.backward & ~ways.traits.private)[
        :1
    ]
    return replace(
        ways,
        ids=extract.ids[kept],
        trait=np.repeat(anything, len(kept)).astype(np.int32),
        first=np.concatenate([[0], np.cumsum(np.diff(extract.first)[kept])]),
        node=extract.node[reference],
        lon=extract.lon[reference],
        lat=extract.lat[reference],
        marked=np.empty(0, np.int64),
        crossing=np.empty(0, np.int8),
        closed=np.empty(0, bool),
        squares=Outlines(np.empty(0, np.int32), np.zeros(1, np.int64), np.empty(0, np.intp)),
    )


# ── Kilometres ──────────────────────────────────────────────────────────────


def kilometres(extract: TaggedWays, verdict_of_way: NDArray[np.object_], streets: StreetEdges) -> dict[str, float]:
    """Return kilometres by who walks them and why; all of ours are accounted for, or `unexplained` says how many are not."""
    metres = way_metres(extract)
    found: dict[str, float] = defaultdict(float)
    for said in np.unique(verdict_of_way[verdict_of_way != ""]):
        found[said] = float(metres[verdict_of_way == said].sum()) / 1000
    counted = np.array([said != "" and not said.startswith("only theirs") for said in verdict_of_way])
    outline = np.isin(streets.way, extract.ids[~counted])
    straight = np.isin(np.arange(len(streets)), np.arange(_drawn(extract), len(streets)))
    found["only ours: squares of several ways, along their outline"] = (
        float(streets.metres[outline & ~straight].sum()) / 1000
    )
    found["only ours: walks across squares"] = float(streets.metres[straight].sum()) / 1000
    explained = sum(value for said, value in found.items() if not said.startswith("only theirs"))
    found["unexplained"] = float(streets.metres.sum()) / 1000 - explained
    return {said: value for said, value in found.items() if said == "unexplained" or round(value, 1) > 0}


def _drawn(extract: TaggedWays) -> int:
    """Return how many of our pieces are drawn; the walks across squares follow them."""
    return len(street_pieces(walked_ways(extract), crs=None, file="").value)


# ── Routes ──────────────────────────────────────────────────────────────────


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
    matrices = [_matrix(side) for side in (open_streets, plain)]
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


def _matrix(streets: StreetEdges) -> csr_array:
    """Return the shortest street between each two junctions, both ways where it is walked both ways."""
    tails = np.concatenate([streets.start[streets.forward], streets.end[streets.backward]])
    heads = np.concatenate([streets.end[streets.forward], streets.start[streets.backward]])
    metres = np.concatenate([streets.metres[streets.forward], streets.metres[streets.backward]])
    order = np.lexsort((metres, heads, tails))
    tails, heads, metres = tails[order], heads[order], metres[order]
    first = np.ones(len(tails), bool)
    first[1:] = (tails[1:] != tails[:-1]) | (heads[1:] != heads[:-1])
    count = len(streets.node_xy)
    return coo_array((metres[first], (tails[first], heads[first])), shape=(count, count)).tocsr()


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


# ── Coverage ────────────────────────────────────────────────────────────────


def coverage(path: Path, streets: StreetEdges) -> dict[str, float]:
    """Return the share of building footprint within 5, 10 and 15 minutes of a pharmacy, private streets left out."""
    network, _ = build_network(streets.take(~streets.private), ISLAND_METRES)
    buildings, pharmacies = (
        shapely.transform(places.geometry, lambda degrees: projected(degrees[:, 0], degrees[:, 1], streets.crs))
        for places in (read_buildings(path), read_tagged(path, [{"amenity": "pharmacy"}]))
    )
    homes = join_points(shapely.get_coordinates(shapely.centroid(buildings)), network, CAP_METRES)
    places = join_areas(pharmacies, network, CAP_METRES)
    reach = reach_nearest(
        network, impedance(network, WALK_METRES_PER_SECOND), homes, places, np.ones((len(pharmacies), 1), bool)
    )
    area = shapely.area(buildings) * homes.joined
    found = {
        f"{limit // 60} min": 100 * float(area[reach.seconds[0] <= limit].sum() / area.sum())
        for limit in LIMITS_SECONDS
    }
    return {**found, "buildings": int(homes.joined.sum()), "pharmacies": len(pharmacies)}


# ── Roads with a pavement drawn beside them ─────────────────────────────────


def pavements(extract: TaggedWays, streets: StreetEdges) -> dict[str, float]:
    """Leave out every road beside which a pavement is drawn, as if it were tagged `sidewalk=separate`, and see what becomes of the town."""
    tags = [extract.tag_sets[number] for number in extract.tag_set.tolist()]
    separate = np.array(
        [any(one.get(f"sidewalk{side}") == "separate" for side in ("", ":both", ":left", ":right")) for one in tags]
    )
    drawn = np.isin(streets.way, extract.ids[[one.get("footway") == "sidewalk" for one in tags]])
    shapely.prepare(beside := shapely.union_all(shapely.buffer(streets.lines[drawn], PAVEMENT_METRES)))
    covered = shapely.length(shapely.intersection(streets.lines, beside)) / shapely.length(streets.lines)
    dropped = (streets.road > 0) & (covered >= BESIDE_SHARE) & ~streets.private
    whole, left = streets.take(~streets.private), streets.take(~dropped & ~streets.private)
    before, after = _matrix(whole), _matrix(left)
    parted = [_largest(matrix) for matrix in (before, after)]
    used = np.zeros(len(streets.node_xy), bool)
    used[left.start] = used[left.end] = True
    places = np.flatnonzero(used & parted[0])
    chosen = np.random.default_rng(1)
    ratios = []
    for origin in chosen.choice(places, 100, replace=False).tolist():
        near = places[np.hypot(*(streets.node_xy[places] - streets.node_xy[origin]).T) < FARTHEST_METRES]
        near = near[near != origin]
        ratios.append(dijkstra(after, indices=origin)[near] / dijkstra(before, indices=origin)[near])
    ratio = np.concatenate(ratios)
    road = streets.take(dropped)
    beside_it = np.array(
        [
            dijkstra(after, indices=start, limit=1.2 * metres + 20)[end]
            for start, end, metres in zip(road.start.tolist(), road.end.tolist(), road.metres.tolist(), strict=True)
        ]
    )
    return {
        "tagged_separate_km": float(way_metres(extract)[separate].sum()) / 1000,
        "pavement_km": float(streets.metres[drawn].sum()) / 1000,
        "roads_beside_km": float(road.metres.sum()) / 1000,
        "joined_alike_share": float(road.metres[np.isfinite(beside_it)].sum() / road.metres.sum()),
        "junctions_cut_off_share": float(np.mean(~parted[1][places])),
        "pairs_unreachable_share": float(np.mean(np.isinf(ratio))),
        "median_ratio": float(np.median(ratio)),
        "p95_ratio": float(np.quantile(ratio[np.isfinite(ratio)], 0.95)),
    }


def _largest(matrix: csr_array) -> NDArray[np.bool_]:
    _, part = connected_components(matrix, directed=False)
    return part == np.argmax(np.bincount(part))


# ── Tables ──────────────────────────────────────────────────────────────────


def measured() -> dict[str, Any]:
    """Measure all that this machine has extracts for."""
    found: dict[str, Any] = {"kilometres": {}, "routes": {}, "coverage": {}, "pavements": {}}
    for name in CITIES.keys() | PAVED.keys():
        path = DATA / (CITIES | PAVED)[name]
        if not path.is_file():
            continue
        extract = read(path)
        said, streets = verdicts(extract), ours(extract)
        if name in CITIES:
            found["kilometres"][name] = kilometres(extract, said, streets)
        if name in ROUTED:
            found["routes"][name] = routes(path, extract, said, streets)
        if name == "Las Palmas":
            found["coverage"] = {"ours": coverage(path, streets), "theirs": coverage(path, theirs(extract))}
        if name in PAVED:
            found["pavements"][name] = pavements(extract, streets)
        print(name, file=sys.stderr)
    return {part: dict(sorted(rows.items())) for part, rows in found.items()}


def tables(found: dict[str, Any]) -> dict[str, str]:
    """Lay the measurements out as Markdown."""
    by_city = found["kilometres"]
    reasons = sorted({reason for rows in by_city.values() for reason in rows} - {"unexplained"}, key=_order)
    length = [
        [reason, *(f"{round(rows.get(reason, 0), 1) + 0:,.1f}" for rows in by_city.values())] for reason in [*reasons, "unexplained"]
    ]
    routed = found["routes"]
    lines = {
        "pairs": lambda row: row["pairs"],
        "the same filter cut by us: same length": lambda row: row["same_filter_same_length"],
        "our rules: same length": lambda row: row["same"],
        "ours shorter": lambda row: row["ours_shorter"],
        "ours longer": lambda row: row["ours_longer"],
        "median of ours ÷ theirs where they differ": lambda row: f"{row['median_ratio_of_differing']:.3f}",
    }
    agreement = [[name, *(str(value(row)) for row in routed.values())] for name, value in lines.items()]
    why = sorted({reason for row in routed.values() for reason in row["reasons"]}, key=_order)
    agreement += [
        [f"differ by: {reason}", *(str(row["reasons"].get(reason, 0)) for row in routed.values())] for reason in why
    ]
    covered = [
        [side, *(f"{row[f'{minutes} min']:.1f}" for minutes in (5, 10, 15))] for side, row in found["coverage"].items()
    ]
    beside = {
        "tagged `sidewalk=separate`, km": lambda row: f"{row['tagged_separate_km']:.1f}",
        "pavements drawn, km": lambda row: f"{row['pavement_km']:.1f}",
        "roads beside them, km": lambda row: f"{row['roads_beside_km']:.1f}",
        "of these joined alike by pavements (at most 1.2 times as long and 20 m), %": lambda row: (
            f"{100 * row['joined_alike_share']:.0f}"
        ),
        "junctions cut off without these roads, %": lambda row: f"{100 * row['junctions_cut_off_share']:.1f}",
        "pairs within 2 km without a route, %": lambda row: f"{100 * row['pairs_unreachable_share']:.1f}",
        "length of routes, without ÷ with: median": lambda row: f"{row['median_ratio']:.3f}",
        "95th percentile": lambda row: f"{row['p95_ratio']:.2f}",
    }
    paved = [[name, *(value(row) for row in found["pavements"].values())] for name, value in beside.items()]
    return {
        "kilometres": _table(["kilometres", *by_city], length),
        "routes": _table(["shortest routes", *routed], agreement),
        "coverage": _table(["% of footprint within", "5 min", "10 min", "15 min"], covered),
        "pavements": _table(["", *found["pavements"]], paved),
    }


def _order(reason: str) -> tuple[int, str]:
    groups = ("walked by both", "only ours", "restricted by us", "only theirs")
    return next((number for number, group in enumerate(groups) if reason.startswith(group)), len(groups)), reason


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def write(found: dict[str, Any]) -> None:
    """Put the tables between their marks in docs/network.md."""
    text = REPORT.read_text(encoding="utf-8")
    for mark, table in tables(found).items():
        block = f"<!-- {mark} -->\n{table}\n<!-- /{mark} -->"
        text = re.sub(rf"<!-- {mark} -->.*<!-- /{mark} -->", lambda _, block=block: block, text, flags=re.DOTALL)
    REPORT.write_text(text, encoding="utf-8")


def main() -> None:
    """Measure, print, and write if asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print the measurements as JSON")
    parser.add_argument("--write", action="store_true", help="put the tables into docs/network.md")
    asked = parser.parse_args()
    found = measured()
    print(json.dumps(found, indent=1) if asked.json else "\n\n".join(tables(found).values()))
    if asked.write:
        write(found)


if __name__ == "__main__":
    main()
