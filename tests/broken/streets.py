"""Broken streets: extracts of OpenStreetMap, graphs of OSMnx, layers of lines."""

from __future__ import annotations

import gzip
from pathlib import Path

import geopandas as gpd
import networkx as nx
import osmium
import shapely

import written_town as w
from broken.corpus import Changes, broken, cut, readable
from livingcircle.model.study import Study

_BOMB = '<!DOCTYPE osm [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>'


def _osm(folder: Path, before: str, after: str, count: int = 1) -> None:
    path = folder / "streets.osm"
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after, count), encoding="utf-8")


def _network(path: str, kind: str = "osm_file") -> Changes:
    return {"network": {"kind": kind, "path": path}}


def streets_here(study: Study) -> None:
    assert study.network.streets.metres.sum() > 100


@broken("network", "unreadable_file")
def osm_cut(folder: Path) -> None:
    cut(folder / "streets.osm")


@broken("network", "unreadable_file")
def osm_cut_between_its_elements(folder: Path) -> None:
    _osm(folder, "</osm>", "")


@broken("network", "unreadable_file")
def osm_that_is_empty(folder: Path) -> None:
    (folder / "streets.osm").write_bytes(b"")


@broken("network", "no_network")
def osm_without_streets(folder: Path) -> None:
    (folder / "streets.osm").write_text("<osm version='0.6'></osm>", encoding="utf-8")


@broken("network", "unreadable_file")
def osm_that_is_a_web_page(folder: Path) -> None:
    (folder / "streets.osm").write_text("<html><body>429 Too Many Requests</body></html>", encoding="utf-8")


@broken("network", "unreadable_file")
def osm_that_is_json(folder: Path) -> None:
    (folder / "streets.osm").write_text('{"version": 0.6, "elements": []}', encoding="utf-8")


@broken("network", "xml_entities")
def osm_with_a_bomb(folder: Path) -> None:
    _osm(folder, "<osm ", f"{_BOMB}<osm ")


@broken("network", "unreadable_file")
def osm_of_numbers_that_are_none(folder: Path) -> None:
    _osm(folder, "lat='31", "lat='north")


@readable("network", "broken_ways", reads=streets_here)
def osm_with_a_node_beyond_the_poles(folder: Path) -> None:
    _osm(folder, "<node id='3' lat='31", "<node id='3' lat='91")


@readable("network", "broken_ways", reads=streets_here)
def osm_without_some_of_its_nodes(folder: Path) -> None:
    _osm(folder, "<nd ref='3'/>", "<nd ref='999'/>")


@broken("network", "unreadable_file")
def osm_with_a_way_twice(folder: Path) -> None:
    text = (folder / "streets.osm").read_text(encoding="utf-8")
    way = text[text.index("<way") : text.index("</way>") + 6]
    _osm(folder, "</osm>", f"{way}\n</osm>")


@broken("network", "no_network")
def osm_of_nothing_to_walk_on(folder: Path) -> None:
    _osm(folder, "residential", "motorway")


def _pbf(folder: Path) -> Path:
    path = folder / "streets.osm.pbf"
    with osmium.SimpleWriter(str(path)) as writer:
        for item in osmium.FileProcessor(str(folder / "streets.osm")):
            writer.add(item)
    return path


@readable("network")
def pbf(folder: Path) -> Changes:
    return _network(_pbf(folder).name)


@broken("network", "unreadable_file")
def pbf_cut(folder: Path) -> Changes:
    cut(_pbf(folder), 0.7)
    return _network("streets.osm.pbf")


@broken("network", "unreadable_file")
def pbf_without_its_last_byte(folder: Path) -> Changes:
    path = _pbf(folder)
    path.write_bytes(path.read_bytes()[:-1])
    return _network(path.name)


@broken("network", "unreadable_file")
def pbf_of_other_bytes_in_the_middle(folder: Path) -> Changes:
    path = _pbf(folder)
    content = bytearray(path.read_bytes())
    content[-60:-20] = bytes(40)
    path.write_bytes(bytes(content))
    return _network(path.name)


@broken("network", "unreadable_file")
def pbf_that_is_xml(folder: Path) -> Changes:
    (folder / "streets.osm").rename(folder / "streets.osm.pbf")
    return _network("streets.osm.pbf")


