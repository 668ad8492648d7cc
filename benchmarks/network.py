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
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from scipy.sparse.csgraph import connected_components, dijkstra

from benchmarks.walk_networks import matrix_of, ours, read, theirs, verdicts, way_metres
from benchmarks.walk_routes import FARTHEST_METRES, routes
from livingcircle.kernel.anchor import join_areas, join_points
from livingcircle.kernel.graph import build_network
from livingcircle.kernel.impedance import impedance
from livingcircle.kernel.reach import reach_nearest
from livingcircle.sources.extract import TaggedWays
from livingcircle.sources.osm import read_buildings, read_tagged
from livingcircle.sources.projection import projected
from livingcircle.sources.street_pieces import street_pieces
from livingcircle.sources.walked_ways import walked_ways

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

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
PAVEMENT_METRES, BESIDE_SHARE = 15.0, 0.8
"""A pavement runs beside a road if it covers this share of it at no more than this distance."""


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
    before, after = matrix_of(whole), matrix_of(left)
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
        [reason, *(f"{round(rows.get(reason, 0), 1) + 0:,.1f}" for rows in by_city.values())]
        for reason in [*reasons, "unexplained"]
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
