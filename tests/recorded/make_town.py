"""A town of eighteen nodes on a grid of a thousandth of a degree, as an extract and as the servers of OpenStreetMap would answer.

    python tests/recorded/make_town.py     writes town.osm, nominatim.json and overpass_*.json beside this file

The town is invented; so are its numbers. A test checks that the files are what this script writes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from xml.sax.saxutils import quoteattr

WEST, SOUTH, STEP = 118.8, 32.0, 0.001

NODES = {
    1: (0, 0), 2: (1, 0), 3: (2, 0), 4: (3, 0), 5: (4, 0),
    6: (1, 1), 7: (1, 2), 8: (3, -1), 9: (3, 1), 10: (4, 1),
    11: (2, -1), 12: (0, -1), 13: (2, 2), 14: (2, 3), 15: (1, 3),
    16: (3, 2), 17: (0, 2), 18: (5, 0),
}  # fmt: skip
"""Column and row of each node."""

WAYS: dict[int, tuple[list[int], dict[str, str]]] = {
    10: ([1, 2, 3, 4, 5], {"highway": "residential", "oneway": "yes"}),
    11: ([2, 6, 7], {"highway": "footway"}),
    12: ([8, 9], {"highway": "footway", "bridge": "yes", "layer": "1"}),  # passes right over node 4
    13: ([6, 9], {"highway": "footway"}),
    14: ([5, 10], {"highway": "steps", "oneway:foot": "yes"}),
    15: ([10, 9], {"highway": "path", "oneway:foot": "-1"}),
    16: ([3, 11], {"highway": "service", "access": "private"}),
    17: ([1, 12], {"highway": "service", "access": "private", "foot": "yes"}),
    18: ([5, 18], {"highway": "motorway"}),
    19: ([7, 17], {"highway": "path", "foot": "no"}),
    20: ([7, 13, 14, 15, 7], {"highway": "pedestrian", "area": "yes"}),
    21: ([13, 16], {"railway": "platform"}),
    22: ([1, 2, 12, 1], {"building": "yes"}),
}
"""Nodes and tags of each way."""


def lon_lat(node: int) -> tuple[float, float]:
    """Return where a node is, in degrees."""
    column, row = NODES[node]
    return round(WEST + column * STEP, 7), round(SOUTH + row * STEP, 7)


def extract() -> str:
    """Return the town as OSM XML."""
    lines = ["<?xml version='1.0' encoding='UTF-8'?>", '<osm version="0.6" generator="make_town.py">']
    for node in NODES:
        lon, lat = lon_lat(node)
        lines.append(f'  <node id="{node}" version="1" lat="{lat}" lon="{lon}"/>')
    for way, (nodes, tags) in WAYS.items():
        lines.append(f'  <way id="{way}" version="1">')
        lines += [f'    <nd ref="{node}"/>' for node in nodes]
        lines += [f"    <tag k={quoteattr(key)} v={quoteattr(value)}/>" for key, value in tags.items()]
        lines.append("  </way>")
    return "\n".join([*lines, "</osm>", ""])


def overpass_answer(tag: Mapping[str, str | None]) -> str:
    """Return what Overpass answers when asked for the ways with a tag (any value where None), and for their nodes."""
    key, value = next(iter(tag.items()))
    ways = {way: row for way, row in WAYS.items() if key in row[1] and value in {None, row[1][key]}}
    used = {node for nodes, _ in ways.values() for node in nodes}
    elements: list[dict[str, object]] = []
    for node in sorted(used):
        lon, lat = lon_lat(node)
        elements.append({"type": "node", "id": node, "lat": lat, "lon": lon})
    elements += [{"type": "way", "id": way, "nodes": nodes, "tags": tags} for way, (nodes, tags) in ways.items()]
    about = {"timestamp_osm_base": "2026-01-01T00:00:00Z", "copyright": "invented"}
    return json.dumps({"version": 0.6, "generator": "make_town.py", "osm3s": about, "elements": elements}, indent=1)


def nominatim_answer() -> str:
    """Return what Nominatim answers when asked for the town: one place with a boundary around the middle of it."""
    west, south, east, north = WEST, SOUTH, WEST + 4 * STEP, SOUTH + 3 * STEP
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    place = {
        "place_id": 1,
        "licence": "invented",
        "osm_type": "relation",
        "osm_id": 1,
        "boundingbox": [str(south), str(north), str(west), str(east)],
        "lat": str((south + north) / 2),
        "lon": str((west + east) / 2),
        "class": "boundary",
        "type": "administrative",
        "place_rank": 16,
        "importance": 0.5,
        "addresstype": "suburb",
        "name": "Gulou",
        "display_name": "Gulou, Nanjing, China",
        "geojson": {"type": "Polygon", "coordinates": [ring]},
    }
    return json.dumps([place], indent=1)


def files() -> dict[str, str]:
    """Return every recorded file by name."""
    return {
        "town.osm": extract(),
        "nominatim.json": nominatim_answer(),
        "overpass_highway.json": overpass_answer({"highway": None}),
        "overpass_railway.json": overpass_answer({"railway": "platform"}),
        "overpass_public_transport.json": overpass_answer({"public_transport": "platform"}),
    }


if __name__ == "__main__":
    for name, content in files().items():
        (Path(__file__).parent / name).write_text(content, encoding="utf-8")
