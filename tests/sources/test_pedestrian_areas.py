"""Squares by arithmetic: who sees whom, holes, middles, levels, and nodes that open or shut streets."""

from __future__ import annotations

import itertools
import math

import networkx as nx
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.sources.drawn import junction, links, streets_of

from livingcircle.model.network import Crossing, Road
from livingcircle.sources.pedestrian_areas import FEW_ENTRANCES

CORNERS = {1: (0, 0), 2: (2, 0), 3: (2, 2), 4: (0, 2)}
FEET = {"highway": "footway"}
SQUARE = {"highway": "pedestrian", "area": "yes", "name": "Market"}
# A square of 200 m with a path to two opposite corners.
OUTSIDE = {11: (-1, 0), 13: (3, 2)}
PATHS = {101: ([11, 1], FEET), 103: ([13, 3], FEET)}


def across(streets):
    """Rows that are no part of a drawn line: two points, both on the square's number."""
    return np.flatnonzero((streets.way == 100) & (shapely.get_num_coordinates(streets.lines) == 2))


def test_a_square_is_crossed_from_corner_to_corner(tmp_path):
    streets = streets_of(tmp_path / "a.osm", {**CORNERS, **OUTSIDE}, {100: ([1, 2, 3, 4, 1], SQUARE), **PATHS}).value
    (walk,) = across(streets)
    assert streets.metres[walk] == pytest.approx(200 * math.sqrt(2), abs=0.01)
    assert {streets.start[walk], streets.end[walk]} == {*junction(streets, (0, 0)), *junction(streets, (2, 2))}
    assert streets.names[streets.name[walk]] == "Market"
    assert streets.road[walk] == Road.NONE
    assert len(streets) == 5  # two paths, two sides of the outline, and the walk


def test_where_the_outline_is_as_short_nothing_is_added(tmp_path):
    nodes = {**CORNERS, 11: (-1, 0), 12: (3, 0)}
    ways = {100: ([1, 2, 3, 4, 1], SQUARE), 101: ([11, 1], FEET), 102: ([12, 2], FEET)}
    streets = streets_of(tmp_path / "a.osm", nodes, ways).value
    assert len(streets) == 4
    assert streets.metres.max() == pytest.approx(600, abs=0.05)


def test_a_corner_nobody_comes_from_is_no_entrance(tmp_path):
    streets = streets_of(
        tmp_path / "a.osm", {**CORNERS, 11: (-1, 0)}, {100: ([1, 2, 3, 4, 1], SQUARE), 101: PATHS[101]}
    ).value
    assert len(streets) == 2


HOLE = {5: (0.5, 0.5), 6: (1.5, 0.5), 7: (1.5, 1.5), 8: (0.5, 1.5)}
RING, INNER = ([1, 2, 3, 4, 1], {}), ([5, 6, 7, 8, 5], {"building": "yes"})


def test_nobody_walks_through_a_hole(tmp_path):
    """The hall in the middle of the square hides the corners from each other; its own outline is walked around."""
    nodes = {**CORNERS, **HOLE, **OUTSIDE}
    square = {1: ({100: "outer", 200: "inner"}, {"highway": "pedestrian"})}
    streets = streets_of(tmp_path / "a.osm", nodes, {100: RING, 200: INNER, **PATHS}, relations=square).value
    assert not len(across(streets))
    assert np.count_nonzero(streets.way == 100) == 2
    assert np.count_nonzero(streets.way == 200) == 1
    whole = streets_of(
        tmp_path / "b.osm", nodes, {100: RING, **PATHS}, relations={1: ({100: "outer"}, {"highway": "pedestrian"})}
    )
    assert len(across(whole.value)) == 1


def test_a_hole_that_is_entered_is_joined_to_the_corners_it_sees(tmp_path):
    nodes = {**CORNERS, **HOLE, **OUTSIDE, 9: (1, 1)}
    square = {1: ({100: "outer", 200: "inner"}, {"highway": "pedestrian"})}
    ways = {100: RING, 200: INNER, **PATHS, 300: ([9, 5], FEET)}
    streets = streets_of(tmp_path / "a.osm", nodes, ways, relations=square).value
    (walk,) = across(streets)
    assert streets.metres[walk] == pytest.approx(50 * math.sqrt(2), abs=0.01)


