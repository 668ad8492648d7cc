"""Our lengths of walks beside those of other routers: `python -m benchmarks.routes [--json] [--write]`.

Two hundred pairs of junctions of Las Palmas, 300 m to 3 km apart as the crow flies, walked on our network of the extract, by Valhalla
(pedestrian, as short as it finds) and by NetworkX on the `walk` graph of OSMnx, all made from the same file. Where lengths are more than
2 % apart, the ways that only the shorter walk takes are looked up in OpenStreetMap: one of them is what the longer one may not walk, or
does not know.

Valhalla runs under LIVING_CIRCLE_VALHALLA_PYTHON, OSMnx under LIVING_CIRCLE_PEERS_PYTHON, or both under this Python. A router that is
missing is reported and left out. `--write` puts the tables into docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import osmium
from numpy.typing import NDArray
from pyproj import Transformer

from benchmarks.cities import EXTRACTS, MINIMUM_ISLAND_METRES
from benchmarks.run import DATA, REPORT, ROOT, machine
from livingcircle.kernel import search
from livingcircle.kernel.graph import TICKS_PER_SECOND, build_network
from livingcircle.kernel.impedance import Impedance, impedance
from livingcircle.kernel.lanes import with_lanes
from livingcircle.kernel.seeds import Seeds
from livingcircle.model.network import Lane, WalkNetwork
from livingcircle.sources.streets import streets_from_osm

PEERS_PYTHON = os.environ.get("LIVING_CIRCLE_PEERS_PYTHON") or sys.executable
ROUTERS = {
    "Valhalla": ("benchmarks.peers.valhalla", os.environ.get("LIVING_CIRCLE_VALHALLA_PYTHON") or sys.executable),
    "OSMnx": ("benchmarks.peers.osmnx_routes", PEERS_PYTHON),
}
PAIRS = 200
STRAIGHT_METRES = (300, 3000)
LIMIT_METRES = 20_000
SAME, NEAR = 0.02, 0.05
MOVED_METRES = 5
"""An end that lies farther from a router's network is another place."""
TELLING = ("highway", "railway", "public_transport", "area", "foot", "access", "sidewalk", "service", "oneway:foot")
"""Tags that decide whether a way is walked."""
REASONS = (
    ("area=yes|^$", "across a pedestrian area"),
    ("highway=cycleway", "along a cycleway open to walkers"),
    ("^(?!.*foot=yes).*access=(no|private)", "through a private way"),
    ("highway=trunk", "along a slip road of a trunk road, without pavement"),
)
"""What tags of a way explain, in this order. Outlines of areas that are relations have none of these tags themselves."""
NO_REASON = "by streets open to both"

Ways = list[dict[int, float]]
"""For each pair, the metres walked on each way of OpenStreetMap."""


class Walks(NamedTuple):
    """Lengths of all pairs, and the ways they take."""

    metres: NDArray[np.float64]
    ways: Ways


def network_of(extract: Path) -> tuple[WalkNetwork, Impedance]:
    """Build the network as a study does, walked at a metre a second, so that ticks are twentieths of a metre."""
    streets = with_lanes(streets_from_osm(extract, None).value)
    network, _ = build_network(streets, MINIMUM_ISLAND_METRES)
    return network, impedance(network, 1.0)


def pairs_of(network: WalkNetwork) -> NDArray[np.int64]:
    """Draw pairs of junctions (p, 2) on open streets."""
    streets = network.streets
    open_ = np.flatnonzero((streets.lane == Lane.STREET) & streets.at_ground & streets.forward & streets.backward)
    junctions = np.unique(np.concatenate([streets.start[open_], streets.end[open_]]))
    drawn = np.random.default_rng(3).choice(junctions, (100 * PAIRS, 2))
    apart = np.hypot(*(streets.node_xy[drawn[:, 0]] - streets.node_xy[drawn[:, 1]]).T)
    return drawn[(apart >= STRAIGHT_METRES[0]) & (apart <= STRAIGHT_METRES[1])][:PAIRS].astype(np.int64)


