"""Streets from extracts: a hand-written town with answers by arithmetic, its variants, faults, and real cities."""

from __future__ import annotations

import itertools
import math
import random
import sys
from collections import Counter
from pathlib import Path

import networkx as nx
import numpy as np
import osmium
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from livingcircle.errors import InputError
from livingcircle.model.network import Road
from livingcircle.sources.projection import ground_metres
from livingcircle.sources.street_pieces import Outlines, Ways, street_pieces
from livingcircle.sources.street_traits import street_traits
from livingcircle.sources.streets import streets_from_osm
from livingcircle.sources.walkability import WalkAccess, walk_access

RECORDED = Path(__file__).resolve().parents[1] / "recorded"
SAMPLE = Path(__file__).resolve().parents[2] / "data" / "helsinki" / "helsinki.osm.pbf"

sys.path.insert(0, str(RECORDED))
import make_town  # noqa: E402 - lies beside the files it writes

TOWN = RECORDED / "town.osm"

# WGS84
EQUATOR_METRES = 6_378_137.0
ECCENTRICITY_SQUARED = 0.00669437999014


def across(row: int, steps: int = 1) -> float:
    """Metres of `steps` columns along a row: an arc of the parallel."""
    latitude = math.radians(make_town.SOUTH + row * make_town.STEP)
    normal = EQUATOR_METRES / math.sqrt(1 - ECCENTRICITY_SQUARED * math.sin(latitude) ** 2)
    return normal * math.cos(latitude) * math.radians(steps * make_town.STEP)


def up(row: int, steps: int = 1) -> float:
    """Metres of `steps` rows from `row` northwards: an arc of the meridian."""
    latitude = math.radians(make_town.SOUTH + (row + steps / 2) * make_town.STEP)
    radius = EQUATOR_METRES * (1 - ECCENTRICITY_SQUARED) / (1 - ECCENTRICITY_SQUARED * math.sin(latitude) ** 2) ** 1.5
    return radius * math.radians(steps * make_town.STEP)


# Nodes of each piece, metres, may be walked along, may be walked against; in the order of way numbers.
PIECES = [
    ([1, 2], across(0), True, True),
    ([2, 3], across(0), True, True),
    ([3, 4, 5], across(0, 2), True, True),
    ([2, 6], up(0), True, True),
    ([6, 7], up(1), True, True),
    ([8, 9], up(-1, 2), True, True),  # passes over node 4 and does not join it
    ([6, 9], across(1, 2), True, True),
    ([5, 10], up(0), True, False),
    ([10, 9], across(1), False, True),
    ([3, 11], up(-1), True, True),  # private
    ([1, 12], up(-1), True, True),
    ([7, 13], across(2), True, True),
    ([13, 14, 15, 7], up(2) * 2 + across(3), True, True),
    ([13, 16], across(2), True, True),
]


def as_set(streets) -> Counter:
    """Streets without regard to their order: line to a millimetre, decimetres, directions."""
    lines = [tuple(map(tuple, np.round(shapely.get_coordinates(line), 3))) for line in streets.lines]
    return Counter(zip(lines, np.round(streets.metres, 6), streets.forward, streets.backward, strict=True))


def write(folder: Path, text: str, name: str = "changed.osm") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def town():
    return streets_from_osm(TOWN, None)


# ── The town ────────────────────────────────────────────────────────────────


def test_the_recorded_files_are_what_the_script_writes():
    for name, content in make_town.files().items():
        assert (RECORDED / name).read_text(encoding="utf-8") == content, name


def test_pieces_metres_and_directions(town):
    streets = town.value
    assert streets.metres == pytest.approx([metres for _, metres, _, _ in PIECES], rel=1e-7)
    assert streets.forward.tolist() == [forward for _, _, forward, _ in PIECES]
    assert streets.backward.tolist() == [backward for _, _, _, backward in PIECES]
    assert shapely.get_num_coordinates(streets.lines).tolist() == [len(nodes) for nodes, _, _, _ in PIECES]