def test_an_outline_in_two_ways_is_one_square(tmp_path):
    nodes = {**CORNERS, **OUTSIDE}
    ways = {100: ([1, 2, 3], {}), 105: ([3, 4, 1], {}), **PATHS}
    square = {1: ({100: "outer", 105: "outer"}, {"highway": "pedestrian", "area": "yes"})}
    streets = streets_of(tmp_path / "a.osm", nodes, ways, relations=square).value
    assert len(across(streets)) == 1
    assert len(streets) == 5


@pytest.mark.parametrize("missing", ["way", "node"])
def test_a_square_that_is_not_whole_keeps_what_is_known_of_its_outline(tmp_path, missing):
    nodes = {**CORNERS, **OUTSIDE}
    ways = {100: ([1, 2, 3], {}), 105: ([3, 4, 1], {}), **PATHS}
    if missing == "way":
        del ways[105]
    else:
        del nodes[4]
    square = {1: ({100: "outer", 105: "outer"}, {"highway": "pedestrian"})}
    streets = streets_of(tmp_path / "a.osm", nodes, ways, relations=square).value
    assert not len(across(streets))
    assert 100 in streets.way


def test_a_way_over_a_square_is_not_joined_to_it(tmp_path):
    """A footbridge passes above the square; only a shared node would join them."""
    nodes = {**CORNERS, **OUTSIDE, 21: (1, -1), 22: (1, 3)}
    bridge = {200: ([21, 22], {**FEET, "bridge": "yes", "layer": "1"})}
    streets = streets_of(tmp_path / "a.osm", nodes, {100: ([1, 2, 3, 4, 1], SQUARE), **PATHS, **bridge}).value
    (row,) = np.flatnonzero(streets.way == 200)
    ends = {streets.start[row], streets.end[row]}
    assert not ends & {*streets.start[streets.way != 200], *streets.end[streets.way != 200]}


def test_a_private_square_is_crossed_in_private_and_a_closed_one_not_at_all(tmp_path):
    nodes = {**CORNERS, **OUTSIDE}
    private = streets_of(
        tmp_path / "a.osm", nodes, {100: ([1, 2, 3, 4, 1], {**SQUARE, "access": "private"}), **PATHS}
    ).value
    assert private.private[across(private)].tolist() == [True]
    closed = streets_of(tmp_path / "b.osm", nodes, {100: ([1, 2, 3, 4, 1], {**SQUARE, "foot": "no"}), **PATHS}).value
    assert 100 not in closed.way


def test_many_entrances_meet_in_the_middle(tmp_path):
    """As many spokes as entrances, not one walk for every pair."""
    count = 3 * FEW_ENTRANCES
    turn = np.linspace(0, 2 * np.pi, count, endpoint=False)
    nodes = {1 + i: (math.cos(t), math.sin(t)) for i, t in enumerate(turn)}
    nodes |= {1001 + i: (2 * math.cos(t), 2 * math.sin(t)) for i, t in enumerate(turn)}
    ways = {100: ([*range(1, count + 1), 1], SQUARE), **{200 + i: ([1001 + i, 1 + i], FEET) for i in range(count)}}
    streets = streets_of(tmp_path / "a.osm", nodes, ways).value
    assert len(streets) == 3 * count
    spokes = streets.take(np.arange(2 * count, 3 * count))
    assert spokes.metres == pytest.approx(np.full(count, 100.0), abs=2)
    assert len(set(spokes.start.tolist())) == 1
    assert len(streets.node_xy) == 2 * count + 1 == len(streets.node_crossing) == len(streets.node_cut)


# ── Nodes ───────────────────────────────────────────────────────────────────

CROSSROADS = {1: (0, 0), 2: (1, 0), 3: (2, 0), 4: (1, 1), 5: (1, -1)}
STREETS = {100: ([1, 2, 3], {"highway": "secondary"}), 200: ([4, 2, 5], FEET)}


def test_a_closed_gate_parts_all_streets_that_meet_in_it(tmp_path):
    read = streets_of(tmp_path / "a.osm", CROSSROADS, STREETS, node_tags={2: {"barrier": "gate", "access": "no"}})
    streets = read.value
    assert len(streets) == 4
    assert len(junction(streets, (1, 0))) == 4
    assert len(links(streets)) == 4
    assert len({*streets.start.tolist(), *streets.end.tolist()}) == 8


def test_a_private_gate_is_passed(tmp_path):
    tagged = {2: {"barrier": "gate", "access": "private"}}
    streets = streets_of(tmp_path / "a.osm", CROSSROADS, STREETS, node_tags=tagged).value
    assert len(junction(streets, (1, 0))) == 1