@broken("network", "unreadable_file")
def pbf_that_is_empty(folder: Path) -> Changes:
    (folder / "streets.osm.pbf").write_bytes(b"")
    return _network("streets.osm.pbf")


@broken("network", "unreadable_file")
def pbf_that_states_a_block_of_two_gibibytes(folder: Path) -> Changes:
    path = _pbf(folder)
    path.write_bytes(b"\x7f\xff\xff\xff" + path.read_bytes()[4:])
    return _network(path.name)


@broken("network", "unknown_format")
def streets_of_another_format(folder: Path) -> Changes:
    (folder / "streets.gz").write_bytes(gzip.compress((folder / "streets.osm").read_bytes()))
    return _network("streets.gz")


# ── Graphs ──────────────────────────────────────────────────────────────────


def _graph(folder: Path, **attributes: str) -> Path:
    graph = nx.MultiDiGraph(**{"crs": "epsg:4326", "simplified": "False", **attributes})
    for number in range(16):
        lon, lat = w.lonlat(100 * number)
        graph.add_node(number, x=str(lon), y=str(lat))
    for number in range(15):
        graph.add_edge(number, number + 1, osmid="1", highway="residential", length="100.0", oneway="False")
    path = folder / "streets.graphml"
    nx.write_graphml(graph, path)
    return path


def _changed(path: Path, before: str, after: str) -> Changes:
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after), encoding="utf-8")
    return _network(path.name, "graphml")


@readable("network")
def graph(folder: Path) -> Changes:
    return _network(_graph(folder).name, "graphml")


@broken("network", "unreadable_file")
def graph_cut(folder: Path) -> Changes:
    cut(_graph(folder))
    return _network("streets.graphml", "graphml")


@broken("network", "unreadable_file")
def graph_that_is_empty(folder: Path) -> Changes:
    (folder / "streets.graphml").write_bytes(b"")
    return _network("streets.graphml", "graphml")


@broken("network", "xml_entities")
def graph_with_a_bomb(folder: Path) -> Changes:
    return _changed(_graph(folder), "<graphml", f"{_BOMB}<graphml")


@broken("network", "unreadable_file")
def graph_of_an_unknown_system(folder: Path) -> Changes:
    return _network(_graph(folder, crs="epsg:999999").name, "graphml")


@broken("network", "unreadable_file")
def graph_of_another_program(folder: Path) -> Changes:
    nx.write_graphml(nx.path_graph(5), folder / "streets.graphml")
    return _network("streets.graphml", "graphml")


@broken("network", "unreadable_file")
def graph_with_words_as_coordinates(folder: Path) -> Changes:
    return _changed(_graph(folder), f">{w.lonlat(300)[0]}<", ">east<")


@readable("network", "broken_ways", reads=streets_here)
def graph_with_coordinates_that_are_no_number(folder: Path) -> Changes:
    return _changed(_graph(folder), f">{w.lonlat(300)[0]}<", ">nan<")


# ── Layers of lines ─────────────────────────────────────────────────────────


def _lines(folder: Path, *more: shapely.Geometry | None, crs: str = "EPSG:4326") -> Changes:
    lines = [shapely.LineString([w.lonlat(100 * number) for number in range(16)]), *more]
    frame = gpd.GeoDataFrame({"highway": "residential"}, index=range(len(lines)), geometry=lines, crs=crs)
    frame.to_file(folder / "streets.gpkg")
    return _network("streets.gpkg", "street_layer")


@broken("network", ("wrong_geometry", 2))
def street_layer_with_a_point(folder: Path) -> Changes:
    return _lines(folder, shapely.Point(121, 31.98))


@broken("network", ("empty_geometry", 2), ("empty_geometry", 3))
def street_layer_with_streets_nowhere(folder: Path) -> Changes:
    return _lines(folder, None, shapely.LineString())


@broken("network", ("metres_as_degrees", 2))
def street_layer_of_two_systems(folder: Path) -> Changes:
    return _lines(folder, shapely.LineString([(668_000, 3_548_000), (668_100, 3_548_000)]))


@broken("network", ("zero_coordinate", 2))
def street_layer_with_a_street_at_zero(folder: Path) -> Changes:
    return _lines(folder, shapely.LineString([(-1e-3, 0), (1e-3, 0)]))
