"""Junctions as candidates."""

from __future__ import annotations

import numpy as np

import town as t
from livingcircle.kernel.siting.junctions import junctions_near_homes


def test_junction_candidates_are_thinned_and_near_homes():
    town = t.town(t.grid_streets(10, 10))
    homes = np.array([(x, y) for x in (0.0, 100.0, 200.0, 300.0) for y in (0.0, 100.0)])
    found = junctions_near_homes(town.network, homes, spacing_metres=200)
    xy = town.network.streets.node_xy[found]
    assert len(np.unique(np.floor(xy / 200), axis=0)) == len(xy)
    assert (np.abs(xy[:, None] - homes).sum(axis=2).min(axis=1) <= 300).all()
    assert xy[:, 0].max() <= 450
