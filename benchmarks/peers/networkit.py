"""NetworKit: its searches have no limit, so every one goes to the end of the city.

The nearest of many is the walk from one more node, tied to all of them by edges of no length.
"""

from __future__ import annotations

from importlib.metadata import version

import networkit
import numpy as np

from benchmarks.town import LIMIT_TICKS

VERSION = version("networkit")


def prepare(town):
    """Build an undirected graph."""
    networkit.setNumberOfThreads(1)
    return networkit.GraphFromCoo(
        (town.ticks.astype(float), (town.tail, town.head)), n=town.nodes, weighted=True, directed=False
    )


def nearest(graph, town):
    """One search per service from a node tied to all its facilities."""
    found = []
    for places in town.facility:
        source = graph.addNode()
        for place in places.tolist():
            graph.addEdge(source, place, 0.0)
        search = networkit.distance.Dijkstra(graph, source, storePaths=False)
        search.run()
        found.append(np.asarray(search.getDistances())[: town.nodes])
        graph.removeNode(source)

    def tell():
        ticks = np.stack([row[: town.nodes] for row in found])
        return np.where(ticks <= LIMIT_TICKS, ticks, -1).astype(np.int32)

    return tell
