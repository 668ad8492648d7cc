"""SciPy's Dijkstra: `min_only` for the nearest, a full row for every origin otherwise."""

from __future__ import annotations

import numpy as np
import scipy
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from benchmarks.town import FEW, LIMIT_TICKS

VERSION = scipy.__version__
AT_ONCE = 50
"""Rows of all junctions held at once; larger blocks are slower."""


def prepare(town):
    """Edges in both directions; with `directed=False` SciPy would transpose the matrix in every call."""
    tail, head, ticks = town.both_ways()
    return csr_array((ticks.astype(float), (tail, head)), shape=(town.nodes, town.nodes))


def nearest(graph, town):
    """One search per service from all its facilities."""
    found = [dijkstra(graph, indices=places, min_only=True, limit=LIMIT_TICKS) for places in town.facility]
    return lambda: np.stack([_ticks(row) for row in found])


def few(graph, town):
    """Rows of all facilities of a service, then the five smallest."""
    found = [np.sort(dijkstra(graph, indices=places, limit=LIMIT_TICKS), axis=0)[:FEW].T for places in town.facility]
    return lambda: np.stack([_ticks(row) for row in found])


def rows(graph, town):
    """Full rows in blocks, of which what was reached is kept."""
    found = []
    for first in range(0, len(town.origins), AT_ONCE):
        row = dijkstra(graph, indices=town.origins[first : first + AT_ONCE], limit=LIMIT_TICKS)
        origin, junction = np.nonzero(np.isfinite(row))
        found.append((origin + first, junction, row[origin, junction]))
    return lambda: tuple(np.concatenate(column).astype(np.int64) for column in zip(*found, strict=True))


def counts(graph, town):
    """Rows of all facilities, counted by column."""
    found = []
    for places in town.facility:
        total = np.zeros(town.nodes, int)
        for first in range(0, len(places), AT_ONCE):
            row = dijkstra(graph, indices=places[first : first + AT_ONCE], limit=LIMIT_TICKS)
            total += np.isfinite(row).sum(axis=0)
        found.append(total)
    return lambda: np.stack(found)


def people(graph, town):
    """Rows of the junctions asked about, each summed."""
    found = []
    for first in range(0, len(town.asked), AT_ONCE):
        row = dijkstra(graph, indices=town.asked[first : first + AT_ONCE], limit=LIMIT_TICKS)
        found.append(np.isfinite(row) @ town.people)
    return lambda: np.concatenate(found)


def _ticks(found):
    return np.where(np.isfinite(found), found, -1).astype(np.int32)
