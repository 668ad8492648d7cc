"""Streets from graphs saved by OSMnx: both directions once, merged tags, missing parts."""

from __future__ import annotations

import networkx as nx
import numpy as np
import osmnx
import pytest
import shapely
from shapely import LineString

from livingcircle.errors import InputError
from livingcircle.sources.pedestrian_areas import with_squares_crossed
from livingcircle.sources.street_graphs import graph_ways
from livingcircle.sources.street_pieces import street_pieces
from livingcircle.sources.streets import streets_from_graphml

WEST, SOUTH = 118.8, 32.0


def lon_lat(column, row):
    return WEST + column / 1000, SOUTH + row / 1000


def graph(edges, *, simplified=True, crs="epsg:4326"):
    """Make a graph on a grid; nodes are named by two digits, column and row."""
    made = nx.MultiDiGraph(crs=crs, simplified=simplified)
    for tail, head, data in edges:
        for node in (tail, head):
            x, y = lon_lat(node // 10, node % 10)
            made.add_node(node, x=x, y=y)
        made.add_edge(tail, head, **{"osmid": 1, "highway": "residential", "reversed": False, **data})
    return made


def both(tail, head, **data):
    """Hold one street in both directions, as OSMnx does."""
    back = {**data, "reversed": True}
    if "geometry" in data:
        back["geometry"] = data["geometry"].reverse()
    return [(tail, head, data), (head, tail, back)]


def bend(*cells):
    return LineString([lon_lat(*cell) for cell in cells])


def read(edges, **about):
    return street_pieces(graph_ways(graph(edges, **about)), crs=None, file="graph").value


def test_two_directions_are_one_street_walked_both_ways():
    streets = read(both(0, 10) + both(10, 20, geometry=bend((1, 0), (1, 1), (2, 1), (2, 0))))
    assert len(streets) == 2
    assert streets.forward.all()
    assert streets.backward.all()
    assert shapely.get_num_coordinates(streets.lines).tolist() == [2, 4]


def test_one_way_for_cars_is_two_way_on_foot():
    streets = read([(0, 10, {"oneway": True}), *both(10, 20)])
    assert streets.forward.all()
    assert streets.backward.all()


def test_parallel_streets_stay_apart():
    """The two halves of a roundabout join the same junctions under one number."""
    streets = read(
        [
            (0, 20, {"geometry": bend((0, 0), (1, 1), (2, 0))}),
            (20, 0, {"geometry": bend((2, 0), (1, -1), (0, 0))}),
        ]
    )
    assert len(streets) == 2


def test_a_loop_in_both_directions_is_one_street():
    loop = bend((0, 0), (1, 0), (1, 1), (0, 0))
    assert len(read([*both(0, 0, geometry=loop), *both(0, 20)])) == 2


def test_a_graph_without_directions_may_hold_its_lines_either_way():
    """Once made undirected, an edge may be listed against its line."""
    streets = read([(0, 20, {"geometry": bend((2, 0), (1, 1), (0, 0))})])
    (line,) = streets.lines
    assert shapely.get_coordinates(line)[0].tolist() == streets.node_xy[streets.start[0]].tolist()
    assert shapely.length(line) == pytest.approx(streets.metres[0], rel=1e-3)


@pytest.mark.parametrize(
    ("tags", "walked"),
    [
        ({"highway": ["footway", "residential"]}, True),
        ({"highway": ["footway", "motorway_link"]}, False),
        ({"highway": ["footway", "cycleway"]}, False),
        ({"highway": "service", "access": ["yes", "no"]}, False),
        ({"highway": "service", "access": ["yes", "permissive"]}, True),
        ({"highway": ["service", "footway"], "access": "private", "foot": ["yes", "designated"]}, True),
        ({"highway": "cycleway", "foot": "designated", "osmid": [5, 6]}, True),
    ],
)
def test_merged_ways_are_walked_only_if_all_of_them_are(tags, walked):
    assert len(read([*both(0, 10), *both(10, 20, **tags)])) == 1 + walked


def test_what_access_keeps_out_is_counted():
    made = graph([*both(0, 10), *both(10, 20, access="no"), *both(20, 30, highway="motorway")])
    (warning,) = street_pieces(graph_ways(made), crs=None, file="graph").warnings
    assert warning.kind == "streets_dropped"
    assert warning.details["count"] == 1


def test_one_way_on_foot_follows_the_way_not_the_edge():
    streets = read([(10, 0, {"oneway:foot": "yes", "reversed": True}), *both(10, 20)])
    (one_way,) = (~streets.backward).nonzero()[0]
    x = streets.node_xy[:, 0]
    assert streets.forward[one_way]
    assert x[streets.start[one_way]] < x[streets.end[one_way]]


def test_where_nobody_can_tell_the_direction_any_more_both_are_walked():
    streets = read([(0, 10, {"oneway:foot": "yes", "reversed": [True, False]})])
    assert streets.forward.all()
    assert streets.backward.all()
    streets = read([(0, 10, {"conveying": ["forward", "backward"], "highway": "steps"})])
    assert streets.forward.all()
    assert streets.backward.all()


def test_segments_of_a_graph_that_was_not_simplified_become_streets_again():
    streets = read([*both(0, 10), *both(10, 20), *both(20, 30, osmid=2), *both(20, 21, osmid=3)], simplified=False)
    assert shapely.get_num_coordinates(streets.lines).tolist() == [3, 2, 2]


def test_a_ring_that_was_not_simplified_is_cut_where_others_join():
    ring = [*both(0, 10), *both(10, 11), *both(11, 1), *both(1, 0)]
    streets = read([*ring, *both(11, 22, osmid=2)], simplified=False)
    assert shapely.get_num_coordinates(streets.lines).tolist() == [5, 2]
    assert streets.start[0] == streets.end[0] == streets.start[1]
    assert len(read(ring, simplified=False)) == 1


def test_a_projected_graph_yields_the_same_metres():
    edges = [*both(0, 10), *both(10, 20, geometry=bend((1, 0), (1, 1), (2, 0)))]
    plain = graph(edges)
    projected = osmnx.project_graph(graph(edges), to_crs="EPSG:4549")
    metres = [street_pieces(graph_ways(one), crs=None, file="graph").value.metres for one in (plain, projected)]
    assert metres[1] == pytest.approx(metres[0], abs=1e-4)


def test_a_graph_saved_and_loaded(tmp_path):
    made = graph([*both(0, 10), *both(10, 20, highway=["footway", "steps"], osmid=[3, 2])])
    osmnx.save_graphml(made, tmp_path / "town.graphml")
    streets = streets_from_graphml(tmp_path / "town.graphml", "EPSG:4549").value
    assert len(streets) == 2
    assert streets.crs == "EPSG:4549"


def test_a_graph_tells_of_roads_crossings_gates_and_squares_as_far_as_it_kept_their_tags():
    square = [*both(50, 70), *both(70, 72), *both(72, 52), *both(52, 50)]
    made = graph(
        [
            *both(0, 10, highway="secondary", lanes="4", name="High Street"),
            *both(10, 20, highway="secondary", lanes="4", name="High Street"),
            *both(20, 30, osmid=2, highway="steps", access="private"),
            *(
                (tail, head, {**data, "osmid": 3, "highway": "pedestrian", "area": "yes"})
                for tail, head, data in square
            ),
            *both(30, 50, osmid=4, highway="footway"),
            *both(72, 92, osmid=5, highway="footway"),
        ],
        simplified=False,
    )
    made.nodes[10].update(highway="crossing", crossing="zebra")
    made.nodes[30].update(barrier="wall")
    ways = graph_ways(made)
    streets = with_squares_crossed(street_pieces(ways, crs=None, file="graph").value, ways)
    assert streets.way.tolist() == [1, 1, 2, 3, 3, 4, 5, 3]
    assert streets.wide.tolist() == [True, True, *[False] * 6]
    assert streets.names[streets.name[:2]].tolist() == ["High Street"] * 2
    assert np.bincount(streets.node_crossing).tolist() == [len(streets.node_xy) - 1, 0, 1]
    assert np.flatnonzero(streets.private & streets.steps).tolist() == [2]
    assert streets.end[2] not in {streets.start[5], streets.end[5]}
    assert streets.metres[7] == pytest.approx(np.hypot(2 * 94.5, 2 * 110.9), rel=1e-2)


FOREIGN_GRAPH = """\
<graphml xmlns="http://graphml.graphdrawing.org/xmlns"><graph edgedefault="directed">
<node id="1"/><node id="2"/><edge source="1" target="2"/>
</graph></graphml>
"""


@pytest.mark.parametrize("content", ["", "<graphml", "<osm version='0.6'></osm>", FOREIGN_GRAPH])
def test_what_is_not_a_graph_of_osmnx(tmp_path, content):
    path = tmp_path / "town.graphml"
    path.write_text(content)
    with pytest.raises(InputError) as caught:
        streets_from_graphml(path, None)
    assert [fault.kind for fault in caught.value.faults] == ["unreadable_file"]


def test_an_extract_is_not_a_graph(tmp_path):
    with pytest.raises(InputError) as caught:
        streets_from_graphml(tmp_path / "town.osm", "EPSG:4326")
    assert [fault.kind for fault in caught.value.faults] == ["geographic_crs", "missing_file"]


@pytest.mark.real_city
def test_futian(shared_data):
    """An "all" graph of OSMnx 1.2 with 4,009 directed edges, 206.6 km of them walked."""
    path = next((shared_data / "shenzhen").glob("*.graphml"))
    read = streets_from_graphml(path, None)
    assert read.value.crs == "EPSG:32650"
    streets = read.value
    assert len(streets) == 2479
    assert streets.metres[~streets.private].sum() / 1000 == pytest.approx(206.6, abs=0.1)
    assert streets.metres[streets.private].sum() / 1000 == pytest.approx(2.1, abs=0.1)
    lengths = [data["length"] for *_, data in osmnx.load_graphml(path).edges(data=True)]
    assert read.value.metres.sum() < sum(lengths)
