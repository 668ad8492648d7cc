"""A town drawn on a grid of a hundred metres, written as OSM XML: for tests of what nodes, squares and relations mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import quoteattr

import numpy as np

from livingcircle.model.network import StreetEdges
from livingcircle.sources.projection import projected
from livingcircle.sources.reading import Reading
from livingcircle.sources.streets import streets_from_osm

WEST, SOUTH = 117.0, 0.0
"""On the equator and the central meridian of zone 50: the grid is square, and a cell 100 m on the ground."""
CELL_LON, CELL_LAT = 100 / 111_319.490793, 100 / 110_574.275822

Tags = Mapping[str, str]


def lon_lat(column: float, row: float) -> tuple[float, float]:
    """Return where a cell is, in degrees."""
    return WEST + column * CELL_LON, SOUTH + row * CELL_LAT


def streets_of(
    path: Path,
    nodes: Mapping[int, tuple[float, float]],
    ways: Mapping[int, tuple[Sequence[int], Tags]],
    *,
    node_tags: Mapping[int, Tags] | None = None,
    relations: Mapping[int, tuple[Mapping[int, str], Tags]] | None = None,
    bounds: tuple[float, float, float, float] | None = None,
) -> Reading[StreetEdges]:
    """Write nodes (column, row), ways and multipolygons (role by way), with bounds in cells, and read their streets."""
    lines = ["<?xml version='1.0'?>", '<osm version="0.6">']
    if bounds is not None:
        west, south, east, north = *lon_lat(*bounds[:2]), *lon_lat(*bounds[2:])
        lines.append(f'<bounds minlon="{west:.7f}" minlat="{south:.7f}" maxlon="{east:.7f}" maxlat="{north:.7f}"/>')
    for node, cell in nodes.items():
        lon, lat = lon_lat(*cell)
        lines.append(f'<node id="{node}" version="1" lon="{lon:.7f}" lat="{lat:.7f}">')
        lines += [*_tags((node_tags or {}).get(node, {})), "</node>"]
    for way, (references, tags) in ways.items():
        lines.append(f'<way id="{way}" version="1">')
        lines += [*(f'<nd ref="{node}"/>' for node in references), *_tags(tags), "</way>"]
    for relation, (members, tags) in (relations or {}).items():
        lines.append(f'<relation id="{relation}" version="1">')
        lines += [f'<member type="way" ref="{way}" role="{role}"/>' for way, role in members.items()]
        lines += [*_tags({"type": "multipolygon", **tags}), "</relation>"]
    path.write_text("\n".join([*lines, "</osm>"]), encoding="utf-8")
    return streets_from_osm(path, None)


def junction(streets: StreetEdges, cell: tuple[float, float]) -> list[int]:
    """Return the numbers of the junctions at a cell."""
    lon, lat = lon_lat(*cell)
    at = projected(np.array([lon]), np.array([lat]), streets.crs)
    return np.flatnonzero(np.hypot(*(streets.node_xy - at).T) < 0.1).tolist()


def links(streets: StreetEdges) -> set[tuple[int, int]]:
    """Return the pairs of junctions that a street joins."""
    return {tuple(sorted(pair)) for pair in zip(streets.start.tolist(), streets.end.tolist(), strict=True)}


def _tags(tags: Tags) -> list[str]:
    return [f"<tag k={quoteattr(key)} v={quoteattr(value)}/>" for key, value in tags.items()]