def test_a_gate_in_the_middle_of_a_street_cuts_it(tmp_path):
    tagged = {2: {"barrier": "wall"}}
    streets = streets_of(tmp_path / "a.osm", CROSSROADS, {100: STREETS[100]}, node_tags=tagged).value
    assert streets.metres == pytest.approx([100, 100], abs=0.01)
    assert len(streets.node_xy) == 4


def test_a_crossing_is_a_junction_of_the_road(tmp_path):
    tagged = {2: {"highway": "crossing", "crossing": "zebra"}}
    streets = streets_of(tmp_path / "a.osm", CROSSROADS, {100: STREETS[100]}, node_tags=tagged).value
    assert len(streets) == 2
    assert streets.node_crossing[junction(streets, (1, 0))].tolist() == [Crossing.ZEBRA]
    on_path = streets_of(tmp_path / "b.osm", CROSSROADS, {100: (STREETS[100][0], FEET)}, node_tags=tagged).value
    assert len(on_path) == 1


def test_a_way_drawn_across_the_road_tells_what_its_node_does_not(tmp_path):
    drawn = {**STREETS, 200: ([4, 2, 5], {**FEET, "footway": "crossing", "crossing": "traffic_signals"})}
    streets = streets_of(tmp_path / "a.osm", CROSSROADS, drawn).value
    assert streets.node_crossing[junction(streets, (1, 0))].tolist() == [Crossing.SIGNAL]
    assert streets.node_crossing.sum() == Crossing.SIGNAL  # and none at the kerbs


def test_where_the_data_end(tmp_path):
    """Node 9 is not in the file; the dead ends 1 and 3 lie 20 m inside and 50 m inside the edge of the extract."""
    ways = {100: ([1, 2, 3], FEET), 200: ([5, 2, 4, 9], FEET)}
    bounds = (-0.2, -1.5, 2.5, 5)
    streets = streets_of(tmp_path / "a.osm", CROSSROADS, ways, bounds=bounds).value
    cut = [cell for cell in CROSSROADS.values() if streets.node_cut[junction(streets, cell)].any()]
    assert cut == [(0, 0), (1, 1)]
    boundless = streets_of(tmp_path / "b.osm", CROSSROADS, ways).value
    assert boundless.node_cut.sum() == 1


# ── Any square at all ───────────────────────────────────────────────────────


@settings(max_examples=40)
@given(st.lists(st.floats(0.4, 3), min_size=4, max_size=11))
def test_walks_across_are_nearly_as_short_as_seeing_allows(tmp_path_factory, radii):
    """Against every pair of corners that see each other, one by one. Leaving out what gains under 2 % may add up along a route."""
    count = len(radii)
    turn = np.linspace(0, 2 * np.pi, count, endpoint=False)
    corners = [(radius * math.cos(t), radius * math.sin(t)) for radius, t in zip(radii, turn, strict=True)]
    nodes = {1 + i: cell for i, cell in enumerate(corners)}
    nodes |= {101 + i: (10 + i, 10) for i in range(count)}
    ways = {1000: ([*range(1, count + 1), 1], SQUARE), **{2000 + i: ([101 + i, 1 + i], FEET) for i in range(count)}}
    streets = streets_of(tmp_path_factory.mktemp("square") / "a.osm", nodes, ways).value
    streets = streets.take(streets.way == 1000)
    walked = nx.Graph()
    for start, end, metres in zip(streets.start.tolist(), streets.end.tolist(), streets.metres.tolist(), strict=True):
        walked.add_edge(start, end, metres=metres)
    at = [junction(streets, cell)[0] for cell in corners]
    square = shapely.Polygon(streets.node_xy[at])
    seeing = nx.Graph()
    for i, j in itertools.combinations(range(count), 2):
        line = shapely.LineString(streets.node_xy[[at[i], at[j]]])
        if abs(i - j) in {1, count - 1} or square.covers(line):
            seeing.add_edge(at[i], at[j], metres=line.length)
    truth = dict(nx.all_pairs_dijkstra_path_length(seeing, weight="metres"))
    for start, found in nx.all_pairs_dijkstra_path_length(walked, weight="metres"):
        assert found.keys() == truth[start].keys()
        for end, metres in found.items():
            assert metres >= truth[start][end] * 0.999
            assert metres <= truth[start][end] * 1.05 + 0.1