def test_only_shared_nodes_join(town):
    streets = town.value
    numbers = {}
    for (nodes, *_), start, end in zip(PIECES, streets.start, streets.end, strict=True):
        for node, position in ((nodes[0], start), (nodes[-1], end)):
            assert numbers.setdefault(node, position) == position
    assert len(set(numbers.values())) == len(numbers) == len(streets.node_xy) == 13
    bridge, road = streets.lines[5], streets.lines[2]
    assert shapely.intersects(bridge, road)
    assert not {streets.start[5], streets.end[5]} & {streets.start[2], streets.end[2]}


def test_lines_run_from_start_to_end_in_utm_metres(town):
    streets = town.value
    assert streets.crs == "EPSG:32650"  # 118.8° E lies in zone 50
    first = shapely.get_coordinates(shapely.get_point(streets.lines, 0))
    last = shapely.get_coordinates(shapely.get_point(streets.lines, -1))
    assert np.array_equal(first, streets.node_xy[streets.start])
    assert np.array_equal(last, streets.node_xy[streets.end])
    assert shapely.length(streets.lines) == pytest.approx(streets.metres, rel=4e-4)


def test_what_is_closed_or_private_is_counted_and_a_motorway_is_not(town):
    closed, private = town.warnings
    assert closed.kind == "streets_dropped"
    assert closed.details == {"count": 1, "kilometres": pytest.approx(across(2) / 1000, rel=1e-7)}
    assert "1 street piece (0.1 km)" in closed.sentence("en")
    assert private.kind == "private_streets"
    assert private.details == {"count": 1, "kilometres": pytest.approx(up(-1) / 1000, rel=1e-7)}


def test_what_each_piece_is(town):
    """Private way 16, steps on way 14; the carriageways are residential (way 10) and service (16 and 17)."""
    streets = town.value
    of_way = [10, 10, 10, 11, 11, 12, 13, 14, 15, 16, 17, 20, 20, 21]
    assert streets.way.tolist() == of_way
    assert streets.way[streets.private].tolist() == [16]
    assert streets.way[streets.steps].tolist() == [14]
    assert set(streets.way[streets.road == Road.MINOR].tolist()) == {10, 16, 17}
    assert not streets.wide.any()
    assert (streets.name == -1).all()
    assert not streets.node_crossing.any()
    assert not streets.node_cut.any()


def test_a_named_coordinate_system_is_used(town):
    streets = streets_from_osm(TOWN, "EPSG:4549").value  # CGCS2000, 3-degree zone around 120° E
    assert streets.crs == "EPSG:4549"
    assert np.array_equal(streets.metres, town.value.metres)
    assert shapely.length(streets.lines) == pytest.approx(streets.metres, rel=4e-4)


def test_pbf_equals_xml(tmp_path, town):
    path = tmp_path / "town.osm.pbf"
    with osmium.SimpleWriter(str(path)) as writer:
        for item in osmium.FileProcessor(str(TOWN)):
            writer.add(item)
    read = streets_from_osm(path, None)
    assert as_set(read.value) == as_set(town.value)
    assert np.array_equal(read.value.metres, town.value.metres)
    assert read.warnings[0].details == town.warnings[0].details


def test_order_in_the_file_does_not_matter(tmp_path, town):
    """Ways in any order, and before their nodes, as Overpass may deliver them."""
    text = TOWN.read_text(encoding="utf-8")
    head, body = text.split("  <node", 1)
    nodes = [f"  <node{part}" for part in body.split("  <way", 1)[0].split("  <node")]
    ways = [f"  <way{part}" for part in body.split("  <way", 1)[1].removesuffix("</osm>\n").split("  <way")]
    for parts in (nodes[::-1] + ways[::-1], ways + nodes, ways[::-1] + nodes[::-1]):
        read = streets_from_osm(write(tmp_path, head + "".join(parts) + "</osm>\n"), None)
        for column in ("start", "end", "metres", "forward", "backward", "node_xy"):
            assert np.array_equal(getattr(read.value, column), getattr(town.value, column)), column
        assert shapely.equals_exact(read.value.lines, town.value.lines).all()
        assert [warning.kind for warning in read.warnings] == ["streets_dropped", "private_streets"]


