"""Valhalla's pedestrian isochrones: `python -m benchmarks.peers.valhalla_isochrones EXTRACT question.json answer.json`.

Tiles are built from the same extract; walkers make the same speed, everything else is as it comes. One request draws all limits.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.peers.valhalla import build


def main(extract, question, answer):
    """Draw the isochrones of every origin and write them down, with the processor time of all requests in the best turn."""
    asked = json.loads(Path(question).read_text(encoding="utf-8"))
    requests = [
        {
            "locations": [{"lon": lon, "lat": lat}],
            "costing": "pedestrian",
            "costing_options": {"pedestrian": {"walking_speed": asked["kilometres_per_hour"]}},
            "contours": [{"time": minutes} for minutes in asked["minutes"]],
            "polygons": True,
        }
        for lon, lat in asked["origins"]
    ]
    with tempfile.TemporaryDirectory() as folder:
        router = build(extract, Path(folder))
        router.isochrone(requests[0])
        seconds = []
        for _ in range(asked["turns"]):
            started = time.process_time()
            drawn = [router.isochrone(request) for request in requests]
            seconds.append(time.process_time() - started)
    shapes = [
        {feature["properties"]["contour"]: feature["geometry"] for feature in collection["features"]}
        for collection in drawn
    ]
    areas = [[shape[minutes] for minutes in asked["minutes"]] for shape in shapes]
    Path(answer).write_text(json.dumps({"seconds": min(seconds), "areas": areas}), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
