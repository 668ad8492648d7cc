"""Valhalla's pedestrian routes: `python -m benchmarks.peers.valhalla EXTRACT pairs.npz answers.npz`.

Tiles are built from the same extract with its own defaults. Every pair is asked twice: for the shortest way, and as the router would lead
a walker by itself, around driveways and alleys. The wheel holds the builder of tiles from Python 3.12 on.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import valhalla
from valhalla.config import get_config

FARTHEST_METRES = 100_000


def build(extract, folder):
    """Build tiles and return a router on them."""
    (folder / "tiles").mkdir()
    settings = get_config(tile_dir=folder / "tiles", tile_extract="", verbose=False)
    settings["mjolnir"]["concurrency"] = 1
    settings["service_limits"]["pedestrian"]["max_distance"] = FARTHEST_METRES
    (folder / "valhalla.json").write_text(json.dumps(settings))
    builder = Path(valhalla.__file__).parent / "bin" / "valhalla_build_tiles"
    subprocess.run([builder, "-c", folder / "valhalla.json", extract], check=True, stdout=sys.stderr)  # noqa: S603
    return valhalla.Actor(folder / "valhalla.json")


def walk(router, start, end, *, shortest):
    """Return the metres of a walk, how far its ends were moved, and the ways it takes; nothing where there is none."""
    options = {"pedestrian": {"shortest": shortest}}
    places = [{"lon": lon, "lat": lat, "radius": 0} for lon, lat in (start.tolist(), end.tolist())]
    try:
        found = router.route({"locations": places, "costing": "pedestrian", "costing_options": options})
    except RuntimeError:
        return np.nan, []
    leg = found["trip"]["legs"][0]
    metres = 1000 * found["trip"]["summary"]["length"]
    if not shortest:
        return metres, []
    traced = router.trace_attributes({
        "encoded_polyline": leg["shape"],
        "costing": "pedestrian",
        "costing_options": options,
        "shape_match": "walk_or_snap",
        "filters": {"attributes": ["edge.way_id", "edge.length"], "action": "include"},
    })
    return metres, [(edge["way_id"], 1000 * edge["length"]) for edge in traced["edges"]]


def main(extract, pairs, answers):
    """Walk all pairs."""
    with np.load(pairs) as given, tempfile.TemporaryDirectory() as folder:
        router = build(extract, Path(folder))
        ends = list(zip(given["start"], given["end"], strict=True))
        shortest = [walk(router, *pair, shortest=True) for pair in ends]
        usual = [walk(router, *pair, shortest=False)[0] for pair in ends]
    np.savez(
        answers,
        metres=[metres for metres, _ in shortest],
        usual=usual,
        pair=[pair for pair, (_, ways) in enumerate(shortest) for _ in ways],
        way=[way for _, ways in shortest for way, _ in ways],
        way_metres=[length for _, ways in shortest for _, length in ways],
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
