"""Walks on the plan's streets, to put the health centre where the estate with the wrong gate just misses it."""

from __future__ import annotations

import math
from collections.abc import Sequence

import networkx as nx
import numpy as np
import shapely

from ground import Compound, Ground, Point, on_the_map
from people import Home
from services import estate_of, new_gate

TOO_FAR_METRES = 1525.0
"""1,125 m are 15 minutes at 1.25 m/s; residents of the estate walk 400 m more on average."""


class Walks:
    """Distances from places beside the streets to others."""

    def __init__(self, graph: nx.Graph) -> None:
        self.graph = graph.copy()
        self._edges = list(graph.edges)
        self._tree = shapely.STRtree(
            [shapely.LineString([on_the_map(*one), on_the_map(*other)]) for one, other in self._edges]
        )

    def join(self, place: Point) -> Point:
        """Add a place, joined to the nearest street at right angles."""
        at = shapely.Point(on_the_map(*place))
        nearest = int(self._tree.nearest(at))
        line = self._tree.geometries[nearest]
        along, across = line.project(at), line.distance(at)
        for end, metres in zip(self._edges[nearest], (along, line.length - along), strict=True):
            self.graph.add_edge(("place", place), end, metres=metres + across)
        return ("place", place)  # type: ignore[return-value]

    def to(self, target: Point, starts: Sequence[Point]) -> np.ndarray:
        """Return the metres from each start, all of them joined before."""
        found = nx.single_source_dijkstra_path_length(self.graph, target, weight="metres")
        return np.array([found[start] for start in starts])


def _inside(compound: Compound) -> shapely.Polygon:
    return shapely.box(*compound.wall)


def without_strangers(ground: Ground, own: Compound) -> nx.Graph:
    """Return the streets without the lanes of all compounds but one: nobody walks through them."""
    graph = ground.streets.graph()
    others = shapely.STRtree(
        [_inside(one).buffer(-3) for one in ground.compounds if one is not own and not one.through]
    )
    lanes = [
        (one, other) for one, other in graph.edges if len(others.query(shapely.LineString([one, other]), "intersects"))
    ]
    graph.remove_edges_from(lanes)
    return graph


def estate_walks(ground: Ground, homes: Sequence[Home], target: Point, *, with_new_gate: bool) -> np.ndarray:
    """Return the metres from each house of the estate to a place outside, through its gate, or also through a new one."""
    estate = estate_of(ground)
    graph = without_strangers(ground, estate)
    if with_new_gate:
        gate, street = new_gate(estate)
        lane = (gate[0], round(estate.wall[1] + 30, 2))
        walks = Walks(graph)
        joined = [walks.join(place) for place in (lane, street)]
        graph = walks.graph
        graph.add_edge(*joined, metres=math.dist(on_the_map(*lane), on_the_map(*street)))
    walks = Walks(graph.subgraph(node for node in graph if not isinstance(node[0], str)))
    walks.graph = graph.copy()
    mine = [home for home in homes if home.compound is estate]
    starts = [walks.join(_middle(home)) for home in mine]
    return walks.to(walks.join(target), starts)


def _middle(home: Home) -> Point:
    u0, v0, u1, v1 = home.house.box
    return (u0 + u1) / 2, (v0 + v1) / 2


def health_centre(ground: Ground, homes: Sequence[Home]) -> Point:
    """Return the place on 文昌路 from which the residents of the estate walk `TOO_FAR_METRES` on average."""
    weights = [home.residents for home in homes if home.compound is estate_of(ground)]
    places = [(float(u), 713.0) for u in range(1180, 1560, 4)]
    misses = [
        abs(np.average(estate_walks(ground, homes, place, with_new_gate=False), weights=weights) - TOO_FAR_METRES)
        for place in places[::8]
    ]
    near = places[::8][int(np.argmin(misses))][0]
    fine = [(near + step, 713.0) for step in range(-20, 21, 2)]
    misses = [
        abs(np.average(estate_walks(ground, homes, place, with_new_gate=False), weights=weights) - TOO_FAR_METRES)
        for place in fine
    ]
    return fine[int(np.argmin(misses))]
