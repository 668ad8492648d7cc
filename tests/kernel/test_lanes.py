"""Restricted streets: a walk may begin or end on them, never pass through."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

import town as t
from livingcircle.kernel.anchor import join_areas, join_points
from livingcircle.kernel.graph import build_network
from livingcircle.kernel.impedance import impedance
from livingcircle.kernel.lanes import with_lanes
from livingcircle.kernel.reach import reach_nearest
from livingcircle.model.network import Lane, StreetEdges

# A private street from (0, 0) to (100, 0) is the short way between two ends of a public horseshoe 100 m deep.
SHORT_CUT = [((0, 0), (100, 0)), ((0, 0), (0, 100)), ((0, 100), (100, 100)), ((100, 100), (100, 0))]


def restricted(streets: StreetEdges, *private: int) -> StreetEdges:
    """Make some streets private."""
    return replace(streets, private=np.isin(np.arange(len(streets)), private))


def walk(streets: StreetEdges, home: tuple[float, float], *facilities: tuple[float, float]) -> float:
    """Return the seconds from a home to the nearest facility at 1 m/s."""
    network, _ = build_network(with_lanes(streets), 1)
    homes = join_points(np.array([home], float), network, 300)
    places = join_areas(shapely.points(np.array(facilities, float)), network, 300)
    reach = reach_nearest(network, impedance(network, 1.0), homes, places, np.ones((len(facilities), 1), bool))
    return float(reach.seconds[0, 0])


def test_no_walk_passes_through_a_private_street():
    open_ = t.streets(SHORT_CUT)
    assert walk(open_, (0, 50), (100, 50)) == 200
    assert walk(restricted(open_, 0), (0, 50), (100, 50)) == 50 + 100 + 50


def test_no_walk_passes_through_where_the_way_round_is_longer():
    streets = restricted(t.streets(SHORT_CUT), 0)
    assert walk(streets, (0, 10), (100, 10)) == 90 + 100 + 90


def test_a_private_street_begins_and_ends_walks():
    streets = restricted(t.streets(SHORT_CUT), 0)
    assert walk(streets, (40, 0), (0, 30)) == 40 + 30
    assert walk(streets, (0, 30), (40, 0)) == 30 + 40
    assert walk(streets, (20, 0), (70, 0)) == 50


def test_private_to_public_to_private_is_one_walk():
    # Two private closes, (0, 0)-(0, 100) and (200, 0)-(200, 100), on a public street.
    closes = t.streets([((0, 0), (200, 0)), ((0, 0), (0, 100)), ((200, 0), (200, 100))])
    assert walk(restricted(closes, 1, 2), (0, 80), (200, 60)) == 80 + 200 + 60


def test_a_private_street_behind_a_private_street_is_left_and_entered():
    chain = t.streets([((0, 0), (100, 0)), ((100, 0), (200, 0)), ((200, 0), (300, 0))])
    assert walk(restricted(chain, 1, 2), (290, 0), (10, 0)) == 280
    assert walk(restricted(chain, 1, 2), (10, 0), (290, 0)) == 280


def test_one_way_stays_one_way_in_both_copies():
    one_way = restricted(t.streets(SHORT_CUT, one_way=[0]), 0)
    assert walk(one_way, (40, 0), (0, 30)) == 60 + 300 - 30
    assert walk(one_way, (0, 30), (40, 0)) == 30 + 40


def test_streets_without_a_private_one_stay_as_they_are():
    streets = t.grid_streets(3, 3)
    assert with_lanes(streets) is streets


def test_every_street_is_drawn_once_and_only_junctions_of_private_streets_are_copied():
    streets = restricted(t.grid_streets(4, 4), 5)
    lanes = with_lanes(streets)
    assert lanes.drawn.sum() == len(streets)
    assert lanes.metres[lanes.drawn].sum() == streets.metres.sum()
    assert (lanes.lane == Lane.LINK).sum() == 4
    assert len(lanes.node_xy) == len(streets.node_xy) + 4
    links = lanes.lane == Lane.LINK
    assert (lanes.node_xy[lanes.start[links]] == lanes.node_xy[lanes.end[links]]).all()


def test_an_island_is_as_long_as_its_streets_not_their_copies():
    # A private street of 150 m beside 1,000 m of open street, not joined: too short to be kept at 200 m, though its copies make 300 m.
    apart = restricted(t.streets([((0, 0), (1000, 0)), ((0, 500), (150, 500))]), 1)
    network, islands = build_network(with_lanes(apart), 200)
    assert (islands.count, islands.metres) == (1, 150)
    assert len(network.streets) == 1


def test_a_close_reached_only_through_its_gate_is_no_island():
    close = restricted(t.streets([((0, 0), (1000, 0)), ((0, 0), (0, 50))]), 1)
    network, islands = build_network(with_lanes(close), 200)
    assert islands.count == 0
    assert network.streets.drawn.sum() == 2


@given(
    private=st.sets(st.integers(0, 23), max_size=6),
    home=st.tuples(st.integers(0, 300), st.integers(0, 300)),
    place=st.tuples(st.integers(0, 300), st.integers(0, 300)),
)
def test_restrictions_lengthen_walks_or_leave_them(private, home, place):
    streets = t.grid_streets(4, 4)
    assert walk(restricted(streets, *private), home, place) >= walk(streets, home, place)


@given(
    home=st.tuples(st.integers(0, 300), st.integers(0, 300)), place=st.tuples(st.integers(0, 300), st.integers(0, 300))
)
def test_private_dead_ends_change_nothing(home, place):
    # No walk between public places uses a dead end, so making all of them private leaves every walk as it was.
    spurs = [((x, 0), (x, -100)) for x in (0, 100, 200)]
    grid = t.grid_streets(4, 4)
    ends = grid.node_xy
    pieces = [tuple(tuple(ends[node]) for node in (a, b)) for a, b in zip(grid.start, grid.end, strict=True)]
    streets = t.streets([*pieces, *spurs])
    spur = (place[0], -place[1] // 4)
    for destination in (place, spur):
        closed = restricted(streets, *range(len(pieces), len(pieces) + 3))
        assert walk(closed, home, destination) == pytest.approx(walk(streets, home, destination), abs=0.11)
