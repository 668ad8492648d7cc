"""Areas with known entrances are joined there; answers by hand on a grid of 100 m blocks."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from livingcircle.kernel.anchor import join_areas
from livingcircle.kernel.graph import build_network
from livingcircle.model.places import Entrances
from town import grid_streets

NETWORK = build_network(grid_streets(4, 4), 0)[0]
WITHIN = shapely.box(110, 110, 190, 170)
"""Lies inside a block: 10 m from the streets west, south and east of it, 30 m from the one north of it."""
ACROSS = shapely.box(110, 110, 250, 170)
"""Crossed by the street x = 200 at y = 110 and y = 170."""


def entrances(*rows):
    """Entrances from (place, x, y, alone)."""
    return Entrances(
        np.array([row[0] for row in rows], np.int32),
        np.array([row[1:3] for row in rows], float).reshape(-1, 2),
        np.array([row[3] for row in rows], bool),
    )


def joints(anchors, place=0):
    """Where a place meets the streets, and how far the walk to it is."""
    mine = anchors.place == place
    lines = NETWORK.streets.lines[anchors.edge[mine]]
    at = shapely.get_coordinates(shapely.line_interpolate_point(lines, anchors.fraction[mine], normalized=True))
    return sorted(
        {(round(x, 6), round(y, 6), round(m, 6)) for (x, y), m in zip(at, anchors.access_metres[mine], strict=True)}
    )


def join(*shapes, known=None, cap=50.0):
    return join_areas(np.array(shapes, object), NETWORK, cap, entrances=known)


def test_an_area_no_street_crosses_is_entered_at_its_gate_only():
    assert len(joints(join(WITHIN))) > 3
    assert joints(join(WITHIN, known=entrances((0, 150, 170, False)))) == [(150, 200, 30)]


def test_mapped_gates_are_entered_beside_the_streets_that_cross_the_outline():
    crossings = [(200, 110, 0), (200, 170, 0)]
    assert joints(join(ACROSS)) == crossings
    assert joints(join(ACROSS, known=entrances((0, 150, 110, False)))) == sorted([(150, 100, 10), *crossings])


def test_stated_entrances_are_all_there_are():
    assert joints(join(ACROSS, known=entrances((0, 150, 110, True)))) == [(150, 100, 10)]


def test_an_entrance_too_far_from_any_street_changes_nothing():
    assert joints(join(WITHIN, known=entrances((0, 150, 170, True)), cap=20)) == joints(join(WITHIN, cap=20))


def test_places_without_entrances_are_joined_as_before():
    known = entrances((1, 150, 170, True))
    both = join(ACROSS, WITHIN, shapely.Point(20, 30), known=known)
    alone = join(ACROSS, WITHIN, shapely.Point(20, 30))
    for place in (0, 2):
        assert joints(both, place) == joints(alone, place)
    assert both.nearest_metres.tolist() == [0, 30, 20]
    assert alone.nearest_metres.tolist() == [0, 10, 20]


@pytest.mark.parametrize("known", [None, entrances()])
def test_no_entrances_are_none(known):
    assert joints(join(WITHIN, known=known)) == joints(join(WITHIN))