def test_other_numbers_for_nodes_and_ways_change_nothing(tmp_path, monkeypatch, town):
    shuffled = random.Random(1)
    node_names = dict(zip(make_town.NODES, shuffled.sample(range(10**6, 10**7), len(make_town.NODES)), strict=True))
    way_names = dict(zip(make_town.WAYS, shuffled.sample(range(10**6, 10**7), len(make_town.WAYS)), strict=True))
    ways = {way_names[way]: ([node_names[node] for node in row], tags) for way, (row, tags) in make_town.WAYS.items()}
    monkeypatch.setattr(make_town, "NODES", {node_names[node]: cell for node, cell in make_town.NODES.items()})
    monkeypatch.setattr(make_town, "WAYS", ways)
    read = streets_from_osm(write(tmp_path, make_town.extract()), None)
    assert as_set(read.value) == as_set(town.value)
    assert len(read.value.node_xy) == len(town.value.node_xy)


def test_a_way_delivered_twice_counts_once(tmp_path, town):
    text = TOWN.read_text(encoding="utf-8")
    way = text[text.index('  <way id="10"') : text.index('  <way id="11"')]
    read = streets_from_osm(write(tmp_path, text.replace("</osm>", way + "</osm>")), None)
    assert as_set(read.value) == as_set(town.value)


def with_way(monkeypatch, tmp_path, nodes, tags, new_nodes=None):
    monkeypatch.setattr(make_town, "NODES", {**make_town.NODES, **(new_nodes or {})})
    monkeypatch.setattr(make_town, "WAYS", {**make_town.WAYS, 30: (nodes, tags)})
    return streets_from_osm(write(tmp_path, make_town.extract()), None)


def test_a_node_outside_the_extract_ends_the_piece(monkeypatch, tmp_path, town):
    """Nothing bridges the gap between node 4 and node 18, and what lies beyond it is a piece of its own."""
    read = with_way(monkeypatch, tmp_path, [5, 999, 18, 10], {"highway": "path"})
    added = as_set(read.value) - as_set(town.value)
    (piece,) = added
    assert piece[1] == pytest.approx(math.hypot(across(0), up(0)), rel=1e-4)
    warnings = {warning.kind: warning.details for warning in read.warnings}
    assert warnings["broken_ways"] == {"count": 1}


def test_broken_private_ways_are_not_the_networks_concern(monkeypatch, tmp_path):
    read = with_way(monkeypatch, tmp_path, [5, 999, 18], {"highway": "path", "access": "no"})
    assert [warning.kind for warning in read.warnings] == ["streets_dropped", "private_streets"]


def test_a_way_that_leaves_a_single_known_node_yields_nothing(monkeypatch, tmp_path, town):
    read = with_way(monkeypatch, tmp_path, [998, 5, 999], {"highway": "path"})
    # Node 5 ends another piece already, so nothing changes.
    assert as_set(read.value) == as_set(town.value)
    assert dict(read.warnings[0].details) == {"count": 2}


def test_repeated_nodes_and_nodes_at_one_place_add_no_piece_of_length_zero(monkeypatch, tmp_path):
    """Node 40 lies exactly on node 16, and 41 on node 8, where another way starts: both ends stay joined through them."""
    beside = {40: make_town.NODES[16], 41: (6, 6), 42: (6, 6), 43: (7, 6)}
    read = with_way(monkeypatch, tmp_path, [16, 16, 40, 40, 41, 42, 43], {"highway": "path"}, beside)
    streets = read.value
    assert streets.metres.min() > 90
    (joined,) = np.flatnonzero(shapely.get_num_coordinates(streets.lines) == 3)[-1:]
    assert streets.start[joined] == streets.end[13]  # the platform ends at node 16
    assert len(streets) == len(PIECES) + 1


