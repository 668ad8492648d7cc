"""Walking times: arithmetic on the synthetic town, networkx as oracle, and what must hold whatever the input."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import networkx as nx
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

import town as t
from livingcircle.kernel.anchor import join_areas, join_points
from livingcircle.kernel.gauge import covered
from livingcircle.kernel.graph import NO_WALK, TICKS_PER_SECOND, build_network, hilbert_index
from livingcircle.kernel.impedance import timed_streets
from livingcircle.kernel.reach import (
    facilities_within,
    reach_blocks,
    reach_few,
    reach_nearest,
    reach_table,
    residents_within,
)
from livingcircle.model.network import Anchors

GRID = t.town(t.grid_streets(6, 4))


def test_a_walk_is_two_access_legs_and_the_way_along_the_streets():
    # The home stands 10 m below the street, half-way along the first block; the facility 20 m right of (300, 230).
    reach = GRID.reach([(50, -10)], [(320, 230)])
    assert reach.seconds[0, 0] == 10 + 250 + 200 + 30 + 20


def test_two_places_on_one_street_walk_along_it():
    reach = GRID.reach([(120, 5)], [(180, -5)])
    assert reach.seconds[0, 0] == 5 + 60 + 5


def test_a_street_that_returns_to_its_junction_is_walked_the_shorter_way():
    ring = shapely.LineString([(0, 0), (0, 100), (100, 100), (100, 0), (0, 0)])
    spur = shapely.LineString([(0, 0), (-50, 0)])
    edges = t.StreetEdges.plain(
        start=np.array([0, 0], np.int32),
        end=np.array([0, 1], np.int32),
        lines=np.array([ring, spur], object),
        node_xy=np.array([(0.0, 0.0), (-50.0, 0.0)]),
        crs=t.CRS,
    )
    reach = t.town(edges).reach([(-50, 0)], [(100, 0)])
    assert reach.seconds[0, 0] == 50 + 100


def test_one_way_for_walkers_is_kept():
    square = [((0, 0), (100, 0)), ((100, 0), (100, 100)), ((100, 100), (0, 100)), ((0, 100), (0, 0))]
    one_way = t.town(t.streets(square, one_way=range(4)))
    assert one_way.reach([(20, 0)], [(80, 0)]).seconds[0, 0] == 60
    assert one_way.reach([(80, 0)], [(20, 0)]).seconds[0, 0] == 340
    two_way = t.town(t.streets(square))
    assert two_way.reach([(80, 0)], [(20, 0)]).seconds[0, 0] == 60


def test_a_walk_of_exactly_the_limit_is_covered_and_one_tick_more_is_not():
    seconds = GRID.reach([(0, 0)], [(500, 300)]).seconds[0]
    assert seconds[0] == 800
    assert covered(seconds, 800)[0]
    assert not covered(seconds, 800 - 1 / TICKS_PER_SECOND)[0]


def test_unreachable_is_inf_and_unjoined_is_nan():
    apart = t.town(t.streets([((0, 0), (100, 0)), ((1000, 0), (1100, 0))]))
    reach = apart.reach([(0, 0), (1000, 0), (0, 5000)], [(100, 0)])
    assert reach.seconds[0].tolist()[:2] == [100, np.inf]
    assert np.isnan(reach.seconds[0, 2])
    assert reach.facility[0].tolist() == [0, -1, -1]


def test_no_facility_at_all_reaches_nobody():
    assert np.isinf(GRID.reach([(0, 0)], []).seconds).all()


def test_a_walk_longer_than_the_search_limit_counts_as_unreachable():
    homes, places = GRID.join([(0, 0)]), GRID.join([(500, 300)])
    for limit, expected in ((800, 800), (799, np.inf)):
        reach = reach_nearest(GRID.network, GRID.walk, homes, places, np.ones((1, 1), bool), limit)
        assert reach.seconds[0, 0] == expected
        table = reach_table(GRID.network, GRID.walk, places, homes, limit)
        assert len(table.home) == (1 if limit == 800 else 0)


def test_of_equally_near_facilities_the_first_is_named():
    reach = GRID.reach([(100, 0)], [(200, 0), (0, 0)])
    assert reach.seconds[0, 0] == 100
    assert reach.facility[0, 0] == 0


def test_a_park_is_entered_where_streets_cross_its_boundary():
    park = np.array([shapely.box(150, -50, 250, 50)], object)
    anchors = join_areas(park, GRID.network, 300)
    streets = GRID.network.streets.lines[anchors.edge]
    gates = shapely.get_coordinates(shapely.line_interpolate_point(streets, anchors.fraction, normalized=True))
    assert {tuple(gate) for gate in np.round(gates)} == {(150, 0), (250, 0), (200, 50)}
    assert (anchors.access_metres == 0).all()
    reach = reach_nearest(GRID.network, GRID.walk, GRID.join([(0, 0)]), anchors, np.ones((1, 1), bool))
    assert reach.seconds[0, 0] == 150


@pytest.mark.parametrize("offset", [0.0, 1.0])
def test_a_park_along_a_street_is_entered_all_along(offset):
    # The park's edge lies on the street, or a metre beside it, from x = 300 to 700; the home stands opposite its middle.
    street = t.town(t.streets([((0, 0), (1000, 0))]))
    park = np.array([shapely.box(300, -200, 700, -offset)], object)
    anchors = join_areas(park, street.network, 300)
    reach = reach_nearest(street.network, street.walk, street.join([(505, 8)]), anchors, np.ones((1, 1), bool))
    assert reach.seconds[0, 0] <= 8 + 10 / 2 + offset
    turned = np.array([shapely.Polygon(np.roll(shapely.get_coordinates(park[0])[:-1], 2, axis=0))], object)
    again = join_areas(turned, street.network, 300)
    assert np.allclose(np.unique(again.fraction), np.unique(anchors.fraction))


def test_an_area_beside_the_street_is_joined_from_its_near_side():
    anchors = join_areas(np.array([shapely.box(110, 20, 190, 80)], object), GRID.network, 300)
    # 10 m from the streets at x = 100 and x = 200, 20 m from those at y = 0 and y = 100.
    assert anchors.access_metres.min() == pytest.approx(10)


def test_no_door_opens_onto_a_tunnel_that_passes_under_it():
    # A tunnel runs right under the home at (50, 10); the street in front is 10 m away. The tunnel can still be walked through.
    hill = t.town(
        t.streets([((0, 0), (100, 0)), ((100, 0), (100, 300)), ((0, 10), (100, 10)), ((0, 0), (0, 10))], below=[2])
    )
    home = hill.join([(50, 10)])
    assert home.access_metres.tolist() == [10]
    park = join_areas(np.array([shapely.box(30, 5, 60, 20)], object), hill.network, 300)
    assert set(park.access_metres) == {5}
    through = t.town(t.streets([((0, 0), (100, 0)), ((100, 0), (200, 0)), ((200, 0), (300, 0))], below=[1]))
    assert through.reach([(50, 0)], [(250, 0)]).seconds[0, 0] == 200


def test_a_place_between_two_streets_joins_both():
    anchors = join_points(np.array([(150.0, 50.0)]), GRID.network, 300)
    assert sorted(anchors.access_metres) == [50, 50, 50, 50]


def test_places_beyond_the_cap_are_listed_not_joined():
    anchors = join_points(np.array([(0.0, -299.0), (0.0, -301.0)]), GRID.network, 300)
    assert anchors.joined.tolist() == [True, False]
    assert anchors.nearest_metres.tolist() == [299, 301]
    assert set(anchors.place) == {0}


@pytest.mark.parametrize("threads", [1, 2])
def test_blocks_of_rows_and_threads_do_not_change_the_table(threads):
    homes, places = GRID.join([(x, 10) for x in range(0, 500, 30)]), GRID.join([(x, 200) for x in range(0, 500, 70)])
    whole = reach_table(GRID.network, GRID.walk, places, homes, 400)
    blocks = list(reach_blocks(GRID.network, GRID.walk, places, homes, 400, places_per_block=3, threads=threads))
    assert [len(block.indptr) - 1 for block in blocks] == [3, 3, 2]
    assert np.array_equal(np.concatenate([block.home for block in blocks]), whole.home)
    assert np.array_equal(np.concatenate([block.ticks for block in blocks]) / TICKS_PER_SECOND, whole.seconds)


def test_the_three_nearest_are_named_in_order_each_once():
    # Along one street: homes at 0, pharmacies at 50, 120, 400 and 150; the one at 120 has a second door at 90.
    street = t.town(t.streets([((0, 0), (200, 0)), ((200, 0), (500, 0))]))
    doors = street.join([(50, 0), (120, 0), (400, 0), (150, 0), (90, 0)])
    two_doors = replace(
        doors, place=np.where(doors.place == 4, 1, doors.place), nearest_metres=doors.nearest_metres[:4]
    )
    few = reach_few(street.network, street.walk, street.join([(0, 0)]), two_doors, np.ones((4, 1), bool), 3, 900)
    assert few.seconds[0, :, 0].tolist() == [50, 90, 150]
    assert few.facility[0, :, 0].tolist() == [0, 1, 3]
    beyond = reach_few(street.network, street.walk, street.join([(0, 0)]), two_doors, np.ones((4, 1), bool), 3, 100)
    assert beyond.seconds[0, :, 0].tolist() == [50, 90, np.inf]
    assert beyond.facility[0, :, 0].tolist() == [0, 1, -1]


def test_residents_within_reach_of_a_junction_count_once_whatever_way_leads_to_them():
    # A ring of four streets: the home in the middle of the far street is 250 m away both ways round.
    ring = t.town(t.streets([((0, 0), (100, 0)), ((100, 0), (100, 100)), ((100, 100), (0, 100)), ((0, 100), (0, 0))]))
    homes = ring.join([(50, 0), (50, 100), (50, 50)])  # the last has a door on each of the four streets
    corner = np.flatnonzero((ring.network.streets.node_xy == (0, 0)).all(axis=1))[0]
    within = {
        limit: residents_within(ring.network, ring.walk, homes, np.array([1.0, 2.0, 4.0]), limit)[corner]
        for limit in (49.95, 50, 99.95, 100, 149.95, 150, 3600)
    }
    assert within == {49.95: 0, 50: 1, 99.95: 1, 100: 5, 149.95: 5, 150: 7, 3600: 7}


def test_facilities_within_reach_of_a_junction_are_counted_by_service():
    street = t.town(t.streets([((0, 0), (200, 0))]))
    serves = np.array([[True, False], [True, True], [False, True]])
    counts = facilities_within(street.network, street.walk, street.join([(50, 0), (100, 0), (180, 0)]), serves, 120)
    west = np.argmin(street.network.streets.node_xy[:, 0])
    assert counts[:, west].tolist() == [2, 1]
    assert counts[:, 1 - west].tolist() == [1, 2]


def test_hilbert_neighbours_are_neighbours_on_the_ground():
    square = np.array([(x, y) for x in range(16) for y in range(16)], float)
    index = hilbert_index(square, bits=4)
    assert sorted(index) == list(range(256))
    steps = np.abs(np.diff(square[np.argsort(index)], axis=0)).sum(axis=1)
    assert (steps == 1).all()


# ── Whatever the input ──────────────────────────────────────────────────────

corner = st.tuples(st.integers(0, 5), st.integers(0, 5)).map(lambda c: (c[0] * 70.0, c[1] * 90.0))
piece = st.tuples(corner, corner).filter(lambda ends: ends[0] != ends[1])
pieces = st.lists(piece, min_size=1, max_size=25)
spot = st.tuples(st.floats(-40, 390), st.floats(-40, 490))
spots = st.lists(spot, min_size=1, max_size=8)


def oracle(town: t.Town, home_xy, facility_xy) -> np.ndarray:
    """Walk with networkx on the same integers: places become nodes that split their street."""
    network, walk = town.network, town.walk
    graph = nx.MultiDiGraph()
    streets = network.streets
    anchors = {"home": town.join(home_xy), "facility": join_areas(shapely.points(np.array(facility_xy)), network, 300)}
    on_street: dict[int, list[tuple[int, str]]] = {edge: [] for edge in range(len(streets))}
    for kind, joined in anchors.items():
        access = walk.ticks(joined.access_metres)
        for row in range(len(joined.place)):
            node = f"{kind}-joint-{row}"
            ticks = int(np.rint(joined.fraction[row] * walk.forward[joined.edge[row]]))
            on_street[int(joined.edge[row])].append((ticks, node))
            ends = (f"{kind}-{joined.place[row]}", node) if kind == "home" else (node, f"{kind}-{joined.place[row]}")
            graph.add_edge(*ends, ticks=int(access[row]))
    for edge, stops in on_street.items():
        way = [(0, int(streets.start[edge])), *sorted(stops), (int(walk.forward[edge]), int(streets.end[edge]))]
        for (ticks_a, a), (ticks_b, b) in pairwise(way):
            graph.add_edge(a, b, ticks=ticks_b - ticks_a)
            graph.add_edge(b, a, ticks=ticks_b - ticks_a)
    best = np.full(len(home_xy), np.inf)
    for facility in range(len(facility_xy)):
        if f"facility-{facility}" in graph:
            times = nx.single_source_dijkstra_path_length(graph.reverse(), f"facility-{facility}", weight="ticks")
            for home in range(len(home_xy)):
                best[home] = min(best[home], times.get(f"home-{home}", np.inf))
    return best / TICKS_PER_SECOND


@settings(max_examples=60, deadline=None)
@given(pieces, spots, spots)
def test_times_equal_networkx_on_the_same_integers(streets, home_xy, facility_xy):
    town = t.town(t.streets(streets), speed_metres_per_second=1.25)
    expected = oracle(town, home_xy, facility_xy)
    found = town.reach(home_xy, facility_xy).seconds[0]
    joined = town.join(home_xy).joined
    assert np.array_equal(found[joined], expected[joined])
    assert np.isnan(found[~joined]).all()


@settings(max_examples=40, deadline=None)
@given(pieces, spots, spots, st.floats(10, 900), st.integers(1, 4))
def test_the_few_nearest_are_the_first_of_all(streets, home_xy, facility_xy, limit, k):
    town = t.town(t.streets(streets), speed_metres_per_second=1.1)
    homes, places = town.join(home_xy), town.join(facility_xy)
    few = reach_few(town.network, town.walk, homes, places, np.ones((len(facility_xy), 1), bool), k, limit)
    table = reach_table(town.network, town.walk, places, homes, limit)
    place = np.repeat(np.arange(table.places), np.diff(table.indptr))
    for home in np.flatnonzero(homes.joined):
        mine = table.home == home
        expected = sorted(zip(table.seconds[mine], place[mine], strict=True))[:k]
        found = list(zip(few.seconds[0, :, home], few.facility[0, :, home], strict=True))
        assert found[: len(expected)] == expected
        assert np.isinf(few.seconds[0, len(expected) :, home]).all()


@settings(max_examples=40, deadline=None)
@given(pieces, spots, st.floats(1, 900))
def test_residents_within_reach_are_those_of_the_table(streets, home_xy, limit):
    # Residents are powers of two: equal sums are equal sets.
    town = t.town(t.streets(streets), speed_metres_per_second=1.1)
    homes, nodes = town.join(home_xy), town.network.nodes
    residents = 2.0 ** np.arange(len(home_xy))
    edge = [
        np.flatnonzero((town.network.streets.start == node) | (town.network.streets.end == node))[0]
        for node in range(nodes)
    ]
    at_junctions = Anchors(
        place=np.arange(nodes, dtype=np.int32),
        edge=np.array(edge, np.int32),
        fraction=np.where(town.network.streets.start[edge] == np.arange(nodes), 0.0, 1.0),
        access_metres=np.zeros(nodes),
        nearest_metres=np.zeros(nodes),
        cap_metres=0.0,
    )
    table = reach_table(town.network, town.walk, at_junctions, homes, limit)
    expected = np.bincount(np.repeat(np.arange(nodes), np.diff(table.indptr)), residents[table.home], nodes)
    assert np.array_equal(residents_within(town.network, town.walk, homes, residents, limit), expected)
    counts = facilities_within(town.network, town.walk, homes, np.ones((len(home_xy), 1), bool), limit)
    assert np.array_equal(counts[0], np.diff(table.indptr))


@settings(max_examples=40, deadline=None)
@given(pieces, spots, spots, st.floats(10, 900))
def test_the_table_agrees_with_the_nearest(streets, home_xy, facility_xy, limit):
    town = t.town(t.streets(streets), speed_metres_per_second=1.1)
    nearest = town.reach(home_xy, facility_xy).seconds[0]
    table = reach_table(town.network, town.walk, town.join(facility_xy), town.join(home_xy), limit)
    best = np.full(len(home_xy), np.inf)
    np.minimum.at(best, table.home, table.seconds)
    assert np.array_equal(best, np.where(covered(nearest, limit), nearest, np.inf))
    for row in range(table.places):
        assert (np.diff(table.row(row)) > 0).all()


@settings(max_examples=40, deadline=None)
@given(pieces, piece, spots, spots, spot)
def test_more_streets_or_facilities_never_lengthen_a_walk(streets, new_street, home_xy, facility_xy, new_facility):
    # The same joints on the same network, with the new street barred and then open: what changes is the network alone.
    town = t.town(t.streets([*streets, new_street]))
    homes, places = town.join(home_xy), town.join(facility_xy)
    serves = np.ones((len(facility_xy), 1), bool)
    ends = set(new_street)
    barred = np.array(
        [{tuple(end) for end in shapely.get_coordinates(line)} == ends for line in town.network.streets.lines]
    )
    closed = np.where(barred, NO_WALK, town.walk.forward)
    none = np.zeros(len(barred), np.int32)
    narrow = timed_streets(town.network, closed, closed, none, none, town.walk.speed_metres_per_second)
    before = reach_nearest(town.network, narrow, homes, places, serves).seconds[0]
    after = reach_nearest(town.network, town.walk, homes, places, serves).seconds[0]
    assert (np.nan_to_num(after, nan=0) <= np.nan_to_num(before, nan=0)).all()
    more = town.reach(home_xy, [*facility_xy, new_facility]).seconds[0]
    fewer = town.reach(home_xy, facility_xy).seconds[0]
    assert (np.nan_to_num(more, nan=0) <= np.nan_to_num(fewer, nan=0)).all()


@settings(max_examples=40, deadline=None)
@given(pieces, spots, spots, st.randoms(use_true_random=False))
def test_relabelling_and_reordering_change_nothing(streets, home_xy, facility_xy, random):
    expected = t.town(t.streets(streets)).reach(home_xy, facility_xy).seconds[0]
    shuffled = [piece if random.random() < 0.5 else piece[::-1] for piece in random.sample(streets, len(streets))]
    order = random.sample(range(len(home_xy)), len(home_xy))
    others = random.sample(facility_xy, len(facility_xy))
    found = t.town(t.streets(shuffled)).reach([home_xy[home] for home in order], others).seconds[0]
    # Turning a street round turns the rounding of positions on it: at most one tick for each end of the walk.
    assert np.allclose(found, expected[order], rtol=0, atol=2 / TICKS_PER_SECOND, equal_nan=True)


def test_islands_are_pruned_and_their_places_join_what_remains():
    edges = t.streets([((0, 0), (500, 0)), ((0, 60), (90, 60)), ((0, 5), (5, 5))])
    network, islands = build_network(edges, minimum_island_metres=200)
    assert len(network.streets) == 1
    assert (islands.count, islands.metres) == (2, 95)
    anchors = join_points(np.array([(50.0, 50.0)]), network, 300)
    assert anchors.access_metres.tolist() == [50]
