"""Ways out of a graph made by OSMnx: one for each street, whichever directions the graph holds it in."""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from livingcircle.model.columns import BoolArray, FloatArray, SmallArray
from livingcircle.sources.projection import unprojected
from livingcircle.sources.roads import NODE_TAGS, crossing_kind, shuts_out
from livingcircle.sources.street_pieces import Outlines, Ways, closed_ways
from livingcircle.sources.street_traits import WAY_TAGS, merged_traits
from livingcircle.sources.walkability import is_walked_kind

if TYPE_CHECKING:
    import networkx as nx

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class _Street:
    """One edge of the graph, in the direction of its way: from node to node (positions in the graph) through `between`."""

    ids: tuple[int, ...]
    start: int
    end: int
    between: tuple[Point, ...]
    tags: tuple[Mapping[str, str], ...]
    """Every set of tags it may have."""


def graph_ways(graph: nx.MultiDiGraph[Any]) -> Ways:
    """Return the ways of a walked kind, ordered by the numbers OpenStreetMap gives them.

    A graph that was not simplified holds ways in segments; these are put together again, so that it yields the same pieces as the extract
    it was made from. (A closed way that meets others but not at its own first node is cut only where it meets them.)

    Raises
    ------
    AttributeError, KeyError, TypeError, ValueError
        When the graph is not one that OSMnx made: no coordinate system, nodes without `x` and `y`, edges without `osmid`.
    """
    xy = np.array([(float(data["x"]), float(data["y"])) for _, data in graph.nodes(data=True)]).reshape(-1, 2)
    streets = sorted(_streets(graph, xy), key=lambda street: (street.ids, street.start, street.end))
    chains = [[street] for street in streets] if graph.graph.get("simplified") else list(_chains(streets))
    points: list[Point] = [(x, y) for x, y in xy.tolist()]
    rows: list[list[int]] = []
    for chain in chains:
        row = [chain[0].start]
        for street in chain:
            row += range(len(points), len(points) + len(street.between))
            points += street.between
            row.append(street.end)
        rows.append(row)
    node = np.fromiter(itertools.chain.from_iterable(rows), np.int64)
    lon, lat = unprojected(np.array(points, np.float64).reshape(-1, 2)[node], graph.graph["crs"])
    first = np.concatenate([[0], np.cumsum([len(row) for row in rows])]).astype(np.int64)
    ids = np.array([chain[0].ids[0] if len(chain[0].ids) == 1 else -1 for chain in chains], np.int64)
    traits = merged_traits(chain[0].tags for chain in chains)
    crossing, closed = _node_marks(graph)
    marked = np.flatnonzero((crossing > 0) | closed)
    squares = np.flatnonzero(closed_ways(first, node) & traits.area & traits.walked & (ids >= 0))
    return Ways(
        ids=ids,
        trait=np.arange(len(chains), dtype=np.int32),
        traits=traits,
        first=first,
        node=node,
        lon=lon,
        lat=lat,
        marked=marked,
        crossing=crossing[marked],
        closed=closed[marked],
        squares=Outlines(trait=squares.astype(np.int32), first=np.arange(len(squares) + 1), way=squares),
        bounds=None,
    )


def _node_marks(graph: nx.MultiDiGraph[Any]) -> tuple[SmallArray, BoolArray]:
    """Return what helps across at each node of the graph, and whether it shuts walkers out."""
    tags = [{tag: str(data[tag]) for tag in NODE_TAGS if tag in data} for _, data in graph.nodes(data=True)]
    return np.array([crossing_kind(one) for one in tags], np.int8), np.array([shuts_out(one) for one in tags], bool)


def _streets(graph: nx.MultiDiGraph[Any], xy: FloatArray) -> Iterator[_Street]:
    """Give each street of a walked kind once."""
    position = {node: number for number, node in enumerate(graph.nodes)}
    seen: set[object] = set()
    # An edge that runs with its way comes before its twin that runs against it, which is then known already.
    for tail, head, data in sorted(graph.edges(data=True), key=lambda edge: edge[2].get("reversed") is True):
        start, end = position[tail], position[head]
        between = _between(data.get("geometry"), xy[start])
        ids = tuple(sorted(int(number) for number in _listed(data["osmid"])))
        key = (ids, *min((start, between, end), (end, between[::-1], start)))
        if key in seen:
            continue
        seen.add(key)
        tags = list(_tag_sets(data))
        if not all(is_walked_kind(one) for one in tags):
            continue
        against = data.get("reversed")
        if against is True:
            start, between, end = end, between[::-1], start
        if isinstance(against, list):  # simplified across ways drawn in different directions: nobody can tell any more
            tags += [{**one, "oneway:foot": "no", "foot:forward": "yes", "foot:backward": "yes"} for one in tags]
        yield _Street(ids=ids, start=start, end=end, between=between, tags=tuple(tags))


def _between(geometry: Any, start: FloatArray) -> tuple[Point, ...]:
    """Return the points of an edge between its ends, from `start` on: a graph made undirected may hold them the other way round."""
    if geometry is None:
        return ()
    points = np.asarray(geometry.coords)[:, :2]
    if np.hypot(*(points[0] - start)) > np.hypot(*(points[-1] - start)):
        points = points[::-1]
    return tuple((float(x), float(y)) for x, y in points[1:-1])


def _tag_sets(data: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    """Give every set of tags an edge may stand for: simplification leaves a list where the ways it merged differ."""
    present = [tag for tag in WAY_TAGS if tag in data]
    for values in itertools.product(*(_listed(data[tag]) for tag in present)):
        yield dict(zip(present, map(str, values), strict=True))


def _listed(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else [value]


def _chains(streets: Iterable[_Street]) -> Iterator[list[_Street]]:
    """Put the segments of each way together, up to where the way meets itself or ends."""
    by_way: dict[tuple[int, ...], list[_Street]] = defaultdict(list)
    for street in streets:
        by_way[street.ids].append(street)
    meetings = Counter(node for way in by_way.values() for node in {end for one in way for end in (one.start, one.end)})
    for way in by_way.values():
        leaving = Counter(street.start for street in way)
        arriving = Counter(street.end for street in way)
        through = {node for node in leaving if leaving[node] == arriving[node] == 1}
        following = {street.start: street for street in way if street.start in through}
        heads = [street for street in way if street.start not in through]
        while heads or following:
            # What is left without a beginning is a ring; begin where others join it.
            street = (
                heads.pop(0) if heads else following.pop(min(following, key=lambda node: (meetings[node] < 2, node)))
            )
            chain = [street]
            while chain[-1].end in following:
                chain.append(following.pop(chain[-1].end))
            yield chain