def test_a_way_that_meets_itself_is_cut_there(monkeypatch, tmp_path):
    new = {50: (0, 5), 51: (2, 5), 52: (2, 6), 53: (1, 6), 54: (1, 5), 55: (1, 4)}
    read = with_way(monkeypatch, tmp_path, [50, 54, 51, 52, 53, 54, 55], {"highway": "path"}, new)
    assert read.value.metres[-3:] == pytest.approx([across(5), across(5) + up(5) + across(6) + up(5), up(4)], rel=1e-7)
    assert read.value.start[-2] == read.value.end[-2]


def test_a_ring_nobody_joins_is_one_piece(monkeypatch, tmp_path):
    new = {50: (0, 5), 51: (2, 5), 52: (2, 6)}
    streets = with_way(monkeypatch, tmp_path, [50, 51, 52, 50], {"highway": "footway"}, new).value
    assert len(streets) == len(PIECES) + 1
    assert streets.start[-1] == streets.end[-1]


# ── Faults ──────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("crs", "kind"),
    [
        ("nonsense", "unknown_crs"),
        ("EPSG:999999", "unknown_crs"),
        ("+proj=tmerc +lon_0=118.8", "unknown_crs"),  # metres, but no EPSG code to write down
        ("EPSG:4326", "geographic_crs"),
        ("EPSG:4490", "geographic_crs"),
        ("EPSG:2263", "not_metres"),  # feet
        ("EPSG:4978", "not_metres"),  # metres from the centre of the Earth
        ("EPSG:3857", "distorting_crs"),  # 18 % at 32° N
        ("EPSG:32628", "distorting_crs"),  # the Canary Islands
    ],
)
def test_unfit_coordinate_systems(crs, kind):
    with pytest.raises(InputError) as caught:
        streets_from_osm(TOWN, crs)
    assert [fault.kind for fault in caught.value.faults] == [kind]
    assert crs in caught.value.report("en")


def test_file_and_coordinate_system_are_reported_together(tmp_path):
    with pytest.raises(InputError) as caught:
        streets_from_osm(tmp_path / "none.osm.pbf", "EPSG:4326")
    assert [fault.kind for fault in caught.value.faults] == ["geographic_crs", "missing_file"]


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("town.gpkg", b"", "unknown_format"),
        ("town.osm", b"", "unreadable_file"),
        ("town.osm", b"no markup", "unreadable_file"),
        ("town.osm.pbf", b"no protobuf", "unreadable_file"),
        ("town.osm", b"<?xml version='1.0'?><osm version='0.6'></osm>", "no_network"),
    ],
)
def test_unfit_files(tmp_path, name, content, kind):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        streets_from_osm(path, None)
    (fault,) = caught.value.faults
    assert fault.kind == kind
    assert fault.file == str(path)


def test_a_file_cut_short_is_unreadable(tmp_path):
    path = write(tmp_path, TOWN.read_text(encoding="utf-8")[:-300])
    with pytest.raises(InputError, match="cannot be read"):
        streets_from_osm(path, None)
    short = tmp_path / "short.osm.pbf"
    short.write_bytes(SAMPLE.read_bytes()[:100_000])
    with pytest.raises(InputError, match="cannot be read"):
        streets_from_osm(short, None)


def test_a_folder_is_no_extract(tmp_path):
    with pytest.raises(InputError, match="not supported"):
        streets_from_osm(tmp_path, None)


def test_a_town_of_motorways_has_no_network(tmp_path):
    text = TOWN.read_text(encoding="utf-8")
    for value in ("residential", "footway", "steps", "path", "service", "pedestrian"):
        text = text.replace(f'v="{value}"', 'v="motorway"')
    with pytest.raises(InputError, match="no street that may be walked"):
        streets_from_osm(write(tmp_path, text.replace('v="platform"', 'v="rail"')), None)


