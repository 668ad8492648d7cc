"""Isochrones beside other ways to draw them: `python -m benchmarks.isochrones [--json] [--write]`.

From 100 junctions of a city, the areas within 5, 10 and 15 minutes. Figures are processor milliseconds per polygon of one process, best
of five turns; those of ours and of Valhalla include the search, those of the others only the drawing, but for OSMnx, whose recipe takes
its graph apart anew for every limit. Slow ones are given fewer origins.

Against the streets reached, cut exactly where the limit is: *recall* is their length inside the polygon; *leak* is street inside that is
not reached, by their length; *area* is by that of all land within 25 m of them. Means of the polygons of 15 minutes (and of 5) of the
first 10 origins.

Valhalla runs under LIVING_CIRCLE_VALHALLA_PYTHON (its wheel needs Python 3.12). Extracts come from LIVING_CIRCLE_DATA or ../shared/data.
`--write` puts the tables into docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import shapely
import shapely.ops
from numpy.typing import NDArray
from pyproj import Transformer

from benchmarks.cities import EXTRACTS, MINIMUM_ISLAND_METRES
from benchmarks.run import DATA, REPORT, ROOT, machine
from livingcircle.kernel.graph import build_network, limit_ticks
from livingcircle.kernel.impedance import Impedance, impedance
from livingcircle.kernel.isochrone import (
    CELL_METRES,
    OFF_STREET_METRES,
    catchment_stretches,
    catchments,
    street_cells,
)
from livingcircle.kernel.street_cells import lay_out
from livingcircle.kernel.stretches import Pieces, reached_pieces
from livingcircle.model.network import Anchors, WalkNetwork
from livingcircle.sources.streets import streets_from_osm

ORIGINS, FEWER, JUDGED = 100, 10, 10
TURNS = 5
MINUTES, JUDGED_MINUTES = (5, 10, 15), (5, 15)
SPEED = 1.25
BUFFER_METRES = 25.0
EDGE_BUFFER_METRES, NODE_BUFFER_METRES = 25.0, 50.0
"""As in the example of OSMnx."""
VALHALLA = os.environ.get("LIVING_CIRCLE_VALHALLA_PYTHON") or sys.executable
OURS = "Living Circle"

Shapes = NDArray[np.object_]


class Drawing(NamedTuple):
    """What one way of drawing took, and what it drew: (origins, limits)."""

    name: str
    milliseconds: float
    areas: Shapes


class City(NamedTuple):
    """A network, the junctions to draw around, and the exact pieces reached from each: by origin, then by limit.

    `land` is the area within 25 m of them, for the origins that are judged.
    """

    name: str
    extract: Path
    network: WalkNetwork
    walk: Impedance
    origins: NDArray[np.intp]
    reached: list[list[Shapes]]
    land: list[dict[int, float]]


def city_of(name: str) -> City:
    """Read a city and cut the streets reached from its origins."""
    extract = DATA / EXTRACTS[name]
    network, _ = build_network(streets_from_osm(extract, None).value, MINIMUM_ISLAND_METRES)
    streets, walk = network.streets, impedance(network, SPEED)
    open_ = streets.at_ground & streets.forward & streets.backward & streets.drawn
    origins = np.random.default_rng(5).choice(np.unique(streets.start[open_]), ORIGINS, replace=False)
    stretches = catchment_stretches(network, walk, joints(network, origins), limit_ticks(60 * MINUTES[-1]))
    pieces = [cut(network, reached_pieces(stretches, limit_ticks(60 * minutes))) for minutes in MINUTES]
    reached = [[shapes[origin] for shapes in pieces] for origin in range(ORIGINS)]
    land = [
        {minutes: buffered(reached[origin][MINUTES.index(minutes)]).area for minutes in JUDGED_MINUTES}
        for origin in range(JUDGED)
    ]
    return City(name, extract, network, walk, origins, reached, land)


def joints(network: WalkNetwork, nodes: NDArray[np.intp]) -> Anchors:
    """Join places that stand on junctions to a street that begins there."""
    edge = np.searchsorted(network.streets.start, nodes).astype(np.int32)  # streets are sorted by where they begin
    none = np.zeros(len(nodes))
    return Anchors(np.arange(len(nodes), dtype=np.int32), edge, none, none.copy(), none.copy(), 1.0)


def cut(network: WalkNetwork, pieces: Pieces) -> list[Shapes]:
    """Return the pieces of each origin as lines, every street once."""
    streets = network.streets
    kept = streets.drawn[pieces.edge] & (pieces.finish > pieces.begin)
    lines = streets.lines[pieces.edge].copy()
    for index in np.flatnonzero(kept & ((pieces.begin > 0) | (pieces.finish < 1))):
        lines[index] = shapely.ops.substring(lines[index], pieces.begin[index], pieces.finish[index], normalized=True)
    return [lines[kept & (pieces.origin == origin)] for origin in range(ORIGINS)]


def ours(city: City) -> Drawing:
    """Search and draw; the streets are laid out on their cells once for a network, which is told apart."""
    cells, places = street_cells(city.network), joints(city.network, city.origins)
    limits = tuple(60.0 * minutes for minutes in MINUTES)

    def draw() -> Shapes:
        return catchments(city.network, city.walk, places, limits, cells=cells).geometry

    return Drawing(OURS, timed(draw), draw().reshape(ORIGINS, len(MINUTES)))


def by_pieces(city: City, name: str, count: int, draw: Callable[[Shapes], Any]) -> Drawing:
    """Draw the reached pieces of `count` origins in some way."""
    pieces = [pieces for limits in city.reached[:count] for pieces in limits]
    areas = np.array([draw(lines) for lines in pieces], object).reshape(count, len(MINUTES))
    return Drawing(name, timed(lambda: [draw(lines) for lines in pieces], len(pieces)), areas)


def buffered(lines: Shapes) -> Any:
    """Unite a buffer around every piece."""
    return shapely.union_all(shapely.buffer(lines, BUFFER_METRES))


def concave(ratio: float) -> Callable[[Shapes], Any]:
    """Return a way to draw the concave hull of the corners of pieces."""
    return lambda lines: shapely.concave_hull(shapely.multipoints(shapely.get_coordinates(lines)), ratio=ratio)


def osmnx_graph(city: City) -> Any:
    """Return the streets as a graph of OSMnx: nodes with `x` and `y`, and an edge either way with its `time` and its line."""
    import networkx as nx

    streets = city.network.streets
    graph = nx.MultiDiGraph()
    graph.add_nodes_from((node, {"x": x, "y": y}) for node, (x, y) in enumerate(streets.node_xy.tolist()))
    for street in np.flatnonzero(streets.drawn).tolist():
        ends = int(streets.start[street]), int(streets.end[street])
        for tail, head in (ends, ends[::-1]):
            graph.add_edge(tail, head, time=streets.metres[street] / SPEED, geometry=streets.lines[street])
    return graph


def published(graph: Any, origin: int, seconds: float) -> Any:
    """Do step by step as the example of OSMnx: nodes in a frame, each edge's ends looked up in it, one line for each pair of nodes."""
    import geopandas as gpd
    import networkx as nx

    near = nx.ego_graph(graph, origin, radius=seconds, distance="time")
    points = [shapely.Point(place["x"], place["y"]) for _, place in near.nodes(data=True)]
    nodes = gpd.GeoDataFrame({"id": list(near.nodes)}, geometry=points).set_index("id")
    lines = []
    for tail, head in near.edges():
        straight = shapely.LineString([nodes.loc[tail].geometry, nodes.loc[head].geometry])
        lines.append(graph.get_edge_data(tail, head)[0].get("geometry", straight))
    buffers = [*nodes.buffer(NODE_BUFFER_METRES).geometry, *gpd.GeoSeries(lines).buffer(EDGE_BUFFER_METRES).geometry]
    return gpd.GeoSeries(buffers).union_all()


