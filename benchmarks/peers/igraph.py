"""igraph: its searches have no limit, so every one goes to the end of the city.

The nearest of many is the walk from one more vertex, tied to all of them by edges of no length: it has no other way. Which facility that
was, it cannot say.
"""

from __future__ import annotations

import igraph
import numpy as np

from benchmarks.town import LIMIT_TICKS

VERSION = igraph.__version__


def prepare(town):
    """Build an undirected graph."""
    graph = igraph.Graph(n=town.nodes, edges=np.stack([town.tail, town.head], axis=1))
    graph.es["ticks"] = town.ticks.tolist()
    return graph


def nearest(graph, town):
    """One search per service from a vertex tied to all its facilities."""
    source, found = graph.vcount(), []
    for places in town.facility:
        graph.add_vertex()
        graph.add_edges([(source, place) for place in places.tolist()], {"ticks": [0] * len(places)})
        found.append(graph.distances(source, weights="ticks")[0][:source])
        graph.delete_vertices(source)
    return lambda: np.stack([_ticks(row) for row in found])


def rows(graph, town):
    """Full rows, of which what is within the limit is kept."""
    found = []
    for first in range(0, len(town.origins), 10):
        row = np.array(graph.distances(town.origins[first : first + 10].tolist(), weights="ticks"))
        origin, junction = np.nonzero(row <= LIMIT_TICKS)
        found.append((origin + first, junction, row[origin, junction]))
    return lambda: tuple(np.concatenate(column).astype(np.int64) for column in zip(*found, strict=True))


def _ticks(row):
    ticks = np.array(row)
    return np.where(ticks <= LIMIT_TICKS, ticks, -1).astype(np.int32)