EDITED = """<?xml version='1.0' encoding='UTF-8'?>
<osm version='0.6' upload='never' generator='JOSM'>
  <bounds minlat='32' minlon='118.7' maxlat='32.1' maxlon='118.8' origin='OpenStreetMap server'/>
  <node id='-1' action='modify' lat='32.051' lon='118.75'/>
  <node id='-2' action='modify' lat='32.052' lon='118.75'/>
  <node id='3' version='1' lat='32.053' lon='118.75'/>
  <node id='4' version='2' action='delete' lat='32.054' lon='118.75'><tag k='barrier' v='wall'/></node>
  <node id='5' version='1' lat='32.055' lon='118.75'/>
  <way id='-9'><nd ref='-1'/><nd ref='-2'/><tag k='highway' v='footway'/><tag k='name' v='中山路 &amp; 珠江路'/></way>
  <way id='10' action='delete' version='2'><nd ref='-2'/><nd ref='3'/><tag k='highway' v='footway'/></way>
  <way id='11' version='3' visible='false'><nd ref='-2'/><nd ref='3'/><tag k='highway' v='footway'/></way>
  <way version="1" action="delete" id="12"><nd ref='-2'/><nd ref='5'/><tag k='highway' v='footway'/></way>
  <way id='13'><nd ref='3'/><nd ref='4'/><nd ref='5'/><tag k='highway' v='footway'/></way>
</osm>
"""


def test_what_an_editor_saved_is_read_without_what_it_deleted(tmp_path):
    streets = streets_from_osm(write(tmp_path, EDITED), None).value
    assert streets.way.tolist() == [-9, 13]  # in one piece: the wall on it is deleted as well
    assert streets.names.tolist() == ["中山路 & 珠江路"]


@pytest.mark.parametrize(("share", "name"), [(0.5, "half.osm.pbf"), (0.5, "half.osm"), (0.999, "nearly.osm.pbf")])
def test_an_extract_cut_in_the_middle_is_one_fault(tmp_path, share, name):
    content = SAMPLE.read_bytes() if name.endswith(".pbf") else TOWN.read_bytes()
    path = tmp_path / name
    path.write_bytes(content[: int(share * len(content))])
    with pytest.raises(InputError) as caught:
        streets_from_osm(path, None)
    assert [fault.kind for fault in caught.value.faults] == ["unreadable_file"]


def test_an_extract_of_buildings_has_no_network(tmp_path):
    text = EDITED.replace("k='highway' v='footway'", "k='building' v='yes'")
    with pytest.raises(InputError) as caught:
        streets_from_osm(write(tmp_path, text), None)
    assert [fault.kind for fault in caught.value.faults] == ["no_network"]


# ── Any ways at all ─────────────────────────────────────────────────────────


@st.composite
def any_ways(draw):
    """Ways over a few nodes, some of them unknown, some at one place, some ways not walked."""
    cells = draw(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=2, max_size=9))
    unknown = draw(st.sets(st.integers(0, len(cells) - 1), max_size=2))
    rows = draw(st.lists(st.lists(st.integers(0, len(cells) - 1), min_size=1, max_size=7), min_size=1, max_size=6))
    walked = draw(st.lists(st.booleans(), min_size=len(rows), max_size=len(rows)))
    node = np.array(list(itertools.chain.from_iterable(rows)), np.int64)
    place = np.array([(np.nan, np.nan) if i in unknown else cell for i, cell in enumerate(cells)])[node]
    return Ways(
        ids=np.arange(len(rows)),
        trait=np.array(walked, np.int32),
        traits=street_traits([{"highway": "footway", "foot": "no"}, {"highway": "footway"}]),
        marked=np.empty(0, np.int64),
        crossing=np.empty(0, np.int8),
        closed=np.empty(0, bool),
        squares=Outlines(np.empty(0, np.int32), np.zeros(1, np.int64), np.empty(0, np.intp)),
        bounds=None,
        first=np.concatenate([[0], np.cumsum([len(row) for row in rows])]).astype(np.int64),
        node=node,
        lon=118.8 + place[:, 0] / 1000,
        lat=32.0 + place[:, 1] / 1000,
    )