def in_arrays(graph: Any, origin: int, seconds: float) -> Any:
    """Do the same without frames: all nodes and all edges buffered at once."""
    import networkx as nx

    near = nx.ego_graph(graph, origin, radius=seconds, distance="time")
    points = shapely.points([(place["x"], place["y"]) for _, place in near.nodes(data=True)])
    lines = [graph.get_edge_data(tail, head)[0]["geometry"] for tail, head in near.edges()]
    return shapely.union_all([*shapely.buffer(points, NODE_BUFFER_METRES), *shapely.buffer(lines, EDGE_BUFFER_METRES)])


def osmnx_recipe(city: City, graph: Any, name: str, draw: Callable[[Any, int, float], Any]) -> Drawing:
    """Draw a subgraph around the origin for every limit: the union of all its buffered nodes and edges."""
    asked = [(int(origin), 60.0 * minutes) for origin in city.origins[:FEWER] for minutes in MINUTES]
    areas = np.array([draw(graph, *question) for question in asked], object).reshape(FEWER, len(MINUTES))
    return Drawing(name, timed(lambda: [draw(graph, *question) for question in asked], len(asked)), areas)


def valhalla(city: City) -> Drawing:
    """Ask Valhalla, in a Python of its own; what fails says why."""
    flat = Transformer.from_crs(city.network.streets.crs, 4326, always_xy=True)
    lonlat = np.column_stack(flat.transform(*city.network.streets.node_xy[city.origins].T))
    question = {"origins": lonlat.tolist(), "minutes": MINUTES, "turns": TURNS, "kilometres_per_hour": 3.6 * SPEED}
    with tempfile.TemporaryDirectory() as folder:
        asked, answered = Path(folder, "question.json"), Path(folder, "answer.json")
        asked.write_text(json.dumps(question), encoding="utf-8")
        command = [VALHALLA, "-m", "benchmarks.peers.valhalla_isochrones", city.extract, asked, answered]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603 - ours
        if done.returncode:
            return Drawing(
                f"Valhalla: left out, {(done.stderr.strip() or '?').splitlines()[-1]}", np.nan, np.empty(0, object)
            )
        answer = json.loads(answered.read_text(encoding="utf-8"))
    shapes = shapely.from_geojson([json.dumps(area) for limits in answer["areas"] for area in limits])
    areas = shapely.transform(
        shapes, lambda x, y: flat.transform(x, y, direction="INVERSE"), interleaved=False
    ).reshape(ORIGINS, len(MINUTES))
    return Drawing("Valhalla", 1000 * answer["seconds"] / areas.size, areas)


