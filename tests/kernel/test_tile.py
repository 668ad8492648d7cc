"""Tiles: a part of a city gives its homes the walks of the whole, to the tick, up to the limit; and no part is larger than that takes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

import town as t
from livingcircle.kernel.anchor import join_areas
from livingcircle.kernel.impedance import timed_streets
from livingcircle.kernel.reach import reach_nearest
from livingcircle.kernel.tile import groups_of_homes, tile

COLUMNS, ROWS = 8, 6
PLACE = st.tuples(st.floats(-40, 100 * COLUMNS - 60), st.floats(-40, 100 * ROWS - 60))


@settings(max_examples=60)
@given(
    st.lists(PLACE, min_size=1, max_size=12),
    st.lists(PLACE, min_size=1, max_size=8),
    st.integers(1, 5),
    st.floats(0, 700),
    st.integers(0, 2**32 - 1),
)
def test_walks_in_tiles_are_those_of_the_whole(home_xy, facility_xy, tiles, limit, seed):
    random = np.random.default_rng(seed)
    edges = t.grid_streets(COLUMNS, ROWS)
    one_way = np.flatnonzero(random.random(len(edges)) < 0.2)
    backward = np.ones(len(edges), bool)
    backward[one_way] = False
    network = t.town(replace(edges, backward=backward)).network
    forward, against = (random.integers(400, 4000, len(network.streets)).astype(np.int32) for _ in range(2))
    waits = [random.integers(0, 200, len(network.streets)).astype(np.int32) for _ in range(2)]
    walk = timed_streets(network, forward + sum(waits), against + sum(waits), *waits, 1.0)
    homes = t.Town(network, walk).join(home_xy, cap_metres=30)  # homes in the middle of a block are not joined
    facilities = join_areas(shapely.points(np.array(facility_xy)), network, 300)
    serves = random.random((len(facility_xy), 3)) < 0.5
    whole = reach_nearest(network, walk, homes, facilities, serves).seconds
    found = np.full_like(whole, -1)
    for group in groups_of_homes(np.array(home_xy, float), tiles):
        found[:, group] = tile(network, walk, homes, facilities, serves, group, limit).seconds()
    np.testing.assert_array_equal(found, np.where(whole > np.floor(limit * 20 + 1e-6) / 20, np.inf, whole))


def test_every_home_is_in_one_group_of_neighbours():
    xy = np.array([(x * 10.0, y * 10.0) for x in range(20) for y in range(20)])
    groups = groups_of_homes(xy, 7)
    assert sorted(np.concatenate(groups).tolist()) == list(range(400))
    assert {len(group) for group in groups} <= {57, 58}
    assert max(np.ptp(xy[group], axis=0).max() for group in groups) < 190
    assert [group.tolist() for group in groups_of_homes(xy[:2], 7)] in ([[0], [1]], [[1], [0]])
    assert groups_of_homes(np.empty((0, 2)), 7) == []


def test_a_tile_is_no_larger_than_the_limit_asks_for():
    """On a street of 10 blocks a home at its west end reaches 250 m: three blocks, and the facility on the third; the next is not there."""
    street = t.town(t.streets([((100.0 * x, 0), (100.0 * x + 100, 0)) for x in range(10)]))
    homes, facilities = street.join([(0, 0)]), street.join([(240, 0), (410, 0)])
    cut = tile(street.network, street.walk, homes, facilities, np.ones((2, 1), bool), np.array([0]), 250.0)
    assert cut.network.streets.metres.sum() == pytest.approx(300)
    assert len(cut.serves) == 1
    assert cut.seconds().tolist() == [[240.0]]
