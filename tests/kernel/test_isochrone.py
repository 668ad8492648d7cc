"""Isochrones are drawn from the times: what they must hold, leave out and never decide."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

import town as t
from livingcircle.kernel.anchor import join_areas
from livingcircle.kernel.isochrone import CELL_METRES, OFF_STREET_METRES, isochrones
from livingcircle.kernel.reach import reach_nearest

GRID = t.town(t.grid_streets(12, 12))


def drawn(town, facility_xy, limits):
    places = join_areas(shapely.points(np.array(facility_xy, float)), town.network, 300)
    serves = np.ones((len(facility_xy), 1), bool)
    reach = reach_nearest(town.network, town.walk, town.join([(0, 0)]), places, serves)
    return isochrones(town.network, town.walk, reach.node_seconds, places, serves, limits).geometry


def test_a_single_street_is_drawn_as_a_band_that_ends_at_the_limit():
    straight = t.town(t.streets([((0, 0), (1000, 0))]))
    area = drawn(straight, [(500, 0)], (200.0,))[0]
    west, south, east, north = area.bounds
    assert (west, east) == pytest.approx((300, 700), abs=CELL_METRES)
    assert (south, north) == pytest.approx((-OFF_STREET_METRES, OFF_STREET_METRES), abs=CELL_METRES)


def test_reached_streets_lie_inside_and_unreached_junctions_outside():
    limit = 400.0
    area = drawn(GRID, [(550, 500)], (limit,))[0]
    streets = GRID.network.streets
    xy = streets.node_xy
    walk = np.abs(xy - (550, 500)).sum(axis=1)
    near, far = xy[walk <= limit - CELL_METRES], xy[walk > limit + CELL_METRES]
    assert shapely.contains_xy(area, near).all()
    assert not shapely.contains_xy(area, far).any()


def test_a_longer_limit_holds_every_shorter_one():
    areas = drawn(GRID, [(550, 500), (0, 0)], (100.0, 300.0, 600.0))
    assert all(area.is_valid and not area.is_empty for area in areas)
    assert areas[1].buffer(CELL_METRES / 2).covers(areas[0])
    assert areas[2].buffer(CELL_METRES / 2).covers(areas[1])
    assert areas[0].area < areas[1].area < areas[2].area


def test_a_service_nobody_offers_has_an_empty_area():
    places = join_areas(shapely.points([[550.0, 500.0]]), GRID.network, 300)
    serves = np.array([[True, False]])
    reach = reach_nearest(GRID.network, GRID.walk, GRID.join([(0, 0)]), places, serves)
    shapes = isochrones(GRID.network, GRID.walk, reach.node_seconds, places, serves, (300.0,))
    assert shapes.geometry[1].is_empty
    assert not shapes.geometry[0].is_empty


def test_being_inside_the_drawing_does_not_cover_a_home():
    # Two parallel streets 30 m apart that meet only 500 m away: the far home lies in the drawn area and is yet 1,030 m from the facility.
    hairpin = t.town(t.streets([((0, 0), (500, 0)), ((500, 0), (500, 30)), ((500, 30), (0, 30))]))
    area = drawn(hairpin, [(0, 0)], (300.0,))[0]
    reach = hairpin.reach([(0, 30)], [(0, 0)])
    assert area.buffer(CELL_METRES).covers(shapely.Point(0, 20))
    assert reach.seconds[0, 0] == 1030