def timed(draw: Callable[[], Sequence[Any] | Shapes], count: int = ORIGINS * len(MINUTES)) -> float:
    """Return the best of several turns in processor milliseconds per polygon: on a shared machine the least disturbed."""
    turns = []
    for _ in range(TURNS):
        started = time.process_time()
        draw()
        turns.append(time.process_time() - started)
    return 1000 * min(turns) / count


def judged(city: City, drawing: Drawing) -> dict[str, Any]:
    """Hold a drawing against the streets."""
    streets = city.network.streets
    lines = streets.lines[streets.drawn]
    tree = shapely.STRtree(lines)
    figures: dict[str, Any] = {"name": drawing.name, "milliseconds": drawing.milliseconds}
    for minutes in JUDGED_MINUTES:
        found = []
        for origin, areas in enumerate(drawing.areas[:JUDGED]):
            drawn = areas[MINUTES.index(minutes)]
            area, reached = shapely.make_valid(drawn), city.reached[origin][MINUTES.index(minutes)]
            length = shapely.length(reached).sum()
            mine = _inside(area, reached)
            leak = _inside(area, lines[tree.query(area)]) - mine
            vertices = shapely.get_num_coordinates(drawn)
            found.append((mine / length, leak / length, shapely.area(area) / city.land[origin][minutes], vertices))
        if found:
            names = ("recall", "leak", "area", "vertices")
            figures[str(minutes)] = dict(zip(names, np.mean(found, axis=0).tolist(), strict=True))
    return figures


