"""The end of the data: who may be judged wrongly because of it, how far it is, and what crosses the lines between districts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as some

import town as t
from livingcircle.kernel.anchor import join_areas
from livingcircle.kernel.edge import (
    absent_outside,
    cut_nodes,
    district_of,
    exchange_table,
    margin_of,
    own_seconds,
    seconds_to_cut,
)
from livingcircle.kernel.gauge import coverage_table, covered, uncertain
from livingcircle.kernel.graph import build_network
from livingcircle.kernel.reach import reach_nearest

APART = np.full(2, -1, np.int32)
"""Two districts that are part of none."""


def cut_at(edges, *corners):
    """Return the streets with the ends of the data at some junctions."""
    at = {tuple(xy) for xy in corners}
    return replace(edges, node_cut=np.array([tuple(xy) in at for xy in edges.node_xy.tolist()]))


def clipped(edges, keep):
    """Return only the junctions where `keep` holds, and mark those from which a street led on."""
    inside = keep(edges.node_xy)
    kept = inside[edges.start] & inside[edges.end]
    lost = ~kept & (inside[edges.start] | inside[edges.end])
    cut = np.zeros(len(inside), bool)
    cut[edges.start[lost]] = cut[edges.end[lost]] = True
    return replace(edges.take(np.flatnonzero(kept)), node_cut=cut & inside)


# ── The walk to the end of the data ─────────────────────────────────────────


def test_the_walk_to_the_end_of_the_data_is_one_along_streets():
    place = t.town(cut_at(t.grid_streets(4, 1), (300.0, 0.0)))
    home_xy = [(10, 5), (290, 0), (300, 1000)]
    seconds = seconds_to_cut(place.network, place.walk, place.join(home_xy), np.array(home_xy, float))
    assert seconds.tolist() == [5 + 290, 10, 1000], "the last is not joined, and walks straight there"


def test_data_that_end_nowhere_leave_nobody_unsure():
    place = t.town(t.grid_streets(3, 1))
    home_xy = [(10, 0), (0, 1000)]
    seconds = seconds_to_cut(place.network, place.walk, place.join(home_xy), np.array(home_xy, float))
    assert seconds.tolist() == [np.inf, np.inf]


def test_a_part_whose_street_was_cut_off_is_no_island():
    edges = t.streets([((0, 0), (500, 0)), ((0, 100), (50, 100)), ((0, 200), (50, 200))])
    network, islands = build_network(cut_at(edges, (50.0, 100.0)), 200.0)
    assert islands.count == 1
    assert network.streets.metres.tolist() == [500, 50]


def test_only_the_uncovered_within_reach_of_the_edge_are_unsure():
    seconds, cut = np.array([300.0, 300.05, 300.05, np.inf, np.nan]), np.array([10.0, 300.0, 300.05, 299.0, np.nan])
    assert uncertain(seconds, cut, 300.0).tolist() == [False, True, False, True, False]


def test_the_unsure_are_counted_per_service_limit_and_district():
    people = t.homes([(0, 0), (1, 0), (2, 0)], district=[0, 0, 1])
    seconds = np.array([[100.0, 400.0, np.inf]])
    table = coverage_table(
        seconds, people, np.ones(3, bool), ((0, 300.0), (0, 600.0)), APART, np.array([0.0, 0.0, 500.0])
    )
    assert table.residents_uncertain[table.rows(0, 300.0)].tolist() == [2, 2, 0]
    assert table.residents_uncertain[table.rows(0, 600.0)].tolist() == [4, 0, 4]
    none = coverage_table(seconds, people, np.ones(3, bool), ((0, 300.0),), APART)
    assert none.residents_uncertain.tolist() == [0, 0, 0]


junctions = some.tuples(some.integers(0, 7), some.integers(0, 7))


@given(
    some.lists(junctions, min_size=1, max_size=5),
    some.integers(1, 6),
    some.integers(1, 6),
    some.sampled_from([100.0, 250.0, 500.0]),
    some.sets(some.integers(0, 111), max_size=30),
)
def test_whoever_is_not_unsure_is_judged_as_if_nothing_were_clipped(facilities, width, height, limit, one_way):
    """Clip a town to its lower left, facilities and all: every verdict that changes was called uncertain before."""
    whole = t.grid_streets(8, 8)
    whole = replace(whole, backward=~np.isin(np.arange(len(whole)), list(one_way)))
    edge = np.array([width, height]) * t.BLOCK_METRES
    part = clipped(whole, lambda xy: (xy <= edge).all(axis=1))
    home_xy = [(x * t.BLOCK_METRES + 50, y * t.BLOCK_METRES) for x in range(width) for y in range(height + 1)]
    facility_xy = [(x * t.BLOCK_METRES, y * t.BLOCK_METRES) for x, y in facilities]
    near = [xy for xy in facility_xy if (np.array(xy) <= edge).all()]
    true_seconds = t.town(whole).reach(home_xy, facility_xy).seconds[0]
    town = t.town(part)
    seen_seconds = town.reach(home_xy, near).seconds[0] if near else np.full(len(home_xy), np.inf)
    cut_seconds = seconds_to_cut(town.network, town.walk, town.join(home_xy), np.array(home_xy, float))
    assert not (covered(seen_seconds, limit) & ~covered(true_seconds, limit)).any()
    changed = covered(true_seconds, limit) & ~covered(seen_seconds, limit)
    assert not (changed & ~uncertain(seen_seconds, cut_seconds, limit)).any()


def test_a_source_that_marks_no_cut_has_its_dead_ends_near_the_hull_taken_for_cuts():
    spokes = t.streets([
        ((0, 0), (1000, 0)), ((0, 0), (-1000, 0)), ((0, 0), (0, 1000)), ((0, 0), (0, -1000)), ((0, 0), (100, 50)),
    ])  # fmt: skip
    cut, guessed = cut_nodes(spokes)
    assert guessed
    assert sorted(spokes.node_xy[cut].tolist()) == [[-1000, 0], [0, -1000], [0, 1000], [1000, 0]]
    marked, guessed = cut_nodes(cut_at(spokes, (100.0, 50.0)))
    assert not guessed
    assert spokes.node_xy[marked].tolist() == [[100, 50]]


def test_streets_cut_at_a_natural_border_do_not_go_on():
    edges = cut_at(t.grid_streets(3, 1), (0.0, 0.0), (200.0, 0.0))
    cut, guessed = cut_nodes(edges, shapely.LineString([(250, -500), (250, 500)]))
    assert edges.node_xy[cut].tolist() == [[0, 0]]
    assert not guessed


# ── The margin ──────────────────────────────────────────────────────────────


def test_the_margin_is_measured_to_the_nearest_cut():
    edges = cut_at(t.grid_streets(11, 3), (1000.0, 100.0))
    area = shapely.box(0, 0, 400, 200)
    assert margin_of(area, edges, 500.0) == (np.inf, 0.0)
    short = margin_of(area, edges, 600.0)
    assert short.reached_metres == 600
    assert 0 < short.short_share < 0.2
    assert margin_of(area, edges, 5000.0).short_share == 1
    assert margin_of(shapely.box(0, 0, 1200, 200), edges, 100.0).reached_metres == 0


def test_facilities_that_stop_at_the_border_while_streets_go_on_are_noticed():
    edges = t.grid_streets(21, 5)
    area = shapely.box(-50, -50, 1000, 450)
    xy = np.array([(100.0 * number, 100.0) for number in range(6)] + [(100.0, 200.0), (1500.0, 0.0)])
    serves = np.zeros((8, 3), bool)
    serves[:6, 0] = serves[6, 1] = serves[7, 2] = serves[0, 2] = True
    assert absent_outside(area, edges, xy, serves, 1000.0).tolist() == [0]
    assert absent_outside(area, edges, xy, serves, 60.0).tolist() == []


# ── Across districts ────────────────────────────────────────────────────────


def exchange_of(home_x, home_district, facility_x, facility_district, limit):
    """Walk along one street of 1 km; residents are powers of two."""
    place = t.town(t.grid_streets(11, 1))
    people = t.homes([(x, 0) for x in home_x], district=home_district)
    homes = place.join([(x, 0) for x in home_x])
    places = join_areas(shapely.points([(x, 0) for x in facility_x]), place.network, 300)
    serves = np.ones((len(facility_x), 1), bool)
    reach = reach_nearest(place.network, place.walk, homes, places, serves)
    where = np.array(facility_district, np.int32)
    own = own_seconds(place.network, place.walk, homes, places, serves, people.district, where, limit)
    table = exchange_table(reach.seconds, own, reach.facility, people, where, ((0, limit),), 2)
    coverage = coverage_table(reach.seconds, people, homes.joined, ((0, limit),), APART)
    return table, coverage


def test_own_facilities_and_those_outside_are_told_apart():
    table, _ = exchange_of([50, 350, 450, 650, 950], [0, 0, 0, 1, -1], [0, 500, 1000], [0, 1, 1], 200.0)
    assert table.district.tolist() == [0, 1]
    assert table.residents_by_own.tolist() == [1, 8]
    assert table.residents_from_outside.tolist() == [2 + 4, 0]
    assert table.outsiders_served.tolist() == [0, 2 + 4 + 16]


def test_a_district_with_a_nearer_neighbour_is_still_covered_by_its_own():
    table, _ = exchange_of([350], [0], [200, 400], [0, 1], 200.0)
    assert table.residents_by_own.tolist() == [1, 0]
    assert table.residents_from_outside.tolist() == [0, 0]
    assert table.outsiders_served.tolist() == [0, 1]


@given(
    some.lists(some.tuples(some.integers(0, 1000), some.integers(-1, 1)), min_size=1, max_size=8),
    some.lists(some.tuples(some.integers(0, 1000), some.integers(-1, 1)), min_size=1, max_size=5),
    some.sampled_from([50.0, 200.0, 2000.0]),
)
def test_own_and_outside_add_up_to_the_covered(people, places, limit):
    (home_x, home_district), (facility_x, facility_district) = zip(*people, strict=True), zip(*places, strict=True)
    table, coverage = exchange_of(home_x, home_district, facility_x, facility_district, limit)
    both = table.residents_by_own + table.residents_from_outside
    assert both.tolist() == coverage.residents_covered[1:].tolist()
    assert table.outsiders_served.sum() <= coverage.residents_covered[0]
    assert (table.residents_from_outside <= coverage.residents_covered[1:]).all()


def test_points_lie_in_the_first_of_overlapping_districts_or_in_none():
    districts = np.array([shapely.box(0, 0, 10, 10), shapely.box(5, 0, 20, 10)], object)
    assert district_of(np.array([(1, 1), (7, 1), (10, 5), (15, 5), (30, 5)], float), districts).tolist() == [
        0, 0, 0, 1, -1,
    ]  # fmt: skip
    assert district_of(np.array([(1.0, 1.0)]), np.empty(0, object)).tolist() == [-1]


def test_a_division_without_facilities_has_an_empty_exchange():
    people = t.homes([(0, 0)], district=[0])
    table = exchange_table(np.full((1, 1), np.inf), np.full((1, 1), np.inf), np.full((1, 1), -1), people,
                           np.empty(0, np.int32), ((0, 300.0),), 1)  # fmt: skip
    assert table.residents_by_own.tolist() == table.outsiders_served.tolist() == [0]
    assert table.limit_seconds.tolist() == pytest.approx([300.0])