def our_walks(network: WalkNetwork, walk: Impedance, pairs: NDArray[np.int64]) -> Walks:
    """Search towards the end of every pair, then follow the streets along which the time falls by what they take."""
    none, label = np.zeros(len(pairs), np.uint32), np.arange(len(pairs), dtype=np.uint32)
    rows = search.rows(
        walk.toward, Seeds(pairs[:, 1].astype(np.uint32), none, label, len(pairs)), LIMIT_METRES * TICKS_PER_SECOND
    )
    metres, ways = np.full(len(pairs), np.nan), []
    for pair, (start, end) in enumerate(pairs.tolist()):
        mine = slice(*rows.indptr[pair : pair + 2])
        left = dict(zip(rows.node[mine].tolist(), rows.ticks[mine].tolist(), strict=True))
        taken: Counter[int] = Counter()
        ways.append(taken)
        if start not in left:
            continue
        metres[pair] = left[start] / TICKS_PER_SECOND
        here = start
        while here != end:
            arcs = range(network.indptr[here], network.indptr[here + 1])
            arc = next(arc for arc in arcs if _leads_on(network, walk, left, here, arc))
            street, here = network.edge[arc], int(network.heads[arc])
            taken[int(network.streets.way[street])] += float(network.streets.metres[street])
    return Walks(metres, ways)


def _leads_on(network: WalkNetwork, walk: Impedance, left: dict[int, int], here: int, arc: int) -> bool:
    """Return whether an arc leads to where exactly its own ticks less are left."""
    head, street = int(network.heads[arc]), network.edge[arc]
    ticks = (walk.forward if network.along[arc] else walk.backward)[street]
    return head != here and head in left and left[head] + ticks == left[here]


def their_walks(name: str, extract: Path, pairs: Path) -> dict[str, NDArray[Any]] | str:
    """Let a router walk the same pairs; a reason where it cannot."""
    module, python = ROUTERS[name]
    answers = pairs.with_name(f"{module}.npz")
    command = [python, "-m", module, str(extract), str(pairs), str(answers)]
    try:
        subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600, check=True)  # noqa: S603
    except (subprocess.SubprocessError, OSError) as error:
        said = (getattr(error, "stderr", "") or str(error)).strip()
        return said.splitlines()[-1] if said else type(error).__name__
    with np.load(answers) as found:
        return dict(found)


def compared(ours: Walks, theirs: dict[str, NDArray[Any]], tags: dict[int, str]) -> dict[str, Any]:
    """Put lengths side by side, and name what makes the difference where there is one."""
    ways: Ways = [Counter() for _ in ours.ways]
    for pair, way, metres in zip(*(theirs[key].tolist() for key in ("pair", "way", "way_metres")), strict=True):
        ways[pair][way] = ways[pair].get(way, 0) + metres
    here = theirs["moved"].max(axis=1) <= MOVED_METRES
    both = here & np.isfinite(ours.metres) & np.isfinite(theirs["metres"])
    ratio = ours.metres / theirs["metres"]
    apart = np.abs(ratio - 1)
    differences = []
    for pair in np.flatnonzero(both & (apart > SAME)):
        shorter, longer = (ours.ways, ways) if ratio[pair] < 1 else (ways, ours.ways)
        alone = {way: metres for way, metres in shorter[pair].items() if way not in longer[pair]}
        differences.append(
            {
                "pair": int(pair),
                "ours": float(ours.metres[pair]),
                "theirs": float(theirs["metres"][pair]),
                "reason": _reason([tags.get(way, "") for way in alone]),
                "ways": {way: tags.get(way, "") for way in sorted(alone, key=alone.__getitem__, reverse=True)[:5]},
            }
        )
    return {
        "compared": int(both.sum()),
        "not_in_theirs": int((~here).sum()),
        "no_walk_ours": int(np.isnan(ours.metres).sum()),
        "no_walk_theirs": int((here & ~np.isfinite(theirs["metres"])).sum()),
        "median_ratio": float(np.median(ratio[both])),
        "mean_ratio": float(ours.metres[both].sum() / theirs["metres"][both].sum()),
        "within_2_percent": float(np.mean(apart[both] <= SAME)),
        "within_5_percent": float(np.mean(apart[both] <= NEAR)),
        "ours_shorter": int(np.sum(both & (ratio < 1 - SAME))),
        "ours_longer": int(np.sum(both & (ratio > 1 + SAME))),
        "differences": sorted(differences, key=lambda row: -abs(row["ours"] / row["theirs"] - 1)),
    }


