"""Candidates where the city gives none: street junctions near homes, thinned to a grid."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from livingcircle.model.columns import FloatArray
from livingcircle.model.network import WalkNetwork

NEAR_HOME_METRES = 150.0
"""A junction farther than this from every home is no candidate."""


def junctions_near_homes(network: WalkNetwork, home_xy: FloatArray, spacing_metres: float) -> NDArray[np.intp]:
    """Return junctions near homes, at most one per square of `spacing_metres`: the one nearest to the square's centre."""
    xy = network.streets.node_xy
    metres, _ = cKDTree(home_xy).query(xy, distance_upper_bound=NEAR_HOME_METRES)
    near = np.flatnonzero(np.isfinite(metres))
    square = np.floor(xy[near] / spacing_metres)
    off_centre = np.hypot(*(xy[near] - (square + 0.5) * spacing_metres).T)
    order = np.lexsort((off_centre, square[:, 0], square[:, 1]))
    _, first = np.unique(square[order], axis=0, return_index=True)
    return np.sort(near[order][first])
