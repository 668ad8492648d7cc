"""cityseer: land-use accessibility of every live node gives the nearest and the counts together.

It measures streets by their geometry, so the map is drawn a tenth smaller, which leaves room for each edge to bend to the length it has
here. Its single precision leaves centimetres.
A part is a part of the nodes: only those asked about are live.
"""

from __future__ import annotations

from importlib.metadata import version

import numpy as np
from cityseer import rustalgos

from benchmarks.town import LIMIT_TICKS, METRES_PER_TICK

VERSION = version("cityseer")
METRES = round(LIMIT_TICKS * METRES_PER_TICK)
SMALLER = 0.9


def prepare(town):
    """Add nodes and bent edges one by one, as its own readers do."""
    network = rustalgos.graph.NetworkStructure()
    for node, (x, y) in enumerate((town.xy * SMALLER).tolist()):
        network.add_street_node(node, x, y, live=True, weight=1.0)
    start, end = town.xy[town.tail] * SMALLER, town.xy[town.head] * SMALLER
    along = end - start
    straight = np.hypot(*along.T)
    rise = np.sqrt(np.maximum((town.ticks * METRES_PER_TICK) ** 2 - straight**2, 0)) / 2
    across = along[:, ::-1] * (-1, 1) / np.maximum(straight, 1e-9)[:, None]
    bend = (start + end) / 2 + across * rise[:, None]
    lines = np.stack([start, bend, end], axis=1).reshape(-1, 6).tolist()
    pairs = zip(town.tail.tolist(), town.head.tolist(), lines, strict=True)
    for edge, (tail, head, (x0, y0, x1, y1, x2, y2)) in enumerate(pairs):
        there = f"LINESTRING ({x0} {y0}, {x1} {y1}, {x2} {y2})"
        back = f"LINESTRING ({x2} {y2}, {x1} {y1}, {x0} {y0})"
        network.add_street_edge(tail, head, edge, tail, head, there)
        network.add_street_edge(head, tail, edge, head, tail, back)
    network.build_edge_rtree()
    return network, _data(network, town, town.facility.ravel()), _data(network, town, np.arange(town.nodes))


def nearest_and_counts(prepared, town):
    """Nearest facility and number of facilities of every service around the nodes asked about."""
    network, places, _ = prepared
    _only(network, town)
    services, each = town.facility.shape
    service_of = {place: str(place // each) for place in range(services * each)}
    names = [str(service) for service in range(services)]
    found = places.accessibility(
        network, service_of, names, distances=[METRES], speed_m_s=4 / 3, decay_fn="1", pbar_disabled=True
    ).result

    def tell():
        metres = np.stack([np.asarray(found[name].distance[METRES])[town.asked] for name in names])
        reached = np.isfinite(metres) & (metres <= METRES)
        counts = np.stack([np.asarray(found[name].count[METRES])[town.asked] for name in names])
        return np.where(reached, metres / METRES_PER_TICK, -1), counts

    return tell


def people(prepared, town):
    """People around the nodes asked about, a data point on every node."""
    network, _, homes = prepared
    _only(network, town)
    heads = dict(enumerate(map(float, town.people)))
    found = homes.stats(
        network, [heads], distances=[METRES], speed_m_s=4 / 3, decay_fn="1", measures=["sum"], pbar_disabled=True
    ).result[0]
    return lambda: np.asarray(found.sum[METRES])[town.asked]


def _only(network, town):
    live = np.zeros(town.nodes, bool)
    live[town.asked] = True
    if network.node_lives != live.tolist():
        for node, alive in enumerate(live.tolist()):
            network.set_node_live(node, alive)


def _data(network, town, junctions):
    data = rustalgos.data.DataMap()
    for key, (x, y) in enumerate((town.xy[junctions] * SMALLER).tolist()):
        data.insert(key, f"POINT ({x} {y})")
    data.assign_data_to_network(network, 10.0, 20)
    return data