def segments(ways):
    for way in np.flatnonzero(ways.walked):
        for a, b in itertools.pairwise(range(ways.first[way], ways.first[way + 1])):
            if np.isfinite([ways.lon[a], ways.lon[b]]).all():
                metres = ground_metres(
                    *(np.array([value]) for value in (ways.lon[a], ways.lat[a], ways.lon[b], ways.lat[b]))
                )
                yield a, b, float(metres[0])


@given(any_ways())
def test_cutting_keeps_every_metre_and_every_walk(ways):
    """Against a graph with an edge for every segment: the same total, and the same shortest way between all junctions."""
    whole = nx.Graph()
    for a, b, metres in segments(ways):
        u, v = int(ways.node[a]), int(ways.node[b])
        if not whole.has_edge(u, v) or whole[u][v]["metres"] > metres:
            whole.add_edge(u, v, metres=metres)
    total = sum(metres for *_, metres in segments(ways))
    if total == 0:
        with pytest.raises(InputError):
            street_pieces(ways, crs=None, file="any")
        return
    streets = street_pieces(ways, crs=None, file="any").value
    assert streets.metres.sum() == pytest.approx(total)
    assert streets.metres.min() > 0
    cut = nx.Graph()
    for start, end, metres in zip(streets.start.tolist(), streets.end.tolist(), streets.metres, strict=True):
        if not cut.has_edge(start, end) or cut[start][end]["metres"] > metres:
            cut.add_edge(start, end, metres=metres)
    parts = [whole.subgraph(part).size(weight="metres") for part in nx.connected_components(whole)]
    assert nx.number_connected_components(cut) == sum(part > 0 for part in parts)
    # Several nodes may lie at one place without being joined: a junction stands for one of them.
    known = {int(node): (lon, lat) for node, lon, lat in zip(ways.node, ways.lon, ways.lat, strict=True)}
    lengths = dict(nx.all_pairs_dijkstra_path_length(whole, weight="metres"))
    by_place = {}
    for node in whole:
        by_place.setdefault(known[node], []).append(node)
    for source, found in nx.all_pairs_dijkstra_path_length(cut, weight="metres"):
        for target, metres in found.items():
            ends = [nodes_at(streets, by_place, junction) for junction in (source, target)]
            options = [lengths[u][v] for u in ends[0] for v in ends[1] if v in lengths[u]]
            assert any(option == pytest.approx(metres, abs=1e-6) for option in options)


def nodes_at(streets, by_place, junction):
    """Nodes at the place of a junction, by its easting and northing."""
    from livingcircle.sources.projection import projected

    places = list(by_place)
    xy = projected(*np.array(places).T, streets.crs)
    nearest = int(np.argmin(np.hypot(*(xy - streets.node_xy[junction]).T)))
    return by_place[places[nearest]]


# ── Real cities ─────────────────────────────────────────────────────────────


def walk_nodes(path: Path, walked) -> tuple[set[int], set[int]]:
    """Nodes of ways that `walked` accepts and we do, and of ways it alone accepts or we alone."""
    ours, theirs = set(), set()
    processor = osmium.FileProcessor(str(path)).with_locations()
    for way in processor.with_filter(osmium.filter.EntityFilter(osmium.osm.WAY)):
        tags = dict(way.tags)
        nodes = {node.ref for node in way.nodes if node.location.valid()}
        if walk_access(tags) is WalkAccess.OPEN:
            ours |= nodes
        if walked(tags):
            theirs |= nodes
    return ours, theirs


def test_sample_city():
    read = streets_from_osm(SAMPLE, None)
    streets = read.value
    assert streets.crs == "EPSG:32635"
    # 19 km of them are walks across squares and platforms.
    assert streets.metres.sum() / 1000 == pytest.approx(143.7, abs=0.1)
    assert np.isfinite(streets.node_xy).all()
    assert streets.metres.min() > 0
    ratio = shapely.length(streets.lines) / streets.metres
    assert np.abs(ratio[streets.metres > 1] - 1).max() < 1e-3
    assert {warning.kind for warning in read.warnings} == {"broken_ways", "streets_dropped", "private_streets"}


