"""NetworkX: dictionaries, in Python."""

from __future__ import annotations

import networkx as nx
import numpy as np

from benchmarks.town import LIMIT_TICKS

VERSION = nx.__version__


def prepare(town):
    """Build an undirected graph."""
    graph = nx.Graph()
    graph.add_nodes_from(range(town.nodes))
    graph.add_weighted_edges_from(zip(town.tail.tolist(), town.head.tolist(), town.ticks.tolist(), strict=True))
    return graph


def nearest(graph, town):
    """One search per service from all its facilities."""
    found = [
        nx.multi_source_dijkstra_path_length(graph, set(places.tolist()), cutoff=LIMIT_TICKS)
        for places in town.facility
    ]

    def tell():
        ticks = np.full((len(found), town.nodes), -1, np.int32)
        for row, reached in zip(ticks, found, strict=True):
            row[list(reached)] = list(reached.values())
        return ticks

    return tell


def rows(graph, town):
    """What each origin reaches."""
    origins = town.origins.tolist()
    return columns([nx.single_source_dijkstra_path_length(graph, origin, cutoff=LIMIT_TICKS) for origin in origins])


def columns(found):
    """Turn one dictionary, junction to ticks, for each origin into three columns."""

    def tell():
        origin = np.repeat(np.arange(len(found)), [len(reached) for reached in found])
        junction = np.concatenate([np.fromiter(reached, np.int64) for reached in found])
        return origin, junction, np.concatenate([np.fromiter(reached.values(), np.int64) for reached in found])

    return tell
