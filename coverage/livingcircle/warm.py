"""Compile every loop once, on a street of three houses.

`python -m livingcircle.warm` after installing saves the first run the wait.
"""

from __future__ import annotations

import numpy as np
import shapely

from livingcircle.kernel.allocation import allocate
from livingcircle.kernel.anchor import join_points
from livingcircle.kernel.change import begin, move_facility
from livingcircle.kernel.graph import build_network
from livingcircle.kernel.impedance import impedance
from livingcircle.kernel.isochrone import catchments
from livingcircle.kernel.reach import facilities_within, reach_few, reach_nearest, reach_table, residents_within
from livingcircle.kernel.siting.ready import covering_ready, serving_ready
from livingcircle.model.network import StreetEdges
from livingcircle.sources.datum import converted
from livingcircle.sources.protobuf import Spans, fields, varints


def main() -> None:
    """Search a network of one street with every kernel, and read three bytes as an extract is read; the machine code stays in the cache."""
    street = StreetEdges.plain(
        start=np.array([0], np.int32),
        end=np.array([1], np.int32),
        lines=np.array([shapely.LineString([(0, 0), (100, 0)])], object),
        node_xy=np.array([(0.0, 0.0), (100.0, 0.0)]),
        crs="EPSG:32650",
    )
    network, _ = build_network(street, minimum_island_metres=1)
    places = join_points(np.array([(10.0, 0.0), (50.0, 0.0), (90.0, 0.0)]), network, cap_metres=1)
    walk = impedance(network, 1.0)
    reach_nearest(network, walk, places, places, np.ones((3, 1), bool))
    reach_few(network, walk, places, places, np.ones((3, 1), bool), k=2, limit_seconds=60)
    table = reach_table(network, walk, places, places, limit_seconds=200)
    allocate(table, np.ones(3), np.array([1.0, 2.0, 3.0]), 200.0)  # more than there is room for
    catchments(network, walk, places, (60.0,))
    facilities_within(network, walk, places, np.ones((3, 1), bool), limit_seconds=60)
    residents_within(network, walk, places, np.ones(3), limit_seconds=60)
    covering_ready()
    serving_ready()
    xy = np.array([(10.0, 0.0)])
    points = np.asarray(shapely.points(xy), object)
    at = join_points(xy, network, cap_metres=1)
    move_facility(begin(network, walk, xy, at, points, at, np.ones((1, 1), bool)), 0, shapely.Point(90, 0))
    converted(np.array([118.0]), np.array([32.0]), "wgs84", "gcj02")
    varints(fields(Spans.whole(b"\x0a\x01\x00")).repeated(1))  # field 1 holds one byte: the list of a zero


if __name__ == "__main__":
    main()
