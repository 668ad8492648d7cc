"""The isochrone recipe of OSMnx: `ego_graph` of NetworkX on the directed multigraph OSMnx makes.

The recipe gives a graph of what is reached without the distances, so junctions alone are compared.
"""

from __future__ import annotations

from importlib.metadata import version

import networkx as nx
import numpy as np

from benchmarks.town import LIMIT_TICKS

VERSION = version("osmnx")


def prepare(town):
    """Build the kind of graph OSMnx returns: every street in both directions, with attributes."""
    graph = nx.MultiDiGraph(crs="EPSG:32629")
    graph.add_nodes_from((node, {"x": x, "y": y}) for node, (x, y) in enumerate(town.xy.tolist()))
    for tail, head, ticks in zip(*(column.tolist() for column in (town.tail, town.head, town.ticks)), strict=True):
        graph.add_edge(tail, head, length=ticks)
        graph.add_edge(head, tail, length=ticks)
    return graph


def rows(graph, town):
    """What each origin reaches."""
    found = [nx.ego_graph(graph, origin, radius=LIMIT_TICKS, distance="length") for origin in town.origins.tolist()]

    def tell():
        origin = np.repeat(np.arange(len(found)), [len(reached) for reached in found])
        return origin, np.concatenate([np.array(reached.nodes, np.int64) for reached in found])

    return tell
