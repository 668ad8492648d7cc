"""Files for readers to read, written as other programs write them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import osmium
import pytest
from osmium.osm.mutable import Node, Relation, Way

ROOT = Path(__file__).resolve().parents[2]

Ring = Sequence[tuple[float, float]]
OsmWriter = Callable[..., Path]


@pytest.fixture
def write_osm(tmp_path: Path) -> OsmWriter:
    """Write an OSM file: tagged points, areas (closed ways of their corners), lines, and relations of way ids with roles."""

    def write(
        name: str = "town.osm.pbf",
        *,
        points: Mapping[int, tuple[tuple[float, float], Mapping[str, str]]] | None = None,
        areas: Mapping[int, tuple[Ring, Mapping[str, str]]] | None = None,
        lines: Mapping[int, tuple[Ring, Mapping[str, str]]] | None = None,
        relations: Mapping[int, tuple[Sequence[tuple[int, str]], Mapping[str, str]]] | None = None,
        absent_nodes: Sequence[int] = (),
    ) -> Path:
        path = tmp_path / name
        nodes, ways = dict(points or {}), {}
        number = 1_000_000
        for shapes, closed in ((areas or {}, True), (lines or {}, False)):
            for way, (corners, tags) in shapes.items():
                refs = []
                for corner in corners:
                    number += 1
                    nodes[number] = (corner, {})
                    refs.append(number)
                ways[way] = (refs + refs[:1] if closed else refs, tags)
        with osmium.SimpleWriter(str(path)) as writer:
            for key in sorted(nodes):
                if key not in absent_nodes:
                    location, tags = nodes[key]
                    writer.add_node(Node(id=key, location=location, tags=dict(tags), version=1))
            for key in sorted(ways):
                refs, tags = ways[key]
                writer.add_way(Way(id=key, nodes=refs, tags=dict(tags), version=1))
            for key, (members, tags) in sorted((relations or {}).items()):
                listed = [("w", way, role) for way, role in members]
                writer.add_relation(Relation(id=key, members=listed, tags={"type": "multipolygon", **tags}, version=1))
        return path

    return write


@pytest.fixture(scope="session")
def helsinki_pbf(request: pytest.FixtureRequest) -> Path:
    """The sample extract of central Helsinki, or the same among the whole-city extracts."""
    committed = ROOT / "data" / "helsinki" / "helsinki.osm.pbf"
    if committed.is_file():
        return committed
    return request.getfixturevalue("shared_data") / "helsinki" / "Helsinki.osm.pbf"
