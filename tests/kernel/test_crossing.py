"""What crossing roads costs: half on either side, whole for walking across, nothing for walking along."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livingcircle.kernel.crossing import waits
from livingcircle.kernel.graph import build_network
from livingcircle.kernel.impedance import impedance, walker_impedance
from livingcircle.kernel.new_street import closed_streets
from livingcircle.kernel.sides import with_sides
from livingcircle.model.network import Crossing, Road, StreetEdges
from livingcircle.model.standard import Words
from livingcircle.model.walker import CrossingSeconds, Walker
from town import Town, grid_streets, streets

SECONDS = CrossingSeconds(signal=40, zebra=10, tertiary=4, secondary=12, primary=20)
WAITS = Walker("w", Words("", ""), 1.0, crossing=SECONDS)
WEST, EAST, NORTH, SOUTH = (((0, 0), end) for end in ((-100, 0), (100, 0), (0, 100), (0, -100)))


def junction(arms, roads, crossing=Crossing.NONE) -> StreetEdges:
    """Streets from (0, 0), each of a class."""
    made = streets(arms)
    helped = np.zeros(len(made.node_xy), np.int8)
    helped[(made.node_xy == 0).all(axis=1)] = crossing
    return replace(made, road=np.array(roads, np.int8), node_crossing=helped)


def seconds(edges: StreetEdges, home, facility, walker: Walker = WAITS) -> float:
    network, _ = build_network(edges, 1.0)
    return float(Town(network, walker_impedance(network, walker, None)).reach([home], [facility]).seconds[0, 0])


@pytest.mark.parametrize(
    ("road", "crossing", "wait"),
    [
        (Road.TRUNK, Crossing.NONE, 20),
        (Road.PRIMARY, Crossing.NONE, 20),
        (Road.PRIMARY, Crossing.UNMARKED, 20),
        (Road.PRIMARY, Crossing.ZEBRA, 10),
        (Road.PRIMARY, Crossing.SIGNAL, 40),
        (Road.SECONDARY, Crossing.NONE, 12),
        (Road.TERTIARY, Crossing.NONE, 4),
        (Road.TERTIARY, Crossing.SIGNAL, 40),
        (Road.MINOR, Crossing.NONE, 0),
        (Road.MINOR, Crossing.UNMARKED, 0),
        (Road.MINOR, Crossing.SIGNAL, 40),
    ],
)
def test_a_road_is_crossed_whole_joined_half_and_walked_along_free(road, crossing, wait):
    edges = junction([WEST, EAST, NORTH, SOUTH], [road, road, Road.NONE, Road.NONE], crossing)
    assert seconds(edges, (0, 50), (0, -50)) == 100 + wait
    assert seconds(edges, (0, 50), (50, 0)) == 100 + wait / 2
    assert seconds(edges, (50, 0), (0, 50)) == 100 + wait / 2
    assert seconds(edges, (-50, 0), (50, 0)) == 100


def test_roads_of_one_class_are_crossed_where_four_pieces_meet():
    crossroads = junction([WEST, EAST, NORTH, SOUTH], [Road.SECONDARY] * 4)
    assert seconds(crossroads, (-50, 0), (50, 0)) == 100 + 12
    assert seconds(crossroads, (-50, 0), (0, 50)) == 100 + 12
    fork = junction([WEST, EAST, NORTH], [Road.SECONDARY] * 3)
    assert seconds(fork, (-50, 0), (0, 50)) == 100
    # A footpath that meets a crossroads is a side street like any other.
    path = ((0, 0), (70, 70))
    with_path = junction([WEST, EAST, NORTH, SOUTH, path], [Road.SECONDARY] * 4 + [Road.NONE])
    assert seconds(with_path, (-50, 0), (70, 70)) == pytest.approx(50 + 98.995 + 12, abs=0.05)


def test_where_roads_of_different_class_meet_the_larger_is_waited_for():
    edges = junction([WEST, EAST, NORTH, SOUTH], [Road.PRIMARY] * 2 + [Road.TERTIARY] * 2)
    assert seconds(edges, (0, 50), (0, -50)) == 100 + 20
    assert seconds(edges, (-50, 0), (50, 0)) == 100  # along the primary road, past the mouth of the smaller one


def test_a_road_that_ends_or_changes_its_class_is_not_crossed():
    changes = junction([WEST, EAST], [Road.PRIMARY, Road.SECONDARY])
    assert seconds(changes, (-50, 0), (50, 0)) == 100
    stem = junction([WEST, EAST, SOUTH], [Road.SECONDARY, Road.SECONDARY, Road.PRIMARY])
    assert seconds(stem, (-50, 0), (50, 0)) == 100
    # Where it changes, it is as large as its smaller part for those who cross it.
    crossed = junction([WEST, EAST, NORTH, SOUTH], [Road.PRIMARY, Road.SECONDARY, Road.NONE, Road.NONE])
    assert seconds(crossed, (0, 50), (0, -50)) == 100 + 12
    end = junction([SOUTH, NORTH, WEST], [Road.PRIMARY, Road.NONE, Road.NONE])
    assert seconds(end, (0, 50), (-50, 0)) == 100


def test_the_waits_along_a_route_add_up():
    # East along a path: across a tertiary road, a residential street, a dual carriageway with signals and an unmarked primary road.
    xs = [0, 100, 200, 300, 310, 400, 500]
    path = [((a, 0), (b, 0)) for a, b in pairwise(xs)]
    crossed = {100: Road.TERTIARY, 200: Road.MINOR, 300: Road.PRIMARY, 310: Road.PRIMARY, 400: Road.PRIMARY}
    across = [((x, 0), (x, y)) for x in crossed for y in (50, -50)]
    made = streets([*path, *across])
    road = np.array([Road.NONE] * len(path) + [crossed[a[0]] for a, _ in across], np.int8)
    signals = np.isin(made.node_xy[:, 0], (300, 310)) & (made.node_xy[:, 1] == 0)
    edges = replace(made, road=road, node_crossing=np.where(signals, Crossing.SIGNAL, 0).astype(np.int8))
    assert seconds(edges, (0, 0), (500, 0)) == 500 + 4 + 0 + 40 + 20


@pytest.mark.parametrize(("apart", "wait"), [(30, 20), (60, 40)])
def test_a_divided_road_is_crossed_like_one_drawn_as_one_line(apart, wait):
    path = [((0, y), (0, y + step)) for y, step in ((-100, 100), (0, apart), (apart, 100))]
    lines = [((0, y), (x, y)) for y in (0, apart) for x in (-200, 200)]
    edges = replace(streets([*path, *lines]), road=np.array([0] * 3 + [Road.PRIMARY] * 4, np.int8))
    assert seconds(edges, (0, -100), (0, apart + 100)) == 200 + apart + wait
    wide = with_sides(replace(edges, wide=edges.road > 0))
    assert seconds(wide, (0, -100), (0, apart + 100)) == 200 + apart + wait


@pytest.mark.parametrize(("signal", "wait"), [((20, 0), 40), ((60, 0), 20), ((0, 20), 20)])
def test_signals_on_the_arms_of_a_road_serve_those_who_cross_it_at_the_junction(signal, wait):
    """Not those too far off, and not those on the side street, which are for crossing the side street."""
    xs, ys = sorted({-200, 0, 200, signal[0]}), sorted({-100, 0, 100, signal[1]})
    road = [((a, 0), (b, 0)) for a, b in pairwise(xs)]
    side = [((0, a), (0, b)) for a, b in pairwise(ys)]
    made = streets([*road, *side])
    edges = replace(
        made,
        road=np.array([Road.PRIMARY] * len(road) + [Road.MINOR] * len(side), np.int8),
        node_crossing=np.where((made.node_xy == signal).all(axis=1), Crossing.SIGNAL, 0).astype(np.int8),
    )
    assert seconds(edges, (0, 15), (0, -45)) == 60 + wait


@pytest.mark.parametrize("closed", ["median", "arm"])
def test_a_street_that_was_closed_is_neither_a_median_nor_an_arm_with_signals(closed):
    # Two parallel roads, 20 m apart, joined by a path; signals on one of the roads 30 m from it.
    south = [((-100, 0), (0, 0)), ((0, 0), (30, 0)), ((30, 0), (100, 0))]
    north = [((-100, 20), (0, 20)), ((0, 20), (100, 20)), ((0, 20), (0, 100))]
    edges = streets([*south, *north, ((0, 0), (0, 20))])
    at_signals = (edges.node_xy == (30, 0)).all(axis=1)
    edges = replace(
        edges,
        road=np.array([Road.PRIMARY] * 5 + [Road.NONE] * 2, np.int8),
        node_crossing=np.where(at_signals, Crossing.SIGNAL, Crossing.NONE).astype(np.int8),
    )
    row = {"median": 6, "arm": 1}[closed]
    others = np.delete(np.arange(len(edges)), row)
    for shut, gone in zip(
        waits(closed_streets(edges, np.array([row])), SECONDS), waits(edges.take(others), SECONDS), strict=True
    ):
        np.testing.assert_array_equal(shut[others], gone)


def test_a_bridge_over_a_road_shares_no_junction_and_costs_nothing():
    bridge = streets([((0, 100), (0, -100)), ((-100, 0), (100, 0)), ((-100, 0), (0, 100))])
    edges = replace(bridge, road=np.array([0, Road.PRIMARY, 0], np.int8))
    assert seconds(edges, (0, 90), (0, -90)) == 180


def test_stairs_take_their_factor_or_are_barred():
    edges = replace(streets([((0, 0), (100, 0)), ((100, 0), (200, 0))]), steps=np.array([True, False]))
    slow = replace(WAITS, stairs_factor=2.5)
    assert seconds(edges, (0, 0), (200, 0), slow) == 250 + 100
    assert seconds(edges, (50, 0), (200, 0), slow) == 125 + 100
    assert seconds(edges, (110, 0), (0, 0), replace(WAITS, stairs_factor=None)) == np.inf


@given(st.integers(1, 60), st.lists(st.sampled_from(list(Road)), min_size=24, max_size=24))
def test_waits_only_add_and_without_them_nothing_changes(wait, roads):
    edges = replace(grid_streets(4, 4), road=np.array(roads, np.int8))
    network, _ = build_network(edges, 1.0)
    plain = impedance(network, 1.25)
    still = walker_impedance(network, Walker("w", Words("", ""), 1.25), None)
    waiting = walker_impedance(network, Walker("w", Words("", ""), 1.25, crossing=CrossingSeconds(*[wait] * 5)), None)
    for name in ("forward", "backward", "wait_at_start", "wait_at_end"):
        assert (getattr(still, name) == getattr(plain, name)).all()
    assert (still.away.arc == plain.away.arc).all()
    assert (waiting.forward - waiting.wait_at_start - waiting.wait_at_end == plain.forward).all()
    assert (waiting.forward == waiting.backward).all()