def _reason(tags: list[str]) -> str:
    return next((reason for pattern, reason in REASONS if any(re.search(pattern, each) for each in tags)), NO_REASON)


def way_tags(extract: Path) -> dict[int, str]:
    """Read the tags that decide about walking, by way."""
    processor = osmium.FileProcessor(str(extract)).with_filter(osmium.filter.EntityFilter(osmium.osm.WAY))
    processor.with_filter(osmium.filter.KeyFilter("highway", "railway", "public_transport"))
    return {way.id: " ".join(f"{key}={way.tags[key]}" for key in TELLING if key in way.tags) for way in processor}


def measured() -> dict[str, Any]:
    """Walk all pairs with every router."""
    extract = DATA / EXTRACTS["las palmas"]
    if not extract.is_file():
        raise SystemExit(f"{extract} is missing; set LIVING_CIRCLE_DATA")
    network, walk = network_of(extract)
    pairs = pairs_of(network)
    to_degrees = Transformer.from_crs(network.streets.crs, 4326, always_xy=True)
    start, end = (np.stack(to_degrees.transform(*network.streets.node_xy[side].T), axis=1) for side in pairs.T)
    ours, tags = our_walks(network, walk, pairs), way_tags(extract)
    found: dict[str, Any] = {"machine": machine(), "pairs": len(pairs), "routers": {}}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "pairs.npz")
        np.savez(file, start=start, end=end)
        for name in ROUTERS:
            theirs = their_walks(name, extract, file)
            if isinstance(theirs, str):
                found["routers"][name] = {"error": theirs}
                continue
            found["routers"][name] = compared(ours, theirs, tags)
            if "usual" in theirs:
                found["routers"][f"{name}, as it leads by itself"] = compared(
                    ours, theirs | {"metres": theirs["usual"]}, tags
                ) | {"differences": []}
    return found


def routes_report(found: dict[str, Any]) -> str:
    """Lay everything out as Markdown."""
    lines = [
        f"Measured {found['machine']}; {found['pairs']} pairs.",
        "",
        "| our length beside | pairs both walk | median ratio | ratio of sums | within 2 % | within 5 % | ours shorter | ours longer |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for name, row in found["routers"].items():
        if "error" in row:
            lines.append(f"| {name} | {row['error']} | | | | | | |")
            continue
        lines.append(
            f"| {name} | {row['compared']} | {row['median_ratio']:.4f} | {row['mean_ratio']:.4f} | {row['within_2_percent']:.1%} "
            f"| {row['within_5_percent']:.1%} | {row['ours_shorter']} | {row['ours_longer']} |"
        )
    lines += ["", "| more than 2 % apart | the shorter walk leads | pairs |", "|---|---|---:|"]
    for name, row in found["routers"].items():
        kinds = Counter(
            ("ours is shorter" if difference["ours"] < difference["theirs"] else "ours is longer", difference["reason"])
            for difference in row.get("differences", [])
        )
        lines += [f"| {name}: {which} | {reason} | {count} |" for (which, reason), count in kinds.most_common()]
    unjoined = [
        f"{name} moves an end of {row['not_in_theirs']} pairs to another street and finds no walk for {row['no_walk_theirs']}"
        for name, row in found["routers"].items()
        if row.get("differences")
    ]
    none = max((row.get("no_walk_ours", 0) for row in found["routers"].values()), default=0)
    lines += ["", f"Left out: on our network {none} pairs have no walk; " + "; ".join(unjoined) + "."]
    return "\n".join(lines)


def main() -> None:
    """Measure, print, and write if asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print the measurements as JSON")
    parser.add_argument("--write", action="store_true", help="put the tables into docs/benchmarks.md")
    asked = parser.parse_args()
    found = measured()
    report = routes_report(found)
    print(json.dumps(found, indent=1) if asked.json else report)
    if asked.write:
        text = REPORT.read_text(encoding="utf-8")
        block = f"<!-- routes -->\n{report}\n<!-- /routes -->"
        REPORT.write_text(
            re.sub(r"<!-- routes -->.*<!-- /routes -->", lambda _: block, text, flags=re.DOTALL), encoding="utf-8"
        )


if __name__ == "__main__":
    main()