def test_sample_city_against_pyrosm():
    """A second opinion on the sample: the 5,559 nodes walked according to pyrosm 0.25 are all among our 6,975.

    It reports fewer, since it leaves out squares and other areas, platforms, and cycleways that walkers share.
    """
    pyrosm = pytest.importorskip("pyrosm")
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        nodes, _ = pyrosm.OSM(str(SAMPLE)).get_network("walking", nodes=True)
    theirs = set(nodes.id)
    ours, explained = walk_nodes(
        SAMPLE,
        lambda tags: tags.get("area") == "yes" or "platform" in tags.values() or tags.get("highway") == "cycleway",
    )
    assert len(theirs) > 5000
    assert theirs <= ours
    assert len(ours - theirs - explained) <= 0.01 * len(ours)


def osmnx_walks(tags) -> bool:
    """Tell what OSMnx's `walk` filter takes; its patterns match anywhere in a value."""
    highway = tags.get("highway", "")
    never = "abandoned bus_guideway construction cycleway motor no planned platform proposed raceway razed rest_area services"
    return bool(
        highway
        and "yes" not in tags.get("area", "")
        and "private" not in tags.get("access", "")
        and not any(word in highway for word in never.split())
        and "no" not in tags.get("foot", "")
        and "private" not in tags.get("service", "")
        and not any("separate" in tags.get(f"sidewalk{side}", "") for side in ("", ":both", ":left", ":right"))
    )


@pytest.mark.real_city
def test_las_palmas_against_the_filter_of_osmnx(shared_data):
    """Our 88,920 nodes against 83,903: squares and shared cycleways more, trunk roads and `access=no` less, all else the same."""
    path = next((shared_data / "laspalmas").glob("*.pbf"))
    ours, theirs = walk_nodes(path, osmnx_walks)
    assert (len(ours), len(theirs)) == (88_920, 83_903)
    both = len(ours & theirs)
    assert both / len(theirs) > 0.98
    read = streets_from_osm(path, None)
    # 2,039.2 km of open ways, 17.2 private, 40.4 of outlines of squares that are no ways of a walked kind by themselves, 17.7 across.
    assert read.value.metres.sum() / 1000 == pytest.approx(2114.6, abs=0.1)
    assert read.value.metres[read.value.private].sum() / 1000 == pytest.approx(17.2, abs=0.1)
    warnings = {warning.kind: warning.details for warning in read.warnings}
    assert warnings["broken_ways"]["count"] == 2539
    assert warnings["streets_dropped"]["count"] == 123
    assert warnings["private_streets"]["count"] == 102


@pytest.mark.real_city
@pytest.mark.parametrize(
    ("pattern", "crs", "kilometres", "largest_share"),
    [
        ("laspalmas/*.pbf", "EPSG:32628", 2115, 0.9),
        ("andorra/*.pbf", "EPSG:32631", 2112, 0.9),
        ("porto/*.pbf", "EPSG:32629", 10045, 0.9),
        ("nanjing/*.osm", "EPSG:32650", 85, 0.7),
        ("shenzhen/*.osm", "EPSG:32650", 151, 0.7),
    ],
)
def test_real_cities(shared_data, pattern, crs, kilometres, largest_share):
    path = next(shared_data.glob(pattern))
    streets = streets_from_osm(path, None).value
    assert streets.crs == crs
    assert streets.metres.sum() / 1000 == pytest.approx(kilometres, abs=1)
    assert streets.metres.min() > 0
    graph = nx.Graph()
    graph.add_weighted_edges_from(zip(streets.start.tolist(), streets.end.tolist(), streets.metres, strict=True))
    parts = [graph.subgraph(part).size(weight="weight") for part in nx.connected_components(graph)]
    assert max(parts) / sum(parts) > largest_share
