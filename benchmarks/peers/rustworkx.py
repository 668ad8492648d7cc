"""rustworkx: its searches have no limit, so every one goes to the end of the city.

The nearest of many is the walk from one more node, tied to all of them by edges of no length.
"""

from __future__ import annotations

import numpy as np
import rustworkx

from benchmarks.town import LIMIT_TICKS

VERSION = rustworkx.__version__


def prepare(town):
    """Build an undirected graph; an edge's weight is its own payload."""
    graph = rustworkx.PyGraph(multigraph=False)
    graph.add_nodes_from(range(town.nodes))
    graph.add_edges_from(list(zip(town.tail.tolist(), town.head.tolist(), map(float, town.ticks), strict=True)))
    return graph


def nearest(graph, town):
    """One search per service from a node tied to all its facilities."""
    found = []
    for places in town.facility:
        source = graph.add_node(None)
        graph.add_edges_from([(source, place, 0.0) for place in places.tolist()])
        found.append(rustworkx.dijkstra_shortest_path_lengths(graph, source, float))
        graph.remove_node(source)

    def tell():
        ticks = np.full((len(found), town.nodes), -1, np.int32)
        for row, reached in zip(ticks, found, strict=True):
            pairs = np.array([pair for pair in reached.items() if pair[0] < town.nodes])
            pairs = pairs[pairs[:, 1] <= LIMIT_TICKS].astype(np.int64)
            row[pairs[:, 0]] = pairs[:, 1]
        return ticks

    return tell
