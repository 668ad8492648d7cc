"""Valhalla's pedestrian routes: `python -m benchmarks.peers.valhalla EXTRACT pairs.npz answers.npz`.

Tiles are built from the same extract with its own defaults. Its `shortest` option does not always find the shortest walk: with a point in
the middle it sometimes answers with a shorter one. So every pair is asked for with that option, and again with all preferences switched
off, and the shorter answer counts. A third question lets it lead a walker as it would by itself. The wheel holds the builder of tiles
from Python 3.12 on.
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
from valhalla.midgard.utils import decode_polyline

METRES_PER_DEGREE = 111_195
FARTHEST_METRES = 100_000
INDIFFERENT = {
    **dict.fromkeys(("walkway_factor", "sidewalk_factor", "alley_factor", "driveway_factor", "service_factor"), 1),
    **dict.fromkeys(
        ("step_penalty", "maneuver_penalty", "service_penalty", "elevator_penalty", "gate_penalty", "alley_penalty"), 0
    ),
    "destination_only_penalty": 0,
    "max_hiking_difficulty": 6,
}


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


def walk(router, start, end, options):
    """Return the metres of a walk, how far its ends were moved, and its line; `inf` where there is none."""
    places = [{"lon": lon, "lat": lat, "radius": 0} for lon, lat in (start.tolist(), end.tolist())]
    request = {"locations": places, "costing": "pedestrian", "costing_options": {"pedestrian": options}}
    try:
        trip = router.route(request)["trip"]
    except RuntimeError:
        return np.inf, (0.0, 0.0), ""
    shape = trip["legs"][0]["shape"]
    line = np.array(decode_polyline(shape, precision=6))
    flat = np.array([np.cos(np.radians(start[1])), 1]) * METRES_PER_DEGREE
    moved = (float(np.hypot(*((line[0] - start) * flat))), float(np.hypot(*((line[-1] - end) * flat))))
    return 1000 * trip["summary"]["length"], moved, shape


def ways(router, shape):
    """Return the ways of OpenStreetMap along a line, and the metres on each."""
    traced = router.trace_attributes(
        {
            "encoded_polyline": shape,
            "costing": "pedestrian",
            "shape_match": "walk_or_snap",
            "filters": {"attributes": ["edge.way_id", "edge.length"], "action": "include"},
        }
    )
    return [(edge["way_id"], 1000 * edge["length"]) for edge in traced["edges"]]


def main(extract, pairs, answers):
    """Walk all pairs."""
    with np.load(pairs) as given, tempfile.TemporaryDirectory() as folder:
        router = build(extract, Path(folder))
        ends = list(zip(given["start"], given["end"], strict=True))
        found = [
            min(walk(router, *pair, {"shortest": True}), walk(router, *pair, INDIFFERENT), key=lambda one: one[0])
            for pair in ends
        ]
        usual = [walk(router, *pair, {})[0] for pair in ends]
        taken = [ways(router, shape) if shape else [] for _, _, shape in found]
    np.savez(
        answers,
        metres=[metres for metres, _, _ in found],
        moved=[moved for _, moved, _ in found],
        usual=usual,
        pair=[pair for pair, edges in enumerate(taken) for _ in edges],
        way=[way for edges in taken for way, _ in edges],
        way_metres=[metres for edges in taken for _, metres in edges],
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
