"""Routes of NetworkX on the `walk` graph of OSMnx: `python -m benchmarks.peers.osmnx_routes EXTRACT pairs.npz answers.npz`.

OSMnx filters ways when it downloads. Here the same filter, taken from OSMnx, is put on the ways of the extract, and the XML that is left is
read by `graph_from_xml`.
"""

from __future__ import annotations

import itertools
import re
import sys
import tempfile
from pathlib import Path

import networkx as nx
import numpy as np
import osmium
import osmnx
from osmnx import _overpass
from scipy.spatial import cKDTree

METRES_PER_DEGREE = 111_195


def walked(extract, folder):
    """Keep the ways OSMnx would download, as XML."""
    asked = _overpass._get_network_filter("walk")  # noqa: SLF001 - there is no other door to it
    barred = [(key, re.compile(values)) for key, values in re.findall(r'\["([^"]+)"!~"([^"]+)"\]', asked)]
    assert barred
    assert asked.startswith('["highway"]')
    path = folder / "walk.osm"
    processor = osmium.FileProcessor(extract).with_locations()
    processor.with_filter(osmium.filter.EntityFilter(osmium.osm.WAY))
    processor.with_filter(osmium.filter.KeyFilter("highway"))
    with osmium.BackReferenceWriter(path, ref_src=extract) as writer:
        for way in processor:
            here = [node.ref for node in way.nodes if node.location.valid()]  # a clipped way lacks the others
            if len(here) > 1 and not any(values.search(way.tags.get(key, "")) for key, values in barred):
                writer.add(way.replace(nodes=here))
    return osmnx.graph_from_xml(path, bidirectional=True, simplify=False, retain_all=False)


def main(extract, pairs, answers):
    """Walk all pairs, from and to the nearest node."""
    with tempfile.TemporaryDirectory() as folder:
        graph = walked(extract, Path(folder))
    nodes = list(graph.nodes)
    lon, lat = np.array([(graph.nodes[node]["x"], graph.nodes[node]["y"]) for node in nodes]).T
    flat = np.array([np.cos(np.radians(lat.mean())), 1]) * METRES_PER_DEGREE
    tree = cKDTree(np.stack([lon, lat], axis=1) * flat)
    metres, moved, ways = [], [], []
    with np.load(pairs) as given:
        ends = list(zip(given["start"], given["end"], strict=True))
    for number, pair in enumerate(ends):
        apart, nearest = tree.query(np.stack(pair) * flat)
        moved.append(apart)
        try:
            length, path = nx.bidirectional_dijkstra(graph, *(nodes[place] for place in nearest), weight="length")
        except nx.NetworkXNoPath:
            metres.append(np.nan)
            continue
        metres.append(length)
        for leaving, reaching in itertools.pairwise(path):
            edge = min(graph[leaving][reaching].values(), key=lambda data: data["length"])
            ways.append((number, edge["osmid"], edge["length"]))
    pair, way, way_metres = zip(*ways, strict=True)
    np.savez(answers, metres=metres, moved=moved, pair=pair, way=way, way_metres=way_metres)


if __name__ == "__main__":
    main(*sys.argv[1:])
