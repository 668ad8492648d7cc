"""Wide roads crossed at crossings only: two sides, joined where a way leads across."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from livingcircle.kernel.anchor import join_points
from livingcircle.kernel.compound import walled
from livingcircle.kernel.graph import TICKS_PER_SECOND, build_network
from livingcircle.kernel.impedance import walker_impedance
from livingcircle.kernel.lanes import with_lanes
from livingcircle.kernel.reach import reach_nearest
from livingcircle.kernel.sides import on_side, with_sides
from livingcircle.model.compound import Compounds, Gates, Passage
from livingcircle.model.network import Crossing, Lane, Road, StreetEdges
from livingcircle.model.standard import Words
from livingcircle.model.walker import CrossingSeconds, Walker
from livingcircle.sources.streets import streets_from_osm
from town import Town, streets

NOBODY_WAITS = Walker("w", Words("", ""), 1.0)
WAITS = replace(NOBODY_WAITS, crossing=CrossingSeconds(signal=40, zebra=10, tertiary=4, secondary=12, primary=20))


def wide_road(pieces, *, wide, crossings=None, road=Road.PRIMARY) -> StreetEdges:
    """Streets of which those in `wide` are wide roads; `crossings` are the crossings at places."""
    made = streets(pieces)
    is_wide = np.isin(np.arange(len(pieces)), list(wide))
    helped = np.zeros(len(made.node_xy), np.int8)
    for place, crossing in (crossings or {}).items():
        helped[np.flatnonzero((made.node_xy == place).all(axis=1))] = crossing
    return replace(made, wide=is_wide, road=np.where(is_wide, road, 0).astype(np.int8), node_crossing=helped)


def as_town(edges: StreetEdges, walker: Walker = NOBODY_WAITS) -> Town:
    network, _ = build_network(edges, 1.0)
    return Town(network, walker_impedance(network, walker, None))


# A wide road from west to east with three side streets: one to the north at 0, one to the south at 200, and a crossing at 300.
ROAD = [((-400, 0), (0, 0)), ((0, 0), (200, 0)), ((200, 0), (300, 0)), ((300, 0), (500, 0))]
SIDE_STREETS = [((0, 0), (0, 100)), ((200, 0), (200, -100))]


def seconds(edges: StreetEdges, home, facility, walker: Walker = NOBODY_WAITS) -> float:
    return float(as_town(edges, walker).reach([home], [facility]).seconds[0, 0])


def test_a_wide_road_is_crossed_at_its_crossing_and_nowhere_else():
    plain = wide_road([*ROAD, *SIDE_STREETS], wide=range(4), crossings={(300, 0): Crossing.ZEBRA})
    north, south = (0, 50), (200, -50)
    assert seconds(plain, north, south) == 50 + 200 + 50
    # Along the north side to the crossing, and back along the south side.
    assert seconds(with_sides(plain), north, south) == 50 + 300 + 100 + 50
    assert seconds(with_sides(plain), north, south, WAITS) == 50 + 300 + 10 + 100 + 50
    signalled = wide_road([*ROAD, *SIDE_STREETS], wide=range(4), crossings={(300, 0): Crossing.SIGNAL})
    assert seconds(with_sides(signalled), north, south, WAITS) == 50 + 300 + 40 + 100 + 50


def test_without_any_crossing_a_wide_road_is_walked_round_at_its_end():
    plain = wide_road([*ROAD, *SIDE_STREETS], wide=range(4))
    assert seconds(with_sides(plain), (0, 50), (200, -50)) == 50 + 200 + 2 * 300 + 50  # round the eastern end


def test_a_place_whose_side_was_pruned_joins_the_other():
    # The inner side of a roundabout without crossings is an island.
    corner = [(0, 0), (100, 0), (100, 100), (0, 100)]
    ring = list(zip(corner, corner[1:] + corner[:1], strict=True))
    edges = with_sides(wide_road([*ring, ((100, 0), (500, 0))], wide=range(4)))
    network, _ = build_network(edges, 450.0)
    assert (network.streets.lane == Lane.RIGHT).sum() == 4
    assert not (network.streets.lane == Lane.LEFT).any()
    made = Town(network, walker_impedance(network, NOBODY_WAITS, None))
    assert made.join([(50, 10)]).access_metres.tolist() == [10]
    assert made.reach([(50, 10)], [(300, 0)]).seconds[0, 0] == 10 + 50 + 200


def test_who_leaves_by_a_gate_for_residents_is_on_the_side_of_the_gate():
    # A compound west of a wide road that runs north; shops on either side of the road.
    road = [((0, -200), (0, 0)), ((0, 0), (0, 200)), ((0, 0), (-100, 0))]
    edges = wide_road(road, wide=(0, 1))
    estate = Compounds(
        np.array(["a"], object), np.array(["a"], object), np.array([shapely.box(-150, -60, 10, 60)]), np.array([False])
    )
    nan = np.array([np.nan])
    gate = Gates(np.zeros((1, 2)), np.array([Passage.RESIDENTS], np.int8), nan, nan, np.zeros(1, np.int32))
    made = as_town(with_lanes(with_sides(walled(edges, estate, gate, "open", 720.0).streets)))
    walks = [made.reach([(-90, 0)], [shop]).seconds[0, 0] for shop in [(-2, 100), (2, 100)]]
    assert walks == [90 + 100 + 2, 90 + 200 + 100 + 2]  # round the northern end of the road


def test_walking_along_one_side_costs_what_it_cost():
    plain = wide_road([*ROAD, ((0, 0), (0, 100)), ((200, 0), (200, 100))], wide=range(4))
    assert seconds(with_sides(plain), (0, 50), (200, 50), WAITS) == 50 + 200 + 50


def test_places_join_the_side_they_lie_on():
    plain = wide_road([((0, 0), (300, 0)), ((300, 0), (600, 0))], wide=[0, 1], crossings={(300, 0): Crossing.ZEBRA})
    edges = with_sides(plain)
    # Access legs of 10 m each; on the same side straight along, on the other by the crossing at 300.
    assert seconds(edges, (100, 10), (200, 10)) == 10 + 100 + 10
    assert seconds(edges, (100, 10), (200, -10)) == 10 + 200 + 100 + 10
    assert seconds(edges, (100, -10), (200, 10)) == 10 + 200 + 100 + 10
    assert seconds(edges, (100, -10), (200, -10)) == 10 + 100 + 10
    # On the line itself a place is on both sides.
    assert seconds(edges, (100, 0), (200, 10)) == 100 + 10
    assert seconds(edges, (100, 0), (200, -10)) == 100 + 10


def test_a_place_in_the_angle_of_a_bend_knows_its_side():
    bend = np.array([shapely.LineString([(0, 0), (100, 0), (100, 100)])], object)
    for xy, lane in [((105, -5), Lane.RIGHT), ((120, -1), Lane.RIGHT), ((99, 1), Lane.LEFT), ((50, -1), Lane.RIGHT)]:
        fraction = shapely.line_locate_point(bend, shapely.Point(xy), normalized=True)
        both = [bool(on_side(np.array([side]), bend, fraction, np.array([xy]))[0]) for side in (Lane.LEFT, Lane.RIGHT)]
        assert both == [lane == Lane.LEFT, lane == Lane.RIGHT], xy


def test_a_street_that_leads_on_across_is_a_way_across():
    through = [((-200, 0), (0, 0)), ((0, 0), (200, 0)), ((0, 0), (0, 100)), ((0, 0), (0, -100))]
    edges = with_sides(wide_road(through, wide=[0, 1]))
    assert seconds(edges, (0, 50), (0, -50), WAITS) == 50 + 20 + 50
    # Two streets on the same side lead nowhere across.
    fork = [((-200, 0), (0, 0)), ((0, 0), (200, 0)), ((0, 0), (50, 100)), ((0, 0), (-50, 100))]
    assert not (with_sides(wide_road(fork, wide=[0, 1])).lane == Lane.LINK).any()


def test_where_wide_roads_meet_one_crosses_them_one_at_a_time():
    arms = [((0, 0), (300, 0)), ((0, 0), (0, 300)), ((0, 0), (-300, 0)), ((0, 0), (0, -300))]
    edges = with_sides(wide_road(arms, wide=range(4)))
    links = edges.take(edges.lane == Lane.LINK)
    assert len(links) == 4
    assert (links.metres == 0).all()
    assert not links.at_ground.any()
    assert seconds(edges, (50, 5), (5, 50), WAITS) == 5 + 50 + 50 + 5  # round one corner
    assert seconds(edges, (50, 5), (50, -5), WAITS) == 5 + 50 + 20 + 50 + 5
    assert seconds(edges, (50, 5), (-5, -50), WAITS) == 5 + 50 + 2 * 20 + 50 + 5  # the opposite corner


def test_a_private_wide_road_has_two_lanes_and_no_sides():
    # A site's own dual carriageway, then the open road it leads to: only that has sides.
    edges = wide_road([((0, 0), (200, 0)), ((200, 0), (500, 0))], wide=(0, 1))
    edges = with_lanes(with_sides(replace(edges, private=np.array([True, False]))))
    private = edges.lane[edges.private]
    assert sorted(private.tolist()) == [Lane.LEAVING, Lane.ARRIVING]
    assert sorted(edges.lane[edges.wide & ~edges.private].tolist()) == [Lane.LEFT, Lane.RIGHT]
    assert seconds(edges, (50, 5), (400, 5)) == 5 + 350 + 5


def test_streets_without_wide_roads_are_left_alone():
    edges = streets(ROAD)
    assert with_sides(edges) is edges


@st.composite
def grids_with_wide_roads(draw):
    """Jittered grid towns, some of whose streets are wide and some of whose junctions have crossings."""
    size = 4
    shift = st.integers(-20, 20)
    at = {(x, y): (x * 100 + draw(shift), y * 100 + draw(shift)) for x in range(size) for y in range(size)}
    pieces = [(at[x, y], at[x + 1, y]) for x in range(size - 1) for y in range(size)]
    pieces += [(at[x, y], at[x, y + 1]) for x in range(size) for y in range(size - 1)]
    wide = draw(st.sets(st.integers(0, len(pieces) - 1), max_size=12))
    crossings = {at[place]: Crossing.ZEBRA for place in draw(st.sets(st.sampled_from(sorted(at)), max_size=5))}
    return wide_road(pieces, wide=wide, crossings=crossings)


@given(grids_with_wide_roads())
def test_sides_never_shorten_a_walk(edges):
    xy = np.random.default_rng(1).uniform(-20, 320, (12, 2))
    times = []
    for made in (edges, with_sides(edges)):
        town = as_town(made)
        anchors = join_points(xy, town.network, 300)
        found = [
            reach_nearest(town.network, town.walk, anchors, town.join([place]), np.ones((1, 1), bool)).seconds[0]
            for place in xy
        ]
        times.append(np.array(found))
    anywhere, crossings = times
    assert (crossings >= anywhere - 2 / TICKS_PER_SECOND).all()  # pieces round to ticks apart
    assert crossings == pytest.approx(crossings.T)  # nobody walks one way only


@given(grids_with_wide_roads())
def test_every_street_keeps_its_ends_and_wide_ones_have_two_sides(edges):
    made = with_sides(edges)
    for end, fraction in (("start", 0.0), ("end", 1.0)):
        ends = shapely.get_coordinates(shapely.line_interpolate_point(made.lines, fraction, normalized=True))
        assert made.node_xy[getattr(made, end)] == pytest.approx(ends)
    assert (made.lane == Lane.LEFT).sum() == (made.lane == Lane.RIGHT).sum() == edges.wide.sum()
    assert made.drawn.sum() == len(edges)


@pytest.mark.real_city
@pytest.mark.parametrize("extract", ["laspalmas/las_palmas_20230221.osm.pbf", "nanjing/nanjing_core_20210612.osm"])
def test_in_real_cities_no_street_is_cut_off_by_wide_roads(shared_data, extract):
    read = streets_from_osm(shared_data / extract, None).value
    part = parts(read)
    edges = read.take(part == np.bincount(part, weights=read.metres).argmax())
    made = with_sides(edges)
    assert edges.wide.any()
    part = parts(made)
    off = part != np.bincount(part, weights=made.metres).argmax()
    side = np.isin(made.lane, (Lane.LEFT, Lane.RIGHT))
    assert not (off & ~side).any()
    assert made.metres[off].sum() < 0.01 * edges.metres[edges.wide].sum()  # a median here and there


def parts(edges: StreetEdges) -> np.ndarray:
    nodes = len(edges.node_xy)
    links = coo_array((np.ones(len(edges)), (edges.start, edges.end)), shape=(nodes, nodes))
    return connected_components(links, directed=False)[1][edges.start]