def _inside(area: Any, lines: Shapes) -> float:
    """Return the length of lines inside an area; of a line that runs over itself, every time it does."""
    shapely.prepare(area)
    length = shapely.length(lines)
    whole, touched = shapely.contains_properly(area, lines), shapely.intersects(area, lines)
    cut = touched & ~whole
    return float(length[touched].sum() - shapely.length(shapely.difference(lines[cut], area)).sum())


def measured(name: str) -> dict[str, Any]:
    """Draw a city in every way."""
    city = city_of(name)
    graph = osmnx_graph(city)
    drawings = [
        ours(city),
        valhalla(city),
        by_pieces(city, "convex hull", ORIGINS, lambda lines: shapely.convex_hull(shapely.multilinestrings(lines))),
        by_pieces(city, "concave hull 0.1", ORIGINS, concave(0.1)),
        by_pieces(city, "concave hull 0.3", ORIGINS, concave(0.3)),
        by_pieces(city, "buffer and union, 25 m", FEWER, buffered),
        osmnx_recipe(city, graph, "OSMnx recipe, as published", published),
        osmnx_recipe(city, graph, "OSMnx recipe, in arrays", in_arrays),
    ]
    started = time.process_time()
    lay_out(city.network, CELL_METRES, OFF_STREET_METRES)
    laid_out = time.process_time() - started
    return {"city": name, "laid_out_seconds": laid_out, "drawings": [judged(city, drawing) for drawing in drawings]}


def table(figures: dict[str, Any]) -> str:
    """Lay the measurements of a city out as Markdown."""
    own = figures["drawings"][0]["milliseconds"]
    lines = [
        f"**{figures['city'].title()}**; laying the streets out on their cells, once: {figures['laid_out_seconds']:.2f} s.",
        "",
        "| | ms per polygon | × ours | recall | leak | area | vertices | recall, 5 min | leak, 5 min |",
        "|---|" + "---:|" * 8,
    ]
    for row in figures["drawings"]:
        if "15" not in row:
            lines.append(f"| {row['name']} |" + " |" * 8)
            continue
        late, early = row["15"], row["5"]
        lines.append(
            f"| {row['name']} | {row['milliseconds']:.2f} | {row['milliseconds'] / own:.1f} | {late['recall']:.4f} "
            f"| {late['leak']:.3f} | {late['area']:.2f} | {late['vertices']:,.0f} | {early['recall']:.4f} | {early['leak']:.3f} |"
        )
    return "\n".join(lines)


def write(tables: str) -> None:
    """Put the tables between their marks in docs/benchmarks.md."""
    text = REPORT.read_text(encoding="utf-8")
    block = f"<!-- isochrones -->\nMeasured {machine()}.\n\n{tables}\n<!-- /isochrones -->"
    found = re.sub(r"<!-- isochrones -->.*<!-- /isochrones -->", lambda _: block, text, flags=re.DOTALL)
    REPORT.write_text(found, encoding="utf-8")


def main() -> None:
    """Measure, print, and write if asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print the measurements as JSON")
    parser.add_argument("--write", action="store_true", help="put the tables into docs/benchmarks.md")
    asked = parser.parse_args()
    cities = [measured(name) for name in EXTRACTS if (DATA / EXTRACTS[name]).is_file()]
    tables = "\n\n".join(map(table, cities))
    print(json.dumps({"machine": machine(), "cities": cities}, indent=1) if asked.json else tables)
    if asked.write:
        write(tables)


if __name__ == "__main__":
    main()
